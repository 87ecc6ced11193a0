# SPDX-License-Identifier: BSD-2-Clause
"""A user who speaks SIP in the clear, word for word as a test wants it; for
cores with --security allowed.
"""
import json
import re
import socket
import threading
import time

import lab as labs
from lab import CORE_IP, K, OPC, UE_IP, WAIT
from lab import Wrong, expect

DOMAIN = 'ims.mnc001.mcc001.3gppnetwork.org'
PORT = 5070


def header(text, name):
    m = re.search(rf'^{name}: *(.*?)\r$', text, re.M | re.I)
    return m[1] if m else ''


def status(answer):
    return int(answer.split()[1])


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
        self.terminated = 'terminated' in self.subscription
        self.states = re.findall(r'<registration[^>]*state="(\w+)"', text)
        self.events = re.findall(r'<contact[^>]*event="(\w+)"', text)
        self.branch = re.search(r'branch=([^;\s]+)', header(text, 'Via'))[1]


class Speaker:
    """In the clear, over UDP; answers every NOTIFY unless told not to."""

    def __init__(self, lab, impu, imsi):
        self.impu, self.imsi = impu, imsi
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

    def contact(self, user='as', params=''):
        return f'<sip:{user}@{UE_IP[4]}:{self.port}>{params}'

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

    def ask(self, method, uri, *lines, to=None, contact=None):
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
            f'Contact: {contact or self.contact()}\r\n' +
            ''.join(s + '\r\n' for s in lines) +
            'Content-Length: 0\r\n\r\n')
        cseq = f'{self.n} {method}'
        return self.wait(f'answer to {method}', lambda: next(
            (a for a in self.answers if header(a, 'CSeq') == cseq and
             not a.startswith('SIP/2.0 1')), None))

    def challenged(self, contact=None, *lines):
        """REGISTER; the nonce of the 401."""
        got = self.ask('REGISTER', 'sip:' + DOMAIN, self._auth('', ''), *lines,
                       to=self.impu, contact=contact)
        expect('REGISTER', status(got), 401)
        return re.search('nonce="([^"]*)"', got)[1]

    def _auth(self, nonce, response):
        return (f'Authorization: Digest username="{self.impi}", '
                f'realm="{DOMAIN}", uri="sip:{DOMAIN}", nonce="{nonce}", '
                f'response="{response}"' +
                (', algorithm=AKAv1-MD5, qop=auth, nc=00000001, cnonce="c"'
                 if response else ''))

    def response(self, nonce):
        out = json.loads(labs.call(
            labs.IMSREG, 'aka', '--key', K, '--opc', OPC, '--nonce', nonce,
            '--username', self.impi, '--realm', DOMAIN, '--uri',
            'sip:' + DOMAIN, '--qop', 'auth', '--cnonce', 'c', '--json'))
        return out['response']

    def register(self, contact=None, *lines, response=None):
        """REGISTER and its answer to the challenge; the last answer."""
        nonce = self.challenged(contact, *lines)
        got = self.ask('REGISTER', 'sip:' + DOMAIN,
                       self._auth(nonce, response or self.response(nonce)),
                       *lines, to=self.impu, contact=contact)
        route = header(got, 'Service-Route')
        if route:
            self.routes = f'Route: <sip:{CORE_IP[4]}:5060;lr>, {route}'
        return got

    def subscribe(self, uri, expires=3600, event='reg',
                  accept='application/reginfo+xml'):
        """The answer."""
        got = self.ask('SUBSCRIBE', uri, self.routes, 'Event: ' + event,
                       f'Expires: {expires}', 'Accept: ' + accept,
                       f'P-Preferred-Identity: <{self.impu}>')
        tag = re.search(';tag=([^;\r]*)', header(got, 'To'))
        if got.startswith('SIP/2.0 200') and tag:
            self.dialog = ';tag=' + tag[1]
        return got
