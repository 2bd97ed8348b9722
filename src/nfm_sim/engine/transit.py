"""Allied transit: a ship arrives, is discharged lot by lot into the yard, and every lot moves to its border."""

from __future__ import annotations

from collections.abc import Iterator

from simpy import AllOf

from nfm_sim.engine.modes import MODES
from nfm_sim.engine.plan import CallPlan, Lot, ShipPlan
from nfm_sim.engine.record import Log, Together
from nfm_sim.engine.world import Mover, Steps, World


def sail_in(world: World, ship: ShipPlan) -> Steps:
    """The voyage of a ship: late or not, its calls in order."""
    first = ship.calls[0]
    log = world.open_log(ship.subject, first.planned_h, "arrive", "wait", first.port, "lateness")
    for call in ship.calls:
        for lot in call.lots:
            world.open_log(lot.subject, call.planned_h, "arrive", "wait", call.port, "lateness")
    yield world.until(first.planned_h + world.value[ship.lateness])
    for call in ship.calls:
        if call is not first:
            log.to(world.now, "sail", "move", call.port)
            yield world.pause(call.sail_h)
            if world.now < call.planned_h:
                log.to(world.now, "arrive", "wait", call.port, "ahead of plan")
                yield world.pause(call.planned_h - world.now)
        yield from call_at(world, ship, call, log)
    log.mark(world.now, "discharged", ship.calls[-1].port)
    log.close(world.now)


def call_at(world: World, ship: ShipPlan, call: CallPlan, log: Log) -> Steps:
    """One port call: wait for a berth, discharge with the ship's gangs side by side, and leave."""
    port = call.port
    in_ship = Together([log, *(world.logs[lot.subject] for lot in call.lots)])
    in_ship.to(world.now, "discharge", "wait", port, "turn in the ship")
    berth = yield from world.take(ship.subject, in_ship, ship.rank, f"{port}.berths", 1, "arrive", port)
    in_ship.to(world.now, "discharge", "wait", port, "turn in the ship")
    hold = iter(call.lots)
    gangs = [world.env.process(discharge(world, ship, call, hold, log)) for _ in range(ship.gangs)]
    yield AllOf(world.env, gangs)
    world.give(berth)


def discharge(world: World, ship: ShipPlan, call: CallPlan, hold: Iterator[Lot], ship_log: Log) -> Steps:
    """One gang: lot after lot from the hold into the yard. A full yard stops it.

    The ramp or crane is taken for each lot, after its place in the yard: a gang that held a crane before a full
    yard would keep the barges from loading that empty it. The ship's log follows the gang that changed last.
    """
    port = call.port
    gang = yield from world.take(ship.subject, ship_log, ship.rank, f"{port}.gangs", 1, "discharge", port)
    for lot in hold:
        log = world.logs[lot.subject]
        both = Together([log, ship_log])
        yard = yield from world.take(
            lot.subject, both, lot.rank, f"{port}.yard_m2", lot.yard_m2, "discharge", port, "blocked"
        )
        gear = yield from world.take(ship.subject, both, ship.rank, f"{port}.{ship.gear}", 1, "discharge", port)
        yield from world.work(both, "discharge", port, lot.discharge_h, world.plan.shifts)
        world.give(gear)
        world.env.process(transit(world, Mover(lot, log, yard)))
    world.give(gang)


def transit(world: World, mover: Mover) -> Steps:
    """A lot in the yard moves to its border, and closes there."""
    yield from move_out(world, mover)
    mover.log.mark(world.now, "closed", mover.lot.exit)
    mover.log.close(world.now)


def move_out(world: World, mover: Mover) -> Steps:
    """Move by the lot's mode to its exit; what went along comes back empty."""
    lot = mover.lot
    yield from MODES[lot.mode](world, mover)
    beyond_h = world.value[lot.beyond_assets] if lot.beyond_assets is not None else 0.0
    world.give_later(mover.assets, 2 * beyond_h + lot.back_h)
