"""Evaluates expressions by the varve binary and by NumPy, and prints as NumPy does.

    test_expressions.py VARVE [name of a test ...]
"""

import os
import sys

from command_line import ARRAYS, all_inputs, assert_close, dtype_name, from_json, main, path, succeed

import numpy as np

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


if __name__ == "__main__":
    sys.exit(main(globals()))
