"""What to do: `nfm-sim chance, need, choose, buy, exchange, protect`."""

from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nfm_sim as nfm
from nfm_sim.cli.app import answered, app, out, own_command, say
from nfm_sim.cli.compare import named_changes, print_answer
from nfm_sim.cli.options import Deciding, Making, once, read_changed
from nfm_sim.cli.run import say_notional
from nfm_sim.files import writing
from nfm_sim.problems import InputError, Problem, refuse

if TYPE_CHECKING:
    from nfm_sim.decide.answers import Decision


@app.command(without=("targets", "min_replications"), replications=100)
def chance(scenario: Path, goal: str, making: Making, change: list[str] | None = None) -> None:
    """Say how likely an event is: claims of quantities, with and, or and parentheses, counted within replications."""

    from nfm_sim.decide.answers import bounds
    from nfm_sim.sentences.answers import chance_told

    asked = read_changed(scenario, change)
    wanted = nfm.decide.Goal(goal).asked_of(asked)
    with making.running() as how:
        found = nfm.decide.chance(asked, wanted, replications=making.replications, **how)
    if answered({**plain(found), "least": wanted.least, "holds": found.holds}):
        return
    event = wanted.event.measure[2:-1]
    for line in chance_told(event, bounds(found.interval), found.replications, found.known, wanted.least):
        say(line)
    making.say_where()


@app.command(without=("targets", "min_replications", "keep"), replications=64)
def need(
    scenario: Path,
    path: list[str],
    goal: str,
    low: list[int],
    high: list[int],
    making: Deciding,
    change: list[str] | None = None,
) -> None:
    """Say the smallest amount with which a goal holds, confirmed on fresh replications."""

    from nfm_sim.decide.answers import of_need

    asked = read_changed(scenario, change)
    if len(path) > 2 or not {len(low), len(high)} <= {1, len(path)}:
        remedy = "one or two paths, with one --from and --to for all or one for each"
        raise InputError.of("nfm-sim", "need", "", f"takes {remedy}")
    ranges = [(low[place % len(low)], high[place % len(high)]) for place in range(len(path))]
    with making.running() as how:
        found = nfm.decide.needs(asked, goal, paths=path, between=ranges, replications=making.replications, **how)
    give(of_need(found, ranges, asked), making, asked, [{**plain(one), "is_least": one.is_least} for one in found])


@app.command(without=("targets", "min_replications"), replications=64)
def choose(
    scenarios: list[Path],
    making: Deciding,
    goal: str | None = None,
    quantity: list[str] | None = None,
    course: list[str] | None = None,
    on_day: float | None = None,
    future: list[str] | None = None,
    weight: list[str] | None = None,
    eur: list[str] | None = None,
) -> None:
    """Say which course of action is best, and which cannot be told from it; over several futures, what one regrets."""

    from nfm_sim.decide.answers import of_choice
    from nfm_sim.scenario import read_change

    courses = once(scenarios, "SCENARIO", lambda file: (file.stem, nfm.read_scenario(file)))
    base = next(iter(courses.values()))
    own = once(course, "--course", lambda text: named_changes(text, "--course", courses))
    forks = {} if on_day is None else {name: {"at_h": on_day * 24, "changes": change} for name, change in own.items()}
    courses |= {name: base.with_changes(change) for name, change in own.items() if name not in forks}
    futures = once(future, "--future", lambda text: named_changes(text, "--future"))
    weights = once(weight, "--weight", lambda text: read_change(text, "--weight", "mined = 0.3"))
    costs = once(eur, "--eur", lambda text: read_change(text, "--eur", "divert = 2e6"))
    told: Any = {"quantities": quantity or (), "futures": futures, "weights": weights, "eur": costs, "forks": forks}
    with making.running() as how:
        found = nfm.decide.choose(courses, goal, replications=making.replications, **told, **how)
    give(of_choice(found, base), making, base, plain(found))


def give(answer: Decision, making: Deciding, scenario: nfm.Scenario, found: object = None) -> None:
    """Print an answer, or as JSON what was `found`, or its tables; draw and write it where that is asked for."""
    tables = {table.title: table.rows.to_dicts() for table in answer.tables}
    if not answered(found or {**tables, "told": list(answer.told)}):
        say(answer.title, style="bold")
        for table in answer.tables:
            print_answer(table)
        for line in answer.told:
            say(line)
        say_notional(scenario)
    if making.figure is not None:
        from nfm_sim.plots import save  # matplotlib takes as long to load as all else

        with writing(making.figure, "choose another --figure"):
            save(answer.draw(), making.figure)
    if making.page is not None:
        from nfm_sim.reports import report_answer

        with writing(making.page, "choose another --page"):
            report_answer(answer, scenario, making.page, seed=making.seed, command=own_command())
    if not out.as_json:
        making.say_where()
        for file in filter(None, (making.figure, making.page)):
            say(f"Written: {file}")


