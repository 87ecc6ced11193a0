#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""imsreg ctl: a running core and a running ue are asked and ordered about.

    ctl.py PATH-OF-IMSREG [NAME...]
"""
import contextlib
import json
import os
import re
import signal
import socket
import stat
import subprocess
import time

import lab as labs
from lab import CORE_IP, IMSI, K, OPC, UE_IP
from lab import Lab, Proc, Wrong, expect, expect_in, expect_not_in, main

TERM, KILL = signal.SIGTERM, signal.SIGKILL
IMPI = f'{IMSI}@ims.mnc001.mcc001.3gppnetwork.org'
IMPU = f'sip:{IMPI}'


def path(lab, name):
    return os.path.join(lab.folder, name + '.sock')


def ctl(lab, who, *words, status=0):
    """Standard output and error."""
    to = ['--ctl', path(lab, who)] if who else []
    done = subprocess.run([labs.IMSREG, 'ctl', *to, *words], timeout=70,
                          capture_output=True, text=True, check=False)
    if done.returncode != status or 'Sanitizer' in done.stderr:
        raise Wrong(f'ctl {" ".join(words)}: exit {done.returncode}, not '
                    f'{status}\n{done.stdout}{done.stderr}')
    return done.stdout, done.stderr


def ask(lab, who, *words):
    out, err = ctl(lab, who, '--json', *words)
    expect('standard error', err, '')
    expect('lines', out.count('\n'), 1)
    answer = json.loads(out)
    expect('ok', (answer['v'], answer['ok'], answer['cmd']),
           (1, True, words[0]))
    return answer


def until(what, find, within=20):
    end = time.monotonic() + within
    while time.monotonic() < end:
        got = find()
        if got:
            return got
        time.sleep(0.1)
    raise Wrong(f'{what}: not in {within} s')


UE = 'ue-' + IMSI


@contextlib.contextmanager
def both(*words, core=()):
    with Lab() as lab:
        c = lab.core(*core)
        u = lab.ue(*words)
        u.event('notified')
        yield lab, c, u


class Talk:
    """A client that speaks for itself."""

    def __init__(self, lab, who='core'):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(20)
        self.s.connect(path(lab, who))
        self.f = self.s.makefile('rb')

    def send(self, text):
        self.s.sendall(text.encode() if isinstance(text, str) else text)

    def line(self):
        try:
            got = self.f.readline()
        except ConnectionResetError:
            got = b''
        return json.loads(got) if got else None

    def ask(self, text):
        self.send(text + '\n')
        return self.line()

    def close(self):
        self.f.close()
        self.s.close()


# --- what is shown -----------------------------------------------------------

def spis_of(sets):
    return [{sa['name']: sa['spi'] for sa in s['sas']} for s in sets]


def status_of_both():
    with both('--expires', '5000') as (lab, core, ue):
        s = ask(lab, 'core', 'status')
        expect('role', s['role'], 'core')
        expect('pid', s['pid'] > 1, True)
        expect('listen', s['listen'], CORE_IP[4] + ':5060')
        expect('users', s['users'], {'known': 1, 'registered': 1, 'clear': 0})
        expect('held', (s['contacts'], s['watchers'] >= 1, s['sets'],
                        s['pending']), (1, True, 1, 0))
        n = s['counts']
        expect('counts', (n['challenges'], n['registered'], n['failures'],
                          n['problems'], n['dropped']), (1, 1, 0, {}, {}))
        s = ask(lab, UE, 'status')
        expect('ue', (s['role'], s['registration'], s['impi'], s['sets']),
               ('ue', 'registered', IMPI, 1))
        expect('expires', 4900 < s['expires_s'] <= 5000, True)
        text, _ = ctl(lab, 'core', 'status')
        for part in ('core 0.', f'{CORE_IP[4]}:5060', '1 registered',
                     'challenges 1', 'SA sets'):
            expect_in('status', part, text)
        text, _ = ctl(lab, UE, 'status')
        for part in ('ue 0.', IMPI, 'registered, '):
            expect_in('status', part, text)


def bindings_of_both():
    with both() as (lab, core, ue):
        b = ask(lab, 'core', 'bindings')
        expect('users', [u['impi'] for u in b['users']], [IMPI])
        user = b['users'][0]
        expect('impus', user['impus'],
               [{'uri': IMPU, 'registered': True, 'barred': False}])
        contact = user['contacts'][0]
        expect_in('contact', UE_IP[4], contact['uri'])
        expect('watchers', IMPU in user['watchers'][-1]['who'] or
               IMPU in user['watchers'][0]['who'], True)
        for who in (IMPI, IMPU):
            expect('of ' + who, ask(lab, 'core', 'bindings', who)['total'], 1)
        expect('of nobody', ask(lab, 'core', 'bindings', 'a@b')['users'], [])
        own = ask(lab, UE, 'bindings')
        expect('own', [(i['uri'], i['state']) for i in own['impus']],
               [(IMPU, 'registered')])
        expect('contact', own['contact'].strip('<>').split(';')[0],
               contact['uri'].split(';')[0])
        for who in ('core', UE):
            text, _ = ctl(lab, who, 'bindings')
            for part in (IMPI, IMPU, contact['uri'].split(';')[0]):
                expect_in('bindings', part, text)


def sas_are_the_same_on_both_sides():
    with both('--alg', 'hmac-sha-1-96', '--ealg', 'aes-cbc') as (lab, core,
                                                               ue):
        theirs, ours = (ask(lab, who, 'sas')['sets'] for who in ('core', UE))
        expect('sets', (len(theirs), len(ours)), (1, 1))
        expect('SPIs', spis_of(theirs), spis_of(ours))
        used = {m['spi'] for m in ue.events('message') if m['spi']}
        expect('SPIs used', used <= set(spis_of(ours)[0].values()), True)
        a, b = theirs[0], ours[0]
        expect('suite', (a['alg'], a['ealg'], a['impi']),
               ('hmac-sha-1-96', 'aes-cbc', IMPI))
        expect('life', (a['life'], b['life']), ('in use', 'in use'))
        for x, y in zip(a['sas'], b['sas']):
            expect('ends', (x['src'], x['dst'], x['arrow']),
                   (y['src'], y['dst'], y['arrow']))
            expect('hex', int(x['spi_hex'], 16), x['spi'])
            expect('dropped', x['dropped'], {'replay': 0, 'icv': 0,
                                             'selector': 0, 'malformed': 0})
            expect(f'counted {x["arrow"]}', (x['packets'], x['bytes']),
                   (y['packets'], y['bytes']))
        expect('packets flow', a['sas'][0]['packets'] > 0, True)
        for who in ('core', UE):
            text, _ = ctl(lab, who, 'sas')
            for name, spi in spis_of(ours)[0].items():
                expect_in('sas', f'{name} {spi:10} 0x{spi:08x}', text)
            for row in text.split('\n'):
                expect(f'width of {row!r}', len(row) <= 100, True)
        for word in (IMPI, IMPU):
            expect('of him', ask(lab, 'core', 'sas', word)['total'], 1)
        expect('of nobody', ask(lab, 'core', 'sas', 'a@b')['total'], 0)


def no_secret_is_shown():
    with both() as (lab, core, ue):
        for who in ('core', UE):
            for word in ('status', 'bindings', 'sas'):
                text = ctl(lab, who, word, '--json')[0].lower()
                for secret in (K, OPC):
                    expect_not_in(word, secret, text)
                for key in ('"ck"', '"ik"', '"key', '"k"', '"xres"'):
                    expect_not_in(word, key, text)


def pages_of_many_users():
    """More users than fit into one answer's page, asked for by two."""
    imsis = [f'00101000000020{i}' for i in range(3)]
    with Lab() as lab:
        for i, imsi in enumerate(imsis):
            lab.subscriber(imsi)
            lab.ue_host.call('ip', 'addr', 'add', f'192.0.2.{20 + i}/24',
                             'dev', 'ue0')
        lab.core()
        for i, imsi in enumerate(imsis):
            lab.ue('--local', f'192.0.2.{20 + i}', imsi=imsi)
        until('three', lambda: ask(lab, 'core', 'bindings')['total'] == 3)
        t = Talk(lab)
        seen = set()
        for skip in (0, 2):
            a = t.ask('{"v":1,"cmd":"bindings","max":2,"skip":%d}' % skip)
            expect('total', (a['total'], a['skip']), (3, skip))
            expect('items', len(a['users']), 2 if skip == 0 else 1)
            seen |= {u['impi'] for u in a['users']}
        expect('users', len(seen), 3)
        t.close()
        expect('sets', ask(lab, 'core', 'sas')['total'], 3)


