"""Records how FastAPI and pydantic answer hostile bodies: hostile.jsonl.gz.

    pip install fastapi==0.115.14 pydantic==2.11.10 httpx==0.28.1
    python3 hostile.py

The service is made of site/model/definition.json. It scores nothing: where a body
is right, it answers with what the body was taken for. Left out are bodies that
crash the service (status 500), and those that only Python's own limits refuse.
"""
import base64
import enum
import gzip
import json
import pathlib
import random
from typing import Annotated, Optional, Union

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import AfterValidator, confloat, conint, create_model

HERE = pathlib.Path(__file__).parent
DEFINITION = json.loads((HERE / "../../../site/model/definition.json").read_text())
FIELDS = DEFINITION["fields"]
EXCHANGES = 700
# The reference's list of cities lacks it.
LACKING = "amaravati"
rng = random.Random(20)


def annotation(field):
    if field["kind"] == "choice":
        labels = enum.Enum(field["name"], {l["name"]: l["name"] for l in field["labels"]}, type=str)
        return (Optional[labels], None) if field.get("optional") else (labels, ...)
    bounds = {to: field[of] for of, to in (("min", "ge"), ("max", "le")) if of in field}
    whole, broken = conint(strict=True, **bounds), confloat(strict=True, allow_inf_nan=False, **bounds)
    return (Annotated[Union[whole, broken], AfterValidator(round)], ...)


PipelineInput = create_model(
    "PipelineInput", **{f["name"]: annotation(f) for f in FIELDS}, client_ip=(Optional[str], None), user_agent=(Optional[str], None))
app = FastAPI()


@app.post("/api/predict")
async def predict(pipeline_input: Union[PipelineInput, list[PipelineInput]]):
    applicants = pipeline_input if isinstance(pipeline_input, list) else [pipeline_input]
    return [json.loads(a.model_dump_json(exclude={"client_ip", "user_agent"})) for a in applicants]


NUMBERS = """-0 -0.0 0.0 -0.4 -0.5 1e-400 -1e-400 1e400 9007199254740993 9007199254740993.0 1e22 1e308 21.5 22.5 20.5 79.5 79.49999
20.9999999999999999999 79.00000000000000000001 14.5 13.5 10.5 11.5 0.5 1.5 2.5 2.1e1 2100e-2 7.9E1 true false null "34" "" [] {} [34]
"NaN" 01 +1 .5 5. 1e 0x10 1_000 --1 1e+ 00 -01 1e99999999999 1.7976931348623159e308""".split() + [
    "1" + "0" * 30, "-1" + "0" * 30, "1" + "0" * 308, "1" + "0" * 309, "-1" + "0" * 400, "- 1", "21." + "0" * 999 + "1"]
LABELS = """null 1 1.0 true [] {} "" "\\u0000" "😀" "\\ud83d\\ude00" -0 1e2 1.10 1e16 0.00001 5e-324 12345678901234567890123 "é" 1e400
"\\"\\\\\\b\\f\\n\\r\\t" {"b":1,"a":2,"b":3} [[],[1,2.50,"x"]] 123456789012345680.0""".split()
SHAPES = [
    "", "   ", "null", " null ", "\ufeff{}", "\ufeff", "[", "{", '"', '"abc', '{"a":1,}', "[1,]", "[,1]", '{"a"}', "{a:1}", "{'a':1}", "nul", "1 2", "{}{}",
    "[]x", "x", '"a\nb"', '"\x00"', "\x00", '"\\x"', '"\\u12"', "\x0b{}", "\xa0{}", "{}\x0c", "\u2028{}", "// c\n{}", "-", "01", "1.", '""', "0", "false",
    "[[],{}]", '{"PipelineInput":{}}', ",", "]", '{"":1}', "[" * 200 + "]" * 200, "[" * 900, "[]", "{}", "[null]", "[[[]]]", "1.50", '"x"', "1e5", "-0"]
