#!/usr/bin/env python3
"""Prints the first four words of the stream that philox_test.cc pins, computed with Python integers only.

Run with Python 3 from anywhere: python3 make_philox_golden.py
"""

MASK = 0xFFFFFFFF


def block(key, counter):
    """Philox4x32-10 of Salmon et al. 2011."""
    k0, k1 = key
    c0, c1, c2, c3 = counter
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & MASK, (p0 >> 32) ^ c3 ^ k1, p0 & MASK
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return c0, c1, c2, c3


def words(value):
    return value & MASK, value >> 32


def stream(seed, purpose, a, b):
    fnv = 0xCBF29CE484222325
    for byte in purpose.encode():
        fnv = ((fnv ^ byte) * 0x100000001B3) & ((1 << 64) - 1)
    first = block(words(seed), words(fnv) + words(a))
    second = block(first[:2], words(b) + first[2:])
    return block(second[:2], (0, 0) + second[2:])


assert block((0, 0), (0, 0, 0, 0)) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)
print(', '.join(f'0x{w:08x}' for w in stream(1, 'weights', 2, 3)))