# --- what is ordered ---------------------------------------------------------

def nothing_left_of(lab, name='core'):
    until('SAs gone at the core',
          lambda: ask(lab, name, 'sas')['total'] == 0, 20)


def dereg(*words, reason):
    with both(core=('--t1', '100')) as (lab, core, ue):
        a = ask(lab, 'core', 'dereg', IMPU, *words)
        expect('answer', (a['user'], a['reason']), (IMPU, reason))
        got = ue.event('notified', 2)
        expect_in('NOTIFY', f'terminated ({reason})', got['text'])
        expect('bindings', ask(lab, 'core', 'bindings')['total'],
               0) if reason != 'deactivated' else None
        yield lab, core, ue


def dereg_rejected():
    for lab, core, ue in dereg(reason='rejected'):
        expect(f'exit\n{ue.tail()}', ue.end(), 4)
        expect('left at the ue', lab.ue_host.traces(),
               lab.before(lab.ue_host))
        nothing_left_of(lab)
        core.event('deregistered', within=1)
        expect('exit of core', core.end(TERM), 0)
        lab.nothing_left()


def dereg_deactivated_lets_him_come_back_at_once():
    for lab, core, ue in dereg('--reason', 'deactivated',
                               reason='deactivated'):
        ue.event('registered', 2)
        until('one set', lambda: ask(lab, 'core', 'sas')['total'] == 1, 45)
        expect('SPIs', spis_of(ask(lab, 'core', 'sas')['sets']),
               spis_of(ask(lab, UE, 'sas')['sets'][:1]))


