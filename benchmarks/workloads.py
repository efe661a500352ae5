"""The workloads: what Varve computes on the command line; the peers have a program of the same name for each."""

from workload import CEILING_COPY, CEILING_TWICE, Workload

CHUNKS = "24,361,720"


def _u(file):
    return (("x", file, "u"),)


_BLOSC = _u("u_blosc.zarr")
_LABELLED = _BLOSC + (("labels", "labels.npy", ""),)
_TIME_MEAN = {"expressions": ("mean(x, axis=0)",), "answers": ("time_mean",)}
_STATISTICS = {
    "expressions": ("mean(x)", "std(x)", "min(x)", "max(x)"),
    "answers": ("mean", "std", "min", "max"),
}
_ANOMALY = {
    "inputs": _BLOSC,
    "expressions": ("x - mean(x, axis=0)",),
    "check": "anomaly",
    "writes": True,
    "chunks": CHUNKS,
    "ceiling_kind": CEILING_TWICE,
}
_SLICE = {
    "expressions": ("mean(x[::12, 100:200, ::3])",),
    "answers": ("slice_mean",),
    "slice": "::12,100:200,::3",
    "useful_share": 1 / 12 * 100 / 361 / 3,
}
_TINY = {"expressions": ("mean(x)",), "answers": ("mean",), "scale": 1000.0, "truth": "tiny_truth.npz"}
_WIND_ANSWERS = {"data": ("wind", "wind_answers"), "truth": "wind_answers.npz"}
_RECHUNK = {
    "inputs": _BLOSC,
    "expressions": ("rechunk(x, (-1, 19, 36))",),
    "check": "rechunked",
    "writes": True,
    "ceiling_kind": CEILING_COPY,
}
_TALL = {"inputs": (("x", "tall.zarr", "x"),), "data": ("tall",), "truth": "tall_truth.npz", "needs_blas": True}
_MEAN_BY_LABEL = 'groupby_reduce(x, labels, axis=0, func="mean")'


def _matmul(dtype):
    return Workload(
        f"matmul_{dtype}",
        f"a @ b of two square matrices, {dtype}, Zarr in chunks of 2048 x 2048, written",
        (("a", f"a_{dtype}.zarr", "x"), ("b", f"b_{dtype}.zarr", "x")),
        ("a @ b",),
        check="product",
        scale=128.0,  # the square root of the 16384 products of standard normal numbers in each element
        data=(f"matrices_{dtype}",),
        writes=True,
        chunks="2048,2048",
        peers=("dask", "numpy"),
        needs_blas=True,
        ceiling_kind=CEILING_COPY,
    )


_SCANS = (
    Workload("time_mean_gzip", "time mean, HDF5 gzip-1+shuffle", _u("u_gzip.h5"), **_TIME_MEAN),
    Workload("time_mean_contiguous", "time mean, HDF5 uncompressed", _u("u_contiguous.h5"), **_TIME_MEAN),
    Workload("time_mean_blosc", "time mean, Zarr blosc-lz4", _BLOSC, **_TIME_MEAN),
    Workload("statistics_gzip", "mean, std, min, max in one pass, HDF5 gzip-1", _u("u_gzip.h5"), **_STATISTICS),
    Workload("statistics_blosc", "mean, std, min, max in one pass, Zarr blosc-lz4", _BLOSC, **_STATISTICS),
    Workload(
        "speed_gzip",
        "mean(sqrt(u\\*u + v\\*v)), HDF5 gzip-1, two arrays",
        (("u", "u_gzip.h5", "u"), ("v", "v_gzip.h5", "v")),
        ("mean(sqrt(u*u + v*v))",),
        ("speed_mean",),
    ),
    Workload("anomaly_blosc", "x - mean(x, axis=0) to Zarr blosc-lz4 (Dask: in two steps by hand)", **_ANOMALY),
    Workload("anomaly_blosc_one_graph", "x - mean(x, axis=0) to Zarr blosc-lz4 (Dask: as one expression)", **_ANOMALY),
    Workload("slice_contiguous", "mean(x[::12, 100:200, ::3]), HDF5 uncompressed", _u("u_contiguous.h5"), **_SLICE),
    Workload("slice_gzip", "mean(x[::12, 100:200, ::3]), HDF5 gzip-1", _u("u_gzip.h5"), **_SLICE),
    Workload("tiny_raw", "mean of 100,000 chunks of 400 B, HDF5 uncompressed", (("x", "tiny_raw.h5", "x"),), **_TINY),
    Workload("tiny_gzip", "mean of 100,000 chunks of 400 B, HDF5 gzip-1", (("x", "tiny_gzip.h5", "x"),), **_TINY),
    Workload(
        "tiny_gzip_rechunked",
        'the same (Dask: chunks="auto", many chunks per task)',
        (("x", "tiny_gzip.h5", "x"),),
        **_TINY,
    ),
    Workload("tiny_zarr", "mean of 100,000 chunks of 400 B, a Zarr file each", (("x", "tiny.zarr", "x"),), **_TINY),
)

