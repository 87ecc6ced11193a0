#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""imsreg demo as a process: the matrix, interruption, users without rights.

    demo.py PATH-OF-IMSREG [NAME...]
"""
import concurrent.futures
import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

import lab
from lab import Missing, Proc, Wrong, call, expect, expect_in, expect_not_in
from lab import main, needs_mounts, needs_root

SUITES = [
    ('null', 'aes-gcm'), ('aes-gmac', 'null'),
    ('hmac-sha-1-96', 'aes-cbc'), ('hmac-sha-1-96', 'null'),
    ('hmac-sha-1-96', 'des-ede3-cbc'), ('hmac-md5-96', 'aes-cbc'),
    ('hmac-md5-96', 'null'), ('hmac-md5-96', 'des-ede3-cbc'),
]
PORTS = {'uc': 38003, 'us': 39003, 'pc': 50717, 'ps': 50718}
WORDS = [('REGISTER', None), ('REGISTER', 401), ('REGISTER', None),
         ('REGISTER', 200), ('SUBSCRIBE', None), ('SUBSCRIBE', 200),
         ('NOTIFY', None), ('NOTIFY', 200)]
UDP = [None, None, 'uc->ps', 'pc->us', 'uc->ps', 'pc->us', 'pc->us', 'uc->ps']
TCP = [None, None, 'uc->ps', 'ps->uc', 'uc->ps', 'ps->uc', 'pc->us', 'us->pc']
WAYS = {'udp': UDP, 'tcp': TCP, 'seed': TCP[:4] + UDP[4:]}
MEMBERS = ('v event step from to method status transport src dst protected '
           'spi').split()


def port(addr):
    return int(addr.rsplit(':', 1)[1])


def check_clear(step, m):
    expect(f'step {step} protected', (m['protected'], m['spi']), (False, None))
    ours = port(m['dst'] if step == 1 else m['src'])
    expect(f'step {step} port', ours, 5060)


def check_protected(step, m, way, spis):
    src, dst = way.split('->')
    expect(f'step {step} ports', (port(m['src']), port(m['dst'])),
           (PORTS[src], PORTS[dst]))
    expect(f'step {step} protected', m['protected'], True)
    # whoever receives has chosen the SPI: the same all the time
    expect(f'step {step} spi', m['spi'], spis.setdefault(dst, m['spi']))
    if m['spi'] < 256:
        raise Wrong(f'step {step}: SPI {m["spi"]} is a reserved one')


def check_transport(step, m, transport):
    want = transport
    if transport == 'seed':
        want = 'tcp' if step <= 4 else 'udp'
    expect(f'step {step} transport', m['transport'], want)


def check_messages(messages, transport, family):
    """The eight as the seed has them; those before step 1 are not asked."""
    eight = [m for m in messages if m['step']]
    expect('steps', [m['step'] for m in eight], list(range(1, 9)))
    spis = {}
    for i, m in enumerate(eight):
        step, way = i + 1, WAYS[transport][i]
        for name in MEMBERS:
            if name not in m:
                raise Wrong(f'step {step} has no member {name}')
        expect(f'step {step} v', m['v'], 1)
        expect(f'step {step}', (m['method'], m['status']), WORDS[i])
        up = step in (1, 3, 5, 8)
        expect(f'step {step} from, to', (m['from'], m['to']),
               ('ue', 'p-cscf') if up else ('p-cscf', 'ue'))
        expect(f'step {step} IPv6', '[' in m['src'], family == '6')
        check_transport(step, m, transport)
        if way:
            check_protected(step, m, way, spis)
        else:
            check_clear(step, m)
    expect('SPIs that differ', len(set(spis.values())), len(spis))


def demo(*words, before=(), status=0):
    """The JSON lines of a demo."""
    out = call(*before, lab.IMSREG, 'demo', *words, '--json', status=status)
    return [json.loads(s) for s in out.splitlines()]


def one(transport, family, suite, *more):
    words = ['--transport', transport, '--family', family, *more]
    if suite:
        words += ['--alg', suite[0], '--ealg', suite[1]]
    try:
        lines = demo(*words)
        expect('last line', (lines[-1]['event'], lines[-1]['ok']),
               ('result', True))
        messages = [m for m in lines if m['event'] == 'message']
        if '--offer' not in more:
            expect('messages', len(messages), 8)
        check_messages(messages, transport, family)
        return None
    except Wrong as e:
        return f'{" ".join(words)}: {e}'


def all_of(runs):
    """Two at a time; says what was wrong of all."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        bad = [r for r in pool.map(lambda r: one(*r), runs) if r]
    if bad:
        raise Wrong(f'{len(bad)} of {len(runs)} runs:\n' + '\n'.join(bad))


