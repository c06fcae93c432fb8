#!/usr/bin/env python3
"""Compare lendleaf with other software on one forest that scikit-learn fits, on one core.

    python3 core/interop/bench/peers.py [DATA]

DATA is the loan data, as a CSV or gzip of one. The forest has 225 trees and is fitted on
the training part of the reference split; the test part is scored. Packages go into
.venv-bench in the project's root. A peer that cannot be installed or fails is named so.
"""

import functools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
ENVIRONMENT = ROOT / ".venv-bench"
PYTHON = ENVIRONMENT / "bin" / "python"
THRESHOLD = 0.29
SECONDS = 3  # for one row at a time
RUNS = 5  # of all rows, of which the fastest counts


def set_up():
    """Make the environment unless it is there, and run this file in it."""
    wanted = (HERE.parent / "requirements.txt").read_text() + (HERE / "requirements.txt").read_text()
    installed = ENVIRONMENT / "requirements.txt"
    if not installed.exists() or installed.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
        base = HERE.parent / "requirements.txt"
        subprocess.run([*pip, "-r", base], check=True)
        for line in (HERE / "requirements.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                subprocess.run([*pip, "-c", base, line])  # a peer that is not to be had is reported later
        installed.write_text(wanted)
    os.execv(PYTHON, [PYTHON, "-B", __file__, *sys.argv[1:]])


def measure(X, predict):
    """Return seconds for one row, taken in turn from all, and for all at once, and all probabilities."""
    import numpy

    predict(X[:1])
    ones, start = 0, time.perf_counter()
    for i in numpy.random.RandomState(0).permutation(len(X)):
        predict(X[i:i + 1])
        ones += 1
        if time.perf_counter() - start > SECONDS:
            break
    one = (time.perf_counter() - start) / ones
    every = []
    for _ in range(RUNS):
        start = time.perf_counter()
        probability = predict(X)
        every.append(time.perf_counter() - start)
    return one, min(every), probability


def size(path):
    return sum(f.stat().st_size for f in path.rglob("*") if f.is_file()) if path.is_dir() else path.stat().st_size


# --- The peers: each returns name, bytes (None: no file), seconds for one and for all rows, probabilities ---


def scikit_learn(forest, X, folder):
    import joblib
    import sklearn

    joblib.dump(forest, folder / "forest.joblib")
    return f"scikit-learn {sklearn.__version__}", size(folder / "forest.joblib"), *measure(X, lambda x: forest.predict_proba(x)[:, 1])


def onnx(forest, X, folder):
    import numpy
    import onnxruntime
    from skl2onnx import to_onnx

    model = to_onnx(forest, X[:1].astype(numpy.float32), options={id(forest): {"zipmap": False}})
    path = folder / "forest.onnx"
    path.write_bytes(model.SerializeToString())
    del model
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    X = X.astype(numpy.float32)
    name = session.get_inputs()[0].name
    figures = measure(X, lambda x: session.run(["probabilities"], {name: x})[0][:, 1])
    return f"ONNX Runtime {onnxruntime.__version__}", size(path), *figures


def gtil(forest, X, folder):
    import numpy
    import treelite

    model = treelite.sklearn.import_model(forest)
    X = X.astype(numpy.float32)
    path = folder / "forest.treelite"
    model.serialize(str(path))
    figures = measure(X, lambda x: treelite.gtil.predict(model, x, nthread=1).reshape(len(x), -1)[:, -1])
    return f"Treelite GTIL {treelite.__version__}", size(path), *figures


def ydf_imported(forest, X, folder):
    import numpy
    import ydf

    model = ydf.from_sklearn(forest)
    model.save(str(folder / "ydf"))
    X = X.astype(numpy.float32)
    feature = model.input_feature_names()[0].split(".")[0]
    figures = measure(X, lambda x: numpy.asarray(model.predict({feature: x}, num_threads=1)).reshape(len(x), -1)[:, -1])
    return f"YDF {ydf.__version__} (imported)", size(folder / "ydf"), *figures


def lendleaf(forest, X, folder, description, rows):
    import numpy

    sys.path.insert(0, str(HERE.parent))
    import sklearn_export

    sklearn_export.export(forest, description, THRESHOLD, folder / "dump")
    rows.to_csv(folder / "rows.csv", index=False)
    for name, package in (("lendleaf", "./core/cmd/lendleaf"), ("bench", "./core/interop/bench")):
        subprocess.run(["go", "build", "-o", folder / name, package], cwd=ROOT, check=True)
    model = folder / "forest.lendleaf"
    subprocess.run([folder / "lendleaf", "import", "-definition", ROOT / "site/model/definition.json", "-out", model, folder / "dump"],
                   check=True, stderr=subprocess.DEVNULL)
    output = subprocess.run([folder / "bench", model, folder / "rows.csv", folder / "probabilities", str(RUNS)], check=True, capture_output=True).stdout
    figures = json.loads(output)
    return "lendleaf", size(model), figures["one"], figures["all"], numpy.loadtxt(folder / "probabilities")


# --- The run ---


def fit(path):
    """Fit the reference forest on all cores; return it, the seconds, the test part's inputs and rows, and the description of inputs."""
    import numpy
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import train_test_split

    sys.path.insert(0, str(HERE.parent / "testdata"))
    from loans import bare_inputs, read

    data = read(path)
    training, rest = train_test_split(numpy.arange(len(data)), test_size=0.2, random_state=42)
    test = train_test_split(rest, test_size=0.5, random_state=42)[1]
    X, description = bare_inputs(data, training)
    forest = RandomForestClassifier(225, max_depth=26, max_features=0.12974565961049356, class_weight="balanced",
                                    random_state=42, n_jobs=-1)
    truth = data["risk_flag"].to_numpy()[training]
    start = time.perf_counter()
    forest.fit(X[training], truth)
    seconds = time.perf_counter() - start
    forest.n_jobs = 1
    return forest, seconds, X[test], data.iloc[test], description


def line(figures, truth):
    import numpy

    name, length, one, every, probability = figures
    error = numpy.abs(probability - truth).max()
    other = int(((probability >= THRESHOLD) != (truth >= THRESHOLD)).sum())
    megabytes = f"{length / 1e6:,.2f} MB"
    return f"| {name} | {megabytes} | {one * 1e6:,.0f} µs | {len(truth) / every:,.0f} rows/s | {error:.1e} | {other} |"


def main():
    data = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT.parent / "shared/data/training.csv.gz")
    if not data.exists():
        sys.exit(f"peers.py: {data} is not there: name the loan data, as a CSV or gzip of one")
    forest, seconds, X, rows, description = fit(data)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    nodes = sum(t.tree_.node_count for t in forest.estimators_)
    print(f"{len(forest.estimators_)} trees, {nodes:,} nodes, {len(X):,} rows, one core; fitted in {seconds:.1f} s, on all cores\n")
    print("| | file | one row | all rows | largest error | other predictions |\n|---|---|---|---|---|---|")
    truth = None
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        # lendleaf comes right behind scikit-learn: a machine that is shared is not as fast every minute
        ours = functools.partial(lendleaf, description=description, rows=rows)
        for peer in (scikit_learn, ours, onnx, gtil, ydf_imported):
            try:
                figures = peer(forest, X=X, folder=folder)
            except Exception as error:  # whatever a peer cannot do is a result
                if peer is ours:
                    raise
                print(f"| {peer.__name__} | not measured: {type(error).__name__}: {' '.join(str(error).split())[:120]} |", flush=True)
                continue
            truth = figures[-1] if truth is None else truth
            print(line(figures, truth), flush=True)


if __name__ == "__main__":
    if pathlib.Path(sys.prefix).resolve() != ENVIRONMENT.resolve():
        set_up()
    main()
