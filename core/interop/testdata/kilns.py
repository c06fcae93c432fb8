"""Make kilns.dump and kilns.csv, from which the Go tests learn what scikit-learn says.

    python3 kilns.py      (needs ../requirements.txt)

The kilns are made up. kilns.csv holds, for each row, the record's integers (heat in
hundredths, bricks, the places of clay and site among the definition's labels) and
predict_proba of the forest in kilns.dump.
"""

import pathlib
import sys

import numpy as np
from sklearn.ensemble import RandomForestClassifier

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import sklearn_export  # noqa: E402

CLAY, SITE = ["red", "blue", "white"], ["north", "east", "south", "west", "hill"]
EXPOSURE = {"south": 0, "east": 0, "west": 1, "north": 1, "hill": 2}
RATES = {"north": 0.3, "east": 0.1, "south": 0.25, "west": 0.3, "hill": 0.5}

random = np.random.RandomState(7)
rows = 400
record = np.stack([
    random.randint(-2000, 8001, rows), random.randint(0, 90000, rows),
    random.randint(0, len(CLAY), rows), random.randint(0, len(SITE), rows),
], axis=1)
site = [SITE[i] for i in record[:, 3]]
raw = np.stack([
    record[:, 0] / 100, record[:, 1], record[:, 2] == 1, record[:, 2] == 2,
    [EXPOSURE[s] for s in site], [RATES[s] for s in site],
], axis=1).astype(float)
scaling = {"heat": 0, "bricks": 1, "site_rate": 5}
mean, scale = raw.mean(axis=0), raw.std(axis=0)
inputs = raw.copy()
for column in scaling.values():
    inputs[:, column] = (raw[:, column] - mean[column]) / scale[column]
chance = 1 / (1 + np.exp(3 - raw[:, 0] / 20 - raw[:, 1] / 30000 - raw[:, 5] + raw[:, 2]))
cracked = (random.random_sample(rows) < chance).astype(int)

forest = RandomForestClassifier(9, max_depth=8, class_weight="balanced", random_state=3).fit(inputs, cracked)
scaled = {name: {"feature": name, "mean": mean[c], "scale": scale[c]} for name, c in scaling.items()}
description = {
    "inputs": [
        scaled["heat"], scaled["bricks"],
        {"field": "clay", "label": "blue", "categories": CLAY}, {"field": "clay", "label": "white", "categories": CLAY},
        {"feature": "exposure", "categories": ["sheltered", "open", "bare"]}, scaled["site_rate"],
    ],
    "rates": {"site": RATES}, "typical": {"clay": "blue"}, "threshold": 0.4,
}
sklearn_export.export(forest, description, None, HERE / "kilns.dump")
probability = forest.predict_proba(inputs)[:, 1]
with open(HERE / "kilns.csv", "w", encoding="utf-8") as file:
    file.writelines(",".join(map(str, r)) + f",{float(p)!r}\n" for r, p in zip(record.tolist(), probability))
