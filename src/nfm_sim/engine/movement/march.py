"""Moving over links: leg by leg with a credit for each, with rests, lockages, and what turns a movement back."""

import math
from dataclasses import replace
from functools import partial

from simpy import Interrupt

from nfm_sim.engine.links.control import Credit, TakenBack
from nfm_sim.engine.movement.losses import lose
from nfm_sim.engine.movement.mover import Mover, of_size
from nfm_sim.engine.movement.steps import use
from nfm_sim.engine.world import Steps, World
from nfm_sim.kinds.modes import WATER
from nfm_sim.plan.movement import Breakdown, Legs, Rest, Trip, Work
from nfm_sim.record.words import Activity, CauseKind, Kind, Rule

# bound once: in steps that every movement takes, looking an attribute of a class up each time shows
LOCKAGE, MARCH, RECOVERY, TURN_BACK = Activity.LOCKAGE, Activity.MARCH, Activity.RECOVERY, Activity.TURN_BACK
MOVE, WAIT = Kind.MOVE, Kind.WAIT


def march(world: World, mover: Mover, trip: Trip) -> Steps:
    """Move from holding node to holding node: wait there for the credit, then go without a stop.

    A movement that loses its credit turns back to where it last stood; one that needs no credit leaves at the next
    junction. Each takes what the scenario's routing finds best from there.
    """
    choose = mover.movements.choose_way
    at, todo = trip.start, trip.legs
    driven = [0.0] * len(trip.rests)
    bumped: TakenBack | None = None
    went_round = ""  # the disruption for which it left its way last
    so_far = pass_h = 0.0
    since = world.env.now  # when it came to where it stands
    may = trip.breakdown
    breakdown = may if may is not None and world.value[may.happens] <= may.chance else None
    while at != trip.goal:
        legs = choose(world.control, trip, at, todo)
        if legs is not todo:
            went_round = _note_detour(world, mover, todo, legs, went_round)
            todo = legs
        if trip.rests:
            _stood(trip.rests, driven, world.env.now - since)
            rest = _due(world, trip.rests, todo, driven)
            if rest is not None:
                yield from _rest(world, mover, rest, todo[0].start)
        credit = world.control.book(mover.lot, todo[0], trip.windows)
        try:
            yield from _drive(world, mover, credit, bumped)
        except Interrupt as interrupt:
            if interrupt.cause is None or mover.is_lost:  # perhaps in the hour in which it has lost its credit too
                raise
            why: TakenBack = interrupt.cause
            bumped = why if why.own_turn is not None else None
            todo = yield from _lose(world, mover, credit, todo, why)
            at = todo[0].start
            if why.under_way:
                _stood(trip.rests, driven, credit.start - since)
                since = world.env.now
                driven = [hours + since - credit.start for hours in driven]
            continue
        world.control.forget(credit)
        bumped = None
        if trip.rests:
            _stood(trip.rests, driven, credit.start - since)
            driven = [hours + credit.leg.hours for hours in driven]
            since = world.env.now
        so_far += credit.leg.hours
        if breakdown is not None and world.value[breakdown.after_h] < so_far:
            yield from _recover(world, mover, credit, breakdown, todo[1:])
            breakdown = None
        at, pass_h, todo = credit.leg.end, credit.leg.pass_h, todo[1:]
        if credit.leg.network == WATER and at in world.plan.lockage_h and at != trip.goal:
            yield from _lock_through(world, mover, trip, at)
    if pass_h:
        mover.log.to(world.env.now, MARCH, MOVE, at)
        yield world.env.timeout(pass_h)


def _note_detour(world: World, mover: Mover, planned: Legs, instead: Legs, before: str) -> str:
    """Put on record that a movement goes another way because of a disruption, and how much longer that is; return the
    disruption. Once it has left its way, what it chooses further on is due to the last that it went round."""
    kind, name = world.control.lost_on(planned)
    disruption = name if kind == CauseKind.DISRUPTION else before
    if disruption:
        extra_h = sum(leg.hours for leg in instead) - sum(leg.hours for leg in planned)
        world.control.detours.append((mover.subject, planned[0].start, disruption, world.now, extra_h))
    return disruption


def _drive(world: World, mover: Mover, credit: Credit, why: TakenBack | None) -> Steps:
    """Wait for the start of a leg, and drive it. A movement that was bumped waits beyond its own turn for the one
    that bumped it."""
    env, leg = world.env, credit.leg
    if why is not None and why.own_turn is not None:
        turn = min(why.own_turn.start, credit.start)
        if turn > env.now:
            mover.log.to(env.now, MARCH, WAIT, leg.start, why.own_turn.cause)
            yield env.timeout(turn - env.now)
        credit.cause = why.cause  # what it waits for beyond its own turn
    if credit.start > env.now:
        mover.log.to(env.now, MARCH, WAIT, leg.start, credit.cause)
        yield env.timeout(credit.start - env.now)
    world.control.departures[credit] = (mover.subject, leg, env.now)
    if mover.stands_on:
        world.release_all(mover.stands_on)
    mover.log.to(env.now, MARCH, MOVE, leg.end)
    yield env.timeout(leg.hours)


