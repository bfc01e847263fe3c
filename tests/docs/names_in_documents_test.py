#!/usr/bin/env python3
"""What documents and comments name exists, what documents quote is what the file says, and their text is not too wide.

Documents are the *.md files; looked at is their code, between backticks or in blocks. Comments are those of C++, proto,
Starlark, BUILD and experiment files. A name with a placeholder (<x>, …, an upper-case word as a path component) is not
looked at.
"""

import functools
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'testing'))
import source_tree  # noqa: E402

LABEL = re.compile(r'(?<![\w@/.:])//[\w/.-]*(?::[\w.+-]+)?')
PATH = re.compile(r'^\.?[\w][\w.{},*+-]*(?:/[\w.{},*+-]+)*/?$')
FILE = re.compile(r'(?<![\w./@<*-])(?:[\w.+-]+/)*[\w+-]+\.(?:h|cc|\{h,cc\}|proto|md|bzl|py|sh)\b')
PLACEHOLDER = re.compile(r'[<>…$]|(?<![A-Za-z])[A-Z]{2,}(?![A-Za-z])(?!\.md)')
# "Name (path/of/its.proto)", "`Name` (`path/of/its.h`)" and "`Name` in `its.h`".
NAME_AND_PLACE = re.compile(r'\b([A-Z][a-z]+\w*)(?:\.[A-Z]\w*)?`?,? (?:\(|in )`?((?:\w+/)*\w+\.(?:h|proto))\b')
# ParseBudget, kIndexVersion, text_tuning.
IDENTIFIER = re.compile(r'^(?:k?[A-Z][a-z0-9]+[A-Z]\w*|k[A-Z]\w+|[a-z]+(?:_[a-z]+)+)$')
URL = re.compile(r'\w+://\S+')
STRING = re.compile(r'"(?:\\.|[^"\\])*"')

# Files of other projects that comments cite as sources.
FOREIGN = {
    'absl/log/check.h': 'newer versions of Abseil',
    'absl/status/status_macros.h': 'newer versions of Abseil',
    'configuration_sam.py': 'Transformers',
    'configuration_siglip.py': 'Transformers',
    'convert_sam_to_hf.py': 'Transformers',
    'modeling_sam.py': 'Transformers',
    'refer/refer.py': 'RMSIN',
}


# Listing the tree starts a program: once is enough.
files = functools.lru_cache(maxsize=None)(source_tree.files)
read = functools.lru_cache(maxsize=None)(source_tree.read)


def documents():
    return [name for name in files('.md') if '/testdata/' not in name]


@functools.lru_cache(maxsize=None)
def lines_of(name):
    return read(name).split('\n')


def blocks(name):
    """Yields (line number of the first line, last text before it, lines) of each block of code in a document.

    A block is fenced or indented by four spaces; its lines come without the indentation.
    """
    before, block, start, fenced = '', [], 0, False
    for number, line in enumerate(lines_of(name) + [''], 1):
        if line.lstrip().startswith('```'):
            if fenced:
                yield start, before, block
            fenced, block, start = not fenced, [], number + 1
        elif fenced:
            block.append(line)
        elif line.startswith('    ') and (block or not lines_of(name)[number - 2]):
            block, start = block + [line[4:]], start if block else number
        elif line or number > len(lines_of(name)):
            while block and not block[-1]:
                block.pop()
            if block:
                yield start, before, block
            before, block = line, []
        elif block:
            block.append('')


def code_in(name):
    """Yields (line number, text, whether it is in a block) of each piece of code in a document."""
    in_blocks = {}
    for start, _, block in blocks(name):
        in_blocks.update((start + i, line) for i, line in enumerate(block))
    for number, line in enumerate(lines_of(name), 1):
        if number in in_blocks:
            yield number, in_blocks[number], True
        else:
            for span in re.findall(r'`([^`]+)`', line):
                yield number, span, False


@functools.lru_cache(maxsize=None)
def comments():
    """(file, line number, text) of each line of comment."""
    found = []
    for name in files('.h', '.cc', '.proto', 'BUILD', '.bzl', '.textproto'):
        if '/testdata/' in name or '/corpus/' in name:
            continue
        mark = '//' if name.endswith(('.h', '.cc', '.proto')) else '#'
        for number, line in enumerate(lines_of(name), 1):
            if mark in line:
                comment = STRING.sub('""', URL.sub('', line)).partition(mark)[2]
                if comment:
                    found.append((name, number, comment.lstrip('/')))
    return found


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


