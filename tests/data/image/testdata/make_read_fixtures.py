#!/usr/bin/env python3
"""Writes small image files of the kinds that people have, for read_image_test.cc.

Pixel (x, y) of all of them is the same small gradient: blue 10 x, green 20 y, red 100, of 8 bits, or 257 times that.
Ran with Python 3.11, numpy 2.4.6, opencv-python-headless 5.0.0.93, Pillow 13.0.0 in this folder.
"""

import cv2
import numpy as np
from PIL import Image

HEIGHT, WIDTH = 5, 7
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
bgr = np.stack([10 * x, 20 * y, np.full_like(x, 100)], axis=2).astype(np.uint8)
wide = bgr.astype(np.uint16) * 257
clear = np.full((HEIGHT, WIDTH, 1), 255, np.uint8)
clear[0, 0] = 128

cv2.imwrite('read_rgb16.png', wide)
cv2.imwrite('read_rgb16.tif', wide)
cv2.imwrite('read_counts16.tif', bgr.astype(np.uint16) * 8)
cv2.imwrite('read_rgba.png', np.concatenate([bgr, clear], axis=2))
cv2.imwrite('read_opaque.png', np.concatenate([bgr, np.full_like(clear, 255)], axis=2))
cv2.imwrite('read_rgba16.tif', np.concatenate([wide, np.full((HEIGHT, WIDTH, 1), 5000, np.uint16)], axis=2))
cv2.imwrite('read_rgb.tif', bgr)
cv2.imwrite('read_grey.png', bgr[:, :, 0])
cv2.imwrite('read_float.tif', bgr.astype(np.float32))
cv2.imwritemulti('read_pages.tif', [bgr, bgr[::-1].copy()])
Image.fromarray(np.ascontiguousarray(bgr[:, :, ::-1])).convert('P', palette=Image.ADAPTIVE, colors=256).save('read_palette.png')
