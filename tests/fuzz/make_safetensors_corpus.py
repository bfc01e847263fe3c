#!/usr/bin/env python3
"""Writes the seeds of safetensors_fuzz and tensor_index_fuzz: sound files, and one for each rule that is broken.

  python3 tests/fuzz/make_safetensors_corpus.py tests/fuzz/corpus
"""

import json
import struct
import sys

SHARD = 'model-0000{}-of-00002.safetensors'


def file(header, data=b'', length=None):
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(',', ':')).encode()
    return struct.pack('<Q', len(text) if length is None else length) + text + data


def tensor(dtype, shape, begin, end):
    return {'dtype': dtype, 'shape': shape, 'data_offsets': [begin, end]}


ONE = b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}'
FILES = {
    'two_tensors': file({'__metadata__': {'format': 'pt'}, 'a': tensor('F32', [2], 0, 8),
                         'b': tensor('BF16', [1, 3], 8, 14)}, bytes(14)),
    'no_tensors': file({}),
    'scalar': file({'a': tensor('I64', [], 0, 8)}, bytes(8)),
    'empty_tensor': file({'a': tensor('F32', [0, 5], 0, 0)}),
    'padded_header': file(ONE + b'}   ', b'x'),
    'length_above_file': file({}, length=2**40),
    'not_json': file(b'{"a":'),
    'no_brace': file(b' {}'),
    'not_utf8': file(b'{"\xff":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b'x'),
    'duplicate': file(ONE + b',' + ONE[1:] + b'}', b'x'),
    'unknown_dtype': file({'a': tensor('F8_E4M3', [1], 0, 1)}, b'x'),
    'wrong_size': file({'a': tensor('F32', [3], 0, 8)}, bytes(8)),
    'overflow': file({'a': tensor('F32', [2**62, 8], 0, 8)}, bytes(8)),
    'hole': file({'a': tensor('U8', [1], 0, 1), 'b': tensor('U8', [1], 2, 3)}, bytes(3)),
    'overlap': file({'a': tensor('U8', [2], 0, 2), 'b': tensor('U8', [2], 1, 3)}, bytes(3)),
    'behind_end': file({'a': tensor('U8', [1], 1, 0)}, bytes(1)),
    'rest_of_file': file({'a': tensor('U8', [1], 0, 1)}, bytes(2)),
    'metadata_number': file({'__metadata__': {'a': 1}}),
    'deep': file(b'{"a":' + b'[' * 2000 + b']' * 2000 + b'}'),
    'lfs_pointer': b'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n',
    'empty': b'',
}
INDEXES = {
    'two_shards': {'metadata': {'total_size': 16, 'total_parameters': 4},
                   'weight_map': {'a': SHARD.format(1), 'b': SHARD.format(2)}},
    'no_metadata': {'weight_map': {'a': SHARD.format(1)}},
    'float_size': {'metadata': {'total_size': 16.0}, 'weight_map': {}},
    'negative_size': {'metadata': {'total_size': -1}, 'weight_map': {}},
    'no_map': {},
    'map_of_numbers': {'weight_map': {'a': 1}},
    'path': {'weight_map': {'a': '../x.safetensors'}},
    'pickle': {'weight_map': {'a': 'pytorch_model-00001.bin'}},
}
TEXTS = {
    'duplicate': '{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}',
    'deep': '[' * 40 + ']' * 40,
}

if __name__ == '__main__':
    for name, contents in FILES.items():
        with open(f'{sys.argv[1]}/safetensors/{name}', 'wb') as out:
            out.write(contents)
    for name, contents in {**{n: json.dumps(i) for n, i in INDEXES.items()}, **TEXTS}.items():
        with open(f'{sys.argv[1]}/tensor_index/{name}', 'w', encoding='utf-8') as out:
            out.write(contents)
