#!/usr/bin/env python3
"""Rooms: how folders and components may depend on each other, and how much lies in one folder.

The graph is that of the includes and imports as written, protos counted. A *module* is a .cc with its header, or a proto.
"""

import collections
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'testing'))
import source_tree  # noqa: E402

MOST_IN_A_FOLDER = 18
LONGEST_CHAIN = 6
# One file per verb: it grows with the command line.
MAY_HOLD_MORE = ['launch/cli']

USE = re.compile(r'^(?:#include "([^"]+)"|import (?:public )?"([^"]+)";)', re.M)


def module_of(file):
    return re.sub(r'(\.pb)?\.\w+$', '', file)


def _read_modules():
    """Module to the modules that it includes or imports."""
    files = [f for f in source_tree.files('.h', '.cc', '.proto') if not f.startswith('third_party/')]
    known = {module_of(f) for f in files}
    uses = {module: set() for module in known}
    for file in files:
        for include, imported in USE.findall(source_tree.read(file)):
            used = module_of(include or imported)
            if used in known and used != module_of(file):
                uses[module_of(file)].add(used)
    return uses


MODULES = _read_modules()
PRODUCT = {m: uses for m, uses in MODULES.items() if not m.startswith('tests/')}


def component_of(module):
    """The files of the store are a component of their own, below launch and analysis."""
    return 'launch/store' if module.startswith('launch/store/') else module.split('/')[0]


def quotient(modules, group):
    """The graph of groups of modules, with one example of each edge."""
    graph = collections.defaultdict(dict)
    for module, uses in modules.items():
        graph[group(module)]  # pylint: disable=pointless-statement
        for used in sorted(uses):
            if group(used) != group(module):
                graph[group(module)].setdefault(group(used), (module, used))
    return graph


def circles(graph):
    """Strongly connected components of more than one node (Tarjan's algorithm)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            component = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(component) > 1:
                found.append(sorted(component))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def circle_problems(graph, what):
    for circle in circles(graph):
        edges = [f'{graph[a][b][0]} uses {graph[a][b][1]}' for a in circle for b in circle if b in graph[a]]
        yield f'{what} {", ".join(circle)} depend on each other: {"; ".join(edges)}'


def check_no_circle_of_components():
    yield from circle_problems(quotient(PRODUCT, component_of), 'components')


def check_no_circle_of_folders():
    """A folder and one inside it count as two."""
    yield from circle_problems(quotient(PRODUCT, os.path.dirname), 'folders')


def folders():
    """Folder to its modules and subfolders."""
    content = collections.defaultdict(set)
    for module in MODULES:
        content[os.path.dirname(module)].add(module)
        path = os.path.dirname(module)
        while os.path.dirname(path):
            content[os.path.dirname(path)].add(path + '/')
            path = os.path.dirname(path)
    return content


def check_folders_are_small():
    for folder, content in sorted(folders().items()):
        if len(content) > MOST_IN_A_FOLDER and folder not in MAY_HOLD_MORE:
            yield f'{folder} holds {len(content)} modules and subfolders; at most {MOST_IN_A_FOLDER} are allowed'


def longest_chain(graph):
    """The longest path through `graph`; modules that use each other in a circle are one step."""
    step = {node: node for node in graph}
    for circle in circles(graph):
        step.update({node: circle[0] for node in circle})
    edges = collections.defaultdict(set)
    for node, uses in graph.items():
        edges[step[node]] |= {step[used] for used in uses if step[used] != step[node]}
    memo = {}

    def longest(node):
        if node not in memo:
            memo[node] = [node] + max((longest(used) for used in sorted(edges[node])), key=len, default=[])
        return memo[node]

    return max((longest(node) for node in sorted(set(step.values()))), key=len, default=[])


def check_chains_inside_a_folder_are_short():
    by_folder = collections.defaultdict(dict)
    for module, uses in MODULES.items():
        folder = os.path.dirname(module)
        by_folder[folder][module] = {used for used in uses if os.path.dirname(used) == folder}
    for folder, graph in sorted(by_folder.items()):
        chain = longest_chain(graph)
        if len(chain) > LONGEST_CHAIN:
            names = ' > '.join(os.path.basename(module) for module in chain)
            yield f'{folder} has a chain of {len(chain)} modules; at most {LONGEST_CHAIN} are allowed: {names}'


if __name__ == '__main__':
    source_tree.main([f for name, f in list(globals().items()) if name.startswith('check_')])
