#!/usr/bin/env python3
"""Python's csv module, pandas and R's read.csv read what `report --long` writes.

pandas and R are used where they are installed; without them the test says so and passes.
"""

import collections
import csv
import os
import shutil
import subprocess
import sys

ROOT = os.environ['TEST_TMPDIR']
LONG = os.path.join(ROOT, 'long.csv')
ITEMS = os.path.join(ROOT, 'items.csv')


def check_csv():
    """The mean IoU of the items of a run is its gIoU, sums give cIoU, to the last digits."""
    with open(LONG, newline='', encoding='utf-8') as f:
        rows = list(csv.DictReader(f))
    # 4 cells of 3 seeds with 7 metrics; 3 steps with loss and learning rate.
    assert len(rows) == 4 * 3 * 7 + 3 * 2, len(rows)
    assert {r['cell'] for r in rows} == {'base', 'rank=8, "small"', 'rank=32', 'text=ZERO'}
    score = {(r['run'], r['metric']): float(r['value']) for r in rows if r['source'] == 'evaluation'}
    loss = [float(r['value']) for r in rows if r['source'] == 'training' and r['metric'] == 'loss']
    assert loss == [1.0, 0.5, 1 / 3], loss
    sums = collections.defaultdict(lambda: collections.defaultdict(list))
    with open(ITEMS, newline='', encoding='utf-8') as f:
        for row in csv.DictReader(f):
            sums[row['run']][row['metric']].append(float(row['value']))
    assert len(sums) == 12
    for run, metrics in sums.items():
        assert len(metrics['iou']) == 20
        assert abs(sum(metrics['iou']) / 20 - score[run, 'gIoU']) < 1e-12, run
        assert sum(metrics['intersection']) / sum(metrics['union']) == score[run, 'cIoU'], run


def check_pandas():
    """Types are what a plot needs: numbers are numbers, and what is missing is missing."""
    try:
        import pandas  # pylint: disable=import-outside-toplevel
    except ImportError:
        print('skipped: pandas is not installed')
        return
    table = pandas.read_csv(LONG)
    assert str(table['value'].dtype) == 'float64' and not table['value'].isna().any()
    assert table['step'].notna().sum() == 6
    means = table[table['metric'] == 'gIoU'].groupby('cell')['value'].agg(['mean', 'std', 'count'])
    assert (means['count'] == 3).all() and means['std'].notna().all()
    items = pandas.read_csv(ITEMS)
    wide = items.pivot(index=['run', 'item'], columns='metric', values='value')
    assert (abs(wide['intersection'] / wide['union'] - wide['iou']) < 1e-12).all()
    print('pandas', pandas.__version__)


def check_r():
    """read.csv sees the same numbers."""
    r = shutil.which('Rscript')
    if not r:
        print('skipped: R is not installed')
        return
    code = (f't <- read.csv("{LONG}"); stopifnot(nrow(t) == 90, is.numeric(t$value)); '
            'cat(sprintf("%.17g", sum(t$value[t$metric == "gIoU"])))')
    out = subprocess.run([r, '-e', code], check=True, capture_output=True, text=True).stdout
    with open(LONG, newline='', encoding='utf-8') as f:
        wanted = sum(float(x['value']) for x in csv.DictReader(f) if x['metric'] == 'gIoU')
    assert abs(float(out) - wanted) < 1e-12, (out, wanted)
    print('R read it')


subprocess.run([sys.argv[1], ROOT], check=True)
check_csv()
check_pandas()
check_r()
