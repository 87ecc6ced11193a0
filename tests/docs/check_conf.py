#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check_conf.py - the sample files have every key, its default, and parse.

usage: check_conf.py IMSREG
"""
import importlib.machinery
import importlib.util
import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
KEY = re.compile(r'^  # ([a-z0-9-]+): (.+)$', re.M)
# What a help calls the default of something that is on or off, or a phrase.
PHRASE = re.compile(r'the |by |as |random|all|none')


def manpages():
    loader = importlib.machinery.SourceFileLoader(
        'manpages', str(TOP / 'tools/manpages'))
    loader.exec_module(module := importlib.util.module_from_spec(
        importlib.util.spec_from_loader('manpages', loader)))
    return module


def default_of(helped):
    m = re.search(r'\(default:? ([^;:)]+)', helped)
    if m and not PHRASE.match(m[1]):
        return m[1].split()[0]
    m = re.search(r'(\S+) \(default\)', helped)
    return m and m[1]


def parses(imsreg, command, text, quiet=False):
    """Reads the file, and then stumbles over a word too many: exit 2."""
    with tempfile.NamedTemporaryFile('w', suffix='.yaml') as f:
        f.write(text)
        f.flush()
        done = subprocess.run([imsreg, command, '-c', f.name, 'too-much'],
                              capture_output=True, text=True, check=False)
    if done.returncode != 2 or '"too-much" is too much' not in done.stderr:
        if not quiet:
            print(done.stderr.rstrip())
        return False
    return True


def check(imsreg, command):
    text = (TOP / f'etc/{command}.yaml').read_text()
    have = dict(KEY.findall(text))
    told = {name: (arg, helped) for _, name, arg, helped
            in MAN.options(MAN.ask(imsreg, command))
            if name not in ('help', 'config')}
    wrong = []
    for name in sorted(told.keys() - have.keys()):
        wrong.append(f'{name} is missing')
    for name in sorted(have.keys() - told.keys()):
        wrong.append(f'{name} is no key')
    for name in sorted(have.keys() & told.keys()):
        arg, helped = told[name]
        want = 'false' if arg is None else default_of(helped)
        if name == 'transport':
            want = 'auto'
        if want and have[name] != want:
            wrong.append(f'{name}: {have[name]}, but the default is {want}')
    if not parses(imsreg, command, text):
        wrong.append('does not parse')
    if not parses(imsreg, command, KEY.sub(r'  \1: \2', text)):
        wrong.append('does not parse with every key in use')
    if parses(imsreg, command, text + '  keyy: 1\n', quiet=True):
        wrong.append('this test sees no wrong key')
    for what in wrong:
        print(f'etc/{command}.yaml: {what}')
    print(f'etc/{command}.yaml: {len(have)} keys')
    return wrong


MAN = manpages()
sys.exit(1 if [w for c in ('core', 'ue') for w in check(sys.argv[1], c)]
         else 0)
