"""Writes metrics.json: what scikit-learn (here: 1.6.1), SciPy (1.17.1) and
statsmodels (0.15.0) measure on made-up scores.

    python3 metrics.py > metrics.json
"""
import json
import sys
import warnings

import numpy as np
import scipy
import sklearn
import statsmodels
import statsmodels.api as sm
from scipy import stats
from sklearn import metrics as m

warnings.simplefilter("ignore")  # undefined figures are what some cases are about
rng = np.random.RandomState(7)


def scores(n, share, strength, digits):
    y = (rng.random_sample(n) < share).astype(int)
    p = np.clip(rng.beta(2, 3, n) + strength * y * rng.random_sample(n), 0, 1)
    return p.round(digits), y


def sure(n, slope, shift, digits=9):
    """Probabilities whose log-odds are so many times the true ones, and shifted."""
    x = rng.normal(-0.5, 1, n)
    y = (rng.random_sample(n) < scipy.special.expit(x)).astype(int)
    return scipy.special.expit(slope * x + shift).round(digits), y


def average(report, name):
    row = report[name]
    return {"precision": row["precision"], "recall": row["recall"], "f1": row["f1-score"], "support": int(row["support"])}


def choose(y, p):
    grid = [k / 100 for k in range(1, 100)]
    f1 = [m.f1_score(y, p >= t, zero_division=0) for t in grid]
    return grid[int(np.argmax(f1))]


def gini(y, p):
    """Somers' D. SciPy gives none where all scores are equal; pairs are then as often right as wrong."""
    return float(stats.somersd(y, p).statistic) if len(set(p)) > 1 else 0.0


def recalibration(y, p):
    """Slope and intercept of the outcome's log-odds on those of p, or none where no line is the likeliest.

    By Albert and Anderson (1984) there is one only if both outcomes' logits overlap."""
    x = scipy.special.logit(np.clip(p, 1e-8, 1 - 1e-8))
    if not (y.any() and not y.all() and x[y == 1].min() < x[y == 0].max() and x[y == 0].min() < x[y == 1].max()):
        return None, None
    fit = sm.Logit(y, sm.add_constant(x)).fit(disp=0, method="newton", maxiter=200, tol=1e-12)
    assert fit.mle_retvals["converged"]
    return float(fit.params[1]), float(fit.params[0])


def counted(p, positives, rows):
    """The same of rows that are counted by their probability: a whole step of Newton's leads down here at first."""
    x = scipy.special.logit(np.clip(p, 1e-8, 1 - 1e-8))
    both = np.column_stack([positives, np.subtract(rows, positives)])
    fit = sm.GLM(both, sm.add_constant(x), family=sm.families.Binomial()).fit(maxiter=1000, tol=1e-12)
    assert fit.converged
    return {"probabilities": p, "positives": positives, "rows": rows, "slope": fit.params[1], "intercept": fit.params[0]}


def interval(y, p, people, threshold, draws=6000, seed=1):
    """The 2.5th and 97.5th percentile of AUC-PR, recall and Gini in samples that draw people."""
    rng = np.random.default_rng(seed)
    rows = [np.flatnonzero(people == i) for i in range(people.max() + 1)]
    drawn = []
    for _ in range(draws):
        take = np.concatenate([rows[i] for i in rng.integers(0, len(rows), len(rows))])
        drawn.append([
            m.average_precision_score(y[take], p[take]), m.recall_score(y[take], p[take] >= threshold),
            2 * m.roc_auc_score(y[take], p[take]) - 1,
        ])
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return {"low": low.tolist(), "high": high.tolist()}


def people_drawn(n=150, threshold=0.4):
    """A person has one to eleven rows, all with much the same score and mostly the same outcome."""
    rng = np.random.RandomState(11)
    people = np.repeat(np.arange(n), rng.randint(1, 12, n))
    risk = rng.beta(2, 3, n)
    p = np.clip(risk[people] + rng.normal(0, 0.03, len(people)), 0, 1).round(2)
    y = (rng.random_sample(n) < risk)[people].astype(int)
    return {
        "probabilities": p.tolist(), "positive": (y == 1).tolist(), "people": people.tolist(), "threshold": threshold,
        "by_person": interval(y, p, people, threshold), "by_row": interval(y, p, np.arange(len(p)), threshold),
    }


def case(name, p, y, threshold):
    p, y = np.asarray(p, float), np.asarray(y, int)
    report = m.classification_report(y, (p >= threshold).astype(int), labels=[0, 1], output_dict=True, zero_division=0)
    precision, recall, at = m.precision_recall_curve(y, p)
    both = 0 < y.sum() < len(y)
    roc = m.roc_curve(y, p, drop_intermediate=False) if both else None
    slope, intercept = recalibration(y, p)
    yes = average(report, "1")
    return {
        "name": name, "probabilities": p.tolist(), "positive": (y == 1).tolist(), "threshold": threshold,
        "report": {
            "n": len(y), "auc_pr": float(m.average_precision_score(y, p)),
            "roc_auc": float(m.roc_auc_score(y, p)) if both else None,
            "precision": yes["precision"], "recall": yes["recall"], "f1": yes["f1"],
            "accuracy": float(m.accuracy_score(y, p >= threshold)),
            "brier": float(np.mean((p - y) ** 2)) if not both else float(m.brier_score_loss(y, p)),
            "gini": gini(y, p) if both else None,
            "ks": float(stats.ks_2samp(p[y == 1], p[y == 0]).statistic) if both else None,
            "calibration_slope": slope, "calibration_intercept": intercept,
            "classes": {"Broken": yes, "Whole": average(report, "0")},
            "macro": average(report, "macro avg"), "weighted": average(report, "weighted avg"),
        },
        "chosen": choose(y, p) if both else None,
        # from the highest threshold to the lowest, without the corner at recall 0
        "thresholds": at[::-1].tolist(), "precision": precision[:-1][::-1].tolist(), "recall": recall[:-1][::-1].tolist(),
        # the same, with the corner at 0, 0 left out
        "false_positive_rate": roc[0][1:].tolist() if both else None,
        "true_positive_rate": roc[1][1:].tolist() if both else None,
    }


json.dump({
    "made_with": {"scikit-learn": sklearn.__version__, "numpy": np.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
    "intervals": people_drawn(),
    "lines": [
        counted([0.0, 0.3, 0.999], [0, 5, 2], [111, 4554, 3]),
        counted([0.9, 0.99, 0.999], [1, 1, 0], [2, 1178, 248]),
    ],
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
        case("too sure", *sure(100, 3, 0.4), 0.5),
        case("not sure enough", *sure(100, 0.3, -1), 0.5),
        case("upside down", *sure(100, -1, 0), 0.5),
        case("all but told apart", [0.1, 0.2, 0.3, 0.31, 0.32, 0.8, 0.9], [0, 0, 0, 1, 0, 1, 1], 0.5),
        case("told apart but for a tie", [0.1, 0.2, 0.3, 0.3, 0.8, 0.9], [0, 0, 0, 1, 1, 1], 0.3),
        case("far from the middle", [0.999999, 0.9999995, 0.99999999, 0.999999], [0, 1, 0, 1], 0.9999999),
        case("a share at either end", *sure(80, 4, 0, 1), 0.5),
    ],
}, sys.stdout)
print()
