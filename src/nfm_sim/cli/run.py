"""One replication, and what concerns a scenario alone: `run, validate, schema, explain`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

import nfm_sim as nfm
from nfm_sim.cli.app import Row, answered, app, on_record, out, print_json, print_told, say, share, warn
from nfm_sim.cli.options import day_progress, read_changed, spare
from nfm_sim.cli.stored import draw
from nfm_sim.files import writing
from nfm_sim.problems import Problem, counted, some_of

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
        with writing(out_dir, "choose another --out"):
            nfm.study.write_run(result, out_dir, scenario=asked)
            if figures:
                draw(result, out_dir)
        if not out.as_json:
            say(f"Written to {out_dir}" + (" with figures" if figures else ""))


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


def beside(run: nfm.Run, on_record: OnRecord) -> list[Row]:
    """Return each number on record of an operation beside that of a run; null where the run has none."""
    from nfm_sim.measures.closure import operation

    found = operation(run).row(0, named=True)
    return [
        {"quantity": name, "on_record_low": of.range[0], "on_record_high": of.range[1], "value": found[name]}
        for name, of in on_record.observed.items()
    ]


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


# What a scenario asks for, in words: `nfm-sim explain`.


@app.command()
def explain(scenario: Path, change: list[str] | None = None, picture: Path | None = None, force: bool = False) -> None:
    """Say in words what a scenario asks for, what limits it and what is assumed, and what a replication will do."""
    from nfm_sim.compile import compile_scenario

    spare(picture, "--picture", force)
    asked = read_changed(scenario, change)
    plan = compile_scenario(asked)
    parts = {
        "what it is": list(_is(asked)),
        "what it asks for": [*_flows(asked, plan), *_forces(asked)],
        "what limits it": list(_limits(asked, plan)),
        "what is not known": list(_unknown(asked)),
        "what a replication does": list(_does(plan)),
    }
    if picture is not None:
        with writing(picture):
            nfm.plots.save(nfm.plots.network_load(nfm.simulate(plan)), picture)
    if not answered(parts):
        for heading, lines in parts.items():
            say(heading.capitalize(), style="bold")
            for line in lines or ["nothing"]:
                say(f"  {line}")
        if picture is not None:
            say(f"Written: {picture}")


def _is(scenario: nfm.Scenario) -> Iterator[str]:
    network, end = scenario.loaded_network, scenario.g_day + timedelta(hours=scenario.horizon_h)
    yield scenario.title
    yield f"from {scenario.g_day:%A %d %B %Y, %H:%M} (hour 0) for {scenario.horizon_days:g} days, to {end:%d %B %Y}"
    yield f"on {network.path}: {network.sizes}"


def _flows(scenario: nfm.Scenario, plan: Plan) -> Iterator[str]:
    from nfm_sim.sentences.answers import flows_asked

    for name, asked in flows_asked(scenario, plan):
        flow = scenario.flows[name]
        due = "" if flow.required_day is None else f"; required by day {flow.required_day:g}"
        booked = "; on a movement programme" if name in plan.programmes else ""
        permit = "" if flow.permit_applied_day is None else f"; permit asked for on day {flow.permit_applied_day:g}"
        yield f"flow {name}: {asked} ({flow.destination}){due}{permit}{booked}"


def _forces(scenario: nfm.Scenario) -> Iterator[str]:
    tiers: dict[str, list[str]] = {}
    for name, element in scenario.elements.items():
        tiers.setdefault("no tier" if element.tier is None else f"tier {element.tier}", []).append(name)
    for tier in sorted(tiers):
        people = sum(scenario.elements[name].personnel or 0 for name in tiers[tier])
        yield f"{tier}: {counted(len(tiers[tier]), 'force element')} ({some_of(tiers[tier])}), {people:,.0f} people"
    if scenario.elements:
        yield f"stages of activation: {', '.join(scenario.activation.stages) or 'none'}"
    if scenario.formations:
        yield f"formations: {some_of(scenario.formations)}"
    for name, plan in scenario.plans.items():
        yield f"plan {name}: {plan.title}"
    for name, task in scenario.tasks.items():
        yield f"task {name}, priority {task.priority:g}"


def _limits(scenario: nfm.Scenario, plan: Plan) -> Iterator[str]:
    from nfm_sim.compile import drawn, drawn_by, idle_means, not_limited

    used = drawn_by(scenario, plan)
    for (place, name), pool in plan.pools.items():
        if not place and used.get(name):
            unit = f" {pool.unit}" if pool.unit else ""
            yield f"pool {name}: {pool.capacity:g}{unit}, drawn on by {_who(used[name])}"
    places = dict.fromkeys(place for place, _ in sorted(plan.pools.keys() & drawn(scenario, plan)) if place)
    if places:
        yield f"facilities at {counted(len(places), 'place')}: {some_of(places)}"
    free, idle = not_limited(plan), idle_means(scenario, plan)
    for line, names in (("not limited, as nothing gives it", free), ("not used", idle)):
        if names:
            yield f"{line}: {', '.join(names)}"
    yield from _stocks(plan)
    yield from _barred(plan)
    for name, disruption in scenario.disruptions.items():
        mended = f", over when mended by {some_of(disruption.needs)}" if disruption.needs else ""
        yield f"disruption {name}: with a chance of {disruption.chance:.0%}{mended}"


def _barred(plan: Plan) -> Iterator[str]:
    """What cannot pass where: by mode, the links that the movement which most are closed to goes around."""
    worst: dict[str, tuple[str, list[str]]] = {}
    lots = [*(lot for _, lot in plan.flow_lots()), *(lot for element in plan.elements for lot in element.lots)]
    for lot in lots:
        network = nfm.kinds.MODES[lot.mode].network
        links = sorted(plan.book.barred(lot.trip.way, network)) if network else []
        if len(links) > len(worst.get(lot.mode, ("", []))[1]):
            worst[lot.mode] = (lot.subject, links)
    for mode, (subject, links) in worst.items():
        yield f"{counted(len(links), 'link')} cannot carry {subject} by {mode}: {some_of(links)}"


def _stocks(plan: Plan) -> Iterator[str]:
    """What is used of each stock when all are there who draw on it."""
    for stock in plan.supply.stocks:
        if used := [sum(use.per_h) * 24 for use in plan.supply.uses.values() if use.stock == stock.name]:
            orders = f", ordered from {stock.drawn_from}" if stock.drawn_from else ""
            yield f"stock {stock.name}: {sum(used):,.0f} t a day for {counted(len(used), 'element')}{orders}"


def _who(paths: list[str]) -> str:
    """Those who draw on a pool: flows and tasks by name, force elements in their number."""
    others = [path for path in paths if not path.startswith("elements.")]
    filled = {"activation.trades": "elements that fill up"}  # with people of the pool's trade
    names = [filled.get(path, path.removeprefix("supply.").split(".", 1)[-1]) for path in others]
    elements = len(paths) - len(others)
    return some_of([*names, *([counted(elements, "force element")] if elements else [])])


def _unknown(scenario: nfm.Scenario) -> Iterator[str]:
    if scenario.notional:
        yield f"notional: {' '.join(scenario.notional.split())}"
    if uncertain := list(scenario.uncertain):
        yield f"drawn once a replication: {counted(len(uncertain), 'number')} ({some_of(uncertain)})"
    if assumed := [name for name, pool in scenario.pools.items() if pool.source.startswith("assumed")]:
        yield f"assumed, without a source: {counted(len(assumed), 'pool')} ({some_of(assumed)})"


def _does(plan: Plan) -> Iterator[str]:
    lots = Counter(lot.mode for _, lot in plan.flow_lots())
    lots.update(lot.mode for element in plan.elements for lot in element.lots)
    moved = ", ".join(counted(number, mode) for mode, number in lots.most_common())
    yield f"moves {moved or 'nothing'}, and discharges {counted(len(plan.ships), 'ship')}"
    yield f"ends after {plan.horizon_h / 24:g} days; what has not closed by then is not known, and never 0"
