"""Runs the varve binary as a user would, and compares with NumPy.

    test_command_line.py VARVE [name of a test ...]

Exits with 77 where NumPy is missing. Tests that need zarr, h5py or netCDF4 are skipped where those are missing.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

try:
    import numpy as np
except ImportError:
    sys.exit(77)

np.seterr(all="ignore")
VARVE = os.path.abspath(sys.argv[1])
FOLDER = tempfile.mkdtemp(prefix="varve_cli_")
ARRAYS = {}


def path(name):
    return os.path.join(FOLDER, name)


def run(*words, env=None):
    done = subprocess.run([VARVE, *words], capture_output=True, text=True, timeout=600, env=env)
    assert "Sanitizer" not in done.stderr, done.stderr
    return done


def succeed(*words):
    done = run(*words)
    assert done.returncode == 0, f"{words}: status {done.returncode}: {done.stderr}"
    return done.stdout


def refuse(status, part, *words):
    done = run(*words)
    assert done.returncode == status, f"{words}: status {done.returncode}: {done.stdout}{done.stderr}"
    assert done.stderr.startswith("varve: error: "), done.stderr
    assert part in done.stderr, f"{part!r} is not in {done.stderr!r}"
    return done.stderr


def inputs(*names):
    return [word for name in names for word in ("-i", f"{name}={path(name + '.npy')}")]


def all_inputs():
    return inputs(*ARRAYS)


def add(name, array):
    ARRAYS[name] = array
    np.save(path(name + ".npy"), array)


def make_inputs():
    random = np.random.default_rng(5)
    add("x", random.standard_normal((6, 7)))
    add("f", random.standard_normal((4, 5)).astype("float32"))
    add("n", random.integers(-50, 50, (3, 4, 5)))
    add("u", random.integers(1, 200, 9).astype("uint8"))
    add("b", random.integers(0, 2, (6, 7)).astype(bool))
    add("c", random.standard_normal(6) + 1j * random.standard_normal(6))
    add("big", random.standard_normal((60, 50)))
    add("cube", np.arange(20 * 21 * 22).reshape(20, 21, 22))
    special = random.standard_normal(12)
    special[[1, 4, 7]] = np.nan, np.inf, -np.inf
    add("s", special)


# What NumPy understands as it stands; both sides evaluate the same text.
SAME_TEXT = """
x + 1
x * 2 - x / 3
-x ** 2
x // 0.5
x % 0.3
2 ** -1 * x
x > 0
(x > 0) & ~(x > 1)
(x < 0) | b
b ^ (x > 0)
x == x
n + 1
n // 3
n % 7
n * n
n << 2
n >> 1
n & 6 | 1
-n
~n
u + u
u * 2
c * 2j
-c
f + 1
f * f
n.T
x.T[0]
x[0]
x[-1, ::2]
x[1:4, ::-1]
x[..., 3]
x[None, 2]
x[[0, 5, 2]]
x[1:1]
x[np.arange(20) % 6]
x[:, n[0, 0] % 7]
x[np.argmax(x[:, 0])]
x[:, np.argmin(n[0, 0]):]
x[:, x[0] > 0]
x[::2, x[0] > 0]
x[0, x[0] > 0]
x[x[:, 0] > 0, 0]
n[..., n[0, 0] > 0, None]
n[n[:, 0, 0] % 3, 1:, [0, 2, 1]]
n[[0, 1], :, (n[0, 0] > n[0, 0].min()) & (n[0, 0] >= np.sort(n[0, 0])[3])]
x[u % 6]
x[[[0, 2], [1, 1]]]
x[[[0], [2]], [1, 3, -1]]
n[[[0], [2]], :, [1, 3, -1]]
n[..., [[0, 1], [2, 3]]]
n[1, None, [[0, 1], [2, 3]], 1:]
x[[[]]]
x[n[0] % 6]
x[n[0, :, :1] % 6, n[0, 0] % 7]
n[(0, 1), [[0], [1]]]
n[[[0, 1], [1, 0]]][:, 1]
x[[[np.argmax(x[:, 0]), 1]]]
x[[True, False, True, False, False, True]]
n[:, [True, False, True, False], 1]
n[1, n[0] > 0]
n[[[True, False, True, True], [False, True, True, False], [True, True, False, False]], 1:3]
n[:, n[0] > n[0].min(), None]
n[[0, 2], n[0] >= np.sort(n[0].reshape(20))[18]]
n[n[:, :, 0] > 0, [1]]
x[[x[0, 0] < 1, True, False, False, True, x[0, 0] > 1]]
x[True]
x[:, x.sum() > 1e9, [0]]
np.take(n, [[0, 1], [2, 3]], axis=1)
np.take(n, n[0] % 5, axis=-1)
np.take(n, [[2]], axis=0)
np.take(x, n[0, 0] % 7, axis=1)
np.take(x, 2, axis=1)
np.take(x, np.argmax(x[0]), axis=-1)
np.take(n, [5, 1])
np.quantile(x, [[0.25, 0.5], [0.75, 1]], axis=0)
np.percentile(u, np.linspace(0, 100, 5))
np.quantile(u, 0.3, method='lower')
np.sort(n, axis=None, kind='stable')
np.argsort(u, axis=None)
np.concatenate([x, n[0]], axis=None)
np.expand_dims(x, (0, -1))
x.astype('float32', copy=False)
np.mean(n, dtype='float32')
np.ravel(x, order='F')
n.flatten()
np.eye(N=2, M=3)
n.reshape(5, -1, 2)
n.transpose(2, 0, 1)
n[1][2][3]
n[:, None, 0, ::-2]
x[0, 0]
x.mean(axis=0)
x.sum()
n.sum(axis=(0, 2))
n.mean(axis=1, keepdims=True)
n.max()
n.min(axis=-1)
x.std(ddof=1)
x.var(axis=1)
u.sum()
b.any(axis=0)
b.all()
n.argmax()
n.argmin(axis=1)
x.astype('float32')
x.astype(float32).sum(axis=0)
n.astype(float)
np.sqrt(np.abs(x))
np.where(x > 0, x, 0)
np.where(x > 0, x, nan)
np.maximum(x, 0.25)
np.clip(n, -3, 4)
np.exp(x) - np.log1p(np.abs(x))
np.hypot(x, x)
np.isnan(s)
np.isfinite(s)
s
np.nansum(s)
np.nan_to_num(s, nan=1.0, posinf=2.0, neginf=3.0)
np.transpose(n, (2, 0, 1))
np.swapaxes(n, 0, 2)
np.flip(x, axis=1)
np.expand_dims(x, 1)
np.broadcast_to(u, (2, 9))
np.diagonal(x, offset=1)
np.moveaxis(n, 0, -1)
np.rot90(x)
np.take(x, [1, -1], axis=1)
np.count_nonzero(b, axis=1)
np.zeros((2, 3))
np.ones(4, dtype='int16')
np.full((2, 2), 7)
np.arange(5)
np.arange(0, 1, 0.25)
np.linspace(0, 1, 5)
np.eye(3, k=1)
np.real(c)
c.imag
big
big * 1e10
cube
cube.T
cube[:, 3]
big[:, 0]
np.prod(u[:4])
1 + 2 * 3
2 ** 10 // 3
7 / 2
2j * 2j
1 < 2
-7 // 2
1e3
(1 + 2j) * 3
""".split("\n")[1:-1]


def numpy_value(text):
    names = {"np": np, "nan": np.nan, "inf": np.inf, "pi": np.pi, "float32": np.float32, **ARRAYS}
    return np.asarray(eval(text, names))


def dtype_name(array):
    return array.dtype.name


def number(value):
    return {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}[value] if isinstance(value, str) else value


def from_json(line):
    result = json.loads(line)
    dtype = np.dtype(result["dtype"])

    def values(data, axes):
        if axes > 0:
            return [values(item, axes - 1) for item in data]
        return complex(number(data[0]), number(data[1])) if dtype.kind == "c" else number(data)

    return np.array(values(result["data"], len(result["shape"])), dtype=dtype).reshape(result["shape"])


def assert_close(actual, expected, what):
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, not {expected.shape}"
    assert actual.dtype == expected.dtype, f"{what}: dtype {actual.dtype}, not {expected.dtype}"
    tolerance = 1e-5 if actual.dtype in (np.float32, np.complex64) else 1e-12
    if actual.dtype.kind in "fc":
        assert np.allclose(actual, expected, rtol=tolerance, atol=tolerance, equal_nan=True), f"{what}: {actual} {expected}"
    else:
        assert np.array_equal(actual, expected), f"{what}: {actual} is not {expected}"


def test_json_equals_numpy():
    """All expressions in one run, so that one process serves them all."""
    lines = succeed("compute", "--json", *all_inputs(), "--", *SAME_TEXT).splitlines()
    assert len(lines) == len(SAME_TEXT), (len(lines), len(SAME_TEXT))
    for text, line in zip(SAME_TEXT, lines):
        assert_close(from_json(line), numpy_value(text), text)


def numpy_text(array):
    text = str(array) if array.ndim else str(array[()])
    if array.ndim == 0:
        return text.strip("()") + "\n"
    if array.size > 1000 or array.size == 0:
        return f"{text}\nshape {array.shape}, dtype {dtype_name(array)}\n"
    evident = dtype_name(array) in ("bool", "int64", "float64", "complex128")
    return text + "\n" + ("" if evident else f"dtype {dtype_name(array)}\n")


def test_printing_equals_numpy():
    texts = ["x", "f", "n", "u", "b", "c", "s", "big", "cube", "cube.T", "big * 1e10", "x[0, 0]", "f[1, 1]", "n[0, 0, 0]",
             "b[0, 0]", "c[0]", "x[1:1]", "x * 1e-7", "c * 1e9", "cube[0, 0]", "big[:, 0]", "1 + 2", "0.1 + 0.2", "x.T",
             "cube[:, ::-1]"]
    expected = "".join(numpy_text(numpy_value(text)) for text in texts)
    assert succeed("compute", *all_inputs(), *texts) == expected


def test_shortened_printing_needs_little_memory():
    shape = (400, 300, 200)
    np.save(path("wide.npy"), np.zeros(shape, dtype="float32"))
    out = succeed("compute", "-i", "w=" + path("wide.npy"), "w + 1", "--memory", "16MiB")
    assert out.endswith(f"shape {shape}, dtype float32\n"), out
    assert out.startswith(str(np.ones(shape, dtype="float32"))), out
    os.remove(path("wide.npy"))


def test_outputs():
    report = path("report.json")
    trace = path("trace.json")
    out = succeed("compute", *inputs("x", "big"), "x * 2", "big.mean(axis=0)", "x.sum()", "-o", path("double.npy"), "-o",
                  path("mean.npy"), "--report", report, "--trace", trace)
    assert np.array_equal(np.load(path("double.npy")), ARRAYS["x"] * 2)
    assert np.allclose(np.load(path("mean.npy")), ARRAYS["big"].mean(axis=0))
    assert np.isclose(float(out), ARRAYS["x"].sum())
    written = json.load(open(report))
    for key in ("wall_seconds", "bytes_read", "bytes_written", "passes"):
        assert key in written, (key, written)
    json.load(open(trace))


def test_existing_outputs():
    target = path("exists.npy")
    succeed("compute", *inputs("x"), "x", "-o", target)
    refuse(1, "exists.npy", "compute", *inputs("x"), "x + 1", "-o", target)
    assert np.array_equal(np.load(target), ARRAYS["x"])
    succeed("compute", *inputs("x"), "x + 1", "-o", target, "--overwrite")
    assert np.array_equal(np.load(target), ARRAYS["x"] + 1)


def test_tuples_and_lists_give_results():
    lines = succeed("compute", *inputs("x"), "x.min(), x.max()", "[1, 2, 3]", "--", "-x[0, 0]").splitlines()
    assert [float(lines[0]), float(lines[1])] == [ARRAYS["x"].min(), ARRAYS["x"].max()]
    assert lines[2] == "[1 2 3]"
    assert float(lines[3]) == -ARRAYS["x"][0, 0]


def test_bad_expressions():
    error = refuse(2, "did you mean 'mean'?", "compute", *inputs("x"), "1 + maen(x)")
    assert error.endswith("\n  1 + maen(x)\n      ^\n"), error
    refuse(2, "expected a value", "compute", "1 +")
    refuse(2, "unknown name 'y'", "compute", *inputs("x"), "y")
    refuse(2, "mean(x, axis=None, keepdims=False, dtype=None)", "compute", *inputs("x"), "mean(x, axis='a')")
    refuse(2, "(6, 7)", "compute", *inputs("x", "u"), "x + u")
    refuse(2, "axis", "compute", *inputs("x"), "x.mean(axis=2)")
    refuse(2, "out of bounds", "compute", *inputs("x"), "x[9]")
    refuse(2, "", "compute", *inputs("x"), "~x")
    refuse(2, "matmul", "compute", *inputs("x"), "x @ x")
    refuse(2, "nested", "compute", "(" * 10000)
    refuse(2, "None", "compute", "None")
    refuse(2, "there can be 16777216", "compute", "arange(5)[arange(100000000) % 3]")
    refuse(2, "integers, or is a mask", "compute", *inputs("x"), "x[x[0]]")
    refuse(2, "a mask of shape (7,) does not suit the axes from 0 on", "compute", *inputs("x"), "x[..., x[0] > 0, :]")
    refuse(2, "do not all have the same length", "compute", *inputs("x"), "x[[[0, 1], [2]]]")
    refuse(2, "do not all have the same length", "compute", *inputs("x"), "x.take([[0, 1], 2])")
    refuse(2, "holds integers, or True and False", "compute", *inputs("x"), "x[[0.5, 1]]")
    refuse(2, "cannot hold the string 'a'", "compute", *inputs("x"), "x[['a']]")
    refuse(2, "index 9 is out of bounds for axis 0", "compute", *inputs("x"), "x[[[0, 9], [1, 1]]]")
    refuse(2, "take: index 9 is out of bounds for axis 1", "compute", *inputs("x"), "take(x, [[9, 1]], axis=1)")
    refuse(2, "positions of shapes (2, 3) and (2,)", "compute", *inputs("x"), "x[[[0, 1, 2], [1, 1, 1]], [0, 1]]")
    refuse(2, "(5000, 50, 100) together", "compute", "zeros((3, 4))[arange(5000).reshape(50, 100) % 3, zeros((5000, 1, 1), dtype='int8')]")
    refuse(2, "too many indices: 3", "compute", *inputs("x"), "x[:, x > 0]")
    refuse(2, "9223372036854775808", "compute", "arange(5)[full(2, 9223372036854775808, dtype='uint64')]")


def test_tuples_in_indexes():
    """A tuple alone is the index; a comma behind it makes it an item of one."""
    for index in ("(1, 2)", "(1, 2),", "1,"):
        expected = eval(f"x[{index}]", {"x": ARRAYS["x"]})
        assert_close(from_json(succeed("compute", "--json", *inputs("x"), f"x[{index}]")), expected, index)


def test_deep_expressions():
    """Just below the limits on nesting, beyond them, and far beyond."""
    assert_close(from_json(succeed("compute", "--json", *inputs("n"), "n" + "+1" * 60000)), ARRAYS["n"] + 60000, "sum")
    assert_close(from_json(succeed("compute", "--json", *inputs("n"), "(" * 200 + "n" + ")" * 200)), ARRAYS["n"], "brackets")
    assert_close(from_json(succeed("compute", "--json", *inputs("n"), "n" + ".roll(1, axis=0)" * 499)),
                 np.roll(ARRAYS["n"], 499, axis=0), "calls")
    for count in (1000, 60000):
        refuse(2, "more than 1000 levels", "compute", *inputs("n"), "n" + "[:]" * (count // 2 + 500))
        refuse(2, "more than 1000 levels", "compute", *inputs("n"), "-" * count + "n")
        refuse(2, "more than 200", "compute", *inputs("n"), "(" * count + "n" + ")" * count)
        refuse(2, "more than 200", "compute", *inputs("n"), "abs(" * (count // 4) + "n" + ")" * (count // 4))


def test_errors_of_functions_show_the_place():
    for text, part in [("percentile(x, 150)", "percentile: q = 150 is not between 0 and 100"),
                       ("quantile(x, 90)", "q = 90 is not between 0 and 1; percentile(x, q)"),
                       ("nanquantile(x, (0.5, 1.5))", "nanquantile: q = 1.5 "),
                       ("gaussian_filter(x, -1)", "sigma"), ("arange(0, 10, 0)", "step"),
                       ("random.normal(0, -1, size=(4,))", "deviation")]:
        error = refuse(2, part, "compute", *inputs("x"), text)
        assert f"\n  {text}\n  " in error and error.endswith("^\n"), error


def test_bad_usage():
    refuse(2, "command is missing")
    refuse(2, "--help", "compute", "x", "--frobnicate")
    refuse(2, "--memory", "compute", "1", "--memory", "lots")
    refuse(2, "--chunks", "compute", "1", "--chunks", "0")
    refuse(2, "is not a name", "compute", "-i", "1x=" + path("x.npy"), "1")
    refuse(2, "given twice", "compute", *inputs("x"), *inputs("x"), "x")
    refuse(2, "given twice", "compute", "1", "2", "-o", path("a.npy"), "-o", path("a.npy"))
    refuse(2, "outputs for 1 results", "compute", "1", "-o", path("a.npy"), "-o", path("b.npy"))


def test_bad_files():
    refuse(1, "missing.npy", "compute", "-i", "x=" + path("missing.npy"), "x")
    refuse(1, "missing.npy", "info", path("missing.npy"))
    with open(path("damaged.npy"), "wb") as file:
        file.write(b"\x93NUMPY\x01\x00")
    refuse(1, "damaged.npy", "compute", "-i", "x=" + path("damaged.npy"), "x")
    refuse(1, "", "compute", *inputs("x"), "x", "-o", path("no/such/folder/x.npy"))
    refuse(2, "ending", "compute", *inputs("x"), "x", "-o", path("x.unknown"))


def test_budget():
    words = ["compute", *inputs("big"), "big + 1", "--json"]
    error = refuse(3, "give at least --memory ", *words, "--memory", "1KiB")
    succeed(*words, "--memory", error.split("--memory ")[1].split()[0])
    refuse(3, "smaller --chunks", "compute", *inputs("big"), "big + 1", "-o", path("never.zarr"), "--memory", "1KiB")


def test_functions_are_listed_with_their_arguments():
    lines = succeed("functions").splitlines()
    signatures = [line for line in lines if not line.startswith(" ")]
    assert "concat(arrays, axis=0)" in signatures and len(signatures) > 100
    assert all(line.startswith("    ") and line.strip() for line in lines[1::2]), lines
    assert succeed("functions", "concatenate", "quantile").splitlines()[0] == "concat(arrays, axis=0)"
    refuse(2, "quantile", "functions", "quantil")


def test_axes_have_the_names_of_dimensions():
    try:
        import netCDF4
    except ImportError:
        return
    values = np.arange(24.0).reshape(2, 3, 4)
    with netCDF4.Dataset(path("named.nc"), "w") as file:
        for name, extent in zip(("time", "lat", "lon"), values.shape):
            file.createDimension(name, extent)
        file.createVariable("t", "f8", ("time", "lat", "lon"))[:] = values
    given = ("-i", f"t={path('named.nc')}:t")
    for text, expected in (
        ("mean(t, axis='time')", values.mean(axis=0)),
        ("t.max(('lat', 'lon'))", values.max(axis=(1, 2))),
        ("argmax(t + 1, 'lon')", values.argmax(axis=2)),
        ("sort(-t.T, axis='time')", np.sort(-values.T, axis=2)),
        ("cumulative_sum(t[0], axis='lat')", values[0].cumsum(axis=0)),
        ("concat([t, t], axis='lat')", np.concatenate([values, values], axis=1)),
    ):
        assert json.loads(succeed("compute", "--json", *given, text))["data"] == expected.tolist(), text
    error = refuse(2, "called 'level'; there are 'time', 'lat', 'lon'", "compute", *given, "mean(t, axis='level')")
    assert error.rstrip().endswith("^"), error


def test_mistakes_of_the_user_end_in_2_and_name_the_remedy():
    x = ["compute", *inputs("x"), "x"]
    for words, part in (
        ([*x, "-o", path("n.zarr:__x")], "must not"),
        ([*x, "-o", path("n.zarr:a//b")], "must not"),
        ([*x, "-o", path("n.nc:a//b")], "between single slashes"),
        ([*x, "x", "-o", path("n.nc:a"), "-o", path("n.nc:a/b")], "lies below the array"),
        ([*x, "x", "-o", path("n.zarr:a"), "-o", path("n.zarr:a/b")], "above or below"),
        ([*x, "-o", "s3://bucket/n.zarr"], "copy it to a disk here"),
        (["info", "s3://bucket/n.zarr"], "copy it to a disk here"),
        (["compute", path("x.npy")], f"-i x={path('x.npy')}"),
        (["compute", "()"], "nothing to compute"),
        (["compute", "x"], "-i x=PATH"),
        (["inof", path("x.npy")], "did you mean 'info'?"),
        (["help", "quantil"], "did you mean 'quantile'?"),
    ):
        refuse(2, part, *words)
        assert not [name for name in os.listdir(FOLDER) if "varve-partial" in name], words
    assert succeed("help", "compute") == succeed("compute", "--help")


def test_a_result_that_is_nan_names_what_leaves_missing_values_out():
    done = run("compute", *inputs("s"), "mean(s)", "2 * std(s)")
    assert done.returncode == 0 and "nanmean(x) or nanstd(x) leaves them out" in done.stderr, done.stderr
    for words in (["mean(s)", "--quiet"], ["nanmax(s)"], ["s * nan"], ["mean(s[:1])"], ["s"]):
        assert run("compute", *inputs("s"), *words).stderr == "", words


def test_advice_of_smaller_chunks_only_where_there_are_some():
    words = ["compute", *inputs("big"), "big + 1", "--memory", "1KiB", "-o"]
    assert "--chunks" in refuse(3, "give at least", *words, path("never.zarr"))
    assert "--chunks" not in refuse(3, "give at least", *words, path("never.npy"))


def test_a_slash_behind_a_zarr_changes_nothing():
    for name in ("slash.zarr", "slash2.zarr/"):
        succeed("compute", "ones((300, 300))", "-o", path(name))
    bare, slash = (json.loads(succeed("info", "--json", path(n)))["variables"][0] for n in ("slash.zarr", "slash2.zarr"))
    assert bare["codecs"] == slash["codecs"] and "blosc" in slash["codecs"], slash


def test_bash_completes_commands_options_and_values():
    folder = path("documents")
    succeed("documents", folder)
    script = os.path.join(folder, "varve.bash")

    def complete(*words):
        quoted = " ".join(f"'{word}'" for word in words)
        text = f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _varve; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, cwd=FOLDER)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    assert complete("varve", "co") == ["compute", "convert"]
    assert "--memory" in complete("varve", "compute", "--m")
    assert complete("varve", "compute", "--scratch-codec", "l") == ["lz4"]
    assert "quantile" in complete("varve", "functions", "quan")
    assert "explain" in complete("varve", "help", "")
    assert complete("varve", "info", "x.n") == ["x.npy"]
    assert complete("varve", "compute", "-i", "x", "=", "x.n") == ["x.npy"]
    for name in os.listdir(folder):
        if name.endswith(".1"):
            assert open(os.path.join(folder, name)).read().startswith(".TH varve"), name


def test_explain():
    text = succeed("explain", *inputs("big"), "mean(big)")
    assert "pass" in text, text
    assert "over (60, 50)" in succeed("explain", *inputs("big"), "big + 1")
    assert "corners" in succeed("explain", "ones((3000, 3000)) + 1", "--memory", "64MiB")
    json.loads(succeed("explain", *inputs("big"), "big + 1", "--json"))
    refuse(3, "", "explain", *inputs("big"), "big + 1", "-o", path("never.npy"), "--memory", "1KiB")
    assert not os.path.exists(path("never.npy"))


def test_help_and_version():
    assert succeed("--version").startswith("varve ")
    assert "compute" in succeed("--help")
    for command in ("info", "compute", "convert", "explain"):
        assert "Usage" in succeed(command, "--help")


def test_info():
    text = succeed("info", path("big.npy"))
    assert "float64" in text and "(60, 50)" in text, text
    about = json.loads(succeed("info", path("big.npy"), "--json"))
    assert about["variables"][0]["shape"] == [60, 50], about
    assert about["variables"][0]["dtype"] == "float64", about


def test_interrupt():
    words = [VARVE, "compute", "sqrt(arange(1e12) + 1).sum()", "--threads", "1", "--progress"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stderr.readline()  # it runs by now
    assert "%" in line, line
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (process.returncode, out, err)
    assert err.splitlines()[-1].startswith("varve: interrupted: "), err


def test_interrupted_resume_goes_on():
    target = path("resumed.zarr")
    partial = path(".resumed.zarr.varve-partial")
    words = ["compute", "sqrt(arange(3e7) + 1)", "-o", target, "--chunks", "50000", "--resume", "--threads", "1"]
    process = subprocess.Popen([VARVE, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not os.path.exists(os.path.join(partial, "c", "5")):
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (process.returncode, out, err)
    assert "finished chunks are kept" in err.splitlines()[-1], err
    assert os.path.isdir(partial)
    succeed(*words)
    assert float(succeed("compute", "-i", "x=" + target, "x[29999999]")) == np.sqrt(3e7)


def test_closed_output():
    with open("/dev/full", "w") as full:
        done = subprocess.run([VARVE, "compute", "1 + 1"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and done.stderr.startswith("varve: error: "), done


def make_zarr():
    import zarr

    group = zarr.open_group(path("g.zarr"), "w")
    data = np.arange(30 * 40, dtype="int16").reshape(30, 40)
    packed = group.create_dataset("t", data=data, chunks=(10, 16), fill_value=-9999)
    packed.attrs.update(scale_factor=0.5, add_offset=10.0, units="K", _ARRAY_DIMENSIONS=["lat", "lon"])
    for name, count in (("lat", 30), ("lon", 40)):
        axis = group.create_dataset(name, data=np.arange(count) * 1.5)
        axis.attrs["_ARRAY_DIMENSIONS"] = [name]
    group.create_dataset("other", data=np.ones(5, "float32"))
    group.create_dataset("text", data=np.array(["a", "bc"], dtype="U2"))
    return data


def test_zarr():
    data = make_zarr()
    lines = succeed("compute", "-i", f"t={path('g.zarr')}:t", "t.mean()", "t[0, 1]").splitlines()
    assert np.isclose(float(lines[0]), (data * 0.5 + 10).mean()), lines
    assert float(lines[1]) == 10.5, lines
    assert succeed("compute", "--raw", "-i", f"t={path('g.zarr')}:t", "t[0, 1]") == "1\n"
    refuse(2, "nothing", "compute", "-i", f"t={path('g.zarr')}:nothing", "t")
    about = {v["name"]: v for v in json.loads(succeed("info", path("g.zarr"), "--json"))["variables"]}
    assert about["t"]["chunks"] == [10, 16] and about["t"]["dimension_names"] == ["lat", "lon"], about
    assert about["t"]["attributes"]["units"] == "K", about
    assert "problem" in about["text"], about
    one = succeed("info", path("g.zarr") + ":t")
    assert "chunks" in one and "(10, 16)" in one and "units: K" in one, one
    assert "cannot be opened" in succeed("info", path("g.zarr"))


def test_convert_zarr():
    import zarr

    data = make_zarr()
    succeed("convert", path("g.zarr") + ":t", path("one.zarr") + ":temp", "--zarr-format", "2", "--chunks", "7,9", "--codec",
            "zstd:3")
    copy = zarr.open_group(path("one.zarr"), "r")
    assert sorted(copy.array_keys()) == ["lat", "lon", "temp"], list(copy.array_keys())
    assert np.array_equal(copy["temp"][:], data) and copy["temp"].chunks == (7, 9)
    assert copy["temp"].attrs["scale_factor"] == 0.5 and copy["temp"].attrs["_ARRAY_DIMENSIONS"] == ["lat", "lon"]
    assert copy["temp"].attrs["_FillValue"] == -9999
    assert np.array_equal(copy["lat"][:], np.arange(30) * 1.5)

    done = run("convert", path("g.zarr"), path("all.zarr"), "--zarr-format", "2")
    assert done.returncode == 0 and "text" in done.stderr and "warning" in done.stderr, done
    assert sorted(zarr.open_group(path("all.zarr"), "r").array_keys()) == ["lat", "lon", "other", "t"]

    succeed("convert", path("g.zarr") + ":t", path("t.npy"))
    assert np.array_equal(np.load(path("t.npy")), data * 0.5 + 10)  # npy has no attributes that say how to decode
    refuse(2, "name it", "convert", path("g.zarr"), path("all.npy"), "--quiet")
    refuse(2, "--chunks", "convert", path("g.zarr"), path("never.zarr"), "--chunks", "1,2,3", "--quiet")
    refuse(1, "", "convert", path("g.zarr") + ":t", path("one.zarr"))
    succeed("convert", path("x.npy"), path("x.zarr"))
    assert_close(from_json(succeed("compute", "--json", "-i", "x=" + path("x.zarr"), "x")), ARRAYS["x"], "npy to zarr")


def test_convert_hdf5():
    import h5py

    data = make_zarr()
    run("convert", path("g.zarr"), path("g.h5"), "--quiet")
    with h5py.File(path("g.h5")) as file:
        assert np.array_equal(file["t"][:], data)
        assert file["t"].attrs["scale_factor"] == 0.5
    name = path("g.h5") + ":t"
    lines = succeed("compute", "-i", "t=" + name, "-i", "again=" + name, "t.mean()", "(again - t).max()")
    assert np.isclose(float(lines.splitlines()[0]), (data * 0.5 + 10).mean())


def test_convert_netcdf():
    import netCDF4

    data = make_zarr()
    succeed("convert", path("g.zarr") + ":t", path("t.nc"))
    with netCDF4.Dataset(path("t.nc")) as file:
        variable = file["t"]
        variable.set_auto_maskandscale(False)
        assert variable.dimensions == ("lat", "lon"), variable.dimensions
        assert np.array_equal(variable[:], data)
        assert np.array_equal(file["lon"][:], np.arange(40) * 1.5)
    out = path("anomaly.nc") + ":anomaly"
    succeed("compute", "-i", f"t={path('t.nc')}:t", "t - t.mean()", "-o", out)
    with netCDF4.Dataset(path("anomaly.nc")) as file:
        assert file["anomaly"].dimensions == ("lat", "lon")
        expected = data * 0.5 - (data * 0.5).mean()
        assert np.allclose(file["anomaly"][:], expected, atol=1e-4)
    succeed("compute", "-i", f"t={path('t.nc')}:t", "median(t, axis=0)", "-o", path("middle.nc") + ":t")
    with netCDF4.Dataset(path("middle.nc")) as file:
        assert file["t"].dimensions == ("lon",)
        assert np.array_equal(file["lon"][:], np.arange(40) * 1.5)


def main():
    chosen = sys.argv[2:]
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_") and callable(test)]
    failed = 0
    try:
        make_inputs()
        for name, test in tests:
            if chosen and name not in chosen:
                continue
            try:
                test()
                print("passed ", name)
            except ImportError as error:
                print("skipped", name, f"({error})")
            except Exception:
                failed += 1
                print("FAILED ", name)
                traceback.print_exc()
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
