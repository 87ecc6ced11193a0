#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A server that watches a phone (core --watcher URI): SUBSCRIBE to reg of
somebody else, and the NOTIFYs, over the end of the core and of the phone.

    watcher.py PATH-OF-IMSREG [NAME...]

The server registers in the clear, and speaks for itself.
"""
import os
import signal
import time

import lab as labs
from lab import IMSI, K, OPC
from lab import Lab, expect, expect_in, main
from speaker import DOMAIN, Speaker, status

INT, KILL = signal.SIGINT, signal.SIGKILL
PHONE = f'sip:{IMSI}@{DOMAIN}'
SERVER, OTHER = f'sip:as@{DOMAIN}', f'sip:other@{DOMAIN}'
IMSIS = {SERVER: '001010000000002', OTHER: '001010000000003'}


class Watched(Lab):
    """A core, a phone, and the server that may watch it."""

    def __init__(self):
        super().__init__()
        self.servers = []
        self.subscriber()
        for impu, imsi in IMSIS.items():
            self.sub('add', imsi, K, OPC, '--impu', impu)
        self.c = self.up()
        self.phone = self.ue()
        self.phone.event('notified')

    def up(self):
        return self.core('--security', 'allowed', '--watcher', SERVER)

    def kill_core(self):
        self.c.end(KILL)

    def server(self, impu=SERVER):
        s = Speaker(self, impu, IMSIS[impu])
        self.servers.append(s)
        expect('REGISTER', status(s.register()), 200)
        return s

    def close(self):
        for s in getattr(self, 'servers', []):
            s.close()
        super().close()


def active(n, version):
    expect('state', (n.version, n.full, set(n.states)),
           (version, True, {'active'}))
    expect_in('subscription', 'active', n.subscription)


def ended(n, version, event, why):
    expect('end', (n.version, n.full, set(n.states), set(n.events)),
           (version, True, {'terminated'}, {event}))
    expect('subscription', n.subscription, f'terminated;reason={why}')


def a_server_hears_that_a_phone_comes_and_goes():
    with Watched() as lab:
        s = lab.server()
        expect('SUBSCRIBE', status(s.subscribe(PHONE)), 200)
        active(s.notify(1), 0)
        expect('phone', lab.phone.end(INT), 0)
        ended(s.notify(2), 1, 'unregistered', 'noresource')
        expect('in a dialog that has ended', status(s.subscribe(PHONE)), 481)


def what_changed_is_all_that_it_hears():
    with Watched() as lab:
        s = lab.server()
        expect('SUBSCRIBE', status(s.subscribe(PHONE)), 200)
        active(s.notify(1), 0)
        time.sleep(5)  # no more than one in that time
        labs.call(labs.IMSREG, 'ctl', '--ctl',
                  os.path.join(lab.folder, f'ue-{IMSI}.sock'), 'refresh')
        n = s.notify(2)
        expect('NOTIFY', (n.version, n.full, set(n.events)),
               (1, False, {'refreshed'}))


def what_it_cannot_have_is_refused():
    with Watched() as lab:
        s = lab.server()
        got = s.subscribe(PHONE, event='presence')
        expect('event', (status(got), 'Allow-Events: reg' in got),
               (489, True))
        got = s.subscribe(PHONE, expires=5)
        expect('expires', (status(got), 'Min-Expires: 60' in got),
               (423, True))
        got = s.subscribe(PHONE, accept='application/pidf+xml')
        expect('accept', status(got), 406)
        expect('NOTIFYs', s.notifies, [])


def nobody_else_may_watch():
    with Watched() as lab:
        s = lab.server(OTHER)
        expect('SUBSCRIBE', status(s.subscribe(PHONE)), 403)
        expect('NOTIFYs', s.notifies, [])


def a_watch_outlives_the_core():
    with Watched() as lab:
        s = lab.server()
        expect('SUBSCRIBE', status(s.subscribe(PHONE)), 200)
        first = s.notify(1)
        lab.kill_core()
        lab.c = lab.up()
        second = s.notify(2)
        active(second, 1)
        expect('CSeq rises', second.cseq > first.cseq, True)
        expect('refresh', status(s.subscribe(PHONE)), 200)
        active(s.notify(3), 2)
        expect('phone', lab.phone.end(INT), 0)
        ended(s.notify(4), 3, 'unregistered', 'noresource')


def the_end_is_said_again_by_the_next_core():
    with Watched() as lab:
        s = lab.server()
        expect('SUBSCRIBE', status(s.subscribe(PHONE)), 200)
        active(s.notify(1), 0)
        s.answering = False
        expect('phone', lab.phone.end(INT), 0)
        last = s.notify(2)
        ended(last, 1, 'unregistered', 'noresource')
        for i in range(2):
            lab.kill_core()
            s.answering = i == 1
            lab.c = lab.up()
            again = s.notify(3 + i)
            ended(again, 2 + i, 'unregistered', 'noresource')
            expect('CSeq rises', again.cseq > last.cseq, True)
            last = again
        time.sleep(0.5)  # until the answer has come
        lab.kill_core()
        lab.c = lab.up()
        time.sleep(6)  # NOTIFYs after a restart take up to 5 s
        expect('NOTIFYs', len(s.notifies), 4)


def a_server_may_ask_only_once():
    with Watched() as lab:
        s = lab.server()
        expect('SUBSCRIBE', status(s.subscribe(PHONE, 0)), 200)
        n = s.notify(1)
        expect('state', (n.version, set(n.states)), (0, {'active'}))
        expect('subscription', n.subscription, 'terminated;reason=timeout')
        time.sleep(0.5)
        lab.kill_core()
        lab.c = lab.up()
        time.sleep(6)
        expect('NOTIFYs', len(s.notifies), 1)


main(a_server_hears_that_a_phone_comes_and_goes,
     what_changed_is_all_that_it_hears, what_it_cannot_have_is_refused,
     nobody_else_may_watch,
     a_watch_outlives_the_core, the_end_is_said_again_by_the_next_core,
     a_server_may_ask_only_once)
