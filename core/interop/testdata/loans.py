"""The loan data, and the inputs that forests are fitted on, as the definition says."""

import json
import pathlib

import numpy as np
import pandas as pd

ROOT = pathlib.Path(__file__).resolve().parents[3]
definition = json.loads((ROOT / "site/model/definition.json").read_text("utf-8"))
FIELDS = {f["name"]: f for f in definition["fields"]}
LABELS = {n: [label["name"] for label in f["labels"]] for n, f in FIELDS.items() if "labels" in f}


def snake(text):
    """Write a label of the original data as the API does."""
    text = text.strip().lower().replace("\u00e2\u20ac\u201c", "_")
    return text.replace("-", "_").replace("/", "_").replace(" ", "_")


def read(path):
    data = pd.read_csv(path).drop(columns="Id")
    data.columns = list(FIELDS) + ["risk_flag"]
    return data.assign(**{n: data[n].map(snake) for n in LABELS})


def make_up(rows):
    """Draw rows from the definition's ranges and labels; some people come twice."""
    random = np.random.RandomState(11)
    data = pd.DataFrame({
        n: random.choice(LABELS[n], rows) if n in LABELS
        else random.randint(f.get("min", 0), f.get("max", 10_000_000) + 1, rows)
        for n, f in FIELDS.items()})
    chance = 0.05 + 0.3 * (data.income % 7 == 0) + 0.2 * (data.age < 30)
    data["risk_flag"] = (random.random_sample(rows) < chance).astype(int)
    return pd.concat([data, data.sample(rows // 2, random_state=1)], ignore_index=True)


def bare_inputs(data, training=None):
    """Make inputs as numbers, scaled by hand as the training rows are spread, and describe them."""
    training = np.arange(len(data)) if training is None else training
    rate = data.iloc[training].groupby("state")["risk_flag"].mean()
    columns, described = {}, []
    for f in definition["features"]:
        field, entry = data[f["field"]], {"feature": f["name"]}
        if f["kind"] == "indicator":
            column = (field == f["label"]).astype(float)
        elif f["kind"] == "class":
            places = {label: i for i, c in enumerate(f["classes"]) for label in c["labels"]}
            column = field.map(places).astype(float)
        else:
            column = field.map(rate) if f["kind"] == "rate" else field.astype(float)
            entry |= {"mean": column.iloc[training].mean(), "scale": column.iloc[training].std(ddof=0)}
            column = (column - entry["mean"]) / entry["scale"]
        columns[f["name"]] = column
        described.append(entry)
    return pd.DataFrame(columns).to_numpy(), {"inputs": described, "rates": {"state": rate.to_dict()}}
