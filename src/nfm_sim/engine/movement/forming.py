"""Forming: a train or a packet of trucks is as long as there are wagons or trucks for it when it is loaded.

What it leaves behind is another lot of the same batch. While that one waits, what the next ones leave joins it, and
whole lots of its batch go before it: so one short train comes at the end, and not one after every other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from nfm_sim.engine.movement.mover import Batch, Mover
from nfm_sim.engine.movement.parts import divide, joined, pieces_of, reduced, units_of
from nfm_sim.engine.movement.steps import LOAD, leave_yard, take_along
from nfm_sim.engine.queues.holdings import Holding
from nfm_sim.engine.queues.pools import Bundle, SharedPool, Want
from nfm_sim.engine.world import Steps, World
from nfm_sim.plan.movement import Carried, Lot, Need, PoolKey, Work
from nfm_sim.record.words import Kind, Rule

WORTH_SHARE = 0.1
"""A lot is divided only for so large a share of all wagons or trucks at least. Fewer that stand idle are not worth a
path and a locomotive more. Assumed."""


def form(lot: Lot, asked: Sequence[tuple[PoolKey, Want]]) -> Callable[[Sequence[float]], list[float] | None]:
    """Return how a lot is formed of what is free of all that it asks for.

    Of its wagons or trucks it takes as many as there are, if they are enough and carry something; of all else that it
    wants, all. No short train takes a locomotive that is yet to come back: it has time until then to become longer.
    """
    flexible = {need.pool for need in lot.along}
    carriers = [want for key, want in asked if key in flexible]
    reachable = sum(min(want.amount, want.pool.limit) for want in carriers)
    unlimited = {kind.pool for kind in lot.carried}.difference(key for key, _ in asked)
    worth = WORTH_SHARE * sum(want.pool.limit for want in carriers)
    least = 0.0 if unlimited else min(max(lot.least, worth), reachable)

    def formed(free: Sequence[float]) -> list[float] | None:
        taken: dict[PoolKey, float] = {}
        whole = True
        for (key, want), there in zip(asked, free, strict=True):
            if there >= want.amount:
                taken[key] = want.amount
            elif key in flexible:
                taken[key] = float(max(0, math.floor(there)))
                whole = False
            else:
                return None
        if whole:
            return list(taken.values())
        units = sum(amount for key, amount in taken.items() if key in flexible)
        if units < least or any(want.later and want.pool.free < want.amount for _, want in asked):
            return None
        carried, _ = divide(lot.carried, taken)
        if not pieces_of(carried):
            return None
        needed = units_of(carried)
        return [needed.get(key, 0.0) if key in flexible else amount for key, amount in taken.items()]

    return formed


def load(world: World, mover: Mover, engines: Sequence[Need] = ()) -> Steps:
    """Load: take what goes along, leave behind what finds no room on it, work at the facility, and clear the yard.
    Return the holding of the facility.

    It asks for them in the hours in which the facility is open, so that nothing is held through closed ones. A train
    takes its wagons and its track at once, with engines earmarked for when it is loaded, because wagons are loaded on a
    track; trucks and barges come, and wait for their ramp or crane.
    """
    lot = mover.lot
    work: Work | None = lot.load
    if work is not None and work.windows is not None:
        opens = work.windows.opens_at(world.now)
        if world.now < opens < math.inf:
            mover.log.to(world.now, LOAD, Kind.WAIT, lot.loads_at, Rule.CLOSED_HOURS)
            yield world.until(opens)
    track = None
    if engines:
        track_needs = (Need(work.pool, 1.0),) if work is not None else ()
        track = yield from _take(world, mover, track_needs, engines)
        work = mover.lot.load
    elif len(lot.along) == 1 and _goes_whole(world, lot):
        yield from take_along(world, mover, lot.along)
    elif lot.along:
        yield from _take(world, mover, (), ())
        work = mover.lot.load
    if work is not None:
        if not engines:
            track = yield from world.take(mover, work.pool, 1, LOAD, lot.loads_at)
        yield from world.work(mover.log, LOAD, lot.loads_at, work.hours, work.windows)
    leave_yard(world, mover)
    return track


def _take(world: World, mover: Mover, track_needs: Sequence[Need], engines: Sequence[Need]) -> Steps:
    """Take what a lot is loaded with, and the track on which a train is, all at once; return the holding of that."""
    lot = mover.lot
    asked = _wants(world, lot, track_needs, engines)
    if not asked:
        return None
    bundle = Bundle(mover, [want for _, want in asked], form(lot, asked) if lot.carried else None)
    batch = mover.movements.batches[lot.batch, lot.loads_at]
    batch.come(mover, bundle)
    holdings = yield from world.take_together(bundle, LOAD, lot.loads_at)
    batch.go(mover, bundle)
    mover.earmarked = [want for want in bundle.wants if want.later]
    held: dict[SharedPool | None, Holding] = {holding.pool: holding for holding in holdings}
    along = [held.get(world.pools.get(need.pool)) for need in mover.lot.along]
    mover.along += [holding for holding in along if holding is not None]
    if any(got < want.amount for want, got in zip(bundle.wants, bundle.served or (), strict=True)):
        _divide(world, mover)
    return held.get(world.pools.get(track_needs[0].pool)) if track_needs else None


def _goes_whole(world: World, lot: Lot) -> bool:
    """Whether a lot that needs one kind of wagons or trucks is not divided: it needs one, or few of all there are."""
    key, amount = lot.along[0]
    pool = world.pools.get(key)
    return pool is None or amount <= 1 or not lot.carried or amount <= WORTH_SHARE * pool.limit


def _wants(world: World, lot: Lot, track_needs: Sequence[Need], engines: Sequence[Need]) -> list[tuple[PoolKey, Want]]:
    """What is wanted of pools that are limited. A lot that may be divided can do with what one piece needs."""
    one: dict[PoolKey, float] = {}
    for kind in lot.carried:
        one[kind.pool] = min(one.get(kind.pool, math.inf), kind.units_for_one)
    asked = [(need, one.get(need.pool, need.amount), False) for need in (*lot.along, *track_needs)]
    asked += [(need, need.amount, True) for need in engines]
    return [
        (need.pool, Want(world.pools[need.pool], need.amount, least, later))
        for need, least, later in asked
        if need.pool in world.pools
    ]


def _divide(world: World, mover: Mover) -> None:
    """Leave behind what a lot has no wagons or trucks for."""
    lot = mover.lot
    held = {holding.pool: holding.amount for holding in mover.along}
    units = {
        need.pool: held.get(world.pools[need.pool], 0.0) if need.pool in world.pools else math.inf for need in lot.along
    }
    taken, left = divide(lot.carried, units)
    if pieces_of(left):
        _leave_behind(world, mover, mover.movements.batches[lot.batch, lot.loads_at], left)
        mover.lot = reduced(lot, taken)
        mover.movements.pieces[mover.subject] = mover.lot.pieces


def _leave_behind(world: World, mover: Mover, batch: Batch, left: tuple[Carried, ...]) -> None:
    """Have the pieces that a lot leaves follow it: with those that wait already where one train takes them all, or as
    a lot of their own."""
    more, waits = reduced(mover.lot, left), batch.open_part
    share = more.pieces / mover.lot.pieces
    if waits is not None and (waits.bundle is None or waits.bundle.served is None):
        together = joined(waits.lot, more)
        full = sum(need.amount for need in mover.lot.along)
        if sum(need.amount for need in together.along) <= full:
            waits.lot = together
            waits.yards += world.share(mover.yards, waits.subject, share)
            mover.movements.pieces[waits.subject] = together.pieces
            _ask_anew(world, waits)
            return
    batch.close_part()
    batch.open_part = mover.movements.leave_behind(mover, more, share)


def _ask_anew(world: World, mover: Mover) -> None:
    """Have a lot that waits to be loaded ask for what it needs since others joined it."""
    bundle, lot = mover.bundle, mover.lot
    if bundle is None:
        return  # it has not asked yet
    later = {want.pool: want.amount for want in bundle.wants if want.later}
    engines = [Need(key, later[pool]) for key, pool in world.pools.items() if pool in later]
    track_needs = (Need(lot.load.pool, 1.0),) if lot.load is not None and engines else ()
    asked = _wants(world, lot, track_needs, engines)
    bundle.wants = [want for _, want in asked]
    bundle.form = form(lot, asked)
    if not bundle.held_back:
        bundle.ask()
