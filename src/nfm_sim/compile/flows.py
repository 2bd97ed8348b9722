"""Compile allied flows: ships with their calls, the ports that they may divert to, airlifts, permits and programmes."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from nfm_sim.compile.kit import Kit
from nfm_sim.compile.loads import CREWS, Counts, Load, interleave, split_over_modes
from nfm_sim.compile.modes import Mode, Modes
from nfm_sim.kinds import MODE_CHOICES, MODES, SHIPS
from nfm_sim.kinds.choices import function_of
from nfm_sim.kinds.modes import AIRCRAFT_STANDS
from nfm_sim.network import NoRouteError
from nfm_sim.plan import movement
from nfm_sim.plan.movement import Lot, Rank
from nfm_sim.plan.timeline import Windows
from nfm_sim.record.words import in_hours, whole_ticks
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.flows import Cargo, Flow, Programme, Shares
from nfm_sim.scenario.model import Destination

ByMode = dict[str, Counts]
Taken = dict[str, Counter[str]]
"""By place and mode: the last number that a load has taken."""


def compile_transit(kit: Kit, modes: Modes) -> movement.FlowPlans:
    """Compile all allied flows."""
    flows = kit.scenario.flows
    planned = {(of, name): _ship_plan(kit, modes, of, name) for of, flow in flows.items() for name in flow.ships}
    return movement.FlowPlans(
        tuple(planned.values()),
        tuple(plan for (of, name), plan in planned.items() if not flows[of].ships[name].cancelled),
        tuple(_origin_plan(kit, modes, flow_name, name) for flow_name, flow in flows.items() for name in flow.origins),
        tuple(_airlifts(kit)),
        _permits(kit),
    )


def _ship_plan(kit: Kit, modes: Modes, flow_name: str, name: str) -> movement.ShipPlan:
    """Compile a ship with its calls, and what it would do at the ports that it may divert to."""
    flow = kit.scenario.flows[flow_name]
    ship, subject = flow.ships[name], f"{flow_name}/{name}"
    kind = SHIPS[ship.kind]

    def lots_at(port: str, loads: Iterable[Load]) -> tuple[Lot, ...]:
        rate = ship.drives_off_per_h if kind.own_crews else kit.places.rate_per_h(port, kind.gear)
        over = (replace(load, discharge_per_h=rate, crewed=kind.own_crews) for load in loads)
        return tuple(modes[load.mode].compile(load) for load in over)

    def over(cargo: Consignment, planned: Sequence[Load], port: str) -> movement.CallPlan:
        """The call in which a cargo comes over another port than planned."""
        loads = cargo.loads(port)
        lots = lots_at(port, loads)
        if [load.pieces for load in loads] == [load.pieces for load in planned]:
            each: tuple[tuple[Lot, ...], ...] = tuple((lot,) for lot in lots)
        else:
            each = tuple(lots_at(port, cargo.alone(load, port)) for load in planned)
        return movement.CallPlan(port, 0.0, whole_ticks(flow.diverts_to[port]), lots, each=each)

    taken: Taken = {}
    plans = []
    for call in ship.calls:
        cargo = _consignment(kit, modes, flow_name, subject, call.port, call, taken)
        loads = cargo.loads(call.port)
        plans.append(
            movement.CallPlan(
                call.port,
                in_hours(call.day),
                whole_ticks(call.sail_h),
                lots_at(call.port, loads),
                takes=call.takes,
                sails_h=math.inf if call.sails_day is None else in_hours(call.sails_day),
                loading_h=1 / kit.places.rate_per_h(call.port, kind.gear),
                elsewhere={port: over(cargo, loads, port) for port in flow.diverts_to if port != call.port},
            )
        )
    return movement.ShipPlan(
        subject=subject,
        flow=flow_name,
        rank=rank_of_flow(kit.scenario, flow),
        length_m=ship.length_m,
        gangs=ship.gangs,
        gear=kind.gear,
        own_crews=kind.own_crews,
        lateness=kit.sheet.ask("lateness", subject, ship.lateness_h),
        calls=tuple(plans),
    )


def _origin_plan(kit: Kit, modes: Modes, flow_name: str, name: str) -> movement.OriginPlan:
    """Compile pieces that stand ready at a place."""
    origin = kit.scenario.flows[flow_name].origins[name]
    cargo = _consignment(kit, modes, flow_name, f"{flow_name}/{name}", origin.place, origin, {})
    over = [replace(load, by_ship=False, from_h=origin.from_h.get(load.mode)) for load in cargo.loads(origin.place)]
    lots = tuple(modes[load.mode].compile(load) for load in over)
    return movement.OriginPlan(flow_name, origin.place, in_hours(origin.day), lots)


class Consignment(NamedTuple):
    """A cargo as it goes by each mode. Its lots are formed for the place where they are loaded, and named by the place
    for which it was planned."""

    modes: Modes
    load: Load
    """What all its loads have in common."""
    by_mode: Mapping[str, Counts]
    exits: Mapping[str, str]
    before: Mapping[str, int]
    """By mode: the last number that cargo of earlier calls took."""
    last: Counter[str]
    """By mode: the last number that any load of this one took, over whichever port."""

    def loads(self, place: str) -> list[Load]:
        """The loads in the order in which they come, formed of the whole cargo."""
        cut = {mode: self._cut(mode, pieces, place) for mode, pieces in self.by_mode.items()}
        return [
            self._load(mode, self.before.get(mode, 0) + number + 1, pieces, place)
            for mode, number, pieces in interleave(cut)
        ]

    def alone(self, planned: Load, place: str) -> Iterator[Load]:
        """Yield what the pieces of a planned load make at another place by themselves: the first has its name."""
        first, *more = self._cut(planned.mode, planned.pieces, place)
        yield replace(planned, pieces=first, origin=place, loads_at=place)
        for pieces in more:
            yield self._load(planned.mode, self.last[planned.mode] + 1, pieces, place)

    def _cut(self, mode: str, pieces: Counts, place: str) -> list[Counts]:
        return self.modes[mode].lots_of(pieces, place, self.exits[mode])

    def _load(self, mode: str, number: int, pieces: Counts, place: str) -> Load:
        self.last[mode] = max(self.last[mode], number)
        name = f"{self.load.name}/{mode}-{number:03d}"
        return replace(self.load, name=name, mode=mode, pieces=pieces, origin=place, loads_at=place)


def _consignment(kit: Kit, modes: Modes, name: str, by: str, place: str, cargo: Cargo, taken: Taken) -> Consignment:
    """Choose how the pieces of a cargo go."""
    flow = kit.scenario.flows[name]
    shares = {**kit.scenario.shares, **flow.shares, **cargo.shares}
    goal = kit.scenario.destinations[cargo.destination or flow.destination]
    choose = function_of(MODE_CHOICES[kit.scenario.mode_choice], CHOICES, _not_all_pieces)
    by_mode = choose(modes, place, cargo, shares, goal)
    load = Load(f"{by}/{place}", name, "", {}, rank_of_flow(kit.scenario, flow), place, place, goal, flow=flow)
    last = taken.setdefault(place, Counter())
    return Consignment(modes, load, by_mode, goal.exits, last.copy(), last)


def rank_of_flow(scenario: Scenario, flow: Flow) -> Rank:
    """The rank of what moves for a flow: the lower goes first."""
    required_h = math.inf if flow.required_day is None else in_hours(flow.required_day)
    return (scenario.priority_of(flow.task), flow.priority, 0, required_h)


def _airlifts(kit: Kit) -> Iterator[movement.AirliftPlan]:
    """Compile the aircraft that bring the crews of columns."""
    for flow_name, flow in kit.scenario.flows.items():
        for name, airlift in flow.airlifts.items():
            subject = f"{flow_name}/{name}"
            unload = kit.places.work_at(airlift.airport, AIRCRAFT_STANDS, airlift.people)
            yield movement.AirliftPlan(
                subject=subject,
                flow=flow_name,
                rank=rank_of_flow(kit.scenario, flow),
                airport=airlift.airport,
                planned_h=in_hours(airlift.day),
                lateness=kit.sheet.ask("lateness", subject, airlift.lateness_h),
                people=airlift.people,
                unload=unload if unload is not None and unload.hours else None,
                transfer_h=whole_ticks(airlift.transfer_h),
                crews=(flow_name, CREWS),
            )


def _permits(kit: Kit) -> dict[str, movement.PermitPlan]:
    """Compile the border permits that are not in hand."""
    permits = {}
    for name, flow in kit.scenario.flows.items():
        if flow.permit_applied_day is not None:
            lead = kit.permit_lead(name, flow.nation)
            valid_h = math.inf if flow.permit_valid_days is None else in_hours(flow.permit_valid_days)
            permits[name] = movement.PermitPlan(in_hours(flow.permit_applied_day), lead, valid_h)
    return permits


def by_shares(modes: Modes, place: str, cargo: Cargo, allowed: Mapping[str, Shares], to: Destination) -> ByMode:
    """Split pieces as the shares say."""
    return split_over_modes(cargo.pieces, allowed)


def least_closure(modes: Modes, place: str, cargo: Cargo, allowed: Mapping[str, Shares], to: Destination) -> ByMode:
    """Every piece by the mode, of those with a share, by which it is expected to close first.

    What is scarce (a terminal's ramps, a fleet of wagons or trucks, escorts) is busy for as long as the pieces
    that were given to it before need; draws count with their medians. Ships are planned in their order.
    """
    by_mode: ByMode = {}
    arrival_h = cargo.day * 24
    for class_name, count in cargo.pieces.items():
        names = [mode for mode, share in allowed[class_name].items() if share > 0]
        options = {name: _Option(modes[name], place, class_name, to) for name in names}
        for _ in range(count):
            best = min(names, key=lambda mode: options[mode].closes(arrival_h))
            options[best].take(arrival_h)
            lot = by_mode.setdefault(best, {})
            lot[class_name] = lot.get(class_name, 0) + 1
    return by_mode


def _not_all_pieces(
    by_mode: object, modes: Modes, place: str, cargo: Cargo, allowed: Mapping[str, Shares], to: Destination
) -> str:
    if isinstance(by_mode, Mapping) and all(isinstance(pieces, Mapping) for pieces in by_mode.values()):
        counts = [(name, count) for pieces in by_mode.values() for name, count in pieces.items()]
        if all(isinstance(count, int) and count >= 0 for _, count in counts) and to.exits.keys() >= by_mode.keys():
            found = Counter[str]()
            for name, count in counts:
                found[name] += count
            if found == Counter(cargo.pieces):
                return ""
    return f"a dict with a dict by class of the pieces that go by each of {', '.join(to.exits)}: in all {cargo.pieces}"


CHOICES: Mapping[str, Callable[..., ByMode]] = {"shares": by_shares, "least_closure": least_closure}


class _Option:
    """A mode for the pieces of a class: what a piece takes of everything scarce, and the hours on the way."""

    def __init__(self, mode: Mode, port: str, class_name: str, to: Destination) -> None:
        kit = mode.kit
        self.busy = kit.busy_until
        name = mode.kind.name
        beyond_h = to.beyond_h[name].median_h if name in to.beyond_h else 0.0
        way = mode.lone_way()
        try:
            self.way_h = sum(leg.hours for leg in kit.trips.legs(way, port, to.exits[name]))
        except NoRouteError:
            self.way_h = math.inf
        along_beyond_h = 0.0 if mode.needs_beyond(0) is None else beyond_h
        cycle_h = 2 * (self.way_h + along_beyond_h)
        self.takes = dict(_takes(mode, port, class_name, cycle_h))

    def closes(self, arrival_h: float) -> float:
        """When one more piece would close."""
        ready = [max(self.busy.get(key, 0.0), arrival_h) + hours for key, hours in self.takes.items()]
        return max(ready, default=arrival_h) + self.way_h

    def take(self, arrival_h: float) -> None:
        for key, hours in self.takes.items():
            self.busy[key] = max(self.busy.get(key, 0.0), arrival_h) + hours


def _takes(mode: Mode, port: str, class_name: str, cycle_h: float) -> Iterator[tuple[str, float]]:
    """(what is scarce, hours of all of it that a piece takes)."""
    kit = mode.kit
    piece = kit.scenario.classes[class_name]
    there = kit.places.facilities.get((port, mode.kind.loaded_at))
    if there is not None and there.rate_per_h and there.capacity:
        yield f"{port}.{there.name}", piece.handling / (there.rate_per_h * there.capacity)
    pool, at_once = mode.at_once(piece)
    yield pool, cycle_h / at_once if at_once else math.inf


# Compile movement programmes: what is booked, and the hours of the slots that are known beforehand


def programme_plans(kit: Kit, allied: movement.FlowPlans) -> dict[str, movement.ProgrammePlan]:
    """Return the programmes by flow, of those that have one."""
    scenario, plans = kit.scenario, dict[str, movement.ProgrammePlan]()
    for name, programme in scenario.programmes_by_name.items():
        flows = [flow for flow in scenario.flows if scenario.programme_name(flow) == name]
        plan = _programme(kit, name, programme, [row for row in _planned(allied) if row[0] in flows])
        plans |= dict.fromkeys(flows, plan)
    return plans


def _planned(allied: movement.FlowPlans) -> Iterator[tuple[str, float, Lot]]:
    """Yield all lots of flows, each with its flow and the hour for which it is planned to come."""
    for ship in allied.ships:
        yield from ((ship.flow, call.planned_h, lot) for call in ship.calls for lot in call.lots)
    for origin in allied.origins:
        yield from ((origin.flow, origin.ready_h, lot) for lot in origin.lots)


def _programme(kit: Kit, name: str, programme: Programme, lots: list[tuple[str, float, Lot]]) -> movement.ProgrammePlan:
    windows = kit.times.windows(programme.working) or Windows((0.0,), (kit.scenario.horizon_h + 31 * 24,))
    days = tuple(day for hours in zip(windows.opens, windows.closes, strict=True) for day in _days(*hours))
    most = {(movement.ALL_PORTS, mode): number for mode, number in programme.per_day.items()}
    most |= {(port, mode): number for port, there in programme.per_day_at.items() for mode, number in there.items()}
    window, slots = None, _by_day(days, programme)
    if programme.window_days is not None:
        window = movement.WindowPlan(whole_ticks(programme.window_days * 24), days, _loads(lots, most), most)
    elif not slots:
        slots = {key: tuple(movement.evenly(days, number)) for key, number in most.items()}
    return movement.ProgrammePlan(
        name=name,
        start_up=kit.sheet.ask("start-up", name, programme.start_up_h),
        first_h=in_hours(programme.first_day),
        slots=slots,
        rates={key: movement.Rate(None, number) for key, number in most.items()} if window is None else {},
        window=window,
        made_up=programme.missed == "made up",
    )


def _loads(
    lots: list[tuple[str, float, Lot]], most: Mapping[movement.BookingKey, float]
) -> dict[movement.BookingKey, tuple[tuple[float, int], ...]]:
    """Return by booking the loads that are planned, and when. What flies by itself is not booked."""
    loads: defaultdict[movement.BookingKey, defaultdict[float, int]] = defaultdict(lambda: defaultdict(int))
    for _, hour, lot in lots:
        if MODES[lot.mode].network:
            own = (lot.loads_at, lot.mode)
            loads[own if own in most else (movement.ALL_PORTS, lot.mode)][hour] += lot.slots
    return {key: tuple(sorted(of.items())) for key, of in loads.items()}


def _by_day(days: movement.Days, programme: Programme) -> dict[movement.BookingKey, tuple[float, ...]]:
    hours: defaultdict[movement.BookingKey, list[float]] = defaultdict(list)
    for row in programme.slots:
        hours[row.port or movement.ALL_PORTS, row.mode] += _evenly_on_day(days, in_hours(row.day), row.loads)
    return {key: tuple(sorted(there)) for key, there in hours.items()}


def _days(opens: float, closes: float) -> Iterator[tuple[float, float]]:
    """The working days of an opening: itself, or days of 24 hours when it is longer than one."""
    while opens < closes:
        if min(closes, opens + 24) > 0:
            yield opens, min(closes, opens + 24)
        opens += 24


def _evenly_on_day(days: movement.Days, begin_h: float, loads: int) -> list[float]:
    """So many slots on one day, evenly over its working hours; over all of it when it has none."""
    open_hours = [(begin, end) for begin, end, _ in movement.cut(days, begin_h, begin_h + 24)]
    total = math.fsum(closes - opens for opens, closes in open_hours)
    if not total:
        open_hours, total = [(begin_h, begin_h + 24)], 24.0
    hours = []
    for number in range(loads):
        at = (number + 0.5) / loads * total
        for opens, closes in open_hours:
            if at <= closes - opens:
                hours.append(whole_ticks(opens + at))
                break
            at -= closes - opens
    return hours
