#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""An independent judge: tshark opens the demo's capture with the profile that
stands beside it, and openssl checks AES-GMAC, which tshark 4.0 does not know.

    tshark.py PATH-OF-IMSREG

For each pair of algorithms, IP version and transport: every ESP packet has a
good ICV, and the SIP of steps 3 to 8 is on the ports and SPIs that steps 1
and 2 announced.  Exit 77: tshark or openssl is not here.
"""
import os
import shutil
import struct
import subprocess
import sys
import tempfile

SUITES = [
    ('hmac-sha-1-96', 'aes-cbc'),
    ('hmac-sha-1-96', 'null'),
    ('hmac-sha-1-96', 'des-ede3-cbc'),
    ('hmac-md5-96', 'aes-cbc'),
    ('hmac-md5-96', 'null'),
    ('hmac-md5-96', 'des-ede3-cbc'),
    ('null', 'aes-gcm'),
    ('aes-gmac', 'null'),
]

# step: sender's port, receiver's port, SPI; over UDP and over TCP
UDP = [('uc', 'ps'), ('pc', 'us'), ('uc', 'ps'), ('pc', 'us'), ('pc', 'us'),
       ('uc', 'ps')]
TCP = [('uc', 'ps'), ('ps', 'uc'), ('uc', 'ps'), ('ps', 'uc'), ('pc', 'us'),
       ('us', 'pc')]
SEED = TCP[:2] + UDP[2:]
WAYS = {'udp': UDP, 'tcp': TCP, 'seed': SEED}
WORDS = ['REGISTER', '200', 'SUBSCRIBE', '200', 'NOTIFY', '200']

FIELDS = ['frame.comment', 'esp.spi', 'esp.icv_good', 'udp.srcport',
          'udp.dstport', 'tcp.srcport', 'tcp.dstport', 'sip.Method',
          'sip.Status-Code', 'sip.sec_mechanism.spi_c',
          'sip.sec_mechanism.spi_s', 'sip.sec_mechanism.port_c',
          'sip.sec_mechanism.port_s']


class Wrong(Exception):
    pass


def expect(what, got, want):
    if got != want:
        raise Wrong('%s: %r, but %r is right' % (what, got, want))


def run(words, **more):
    p = subprocess.run(words, capture_output=True, **more)
    if p.returncode:
        raise Wrong('%s: exit %d\n%s' % (' '.join(words), p.returncode,
                                         (p.stdout + p.stderr).decode()))
    return p.stdout


def tshark(path):
    """One dict per frame; a field that occurs twice gives its first value."""
    words = ['tshark', '-2', '-r', path, '-T', 'fields', '-E', 'separator=/t',
             '-E', 'occurrence=f']
    for f in FIELDS:
        words += ['-e', f]
    env = dict(os.environ, WIRESHARK_CONFIG_DIR=path + '.wireshark')
    out = run(words, env=env).decode()
    return [dict(zip(FIELDS, line.split('\t'))) for line in out.splitlines()]


def number(text):
    return int(text, 0) if text.startswith('0x') else int(text, 10)


def announced(frame):
    """Ports and SPIs of one Security-Client or Security-Server."""
    def get(name):
        return number(frame['sip.sec_mechanism.' + name])
    return get('port_c'), get('port_s'), get('spi_c'), get('spi_s')


def word(frame):
    return frame['sip.Method'] or frame['sip.Status-Code']


class Agreed:
    """What steps 1 and 2 say; ports and SPIs by the lane's name."""

    def __init__(self, register, challenge):
        uc, us, spi_uc, spi_us = announced(register)
        pc, ps, spi_pc, spi_ps = announced(challenge)
        self.port = {'uc': uc, 'us': us, 'pc': pc, 'ps': ps}
        self.spi = {'uc': spi_uc, 'us': spi_us, 'pc': spi_pc, 'ps': spi_ps}

    def check(self, step, way, seen):
        src, dst = way
        expect('step %d' % step, seen,
               (self.port[src], self.port[dst], self.spi[dst]))


def judge(path, transport):
    frames = tshark(path)
    sip = [f for f in frames if word(f)]
    expect('messages', len(sip), 8)
    expect('step 1', (word(sip[0]), sip[0]['esp.spi']), ('REGISTER', ''))
    expect('step 2', (word(sip[1]), sip[1]['esp.spi']), ('401', ''))
    agreed = Agreed(sip[0], sip[1])
    for i, f in enumerate(sip[2:]):
        proto = 'tcp' if f['tcp.srcport'] else 'udp'
        expect('step %d' % (i + 3), word(f), WORDS[i])
        agreed.check(i + 3, WAYS[transport][i],
                     (int(f[proto + '.srcport']), int(f[proto + '.dstport']),
                      number(f['esp.spi'])))
    esp = [f for f in frames if f['esp.spi']]
    for f in esp:
        expect('esp.icv_good', f['esp.icv_good'], '1')
    comments = [f['frame.comment'] for f in frames if f['frame.comment']]
    expect('steps in comments', [c.split()[1] for c in comments],
           list('12345678'))
    return len(esp)


