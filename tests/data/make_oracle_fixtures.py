#!/usr/bin/python3
"""Writes the small NumPy files that check the dense oracle (tests/support/test_oracle.cpp).

Run it in any folder; it writes next to itself. The values need nothing newer than NumPy 1.20.
"""
import pathlib

import numpy as np

OUT = pathlib.Path(__file__).resolve().parent / "oracle"
DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
          "float16", "float32", "float64", "complex64", "complex128"]


def save(name, array):
    np.save(OUT / f"{name}.npy", np.ascontiguousarray(array) if np.ndim(array) else np.asarray(array))


def promotion():
    table = [[DTYPES.index(np.promote_types(a, b).name) for b in DTYPES] for a in DTYPES]
    save("promotion", np.array(table, dtype="uint8"))


def casts():
    floats = np.array([-0.0, 0.4, -1.6, 2.5, 300.7, 65504.0, 65520.0, 1e-7, 6e-8, 3.14159265358979, 1e30], "float64")
    save("cast_from_float64", floats)
    with np.errstate(over="ignore"):
        for name in ("float16", "float32", "complex64", "bool"):
            save(f"cast_float64_to_{name}", floats.astype("float32").astype(name))
    integers = np.array([0, 1, -1, 127, 128, 255, 256, -32769, 2**31, 2**53 + 1, -2**63], "int64")
    save("cast_from_int64", integers)
    for name in ("int8", "uint16", "uint64", "float32", "float64", "bool"):
        save(f"cast_int64_to_{name}", integers.astype(name))


def elementwise():
    a = np.array([[-7, 7, 0, 5], [3, -128, 127, 1]], "int8")
    b = np.array([3, -2, 5, -1], "int8")
    save("int8_a", a)
    save("int8_b", b)
    with np.errstate(all="ignore"):
        for name in ("add", "subtract", "multiply", "floor_divide", "remainder", "fmod", "maximum", "bitwise_xor",
                     "less", "logical_and", "divide"):
            save(f"int8_{name}", getattr(np, "true_divide" if name == "divide" else name)(a, b))
        x = np.array([-2.5, -0.5, 0.5, 1.5, 2.5, 7.25, np.nan, np.inf, -0.0], "float32")
        y = np.array([1.0, -0.25, 3.0, -1.5, 0.75, 2.0, 1.0, 2.0, 4.0], "float32")
        save("float32_x", x)
        save("float32_y", y)
        for name in ("floor_divide", "remainder", "fmod", "maximum", "fmin", "copysign", "hypot", "logaddexp"):
            save(f"float32_{name}", getattr(np, name)(x, y))
        for name in ("sign", "rint", "isnan", "signbit", "exp", "log1p", "sqrt", "arctan", "nan_to_num", "deg2rad"):
            save(f"float32_{name}", getattr(np, name)(x))
        save("float32_clip", np.clip(x, np.float32(-1), np.float32(2)))
        save("float32_isclose", np.isclose(x, x + np.float32(1e-5)))
    z = np.array([1 + 2j, -3.5j, -1 + 0j, 0.25 - 0.5j], "complex64")
    save("complex64_z", z)
    for name in ("abs", "conj", "square", "exp", "sqrt", "tanh"):
        save(f"complex64_{name}", getattr(np, name)(z))


def reductions():
    x = (np.arange(24).reshape(2, 3, 4) * 37 % 11 - 5).astype("float32")
    x[0, 1, 2] = np.nan
    save("reduce_x", x)
    with np.errstate(all="ignore"):
        for name in ("sum", "prod", "min", "max", "mean", "var", "std", "argmin", "argmax"):
            save(f"reduce_{name}_all", getattr(np, name)(x))
            save(f"reduce_{name}_1", getattr(np, name)(x, axis=1))
        for name in ("nansum", "nanprod", "nanmin", "nanmax", "nanmean", "nanvar", "nanargmin", "nanargmax"):
            save(f"reduce_{name}_2", getattr(np, name)(x, axis=2))
        save("reduce_nanstd_correction", np.nanstd(x, axis=(0, 2), ddof=1, keepdims=True))
        save("reduce_count_nonzero_1", np.count_nonzero(x, axis=1))
    i = np.array([[100, 100, -100], [127, -128, 3]], "int8")
    save("reduce_i", i)
    save("reduce_sum_i", i.sum(axis=0))
    save("reduce_prod_i", i.prod(axis=1))
    save("reduce_mean_i", i.mean())


def views():
    x = np.arange(60, dtype="int16").reshape(3, 4, 5)
    save("view_x", x)
    save("view_transpose", x.transpose(2, 0, 1))
    save("view_rot90", np.rot90(x, 1, (0, 1)))
    save("view_rot90_3_20", np.rot90(x, 3, (2, 0)))
    save("view_flip_02", np.flip(x, (0, 2)))
    save("view_diagonal_1", np.diagonal(x, 1, 0, 1))
    save("view_diagonal_m2_21", np.diagonal(x, -2, 2, 1))
    save("view_take", np.take(x, [3, 0, -1, 3], axis=1))
    save("view_index_slices", x[1, ..., None, 4:0:-2])
    save("view_index_list", x[:, [3, 0, 1], 1:])
    save("view_index_lists", x[[0, 2], [1, 3], :])
    save("view_index_lists_apart", x[[0, 2], 1:, [1, 3]])
    save("view_index_integer_and_list", x[1, :, [4, 0]])


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    for old in OUT.glob("*.npy"):
        old.unlink()
    promotion()
    casts()
    elementwise()
    reductions()
    views()