def dereg_probation_lets_him_come_back_later():
    for lab, core, ue in dereg('--reason', 'probation', '--retry-after', '5',
                               reason='probation'):
        out = ue.event('notified', 2)['time_ms']
        back = ue.event('registered', 2, within=40)['time_ms']
        if back - out < 4500:
            raise Wrong(f'he came back after {back - out} ms')


def dereg_by_the_private_identity():
    with both() as (lab, core, ue):
        out, _ = ctl(lab, 'core', 'dereg', IMPI)
        expect('text', out, f'{IMPI} is out: rejected\n')
        expect(f'exit\n{ue.tail()}', ue.end(), 4)
        _, err = ctl(lab, 'core', 'dereg', IMPI, status=1)
        expect_in('again', 'ctl.not-registered', err)


def reauth():
    with both() as (lab, core, ue):
        before = spis_of(ask(lab, UE, 'sas')['sets'])
        a = ask(lab, 'core', 'reauth', IMPU, '--in', '10')
        expect('answer', (a['user'], a['in_s']), (IMPU, 10))
        ue.event('refreshed', within=30)
        expect('agreements', len(ue.events('agreed')), 2)
        after = spis_of(ask(lab, UE, 'sas')['sets'])
        expect('a new set', [s for s in after if s not in before] != [], True)
        s = ask(lab, UE, 'status')
        expect('registered for long again', s['expires_s'] > 1000, True)
        expect('at the core', ask(lab, 'core', 'bindings')['users'][0]
               ['contacts'][0]['expires_s'] > 1000, True)
        expect('failures', ask(lab, 'core', 'status')['counts']['challenges'],
               2)


