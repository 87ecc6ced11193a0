#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Two hosts for end-to-end tests: network namespaces without names, joined by
a veth pair, and the processes in them.

A test file has functions that take a Lab (or nothing) and calls main() with
them:

    from lab import Lab, expect, main

    def a_ue_registers():
        with Lab() as lab:
            core = lab.core()
            ue = lab.ue('--once')
            expect('exit', ue.end(), 0)

    main(a_ue_registers)

    TEST.py PATH-OF-IMSREG [NAME...]     runs all, or those whose name has NAME

Everything has a time limit, only processes that were started here are ended,
and the namespaces go with the processes that hold them.  Exit 77: what the
tests need is not here.
"""
import contextlib
import ctypes
import heapq
import inspect
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from weather import Impair, checksum, ip_parts, whole

IMSREG = ''
WAIT = 20  # s, for anything that should come soon
CLONE_NEWNET = 0x40000000

K = '465b5ce8b199b49faa5f0a2ee238a6bc'
OPC = 'cd63cb71954a9f4e48a5994e37a02baf'
OP = 'cdc202d5123e20f62b6d676ac72cb318'
IMSI = '001010000000001'

UE_IP = {4: '192.0.2.10', 6: '2001:db8::10'}
CORE_IP = {4: '192.0.2.1', 6: '2001:db8::1'}


class Wrong(Exception):
    """What a test found."""


class Missing(Exception):
    """The test cannot run here."""


def expect(what, got, want):
    if got != want:
        raise Wrong(f'{what}: {got!r}, but {want!r} is right')


def expect_in(what, part, text):
    if part not in text:
        raise Wrong(f'{what}: "{part}" is not in:\n{text}')


def expect_not_in(what, part, text):
    if part in text:
        raise Wrong(f'{what}: "{part}" must not be in:\n{text}')


def call(*words, status=0, **more):
    """Runs a command to its end; its standard output."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=60,
                          check=False, **more)
    if status is not None and done.returncode != status:
        raise Wrong(f'{" ".join(words)}: exit {done.returncode}, not {status}'
                    f'\n{done.stdout}{done.stderr}')
    return done.stdout


class Proc:
    """A process whose output is read line by line as it comes."""

    def __init__(self, words, **more):
        self.words = words
        self.cond = threading.Condition()
        self.lines, self.errors, self.ended = [], [], 0
        # not as a terminal's own job: its Ctrl-C is for us
        self.p = subprocess.Popen(
            words, stdin=more.pop('stdin', subprocess.DEVNULL),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, **more)
        self.readers = [
            threading.Thread(target=self._read, args=a, daemon=True)
            for a in ((self.p.stdout, self.lines), (self.p.stderr, self.errors))]
        for r in self.readers:
            r.start()

    def _read(self, stream, into):
        for raw in stream:
            with self.cond:
                into.append(raw.decode(errors='surrogateescape').rstrip('\n'))
                self.cond.notify_all()
        with self.cond:
            self.ended += 1
            self.cond.notify_all()

    def text(self):
        with self.cond:
            return '\n'.join(self.lines + self.errors)

    def stderr(self):
        with self.cond:
            return '\n'.join(self.errors)

    def events(self, kind=None):
        """The JSON lines so far."""
        with self.cond:
            got = [json.loads(s) for s in self.lines if s.startswith('{')]
        return [e for e in got if kind is None or e.get('event') == kind]

    def wait_for(self, what, find, within=WAIT):
        """Until find() gives something true; that.  Looks at each new line."""
        end = time.monotonic() + within
        while True:
            got = find()
            if got:
                return got
            with self.cond:
                over = self.ended == 2
                if not over:
                    self.cond.wait(min(0.2, max(0, end - time.monotonic())))
            if over and not find():
                raise Wrong(f'{self}: ended without {what}\n{self.tail()}')
            if time.monotonic() >= end:
                raise Wrong(f'{self}: no {what} in {within} s\n{self.tail()}')

    def event(self, kind, n=1, within=WAIT, **members):
        """The n-th event of this kind with these members."""
        def find():
            got = [e for e in self.events(kind)
                   if all(e.get(m) == v for m, v in members.items())]
            return got[n - 1] if len(got) >= n else None
        return self.wait_for(f'{kind} {members or ""} number {n}', find,
                             within)

    def says(self, part, within=WAIT):
        """A line of either stream with this in it."""
        def find():
            with self.cond:
                return next((s for s in self.lines + self.errors if part in s),
                            None)
        return self.wait_for(f'"{part}"', find, within)

    def signal(self, number):
        self.p.send_signal(number)

    def end(self, number=None, within=WAIT):
        """Waits for its end (after a signal); the exit status."""
        if number is not None:
            self.signal(number)
        try:
            status = self.p.wait(within)
        except subprocess.TimeoutExpired:
            raise Wrong(f'{self}: still there after {within} s\n{self.tail()}')
        for r in self.readers:
            r.join(WAIT)
        if 'Sanitizer' in self.stderr() or 'runtime error' in self.stderr():
            raise Wrong(f'{self}: {self.stderr()}')
        return status

    def kill(self):
        if self.p.poll() is None:
            self.p.kill()
            self.p.wait()

    def tail(self, n=25):
        with self.cond:
            return '\n'.join(['    ' + s for s in self.lines[-n:]] +
                             ['    ! ' + s for s in self.errors[-n:]])

    def __str__(self):
        words = [w for w in self.words if not w.startswith('--net=')]
        return ' '.join(words)[-160:]


