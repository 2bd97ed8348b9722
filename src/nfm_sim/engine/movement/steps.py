"""The steps that every mode takes with a lot, each written once."""

import math
from functools import partial

from nfm_sim.engine.movement.mover import Mover
from nfm_sim.engine.queues.pools import Holding
from nfm_sim.engine.world import Steps, World
from nfm_sim.plan.movement import Need, Work
from nfm_sim.record.words import Activity, Kind, Milestone, Rule, whole_ticks

# bound once: in steps that every movement takes, looking an attribute of a class up each time shows
LOAD = Activity.LOAD


def take_along_to_leave(world: World, mover: Mover) -> Steps:
    """Take what goes along in the hours in which the trip may begin: none is held through closed ones."""
    needs, trip = mover.lot.along, mover.lot.trip
    while needs and trip.windows is not None and trip.legs:
        hours = trip.legs[0].hours + trip.legs[0].pass_h
        start = trip.windows.fit(world.now, hours)
        if world.now < start < math.inf:
            mover.log.to(world.now, Activity.MARCH, Kind.WAIT, trip.start, Rule.DRIVING_WINDOW)
            yield world.until(start)
        mover.along += yield from world.take_all(mover, needs, LOAD, mover.lot.loads_at)
        if start == math.inf or trip.windows.fit(world.now, hours) == world.now:
            return
        world.release_all(mover.along)
    mover.along += yield from world.take_all(mover, needs, LOAD, mover.lot.loads_at)


def take_engines(world: World, mover: Mover, away_h: float) -> Steps:
    """Take the locomotives that were earmarked. They will be back in so many hours at the earliest; so many less
    those of loading from now on, a train that begins to load may earmark them."""
    ahead_h = mover.lot.load.hours if mover.lot.load is not None else 0.0
    for want in mover.earmarked:
        if not want.pool.take_now(want.amount, mover.rank):
            mover.log.to(world.now, LOAD, Kind.WAIT, mover.lot.loads_at, want.pool.cause_of(want.amount))
            yield want.pool.take(want.amount, mover.rank, mover)
        want.pool.unmark(want.amount)
        holding = world.hold(want.pool, mover.subject, want.amount)
        holding.due_h = world.now + max(0.0, away_h - ahead_h)
        world.at(holding.due_h, partial(want.pool.expect, holding))
        mover.engines.append(holding)
    mover.earmarked = []


def release_engines(world: World, mover: Mover, hours: float) -> None:
    """Release the locomotives when they are back."""
    for holding in mover.engines:
        world.at(world.now + hours, partial(_return, world, holding))
    mover.engines = []


def _return(world: World, holding: Holding) -> None:
    if holding.due_h <= world.now:
        holding.pool.due_back -= holding.amount
    world.release(holding)


def come_from_afar(world: World, mover: Mover) -> Steps:
    """Come to where the trip begins, from where it was loaded beyond the border."""
    if mover.lot.from_afar is not None:
        mover.log.to(world.now, Activity.FROM_AFAR, Kind.MOVE, mover.lot.origin)
        yield world.pause(world.value[mover.lot.from_afar])


def unload(world: World, mover: Mover) -> Steps:
    """Unload at a terminal where the way ends, into the yard there when a ship is to take it on."""
    lot = mover.lot
    if lot.embarkation is not None:
        yards = lot.embarkation.yards
        mover.yards += yield from world.take_all(mover, yards, Activity.UNLOAD, lot.exit, Kind.BLOCKED)
        guards = lot.embarkation.guards
        on_post, _ = yield from world.man(mover, guards, lot.pieces, Activity.UNLOAD, lot.exit, Kind.BLOCKED)
        mover.yards += on_post
    masses = (yield from take_explosives(world, mover, Activity.UNLOAD, lot.exit)) if lot.explosives else []
    yield from use(world, mover, lot.unload, Activity.UNLOAD, lot.exit)
    world.release_all(masses)


def take_explosives(world: World, mover: Mover, activity: str, place: str) -> Steps:
    """Take what a movement has of the net explosive mass that may be at a place, unless it stands there with it; return
    the holdings."""
    masses = [
        Need(key, whole_ticks(each * mover.lot.pieces))
        for key, each in mover.lot.explosives
        if key[0] == place and all(yard.pool is not world.pools.get(key) for yard in mover.yards)
    ]
    return (yield from world.take_all(mover, masses, activity, place))


def use(world: World, mover: Mover, work: Work | None, activity: str, place: str) -> Steps:
    """Pass a facility: hold one of it for as long as the work takes."""
    if work is not None:
        one = yield from world.take(mover, work.pool, 1, activity, place)
        yield from world.work(mover.log, activity, place, work.hours, work.windows, one)
        world.release(one)


def close(world: World, mover: Mover) -> None:
    """A lot closes at its exit."""
    log = world.logs[mover.subject]
    log.mark(world.now, Milestone.CLOSED, mover.lot.exit)
    log.close(world.now)
