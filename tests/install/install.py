#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""install.py - installs into a fresh DESTDIR and uses what is there.

usage: install.py BUILD SANITIZERS CC...
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD, SANITIZE = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
CC = sys.argv[3:]
if SANITIZE != 'none':
    CC += ['-fsanitize=' + SANITIZE]
COMMANDS = ('demo', 'ue', 'core', 'sub', 'aka', 'wireshark', 'fsm')
failures = []


def run(args, **more):
    done = subprocess.run([str(a) for a in args], capture_output=True,
                          text=True, check=False, **more)
    if done.returncode:
        sys.exit(f'{" ".join(map(str, args))}: exit {done.returncode}\n'
                 f'{done.stdout}{done.stderr}')
    return done.stdout


def expect(what, right):
    print(('ok   ' if right else 'WRONG') + ' ' + what)
    if not right:
        failures.append(what)


def option(name):
    for o in json.loads(run(['meson', 'introspect', '--buildoptions', BUILD])):
        if o['name'] == name:
            return o['value']
    sys.exit(f'no option {name}')


def public_headers():
    """Of the modules above io, all but their insides."""
    names = []
    for row in (TOP / 'src/meson.build').read_text().split('\n'):
        if row.startswith("  ['io'"):
            break
        if row.startswith("  ['"):
            module = row.split("'")[1]
            names += [h.name for h in (TOP / 'src' / module).glob('*.h')
                      if not h.name.endswith('_priv.h')]
    return sorted(names)


def check_headers(root):
    have = sorted(h.name for h in (root / 'include/ims').iterdir())
    expect(f'{len(have)} headers, as many as the library has',
           have == public_headers())
    for name in have:
        run([*CC, '-std=gnu17', '-Wall', '-Werror', '-fsyntax-only',
             '-I', root / 'include/ims', '-x', 'c', '-'],
            input=f'#include "{name}"\n')
    expect('each compiles alone', True)


def check_program(root, tmp, libdir):
    env = dict(os.environ, PKG_CONFIG_SYSROOT_DIR=str(tmp),
               PKG_CONFIG_PATH=str(libdir / 'pkgconfig'))
    want = '001010123456789@ims.mnc001.mcc001.3gppnetwork.org'
    source = TOP / 'tests/install/use.c'
    flags = run(['pkg-config', '--cflags', '--libs', 'imsreg'],
                env=env).split()
    run([*CC, source, '-o', tmp / 'shared', *flags])
    out = run([tmp / 'shared'], env=dict(env, LD_LIBRARY_PATH=str(libdir)))
    expect('a program with the shared library', out.strip() == want)
    needed = run(['readelf', '-d', tmp / 'shared'])
    expect('its soname ends with 0', '[libimsreg.so.0]' in needed)
    flags = run(['pkg-config', '--cflags', 'imsreg'], env=env).split()
    libs = run(['pkg-config', '--static', '--libs-only-l', 'imsreg'],
               env=env).split()
    libs[libs.index('-limsreg')] = str(libdir / 'libimsreg.a')
    run([*CC, source, '-o', tmp / 'static', *flags, *libs])
    expect('a program with the static library',
           run([tmp / 'static']).strip() == want)


def check_symbols(libdir):
    out = run(['nm', '-D', '--defined-only', libdir / 'libimsreg.so'])
    names = [line.split()[-1] for line in out.splitlines()]
    expect(f'{len(names)} names given away, each ims_...',
           len(names) > 100 and all(n.startswith('ims_') for n in names))


def check_files(root):
    version = run([root / 'bin/imsreg', '--version'])
    expect('the program runs', version.startswith('imsreg '))
    for page in ['imsreg', *('imsreg-' + c for c in COMMANDS)]:
        expect(f'{page}(1)', (root / f'share/man/man1/{page}.1').is_file())
    for name in ('core.yaml', 'ue.yaml'):
        path = root / 'share/doc/imsreg/examples' / name
        expect(name, path.is_file())


def main():
    with tempfile.TemporaryDirectory() as tmp:
        tmp = pathlib.Path(tmp)
        run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--quiet'],
            env=dict(os.environ, DESTDIR=str(tmp)))
        prefix = option('prefix').lstrip('/')
        root, libdir = tmp / prefix, tmp / prefix / option('libdir')
        check_files(root)
        check_headers(root)
        check_symbols(libdir)
        check_program(root, tmp, libdir)
    return 1 if failures else 0


sys.exit(main())
