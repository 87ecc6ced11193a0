#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Frames on the way between the two hosts, and what may befall them."""
import random
import struct


def checksum(data):
    """The Internet checksum."""
    data = bytes(data) + b'\0' * (len(data) % 2)
    n = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while n >> 16:
        n = (n & 0xffff) + (n >> 16)
    return n ^ 0xffff


def ip_parts(frame):
    """(protocol, offset of its header, its end, addresses) of an IP packet;
    the protocol is None for a fragment and for other frames.
    """
    kind = frame[12:14]
    if kind == b'\x08\x00':
        if frame[20] & 0x3f or frame[21]:
            return None, 0, 0, b''
        at = 14 + (frame[14] & 15) * 4
        end = 14 + struct.unpack_from('>H', frame, 16)[0]
        return frame[23], at, end, bytes(frame[26:34])
    if kind == b'\x86\xdd':
        end = 54 + struct.unpack_from('>H', frame, 18)[0]
        return frame[20], 54, end, bytes(frame[22:54])
    return None, 0, 0, b''


def whole(frame):
    """With the checksum that the sender left to its card, as veth does."""
    proto, at, end, pseudo = ip_parts(frame)
    place = {6: 16, 17: 6}.get(proto)
    if place is None or end > len(frame):
        return frame
    frame[at + place:at + place + 2] = b'\0\0'
    head = pseudo + struct.pack('>HH', proto, end - at)
    value = checksum(head + frame[at:end]) or 0xffff
    frame[at + place:at + place + 2] = struct.pack('>H', value)
    return frame


class Impair:
    """A hook for bad weather.  What befalls the n-th packet of one direction
    follows from the seed, n and the direction alone.  loss, dup, reorder and
    corrupt are of 100; delay and how long a reordered one is held back are in
    ms, each packet takes between a half and all of delay.  ARP and ICMPv6
    (neighbours) pass.
    """

    def __init__(self, seed, loss=0, dup=0, reorder=0, delay=0, corrupt=0,
                 hold=60):
        self.seed, self.loss, self.dup, self.reorder = seed, loss, dup, reorder
        self.delay, self.corrupt, self.hold = delay, corrupt, hold
        self.n = {True: 0, False: 0}
        self.did = dict.fromkeys(
            ('passed', 'lost', 'doubled', 'overtaken', 'corrupted'), 0)

    def _way(self, dice):
        ms = self.delay * dice.uniform(0.5, 1)
        if dice.uniform(0, 100) < self.reorder:
            self.did['overtaken'] += 1
            ms += self.hold
        return ms / 1000

    def _corrupt(self, dice, frame):
        """One bit behind the IP header."""
        self.did['corrupted'] += 1
        at = 54 if frame[12:14] == b'\x86\xdd' else 34
        frame[dice.randrange(at, len(frame))] ^= 1 << dice.randrange(8)

    def __call__(self, frame, from_ue):
        kind = bytes(frame[12:14])
        if kind not in (b'\x08\x00', b'\x86\xdd') or \
                (kind == b'\x86\xdd' and frame[20] == 58):
            return [frame]
        self.n[from_ue] += 1
        dice = random.Random(f'{self.seed}/{from_ue}/{self.n[from_ue]}')
        lost, doubled, bad = (dice.uniform(0, 100) for _ in range(3))
        if lost < self.loss:
            self.did['lost'] += 1
            return []
        if bad < self.corrupt:
            self._corrupt(dice, frame)
        self.did['passed'] += 1
        out = [(self._way(dice), frame)]
        if doubled < self.dup:
            self.did['doubled'] += 1
            out.append((self._way(dice), frame))
        return out
