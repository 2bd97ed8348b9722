"""Tables that follow from the parts of a plan: its subjects, and the pools on which anything in it draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import polars as pl

from nfm_sim.compile.compiler import Compiler
from nfm_sim.compile.loads import CREWS
from nfm_sim.kinds.facilities import AIRCRAFT_STANDS
from nfm_sim.network import Facility
from nfm_sim.plan.forces import ElementPlan, FormationPlan
from nfm_sim.plan.movement import Lot, Need, PoolKey
from nfm_sim.plan.plan import PoolPlan
from nfm_sim.plan.transit import AirliftPlan, OriginPlan, ShipPlan
from nfm_sim.record.tables import SUBJECTS
from nfm_sim.record.ticks import whole_ticks
from nfm_sim.record.words import CauseKind, What
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.model import Pool

Row = dict[str, Any]


def subjects_table(
    scenario: Scenario,
    ships: Iterable[ShipPlan],
    origins: Iterable[OriginPlan],
    elements: Iterable[ElementPlan],
    formations: Iterable[FormationPlan],
    airlifts: Iterable[AirliftPlan],
) -> pl.DataFrame:
    """Return the table of all that has spans, a row each, without the column of replications.

    Their names differ, because no name in a scenario holds a "/" and flows, elements and formations have names of
    their own: `scenario.check` sees to it.
    """
    rows = [
        *chain.from_iterable(_ship(scenario, ship) for ship in ships),
        *({**_movement(lot, of.flow), **_of_flow(scenario, of.flow)} for of in origins for lot in of.lots),
        *chain.from_iterable(_element(scenario, element) for element in elements),
        *({"subject": formation.subject, "what": What.FORMATION} for formation in formations),
        *(_airlift(scenario, airlift) for airlift in airlifts),
    ]
    empty = {"part_of": "", "mode": "", "pieces": 0, "origin": "", "destination": "", "capability": "", "task": ""}
    full = [{**empty, **row} for row in rows]
    schema = {column: kind for column, kind in SUBJECTS.items() if column != "replication"}
    return pl.DataFrame({column: [row.get(column) for row in full] for column in schema}, schema=schema)


def _ship(scenario: Scenario, ship: ShipPlan) -> Iterator[Row]:
    flow = _of_flow(scenario, ship.flow)
    for call in ship.calls:
        yield from ({**_movement(lot, ship.flow), **flow} for lot in call.lots)
    yield {
        "subject": ship.subject,
        "what": What.SHIP,
        "part_of": ship.flow,
        "mode": "ship",
        "origin": ship.calls[0].port,
        "destination": ship.calls[-1].port,
        "task": flow["task"],
    }


def _of_flow(scenario: Scenario, name: str) -> Row:
    flow = scenario.flows[name]
    return {"required_h": _hours(flow.required_day), "task": flow.task}


def _element(scenario: Scenario, plan: ElementPlan) -> Iterator[Row]:
    element = scenario.elements[plan.subject]
    yield from ({**_movement(lot, plan.subject), "task": scenario.activation.task} for lot in plan.lots)
    yield {
        "subject": plan.subject,
        "what": What.ELEMENT,
        "part_of": element.parent,
        "tier": element.tier,
        "pieces": sum(element.pieces.values()),
        "origin": plan.home,
        "destination": plan.area,
        "deadline_h": _hours(None if element.tier is None else scenario.deadline_days[element.tier]),
        "required_h": _hours(element.wanted_day),
        "notice_h": _hours(element.notice_to_move_days),
        "capability": element.capability,
        "personnel": element.personnel,
    }


def _movement(lot: Lot, part_of: str) -> Row:
    return {
        "subject": lot.subject,
        "what": What.MOVEMENT,
        "part_of": part_of,
        "mode": lot.mode,
        "pieces": lot.pieces,
        "origin": lot.origin,
        "destination": lot.exit,
    }


def _airlift(scenario: Scenario, airlift: AirliftPlan) -> Row:
    return {
        "subject": airlift.subject,
        "what": What.AIRLIFT,
        "part_of": airlift.flow,
        "mode": "airlift",
        "origin": airlift.airport,
        "personnel": airlift.people,
        "task": scenario.flows[airlift.flow].task,
    }


def _hours(days: float | None) -> float | None:
    return None if days is None else days * 24


def pool_plans(
    compiler: Compiler,
    ships: Sequence[ShipPlan],
    origins: Sequence[OriginPlan],
    elements: Sequence[ElementPlan],
    airlifts: Sequence[AirliftPlan],
) -> dict[PoolKey, PoolPlan]:
    """Return the national pools, and the facilities that anything uses, in the order in which it does."""
    pools = {("", name): _national(compiler, name, pool) for name, pool in compiler.scenario.pools.items()}
    calls = [(ship, call) for ship in ships for planned in ship.calls for call in planned.anywhere()]
    needs = chain(
        chain.from_iterable(
            chain(ship.needs(call.port), chain.from_iterable(lot.needs() for lot in call.lots)) for ship, call in calls
        ),
        chain.from_iterable(lot.needs() for origin in origins for lot in origin.lots),
        chain.from_iterable(_needs_of_element(element) for element in elements),
    )
    used = chain((need.pool for need in needs), compiler.stopping_places())
    for key in dict.fromkeys(used):
        there = compiler.facilities.get(key)
        if there is not None:
            pools[key] = _facility(there)
    for airlift in airlifts:
        pools[airlift.crews] = PoolPlan(CREWS, airlift.flow, "people", 0.0)
        stands = compiler.facilities.get((airlift.airport, AIRCRAFT_STANDS))
        if stands is not None:
            pools[airlift.airport, AIRCRAFT_STANDS] = _facility(stands)
    return pools


def _facility(there: Facility) -> PoolPlan:
    return PoolPlan(there.name, there.node, there.unit, there.capacity, kind=CauseKind.FACILITY)


def _national(compiler: Compiler, name: str, pool: Pool) -> PoolPlan:
    """A national pool, with what comes in later; reservists come from the first regime that calls them up."""
    called = [start.day for start, regime in compiler.regimes if regime.call_up]
    first = (min(called) if called else None) if pool.call_up else 0.0
    arrivals = () if first is None else tuple((whole_ticks((first + a.day) * 24), a.amount) for a in pool.arrivals)
    return PoolPlan(name, "", pool.unit, pool.capacity, pool.people, arrivals)


def _needs_of_element(element: ElementPlan) -> Iterator[Need]:
    for lot in element.lots:
        yield from lot.needs()
    for step in element.stages:
        yield from step.stage.needs()
