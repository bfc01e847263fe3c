#!/usr/bin/env python3
"""Packs what reports read of a store's runs: their results and the metric logs that these name.

  strip_store.py STORE OUT.tar.gz

quickstart_store.tar.gz was made with it from the store of `transect run experiments/quickstart.textproto`, when the tables
of README.md were printed. Files that a result lists are left out but for logs; `unpack` makes them again, empty and of the
right sizes, because a run whose files are not there is not done.
"""

import glob
import gzip
import io
import os
import re
import sys
import tarfile

FILE = re.compile(r'file \{\s*path: "([^"]+)"\s*bytes: (\d+)')


def kept(store):
    """Paths, relative to the store, of what reports read."""
    yield 'VERSION'
    for result in sorted(glob.glob(f'{store}/runs/*/*/*/*/**/result.textproto', recursive=True)):
        yield os.path.relpath(result, store)
        attempt = re.search(r'^attempt: (\d+)', open(result, encoding='utf-8').read(), re.M)
        for log in sorted(glob.glob(f'{os.path.dirname(result)}/attempts/{int(attempt[1]):04d}/rank*.metrics')):
            yield os.path.relpath(log, store)


def pack(store, out):
    with open(out, 'wb') as raw, gzip.GzipFile('', 'wb', 9, raw, 0) as packed:
        with tarfile.open(fileobj=packed, mode='w', format=tarfile.USTAR_FORMAT) as archive:
            for path in kept(store):
                with open(os.path.join(store, path), 'rb') as f:
                    content = f.read()
                member = tarfile.TarInfo(path)
                member.size, member.mode = len(content), 0o644
                archive.addfile(member, io.BytesIO(content))


def unpack(packed, store):
    """The other way; files that are listed and were left out have holes for contents."""
    with tarfile.open(packed) as archive:
        archive.extractall(store)
    for result in glob.glob(f'{store}/runs/**/result.textproto', recursive=True):
        for path, size in FILE.findall(open(result, encoding='utf-8').read()):
            listed = os.path.join(os.path.dirname(result), path)
            if not os.path.exists(listed):
                os.makedirs(os.path.dirname(listed), exist_ok=True)
                with open(listed, 'wb') as f:
                    f.truncate(int(size))


if __name__ == '__main__':
    pack(*sys.argv[1:])
