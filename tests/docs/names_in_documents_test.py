#!/usr/bin/env python3
"""What the documents name exists: labels, paths, links, build configurations, verbs and flags.

Looked at is code in *.md files, between backticks or in fenced blocks. A name with a placeholder (<x>, …, an upper-case
word as a path component) is not looked at.
"""

import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'testing'))
import source_tree  # noqa: E402

LABEL = re.compile(r'(?<![\w@/:.])//[\w/.-]*(?::[\w.+-]+)?')
PATH = re.compile(r'^\.?[\w][\w.{},*+-]*(?:/[\w.{},*+-]+)*/?$')
PLACEHOLDER = re.compile(r'[<>…$]|\b[A-Z]{2,}\b(?!\.md)')


def documents():
    return source_tree.files('.md')


def code_in(name):
    """Yields (line number, text, fenced) of each piece of code in a document."""
    fenced = False
    for number, line in enumerate(source_tree.read(name).split('\n'), 1):
        if line.lstrip().startswith('```'):
            fenced = not fenced
        elif fenced:
            yield number, line, True
        else:
            for span in re.findall(r'`([^`]+)`', line):
                yield number, span, False


def expand(path):
    """a.{h,cc} gives a.h and a.cc."""
    found = re.search(r'\{([^{}]*)\}', path)
    if not found:
        return [path]
    return [p for part in found.group(1).split(',') for p in expand(path[:found.start()] + part + path[found.end():])]


def path_exists(path, document):
    for base in ('', os.path.dirname(document)):
        if all(glob.glob(os.path.join(source_tree.ROOT, base, p)) for p in expand(path)):
            return True
    return False


def label_exists(label):
    package, _, target = label[2:].partition(':')
    if not target:  # a package, or everything below a directory
        directory = os.path.join(source_tree.ROOT, package[:-3] if package.endswith('...') else package)
        return bool(glob.glob(os.path.join(directory, '**', 'BUILD'), recursive=True))
    build = os.path.join(package, 'BUILD')
    if not source_tree.exists(build):
        return False
    return target in ('all', '*') or f'"{target}"' in source_tree.read(build) or source_tree.exists(
        os.path.join(package, target))


def check_labels():
    """Every //package:target is in a BUILD file."""
    for name in documents():
        for number, text, _ in code_in(name):
            if '://' in text:
                continue
            for label in LABEL.findall(text):
                label = label.rstrip('.') if not label.endswith('...') else label
                if label != '//' and not PLACEHOLDER.search(label) and not label_exists(label):
                    yield f'{name}:{number}: no {label}'


def check_paths():
    """Every path that starts with a directory or file of the source tree exists, and so does every link's target."""
    top = {f.split('/')[0] for f in source_tree.files()}
    for name in documents():
        for number, text, fenced in code_in(name):
            for word in text.split():
                word = word.strip('(),;:"\'|')
                known = '/' in word and word.split('/')[0] in top
                known = known or (not fenced and word in ('README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'))
                if known and PATH.match(word) and not PLACEHOLDER.search(word) and '...' not in word:
                    if not path_exists(word, name):
                        yield f'{name}:{number}: no {word}'
        for number, line in enumerate(source_tree.read(name).split('\n'), 1):
            for target in re.findall(r'\]\(([^)\s]+)\)', line):
                target = target.split('#')[0]
                if target and '://' not in target and not target.startswith('mailto:'):
                    if not source_tree.exists(os.path.join(os.path.dirname(name), target)):
                        yield f'{name}:{number}: link to {target}, which does not exist'


def check_configurations():
    """Every --config=NAME is in .bazelrc."""
    known = set(re.findall(r'^\w+:(\w+) ', source_tree.read('.bazelrc'), re.M))
    for name in documents():
        for number, text, _ in code_in(name):
            for config in re.findall(r'--config=([a-z]\w*)', text):
                if config not in known:
                    yield f'{name}:{number}: no --config={config} in .bazelrc'


def check_verbs():
    """Every `transect VERB --flag` has the verb and the flags as string literals in the sources of launch/."""
    sources = '\n'.join(source_tree.read(f) for f in source_tree.files('.cc', '.h') if f.startswith('launch/'))
    command = re.compile(r'(?:^|[\s;&|])(?:bazel run //:transect --|transect)\s+([a-z]\w*)((?:\s+[^\s`|;&#]+)*)')
    for name in documents():
        for number, text, fenced in code_in(name):
            if fenced and not re.search(r'^\s*(?:\$ )?(?:\S+/)?(?:transect|tools/setup|bazel run)\b', text):
                continue
            for verb, rest in command.findall(text.strip()):
                if f'"{verb}"' not in sources:
                    yield f'{name}:{number}: transect has no verb {verb}'
                for flag in re.findall(r'\s--([a-z]\w*)', rest):
                    if not re.search(r'"[^"\n]*(?<![\w])' + flag + r'(?![\w])[^"\n]*"', sources):
                        yield f'{name}:{number}: transect has no flag --{flag}'


if __name__ == '__main__':
    source_tree.main([check_labels, check_paths, check_configurations, check_verbs])
