#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A bad wire between the two hosts: packets are lost, doubled, late, overtaken
and changed, as a seed says.  A registration lives through it.

    impaired.py PATH-OF-IMSREG [NAME...]

IMS_E2E_SEED=N takes another seed.
"""
import json
import os
import re
import signal

import lab as labs
from lab import Impair, Lab, Wrong, call, expect, main

SEED = int(os.environ.get('IMS_E2E_SEED', '210'))
BAD = {'loss': 5, 'dup': 5, 'reorder': 10, 'delay': 20}
LIVES_MAX = 20
WORDS = ('--ipsec', 'userspace', '--t1', '150')


def drops(p, err):
    n = 0
    for e in p.events('dropped'):
        if e['id'] == err:
            more = re.search(r'dropped (\d+) more', e['text'])
            n += int(more.group(1)) if more else 1
    return n


def refresh(lab, ue, n):
    got = call(labs.IMSREG, 'ctl', '--ctl',
               os.path.join(lab.folder, f'ue-{labs.IMSI}.sock'), '--json',
               'refresh')
    expect('the order is taken', json.loads(got)['ok'], True)
    ue.event('refreshed', n, within=40)


def a_life(lab, core, way, n):
    """Registration, a refresh that is challenged, and the end of it."""
    ue = lab.ue(*WORDS, '--transport', way)
    ue.event('notified', within=40)
    refresh(lab, ue, 1)
    # challenged: there are new SAs, taken into use by its 200
    expect('sets agreed on', len(ue.events('agreed')), 2)
    expect(f'exit\n{ue.tail()}', ue.end(signal.SIGINT, within=40), 0)
    ue.event('deregistered', within=0)
    core.event('deregistered', n, within=40)
    expect('failures', ue.events('failed'), [])


def lives(lab, core, wire, ways, wanted):
    """One for each way, and more until the weather was what it shall be: a
    life is some forty packets, which a seed may leave alone.
    """
    n = 0
    while n < len(ways) or not all(wire.did[w] for w in wanted):
        if n == LIVES_MAX:
            raise Wrong(f'not all of {wanted} in {n} lives: {wire.did}')
        n += 1
        a_life(lab, core, ways[(n - 1) % len(ways)], n)


def whole_life(family, ways, wanted, **weather):
    wire = Impair(SEED, **weather)
    with Lab(family, middle=wire) as lab:
        core = lab.core(*WORDS, '--reauth')
        lives(lab, core, wire, ways, wanted)
        expect('exit of core', core.end(signal.SIGTERM), 0)
        lab.nothing_left()
        return core


def bad(family, way):
    whole_life(family, [way], ('lost', 'doubled', 'overtaken'), **BAD)


def udp_over_ipv4():
    bad(4, 'udp')


def tcp_over_ipv4():
    bad(4, 'tcp')


def udp_over_ipv6():
    bad(6, 'udp')


def tcp_over_ipv6():
    bad(6, 'tcp')


def a_changed_bit_is_no_message():
    """Some in a hundred packets, each of which the ICV or a checksum catches:
    the message is sent again, and nobody ever reads the wrong one.
    """
    core = whole_life(4, ['udp', 'tcp'], ('corrupted',), corrupt=3, delay=5)
    expect('what the core could not read', core.events('problem'), [])


def many_changed_bits():
    class OnlyEsp(Impair):
        """From the UE, inside ESP."""

        def __call__(self, frame, from_ue):
            if not from_ue or labs.ip_parts(frame)[0] != 50:
                return [frame]
            return super().__call__(frame, from_ue)

        def _corrupt(self, dice, frame):
            frame[len(frame) - 1 - dice.randrange(40)] ^= 16
            self.did['corrupted'] += 1

    wire = OnlyEsp(SEED, corrupt=20)
    with Lab(4, middle=wire) as lab:
        core = lab.core(*WORDS, '--reauth')
        lives(lab, core, wire, ['udp'], ('corrupted',))
        core.wait_for('the drops', lambda:
                      drops(core, 'esp.icv') == wire.did['corrupted'])
        expect('exit of core', core.end(signal.SIGTERM), 0)
        lab.nothing_left()


main(udp_over_ipv4, tcp_over_ipv4, udp_over_ipv6, tcp_over_ipv6,
     a_changed_bit_is_no_message, many_changed_bits)
