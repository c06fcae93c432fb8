"""Asks a server in other protocols, by their official clients.

usage: main.py HOST:PORT MODEL, with applicants as NDJSON on stdin; prints what
each client is told of each applicant, six times in all.
"""

import json
import sys

import numpy
import pandas
import requests
import tritonclient.http
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
from tritonclient.utils import InferenceServerException

address = sys.argv[1]
applicants = [json.loads(line) for line in sys.stdin]
frame = pandas.DataFrame(applicants)


def show(labels, probabilities) -> None:
    for label, probability in zip(labels, probabilities, strict=True):
        print(label, repr(float(probability)))


mlflow = ScoringServerClient(*address.split(":"))
mlflow.wait_server_ready()
assert mlflow.get_version()
for data in (frame, {"inputs": applicants}, {"instances": applicants}, {"dataframe_records": applicants}):
    if isinstance(data, dict):
        # As another client would send it; the official one has frames and arrays.
        answer = requests.post(f"http://{address}/invocations", json=data, timeout=60).json()["predictions"]
        told = pandas.DataFrame(answer)
    else:
        told = mlflow.invoke(data).get_predictions()
    show(told["prediction"], told["probability_default"])

triton = tritonclient.http.InferenceServerClient(address)
assert triton.is_server_live() and triton.is_server_ready()
name = sys.argv[2]
assert triton.is_model_ready(name)
model = triton.get_model_metadata(name)
[version] = model["versions"]
assert triton.is_model_ready(name, version)


def tensors(rows: pandas.DataFrame, binary: bool):
    """Gives one tensor for each field that all rows have."""
    for field in model["inputs"]:
        values = rows[field["name"]]
        if values.isna().any():
            continue
        text = field["datatype"] == "BYTES"
        array = values.to_numpy(dtype=object if text else numpy.float64)
        tensor = tritonclient.http.InferInput(field["name"], list(array.shape), field["datatype"])
        tensor.set_data_from_numpy(array, binary_data=binary)
        yield tensor


for binary in (True, False):
    for i in range(len(frame)):  # by itself, since a tensor has no missing values
        told = triton.infer(name, list(tensors(frame[i : i + 1], binary)), model_version=version, request_id=f"request {i}")
        assert told.get_response()["id"] == f"request {i}"
        labels = [x.decode() if isinstance(x, bytes) else x for x in told.as_numpy("prediction")]
        show(labels, told.as_numpy("probability_default"))
try:
    triton.infer("nobody", [])
    raise SystemExit("an unknown model answers")
except InferenceServerException as error:
    assert "Not Found" in str(error), error