def _lose(world: World, mover: Mover, credit: Credit, todo: Legs, why: TakenBack) -> Steps:
    """Lose a credit; return the legs that are still planned, from where the movement stands then."""
    env, leg = world.env, credit.leg
    if not why.under_way:
        return todo
    elapsed = env.now - credit.start
    del world.control.departures[credit]
    if leg.slots:
        mover.log.to(env.now, TURN_BACK, MOVE, leg.start, why.cause)
        yield env.timeout(elapsed)
        return todo
    driven, ahead = world.control.cut_at_junction(leg, elapsed)
    world.control.departures[credit] = (mover.subject, driven, credit.start)
    mover.log.to(env.now, MARCH, MOVE, driven.end)
    yield env.timeout(max(0.0, driven.hours - elapsed))
    return (ahead, *todo[1:])


def _recover(world: World, mover: Mover, credit: Credit, breakdown: Breakdown, ahead: Legs) -> Steps:
    """A column that had a breakdown on its leg waits at the end of it for the vehicle that is recovered; where that
    takes too long, or the vehicle is lost, it goes on without."""
    log, leg, hours = mover.log, credit.leg, world.value[breakdown.recovery]
    log.to(world.now, RECOVERY, WAIT, leg.end, Rule.BREAKDOWN)
    if world.value[breakdown.blocks] < breakdown.blocked_share:
        last = leg.links[-1]
        world.control.close([last], world.now, world.now + hours, Rule.BREAKDOWN, 0.5)
    lost = world.value[breakdown.is_lost] < breakdown.lost_share
    until = world.now if lost else world.now + breakdown.leaves_behind_h
    goes_on = None
    if until < math.inf:
        goes_on = world.env.event()
        world.at(until, goes_on.succeed)
    tug = yield from world.take(mover, breakdown.vehicle, 1, RECOVERY, leg.end, unless=goes_on)
    log.to(world.now, RECOVERY, WAIT, leg.end, Rule.BREAKDOWN)
    recovered = world.now + hours <= until and not lost
    yield world.pause(hours if recovered else until - world.now)
    world.release(tug)
    if lost:
        world.at(world.now, partial(lose, world, mover, 1, Rule.BREAKDOWN))
        yield world.pause(0.0)  # in which one that is alone ends
    elif not recovered:
        yield from _leave_vehicle(world, mover, leg.end, breakdown, ahead)


def _leave_vehicle(world: World, mover: Mover, at: str, breakdown: Breakdown, ahead: Legs) -> Steps:
    """Leave a vehicle behind, which follows when it has been recovered."""
    lot = mover.lot
    recovery = Work(breakdown.vehicle, world.value[breakdown.recovery], None)
    if lot.pieces == 1:
        yield from use(world, mover, recovery, RECOVERY, at)
        return
    one = replace(
        of_size(lot, 1),
        origin=at,
        loads_at=at,
        recovery=recovery,
        trip=lot.trip._replace(start=at, legs=ahead, breakdown=None),
        keeps=(),
        posts=(),
        along=(),
        load=None,
        prepare=None,
        gate=None,
        from_afar=None,
    )
    mover.lot = of_size(lot, lot.pieces - 1)
    mover.movements.pieces[mover.subject] = mover.lot.pieces
    mover.begin_part(mover.movements.leave_behind(mover, one, 1 / lot.pieces))


def _stood(rests: tuple[Rest, ...], driven: list[float], hours: float) -> None:
    """Count the hours for which a movement stood in one place as every rest that takes no longer, whatever it waited
    for."""
    for number, rest in enumerate(rests):
        if hours >= rest.hours:
            driven[number] = 0.0


def _due(world: World, rests: tuple[Rest, ...], todo: Legs, driven: list[float]) -> Rest | None:
    """The rest that is due here, because the next place for it is too far. The rests of a trip stand in rising order;
    the longest that is due serves for all, as who has stood so long has had the shorter ones too."""
    for rest, hours in zip(reversed(rests), reversed(driven), strict=True):
        if hours and hours + _to_next(world, rest, todo) > rest.after_h:
            return rest
    return None


def _rest(world: World, mover: Mover, rest: Rest, at: str) -> Steps:
    """Rest, and take what a support centre gives; stay until there is enough of it."""
    beds = rest.per_vehicle * mover.lot.pieces
    holding = yield from world.take(mover, (at, rest.facility), beds, rest.activity, at)
    yield from world.work(mover.log, rest.activity, at, rest.hours, None)
    if at in mover.movements.supplied_at:
        supplied = mover.movements.supplied_at[at](mover)
        if not supplied.triggered:
            mover.log.to(world.now, rest.activity, WAIT, at, Rule.SUPPLY)
        yield supplied
    world.release(holding)


def _to_next(world: World, rest: Rest, todo: Legs) -> float:
    """Hours to the next place where this rest can be had; 0 when it cannot be had here but further on."""
    if not rest.facility:
        return todo[0].hours
    hours = todo[0].hours
    for leg in todo[1:]:
        if (leg.start, rest.facility) in world.pools:
            return hours if (todo[0].start, rest.facility) in world.pools else 0.0
        hours += leg.hours
    return hours


def _lock_through(world: World, mover: Mover, trip: Trip, lock: str) -> Steps:
    """Wait for the civil barges before it and for a chamber, in the hours in which the lock is open."""
    log, civil_queue = mover.log, trip.civil_queue or {}
    if lock in civil_queue:
        log.to(world.env.now, LOCKAGE, WAIT, lock, Rule.CIVIL_BARGES)
        yield world.pause(world.value[civil_queue[lock]])
    work = world.plan.lockage_h[lock]
    chamber = yield from world.take(mover, work.pool, 1, LOCKAGE, lock)
    yield from world.work(log, LOCKAGE, lock, work.hours, work.windows, chamber)
    world.release(chamber)
