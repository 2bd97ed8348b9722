"""What to do: `nfm-sim chance, need`."""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from typing import Annotated

import typer

from nfm_sim.cli.app import Row, ScenarioFile, app, print_json, print_table, say, share
from nfm_sim.cli.options import Changes, Making, making, read_changed
from nfm_sim.cli.progress import study_progress
from nfm_sim.decide import Goal, Need
from nfm_sim.decide import chance as chance_of
from nfm_sim.decide import needs as need_of
from nfm_sim.in_words import between, percent
from nfm_sim.problems import InputError, Problem
from nfm_sim.sentences.answers import Bounds
from nfm_sim.sentences.decisions import chance_told, need_told
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
        answer = {"goal": goal, **_numbers(found.interval), "replications": found.replications, "known": found.known}
        print_json({**answer, "least": wanted.least, "holds": found.holds})
        return
    event = wanted.event.measure[2:-1]
    for line in chance_told(event, _bounds(found.interval), found.replications, found.known, wanted.least):
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
    asked = read_changed(scenario, change)
    if len(path) > 2 or not {len(low), len(high)} <= {1, len(path)}:
        remedy = "one or two paths, with one --from and --to for all or one for each"
        raise InputError([Problem("nfm-sim", "need", "", f"takes {remedy}")])
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
        print_json([_need_json(one) for one in found])
        return
    columns = {name: (lambda row, name=name: f"{row[name]:,}") for name in (*path, "replications")}
    for one in found:
        rows = one.tried.rows(named=True)
        print_table("Amounts that were tried", rows, {**columns, "chance (95 %)": _chance_cell}, caption=one.goal.text)
        what = "" if one.amounts is None else ", ".join(map("{} = {}".format, path, one.amounts))
        below = None if one.below is None else _bounds(one.below)
        told = need_told(what, _bounds(one.interval), below, one.replications, one.least, is_sure=one.is_sure)
        turns = (
            f"More is not always better: with {more} it is surely less likely than with {less}."
            for less, more in one.turns
        )
        for line in (*told, *turns):
            say(line)
    if making.out_dir is not None:
        say(f"In {making.out_dir}")


def _need_json(one: Need) -> dict[str, object]:
    names = ("paths", "amounts", "is_sure", "is_least", "replications", "turns")
    below = None if one.below is None else _numbers(one.below)
    answer = {name: getattr(one, name) for name in names}
    return {"goal": one.goal.text, **answer, **_numbers(one.interval), "below": below, "tried": one.tried.to_dicts()}


def _chance_cell(row: Row) -> str:
    return f"{share(row['estimate'])} ({between(row['low'], row['high'], percent)})"


def _numbers(interval: Interval) -> dict[str, float | None]:
    return asdict(_bounds(interval))


def _bounds(interval: Interval) -> Bounds:
    """An interval with None for what is open or not known."""
    known = (value if isfinite(value) else None for value in (interval.estimate, interval.low, interval.high))
    return Bounds(*known)