# --- AES-GMAC by other means ------------------------------------------------

def blocks(data):
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from('<II', data, at)
        yield kind, data[at + 8:at + size - 4]
        at += size


def read(path):
    """(keys by SPI, packets) of a file of ours: raw IP, little endian."""
    keys, packets = {}, []
    with open(path, 'rb') as f:
        data = f.read()
    for kind, body in blocks(data):
        if kind == 10:
            size = struct.unpack_from('<I', body, 4)[0]
            for line in body[8:8 + size].decode().splitlines():
                cells = line.strip('"').split('","')
                keys[int(cells[3], 16)] = cells[7][2:]
        elif kind == 6:
            size = struct.unpack_from('<I', body, 12)[0]
            packets.append(body[20:20 + size])
    return keys, packets


def gmac(key, nonce, data):
    out = run(['openssl', 'mac', '-cipher', 'AES-128-GCM', '-macopt',
               'hexkey:' + key, '-macopt', 'hexiv:' + nonce, 'GMAC'],
              input=data)
    return bytes.fromhex(out.decode().strip())


def esp_of(packet):
    if packet[0] >> 4 == 4:
        return packet[20:] if packet[9] == 50 else None
    return packet[40:] if packet[6] == 50 else None


def open_gmac(keys, esp):
    """The segment [RFC 4543 3]: ports, what it says, SPI."""
    spi = struct.unpack_from('>I', esp)[0]
    key, salt = keys[spi][:32], keys[spi][32:]
    expect('GMAC of SPI %d' % spi,
           gmac(key, salt + esp[8:16].hex(), esp[:-16]), esp[-16:])
    pad, proto = esp[-18], esp[-17]
    segment = esp[16:-18 - pad]
    head = 8 if proto == 17 else segment[12] // 16 * 4
    return struct.unpack_from('>HH', segment) + (spi,), segment[head:]


def parameter(header, name):
    return int(header.split(name + b'=')[1].split(b';')[0].split(b',')[0])


def from_text(text, name):
    header = text.split(name + b':')[1].split(b'\r\n')[0]
    return {'sip.sec_mechanism.' + p.replace('-', '_'):
            str(parameter(header, p.encode()))
            for p in ('port-c', 'port-s', 'spi-c', 'spi-s')}


def judge_gmac(path, transport):
    keys, packets = read(path)
    clear = b''.join(p for p in packets if esp_of(p) is None)
    agreed = Agreed(from_text(clear, b'Security-Client'),
                    from_text(clear, b'Security-Server'))
    opened = [open_gmac(keys, esp_of(p)) for p in packets if esp_of(p)]
    sip = [(where, text) for where, text in opened
           if b'SIP/2.0\r\n' in text[:200] or text.startswith(b'SIP/2.0 ')]
    expect('messages', len(sip), 6)
    for i, (where, text) in enumerate(sip):
        agreed.check(i + 3, WAYS[transport][i], where)
        if WORDS[i].encode() not in text[:20]:
            raise Wrong('step %d: not %s' % (i + 3, WORDS[i]))
    return len(opened)


# --- all of it --------------------------------------------------------------

def demo(imsreg, path, suite, family, transport):
    run([imsreg, 'demo', '--wire', 'memory', '--alg', suite[0], '--ealg',
         suite[1], '--family', family, '--transport', transport, '-w', path])


def one(imsreg, folder, suite, family, transport):
    path = os.path.join(folder, 'demo.pcapng')
    demo(imsreg, path, suite, family, transport)
    if suite[0] == 'aes-gmac':
        return judge_gmac(path, transport)
    n = judge(path, transport)
    if (family, transport) != ('6', 'seed'):
        return n
    # once more from the file alone
    shutil.rmtree(path + '.wireshark')
    run([imsreg, 'wireshark', '--print', path])
    expect('ESP packets, the profile made anew', judge(path, transport), n)
    return n


def main():
    if not (shutil.which('tshark') and shutil.which('openssl')):
        print('tshark or openssl is not here')
        return 77
    imsreg = os.path.abspath(sys.argv[1])
    bad = 0
    for suite in SUITES:
        for family in ('6', '4'):
            for transport in WAYS:
                name = '/'.join(suite) + ' IPv%s %s' % (family, transport)
                with tempfile.TemporaryDirectory() as folder:
                    try:
                        n = one(imsreg, folder, suite, family, transport)
                        print('ok    %s: %d ESP packets' % (name, n))
                    except Wrong as e:
                        print('WRONG %s: %s' % (name, e))
                        bad += 1
    return 1 if bad else 0


sys.exit(main())
