#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check_readme.py - the README shows what the program prints.

usage: check_readme.py IMSREG

Runs the demo on a terminal of 80 columns and compares it, numbers and blanks
aside, with the block in README.md; and runs its `imsreg aka`.
"""
import fcntl
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import termios

TOP = pathlib.Path(__file__).resolve().parents[2]
README = (TOP / 'README.md').read_text()


def on_terminal(args):
    """What it prints there; None if it fails."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack('HHHH', 50, 80, 0, 0))
    env = dict(os.environ, NO_COLOR='1', LC_ALL='C.UTF-8')
    said = b''
    with subprocess.Popen(args, stdout=its, env=env) as run:
        os.close(its)
        try:
            while chunk := os.read(ours, 65536):
                said += chunk
        except OSError:
            pass  # how Linux says that nobody writes there any more
    return None if run.returncode else said.decode().replace('\r', '')


def plain(text):
    """Its words, without the first line and numbers: how long an SPI is
    decides where a line is folded.
    """
    text = text.strip('\n').split('\n', 1)[1]
    return re.sub(r'─+', '─', re.sub(r'\d+', 'N', text)).split()


def check_demo(imsreg):
    shown = re.search(r'```\n(imsreg demo: .*?)```', README, re.S)
    said = on_terminal([imsreg, 'demo', '--wire', 'memory'])
    if not shown or not said:
        print('README.md shows no demo, or the demo fails')
        return False
    want, got = plain(shown[1]), plain(said)
    if want != got:
        at = next((i for i, (a, b) in enumerate(zip(want, got)) if a != b),
                  min(len(want), len(got)))
        for who, words in (('README ', want), ('program', got)):
            print(f'{who} ... {" ".join(words[max(at - 8, 0):at + 8])}')
    return want == got


def check_aka(imsreg):
    shown = re.search(r'```\nimsreg (aka .*?)```', README, re.S)
    args = shown[1].replace('\\\n', ' ').split()
    done = subprocess.run([imsreg, *args], capture_output=True, check=False)
    if done.returncode:
        print(f'README.md: imsreg aka: exit {done.returncode}')
    return done.returncode == 0


good = [check(sys.argv[1]) for check in (check_demo, check_aka)]
print('README.md: demo and aka')
sys.exit(0 if all(good) else 1)
