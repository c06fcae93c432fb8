"""What the second reader makes of model files: `make test-peers` runs it.

What is wanted is written here by hand, or is in a file that the Go code made
and this reader, which knows FORMAT.md alone, has to agree with.
"""

import hashlib
import json
import pathlib
import random
import struct
import sys
import unittest

import reader

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
V1 = HERE / "v1.lendleaf"
WRITTEN = HERE / "written.lendleaf"


class Vectors(unittest.TestCase):
    """core/testdata/vectors.json, by the shipped model."""

    def test_every_vector(self):
        model = reader.read(ROOT / "site/model/loan-default.lendleaf")
        file = json.loads((ROOT / "core/testdata/vectors.json").read_text())
        self.assertEqual(file["hash"], model.hash)
        self.assertEqual(file["threshold"], model.threshold)
        self.assertEqual(file["fields"], [f["name"] for f in model.fields])
        self.assertEqual(file["features"], [f["name"] for f in model.features])
        scored = [v for v in file["vectors"] if "faults" not in v]
        self.assertGreater(len(scored), 250)
        for want in scored:
            record = model.record(want["input"])
            vector = model.vector(record)
            probability = model.probability(vector)
            self.assertEqual(want["record"], record)
            self.assertEqual(want["features"], vector)
            self.assertEqual(float(want["probability"]), probability)
            self.assertEqual(want["prediction"], model.outcome(probability))


class Version1(unittest.TestCase):
    """v1.lendleaf, the fixture of version 1."""

    def test_forest(self):
        model = reader.read(V1)
        self.assertEqual([[120, 1999], [0]], model.cuts)
        self.assertEqual([0.0, 1 / 3, 1.0], model.values)
        leaf = reader.LEAF
        self.assertEqual(
            [
                [(0, 1, 4), (1, 0, 3), (leaf, 0, 0), (leaf, 1, 0), (leaf, 2, 0)],
                [(0, 0, 2), (leaf, 0, 0), (leaf, 1, 0)],
            ],
            model.trees,
        )

    def test_scores(self):
        model = reader.read(V1)
        # Weights are in hundredths: the cuts lie at 1.20 and 19.99. Blue's rate is
        # the lower one, 0.25, and blue stands in for a missing colour.
        for weight, colour, probability, outcome in [
            (1.2, "blue", (0 + 0) / 2, "Found"),
            (1.21, "blue", (0 + 1 / 3) / 2, "Found"),
            (1.21, None, (0 + 1 / 3) / 2, "Found"),
            (1.2, "red", (1 / 3 + 0) / 2, "Found"),
            (19.99, "red", (1 / 3 + 1 / 3) / 2, "Found"),
            (20, "red", (1 + 1 / 3) / 2, "Lost"),
        ]:
            with self.subTest(weight=weight, colour=colour):
                got = model.probability(model.vector(model.record({"weight": weight, "colour": colour})))
                self.assertEqual(probability, got)
                self.assertEqual(outcome, model.outcome(got))


