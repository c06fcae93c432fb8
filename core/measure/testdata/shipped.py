"""Writes shipped.json: what scikit-learn (here: 1.6.1), SciPy (1.17.1), statsmodels
(0.15.0) and NumPy (2.4.6) measure of the shipped model on the random split's test part.

    lendleaf score -model site/model/loan-default.lendleaf -in training.csv -out scored.csv
    python3 shipped.py scored.csv > shipped.json
"""
import json
import sys

import numpy as np
import pandas as pd
import scipy
import sklearn
import statsmodels
import statsmodels.api as sm
from scipy import stats
from sklearn import metrics as m
from sklearn.model_selection import train_test_split

THRESHOLD = 0.46
rows = pd.read_csv(sys.argv[1])
_, rest = train_test_split(np.arange(len(rows)), test_size=0.2, random_state=42)
_, test = train_test_split(rest, test_size=0.5, random_state=42)
rows = rows.iloc[test]
fields = rows.columns[1:12].tolist()  # without the number of the row
people = rows.groupby(fields, sort=False).ngroup().to_numpy()
y, p = rows["Risk_Flag"].to_numpy(), rows["probability_default"].to_numpy()
predicted = p >= THRESHOLD

x = scipy.special.logit(np.clip(p, 1e-8, 1 - 1e-8))
line = sm.Logit(y, sm.add_constant(x)).fit(disp=0, method="newton", maxiter=200, tol=1e-12)
assert line.mle_retvals["converged"]

# Samples of people, with replacement: a row counts as often as its person is drawn.
rng = np.random.default_rng(1)
drawn = []
for _ in range(1000):
    times = np.bincount(rng.integers(0, people.max() + 1, people.max() + 1), minlength=people.max() + 1)
    drawn.append(m.average_precision_score(y, p, sample_weight=times[people]))

json.dump({
    "made_with": {
        "scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__,
        "numpy": np.__version__, "pandas": pd.__version__,
    },
    "rows": len(y), "people": int(people.max()) + 1, "base_rate": float(y.mean()),
    "figures": {
        "auc_pr": m.average_precision_score(y, p), "roc_auc": m.roc_auc_score(y, p),
        "precision": m.precision_score(y, predicted), "recall": m.recall_score(y, predicted), "f1": m.f1_score(y, predicted),
        "accuracy": m.accuracy_score(y, predicted), "brier": m.brier_score_loss(y, p),
        "gini": 2 * m.roc_auc_score(y, p) - 1, "ks": stats.ks_2samp(p[y == 1], p[y == 0]).statistic,
        "calibration_slope": line.params[1], "calibration_intercept": line.params[0],
    },
    "auc_pr_interval": np.percentile(drawn, [2.5, 97.5]).tolist(),
}, sys.stdout, indent=1)
print()
