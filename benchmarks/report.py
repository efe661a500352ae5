"""Formats the results of run.py for people."""

import statistics

from sizes import format_size

MIB = 1 << 20


OTHER_PEERS = {"before": "the build before", "numpy": "NumPy in RAM", "dask_limited": "Dask, limited memory"}
PROGRAMS = ("varve", "dask", *OTHER_PEERS, "ceiling")


def progress_line(row):
    parts = [f"{name} {row[name]['seconds']:.2f} s" for name in PROGRAMS if name in row]
    if "before" in row and "varve" in row:
        parts.append(f"before/varve {_ratio(row['before'], row['varve']):.3f}")
        parts.append(f"in user time {_ratio(row['before'], row['varve'], 'user_runs'):.3f}")
    parts += [f"{name} {_reason(row, name)}" for name in row["failed"]]
    errors = ", ".join(f"{name} off by {error:.1e}" for name, error in row["errors"].items())
    return f"{row['name']}: {', '.join(parts)}; {errors}"


def markdown(result):
    settings = result["settings"]
    lines = [f"- {name}: {value}" for name, value in result["machine"].items()]
    lines += [
        f"- data: float32 arrays of {format_size(settings['size_bytes'])}; Varve's budget "
        f"{format_size(settings['budget_bytes'])}; {settings['threads']} threads; whole processes; "
        f"median of up to {settings['repeats']} runs, ± half the distance from fastest to slowest",
        "",
    ]
    lines += workload_table(result["workloads"], settings)
    lines += [f"\n{name} FAILED: {_last_words(text)}" for name, text in result["failures"].items()]
    lines += ["", *other_peers_table(result["workloads"], settings)]
    lines += [*per_chunk_table(result), *start_up_table(result["start_up"])]
    return "\n".join(lines) + "\n"


def workload_table(rows, settings):
    budget = format_size(settings["budget_bytes"])
    lines = [
        f"| workload | Varve s | Dask s | Dask/Varve | useful GB/s | Varve peak (budget {budget}) | Dask peak "
        "| Varve read | Dask read | passes | ceiling s | of ceiling | errors (Varve, Dask) | agree |",
        "| --- |" + " ---: |" * 12 + " --- |",
    ]
    for row in rows:
        varve, dask, ceiling = row.get("varve"), row.get("dask"), row.get("ceiling")
        cells = [
            row["title"],
            _seconds(varve),
            _seconds(dask) or (_reason(row, "dask") if "dask" in row["failed"] else ""),
            f"{dask['seconds'] / varve['seconds']:.1f}" if varve and dask else "",
            f"{row['useful_bytes'] / varve['seconds'] / 1e9:.2f}" if varve else "",
            _mebibytes(varve, "peak_bytes"),
            _mebibytes(dask, "peak_bytes"),
            _mebibytes(varve, "bytes_read"),
            _mebibytes(dask, "bytes_read"),
            str(varve["report"].get("passes", "")) if varve else "",
            _seconds(ceiling),
            f"{100 * ceiling['seconds'] / varve['seconds']:.0f}%" if varve and ceiling else "",
            ", ".join(f"{row['errors'][name]:.0e}" for name in ("varve", "dask") if name in row["errors"]),
            "yes" if row["agree"] else "NO",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def other_peers_table(rows, settings):
    limit = settings.get("dask_memory_bytes")
    lines = [
        "| workload | other peer | s | peer/Varve | in user time | peak | error |",
        "| --- | --- |" + " ---: |" * 5,
    ]
    for row in rows:
        for name, title in OTHER_PEERS.items():
            peer, varve = row.get(name), row.get("varve")
            if peer:
                digits = 2 if name == "before" else 1
                ratio = f"{_ratio(peer, varve):.{digits}f}" if varve else ""
                user = f"{_ratio(peer, varve, 'user_runs'):.{digits}f}" if varve else ""
                cells = [_seconds(peer), ratio, user, _mebibytes(peer, "peak_bytes"), f"{row['errors'][name]:.0e}"]
            elif name in row["failed"]:
                cells = [_reason(row, name), "", "", "", ""]
            else:
                continue
            who = f"Dask in {format_size(limit)}" if name == "dask_limited" else title
            lines.append("| " + " | ".join([row["title"], who, *cells]) + " |")
    return [*lines, ""] if len(lines) > 2 else []


def per_chunk_table(result):
    """Divides the excess over starting up by the number of chunks: what a chunk costs, however small."""
    starts = {row["title"]: row["seconds"] for row in result["start_up"]}
    varve_start = starts.get("varve --version", 0.0)
    dask_start = starts.get("python3 -c 'import dask.array'", 0.0)
    lines = ["| overhead per chunk | Varve µs | Dask µs |", "| --- | ---: | ---: |"]
    for row in result["workloads"]:
        if not row["name"].startswith("tiny_"):
            continue
        cells = [row["title"]]
        for name, start in (("varve", varve_start), ("dask", dask_start)):
            cells.append(f"{(row[name]['seconds'] - start) / 100_000 * 1e6:.1f}" if name in row else "")
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, ""] if len(lines) > 2 else []


def start_up_table(rows):
    if not rows:
        return []
    lines = ["| start-up | ms | peak MiB |", "| --- | ---: | ---: |"]
    for row in rows:
        half = 500 * row["spread_seconds"]
        lines.append(f"| {row['title']} | {1000 * row['seconds']:.1f} ± {half:.1f} | {row['peak_bytes'] / MIB:.0f} |")
    return lines


def _ratio(peer, varve, key="runs"):
    """Returns the median of the ratios of times, round by round, so that what drifts in between cancels out."""
    if len(peer[key]) != len(varve[key]):
        return statistics.median(peer[key]) / statistics.median(varve[key])
    return statistics.median(theirs / max(ours, 1e-3) for theirs, ours in zip(peer[key], varve[key]))


def _reason(row, name):
    """Returns a word for why a peer gave no time; the whole text stands in results.json."""
    text = row["failed"][name]
    for sign, words in (("its time limit", "too slow"), ("reference BLAS", "no BLAS"), ("MemoryError", "killed")):
        if sign in text:
            return words
    # What works without a limit and fails with it fails of it, whatever it says.
    return "killed" if "status -" in text or (name == "dask_limited" and "dask" in row) else "failed"


def _last_words(text):
    """Returns the first line that says what is wrong, or the last."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), lines[-1])


def _seconds(program):
    return f"{program['seconds']:.2f} ± {program['spread_seconds'] / 2:.2f}" if program else ""


def _mebibytes(program, key):
    return f"{program[key] / MIB:.0f} MiB" if program else ""
