#!/usr/bin/env python3
"""Writes corpus/rle, corpus/json, corpus/xml and corpus/terminal_text: good files, and one that breaks each rule of
data/masks/rle.h, data/io/strict_json.h and data/annotations/rrsisd_boxes.h; text that acts on a terminal.

Run with Python 3.11 in this directory: python3 make_text_corpora.py
"""

import os
import struct


def write(kind, files):
    directory = os.path.join('corpus', kind)
    os.makedirs(directory, exist_ok=True)
    for name, content in files.items():
        with open(os.path.join(directory, name), 'wb') as out:
            out.write(content.encode() if isinstance(content, str) else content)


def rle(height, width, text):
    return struct.pack('>HH', height, width) + text.encode()


write('rle', {
    'empty_mask': rle(3, 4, '<'),
    'full_mask': rle(3, 4, '0<'),
    'negative_difference': rle(3, 4, '254L'),
    'ones': rle(1, 11, '011000000000'),
    'groups': rle(20, 32, '?`0a0??2`>'),
    'large': rle(800, 800, 'Zd?3mh0000fPob0'),
    'no_text': rle(3, 4, ''),
    'no_size': b'\x00\x03',
    'zero_height': rle(0, 4, '<'),
    'too_many_pixels': rle(65535, 65535, '<'),
    'ends_inside_a_number': rle(3, 4, 'P'),
    'character_too_low': rle(3, 4, '/'),
    'character_too_high': rle(3, 4, 'p'),
    'fourteen_groups': rle(3, 4, 'P' * 13 + '0'),
    'sum_too_small': rle(3, 4, '52'),
    'sum_too_large': rle(3, 4, '0<1'),
    'negative_run': rle(3, 4, '525O'),
    'overflow': rle(3, 4, 'o' * 12 + '7'),
})

row = ('{"split": "train", "image_id": "7", "sent": "The dam", "file_name": "7.jpg", "category_id": 8, "bbox": [1, 0, 3, 2], '
       '"area": 2, "segmentation": SEGMENTATION}')
good = '{"size": [3, 4], "counts": "525"}'
rows = {
    'object': row.replace('SEGMENTATION', good),
    'list': row.replace('SEGMENTATION', f'[{good}]') + '\n' + row.replace('SEGMENTATION', good),
    'uncompressed': row.replace('SEGMENTATION', '{"size": [3, 4], "counts": [5, 2, 5]}'),
    'bad_counts': row.replace('SEGMENTATION', '{"size": [3, 4], "counts": [5, -2, 9]}'),
    'bad_size': row.replace('SEGMENTATION', '{"size": [3], "counts": "<"}'),
    'huge_size': row.replace('SEGMENTATION', '{"size": [4611686018427387904, 4], "counts": "<"}'),
    'two_masks': row.replace('SEGMENTATION', f'[{good}, {good}]'),
    'other_split': row.replace('"train"', '"val"').replace('SEGMENTATION', good),
    'path': row.replace('7.jpg', '../7.jpg').replace('SEGMENTATION', good),
    'no_sentence': row.replace('"sent"', '"sentence"').replace('SEGMENTATION', good),
    'byte_order_mark': b'\xef\xbb\xbf{}',
    'key_twice': '{"a": 1, "a": 2}',
    'not_a_number': '[NaN, Infinity]',
    'integer_too_large': '[9223372036854775808]',
    'deep': '[' * 40 + ']' * 40,
    'trailing': '{} {}',
    'not_utf8': b'"\xff"',
    'escapes': r'["\ud83d\ude00", "\u0000", "\\"]',
    'lone_surrogate': r'["\ud83d"]',
    'truncated': '{"a": [1, ',
    'numbers': '[0, -1, 1e308, 1e999, 0.1, 9223372036854775807]',
}
write('json', rows)

size = '<size><width>800</width><height>800</height><depth>3</depth></size>'
box = '<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox>'
thing = f'<object><name>dam</name>{box}<description>The dam</description></object>'
write('xml', {
    'good': f'<?xml version="1.0"?>\n<annotation>{size}{thing}{thing}</annotation>',
    'no_size': f'<annotation>{thing}</annotation>',
    'no_box': f'<annotation>{size}<object/></annotation>',
    'no_number': f'<annotation>{size}{thing}</annotation>'.replace('>3<', '>x<'),
    'large_number': f'<annotation>{size}{thing}</annotation>'.replace('>3<', '>1e300<'),
    'doctype': f'<!DOCTYPE a SYSTEM "file:///x"><annotation>{size}</annotation>',
    'entities': f'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><annotation>{size}<b>&b;</b></annotation>',
    'deep': '<annotation>' + '<a>' * 30 + '</a>' * 30 + size + '</annotation>',
    'not_utf8': b'<annotation>\xff</annotation>',
    'unclosed': f'<annotation>{size}<object>',
    'cdata': f'<annotation>{size}{thing}</annotation>'.replace('The dam', '<![CDATA[<&]]>'),
    'empty': '',
})
write('terminal_text', {
    'plain': 'one\n\ttwo ± three\n',
    'csi': '\x1b[2J\x1b[31m red \x1b[0m\x1b[5m',
    'osc': '\x1b]0;title\x07\r\x7f',
    'c1': b'\xc2\x9b2J \x9b2J \xc2',
    'bidi': '\u202egnp\u2066\u2028\u061c\ufeff\U000e0041',
    'cut_character': b'\xe2\x80',
    'long_line': 'x' * 200 + '±' * 100 + '\n' + 'y' * 10,
})
