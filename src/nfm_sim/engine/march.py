"""Moving over links: leg by leg with a credit for each, with rests, lockages, and what turns a movement back."""

from __future__ import annotations

from simpy import Interrupt

from nfm_sim.engine.control import Credit, TakenBack
from nfm_sim.engine.plan import Breakdown, Leg, Rest, Trip
from nfm_sim.engine.routing import ROUTING
from nfm_sim.engine.world import Mover, Steps, World


def march(world: World, mover: Mover, trip: Trip) -> Steps:
    """Move from holding node to holding node: wait there for the credit, then go without a stop.

    A movement that loses its credit turns back to where it last stood, or leaves at the next junction when it is
    a lorry, and takes what the scenario's routing finds best from there.
    """
    choose = ROUTING[world.plan.routing]
    at, todo = trip.start, trip.legs
    driven = [0.0] * len(trip.rests)
    bumped: TakenBack | None = None
    so_far = pass_h = 0.0
    breakdown = mover.lot.breakdown
    if breakdown is not None and world.value[breakdown.happens] > breakdown.chance:
        breakdown = None
    while at != trip.goal:
        todo = choose(world, trip, at, todo)
        if trip.rests:
            yield from _rest(world, mover, trip.rests, todo, driven)
        credit = world.control.book(mover, todo[0], trip.windows)
        try:
            yield from _drive(world, mover, credit, bumped)
        except Interrupt as interrupt:
            why: TakenBack = interrupt.cause  # type: ignore[assignment]
            bumped = why if why.bumped is not None else None
            todo = yield from _lose(world, mover, credit, todo, why)
            at = todo[0].start
            continue
        world.control.done(credit)
        bumped = None
        if trip.rests:
            driven = [hours + credit.leg.hours for hours in driven]
        so_far += credit.leg.hours
        if breakdown is not None and world.value[breakdown.after_h] < so_far:
            yield from _recover(world, mover, credit, breakdown)
            breakdown = None
        at, pass_h, todo = credit.leg.end, credit.leg.pass_h, todo[1:]
        if at in world.plan.lockage_h and at != trip.goal:
            yield from _lock_through(world, mover, at)
    if pass_h:
        mover.log.to(world.env.now, "march", "move", at)
        yield world.env.timeout(pass_h)


def _drive(world: World, mover: Mover, credit: Credit, why: TakenBack | None) -> Steps:
    """Wait for the start of a leg, and drive it. Of one that was bumped, what it waits beyond its turn is due to
    that."""
    env, leg = world.env, credit.leg
    if why is not None and why.bumped is not None:
        turn = min(why.bumped.start, credit.start)
        if turn > env.now:
            mover.log.to(env.now, "march", "wait", leg.start, why.bumped.cause)
            yield env.timeout(turn - env.now)
        credit.cause = why.cause
    if credit.start > env.now:
        mover.log.to(env.now, "march", "wait", leg.start, credit.cause)
        yield env.timeout(credit.start - env.now)
    credit.departed = True
    mover.log.to(env.now, "march", "move", leg.end)
    credit.number = len(world.departures)
    world.departures.append((mover.lot.subject, leg.number, env.now))
    yield env.timeout(leg.hours)


def _lose(world: World, mover: Mover, credit: Credit, todo: tuple[Leg, ...], why: TakenBack) -> Steps:
    """Lose a credit; return the legs that are still planned, from where the movement stands then."""
    env, leg = world.env, credit.leg
    if not why.under_way:
        return todo
    elapsed = env.now - credit.start
    world.departures[credit.number] = None
    if leg.slots:
        mover.log.to(env.now, "turn back", "move", leg.start, why.cause)
        yield env.timeout(elapsed)
        return todo
    driven, ahead = world.plan.book.cut_at_junction(leg, elapsed)
    world.departures.append((mover.lot.subject, driven.number, credit.start))
    mover.log.to(env.now, "march", "move", driven.end)
    yield env.timeout(max(0.0, driven.hours - elapsed))
    return (ahead, *todo[1:])


def _recover(world: World, mover: Mover, credit: Credit, breakdown: Breakdown) -> Steps:
    """A column that had a breakdown on its leg waits at the end of it for the vehicle that is recovered."""
    log, leg, hours = mover.log, credit.leg, world.value[breakdown.recovery]
    log.to(world.now, "recovery", "wait", leg.end, "breakdown")
    if world.value[breakdown.blocks] < breakdown.blocked_share:
        last = world.plan.book.leg_links[leg.number][-1].link
        world.control.close([last], world.now, world.now + hours, "breakdown", 0.5)
    yield world.pause(hours)


def _rest(
    world: World, mover: Mover, rests: tuple[Rest, ...], todo: tuple[Leg, ...], driven: list[float]
) -> Steps:
    """Rest here when the next place to rest is too far. Rests stand in rising order; a long one serves for all
    that are shorter."""
    at, lot = todo[0].start, mover.lot
    for number in reversed(range(len(rests))):
        rest = rests[number]
        if not driven[number] or driven[number] + _to_next(world, rest, todo) <= rest.after_h:
            continue
        key, beds = f"{at}.{rest.facility}", rest.per_vehicle * lot.pieces
        holding = yield from world.take(lot.subject, mover.log, lot.rank, key, beds, rest.activity, at)
        yield from world.work(mover.log, rest.activity, at, rest.hours, None)
        world.give(holding)
        driven[: number + 1] = [0.0] * (number + 1)
        return


def _to_next(world: World, rest: Rest, todo: tuple[Leg, ...]) -> float:
    """Hours to the next place where this rest can be had; 0 when it cannot be had here but further on."""
    has = [not rest.facility or f"{leg.start}.{rest.facility}" in world.pools for leg in todo]
    if not has[0] and any(has):
        return 0.0
    hours = 0.0
    for leg, there in zip(todo, (*has[1:], True), strict=True):
        hours += leg.hours
        if there:
            break
    return hours


def _lock_through(world: World, mover: Mover, lock: str) -> Steps:
    """Wait for the civil barges before it and for a chamber, in the hours in which the lock is open."""
    lot, log = mover.lot, mover.log
    if lock in lot.civil_queue:
        log.to(world.env.now, "lockage", "wait", lock, "civil barges")
        yield world.pause(world.value[lot.civil_queue[lock]])
    chamber = yield from world.take(lot.subject, log, lot.rank, f"{lock}.chambers", 1, "lockage", lock)
    work = world.plan.lockage_h[lock]
    yield from world.work(log, "lockage", lock, work.hours, work.windows)
    world.give(chamber)
