"""Check sealed records from what core/record/chain.go says of them, and nothing else.

Reads files in their order and prints the number of the last record and its chain;
ends with status 1 at the first record that is not what was sealed.
"""
import hashlib
import json
import re
import sys

SEAL = re.compile(rb'(.*,"sequence":\d+),"(salt|inner)":"([0-9a-f]+)"(?:,"previous":"([0-9a-f]{64})")?,"chain":"([0-9a-f]{64})"}')

chain, count = bytes(32), 0
for name in sys.argv[1:]:
    for line in open(name, "rb"):
        members, kind, text, previous, said = SEAL.fullmatch(line.rstrip(b"\n")).groups()
        json.loads(line)
        inner = bytes.fromhex(text.decode())
        if kind == b"salt":
            assert len(inner) == 16
            inner = hashlib.sha256(inner + members + b"}").digest()
        if previous is not None and bytes.fromhex(previous.decode()) != chain:
            sys.exit(f"{name}: record {count + 1} follows another")
        chain, count = hashlib.sha256(chain + inner).digest(), count + 1
        if chain.hex() != said.decode() or json.loads(line)["sequence"] != count:
            sys.exit(f"{name}: record {count} is not what was sealed")
print(count, chain.hex())
