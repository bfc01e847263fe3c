#!/usr/bin/env python3
"""Writes pillow_nearest_golden.json: for pairs of sizes, which source pixel Pillow's NEAREST takes for each output pixel, for
pillow_nearest_test.cc.

Ran with Python 3.11, numpy 2.4.6, Pillow 13.0.0 in this folder: python3 make_pillow_nearest_fixture.py
"""

import json

import numpy as np
from PIL import Image

cases = []
for source, size in [(512, 480), (800, 480), (1023, 480), (37, 480), (48, 16), (500, 500), (1, 5)]:
    row = Image.fromarray(np.arange(source, dtype=np.int32)[None, :])
    assert row.mode == 'I'
    taken = np.asarray(row.resize((size, 1), Image.NEAREST))[0]
    cases.append({'source': source, 'size': size, 'taken': taken.tolist()})
with open('pillow_nearest_golden.json', 'w') as out:
    out.write('[\n' + ',\n'.join(json.dumps(case, separators=(',', ':')) for case in cases) + '\n]\n')
