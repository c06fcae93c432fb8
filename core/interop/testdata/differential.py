"""Draw definitions, fit a forest or pipeline for each, and write what scikit-learn says.

    python3 differential.py SEED COUNT OUT

For each case, OUT gets N.json (the definition), N.dump (by sklearn_export), N.csv (rows:
some drawn, and every number of each field's range) and N.txt (predict_proba of the
positive class, and 1 where predict says positive). The cases differ in everything that an
importer could get wrong: ranges, steps, scalers, encoders, classes and their order,
estimators, missing values, and thresholds that lie exactly on an input or just beside.
"""

import json
import pathlib
import sys
import warnings

import numpy as np
import pandas as pd
from scipy.sparse import csc_matrix
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE / "steps"), str(HERE.parent)]
import applicant_steps as steps  # noqa: E402
import sklearn_export  # noqa: E402

TRAINING, DRAWN, OPEN = 300, 1000, 4000  # rows, rows, and steps of an open range that are tried
TARGETS = [([0, 1], ["0", "1"]), (["no", "yes"], ["no", "yes"]), ([False, True], ["0", "1"]), ([2.0, 7.0], ["2", "7"])]


class Case:
    """One definition, its rows and its estimator."""

    def __init__(self, seed):
        self.random = np.random.RandomState(seed)
        self.fields, self.features, self.numbers = [], [], {}
        for i in range(self.random.randint(1, 4)):
            self.add_number(f"number_{i}")
        for name in ["state", "choice_1", "choice_2"][: self.random.randint(1, 4)]:
            self.add_choice(name)
        self.choices = [f for f in self.fields if f["kind"] == "choice"]
        self.classes, self.spellings = TARGETS[self.random.randint(len(TARGETS))]
        self.positive = self.random.randint(2)

    def flip(self):
        return bool(self.random.randint(2))

    def add_number(self, name):
        step = float(self.random.choice([1, 1, 0.01, 0.1, 0.5, 0.3, 1000]))
        low = int(self.random.randint(-2000, 2000))
        high = low + int(self.random.choice([3, 50, 4000]))
        steps_of = np.arange(low, high + 1)
        inverse = round(1 / step)
        values = steps_of / inverse if inverse >= 1 and abs(inverse * step - 1) < 1e-9 else steps_of * step
        self.numbers[name] = values
        field = {"name": name, "text": name, "noun": name, "kind": "number", "step": step, "min": float(values[0])}
        if self.flip():
            field["max"] = float(values[-1])
        self.fields.append(field)
        self.features.append({"name": name, "field": name, "kind": "plain"})

    def add_choice(self, name):
        labels = [f"{name[0]}{i}" for i in range(self.random.randint(2, 6))]
        self.fields.append({"name": name, "text": name, "noun": name, "kind": "choice", "optional": self.flip(),
                            "labels": [{"name": x, "text": x} for x in labels]})
        if name == "state":
            self.features.append({"name": "state_default_rate", "field": name, "kind": "rate"})
        dropped = labels[0] if self.flip() else None
        if self.flip():
            self.features += [{"name": f"{name}_{x}", "field": name, "kind": "indicator", "label": x} for x in labels if x != dropped]
        if self.flip():
            places = np.arange(len(labels)) % self.random.randint(1, len(labels) + 1)
            self.features.append({"name": f"{name}_class", "field": name, "kind": "class", "classes": [
                {"name": f"class_{p}", "labels": [x for x, q in zip(labels, places) if p == q]} for p in range(max(places) + 1)]})

    def definition(self):
        outcome = lambda i: {"name": ["Bad", "Good"][i], "spellings": [self.spellings[i]]}  # noqa: E731
        return {
            "name": "drawn", "fields": self.fields,
            "form": [{"field": f["name"], "input": "number" if f["kind"] == "number" else "select"} for f in self.fields],
            "target": {"columns": ["target"], "positive": outcome(self.positive), "negative": outcome(1 - self.positive)},
            "features": self.features,
        }

    def draw(self, rows):
        data = pd.DataFrame({n: self.random.choice(v, rows) for n, v in self.numbers.items()})
        for f in self.choices:
            data[f["name"]] = np.resize([x["name"] for x in f["labels"]], rows)[self.random.permutation(rows)]
            if f["optional"]:
                data[f["name"]] = data[f["name"]].mask(self.random.random_sample(rows) < 0.1)
        return data

    def rows(self):
        """Drawn rows, and every number of each range (of an open one, beyond it too) beside a drawn rest."""
        parts = [self.draw(DRAWN)]
        for name, values in self.numbers.items():
            if "max" not in next(f for f in self.fields if f["name"] == name):
                values = np.concatenate([values, values[-1] + np.arange(1, OPEN + 1, 50) * (values[1] - values[0]) * 50])
            parts.append(self.draw(1).sample(len(values), replace=True).assign(**{name: values}))
        return pd.concat(parts, ignore_index=True)

    def outcomes(self, data):
        """Depend on the inputs, so that trees grow, and on chance."""
        signal = sum((v.rank(pct=True) if n in self.numbers else v.isin([v.mode()[0]])).astype(float) for n, v in data.items())
        bad = signal + self.random.normal(0, 0.3, len(data)) > signal.median()
        return np.array(self.classes)[bad.astype(int)]

    def estimator(self, inputs):
        pick = lambda *options: options[self.random.randint(len(options))]  # noqa: E731
        options = {
            "max_depth": pick(None, 1, 4, 12), "max_leaf_nodes": pick(None, 2, 20, np.int64(60)), "min_samples_leaf": pick(1, 1, 3, 0.02),
            "max_features": pick(None, "sqrt", 1), "class_weight": pick(None, "balanced"), "criterion": pick("gini", "entropy"),
            "ccp_alpha": pick(0, 0, 0.002), "random_state": pick(1, np.int64(2)),
            "monotonic_cst": pick(None, None, [1] + [0] * (inputs - 1)),
        }
        if self.random.randint(4) == 0:
            return DecisionTreeClassifier(**options)
        kind = pick(RandomForestClassifier, ExtraTreesClassifier)
        return kind(pick(1, 2, 3, 7), bootstrap=kind is RandomForestClassifier and self.flip(), **options)

    # --- A bare forest on inputs that are made here ---

    def bare(self, data, training):
        """Return the inputs of data, and their description."""
        filled, typical = data.copy(), {}
        for f in self.choices:
            if f["optional"]:
                typical[f["name"]] = f["labels"][-1]["name"]
                filled[f["name"]] = data[f["name"]].fillna(typical[f["name"]])
        rates = {x["name"]: float(np.round(self.random.random_sample(), 1)) for x in self.choices[0]["labels"]}
        columns, inputs = [], []
        for f in self.features:
            column, described = filled[f["field"]], {"feature": f["name"]}
            if f["kind"] == "indicator":
                column, described = column == f["label"], {"field": f["field"], "label": f["label"]}
            elif f["kind"] == "class":
                column = column.map({x: i for i, c in enumerate(f["classes"]) for x in c["labels"]})
            elif f["kind"] == "rate":
                column = column.map(rates)
            column = column.to_numpy(np.float64)
            if self.flip():
                described["mean"] = float(self.random.choice([column[training].mean(), 1e6 / 3]))
                described["scale"] = float(self.random.choice([column[training].std() or 1, 1e-3 / 3, 1e9]))
                column = (column - described["mean"]) / described["scale"]
            columns.append(column)
            inputs.append(described)
        order = self.random.permutation(len(columns))
        return (np.stack([columns[i] for i in order], axis=1),
                {"inputs": [inputs[i] for i in order], "rates": {"state": rates}, "typical": typical})

    def fit_bare(self, data, training, outcomes):
        X, description = self.bare(data, training)
        forest = self.estimator(X.shape[1])
        sparse = self.flip() and forest.monotonic_cst is None
        weights = self.random.choice([0.0, 1.0, 2.5], len(training)) if self.flip() else None
        forest.fit(csc_matrix(X[training]) if sparse else X[training], outcomes, sample_weight=weights)
        if self.flip():
            self.move_thresholds(forest, X)
        return forest, description, X

    def move_thresholds(self, forest, X):
        """Put thresholds exactly on an input, as rounding left it, just beside it, and outside."""
        for tree in getattr(forest, "estimators_", [forest]):
            tree = tree.tree_
            for i in np.flatnonzero(tree.children_left != -1):
                on = float(np.float32(self.random.choice(X[:, tree.feature[i]])))
                tree.threshold[i] = self.random.choice([tree.threshold[i], on, np.nextafter(on, np.inf), np.nextafter(on, -np.inf)])
                if self.random.randint(50) == 0:
                    tree.threshold[i] = self.random.choice([-np.inf, np.inf, 1e300])

    # --- A pipeline, whose steps make the inputs ---

    def pipeline(self):
        classes = [f for f in self.features if f["kind"] == "class"]
        hot = sorted({f["field"] for f in self.features if f["kind"] == "indicator"})
        labels = {f["name"]: [x["name"] for x in f["labels"]] for f in self.choices}
        whole = [f for f in hot if f"{f}_{labels[f][0]}" in (x["name"] for x in self.features)]
        scaled = [n for n in [*self.numbers, "state_default_rate"] if self.flip()]
        one_hot = lambda fields, drop: OneHotEncoder(  # noqa: E731
            drop=drop, sparse_output=False, **({"categories": [labels[f] for f in fields]} if self.flip() else {}))
        encoder = ColumnTransformer([
            ("scale", StandardScaler(with_mean=self.flip(), with_std=self.flip()), scaled),
            ("whole", one_hot(whole, None), whole),
            ("first", one_hot([f for f in hot if f not in whole], "first"), [f for f in hot if f not in whole]),
            ("ordinal", OrdinalEncoder(), [f["name"] for f in classes]),
            ("number", "passthrough", [n for n in [*self.numbers, "state_default_rate"] if n not in scaled]),
        ], remainder="drop", verbose_feature_names_out=self.flip()).set_output(transform="pandas")
        optional = [f["name"] for f in self.choices if f["optional"]]
        imputer = SimpleImputer(strategy="most_frequent").set_output(transform="pandas")
        if self.flip():
            imputer = ColumnTransformer([("some", imputer, optional)], remainder="passthrough",
                                        verbose_feature_names_out=False).set_output(transform="pandas")
        maps = {f["name"]: (f["field"], {x: c["name"] for c in f["classes"] for x in c["labels"]}) for f in classes}
        return Pipeline([
            ("missing_value_handler", imputer), ("class_transformer", steps.Mapper(maps)),
            ("state_default_rate_target_encoder", Rates()), ("feature_scaler_encoder", encoder),
            ("feature_selector", Shuffled(self.random.randint(1000))), ("rf_classifier", self.estimator(len(self.features)))])

    def fit_pipeline(self, data, training, outcomes):
        model = self.pipeline()
        model.fit(data.iloc[training], outcomes)
        return model, None, data


