#!/usr/bin/python3
"""Every function of the command line, over arrays with an extent of 0 in every position, equals NumPy."""
import itertools
import pathlib
import re
import subprocess
import warnings

from cases import main, need

np, = need("numpy")
TABLE = pathlib.Path(__file__).parent.parent / "data" / "functions.txt"

# Where NumPy gives a value and Varve may say no, with the reason.
REFUSED = {"lstsq": "more unknowns than rows",
           "take": "positions beyond the extent, which NumPy lets pass where nothing is taken"}


def filtered(name, x, *rest):
    """SciPy refuses nothing, and gives nothing of nothing."""
    if x.size == 0:
        return np.zeros_like(x)
    return getattr(need("scipy.ndimage")[0], name)(x, *rest)


def names_of_numpy(arrays):
    """Returns what an expression is evaluated with: NumPy's functions under today's names."""
    later = {"acos": "arccos", "asin": "arcsin", "atan": "arctan", "acosh": "arccosh", "asinh": "arcsinh",
             "atanh": "arctanh", "atan2": "arctan2", "bitwise_invert": "invert", "bitwise_left_shift": "left_shift",
             "bitwise_right_shift": "right_shift", "pow": "power", "concat": "concatenate", "unique_values": "unique",
             "permute_dims": "transpose"}
    scope = {name: getattr(np, name) for name in dir(np) if not name.startswith("_")}
    scope.update({new: getattr(np, old) for new, old in later.items()})
    scope.update(np=np, filtered=filtered, matrix_transpose=lambda a: np.swapaxes(a, -1, -2) if a.ndim > 1 else a.T.no)
    scope.update(arrays)
    return scope


def rows(listed):
    """Returns the table's rows, and those of elementwise functions that need none: `listed` by varve functions."""
    table = []
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            name, expression, *numpy = line.split(" | ")
            table.append((name, expression, (numpy or [expression])[0]))
    known = {name for name, _, _ in table}
    for name, operands in re.findall(r"^(\w+)\((x|x1, x2)\)$", listed, re.MULTILINE):
        if name not in known:
            expression = f"{name}(x)" if operands == "x" else f"{name}(x, y)"
            table.append((name, expression, expression))
    return table


def shapes():
    for ndim in (1, 2, 3):
        for zeros in itertools.product((False, True), repeat=ndim):
            if any(zeros):
                yield tuple(0 if zero else extent for zero, extent in zip(zeros, (3, 4, 5)))


def inputs_of(shape):
    random = np.random.default_rng(1)
    whole = lambda: random.integers(0, 5, shape)
    rows_and_columns = (shape + (3,))[:2]
    if 0 not in rows_and_columns:
        rows_and_columns = sorted(rows_and_columns, reverse=True)
    return {"x": random.normal(size=shape), "y": random.normal(size=shape), "i": whole(), "j": whole(),
            "b": whole() > 2, "l": random.integers(0, 3, shape[0]), "m": random.normal(size=rows_and_columns)}


def expected(text, arrays):
    """Returns NumPy's value, or None where NumPy raises."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return np.asarray(eval(text, names_of_numpy(arrays)))
        except SystemExit:
            raise
        except Exception:
            return None


class Runs:
    def __init__(self, varve, folder, arrays):
        self.varve, self.folder = varve, folder
        self.options = []
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array)
            self.options += ["-i", f"{name}={folder / name}.npy"]

    def __call__(self, expressions):
        """Returns the results, or the exit status and message."""
        outputs = []
        for number in range(len(expressions)):
            (self.folder / f"out{number}.npy").unlink(missing_ok=True)
            outputs += ["-o", str(self.folder / f"out{number}.npy")]
        run = subprocess.run([self.varve, "compute", "--quiet", "--threads", "1", "--memory", "64MiB", *self.options,
                              *outputs, "--", *expressions], capture_output=True, text=True, timeout=60)
        if run.returncode:
            return run.returncode, run.stderr
        return [np.load(self.folder / f"out{number}.npy") for number in range(len(expressions))]


def check(name, expression, value, run):
    if isinstance(run, tuple):
        status, message = run
        assert status in (1, 2), f"{expression}: exit status {status}: {message}"
        assert value is None or name in REFUSED, f"{expression}: refused, NumPy gives {value!r}: {message}"
        return
    assert value is not None, f"{expression}: {run!r}, where NumPy raises"
    assert run.shape == value.shape, f"{expression}: shape {run.shape}, NumPy's is {value.shape}"
    assert run.dtype == value.dtype, f"{expression}: dtype {run.dtype}, NumPy's is {value.dtype}"
    assert np.allclose(run, value, equal_nan=True), f"{expression}: {run!r}, NumPy gives {value!r}"


def check_shape(cases, shape, table):
    arrays = inputs_of(shape)
    runs = Runs(cases.binary, cases.folder, arrays)
    values = [expected(numpy, arrays) for _, _, numpy in table]
    # What NumPy has a value for runs together; where that fails, and all else, one by one.
    together = [n for n, (name, _, _) in enumerate(table) if values[n] is not None and name not in REFUSED]
    results = runs([table[n][1] for n in together])
    found = {} if isinstance(results, tuple) else dict(zip(together, results))
    for n, (name, expression, _) in enumerate(table):
        if n not in found:
            run = runs([expression])
            found[n] = run if isinstance(run, tuple) else run[0]
        cases.check(f"shape {shape}", check, name, expression, values[n], found[n])


def check_table(listed, table):
    functions = set(re.findall(r"^\s*([a-z][\w.]*)\(", listed, re.MULTILINE))
    assert len(functions) > 100, listed
    missing = functions - {name for name, _, _ in table}
    assert not missing, f"no row in {TABLE}: {sorted(missing)}"


def register(cases):
    listed = cases.run("functions")
    table = rows(listed)
    cases.check("every function has a row", check_table, listed, table)
    for shape in shapes():
        check_shape(cases, shape, table)


if __name__ == "__main__":
    main(register)
