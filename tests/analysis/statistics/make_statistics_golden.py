"""Writes statistics_golden.json: what SciPy and NumPy compute.

The reference for analysis/statistics. Values are drawn by NumPy, so that the
tests need no generator of ours; tests over items and seeds are enumerated by
scipy.stats.permutation_test. Written with the versions that the file records.
Run it in this directory:

    python3 make_statistics_golden.py
"""

import json
import math

import numpy as np
import scipy
from scipy import special, stats

RNG = np.random.default_rng(7)
CONFIDENCE = 0.95


def listed(array):
    return [float(value) for value in np.asarray(array).ravel()]


def columns(items, empty=False):
    """Intersections and unions of a run."""
    unions = RNG.integers(1, 5000, items)
    intersections = (unions * RNG.random(items)).astype(int)
    if empty:
        unions[0] = intersections[0] = 0
    return intersections.astype(float), unions.astype(float)


def bootstrap():
    items, draws = 12, 60
    counts = RNG.multinomial(items, [1 / items] * items, draws).astype(float)
    runs = [columns(items) for _ in range(3)]
    ious = [i / u for i, u in runs]
    ratios = [counts @ i / (counts @ u) for i, u in runs]
    means = [counts @ iou / items for iou in ious]
    return {
        "counts": listed(counts),
        "runs": [[listed(i), listed(u)] for i, u in runs],
        "ratios": [listed(r) for r in ratios],
        "means": [listed(m) for m in means],
        "interval": listed(np.quantile(ratios[0] - ratios[1], [0.025, 0.975])),
    }


def item_permutation():
    cases = []
    for items in (6, 9):
        a, b = columns(items), columns(items)
        stacked_a, stacked_b = np.stack(a, -1), np.stack(b, -1)

        def ratio(x, y):
            return abs(
                x[..., 0].sum() / x[..., 1].sum() - y[..., 0].sum() / y[..., 1].sum()
            )

        # SciPy exchanges whole items by indices into the two samples.
        both = (stacked_a, stacked_b)

        def statistic(x, y):
            place = np.arange(items)
            x, y = x.astype(int), y.astype(int)
            return ratio(
                np.stack([both[k][i] for i, k in zip(place, x)]),
                np.stack([both[k][i] for i, k in zip(place, y)]),
            )

        result = stats.permutation_test(
            (np.zeros(items), np.ones(items)),
            statistic,
            permutation_type="samples",
            alternative="greater",
            n_resamples=np.inf,
        )
        mean = stats.permutation_test(
            (a[0] / a[1], b[0] / b[1]),
            lambda x, y, axis: np.abs(np.mean(x - y, axis=axis)),
            permutation_type="samples",
            alternative="greater",
            n_resamples=np.inf,
        )
        cases.append(
            {
                "a": [listed(a[0]), listed(a[1])],
                "b": [listed(b[0]), listed(b[1])],
                "ratio_p": float(result.pvalue),
                "mean_p": float(mean.pvalue),
            }
        )
    return cases


def seed_tests():
    cases = []
    for na, nb in ((2, 2), (3, 3), (3, 5), (5, 5), (7, 6)):
        a = RNG.normal(0.6, 0.02, na)
        b = RNG.normal(0.58, 0.02, nb)
        if na == 5:
            b[:2] = a[:2]  # ties
        permuted = stats.permutation_test(
            (a, b),
            lambda x, y, axis: np.abs(np.mean(x, axis=axis) - np.mean(y, axis=axis)),
            permutation_type="independent",
            alternative="greater",
            n_resamples=np.inf,
        )
        case = {"a": listed(a), "b": listed(b), "p": float(permuted.pvalue)}
        welch = stats.ttest_ind(a, b, equal_var=False).confidence_interval(
            CONFIDENCE
        )
        case["welch"] = [float(welch.low), float(welch.high)]
        freedom = na + nb - 2
        pooled = math.sqrt(
            ((na - 1) * a.var(ddof=1) + (nb - 1) * b.var(ddof=1)) / freedom
        )
        correction = math.exp(
            special.gammaln(freedom / 2) - special.gammaln((freedom - 1) / 2)
        ) / math.sqrt(freedom / 2)
        case["g"] = float((a.mean() - b.mean()) / pooled * correction)
        mean = stats.t.interval(
            CONFIDENCE, na - 1, loc=a.mean(), scale=stats.sem(a)
        )
        case["mean"] = listed(mean)
        if na == nb:
            flipped = stats.permutation_test(
                (a - b,),
                lambda x, axis: np.abs(np.mean(x, axis=axis)),
                permutation_type="samples",
                alternative="greater",
                n_resamples=np.inf,
            )
            case["sign_flip_p"] = float(flipped.pvalue)
        cases.append(case)
    return cases


def shares():
    cases = []
    for successes, n in ((0, 10), (1, 10), (7, 10), (10, 10), (1296, 1740)):
        interval = stats.binomtest(successes, n).proportion_ci(CONFIDENCE, "wilson")
        cases.append([successes, n, float(interval.low), float(interval.high)])
    return cases


def mcnemar():
    cases = []
    for first, second in ((0, 5), (3, 9), (40, 61), (10, 10), (0, 1)):
        p = stats.binomtest(first, first + second, 0.5).pvalue
        cases.append([first, second, float(p)])
    return cases


def holm():
    cases = []
    for p, family in (
        ([0.01, 0.04, 0.03, 0.005], 4),
        ([0.5, 0.6], 2),
        ([0.02, 0.02, 0.001], 5),
    ):
        padded = np.array(list(p) + [1.0] * (family - len(p)))
        order = np.argsort(padded, kind="stable")
        steps = (family - np.arange(family)) * padded[order]
        adjusted = np.empty(family)
        adjusted[order] = np.minimum(1, np.maximum.accumulate(steps))
        cases.append({"p": p, "family": family, "adjusted": listed(adjusted[: len(p)])})
    return cases


def seeds_needed():
    z = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    return {"paired_at_1": float(z**2), "unpaired_at_half": float(2 * (z / 0.5) ** 2)}


def power():
    """Power of the two-sided t test of 16 against 16 at one deviation."""
    n, d = 16, 1.0
    freedom = 2 * n - 2
    t = stats.t.ppf(0.975, freedom)
    shift = d * math.sqrt(n / 2)
    return {
        "n": n,
        "d": d,
        "power": float(
            stats.nct.sf(t, freedom, shift) + stats.nct.cdf(-t, freedom, shift)
        ),
    }


def main():
    golden = {
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "bootstrap": bootstrap(),
        "item_permutation": item_permutation(),
        "seed_tests": seed_tests(),
        "shares": shares(),
        "mcnemar": mcnemar(),
        "holm": holm(),
        "seeds_needed": seeds_needed(),
        "power": power(),
        "student": [
            [f, float(stats.t.ppf(0.975, f))] for f in (1, 2, 4, 7.5, 30)
        ],
    }
    with open("statistics_golden.json", "w") as file:
        json.dump(golden, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