class Rates(steps.StateDefaultRateTargetEncoder):
    """Takes classes of any kind, and numbers that an imputer made objects."""

    def fit(self, X, y):
        return super().fit(X, pd.Series(y == np.unique(y)[1], index=X.index).astype(int))

    def transform(self, X):
        X = super().transform(X)
        return X.assign(**{n: X[n].astype(float) for n in X.columns if n.startswith("number") or n.endswith("rate")})


class Shuffled(steps.FeatureSelector):
    """Brings all columns into another order."""

    def fit(self, X, y=None):
        self.kept_ = list(np.random.RandomState(self.columns).permutation(X.columns))
        return self


def write(seed, out):
    """Write one case."""
    case = Case(seed)
    data = pd.concat([case.draw(TRAINING), case.rows()], ignore_index=True)
    training = np.arange(TRAINING)
    outcomes = case.outcomes(data.iloc[training])
    fit = case.fit_pipeline if case.flip() else case.fit_bare
    model, description, inputs = fit(data, training, outcomes)
    positive = case.classes[case.positive]
    probability = model.predict_proba(inputs)[:, list(model.classes_).index(positive)]
    name = out / str(seed)
    name.with_suffix(".json").write_text(json.dumps(case.definition()))
    sklearn_export.export(model, description, None, name.with_suffix(".dump"))
    data.assign(target=case.spellings[0]).to_csv(name.with_suffix(".csv"), index=False)
    name.with_suffix(".txt").write_text("".join(
        f"{float(p)!r},{int(q)}\n" for p, q in zip(probability, model.predict(inputs) == positive)))


if __name__ == "__main__":
    warnings.simplefilter("ignore", FutureWarning)
    first, count = int(sys.argv[1]), int(sys.argv[2])
    for seed in range(first, first + count):
        write(seed, pathlib.Path(sys.argv[3]))
