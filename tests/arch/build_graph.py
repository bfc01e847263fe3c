"""The targets of the source tree, read from its BUILD files without asking Bazel.

A test cannot query the Bazel that runs it, and a genquery sees only the targets it lists by hand. BUILD files happen to be
valid Python, so they are executed with functions that record what they are called with. What is recorded is what is
written: both branches of a select() count, and a macro is a target of its own kind ("torch_cc_library").
"""

import collections
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'testing'))
import source_tree  # noqa: E402

Target = collections.namedtuple('Target', ['label', 'package', 'kind', 'attributes'])

NATIVE_RULES = ['alias', 'config_setting', 'filegroup', 'genquery', 'genrule', 'proto_lang_toolchain', 'sh_binary', 'sh_library',
                'sh_test', 'test_suite', 'proto_library', 'cc_library', 'cc_binary', 'cc_test', 'cc_proto_library']

# What a macro adds to the dependencies of its target.
MACRO_DEPS = {kind: ['@libtorch//:torch'] for kind in ['torch_cc_library', 'torch_cc_test', 'torch_cc_binary']}


def absolute(label, package):
    """':a', 'a' and '//p' become '//package:a' and '//p:p'."""
    if label.startswith('@'):
        return label
    if label.startswith('//'):
        return label if ':' in label else label + ':' + label.split('/')[-1]
    return f'//{package}:{label.lstrip(":")}'


def _read_package(package, file):
    found = []
    defaults = {'testonly': False}

    def recorder(kind):
        def record(name, **attributes):
            attributes.setdefault('testonly', defaults['testonly'])
            for attribute in ('deps', 'data', 'srcs', 'hdrs'):
                attributes[attribute] = [absolute(d, package) for d in attributes.get(attribute) or []]
            if kind == 'alias':
                attributes['deps'] = [absolute(attributes['actual'], package)]
            attributes['deps'] += MACRO_DEPS.get(kind, [])
            found.append(Target(f'//{package}:{name}', package, kind, attributes))
        return record

    def package_call(default_testonly=False, **_):
        defaults['testonly'] = bool(default_testonly)

    names = {rule: recorder(rule) for rule in NATIVE_RULES}

    def load(_, *symbols, **aliases):
        for symbol in symbols:
            names[symbol] = recorder(symbol)
        for alias, symbol in aliases.items():
            names[alias] = recorder(symbol)

    names.update({
        'load': load,
        'package': package_call,
        'package_group': lambda **_: None,
        'licenses': lambda *_: None,
        'exports_files': lambda *_, **__: None,
        'glob': lambda include, **_: list(include),
        'select': lambda branches, **_: [item for value in branches.values() if isinstance(value, (list, tuple)) for item in value],
    })
    exec(compile(source_tree.read(file), file, 'exec'), names)  # pylint: disable=exec-used
    return found


def read():
    """All targets, by label. third_party/stubs belongs to other repositories and is left out."""
    targets = {}
    for file in source_tree.files('BUILD'):
        if os.path.basename(file) == 'BUILD' and not file.startswith('third_party/stubs/'):
            for target in _read_package(os.path.dirname(file), file):
                targets[target.label] = target
    return targets


def path_to(targets, start, forbidden):
    """The shortest chain of deps from `start` to a label for which forbidden(label) holds, or None."""
    queue = collections.deque([(start,)])
    seen = {start}
    while queue:
        chain = queue.popleft()
        if forbidden(chain[-1]):
            return chain
        target = targets.get(chain[-1])
        for dep in target.attributes['deps'] if target else []:
            if dep not in seen:
                seen.add(dep)
                queue.append(chain + (dep,))
    return None
