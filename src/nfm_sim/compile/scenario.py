"""Compile a scenario: flows, forces, pools, what disrupts them and the table of subjects, put together as a plan."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate, chain
from typing import Any

import polars as pl

from nfm_sim.compile.flows import compile_transit, programme_plans, rank_of_flow
from nfm_sim.compile.forces import compile_forces
from nfm_sim.compile.kit import DrawSheet, Kit, Places, Times, Trips, periods_of
from nfm_sim.compile.modes import class_of
from nfm_sim.compile.pools import impossible, pool_plans
from nfm_sim.kinds import FACILITIES, MODES, TARGETS, UNIFORM, Hits
from nfm_sim.kinds.choices import function_of
from nfm_sim.network import Network
from nfm_sim.plan.draws import Stream
from nfm_sim.plan.forces import ForcePlans
from nfm_sim.plan.movement import FlowPlans, Lot, Need, PoolKey, ProgrammePlan
from nfm_sim.plan.plan import FlowsAndForces, Fork, OutagePlan, Plan
from nfm_sim.plan.timeline import Traffic
from nfm_sim.problems import InputError, Problem, refuse, some_of
from nfm_sim.record import TABLES
from nfm_sim.record.words import What, in_hours, whole_ticks
from nfm_sim.scenario import Scenario, expect_scenario, join_path, split_path
from nfm_sim.scenario.disruptions import Disruption
from nfm_sim.scenario.flows import Airlift, Flow, Origin, Ship
from nfm_sim.scenario.options import place_of

# Disruptions: every time that one may happen, and what it hits.

Keys = Collection[PoolKey]
"""The pools of a plan."""


def outage_plans(scenario: Scenario, sheet: DrawSheet, pools: Keys) -> Iterator[OutagePlan]:
    """Compile every time that a disruption may happen."""
    ask, network = sheet.ask, scenario.loaded_network
    for name, disruption in scenario.disruptions.items():
        hits = _hits(disruption, network, pools)
        lost = tuple(key for key in hits.pools if key[1] in FACILITIES and FACILITIES[key[1]].discharges)
        starts: list[int] = []
        for time in range(disruption.times):
            number = f"{name}/{time + 1}"
            again = disruption.every_h if time else disruption.start_h
            starts.append(ask("starts", number, again))
            yield OutagePlan(
                name=name,
                happens=ask("happens", number, UNIFORM),
                chance=disruption.chance,
                starts=tuple(starts),
                lasts=None if disruption.duration_h is None else ask("lasts", number, disruption.duration_h),
                left_share=disruption.left_share,
                work=None if disruption.work_h is None else ask("work", number, disruption.work_h),
                crew=tuple(Need(("", name), n) for name, n in disruption.needs.items() if name in scenario.pools),
                mended_by={name: n for name, n in disruption.needs.items() if name not in scenario.pools},
                loss_share=disruption.loss_share,
                rounds=ask("lost", number, UNIFORM) if disruption.loss_share else None,
                guards=tuple(Need(("", name), n) for name, n in disruption.guarded_by.items()),
                guarded_chance=disruption.guarded_chance,
                announced=disruption.announced,
                warning_h=disruption.warning_h,
                links=tuple(hits.links),
                where=ask("where", number, UNIFORM) if disruption.anywhere else None,
                anywhere=_by_length(network, disruption.anywhere),
                pools=tuple(hits.pools),
                places=disruption.nodes,
                ports=() if disruption.left_share else lost,
                ships=tuple(hits.ships),
            )


def nodes(names: Sequence[str], network: Network, pools: Keys) -> Hits:
    """Hit all links of nodes, and all their facilities that are used."""
    touching = [link.name for link in network.links.values() if {link.start, link.end} & set(names)]
    return Hits(links=touching, pools=[key for key in pools if key[0] in names])


def lines(names: Sequence[str], network: Network, pools: Keys) -> Hits:
    """Hit all links of roads, railways or fairways."""
    return Hits(links=[link.name for link in network.links.values() if link.line in names])


def links(names: Sequence[str], network: Network, pools: Keys) -> Hits:
    return Hits(links=names)


def facilities(names: Sequence[str], network: Network, pools: Keys) -> Hits:
    return Hits(pools=[place_of(name) for name in names])


def pools(names: Sequence[str], network: Network, pools: Keys) -> Hits:
    return Hits(pools=[("", name) for name in names])


def ships(names: Sequence[str], network: Network, pools: Keys) -> Hits:
    return Hits(ships=names)


OURS: Mapping[str, Callable[[Sequence[str], Network, Keys], Hits]] = {
    hit.__name__: hit for hit in (nodes, lines, links, facilities, pools, ships)
}


def _hits(disruption: Disruption, network: Network, pools: Keys) -> Hits:
    """All that a disruption hits, in an order that is the same on every machine."""
    targets = ((function_of(TARGETS[key], OURS, _nothing_there), names) for key, names in disruption.targets().items())
    found = [hit(names, network, pools) for hit, names in targets if names]
    return Hits(*(sorted(set(chain.from_iterable(part))) for part in zip(*found, strict=True)))


def _nothing_there(hits: object, names: Sequence[str], network: Network, pools: Keys) -> str:
    if not isinstance(hits, Hits):
        return "Hits(links=..., pools=..., ships=...)"
    there = {*network.links, *network.facilities, *pools}
    unknown = [what for what in (*hits.links, *hits.pools) if what not in there]
    return f"Hits of links and pools that are there, not {some_of(map(str, unknown))}" if unknown else ""


def _by_length(network: Network, mode: str) -> tuple[tuple[float, str], ...]:
    """The links of a mode in the country, each with the share of the length up to and with it."""
    links = [link for link in network.links.values() if mode in link.modes and link.km > 0]
    total = sum(link.km for link in links)
    shares = accumulate(link.km / total for link in links)
    return tuple((share, link.name) for share, link in zip(shares, links, strict=True))


# The plan.


def compile_scenario(scenario: Scenario) -> Plan:
    """Return the plan of a scenario. Raises `InputError` when a lot can never fit where it must stand, or can never
    have what it needs."""
    expect_scenario(scenario)
    kit = kit_of(scenario)
    modes = {name: class_of(kind)(kind, kit) for name, kind in MODES.items()}
    takers = FlowsAndForces(**vars(compile_transit(kit, modes)), **vars(compile_forces(kit, modes)))
    refuse(kit.problems)
    pools = pool_plans(kit, takers)
    outages = tuple(outage_plans(scenario, kit.sheet, pools))
    programmes = programme_plans(kit, takers)
    plan = Plan(
        about=scenario.about,
        start_h=whole_ticks(kit.times.start_h),
        horizon_h=scenario.horizon_h,
        periods=periods_of(kit.trips.book.traffic, scenario.g_day, kit.times.start_h, scenario.horizon_h),
        shifts=kit.times.windows(scenario.movement.discharge.shifts),
        draw=kit.sheet.freeze(),
        book=kit.trips.book,
        longest=kit.trips.longest,
        routing=scenario.routing,
        diversion=scenario.diversion,
        bumping=scenario.bumping,
        policy=scenario.policy,
        outages=outages,
        pools=pools,
        lockage_h=kit.places.lockages,
        **vars(takers),
        programmes=programmes,
        regime_hours=tuple(in_hours(start.day) for start, _ in kit.times.regimes),
        demands=tuple(
            (plan, demand.region, demand.capability, in_hours(demand.day), number)
            for plan, demand, number in scenario.demands()
        ),
        titles=scenario.titles,
        subjects=subjects_table(scenario, takers),
    )
    refuse(impossible(scenario, plan))
    return plan if not scenario.uncertain else replace(plan, redraw=partial(redrawn, compile_scenario, scenario))


def kit_of(scenario: Scenario) -> Kit:
    """Return the kit of a scenario, which knows how all modes drive."""
    traffic = Traffic(scenario.movement.civil)
    drives = {name: class_of(kind).drives(kind, scenario.movement.of(name), traffic) for name, kind in MODES.items()}
    times = Times(scenario)
    trips = Trips(scenario.loaded_network, drives, traffic)
    return Kit(scenario, DrawSheet(), times, Places(scenario, times), trips)


def draw_inputs(scenario: Scenario, stream: Stream) -> dict[str, float]:
    """Return a value for each uncertain number of a scenario, by path. Each path draws its own, so that one that is
    added changes no other."""
    sheet = DrawSheet()
    numbers = {path: sheet.ask("input", path, distribution) for path, distribution in scenario.uncertain.items()}
    values = sheet.freeze()(stream)
    return {path: values[number] for path, number in numbers.items()}


def redrawn(compiled: Callable[[Scenario], Plan], scenario: Scenario, stream: Stream) -> Plan:
    """Return the plan of a replication of a scenario with uncertain numbers."""
    inputs = draw_inputs(scenario, stream)
    try:
        plan = compiled(scenario.drawn(inputs))
    except InputError as error:
        drawn = ", ".join(f"{path} {value:g}" for path, value in inputs.items())
        said = f"(replication {stream.replication} drew {drawn})"
        raise InputError(replace(p, remedy=f"{p.remedy} {said}") for p in error.problems) from None
    return replace(plan, redraw=None, inputs=inputs)


Row = dict[str, Any]


def subjects_table(scenario: Scenario, takers: FlowsAndForces) -> pl.DataFrame:
    """Return the table of all that has spans, a row each, without the column of replications.

    Their names differ, because no name in a scenario holds a "/" and flows, elements and formations have names of
    their own: `scenario.check` sees to it.
    """
    empty = {"part_of": "", "mode": "", "pieces": 0, "origin": "", "destination": "", "capability": "", "task": ""}
    schema = {column: kind for column, kind in TABLES["subjects"].items() if column != "replication"}
    rows = chain(_of_flows(scenario, takers), _of_force(scenario, takers))
    return pl.DataFrame([{**empty, **row} for row in rows], schema=schema)


def _of_flows(scenario: Scenario, flows: FlowPlans) -> Iterator[Row]:
    """Ships, airlifts, and the movements of what they and origins bring; of cancelled ships too."""

    def movement(flow: str, lot: Lot) -> Row:
        of = scenario.flows[flow]
        return _movement(lot, flow, task=of.task, required_h=_hours(of.required_day))

    for ship in flows.planned:
        yield from (movement(ship.flow, lot) for call in ship.calls for lot in call.lots)
        ends = Row(origin=ship.calls[0].port, destination=ship.calls[-1].port, task=scenario.flows[ship.flow].task)
        yield Row(subject=ship.subject, what=What.SHIP, part_of=ship.flow, mode="ship", **ends)
    for origin in flows.origins:
        yield from (movement(origin.flow, lot) for lot in origin.lots)
    for lift in flows.airlifts:
        own = Row(origin=lift.airport, personnel=lift.people, task=scenario.flows[lift.flow].task)
        yield Row(subject=lift.subject, what=What.AIRLIFT, part_of=lift.flow, mode="airlift", **own)


def _of_force(scenario: Scenario, force: ForcePlans) -> Iterator[Row]:
    """Elements with their movements, formations, and what moves time and again, whose lots take its place."""
    task = scenario.activation.task
    for plan in force.elements:
        element = scenario.elements[plan.subject]
        yield from (_movement(lot, plan.subject, task=task) for lot in plan.lots)
        for (serving, _), relief in plan.reliefs.items():
            for lot in (*relief.out, *relief.back):
                yield _movement(lot, plan.subject, what=What.RELIEF, task=serving)
        deadline_days = None if element.tier is None else scenario.deadline_days[element.tier]
        yield Row(
            subject=plan.subject,
            what=What.ELEMENT,
            part_of=element.parent,
            origin=plan.home,
            destination=plan.area,
            tier=element.tier,
            capability=element.capability,
            personnel=element.personnel,
            deadline_h=_hours(deadline_days),
            required_h=_hours(element.wanted_day),
            notice_h=_hours(element.notice_to_move_days),
            pieces=sum(element.pieces.values()),
        )
    yield from (Row(subject=formation.subject, what=What.FORMATION) for formation in force.formations)
    for table, name, lot in force.repeated_lots():
        if table == "supply.stocks":
            yield _movement(lot, name, what=What.SUPPLY, task=scenario.supply.stocks[name].task or task)
        else:
            yield _movement(lot, name, what=What.EVACUATION, task=task)


def _movement(lot: Lot, part_of: str, what: str = What.MOVEMENT, **more: Any) -> Row:
    way = Row(mode=lot.mode, pieces=lot.pieces, origin=lot.origin, destination=lot.exit)
    return Row(subject=lot.subject, what=what, part_of=part_of, **way, **more)


def _hours(days: float | None) -> float | None:
    return None if days is None else in_hours(days)


# Forks: the plan of a scenario that changes under way. Until then all is as it was, bit for bit.

WHOLE = ("routing", "diversion", "bumping", "policy")
OF_FLOWS = (["priority"], ["diverts_to"])
NOT_SCARCE = "was not scarce before, so nothing holds any of it; give it a capacity from the beginning"
NOT_TAKEN = "is what nothing takes, and what goes which way does not change by it under way: nothing would change"
NO_PORT = "is not as it was from the beginning; ports to divert to can only be taken out under way"
REMEDY = (
    "cannot change under way; what can is pools.<name>.capacity, places.<node>.<facility>, "
    "disruptions.<new name>, flows.<name>.priority and diverts_to (of what is not ashore), routing, diversion, bumping "
    "and policy; and what lies ahead of pools.<name>.arrivals, programmes, and flows.<name>.shares, ships, origins, "
    "airlifts and programme"
)


def forked_plan(scenario: Scenario, forks: Sequence[Mapping[str, Any]]) -> Plan:
    """Return the plan of a scenario that changes under way: at_h and changes of each fork, in the order of their hours.

    Capacities, disruptions and policies change at that hour; a disruption that would have begun before begins then. Of
    what is dated changes what lies ahead. `REMEDY` lists all that can. Raises `InputError` with everything that cannot.
    """
    plan = ahead = current = compile_scenario(scenario)
    planned = now = scenario
    for fork in forks:
        at_h, changes = fork["at_h"], fork["changes"]
        last_h = plan.forks[-1].at_h if plan.forks else plan.start_h
        problems = list(_problems(now, changes))
        if not last_h <= at_h < plan.horizon_h:
            remedy = f"must lie from day {last_h / 24:g} to the horizon, day {plan.horizon_h / 24:g}"
            problems.append(Problem("fork", "at_day", f"{at_h / 24:g}", remedy))
        refuse(problems)
        later = {path: value for path, value in changes.items() if is_ahead(path)}
        kept = shares_kept(now, later, at_h)
        promised = {}
        if later:
            was, before = ahead, planned.with_changes(kept)
            planned = before.with_changes(later)
            ahead = compile_scenario(planned)
            plan = with_ahead(plan, ahead, before, planned, at_h)
            promised = {
                of: ahead.pools[of].attainable - pool.attainable for of, pool in was.pools.items() if of in ahead.pools
            }
        after = now.with_changes({**kept, **changes})
        target = compile_scenario(after)
        _check_pools(changes, plan, target)
        gained = {key: _capacity(after, target, key) - _capacity(now, current, key) for key in plan.pools}
        at_hour = Fork(
            at_h=whole_ticks(at_h),
            gained={key: more for key, more in gained.items() if more},
            promised={key: more for key, more in promised.items() if more},
            outages=tuple(outage for outage in target.outages if outage.name not in now.disruptions),
            plan=target,
            ranks={name: rank_of_flow(after, flow) for name, flow in after.flows.items()},
            diverts_to={name: frozenset(flow.diverts_to) for name, flow in after.flows.items()},
        )
        plan = replace(plan, forks=(*plan.forks, at_hour), titles=after.titles)
        now, current = after, target
    again = partial(redrawn, partial(forked_plan, forks=forks), scenario)
    return replace(plan, redraw=again if scenario.uncertain else None)


def _capacity(scenario: Scenario, plan: Plan, key: PoolKey) -> float:
    """The capacity of a pool that something takes: of a facility that nothing would take any more too, as what has been
    chosen stays."""
    if key in plan.pools:
        return plan.pools[key].capacity
    there = scenario.facility(*key)
    return there.capacity if there is not None else 0.0


def _check_pools(changes: Mapping[str, Any], plan: Plan, target: Plan) -> None:
    """Raise `InputError` with the capacities whose change would do nothing: not scarce before, or taken by nothing."""
    unknown = sorted(target.pools.keys() - plan.pools.keys())
    problems = [Problem("fork", "changes", ".".join(filter(None, key)), NOT_SCARCE) for key in unknown]
    for path in changes:
        part, *steps = split_path(path)
        key = (steps[0], steps[1]) if part == "places" else ("", steps[0]) if part == "pools" else None
        if key is not None and key not in plan.pools and key not in unknown:
            problems.append(Problem("fork", path, str(changes[path]), NOT_TAKEN))
    refuse(problems)


def _problems(scenario: Scenario, changes: Mapping[str, Any]) -> Iterator[Problem]:
    for path, value in changes.items():
        part, *steps = split_path(path)
        if part == "flows":
            fits = bool(steps) and steps[0] in scenario.flows and (is_ahead(path) or steps[1:] in OF_FLOWS)
        elif part in ("pools", "places") and not is_ahead(path):
            whose = steps[:-1] if steps[-1:] == ["capacity"] else steps if part == "places" else []
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            fits = is_number and len(whose) == (1 if part == "pools" else 2)
        else:
            fits = bool(steps) if part == "disruptions" else is_ahead(path) or (part in WHOLE and not steps)
        if not fits:
            yield Problem("fork", path, str(value), REMEDY)
        elif part == "disruptions" and steps[0] in scenario.disruptions:
            yield Problem("fork", path, "", "is there already; give the new disruption a name of its own")
        elif part == "flows" and steps[1] == "diverts_to":
            planned = scenario.flows[steps[0]].diverts_to
            changed = dict(value) if isinstance(value, Mapping) else {"": value}
            for port, hours in changed.items():
                if planned.get(port) != hours:
                    yield Problem("fork", path, f"{port} = {hours}", NO_PORT)
        elif part == "flows" and steps[1] in CARGO and scenario.mode_choice != "shares":
            chosen = f'was chosen of all cargo together: mode_choice is "{scenario.mode_choice}"'
            yield Problem("fork", path, str(value), chosen)


CARGO = ("shares", "ships", "origins", "airlifts")
BEGUN = "has happened by the day of the fork, and stays; change what is planned from then on"
BOOKED = (
    "has begun by the day of the fork: of it per_day, per_day_at, working, and slots from that day on can change, for "
    "modes that are booked already; a window cannot, nor the loads that it follows from"
)
Changes = dict[str, Any]


def is_ahead(path: str) -> bool:
    """Whether a path leads to something dated."""
    part, *steps = split_path(path)
    if part == "flows":
        return len(steps) > 1 and steps[1] in (*CARGO, "programme")
    return part in ("programme", "programmes") or (part, *steps[1:]) == ("pools", "arrivals")


def shares_kept(scenario: Scenario, later: Iterable[str], at_h: float) -> Changes:
    """Return the changes that keep the shares of what is planned to come before an hour, of flows whose shares are
    changed."""
    kept: Changes = {}
    steps = [split_path(path) for path in later]
    for name in {flow for part, flow, *more in steps if part == "flows" and more[0] == "shares"}:
        flow = scenario.flows[name]
        begun = {key for key, (hour, _) in _dated(flow).items() if hour < at_h}
        for key, _, cargo in flow.cargoes():
            if (key.rpartition(".calls.")[0] or key) in begun:
                shares = {**scenario.shares, **flow.shares, **cargo.shares}
                kept[f"{join_path(('flows', name))}.{key}.shares"] = {of: dict(shares[of]) for of in cargo.pieces}
    return kept


def with_ahead(plan: Plan, ahead: Plan, before: Scenario, after: Scenario, at_h: float) -> Plan:
    """Return a plan of which what lies ahead of an hour is as another has it: `ahead`, compiled of `after`. The limits
    of pools and the longest slots stay as they are known until then. Raises `InputError` with what has begun, and would
    change."""
    begun = {name for name, flow in before.flows.items() if any(hour < at_h for hour, _ in _dated(flow).values())}
    problems = [*_changed(before, after, at_h), *_come(plan, ahead, at_h)]
    programmes: dict[str, ProgrammePlan] = {}
    under_way = {plan.programmes[flow].name for flow in begun & plan.programmes.keys()}
    for flow in dict.fromkeys([*ahead.programmes, *plan.programmes]):
        old, new = plan.programmes.get(flow), ahead.programmes.get(flow)
        if flow in begun or (old is not None and old.name in under_way):
            new = _booked_on(flow, (before, old), (after, new), at_h)
            if new is None:
                problems.append(Problem("fork", f"flows.{flow}.programme", "", BOOKED))
        if new is not None:
            programmes[flow] = new
    refuse(problems)
    pools = {
        key: pool._replace(attainable=plan.pools[key].attainable) if key in plan.pools else pool
        for key, pool in ahead.pools.items()
    }
    return replace(
        ahead,
        forks=plan.forks,
        pools={**plan.pools, **pools},
        programmes=programmes,
        longest={**ahead.longest, **plan.longest},
    )


def _dated(flow: Flow) -> dict[str, tuple[float, Ship | Origin | Airlift]]:
    """What a flow plans, by its key: for which hour, and what. A ship counts with its first call."""
    return {
        join_path((part, name)): (in_hours(one.calls[0].day if isinstance(one, Ship) else one.day), one)
        for part in ("ships", "origins", "airlifts")
        for name, one in getattr(flow, part).items()
    }


def _changed(before: Scenario, after: Scenario, at_h: float) -> Iterator[Problem]:
    """What was planned to come before an hour, or now would be, and is not the same."""
    for name, flow in before.flows.items():
        old, new = _dated(flow), _dated(after.flows[name])
        if flow.shares != after.flows[name].shares and all(hour < at_h for hour, _ in new.values()):
            yield Problem("fork", f"flows.{name}.shares", f"before day {at_h / 24:g}", BEGUN)
        for key in dict.fromkeys(chain(old, new)):
            hour = min(there[key][0] for there in (old, new) if key in there)
            if hour < at_h and old.get(key) != new.get(key):
                yield Problem("fork", f"flows.{name}.{key}", f"day {hour / 24:g}", BEGUN)


def _come(plan: Plan, ahead: Plan, at_h: float) -> Iterator[Problem]:
    """The pools to which something else would have come before an hour."""
    for key, pool in ahead.pools.items():
        then, now = ([a for a in of.arrivals if a[0] < at_h] for of in (plan.pools.get(key, pool), pool))
        if then != now:
            days = ", ".join(f"day {hour / 24:g}: {amount:g}" for hour, amount in {*then} ^ {*now})
            yield Problem("fork", f"pools.{key[1]}.arrivals", days, BEGUN)


def _booked_on(
    flow: str, was: tuple[Scenario, ProgrammePlan | None], now: tuple[Scenario, ProgrammePlan | None], at_h: float
) -> ProgrammePlan | None:
    """A programme that has begun, with other slots from an hour on; None where more of it would change."""
    (before, old), (after, new) = was, now
    asked, asked_now = before.programme_of(flow), after.programme_of(flow)
    if old is None or new is None or asked is None or asked_now is None:
        return None
    rates = {"slots", "per_day", "per_day_at", "working"}
    frames = [of.model_dump(exclude=rates) for of in (asked, asked_now)]
    past = (row for row in asked_now.slots if in_hours(row.day) < at_h)
    alike = frames[0] == frames[1] and (old.window, old.slots.keys()) == (new.window, new.slots.keys())
    if not (alike and all(row in asked.slots for row in past)):
        return None
    slots = {
        key: (*(h for h in hours if h < at_h), *(h for h in new.slots[key] if h >= at_h))
        for key, hours in old.slots.items()
    }
    return new._replace(slots=slots)
