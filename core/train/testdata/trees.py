"""Writes trees.json: trees of scikit-learn on rows drawn beforehand.

Run with scikit-learn 1.6.1: python3 trees.py > trees.json

A forest's bootstrap cannot be shared, so the draws are fixed here: row i counts
draws[i] times. Class weights are "balanced" over all rows once, before the
draws, as RandomForestClassifier takes them. The limits are chosen so
that no two splits of a node are equally good.
"""
import json
import math

import numpy as np
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.class_weight import compute_sample_weight

random = np.random.RandomState(1)
n = 400
x = np.column_stack([
    random.randint(-5000, 5000, n),
    random.randint(0, 37, n),
    random.randint(-9, 90, n) * 100_003,
    random.randint(0, 2, n),
])
risk = x[:, 0] / 2500 + np.abs(x[:, 1] - 18) / 6 + x[:, 2] / 4e6 + x[:, 3] * 1.5 + random.normal(0, 2.5, n)
y = (risk > 4.2).astype(int)
draws = random.poisson(1.0, n)
weight = compute_sample_weight("balanced", y)


def nodes_of(t):
    """The tree in preorder. Rounding makes scikit-learn divide some nodes of one class: those are leaves here."""
    def walk(i):
        if t.children_left[i] < 0:
            return [{"feature": -1, "value": round(t.value[i][0][1] / t.value[i][0].sum(), 13)}]
        left, right = walk(t.children_left[i]), walk(t.children_right[i])
        if len(left) == len(right) == 1 and left == right and left[0]["value"] in (0, 1):
            return left
        return [{"feature": int(t.feature[i]), "cut": math.floor(t.threshold[i])}] + left + right

    return walk(0)


def tree(depth, max_leaves, min_leaf):
    again = np.repeat(np.arange(n), draws)

    def fit(seed):
        model = DecisionTreeClassifier(
            max_depth=depth or None, max_leaf_nodes=max_leaves or None, min_samples_leaf=min_leaf, random_state=seed
        )
        return nodes_of(model.fit(x[again], y[again], sample_weight=weight[again]).tree_)

    nodes = fit(0)
    # The seed decides between splits that are equally good: there must be none.
    assert all(fit(seed) == nodes for seed in range(1, 20)), (depth, max_leaves, min_leaf)
    return {"depth": depth, "max_leaves": max_leaves, "min_leaf": min_leaf, "nodes": nodes}


print(json.dumps({
    "vectors": x.ravel().tolist(), "features": 4, "positive": y.astype(bool).tolist(), "draws": draws.tolist(),
    "trees": [tree(4, 0, 5), tree(0, 0, 25), tree(0, 12, 1), tree(4, 9, 5), tree(3, 0, 1)],
}))
