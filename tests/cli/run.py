#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the commands of a .case file and compares what they print.

    run.py [--write] DIRECTORY-OF-IMSREG FILE.case

A case file is lines:

    # a comment
    set NAME=VALUE    for the commands below: $NAME
    $ COMMAND         runs in sh, imsreg is found, the directory is a fresh one
    < TEXT            a line for its standard input
    > TEXT            a line it must print
    ! TEXT            a line it must print to standard error
    = STATUS          its exit status, when it is not 0

In what is expected, a line "..." stands for any lines, and a line that starts
with "~ " is a regular expression for one line.  --write puts what was printed
into the file, for review: never trust it unread.
"""
import os
import re
import subprocess
import sys
import tempfile

MARKS = {"> ": "out", "! ": "err", "< ": "in"}


class Step:
    def __init__(self, command, line):
        self.command, self.line, self.status = command, line, 0
        self.text = {"in": [], "out": [], "err": []}


def parse(path):
    """The file as a list of Steps and of other lines, in order."""
    items, step = [], None
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f.read().split("\n"), 1):
            kind = MARKS.get((line + " ")[:2])
            if line.startswith("$ "):
                step = Step(line[2:], n)
                items.append(step)
            elif kind and step:
                step.text[kind].append(line[2:])
            elif line.startswith("= ") and step:
                step.status = int(line[2:])
            elif line == "" or line[0] == "#" or line.startswith("set "):
                items.append(line)
                step = None
            else:
                sys.exit(f"{path}:{n}: what is this? {line}")
    return items


def matches(want, got):
    """Does every line fit?  "..." takes as few lines as it can."""
    if not want:
        return not got
    if want[0] == "...":
        return any(matches(want[1:], got[i:]) for i in range(len(got) + 1))
    if not got:
        return False
    if want[0].startswith("~ "):
        fits = re.fullmatch(want[0][2:], got[0]) is not None
    else:
        fits = want[0] == got[0]
    return fits and matches(want[1:], got[1:])


def run(step, env, cwd):
    done = subprocess.run(
        ["sh", "-c", step.command], env=env, cwd=cwd, timeout=60,
        input="".join(s + "\n" for s in step.text["in"]),
        capture_output=True, text=True, check=False)
    got = {"out": done.stdout.splitlines(), "err": done.stderr.splitlines()}
    return done.returncode, got


def complain(path, step, status, got):
    print(f"{path}:{step.line}: {step.command}")
    if status != step.status:
        print(f"  exit status {status}, not {step.status}")
    for kind, mark in (("out", ">"), ("err", "!")):
        if not matches(step.text[kind], got[kind]):
            for side, lines in (("want", step.text[kind]), ("got", got[kind])):
                for s in lines or ["(nothing)"]:
                    print(f"  {side:4} {mark} {s}")


def show(item):
    if isinstance(item, str):
        return [item]
    lines = ["$ " + item.command]
    for mark, kind in (("< ", "in"), ("> ", "out"), ("! ", "err")):
        lines += [mark + s for s in item.text[kind]]
    if item.status:
        lines.append(f"= {item.status}")
    return lines


def main():
    args = sys.argv[1:]
    write = args[:1] == ["--write"]
    where, path = args[1:] if write else args
    items, bad = parse(path), 0
    env = dict(os.environ, LC_ALL="C", TZ="UTC",
               PATH=os.path.abspath(where) + ":" + os.environ["PATH"])
    with tempfile.TemporaryDirectory() as cwd:
        for item in items:
            if isinstance(item, str):
                if item.startswith("set "):
                    name, value = item[4:].split("=", 1)
                    env[name] = value
                continue
            status, got = run(item, env, cwd)
            fits = status == item.status and all(
                matches(item.text[k], got[k]) for k in got)
            if write and not fits:
                item.status = status
                item.text.update(got)
            elif not fits:
                complain(path, item, status, got)
                bad += 1
    if write:
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(s for i in items for s in show(i)))
    n = sum(isinstance(i, Step) for i in items)
    if not n:
        sys.exit(f"{path}: no command in it")
    print(f"{os.path.basename(path)}: {n - bad} of {n} commands are right")
    return 1 if bad else 0


sys.exit(main())