class Host:
    """A namespace, for as long as a process sits in it: it ends with us."""

    def __init__(self):
        self.holder = subprocess.Popen(
            ['unshare', '-n', 'sh', '-c', 'echo; exec cat'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            start_new_session=True)
        if self.holder.stdout.read(1) != b'\n':
            raise Missing('no network namespace can be made')
        self.path = f'/proc/{self.holder.pid}/ns/net'

    def inside(self, words):
        return ['nsenter', '--net=' + self.path] + list(words)

    def call(self, *words, **more):
        return call(*self.inside(words), **more)

    @contextlib.contextmanager
    def entered(self):
        """Sockets made by this thread in the block are this host's."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open('/proc/thread-self/ns/net', encoding='ascii') as back, \
                open(self.path, encoding='ascii') as ns:
            if libc.setns(ns.fileno(), CLONE_NEWNET):
                raise Missing('setns: ' + os.strerror(ctypes.get_errno()))
            try:
                yield
            finally:
                if libc.setns(back.fileno(), CLONE_NEWNET):
                    os.abort()

    def socket(self, *args):
        with self.entered():
            return socket.socket(*args)

    def traces(self):
        """What a program may have left: devices, rules, routes, SAs."""
        # a kernel without ESP may not even know the last two
        text = self.call('sh', '-c', """
            ip -o link show type tun
            for v in -4 -6; do ip $v rule; ip $v route show table all; done
            for w in state policy; do ip xfrm $w 2>&-; done; :""")
        # what the kernel adds to an address comes and goes with it
        return '\n'.join(s for s in text.split('\n')
                         if 'proto kernel' not in s)

    def close(self):
        self.holder.stdin.close()
        self.holder.stdout.close()
        try:
            self.holder.wait(5)
        except subprocess.TimeoutExpired:
            self.holder.kill()
            self.holder.wait()


def cable(a, dev_a, b, dev_b):
    a.call('ip', 'link', 'add', dev_a, 'type', 'veth', 'peer', 'name', dev_b,
           'netns', str(b.holder.pid))
    for h, dev in ((a, dev_a), (b, dev_b)):
        h.call('ip', 'link', 'set', 'lo', 'up')
        h.call('ip', 'link', 'set', dev, 'addrgenmode', 'none', 'up')


def needs_mounts():
    """A mount namespace of our own, which a chroot may not have."""
    if subprocess.run(['unshare', '-m', 'true'], check=False,
                      capture_output=True).returncode:
        raise Missing('no mount namespace can be made')


def needs_root():
    if os.geteuid() != 0:
        raise Missing('root is needed')
    for word in ('ip', 'unshare', 'nsenter'):
        if not shutil.which(word):
            raise Missing(word + ' is not here')
    try:
        os.close(os.open('/dev/net/tun', os.O_RDWR))
    except OSError as e:
        raise Missing('/dev/net/tun: ' + e.strerror) from e


class Middle:
    """A third host on the wire between the two: passes what
    hook(frame, from_ue) gives, a list of Ethernet frames; one that is to be
    late is a pair of seconds and the frame.
    """

    def __init__(self, host, hook):
        self.hook, self.over, self.wrong = hook, False, None
        self.late, self.n_late = [], 0
        with host.entered():
            self.socks = [socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                        socket.htons(3)) for _ in range(2)]
            for s, dev in zip(self.socks, ('toue', 'tocore')):
                s.bind((dev, 0))
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _pass(self, i):
        frame, addr = self.socks[i].recvfrom(65536)
        if addr[2] == socket.PACKET_OUTGOING:
            return
        for f in self.hook(whole(bytearray(frame)), i == 0):
            if isinstance(f, tuple):
                self.n_late += 1  # of two at one time the older is first
                heapq.heappush(self.late, (time.monotonic() + f[0],
                                           self.n_late, 1 - i, f[1]))
            else:
                self.socks[1 - i].send(f)

    def _send_late(self):
        """What is due; how long to wait for the next."""
        while self.late:
            left = self.late[0][0] - time.monotonic()
            if left > 0:
                return min(left, 0.1)
            _, _, i, f = heapq.heappop(self.late)
            self.socks[i].send(f)
        return 0.1

    def _run(self):
        while not self.over:
            wait = self._send_late()
            for s in select.select(self.socks, [], [], wait)[0]:
                try:
                    self._pass(self.socks.index(s))
                except Exception as e:  # told by close()
                    self.wrong = self.wrong or repr(e)

    def close(self):
        self.over = True
        self.thread.join()
        for s in self.socks:
            s.close()
        if self.wrong:
            raise Wrong('the hook: ' + self.wrong)


class Lab:
    """A UE's host and a core's, with a folder for files."""

    def __init__(self, family=4, middle=None):
        needs_root()
        self.family, self.hook, self.middle = family, middle, None
        self.procs, self.hosts = [], []
        self.folder = tempfile.mkdtemp(prefix='imsreg-e2e-')
        self.db = self.file('core.db')
        # control sockets of one lab only
        os.environ['IMSREG_RUN_DIR'] = self.folder
        try:
            self.ue_host, self.core_host = self._host(), self._host()
            self._join()
            self.begin()
        except BaseException:
            self.close()
            raise

    def begin(self):
        """What is there now is not ours to clear up."""
        self._before = {h: h.traces()
                        for h in (self.ue_host, self.core_host)}

    def _host(self):
        h = Host()
        self.hosts.append(h)
        return h

    def _join(self):
        u, c = self.ue_host, self.core_host
        if self.hook:
            m = self._host()
            cable(u, 'ue0', m, 'toue')
            cable(c, 'core0', m, 'tocore')
            self.middle = Middle(m, self.hook)
        else:
            cable(u, 'ue0', c, 'core0')
        for h, dev, ips in ((u, 'ue0', UE_IP), (c, 'core0', CORE_IP)):
            h.call('ip', 'addr', 'add', ips[4] + '/24', 'dev', dev)
            h.call('ip', 'addr', 'add', ips[6] + '/64', 'dev', dev, 'nodad')
        end = time.monotonic() + WAIT
        for h, dev in ((u, 'ue0'), (c, 'core0')):
            while 'multicast' not in h.call('ip', '-6', 'route', 'show',
                                            'table', 'local', 'dev', dev):
                if time.monotonic() > end:
                    raise Missing('the veth pair does not come up')
                time.sleep(0.02)

    def file(self, name, text=None):
        path = os.path.join(self.folder, name)
        if text is not None:
            with open(path, 'w', encoding='utf-8') as f:
                f.write(text)
        return path

    def sub(self, *words, **more):
        """imsreg sub on the core's database."""
        return call(IMSREG, 'sub', *words, '--db', self.db, **more)

    def subscriber(self, imsi=IMSI, k=K, opc=OPC, *more):
        self.sub('add', imsi, k, *([opc] if opc else []), *more)

    def start(self, host, *words, **more):
        p = Proc(host.inside(words), cwd=self.folder, **more)
        self.procs.append(p)
        return p

    def core(self, *words, listen=True, ready=True, json_=True, **more):
        """A core that listens; with the test's subscriber by default."""
        if not os.path.exists(self.db):
            self.subscriber()
        words = list(words)
        if listen:
            words = ['--listen', CORE_IP[self.family], '--db', self.db] + words
        if json_:
            words.append('--json')
        p = self.start(self.core_host, IMSREG, 'core', *words, **more)
        if ready:
            p.says('listening at')
        return p

    def ue(self, *words, imsi=IMSI, key=True, json_=True, **more):
        words = list(words)
        if imsi:
            words = ['--imsi', imsi] + words
        if key:
            words = ['--key', K, '--opc', OPC] + words
        if '-c' not in words:
            words = ['--pcscf', CORE_IP[self.family]] + words
        if json_:
            words.append('--json')
        return self.start(self.ue_host, IMSREG, 'ue', *words, **more)

    def before(self, host):
        return self._before[host]

    def nothing_left(self):
        for h in (self.ue_host, self.core_host):
            if h.traces() != self._before[h]:
                raise Wrong('left in the namespace:\n' + h.traces())

    def _stop(self):
        """Everybody ends at once, but in order: the second signal says so."""
        for p in self.procs:
            for _ in range(2):
                if p.p.poll() is None:
                    p.signal(signal.SIGTERM)
                    time.sleep(0.05)
        for p in self.procs:
            p.end()

    def _sweep(self):
        """Whoever was killed left his things to the next that comes."""
        for h, ip in ((self.ue_host, UE_IP), (self.core_host, CORE_IP)):
            if h.traces() == self._before[h]:
                continue
            p = self.start(h, IMSREG, 'core', '--listen', ip[4], '--db',
                           self.file('sweep.db'), '--no-ctl', '--state',
                           'none')
            p.says('listening at')
            p.end(signal.SIGTERM)

    def clean_end(self):
        """After every test that went well there is nothing of ours left."""
        killed = any(p.p.poll() == -signal.SIGKILL for p in self.procs)
        self._stop()
        if killed:
            self._sweep()
        self.nothing_left()

    def close(self):
        for p in self.procs:
            p.kill()
        try:
            if self.middle:
                self.middle.close()
        finally:
            for h in self.hosts:
                h.close()
            self._tidy()

    def _tidy(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if isinstance(value, Wrong) and os.environ.get('IMS_E2E_VERBOSE'):
            for p in self.procs:
                print(f'--- {p}\n{p.tail(200)}')
        try:
            if kind is None:
                self.clean_end()
        finally:
            self.close()


def failure(p, status, *parts):
    """A failed process: exit status, and one message with all these parts."""
    expect(f'exit of {p}\n{p.tail()}', p.end(), status)
    text = p.stderr()
    for part in parts:
        expect_in('message', part, text)
    heads = [s for s in p.errors if s.startswith('imsreg ')]
    expect(f'one message\n{text}', len(heads), 1)
    if status != 2:
        for name in ('  id: ', '  cause: ', '  next: '):
            expect_in('message', name, text)
    return text


def alarm(_signum, _frame):
    raise Wrong('the test takes too long')


def run_one(test, limit):
    """None: skipped."""
    name, began = test.__name__, time.monotonic()
    signal.alarm(limit)
    try:
        test()
    except Missing as e:
        print(f'skip  {name}: {e}', flush=True)
        return None
    except Wrong as e:
        print(f'WRONG {name}: {e}', flush=True)
        return False
    finally:
        signal.alarm(0)
    print(f'ok    {name} ({time.monotonic() - began:.1f} s)', flush=True)
    return True


def main(*tests, limit=120):
    global IMSREG
    if len(sys.argv) < 2:
        sys.exit(inspect.getmodule(tests[0]).__doc__)
    IMSREG = os.path.abspath(sys.argv[1])
    wanted = sys.argv[2:]
    signal.signal(signal.SIGALRM, alarm)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    got = [run_one(t, limit) for t in tests
           if not wanted or any(w in t.__name__ for w in wanted)]
    if False in got:
        sys.exit(1)
    sys.exit(0 if True in got else 77)
