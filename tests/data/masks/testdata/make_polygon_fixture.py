#!/usr/bin/env python3
"""Writes polygon_golden.json: COCO segmentations by polygons with the compressed string of the mask that pycocotools makes
of them, for segmentation_json_test.cc.

Ran with Python 3.11, numpy 2.4.6, pycocotools 2.0.11 in this folder: python3 make_polygon_fixture.py
"""

import json

import numpy as np
from pycocotools import mask

random = np.random.default_rng(11)
cases = []


def add(height, width, polygons):
    merged = mask.merge(mask.frPyObjects(polygons, height, width))
    cases.append({'height': height, 'width': width, 'segmentation': polygons, 'counts': merged['counts'].decode(),
                  'area': int(mask.area(merged))})


# A box, its half-pixel neighbours, one that leaves the image, one outside of it, a bow tie, a corner that occurs twice, all
# corners at one place, a line.
add(12, 16, [[2, 3, 9, 3, 9, 8, 2, 8]])
add(12, 16, [[2.5, 3.5, 9.5, 3.5, 9.5, 8.5, 2.5, 8.5]])
add(12, 16, [[2.4, 3.6, 9.49, 3.51, 9.6, 8.3, 2.2, 8.8]])
add(12, 16, [[-4, -3.7, 30.2, 5, 9, 40, -8, 8]])
add(12, 16, [[-9, -9, -3, -9, -3, -3, -9, -3]])
add(12, 16, [[1, 1, 14, 10, 14, 1, 1, 10]])
add(12, 16, [[2, 3, 2, 3, 9, 3, 9, 8, 9, 8, 2, 8]])
add(12, 16, [[5, 5, 5, 5, 5, 5]])
add(12, 16, [[1, 6, 8, 6, 14, 6]])
add(12, 16, [[0, 0, 16, 0, 16, 12, 0, 12]])
# Two objects, apart and overlapping.
add(12, 16, [[1, 1, 5, 1, 5, 5, 1, 5], [8, 2, 15, 2, 11, 11]])
add(12, 16, [[1, 1, 9, 1, 9, 9, 1, 9], [4, 4, 15, 5, 6, 11]])
for _ in range(60):
    height, width = (int(side) for side in random.integers(1, 50, 2))
    polygons = []
    for _ in range(int(random.integers(1, 4))):
        corners = int(random.integers(3, 9))
        spread = random.choice([0.5, 1, 1.6])
        xy = random.random((corners, 2)) * spread * [width, height] - (spread - 1) / 2
        polygons.append([round(float(value), int(random.integers(0, 3))) for value in xy.ravel()])
    add(height, width, polygons)
with open('polygon_golden.json', 'w') as out:
    out.write('[\n' + ',\n'.join(json.dumps(case) for case in cases) + '\n]\n')
