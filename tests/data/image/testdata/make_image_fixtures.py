#!/usr/bin/env python3
"""Writes small JPEG files with the pixels that OpenCV decodes and resizes them to, for decode_test.cc.

Ran with Python 3.11, numpy 2.4.6, opencv-python-headless 5.0.0.93 in this folder: python3 make_image_fixtures.py
"""

import cv2
import numpy as np

random = np.random.default_rng(3)
y, x = np.mgrid[0:29, 0:37]
smooth = np.stack([x * 6, y * 8, (x + y) * 3], axis=2)
image = np.clip(smooth + random.integers(-20, 20, (29, 37, 3)), 0, 255).astype(np.uint8)
cv2.imwrite('color.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, 85])
cv2.imwrite('gray.jpg', image[:, :, 0])
cv2.imwrite('color.png', image)
decoded = cv2.imdecode(np.fromfile('color.jpg', np.uint8), cv2.IMREAD_COLOR)
decoded.tofile('color.bgr')
for name, size in (('down', (16, 11)), ('up', (50, 64))):
    cv2.resize(decoded, size, interpolation=cv2.INTER_LINEAR).tofile(f'color_{name}.bgr')
mask = (random.random((29, 37)) < 0.4).astype(np.uint8)
mask.tofile('mask.bytes')
cv2.resize(mask, (50, 64), interpolation=cv2.INTER_NEAREST).tofile('mask_up.bytes')
cv2.resize(mask, (16, 11), interpolation=cv2.INTER_NEAREST).tofile('mask_down.bytes')
