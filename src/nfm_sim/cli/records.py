"""The command that holds the model against what is on record of real operations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from nfm_sim.cli.app import AsJson, Row, Seed, app, print_json, print_table, say, share
from nfm_sim.cli.options import Jobs
from nfm_sim.cli.progress import study_progress
from nfm_sim.study import Calibration, calibrate, read_priors, read_records
from nfm_sim.writing import writing

CLOSED = "closed_days"


@app.command()
def record(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of records (TOML files).")],
    replications: Annotated[
        int, typer.Option(min=20, help="How many draws of the inputs, each of every operation.")
    ] = 200,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Write the tables (CSV) and the figure to this folder.")] = None,
    jobs: Jobs = None,
    as_json: AsJson = False,
) -> None:
    """Predict each operation on record from the others, and print the model beside what is on record, worst first."""
    cases = read_records(folder)
    with study_progress(None) as progress:
        priors = read_priors(folder)
        found = calibrate(cases, priors=priors, replications=replications, seed=seed, jobs=jobs, progress=progress)
    if out is not None:
        _write(found, out)
    if as_json:
        answer = {"scores": found.scores.to_dicts(), "inputs": found.inputs.to_dicts(), **_verdict(found)}
        print_json({**answer, "not_on_record": {name: case.record.not_on_record for name, case in cases.items()}})
        return
    _print_scores(found)
    _print_inputs(found)
    for name, case in cases.items():
        if case.record.not_on_record:
            say(f"Not on record of {name}: {case.record.not_on_record}")
    if out is not None:
        say(f"In {out}: scores.csv, inputs.csv, accepted.csv, records.png")


def _write(found: Calibration, out: Path) -> None:
    from nfm_sim import plots  # only here: it takes a while

    with writing(out, "choose another --out"):
        out.mkdir(parents=True, exist_ok=True)
        for name in ("scores", "inputs", "accepted"):
            getattr(found, name).write_csv(out / f"{name}.csv")
        plots.save(plots.records(found.scores), out / "records.png")


def _worst_first(found: Calibration) -> pl.DataFrame:
    size = pl.col("error").abs()
    return found.scores.sort(size, descending=True, nulls_last=True, maintain_order=True)


def _print_scores(found: Calibration) -> None:
    scores = _worst_first(found)
    closed = scores.filter(pl.col("quantity") == CLOSED)
    print_table(
        "Days to closure: each operation from the others, beside its record",
        closed.rows(named=True),
        {
            "operation": lambda row: str(row["case"]),
            "on record": _on_record,
            "model (10-90 %)": _predicted,
            "error": lambda row: _signed(row["error"]),
            "in band": _in_band,
        },
        left=("operation",),
    )
    print_table(
        "The same, by rules of thumb",
        closed.rows(named=True),
        {
            "operation": lambda row: str(row["case"]),
            "mean of others": lambda row: _baseline(row, "by_mean"),
            "rate of others": lambda row: _baseline(row, "by_rate"),
        },
        left=("operation",),
        caption="mean of others: their mean duration; rate: pieces over their mean pieces a day; in brackets the error",
    )
    others = scores.filter(pl.col("quantity") != CLOSED)
    if not others.is_empty():
        print_table(
            "Other numbers on record",
            others.rows(named=True),
            {
                "operation": lambda row: str(row["case"]),
                "number": lambda row: str(row["quantity"]).replace("_", " "),
                "on record": _on_record,
                "model (10-90 %)": _predicted,
                "error": lambda row: _signed(row["error"]),
                "in band": _in_band,
            },
            left=("operation", "number"),
        )
    verdict = _verdict(found)
    say(
        f"Mean error without its sign: model {share(verdict['model_error'])}, mean of the others "
        f"{share(verdict['mean_error'])}, rate of the others {share(verdict['rate_error'])}. "
        f"{verdict['inside']} of {verdict['scored']} records lie in their 10-90 % band."
    )


def _print_inputs(found: Calibration) -> None:
    print_table(
        "What the records say of the inputs",
        found.inputs.rows(named=True),
        {
            "input": lambda row: str(row["path"]),
            "operations": lambda row: str(row["cases"]),
            "before": lambda row: f"{row['before_low']:.3g}-{row['before_high']:.3g}",
            "accepted": lambda row: f"{row['median']:.3g} ({row['low']:.3g}-{row['high']:.3g})",
            "narrower by": lambda row: "-" if row["narrower"] is None else share(max(0.0, row["narrower"])),
        },
        left=("input",),
        caption="10-90 % of the draws before any record, and of those that all records accept; an input that is not "
        "much narrower is not known from these records",
    )


def _verdict(found: Calibration) -> dict[str, Any]:
    closed = found.scores.filter((pl.col("quantity") == CLOSED) & pl.col("error").is_not_null())
    middle = (pl.col("on_record_low") + pl.col("on_record_high")) / 2
    errors = closed.select(
        model_error=pl.col("error").abs().mean(),
        mean_error=(pl.col("by_mean") / middle - 1).abs().mean(),
        rate_error=(pl.col("by_rate") / middle - 1).abs().mean(),
        inside=pl.col("inside").sum(),
        scored=pl.len(),
    )
    return errors.row(0, named=True)


def _on_record(row: Row) -> str:
    if row["on_record_low"] is None:
        return "-"
    return f"{row['on_record_low']:g}-{row['on_record_high']:g}"


def _predicted(row: Row) -> str:
    if None in (row["low"], row["median"], row["high"]):
        return "not known: the horizon ends before it"
    return f"{row['median']:.3g} ({row['low']:.3g}-{row['high']:.3g})"


def _in_band(row: Row) -> str:
    return "-" if row["inside"] is None else "yes" if row["inside"] else "no"


def _signed(error: float | None) -> str:
    return "-" if error is None else f"{error:+.0%}"


def _baseline(row: Row, name: str) -> str:
    if row["on_record_low"] is None:
        return f"{row[name]:.3g}"
    middle = (row["on_record_low"] + row["on_record_high"]) / 2
    return f"{row[name]:.3g} ({_signed(row[name] / middle - 1)})"
