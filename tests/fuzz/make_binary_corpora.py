#!/usr/bin/env python3
"""Writes corpus/image_header, image, metric_log, index, adapter_config, phrases and tokenizer: small good files, and one
hostile file for each rule of their readers.

Run with Python 3.11 in this directory: python3 make_binary_corpora.py. BUILD adds fixtures of other tests as seeds.
"""

import os
import struct
import zlib


def write(kind, files):
    directory = os.path.join('corpus', kind)
    os.makedirs(directory, exist_ok=True)
    for name, content in files.items():
        with open(os.path.join(directory, name), 'wb') as out:
            out.write(content.encode() if isinstance(content, str) else content)


# ---- Images.


def chunk(name, body):
    return struct.pack('>I', len(body)) + name + body + struct.pack('>I', zlib.crc32(name + body))


def png(width, height, bits=8, color=2, pixels=None, end=chunk(b'IEND', b'')):
    channels = {0: 1, 2: 3, 3: 1, 6: 4}[color]
    rows = pixels if pixels is not None else (b'\0' + bytes(width * channels * bits // 8)) * height
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, bits, color, 0, 0, 0)) +
            chunk(b'IDAT', zlib.compress(rows)) + end)


def tiff(entries, order='<', pixels=b'', next_page=0):
    """entries: (tag, type, count, value)."""
    head = {'<': b'II*\0', '>': b'MM\0*'}[order] + struct.pack(order + 'I', 8)
    directory = struct.pack(order + 'H', len(entries))
    for tag, kind, count, value in entries:
        short = kind == 3 and count == 1
        directory += struct.pack(order + ('HHIHH' if short else 'HHII'), tag, kind, count, *([value, 0] if short else [value]))
    directory += struct.pack(order + 'I', next_page)
    return head + directory + pixels


