"""What one row of the table is: commands of Varve and of the ceiling, and where their answers go."""

import json
import pathlib
from dataclasses import dataclass

CEILING_READ = "read"  # reads every input once
CEILING_COPY = "copy"  # and writes the first again, or `written` if the answer is of another size
CEILING_TWICE = "twice"  # reads the input twice, writes it once less its time mean


def answer_path(out, number, is_zarr):
    """Returns where an answer goes. `out` is what programs get as --out: a pattern with the answer's number."""
    return out.format(number) + (".zarr" if is_zarr else ".npy")


@dataclass(frozen=True)
class Workload:
    """Is one row of the table. File names are relative to the data folder."""

    name: str  # also the subcommand of the peers
    title: str
    inputs: tuple  # of (name, file, variable)
    expressions: tuple
    answers: tuple = ()  # keys in `truth`, one per expression, for the check "values"
    check: str = "values"  # a function of agreement.py
    scale: float = 10.0  # magnitude of the answer: errors are given relative to it
    truth: str = "truth.npz"
    data: tuple = ("wind",)  # groups of generate.py
    slice: str = ""  # for the ceiling, as the expression has it
    writes: bool = False  # the first answer is an array, written as Zarr; others are .npy
    chunks: str = ""  # of the written array, if not what the program chooses
    peers: tuple = ("dask",)
    needs_blas: bool = False  # peers are slow without an optimised BLAS, which says nothing about them
    ceiling_kind: str = CEILING_READ
    written: tuple = ()  # (file, variable) that the ceiling copies in place of the answer
    useful_share: float = 1.0  # of the elements, those that the answer depends on

    def is_zarr(self, number):
        return self.writes and number == 0

    def answer_paths(self, out):
        return [answer_path(out, number, self.is_zarr(number)) for number in range(len(self.expressions))]

    def varve(self, binary, data, out, report, memory, threads):
        """Returns the command line."""
        command = [binary, "compute"]
        for name, file, variable in self.inputs:
            command += ["-i", f"{name}={_dataset(data, file, variable)}"]
        command += [self.expression(text, data) for text in self.expressions]
        for path in self.answer_paths(out):
            command += ["-o", path]
        if self.writes:
            command += ["--codec", "blosc:lz4:5", "--zarr-format", "2"]
            command += ["--chunks", self.chunks] if self.chunks else []
        command += ["--memory", str(memory), "--threads", str(threads), "--report", report]
        return command + ["--overwrite", "--quiet"]

    def expression(self, text, data):
        """Returns the expression with the labels in it: `take` wants its positions as numbers."""
        return text.replace("{labels}", pathlib.Path(data, "labels.txt").read_text()) if "{labels}" in text else text

    def ceiling(self, binary, data, out, threads):
        """Returns one command line. Reading and writing once are two runs of the program, under one shell."""
        program = [binary, "--threads", str(threads)]
        inputs = [_dataset(data, file, variable) for _, file, variable in self.inputs if not file.endswith(".npy")]
        if self.ceiling_kind == CEILING_TWICE:
            return program + _writing(out, f"{data}/time_mean.npy") + inputs
        if self.ceiling_kind == CEILING_READ:
            return program + (["--slice", self.slice] if self.slice else []) + inputs
        copied = _dataset(data, *self.written) if self.written else inputs.pop(0)
        # Where it writes, the program reads twice; the slice leaves one layer of chunks of its first reading.
        commands = [program + ["--slice", "0:1,0:1"] + _writing(out, f"{data}/zeros.npy") + [copied]]
        if inputs:
            commands.append(program + inputs)
        return ["/bin/sh", "-c", " && ".join(" ".join(map(_quoted, command)) for command in commands)]

    def useful_bytes(self, data):
        """Returns the decoded bytes of the inputs that the answer depends on."""
        return round(sum(decoded_bytes(data, file, variable) for _, file, variable in self.inputs) * self.useful_share)


def decoded_bytes(data, file, variable):
    parameters = pathlib.Path(data, "parameters.json")
    if file.endswith(".npy"):
        return 0  # labels: nothing beside the array
    if file.startswith("tiny"):
        return json.loads(parameters.read_text())["tiny_chunks"] * 400
    if file.endswith(".h5"):
        return json.loads(parameters.read_text())["steps"] * 361 * 720 * 4
    array = json.loads(pathlib.Path(data, file, variable, ".zarray").read_text())
    count = int(array["dtype"][2:])
    for extent in array["shape"]:
        count *= extent
    return count


def _dataset(data, file, variable):
    return f"{data}/{file}:{variable}" if variable else f"{data}/{file}"


def _writing(out, plane):
    return ["--write", answer_path(out, 0, True), "--codec", "blosc:lz4:5", "--minus", plane]


def _quoted(word):
    return "'" + str(word).replace("'", "'\\''") + "'"
