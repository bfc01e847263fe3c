#!/usr/bin/env python3
"""Writes refs_python2_protocol0.p, 1 and 2: what Python 2.7's cPickle.dump makes of a list of dictionaries, for pickle_test.cc.
Python 3 writes other opcodes, so they are put together here as pickletools describes them; the script then reads the files
with encoding='latin1', as people do.

Ran with Python 3.11 in this folder: python3 make_python2_fixtures.py
"""

import pickle
import struct


class Bytes(bytes):
    """A str of Python 2."""


class Writer:

    def __init__(self, protocol):
        self.protocol = protocol
        self.memo = 0

    def put(self):
        self.memo += 1
        return b'p%d\n' % self.memo if self.protocol == 0 else b'q' + bytes([self.memo])

    def write(self, value):
        binary = self.protocol > 0
        if value is None:
            return b'N'
        if value is True:
            return b'\x88' if self.protocol == 2 else b'I01\n'
        if isinstance(value, int):
            if binary and -2**31 <= value < 2**31:
                return b'J' + struct.pack('<i', value)
            if self.protocol == 2:
                return b'\x8a\x08' + struct.pack('<q', value)
            return b'L%dL\n' % value if abs(value) >= 2**31 else b'I%d\n' % value
        if isinstance(value, Bytes):
            if not binary:
                return b'S' + repr(bytes(value))[1:].encode() + b'\n' + self.put()
            if len(value) < 256:
                return b'U' + bytes([len(value)]) + value + self.put()
            return b'T' + struct.pack('<i', len(value)) + value + self.put()
        if isinstance(value, str):
            if binary:
                return b'X' + struct.pack('<i', len(value.encode())) + value.encode() + self.put()
            units = struct.unpack(f'<{len(value.encode("utf-16-le")) // 2}H', value.encode('utf-16-le'))
            escaped = b''.join(bytes([unit]) if unit < 256 else b'\\u%04x' % unit for unit in units)
            return b'V' + escaped + b'\n' + self.put()
        if isinstance(value, tuple):
            return b'(' + b''.join(map(self.write, value)) + b't' + self.put()
        if isinstance(value, list):
            if binary:
                return b']' + self.put() + b'(' + b''.join(map(self.write, value)) + b'e'
            return b'(l' + self.put() + b''.join(self.write(item) + b'a' for item in value)
        items = [(self.write(Bytes(key.encode())), self.write(item)) for key, item in value.items()]
        if binary:
            return b'}' + self.put() + b'(' + b''.join(key + item for key, item in items) + b'u'
        return b'(d' + self.put() + b''.join(key + item + b's' for key, item in items)


SENTENCE = Bytes('The café\'s "dam"\n'.encode('latin-1'))
VALUE = [{
    'ref_id': 70000,
    'long': -2**63,
    'sent': SENTENCE,
    'unicode': 'é▁😀',
    'true': True,
    'none': None,
    'bytes': Bytes(b'x' * 300),
    'tokens': [Bytes(b'The'), Bytes('café\'s'.encode('latin-1'))],
}, {
    'tuple': (1, Bytes(b'two')),
    'sent': SENTENCE,
}]
for protocol in (0, 1, 2):
    name = f'refs_python2_protocol{protocol}.p'
    with open(name, 'wb') as out:
        out.write((b'\x80\x02' if protocol == 2 else b'') + Writer(protocol).write(VALUE) + b'.')
    with open(name, 'rb') as file:
        read = pickle.load(file, encoding='latin1')
    assert read[0]['sent'] == SENTENCE.decode('latin-1') and read[0]['long'] == -2**63, read
    if protocol > 0:
        assert read[0]['unicode'] == VALUE[0]['unicode'], read
