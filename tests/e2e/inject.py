#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Misbehaviour on demand and conformance tests, as processes.

    inject.py PATH-OF-IMSREG [NAME...]
"""
import signal
import subprocess

import lab as labs
from lab import Lab, expect, expect_in, main


def passes(name, *ue_words, verdict=None):
    with Lab() as lab:
        core = lab.core('--test', name, json_=False)
        lab.ue(*ue_words)
        expect(f'exit of test {name}\n{core.tail(60)}', core.end(within=60), 0)
        expect_in('the verdict', f'PASS  {verdict or name}', core.text())


def our_ue_passes_what_is_short():
    for name in ('8.1', '8.4', '9.1', '9.2'):
        passes(name)
    passes('tahi-1', verdict='8.1')
    passes('tahi-24')
    passes('tahi-23', '--allow-deprecated')


def a_ue_that_is_switched_off_passes_8_3():
    with Lab() as lab:
        core = lab.core('--test', '8.3', json_=False)
        ue = lab.ue()
        ue.event('notified')
        expect('exit of the UE', ue.end(signal.SIGINT), 0)
        expect(f'exit of the test\n{core.tail(60)}', core.end(), 0)


def a_ue_that_does_it_wrong_fails():
    with Lab() as lab:
        core = lab.core('--test', '8.1', json_=False)
        lab.ue('--inject', 'verify-altered')
        expect(f'exit of the test\n{core.tail(60)}', core.end(within=90), 1)
        expect_in('what was wrong',
                  'FAIL  2 REGISTER with the answer: Security-Verify is the '
                  'Security-Server of the challenge', core.text())


def a_case_that_is_none_says_why():
    done = subprocess.run([labs.IMSREG, 'core', '--test', '12.2'], check=False,
                          capture_output=True, text=True, timeout=20)
    expect('exit', done.returncode, 2)
    expect_in('why', 'there is no test of 12.2 (503 to INVITE): the UE would '
              'have to make a call', done.stderr)


def nobody_came():
    with Lab() as lab:
        core = lab.core('--test', '8.1', '--test-wait', '1', json_=False)
        expect(f'exit of the test\n{core.tail()}', core.end(), 7)
        expect_in('the verdict', 'the UE never came', core.text())


def what_is_injected_is_told():
    with Lab() as lab:
        core = lab.core('--inject', 'bad-mac', '--inject', 'twice@2,late@3',
                        json_=False)
        ue = lab.ue('--once', '--inject', 'identity-smuggled')
        expect(f'exit of the UE\n{ue.tail()}', ue.end(within=40), 0)
        for case in ('bad-mac', 'twice', 'late'):
            core.says(f'injected: {case} (number ')
        expect_in('the UE tells it', 'injected: identity-smuggled', ue.text())
        expect('exit of the core', core.end(signal.SIGTERM), 0)
        lab.nothing_left()


main(our_ue_passes_what_is_short, a_ue_that_is_switched_off_passes_8_3,
     a_ue_that_does_it_wrong_fails, a_case_that_is_none_says_why, nobody_came, what_is_injected_is_told)
