"""The table of all that has spans in a plan."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import polars as pl

from nfm_sim.compile.elements import ForcePlans
from nfm_sim.compile.flows import FlowPlans
from nfm_sim.plan.forces import ElementPlan
from nfm_sim.plan.movement import Lot
from nfm_sim.plan.supply import StockPlan, SupplyPlan
from nfm_sim.plan.transit import AirliftPlan, ShipPlan
from nfm_sim.record import TABLES
from nfm_sim.record.ticks import in_hours
from nfm_sim.record.words import What
from nfm_sim.scenario import Scenario

Row = dict[str, Any]


def subjects_table(
    scenario: Scenario, transit: FlowPlans, forces: ForcePlans, supply: SupplyPlan | None
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
        *chain.from_iterable(_loads(scenario, stock) for stock in (supply.stocks if supply is not None else ())),
        *(_airlift(scenario, airlift) for airlift in transit.airlifts),
    ]
    empty = {"part_of": "", "mode": "", "pieces": 0, "origin": "", "destination": "", "capability": "", "task": ""}
    full = [{**empty, **row} for row in rows]
    schema = {column: kind for column, kind in TABLES["subjects"].items() if column != "replication"}
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
    for (task, _), relief in plan.reliefs.items():
        for lot in (*relief.out, *relief.back):
            yield {**_movement(lot, plan.subject), "what": What.RELIEF, "task": task}
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


def _loads(scenario: Scenario, stock: StockPlan) -> Iterator[Row]:
    """What fills a stock, a row a way; the movements that take place come in its stead."""
    task = scenario.supply.stocks[stock.name].task or scenario.activation.task
    for way in chain.from_iterable(stock.ways.values()):
        yield {**_movement(way.lot, stock.name), "what": What.SUPPLY, "task": task}


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
    return None if days is None else in_hours(days)
