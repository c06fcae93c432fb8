"""A second reader of the model file, written from FORMAT.md alone.

It shares nothing with the Go code, so what both say of a file is what the
format says. Run as a program, it is given a model and reads records from its
standard input, one JSON array of integers and nulls a line; for each it writes
the probability, in the shortest digits that read back to it.
"""

import hashlib
import json
import math
import struct
import sys

FULL = 2**64 - 1
LEAF = -1


class Fault(Exception):
    """What is wrong with a file."""


def require(holds, what):
    if not holds:
        raise Fault(what)


# Container ------------------------------------------------------------------


class Model:
    """A model file, proved: manifest, hash, and the forest's tables and trees.

    A tree is a list of nodes in preorder, each (feature, cut, place of the right
    child) or (LEAF, value, 0).
    """

    def __init__(self, file):
        require(file[:8] == b"lendleaf", "the magic")
        require(len(file) >= 18 + 32, "too short")
        version, manifest, forest = struct.unpack_from("<HII", file, 8)
        require(version == 1, "the version")
        require(18 + manifest + forest + 32 == len(file), "the lengths")
        require(hashlib.sha256(file[:-32]).digest() == file[-32:], "the hash")
        self.hash = file[-32:].hex()
        self.manifest = read_canonical(file[18 : 18 + manifest])
        self.definition = self.manifest["definition"]
        self.fields = self.definition["fields"]
        self.features = self.definition["features"]
        self.learned = self.manifest["learned"]
        self.threshold = self.manifest["threshold"]
        require(0 <= self.threshold <= 1, "the threshold")
        self.cuts, self.values, self.trees = read_forest(file[18 + manifest : -32], len(self.features))

    # Scoring ----------------------------------------------------------------

    def record(self, applicant):
        """Field values as JSON has them, to integers; None is missing."""
        return [integer(field, applicant.get(field["name"])) for field in self.fields]

    def vector(self, record):
        typical = self.learned["typical"]
        values = {}
        for field, value in zip(self.fields, record):
            values[field["name"]] = typical[field["name"]] if value is None else value
        return [self.feature(feature, values[feature["field"]]) for feature in self.features]

    def feature(self, feature, value):
        kind = feature["kind"]
        if kind == "plain":
            return value
        field = next(f for f in self.fields if f["name"] == feature["field"])
        label = field["labels"][value]["name"]
        if kind == "indicator":
            return int(label == feature["label"])
        if kind == "class":
            return next(i for i, c in enumerate(feature["classes"]) if label in c["labels"])
        require(kind == "rate", "a kind of feature")
        rates = self.learned["rates"][feature["field"]]
        return sorted(set(rates)).index(rates[value])

    def probability(self, vector):
        total = 0.0
        for tree in self.trees:
            at = 0
            feature, number, right = tree[0]
            while feature != LEAF:
                at = at + 1 if vector[feature] <= self.cuts[feature][number] else right
                feature, number, right = tree[at]
            total += self.values[number]
        return total / len(self.trees)

    def outcome(self, probability):
        return self.definition["target"]["positive" if probability >= self.threshold else "negative"]["name"]


def integer(field, value):
    if value is None:
        return None
    if field["kind"] == "choice":
        return [label["name"] for label in field["labels"]].index(value)
    step = field["step"]
    inverse = round(1 / step)
    steps = value * inverse if abs(inverse * step - 1) < 1e-9 else value / step
    return max(-(2**53), min(2**53, round(steps)))


# Manifest -------------------------------------------------------------------


def read_canonical(text):
    try:
        manifest = json.loads(text, parse_int=Number, parse_float=Number, object_pairs_hook=once)
        again = canonical(manifest).encode()
    except (ValueError, RecursionError) as fault:
        raise Fault("the manifest") from fault
    require(again == text, "the manifest's form")
    order = ["definition", "learned", "threshold", "training", "calibration", "novelty", "baseline"]
    require(list(manifest) == [name for name in order if name in manifest], "the manifest's members")
    for members in manifest["learned"].values():
        require(list(members) == sorted(members), "the order of a map")
    return plain(manifest)


class Number(str):
    """A number as it is written."""


def once(pairs):
    require(len({name for name, _ in pairs}) == len(pairs), "a member twice")
    return dict(pairs)


