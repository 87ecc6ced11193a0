#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check.py - every promise of promises.tsv has its test, and the test is run.

usage: check.py

A row is: id, what holds, file below tests/, name of the test.  The file must
define the test and put it into its list (a test that is only defined never
fails).
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
WANTED = ([f'T{n:02}' for n in [*range(1, 17), *range(26, 32)]] +
          [f'P{n:02}' for n in [3, 4, 5, 6, 8, 9, 10, 13, 14, 15, 16, 18]])


def fault(where, name):
    path = HERE.parent / where
    if not path.is_file():
        return 'no such file'
    text = path.read_text()
    times = len(re.findall(rf'\b{re.escape(name)}\b', text))
    if times == 0:
        return 'no such test'
    return 'is never run' if times == 1 else None


def main():
    seen, wrong = set(), []
    for n, line in enumerate((HERE / 'promises.tsv').read_text().split('\n'), 1):
        if not line or line.startswith('#'):
            continue
        parts = line.split('\t')
        if len(parts) != 4:
            wrong.append(f'line {n}: {len(parts)} columns instead of 4')
            continue
        name, _, where, test = parts
        seen.add(name)
        if what := fault(where, test):
            wrong.append(f'line {n}: {name}: {where}: {test}: {what}')
    wrong += [f'{name}: has no test' for name in WANTED if name not in seen]
    print('\n'.join(wrong) or f'{len(seen)} promises, each with its test')
    return bool(wrong)


if __name__ == '__main__':
    sys.exit(main())
