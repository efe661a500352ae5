#!/usr/bin/python3
"""Varve reads what numpy.save writes: every dtype, byte order, memory order and rank."""
from cases import DTYPES, main, need, require_same, values

(np,) = need("numpy")


def saved(cases, array):
    path = cases.path(".npy")
    np.save(path, array)
    require_same(cases.read(path), array)


def register(cases):
    for dtype in DTYPES:
        x = values(dtype, (5, 3, 4))
        cases.check(f"{dtype} C", saved, cases, x)
        cases.check(f"{dtype} Fortran", saved, cases, np.asfortranarray(x))
        if np.dtype(dtype).itemsize > 1:
            cases.check(f"{dtype} big-endian", saved, cases, x.astype(np.dtype(dtype).newbyteorder(">")))
            cases.check(f"{dtype} big-endian Fortran", saved, cases,
                        np.asfortranarray(x.astype(np.dtype(dtype).newbyteorder(">"))))
    cases.check("0-d", saved, cases, np.float32(2.5))
    cases.check("empty", saved, cases, np.zeros((3, 0, 2), "int16"))
    cases.check("long", saved, cases, values("float64", (300001,)))
    cases.check("nine axes", saved, cases, values("int32", (2, 1, 3, 1, 2, 2, 1, 2, 3)))


main(register)
