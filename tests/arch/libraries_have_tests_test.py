#!/usr/bin/env python3
"""Every library is a direct dependency of a test, or stands in untested_libraries.txt with the reason."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import build_graph  # noqa: E402
import source_tree  # noqa: E402

EXCEPTIONS = 'tests/arch/untested_libraries.txt'
TARGETS = build_graph.read()


def libraries():
    return {t.label for t in TARGETS.values()
            if t.kind.endswith('cc_library') and not t.attributes['testonly'] and not t.package.startswith('tests')}


def tested():
    return {dep for t in TARGETS.values() if t.kind.endswith('cc_test') for dep in t.attributes['deps']}


def exceptions():
    """Label to reason."""
    lines = [line for line in source_tree.read(EXCEPTIONS).split('\n') if line and not line.startswith('#')]
    return {line.split()[0]: ' '.join(line.split()[1:]) for line in lines}


def check_every_library_has_a_test():
    yield from (f'{label} is in the deps of no test and not in {EXCEPTIONS}' for label in sorted(libraries() - tested() - set(exceptions())))


def check_exceptions_are_needed_and_have_a_reason():
    for label, reason in exceptions().items():
        if label not in libraries():
            yield f'{EXCEPTIONS}: {label} is not a library'
        elif label in tested():
            yield f'{EXCEPTIONS}: {label} has a test by now'
        elif not reason:
            yield f'{EXCEPTIONS}: {label} without a reason'


if __name__ == '__main__':
    source_tree.main([check_every_library_has_a_test, check_exceptions_are_needed_and_have_a_reason])
