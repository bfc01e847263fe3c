#!/usr/bin/env python3
"""The tables of README.md are those of the runs whose metric logs are kept, number by number.

So is every format that the same runs are written in, and logs that are damaged are marked and counted nowhere.
"""

import csv
import glob
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import strip_store  # noqa: E402

TRANSECT = os.path.abspath(sys.argv[1])
ROOT = os.environ['TEST_TMPDIR']
STORE = os.path.join(ROOT, 'store')


def report(*arguments, store=STORE):
    """`transect report` of the kept runs, whatever code made them."""
    codes = {os.path.basename(path) for path in glob.glob(f'{store}/runs/*/*/*/*')}
    assert len(codes) == 1, codes
    return subprocess.run(
        [TRANSECT, 'report', 'experiments/quickstart.textproto', '--store', store, '--accept-code', codes.pop(), *arguments],
        capture_output=True, text=True, check=False)


def verify(document):
    return report('--verify', document)


def check_the_tables_are_those_of_the_runs():
    said = verify('README.md')
    assert said.returncode == 0, said
    numbers, tables = re.search(r'(\d+) numbers in (\d+) tables, as the runs give them', said.stdout).groups()
    # 5 rows: n, 7 metrics with spreads, differences with intervals and p; 6 columns of controls.
    assert int(tables) == 2 and int(numbers) >= 5 * (1 + 14) + 4 * 4 + 5 * (1 + 12), said.stdout


def check_a_changed_digit_is_named():
    with open('README.md', encoding='utf-8') as f:
        text = f.read()
    row = next(line for line in text.splitlines() if line.startswith('| **base** | 2 |'))
    # The last digit of the gIoU of the base, with its place in the row.
    cells = row.split('|')
    giou = cells[9].strip().split(' ')[0]
    wrong = giou[:-1] + str((int(giou[-1]) + 1) % 10)
    cells[9] = cells[9].replace(giou, wrong)
    changed = os.path.join(ROOT, 'README.md')
    with open(changed, 'w', encoding='utf-8') as f:
        f.write(text.replace(row, '|'.join(cells)))
    said = verify(changed)
    assert said.returncode == 2, said
    problems = said.stderr.strip().splitlines()
    assert len(problems) == 1, said.stderr
    assert f'cell base, gIoU: {wrong} ' in problems[0] and f'the runs give {giou} ' in problems[0], problems
    assert re.search(r'\(seed 1 [0-9a-f]{32}/[0-9a-f]{12}, seed 2 ', problems[0]), problems


def check_every_format_is_verified():
    with open('README.md', encoding='utf-8') as f:
        row = next(line for line in f if line.startswith('| rank=2 | 2 |'))
    ciou = row.split('|')[8].split()[0]
    wrong = f'{float(ciou) + 0.1:.2f}'
    for form, ending in {'md': 'md', 'csv': 'csv', 'latex': 'tex', 'html': 'html'}.items():
        path = os.path.join(ROOT, f'report.{ending}')
        said = report('--format', form, '--out', path)
        assert said.returncode == 0, said
        said = verify(path)
        assert said.returncode == 0, said
        with open(path, encoding='utf-8') as f:
            text = f.read()
        assert text.count(ciou) == 1, (form, text.count(ciou))
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text.replace(ciou, wrong))
        said = verify(path)
        assert said.returncode == 2, said
        assert f'cell rank=2, cIoU: {wrong}' in said.stderr and f'the runs give {ciou}' in said.stderr, said.stderr


def check_damaged_logs_are_marked():
    """One log has another byte, one is cut off: both rows are of one seed then, and say so."""
    store = os.path.join(ROOT, 'damaged')
    shutil.copytree(STORE, store)
    with open(os.path.join(ROOT, 'report.csv'), encoding='utf-8', newline='') as f:
        rows = {row['cell']: row['runs'] for row in csv.DictReader(f)}
    for cell, damage in {'base': 'byte', 'rank=2': 'end'}.items():
        run = re.search(r'seed 1 ([0-9a-f]+)/', rows[cell])[1]
        log, = glob.glob(f'{store}/runs/*/*/{run}/*/evaluations/*/attempts/*/*.metrics')
        size = os.path.getsize(log)
        with open(log, 'r+b') as f:
            if damage == 'end':
                f.truncate(size // 2)
            else:
                f.seek(size // 2)
                byte = f.read(1)[0]
                f.seek(size // 2)
                f.write(bytes([byte ^ 1]))
        damaged = log if damage == 'byte' else damaged
    said = report('--format', 'csv', store=store)
    assert said.returncode == 2, said
    assert damaged in said.stderr, said.stderr
    of = {row['cell']: row for row in csv.DictReader(said.stdout.splitlines())}
    for cell, row in of.items():
        assert row['n'] == ('1/2†' if cell in ('base', 'rank=2') else '2'), row


def main():
    strip_store.unpack(os.path.join(os.path.dirname(os.path.realpath(__file__)), 'quickstart_store.tar.gz'), STORE)
    check_the_tables_are_those_of_the_runs()
    check_a_changed_digit_is_named()
    check_every_format_is_verified()
    check_damaged_logs_are_marked()


main()
