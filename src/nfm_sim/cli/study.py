"""Studies, and what is on record of real operations: `nfm-sim study, programme, record`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nfm_sim as nfm
from nfm_sim.cli.app import Row, answered, app, on_record, print_told, say
from nfm_sim.cli.options import Making, read_changed, spare, study_progress
from nfm_sim.cli.run import compiled, say_notional, say_unlimited
from nfm_sim.files import write_whole, writing
from nfm_sim.problems import InputError, counted

if TYPE_CHECKING:
    import polars as pl


PRINTED = (
    *("closure", "readiness", "stuck", "drawn_inputs", "waits", "detours", "outages", "lost_pieces"),
    *("supplied", "supply_of_means", "effect_by_element", "fallen"),
)
"""The answers that `study` prints of, or says in sentences."""


@app.command(replications=100)
def study(
    scenario: Path, making: Making, change: list[str] | None = None, answers: str = "all", strict: bool = False
) -> None:
    """Replicate a scenario, and print its answers with their 95 % intervals."""
    from nfm_sim.compile import not_limited
    from nfm_sim.measures.losses import lost
    from nfm_sim.measures.supply import supply_in_short
    from nfm_sim.sentences.answers import target
    from nfm_sim.sentences.losses import lost_told, supply_told

    asked, plan, _ = compiled(scenario, change, strict)
    with making.running() as how:
        if making.out_dir is None or answers != "all":  # of a study without a folder nobody asks for others
            how["answers"] = [*PRINTED, *(name.strip() for name in answers.split(",") if name != "all")]
        result = nfm.replicate(asked, making.replications, **how)
    states = nfm.study.precision(result, making.targets or ())
    number, found = len(result.replications), nfm.study.study_estimates(result)
    spread, supply, gone = nfm.study.spread_in_words(result), supply_in_short(result), lost(result)
    about = {"title": asked.title, "seed": making.seed, "replications": number}
    told = {"spread": spread, "supply": supply, "lost": gone}
    tables = {**found, "targets": states, "stuck": nfm.measures.stuck(result)}
    if answered({**about, **told, **{name: table.to_dicts() for name, table in tables.items()}}):
        return
    say(f"{result.about['title']}  (seed {result.seed}, {number} replications)", style="bold")
    for table, name in (("estimated readiness", "readiness"), ("estimated closure", "closure"), ("on time", "on_time")):
        print_told(table, found[name].rows(named=True))
    lines = [*spread, *supply_told(supply, number), *(lost_told(row, number) for row in gone), *_stuck_lines(result)]
    for line in lines:
        say(line)
    say_unlimited(not_limited(plan))
    say_notional(asked)
    for row in states.rows(named=True):
        say(target(row["target"], row["row"], row["half_width"], row["needed"], unit=row["unit"], met=row["met"]))
    making.say_where()


@app.command()
def programme(
    scenario: Path,
    by: str,
    surety: float = 0.95,
    change: list[str] | None = None,
    flow: list[str] | None = None,
    replications: int = 40,
    confirming: int | None = None,
    seed: int = 0,
    out: Path | None = None,
    orders: Path | None = None,
    by_hour: Path | None = None,
    figure: Path | None = None,
    force: bool = False,
    jobs: int | None = None,
) -> None:
    """Propose the steadiest movement programme with which flows close by a day, and say what can be promised."""
    import polars as pl

    from nfm_sim.sentences.answers import Bounds, promise

    day_number = by.removeprefix("day").strip()
    try:
        by_day = float(day_number)
    except ValueError:
        raise InputError.of("nfm-sim", "--by", by, 'must be a day after hour 0, such as "day 21"') from None
    for option, file in {"--out": out, "--orders": orders, "--by-hour": by_hour, "--figure": figure}.items():
        spare(file, option, force)
    asked = read_changed(scenario, change)
    how: Any = {"replications": replications, "confirming": confirming, "seed": seed, "jobs": jobs}
    found = nfm.study.propose_programme(asked, by_day, surety=surety, flows=flow or (), **how)
    if out is not None:
        found.write(out)
    for file, table in ((orders, found.orders), (by_hour, found.by_hour)):
        if file is not None:
            with writing(file):
                write_whole(file, table.write_csv(line_terminator="\r\n").encode())
    if figure is not None:
        with writing(figure, "choose another --figure"):
            nfm.plots.save(nfm.plots.orders(found.orders), figure)
    names = ("flows", "by_day", "asked", "surety", "low", "high", "replications", "fresh", "met")
    tables = {name: getattr(found, name).to_dicts() for name in ("use", "orders", "slots")}
    if answered({name: getattr(found, name) for name in names} | tables):
        return
    booked = found.slots.group_by("port", "mode").agg(all_booked=pl.col("loads").sum())
    days = found.slots.group_by("port").agg(days=pl.col("day").n_unique())
    use = found.use.join(booked, on=["port", "mode"], how="left", maintain_order="left")
    use = use.join(days, on="port", maintain_order="left").with_columns(a_day=pl.col("all_booked") / pl.col("days"))
    title = f"Programme of {', '.join(found.flows)}: closed by day {by_day:g}"
    print_told("programme", _called(asked, use, "port"), title=title)
    enough = found.orders.filter(pl.col("loaded") + pl.col("empty") >= LEAST_ORDER)
    print_told("orders", _called(asked, enough.with_columns(pl.col("week") + 1), "line"))
    share_in_time = Bounds(found.surety, found.low, found.high)
    say(promise(by_day, surety, share_in_time, found.replications, fresh=found.fresh, met=found.met))
    say_notional(asked)
    if out is not None:
        say(f"In {out}; name it in {found.key}.slots")


def _called(scenario: nfm.Scenario, table: pl.DataFrame, place: str) -> list[Row]:
    """Rows in which nodes and modes are called by their names; a line has its own."""
    nodes, modes = scenario.titles["nodes"], nfm.kinds.MODES
    rows = table.rows(named=True)
    return [{**row, place: nodes.get(row[place], row[place]), "by": modes[row["mode"]].noun} for row in rows]


LEAST_ORDER = 0.5
"""Movements in a week, below which a line is not printed."""


def _stuck_lines(result: nfm.Study) -> Iterator[str]:
    """Say what can never be served, and in how many replications: of each kind the first."""
    from nfm_sim.sentences.losses import stuck_told

    kinds = nfm.measures.stuck(result).group_by("name", "place", "cause", "why", maintain_order=True)
    for _, rows in kinds:
        number = counted(len(result.replications), "replication")
        such_as = rows.row(0, named=True)
        yield f"In {rows.height} of {number}, such as {such_as['replication']}: {stuck_told(such_as)}"


# The command that holds the model against what is on record of real operations.


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
        with writing(out, "choose another --out"):
            out.mkdir(parents=True, exist_ok=True)
            for name in ("scores", "inputs", "accepted"):
                getattr(found, name).write_csv(out / f"{name}.csv")
            nfm.plots.save(nfm.plots.records(found.scores), out / "records.png")
    answer = {"scores": found.scores.to_dicts(), "inputs": found.inputs.to_dicts(), **_verdict(found)}
    if answered({**answer, "not_on_record": {name: case.record.not_on_record for name, case in cases.items()}}):
        return
    _print_record(found)
    for name, case in cases.items():
        if case.record.not_on_record:
            say(f"Not on record of {name}: {case.record.not_on_record}")
    if out is not None:
        say(f"In {out}: scores.csv, inputs.csv, accepted.csv, records.png")


def _print_record(found: nfm.study.Calibration) -> None:
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
