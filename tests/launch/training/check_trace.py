"""Holds a trace of training steps against the Chrome trace format: check_trace.py FILE STEPS.

Complete events ("ph": "X") with name, start and length in microseconds, process and thread. Every named part lies within
one step, and every step has all parts.
"""

import json
import sys

PARTS = {'data wait', 'encode', 'join', 'decode', 'backward', 'sum over ranks', 'optimizer'}

with open(sys.argv[1], encoding='utf-8') as f:
    events = json.load(f)['traceEvents']
complete = [e for e in events if e['ph'] == 'X' and e.get('cat') == 'user_annotation']
for event in complete:
    assert event['dur'] >= 0 and event['ts'] > 0 and 'pid' in event and 'tid' in event, event
steps = sorted((e for e in complete if e['name'] == 'step'), key=lambda e: e['ts'])
assert len(steps) == int(sys.argv[2]), len(steps)
assert all(a['ts'] + a['dur'] <= b['ts'] for a, b in zip(steps, steps[1:])), 'steps overlap'
found = [set() for _ in steps]
for part in (e for e in complete if e['name'] != 'step'):
    around = [i for i, s in enumerate(steps) if s['tid'] == part['tid'] and s['ts'] <= part['ts'] and
              part['ts'] + part['dur'] <= s['ts'] + s['dur']]
    assert len(around) == 1, part
    found[around[0]].add(part['name'])
for i, names in enumerate(found):
    # After the last step of a training there is none.
    assert PARTS <= names, (i, PARTS - names)
    assert names <= PARTS | {'checkpoint'}, (i, names)
assert any('checkpoint' in names for names in found), found
# Operators lie within parts too.
assert any(e['ph'] == 'X' and e.get('cat') == 'cpu_op' and e['name'].startswith('aten::') for e in events)
print(len(events), 'events,', len(steps), 'steps')
