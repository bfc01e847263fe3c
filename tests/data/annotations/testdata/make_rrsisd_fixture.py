#!/usr/bin/env python3
"""Writes rrsisd_mini/: three records in the layout and with the oddities of RRSIS-D (string `counts` by pycocotools,
`categories_id`, a list of one segmentation, a wrong area, rows out of order), without images, for
dataset_index_test.cc.

Ran with Python 3.11, numpy 2.4.6, pycocotools 2.0.11 in this folder: python3 make_rrsisd_fixture.py
"""

import json
import os
import pickle

import numpy as np
from pycocotools import mask

SENTENCES = {7: ('val', 'The dam', 8), 3: ('train', 'A red vehicle on the lower left', 18), 5: ('train', 'The windmill', 19)}
BOXES = {7: (0, 0, 6, 4), 3: (1, 2, 3, 4), 5: (0, 0, 0, 0)}

refs, images, annotations = [], [], []
for number, (split, sentence, category) in SENTENCES.items():
    name = f'{number:05d}.jpg'
    refs.append({
        'image_id': number, 'split': split,
        'sentences': [{'tokens': sentence.lower().split(), 'raw': sentence, 'sent_id': number, 'sent': sentence}],
        'file_name': name, 'category_id': category, 'ann_id': number, 'sent_ids': [number], 'ref_id': number,
    })
    pixels = np.zeros((4, 6), dtype=np.uint8, order='F')
    x1, y1, x2, y2 = BOXES[number]
    pixels[y1:y2, x1:x2] = 1
    encoded = mask.encode(pixels)
    images.append({'file_name': name, 'height': 4, 'width': 6, 'id': number})
    annotations.append({
        'bbox': [x1, y1, x2, y2], 'categories_id': category, 'id': number, 'image_id': number,
        'segmentation': [{'size': encoded['size'], 'counts': encoded['counts'].decode()}], 'area': 102243,
    })

os.makedirs('rrsisd_mini/rrsisd', exist_ok=True)
with open('rrsisd_mini/rrsisd/refs(unc).p', 'wb') as out:
    pickle.dump(refs, out, protocol=2)
with open('rrsisd_mini/rrsisd/instances.json', 'w') as out:
    json.dump({'images': images, 'annotations': annotations, 'categories': [{'name': 'dam', 'id': 8}]}, out)