def gray_tiff(width, height, order='<', extra=(), bits=8, **more):
    count = 9 + len(extra)
    start = 8 + 2 + 12 * count + 4
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, bits), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, start),
               (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, width * height * bits // 8)]
    return tiff(sorted(entries + list(extra)), order, bytes(width * height * bits // 8), **more)


def big_tiff(entries):
    directory = struct.pack('<Q', len(entries))
    for tag, kind, count, value in entries:
        directory += struct.pack('<HHQQ', tag, kind, count, value)
    return b'II+\0' + struct.pack('<HHQ', 8, 0, 16) + directory + struct.pack('<Q', 0)


def jpeg(height, width, segments=b''):
    return b'\xff\xd8' + segments + b'\xff\xc0' + struct.pack('>HBHHB', 17, 8, height, width, 3) + bytes(9)


def bmp(width, height, bits=24):
    row = (width * bits // 8 + 3) // 4 * 4
    return (b'BM' + struct.pack('<IHHI', 54 + row * abs(height), 0, 0, 54) +
            struct.pack('<IiiHHIIiiII', 40, width, height, 1, bits, 0, 0, 0, 0, 0, 0) + bytes(row * abs(height)))


EXIF = b'\xff\xe1' + struct.pack('>H', 8) + b'Exif\0\0'
headers = {
    'png': png(7, 5),
    'png_no_end': png(7, 5, end=b''),
    'png_huge': png(2**31 - 1, 2**31 - 1, pixels=b''),
    'jpeg': jpeg(5, 7),
    'jpeg_exif': jpeg(5, 7, EXIF),
    'jpeg_fill': jpeg(5, 7, b'\xff' * 9),
    'jpeg_no_frame': b'\xff\xd8\xff\xda\0\x08' + bytes(20),
    'jpeg_length_0': b'\xff\xd8\xff\xe0\0\0' + bytes(20),
    'tiff': gray_tiff(7, 5),
    'tiff_big_endian': gray_tiff(7, 5, '>'),
    'tiff_turned': gray_tiff(7, 5, extra=[(274, 3, 1, 6)]),
    'tiff_itself': gray_tiff(7, 5, next_page=8),
    'tiff_tiles': tiff([(256, 4, 1, 7), (257, 4, 1, 5), (322, 4, 1, 2**32 - 1), (323, 4, 1, 2**32 - 1)]),
    'tiff_size_twice': tiff([(256, 4, 1, 7), (256, 4, 1, 2**32 - 1), (257, 4, 1, 5)]),
    'tiff_values_far': tiff([(256, 3, 8, 2**32 - 1), (257, 4, 1, 5)]),
    'tiff_no_directory': b'II*\0\xff\xff\xff\xff',
    'bigtiff': big_tiff([(256, 4, 1, 7), (257, 16, 1, 5), (258, 3, 3, 0x0008_0008_0008)]),
    'bigtiff_eight_sides': big_tiff([(256, 16, 8, 16), (257, 4, 1, 5)]) + bytes(64),
    'bigtiff_far': b'II+\0' + struct.pack('<HHQ', 8, 0, 2**64 - 1) + bytes(40),
    'bmp': bmp(7, 5),
    'bmp_from_top': bmp(7, -5),
    'unknown': 'GIF89a',
    'empty': '',
}
write('image_header', headers)
write('image', {
    **{name: headers[name] for name in ('png', 'png_no_end', 'tiff', 'tiff_big_endian', 'tiff_turned', 'tiff_itself', 'bmp',
                                        'bmp_from_top', 'empty', 'unknown')},
    'png_gray': png(7, 5, color=0),
    'png_alpha': png(7, 5, color=6),
    'png_16_bits': png(3, 2, bits=16, pixels=(b'\0' + b'\xff' * 18) * 2),
    'png_short_pixels': png(7, 5, pixels=b'\0\0'),
    'png_no_palette': png(7, 5, color=3),
    'tiff_16_bits': gray_tiff(7, 5, bits=16),
    'tiff_no_strip': tiff([(256, 4, 1, 7), (257, 4, 1, 5), (258, 3, 1, 8)]),
    'tiff_strip_far': tiff([(256, 4, 1, 7), (257, 4, 1, 5), (258, 3, 1, 8), (273, 4, 1, 2**31), (279, 4, 1, 2**31)]),
    'jpeg_header_only': jpeg(5, 7),
})

# ---- Protocol buffers by hand.


def varint(value):
    value &= 2**64 - 1
    out = b''
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def message(*fields):
    """fields: (number, value); integers are varints, floats 32 bits, all else bytes."""
    out = b''
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        elif isinstance(value, float):
            out += varint(number << 3 | 5) + struct.pack('<f', value)
        else:
            out += varint(number << 3 | 2) + varint(len(value)) + value
    return out


# ---- Metric logs: whole ones, and payloads with a length byte in front, which metric_log_fuzz frames itself.


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return struct.pack('<I', crc ^ 0xffffffff)


def frame(payload):
    length = struct.pack('<I', len(payload))
    return length + crc32c(length) + crc32c(payload) + payload


LOG_START = b'\x89TSMLOG\n' + struct.pack('<I', 1)
HEADER = message((1, message((1, b'0f'), (2, 1), (4, 2))))
ITEM = message((3, message((1, b'val'), (2, 7), (3, 3), (4, message((1, 10), (2, 300))))))
log = LOG_START + frame(HEADER) + frame(ITEM)
write('metric_log', {
    'good': log,
    'torn': log[:-5],
    'torn_header': log[:7],
    'zeros': log + bytes(20),
    'flipped': log[:-3] + bytes([log[-3] ^ 4]) + log[-2:],
    'empty_frame': LOG_START + frame(b''),
    'huge_length': LOG_START + struct.pack('<I', 2**32 - 1) + bytes(20),
    'other_version': b'\x89TSMLOG\n' + struct.pack('<I', 2),
    'not_a_log': 'not a log',
    'payloads': bytes([len(HEADER) - 1]) + HEADER + bytes([len(ITEM) - 1]) + ITEM,
    'empty': '',
})

# ---- Cached indexes; index_fuzz writes magic and checksum.


def index(runs, *records, count=None):
    return (b'TRSCTIDX' + bytes(4) + struct.pack('<I', len(runs) if count is None else count) +
            b''.join(struct.pack('<I', run) for run in runs) +
            message((1, b'key'), (2, 1), *((3, record) for record in records)))


def record(height, width, first, count, *others):
    return message((1, 5), (2, b'images/a.tif'), (3, b'the ship'), (5, height), (6, width), (8, height), (9, width),
                   *((13, other) for other in others), (17, first), (18, count))


def other(height, width, first, count):
    return message((1, 3), (3, height), (4, width), (5, first), (6, count))


write('index', {
    'good': index([3, 4, 5, 12], record(3, 4, 0, 3, other(3, 4, 3, 1)), record(0, 0, 0, 0)),
    'no_records': index([]),
    'runs_too_long': index([3, 40], record(3, 4, 0, 2)),
    'runs_too_short': index([3, 4], record(3, 4, 0, 2)),
    'run_behind_end': index([12], record(3, 4, 1, 1)),
    'first_negative': index([12], record(3, 4, -1, 1)),
    'first_huge': index([12], record(3, 4, 2**63 - 1, 1)),
    'count_huge': index([12], record(3, 4, 0, 2**63 - 1)),
    'height_negative': index([12], record(-3, -4, 0, 1)),
    'other_without_runs': index([12], record(3, 4, 0, 1, other(9, 9, 0, 0))),
    'run_count_huge': index([12], record(3, 4, 0, 1), count=2**32 - 1),
    'not_a_message': index([]) + b'\xff\xff\xff',
    'short': 'TRSCTIDX',
    'empty': '',
})

# ---- Text.
write('adapter_config', {
    'good': '{"peft_type": "LORA", "r": 16, "lora_alpha": 16, "target_modules": ["q_proj"], "bias": "none"}',
    'list': '[]',
    'twice': '{"r": 1, "r": 2}',
    'deep': '{"a": ' + '[' * 40 + ']' * 40 + '}',
    'not_utf8': b'{"\xff": 1}',
    'truncated': '{"r": ',
    'nan': '{"r": NaN}',
    'empty': '',
})
write('phrases', {
    'good': '1 the large ship\n2 a harbor\r\n\nname_3 the dam  on the left',
    'no_phrase': '1\n',
    'no_space': '1\tthe ship',
    'two_spaces': '1  the ship',
    'path': '../1 the ship',
    'nested': 'a/b the ship',
    'dot': '. the ship',
    'not_utf8': b'1 the \xff ship',
    'nul': b'1\0 the ship',
    'other_line_end': '1 the ship\r2 a dam\r',
    'empty': '',
})


# ---- Tokenizer models.
def model(*pieces, more=b''):
    return b''.join(message((1, piece)) for piece in pieces) + more


def piece(text, score=0.0, kind=1):
    return message((1, text), (2, score), (3, kind))


SPECIAL = (piece(b'<pad>', kind=3), piece(b'</s>', kind=3), piece(b'<unk>', kind=2))
LETTERS = tuple(piece(letter.encode(), -1.0 - i) for i, letter in enumerate('\u2581thelargship'))
BPE = message((2, message((3, 2))))
write('tokenizer', {
    'unigram': model(*SPECIAL, *LETTERS, piece('\u2581the'.encode(), -0.5)),
    'bpe': model(*SPECIAL, *LETTERS, piece(b'sh', -0.1), piece(b'ship', -0.2), more=BPE),
    'bytes': model(*SPECIAL, *(piece(b'<0x%02X>' % i, 0.0, 6) for i in range(256)), more=message((2, message((35, 1))))),
    'user_defined': model(*SPECIAL, *LETTERS, piece(b'ship', 0.0, 4)),
    'unused': model(*SPECIAL, *LETTERS, piece(b'ship', 0.0, 5)),
    'no_unknown': model(*SPECIAL[:2], *LETTERS),
    'two_unknown': model(*SPECIAL, piece(b'<unk2>', kind=2)),
    'end_elsewhere': model(SPECIAL[0], SPECIAL[2], SPECIAL[1]),
    'twice': model(*SPECIAL, LETTERS[0], LETTERS[0]),
    'empty_piece': model(*SPECIAL, piece(b'')),
    'not_utf8': model(*SPECIAL, piece(b'\xff')),
    'score_nan': model(*SPECIAL, piece(b'a', float('nan'))),
    'score_infinite': model(*SPECIAL, piece(b'a', float('inf'))),
    'charsmap_short': model(*SPECIAL, *LETTERS, more=message((3, message((2, b'\xff\xff\xff\x7fabc'))))),
    'not_a_model': 'not a model',
    'empty': '',
})
