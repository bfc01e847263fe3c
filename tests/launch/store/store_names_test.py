#!/usr/bin/env python3
"""launch/store/store.h is the only product header that knows the names of the store."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '../../testing'))
import source_tree  # noqa: E402

OWNERS = ('launch/store/store.h', 'launch/store/store.cc')
# Names that mean something else when they stand alone, so only "/NAME" counts.
COMMON = ['runs', 'inputs', 'bundles', 'reports', 'data', 'attempts', 'evaluations', 'rates', 'rendezvous', 'gpus', 'checkpoints',
          'sweeps', 'programs', 'certify', 'ledger', 'jobs']
# Names that mean nothing else.
OWN = ['VERSION', 'LEASE', 'cas', 'digests', 'spec.textproto', 'inputs.textproto', 'launch.textproto', 'provenance.textproto',
       'outcome.textproto', 'result.textproto', 'cancel.textproto', 'certificate.textproto', 'code.textproto', 'data.sha256', 'spiece.model', 'weights.safetensors',
       'samples.png', 'drawn.binpb', 'sweep.textproto', 'step.log', 'rank%05d.log', 'rank%05d.metrics', 'rank%05d.masks', 'rank%05d.exit']

NAMES = '|'.join(['/' + re.escape(n) for n in COMMON] + ['/?' + re.escape(n) for n in OWN])
# A name as a part of a path; sentences, which have spaces, may speak of files.
PATH = re.compile(r'"[^" \n]*(?<![\w.-])(?:%s)(?:/[^" \n]*)?"' % NAMES)


def spelled(name):
    """The paths with a name of the store that a file spells, with their lines."""
    for number, line in enumerate(source_tree.read(name).splitlines(), 1):
        if not line.lstrip().startswith(('//', '#')):
            for path in PATH.findall(line):
                yield number, path


def check_no_other_file_spells_a_name_of_the_store():
    for name in source_tree.files('.h', '.cc'):
        if not name.startswith(('tests/', 'third_party/', 'tools/')) and name not in OWNERS:
            for number, path in spelled(name):
                yield f'{name}:{number}: {path} is spelled here; launch/store/store.h has a name for it'


def check_the_names_are_those_of_the_store():
    text = source_tree.read(OWNERS[0]) + source_tree.read(OWNERS[1])
    for name in COMMON + OWN:
        if name not in text:
            yield f'{OWNERS[0]} has no {name}; this test checks a name that is gone'


def check_the_layout_in_the_header_is_whole():
    layout = source_tree.read(OWNERS[0]).split('#ifndef')[0]
    for number, path in spelled(OWNERS[1]):
        for part in path.strip('"').split('/'):
            part = part.replace('%04d', '0001').replace('%05d', '00000')
            if part and '%s' not in part and part not in layout:
                yield f'{OWNERS[1]}:{number}: the layout in {OWNERS[0]} does not show {part}'


source_tree.main([
    check_no_other_file_spells_a_name_of_the_store,
    check_the_names_are_those_of_the_store,
    check_the_layout_in_the_header_is_whole,
])
