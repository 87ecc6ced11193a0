#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The life of a registration whose ESP is the kernel's: what its SA states and
policies are at each point, and that none is left.

    life.py PATH-OF-IMSREG [NAME...]

For the virtual machine of run-vm, where everything takes its time.
"""
import contextlib
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'e2e'))
import lab as labs  # noqa: E402
from lab import IMSI, Lab, Missing, Wrong, expect, main  # noqa: E402

INT, TERM = signal.SIGINT, signal.SIGTERM
IMPI = f'{IMSI}@ims.mnc001.mcc001.3gppnetwork.org'
UE = 'ue-' + IMSI
WITHIN = 60
T1 = ('--t1', '300')
LETS = ('--expires-min', '2', *T1)
SET_KIND = 1  # of a record in the file of --state
SPARE_S = 30  # so long a set outlives its registration [33.203 7.4]


def until(what, find, within=WITHIN):
    end = time.monotonic() + within
    while time.monotonic() < end:
        got = find()
        if got:
            return got
        time.sleep(0.2)
    raise Wrong(f'{what}: not in {within} s')


def ctl(lab, who, *words):
    return subprocess.run(
        [labs.IMSREG, 'ctl', '--ctl',
         os.path.join(lab.folder, who + '.sock'), '--json', *words],
        capture_output=True, text=True, check=False)


def ask(lab, who, *words):
    done = ctl(lab, who, *words)
    expect(f'{who}: {words}\n{done.stderr}', done.returncode, 0)
    return json.loads(done.stdout)


def states(host):
    """Of each state in the kernel: its hard lifetime and bytes, by SPI."""
    text = host.call('ip', '-s', 'xfrm', 'state')
    return {int(re.search(r'spi 0x(\w+)', s)[1], 16):
            (int(re.search(r'expire add: soft \S+, hard (\d+)', s)[1]),
             int(re.search(r'lifetime current:\s+(\d+)\(bytes\)', s)[1]))
            for s in re.split(r'\n(?=src )', text) if s}


def policies(host):
    return host.call('ip', 'xfrm', 'policy').count('dir ')


def told(lab, who):
    """The SPIs that a program says it has, set by set."""
    return sorted(sorted(sa['spi'] for sa in s['sas'])
                  for s in ask(lab, who, 'sas')['sets'])


def agree(lab, n):
    """Both programs and both kernels have these n sets and no other; their
    SPIs.
    """
    def find():
        sets = told(lab, 'core')
        spis = {spi for s in sets for spi in s}
        return len(sets) == n and told(lab, UE) == sets and all(
            set(states(h)) == spis for h in (lab.core_host, lab.ue_host)
        ) and (policies(lab.ue_host), sets)
    pols, sets = until(f'{n} sets, the same everywhere', find)
    expect('policies at the ue', pols, 4 * n)
    return sets


def registered(lab, *words):
    ue = lab.ue(*T1, *words)
    ue.event('notified', within=WITHIN)
    return ue


@contextlib.contextmanager
def both(*words, core=(), **more):
    with Lab(**more) as lab:
        c = lab.core(*LETS, *core)
        if 'in the kernel' not in c.says('ESP in '):
            raise Missing('this kernel has no ESP')
        yield lab, c, registered(lab, *words)


def nothing(lab, core):
    until('no set', lambda: ask(lab, 'core', 'sas')['total'] == 0)
    expect('states at the core', states(lab.core_host), {})
    expect(f'exit of core\n{core.tail()}', core.end(TERM, WITHIN), 0)
    lab.nothing_left()


def ends(lab, core, ue):
    expect(f'exit\n{ue.tail()}', ue.end(INT, WITHIN), 0)
    nothing(lab, core)


def refresh(lab, ue):
    n = len(ue.events('refreshed'))
    ask(lab, UE, 'refresh')
    ue.event('refreshed', n + 1, within=WITHIN)


def each_refresh_lengthens_the_states():
    """They end by themselves a while after what SIP lets them live; that they
    do is in ../net/test_net_life.c.
    """
    with both('--expires', '6') as (lab, core, ue):
        agree(lab, 1)
        hosts = (lab.core_host, lab.ue_host)
        before = [states(h) for h in hosts]
        for b in before:
            for hard, _ in b.values():
                if not SPARE_S < hard < 300:
                    raise Wrong(f'hard lifetimes: {b}')
        ue.event('refreshed', len(ue.events('refreshed')) + 2, within=WITHIN)
        for h, b in zip(hosts, before):
            after = states(h)
            expect('SPIs', set(after), set(b))
            for spi, (hard, _) in after.items():
                if hard <= b[spi][0]:
                    raise Wrong(f'not longer: {b}, now {after}')
        ends(lab, core, ue)


def old_and_new_overlap():
    with both(family=6) as (lab, core, ue):
        first = agree(lab, 1)
        ask(lab, 'core', 'reauth', f'sip:{IMPI}', '--in', '4')
        until('two sets', lambda: [len(states(h)) for h in
                                   (lab.core_host, lab.ue_host)] == [8, 8])
        ue.event('refreshed', within=WITHIN)
        refresh(lab, ue)  # what it sends over the new one ends the old one
        expect('SPIs in common', set(first[0]) & set(agree(lab, 1)[0]), set())
        # then the network throws it out
        ask(lab, 'core', 'dereg', f'sip:{IMPI}')
        expect(f'exit\n{ue.tail()}', ue.end(within=WITHIN), 4)
        nothing(lab, core)


def delete_one(host, spi):
    """As an administrator would."""
    text = host.call('ip', 'xfrm', 'state')
    src, dst = re.search(rf'src (\S+) dst (\S+)\n\s+proto esp spi 0x{spi:08x}',
                         text).groups()
    host.call('ip', 'xfrm', 'state', 'delete', 'src', src, 'dst', dst, 'proto',
              'esp', 'spi', hex(spi))


def what_others_delete_is_noticed():
    """One of four is enough: the rest goes, and the UE registers anew."""
    with both('--transport', 'udp') as (lab, core, ue):
        first = agree(lab, 1)[0]
        delete_one(lab.ue_host, first[0])
        ue.event('problem', id='ipsec.refused', within=WITHIN)
        ue.event('registered', 2, within=WITHIN)
        second = until('the first has gone', lambda: (
            lambda s: s[0] if first not in s and len(s) == 1 else None)(
                told(lab, 'core')))
        expect('SPIs in common', set(first) & set(second), set())
        agree(lab, 1)
        delete_one(lab.core_host, second[0])
        core.says('SAs were lost', WITHIN)
        until('no set', lambda: told(lab, 'core') == [])
        expect('states at the core', states(lab.core_host), {})
        ask(lab, UE, 'refresh')
        ue.event('registered', 3, within=2 * WITHIN)
        agree(lab, 1)
        ends(lab, core, ue)


def a_killed_core_adopts_what_is_in_the_kernel():
    """And what it has no record of, it removes."""
    with Lab() as lab:
        state = lab.file('core.state')
        core = lab.core(*LETS, '--state', state)
        ue = registered(lab, '--transport', 'tcp', '--retry')
        first = agree(lab, 1)
        for _ in range(3):
            before = states(lab.core_host)
            core.kill()
            core = lab.core(*LETS, '--state', state)
            expect('the same set', agree(lab, 1), first)
            after = states(lab.core_host)
            for spi, (_, n) in after.items():
                if n < before[spi][1]:
                    raise Wrong(f'not the same: {before}, now {after}')
            refresh(lab, ue)
            expect('agreements', len(ue.events('agreed')), 1)
        core.kill()
        with contextlib.closing(sqlite3.connect(state)) as db, db:
            db.execute('DELETE FROM keep WHERE kind = ?', (SET_KIND,))
        core = lab.core(*LETS, '--state', state)
        expect('states at the core', states(lab.core_host), {})
        ask(lab, UE, 'refresh')
        ue.event('registered', 2, within=2 * WITHIN)
        agree(lab, 1)
        ends(lab, core, ue)


def a_killed_ue_goes_on_or_starts_clean():
    with both('--state', 'ue.state', family=6) as (lab, core, ue):
        first = agree(lab, 1)
        for _ in range(2):
            ue.kill()
            ue = lab.ue(*T1, '--state', 'ue.state')
            ue.says('still registered as', WITHIN)
            expect('the same set', agree(lab, 1), first)
            refresh(lab, ue)
            expect('challenged', [m for m in ue.events('message')
                                  if m.get('status') == 401], [])
        ue.kill()
        os.remove(lab.file('ue.state'))
        ue = registered(lab)
        second = told(lab, UE)
        expect('SPIs in common', set(first[0]) & set(second[0]), set())
        expect('states at the ue', sorted(states(lab.ue_host)), second[0])
        expect('policies at the ue', policies(lab.ue_host), 4)
        agree(lab, 1)
        ends(lab, core, ue)


def what_is_kept_on_exit_stays():
    """Both end in order; the next ones go on, and leave nothing."""
    with Lab() as lab:
        core_words = (*LETS, '--state', lab.file('core.state'))
        ue_words = ('--state', lab.file('ue.state'))
        core = lab.core(*core_words, '--keep-on-exit')
        ue = registered(lab, *ue_words, '--keep-on-exit')
        first = agree(lab, 1)
        hosts = (lab.core_host, lab.ue_host)
        had = [policies(h) for h in hosts]
        for p in (core, ue):
            expect(f'exit\n{p.tail()}', p.end(TERM, WITHIN), 0)
        for h in hosts:
            expect('states', sorted(states(h)), first[0])
        expect('policies', [policies(h) for h in hosts], had)
        core = lab.core(*core_words)
        ue = lab.ue(*T1, *ue_words)
        ue.says('still registered as', WITHIN)
        expect('the same set', agree(lab, 1), first)
        refresh(lab, ue)
        ends(lab, core, ue)


main(each_refresh_lengthens_the_states, old_and_new_overlap,
     what_others_delete_is_noticed, a_killed_core_adopts_what_is_in_the_kernel,
     a_killed_ue_goes_on_or_starts_clean, what_is_kept_on_exit_stays,
     limit=240)