class Damage(unittest.TestCase):
    """Damaged files are refused, each by the statement that it breaks."""

    def refuse(self, file, what):
        with self.assertRaises(reader.Fault) as fault:
            reader.Model(file)
        self.assertEqual(what, str(fault.exception))

    def test_container(self):
        file = V1.read_bytes()
        self.refuse(b"", "the magic")
        self.refuse(b"L" + file[1:], "the magic")
        self.refuse(file[:40], "too short")
        self.refuse(sealed(file[:8] + b"\2" + file[9:]), "the version")
        self.refuse(file[:-1], "the lengths")
        self.refuse(sealed(file[:10] + bytes([file[10] + 1]) + file[11:]), "the lengths")
        for at in (20, len(file) // 2, len(file) - 1):
            changed = bytearray(file)
            changed[at] ^= 1
            self.refuse(bytes(changed), "the hash")

    def test_manifest(self):
        manifest, section = parts(V1.read_bytes())
        for old, new in [
            (b'"name"', b' "name"'),
            (b'"Red"', b'"R\\u0065d"'),
            (b'"threshold":0.4', b'"threshold":0.40'),
            (b'"threshold":0.4', b'"threshold":4e-1'),
            (b'"threshold":0.4', b'"threshold":0.4,"threshold":0.4'),
            (b'"Red"', b'"<Red"'),
        ]:
            self.assertIn(old, manifest)
            self.refuse(container(manifest.replace(old, new, 1), section), "the manifest's form" if new.count(b"thr") < 2 else "a member twice")
        self.refuse(container(manifest[:-1], section), "the manifest")
        self.refuse(container(manifest.replace(b"0.4", b"1.5"), section), "the threshold")
        self.refuse(container(b'{"more":1,' + manifest[1:], section), "the manifest's members")
        start, end = manifest.index(b',"threshold"'), manifest.index(b',"training"')
        moved = manifest[:start] + manifest[end:-1] + manifest[start:end] + b"}"
        self.refuse(container(moved, section), "the manifest's members")

    def test_forest(self):
        manifest, section = parts(V1.read_bytes())
        self.refuse(container(manifest, section + b"\0"), "the zeros behind the streams")
        self.refuse(container(manifest, section + b"\1"), "the zeros behind the streams")
        self.refuse(container(manifest, section[:-1]), "the zeros behind the streams")
        self.refuse(container(manifest, section[:10]), "a forest section that is too short")
        self.refuse(container(manifest, b"\0" * 4 + section[4:]), "no tree, or no value")
        # A tree that ends before its number of nodes, and one that does not.
        at = 8 + 4 * 2
        self.refuse(container(manifest, section[:at] + b"\4" + section[at + 1 :]), "more nodes than the header says")
        self.refuse(container(manifest, section[:at] + b"\6" + section[at + 1 :]), "fewer nodes than the header says")

    def test_zeros(self):
        manifest, section = parts(WRITTEN.read_bytes())
        self.assertEqual(b"\0" * 20, section[-20:])
        self.refuse(container(manifest, section[:-1] + b"\1"), "the zeros behind the streams")
        self.refuse(container(manifest, section[:-20] + b"\1" + section[-19:]), "the zeros behind the streams")
        self.refuse(container(manifest, section[:-1]), "the zeros behind the streams")


class Writing(unittest.TestCase):
    """written.lendleaf is this writer's: the Go code reads it, and writes it again."""

    def test_written(self):
        self.assertEqual(WRITTEN.read_bytes(), written())
        model = reader.read(WRITTEN)
        self.assertEqual([list(range(-500, 2500, 2)), [0]], model.cuts)
        self.assertEqual([0.125 * i for i in range(9)], model.values)
        self.assertEqual(5, len(model.trees))

    def test_numbers(self):
        """The shortest text, as FORMAT.md has it."""
        for text in ["0", "-1", "0.1", "100", "1e-7", "1.5e-9", "0.000001", "1e+21", "-2.5e+300", "123456789.125", "5e-324"]:
            self.assertEqual(text, reader.number(text))
        for text, want in [("1.0", "1"), ("1E3", "1000"), ("0.10", "0.1"), ("1e-6", "0.000001"), ("1e20", "1" + "0" * 20), ("1e21", "1e+21")]:
            self.assertEqual(want, reader.number(text))


class Writer(reader.Stream):
    """A stream that is written: each bit is what choose says of its chance's name."""

    def __init__(self, choose):
        super().__init__(b"")
        self.choose = choose
        self.written = bytearray()

    def decide(self, name, middle):
        return self.choose(name)

    def shift(self, byte):
        self.written.append(byte)

    def end(self):
        return bytes(self.written) + reader.shortest(self.low, self.high)


def written():
    """A model of v1's definition whose trees are drawn, but for the last, which is
    so regular that the section takes zeros behind it."""
    manifest, _ = parts(V1.read_bytes())
    cuts = [list(range(-500, 2500, 2)), [0]]
    values = [0.125 * i for i in range(9)]
    trees = Writer(Draw(len(values)))
    group = reader.Group(trees, [len(c) for c in cuts], len(values))
    nodes = [len(group.tree(1 << 20)) for _ in range(4)]
    trees.choose = lambda name: int(name[0] == "lowest")
    nodes.append(len(group.tree(1 << 20)))
    streams = [write_tables(cuts, values), trees.end()]
    head = [len(nodes), len(values), *map(len, cuts), *nodes, *map(len, streams)]
    section = struct.pack("<%dI" % len(head), *head) + b"".join(streams)
    needed = -(-(sum(map(len, cuts)) + len(values) + sum(nodes)) // 16)
    return container(manifest, section.ljust(needed, b"\0"))


class Draw:
    """Draws trees, of about 200 nodes, with every value."""

    def __init__(self, values):
        self.random = random.Random(5)
        self.values = values
        self.index = 0

    def __call__(self, name):
        if name[0] == "value":
            bits = (self.values - 1).bit_length()
            place = name[1]
            if place == 1:
                self.index = self.random.randrange(1, self.values - 1)
            return self.index >> (bits - place.bit_length()) & 1
        return int(self.random.random() < {"leaf": 0.45, "lowest": 0.2, "highest": 0.2}.get(name[0], 0.5))


def write_tables(cuts, values):
    bits = []

    def number(x):
        length = x.bit_length()
        bits.extend(length >> i & 1 for i in reversed(range(7)))
        bits.extend(x >> i & 1 for i in reversed(range(length - 1)))

    for table in cuts:
        for i, cut in enumerate(table):
            first = 2 * cut if cut >= 0 else -2 * cut - 1
            number(first if i == 0 else cut - table[i - 1] - 1)
    before = 0
    for value in values:
        (whole,) = struct.unpack("<Q", struct.pack("<d", value))
        number(whole - before)
        before = whole
    rest = iter(bits)
    stream = Writer(lambda name: next(rest))
    for feature, table in enumerate(cuts):
        for i in range(len(table)):
            stream.number(feature, "further" if i else "first")
    for _ in values:
        stream.number("values")
    return stream.end()


def parts(file):
    manifest, _ = struct.unpack_from("<II", file, 10)
    return file[18 : 18 + manifest], file[18 + manifest : -32]


def container(manifest, section):
    content = b"lendleaf" + struct.pack("<HII", 1, len(manifest), len(section)) + manifest + section
    return content + hashlib.sha256(content).digest()


def sealed(file):
    return file[:-32] + hashlib.sha256(file[:-32]).digest()


if __name__ == "__main__":
    if sys.argv[1:] == ["-write"]:
        WRITTEN.write_bytes(written())
    else:
        unittest.main()
