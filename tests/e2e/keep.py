#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What outlives a process that ends in order (--keep-on-exit), and a disk that
has no room for it.
"""
import contextlib
import json
import os
import signal
import sqlite3
import time

import lab as labs
from lab import (CORE_IP, IMSI, K, OPC, Lab, Wrong, call, expect, expect_in,
                 failure, main, needs_mounts)

UE = 'ue-' + IMSI
T1 = ('--t1', '300')
SHORT = ('--expires-min', '10', *T1)


def records(state):
    with contextlib.closing(sqlite3.connect(state)) as db:
        return dict(db.execute('SELECT kind, count(*) FROM keep '
                               'GROUP BY kind'))


def ctl(lab, who, *words):
    return call(labs.IMSREG, 'ctl', '--ctl', lab.file(who + '.sock'), *words)


def spis(lab, who):
    sets = json.loads(ctl(lab, who, '--json', 'sas'))['sets']
    return sorted(sa['spi'] for s in sets for sa in s['sas'])


def undisturbed(core, ue):
    """One challenge only, and nothing that had to be dropped."""
    expect('challenges', len([m for m in ue.events('message')
                              if m.get('status') == 401]), 1)
    for p in (core, ue):
        expect(f'dropped by {p}', p.events('dropped'), [])
        expect(f'problems of {p}', p.events('problem'), [])


def the_next_core_goes_on():
    """A rolling update: the UE does not notice that there is another one."""
    with Lab() as lab:
        state = lab.file('core.state')
        words = ('--state', state, '--keep-on-exit', *SHORT)
        core = lab.core(*words)
        ue = lab.ue('--expires', '10', *T1)
        ue.event('notified')
        for n in range(1, 4):
            before = spis(lab, UE)
            expect('exit of core', core.end(signal.SIGTERM), 0)
            core.says('stay as they are')
            expect('records', records(state), {1: 1, 2: 1, 3: 1})
            core = lab.core(*words)
            core.says('go on from before')
            expect('SPIs of the core', spis(lab, 'core'), before)
            ue.event('refreshed', n)
            ue.event('notified', n + 1)
            undisturbed(core, ue)
        expect('exit of ue', ue.end(signal.SIGINT), 0)
        time.sleep(0.3)
        expect('exit of core', core.end(signal.SIGTERM), 0)
        # at most a set that still carried its last answers
        expect('kinds left', set(records(state)) - {1}, set())
        core = lab.core('--state', state, *SHORT)
        expect('SPIs of the core', spis(lab, 'core'), [])
        expect('exit of core', core.end(signal.SIGTERM), 0)
        expect('records left', records(state), {})
        lab.nothing_left()


def without_the_option_it_ends_what_it_began():
    with Lab() as lab:
        state = lab.file('core.state')
        core = lab.core('--state', state, *SHORT)
        ue = lab.ue(*T1)
        ue.event('notified')
        expect('exit of core', core.end(signal.SIGTERM), 0)
        expect('records left', records(state), {})
        ue.says('the network ended the registration')
        ue.end(signal.SIGINT)
        lab.nothing_left()


def the_next_ue_goes_on():
    with Lab() as lab:
        core = lab.core(*SHORT)
        words = ('--state', lab.file('ue.state'), '--keep-on-exit', *T1)
        ue = lab.ue(*words)
        ue.event('notified')
        ctl(lab, UE, 'stop')
        expect('exit of ue', ue.end(), 0)
        ue = lab.ue(*words)
        ue.says('still registered as')
        ue.event('notified')
        if [m for m in ue.events('message') if m.get('method') == 'REGISTER']:
            raise Wrong(f'it registered anew\n{ue.tail()}')
        expect('dropped', core.events('dropped'), [])
        expect('exit of ue', ue.end(signal.SIGTERM), 0)
        expect('exit of core', core.end(signal.SIGTERM), 0)
        lab.nothing_left()


def it_needs_a_file_to_keep_things_in():
    with Lab() as lab:
        failure(lab.core('--state', 'none', '--keep-on-exit', ready=False,
                         json_=False), 2, '--keep-on-exit needs')
        failure(lab.ue('--keep-on-exit', json_=False), 2,
                '--keep-on-exit needs')


# --- a full disk -------------------------------------------------------------

class Disk:
    """A tmpfs in a mount namespace of its own, for as long as a process sits
    in it.
    """

    def __init__(self, lab, size):
        needs_mounts()
        self.lab, self.path = lab, lab.file('disk')
        os.mkdir(self.path)
        self.holder = lab.start(
            lab.core_host, 'unshare', '-m', 'sh', '-c',
            f'mount -t tmpfs -o size={size} none {self.path} && echo here && '
            'exec sleep 1000')
        self.holder.says('here')
        self.seen = f'/proc/{self.holder.p.pid}/root{self.path}/'

    def core(self, *words):
        p = self.lab.start(
            self.lab.core_host, 'nsenter', '-m', '-t', str(self.holder.p.pid),
            labs.IMSREG, 'core', '--listen', CORE_IP[4], '--db', self.lab.db,
            '--state', self.path + '/core.state', '--json', *words)
        p.says('listening at')
        return p

    def fill(self):
        with open(self.seen + 'filler', 'wb', buffering=0) as f:
            with contextlib.suppress(OSError):
                while True:
                    f.write(bytes(4096))

    def clear(self):
        os.unlink(self.seen + 'filler')


def a_full_disk_gets_a_503():
    """Threat F04: no 200 that is not stored, a word to everybody, and it heals
    by itself.
    """
    with Lab() as lab:
        lab.subscriber()
        lab.subscriber('001010000000002', K, OPC)
        disk = Disk(lab, '4m')
        core = disk.core(*SHORT)
        first = lab.ue(*T1)
        first.event('notified')
        one = spis(lab, 'core')
        disk.fill()
        late = lab.ue('--once', '--local', labs.UE_IP[4] + ':5070', *T1,
                      imsi='001010000000002')
        text = failure(late, 4, 'reg.unavailable', '503')
        expect_in('status', 'Service Unavailable', text)
        told = core.event('problem')
        expect('id', told['id'], 'store.failed')
        expect_in('reason', disk.path + '/core.state: ', told['text'])
        expect('SPIs of the core', spis(lab, 'core'), one)
        disk.clear()
        ue = lab.ue('--once', '--local', labs.UE_IP[4] + ':5070', *T1,
                    imsi='001010000000002')
        expect('exit of the second', ue.end(), 0)
        core.says('can be stored again')
        disk.fill()
        core.kill()
        disk.clear()
        core = disk.core(*SHORT)
        core.says('1 registered UEs, 1 users and 1 SA sets')
        expect('exit of ue', first.end(signal.SIGINT), 0)
        expect('exit of core', core.end(signal.SIGTERM), 0)
        disk.holder.kill()
        lab.nothing_left()


main(the_next_core_goes_on, without_the_option_it_ends_what_it_began,
     the_next_ue_goes_on, it_needs_a_file_to_keep_things_in,
     a_full_disk_gets_a_503)