def canonical(value):
    if isinstance(value, dict):
        return "{" + ",".join(canonical(k) + ":" + canonical(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, Number):
        return number(value)
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        for c in "<>&\u2028\u2029":
            text = text.replace(c, "\\u%04x" % ord(c))
        return text
    return json.dumps(value)


def number(written):
    """The shortest digits that read back to the same float64."""
    if written.lstrip("-").isdigit():
        return str(int(written))
    x = float(written)
    mantissa, _, exponent = repr(x).partition("e")
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).rstrip("0") if fraction.strip("0") or exponent else whole
    point = len(whole) + int(exponent or 0)
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    digits = stripped.rstrip("0") or "0"
    sign = "-" if math.copysign(1, x) < 0 else ""
    if x == 0:
        return sign + "0"
    if 1e-6 <= abs(x) < 1e21:
        if point <= 0:
            return sign + "0." + "0" * -point + digits
        if point >= len(digits):
            return sign + digits + "0" * (point - len(digits))
        return sign + digits[:point] + "." + digits[point:]
    rest = "." + digits[1:] if len(digits) > 1 else ""
    return "%s%s%se%s%d" % (sign, digits[0], rest, "-" if point < 1 else "+", abs(point - 1))


def plain(value):
    if isinstance(value, dict):
        return {name: plain(v) for name, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, Number):
        return int(value) if value.lstrip("-").isdigit() else float(value)
    return value


# Arithmetic coding ----------------------------------------------------------


