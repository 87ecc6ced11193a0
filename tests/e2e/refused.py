#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What must be refused, and what the user reads of it.

    refused.py PATH-OF-IMSREG [NAME...]

Somebody on the UE's host sends clear text to protected ports; somebody on the
wire repeats and changes packets.
"""
import re
import signal
import socket
import struct
import time

from lab import CORE_IP, UE_IP
from lab import Lab, Wrong, checksum, expect, expect_in, failure, ip_parts, main

ESP, UDP = 50, 17
PS, PC, PC2 = 5062, 5064, 5066
REGISTER = (b'REGISTER sip:ims.mnc001.mcc001.3gppnetwork.org SIP/2.0\r\n'
            b'Via: SIP/2.0/UDP %(host)s:%(port)d;branch=z9hG4bKclear\r\n'
            b'From: <sip:001010000000001@ims.mnc001.mcc001.3gppnetwork.org>'
            b';tag=1\r\n'
            b'To: <sip:001010000000001@ims.mnc001.mcc001.3gppnetwork.org>\r\n'
            b'Call-ID: clear\r\nCSeq: 1 %(method)s\r\nMax-Forwards: 70\r\n'
            b'Content-Length: 0\r\n\r\n')


def request(method, host, port):
    text = REGISTER % {b'host': host.encode(), b'port': port, b'method':
                       method.encode()}
    return text.replace(b'REGISTER', method.encode(), 1)


def drops(p, err):
    """How many were dropped for this, as the log says."""
    n = 0
    for e in p.events('dropped'):
        if e['id'] == err:
            more = re.search(r'dropped (\d+) more', e['text'])
            n += int(more.group(1)) if more else 1
    return n


def dropped(p, err, n):
    p.wait_for(f'{n} drops of {err}', lambda: drops(p, err) >= n)
    expect(err, drops(p, err), n)


def silent(sock):
    """Nothing comes."""
    sock.settimeout(1)
    try:
        got = sock.recv(2000)
    except OSError:
        return
    raise Wrong(f'an answer: {got[:80]!r}')


def registered(lab, *words):
    ue = lab.ue('--t1', '100', *words)
    ue.event('notified')
    return ue


def alive(lab, ue, core):
    """What was refused has harmed nobody."""
    expect(f'exit\n{ue.tail()}', ue.end(signal.SIGINT), 0)
    core.event('deregistered')
    expect('exit of core', core.end(signal.SIGTERM), 0)
    lab.nothing_left()


def clear_udp(family):
    kind = socket.AF_INET if family == 4 else socket.AF_INET6
    with Lab(family) as lab:
        core = lab.core()
        ue = registered(lab)
        s = lab.ue_host.socket(kind, socket.SOCK_DGRAM)
        s.bind((UE_IP[family], 0))
        n = 0
        for port in (PS, PC, PC2):
            for method in ('REGISTER', 'SUBSCRIBE', 'OPTIONS', 'MESSAGE'):
                s.sendto(request(method, UE_IP[family], s.getsockname()[1]),
                         (CORE_IP[family], port))
                n += 1
        dropped(core, 'flow.clear', n)
        silent(s)
        s.close()
        expect('messages from there', [m for m in core.events('message')
                                       if m['method'] in ('OPTIONS', 'MESSAGE')
                                       ], [])
        alive(lab, ue, core)


def clear_udp_over_ipv4():
    clear_udp(4)


def clear_udp_over_ipv6():
    clear_udp(6)


def clear_udp_from_the_ports_of_the_sas():
    """The very ports that are agreed on, but not in ESP."""
    with Lab() as lab:
        core = lab.core()
        ue = registered(lab, '--port-uc', '40001', '--port-us', '40002')
        raw = lab.ue_host.socket(socket.AF_INET, socket.SOCK_RAW, UDP)
        raw.bind((UE_IP[4], 0))
        for src, dst in ((40001, PS), (40002, PC)):
            text = request('SUBSCRIBE', UE_IP[4], src)
            raw.sendto(struct.pack('>HHHH', src, dst, 8 + len(text), 0) + text,
                       (CORE_IP[4], dst))
        dropped(core, 'flow.clear', 2)
        raw.close()
        # and the other way: to the UE's own ports
        raw = lab.core_host.socket(socket.AF_INET, socket.SOCK_RAW, UDP)
        raw.bind((CORE_IP[4], 0))
        for src, dst in ((PS, 40001), (PC, 40002)):
            text = request('NOTIFY', CORE_IP[4], src)
            raw.sendto(struct.pack('>HHHH', src, dst, 8 + len(text), 0) + text,
                       (UE_IP[4], dst))
        dropped(ue, 'flow.clear', 2)
        raw.close()
        alive(lab, ue, core)


def clear_tcp(family):
    kind = socket.AF_INET if family == 4 else socket.AF_INET6
    with Lab(family) as lab:
        core = lab.core()
        ue = registered(lab)
        for port in (PS, PC):
            s = lab.ue_host.socket(kind, socket.SOCK_STREAM)
            s.settimeout(1.5)
            try:
                s.connect((CORE_IP[family], port))
                s.send(request('REGISTER', UE_IP[family], 5060))
                silent(s)
                raise Wrong(f'port {port} takes a connection in clear text')
            except OSError:
                pass
            s.close()
        core.says('flow.clear')
        alive(lab, ue, core)


def clear_tcp_over_ipv4():
    clear_tcp(4)


def clear_tcp_over_ipv6():
    clear_tcp(6)


def the_log_for_people():
    with Lab() as lab:
        core = lab.core(json_=False)
        s = lab.ue_host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((UE_IP[4], 4444))
        for _ in range(5000):  # a flood is two lines, not 5000
            s.sendto(b'x', (CORE_IP[4], PS))
        core.says('more: ')
        s.close()
        expect_in('log', 'warn  p-cscf: dropped from 192.0.2.10:4444 to '
                  '192.0.2.1:5062: clear text where only ESP is allowed '
                  '[flow.clear]', core.text())
        n = core.text().count('dropped')
        if n > 6:
            raise Wrong(f'{n} lines of 5000 drops\n{core.tail()}')
        expect('exit of core', core.end(signal.SIGTERM), 0)


def strangers_do_not_fill_the_log():
    """REGISTERs without sec-agree: each a problem, none a registration."""
    with Lab() as lab:
        core = lab.core()
        s = lab.ue_host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((UE_IP[4], 4444))
        for i in range(300):
            text = request('REGISTER', UE_IP[4], 4444)
            s.sendto(text.replace(b'clear', b'clear%d' % i),
                     (CORE_IP[4], 5060))

        def counted():
            return sum('more: ' in e['text'] for e in core.events('problem'))

        core.wait_for('a sum of problems', counted)
        s.close()
        n = len(core.events('problem'))
        if n > 40:
            raise Wrong(f'{n} lines of 300 problems\n{core.tail()}')
        expect('exit of core', core.end(signal.SIGTERM), 0)


# --- on the wire ----------------------------------------------------------------

class OnTheWire:
    """Does something to the n-th ESP packet of the UE (from 0) that is no
    fragment: the REGISTER may come in two.
    """

    def __init__(self, n, what):
        self.n, self.what, self.seen, self.done = n, what, 0, False

    def __call__(self, frame, from_ue):
        proto, at, _, _ = ip_parts(frame)
        if not from_ue or proto != ESP:
            return [frame]
        self.seen += 1
        if self.seen != self.n + 1:
            return [frame]
        self.done = True
        return self.what(frame, at)


def on_the_wire(family, n, what, err, text):
    """The registration succeeds nevertheless, and the core's log says it."""
    hook = OnTheWire(n, what)
    with Lab(family, middle=hook) as lab:
        core = lab.core()
        ue = registered(lab, '--transport', 'udp')
        expect('the packet came by', hook.done, True)
        dropped(core, err, 1)
        line = core.event('dropped', id=err)['text']
        expect('log', line, f'p-cscf: dropped from {UE_IP[family]} to '
               f'{CORE_IP[family]}: {text}')
        alive(lab, ue, core)


