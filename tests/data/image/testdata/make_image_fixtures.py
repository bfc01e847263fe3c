#!/usr/bin/env python3
"""Writes small image files with the pixels that OpenCV and Pillow decode and resize them to, for
decode_test.cc and read_sample_test.cc.

Ran with Python 3.11, numpy 2.4.6, opencv-python-headless 5.0.0.93, Pillow 13.0.0, transformers 5.24.0 in this
folder: python3 make_image_fixtures.py
"""

import io

import cv2
import numpy as np
from PIL import Image
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

random = np.random.default_rng(3)
y, x = np.mgrid[0:29, 0:37]
smooth = np.stack([x * 6, y * 8, (x + y) * 3], axis=2)
image = np.clip(smooth + random.integers(-20, 20, (29, 37, 3)), 0, 255).astype(np.uint8)
cv2.imwrite('color.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, 85])
cv2.imwrite('color.png', image)
decoded = cv2.imdecode(np.fromfile('color.jpg', np.uint8), cv2.IMREAD_COLOR)
decoded.tofile('color.bgr')
for name, size in (('down', (16, 11)), ('up', (50, 64))):
    cv2.resize(decoded, size, interpolation=cv2.INTER_LINEAR).tofile(f'color_{name}.bgr')
    rgb = Image.fromarray(np.ascontiguousarray(decoded[:, :, ::-1]))
    bicubic = np.asarray(rgb.resize(size, resample=Image.Resampling.BICUBIC))
    np.ascontiguousarray(bicubic[:, :, ::-1]).tofile(f'color_{name}_bicubic.bgr')
mask = (random.random((29, 37)) < 0.4).astype(np.uint8)
mask.tofile('mask.bytes')
cv2.resize(mask, (50, 64), interpolation=cv2.INTER_NEAREST).tofile('mask_up.bytes')
cv2.resize(mask, (16, 11), interpolation=cv2.INTER_NEAREST).tofile('mask_down.bytes')

# What the loader makes of color.jpg and the mask for a network of 24 x 24 pixels with a SigLIP image of 12 x 12: planes of
# red, green and blue.
cv2.resize(mask, (24, 24), interpolation=cv2.INTER_NEAREST).tofile('mask_square.bytes')
square = cv2.resize(decoded, (24, 24), interpolation=cv2.INTER_LINEAR)
np.ascontiguousarray(square[:, :, ::-1].transpose(2, 0, 1)).tofile('color_square.planes')
rgb = Image.fromarray(np.ascontiguousarray(decoded[:, :, ::-1]))
bicubic = np.asarray(rgb.resize((12, 12), resample=Image.Resampling.BICUBIC)).transpose(2, 0, 1)
np.ascontiguousarray(bicubic).tofile('color_square_bicubic.planes')
# SigLIP's image processor does this and nothing else before it normalises.
processor = SiglipImageProcessorPil(size={'height': 12, 'width': 12})
processed = processor(rgb, return_tensors='np')['pixel_values'][0]
assert np.array_equal(processed, bicubic.astype(np.float32) / np.float32(255) * 2 - 1)

# One file after the other, each with height and width (2 bytes each) and OpenCV's pixels before the encoded bytes, so that
# all kinds of one format fit into one fixture:
#   name length, name, height, width, pixels, file length, file; numbers are little-endian, of 4 bytes.
def number(value):
    return int(value).to_bytes(4, 'little')


records = []
part = image[:21, :27]


def add(name, contents):
    pixels = cv2.imdecode(np.frombuffer(contents, np.uint8), cv2.IMREAD_COLOR)
    records.append(b''.join([
        number(len(name)), name.encode(), number(pixels.shape[0]), number(pixels.shape[1]), pixels.tobytes(),
        number(len(contents)), contents]))


def encoded(extension, pixels, *parameters):
    return cv2.imencode(extension, np.ascontiguousarray(pixels), list(parameters))[1].tobytes()


def pillow(format, pixels, **options):
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, format, **options)
    return out.getvalue()


FACTOR = cv2.IMWRITE_JPEG_SAMPLING_FACTOR
for sampling in ('411', '420', '422', '440', '444'):
    for height, width in ((21, 27), (16, 16), (1, 3)):
        add(f'jpeg {sampling} {height} x {width}',
            encoded('.jpg', part[:height, :width], FACTOR, getattr(cv2, f'IMWRITE_JPEG_SAMPLING_FACTOR_{sampling}')))
for quality in (10, 50, 90, 100):
    add(f'jpeg quality {quality}', encoded('.jpg', part, cv2.IMWRITE_JPEG_QUALITY, quality))
add('jpeg progressive', encoded('.jpg', part, cv2.IMWRITE_JPEG_PROGRESSIVE, 1))
add('jpeg restart markers', encoded('.jpg', part, cv2.IMWRITE_JPEG_RST_INTERVAL, 2))
add('jpeg grey', encoded('.jpg', part[:, :, 0]))
add('jpeg optimised', encoded('.jpg', part, cv2.IMWRITE_JPEG_OPTIMIZE, 1))
add('jpeg rgb', pillow('JPEG', part, keep_rgb=True))
for orientation in range(1, 9):
    for order in ('<', '>'):
        exif = Image.Exif()
        exif.endian = order
        exif[0x010F] = 'maker'
        exif[0x0112] = orientation
        add(f'jpeg orientation {orientation} {order}', pillow('JPEG', part, exif=exif.tobytes(), quality=80))
exif = Image.Exif()
exif[0x010F] = 'maker'
add('jpeg without orientation', pillow('JPEG', part, exif=exif.tobytes()))
add('png', encoded('.png', part))
add('png grey', encoded('.png', part[:, :, 0]))
add('png alpha', encoded('.png', np.dstack([part, part[:, :, 1]])))
palette = io.BytesIO()
Image.fromarray(np.ascontiguousarray(part)).quantize(16).save(palette, 'PNG')
add('png palette', palette.getvalue())
add('tiff', encoded('.tif', part))
add('tiff grey', encoded('.tif', part[:, :, 0]))
add('tiff alpha', encoded('.tif', np.dstack([part, part[:, :, 1]])))
add('tiff raw', pillow('TIFF', part))
add('bmp', encoded('.bmp', part))
with open('kinds.bin', 'wb') as out:
    out.write(b''.join(records))

small = image[:12, :12]
for extension in ('png', 'tif'):
    cv2.imwrite(f'sixteen_bits.{extension}', small.astype(np.uint16) * 257)
Image.fromarray(np.ascontiguousarray(small)).convert('CMYK').save('cmyk.jpg')
