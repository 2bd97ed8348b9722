"""The command that holds the model against what is on record of real operations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nfm_sim as nfm
from nfm_sim.cli.app import Row, answered, app, say
from nfm_sim.cli.options import study_progress
from nfm_sim.cli.tables import on_record, print_told
from nfm_sim.writing import writing


@app.command()
def record(
    folder: Path, replications: int = 200, seed: int = 0, out: Path | None = None, jobs: int | None = None
) -> None:
    """Predict each operation on record from the others, and print the model beside what is on record, worst first."""
    cases = nfm.read_records(folder)
    with study_progress(None) as progress:
        priors = nfm.study.read_priors(folder)
        found = nfm.calibrate(cases, priors=priors, replications=replications, seed=seed, jobs=jobs, progress=progress)
    if out is not None:
        _write(found, out)
    answer = {"scores": found.scores.to_dicts(), "inputs": found.inputs.to_dicts(), **_verdict(found)}
    if answered({**answer, "not_on_record": {name: case.record.not_on_record for name, case in cases.items()}}):
        return
    _print(found)
    for name, case in cases.items():
        if case.record.not_on_record:
            say(f"Not on record of {name}: {case.record.not_on_record}")
    if out is not None:
        say(f"In {out}: scores.csv, inputs.csv, accepted.csv, records.png")


def _write(found: nfm.study.Calibration, out: Path) -> None:
    with writing(out, "choose another --out"):
        out.mkdir(parents=True, exist_ok=True)
        for name in ("scores", "inputs", "accepted"):
            getattr(found, name).write_csv(out / f"{name}.csv")
        nfm.plots.save(nfm.plots.records(found.scores), out / "records.png")


def _print(found: nfm.study.Calibration) -> None:
    import polars as pl

    from nfm_sim.scenario.on_record import CLOSED

    scores = found.scores.sort(pl.col("error").abs(), descending=True, nulls_last=True, maintain_order=True)
    rows = [on_record({**row, "model": _predicted(row)}) for row in scores.rows(named=True)]
    closed = [row for row in rows if row["quantity"] == CLOSED]
    print_told("days to closure", closed)
    rules = nfm.study.BASELINES
    print_told("rules of thumb", [{**row, **{rule: _guess(row, rule) for rule in rules}} for row in closed])
    print_told("other numbers", [row for row in rows if row["quantity"] != CLOSED])
    verdict = _verdict(found)
    errors = ", ".join(f"{name.removeprefix('by_')} {error:.2f}" for name, error in verdict["rms"].items())
    say(
        f"Days to closure, root mean square of the errors in logarithms: {errors}. "
        f"{verdict['inside']} of {verdict['scored']} records lie in their 10-90 % band."
    )
    print_told("inputs", map(_narrowed, found.inputs.rows(named=True)))


def _narrowed(row: Row) -> Row:
    """An input, between which values it lies before any record and beside the records."""
    return {
        **row,
        "before": f"{row['before_low']:.3g}-{row['before_high']:.3g}",
        "accepted": f"{row['median']:.3g} ({row['low']:.3g}-{row['high']:.3g})",
        "narrower": None if row["narrower"] is None else max(0.0, row["narrower"]),
    }


def _verdict(found: nfm.study.Calibration) -> dict[str, Any]:
    """How far the model and each rule of thumb are off: of all closures with a record."""
    import polars as pl

    from nfm_sim.scenario.on_record import CLOSED

    closed = found.scores.filter((pl.col("quantity") == CLOSED) & pl.col("error").is_not_null())
    middle = (pl.col("on_record_low") + pl.col("on_record_high")) / 2
    guesses = {"model": 1 + pl.col("error")} | {name: pl.col(name) / middle for name in nfm.study.BASELINES}
    rms = closed.select(**{name: guess.log().pow(2).mean().sqrt() for name, guess in guesses.items()})
    return {"rms": rms.row(0, named=True), "inside": closed["inside"].sum(), "scored": len(closed)}


def _predicted(row: Row) -> str:
    if row["median"] is None:
        return "not known: the horizon ends before it"
    if None in (row["low"], row["high"]):
        return f"{row['median']:.3g} (too few draws for a band)"
    return f"{row['median']:.3g} ({row['low']:.3g}-{row['high']:.3g})"


def _guess(row: Row, rule: str) -> str:
    """What a rule of thumb makes of it, and how far that is off."""
    if row["on_record_low"] is None:
        return f"{row[rule]:.3g}"
    middle = (row["on_record_low"] + row["on_record_high"]) / 2
    return f"{row[rule]:.3g} ({row[rule] / middle - 1:+.0%})"
