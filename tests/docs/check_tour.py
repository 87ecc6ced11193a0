#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check_tour.py - what the documents name in the sources is there.

`src/...:function` must be a function of that file, and a path of the
repository in backticks or brackets must exist.
"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
DOCS = [TOP / 'README.md', *sorted((TOP / 'docs').glob('*.md'))]
FUNCTION = re.compile(r'(src/[\w/]+\.[ch]):(\w+)')
PATH = re.compile(r'`((?:src|tests|tools|scripts|docs|etc|bench)/[\w./-]*\w/?)'
                  r'(?::\w+)?`')
LINK = re.compile(r'\]\(([^):#]+)\)')


def has_function(path, name):
    """Defined there or, in a header, declared."""
    if not path.is_file():
        return False
    head = rf'^(?!\s|/| \*)[^\n;={{}}]*\b{name}\([^;{{}}]*\)[^;{{}}]*'
    end = ';' if path.suffix == '.h' else r'\{'
    return re.search(head + end, path.read_text(), re.M) is not None


def main():
    wrong, seen = [], 0
    for doc in DOCS:
        name = doc.relative_to(TOP)
        for i, line in enumerate(doc.read_text().split('\n'), 1):
            for path, function in FUNCTION.findall(line):
                seen += 1
                if not has_function(TOP / path, function):
                    wrong.append(f'{name}:{i}: no {function}() in {path}')
            for path in PATH.findall(line):
                if not (TOP / path).exists():
                    wrong.append(f'{name}:{i}: no {path}')
            for path in LINK.findall(line):
                if not (doc.parent / path).exists():
                    wrong.append(f'{name}:{i}: no {path}')
    if has_function(TOP / 'src/base/base_err.c', 'never_there') or \
            not has_function(TOP / 'src/base/base_err.c', 'ims_flaw'):
        wrong.append('this test sees nothing')
    for text in wrong:
        print(text)
    print(f'{seen} functions named in {len(DOCS)} documents')
    return 1 if wrong or not seen else 0


sys.exit(main())
