#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What was on the real wire of a demo, as tshark sees it with the command line
that the demo prints: steps 3 to 8 inside ESP with a good ICV, on the ports and
SPIs that steps 1 and 2 announced.

    capture.py PATH-OF-IMSREG [NAME...]

(tests/judge looks at every pair on the wire in memory, GMAC too.)
"""
import concurrent.futures
import os
import shutil
import tempfile

import lab as labs
from lab import Missing, Wrong, call, expect, expect_in, main, needs_root

RUNS = [
    ('seed', '6', None), ('udp', '4', ('null', 'aes-gcm')),
    ('tcp', '6', ('hmac-sha-1-96', 'aes-cbc')),
    ('udp', '6', ('hmac-sha-1-96', 'null')),
    ('seed', '4', ('hmac-sha-1-96', 'des-ede3-cbc')),
    ('tcp', '4', ('hmac-md5-96', 'aes-cbc')),
    ('udp', '6', ('hmac-md5-96', 'des-ede3-cbc')),
]
# step: lane of the sender and of the receiver
UDP = {3: 'uc ps', 4: 'pc us', 5: 'uc ps', 6: 'pc us', 7: 'pc us', 8: 'uc ps'}
TCP = {3: 'uc ps', 4: 'ps uc', 5: 'uc ps', 6: 'ps uc', 7: 'pc us', 8: 'us pc'}
SEED = {s: (TCP if s < 5 else UDP)[s] for s in UDP}
WAYS = {'udp': UDP, 'tcp': TCP, 'seed': SEED}
WORDS = {1: 'REGISTER', 2: '401', 3: 'REGISTER', 4: '200', 5: 'SUBSCRIBE',
         6: '200', 7: 'NOTIFY', 8: '200'}
FIELDS = ['esp.spi', 'esp.icv_good', 'udp.srcport', 'udp.dstport',
          'tcp.srcport', 'tcp.dstport', 'sip.Method', 'sip.Status-Code',
          'sip.sec_mechanism.spi_c', 'sip.sec_mechanism.spi_s',
          'sip.sec_mechanism.port_c', 'sip.sec_mechanism.port_s']


def frames(command):
    """What the printed command shows, as fields of its SIP messages."""
    words = ' -T fields -E separator=/t -E occurrence=f'
    out = call('sh', '-c', command + words + ''.join(' -e ' + f
                                                     for f in FIELDS))
    return [dict(zip(FIELDS, s.split('\t'))) for s in out.splitlines()]


def announced(frame, client, server):
    names = {client: '_c', server: '_s'}
    return {lane: tuple(int(frame[f'sip.sec_mechanism.{what}{end}'], 0)
                        for what in ('port', 'spi'))
            for lane, end in names.items()}


def check_step(step, f, lanes, way):
    src, dst = way.split()
    proto = 'tcp' if f['tcp.srcport'] else 'udp'
    got = (int(f[proto + '.srcport']), int(f[proto + '.dstport']),
           int(f['esp.spi'], 0))
    expect(f'step {step}: ports and SPI', got,
           (lanes[src][0], lanes[dst][0], lanes[dst][1]))
    expect(f'step {step}: ICV', f['esp.icv_good'], '1')


def judge(got, transport):
    expect('messages', len(got), 8)
    for step, f in enumerate(got, 1):
        expect(f'step {step}', f['sip.Method'] or f['sip.Status-Code'],
               WORDS[step])
    for step in (1, 2):
        expect(f'step {step}: ESP', got[step - 1]['esp.spi'], '')
    lanes = announced(got[0], 'uc', 'us')
    lanes.update(announced(got[1], 'pc', 'ps'))
    expect('SPIs', len({spi for _, spi in lanes.values()}), 4)
    for step, way in WAYS[transport].items():
        check_step(step, got[step - 1], lanes, way)


def one(transport, family, suite):
    words = ['--transport', transport, '--family', family, '--wire',
             'namespace']
    if suite:
        words += ['--alg', suite[0], '--ealg', suite[1]]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'it is a demo.pcapng')
        try:
            out = call(labs.IMSREG, 'demo', *words, '-w', path)
            command = out[out.index('WIRESHARK_CONFIG_DIR='):].splitlines()[0]
            printed = call(labs.IMSREG, 'wireshark', path, '--print')
            expect_in('imsreg wireshark', command, printed)
            judge(frames(command), transport)
            return None
        except Wrong as e:
            return f'{" ".join(words)}: {e}'


def steps_are_where_they_were_announced():
    needs_root()
    if not shutil.which('tshark'):
        raise Missing('tshark is not here')
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        bad = [r for r in pool.map(lambda r: one(*r), RUNS) if r]
    if bad:
        raise Wrong('\n'.join(bad))


main(steps_are_where_they_were_announced)
