#!/usr/bin/env python3
"""Writes rle_golden.json: random masks as rows of 0 and 1 with pycocotools' compressed string, for rle_test.cc.

Ran with Python 3.11, numpy 2.4.6, pycocotools 2.0.11 in this folder: python3 make_rle_fixture.py
"""

import json

import numpy as np
from pycocotools import mask

random = np.random.default_rng(7)
cases = []
for height, width, density in [(1, 1, 0), (1, 1, 1), (3, 4, 0.5), (17, 5, 0.1), (5, 17, 0.9), (64, 40, 0.02), (40, 64, 0.5)]:
    pixels = (random.random((height, width)) < density).astype(np.uint8)
    counts = mask.encode(np.asfortranarray(pixels))['counts'].decode()
    cases.append({'height': height, 'width': width, 'rows': [''.join(map(str, row)) for row in pixels], 'counts': counts,
                  'area': int(pixels.sum())})
with open('rle_golden.json', 'w') as out:
    json.dump(cases, out, indent=0)
