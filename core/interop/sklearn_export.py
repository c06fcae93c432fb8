#!/usr/bin/env python3
"""Write a fitted scikit-learn forest as a dump that `lendleaf import` reads.

    python3 sklearn_export.py PIPELINE.joblib -o DUMP
    python3 sklearn_export.py FOREST.joblib -inputs INPUTS.json -o DUMP

PIPELINE is a fitted Pipeline, read by the names of its steps; FOREST is a
fitted RandomForestClassifier, ExtraTreesClassifier or DecisionTreeClassifier,
whose inputs INPUTS.json describes. DUMP.md says what both hold. It is run with
the Python that fitted them; classes of one's own must be on PYTHONPATH. Loading
a joblib file runs code that is in it: load only files that you trust.
"""

import argparse
import gzip
import json
import numbers
import sys
import warnings

STATES = "state_default_rate_target_encoder"
ENCODER = "feature_scaler_encoder"
CLASSIFIER = "rf_classifier"
IMPUTER = "missing_value_handler"


class ExportError(Exception):
    """Says why there is no dump."""


def main(args):
    """Write the dump that the command line asks for; return the exit code."""
    options = parse(args)
    try:
        fitted, description = load(options.pipeline), None
        if options.inputs:
            description = read_description(options.inputs)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of what is read here, and can be read in either way
            export(fitted, description, options.threshold, options.out)
    except ExportError as error:
        print(f"sklearn_export: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"sklearn_export: {error.filename or options.out}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


def parse(args):
    parser = argparse.ArgumentParser(prog="sklearn_export.py", description=__doc__.splitlines()[0])
    parser.add_argument("pipeline", metavar="PIPELINE", help="joblib file of a fitted pipeline or forest")
    parser.add_argument("-o", "--out", required=True, metavar="DUMP", help="file to write")
    parser.add_argument("-inputs", "--inputs", metavar="FILE", help="JSON that describes the inputs of a bare forest")
    parser.add_argument("-threshold", "--threshold", type=float, metavar="P",
                        help="smallest probability that is predicted positive, to be kept in the dump")
    return parser.parse_args(args)


def load(path):
    """Return what a joblib file holds."""
    try:
        import joblib
        from sklearn.exceptions import InconsistentVersionWarning
    except ImportError as error:
        raise ExportError(f"scikit-learn 1.3 or newer is missing: {error}") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", InconsistentVersionWarning)  # another version may store other things
            return joblib.load(path)
    except OSError:
        raise
    except InconsistentVersionWarning as error:
        raise ExportError(f"{path}: scikit-learn {error.original_sklearn_version} fitted it, this is "
                          f"{error.current_sklearn_version}: use that version here") from None
    except ModuleNotFoundError as error:
        raise ExportError(f"{path}: {error}: {where(error)}") from None
    except AttributeError as error:
        raise ExportError(f"{path}: {one_line(error)}: {where(error)}") from None
    except Exception as error:  # a pickle can raise anything
        raise ExportError(f"{path}: cannot be loaded: {one_line(error)}") from None


def where(error):
    """Say what to do about a class or module that loading did not find."""
    if "'__main__'" in str(error):
        return "a notebook or script defined it: move it to a module, fit and save again, and put that on PYTHONPATH"
    package = (getattr(error, "name", None) or "").split(".")[0]
    if package in sys.modules:
        return f"another version of {package} saved it: use that version here"
    return "put the folder of the module that defines it on PYTHONPATH"


def one_line(error):
    return " ".join(str(error).split()) or type(error).__name__


def read_description(path):
    """Return the description of a bare forest's inputs."""
    with open(path, encoding="utf-8") as file:
        try:
            description = json.load(file)
        except ValueError as error:
            raise ExportError(f"{path}: {error}") from None
    if not isinstance(description, dict) or not isinstance(description.get("inputs"), list):
        raise ExportError(f'{path}: want an object with a list "inputs"')
    unknown = set(description) - {"inputs", "rates", "typical", "threshold"}
    if unknown:
        raise ExportError(f"{path}: unknown keys {sorted(unknown)}")
    return description


def export(fitted, description, threshold, out):
    """Write the dump of a fitted pipeline, or of a forest and its description."""
    from sklearn.pipeline import Pipeline

    if isinstance(fitted, Pipeline):
        if description is not None:
            raise ExportError("a pipeline describes its inputs itself: leave -inputs out")
        description = describe(fitted)
        fitted = step(fitted, CLASSIFIER)
    elif description is None:
        check_kind(fitted)
        raise ExportError(f"a bare {type(fitted).__name__} needs -inputs FILE, which describes its inputs")
    trees = check_forest(fitted, description)
    if threshold is not None:
        description = {**description, "threshold": threshold}
    header = make_header(fitted, trees, description)
    with open(out, "wb") as file, gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as dump:
        dump.write(header)
        for tree in trees:
            dump.write(nodes(tree.tree_))


# --- The pipeline ---


def step(pipeline, name):
    """Return a step of the pipeline, which must be there."""
    if name not in pipeline.named_steps:
        raise ExportError(f"the pipeline has no step {name!r}; it has {', '.join(pipeline.named_steps)}")
    return pipeline.named_steps[name]


def describe(pipeline):
    """Describe the inputs of the pipeline's classifier."""
    classifier, encoder = step(pipeline, CLASSIFIER), step(pipeline, ENCODER)
    rates = getattr(step(pipeline, STATES), "default_rate_by_state_", None)
    if rates is None or not hasattr(rates, "items"):
        raise ExportError(f"step {STATES!r} is not fitted: it has no Series default_rate_by_state_")
    columns = describe_columns(encoder)
    check_classifier(classifier)
    names = getattr(classifier, "feature_names_in_", None)
    if names is None:
        raise ExportError(f"step {CLASSIFIER!r} was fitted without column names: use set_output(transform='pandas')")
    unmade = [name for name in names if name not in columns]
    if unmade:
        raise ExportError(f"step {ENCODER!r} does not make the classifier's inputs {unmade}")
    check_selection(pipeline, list(columns), list(names))
    return {
        "inputs": [columns[name] for name in names],
        "rates": {str(rates.index.name or "state"): {str(k): float(v) for k, v in rates.items()}},
        "typical": imputed(pipeline),
    }


def check_selection(pipeline, made, wanted):
    """Raise unless the steps behind the encoder only pick and order its columns: they are tried."""
    import numpy
    import pandas

    order = list(pipeline.named_steps)
    if order[-1] != CLASSIFIER:
        raise ExportError(f"step {order[-1]!r} stands behind {CLASSIFIER!r}, which must be the last")
    before = after = pandas.DataFrame(numpy.random.RandomState(0).uniform(-1, 2, (64, len(made))), columns=made)
    for name in order[order.index(ENCODER) + 1:-1]:
        transformer = pipeline.named_steps[name]
        if transformer is None or passes(transformer):
            continue
        try:
            after = transformer.transform(after.copy())[list(after.columns.intersection(wanted))]
            changed = [c for c in after.columns if not after[c].equals(before[c])]
        except Exception as error:  # a class of one's own
            raise ExportError(f"step {name!r}: it cannot be told whether it leaves columns as they are: {one_line(error)}") from None
        if changed:
            raise ExportError(f"step {name!r} changes {changed} behind {ENCODER!r}: it may only pick and order columns")


def describe_columns(transformer):
    """Describe each output column of a fitted ColumnTransformer, by its name."""
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

    parts = fitted_parts(transformer, ENCODER, ColumnTransformer)
    if transformer.transformer_weights:
        raise ExportError(f"step {ENCODER!r} has transformer_weights, which are unknown here")
    try:
        outputs = list(transformer.get_feature_names_out())
    except Exception as error:  # a class of one's own
        raise ExportError(f"step {ENCODER!r}: {one_line(error)}") from None
    described = {}
    for name, part, columns in parts:
        if isinstance(part, StandardScaler):
            made = scaled(part, columns)
        elif isinstance(part, OneHotEncoder):
            made = one_hot(part, columns)
        elif isinstance(part, OrdinalEncoder):
            made = ordinal(part, columns)
        elif passes(part):
            made = [{"feature": c} for c in columns]
        else:
            raise ExportError(f"step {ENCODER!r}: cannot read {name!r}, a {type(part).__name__}")
        places = range(len(outputs))[transformer.output_indices_[name]]
        if len(places) != len(made):
            raise ExportError(f"step {ENCODER!r}: {name!r} makes {len(places)} columns, not {len(made)}")
        described.update(zip((outputs[i] for i in places), made))
    return described


def passes(part):
    from sklearn.preprocessing import FunctionTransformer

    return part == "passthrough" or isinstance(part, FunctionTransformer) and part.func is None


def fitted_parts(transformer, name, kind):
    """List the fitted parts of a ColumnTransformer with their columns' names."""
    import pandas

    if not isinstance(transformer, kind):
        raise ExportError(f"step {name!r} is a {type(transformer).__name__}, want a {kind.__name__}")
    if not hasattr(transformer, "transformers_"):
        raise ExportError(f"step {name!r} is not fitted")
    if not hasattr(transformer, "feature_names_in_"):
        raise ExportError(f"step {name!r} was not fitted on a DataFrame")
    names = pandas.Index(transformer.feature_names_in_)
    parts = []
    for label, part, columns in transformer.transformers_:
        if isinstance(part, str) and part == "drop":
            continue
        columns = [columns] if isinstance(columns, str) else columns
        if not isinstance(columns, slice):
            columns = list(columns)
        by_name = isinstance(columns, list) and columns and isinstance(columns[0], str)
        columns = list(columns) if by_name else list(names[columns])
        if columns:  # without any, a part is not even fitted
            parts.append((label, part, columns))
    return parts


def scaled(scaler, columns):
    if not hasattr(scaler, "n_features_in_"):
        raise ExportError(f"step {ENCODER!r}: the scaler is not fitted")
    means = [0.0] * len(columns) if scaler.mean_ is None or not scaler.with_mean else scaler.mean_
    scales = [1.0] * len(columns) if scaler.scale_ is None else scaler.scale_
    return [{"feature": c, "mean": float(m), "scale": float(s)} for c, m, s in zip(columns, means, scales)]


def one_hot(encoder, columns):
    if getattr(encoder, "infrequent_categories_", None) and any(c is not None for c in encoder.infrequent_categories_):
        raise ExportError(f"step {ENCODER!r}: one-hot encoding that merges infrequent categories is unknown here")
    drops = [None] * len(columns) if encoder.drop_idx_ is None else encoder.drop_idx_
    return [
        {"field": column, "label": str(category), "categories": [str(c) for c in categories]}
        for column, categories, drop in zip(columns, encoder.categories_, drops)
        for i, category in enumerate(categories) if i != drop
    ]


def ordinal(encoder, columns):
    if getattr(encoder, "infrequent_categories_", None) and any(c is not None for c in encoder.infrequent_categories_):
        raise ExportError(f"step {ENCODER!r}: ordinal encoding that merges infrequent categories is unknown here")
    return [{"feature": c, "categories": [str(x) for x in categories]}
            for c, categories in zip(columns, encoder.categories_)]


def imputed(pipeline):
    """Return what stands in for missing values, by column."""
    typical = {}
    for part, columns in imputers(pipeline):
        if passes(part):
            continue
        values = getattr(part, "statistics_", None)
        if values is None:
            raise ExportError(f"step {IMPUTER!r}: a {type(part).__name__} has no statistics_, "
                              "one value for each column, as a SimpleImputer has")
        if not missing(getattr(part, "missing_values", None)):
            raise ExportError(f"step {IMPUTER!r}: a {type(part).__name__} takes {part.missing_values!r} for missing: "
                              "here a value is missing only if it is not there")
        typical.update((c, str(v)) for c, v in zip(columns, values))
    return typical


def imputers(pipeline):
    """List the parts of the imputing step with their columns' names."""
    from sklearn.compose import ColumnTransformer

    handler = pipeline.named_steps.get(IMPUTER)
    if handler is None or passes(handler):
        return []
    if hasattr(handler, "statistics_") and hasattr(handler, "feature_names_in_"):
        return [(handler, list(handler.feature_names_in_))]
    return [(part, columns) for _, part, columns in fitted_parts(handler, IMPUTER, ColumnTransformer)]


def missing(value):
    """Say whether an imputer's missing_values is nothing: None, NaN or NA."""
    import pandas

    return value is None or pandas.api.types.is_scalar(value) and bool(pandas.isna(value))


# --- The forest ---


def check_kind(classifier):
    """Raise unless a classifier is of a kind that is known."""
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
    from sklearn.tree import DecisionTreeClassifier

    kinds = (RandomForestClassifier, ExtraTreesClassifier, DecisionTreeClassifier)
    if not isinstance(classifier, kinds):
        names = ", ".join(k.__name__ for k in kinds)
        hint = "; save its best_estimator_ alone" if hasattr(classifier, "best_estimator_") else ""
        raise ExportError(f"a {type(classifier).__name__} is unknown here: want one of {names}{hint}")


def check_classifier(classifier):
    """Raise unless the classifier is of a known kind, fitted, and tells two classes apart."""
    check_kind(classifier)
    if not hasattr(classifier, "classes_"):
        raise ExportError(f"the {type(classifier).__name__} is not fitted")
    if classifier.n_outputs_ != 1 or len(classifier.classes_) != 2:
        raise ExportError("the classifier must tell exactly two classes of one target apart; "
                          f"its classes are {one_line(list(map(str, classifier.classes_)))}")


def check_forest(classifier, description):
    """Return the fitted trees, after a look at what goes with them."""
    check_classifier(classifier)
    if len(description["inputs"]) != classifier.n_features_in_:
        raise ExportError(f"{len(description['inputs'])} inputs are described, the classifier has {classifier.n_features_in_}")
    trees = list(getattr(classifier, "estimators_", [classifier]))
    for i, tree in enumerate(trees):
        check_tree(i, tree.tree_)
    return trees


def make_header(classifier, trees, description):
    """Return the dump's first line."""
    import sklearn

    parameters = classifier.get_params()
    header = {
        "format": "lendleaf-sklearn", "version": 1,
        "sklearn": sklearn.__version__, "estimator": type(classifier).__name__,
        "parameters": {
            "depth": whole(parameters["max_depth"]), "features": int(trees[0].max_features_),
            "max_leaves": whole(parameters["max_leaf_nodes"]),
            "min_leaf": whole(parameters["min_samples_leaf"]), "seed": whole(parameters["random_state"]),
        },
        "classes": [class_name(c) for c in classifier.classes_],
        "rates": {}, "typical": {}, "threshold": None, **description,
        "nodes": [int(t.tree_.node_count) for t in trees],
    }
    try:
        return json.dumps(header, allow_nan=False).encode() + b"\n"
    except (TypeError, ValueError) as error:
        raise ExportError(f"the description of the inputs holds what JSON cannot: {error}") from None


def whole(parameter):
    """Return a parameter if it is an integer, NumPy's among them; else 0."""
    return int(parameter) if isinstance(parameter, numbers.Integral) else 0


def class_name(c):
    """Write a class as a CSV would: 1, not 1.0 or True."""
    try:
        return str(int(c)) if not isinstance(c, str) and int(c) == c else str(c)
    except (TypeError, ValueError):
        return str(c)


def check_tree(place, tree):
    """Raise unless a tree holds what a dump takes."""
    import numpy

    leaf = tree.children_left == -1
    if numpy.isnan(tree.threshold[~leaf]).any():
        raise ExportError(f"tree {place} has a threshold that is not a number")
    if not numpy.allclose(tree.value[leaf, 0, :].sum(axis=1), 1, rtol=0, atol=1e-9):
        raise ExportError(f"tree {place}: its leaves do not hold fractions of the classes, "
                          "as they do from scikit-learn 1.3 on: fit it with a newer version")


def nodes(tree):
    """Return a tree's nodes as bytes."""
    import numpy

    record = numpy.dtype([("left", "<i4"), ("right", "<i4"), ("feature", "<i4"), ("threshold", "<f8"), ("fractions", "<f8", 2)])
    table = numpy.empty(tree.node_count, record)
    table["left"], table["right"] = tree.children_left, tree.children_right
    table["feature"], table["threshold"] = tree.feature, tree.threshold
    table["fractions"] = tree.value[:, 0, :]
    return table.tobytes()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
