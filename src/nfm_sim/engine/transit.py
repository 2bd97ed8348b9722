"""Allied transit: a ship arrives, is discharged lot by lot into the yard, and every lot moves to its border."""

from __future__ import annotations

from collections import deque

from simpy import AllOf, Event

from nfm_sim.engine.modes import MODES
from nfm_sim.engine.plan import AirliftPlan, CallPlan, ShipPlan
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
        yield from held_up(world, ship, log)
        last = yield from call_at(world, ship, call, log)
    log.mark(world.now, "discharged", last)
    log.close(world.now)


def held_up(world: World, ship: ShipPlan, log: Log) -> Steps:
    """Lose the hours of disruptions that have met the ship on its way."""
    while ship.subject in world.held_up:
        hours, cause = world.held_up.pop(ship.subject)
        log.to(world.now, "arrive", "wait", ship.calls[0].port, cause)
        yield world.pause(hours)


def call_at(world: World, ship: ShipPlan, planned: CallPlan, log: Log) -> Steps:
    """One port call: take a berth, discharge with the ship's gangs side by side, and leave; return the port.

    When the port is lost the ship sails with what it still has to the port of the flow's where it can begin
    first, if that is sooner than when its own opens again.
    """
    call = planned
    hold = deque(range(len(planned.lots)))
    while hold:
        cargo = [world.logs[planned.lots[number].subject] for number in hold]
        in_ship = Together([log, *cargo])
        other = divert(world, planned, call)
        if other is not None:
            in_ship.to(world.now, "divert", "move", other.port, world.lost[call.port][1])
            call = other
            yield world.pause(call.sail_h)
            continue
        port = call.port
        lost = world.port_lost(port) if planned.elsewhere else None
        in_ship.to(world.now, "discharge", "wait", port, "turn in the ship")
        quay = yield from world.take(
            ship.subject, in_ship, ship.rank, f"{port}.quay_m", ship.length_m, "arrive", port, unless=lost
        )
        berth = yield from world.take(
            ship.subject, in_ship, ship.rank, f"{port}.berths", 1, "arrive", port, unless=lost
        )
        if lost is None or not lost.triggered:
            in_ship.to(world.now, "discharge", "wait", port, "turn in the ship")
            gangs = [world.env.process(discharge(world, ship, call, hold, log, lost)) for _ in range(ship.gangs)]
            yield AllOf(world.env, gangs)
        world.give(berth)
        world.give(quay)
    return call.port


def divert(world: World, planned: CallPlan, call: CallPlan) -> CallPlan | None:
    """The port to sail to when this one is lost: where discharge can begin first; None to stay."""
    wait_h = world.lost_for(call.port)
    if not wait_h:
        return None
    others = [other for other in planned.elsewhere.values() if other is not call]
    best = min(others, key=lambda other: max(other.sail_h, world.lost_for(other.port)), default=None)
    if best is None or max(best.sail_h, world.lost_for(best.port)) >= wait_h:
        return None
    return best


def discharge(
    world: World, ship: ShipPlan, call: CallPlan, hold: deque[int], ship_log: Log, lost: Event | None
) -> Steps:
    """One gang: lot after lot from the hold into the yard, until the hold is empty or the port is lost.

    A full yard stops it. The ramp or crane is taken for each lot, after its place in the yard: a gang that held
    a crane before a full yard would keep the barges from loading that empty it. The ship's log follows the gang
    that changed last.
    """
    port = call.port
    gang = yield from world.take(
        ship.subject, ship_log, ship.rank, f"{port}.gangs", 1, "discharge", port, unless=lost
    )
    while hold and not (lost is not None and lost.triggered):
        lot = call.lots[hold.popleft()]
        log = world.logs[lot.subject]
        both = Together([log, ship_log])
        yards = []
        for key, amount in lot.yards:
            yard = yield from world.take(
                lot.subject, both, lot.rank, key, amount, "discharge", port, "blocked", unless=lost
            )
            yards.append(yard)
        gear = yield from world.take(
            ship.subject, both, ship.rank, f"{port}.{ship.gear}", 1, "discharge", port, unless=lost
        )
        if lost is not None and lost.triggered and gear is None:
            hold.appendleft(call.lots.index(lot))
            world.give_all(yards)
            break
        yield from world.work(both, "discharge", port, lot.discharge_h, world.plan.shifts)
        world.give(gear)
        if call.diverted:
            world.diverted[lot.subject] = port
        mover = Mover(lot, log, [yard for yard in yards if yard is not None])
        world.env.process(transit(world, mover))
    world.give(gang)


def transit(world: World, mover: Mover) -> Steps:
    """A lot in the yard is cleared, moves to its border, and closes there."""
    lot, log = mover.lot, mover.log
    yield from world.use(mover, lot.documents, "documents", lot.origin)
    if lot.permit:
        while (hour := world.permitted(lot.permit)) > world.now:
            log.to(world.now, "permit", "wait", lot.origin, "border permit")
            yield world.until(hour)
    yield from move_out(world, mover)
    log.mark(world.now, "closed", lot.exit)
    log.close(world.now)


def move_out(world: World, mover: Mover) -> Steps:
    """Move by the lot's mode to its exit; what went along comes back empty."""
    lot = mover.lot
    yield from MODES[lot.mode](world, mover)
    beyond_h = world.value[lot.beyond_assets] if lot.beyond_assets is not None else 0.0
    world.give_later(mover.assets, 2 * beyond_h + lot.back_h)


def fly_in(world: World, airlift: AirliftPlan) -> Steps:
    """An aircraft brings people, who go by bus to their port and wait there for their vehicles."""
    airport = airlift.airport
    log = world.open_log(airlift.subject, airlift.planned_h, "arrive", "wait", airport, "lateness")
    yield world.until(airlift.planned_h + world.value[airlift.lateness])
    if airlift.unload is not None:
        stand = yield from world.take(
            airlift.subject, log, airlift.rank, airlift.unload.pool, 1, "arrive", airport
        )
        yield from world.work(log, "disembark", airport, airlift.unload.hours, None)
        world.give(stand)
    log.to(world.now, "transfer", "move", airport)
    yield world.pause(airlift.transfer_h)
    world.pools[airlift.crews].grow(airlift.people)
    log.mark(world.now, "married up", airport)
    log.close(world.now)
