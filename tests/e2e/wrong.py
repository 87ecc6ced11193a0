#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Wrong use and failures: one clear message each, with cause, next step, and
the exit status that belongs to it.

    wrong.py PATH-OF-IMSREG [NAME...]
"""
import os
import signal
import socket

import lab as labs
from lab import CORE_IP, IMSI, K, OP, OPC, UE_IP
from lab import Lab, expect, expect_in, failure, main

TERM = signal.SIGTERM
OTHER_K = '00112233445566778899aabbccddeeff'


def ue(lab, *words, **more):
    """One that gives up soon."""
    return lab.ue('--once', '--t1', '50', *words, **more)


def with_key(lab, *words, **more):
    return ue(lab, *words, key=False, **more)


def last_event(p, kind, err):
    """JSON has the same id."""
    expect('id', p.event(kind, within=0)['id'], err)


# --- keys and subscribers ----------------------------------------------------

def a_wrong_k():
    with Lab() as lab:
        core = lab.core()
        p = with_key(lab, '--key', OTHER_K, '--opc', OPC)
        failure(p, 5, "the network's AUTN MAC is wrong", 'id: aka.mac',
                'K or OP/OPc differ', 'imsreg aka')
        last_event(p, 'failed', 'aka.mac')
        expect('exit of core', core.end(TERM), 0)


def op_and_opc_exchanged():
    with Lab() as lab:
        lab.core()
        failure(with_key(lab, '--key', K, '--opc', OP), 5,
                'key.op-used-as-opc', 'an OP was stored where an OPc belongs',
                '--op instead of --opc')
        failure(with_key(lab, '--key', K, '--op', OPC), 5,
                'key.opc-used-as-op', 'an OPc was stored where an OP belongs',
                '--opc instead of --op')
        p = with_key(lab, '--key', K, '--op', OP)
        expect(f'exit with OP as OP\n{p.tail()}', p.end(), 0)


def a_wrong_res():
    """Same key, but the two ends disagree on the length of RES."""
    with Lab() as lab:
        lab.subscriber(IMSI, K, None, '--algo', 'xor')
        core = lab.core()
        p = with_key(lab, '--key', K, '--algo', 'xor', '--res-len', '8')
        failure(p, 4, '403 Forbidden to REGISTER, step 3 (inside ESP)',
                'id: reg.refused', 'wrong response')
        core.event('problem', id='aka.res')
        p = with_key(lab, '--key', K, '--algo', 'xor', '--res-len', '16')
        expect(f'exit with the right one\n{p.tail()}', p.end(), 0)


def an_unknown_subscriber():
    with Lab() as lab:
        core = lab.core()
        p = ue(lab, imsi='001010000000099')
        failure(p, 4, '403 Forbidden to REGISTER, step 1', 'id: reg.refused',
                'unknown or barred subscriber', 'imsreg sub show')
        last_event(p, 'failed', 'reg.refused')
        core.event('problem', id='hss.unknown-user')


def a_core_without_subscribers_says_so():
    with Lab() as lab:
        core = lab.start(lab.core_host, labs.IMSREG, 'core', '--listen',
                         CORE_IP[4], '--db', 'new.db')
        core.says('no subscriber is in new.db yet: imsreg sub add')
        core.says('listening at')
        expect('exit', core.end(TERM), 0)


# --- the network ---------------------------------------------------------------

def nobody_answers():
    with Lab() as lab:
        for way in ('udp', 'tcp'):
            p = ue(lab, '--transport', way)
            failure(p, 7, 'REGISTER, step 1 (in the clear)', '192.0.2.1:5060',
                    'id: reg.no-answer', 'wrong address, a firewall')
        lab.nothing_left()


def no_way_there():
    with Lab() as lab:
        p = lab.start(lab.ue_host, labs.IMSREG, 'ue', '--pcscf',
                      '198.51.100.1', '--imsi', IMSI, '--key', K, '--opc', OPC)
        failure(p, 7, '198.51.100.1:5060: Network is unreachable',
                'id: sys.no-route', 'ip route get')


def no_common_algorithm():
    with Lab() as lab:
        core = lab.core('--alg', 'aes-gmac')
        p = ue(lab, '--ealg', 'aes-cbc')
        failure(p, 4, '494 Security Agreement Required',
                'id: secagree.no-common-alg', '--alg, --ealg')
        core.event('problem', id='secagree.no-common-alg')


def deprecated_algorithms_need_a_switch():
    with Lab() as lab:
        failure(ue(lab, '--alg', 'hmac-md5-96'), 2, '--allow-deprecated')


# --- this machine ----------------------------------------------------------------

def core_at(lab, *words, before=(), ready=False):
    if not os.path.exists(lab.db):
        lab.subscriber()
    return lab.start(lab.core_host, *before, labs.IMSREG, 'core', '--listen',
                     CORE_IP[4], '--db', lab.db, *words)


def a_port_is_taken():
    with Lab() as lab:
        s = lab.core_host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((CORE_IP[4], 5060))
        failure(core_at(lab), 3, 'UDP 192.0.2.1:5060 is in use',
                'id: sys.port-taken', 'another program', 'another port')
        s.close()
        s = lab.core_host.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.bind((CORE_IP[4], 5060))
        s.listen()
        failure(core_at(lab), 3, 'TCP 192.0.2.1:5060 is in use')
        s.close()
        core = lab.core()
        failure(core_at(lab), 3, 'is in use', 'id: store.in-use')
        failure(core_at(lab, '--state', 'none'), 3, 'is in use',
                'id: sys.port-taken')
        s = lab.ue_host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((UE_IP[4], 5060))
        failure(ue(lab), 3, 'UDP 192.0.2.10:5060 is in use')
        s.close()
        expect('exit of core', core.end(TERM), 0)
        lab.nothing_left()


def an_address_of_another_machine():
    with Lab() as lab:
        for p in (core_at(lab, '--listen', '198.51.100.7'),
                  core_at(lab, '--listen', '198.51.100.7', '--ipsec', 'none',
                          '--security', 'off', '--state', 'none'),
                  ue(lab, '--local', '198.51.100.7')):
            failure(p, 3, 'the address is not on this machine',
                    'id: sys.address', 'ip address')
        failure(ue(lab, '--local', '2001:db8::10'), 2, 'IPv4', 'IPv6')


def kernel_esp_where_there_is_none():
    with Lab() as lab:
        probe = core_at(lab)
        kernel = 'in the kernel' in probe.says('ESP in ')
        expect('exit', probe.end(TERM), 0)
        if kernel:
            raise labs.Missing('this kernel has ESP')
        expect_in('head', 'ESP in userspace (this kernel has no ESP)',
                  probe.stderr())
        for p in (core_at(lab, '--ipsec', 'kernel'),
                  ue(lab, '--ipsec', 'kernel')):
            failure(p, 8, 'ESP', 'id: ipsec.no-kernel-esp',
                    '--ipsec userspace')


def rights_are_missing():
    with Lab() as lab:
        for cap, name in (('-net_admin', 'CAP_NET_ADMIN'),
                          ('-net_raw', 'CAP_NET_RAW')):
            p = core_at(lab, before=['setpriv', '--bounding-set=' + cap])
            failure(p, 9, 'needs ' + name, 'id: sys.rights', 'as root')
        nobody = ['setpriv', '--reuid=65534', '--regid=65534',
                  '--clear-groups']
        # a place that nobody may go to is no test of ours
        program = lab.file('imsreg')
        labs.call('cp', labs.IMSREG, program)
        labs.call('chmod', '755', lab.folder, program)
        p = lab.start(lab.ue_host, *nobody, program, 'ue', '--pcscf',
                      CORE_IP[4], '--imsi', IMSI, '--key', K, '--opc', OPC)
        failure(p, 9, 'needs CAP_NET_', 'id: sys.rights')


def no_tun_device():
    labs.needs_mounts()
    hide = ['unshare', '-m', 'sh', '-ec',
            'mount -t tmpfs none /dev/net; exec "$@"', 'sh']
    with Lab() as lab:
        failure(core_at(lab, before=hide), 9, '/dev/net/tun',
                'id: sys.no-device', 'load the tun module')


# --- options and files -------------------------------------------------------------

def options():
    cases = [
        (['--colour'], ['unknown option "--colour"', 'imsreg help ue']),
        (['--locla', '1.2.3.4'], ['"--locla"', 'did you mean --local?']),
        (['--expires', 'soon'], ['--expires: "soon" is not a number']),
        (['--expires'], ['--expires: a value is missing']),
        (['--transport', 'sctp'], ['"sctp" is not one of auto|udp|tcp']),
        (['--alg', 'rot13'], ['--alg: "rot13" is no algorithm', 'help ue']),
        (['--key', '0011'], ['--key: 4 hex digits, 32 wanted']),
        (['--imsi', '12'], ['--imsi: 6 to 15 digits']),
        (['--pcscf', 'p-cscf.example'], ['names are not looked up']),
        (['--port-uc', '5060'], ['three different ports']),
        (['--t1', '100000000'], ['--t1: at most 60000']),
        (['stray'], ['"stray" is too much']),
    ]
    with Lab() as lab:
        for words, parts in cases:
            failure(lab.ue(*words, json_=False), 2, *parts)
        failure(core_at(lab, '--port-ps', '5064'), 2, 'different ports')
        failure(core_at(lab, '--listen', '0.0.0.0'), 2, 'one address')
        failure(core_at(lab, '--ipsec', 'none'), 2, '--security off')
        p = lab.start(lab.ue_host, labs.IMSREG, 'ue')
        failure(p, 2, '--pcscf is needed')


def secrets_are_not_repeated():
    """Not even when they are what is wrong."""
    with Lab() as lab:
        text = failure(lab.ue('--key', K + 'zz'), 2, '--key')
        labs.expect_not_in('message', K, text)


YAML = [
    ('ue:\n  pcscf: 192.0.2.1\n  keyy: 1\n',
     ':3:3: unknown key "keyy" (did you mean "key"?)'),
    ('ue:\n  pcscf: [192.0.2.1\n  imsi\n', ':4:1: '),
    ('ue:\n  pcscf: 192.0.2.300\n', ':2:10: pcscf: "192.0.2.300" is not'),
    ('ue:\n\tpcscf: 192.0.2.1\n', ':2:1: '),
    ('uee:\n  imsi: 1\n', ':1:1: unknown section "uee"'),
    ('ue:\n  expires: {a: 1}\n', ':2:12: one value is wanted'),
    ('- ue\n', ':1:1: '),
]


def broken_yaml():
    with Lab() as lab:
        for i, (text, part) in enumerate(YAML):
            path = lab.file(f'{i}.yaml', text)
            failure(lab.ue('-c', path), 3, path + part, 'id: cli.config')
        failure(lab.ue('-c', 'none.yaml'), 3,
                'none.yaml: No such file or directory')
        path = lab.file('core.yaml', 'core:\n  listen: 192.0.2.1\n  lsten: 1\n')
        failure(core_at(lab, '-c', path), 3, path + ':3:3: unknown key "lsten"'
                ' (did you mean "listen"?)')


def a_damaged_database():
    with Lab() as lab:
        lab.subscriber()
        with open(lab.db, 'rb') as f:
            good = f.read()
        bad = {'text': b'no database, but long enough to be read. ' * 100,
               'short': good[:1000],
               'torn': good[:200] + b'\xff' * (len(good) - 200)}
        for name, data in bad.items():
            path = lab.file(name + '.db')
            with open(path, 'wb') as f:
                f.write(data)
            failure(core_at(lab, '--db', path), 1, path, 'id: store.failed',
                    'damaged', 'put back a copy')
            with open(path, 'rb') as f:
                expect('the file is as it was', f.read(), data)
        failure(core_at(lab, '--db', 'no/such.db'), 1, 'no/such.db: No such')


main(a_wrong_k, op_and_opc_exchanged, a_wrong_res, an_unknown_subscriber,
     a_core_without_subscribers_says_so, nobody_answers, no_way_there,
     no_common_algorithm, deprecated_algorithms_need_a_switch,
     a_port_is_taken, an_address_of_another_machine,
     kernel_esp_where_there_is_none, rights_are_missing, no_tun_device,
     options, secrets_are_not_repeated, broken_yaml, a_damaged_database)
