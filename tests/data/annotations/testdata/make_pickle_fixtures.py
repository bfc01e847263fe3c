#!/usr/bin/env python3
"""Writes refs_protocol{2,3,4,5}.p: what Python's own pickle makes of two references in RRSIS-D's form and a few more
values, for pickle_test.cc.

Run with Python 3.11 in this folder: python3 make_pickle_fixtures.py
"""

import pickle


def reference(number, split, sentence, category):
    return {
        'image_id': number,
        'split': split,
        'sentences': [{'tokens': sentence.lower().split(), 'raw': sentence, 'sent_id': number, 'sent': sentence}],
        'file_name': f'{number:05d}.jpg',
        'category_id': category,
        'ann_id': number,
        'sent_ids': [number],
        'ref_id': number,
    }


shared = ['shared']
value = {
    'refs': [reference(2934, 'train', 'A red vehicle on the lower left', 18), reference(70000, 'val', 'The dam', 8)],
    'integers': [0, 255, 256, 65535, 65536, -1, -2**31, 2**31, 2**62, -2**63, 2**63 - 1],
    'tuples': [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    'others': [None, True, False, 'é▁😀', 'x' * 300],
    'shared': [shared, shared],
    3: 'integer key',
}
for protocol in (2, 3, 4, 5):
    with open(f'refs_protocol{protocol}.p', 'wb') as out:
        pickle.dump(value, out, protocol=protocol)
