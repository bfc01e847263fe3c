"""Writes segmentation_golden.json: scores of made masks, computed with NumPy.

The reference for metrics/segmentation.h and for the means and deviations of
analysis/aggregate.h. Masks are drawn, counted and scored here by array
operations that share nothing with our code. Written with Python 3.11 and NumPy
2.4.6; the file records the version. Run it in this directory:

    python3 make_segmentation_golden.py
"""

import json

import numpy as np

SIDE = 40
ITEMS = 60
SEEDS = (1, 2, 3)
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)


def rectangle(rng):
    mask = np.zeros((SIDE, SIDE), bool)
    top, left = rng.integers(0, SIDE // 2, 2)
    height, width = rng.integers(4, SIDE // 2, 2)
    mask[top : top + height, left : left + width] = True
    return mask


def prediction(rng, truth):
    """The truth with a share of its pixels lost and some others added."""
    lost = rng.random() ** 2
    kept = truth & (rng.random(truth.shape) > lost)
    return kept | (rng.random(truth.shape) < 0.05 * rng.random())


def tie(tenths):
    """Masks whose IoU is exactly tenths / 10."""
    truth = np.zeros((SIDE, SIDE), bool)
    truth[0, :10] = True
    guess = np.zeros_like(truth)
    guess[0, :tenths] = True
    return truth, guess


def variant(both, either, tie, empty):
    """The scores under another rule for ties and for an empty union."""
    if empty == "left out":
        both, either = both[either > 0], either[either > 0]
    value = {"one": 1.0, "zero": 0.0, "left out": np.nan}[empty]
    iou = np.full(both.shape, value)
    np.divide(both, either, out=iou, where=either > 0)
    # 0.6 and its like are no doubles: ties are decided in integers there, and
    # here by a distance that no other ratio of these masks comes near.
    slack = -1e-12 if tie == "at least" else 1e-12
    return {
        "pr": [float(np.mean(iou > x + slack)) for x in THRESHOLDS],
        "ciou": float(both.sum() / either.sum()),
        "giou": float(np.mean(iou)),
        "items": int(both.size),
    }


def run(seed):
    rng = np.random.default_rng(seed)
    pairs = [tie(t) for t in (5, 6, 7, 8, 9)]
    empty = np.zeros((SIDE, SIDE), bool)
    pairs += [(empty, empty), (empty, rectangle(rng)), (rectangle(rng), empty)]
    while len(pairs) < ITEMS:
        truth = rectangle(rng)
        pairs.append((truth, prediction(rng, truth)))
    truth = np.stack([p[0] for p in pairs])
    guess = np.stack([p[1] for p in pairs])
    both = np.logical_and(truth, guess).sum(axis=(1, 2))
    either = np.logical_or(truth, guess).sum(axis=(1, 2))
    iou = np.where(either == 0, 1.0, both / np.maximum(either, 1))
    scores = {
        "pr": [float(np.mean(iou > x)) for x in THRESHOLDS],
        "ciou": float(both.sum() / either.sum()),
        "giou": float(np.mean(iou)),
    }
    variants = {
        f"{tie} {empty}": variant(both, either, tie, empty)
        for tie in ("above", "at least")
        for empty in ("one", "zero", "left out")
    }
    ids = rng.permutation(ITEMS) * 7 + 100
    items = [[int(i), int(b), int(e)] for i, b, e in zip(ids, both, either)]
    # The same ids in every run, in another order.
    return {"seed": seed, "items": items, "scores": scores, "variants": variants}


def main():
    runs = [run(seed) for seed in SEEDS]
    table = np.array(
        [
            r["scores"]["pr"] + [r["scores"]["ciou"], r["scores"]["giou"]]
            for r in runs
        ]
    )
    golden = {
        "numpy": np.__version__,
        "runs": runs,
        "columns": ["PR_50", "PR_60", "PR_70", "PR_80", "PR_90", "CIOU", "GIOU"],
        "mean": table.mean(axis=0).tolist(),
        "sample_sd": table.std(axis=0, ddof=1).tolist(),
    }
    with open("segmentation_golden.json", "w", encoding="ascii") as out:
        json.dump(golden, out)
        out.write("\n")


if __name__ == "__main__":
    main()
