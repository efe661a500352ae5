#!/usr/bin/python3
"""Joining, reshaping, padding and masks equal NumPy's; filters equal those of scipy.ndimage, bit by bit for integers."""
from cases import main, need

np, h5py, ndimage = need("numpy", "h5py", "scipy.ndimage")

# Text that both evaluate. A pair where the spelling differs.
EXPRESSIONS = [
    ("concat([x, i], axis=1)", "np.concatenate([x, i], axis=1)"),
    "concatenate([x, x[:3]])",
    "stack([x, i], axis=-1)",
    "hstack([x, i])",
    "vstack([x[0], i])",
    "roll(x, 5)",
    "roll(x, (3, -40), axis=(0, 1))",
    "reshape(x, (31, -1))",
    "reshape(x, -1, order='F')",
    "x.reshape((31, 23), order='F')",
    "ravel(x)",
    "pad(x, 3)",
    "pad(i, 2, constant_values=-7)",
    "pad(x, (1, 4), mode='edge')",
    "pad(x, [[2, 3], [40, 1]], mode='symmetric')",
    "pad(x, [[2, 3], [30, 1]], mode='reflect')",
    "pad(i, 4, mode='wrap')",
    "x[x > 0]",
    "x[i % 3 == 0]",
    "i[i[:, 0] > 0]",
    "i[i[:, 0] > 0, 2:9:3]",
    "x[x > 1000]",
    "sum(i[x > 0])",
    "uniform_filter(x, 3)",
    "uniform_filter(i, (4, 5), mode='nearest')",
    "uniform_filter(i, 40, mode='mirror', origin=(3, -2))",
    "gaussian_filter(x, 2.0)",
    "gaussian_filter(x, (0, 2), mode='nearest')",
    "gaussian_filter(x, 9, mode='constant', cval=2.0)",
    "gaussian_filter(i, (1.5, 3), mode='wrap', truncate=3.0)",
    # Equal integers stay what they are; scipy.ndimage darkens these by one or two.
    ("gaussian_filter(i * 0 + 77, 5.0)", "i * 0 + 77"),
    ("gaussian_filter(i * 0 - 32768, (7.5, 3.3))", "i * 0 - 32768"),
    ("gaussian_filter(i * 0 + 30000, 20.0)", "i * 0 + 30000"),
    ("convolve(x, [[1, 2, 0], [0.5, 1, 3]], mode='mirror')",
     "convolve(x, np.array([[1, 2, 0], [0.5, 1, 3]]), mode='mirror')"),
    ("convolve(i, [[1, 2, 0, 4], [5, 1, 3, 2]], origin=(-1, 0), mode='wrap')",
     "convolve(i, np.array([[1, 2, 0, 4], [5, 1, 3, 2]]), origin=(-1, 0), mode='wrap')"),
    ("correlate(i, [[1, 2, 0, 4], [5, 1, 3, 2]], origin=(-1, 1))",
     "correlate(i, np.array([[1, 2, 0, 4], [5, 1, 3, 2]]), origin=(-1, 1))"),
    "laplace(x)",
    "laplace(i, mode='constant', cval=5)",
]

NAMES = {name: getattr(np, name) for name in "concatenate stack hstack vstack roll reshape ravel pad sum".split()}
NAMES |= {name: getattr(ndimage, name) for name in "uniform_filter gaussian_filter convolve correlate laplace".split()}


def equal(cases, text, reference, arrays, inputs):
    expected = np.asarray(eval(reference, {"np": np, **NAMES, **arrays}))  # noqa: S307: our own table
    actual = cases.compute(text, **inputs)
    assert actual.shape == expected.shape, f"shape {actual.shape}, expected {expected.shape}"
    assert actual.dtype == expected.dtype, f"dtype {actual.dtype}, expected {expected.dtype}"
    if expected.dtype.kind in "biu":
        np.testing.assert_array_equal(actual, expected)
    else:
        scale = float(np.nanmax(np.abs(expected))) if expected.size else 0.0
        np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=scale * 1e-6)


def register(cases):
    random = np.random.default_rng(6)
    arrays = {"x": (random.standard_normal((23, 31)) * 50).astype("float32"),
              "i": random.integers(-100, 100, (23, 31)).astype("int32")}
    source = cases.path(".h5")
    with h5py.File(source, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array, chunks=(5, 31 if name == "x" else 8), compression="gzip")
    for expression in EXPRESSIONS:
        text, reference = expression if isinstance(expression, tuple) else (expression, expression)
        cases.check(text, equal, cases, text, reference, arrays, {name: f"{source}:{name}" for name in arrays})


main(register)
