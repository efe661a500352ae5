"""The workloads: what Varve computes on the command line, what Dask's program is called, what the ceiling reads."""

from dataclasses import dataclass

CHUNKS = "24,361,720"
MIB = 1 << 20


@dataclass(frozen=True)
class Workload:
    """Is one row of the table. File names are relative to the data folder."""

    name: str  # also the subcommand of peers/with_dask.py
    title: str
    inputs: tuple  # of (name, file, variable)
    expressions: tuple
    answers: tuple  # keys in truth.npz, one per expression; "anomaly" is checked chunk by chunk
    scale: float = 10.0  # magnitude of the data: errors are given relative to it
    truth: str = "truth.npz"
    slice: str = ""  # for the ceiling, as the expression has it
    writes: bool = False  # the only result is an array, written as Zarr
    dask: str = ""  # subcommand, if it is not `name`
    useful_share: float = 1.0  # of the elements, those that the answer depends on

    @property
    def dask_name(self):
        return self.dask or self.name

    def varve(self, binary, data, out, report, memory, threads):
        """Returns the command line. `out` is a pattern with the number of the answer, or a .zarr path."""
        command = [binary, "compute"]
        for name, file, variable in self.inputs:
            command += ["-i", f"{name}={data}/{file}:{variable}"]
        command += self.expressions
        for number in range(len(self.expressions)):
            command += ["-o", out.format(number)]
        if self.writes:
            command += ["--chunks", CHUNKS, "--codec", "blosc:lz4:5", "--zarr-format", "2"]
        return command + ["--memory", str(memory), "--threads", str(threads), "--report", report, "--overwrite", "--quiet"]

    def ceiling(self, binary, data, out, threads):
        command = [binary, "--threads", str(threads)]
        if self.slice:
            command += ["--slice", self.slice]
        if self.writes:
            command += ["--write", out, "--codec", "blosc:lz4:5", "--minus", f"{data}/time_mean.npy"]
        return command + [f"{data}/{file}:{variable}" for _, file, variable in self.inputs]


def _u(file):
    return (("x", file, "u"),)


_TIME_MEAN = {"expressions": ("mean(x, axis=0)",), "answers": ("time_mean",)}
_ANOMALY = {
    "inputs": _u("u_blosc.zarr"),
    "expressions": ("x - mean(x, axis=0)",),
    "answers": ("anomaly",),
    "writes": True,
}
_SLICE = {
    "expressions": ("mean(x[::12, 100:200, ::3])",),
    "answers": ("slice_mean",),
    "slice": "::12,100:200,::3",
    "useful_share": 1 / 12 * 100 / 361 / 3,
}
_TINY = {"expressions": ("mean(x)",), "answers": ("mean",), "scale": 1000.0, "truth": "tiny_truth.npz"}

WORKLOADS = (
    Workload("time_mean_gzip", "time mean, HDF5 gzip-1+shuffle", _u("u_gzip.h5"), **_TIME_MEAN),
    Workload("time_mean_contiguous", "time mean, HDF5 uncompressed", _u("u_contiguous.h5"), **_TIME_MEAN),
    Workload("time_mean_blosc", "time mean, Zarr blosc-lz4", _u("u_blosc.zarr"), **_TIME_MEAN),
    Workload(
        "statistics_gzip",
        "mean, std, min, max in one pass, HDF5 gzip-1",
        _u("u_gzip.h5"),
        ("mean(x)", "std(x)", "min(x)", "max(x)"),
        ("mean", "std", "min", "max"),
    ),
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
