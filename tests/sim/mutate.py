#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Would the simulation notice?  Each mutation breaks one rule of the program on
purpose, in a copy of the sources; the simulation must find it, and the
invariant that stands for the rule must be among those that do.

    mutate.py [NAME...]      all, or these; exit 1 if one went unnoticed

Printed: the rule, after how many lives the first invariant broke and which,
after how many the one that stands for the rule.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
LIVES = 2000

# the invariant that must notice it: file, what stands there, instead; or more
MUTATIONS = [
    ('bound', 'pcscf/pcscf_reg.c', 'until = ue->expires_at + 30000;',
     'until = ev->now_ms + (uint64_t)ev->expires * 100;'),
    ('twin', 'secagree/secagree_alloc.c',
     '\tif (find(p, spi))\n\t\treturn -IMS_E_SPI_TAKEN;', '\tspi = 4711;'),
    ('few', 'pcscf/pcscf_sets.c',
     'if (o != s && o != kept)', 'if (o != s && o != kept && false)',
     'pcscf/pcscf_make.c', 'if (n < IMS_PCSCF_SETS)', 'if (n < 99)'),
    ('owner', 'ue/ue_sa.c', '\t\tims_acts_sa_del(&ue->acts, s->id);',
     '\t\t(void)0;'),
    ('life', 'ue/ue_sa.c', '\t\tue->now.until_ms = until;\n'
     '\tims_ue_pin(ue, &ue->now);', '\t\tue->now.until_ms = until;'),
    ('clear-out', 'role/role_flow.c', '.set = set->id', '.set = 0'),
    ('clear-in', 'pcscf/pcscf_register.c',
     'protected ? IMS_S("yes") : IMS_S("no")',
     '(protected || true) ? IMS_S("yes") : IMS_S("no")'),
    ('clear-ue', 'txn/txn.c', 'return asked == came ||',
     'return !came || asked == came ||'),
    ('answer-once', 'ipsec/ipsec_sa.c', '\t\t*out = k;',
     '\t\tmemset(out, 7, sizeof *out);'),
    ('nonce-once', 'scscf/scscf_register.c',
     'if (in->secured && u->binds.n && u->last_nonce[0] &&',
     'if (u->binds.n && u->last_nonce[0] &&'),
    ('sqn', 'aka/aka_sqn.c', 'seq = old + 1;',
     'seq = old > 3 ? old - 1 : old + 1;'),
    ('cseq', 'ue/ue_put.c', '\tc->cseq++;', '\tc->cseq |= 1;'),
    ('version', 'scscf/scscf_notify.c', '\tw->sub.version++;',
     '\tw->sub.version += 2;'),
    ('promise', 'run/run_perform.c',
     'return ims_run_full_harmless(bytes) || ims_run_keep_safe(s);',
     'return ims_run_full_harmless(bytes) || true;'),
    ('wake', 'ue/ue_life.c',
     '\tims_ue_timer(ue, UE_T_EXPIRE, ms);\n'
     '\tims_ue_timer(ue, UE_T_REFRESH, ims_ue_renew_ms(ms));', '\t(void)0;'),
    ('acts', 'role/role_acts.c', '\tq->at = q->n = q->n_bytes = 0;',
     '\tq->at = q->n;'),
    ('back', 'hss/hss.c', '\tif (req->resync) {', '\tif (false) {'),
    ('leave', 'ue/ue_life.c',
     'ok && ue->sub != UE_SUB_NONE ? ue->conf.timers.t1_ms : 0);',
     '1200000);'),
    ('nothing-left', 'pcscf/pcscf_sets.c',
     '\tims_spi_pool_give(&p->spis, s->sas.sa[IMS_UC_TO_PS].spi);', ''),
]


def build(copy):
    return subprocess.run(['ninja', '-C', f'{copy}/build', 'tests/sim'],
                          capture_output=True, text=True)


def live(copy, until):
    """Seed and invariant of broken lives, the first first; None: no end."""
    try:
        out = subprocess.run([f'{copy}/build/tests/sim', '--lives', str(LIVES),
                              '--jobs', '0', '--until', until],
                             capture_output=True, text=True, errors='replace',
                             timeout=900).stdout
    except subprocess.TimeoutExpired:
        return None
    found = re.findall(r'^seed (\d+): invariant (\S+) broken', out, re.M)
    return sorted((int(n), name) for n, name in found)


def write(copy, path, text):
    with open(f'{copy}/src/{path}', 'w', encoding='utf-8') as f:
        f.write(text)


def attempt(copy, row):
    """None: noticed as it should be; else what went wrong."""
    want, edits = row[0], [row[i:i + 3] for i in range(1, len(row), 3)]
    whole = {}
    for path, old, _ in edits:
        with open(f'{copy}/src/{path}', encoding='utf-8') as f:
            whole[path] = f.read()
        if old not in whole[path]:
            return 'the line to change is not there any more'
    try:
        for path, old, new in edits:
            write(copy, path, whole[path].replace(old, new))
        made = build(copy)
        if made.returncode:
            return 'does not compile: ' + made.stdout[-600:]
        found = live(copy, want)
    finally:
        for path, text in whole.items():
            write(copy, path, text)
    if found is None:
        return 'does not end'
    if not found:
        return 'NOT NOTICED'
    own = [n for n, name in found if name == want]
    if not own:
        return f'noticed by {found[0][1]} only, life {found[0][0]}'
    print(f'{want:13} first by {found[0][1]}, life {found[0][0]}; '
          f'by its own, life {own[0]}', flush=True)
    return None


def main():
    only = [a for a in sys.argv[1:]]
    bad = []
    with tempfile.TemporaryDirectory(prefix='imsreg-mutate') as copy:
        for name in os.listdir(ROOT):
            if name.startswith(('build', '.git')):
                continue
            there = os.path.join(ROOT, name)
            if os.path.isdir(there):
                shutil.copytree(there, f'{copy}/{name}', symlinks=True)
            else:
                shutil.copy(there, copy)
        subprocess.run(['meson', 'setup', f'{copy}/build', copy,
                        '--buildtype=debugoptimized', '-Dtests=enabled'],
                       check=True, stdout=subprocess.DEVNULL)
        build(copy)
        if live(copy, 'bound'):
            print('it breaks without a mutation')
            return 1
        for row in MUTATIONS:
            if only and row[0] not in only:
                continue
            why = attempt(copy, row)
            if why:
                bad.append(row[0])
                print(f'{row[0]:13} {why}', flush=True)
    print(f'{len(bad)} went wrong: {" ".join(bad)}' if bad else 'all noticed')
    return 1 if bad else 0


sys.exit(main())
