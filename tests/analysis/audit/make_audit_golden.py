"""Writes audit_golden.json: the granularity audit of Tables I and II of the RSRefSeg paper.

The reference for analysis/audit. Shares are compared as fractions, probabilities are SciPy's
binomial tails; nothing is shared with our code. Written with Python 3.11 and SciPy 1.17.1; the file
records the version. Run it in this directory:

    python3 make_audit_golden.py
"""

import fractions
import json
import math

import scipy
from scipy.stats import binom

F = fractions.Fraction
OWN = """
74.49 68.33 58.73 48.50 30.80
59.54 54.19 46.60 37.93 22.64
72.52 67.35 56.66 45.86 26.78
70.22 64.82 55.86 45.00 25.91
57.98 52.76 44.59 35.23 21.38
71.03 65.63 55.80 43.62 26.95
68.67 62.64 53.62 42.47 25.57
66.37 61.32 52.06 41.37 24.25
59.77 54.31 46.78 37.58 22.24
"""
RERUN = """
66.93 60.99 51.71 39.79 23.99
70.38 63.83 52.86 42.11 25.02
69.41 63.06 53.46 41.22 24.27
71.96 65.76 55.16 42.03 25.02
74.46 66.96 56.31 42.83 24.13
"""
COPIED = """
51.07 42.11 32.77 21.57 6.37
55.32 46.45 37.43 25.39 8.15
56.02 46.25 37.70 25.28 8.27
55.83 47.40 36.94 25.45 9.19
56.90 48.77 39.12 27.03 8.73
57.65 47.51 36.97 24.33 7.78
"""


def rounded(value, items):
    return any(
        abs(F(100 * k, items) - value) <= F(1, 200)
        for k in range(max(0, math.floor(value * items / 100) - 1), math.floor(value * items / 100) + 3)
    )


def truncated(value, items):
    low, high = value * items / 100, (value + F(1, 100)) * items / 100
    return math.ceil(low) < high


RULES = {
    "rounded": (rounded, 1.0),
    "truncated": (truncated, 1.0),
    "either": (lambda v, n: rounded(v, n) or truncated(v, n), 1.5),
}


def fit(values, items, rule):
    fits, factor = RULES[rule]
    count = sum(fits(v, items) for v in values)
    chance = min(1.0, factor * items / 10000)
    return {
        "fits": count,
        "expected": len(values) * chance,
        "tail": float(binom.sf(count - 1, len(values), chance)),
    }


def scan(values):
    best = []
    for items in range(200, 3700):
        best.append((min(fit(values, items, rule)["tail"] for rule in RULES), items))
    return [items for _, items in sorted(best)[:3]]


def main():
    golden = {"scipy": scipy.__version__, "groups": {}}
    for name, text in (("own", OWN), ("rerun", RERUN), ("copied", COPIED)):
        values = [F(v) for v in text.split()]
        golden["groups"][name] = {
            "values": len(values),
            "known": {
                str(items): {rule: fit(values, items, rule) for rule in RULES}
                for items in (1740, 3481)
            },
            "scan": scan(values),
        }
    with open("audit_golden.json", "w", encoding="ascii") as out:
        json.dump(golden, out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main()
