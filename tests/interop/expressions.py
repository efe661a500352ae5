#!/usr/bin/python3
"""Expressions of the command line equal NumPy's, over files of every format."""
from cases import main, need

np, h5py = need("numpy", "h5py")

# Text that both evaluate: Python with NumPy's names, and Varve. A pair where the spelling differs.
EXPRESSIONS = [
    "x + y",
    "x * 2 - y / 3",
    "0 - x ** 2",
    "x // 3 + x % 7",
    "sqrt(abs(x)) * sin(y)",
    "exp(-x / 50)",
    "where(x > 0, x, -1.5)",
    ("clip(x, -10, 10)", "np.clip(x, np.float32(-10), np.float32(10))"),
    "maximum(x, y)",
    "minimum(x, 3)",
    "(x > 0) & (y < 0) | ~(x > 5)",
    "i & 7 | 8 ^ i",
    "i << 2 >> 1",
    "i + True",
    "hypot(x, y)",
    "floor(x) + ceil(y) + round(x)",
    "isnan(x / x)",
    "x[3]",
    "x[1:20:3, ::-2]",
    "x[-1, -5:]",
    "x[..., None]",
    "x[[3, 0, -1]]",
    "x[:, [1, 1, 4]]",
    "sum(x)",
    "sum(i)",
    "sum(x, axis=0)",
    "mean(x, axis=1)",
    "mean(x, axis=(0, 1), keepdims=True)",
    "std(x, axis=0)",
    ("var(x, axis=1, correction=1)", "np.var(x, axis=1, ddof=1)"),
    "min(x, axis=0)",
    "max(i)",
    "argmax(x, axis=1)",
    "argmin(x)",
    "any(x > 90)",
    "all(x > -1000, axis=0)",
    "count_nonzero(i % 2 == 0)",
    "prod(y[:3, :3] / 50)",
    "x - mean(x, axis=0)",
    "(x - mean(x)) / std(x)",
    "sum((x - mean(x, axis=1, keepdims=True)) ** 2, axis=1)",
    ("astype(x, 'int16')", "x.astype('int16')"),
    ("permute_dims(x, (1, 0))", "np.transpose(x, (1, 0))"),
    "flip(x, axis=1)",
    "broadcast_to(x[0], (3, 31))",
    "2 ** 3 + x * 0",
    "pi * x",
    "x @ y.T",
    "x[0] @ y[0] + i[:, 0] @ x",
    "matmul(i, i.T)",
    "tensordot(x, y, axes=((0, 1), (0, 1)))",
    "tensordot(x, y[:, :5], axes=([0], [0]))",
    ("vecdot(x, y)", "np.sum(x * y, axis=-1)"),
    ("vecdot(astype(x, 'float16'), astype(y, 'float16'))",
     "np.sum(x.astype('f2').astype('f8') * y.astype('f2').astype('f8'), axis=-1).astype('f2')"),
    "outer(x[0], i[:, 1])",
    ("qr(y.T)[0]", "np.linalg.qr(y.T)[0]"),
    ("qr(x.T)[1]", "np.linalg.qr(x.T.astype('float64'))[1].astype('float32')"),
    ("lstsq(y.T, y[0] * x[1])", "np.linalg.lstsq(y.T, y[0] * x[1], rcond=None)[0]"),
    ("cholesky(y @ y.T)", "np.linalg.cholesky(y @ y.T)"),
    ("solve(y[:, :23], y[:, 23:])", "np.linalg.solve(y[:, :23], y[:, 23:])"),
    ("qr(y, mode='r')", "np.linalg.qr(y, mode='r')"),
    ("qr(y[:, :4], mode='complete')[0]", "np.linalg.qr(y[:, :4], mode='complete')[0]"),
    ("qr(y[:, :4] + 1j * y[:, 4:8])[0]", "np.linalg.qr(y[:, :4] + 1j * y[:, 4:8])[0]"),
    ("qr(stack([y[:9, :4], y[9:18, :4]]))[1]", "np.linalg.qr(np.stack([y[:9, :4], y[9:18, :4]]))[1]"),
    ("cholesky(y @ y.T, upper=True)", "np.linalg.cholesky(y @ y.T).T"),
    ("cholesky((y + 1j * x) @ (y - 1j * x).T)", "np.linalg.cholesky((y + 1j * x) @ (y - 1j * x).T)"),
    ("solve(y[:, :23] + 1j * y[:, 5:28], y[:, 23:])", "np.linalg.solve(y[:, :23] + 1j * y[:, 5:28], y[:, 23:])"),
    ("solve(stack([y[:, :23], y[:, 5:28]]), y[:, 23:])",
     "np.stack([np.linalg.solve(y[:, :23], y[:, 23:]), np.linalg.solve(y[:, 5:28], y[:, 23:])])"),
    ("round(y + 1j * x, 1)", "np.round(y + 1j * x, 1)"),
    ("linspace(0, 1 + 2j, 7) + 0 * y[0, :7]", "np.linspace(0, 1 + 2j, 7) + 0 * y[0, :7]"),
    ("var(y, axis=0, ddof=23)", "np.var(y, axis=0, ddof=23)"),
    ("nanstd(y, axis=0, ddof=24)", "np.nanstd(y, axis=0, ddof=24)"),
    ("cumulative_sum(i, axis=0)", "np.cumsum(i, axis=0, dtype='int64')"),
    "cumsum(y, axis=1)",
    ("cumulative_max(x, axis=0)", "np.maximum.accumulate(x, axis=0)"),
    ("cumulative_sum(y, axis=1, include_initial=True)", "np.pad(np.cumsum(y, axis=1), ((0, 0), (1, 0)))"),
    "cumprod(y[:, :4] / 50, axis=1)",
    "median(x)",
    "median(y, axis=1)",
    "median(where(y[:22] > 0, y[:22], inf), axis=0)",
    "nanmedian(where(y[:22] > 0, y[:22], 0 - inf), axis=0)",
    "nanmedian(y, axis=(0, 1), keepdims=True)",
    ("quantile(y, 0.3, axis=0)", "np.quantile(y, 0.3, axis=0)"),
    ("quantile(y, [0.1, 0.5, 0.9], axis=(0, 1))", "np.quantile(y, [0.1, 0.5, 0.9], axis=(0, 1))"),
    ("percentile(i, (5, 95), axis=1)", "np.percentile(i, (5, 95), axis=1)"),
    *[(f"quantile(y, (0.07, 0.43, 1), axis=1, method='{method}')",
       f"np.quantile(y, (0.07, 0.43, 1), axis=1, method='{method}')")
      for method in ("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen",
                     "weibull", "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest")],
    *[(f"quantile(i, (0.07, 0.43, 1), axis=1, method='{method}')",
       f"np.quantile(i, (0.07, 0.43, 1), axis=1, method='{method}')")
      for method in ("inverted_cdf", "closest_observation", "lower", "higher", "nearest")],
    ("pad(i, ((7, 3), (0, 2)), mode='reflect')", "np.pad(i, ((7, 3), (0, 2)), mode='reflect')"),
    ("pad(i, ((90, 33), (99, 70)), mode='symmetric')", "np.pad(i, ((90, 33), (99, 70)), mode='symmetric')"),
    ("pad(i, ((7, 3), (5, 2)), mode='wrap')[9:, ::3]", "np.pad(i, ((7, 3), (5, 2)), mode='wrap')[9:, ::3]"),
    ("pad(x, ((1, 2),), constant_values=nan)", "np.pad(x, 1 * ((1, 2),), constant_values=np.nan)"),
    ("reshape(i, (31, 23))[:, 5:8]", "i.reshape((31, 23))[:, 5:8]"),
    "sort(x, axis=0)",
    ("sort(i, axis=1, descending=True)", "np.sort(i, axis=1)[:, ::-1]"),
    ("argsort(i)", "np.argsort(i, kind='stable')"),
    ("topk(x, 3, axis=0)", "np.sort(x, axis=0)[:-4:-1]"),
    ("unique_values(i // 10)", "np.unique(i // 10)"),
    ("unique_values(where(i > 90, nan, i // 10))",
     "np.append(np.unique(i[i <= 90] // 10), np.full((i > 90).sum(), np.nan))"),
    ("sort(i // 50 + 1j * y, axis=0)", "np.sort(i // 50 + 1j * y, axis=0)"),
    ("argsort(i // 50 + 1j * (i % 5), axis=1)", "np.argsort(i // 50 + 1j * (i % 5), axis=1, kind='stable')"),
    ("unique_values(i // 50 + 1j * (i % 5))", "np.unique(i // 50 + 1j * (i % 5))"),
    ("groupby_reduce(x, arange(23) % 4, func='mean')", "np.stack([x[g::4].mean(axis=0) for g in range(4)])"),
    ("groupby_reduce(x, astype(arange(23) % 3 - 1, 'uint64'), func='last')", "x[[22, 20, 21]]"),
    ("groupby_reduce(y, minimum(arange(31) // 10, 2), axis=1, func='std', ddof=1)",
     "np.stack([part.std(axis=1, ddof=1) for part in np.split(y, [10, 20], axis=1)], axis=1)"),
    ("random.integers(3, 9, size=(2, 3), seed=1) * 0 + y[:2, :3]", "y[:2, :3]"),
    ("np.random.uniform(size=(4,)) + 0 * y[0, :4] < 1", "np.ones(4, bool)"),
]