@functools.lru_cache(maxsize=None)
def known_endings():
    """Every way to name a file from its right end, and the headers of other projects that our sources include."""
    known = set(FOREIGN)
    for name in files():
        parts = name.split('/')
        known.update('/'.join(parts[i:]) for i in range(len(parts)))
        if name.endswith(('.h', '.cc')):
            known.update(re.findall(r'^#include [<"]([^>"]+)[>"]', read(name), re.M))
    return known


def label_exists(label):
    package, _, target = label[2:].partition(':')
    if not target:  # a package, or everything below a directory
        directory = os.path.join(source_tree.ROOT, package[:-3] if package.endswith('...') else package)
        return bool(glob.glob(os.path.join(directory, '**', 'BUILD'), recursive=True))
    build = os.path.join(package, 'BUILD')
    if not source_tree.exists(build):
        return False
    return target in ('all', '*') or f'"{target}"' in read(build) or source_tree.exists(
        os.path.join(package, target))


def missing_labels(text):
    for label in [] if '://' in text else LABEL.findall(text):
        label = label.rstrip('.') if not label.endswith('...') else label
        if label != '//' and not PLACEHOLDER.search(label) and not label_exists(label):
            yield label


def missing_files(text):
    """Files that are named by their path or by its end, such as rle.h."""
    for file in FILE.findall(text):
        if not PLACEHOLDER.search(file) and not all(f in known_endings() for f in expand(file)):
            yield file


@functools.lru_cache(maxsize=None)
def top_level():
    return {f.split('/')[0] for f in files()}


def missing_paths(text, document=''):
    """Paths that start with a directory of the source tree."""
    for word in text.split():
        word = word.strip('(),;:"\'|`').rstrip('.')
        if '/' in word and word.split('/')[0] in top_level() and PATH.match(word) and not PLACEHOLDER.search(word):
            if '...' not in word and not path_exists(word, document):
                yield word


def check_labels():
    """Every //package:target is in a BUILD file."""
    for name in documents():
        for number, text, _ in code_in(name):
            yield from (f'{name}:{number}: no {label}' for label in missing_labels(text))
    for name, number, text in comments():
        yield from (f'{name}:{number}: no {label}' for label in missing_labels(text))


def check_paths():
    """Every path and every file exists, and so does every link's target."""
    for name in documents():
        for number, text, in_block in code_in(name):
            missing = set(missing_paths(text, name))
            missing |= set() if in_block else set(missing_files(text))
            yield from (f'{name}:{number}: no {path}' for path in sorted(missing))
        for number, line in enumerate(lines_of(name), 1):
            for target in re.findall(r'\]\(([^)\s]+)\)', line):
                target = target.split('#')[0]
                if target and '://' not in target and not target.startswith('mailto:'):
                    if not source_tree.exists(os.path.join(os.path.dirname(name), target)):
                        yield f'{name}:{number}: link to {target}, which does not exist'


def check_paths_in_comments():
    """Every file, page and path that a comment names exists."""
    for name, number, text in comments():
        yield from (f'{name}:{number}: no {path}' for path in sorted(set(missing_files(text)) | set(missing_paths(text))))


def check_places_of_names():
    """Where a name is followed by the file that it is from, the file has it."""
    texts = [(name, '\n'.join(lines_of(name))) for name in documents()]
    by_file = {}
    for name, _, text in comments():
        by_file.setdefault(name, []).append(text.strip())
    texts += [(name, '\n'.join(lines)) for name, lines in by_file.items()]
    for name, text in texts:
        for identifier, place in NAME_AND_PLACE.findall(text.replace('\n', ' ')):
            found = [f for f in files(place) if ('/' + f).endswith('/' + place)]
            if found and not any(re.search(r'\b' + identifier + r'\b', read(f)) for f in found):
                yield f'{name}: no {identifier} in {place}'


def check_identifiers():
    """A function, type, field or constant between backticks is a word of the sources."""
    words = set()
    for name in files('.h', '.cc', '.proto', '.py', '.bzl', 'BUILD'):
        if not name.startswith('tests/docs/'):
            words.update(re.findall(r'\w+', read(name)))
    for name in documents():
        for number, text, in_block in code_in(name):
            if not in_block and IDENTIFIER.match(text) and text not in words:
                yield f'{name}:{number}: the sources have no {text}'


