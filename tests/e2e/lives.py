#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of whole lives share: a UE and a core that are asked about
themselves, and tests that run several at once, for most of the time is waiting.
"""
import concurrent.futures
import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import lab as labs
from lab import IMSI, Lab, Wrong, expect, main

INT, TERM, KILL = signal.SIGINT, signal.SIGTERM, signal.SIGKILL
IMPI = f'{IMSI}@ims.mnc001.mcc001.3gppnetwork.org'
UE = 'ue-' + IMSI


def ask(lab, who, *words):
    out = labs.call(labs.IMSREG, 'ctl', '--ctl',
                    os.path.join(lab.folder, who + '.sock'), '--json', *words)
    return json.loads(out)


def order(lab, who, *words):
    labs.call(labs.IMSREG, 'ctl', '--ctl',
              os.path.join(lab.folder, who + '.sock'), *words)


def until(what, find, within=20):
    end = time.monotonic() + within
    while time.monotonic() < end:
        got = find()
        if got:
            return got
        time.sleep(0.1)
    raise Wrong(f'{what}: not in {within} s')


def spis_of(lab, who):
    """Of each set the four SPIs, sorted: what both sides must agree on."""
    return sorted(sorted(sa['spi'] for sa in s['sas'])
                  for s in ask(lab, who, 'sas')['sets'])


def one_set(lab, within=20):
    """Both sides hold the same one set; its SPIs."""
    def find():
        a, b = spis_of(lab, 'core'), spis_of(lab, UE)
        return a[0] if a == b and len(a) == 1 else None
    return until('one set, the same on both sides', find, within)


def registered(lab, *words, within=20, **more):
    ue = lab.ue(*words, **more)
    ue.event('notified', within=within)
    return ue


def leaves(ue):
    expect(f'exit\n{ue.tail()}', ue.end(INT), 0)


def nothing(lab, core):
    """Nobody is registered, no SA is held, no trace is left."""
    until('no set', lambda: ask(lab, 'core', 'sas')['total'] == 0)
    expect('bindings', ask(lab, 'core', 'bindings')['total'], 0)
    expect(f'exit of core\n{core.tail()}', core.end(TERM), 0)
    lab.nothing_left()


def ends(lab, core, ue):
    leaves(ue)
    nothing(lab, core)


@contextlib.contextmanager
def both(*words, core=(), **more):
    with Lab(**more) as lab:
        c = lab.core(*core)
        yield lab, c, registered(lab, *words,
                                 within=60 if lab.hook else 20)


def asked(ue):
    """When it sent a REGISTER of the first step, in ms."""
    return [m['time_ms'] for m in ue.events('message')
            if m['method'] == 'REGISTER' and not m['status']
            and not m['protected']]


T1 = ('--t1', '60')
LETS = ('--expires-min', '2', *T1)


def injected(*cases):
    return [w for c in cases for w in ('--inject', c)]


def alone(test):
    """In a process of its own."""
    done = subprocess.run(
        [sys.executable, sys.argv[0], sys.argv[1], test.__name__], check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(done.stdout, end='', flush=True)
    return done.returncode


def several_at_once(*tests, n=4):
    """Instead of lab.main()."""
    if len(sys.argv) != 2:
        main(*tests)
    with concurrent.futures.ThreadPoolExecutor(n) as pool:
        got = list(pool.map(alone, tests))
    sys.exit(next((g for g in got if g not in (0, 77)), 0 if 0 in got else 77))