_LAYOUTS = (
    Workload("rechunk", "rechunk, chunks of 24 maps to chunks of all times, Zarr blosc-lz4", **_RECHUNK),
    Workload("rechunk_by_bands", "the same (Dask: in four bands of latitudes by hand)", **_RECHUNK),
    Workload(
        "symmetric_sum",
        "sum(x + x.T), square float32, Zarr in chunks of 1024 x 4096",
        (("x", "square.zarr", "x"),),
        ("sum(x + transpose(x))",),
        ("symmetric_sum",),
        check="share",
        scale=1.0,  # "share" is relative already
        truth="square_truth.npz",
        data=("square",),
    ),
)

_ORDER = (
    Workload(
        "median_time",
        "median(x, axis=0), Zarr blosc-lz4",
        _BLOSC,
        ("median(x, axis=0)",),
        check="median",
        **_WIND_ANSWERS,
    ),
    Workload(
        "quantiles_global",
        "quantile(x, [0.01, 0.5, 0.99]) of the whole array (no exact peer but NumPy in RAM)",
        _BLOSC,
        ("quantile(x, [0.01, 0.5, 0.99])",),
        ("quantiles",),
        peers=("numpy",),
        **_WIND_ANSWERS,
    ),
    Workload(
        "mask",
        "x[x > 11.5], about a tenth of the elements, written",
        _BLOSC,
        ("x[x > 11.5]",),
        check="selected",
        writes=True,
        chunks="4194304",
        ceiling_kind=CEILING_COPY,
        written=("selected.zarr", "x"),
        **_WIND_ANSWERS,
    ),
)

_NEIGHBOURS_AND_GROUPS = (
    Workload(
        "gaussian",
        "gaussian_filter(x, 2.0) of a uint16 volume, Zarr in chunks of 64 x 256 x 256, written",
        (("x", "volume.zarr", "x"),),
        ("gaussian_filter(x, 2.0)",),
        check="gaussian",
        scale=20000.0,  # an integer off by one, from another order of additions, is 5e-5
        data=("volume",),
        writes=True,
        chunks="64,256,256",
        ceiling_kind=CEILING_COPY,
    ),
    Workload(
        "cumulative_time",
        "cumulative_sum(x, axis=0), written",
        _BLOSC,
        ("cumulative_sum(x, axis=0)",),
        check="cumulative",
        scale=10000.0,  # of sums of 4131 steps
        writes=True,
        chunks=CHUNKS,
        ceiling_kind=CEILING_COPY,
        **_WIND_ANSWERS,
    ),
    Workload(
        "climatology",
        "means of 12 groups of time steps",
        _LABELLED,
        (_MEAN_BY_LABEL,),
        ("climatology",),
        **_WIND_ANSWERS,
    ),
    Workload(
        "climatology_anomaly",
        "x less the mean of its group, written (Dask: in two steps by hand)",
        _LABELLED,
        (f"x - take({_MEAN_BY_LABEL}, ({{labels}}), axis=0)",),
        check="climatology_anomaly",
        writes=True,
        chunks=CHUNKS,
        ceiling_kind=CEILING_TWICE,
        **_WIND_ANSWERS,
    ),
)

_LINEAR_ALGEBRA = (
    _matmul("f64"),
    _matmul("f32"),
    Workload("tsqr_r", "R of the QR of a tall float64 matrix", expressions=("qr(x)[1]",), check="triangle", **_TALL),
    Workload(
        "tsqr_qr",
        "Q and R of a tall float64 matrix, Q written",
        expressions=("qr(x)[0]", "qr(x)[1]"),
        check="factors",
        writes=True,
        ceiling_kind=CEILING_COPY,
        **_TALL,
    ),
)

WORKLOADS = _SCANS + _LAYOUTS + _ORDER + _NEIGHBOURS_AND_GROUPS + _LINEAR_ALGEBRA
