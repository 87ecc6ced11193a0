#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The life of a registration after its eight steps, as processes.

    life.py PATH-OF-IMSREG [NAME...]

What belongs to one option or command only is elsewhere: ctl.py, inject.py,
kill.py, refused.py.
"""
import json
import os
import re
import subprocess
import time

import lab as labs
from lab import CORE_IP, IMSI, Impair, Lab, Wrong, expect, expect_in
from lives import IMPI, INT, KILL, LETS, T1, TERM, UE
from lives import ask, asked, both, ends, injected, leaves, nothing, one_set
from lives import order
from lives import registered, several_at_once, spis_of, until

# --- 1: re-registration ------------------------------------------------------


def renewed_without_challenge_in_the_same_sas():
    with both('--expires', '4', *T1, core=LETS) as (lab, core, ue):
        before = one_set(lab)
        ue.event('refreshed', 2)
        expect('the set', one_set(lab), before)
        expect('challenges', ask(lab, 'core', 'status')['counts']
               ['challenges'], 1)
        ends(lab, core, ue)


def the_core_shortens_what_is_asked_for():
    with both('--expires', '5000', *T1,
              core=LETS + ('--expires-max', '4')) as (lab, core, ue):
        ue.event('refreshed', 2, within=10)
        expect('at most 4 s', ask(lab, UE, 'status')['expires_s'] <= 4, True)
        ends(lab, core, ue)


def renewed_with_challenge_the_old_set_ends_on_both_sides():
    with both('--expires', '20', *T1, core=LETS) as (lab, core, ue):
        first = one_set(lab)
        order(lab, 'core', 'reauth', f'sip:{IMPI}', '--in', '4')
        ue.event('refreshed')
        second = one_set(lab)
        expect('SPIs in common', set(first) & set(second), set())
        expect('agreements', len(ue.events('agreed')), 2)
        ends(lab, core, ue)


def challenged_each_time():
    with both('--expires', '4', *T1, core=LETS + ('--reauth',)) as (
            lab, core, ue):
        ue.event('refreshed', 3)
        expect('agreements', len(ue.events('agreed')), 4)
        for who in ('core', UE):
            if len(spis_of(lab, who)) > 3:
                raise Wrong(f'sets at {who}: {ask(lab, who, "sas")}')
        ends(lab, core, ue)


# --- 2: challenges -----------------------------------------------------------

def bad_macs(n):
    return injected(*(f'bad-mac@{i + 1}' for i in range(n)))


def two_bad_macs_are_survived():
    with both(*T1, core=LETS + tuple(bad_macs(2))) as (lab, core, ue):
        core.event('info', 2)
        expect('told', len(ue.events('problem')), 2)
        one_set(lab)
        ends(lab, core, ue)


def after_the_third_it_stops_and_says_so():
    with Lab() as lab:
        core = lab.core(*LETS, *bad_macs(3))
        ue = lab.ue(*T1)
        labs.failure(ue, 5, 'aka.mac')
        ends(lab, core, registered(lab, *T1))


def sqn_out_of_range_is_resynchronised():
    with both(*T1, core=LETS + ('--inject', 'sqn-out-of-range')) as (
            lab, core, ue):
        core.says('injected: sqn-out-of-range')
        one_set(lab)
        ends(lab, core, ue)


def without_security_server_it_asks_once_more():
    with both(*T1, '--retry',
              core=LETS + ('--inject', 'no-security-server')) as (
                  lab, core, ue):
        one_set(lab)
        ends(lab, core, ue)


# --- 3: answers, and who is asked next ---------------------------------------

def a_423_is_met():
    with both('--expires', '3', *T1, core=('--expires-min', '77', *T1)) as (
            lab, core, ue):
        ue.event('message', status=423, within=0)
        expect_in('expires', '77 s', ue.event('registered')['text'])
        ends(lab, core, ue)


def a_503_is_waited_for_as_long_as_it_says():
    """30 s are long: that it does not come back before 4 s is enough, the rest
    is the simulation's.
    """
    with Lab() as lab:
        core = lab.core(*LETS, '--inject', '503-retry-after')
        ue = lab.ue(*T1, '--retry')
        ue.event('message', status=503)
        expect_in('the wait', '30 s', ue.says('30 s'))
        time.sleep(4)
        expect('attempts', len(asked(ue)), 1)
        leaves(ue)
        nothing(lab, core)


def the_next_p_cscf_of_the_list_is_asked():
    """At the first address nobody is: what is sent there gets lost."""
    with Lab() as lab:
        lab.ue_host.call('ip', 'neigh', 'add', '192.0.2.99', 'lladdr',
                         '02:00:00:00:00:99', 'dev', 'ue0')
        core = lab.core(*LETS)
        ue = lab.ue('--pcscf', '192.0.2.99', '--pcscf', CORE_IP[4], *T1,
                    '--transport', 'udp', '-c',
                    lab.file('none.yaml', 'ue: {}\n'))
        ue.event('notified', within=30)
        one_set(lab)
        ends(lab, core, ue)


# --- 4: the end --------------------------------------------------------------

def a_core_that_ends_and_comes_back_is_found_again():
    """It ended in order, so it told its UEs: they come back by themselves."""
    with both(*T1, '--retry', core=LETS) as (lab, core, ue):
        expect('exit of core', core.end(TERM), 0)
        expect('left at the core', lab.core_host.traces(),
               lab.before(lab.core_host))
        core = lab.core(*LETS)
        ue.event('registered', 2, within=60)
        one_set(lab, 40)
        ends(lab, core, ue)


# --- 5: phones ---------------------------------------------------------------

PHONES = ('samsung', 'qualcomm', 'huawei', 'aosp')


def phones_by_name():
    with Lab() as lab:
        core = lab.core(*LETS, '--allow-deprecated')
        for name in PHONES:
            ue = registered(lab, '--profile', name, *T1)
            one_set(lab)
            order(lab, UE, 'refresh')
            ue.event('refreshed')
            leaves(ue)
        nothing(lab, core)


def a_keep_alive_has_its_answer():
    with both('--keep-alive', '1', '--transport', 'tcp', *T1,
              core=LETS) as (lab, core, ue):
        def packets():
            return sum(sa['packets'] for s in ask(lab, 'core', 'sas')['sets']
                       for sa in s['sas'])
        before = packets()
        until('packets of keep-alives', lambda: packets() >= before + 4)
        expect('registered', ask(lab, UE, 'status')['registration'],
               'registered')
        expect('tried anew', ue.events('refreshed'), [])
        ends(lab, core, ue)


def a_gruu_is_given():
    with both('--gruu', '--imei', '35910506-000422-0', *T1,
              core=('--gruu', *T1)) as (lab, core, ue):
        b = ask(lab, UE, 'bindings')
        expect_in('GRUU', ';gr=', json.dumps(b))
        ends(lab, core, ue)


def at_another_address():
    """Started anew there, while the core still has it at the first."""
    with both(*T1, core=LETS) as (lab, core, ue):
        before = one_set(lab)
        ue.signal(KILL)
        ue.end()
        lab.ue_host.call('ip', 'addr', 'add', '192.0.2.20/24', 'dev', 'ue0')
        ue = registered(lab, '--local', '192.0.2.20', *T1)
        after = one_set(lab, 40)
        expect('SPIs in common', set(before) & set(after), set())
        users = ask(lab, 'core', 'bindings')['users']
        contacts = [c['uri'] for u in users for c in u['contacts']]
        expect('contacts', [bool(re.search(r'192\.0\.2\.20', c))
                            for c in contacts], [True])
        leaves(ue)
        lab.ue_host.call('ip', 'addr', 'del', '192.0.2.20/24', 'dev', 'ue0')
        until('no set', lambda: ask(lab, 'core', 'sas')['total'] == 0)
        expect('exit of core', core.end(TERM), 0)


def moves(lab, core, ue, family, go):
    """Both sides have it at the new address only; the old SAs are gone."""
    new = {4: '192.0.2.20', 6: '2001:db8::20'}[family]
    before = one_set(lab)
    go(new)
    ue.event('registered', 2)
    ue.event('notified', 2)
    after = one_set(lab)
    expect('SPIs in common', set(before) & set(after), set())
    contacts = [c['uri'] for u in ask(lab, 'core', 'bindings')['users']
                for c in u['contacts']]
    expect('contacts', [new in c for c in contacts], [True])
    expect_in('local', new, ask(lab, UE, 'status')['local'])
    order(lab, UE, 'refresh')
    ue.event('refreshed')
    expect('the set', one_set(lab), after)
    leaves(ue)
    address(lab, 'del', new)
    address(lab, 'replace', labs.UE_IP[family])
    nothing(lab, core)


def address(lab, what, ip):
    more = ('nodad',) if ':' in ip and what != 'del' else ()
    lab.ue_host.call('ip', 'addr', what, f'{ip}/{64 if ":" in ip else 24}',
                     'dev', 'ue0', *more)


def its_address_is_replaced_by_another(family=4):
    with both(*T1, core=LETS, family=family) as (lab, core, ue):
        def go(new):
            address(lab, 'del', labs.UE_IP[family])
            ue.says('no other address leads to the P-CSCF')
            address(lab, 'add', new)
        moves(lab, core, ue, family, go)
        expect_in('why', 'is gone', ue.says('is used now'))


def its_ipv6_address_is_replaced_by_another():
    its_address_is_replaced_by_another(6)


def it_is_told_to_go_to_another_address():
    with both(*T1, '--transport', 'tcp', core=LETS) as (lab, core, ue):
        def go(new):
            address(lab, 'add', new)
            order(lab, UE, 'address', new)
        out = subprocess.run(
            [labs.IMSREG, 'ctl', '--ctl',
             os.path.join(lab.folder, UE + '.sock'), 'address', '192.0.2.77'],
            capture_output=True, text=True, check=False)
        expect_in('one that is not here', 'sys.address', out.stderr)
        moves(lab, core, ue, 4, go)


# --- 7: devices that share an identity ---------------------------------------

def two_phones_of_one_user():
    """Each sees the other come and go; one order ends both."""
    alice, other = 'sip:alice@ims.mnc001.mcc001.3gppnetwork.org', \
        '001010000000002'
    with Lab() as lab:
        for imsi in (IMSI, other):
            lab.subscriber(imsi, labs.K, labs.OPC, '--impu', alice)
        lab.ue_host.call('ip', 'addr', 'add', '192.0.2.20/24', 'dev', 'ue0')
        lab.begin()
        core = lab.core(*LETS)
        one = registered(lab, '--impu', alice, *T1)
        two = registered(lab, '--impu', alice, '--local', '192.0.2.20', *T1,
                         imsi=other)
        one.event('notified', 2)  # the other has come
        expect('sets', [len(spis_of(lab, w))
                        for w in ('core', UE, 'ue-' + other)], [2, 1, 1])
        leaves(two)
        one.event('notified', 3)
        expect('registered', ask(lab, UE, 'status')['registration'],
               'registered')
        one_set(lab)
        two = registered(lab, '--impu', alice, '--local', '192.0.2.20', *T1,
                         imsi=other)
        order(lab, 'core', 'dereg', alice)
        for ue in (one, two):
            expect(f'exit\n{ue.tail()}', ue.end(), 4)
        nothing(lab, core)


def identities_that_do_not_imply_each_other():
    """One SA set for three registrations, also after either side was killed."""
    more = ('sip:b@example.org', 'tel:+15550100')
    with Lab() as lab:
        lab.subscriber(IMSI, labs.K, labs.OPC, '--own-impu', more[0],
                       '--own-impu', more[1])
        lab.begin()
        keep = ('--state', lab.file('core.state'))
        words = T1 + ('--expires', '4', '--state', lab.file('ue.state'),
                      '--impu', f'sip:{IMPI}', '--impu', more[0],
                      '--impu', more[1])
        core = lab.core(*LETS, *keep)
        ue = registered(lab, *words)
        ue.says('also registered as ' + more[1])

        def both_know():
            mine = {i['uri']: i['state']
                    for i in ask(lab, UE, 'bindings')['impus']}
            expect('UE', [mine[i] for i in (f'sip:{IMPI}', *more)],
                   ['registered'] * 3)
            expect('core', ask(lab, 'core', 'bindings')['total'], 3)
        both_know()
        before = one_set(lab)
        core.kill()
        core = lab.core(*LETS, *keep)
        ue.event('refreshed', 2)
        both_know()
        ue.kill()
        ue = lab.ue(*words)
        ue.says('still registered as')
        ue.event('refreshed')
        both_know()
        expect('the set', one_set(lab), before)
        expect('challenged', [m for m in ue.events('message')
                              if m.get('status') == 401], [])
        ends(lab, core, ue)


# --- 9: a 200 is a promise ---------------------------------------------------

def state_survives(*words, kill_ue, kill_core, **more):
    t1 = ('--t1', '150' if 'middle' in more else '60')
    with Lab(**more) as lab:
        core_words = LETS[:2] + t1 + ('--state', lab.file('core.state'))
        words += t1 + ('--state', lab.file('ue.state'))
        core = lab.core(*core_words)
        ue = registered(lab, *words)
        before = one_set(lab)
        for _ in range(2):
            if kill_ue:
                ue.kill()
            if kill_core:
                core.kill()
                core = lab.core(*core_words)
            if kill_ue:
                ue = lab.ue(*words)
                ue.says('still registered as')
            n = len(ue.events('refreshed'))
            until('control', lambda: subprocess.run(
                [labs.IMSREG, 'ctl', '--ctl',
                 os.path.join(lab.folder, UE + '.sock'), 'refresh'],
                capture_output=True, check=False).returncode == 0)
            ue.event('refreshed', n + 1)
            expect('the set', one_set(lab), before)
            if kill_ue:
                expect('challenged', [m for m in ue.events('message')
                                      if m.get('status') == 401], [])
        # what the core sends goes over the same SAs
        order(lab, 'core', 'dereg', f'sip:{IMPI}')
        expect(f'exit\n{ue.tail()}', ue.end(), 4)
        nothing(lab, core)


def the_core_is_killed():
    state_survives('--transport', 'udp', kill_ue=False, kill_core=True)


def a_connection_that_is_dead_is_opened_anew_over_the_same_sas():
    """Nothing told the UE that the core's end of it has gone [pain 14]."""
    state_survives('--transport', 'tcp', kill_ue=False, kill_core=True)


