#!/usr/bin/env python3
"""Python's own pickle and json read what the writers of data/ write.

The writer of synthetic sets and of the tests is one: PickleWriter, and nlohmann's JSON.
"""

import json
import os
import pickle
import subprocess
import sys

root = os.path.join(os.environ['TEST_TMPDIR'], 'set')
subprocess.run([sys.argv[1], root], check=True)
with open(os.path.join(root, 'rrsisd', 'refs(unc).p'), 'rb') as f:
    refs = pickle.load(f)
assert [r['ref_id'] for r in refs] == [3, 70000], refs
assert refs[0]['sentences'] == [{'sent_id': 3, 'sent': 'The d\u00e9p\u00f4t \\ "x"'}], refs[0]
assert refs[1]['split'] == 'val' and refs[1]['file_name'] == '70000.jpg', refs[1]
assert all(type(r['category_id']) is int for r in refs)
with open(os.path.join(root, 'rrsisd', 'instances.json'), encoding='utf-8') as f:
    annotations = json.load(f)['annotations']
assert annotations[0]['bbox'] == [3, 4, 9, 9] and annotations[0]['segmentation'][0]['size'] == [24, 32], annotations[0]
assert isinstance(annotations[1]['segmentation'][0]['counts'], str)
# All four protocols, written by Python, are fixtures of pickle_test.
print('Python', sys.version.split()[0])