def matrix_in_namespaces():
    needs_root()
    all_of([(t, f, s, '--wire', 'namespace', '--ipsec', 'userspace')
            for t in WAYS for f in '64' for s in SUITES])


def without_any_option():
    needs_root()
    all_of([('seed', '6', None)])


def matrix_in_memory():
    all_of([(t, f, s, '--wire', 'memory') for t in WAYS for f in '64'
            for s in SUITES[::3]])


def sec_agree_only_when_asked():
    needs_root()
    all_of([(t, f, None, '--offer', 'challenged', '--wire', w)
            for t, f in (('seed', '6'), ('udp', '4'), ('tcp', '6'))
            for w in ('namespace', 'memory')])


def people_see_the_ladder():
    out = call(lab.IMSREG, 'demo', '--wire', 'memory')
    for part in ('two hosts on a wire in memory', 'REGISTER',
                 '401 Unauthorized', 'SUBSCRIBE', 'NOTIFY', 'spi_uc', 'spi_ps',
                 'All eight steps seen and checked.'):
        expect_in('output', part, out)
    expect_not_in('no reason, as it was asked for', 'cannot', out)


# --- the end before the end --------------------------------------------------

def half_way(signum):
    """Stops the demo at its second message by a pipe that is full."""
    r, w = os.pipe()
    fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096)
    os.write(w, b'\n' * 3600)
    p = subprocess.Popen([lab.IMSREG, 'demo', '--json', '--wire', 'namespace'],
                         stdout=w, stderr=subprocess.PIPE)
    os.close(w)
    time.sleep(1)
    try:
        expect('it waits for the pipe', p.poll(), None)
        p.send_signal(signum)
        time.sleep(0.1)
        with os.fdopen(r, 'rb') as f:
            out = f.read().decode().strip()
        err = p.communicate(timeout=20)[1].decode()
    finally:
        p.kill()
        p.wait()
    return p.returncode, out, err


def interrupted_it_leaves_nothing():
    needs_root()
    links = call('ip', '-o', 'link')
    rules = call('ip', 'rule')
    named = call('ip', 'netns', 'list')
    for signum in (signal.SIGINT, signal.SIGTERM):
        status, out, err = half_way(signum)
        expect(f'exit ({err})', status, 130)
        last = json.loads(out.splitlines()[-1])
        expect('last line', (last['event'], last['ok'], last['id']),
               ('result', False, 'sys.interrupted'))
        expect_in('message', 'interrupted', err)
    began = time.monotonic()
    demo()
    if time.monotonic() - began > 15:
        raise Wrong('the next demo takes its time')
    expect('links', call('ip', '-o', 'link'), links)
    expect('rules', call('ip', 'rule'), rules)
    expect('named namespaces', call('ip', 'netns', 'list'), named)


# --- less rights --------------------------------------------------------------

NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']


def tun(how):
    """A mount namespace whose /dev/net is empty, or has a tun for all or for
    its owner only.
    """
    needs_mounts()
    make = {'none': ':', 'open': 'mknod -m 666 /dev/net/tun c 10 200',
            'shut': 'mknod -m 600 /dev/net/tun c 10 200'}[how]
    return ['unshare', '-m', 'sh', '-ec',
            f'mount -t tmpfs none /dev/net; {make}; exec "$@"', 'sh']