def check_excerpts():
    """A block of code after "... `PATH`:" is a part of that file, line by line."""
    for name in documents():
        for number, before, block in blocks(name):
            found = re.search(r'`([\w./]+\.textproto)`:$', before)
            if found and '\n'.join(block) + '\n' not in read(found.group(1)):
                yield f'{name}:{number}: these lines are not in {found.group(1)}'


def directories_on_map():
    """The directories of the map in ARCHITECTURE.md, which is indented by three spaces for each level."""
    for _, _, block in blocks('ARCHITECTURE.md'):
        if block[0].startswith('experiments/'):
            path = []
            for line in block:
                indent, names = re.match(r'( *)((?:\w+/ *)*)', line).groups()
                if names and len(indent) <= 6:
                    path = path[:len(indent) // 3]
                    yield from ('/'.join(path + [name.rstrip('/')]) for name in names.split())
                    path.append(names.split()[0].rstrip('/'))


def check_map():
    """The map of ARCHITECTURE.md names every directory of sources, and no other."""
    on_the_map = set(directories_on_map())
    for name in files('BUILD'):
        directory = os.path.dirname(name)
        if directory and not directory.startswith(('tests/', 'third_party/')) and directory not in on_the_map:
            yield f'ARCHITECTURE.md: {directory}/ is not on the map'
    yield from (f'ARCHITECTURE.md: no {d}/' for d in sorted(on_the_map) if not source_tree.exists(d))


def check_width():
    """Text wraps at 100 columns; tables, code and pictures may be wider."""
    for name in documents():
        code = {start + i for start, _, block in blocks(name) for i in range(len(block))}
        for number, line in enumerate(lines_of(name), 1):
            if len(line) > 100 and number not in code and not line.startswith(('|', '![')):
                yield f'{name}:{number}: {len(line)} columns'


def check_headers_of_text_protos():
    """`# proto-file:` and `# proto-message:` name a file of the tree and a message in it."""
    texts = [(name, '\n'.join(block)) for name in documents() for _, _, block in blocks(name)]
    texts += [(name, read(name)) for name in files('.textproto')]
    for name, text in texts:
        for file, message in re.findall(r'^# proto-file: (\S+)\n# proto-message: transect\.(\w+)$', text, re.M):
            if not source_tree.exists(file):
                yield f'{name}: no {file}'
            elif not re.search(r'^message ' + message + r'\b', read(file), re.M):
                yield f'{name}: no message {message} in {file}'


def check_configurations():
    """Every --config=NAME is in .bazelrc."""
    known = set(re.findall(r'^\w+:(\w+) ', read('.bazelrc'), re.M))
    for name in documents():
        for number, text, _ in code_in(name):
            for config in re.findall(r'--config=([a-z]\w*)', text):
                if config not in known:
                    yield f'{name}:{number}: no --config={config} in .bazelrc'


def check_verbs():
    """Every `transect VERB --flag` has the verb and the flags as string literals in the sources of launch/."""
    sources = '\n'.join(read(f) for f in files('.cc', '.h') if f.startswith('launch/'))
    command = re.compile(r'(?:^|[\s;&|])(?:bazel run //:transect --|transect)\s+([a-z]\w*)((?:\s+[^\s`|;&#]+)*)')
    for name in documents():
        for number, text, in_block in code_in(name):
            if in_block and not re.search(r'^\s*(?:\$ )?(?:\S+/)?(?:transect|tools/setup|bazel run)\b', text):
                continue
            for verb, rest in command.findall(text.strip()):
                if f'"{verb}"' not in sources:
                    yield f'{name}:{number}: transect has no verb {verb}'
                for flag in re.findall(r'\s--([a-z]\w*)', rest):
                    if not re.search(r'"[^"\n]*(?<![\w])' + flag + r'(?![\w])[^"\n]*"', sources):
                        yield f'{name}:{number}: transect has no flag --{flag}'


if __name__ == '__main__':
    source_tree.main([check_labels, check_paths, check_paths_in_comments, check_places_of_names, check_identifiers,
                      check_excerpts, check_map, check_width, check_headers_of_text_protos, check_configurations, check_verbs])
