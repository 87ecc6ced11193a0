#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A 200 OK is a promise: the core is killed (SIGKILL) at random instants while
a crowd of UEs registers, refreshes and leaves, and started again.

    kill.py PATH-OF-IMSREG [NAME...]
    kill.py PATH-OF-IMSREG --kills N --ues N [--seed N]     the long one

ue_crowd (beside the program, in tests/) is the UEs, and says when one that had
its 200 is challenged again.  In the end all are registered, and then all have
left, and neither side holds anything.
"""
import contextlib
import ipaddress
import os
import random
import signal
import sqlite3
import sys
import time

import lab as labs
from lab import CORE_IP, K, OPC, Lab, Missing, Wrong, expect, main

KINDS = {1: 'SA sets', 2: 'UEs of the P-CSCF', 3: 'users of the S-CSCF'}
FIRST = {4: '198.18.1.1', 6: '2001:db8:1::1'}


def crowd_program():
    for folder in (os.path.dirname(labs.IMSREG) or '.', '.'):
        path = os.path.join(folder, 'tests', 'ue_crowd')
        if os.access(path, os.X_OK):
            return os.path.abspath(path)
    raise Missing('ue_crowd is not built')


def add_ues(lab, family, n):
    """Subscribers, and an address for each on the UEs' host."""
    first = ipaddress.ip_address(FIRST[family])
    bits = 32 if family == 4 else 128
    batch = ''.join(f'addr add {first + i}/{bits} dev ue0'
                    f'{" nodad" if family == 6 else ""}\n' for i in range(n))
    lab.ue_host.call('ip', '-batch', lab.file('addresses', batch))
    net = '198.18.0.0/15' if family == 4 else '2001:db8:1::/64'
    lab.core_host.call('ip', f'-{family}', 'route', 'add', net, 'dev', 'core0')
    lab.begin()
    for i in range(n):
        lab.subscriber(f'00101000000{i:04}', K, OPC)


def start_core(lab, state):
    return lab.core('--state', state, '--expires-min', '10', '--t1', '300',
                    json_=False)


def records(state):
    """How many of each kind are in the file of a core that has ended."""
    with contextlib.closing(sqlite3.connect(state)) as db:
        return dict(db.execute('SELECT kind, count(*) FROM keep '
                               'GROUP BY kind'))


def said(crowd, word):
    with crowd.cond:
        return [s for s in crowd.lines if s.split(' ', 1)[0] == word]


def registered(crowd):
    last = said(crowd, 'status')
    return int(last[-1].split()[1]) if last else 0


def settled(crowd, n, within):
    end = time.monotonic() + within
    while registered(crowd) < n:
        if crowd.p.poll() is not None:
            raise Wrong(f'the crowd has ended\n{crowd.tail()}')
        if time.monotonic() > end:
            raise Wrong(f'{registered(crowd)} of {n} UEs are registered after '
                        f'{within} s\n{crowd.tail()}')
        time.sleep(0.2)


def no_promise_was_broken(crowd):
    broken = said(crowd, 'again') + said(crowd, 'lost')
    if broken:
        raise Wrong(f'{len(broken)} broken promises:\n' +
                    '\n'.join(broken[:20]))


def kills(family, n_ues, n_kills, seed, churn):
    dice = random.Random(seed)
    expires = 12 if n_ues < 100 else 40  # a refresh at half of it
    with Lab(family) as lab:
        add_ues(lab, family, n_ues)
        state = lab.file('core.state')
        core = start_core(lab, state)
        crowd = lab.start(lab.ue_host, crowd_program(), CORE_IP[family],
                          FIRST[family], str(n_ues), str(expires), str(churn),
                          '300')
        crowd.says('ready', 60)
        for _ in range(n_kills):
            time.sleep(dice.uniform(0.05, 2.5))
            core.kill()
            core = start_core(lab, state)
            no_promise_was_broken(crowd)
        crowd.signal(signal.SIGUSR1)
        settled(crowd, n_ues, 120)
        # each of them refreshes once more, over the SAs that it has
        time.sleep(expires / 2 + 3)
        no_promise_was_broken(crowd)
        core.kill()
        have = records(state)
        for kind in (2, 3):
            expect(KINDS[kind], have.get(kind), n_ues)
        if not n_ues <= have.get(1, 0) <= 2 * n_ues:
            raise Wrong(f'{have.get(1)} SA sets are kept')
        core = start_core(lab, state)
        expect('exit of the crowd', crowd.end(signal.SIGTERM, 40), 0)
        no_promise_was_broken(crowd)
        done = [len(said(crowd, w))
                for w in ('registered', 'refreshed', 'deregistered')]
        expect('exit of core', core.end(signal.SIGTERM), 0)
        expect('records left', records(state), {})
        lab.nothing_left()
        print(f'  {n_kills} kills, {n_ues} UEs, {done[0]} registrations, '
              f'{done[1]} refreshes, {done[2]} good-byes')


def ten_kills_with_thirty_ues():
    kills(6, 30, 10, 1, 50)


def a_ue_with_a_state_file_goes_on():
    """Killed and started again: the same registration, no challenge."""
    with Lab() as lab:
        core = lab.core()
        state = lab.file('ue.state')
        ue = lab.ue('--state', state)
        ue.event('notified')
        time.sleep(0.3)
        ue.kill()
        ue = lab.ue('--state', state)
        ue.says('still registered as')
        ue.event('notified')
        if [m for m in ue.events('message') if m.get('status') == 401 or
                m.get('method') == 'REGISTER']:
            raise Wrong(f'it registered anew\n{ue.tail()}')
        expect('exit', ue.end(signal.SIGINT), 0)
        expect('records left', {k: n for k, n in records(state).items()
                                if k != 5}, {})
        expect('exit of core', core.end(signal.SIGTERM), 0)
        lab.nothing_left()


def a_second_core_keeps_its_hands_off():
    with Lab() as lab:
        core = lab.core()
        other = lab.core(ready=False, json_=False)
        expect('exit of the second', other.end(), 3)
        other.says('in use by another imsreg that runs')
        expect('exit of core', core.end(signal.SIGTERM), 0)
        lab.nothing_left()


def option(name, default):
    if name not in sys.argv:
        return default
    at = sys.argv.index(name)
    value = int(sys.argv[at + 1])
    del sys.argv[at:at + 2]
    return value


KILLS = option('--kills', 0)
UES = option('--ues', 500)
SEED = option('--seed', 1)


def the_long_one():
    kills(6, UES, KILLS, SEED, 20)


if KILLS:
    main(the_long_one, limit=7200)
else:
    main(ten_kills_with_thirty_ues, a_ue_with_a_state_file_goes_on,
         a_second_core_keeps_its_hands_off)
