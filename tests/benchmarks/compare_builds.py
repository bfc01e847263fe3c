#!/usr/bin/env python3
"""Compares two builds of a benchmark by runs that take turns, so that what else the machine does meets both.

  compare_builds.py [--pairs N] [--number NAME] OLD NEW -- ARGUMENTS...

OLD and NEW are builds of a program that writes its numbers with --json=FILE, like
bazel-bin/tests/benchmarks/model/train_step_benchmark, copied to where the next build does not overwrite them. Every pair
swaps the order. Prints NAME of both for each pair, then NEW / OLD as geometric mean with its range over the pairs.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile


def measured(program, arguments, number):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'numbers.json')
        run = subprocess.run([program, f'--json={path}', *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if run.returncode != 0:
            sys.exit(f'{program} ended with {run.returncode}:\n{run.stdout}')
        with open(path, encoding='utf-8') as f:
            numbers = json.load(f)
    if number not in numbers:
        sys.exit(f'{program} has no number {number!r}; it has {sorted(numbers)}')
    return numbers[number]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--pairs', type=int, default=5)
    parser.add_argument('--number', default='images/s')
    parser.add_argument('old')
    parser.add_argument('new')
    parser.add_argument('arguments', nargs='*')
    options = parser.parse_args()
    logs = []
    for pair in range(options.pairs):
        programs = [options.old, options.new]
        values = {p: measured(p, options.arguments, options.number) for p in (programs if pair % 2 == 0 else programs[::-1])}
        logs.append(math.log(values[options.new] / values[options.old]))
        print(f'pair {pair + 1}: {options.number} {values[options.old]:.6g} and {values[options.new]:.6g}', flush=True)
    ratios = [math.exp(x) for x in logs]
    mean = math.exp(sum(logs) / len(logs))
    print(f'new / old   {mean:.3f}, from {min(ratios):.3f} to {max(ratios):.3f} in {len(ratios)} pairs')


if __name__ == '__main__':
    main()
