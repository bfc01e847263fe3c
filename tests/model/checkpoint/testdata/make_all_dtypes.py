"""Writes all_dtypes.safetensors with the reference implementation.

Made with safetensors 0.4.5 on Python 3.11: python3 make_all_dtypes.py

Every element type that we read, a scalar, an empty tensor, a name that JSON
must escape; byte i of a tensor's data is (i * 37 + 11) mod 256, booleans are
0 and 1 in turn.
"""

import math

import safetensors

TENSORS = {
    "z.f64": ("float64", 8, [2, 1]),
    "y.f32": ("float32", 4, [3, 2]),
    "scalar.f32": ("float32", 4, []),
    "empty.f32": ("float32", 4, [0, 5]),
    "f16": ("float16", 2, [3]),
    "bf16": ("bfloat16", 2, [1, 3]),
    "i64": ("int64", 8, [2]),
    "i32": ("int32", 4, [1]),
    "i16": ("int16", 2, [5]),
    "i8": ("int8", 1, [7]),
    "u8": ("uint8", 1, [3]),
    'bool "quoted"\n': ("bool", 1, [3]),
}


def data(dtype, size, shape):
    n = math.prod(shape) * size
    if dtype == "bool":
        return bytes(i % 2 for i in range(n))
    return bytes((i * 37 + 11) % 256 for i in range(n))


with open("all_dtypes.safetensors", "wb") as f:
    f.write(
        safetensors.serialize(
            {
                name: {"dtype": dtype, "shape": shape, "data": data(dtype, size, shape)}
                for name, (dtype, size, shape) in TENSORS.items()
            },
            {"format": "pt"},
        )
    )
