#!/usr/bin/env python3
"""Writes small mask files of 12 x 10 pixels (width x height) as tools write them, mask_*, for mask_image_test.cc. Their object
is always the pixels x 3 .. 7, y 2 .. 5; what else they hold is in their names.

Ran with Python 3.11, Pillow 12.3.0 in this folder: python3 make_mask_fixtures.py
"""

from PIL import Image

WIDTH, HEIGHT = 12, 10


def inside(x, y):
    return 3 <= x < 8 and 2 <= y < 6


def image(mode, value):
    made = Image.new(mode, (WIDTH, HEIGHT))
    made.putdata([value(x, y) for y in range(HEIGHT) for x in range(WIDTH)])
    return made


def palette(value, colors):
    made = image('P', value)
    made.putpalette([channel for color in colors for channel in color])
    return made


def two(x, y):
    return int(inside(x, y))


WHITE, BLACK, RED, BLUE = (255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 0, 255)
# White background; the object black.
for bits in (1, 2, 4, 8):
    palette(two, [WHITE, BLACK]).save(f'mask_palette_{bits}_bits.png', bits=bits)
palette(two, [WHITE, BLACK]).save('mask_palette_transparent.png', transparency=b'\x00\xff')
palette(two, [WHITE, BLACK]).save('mask_palette.tif')
# Two objects, and one border of index 15 that counts for nothing, as VOC has it with 255.
palette(lambda x, y: 1 + (x > 5) if inside(x, y) else 0, [BLACK, RED, BLUE]).save('mask_palette_two_objects.png')
palette(lambda x, y: 1 if inside(x, y) else 15 if y == 9 else 0, [BLACK] * 15 + [WHITE]).save('mask_palette_label_15.png')
image('1', two).save('mask_one_bit.png')
image('L', lambda x, y: 255 * two(x, y)).save('mask_gray.png')
image('L', lambda x, y: 255 if inside(x, y) else 90 if inside(x - 1, y) else 0).save('mask_gray_soft.png')
image('L', lambda x, y: 2 if inside(x, y) else 1).save('mask_gray_from_one.png')
image('RGBA', lambda x, y: (0, 0, 0, 255 * two(x, y))).save('mask_alpha_only.png')
image('LA', lambda x, y: (255, 200 * two(x, y))).save('mask_alpha_only_gray.png')
image('RGBA', lambda x, y: (0, 0, 0, 255) if inside(x, y) else (255, 255, 255, 0)).save('mask_alpha_white_background.png')
image('RGBA', lambda x, y: (255, 0, 0, 255) if inside(x, y) else (0, 0, 0, 0)).save('mask_alpha_agrees.png')
image('RGBA', lambda x, y: (0, 0, 0, 128 * two(x, y) + 127 * (x == 3 and two(x, y)))).save('mask_alpha_soft.png')
image('RGBA', lambda x, y: (255 * two(x, y), 0, 0, 255)).save('mask_opaque.png')
image('RGB', lambda x, y: (255, 20 * x, 9 * y) if inside(x, y) else (20 * x + 1, 25 * y, 7)).save('mask_overlay.png')
image('RGB', lambda x, y: RED if inside(x, y) else BLACK).save('mask_red.png')
