#!/usr/bin/env python3
"""The dependency rules of ARCHITECTURE.md that hold for whole directories."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import build_graph  # noqa: E402
import source_tree  # noqa: E402

TARGETS = build_graph.read()


def within(package, directories):
    return any(package == f or package.startswith(f + '/') for f in directories)


def is_test_code(target):
    return target.kind.endswith('_test') or target.attributes['testonly'] or within(target.package, ['tests'])


def torch_or_opencv(label):
    return label.startswith(('@libtorch//', '@opencv//'))


def direct_users(repository, directories):
    """Targets outside of tests and `directories` that depend directly on a library."""
    for target in TARGETS.values():
        if not is_test_code(target) and not within(target.package, directories):
            for dep in target.attributes['deps']:
                if dep.startswith(repository):
                    yield f'{target.label} depends on {dep}; only {" and ".join(directories)} may'


def chains(directories, forbidden, except_labels=()):
    for target in TARGETS.values():
        if within(target.package, directories) and not is_test_code(target) and target.label not in except_labels:
            chain = build_graph.path_to(TARGETS, target.label, lambda label: forbidden(label) and label not in except_labels)
            if chain and len(chain) > 1:
                yield ' -> '.join(chain)


def check_only_image_code_knows_opencv():
    yield from direct_users('@opencv//', ['data/image'])


def check_only_text_code_knows_sentencepiece():
    yield from direct_users('@sentencepiece//', ['data/text'])


def check_only_model_batches_and_worker_know_torch():
    """In launch/, the front half may not: //tests/arch:transect_deps_test looks at it from its library."""
    yield from direct_users('@libtorch//', ['model', 'data/batch', 'launch'])


def check_experiments_analysis_and_metric_logs_have_no_torch_and_no_opencv():
    yield from chains(['experiments', 'analysis', 'metrics', 'data/io', 'data/random', 'third_party'], torch_or_opencv)


def check_data_has_no_torch_but_in_batches():
    yield from (c for c in chains(['data'], lambda label: label.startswith('@libtorch//')) if not c.startswith('//data/batch'))


def check_model_and_data_know_no_launch_and_no_experiments():
    yield from chains(['model', 'data'], lambda label: label.startswith(('//launch', '//experiments')))


def check_analysis_knows_of_launch_only_the_store():
    yield from chains(['analysis'], lambda label: label.startswith('//launch') and not label.startswith('//launch/store:'))


def check_visibility_is_by_folder():
    """A package says which folders may use it; only what people type is public."""
    for name in source_tree.files('BUILD'):
        if os.path.dirname(name) and not name.startswith(('third_party/', 'tests/')):
            if re.search('//visibility:public|"//:__subpackages__"', source_tree.read(name)):
                yield f'{name} is visible to everybody'


def check_no_product_depends_on_test_code():
    for target in TARGETS.values():
        if not is_test_code(target):
            for dep in target.attributes['deps']:
                if dep.startswith(('@com_google_googletest//', '//tests')):
                    yield f'{target.label} depends on {dep}'


def check_factories_are_visible():
    """alwayslink is for static registration, which "go to definition" cannot follow."""
    for target in TARGETS.values():
        if target.attributes.get('alwayslink'):
            yield f'{target.label} is alwayslink'


def check_torch_targets_are_tagged():
    """The tag keeps them out of --config=clang; the macros of //third_party/libtorch:torch.bzl set it."""
    for target in TARGETS.values():
        if target.kind in ('cc_library', 'cc_test', 'cc_binary') and 'torch' not in (target.attributes.get('tags') or []):
            for dep in target.attributes['deps']:
                if dep.startswith('@libtorch//'):
                    yield f'{target.label} depends on {dep} without the tag "torch"'


def check_no_test_may_take_over_five_minutes():
    for target in TARGETS.values():
        if target.kind.endswith('_test'):
            size, timeout = target.attributes.get('size', 'medium'), target.attributes.get('timeout')
            if timeout in ('long', 'eternal') or (not timeout and size in ('large', 'enormous')):
                yield f'{target.label} has {"timeout" if timeout else "size"} {timeout or size}'


def check_only_third_party_names_system_paths():
    pattern = re.compile(r'/usr/(?:include|lib|local|share)\b')
    for name in source_tree.files('.cc', '.h', '.proto', '.bzl', 'BUILD'):
        if not name.startswith(('third_party/', 'tests/arch/')):
            for number, line in enumerate(source_tree.read(name).split('\n'), 1):
                found = pattern.search(line)
                if found:
                    yield f'{name}:{number}: {found.group(0)}'


if __name__ == '__main__':
    source_tree.main([f for name, f in list(globals().items()) if name.startswith('check_')])
