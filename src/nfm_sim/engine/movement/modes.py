"""How a lot moves by each mode: what it takes, in which order, and when it gives it up.

A new mode is a function here and a line in `MODES`; `compile/modes` says what it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nfm_sim.engine.movement.march import march
from nfm_sim.engine.movement.mover import Mover, clear_track, leave_yard, load, take_along, take_along_to_leave, use
from nfm_sim.engine.world import Holding, Steps, World
from nfm_sim.plan.movement import BargeLot, ColumnLot, FlightLot, TrainLot, TruckLot
from nfm_sim.record.words import Activity


def train(world: World, mover: Mover[TrainLot]) -> Steps:
    """A train: wagons, a loading track on which it stands until it leaves, a locomotive with its driver, and a path."""
    lot = mover.lot
    if lot.approach is not None:
        escorts: list[Holding] = []
        for key, amount in lot.approach_needs:
            team = yield from world.take(mover, key, amount, Activity.MARCH, lot.origin)
            escorts += [team] if team is not None else []
        yield from march(world, mover, lot.approach)
        world.release_later(escorts, sum(leg.hours for leg in lot.approach.legs))
    yield from take_along(world, mover, lot.needs)
    track = yield from load(world, mover)
    if track is not None:
        mover.stands_on.append(track)
    yield from take_along(world, mover, lot.engines)
    yield from march(world, mover, lot.trip)
    clear_track(world, mover)
    yield from use(world, mover, lot.unload, Activity.UNLOAD, lot.exit)
    if lot.border is not None:
        yield from world.work(mover.log, Activity.BORDER_EXCHANGE, lot.exit, world.value[lot.border], None)
        engines = [world.pools.get(need.pool) for need in lot.engines]
        turns_back = [holding for holding in mover.along if holding.pool in engines]
        mover.along = [holding for holding in mover.along if holding not in turns_back]
        world.release_later(turns_back, lot.back_h)


def column(world: World, mover: Mover[ColumnLot]) -> Steps:
    """A march column: its crews, forming up, its escort when it can leave, the gate, and a credit for every leg."""
    lot = mover.lot
    for crew, number in lot.crew:  # they stay with the vehicles
        yield from world.take(mover, crew, number, Activity.LOAD, lot.loads_at)
    yield from world.work(mover.log, Activity.FORM_UP, lot.loads_at, world.value[lot.prepare], None)
    yield from take_along_to_leave(world, mover, lot.needs, lot.trip)
    yield from use(world, mover, lot.gate, Activity.GATE, lot.origin)
    leave_yard(world, mover)
    yield from march(world, mover, lot.trip)


def truck(world: World, mover: Mover[TruckLot]) -> Steps:
    """Line-haul: trucks are loaded and drive among the civil traffic, without a credit."""
    lot = mover.lot
    yield from take_along(world, mover, lot.needs)
    ramp = yield from load(world, mover)
    world.release(ramp)
    yield from use(world, mover, lot.gate, Activity.GATE, lot.origin)
    yield from march(world, mover, lot.trip)
    yield from use(world, mover, lot.unload, Activity.UNLOAD, lot.exit)


def barge(world: World, mover: Mover[BargeLot]) -> Steps:
    """An inland barge: loaded by crane, and locked through on its way."""
    lot = mover.lot
    yield from take_along(world, mover, lot.needs)
    crane = yield from load(world, mover)
    world.release(crane)
    yield from march(world, mover, lot.trip)
    yield from use(world, mover, lot.unload, Activity.UNLOAD, lot.exit)


def flight(world: World, mover: Mover[FlightLot]) -> Steps:
    """Helicopters: made ready where they landed, and flown off from a spot in daylight."""
    lot = mover.lot
    yield from world.work(mover.log, Activity.MAKE_READY, lot.loads_at, world.value[lot.prepare], None)
    spot = yield from load(world, mover)
    world.release(spot)
    yield from march(world, mover, lot.trip)


MODES: Mapping[str, Callable[[World, Mover[Any]], Steps]] = {
    "train": train,
    "column": column,
    "truck": truck,
    "barge": barge,
    "flight": flight,
}
"""By the name that a scenario gives in `shares`."""


def move_out(world: World, mover: Mover[Any]) -> Steps:
    """Move by the lot's mode to its exit; what went along comes back empty."""
    lot = mover.lot
    yield from MODES[lot.mode](world, mover)
    beyond_h = world.drawn(lot.needs_beyond)
    world.release_later(mover.along, 2 * beyond_h + lot.turn_h + lot.back_h)