TYPES = """APPLICATION/JSON|application/json; charset=utf-8|application/json;charset=latin-1|application/vnd.loan+json|application/jsonx|text/plain||text/json
 application/json |application/json,|application/json, text/plain|application/ld+json;x=1|application/+json|application/json+xml|multipart/form-data; boundary=x|*/*
application|json|application/json;|application/json; charset="utf|application/json/x|application/problem+JSON|application /json|application/ json|a/b/c+json|message/json""".replace("\n", "|").split("|")
MISTAKES = ['"', "\\", "{", "}", "[", "]", ",", ":", "0", "-", "e", ".", "\x00", "\x1f", "\n"]


def right(field):
    if field["kind"] == "number":
        return str(rng.randint(field.get("min", 0), field.get("max", 10**7)))
    return json.dumps(rng.choice([l["name"] for l in field["labels"] if l["name"] != LACKING]))


def odd(field):
    if field["kind"] == "number":
        low, high = field.get("min", 0), field.get("max", 10**7)
        return rng.choice(NUMBERS) if rng.random() < 0.6 else repr(rng.uniform(low - 0.6, high + 0.6))
    label = json.loads(right(field))
    return rng.choice(LABELS + [json.dumps(x) for x in (label.upper(), " " + label, label + "\0")] + [f'"\\u{ord(label[0]):04x}{label[1:]}"'])


def applicant(oddity):
    members = [(f["name"], odd(f) if rng.random() < oddity else right(f)) for f in FIELDS if rng.random() > oddity / 4]
    if rng.random() < 0.2:
        members.append((rng.choice(["client_ip", "user_agent"]), rng.choice(['"::1"', "null", "1", "true", "[]", '""', "1.5"])))
    if rng.random() < 0.15:
        members.append((rng.choice(["extra", "", "in\\u0063ome", "income ", "age"]), rng.choice(["1", '{"a":[1,{}]}', "null", "50", "12.50"])))
    if rng.random() < 0.3:
        rng.shuffle(members)
    blank = lambda: rng.choice(["", "", "", " ", "\n", "\t", "\r\n"])
    return "{" + ",".join(f'{blank()}"{name}"{blank()}:{blank()}{value}' for name, value in members) + blank() + "}"


def body():
    kind, oddity = rng.random(), rng.choice([0, 0.1, 0.3])
    if kind < 0.4:
        return applicant(oddity)
    if kind < 0.65:
        return "[" + rng.choice([",", " , "]).join(
            applicant(oddity) if rng.random() < 0.8 else rng.choice(["1", "null", "[]", '"x"', "{}"]) for _ in range(rng.randint(0, 3))) + "]"
    if kind < 0.85:
        return rng.choice(SHAPES)
    text = applicant(0)
    i = rng.randrange(len(text))
    return rng.choice([text[:i], text[:i] + rng.choice(MISTAKES) + text[i:], text[:i] + text[i + 1:]])


def encoded(text):
    kind = rng.random()
    if kind < 0.08:
        return text.encode(rng.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig"]))
    raw = text.encode()
    if kind < 0.11:
        i = rng.randrange(len(raw) + 1)
        raw = raw[:i] + rng.choice([b"\xff", b"\xc3", b"\xef\xbb\xbf", b"\xf4\x90\x80\x80", b"\xc0\x80"]) + raw[i:]
    return raw


def main():
    client, lines = TestClient(app, raise_server_exceptions=False), []
    while len(lines) < EXCHANGES:
        raw = encoded(body())
        headers = {"content-type": "application/json" if rng.random() < 0.85 else rng.choice(TYPES)}
        answer = client.post("/api/predict", content=raw, headers=headers)
        if answer.status_code != 500:
            lines.append(json.dumps({"headers": headers, "body": base64.b64encode(raw).decode(), "status": answer.status_code, "response": answer.json()}))
    with open(HERE / "hostile.jsonl.gz", "wb") as file, gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
        packed.write(("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    main()
