#!/usr/bin/env python3
"""Writes resolution_golden.json: items scored at a fixed resolution by Pillow and numpy alone, for resolution_test.cc.

Each item has its true mask, the pixels that do not count and the mask of another object at the size of the image, a prediction at
the resolution, all as pycocotools' compressed strings, and the pixel counts there.
Ran with Python 3.11, numpy 2.4.6, Pillow 13.0.0, pycocotools 2.0.11 in this folder: python3 make_resolution_fixture.py
"""

import json

import numpy as np
from PIL import Image, ImageDraw
from pycocotools import mask


def ellipse(height, width, box):
    image = Image.new('L', (width, height), 0)
    ImageDraw.Draw(image).ellipse(box, fill=1)
    return np.asarray(image)


def resized(pixels, side):
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.NEAREST))


def counts(pixels):
    return mask.encode(np.asfortranarray(pixels)).get('counts').decode()


def pair(a, b):
    return [int((a & b).sum()), int((a | b).sum())]


random = np.random.default_rng(11)
items = []
for height, width, side in [(800, 800, 480), (512, 512, 480), (600, 800, 480), (37, 53, 480), (300, 500, 96)]:
    truth = ellipse(height, width, (width // 5, height // 4, width // 2, height // 2))
    # A rim that only some resizings see.
    truth = truth | ((random.random((height, width)) < 0.004) & (np.arange(width) < width // 3)).astype(np.uint8)
    ignored = ellipse(height, width, (0, 0, width // 3, height // 3)) & (1 - truth)
    other = ellipse(height, width, (width // 2 + 1, height // 3, width - 2, height - 2)) & (1 - truth)
    small_truth, small_ignored, small_other = resized(truth, side), resized(ignored, side), resized(other, side)
    predicted = ellipse(side, side, (side // 4, side // 4, side * 2 // 3, side * 2 // 3)) & (1 - small_ignored)
    items.append({
        'height': height, 'width': width, 'side': side,
        'truth': counts(truth), 'ignored': counts(ignored), 'other': counts(other), 'predicted': counts(predicted),
        'ignored_pixels': int(small_ignored.sum()), 'target_area': int(small_truth.sum()),
        'prediction': pair(predicted, small_truth), 'distractor': pair(predicted, small_other),
        'all_objects': pair(small_truth | small_other, small_truth)})
with open('resolution_golden.json', 'w') as out:
    json.dump(items, out, indent=0)
    out.write('\n')
