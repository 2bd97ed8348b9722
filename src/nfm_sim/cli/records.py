"""The command that holds the model against what is on record of real operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import nfm_sim as nfm
from nfm_sim.cli.app import Row, answered, app, print_table, say, share
from nfm_sim.cli.options import study_progress
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
    _print_scores(found)
    _print_inputs(found)
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


def _print_scores(found: nfm.study.Calibration) -> None:
    import polars as pl

    from nfm_sim.scenario.on_record import CLOSED

    rules = _rules()
    scores = found.scores.sort(pl.col("error").abs(), descending=True, nulls_last=True, maintain_order=True)
    closed = scores.filter(pl.col("quantity") == CLOSED)
    print_table(
        "Days to closure: each operation from the others, beside its record",
        closed.rows(named=True),
        {"operation": "case", **SCORED},
        left=("operation",),
    )
    print_table(
        "The same, by rules of thumb, fitted to the others",
        closed.rows(named=True),
        {"operation": "case", **{title: partial(_baseline, name=name) for name, title in rules.items()}},
        left=("operation",),
        caption="direction: the mean of those that went the same way, or of all; line: 1.5 days and so much a lorry "
        "load at the busiest port; regression: on pieces and ports; rate: pieces over the mean a day; in brackets the "
        "error",
    )
    print_table(
        "Other numbers on record",
        scores.filter(pl.col("quantity") != CLOSED).rows(named=True),
        {"operation": "case", "number": lambda row: str(row["quantity"]).replace("_", " "), **SCORED},
        left=("operation", "number"),
    )
    verdict = _verdict(found)
    errors = ", ".join(f"{title} {verdict['rms'][name]:.2f}" for name, title in {"model": "model", **rules}.items())
    say(
        f"Days to closure, root mean square of the errors in logarithms: {errors}. "
        f"{verdict['inside']} of {verdict['scored']} records lie in their 10-90 % band."
    )


def _print_inputs(found: nfm.study.Calibration) -> None:
    print_table(
        "What the records say of the inputs",
        found.inputs.rows(named=True),
        {
            "input": "path",
            "operations": "cases",
            "before": lambda row: f"{row['before_low']:.3g}-{row['before_high']:.3g}",
            "accepted": lambda row: f"{row['median']:.3g} ({row['low']:.3g}-{row['high']:.3g})",
            "narrower by": lambda row: "-" if row["narrower"] is None else share(max(0.0, row["narrower"])),
        },
        left=("input",),
        caption="10-90 % of the draws before any record, and of those that all records accept; an input that is not "
        "much narrower is not known from these records",
    )


def _rules() -> dict[str, str]:
    """What the tables call the rules of thumb."""
    return {name: name.removeprefix("by_") for name in nfm.study.BASELINES}


def _verdict(found: nfm.study.Calibration) -> dict[str, Any]:
    """How far the model and each rule of thumb are off: of all closures with a record."""
    import polars as pl

    from nfm_sim.scenario.on_record import CLOSED

    closed = found.scores.filter((pl.col("quantity") == CLOSED) & pl.col("error").is_not_null())
    middle = (pl.col("on_record_low") + pl.col("on_record_high")) / 2
    guesses = {"model": 1 + pl.col("error")} | {name: pl.col(name) / middle for name in nfm.study.BASELINES}
    rms = closed.select(**{name: guess.log().pow(2).mean().sqrt() for name, guess in guesses.items()})
    return {"rms": rms.row(0, named=True), "inside": closed["inside"].sum(), "scored": len(closed)}


def _on_record(row: Row) -> str:
    if row["on_record_low"] is None:
        return "-"
    return f"{row['on_record_low']:g}-{row['on_record_high']:g}"


def _predicted(row: Row) -> str:
    if row["median"] is None:
        return "not known: the horizon ends before it"
    if None in (row["low"], row["high"]):
        return f"{row['median']:.3g} (too few draws for a band)"
    return f"{row['median']:.3g} ({row['low']:.3g}-{row['high']:.3g})"


def _signed(error: float | None) -> str:
    return "-" if error is None else f"{error:+.0%}"


SCORED: Mapping[str, Callable[[Row], str]] = {
    "on record": _on_record,
    "model (10-90 %)": _predicted,
    "error": lambda row: _signed(row["error"]),
    "in band": lambda row: "-" if row["inside"] is None else "yes" if row["inside"] else "no",
}
"""What a prediction is beside its record."""


def _baseline(row: Row, name: str) -> str:
    if row["on_record_low"] is None:
        return f"{row[name]:.3g}"
    middle = (row["on_record_low"] + row["on_record_high"]) / 2
    return f"{row[name]:.3g} ({_signed(row[name] / middle - 1)})"
