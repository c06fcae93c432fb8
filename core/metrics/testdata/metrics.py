"""Writes metrics.json: what scikit-learn (here: 1.6.1) measures on made-up scores.

    python3 metrics.py > metrics.json
"""
import json
import sys
import warnings

import numpy as np
import sklearn
from sklearn import metrics as m

warnings.simplefilter("ignore")  # undefined figures are what some cases are about
rng = np.random.RandomState(7)


def scores(n, share, strength, digits):
    y = (rng.random_sample(n) < share).astype(int)
    p = np.clip(rng.beta(2, 3, n) + strength * y * rng.random_sample(n), 0, 1)
    return p.round(digits), y


def average(report, name):
    row = report[name]
    return {"precision": row["precision"], "recall": row["recall"], "f1": row["f1-score"], "support": int(row["support"])}


def choose(y, p):
    grid = [k / 100 for k in range(1, 100)]
    f1 = [m.f1_score(y, p >= t, zero_division=0) for t in grid]
    return grid[int(np.argmax(f1))]


def case(name, p, y, threshold):
    p, y = np.asarray(p, float), np.asarray(y, int)
    report = m.classification_report(y, (p >= threshold).astype(int), labels=[0, 1], output_dict=True, zero_division=0)
    precision, recall, at = m.precision_recall_curve(y, p)
    both = 0 < y.sum() < len(y)
    roc = m.roc_curve(y, p, drop_intermediate=False) if both else None
    return {
        "name": name, "probabilities": p.tolist(), "positive": (y == 1).tolist(), "threshold": threshold,
        "report": {
            "n": len(y), "auc_pr": float(m.average_precision_score(y, p)),
            "roc_auc": float(m.roc_auc_score(y, p)) if both else None,
            "accuracy": float(m.accuracy_score(y, p >= threshold)),
            "classes": {"Broken": average(report, "1"), "Whole": average(report, "0")},
            "macro": average(report, "macro avg"), "weighted": average(report, "weighted avg"),
        },
        "brier": float(np.mean((p - y) ** 2)) if not both else float(m.brier_score_loss(y, p)),
        "chosen": choose(y, p) if both else None,
        # from the highest threshold to the lowest, without the corner at recall 0
        "thresholds": at[::-1].tolist(), "precision": precision[:-1][::-1].tolist(), "recall": recall[:-1][::-1].tolist(),
        # the same, with the corner at 0, 0 left out
        "false_positive_rate": roc[0][1:].tolist() if both else None,
        "true_positive_rate": roc[1][1:].tolist() if both else None,
    }


json.dump({
    "made_with": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "cases": [
        case("distinct scores", *scores(150, 0.3, 0.5, 9), 0.4),
        case("ties", *scores(400, 0.3, 0.4, 1), 0.5),
        case("rare positives", *scores(300, 0.03, 0.5, 2), 0.6),
        case("nothing learned", *scores(200, 0.5, 0.0, 2), 0.29),
        case("no positive prediction", *scores(60, 0.2, 0.1, 3), 1.0),
        case("no negative prediction", *scores(60, 0.2, 0.1, 3), 0.0),
        case("perfect", [0.9, 0.1, 0.8, 0.2], [1, 0, 1, 0], 0.5),
        case("reversed", [0.1, 0.9, 0.2, 0.8], [1, 0, 1, 0], 0.5),
        case("one score for all", [0.25] * 7, [0, 1, 0, 1, 1, 0, 0], 0.25),
        case("all positive", [0.3, 0.6, 0.6], [1, 1, 1], 0.5),
        case("all negative", [0.3, 0.6, 0.6], [0, 0, 0], 0.5),
        case("one row", [0.5], [1], 0.5),
        case("ends of the range", [0.0, 1.0, 0.0, 1.0, 0.5], [0, 1, 1, 0, 1], 1.0),
    ],
}, sys.stdout)
print()
