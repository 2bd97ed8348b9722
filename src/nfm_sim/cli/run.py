"""One replication, and what concerns a scenario alone: `run, validate, schema`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

import nfm_sim as nfm
from nfm_sim.cli.app import Row, answered, app, out, print_json, say, share, warn
from nfm_sim.cli.options import day_progress, read_changed
from nfm_sim.cli.stored import draw
from nfm_sim.cli.tables import on_record, print_told
from nfm_sim.problems import Problem, counted
from nfm_sim.writing import writing

if TYPE_CHECKING:
    from nfm_sim.plan import Plan
    from nfm_sim.scenario.on_record import OnRecord


@app.command()
def run(
    scenario: Path,
    seed: int = 0,
    out_dir: Path | None = None,
    change: list[str] | None = None,
    record: Path | None = None,
    figures: bool = False,
    strict: bool = False,
) -> None:
    """Simulate one replication of a scenario and print its summary."""
    from nfm_sim.compile import not_limited
    from nfm_sim.scenario.on_record import read_record
    from nfm_sim.sentences.losses import SUPPORT, support_told

    if out_dir is not None and out_dir.exists() and not out_dir.is_dir():
        raise typer.BadParameter(f"{out_dir} is a file; name a folder", param_hint="--out")
    on_record = None if record is None else read_record(record, tuple(nfm.measures.COLUMNS["operation"]))
    asked, plan, warnings = compiled(scenario, change, strict)
    unlimited = not_limited(plan)
    with day_progress(plan.horizon_h / 24) as progress:
        result = nfm.simulate(plan, seed=seed, progress=progress)
    answer = nfm.summary(result)
    if on_record is not None:
        answer["on_record"] = beside(result, on_record)
    said = {"notional": asked.notional, "not_limited": unlimited, "warnings": [str(w) for w in warnings]}
    if not answered({**answer, **said}):
        _print_summary(answer, result)
        task = asked.tasks.get(SUPPORT)
        staffed = (name for of in (task.commitments if task else {}).values() for name in of.staffs)
        for line in support_told(result, [*dict.fromkeys(staffed)], asked.file):
            say(line)
        say_unlimited(unlimited)
        say_notional(asked)
    if out_dir is not None:
        _write(result, asked, out_dir, figures)


@app.command()
def validate(scenario: Path, change: list[str] | None = None, strict: bool = False) -> None:
    """Check a scenario file whole, and report every error and every doubt at once."""
    from nfm_sim.compile import idle_means, not_limited

    read, plan, warnings = compiled(scenario, change, strict)
    unlimited, idle = not_limited(plan), idle_means(read, plan)
    said = {"not_limited": unlimited, "not_used": list(idle), "notional": read.notional}
    if answered({"scenario": str(scenario), "warnings": [str(w) for w in warnings], **said}):
        return
    say_unlimited(unlimited)
    if idle:
        say(f"Not used: {', '.join(idle)}")
    say_notional(read)
    ships = sum(len(flow.ships) for flow in read.flows.values())
    what = (counted(len(read.elements), "force element"), counted(len(read.flows), "flow"), counted(ships, "ship"))
    doubts = f", {counted(len(warnings), 'warning')}" if warnings else ""
    say(f"{scenario}: sound ({', '.join(what)}{doubts})")


def compiled(file: Path, changes: list[str] | None, strict: bool) -> tuple[nfm.Scenario, Plan, list[Problem]]:
    """Read a scenario with what is to be changed in it, and make its plan; warn of what it likely does not mean: what
    nothing reads, and the pools that nothing draws on. Raises `InputError`."""
    from nfm_sim.compile import compile_scenario, unused_pools

    scenario = read_changed(file, changes)
    plan = compile_scenario(scenario)
    warnings = [*scenario.doubts, *unused_pools(scenario, plan)]
    warn(warnings, strict)
    return scenario, plan, warnings


def say_unlimited(names: Sequence[str]) -> None:
    """Say what movements need and nothing limits: that it is unlimited is an assumption too."""
    if names:
        say(f"Not limited, as nothing gives it: {', '.join(names)}")


def say_notional(scenario: nfm.Scenario) -> None:
    """Say which inputs are not public facts, as the scenario has it."""
    if scenario.notional:
        say(f"Notional: {' '.join(scenario.notional.split())}")


@app.command(without=("as_json",))
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors to complete and check with."""
    from nfm_sim.scenario import scenario_schema

    print_json(scenario_schema())


def _write(result: nfm.Run, scenario: nfm.Scenario, folder: Path, figures: bool) -> None:
    with writing(folder, "choose another --out"):
        nfm.study.write_run(result, folder, scenario=scenario)
        if figures:
            draw(result, folder)
    if not out.as_json:
        say(f"Written to {folder}" + (" with figures" if figures else ""))


def beside(run: nfm.Run, on_record: OnRecord) -> list[Row]:
    """Return each number on record of an operation beside that of a run; null where the run has none."""
    from nfm_sim.measures.closure import operation

    found, rows = operation(run).row(0, named=True), list[Row]()
    for name, observed in on_record.observed.items():
        low, high = observed.range
        rows.append({"quantity": name, "on_record_low": low, "on_record_high": high, "value": found[name]})
    return rows


def _print_summary(answer: dict[str, Any], run: nfm.Run) -> None:
    from nfm_sim.sentences import answers
    from nfm_sim.sentences.losses import lost_told, stuck_told, supply_told
    from nfm_sim.sentences.names import cause_name, cause_of_slip, place_name, programme_name

    say(f"{answer['title']}  (seed {answer['seed']}, {answer['horizon_days']:g} days)", style="bold")
    tiers = [{**row, "by_deadline": _by_deadline(row)} for row in answer["readiness"]]
    print_told("readiness", tiers)
    if len(answer["tasks"]) > 1:
        print_told("tasks", answer["tasks"])
    print_told("closure", answer["closure"])
    waits = [
        {**row, "place": place_name(run, row["place"]), "cause": cause_name(run, row["cause_kind"], row["cause"])}
        for row in answer["worst_waits"]
    ]
    print_told("waits", waits)
    for row in answer["windows"]:
        name, binds = programme_name(run, row["programme"]), cause_of_slip(run, row["binds"])
        say(answers.window(name, row["ends_h"], 1, answers.Bounds(row["held"]), row["slip_h"], binds))
    print_told("on record", map(on_record, answer.get("on_record", ())))
    for line in answers.delay({row["source"]: row["share"] for row in answer["delay"]}):
        say(line)
    for line in supply_told(answer["supply"], answer["replications"]):
        say(line)
    for row in answer["lost"]:
        say(lost_told(row, answer["replications"]))
    for row in answer["stuck"]:
        say(stuck_told(row))


def _by_deadline(row: Row) -> str:
    """The share ready by the deadline, or what it is at least and at most when the horizon leaves it open."""
    if row["ready_by_deadline"] is None and row["ready_by_deadline_low"] is not None:
        return f"{row['ready_by_deadline_low']:.0%}-{row['ready_by_deadline_high']:.0%}"
    return share(row["ready_by_deadline"])
