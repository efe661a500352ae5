"""Programs of Dask that multiply and factor matrices."""

import dask
import dask.array as da

from containers_dask import save_values, write_zarr


def product(data, out, dtype):
    a, b = (da.from_zarr(f"{data}/{name}_{dtype}.zarr", component="x") for name in "ab")
    write_zarr(a @ b, out)


def matmul_f64(data, out):
    product(data, out, "f64")


def matmul_f32(data, out):
    product(data, out, "f32")


def tsqr_r(data, out):
    save_values(out, da.linalg.qr(da.from_zarr(f"{data}/tall.zarr", component="x"))[1].compute())


def tsqr_qr(data, out):
    q, r = da.linalg.qr(da.from_zarr(f"{data}/tall.zarr", component="x"))
    _, r = dask.compute(write_zarr(q, out, compute=False), r)
    save_values(out, r, first=1)


PROGRAMS = (matmul_f64, matmul_f32, tsqr_r, tsqr_qr)
