#!/usr/bin/env python3
"""One name for one type: a message and a class of one name in namespace transect are two types with one destructor.

Neither the compiler nor the linker says so; whichever comes first destroys objects of both.
"""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'testing'))
import source_tree  # noqa: E402

MESSAGE = re.compile(r'^message (\w+)', re.M)
CLASS = re.compile(r'^(?:class|struct) (\w+)\s*(?:final\s*)?[:{]', re.M)


def _declared(pattern, *endings):
    """Name to the files that declare it at the top, in product code."""
    found = {}
    for file in source_tree.files(*endings):
        if not file.startswith(('tests/', 'third_party/')):
            for name in pattern.findall(source_tree.read(file)):
                found.setdefault(name, set()).add(file)
    return found


def check_messages_and_classes():
    """Names of messages and of classes in headers differ."""
    messages = _declared(MESSAGE, '.proto')
    classes = _declared(CLASS, '.h')
    assert messages and classes, 'the patterns find nothing'
    for name in sorted(messages.keys() & classes.keys()):
        yield f'{name} is a message of {", ".join(sorted(messages[name]))} and a class of {", ".join(sorted(classes[name]))}'


def check_names_are_declared_once():
    """A message, and a class of a header, is declared in one file."""
    for kind, declared in ('message', _declared(MESSAGE, '.proto')), ('class', _declared(CLASS, '.h')):
        for name, files in sorted(declared.items()):
            if len(files) > 1:
                yield f'{kind} {name} is declared in {", ".join(sorted(files))}'


source_tree.main([check_messages_and_classes, check_names_are_declared_once])
