"""Writes splits.json, the splits that scikit-learn makes (here: 1.6.1, NumPy 2.4.6).

    python3 splits.py > splits.json
"""
import hashlib
import json
import math
import sys

import numpy as np
import sklearn
from sklearn.model_selection import train_test_split


def split(n):
    train, rest = train_test_split(np.arange(n), test_size=0.2, random_state=42)
    validation, test = train_test_split(rest, test_size=0.5, random_state=42)
    return {"train": train.tolist(), "validation": validation.tolist(), "test": test.tolist()}


def by_group(groups):
    """The first tenth of the permuted groups is the test part, the second the validation part."""
    permuted = np.random.RandomState(42).permutation(max(groups) + 1)
    tenth = math.ceil(len(permuted) / 10)
    parts = {"train": permuted[2 * tenth:], "validation": permuted[tenth:2 * tenth], "test": permuted[:tenth]}
    return {part: np.flatnonzero(np.isin(groups, held)).tolist() for part, held in parts.items()}


def digest(rows):
    """SHA-256 of the row numbers, a line each."""
    return hashlib.sha256("".join(f"{r}\n" for r in rows).encode()).hexdigest()


# 300 rows of 70 groups, numbered in order of first appearance
values = np.random.RandomState(1).randint(0, 70, 300).tolist()
number = {v: i for i, v in enumerate(dict.fromkeys(values))}
groups = [number[v] for v in values]

json.dump({
    "made_with": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "rows": {n: split(n) for n in (6, 10, 11, 15, 35, 64, 65, 1000)},
    "digests": {n: {k: digest(v) for k, v in split(n).items()} for n in (4096, 99999, 252000)},
    "by_group": {"values": values, "groups": groups, "rows": by_group(groups)},
}, sys.stdout)
print()
