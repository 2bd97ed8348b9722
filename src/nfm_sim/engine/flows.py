"""Compile allied flows: ships with their calls, the ports that they may divert to, airlifts and permits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from nfm_sim.engine import calls
from nfm_sim.engine.compiler import Compiler
from nfm_sim.engine.loads import Load, compile_lot, lots_of
from nfm_sim.engine.lots import interleave
from nfm_sim.engine.mode_choice import MODE_CHOICE
from nfm_sim.engine.plan import AirliftPlan, CallPlan, PermitPlan, PoolPlan, ShipPlan, Work
from nfm_sim.engine.pools import Rank
from nfm_sim.engine.ticks import whole_ticks
from nfm_sim.scenario.model import Call, Flow, Ship

GEAR = {"roro": "ramps", "lolo": "cranes"}
"""The facility that a ship is discharged over, by kind of ship."""


def ship_plan(compiler: Compiler, flow_name: str, flow: Flow, ship_name: str, ship: Ship) -> ShipPlan:
    """Compile a ship with its calls, and what it would do at the ports that it may divert to."""
    subject, gear = f"{flow_name}/{ship_name}", GEAR[ship.kind]
    before: Counter[tuple[str, str]] = Counter()  # lots by port and mode of earlier calls
    plans = []
    for call in ship.calls:
        loads = list(_loads(compiler, flow_name, flow, subject, call, gear, before))
        before.update((call.port, load.mode) for load in loads)
        lots = tuple(compile_lot(compiler, load) for load in loads)
        elsewhere: dict[str, CallPlan] = {}
        for port, sail_h in flow.diverts_to.items():
            if port != call.port:
                rate = _facilities(compiler, port, gear)
                over = (replace(load, origin=port, loads_at=port, discharge_per_h=rate) for load in loads)
                others = tuple(compile_lot(compiler, load, planned=False) for load in over)
                elsewhere[port] = CallPlan(port, 0.0, whole_ticks(sail_h), others, diverted=True)
        plans.append(CallPlan(call.port, whole_ticks(call.day * 24), whole_ticks(call.sail_h), lots, elsewhere))
    first, last = ship.calls[0].port, ship.calls[-1].port
    compiler.subject(subject, "ship", flow_name, "ship", None, 0, first, last, task=flow.task)
    lateness = compiler.sheet.ask("lateness", subject, ship.lateness_h)
    return ShipPlan(subject, _rank(compiler, flow), ship.length_m, ship.gangs, gear, lateness, tuple(plans))


def _loads(
    compiler: Compiler,
    flow_name: str,
    flow: Flow,
    ship: str,
    call: Call,
    gear: str,
    before: Mapping[tuple[str, str], int],
) -> Iterator[Load]:
    """The pieces of a call as they will move, in the order in which they are discharged."""
    shares = {**compiler.scenario.shares, **flow.shares, **call.shares}
    destination = call.destination or flow.destination
    goal = compiler.scenario.destinations[destination]
    choose = MODE_CHOICE[compiler.scenario.mode_choice]
    by_mode = choose(compiler, call, shares, goal)
    rate = _facilities(compiler, call.port, gear)
    lots = {mode: lots_of(compiler, mode, pieces, call.port, goal.exits[mode]) for mode, pieces in by_mode.items()}
    for mode, number, pieces in interleave(lots):
        yield Load(
            name=f"{ship}/{call.port}/{mode}-{before.get((call.port, mode), 0) + number + 1:03d}",
            part_of=flow_name,
            mode=mode,
            pieces=pieces,
            rank=_rank(compiler, flow),
            origin=call.port,
            loads_at=call.port,
            destination=destination,
            required_h=None if flow.required_day is None else flow.required_day * 24,
            task=flow.task,
            discharge_per_h=rate,
            flow=flow,
        )


def _facilities(compiler: Compiler, port: str, gear: str) -> float:
    """List what a ship uses at a port, and return the rate of its ramps or cranes."""
    for facility in ("berths", "quay_m", "gangs"):
        compiler.facility(port, facility)
    return compiler.facility(port, gear) or math.inf


def _rank(compiler: Compiler, flow: Flow) -> Rank:
    required_h = math.inf if flow.required_day is None else flow.required_day * 24
    return (compiler.task_priority(flow.task), flow.priority, 0, required_h)


def airlifts(compiler: Compiler) -> Iterator[AirliftPlan]:
    """Compile the aircraft that bring the crews of columns, and list the pools that these make."""
    for flow_name, flow in compiler.scenario.flows.items():
        if not flow.airlifts:
            continue
        crews = f"{flow_name}.crews"
        compiler.pools[crews] = PoolPlan("crews", flow_name, "people", 0.0)
        for name, airlift in flow.airlifts.items():
            subject = f"{flow_name}/{name}"
            rate = compiler.facility(airlift.airport, "aircraft_stands")
            unload = None
            if rate:
                key = f"{airlift.airport}.aircraft_stands"
                unload = Work(key, whole_ticks(airlift.people / rate), None)
            compiler.subject(
                *(subject, "airlift", flow_name, "airlift", None, 0, airlift.airport, ""),
                personnel=airlift.people,
                task=flow.task,
            )
            yield AirliftPlan(
                subject=subject,
                rank=_rank(compiler, flow),
                airport=airlift.airport,
                planned_h=whole_ticks(airlift.day * 24),
                lateness=compiler.sheet.ask("lateness", subject, airlift.lateness_h),
                people=float(airlift.people),
                unload=unload,
                transfer_h=whole_ticks(airlift.transfer_h),
                crews=crews,
            )


def _lead(compiler: Compiler, name: str, flow: Flow) -> tuple[tuple[float, int | None], ...]:
    """(hour, draw) of how long a permit takes, the last first; the regime of hour 0 held before it too."""
    lead = calls.permits(compiler, name, flow.nation)
    if lead and lead[-1][0] <= 0:
        return (*lead[:-1], (-math.inf, lead[-1][1]))
    return (*lead, (-math.inf, None))


def flow_permits(compiler: Compiler) -> dict[str, PermitPlan]:
    """Compile the border permits that are not in hand."""
    return {
        name: PermitPlan(
            applied_h=whole_ticks(flow.permit_applied_day * 24),
            lead=_lead(compiler, name, flow),
            valid_h=math.inf if flow.permit_valid_days is None else whole_ticks(flow.permit_valid_days * 24),
        )
        for name, flow in compiler.scenario.flows.items()
        if flow.permit_applied_day is not None
    }
