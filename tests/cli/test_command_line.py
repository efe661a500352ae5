"""Runs the varve binary as a user would: outputs, mistakes, budgets, interruptions, help.

    test_command_line.py VARVE [name of a test ...]

Tests that need netCDF4 are skipped where it is missing.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time

from command_line import ARRAYS, FOLDER, VARVE, assert_close, from_json, inputs, main, path, refuse, run, succeed

import numpy as np


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


def test_more_outputs_than_the_usual_limit_of_open_files():
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    lower = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, limits[1]))
    names = [f"many_{i}.npy" for i in range(150)] + [f"many_{i}.zarr" for i in range(50)]
    words = [f"arange({i}, {i + 3})" for i in range(len(names))]
    outputs = [word for name in names for word in ("-o", path(name))]
    done = subprocess.run([VARVE, "compute", *words, *outputs], capture_output=True, text=True, preexec_fn=lower)
    assert done.returncode == 0, done.stderr
    for i, name in enumerate(names[:150]):
        assert np.array_equal(np.load(path(name)), np.arange(i, i + 3)), name
    assert succeed("compute", "-i", "x=" + path("many_49.zarr"), "x", "--json").split() == \
        succeed("compute", "arange(199, 202)", "--json").split()
    refuse(2, "given twice", "compute", "1", "2", "-o", path("twice.npy"), "-o", path("twice.npy"))


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
    refuse(2, "name of an output is empty", "compute", "1", "-o", "")
    refuse(2, "put -- before an expression that begins with '-': -- '-x[0, 0]'", "compute", *inputs("x"), "-x[0, 0]")
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


def test_folders_that_are_wrong_are_named():
    refuse(1, f"{path('none/x.nc')}: cannot be created: there is no folder {path('none')}", "compute", "arange(3)", "-o",
           path("none/x.nc"))
    file = path("in_the_way.npy")
    succeed("compute", "arange(3)", "-o", file)
    refuse(1, f"{file} is not a folder", "compute", "arange(3)", "-o", f"{file}/x.zarr")
    os.makedirs(path("year"))
    for month in ("b", "a"):
        succeed("compute", "arange(3)", "-o", path(f"year/{month}.zarr"))
    refuse(1, f"inside it is {path('year/a.zarr')}, {path('year/b.zarr')}", "info", path("year"))


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
    assert done.returncode == 0 and "nanmean(x) or nanstd(x) leaves missing ones out" in done.stderr, done.stderr
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


if __name__ == "__main__":
    sys.exit(main(globals()))
