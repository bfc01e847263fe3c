#!/usr/bin/env python3
"""Writes corpus/pickle: small files that Python's pickle wrote, and one hostile file for each rule of data/annotations/pickle.h.

Run with Python 3.11 in this directory: python3 make_pickle_corpus.py. tests/data/annotations/pickle_test.cc says what becomes of each.
"""

import os
import pickle
import struct


class Runs:
    def __init__(self, function, *arguments):
        self.how = (function, arguments)

    def __reduce__(self):
        return self.how


def proto(body, version=4):
    return b'\x80' + bytes([version]) + body + b'.'


def text(value):
    return b'\x8c' + bytes([len(value)]) + value


files = {f'plain_protocol{p}': pickle.dumps([{'a': [1, -1, 2**40, None, True], 'b': ('x', 'é')}], p) for p in (2, 3, 4, 5)}
for p in (2, 4):
    files[f'os_system_protocol{p}'] = pickle.dumps(Runs(os.system, 'true'), p)
    files[f'nested_reduce_protocol{p}'] = pickle.dumps([{'refs': [Runs(getattr, Runs(__import__, 'os'), 'system')]}], p)
files['protocol0'] = pickle.dumps([1], 0)
files['protocol9'] = proto(b'K\x01', 9)
files['inst'] = proto(b'(ios\nsystem\n')
files['obj'] = proto(b'(cos\nsystem\no')
files['newobj_ex'] = proto(b'}}\x92')
files['persid'] = proto(b'Pname\n')
files['binpersid'] = proto(b'K\x01Q')
files['ext1'] = proto(b'\x82\x01')
files['float'] = proto(b'G' + struct.pack('>d', 1.5))
files['bytes'] = proto(b'C\x01a')
files['long4_huge'] = proto(b'\x8b' + struct.pack('<I', 0x7FFFFFFF))
files['long1_9_bytes'] = proto(b'\x8a\x09' + b'\x01' * 9)
files['string_huge'] = proto(b'\x8d' + struct.pack('<Q', 2**63 - 1))
files['string_4_gib'] = proto(b'X' + struct.pack('<I', 2**32 - 1))
files['frame_huge'] = proto(b'\x95' + struct.pack('<Q', 2**64 - 1))
files['memo_index_huge'] = proto(b']r' + struct.pack('<I', 2**32 - 1))
files['memo_unset'] = proto(b'h\x07')
# Ten levels of lists that hold the one below ten times: 10^10 values for whoever walks it as a tree.
bomb = b']\x94'
for level in range(10):
    bomb += b'](' + b'h' + bytes([level]) + (b'h' + bytes([level])) * 9 + b'e\x94'
files['memo_bomb'] = proto(b'(' + bomb + b't')
files['deep'] = proto(b']' * 40 + b'a' * 39)
files['itself'] = proto(b']\x94h\x00a')
files['marks'] = proto(b'(' * 200)
files['no_mark'] = proto(b'e')
files['odd_pairs'] = proto(b'}(K\x01u')
files['list_as_key'] = proto(b'}]K\x01s')
files['append_to_int'] = proto(b'K\x01K\x02a')
files['empty_stack'] = proto(b'')
files['two_values'] = proto(b'K\x01K\x02')
files['trailing'] = proto(b'K\x01') + b'more'
files['not_utf8'] = proto(text(b'\xff\xfe'))
files['truncated'] = proto(text(b'abc'))[:-2]
files['empty'] = b''

directory = os.path.join('corpus', 'pickle')
os.makedirs(directory, exist_ok=True)
for name, content in files.items():
    with open(os.path.join(directory, name), 'wb') as out:
        out.write(content)