NAMES = {name: getattr(np, name) for name in (
    "sqrt abs sin exp where maximum minimum hypot floor ceil round isnan sum mean std min max argmax argmin any all "
    "count_nonzero prod flip broadcast_to pi matmul tensordot outer "
    "cumsum cumprod median nanmedian sort inf nan").split()}


def evaluate(text, arrays):
    with np.errstate(all="ignore"):
        return np.asarray(eval(text, {"np": np, **NAMES, **arrays}))  # noqa: S307: our own table


def equal_numpy(cases, expression, arrays, inputs, *options):
    text, reference = expression if isinstance(expression, tuple) else (expression, expression)
    expected = evaluate(reference, arrays)
    actual = cases.compute(text, *options, **inputs)
    assert actual.shape == expected.shape, f"shape {actual.shape}, expected {expected.shape}"
    assert actual.dtype == expected.dtype, f"dtype {actual.dtype}, expected {expected.dtype}"
    if expected.dtype.kind in "biu":
        np.testing.assert_array_equal(actual, expected)
    else:
        tight = expected.dtype == np.float64
        finite = expected[np.isfinite(expected)]
        scale = float(np.max(np.abs(finite))) if finite.size else 0.0
        np.testing.assert_allclose(actual, expected, rtol=1e-12 if tight else 1e-5, atol=scale * (1e-13 if tight else 1e-6))


def printed(cases, path):
    text = cases.run("compute", "-i", f"x={path}", "sum(x[:2, :3])", "--json", "--quiet")
    assert "data" in text, text


def register(cases):
    random = np.random.default_rng(5)
    arrays = {"x": (random.standard_normal((23, 31)) * 50).astype("float32"),
              "y": random.standard_normal((23, 31)) * 50,
              "i": random.integers(-100, 100, (23, 31)).astype("int32")}
    source = cases.path(".h5")
    with h5py.File(source, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array, chunks=(5, 31 if name == "x" else 8), compression="gzip")
    inputs = {name: f"{source}:{name}" for name in arrays}
    for expression in EXPRESSIONS:
        text = expression[0] if isinstance(expression, tuple) else expression
        used = {name: path for name, path in inputs.items() if name in text}
        cases.check(text, equal_numpy, cases, expression, arrays, used)
    cases.check("a leading minus", lambda: equal_numpy(cases, ("(-x) ** 2", "(-x) ** 2"), arrays, {"x": inputs["x"]}))
    cases.check("eight threads", equal_numpy, cases, "x - mean(x, axis=0)", arrays, {"x": inputs["x"]}, "--threads", "8")
    cases.check("printed as JSON", printed, cases, inputs["x"])


main(register)
