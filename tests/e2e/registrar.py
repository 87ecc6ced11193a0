#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a registrar must do with what our own UE never sends: contacts of all
kinds, wrong responses, REGISTERs that come late [RFC 3261 10.3, 24.229 5.4.1].

    registrar.py PATH-OF-IMSREG [NAME...]
"""
import contextlib
import json
import os
import re

import lab as labs
from lab import IMSI, Lab, expect, main
from speaker import DOMAIN, Speaker, status

IMPU = f'sip:{IMSI}@{DOMAIN}'
FLOW = ';+sip.instance="<urn:gsma:imei:35910506-000422-0>";reg-id='
EXPIRES = 'Expires: 3600'


@contextlib.contextmanager
def registrar(*words):
    with Lab() as lab:
        lab.core('--security', 'allowed', *words)
        s = Speaker(lab, IMPU, IMSI)
        try:
            yield lab, s
        finally:
            s.close()


def bindings(lab):
    """Of the S-CSCF: user and reg-id of each contact."""
    out = json.loads(labs.call(
        labs.IMSREG, 'ctl', '--ctl', os.path.join(lab.folder, 'core.sock'),
        '--json', 'bindings'))
    return [(re.search('sip:([^@]*)@', c['uri'])[1], c.get('reg_id') or 0)
            for u in out['users'] for c in u['contacts']]


def registers(s, contact, *lines, want=200):
    got = s.register(contact, *(lines or (EXPIRES,)))
    expect(f'REGISTER of {contact}', status(got), want)
    return got


def a_wrong_response_leaves_nothing():
    with registrar() as (lab, s):
        got = s.register(None, EXPIRES, response='0' * 32)
        expect('answer', status(got), 403)
        expect('bindings', bindings(lab), [])
        registers(s, s.contact('a'))
        expect('bindings', bindings(lab), [('a', 0)])
        # nor does it cost him what he has
        got = s.register(None, EXPIRES, response='0' * 32)
        expect('answer', status(got), 403)
        expect('bindings', bindings(lab), [('a', 0)])


def after_three_there_is_a_pause():
    with registrar() as (lab, s):
        for _ in range(3):
            got = s.register(None, EXPIRES, response='0' * 32)
            expect('answer', status(got), 403)
        got = s.ask('REGISTER', 'sip:' + DOMAIN, EXPIRES, to=IMPU)
        expect('answer', (status(got), 'Retry-After: 30' in got), (503, True))
        expect('bindings', bindings(lab), [])


def a_star_removes_them_all():
    with registrar() as (lab, s):
        for user, flow in (('a', '1'), ('b', '2')):
            registers(s, s.contact(user, FLOW + flow))
        expect('bindings', bindings(lab), [('a', 1), ('b', 2)])
        for contact, line in (('*', 'Expires: 5'),
                              ('*, ' + s.contact('a'), 'Expires: 0')):
            got = s.ask('REGISTER', 'sip:' + DOMAIN, line, to=IMPU,
                        contact=contact)
            expect(contact, status(got), 400)
        expect('bindings', bindings(lab), [('a', 1), ('b', 2)])
        got = registers(s, '*', 'Expires: 0')
        expect('contacts', 'Contact:' in got, False)
        expect('bindings', bindings(lab), [])


def a_flow_is_replaced_and_the_others_stay():
    with registrar() as (lab, s):
        for user, flow in (('a', '1'), ('b', '2'), ('c', '1')):
            got = registers(s, s.contact(user, FLOW + flow))
        expect('bindings', sorted(bindings(lab)), [('b', 2), ('c', 1)])
        expect('contacts', sorted(re.findall('Contact: <sip:(.)@', got)),
               ['b', 'c'])
        # without reg-id there is only one
        registers(s, s.contact('d'))
        expect('bindings', bindings(lab), [('d', 0)])


def an_expiry_has_its_bounds():
    with registrar('--expires-max', '600') as (lab, s):
        got = s.ask('REGISTER', 'sip:' + DOMAIN, 'Expires: 59', to=IMPU)
        expect('short', (status(got), 'Min-Expires: 60' in got), (423, True))
        got = registers(s, s.contact('a'), 'Expires: 601')
        expect('granted', re.findall('expires=([0-9]+)', got), ['600'])
        got = registers(s, s.contact('a', ';expires=0'), 'Expires: 601')
        expect('bindings', bindings(lab), [])


main(a_wrong_response_leaves_nothing, after_three_there_is_a_pause,
     a_star_removes_them_all, a_flow_is_replaced_and_the_others_stay,
     an_expiry_has_its_bounds)
