#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check_inject.py - docs/INJECT.md and docs/CONFORMANCE.md are what the program
says.

usage: check_inject.py IMSREG
"""
import pathlib
import subprocess
import sys

DOCS = pathlib.Path(__file__).resolve().parents[2] / 'docs'


def differs(imsreg, option, name):
    want = subprocess.run([imsreg, 'core', option, 'doc'], capture_output=True,
                          text=True, check=True).stdout
    if (DOCS / name).read_text() == want:
        return False
    print(f'docs/{name} differs: imsreg core {option} doc > docs/{name}')
    return True


if __name__ == '__main__':
    sys.exit(any([differs(sys.argv[1], '--inject', 'INJECT.md'),
                  differs(sys.argv[1], '--test', 'CONFORMANCE.md')]))
