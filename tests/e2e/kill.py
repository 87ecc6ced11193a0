#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A 200 OK is a promise: the core is killed (SIGKILL) at random instants while
a crowd of UEs registers, refreshes and leaves, and started again.

    kill.py PATH-OF-IMSREG [NAME...]
    kill.py PATH-OF-IMSREG --kills N --ues N [--seed N]     the long one

ue_crowd (beside the program, in tests/) is the UEs, and says when one that had
its 200 is challenged again, when a subscription ends unasked, and when the
versions of reginfo do not rise.  In the end all are registered and subscribed
and have heard from the core; then all have left, and neither side holds
anything.
"""
import bisect
import contextlib
import ipaddress
import os
import random
import re
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
    """Subscribers, and an address for each on the UEs' host: of IPv6 in a /64
    of its own, as of one /64 no more than 256 may be challenged at a time.
    """
    first = ipaddress.ip_address(FIRST[family])
    bits, step = (32, 1) if family == 4 else (128, 1 << 64)
    batch = ''.join(f'addr add {first + i * step}/{bits} dev ue0'
                    f'{" nodad" if family == 6 else ""}\n' for i in range(n))
    lab.ue_host.call('ip', '-batch', lab.file('addresses', batch))
    net = '198.18.0.0/15' if family == 4 else '2001:db8:1::/48'
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


def told(lines):
    return '\n'.join(f'    {what}: {line}' for what, line in lines)


class Crowd:
    """ue_crowd, and at which of its lines what was done to the core."""

    BROKEN = ('again', 'lost', 'ended', 'version')

    def __init__(self, lab, family, n, expires, churn):
        self.n, self.at, self.what = n, [0], ['the beginning']
        self.p = lab.start(lab.ue_host, crowd_program(), CORE_IP[family],
                           FIRST[family], str(n), str(expires), str(churn),
                           '300')
        self.p.says('ready', 60)

    def mark(self, what):
        with self.p.cond:
            self.at.append(len(self.p.lines))
        self.what.append(what)

    def said(self, *words, since=0):
        """Pairs of what was done last before a line, and the line."""
        with self.p.cond:
            lines = list(enumerate(self.p.lines))[self.at[since]:]
        return [(self.what[bisect.bisect_right(self.at, i) - 1], s)
                for i, s in lines if s.split(' ', 1)[0] in words]

    def state(self):
        """How many are registered, and subscribed."""
        last = self.said('status')
        return [int(n) for n in last[-1][1].split()[1:3]] if last else [0, 0]

    def settled(self, within):
        end = time.monotonic() + within
        while self.state() != [self.n, self.n]:
            if self.p.p.poll() is not None:
                raise Wrong(f'the crowd has ended\n{self.p.tail()}')
            if time.monotonic() > end:
                raise Wrong(f'{self.state()} of {self.n} UEs are registered '
                            f'and subscribed after {within} s\n'
                            f'{self.p.tail()}')
            time.sleep(0.2)

    def no_promise_was_broken(self):
        broken = self.said(*self.BROKEN)
        if broken:
            raise Wrong(f'{len(broken)} broken promises:\n' +
                        told(broken[:20]) + '\nwhat the first one had seen:\n' +
                        told(self.of(broken[0][1].split()[1])[-20:]))

    def of(self, ue):
        with self.p.cond:
            words = {s.split(' ', 1)[0] for s in self.p.lines} - {'status'}
        return [(what, s) for what, s in self.said(*words)
                if s.split()[1:2] == [ue]]

    def all_have_heard(self, since):
        """Each has had a document since then."""
        heard = {s.split()[1] for _, s in self.said('notified', since=since)}
        if len(heard) < self.n:
            raise Wrong(f'{self.n - len(heard)} of {self.n} watchers had no '
                        f'NOTIFY since {self.what[since]}')

    def problems(self):
        """Of one text the first, and how many there were."""
        found = {}
        for what, line in self.said('problem'):
            _, _, whether, text = line.split(' ', 3)
            key = f'UE {whether}: {re.sub("[0-9]+", "N", text)}'
            found.setdefault(key, [what, 0])[1] += 1
        return [f'{n} problems, the first after {what}, {key}'
                for key, (what, n) in found.items()]


def all_stand(state, n):
    """What a core that was killed has left for the next."""
    have = records(state)
    for kind in (2, 3):
        expect(KINDS[kind], have.get(kind), n)
    if not n <= have.get(1, 0) <= 2 * n:
        raise Wrong(f'{have.get(1)} SA sets are kept')


def kills(family, n_ues, n_kills, seed, churn):
    dice = random.Random(seed)
    expires = 12 if n_ues < 100 else 40  # a refresh at half of it
    with Lab(family) as lab:
        add_ues(lab, family, n_ues)
        state = lab.file('core.state')
        core = start_core(lab, state)
        crowd = Crowd(lab, family, n_ues, expires, churn)
        for i in range(n_kills):
            time.sleep(dice.uniform(0.05, 2.5))
            core.kill()
            crowd.mark(f'kill {i + 1}')
            core = start_core(lab, state)
            crowd.no_promise_was_broken()
        crowd.p.signal(signal.SIGUSR1)
        crowd.settled(120)
        # each of them refreshes once more, over the SAs that it has
        time.sleep(expires / 2 + 3)
        crowd.no_promise_was_broken()
        crowd.all_have_heard(since=n_kills)
        core.kill()
        crowd.mark('the last kill')
        all_stand(state, n_ues)
        core = start_core(lab, state)
        crowd.mark('all are leaving')
        expect('exit of the crowd', crowd.p.end(signal.SIGTERM, 40), 0)
        crowd.no_promise_was_broken()
        done = [len(crowd.said(w)) for w in
                ('registered', 'refreshed', 'deregistered', 'notified', 'gap')]
        expect('exit of core', core.end(signal.SIGTERM), 0)
        expect('records left', records(state), {})
        lab.nothing_left()
        print(f'  {n_kills} kills, {n_ues} UEs, {done[0]} registrations, '
              f'{done[1]} refreshes, {done[2]} good-byes, {done[3]} '
              f'documents, {done[4]} gaps')
        for line in crowd.problems():
            print('  ' + line)


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