def twice(frame, _at):
    return [frame, frame]


def flipped(bit_of):
    def flip(frame, at):
        frame[at + bit_of(len(frame) - at)] ^= 4
        return [frame]
    return flip


def a_replayed_esp_packet():
    for family in (4, 6):
        on_the_wire(family, 0, twice, 'esp.replay',
                    'the ESP sequence number was seen before')


def a_flipped_bit_in_an_esp_packet():
    where = {'sequence number': lambda n: 7, 'text': lambda n: n // 2,
             'ICV': lambda n: n - 1}
    for family, name in ((4, 'sequence number'), (6, 'text'), (4, 'ICV')):
        on_the_wire(family, 0, flipped(where[name]), 'esp.icv',
                    'the ESP integrity check failed')


def an_esp_packet_with_another_spi():
    on_the_wire(4, 0, flipped(lambda n: 2), 'esp.unknown-spi',
                'no SA has this SPI')


def an_old_esp_packet_sent_again_later():
    """Captured by somebody, and sent from the UE's host with a raw socket."""
    with Lab() as lab:
        core = lab.core()
        tap = lab.core_host.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                   socket.htons(3))
        tap.bind(('core0', 3))
        tap.settimeout(5)
        ue = registered(lab)
        got = None
        while not got:
            frame, addr = tap.recvfrom(65536)
            proto, at, end, _ = ip_parts(frame)
            if proto == ESP and addr[2] != socket.PACKET_OUTGOING:
                got = frame[at:end]
        tap.close()
        core.event('message', method='NOTIFY', status=200)
        before = len(core.events('message'))
        raw = lab.ue_host.socket(socket.AF_INET, socket.SOCK_RAW, ESP)
        raw.bind((UE_IP[4], 0))
        raw.sendto(got, (CORE_IP[4], 0))
        raw.close()
        dropped(core, 'esp.replay', 1)
        expect('messages', len(core.events('message')), before)
        alive(lab, ue, core)


