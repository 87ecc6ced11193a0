#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""No key is in any output at the most verbose level: K, OP, OPc, CK, IK, RES
and the keys of the SAs, as hex, base64 or raw bytes.

    keys.py PATH-OF-IMSREG [NAME...]
"""
import base64
import json
import os
import re
import signal
import tempfile

import lab as labs
from lab import IMSI, K, OP, OPC
from lab import Lab, Wrong, call, expect, expect_in, main

DEMO_K = '00112233445566778899aabbccddeeff'


def base64_of(secret):
    """What is the same wherever it stands in a longer text."""
    for skip in range(3):
        text = base64.b64encode(b'\0' * skip + secret).rstrip(b'=')
        yield text[4 if skip else 0:-1]


def forms(secret):
    """The bytes that must not occur, in lower case for hex."""
    yield 'raw', secret
    yield 'hex', secret.hex().encode()
    spaced = re.sub('(..)(?=.)', r'\1 ', secret.hex()).encode()
    yield 'hex with spaces', spaced
    yield 'hex with colons', spaced.replace(b' ', b':')
    for text in base64_of(secret):
        yield 'base64', text


def find(output, secrets):
    """What is in it: a list of (name, form)."""
    low = output.lower()
    got = []
    for name, secret in secrets.items():
        for form, text in forms(secret):
            where = low if form.startswith('hex') else output
            if text in where:
                got.append((name, form))
    return got


def expect_none(what, output, secrets):
    got = find(output, secrets)
    if got:
        raise Wrong(f'{what}: {got} is in its {len(output)} bytes')
    if len(output) < 100:
        raise Wrong(f'{what}: it says nothing: {output!r}')


def challenge_secrets(nonce, *key):
    """What comes of this nonce, and the keys of SAs that are made of it."""
    got = json.loads(call(labs.IMSREG, 'aka', '--nonce', nonce, *key,
                          '--json'))
    out = {n.upper(): bytes.fromhex(got[n]) for n in ('res', 'ck', 'ik', 'ak')}
    ck, ik = out['CK'], out['IK']
    out.pop('AK')  # RAND, AUTN and SQN show it
    # [33.203 Annex I]: each begins with CK or IK; half of one is enough
    out['CK, first half'], out['IK, first half'] = ck[:8], ik[:8]
    return out


def nonces(data):
    return [n.decode() for n in re.findall(rb'[ ,]nonce="([^"]+)"', data) if n]


def bytes_of(p):
    return p.text().encode(errors='surrogateescape')


def both_ends(json_, suite):
    """A registration with re-authentication, seen from the wire."""
    wire = []

    def tap(frame, _from_ue):
        wire.append(bytes(frame))
        return [frame]

    with Lab(middle=tap) as lab:
        words = ['--log', 'trace', '--allow-deprecated'] + suite
        core = lab.core(*words, json_=json_)
        ue = lab.ue('--once', '--transport', 'udp', *words, json_=json_)
        expect(f'exit\n{ue.tail()}', ue.end(), 0)
        expect('exit of core', core.end(signal.SIGTERM), 0)
        seen = nonces(b''.join(wire))
        expect('nonces on the wire', len(set(seen)), 1)
        secrets = challenge_secrets(seen[0], '--key', K, '--opc', OPC)
        secrets.update(K=bytes.fromhex(K), OPc=bytes.fromhex(OPC),
                       OP=bytes.fromhex(OP))
        for p in (ue, core):
            expect_none(str(p), bytes_of(p), secrets)
        # what is found when it is there
        expect('a planted key', find(b'x ' + secrets['CK'].hex().upper()
                                     .encode(), {'CK': secrets['CK']}),
               [('CK', 'hex')])
        expect('keys on the wire', find(b''.join(wire), secrets), [])


def core_and_ue_as_text():
    both_ends(False, [])


def core_and_ue_as_json():
    both_ends(True, [])


def core_and_ue_with_other_algorithms():
    for suite in (['--alg', 'hmac-sha-1-96', '--ealg', 'des-ede3-cbc'],
                  ['--alg', 'hmac-md5-96', '--ealg', 'aes-cbc'],
                  ['--alg', 'aes-gmac']):
        both_ends(False, suite)


def nobody_leaves_a_core():
    """What a crash would write out has keys in it."""
    with Lab() as lab:
        core = lab.core()
        ue = lab.ue()
        ue.event('registered')
        for p in (core, ue):
            with open(f'/proc/{p.p.pid}/limits', encoding='ascii') as f:
                row = next(r for r in f if r.startswith('Max core file size'))
            expect(f'core limit of {p}', row.split()[4:6], ['0', '0'])


def when_it_fails():
    """A wrong key is not shown either."""
    other = '0123456789abcdef0123456789abcdef'
    secrets = {'K': bytes.fromhex(K), 'OPc': bytes.fromhex(OPC),
               'wrong K': bytes.fromhex(other), 'OP': bytes.fromhex(OP)}
    with Lab() as lab:
        core = lab.core('--log', 'trace')
        for key in (['--key', other, '--opc', OPC], ['--key', K, '--opc', OP]):
            ue = lab.ue('--once', '--log', 'trace', *key, key=False)
            expect(f'exit\n{ue.tail()}', ue.end(), 5)
            expect_none(str(ue), bytes_of(ue), secrets)
        expect('exit of core', core.end(signal.SIGTERM), 0)
        expect_none('core', bytes_of(core), secrets)


def keys_from_standard_input():
    """They are not on the command line, nor in the output."""
    with Lab() as lab:
        core = lab.core()
        path = lab.file('keys', K + '\n' + OPC + '\n')
        with open(path, encoding='ascii') as f:
            ue = lab.ue('--once', '--log', 'trace', '--key', '-', '--opc', '-',
                        key=False, stdin=f)
            expect(f'exit\n{ue.tail()}', ue.end(), 0)
        expect_none(str(ue), bytes_of(ue), {'K': bytes.fromhex(K),
                                            'OPc': bytes.fromhex(OPC)})
        expect('exit of core', core.end(signal.SIGTERM), 0)


def the_demo():
    """Its capture holds the keys of the SAs; what it prints does not."""
    for more in ([], ['--json'], ['--wire', 'memory']):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'a.pcapng')
            words = [labs.IMSREG, 'demo', '--log', 'trace', '-w', path, *more]
            p = labs.Proc(words)
            expect(f'exit\n{p.tail()}', p.end(), 0)
            with open(path, 'rb') as f:
                capture = f.read()
            for name in os.listdir(folder):
                mode = os.stat(os.path.join(folder, name)).st_mode & 0o077
                expect('rights of others on ' + name, mode, 0)
        seen = nonces(capture)
        secrets = challenge_secrets(seen[0], '--key', DEMO_K, '--algo', 'xor')
        secrets['K'] = bytes.fromhex(DEMO_K)
        expect_none('demo ' + ' '.join(more), bytes_of(p), secrets)
        del secrets['RES'], secrets['K']
        if not find(capture, {'IK': secrets['IK']}):
            raise Wrong('the capture has no keys for Wireshark')


def subscribers():
    secrets = {'K': bytes.fromhex(K), 'OPc': bytes.fromhex(OPC)}
    with Lab() as lab:
        lab.subscriber()
        for words in (['list'], ['list', '--json'], ['show', IMSI],
                      ['show', IMSI, '--json']):
            out = lab.sub(*words)
            expect_in('output', IMSI, out)
            expect(' '.join(words), find(out.encode(), secrets), [])
        for words in (['show', IMSI, '--keys'],
                      ['show', IMSI, '--keys', '--json']):
            out = lab.sub(*words)
            expect(' '.join(words), find(out.encode(), secrets),
                   [('K', 'hex'), ('OPc', 'hex')])
        expect('rights of others on the database',
               os.stat(lab.db).st_mode & 0o077, 0)


main(core_and_ue_as_text, core_and_ue_as_json,
     core_and_ue_with_other_algorithms, when_it_fails,
     keys_from_standard_input, nobody_leaves_a_core, the_demo, subscribers)
