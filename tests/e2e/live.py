#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""imsreg core and imsreg ue as two processes on two hosts.

    live.py PATH-OF-IMSREG [NAME...]
"""
import concurrent.futures
import os
import signal
import subprocess
import time

import lab as labs
from lab import CORE_IP, IMSI, K, OPC, UE_IP
from lab import Lab, Wrong, expect, expect_in, main

INT, TERM, KILL = signal.SIGINT, signal.SIGTERM, signal.SIGKILL


def ends_well(lab, core):
    expect('exit of core', core.end(TERM), 0)
    lab.nothing_left()


def transports(ue):
    return [m['transport'] for m in ue.events('message') if m['step']]


def once(family):
    """All three transports against one core."""
    # the core's own requests are short enough for UDP
    ways = {'udp': ['udp'] * 8, 'tcp': ['tcp'] * 6 + ['udp'] * 2,
            # REGISTER with Security-Verify is too long for UDP; the first
            # one is near the limit
            'auto': ['?'] * 2 + ['tcp'] * 2 + ['udp'] * 4}
    with Lab(family) as lab:
        core = lab.core()
        for way, want in ways.items():
            ue = lab.ue('--once', '--transport', way)
            expect(f'exit of {ue}\n{ue.tail()}', ue.end(), 0)
            got = transports(ue)
            expect(way, [g if w != '?' else w for g, w in zip(got, want)],
                   want)
            for kind in ('agreed', 'registered', 'subscribed', 'notified',
                         'deregistered'):
                ue.event(kind, within=0)
            for m in ue.events('message'):
                expect(f'ok of {m}', m['ok'], True)
                expect(f'protected of {m}', m['protected'], m['step'] not in
                       (1, 2))
        core.event('deregistered', len(ways))
        ends_well(lab, core)


def once_over_ipv4():
    once(4)


def once_over_ipv6():
    once(6)


def algorithms_are_agreed_by_pair():
    with Lab() as lab:
        core = lab.core('--allow-deprecated')
        for alg, ealg in (('hmac-md5-96', 'des-ede3-cbc'),
                          ('hmac-sha-1-96', 'aes-cbc'), ('aes-gmac', 'null')):
            ue = lab.ue('--once', '--alg', alg, '--ealg', ealg,
                        '--allow-deprecated')
            expect(f'exit of {ue}\n{ue.tail()}', ue.end(), 0)
            expect_in('agreed', f'{alg}/{ealg}', ue.event('agreed')['text'])
        ends_well(lab, core)


def offered_only_when_asked():
    with Lab() as lab:
        core = lab.core()
        ue = lab.ue('--once', '--offer', 'challenged')
        expect(f'exit\n{ue.tail()}', ue.end(), 0)
        ue.event('message', status=494, within=0)
        ends_well(lab, core)


def without_ipsec_where_that_is_allowed():
    with Lab() as lab:
        core = lab.core('--security', 'allowed')
        ue = lab.ue('--once', '--offer', 'never')
        expect(f'exit\n{ue.tail()}', ue.end(), 0)
        for m in ue.events('message'):
            expect(f'protected, ok of {m}', (m['protected'], m['ok']),
                   (False, True))
        ends_well(lab, core)


def registered(lab, *words, **more):
    ue = lab.ue(*words, **more)
    ue.event('notified')
    return ue


def ctrl_c_de_registers():
    with Lab() as lab:
        core = lab.core()
        for n, number in enumerate((INT, TERM, signal.SIGHUP), 1):
            ue = registered(lab)
            expect(f'exit\n{ue.tail()}', ue.end(number), 0)
            ue.event('deregistered', within=0)
            core.event('deregistered', n)
        ends_well(lab, core)


def without_a_reader_it_ends_in_order():
    """As in: imsreg ue ... --json | head -1"""
    with Lab() as lab:
        core = lab.core()
        r, w = os.pipe()
        p = subprocess.Popen(
            lab.ue_host.inside([labs.IMSREG, 'ue', '--pcscf', CORE_IP[4],
                                '--imsi', IMSI, '--key', K, '--opc', OPC,
                                '--json']), stdout=w)
        try:
            os.close(w)
            os.read(r, 1)
            os.close(r)
            expect('exit', p.wait(20), 0)
        finally:
            p.kill()
            p.wait()
        ends_well(lab, core)


def without_any_ipsec():
    with Lab() as lab:
        core = lab.core('--ipsec', 'none', '--security', 'off')
        ue = lab.ue('--once', '--offer', 'never', '--ipsec', 'none')
        expect(f'exit\n{ue.tail()}', ue.end(), 0)
        ends_well(lab, core)


def before_the_registration_ctrl_c_ends_too():
    """Nobody answers: there is nothing to take back."""
    with Lab() as lab:
        ue = lab.ue()
        ue.event('message', step=1)
        expect(f'exit\n{ue.tail()}', ue.end(INT), 0)
        lab.nothing_left()


def a_core_that_ends_leaves_nothing():
    with Lab() as lab:
        core = lab.core()
        ue = registered(lab)
        expect('exit of core', core.end(TERM), 0)
        expect('left at the core', lab.core_host.traces(),
               lab.before(lab.core_host))
        ue.kill()
        core = lab.core()
        expect('exit of core', core.end(INT), 0)


def the_second_signal_ends_at_once():
    with Lab() as lab:
        core = lab.core()
        ue = registered(lab)
        core.signal(signal.SIGSTOP)  # will not answer the de-registration
        ue.signal(INT)
        ue.event('stopping')
        began = time.monotonic()
        expect(f'exit of ue\n{ue.tail()}', ue.end(INT), 130)
        if time.monotonic() - began > 5:
            raise Wrong('at once took its time')
        core.signal(signal.SIGCONT)
        core.signal(INT)
        expect('exit of core', core.end(TERM), 130)
        lab.nothing_left()


def a_core_that_is_gone_does_not_hold_the_ue():
    with Lab() as lab:
        core = lab.core()
        ue = registered(lab, '--t1', '20')
        core.kill()
        status = ue.end(INT)
        if status not in (0, 7):
            raise Wrong(f'exit {status}\n{ue.tail()}')
        expect('left at the ue', lab.ue_host.traces(),
               lab.before(lab.ue_host))


def spis(messages):
    return {m['spi'] for m in messages if m['spi']}


def re_registers_in_time():
    with Lab() as lab:
        core = lab.core('--expires-min', '2')
        ue = registered(lab, '--expires', '6')
        first = spis(ue.events('message'))
        began = time.monotonic()
        ue.event('refreshed', 2)
        took = time.monotonic() - began
        if not 3 < took < 12:
            raise Wrong(f'two refreshes of 6 s took {took:.1f} s')
        expect('agreements', len(ue.events('agreed')), 1)
        expect('SPIs', spis(ue.events('message')), first)
        expect(f'exit\n{ue.tail()}', ue.end(INT), 0)
        ends_well(lab, core)


def re_authentication_makes_new_sas():
    with Lab() as lab:
        core = lab.core('--expires-min', '2', '--reauth')
        ue = registered(lab, '--expires', '6')
        first = spis(ue.events('message'))
        ue.event('refreshed', 2)
        agreed = len(ue.events('agreed'))
        if agreed < 3:
            raise Wrong(f'only {agreed} agreements\n{ue.tail()}')
        n = len(ue.events('message'))
        expect(f'exit\n{ue.tail()}', ue.end(INT), 0)
        last = spis(ue.events('message')[n:])
        expect('SPIs of the first set at the end', first & last, set())
        for m in ue.events('message')[2:]:
            expect(f'protected of {m}', m['protected'], True)
        ends_well(lab, core)


def a_registration_that_is_not_refreshed_ends():
    with Lab() as lab:
        core = lab.core('--expires-min', '2')
        ue = registered(lab, '--expires', '4')
        ue.signal(KILL)
        core.says('expired', within=30)
        ends_core = core.end(TERM)
        expect('exit of core', ends_core, 0)


def many_at_once(address):
    """Six UEs register at the same moment."""
    imsis = [f'00101000000010{i}' for i in range(6)]
    with Lab() as lab:
        for i, imsi in enumerate(imsis):
            lab.subscriber(imsi)
            lab.ue_host.call('ip', 'addr', 'add', f'192.0.2.{20 + i}/24',
                             'dev', 'ue0')
        core = lab.core()
        ues = [lab.ue('--local', address(i), imsi=imsi)
               for i, imsi in enumerate(imsis)]
        for ue in ues:
            ue.event('notified', within=60)
        expect('registered', len({e['text'] for e in core.events('registered')
                                  if e['text'].startswith('s-cscf')}), 6)
        used = [spis(u.events('message')) for u in ues]
        expect('SPIs', len(set().union(*used)), sum(len(s) for s in used))
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            got = list(pool.map(lambda u: u.end(INT, within=60), ues))
        expect('exits', got, [0] * 6)
        for ue in ues:
            expect(f'dropped at {ue}', ue.events('dropped'), [])
        core.event('deregistered', 6)
        expect('exit of core', core.end(TERM), 0)


def many_at_once_at_addresses_of_their_own():
    many_at_once(lambda i: f'192.0.2.{20 + i}')


def many_at_once_at_one_address():
    many_at_once(lambda i: f'192.0.2.10:{5080 + i}')


def after_kill_9_it_registers_again():
    with Lab() as lab:
        core = lab.core()
        for _ in range(2):
            ue = registered(lab)
            ue.signal(KILL)
            expect('exit', ue.end(), -KILL)
        ue = registered(lab)
        expect(f'exit\n{ue.tail()}', ue.end(INT), 0)
        core.kill()
        core = lab.core()
        ue = lab.ue('--once')
        expect(f'exit\n{ue.tail()}', ue.end(), 0)
        ends_well(lab, core)


# --- configuration files -----------------------------------------------------

CORE_YAML = f'''# a lab
core:
  listen: {CORE_IP[4]}:5090
  db: core.db
  port-ps: 6062
  port-pc: 6064
  port-pc2: 6066
  expires-max: 4242
  ipsec: userspace
  json: true
'''
UE_YAML = f'''ue:
  pcscf: {CORE_IP[4]}:5090
  imsi: {IMSI}
  key: {K}
  opc: {OPC}
  port-uc: 40001
  port-us: 40002
  transport: udp
  once: yes
  json: yes
core:
  listen: {CORE_IP[4]}
'''


def ports_of(ue):
    m = ue.event('message', step=3, within=0)
    return (m['src'], m['dst'])


def both_from_files():
    with Lab() as lab:
        lab.subscriber()
        core = lab.core('-c', lab.file('core.yaml', CORE_YAML), listen=False,
                        json_=False)
        ue = lab.ue('-c', lab.file('ue.yaml', UE_YAML), imsi=None, key=False,
                    json_=False)
        expect(f'exit\n{ue.tail()}', ue.end(), 0)
        expect('ports', ports_of(ue),
               (UE_IP[4] + ':40001', CORE_IP[4] + ':6062'))
        expect('transports', transports(ue), ['udp'] * 8)
        expect_in('expires', '4242', ue.event('registered')['text'])
        ends_well(lab, core)


def the_command_line_beats_the_file():
    with Lab() as lab:
        lab.subscriber()
        core = lab.core('-c', lab.file('core.yaml', CORE_YAML), '--port-ps',
                        '7062', '--listen', CORE_IP[4], listen=False,
                        json_=False)
        ue = lab.ue('-c', lab.file('ue.yaml', UE_YAML), '--pcscf', CORE_IP[4],
                    '--port-uc', '41001', '--transport', 'tcp', imsi=None,
                    key=False, json_=False)
        expect(f'exit\n{ue.tail()}', ue.end(), 0)
        expect('ports', ports_of(ue),
               (UE_IP[4] + ':41001', CORE_IP[4] + ':7062'))
        expect('transports', transports(ue), ['tcp'] * 6 + ['udp'] * 2)
        ends_well(lab, core)


main(once_over_ipv4, once_over_ipv6, algorithms_are_agreed_by_pair,
     offered_only_when_asked, without_ipsec_where_that_is_allowed,
     ctrl_c_de_registers, without_a_reader_it_ends_in_order,
     without_any_ipsec, before_the_registration_ctrl_c_ends_too,
     a_core_that_ends_leaves_nothing, the_second_signal_ends_at_once,
     a_core_that_is_gone_does_not_hold_the_ue, re_registers_in_time,
     re_authentication_makes_new_sas,
     a_registration_that_is_not_refreshed_ends,
     many_at_once_at_addresses_of_their_own, many_at_once_at_one_address,
     after_kill_9_it_registers_again, both_from_files,
     the_command_line_beats_the_file)