def change(frame, old, new):
    """The text in a UDP datagram; as long as before."""
    proto, at, end, pseudo = ip_parts(frame)
    i = bytes(frame).find(old)
    if proto != UDP or i < 0:
        return frame
    expect('length', len(new), len(old))
    frame[i:i + len(old)] = new
    frame[at + 6:at + 8] = b'\0\0'
    value = checksum(pseudo + struct.pack('>HH', proto, end - at) +
                     frame[at:end]) or 0xffff
    frame[at + 6:at + 8] = struct.pack('>H', value)
    return frame


def a_security_server_changed_on_the_way():
    """Then Security-Verify differs from what the P-CSCF sent: bidding down
    [RFC 3329].
    """
    def hook(frame, from_ue):
        if not from_ue:
            change(frame, b';q=0.1', b';q=0.2')
        return [frame]
    with Lab(middle=hook) as lab:
        core = lab.core('--alg', 'hmac-sha-1-96')
        ue = lab.ue('--once', '--transport', 'udp', '--t1', '100')
        failure(ue, 4, 'REGISTER, step 3 (inside ESP)',
                'secagree.verify-mismatch')
        core.event('problem', id='secagree.verify-mismatch')
        expect('registered', core.events('registered'), [])


def a_security_client_changed_on_the_way():
    def hook(frame, from_ue):
        if from_ue:
            change(frame, b'ealg=aes-gcm', b'ealg=xxx-yyy')
        return [frame]
    with Lab(middle=hook) as lab:
        core = lab.core()
        ue = lab.ue('--once', '--transport', 'udp', '--t1', '100')
        failure(ue, 4, 'REGISTER, step 3 (inside ESP)')
        core.event('problem', id='secagree.client-changed')
        expect('registered', core.events('registered'), [])


main(clear_udp_over_ipv4, clear_udp_over_ipv6,
     clear_udp_from_the_ports_of_the_sas, clear_tcp_over_ipv4,
     clear_tcp_over_ipv6, the_log_for_people,
     strangers_do_not_fill_the_log, a_replayed_esp_packet,
     a_flipped_bit_in_an_esp_packet, an_esp_packet_with_another_spi,
     an_old_esp_packet_sent_again_later,
     a_security_server_changed_on_the_way,
     a_security_client_changed_on_the_way)