def refresh_of_a_ue():
    with both() as (lab, core, ue):
        a = ask(lab, UE, 'refresh')
        expect('answer', (a['was'], a['registration']),
               ('registered', 'refreshing'))
        ue.event('refreshed')
        out, _ = ctl(lab, UE, 'refresh')
        expect('text', out, 'was registered, now refreshing\n')
        ue.event('refreshed', 2)


def log_changes_while_it_runs():
    with both() as (lab, core, ue):
        a = ask(lab, UE, 'log', 'error')
        expect('answer', (a['was'], a['level']), ('info', 'error'))
        ask(lab, UE, 'refresh')
        until('refreshed',
              lambda: ask(lab, UE, 'status')['counts']['refreshed'] == 1)
        expect('not said', ue.events('refreshed'), [])
        out, _ = ctl(lab, UE, 'log', 'info')
        expect('text', out, 'log: was error, now info\n')
        ask(lab, UE, 'refresh')
        ue.event('refreshed')
        _, err = ctl(lab, UE, 'log', 'loud', status=2)
        expect_in('a wrong level', 'one of error, warn, info, debug, trace',
                  err)


def stop_of_a_ue_de_registers():
    with both() as (lab, core, ue):
        out, _ = ctl(lab, UE, 'stop')
        expect('text', out, 'the ue is ending\nit has ended\n')
        expect('exit', ue.end(), 0)
        ue.event('deregistered', within=0)
        expect('bindings', ask(lab, 'core', 'bindings')['total'], 0)
        expect('its socket', os.path.exists(path(lab, UE)), False)
        ask(lab, 'core', 'stop')
        expect('exit', core.end(), 0)
        expect('its socket', os.path.exists(path(lab, 'core')), False)
        lab.nothing_left()


# --- watch -------------------------------------------------------------------

def watching(lab, who, *words):
    return Proc([labs.IMSREG, 'ctl', '--ctl', path(lab, who), 'watch', *words])


def watch_follows():
    with Lab() as lab:
        core = lab.core()
        w = watching(lab, 'core', '--json')
        t = watching(lab, 'core')
        until('both there',
              lambda: ask(lab, 'core', 'status')['events_to'] == 2)
        ue = lab.ue()
        ue.event('notified')
        for kind in ('agreed', 'registered', 'subscribed'):
            e = w.event(kind)
            expect('as in the log', e['text'], core.event(kind)['text'])
            t.says(e['text'])
        ctl(lab, 'core', 'dereg', IMPU)
        w.event('deregistered')
        line = t.says('de-registered')
        expect('form', bool(re.match(r'\d\d:\d\d:\d\d\.\d{3} info  s-cscf: ',
                                     line)), True)
        t.signal(signal.SIGINT)
        expect('Ctrl-C', t.end(), -signal.SIGINT)
        until('one left',
              lambda: ask(lab, 'core', 'status')['events_to'] == 1)
        expect('exit of core', core.end(TERM), 0)
        w.event('end', within=1)
        expect('exit of watch', w.end(), 0)


def watch_hears_problems_and_what_was_dropped():
    with both('--t1', '50') as (lab, core, ue):
        w = watching(lab, 'core', '--json')
        until('there', lambda: ask(lab, 'core', 'status')['events_to'] == 1)
        ask(lab, 'core', 'log', 'error')  # that of the log is its own
        s = lab.ue_host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.sendto(b'OPTIONS sip:a SIP/2.0\r\n\r\n', (CORE_IP[4], 5062))
        s.close()
        e = w.event('dropped')
        expect('id', e['id'], 'flow.clear')
        n = ask(lab, 'core', 'status')['counts']
        expect('counted', n['dropped'].get('flow.clear', 0) >= 1, True)
        bad = lab.ue('--key', K[:-1] + '0', '--opc', OPC, '--local',
                     UE_IP[4] + ':5070', key=False)
        expect('exit', bad.end(), 5)
        e = w.event('problem')
        expect('id', e['id'], 'aka.mac')
        core.kill()
        expect('exit of watch', w.end(), 7)


