#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check_man.py - the manual pages say what the program says, and render.

usage: check_man.py IMSREG
"""
import pathlib
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
PAGES = sorted((TOP / 'docs/man').glob('*.1'))
LINTS = {
    'mandoc': ['-Tlint', '-Wwarning'],
    'groff': ['-ww', '-mandoc', '-Tutf8', '-z'],
}


def quiet(args):
    done = subprocess.run(args, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip()
    if said or done.returncode:
        print(said)
    return not said and done.returncode == 0


def commands(imsreg):
    text = subprocess.run([imsreg, 'help'], capture_output=True, text=True,
                          check=True).stdout
    rows = text.split('Commands:\n')[1].split('\n\n')[0].split('\n')
    return [row.split()[0] for row in rows if row.split()[0] != 'help']


def main():
    good = quiet([TOP / 'tools/manpages', '--check', sys.argv[1]])
    want = {'imsreg.1', *(f'imsreg-{c}.1' for c in commands(sys.argv[1]))}
    if want != {p.name for p in PAGES}:
        print('pages and commands differ:', want ^ {p.name for p in PAGES})
        good = False
    listed = (TOP / 'meson.build').read_text()
    for page in PAGES:
        if f"'docs/man/{page.name}'" not in listed:
            print(f'meson.build does not install {page.name}')
            good = False
    for tool, args in LINTS.items():
        if not shutil.which(tool):
            print(f'{tool} is not here: skipped')
            continue
        for page in PAGES:
            good = quiet([tool, *args, page]) and good
    print(f'{len(PAGES)} pages')
    return 0 if good else 1


sys.exit(main())
