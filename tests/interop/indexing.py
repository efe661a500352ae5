#!/usr/bin/python3
"""Random indexes select what NumPy's select: arrays and nested lists of positions, masks, slices, integers, new axes."""
import json

from cases import main, need

np, h5py = need("numpy", "h5py")

SHAPE = (5, 4, 6, 3)
PER_RUN = 60
RUNS = 8


def part_of(random, shape):
    """Returns a shape that broadcasts to another."""
    return tuple(1 if random.random() < 0.3 else extent for extent in shape[random.integers(0, len(shape) + 1):])


def positions(random, shape, extent):
    return random.integers(-extent, extent, shape).tolist()


def computed(random, shape, extent):
    """Spells positions as arithmetic, which both sides compute."""
    count = int(np.prod(shape))
    return f"((arange({count}) * {random.integers(1, 9)}) % {2 * extent} - {extent}).reshape({shape!r})"


def mask(random, axis):
    """Returns a mask over some axes from one on, as an array or as lists, and how many axes these are."""
    count = int(random.integers(1, len(SHAPE) - axis + 1))
    if random.random() < 0.5:
        return repr((random.random(SHAPE[axis:axis + count]) < 0.3).tolist()), count
    place = ", ".join([str(random.integers(0, 3))] * axis + [":"] * count + ["1"] * (len(SHAPE) - axis - count))
    return f"x[{place}] % 7 < {random.integers(0, 5)}", count


def index(random):
    """Returns an index as text; now and then one whose parts do not go together."""
    common = tuple(random.integers(0 if random.random() < 0.1 else 1, 4, random.integers(1, 4)))
    common = tuple(int(extent) for extent in common)
    items, axis = [], 0
    with_masks = random.random() < 0.4
    while axis < len(SHAPE) and random.random() < 0.85:
        kind = random.integers(0, 9)
        count = 1
        if kind == 0:
            items.append("None")
            count = 0
        elif kind <= 2:
            items.append(f"{random.integers(-3, 2)}:{random.integers(2, 6)}:{random.choice([1, 1, 2, -1])}")
        elif kind == 3:
            items.append(str(random.integers(-3, 3)))
        elif kind == 4 and with_masks:
            text, count = mask(random, axis)
            items.append(text)
        elif kind == 5 and 0 not in common:
            items.append(computed(random, part_of(random, common) or (1,), SHAPE[axis]))
        else:
            items.append(repr(positions(random, part_of(random, common), SHAPE[axis])))
        axis += count
    if axis < len(SHAPE) and random.random() < 0.3:
        items.append("...")
    return f"x[{', '.join(items or ['...'])}]"


def value_of(text, names):
    try:
        return np.asarray(eval(text, names))  # noqa: S307: our own text
    except IndexError:
        return None


def valid_indexes(random, names, count):
    pairs = []
    while len(pairs) < count:
        text = index(random)
        expected = value_of(text, names)
        if expected is not None:
            pairs.append((text, expected))
    return pairs


def equal(cases, pairs, source):
    lines = cases.run("compute", "--json", "--quiet", "-i", f"x={source}", *(text for text, _ in pairs)).splitlines()
    assert len(lines) == len(pairs), (len(lines), len(pairs))
    for (text, expected), line in zip(pairs, lines):
        result = json.loads(line)
        assert tuple(result["shape"]) == expected.shape, f"{text}: shape {result['shape']}, expected {expected.shape}"
        actual = np.array(result["data"], dtype=result["dtype"]).reshape(result["shape"])
        assert np.array_equal(actual, expected), f"{text}: {actual.tolist()}, expected {expected.tolist()}"


def refused(cases, random, names, source):
    """What NumPy refuses with an IndexError is refused too."""
    count = 0
    while count < 20:
        text = index(random)
        if value_of(text, names) is not None:
            continue
        count += 1
        try:
            cases.run("compute", "--json", "--quiet", "-i", f"x={source}", text)
        except AssertionError as error:
            assert "exit 2: varve: error: " in str(error), error
        else:
            raise AssertionError(f"{text} is not refused")


def register(cases):
    random = np.random.default_rng(17)
    x = random.integers(-1000, 1000, SHAPE)
    names = {"x": x, "arange": np.arange}
    source = cases.path(".h5")
    with h5py.File(source, "w") as file:
        file.create_dataset("x", data=x, chunks=(2, 3, 6, 2), compression="gzip")
    for run in range(RUNS):
        cases.check(f"random indexes, {run}", equal, cases, valid_indexes(random, names, PER_RUN), f"{source}:x")
    cases.check("refused as in NumPy", refused, cases, random, names, f"{source}:x")


main(register)
