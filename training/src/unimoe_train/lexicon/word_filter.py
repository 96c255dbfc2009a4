"""Whether a word belongs to a set, in ten bits a word: an xor filter (Graf and Lemire, 2020). It knows every word of the
set, and takes one in 256 others for one of them. Sources/UniMoEAudio/Text/WordFilter.swift asks it."""

import struct
from itertools import count

MASK = (1 << 64) - 1
ROOM = 1.23  # places for a word
SPARE = 32


def pack(words: list[str]) -> bytes:
    """The seed (8 bytes, little endian) with which every word finds a place of its own, then three parts of bytes."""
    part = int((len(words) * ROOM + SPARE) / 3) + 1
    for seed in count():
        hashes = [hash_of(word, seed) for word in words]
        order = own_places(hashes, part)
        if order is not None:
            break
    table = bytearray(3 * part)
    for hashed, place in reversed(order):
        one, two, three = places_of(hashed, part)
        table[place] = mark_of(hashed) ^ table[one] ^ table[two] ^ table[three] ^ table[place]
    return struct.pack("<Q", seed) + bytes(table)


def own_places(hashes: list[int], part: int) -> list[tuple[int, int]] | None:
    """Each hash with a place that no later one of the list shares; None if there is no such list."""
    share, both = [0] * (3 * part), [0] * (3 * part)
    for hashed in hashes:
        for place in places_of(hashed, part):
            share[place] += 1
            both[place] ^= hashed
    order = []
    alone = [place for place, number in enumerate(share) if number == 1]
    while alone:
        place = alone.pop()
        if share[place] != 1:
            continue
        hashed = both[place]
        order.append((hashed, place))
        for other in places_of(hashed, part):
            share[other] -= 1
            both[other] ^= hashed
            if share[other] == 1:
                alone.append(other)
    return order if len(order) == len(hashes) else None


def places_of(hashed: int, part: int) -> tuple[int, int, int]:
    turned = [(hashed << turn | hashed >> 64 - turn) & 0xFFFFFFFF for turn in (0, 21, 42)]
    return tuple(third * part + (value * part >> 32) for third, value in enumerate(turned))


def mark_of(hashed: int) -> int:
    return (hashed ^ hashed >> 32) & 0xFF


def hash_of(word: str, seed: int) -> int:
    """FNV-1a of the letters and the seed, mixed as MurmurHash3 ends."""
    h = 14695981039346656037
    for letter in word.encode():
        h = (h ^ letter) * 1099511628211 & MASK
    h = h + seed & MASK
    h = (h ^ h >> 33) * 0xFF51AFD7ED558CCD & MASK
    h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53 & MASK
    return h ^ h >> 33
