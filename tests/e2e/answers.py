#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Challenges, answers and NOTIFYs that are not as usual, requests of a UE that
are wrong, and what a registration comes to with them, as processes.  What each
case is about: docs/INJECT.md.

    answers.py PATH-OF-IMSREG [NAME...]
"""
import json

import lab as labs
from lab import IMSI, Impair, Lab, expect, expect_in
from lives import IMPI, LETS, T1, TERM, UE
from lives import ask, both, injected, leaves, one_set, order
from lives import registered, several_at_once, until

BAD = {'loss': 4, 'dup': 5, 'reorder': 10, 'delay': 10}
WIRE = ('--t1', '150')


def ends(lab, core, *ues):
    """In order; the sets that drain go with the core."""
    for ue in ues:
        leaves(ue)
    expect('bindings', ask(lab, 'core', 'bindings')['total'], 0)
    expect(f'exit of core\n{core.tail()}', core.end(TERM), 0)
    lab.nothing_left()


def gives_up(cases, *words):
    """The N-th UE gets the N-th case, says that id and ends."""
    with Lab() as lab:
        core = lab.core(*LETS, *injected(*(
            f'{case}@{n}' for n, (case, _) in enumerate(cases, 1))))
        for case, err in cases:
            ue = lab.ue(*T1, *words)
            status = ue.end()
            expect_in(f'{case}: the id\n{ue.tail()}', f'id: {err}',
                      ue.stderr())
            expect(f'{case}: an exit that is none of success', status != 0,
                   True)
            core.says('injected: ' + case)
            until('no set at the UE', lambda: lab.ue_host.traces() ==
                  lab.before(lab.ue_host))
        # the next one finds a core that has nothing against him
        ends(lab, core, registered(lab, *T1))


# --- 2: challenges -----------------------------------------------------------

def broken_challenges_are_not_answered():
    gives_up((('nonce-short', 'aka.nonce'), ('nonce-not-base64', 'aka.nonce'),
              ('nonce-empty', 'aka.nonce'), ('no-challenge', 'aka.nonce'),
              ('algorithm-md5', 'aka.nonce'),
              ('algorithm-unknown', 'aka.nonce'),
              ('other-algorithm', 'secagree.no-common-alg'),
              ('200-without-challenge', 'reg.peer')))


def a_challenge_of_another_realm_is_answered_for_that_and_refused():
    gives_up((('realm-changed', 'reg.refused'),))


def odd_but_good_challenges_are_answered():
    with both(*T1, core=(*LETS, '--reauth', *injected(
            'stale@1', 'unknown-mechanism@2', 'q-order@3'))) as (
                lab, core, ue):
        for n in (1, 2):
            order(lab, UE, 'refresh')
            ue.event('refreshed', n)
        for case in ('stale', 'unknown-mechanism', 'q-order'):
            core.says('injected: ' + case)
        expect('problems', ue.events('problem'), [])
        expect('agreements', len(ue.events('agreed')), 3)
        ends(lab, core, ue)


# --- 3: answers --------------------------------------------------------------

def refusals_say_their_status():
    gives_up((('302', 'reg.refused'), ('305', 'reg.refused'),
              ('400', 'reg.refused'), ('403', 'reg.refused'),
              ('404', 'reg.refused'), ('408', 'reg.refused'),
              ('420', 'reg.refused'), ('423-without-min', 'reg.refused'),
              ('480', 'reg.refused'), ('500', 'reg.unavailable'),
              ('503', 'reg.unavailable'), ('504', 'reg.unavailable'),
              ('600', 'reg.refused')))


def a_200_with_other_contents_is_taken():
    cases = ('no-service-route', 'other-contacts', 'no-associated-uri')
    with Lab() as lab:
        core = lab.core(*LETS, *injected(*(
            f'{case}@{n}' for n, case in enumerate(cases, 1))))
        for case in cases:
            ue = registered(lab, *T1)
            core.says('injected: ' + case)
            expect(f'{case}: problems', ue.events('problem'), [])
            leaves(ue)
        ends(lab, core)


def a_200_without_contact_is_taken_and_told():
    with both(*T1, core=(*LETS, *injected('no-contact'))) as (lab, core, ue):
        expect('id', ue.event('problem', within=1)['id'], 'reg.peer')
        ends(lab, core, ue)


def lost(case):
    """This answer to a renewal makes the UE begin anew."""
    with both(*T1, core=(*LETS, *injected(case + '@3'))) as (lab, core, ue):
        before = one_set(lab)
        order(lab, UE, 'refresh')
        ue.event('registered', 2)
        after = one_set(lab, 40)
        expect('SPIs in common', set(before) & set(after), set())
        ends(lab, core, ue)


def a_renewal_that_is_lost_is_a_new_beginning():
    for case in ('408', '500', '504'):
        lost(case)


def a_renewal_that_is_refused_leaves_the_registration():
    with both(*T1, core=(*LETS, *injected('403@3', '503-retry-after@4'))) as (
            lab, core, ue):
        before = one_set(lab)
        for n, err in enumerate(('reg.refused', 'reg.unavailable'), 1):
            order(lab, UE, 'refresh')
            expect('id', ue.event('problem', n)['id'], err)
            expect('registered', ask(lab, UE, 'status')['registration'],
                   'registered')
        order(lab, UE, 'refresh')
        ue.event('refreshed')
        expect('the set', one_set(lab), before)
        ends(lab, core, ue)


def a_423_and_a_503_on_a_bad_wire():
    with both('--retry', '--transport', 'udp', *WIRE,
              middle=Impair(3, **BAD),
              core=(*WIRE, *injected('423-long@1', '503@4'))) as (
                  lab, core, ue):
        before = one_set(lab, 40)
        order(lab, UE, 'refresh')
        ue.event('registered', 2, within=60)
        after = one_set(lab, 60)
        expect('SPIs in common', set(before) & set(after), set())
        leaves(ue)


# --- 4: subscription and NOTIFY ----------------------------------------------

def the_subscription_has_its_own_failures():
    """It is refused or too brief: the registration does not mind."""
    cases = ('sub-403', 'sub-489', 'sub-423')
    with Lab() as lab:
        core = lab.core(*LETS, *injected(*(
            f'{case}@{n}' for n, case in enumerate(cases, 1))))
        for case in cases:
            ue = lab.ue(*T1)
            core.says('injected: ' + case)
            if case == 'sub-423':
                ue.event('notified')
            else:
                expect('id', ue.event('problem')['id'], 'reg.refused')
            expect(f'{case}: registered',
                   ask(lab, UE, 'status')['registration'], 'registered')
            leaves(ue)
        ends(lab, core)


def a_subscription_that_ends_is_asked_for_anew():
    with both(*T1, core=(*LETS, *injected('sub-ended-deactivated'))) as (
            lab, core, ue):
        ue.event('subscribed', 2)
        one_set(lab)
        ends(lab, core, ue)


def a_504_that_wants_restoration_is_a_new_beginning():
    with Lab() as lab:
        core = lab.core(*LETS, *injected('sub-504'))
        ue = lab.ue(*T1)
        ue.event('registered', 2)
        ue.event('notified')
        one_set(lab, 40)
        ends(lab, core, ue)


def what_a_notify_says_is_done():
    for case, status in (('notify-rejected', 4), ('notify-unregistered', 4)):
        with Lab() as lab:
            core = lab.core(*LETS, *injected(case))
            ue = lab.ue(*T1)
            expect(f'{case}: exit\n{ue.tail()}', ue.end(), status)
            expect('left at the UE', lab.ue_host.traces(),
                   lab.before(lab.ue_host))
            core.end(TERM)


def what_a_notify_orders_is_done_on_a_bad_wire(family, way):
    """Re-authentication, out and in again, and out for good."""
    with both('--transport', way, *WIRE, family=family,
              middle=Impair(11, **BAD), core=WIRE) as (lab, core, ue):
        first = one_set(lab, 40)
        order(lab, 'core', 'reauth', f'sip:{IMPI}', '--in', '14')
        ue.event('refreshed', within=40)
        expect('agreements', len(ue.events('agreed')), 2)
        order(lab, UE, 'refresh')  # what is sent over the new set ends the old
        ue.event('refreshed', 2, within=40)
        second = one_set(lab, 60)
        expect('SPIs in common', set(first) & set(second), set())
        order(lab, 'core', 'dereg', f'sip:{IMPI}', '--reason', 'deactivated')
        ue.event('registered', 2, within=40)
        one_set(lab, 60)
        order(lab, 'core', 'dereg', f'sip:{IMPI}')
        expect(f'exit\n{ue.tail()}', ue.end(within=60), 4)
        until('no set', lambda: ask(lab, 'core', 'sas')['total'] == 0, 60)


def orders_on_a_bad_wire_udp_ipv4():
    what_a_notify_orders_is_done_on_a_bad_wire(4, 'udp')


def orders_on_a_bad_wire_tcp_ipv6():
    what_a_notify_orders_is_done_on_a_bad_wire(6, 'tcp')


# --- 5: identities and flows -------------------------------------------------

DOMAIN = IMPI.split('@')[1]


def the_default_identity_is_used_where_the_first_is_barred():
    """24.229 5.1.1.2.1: the first of P-Associated-URI."""
    barred, other = f'sip:{IMPI}', f'sip:alice@{DOMAIN}'
    with Lab() as lab:
        lab.subscriber(IMSI, labs.K, labs.OPC, '--barred-impu', barred,
                       '--impu', other)
        core = lab.core(*LETS)
        ue = registered(lab, *T1)
        impus = ask(lab, UE, 'bindings')['impus']
        expect('of the UE', {i['uri']: i['state'] for i in impus},
               {barred: 'barred', other: 'registered'})
        expect_in('the watcher', other,
                  json.dumps(ask(lab, 'core', 'bindings')))
        ends(lab, core, ue)


def an_outbound_flow_is_told_by_its_reg_id():
    with both('--outbound', '--reg-id', '1', '--imei', '35910506-000422-0',
              '--keep', *T1, core=LETS) as (lab, core, ue):
        contact = ask(lab, 'core', 'bindings')['users'][0]['contacts'][0]
        expect('reg-id', contact.get('reg_id'), 1)
        order(lab, UE, 'refresh')
        ue.event('refreshed')
        expect('contacts', len(ask(lab, 'core', 'bindings')['users'][0]
                               ['contacts']), 1)
        ends(lab, core, ue)


# --- 6 and 7: a UE that does it wrong ----------------------------------------

def wrong_ues_are_refused_and_cost_nothing():
    cases = (('no-security-client', 'secagree.missing'),
             ('client-alg-other', 'secagree.no-common-alg'),
             ('client-spi-same', 'secagree.parameter'),
             ('client-ports-5060', 'secagree.parameter'),
             ('client-changed', 'secagree.client-changed'),
             ('verify-altered', 'secagree.verify-mismatch'),
             ('verify-missing', 'secagree.verify-mismatch'),
             ('res-wrong', 'aka.res'), ('impi-changed', 'hss.identity'),
             ('impu-other', 'hss.identity'), ('contact-star', 'sip.malformed'))
    with Lab() as lab:
        core = lab.core(*LETS)
        for n, (case, err) in enumerate(cases):
            ue = lab.ue(*T1, '--inject', case + '@all', '--local',
                        labs.UE_IP[4] + f':{5070 + n}')
            expect(f'{case}: refused\n{ue.tail()}', ue.end() != 0, True)
            core.wait_for(f'{err} for {case}', lambda e=err: any(
                p['id'] == e for p in core.events('problem')))
            expect('registered', ue.events('registered'), [])
        expect('bindings', ask(lab, 'core', 'bindings')['total'], 0)
        ends(lab, core, registered(lab, *T1))


several_at_once(
    orders_on_a_bad_wire_udp_ipv4, orders_on_a_bad_wire_tcp_ipv6,
    a_423_and_a_503_on_a_bad_wire, broken_challenges_are_not_answered,
    a_challenge_of_another_realm_is_answered_for_that_and_refused,
    odd_but_good_challenges_are_answered, refusals_say_their_status,
    a_200_with_other_contents_is_taken,
    a_200_without_contact_is_taken_and_told,
    a_renewal_that_is_lost_is_a_new_beginning,
    a_renewal_that_is_refused_leaves_the_registration,
    the_subscription_has_its_own_failures,
    a_subscription_that_ends_is_asked_for_anew,
    a_504_that_wants_restoration_is_a_new_beginning,
    what_a_notify_says_is_done,
    the_default_identity_is_used_where_the_first_is_barred,
    an_outbound_flow_is_told_by_its_reg_id,
    wrong_ues_are_refused_and_cost_nothing)