class ForAll:
    """A copy of the program in a place that every user reaches."""

    def __enter__(self):
        needs_root()
        if not shutil.which('setpriv'):
            raise Missing('setpriv is not here')
        self.folder = tempfile.mkdtemp(prefix='imsreg-e2e-')
        os.chmod(self.folder, 0o755)
        path = os.path.join(self.folder, 'imsreg')
        shutil.copy(lab.IMSREG, path)
        os.chmod(path, 0o755)
        return path

    def __exit__(self, *_):
        shutil.rmtree(self.folder)


def user_namespaces():
    if subprocess.run(NOBODY + ['unshare', '-Un', 'true'], check=False,
                      capture_output=True).returncode:
        raise Missing('this machine forbids user namespaces')


def run(words, cwd='/'):
    p = Proc(words, cwd=cwd)
    try:
        return p.end(within=60), p.text()
    finally:
        p.kill()


def a_user_has_namespaces_too():
    with ForAll() as imsreg:
        user_namespaces()
        status, text = run(tun('open') + NOBODY + [imsreg, 'demo'])
        expect('exit\n' + text, status, 0)
        expect_in('where', 'two network namespaces', text)
        expect_in('end', 'All eight steps seen and checked.', text)


def falls_back(before, *reasons):
    """The demo works in memory, and the head says why; asked for namespaces
    it ends with 9 and the same reason.
    """
    with ForAll() as imsreg:
        status, text = run(before + [imsreg, 'demo'])
        expect('exit\n' + text, status, 0)
        head = text.splitlines()[0]
        expect_in('where', 'a wire in memory', head)
        expect_in('end', 'All eight steps seen and checked.', text)
        for reason in reasons:
            expect_in('why', reason, head)
        status, text = run(before + [imsreg, 'demo', '--wire', 'namespace'])
        expect('exit\n' + text, status, 9)
        for part in reasons + ('  id: sys.', '  cause: ', '  next: '):
            expect_in('message', part, text)


def without_tun_in_memory():
    falls_back(tun('none'), '/dev/net/tun', 'No such file')


def a_user_without_tun_in_memory():
    user_namespaces()
    falls_back(tun('none') + NOBODY, '/dev/net/tun')


def a_user_who_may_not_open_tun_in_memory():
    user_namespaces()
    falls_back(tun('shut') + NOBODY, '/dev/net/tun')


def without_capabilities_in_memory():
    drop = ['setpriv', '--bounding-set=-sys_admin,-net_admin,-net_raw']
    falls_back(drop, 'CAP_SYS_ADMIN')


def in_userns_without_more(words):
    """Runs words as nobody where no user namespace can be made."""
    libc = ctypes.CDLL(None, use_errno=True)
    ready, go = os.pipe(), os.pipe()

    def child():
        if libc.unshare(0x10000000):  # CLONE_NEWUSER
            os._exit(77)
        os.write(ready[1], b'x')
        os.read(go[0], 1)
        with open('/proc/sys/user/max_user_namespaces', 'w',
                  encoding='ascii') as f:
            f.write('0')

    pid = os.fork()
    if pid == 0:
        try:
            child()
            os.execvp(words[0], words)
        finally:
            os._exit(78)
    os.read(ready[0], 1)
    for name in ('uid_map', 'gid_map'):
        with open(f'/proc/{pid}/{name}', 'w', encoding='ascii') as f:
            f.write('0 0 65536')
    os.write(go[1], b'x')
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def a_user_without_user_namespaces_in_memory():
    user_namespaces()
    with ForAll() as imsreg, tempfile.NamedTemporaryFile() as out:
        shell = f'exec "$@" >{out.name} 2>&1'
        words = ['sh', '-c', shell, 'sh'] + NOBODY + [imsreg, 'demo']
        status = in_userns_without_more(words)
        text = out.read().decode()
        expect('exit\n' + text, status, 0)
        expect_in('why', 'user.max_user_namespaces', text.splitlines()[0])


main(matrix_in_namespaces, without_any_option, matrix_in_memory,
     sec_agree_only_when_asked, people_see_the_ladder,
     interrupted_it_leaves_nothing, a_user_has_namespaces_too,
     without_tun_in_memory, a_user_without_tun_in_memory,
     a_user_who_may_not_open_tun_in_memory, without_capabilities_in_memory,
     a_user_without_user_namespaces_in_memory)