def a_watcher_that_does_not_read_holds_nobody_up():
    with both() as (lab, core, ue):
        t = Talk(lab, UE)
        expect('ok', t.ask('{"v":1,"cmd":"watch"}')['ok'], True)
        other = Talk(lab, UE)
        for i in range(50):
            expect('ok', other.ask('{"v":1,"cmd":"refresh"}')['ok'], True)
            ue.event('refreshed', i + 1)
        other.close()
        got = [t.line() for _ in range(50)]
        expect('events', {e['event'] for e in got} >= {'refreshed'}, True)
        t.close()


# --- wrong use ---------------------------------------------------------------

def nobody_is_there():
    with Lab() as lab:
        _, err = ctl(lab, None, 'status', status=7)
        for part in ('no core and no ue is running', 'id: ctl.nobody',
                     'imsreg core --listen'):
            expect_in('message', part, err)
        _, err = ctl(lab, 'core', 'status', status=7)
        expect_in('message', 'there is no such socket', err)
        core = lab.core()
        ctl(lab, None, 'status')  # it is the only one
        core.kill()
        _, err = ctl(lab, 'core', 'status', status=7)
        expect_in('message', 'nobody listens there', err)
        _, err = ctl(lab, None, 'status', status=7)
        expect_in('message', 'no core and no ue is running', err)


def other_users_are_kept_out():
    with Lab() as lab:
        lab.core()
        os.chmod(lab.folder, 0o755)
        done = subprocess.run(
            ['setpriv', '--reuid', '65534', '--clear-groups', labs.IMSREG,
             'ctl', '--ctl', path(lab, 'core'), 'status'], check=False,
            capture_output=True, text=True)
        if done.returncode in (126, 127):
            raise labs.Missing('others cannot run this program')
        expect('exit', done.returncode, 7)
        expect('output', done.stdout, '')
        for part in ("it is another user's", 'no core and no ue of yours'):
            expect_in('message', part, done.stderr)


def with_two_it_must_be_said_which():
    with both() as (lab, core, ue):
        _, err = ctl(lab, None, 'status', status=2)
        for part in ('2 programs listen', path(lab, 'core'), path(lab, UE)):
            expect_in('message', part, err)


def a_dead_ones_socket_is_replaced_a_living_ones_not():
    with Lab() as lab:
        core = lab.core()
        mode = stat.S_IMODE(os.stat(path(lab, 'core')).st_mode)
        expect('mode', oct(mode), oct(0o600))
        core.kill()
        expect('left', os.path.exists(path(lab, 'core')), True)
        core = lab.core('--state', 'none')
        ask(lab, 'core', 'status')
        # by default the second one goes on without, and says so
        second = lab.core('--listen', '127.0.0.1', '--state', 'none',
                          '--ipsec', 'none', '--security', 'off',
                          listen=False)
        lab.core_host.call('ip', 'link', 'set', 'lo', 'up')
        e = second.event('control', level='warn', within=1)
        expect('id', e['id'], 'ctl.taken')
        # who asked for that place does not start
        third = lab.core('--listen', '127.0.0.2', '--ctl',
                         path(lab, 'core'), listen=False, ready=False)
        labs.failure(third, 3, 'process ', ' listens at ', 'ctl.taken')
        fourth = lab.core('--listen', '127.0.0.2', '--ctl',
                          path(lab, 'other'), '--state', 'none', '--ipsec',
                          'none', '--security', 'off', listen=False)
        expect('listen', ask(lab, 'other', 'status')['listen'],
               '127.0.0.2:5060')
        expect('exit', fourth.end(TERM), 0)
        expect('exit', second.end(TERM), 0)
        ask(lab, 'core', 'status')
        lab.file('file', 'precious')
        fifth = lab.core('--listen', '127.0.0.2', '--ctl', 'file',
                         listen=False, ready=False)
        labs.failure(fifth, 1, 'is not a socket')
        with open(lab.file('file'), encoding='ascii') as f:
            expect('the file', f.read(), 'precious')


