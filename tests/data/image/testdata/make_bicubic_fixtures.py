#!/usr/bin/env python3
"""Writes a tall image, bicubic_tall.bgr of 48 x 10 pixels, and what Pillow resizes it to, 6 x 8, for decode_test.cc: Pillow
before 13 resizes rows first, 13 columns first where the height shrinks much more than the width.

Ran with Python 3.11 in this folder, once with Pillow 12.3.0 and once with Pillow 13.0.0: python3 make_bicubic_fixtures.py
"""

import random

import PIL
from PIL import Image

HEIGHT, WIDTH = 48, 10
generator = random.Random(5)
rgb = bytes(generator.randrange(256) for _ in range(3 * HEIGHT * WIDTH))


def bgr(pixels):
    return b''.join(pixels[i:i + 3][::-1] for i in range(0, len(pixels), 3))


with open('bicubic_tall.bgr', 'wb') as out:
    out.write(bgr(rgb))
resized = Image.frombytes('RGB', (WIDTH, HEIGHT), rgb).resize((8, 6), Image.Resampling.BICUBIC).tobytes()
order = 'rows' if int(PIL.__version__.split('.')[0]) < 13 else 'columns'
with open(f'bicubic_tall_{order}_first.bgr', 'wb') as out:
    out.write(bgr(resized))
