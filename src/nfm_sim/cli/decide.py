"""What to do: `nfm-sim chance, need, choose`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nfm_sim.cli.app import Row, ScenarioFile, app, print_json, print_table, say, share
from nfm_sim.cli.compare import interval_cell, named_changes
from nfm_sim.cli.options import Changes, Making, making, once, read_changed, study_progress
from nfm_sim.in_words import between, number, percent
from nfm_sim.problems import InputError

if TYPE_CHECKING:
    from nfm_sim.decide import Chosen
    from nfm_sim.sentences.answers import Bounds
    from nfm_sim.study.intervals import Interval


GoalText = Annotated[
    str, typer.Option("--for", metavar="GOAL", help='"P(closure.division_1 <= 30 d) >= 0.9"; see `nfm-sim chance`.')
]


@app.command()
@making("targets", "min_replications", replications=100)
def chance(
    scenario: ScenarioFile,
    goal: Annotated[
        str,
        typer.Argument(metavar="GOAL", help='"P(closure.division_1 <= 30 d and ready_by_deadline.1 >= 90 %) >= 0.9"'),
    ],
    making: Making,
    change: Changes = None,
) -> None:
    """Say how likely an event is: claims of quantities, with and, or and parentheses, counted within replications."""

    from nfm_sim.decide import Goal
    from nfm_sim.decide import chance as chance_of
    from nfm_sim.sentences.decisions import chance_told

    asked = read_changed(scenario, change)
    wanted = Goal(goal).asked_of(asked)
    with study_progress(making.out_dir) as progress:
        found = chance_of(
            asked,
            wanted,
            replications=making.replications,
            seed=making.seed,
            out=making.out_dir,
            **making.how(progress),
        )
    if making.as_json:
        print_json({**plain(found), "least": wanted.least, "holds": found.holds})
        return
    event = wanted.event.measure[2:-1]
    for line in chance_told(event, bounds(found.interval), found.replications, found.known, wanted.least):
        say(line)
    if making.out_dir is not None:
        say(f"In {making.out_dir}")


@app.command()
@making("targets", "min_replications", "keep", replications=64)
def need(
    scenario: ScenarioFile,
    path: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="pools.escort_teams.capacity; of two the frontier of pairs.")
    ],
    goal: GoalText,
    low: Annotated[list[int], typer.Option("--from", min=0, help="The least amount; of two paths, each time one.")],
    high: Annotated[list[int], typer.Option("--to", min=0, help="The most.")],
    making: Making,
    change: Changes = None,
    most: Annotated[int, typer.Option(min=2, help="Replications of amounts that are hard to tell apart.")] = 512,
) -> None:
    """Say the smallest amount with which a goal holds, confirmed on fresh replications."""

    from nfm_sim.decide import needs as need_of
    from nfm_sim.sentences.decisions import need_told

    asked = read_changed(scenario, change)
    if len(path) > 2 or not {len(low), len(high)} <= {1, len(path)}:
        remedy = "one or two paths, with one --from and --to for all or one for each"
        raise InputError.of("nfm-sim", "need", "", f"takes {remedy}")
    ranges = [(low[place % len(low)], high[place % len(high)]) for place in range(len(path))]
    with study_progress(making.out_dir) as progress:
        found = need_of(
            asked,
            goal,
            paths=path,
            between=ranges,
            replications=making.replications,
            most_replications=most,
            seed=making.seed,
            out=making.out_dir,
            **making.how(progress),
        )
    if making.as_json:
        print_json([{**plain(one), "is_least": one.is_least} for one in found])
        return
    columns = {name: (lambda row, name=name: f"{row[name]:,}") for name in (*path, "replications")}
    for one in found:
        rows = one.tried.rows(named=True)
        print_table("Amounts that were tried", rows, {**columns, "chance (95 %)": _chance_cell}, caption=one.goal.text)
        what = "" if one.amounts is None else ", ".join(map("{} = {}".format, path, one.amounts))
        below = None if one.below is None else bounds(one.below)
        told = need_told(what, bounds(one.interval), below, one.replications, one.least, is_sure=one.is_sure)
        turns = (
            f"More is not always better: with {more} it is surely less likely than with {less}."
            for less, more in one.turns
        )
        for line in (*told, *turns):
            say(line)
    if making.out_dir is not None:
        say(f"In {making.out_dir}")


@app.command()
@making("targets", "min_replications", replications=64)
def choose(
    scenarios: Annotated[
        list[Path], typer.Argument(metavar="SCENARIO...", help="Courses of action; the first is the base.")
    ],
    making: Making,
    goal: Annotated[str | None, typer.Option("--for", metavar="GOAL", help="By whose chance to choose.")] = None,
    quantity: Annotated[
        list[str] | None, typer.Option(help="What else matters; without it, what the scenario has. May be repeated.")
    ] = None,
    course: Annotated[
        list[str] | None, typer.Option(metavar="CHANGES", help="The base, changed: \"wait: routing = 'stay'\".")
    ] = None,
    future: Annotated[
        list[str] | None,
        typer.Option(metavar="CHANGES", help='What may become of all of them: "mined: disruptions.m = {...}".'),
    ] = None,
    weight: Annotated[list[str] | None, typer.Option(help='How likely a future is: "mined = 0.3".')] = None,
    eur: Annotated[list[str] | None, typer.Option(help='What a course costs: "divert = 2e6".')] = None,
) -> None:
    """Say which course of action is best, and which cannot be told from it; over several futures, what one regrets."""

    from nfm_sim.decide import choose as choose_of
    from nfm_sim.scenario import read_change, read_scenario

    courses = once(((file.stem, read_scenario(file)) for file in scenarios), "SCENARIO")
    base = next(iter(courses.values()))
    own = once((named_changes(text) for text in course or ()), "--course")
    courses |= {name: base.with_changes(changes) for name, changes in own.items()}
    if len(courses) < 2:
        raise InputError.of("nfm-sim", "choose", "", "needs a second scenario, or --course")
    weights = once((read_change(text, "--weight") for text in weight or ()), "--weight")
    with study_progress(making.out_dir) as progress:
        found = choose_of(
            courses,
            goal,
            quantities=quantity or (),
            futures=once((named_changes(text) for text in future or ()), "--future"),
            weights=weights,
            eur=once((read_change(text, "--eur") for text in eur or ()), "--eur"),
            replications=making.replications,
            seed=making.seed,
            out=making.out_dir,
            **making.how(progress),
        )
    if making.as_json:
        print_json(plain(found))
        return
    _print_choice(found)
    if making.out_dir is not None:
        say(f"In {making.out_dir}; `nfm-sim report {making.out_dir}` makes one page of it")


def _print_choice(found: Chosen) -> None:
    from nfm_sim.sentences.cells import looks
    from nfm_sim.sentences.decisions import best_told
    from nfm_sim.study import read_quantity

    for (name,), rows in found.answers.group_by("quantity", maintain_order=True):
        asked = read_quantity(str(name)).whole
        kinds = dict.fromkeys(("estimate", "from_base"), asked.declared)
        shown = looks(rows, kinds, ("from_base",))
        columns: dict[str, Callable[[Row], str]] = {
            "course": lambda row: str(row["course"]),
            shown["estimate"].heading("what it gives"): partial(
                interval_cell, column="estimate", shown=shown["estimate"]
            ),
            shown["from_base"].heading("from the base"): partial(
                interval_cell, column="from_base", shown=shown["from_base"]
            ),
        }
        if found.eur:
            columns["EUR million"] = lambda row: number(found.eur.get(row["course"], 0.0) / 1e6)
            columns[f"EUR for each gained ({asked.declared.unit or 1})"] = lambda row: (
                "-" if row["eur_per_gain"] is None else number(row["eur_per_gain"])
            )
        print_table(str(name), rows.rows(named=True), columns, left=("course",), caption=asked.words)
        say(best_told(asked.words, found.best[str(name)]))
    civil = {course: hours for course, hours in found.civil_h.items() if hours is not None}
    if civil:
        told = ", ".join(f"{course} {number(hours)}" for course, hours in civil.items())
        say(f"Vehicle-hours that civil traffic loses, in the replications kept: {told}.")
    if not found.regret.is_empty():
        _print_regret(found)


def _print_regret(found: Chosen) -> None:
    from nfm_sim.sentences.cells import Shown, unit_of_differences
    from nfm_sim.sentences.decisions import regret_told
    from nfm_sim.study import read_quantity

    asked = read_quantity(found.answers["quantity"][0]).whole
    names = [name for name in found.regret.columns if name != "course"]
    values = [value for name in names for value in found.regret[name]]
    unit = unit_of_differences(asked.declared, values)
    columns: dict[str, Callable[[Row], str]] = {"course": lambda row: str(row["course"])}
    columns |= {name: partial(_regret_cell, name=name, show=Shown(unit).text) for name in names}
    title = f"Regret ({unit.name}): what each is worse than the best course of a future"
    print_table(title, found.regret.rows(named=True), columns, left=("course",), caption=asked.words)
    if found.regret["most"].null_count() == 0:
        least, weighted = (found.regret.sort(name)["course"][0] for name in ("most", "weighted"))
        weights = ", ".join(f"{name} {share:.2g}" for name, share in found.weights.items())
        say(regret_told(least, weighted, weights))


def _regret_cell(row: Row, name: str, show: Callable[[float | None], str]) -> str:
    return show(row[name])


def plain(value: Any) -> Any:
    """What was found, as JSON holds it."""

    import polars as pl

    from nfm_sim.decide import Goal
    from nfm_sim.study import Comparison
    from nfm_sim.study.intervals import Interval
    from nfm_sim.study.quantities import Quantity

    if isinstance(value, pl.DataFrame):
        return value.to_dicts()
    if isinstance(value, Interval):
        return asdict(bounds(value))
    if isinstance(value, Goal | Quantity | Comparison):
        return value.text if isinstance(value, Goal) else value.words if isinstance(value, Quantity) else list(value)
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _chance_cell(row: Row) -> str:
    return f"{share(row['estimate'])} ({between(row['low'], row['high'], percent)})"


def bounds(interval: Interval) -> Bounds:
    """An interval with None for what is open or not known."""

    from nfm_sim.sentences.answers import Bounds

    known = (value if isfinite(value) else None for value in (interval.estimate, interval.low, interval.high))
    return Bounds(*known)