def without_a_socket():
    with Lab() as lab:
        lab.core('--no-ctl')
        expect('sockets', [n for n in os.listdir(lab.folder)
                           if n.endswith('.sock')], [])
        ctl(lab, None, 'status', status=7)


def what_the_other_kind_has_not():
    with both() as (lab, core, ue):
        for who, words, part in (
                (UE, ('dereg', IMPU), '"dereg" is no command of a ue: status, '
                 'bindings, sas, refresh, address, log, stop, watch, help'),
                ('core', ('refresh',), '"refresh" is no command of a core: '
                 'status, bindings, sas, dereg, reauth, log, stop, watch'),
                (UE, ('bindings', 'a@b'), 'takes no "user"'),
                ('core', ('dereg', 'nonsense'), 'neither a public identity'),
                ('core', ('log', 'loud'), 'one of error, warn')):
            out, err = ctl(lab, who, *words, status=2)
            expect_in('message', part, err)
            expect('output', out, '')
        out, _ = ctl(lab, 'core', 'dereg', 'sip:a@b', '--json', status=1)
        expect('error', json.loads(out)['error']['id'], 'ctl.not-registered')


def hostile_lines():
    with both() as (lab, core, ue):
        t = Talk(lab)
        for text in ('', 'hello', '{', '[1]', '{}', '{"v":2,"cmd":"status"}',
                     '{"v":1}', '{"v":1,"cmd":5}', '{"v":1,"cmd":"status",'
                     '"cmd":"status"}', '{"v":1,"cmd":"status","x":1}',
                     '[' * 50000, '{"v":1,"cmd":"dereg","user":"a\\nb"}',
                     '{"v":1,"cmd":"dereg","user":"' + 'a' * 300 + '"}',
                     '{"v":1,"id":"7","cmd":"status"}', '\x00\xff'):
            a = t.ask(text)
            expect(f'answer to {text[:40]}', (a['v'], a['ok'],
                                             a['error']['id']),
                   (1, False, 'cli.usage'))
        a = t.ask('{"v":1,"id":77,"cmd":"nothing"}')
        expect('id', a['id'], 77)
        expect_in('text', 'status, bindings', a['error']['text'])
        t.send('{"v":1,"id":1,"cmd":"help"}\r\n{"v":1,"id":2,"cmd":"help"}\n')
        expect('both', [t.line()['id'], t.line()['id']], [1, 2])
        for byte in b'{"v":1,"id":3,"cmd":"status"}\n':
            t.send(bytes([byte]))
        expect('in bytes', t.line()['id'], 3)
        t.send('a' * 70000)
        expect('too long', t.line()['error']['id'], 'text.too-big')
        expect('and out', t.line(), None)
        t.close()
        many = [Talk(lab) for _ in range(16)]
        extra = Talk(lab)
        expect('one too many', extra.line()['error']['id'], 'ctl.busy')
        _, err = ctl(lab, 'core', 'status', status=1)
        expect_in('message', 'ctl.busy', err)
        for m in many + [extra]:
            m.close()
        until('room again', lambda: subprocess.run(
            [labs.IMSREG, 'ctl', '--ctl', path(lab, 'core'), 'status'],
            capture_output=True, check=False).returncode == 0)


main(status_of_both, bindings_of_both, sas_are_the_same_on_both_sides,
     no_secret_is_shown, pages_of_many_users, dereg_rejected,
     dereg_deactivated_lets_him_come_back_at_once,
     dereg_probation_lets_him_come_back_later, dereg_by_the_private_identity,
     reauth, refresh_of_a_ue, log_changes_while_it_runs,
     stop_of_a_ue_de_registers, watch_follows,
     watch_hears_problems_and_what_was_dropped,
     a_watcher_that_does_not_read_holds_nobody_up, nobody_is_there,
     other_users_are_kept_out,
     with_two_it_must_be_said_which,
     a_dead_ones_socket_is_replaced_a_living_ones_not, without_a_socket,
     what_the_other_kind_has_not, hostile_lines)
