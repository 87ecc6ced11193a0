#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs a bench: nanoseconds from the bench itself, instructions from outside.

    run.py BENCH

Instructions of a step are the difference of two runs of it under callgrind, by
the difference of their rounds: exact to a tenth of a percent on any machine.
Without valgrind (or with a sanitizer in the bench) there are only nanoseconds.
"""
import re
import shutil
import subprocess
import sys

FEW, MANY = 200, 1000


def instructions(bench, step, rounds):
    out = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         bench, str(rounds), step], capture_output=True, text=True,
        check=False)
    found = re.search(r"Collected : (\d+)", out.stderr)
    return int(found.group(1)) if found else None


def main():
    bench = sys.argv[1]
    timed = subprocess.run([bench], capture_output=True, text=True,
                           check=True).stdout
    can_count = shutil.which("valgrind") is not None
    for line in timed.splitlines():
        found = re.fullmatch(r"(.*?) +([0-9.]+) ns", line)
        if not found or not can_count:
            print(line, flush=True)
            continue
        step = found.group(1)
        few = instructions(bench, step, FEW)
        many = instructions(bench, step, MANY) if few else None
        if not many:
            can_count = False
            print(line, flush=True)
            continue
        count = (many - few) / (MANY - FEW)
        print(f"{line} {count:10.0f} instructions", flush=True)
    return 0


sys.exit(main())