def the_ue_is_killed():
    state_survives(kill_ue=True, kill_core=False, family=6)


def both_are_killed():
    state_survives('--transport', 'tcp', kill_ue=True, kill_core=True)


def killed_again_and_again_on_a_bad_wire():
    state_survives('--transport', 'udp', kill_ue=True, kill_core=True,
                   middle=Impair(9, loss=4, dup=5, reorder=10, delay=10))


TESTS = (
    a_core_that_ends_and_comes_back_is_found_again,
    renewed_with_challenge_the_old_set_ends_on_both_sides,
    challenged_each_time, renewed_without_challenge_in_the_same_sas,
    the_core_shortens_what_is_asked_for, two_bad_macs_are_survived,
    after_the_third_it_stops_and_says_so, sqn_out_of_range_is_resynchronised,
    without_security_server_it_asks_once_more, a_423_is_met,
    a_503_is_waited_for_as_long_as_it_says,
    the_next_p_cscf_of_the_list_is_asked, phones_by_name,
    a_keep_alive_has_its_answer, a_gruu_is_given, at_another_address,
    its_address_is_replaced_by_another,
    its_ipv6_address_is_replaced_by_another,
    it_is_told_to_go_to_another_address, two_phones_of_one_user,
    identities_that_do_not_imply_each_other, the_core_is_killed,
    a_connection_that_is_dead_is_opened_anew_over_the_same_sas,
    the_ue_is_killed, both_are_killed, killed_again_and_again_on_a_bad_wire)

several_at_once(*TESTS)
