"""Compile a scenario: flows, forces, pools, what disrupts them and the table of subjects, put together as a plan."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate, chain
from typing import Any

import polars as pl

from nfm_sim.compile.flows import compile_transit, programme_plans
from nfm_sim.compile.forces import compile_attrition, compile_forces, compile_supply
from nfm_sim.compile.kit import DrawSheet, Kit, Places, Times, Trips, periods_of
from nfm_sim.compile.modes import class_of
from nfm_sim.compile.pools import impossible, pool_plans, pools_of_repeated
from nfm_sim.kinds import FACILITIES, MODES, TARGETS, UNIFORM, Hits
from nfm_sim.kinds.choices import function_of
from nfm_sim.network import Network
from nfm_sim.plan.draws import Stream
from nfm_sim.plan.forces import ElementPlan, ForcePlans, repeated_lots
from nfm_sim.plan.movement import AirliftPlan, FlowPlans, Lot, Need, PoolKey, ShipPlan
from nfm_sim.plan.plan import OutagePlan, Plan
from nfm_sim.plan.timeline import Traffic
from nfm_sim.problems import InputError, refuse, some_of
from nfm_sim.record import TABLES
from nfm_sim.record.words import What, in_hours, whole_ticks
from nfm_sim.scenario import Scenario, expect_scenario
from nfm_sim.scenario.disruptions import Disruption
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
    transit, forces = compile_transit(kit, modes), compile_forces(kit, modes)
    supply, attrition = compile_supply(kit, modes), compile_attrition(kit, modes)
    refuse(kit.problems)
    pools = pool_plans(kit, transit, forces, pools_of_repeated(supply, attrition))
    outages = tuple(outage_plans(scenario, kit.sheet, pools))
    programmes = programme_plans(kit, transit)
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
        **vars(transit),
        **vars(forces),
        programmes=programmes,
        regime_hours=tuple(in_hours(start.day) for start, _ in kit.times.regimes),
        supply=supply,
        attrition=attrition,
        demands=tuple(
            (plan, demand.region, demand.capability, in_hours(demand.day), number)
            for plan, demand, number in scenario.demands()
        ),
        titles=scenario.titles,
        subjects=subjects_table(scenario, transit, forces, repeated_lots(supply, attrition)),
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


def subjects_table(
    scenario: Scenario, transit: FlowPlans, forces: ForcePlans, repeated: Iterable[tuple[str, str, Lot]]
) -> pl.DataFrame:
    """Return the table of all that has spans, a row each, without the column of replications.

    Their names differ, because no name in a scenario holds a "/" and flows, elements and formations have names of
    their own: `scenario.check` sees to it.
    """
    rows = [
        *chain.from_iterable(_ship(scenario, ship) for ship in transit.planned),
        *({**_movement(lot, of.flow), **_of_flow(scenario, of.flow)} for of in transit.origins for lot in of.lots),
        *chain.from_iterable(_element(scenario, element) for element in forces.elements),
        *({"subject": formation.subject, "what": What.FORMATION} for formation in forces.formations),
        *(_repeated(scenario, *of) for of in repeated),
        *(_airlift(scenario, airlift) for airlift in transit.airlifts),
    ]
    empty = {"part_of": "", "mode": "", "pieces": 0, "origin": "", "destination": "", "capability": "", "task": ""}
    schema = {column: kind for column, kind in TABLES["subjects"].items() if column != "replication"}
    return pl.DataFrame([{**empty, **row} for row in rows], schema=schema)


def _ship(scenario: Scenario, ship: ShipPlan) -> Iterator[Row]:
    flow = _of_flow(scenario, ship.flow)
    for call in ship.calls:
        yield from ({**_movement(lot, ship.flow), **flow} for lot in call.lots)
    first, last = ship.calls[0].port, ship.calls[-1].port
    own = Row(subject=ship.subject, what=What.SHIP, part_of=ship.flow, mode="ship", origin=first, destination=last)
    yield {**own, "task": flow["task"]}


def _of_flow(scenario: Scenario, name: str) -> Row:
    flow = scenario.flows[name]
    return {"required_h": _hours(flow.required_day), "task": flow.task}


def _element(scenario: Scenario, plan: ElementPlan) -> Iterator[Row]:
    element = scenario.elements[plan.subject]
    yield from ({**_movement(lot, plan.subject), "task": scenario.activation.task} for lot in plan.lots)
    for (task, _), relief in plan.reliefs.items():
        for lot in (*relief.out, *relief.back):
            yield {**_movement(lot, plan.subject), "what": What.RELIEF, "task": task}
    deadline_days = None if element.tier is None else scenario.deadline_days[element.tier]
    yield {
        **Row(subject=plan.subject, what=What.ELEMENT, part_of=element.parent, origin=plan.home, destination=plan.area),
        **Row(tier=element.tier, capability=element.capability, personnel=element.personnel),
        **Row(deadline_h=_hours(deadline_days), required_h=_hours(element.wanted_day)),
        **Row(notice_h=_hours(element.notice_to_move_days), pieces=sum(element.pieces.values())),
    }


def _movement(lot: Lot, part_of: str) -> Row:
    way = Row(mode=lot.mode, pieces=lot.pieces, origin=lot.origin, destination=lot.exit)
    return {"subject": lot.subject, "what": What.MOVEMENT, "part_of": part_of, **way}


def _repeated(scenario: Scenario, table: str, name: str, lot: Lot) -> Row:
    """What moves time and again, to a stock, or from and to elements; what takes place comes in its stead."""
    is_supply = table == "supply.stocks"
    task = (scenario.supply.stocks[name].task if is_supply else None) or scenario.activation.task
    return {**_movement(lot, name), "what": What.SUPPLY if is_supply else What.EVACUATION, "task": task}


def _airlift(scenario: Scenario, airlift: AirliftPlan) -> Row:
    own = Row(subject=airlift.subject, what=What.AIRLIFT, part_of=airlift.flow, mode="airlift", origin=airlift.airport)
    return {**own, "personnel": airlift.people, "task": scenario.flows[airlift.flow].task}


def _hours(days: float | None) -> float | None:
    return None if days is None else in_hours(days)