def plain(value: Any) -> Any:
    """What was found, as JSON holds it."""

    import polars as pl

    from nfm_sim.decide.answers import bounds
    from nfm_sim.study.intervals import Interval
    from nfm_sim.study.quantities import Quantity

    if isinstance(value, pl.DataFrame):
        return value.to_dicts()
    if isinstance(value, Interval):
        return asdict(bounds(value))
    if isinstance(value, nfm.decide.Goal):
        return value.text
    if isinstance(value, Quantity | nfm.Comparison):
        return value.words if isinstance(value, Quantity) else list(value)
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value


# What means buy, what support buys and costs, and what of it to protect first: `nfm-sim buy, exchange, protect`


@app.command(without=("targets", "min_replications", "keep"), replications=48)
def buy(
    scenario: Path,
    making: Deciding,
    options: Path,
    budget: float | None = None,
    year: list[str] | None = None,
    goal: str | None = None,
    quantity: str | None = None,
    indifference: float | None = None,
    most: int = 96,
    change: list[str] | None = None,
) -> None:
    """Say which package of options gives most for a budget, confirmed on fresh replications (--replications)."""

    from nfm_sim.decide.answers import of_purchase

    asked = read_changed(scenario, change)
    if (budget is None) == (not year):
        raise InputError.of("nfm-sim", "buy", "", "needs --budget, or --year for each year")
    if budget is None:
        _buy_by_year(asked, options, year or [], quantity or "demands_met.unmet", making)
        return
    with making.running() as how:
        found = nfm.decide.buy(
            asked,
            options,
            budget=budget,
            goal=goal,
            quantity=quantity or "closure.mean_h",
            indifference=indifference,
            most_replications=most,
            confirming=making.replications,
            **how,
        )
    give(of_purchase(found, asked), making, asked, plain(found))


def _buy_by_year(scenario: nfm.Scenario, options: Path, years: list[str], quantity: str, making: Deciding) -> None:
    from nfm_sim.decide.answers import of_years
    from nfm_sim.scenario import read_change

    like = "2027 = 20e6"
    read = once(years, "--year", lambda text: read_change(text, "--year", like))
    wrong = [y for y, eur in read.items() if not (len(y) == 4 and y.isdecimal() and isinstance(eur, int | float))]
    refuse(Problem("--year", name, str(read[name]), f'must read like "{like}"') for name in wrong)
    with making.running() as how:
        table = nfm.decide.buy_by_year(
            scenario,
            options,
            budgets={int(name): float(eur) for name, eur in read.items()},
            quantity=quantity,
            replications=making.replications,
            **how,
        )
    give(of_years(table, quantity), making, scenario, plain(table))


@app.command("exchange", replications=50)
def exchange_rate(
    scenario: Path, making: Deciding, task: str = "host_nation_support", change: list[str] | None = None
) -> None:
    """Say what one more and one fewer of each capability on a task gains allies, and costs our own readiness."""
    from nfm_sim.decide.answers import of_exchange

    asked = read_changed(scenario, change)
    with making.running() as how:
        result = nfm.decide.exchange(asked, making.replications, task=task, **how)
    give(of_exchange(result, making.replications), making, asked)


@app.command("protect", replications=16)
def protect_first(
    scenario: Path,
    making: Deciding,
    losses: int = 2,
    at: list[float] | None = None,
    lasts: float = 240,
    kind: list[str] | None = None,
    most: int = 9,
    change: list[str] | None = None,
) -> None:
    """Say which losses together delay allies most, and what a guard, a spare or a repair team buys back."""
    from nfm_sim.decide.answers import of_protection
    from nfm_sim.decide.protect import TARGETS

    asked = read_changed(scenario, change)
    with making.running() as how:
        found = nfm.decide.protect(
            asked,
            making.replications,
            losses=losses,
            hours=at or (),
            lasts_h=lasts,
            kinds=kind or tuple(TARGETS),
            most=most,
            **how,
        )
    give(of_protection(found, lasts, asked.loaded_network), making, asked)
