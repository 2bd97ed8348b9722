"""Compile allied flows: ships with their calls, the ports that they may divert to, airlifts and permits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from nfm_sim.compile import mode_choice
from nfm_sim.compile.kit import Kit
from nfm_sim.compile.loads import CREWS, Load
from nfm_sim.compile.lots import interleave
from nfm_sim.compile.modes import Mode
from nfm_sim.kinds import MODE_CHOICES, SHIPS, function_of
from nfm_sim.kinds.facilities import AIRCRAFT_STANDS
from nfm_sim.plan.movement import Rank, Work
from nfm_sim.plan.timeline import Timeline
from nfm_sim.plan.transit import AirliftPlan, CallPlan, OriginPlan, PermitPlan, ShipPlan
from nfm_sim.record.ticks import in_hours, whole_ticks
from nfm_sim.scenario.flows import Cargo, Flow, Origin, Ship


@dataclass(frozen=True, slots=True)
class FlowPlans:
    """The allied flows of a plan."""

    planned: tuple[ShipPlan, ...]
    """All ships, those that are cancelled too."""
    ships: tuple[ShipPlan, ...]
    """Those that sail."""
    origins: tuple[OriginPlan, ...]
    airlifts: tuple[AirliftPlan, ...]
    permits: dict[str, PermitPlan]
    """By flow, those that are not in hand."""


def compile_transit(kit: Kit, modes: Mapping[str, Mode]) -> FlowPlans:
    """Compile all allied flows."""
    flows = kit.scenario.flows
    planned = [
        (_ship_plan(kit, modes, flow_name, flow, ship_name, ship), ship.cancelled)
        for flow_name, flow in flows.items()
        for ship_name, ship in flow.ships.items()
    ]
    origins = [
        _origin_plan(kit, modes, flow_name, flow, name, origin)
        for flow_name, flow in flows.items()
        for name, origin in flow.origins.items()
    ]
    return FlowPlans(
        tuple(ship for ship, _ in planned),
        tuple(ship for ship, cancelled in planned if not cancelled),
        tuple(origins),
        tuple(_airlifts(kit)),
        _permits(kit),
    )


def _ship_plan(kit: Kit, modes: Mapping[str, Mode], flow_name: str, flow: Flow, ship_name: str, ship: Ship) -> ShipPlan:
    """Compile a ship with its calls, and what it would do at the ports that it may divert to."""
    subject, kind = f"{flow_name}/{ship_name}", SHIPS[ship.kind]
    before: Counter[tuple[str, str]] = Counter()  # lots by port and mode of earlier calls
    plans = []
    for call in ship.calls:
        per_h = kit.places.rate_per_h(call.port, kind.gear)
        discharge_per_h = ship.drives_off_per_h if kind.own_crews else per_h
        loads = [
            replace(load, discharge_per_h=discharge_per_h, crewed=kind.own_crews)
            for load in _loads(kit, modes, flow_name, flow, subject, call.port, call, before)
        ]
        before.update((call.port, load.mode) for load in loads)
        lots = tuple(modes[load.mode].compile(load) for load in loads)
        elsewhere: dict[str, CallPlan] = {}
        for port, sail_h in flow.diverts_to.items():
            if port != call.port:
                rate = ship.drives_off_per_h if kind.own_crews else kit.places.rate_per_h(port, kind.gear)
                over = (replace(load, origin=port, loads_at=port, discharge_per_h=rate) for load in loads)
                others = tuple(modes[load.mode].compile(load) for load in over)
                elsewhere[port] = CallPlan(port, 0.0, whole_ticks(sail_h), others, diverted=True)
        plans.append(
            CallPlan(
                call.port,
                whole_ticks(call.day * 24),
                whole_ticks(call.sail_h),
                lots,
                takes=call.takes,
                sails_h=math.inf if call.sails_day is None else whole_ticks(call.sails_day * 24),
                loading_h=1 / per_h,
                elsewhere=elsewhere,
            )
        )
    return ShipPlan(
        subject=subject,
        flow=flow_name,
        rank=_rank(kit, flow),
        length_m=ship.length_m,
        gangs=ship.gangs,
        gear=kind.gear,
        own_crews=kind.own_crews,
        lateness=kit.sheet.ask("lateness", subject, ship.lateness_h),
        calls=tuple(plans),
    )


def _origin_plan(
    kit: Kit, modes: Mapping[str, Mode], flow_name: str, flow: Flow, name: str, origin: Origin
) -> OriginPlan:
    """Compile pieces that stand ready at a place."""
    loads = _loads(kit, modes, flow_name, flow, f"{flow_name}/{name}", origin.place, origin, {})
    over = [replace(load, by_ship=False, from_h=origin.from_h.get(load.mode)) for load in loads]
    lots = tuple(modes[load.mode].compile(load) for load in over)
    return OriginPlan(flow_name, origin.place, whole_ticks(origin.day * 24), lots)


def _loads(
    kit: Kit,
    modes: Mapping[str, Mode],
    flow_name: str,
    flow: Flow,
    by: str,
    place: str,
    cargo: Cargo,
    before: Mapping[tuple[str, str], int],
) -> Iterator[Load]:
    """The pieces of a cargo as they will move, in the order in which they come."""
    shares = {**kit.scenario.shares, **flow.shares, **cargo.shares}
    destination = cargo.destination or flow.destination
    goal = kit.scenario.destinations[destination]
    choose = function_of(MODE_CHOICES[kit.scenario.mode_choice], mode_choice.OURS)
    by_mode = choose(modes, place, cargo, shares, goal)
    lots = {mode: modes[mode].lots_of(pieces, place, goal.exits[mode]) for mode, pieces in by_mode.items()}
    for mode, number, pieces in interleave(lots):
        yield Load(
            name=f"{by}/{place}/{mode}-{before.get((place, mode), 0) + number + 1:03d}",
            part_of=flow_name,
            mode=mode,
            pieces=pieces,
            rank=_rank(kit, flow),
            origin=place,
            loads_at=place,
            destination=destination,
            flow=flow,
        )


def _rank(kit: Kit, flow: Flow) -> Rank:
    required_h = math.inf if flow.required_day is None else in_hours(flow.required_day)
    return (kit.scenario.priority_of(flow.task), flow.priority, 0, required_h)


def _airlifts(kit: Kit) -> Iterator[AirliftPlan]:
    """Compile the aircraft that bring the crews of columns."""
    for flow_name, flow in kit.scenario.flows.items():
        for name, airlift in flow.airlifts.items():
            subject = f"{flow_name}/{name}"
            stands = kit.places.facilities.get((airlift.airport, AIRCRAFT_STANDS))
            unload = None
            if stands is not None and stands.rate_per_h:
                unload = Work((airlift.airport, AIRCRAFT_STANDS), whole_ticks(airlift.people / stands.rate_per_h), None)
            yield AirliftPlan(
                subject=subject,
                flow=flow_name,
                rank=_rank(kit, flow),
                airport=airlift.airport,
                planned_h=whole_ticks(airlift.day * 24),
                lateness=kit.sheet.ask("lateness", subject, airlift.lateness_h),
                people=airlift.people,
                unload=unload,
                transfer_h=whole_ticks(airlift.transfer_h),
                crews=(flow_name, CREWS),
            )


def _permits(kit: Kit) -> dict[str, PermitPlan]:
    """Compile the border permits that are not in hand."""
    return {
        name: PermitPlan(
            applied_h=whole_ticks(flow.permit_applied_day * 24),
            lead=_lead(kit, name, flow),
            valid_h=math.inf if flow.permit_valid_days is None else whole_ticks(flow.permit_valid_days * 24),
        )
        for name, flow in kit.scenario.flows.items()
        if flow.permit_applied_day is not None
    }


def _lead(kit: Kit, name: str, flow: Flow) -> Timeline[int | None]:
    """How long a permit takes; the regime of hour 0 held before it too."""
    lead = kit.times.permit_lead(kit.sheet, name, flow.nation)
    if lead.steps and lead.steps[-1][0] <= 0:
        return Timeline(lead.steps[:-1], lead.steps[-1][1])
    return lead