class Stream:
    """A stream of bits, and the chances that they were coded with.

    Chances are known by a name: a tuple. Each is [probability, count].
    """

    def __init__(self, coded):
        self.coded = coded
        self.low, self.high = 0, FULL
        self.next = 8
        self.window = int.from_bytes(coded[:8].ljust(8, b"\0"), "big")
        self.chances = {}

    def bit(self, *name):
        chance = self.chances.setdefault(name, [1 << 21, 0])
        probability, count = chance
        middle = self.low + ((self.high - self.low) >> 16) * max((probability << 10 | count) >> 16, 16)
        bit = self.decide(name, middle)
        if bit:
            self.high, aim = middle, (1 << 22) - 1
        else:
            self.low, aim = middle + 1, 0
        chance[0] += (aim - probability) * (131072 // (2 * count + 3)) >> 16
        chance[1] = min(count + 1, 255)
        while self.low >> 56 == self.high >> 56:
            self.shift(self.low >> 56)
            self.low = self.low << 8 & FULL
            self.high = self.high << 8 & FULL | 255
        return bit

    def decide(self, name, middle):
        return int(self.window <= middle)

    def shift(self, byte):
        """Leaves a byte behind that low and high share."""
        following = self.coded[self.next] if self.next < len(self.coded) else 0
        self.window = self.window << 8 & FULL | following
        self.next += 1

    def end(self):
        """Proves that the stream ends as a writer ends it.

        What was shifted out are the stream's own bytes, since they lie in the
        interval: what is left must be the shortest run in it.
        """
        written = self.next - 8
        require(written <= len(self.coded), "a stream that is too short")
        require(self.coded[written:] == shortest(self.low, self.high), "a stream's end")

    def tree(self, bits, *name):
        """A number of some bits, the highest first, each with the chance at its
        place in a binary tree."""
        place = 1
        for _ in range(bits):
            place = place * 2 + self.bit(*name, place)
        return place - (1 << bits)

    def number(self, *name):
        length = self.tree(7, *name, "length")
        require(length <= 64, "a number's length")
        number = 1 if length else 0
        for place in range(length - 1):
            number = number * 2 + self.bit(*name, length, place)
        return number


def shortest(low, high):
    for size in range(9):
        unit = 1 << (64 - 8 * size)
        first = -(-low // unit) * unit  # the lowest run's number, zeros behind it
        if first <= high:
            return (first // unit).to_bytes(size, "big") if size else b""
    raise Fault("an empty interval")


# Forest ---------------------------------------------------------------------


def read_forest(section, features):
    def integers(at, count):
        require(at + 4 * count <= len(section), "a forest section that is too short")
        return list(struct.unpack_from("<%dI" % count, section, at)), at + 4 * count

    (trees, values), at = integers(0, 2)
    require(trees >= 1 and values >= 1, "no tree, or no value")
    cuts, at = integers(at, features)
    nodes, at = integers(at, trees)
    require(min(nodes) >= 1, "a tree without nodes")
    groups = min(max(sum(nodes) // 65536, 1), 8, trees)
    lengths, at = integers(at, 1 + groups)
    end = at + sum(lengths)
    size = max(end, -(-(sum(cuts) + values + sum(nodes)) // 16))
    require(len(section) == size and not any(section[end:]), "the zeros behind the streams")
    streams = []
    for length in lengths:
        streams.append(section[at : at + length])
        at += length
    tables, numbers = read_tables(streams[0], cuts, values)
    forest = []
    for i, stream in enumerate(streams[1:]):
        group = nodes[i * trees // groups : (i + 1) * trees // groups]
        forest += Group(Stream(stream), cuts, values).read(group)
    return tables, numbers, forest


def read_tables(coded, cuts, values):
    stream = Stream(coded)
    tables = []
    for feature, count in enumerate(cuts):
        table = []
        for i in range(count):
            if i == 0:
                x = stream.number(feature, "first")
                cut = -(x + 1 >> 1) if x & 1 else x >> 1
            else:
                cut = table[-1] + stream.number(feature, "further") + 1
            require(-(2**63) <= cut < 2**63, "a cut")
            table.append(cut)
        tables.append(table)
    numbers, bits = [], 0
    for i in range(values):
        distance = stream.number("values")
        require(distance > 0 or i == 0, "values that do not rise")
        bits += distance
        require(bits <= 0x3FF0000000000000, "a value above 1")
        numbers.append(struct.unpack("<d", struct.pack("<Q", bits))[0])
    stream.end()
    return tables, numbers


def log(x):
    n = x.bit_length() - 1
    return 8 * n + (8 * x >> n) % 8


class Group:
    """A group of trees: their chances go on from tree to tree."""

    def __init__(self, stream, cuts, values):
        self.stream = stream
        self.cuts = cuts  # how many each feature has
        self.values = values
        self.all = sum(log(n + 1) for n in self.cuts)

    def read(self, nodes):
        trees = [self.tree(count) for count in nodes]
        require([len(tree) for tree in trees] == nodes, "fewer nodes than the header says")
        self.stream.end()
        return trees

    def tree(self, most):
        tree = []
        # Subtrees that are still to come, with their ranges of cuts: (parent of a
        # right subtree or None, ranges). A left one is always read at once.
        open_ = [(None, [(0, n) for n in self.cuts])]
        while open_:
            parent, ranges = open_.pop()
            at = len(tree)
            require(at < most, "more nodes than the header says")
            if parent is not None:
                feature, cut, _ = tree[parent]
                tree[parent] = (feature, cut, at)
            situation = self.situation(tree, parent)
            split = self.node(ranges, situation)
            tree.append(split)
            feature, cut, _ = split
            if feature != LEAF:
                low, high = ranges[feature]
                left, right = ranges[:], ranges[:]
                left[feature], right[feature] = (low, cut), (cut + 1, high)
                open_ += [(at, right), (None, left)]
        return tree

    def situation(self, tree, parent):
        if parent is None:
            return 0
        feature, value, _ = tree[parent + 1]  # the sibling
        if feature != LEAF:
            return 1
        if value == 0:
            return 2
        return 3 if value == self.values - 1 else 4

    def node(self, ranges, situation):
        possible = [high - low for low, high in ranges]
        narrowing = min((self.all - sum(log(n + 1) for n in possible)) // 4, 63)
        if not any(possible) or self.stream.bit("leaf", situation, narrowing):
            return LEAF, self.value(situation, narrowing), 0
        feature = self.feature(possible, narrowing)
        return feature, self.cut(feature, *ranges[feature]), 0

    def feature(self, possible, narrowing):
        candidates = [i for i, n in enumerate(possible) if n]
        for i in candidates:
            after = len(candidates) - 1 - candidates.index(i)
            if after == 0 or self.stream.bit("feature", i, narrowing // 2, min(possible[i].bit_length(), 7), min(after, 15)):
                return i

    def cut(self, feature, low, high):
        start = high - low
        while high - low > 1:
            if self.cuts[feature] <= 64:
                name = low, high
            else:
                name = "lengths", (high - low).bit_length(), start.bit_length()
            middle = (low + high) // 2
            if self.stream.bit("cut", feature, *name):
                low = middle
            else:
                high = middle
        return low

    def value(self, situation, narrowing):
        if self.values == 1 or self.stream.bit("lowest", situation, narrowing):
            return 0
        if self.stream.bit("highest", situation, narrowing):
            return self.values - 1
        value = self.stream.tree((self.values - 1).bit_length(), "value")
        require(0 < value < self.values - 1, "a value's index")
        return value


def read(name):
    with open(name, "rb") as file:
        return Model(file.read())


def main():
    model = read(sys.argv[1])
    for line in sys.stdin:
        print(repr(model.probability(model.vector(json.loads(line)))))


if __name__ == "__main__":
    main()
