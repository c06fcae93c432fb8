"""Fit pipelines and forests, and write what scikit-learn says of every row.

    python3 peers.py DATA|- OUT

DATA is the loan data as a CSV, or gzip of one; - makes rows up. For each case, OUT
gets NAME.joblib, NAME.json (the inputs of a bare forest), NAME.csv (the rows as the
API names fields and labels, and the outcome) and NAME.txt (predict_proba for each).
"""

import json
import pathlib
import pickle
import sys

import joblib
import numpy as np
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.tree import DecisionTreeClassifier

sys.path.insert(0, str(pathlib.Path(__file__).parent / "steps"))
import applicant_steps as steps  # noqa: E402
from loans import FIELDS, LABELS, bare_inputs, definition, make_up, read  # noqa: E402

out = pathlib.Path(sys.argv[2])
CLASSES = {f["name"]: f for f in definition["features"] if f["kind"] == "class"}
FEATURES = [f["name"] for f in definition["features"]]
NUMBERS = [n for n in FIELDS if n not in LABELS] + ["state_default_rate"]
OPTIONAL = [n for n, f in FIELDS.items() if f.get("optional")]


def class_maps():
    return {n: (f["field"], {label: c["name"] for c in f["classes"] for label in c["labels"]}) for n, f in CLASSES.items()}


def pipeline(forest, impute):
    imputer = ("missing_value_handler", ColumnTransformer(
        [("categorical_imputer", SimpleImputer(strategy="most_frequent").set_output(transform="pandas"), OPTIONAL)],
        remainder="passthrough", verbose_feature_names_out=False).set_output(transform="pandas"))
    return Pipeline([imputer] * impute + [
        ("boolean_column_transformer", steps.Mapper({
            "married": ("married", {"single": False, "married": True}), "car_ownership": ("car_ownership", {"no": False, "yes": True})})),
        ("class_transformer", steps.Mapper(class_maps())),
        ("state_default_rate_target_encoder", steps.StateDefaultRateTargetEncoder()),
        ("feature_scaler_encoder", ColumnTransformer([
            ("scaler", steps.RobustStandardScaler(), NUMBERS),
            ("nominal_encoder", steps.RobustOneHotEncoder(
                categories=[["norent_noown", "owned", "rented"]], drop="first", sparse_output=False), ["house_ownership"]),
            ("ordinal_encoder", steps.RobustOrdinalEncoder(
                categories=[[c["name"] for c in f["classes"]] for f in CLASSES.values()]), list(CLASSES)),
        ], remainder="passthrough", verbose_feature_names_out=False).set_output(transform="pandas")),
        ("feature_selector", steps.FeatureSelector(FEATURES[::-1] if impute else FEATURES)),
        ("rf_classifier", forest),
    ])


def write(name, model, rows, probability):
    joblib.dump(model, out / f"{name}.joblib")
    rows.to_csv(out / f"{name}.csv", index=False)
    (out / f"{name}.txt").write_text("".join(f"{float(p)!r}\n" for p in probability))


def fit_pipeline(name, data, forest, impute):
    """Fit a pipeline on four rows of five, and ask it for all."""
    if impute:
        random = np.random.RandomState(5)
        data = data.assign(**{n: data[n].mask(random.random_sample(len(data)) < 0.1) for n in OPTIONAL})
    part = data.iloc[np.arange(len(data)) % 5 != 0]
    model = pipeline(forest, impute).fit(part[list(FIELDS)], part["risk_flag"])
    write(name, model, data, model.predict_proba(data[list(FIELDS)])[:, 1])


def fit_bare(data):
    X, description = bare_inputs(data)
    for name, model in {
        "extra": ExtraTreesClassifier(10, max_features=2, random_state=1),
        "tree": DecisionTreeClassifier(max_leaf_nodes=3000, random_state=2),
        "forest": RandomForestClassifier(10, max_depth=12, max_features=3, random_state=3),
    }.items():
        write(name, model.fit(X, data["risk_flag"]), data, model.predict_proba(X)[:, 1])
        (out / f"{name}.json").write_text(json.dumps(description))


def break_things(data):
    """Write what the export must refuse."""
    data = data.head(2000)
    X, description = bare_inputs(data)
    (out / "inputs.json").write_text(json.dumps(description))
    bare = RandomForestClassifier(2, max_depth=3, random_state=1)
    whole = pipeline(bare, False).fit(data[list(FIELDS)], data["risk_flag"])
    for name in ("feature_scaler_encoder", "state_default_rate_target_encoder", "rf_classifier"):
        joblib.dump(Pipeline([s for s in whole.steps if s[0] != name]), out / f"no_{name}.joblib")
    break_steps(data, whole)
    joblib.dump(GradientBoostingClassifier(n_estimators=2).fit(X, data["risk_flag"]), out / "boosting.joblib")
    joblib.dump(RandomForestClassifier(), out / "unfitted.joblib")
    joblib.dump(RandomForestClassifier(2).fit(X, np.arange(len(X)) % 3), out / "three_classes.joblib")
    joblib.dump(RandomForestClassifier(2).fit(X[:, :3], data["risk_flag"]), out / "few_inputs.joblib")
    broken = DecisionTreeClassifier(max_depth=3, random_state=1).fit(X, data["risk_flag"])
    broken.tree_.threshold[0] = np.nan
    joblib.dump(broken, out / "nan.joblib")
    counts = DecisionTreeClassifier(max_depth=3, random_state=1).fit(X, data["risk_flag"])
    counts.tree_.value[:] *= 7
    joblib.dump(counts, out / "counts.joblib")
    (out / "text.joblib").write_text("no pickle")
    old = pickle.dumps(broken).replace(sklearn.__version__.encode(), b"1.2.1")
    (out / "old.joblib").write_bytes(old)
    joblib.dump(GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2).fit(X, data["risk_flag"]), out / "search.joblib")


class Homeless(steps.Mapper):
    """Is defined in a script."""


def break_steps(data, whole):
    """Write a pipeline again and again, each time with one step that does what cannot be told from it."""
    data, outcomes = data[list(FIELDS)], data["risk_flag"]

    def variant(name, make, *, impute=False):
        model = pipeline(RandomForestClassifier(2, max_depth=3, random_state=1), impute)
        make(model)
        joblib.dump(model.fit(data, outcomes), out / f"{name}.joblib")

    variant("weights", lambda m: m.named_steps["feature_scaler_encoder"].set_params(transformer_weights={"scaler": 2}))
    variant("changed", lambda m: m.steps.insert(-1, ("again", MinMaxScaler().set_output(transform="pandas"))))
    imputers = lambda m: m.named_steps["missing_value_handler"]  # noqa: E731
    variant("neighbours", lambda m: imputers(m).transformers.append(("n", KNNImputer(), ["age"])), impute=True)
    variant("marked", lambda m: imputers(m).transformers.append(("n", SimpleImputer(missing_values=-1), ["age"])), impute=True)
    joblib.dump(Pipeline([*whole.steps, ("last", None)]), out / "not_last.joblib")
    joblib.dump(Homeless({}), out / "homeless.joblib")


rows = make_up(20_000) if sys.argv[1] == "-" else read(sys.argv[1])
reference = {"max_depth": 26, "max_features": 0.12974565961049356, "class_weight": "balanced", "random_state": 42, "n_jobs": 1}
fit_pipeline("pipeline", rows, RandomForestClassifier(20, **reference), impute=False)
fit_pipeline("imputed", rows, RandomForestClassifier(8, **reference), impute=True)
fit_bare(rows)
break_things(rows)
