#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A server that watches a phone (core --watcher URI): SUBSCRIBE to reg of
somebody else, and the NOTIFYs, over the end of the core and of the phone.

    watcher.py PATH-OF-IMSREG [NAME...]

The server registers in the clear, and speaks for itself.
"""
import json
import re
import signal
import socket
import threading
import time

import lab as labs
from lab import CORE_IP, IMSI, K, OPC, UE_IP, WAIT
from lab import Lab, Wrong, expect, expect_in, main

INT, KILL = signal.SIGINT, signal.SIGKILL
DOMAIN = 'ims.mnc001.mcc001.3gppnetwork.org'
PHONE = f'sip:{IMSI}@{DOMAIN}'
SERVER, OTHER = f'sip:as@{DOMAIN}', f'sip:other@{DOMAIN}'
IMSIS = {SERVER: '001010000000002', OTHER: '001010000000003'}
PORT = 5070


def header(text, name):
    m = re.search(rf'^{name}: *(.*?)\r$', text, re.M | re.I)
    return m[1] if m else ''


def headers(text, name):
    return re.findall(rf'^({name}: *.*?\r\n)', text, re.M | re.I)


class Notify:
    """What a NOTIFY says."""

    def __init__(self, text):
        self.text = text
        self.cseq = int(header(text, 'CSeq').split()[0])
        self.subscription = header(text, 'Subscription-State')
        root = re.search('<reginfo[^>]*>', text)[0]
        self.version = int(re.search(r'version="(\d+)"', root)[1])
        self.full = 'state="full"' in root
        self.states = re.findall(r'<registration[^>]*state="(\w+)"', text)
        self.events = re.findall(r'<contact[^>]*event="(\w+)"', text)
        self.branch = re.search(r'branch=([^;\s]+)', header(text, 'Via'))[1]


class Server:
    """In the clear, over UDP; answers every NOTIFY unless told not to."""

    def __init__(self, lab, impu):
        self.impu, self.imsi = impu, IMSIS[impu]
        self.impi = f'{self.imsi}@{DOMAIN}'
        self.port = PORT + int(self.imsi[-1])
        self.sock = lab.ue_host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((UE_IP[4], self.port))
        self.sock.settimeout(0.2)
        self.cond = threading.Condition()
        self.answers, self.notifies, self.n = [], [], 0
        self.answering, self.over, self.dialog = True, False, ''
        self.routes = ''
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def close(self):
        self.over = True
        self.thread.join()
        self.sock.close()

    def _send(self, text):
        self.sock.sendto(text.encode(), (CORE_IP[4], 5060))

    def _listen(self):
        while not self.over:
            try:
                text = self.sock.recv(65536).decode()
            except socket.timeout:
                continue
            with self.cond:
                self._take(text)
                self.cond.notify_all()

    def _take(self, text):
        if text.startswith('SIP/2.0'):
            self.answers.append(text)
            return
        n = Notify(text)
        if n.branch not in [k.branch for k in self.notifies]:
            self.notifies.append(n)
        if self.answering:
            copied = ''.join(h for name in ('Via', 'From', 'To', 'Call-ID',
                                            'CSeq')
                             for h in headers(text, name))
            self._send('SIP/2.0 200 OK\r\n' + copied +
                       'Content-Length: 0\r\n\r\n')

    def wait(self, what, find, within=WAIT):
        end = time.monotonic() + within
        with self.cond:
            while not find():
                left = end - time.monotonic()
                if left <= 0:
                    raise Wrong(f'{what}: not in {within} s\n' +
                                '\n'.join(self.answers[-1:]))
                self.cond.wait(left)
            return find()

    def notify(self, n):
        """The n-th one; one that is sent again counts once."""
        return self.wait(f'NOTIFY {n}', lambda: self.notifies[n - 1:n])[0]

    def ask(self, method, uri, *lines, to=None):
        """A request; the final answer to it."""
        self.n += 1
        me = f'{UE_IP[4]}:{self.port}'
        call = f'{method.lower()}-{self.imsi}'
        self._send(
            f'{method} {uri} SIP/2.0\r\n'
            f'Via: SIP/2.0/UDP {me};branch=z9hG4bK{self.imsi}{self.n};rport'
            f'\r\nMax-Forwards: 70\r\nFrom: <{self.impu}>;tag=f\r\n'
            f'To: <{to or uri}>{self.dialog if method == "SUBSCRIBE" else ""}'
            f'\r\nCall-ID: {call}\r\nCSeq: {self.n} {method}\r\n'
            f'Contact: <sip:as@{me}>\r\n' + ''.join(s + '\r\n' for s in lines)
            + 'Content-Length: 0\r\n\r\n')
        cseq = f'{self.n} {method}'
        return self.wait(f'answer to {method}', lambda: next(
            (a for a in self.answers if header(a, 'CSeq') == cseq and
             not a.startswith('SIP/2.0 1')), None))

    def register(self):
        uri = 'sip:' + DOMAIN
        auth = (f'Authorization: Digest username="{self.impi}", '
                f'realm="{DOMAIN}", uri="{uri}", nonce="')
        got = self.ask('REGISTER', uri, auth + '", response=""',
                       'Expires: 3600', to=self.impu)
        expect('REGISTER', got.split('\r\n')[0], 'SIP/2.0 401 Unauthorized')
        nonce = re.search('nonce="([^"]*)"', got)[1]
        out = json.loads(labs.call(
            labs.IMSREG, 'aka', '--key', K, '--opc', OPC, '--nonce', nonce,
            '--username', self.impi, '--realm', DOMAIN, '--uri', uri,
            '--qop', 'auth', '--cnonce', 'c', '--json'))
        got = self.ask('REGISTER', uri, auth + nonce +
                       f'", response="{out["response"]}", '
                       'algorithm=AKAv1-MD5, qop=auth, nc=00000001, '
                       'cnonce="c"', 'Expires: 3600', to=self.impu)
        expect('REGISTER', got.split('\r\n')[0], 'SIP/2.0 200 OK')
        route = header(got, 'Service-Route')
        self.routes = f'Route: <sip:{CORE_IP[4]}:5060;lr>' + (
            ', ' + route if route else '')

    def subscribe(self, expires=3600):
        got = self.ask('SUBSCRIBE', PHONE, self.routes, 'Event: reg',
                       f'Expires: {expires}',
                       f'P-Preferred-Identity: <{self.impu}>',
                       'Accept: application/reginfo+xml')
        tag = re.search(';tag=([^;\r]*)', header(got, 'To'))
        if got.startswith('SIP/2.0 200') and tag:
            self.dialog = ';tag=' + tag[1]
        return got.split('\r\n')[0]


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
        s = Server(self, impu)
        self.servers.append(s)
        s.register()
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
        expect('SUBSCRIBE', s.subscribe(), 'SIP/2.0 200 OK')
        active(s.notify(1), 0)
        expect('phone', lab.phone.end(INT), 0)
        ended(s.notify(2), 1, 'unregistered', 'noresource')
        expect('in a dialog that has ended', s.subscribe(),
               'SIP/2.0 481 Call/Transaction Does Not Exist')


def nobody_else_may_watch():
    with Watched() as lab:
        s = lab.server(OTHER)
        expect('SUBSCRIBE', s.subscribe(), 'SIP/2.0 403 Forbidden')
        expect('NOTIFYs', s.notifies, [])


def a_watch_outlives_the_core():
    with Watched() as lab:
        s = lab.server()
        expect('SUBSCRIBE', s.subscribe(), 'SIP/2.0 200 OK')
        first = s.notify(1)
        lab.kill_core()
        lab.c = lab.up()
        second = s.notify(2)
        active(second, 1)
        expect('CSeq rises', second.cseq > first.cseq, True)
        expect('refresh', s.subscribe(), 'SIP/2.0 200 OK')
        active(s.notify(3), 2)
        expect('phone', lab.phone.end(INT), 0)
        ended(s.notify(4), 3, 'unregistered', 'noresource')


def the_end_is_said_again_by_the_next_core():
    with Watched() as lab:
        s = lab.server()
        expect('SUBSCRIBE', s.subscribe(), 'SIP/2.0 200 OK')
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
        expect('SUBSCRIBE', s.subscribe(0), 'SIP/2.0 200 OK')
        n = s.notify(1)
        expect('state', (n.version, set(n.states)), (0, {'active'}))
        expect('subscription', n.subscription, 'terminated;reason=timeout')
        time.sleep(0.5)
        lab.kill_core()
        lab.c = lab.up()
        time.sleep(6)
        expect('NOTIFYs', len(s.notifies), 1)


main(a_server_hears_that_a_phone_comes_and_goes, nobody_else_may_watch,
     a_watch_outlives_the_core, the_end_is_said_again_by_the_next_core,
     a_server_may_ask_only_once)
