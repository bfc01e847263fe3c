#!/usr/bin/env python3
"""Writes two small data sets in the layouts of RefSegRS and RISBench for phrase_files_test.cc, with image files of the kinds
that geographic tools write, by programs that are not ours and not OpenCV.

Pixel (x, y) of every 8-bit image is red 6 x, green 10 y, blue 3 (x + y); a mask covers x 4 .. 13, y 3 .. 8.
Ran with Python 3.11, numpy 2.4.6, Pillow 13.0.0, tifffile 2026.3.3, imagecodecs 2026.3.6 in this folder.
"""

import os

import numpy as np
import tifffile
from PIL import Image

HEIGHT, WIDTH = 24, 40
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
rgb = np.stack([6 * x, 10 * y, 3 * (x + y)], axis=2).astype(np.uint8)
mask = ((x >= 4) & (x < 14) & (y >= 3) & (y < 9)).astype(np.uint8)
infrared = np.full((HEIGHT, WIDTH, 1), 77, np.uint8)


def phrases(root, split, ids):
    with open(f'{root}/output_phrase_{split}.txt', 'w') as out:
        for id in ids:
            out.write(f'{id} the road of kind {id}\n')


for folder in ('refsegrs_mini/images', 'refsegrs_mini/masks', 'risbench_mini/img_rgb', 'risbench_mini/mask'):
    os.makedirs(folder, exist_ok=True)

# RefSegRS: TIFF.
images = 'refsegrs_mini/images/'
Image.fromarray(rgb).save(images + 'lzw.tif', compression='tiff_lzw')
tifffile.imwrite(images + 'tiled.tif', rgb, photometric='rgb', tile=(16, 16), compression='zlib', predictor=True)
tifffile.imwrite(images + 'tiled_lzw_big_endian.tif', rgb, photometric='rgb', tile=(16, 16), compression='lzw', byteorder='>')
tifffile.imwrite(images + 'strips.tif', rgb, photometric='rgb', rowsperstrip=5)
tifffile.imwrite(images + 'planes.tif', np.ascontiguousarray(rgb.transpose(2, 0, 1)), photometric='rgb',
                 planarconfig='separate')
tifffile.imwrite(images + 'four_channels.tif', np.concatenate([rgb, infrared], axis=2), photometric='rgb',
                 extrasamples=['unspecified'])
tifffile.imwrite(images + 'sixteen_bits.tif', rgb.astype(np.uint16) * 257, photometric='rgb', compression='lzw')
tifffile.imwrite(images + 'floats.tif', rgb.astype(np.float32) / 255, photometric='rgb')
tifffile.imwrite(images + 'bigtiff.tif', rgb, photometric='rgb', bigtiff=True)
masks = 'refsegrs_mini/masks/'
for name in ('lzw', 'tiled', 'planes', 'four_channels', 'sixteen_bits', 'floats', 'bigtiff'):
    Image.fromarray(mask * 255).save(f'{masks}{name}.tif', compression='tiff_lzw')
# Of one bit, and of 0 and 1 in tiles.
Image.fromarray(mask * 255).convert('1').save(masks + 'strips.tif', compression='group4')
tifffile.imwrite(masks + 'tiled_lzw_big_endian.tif', mask, photometric='minisblack', tile=(16, 16), compression='lzw')
phrases('refsegrs_mini', 'train', ['lzw', 'tiled', 'tiled_lzw_big_endian', 'strips', 'planes', 'four_channels'])
phrases('refsegrs_mini', 'val', ['sixteen_bits', 'floats', 'bigtiff'])

# RISBench: PNG.
images = 'risbench_mini/img_rgb/'
Image.fromarray(rgb).save(images + 'plain.png')
Image.fromarray(np.concatenate([rgb, infrared], axis=2)).save(images + 'alpha.png')
quantized = Image.fromarray(rgb[:, :, 0]).convert('P')
quantized.putpalette([value for grey in range(256) for value in (grey, 255 - grey, 9)])
quantized.save(images + 'palette.png')
Image.fromarray((rgb[:, :, 0].astype(np.uint16) * 257)).save(images + 'sixteen_bits.png')
masks = 'risbench_mini/mask/'
Image.fromarray(mask * 255).save(masks + 'plain.png')
Image.fromarray(mask * 255).convert('1').save(masks + 'alpha.png')
colored = Image.fromarray(mask).convert('P')
colored.putpalette([0, 0, 0, 0, 200, 0])
colored.save(masks + 'palette.png')
Image.fromarray(mask * 255).save(masks + 'sixteen_bits.png')
phrases('risbench_mini', 'train', ['plain', 'alpha', 'palette'])
phrases('risbench_mini', 'val', ['sixteen_bits'])
