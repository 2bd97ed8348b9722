"""Forming: a train or a packet of trucks is as long as there are wagons or trucks for it when it is loaded.

What it leaves behind is another lot of the same batch. While that one waits, what the next ones leave joins it, and
whole lots of its batch go before it: so one short train comes at the end, and not one after every other.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from nfm_sim.engine.movement.mover import Batch, Mover, carrying, divide, joined
from nfm_sim.engine.movement.steps import LOAD, take_explosives
from nfm_sim.engine.queues.pools import Bundle, Want
from nfm_sim.engine.world import Steps, World
from nfm_sim.plan.movement import Carried, Lot, Need, PoolKey, Work, means_of
from nfm_sim.record.words import Kind, Rule

WORTH_SHARE = 0.1
"""A lot is divided only for so large a share of all wagons or trucks at least. Fewer that stand idle are not worth a
path and a locomotive more. Assumed."""


def form(lot: Lot, asked: Sequence[tuple[PoolKey, Want]]) -> Callable[[Sequence[float]], list[float] | None]:
    """Return how a lot is formed of what is free of all that it asks for.

    Of its wagons or trucks it takes as many as there are, of each kind that may carry something, if they are enough; of
    all else that it wants, all. No short train takes a locomotive that is yet to come back: it has time until then to
    become longer.
    """
    fleets = {fleet.pool for kind in lot.carried for fleet in kind.fleets}
    limited = {key: want.pool for key, want in asked if key in fleets}

    def too_few(taken: float) -> bool:
        """Whether a longer one is worth the wait, and can come: of what there is now, which disruptions and forks
        change."""
        limits = {key: pool.limit for key, pool in limited.items()}
        worth = max(lot.least, WORTH_SHARE * sum(limits.values()))
        return fleets == limits.keys() and taken < worth and taken < _taken_of(limits, divide(lot.carried, limits)[0])

    def formed(free: Sequence[float]) -> list[float] | None:
        room: dict[PoolKey, float] = {}
        for (key, want), there in zip(asked, free, strict=True):
            if key in fleets:
                room[key] = max(0, math.floor(there))
            elif there < want.amount:
                return None
        carried, left = divide(lot.carried, room)
        if not carried:
            return None
        if left and (too_few(_taken_of(room, carried)) or any(w.later and w.pool.free < w.amount for _, w in asked)):
            return None
        units = dict(means_of(carried))
        return [units.get(key, 0.0) if key in fleets else want.amount for key, want in asked]

    return formed


def _taken_of(pools: Iterable[PoolKey], carried: Sequence[Carried]) -> float:
    """The wagons or trucks of these pools that carry something."""
    units = dict(means_of(carried))
    return sum(units.get(key, 0.0) for key in pools)


def load(world: World, mover: Mover, engines: Sequence[Need] = ()) -> Steps:
    """Load: take what goes along, leave behind what finds no room on it, work at the facility, and clear the yard.
    The facility is held on, with those who work at the movement, until it clears its track.

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
    # before all else, so that who waits for room there holds nothing that would make room
    if lot.explosives:
        mover.yards += yield from take_explosives(world, mover, LOAD, lot.loads_at)
    track = None
    if engines:
        track = yield from _take(world, mover, engines)
        work = mover.lot.load
    elif len(lot.along) == 1 and _goes_whole(world, lot):
        mover.along += yield from world.take_all(mover, lot.along, LOAD, lot.loads_at)
    elif lot.along:
        yield from _take(world, mover)
        work = mover.lot.load
    if work is not None and not engines:
        track = yield from world.take(mover, work.pool, 1, LOAD, lot.loads_at)
    if track is not None:
        mover.stands_on.append(track)
    pace = 1.0
    if lot.posts:
        crew, pace = yield from world.man(mover, lot.posts, mover.lot.pieces, LOAD, lot.loads_at)
        mover.stands_on += crew
    if work is not None:
        yield from world.work(mover.log, LOAD, lot.loads_at, work.hours, work.windows, track, pace)
    world.release_all(mover.yards)


def _take(world: World, mover: Mover, engines: Sequence[Need] = ()) -> Steps:
    """Take what a lot is loaded with, and the track on which a train is, all at once; return the holding of that."""
    lot = mover.lot
    asked = _wants(world, lot, engines)
    if not asked:
        return None
    bundle = Bundle(mover, [want for _, want in asked], form(lot, asked) if lot.carried else None)
    batch = mover.movements.batches[lot.batch, lot.loads_at]
    batch.come(mover, bundle)
    holdings = yield from world.take_together(bundle, LOAD, lot.loads_at)
    batch.go(mover, bundle)
    mover.earmarked = [want for want in bundle.wants if want.later]
    track = next((world.pools.get(key) for key in _track(lot, engines)), None)
    mover.along += [holding for holding in holdings if holding.pool is not track]
    if any(got < want.amount for want, got in zip(bundle.wants, bundle.served or (), strict=True)):
        _divide(world, mover)
    return next((holding for holding in holdings if holding.pool is track), None)


def _goes_whole(world: World, lot: Lot) -> bool:
    """Whether a lot is not divided: one kind of wagons or trucks may carry it, of which it needs one, or few of all."""
    key, amount = lot.along[0]
    pool = world.pools.get(key)
    if any(len(kind.fleets) > 1 for kind in lot.carried):
        return False
    return pool is None or amount <= 1 or not lot.carried or amount <= WORTH_SHARE * pool.limit


def _track(lot: Lot, engines: Sequence[Need]) -> list[PoolKey]:
    """The track on which a train is loaded; none where it is loaded beyond the border."""
    return [lot.load.pool] if engines and lot.load is not None else []


def _wants(world: World, lot: Lot, engines: Sequence[Need]) -> list[tuple[PoolKey, Want]]:
    """What is wanted of pools that are limited: of each kind of wagons or trucks as many as all that they may carry
    needs. A lot that may be divided can do with what one piece needs."""
    most = dict(lot.along)
    one: dict[PoolKey, float] = {}
    for kind in lot.carried:
        for number, fleet in enumerate(kind.fleets):
            one[fleet.pool] = min(one.get(fleet.pool, math.inf), fleet.units_for_one)
            if number:
                most[fleet.pool] = most.get(fleet.pool, 0.0) + math.ceil(kind.pieces / fleet.per_unit - 1e-9)
    asked = [(key, amount, one.get(key, amount), False) for key, amount in most.items()]
    asked += [(key, 1.0, 1.0, False) for key in _track(lot, engines)]
    asked += [(key, amount, amount, True) for key, amount in engines]
    pools = world.pools
    return [(key, Want(pools[key], amount, least, later)) for key, amount, least, later in asked if key in pools]


def _divide(world: World, mover: Mover) -> None:
    """Put a lot on the wagons or trucks that it has got, and leave behind what there are none for."""
    lot = mover.lot
    held = {holding.pool: holding.amount for holding in mover.along}
    pools = {key: world.pools[key] for kind in lot.carried for key, _ in kind.fleets if key in world.pools}
    taken, left = divide(lot.carried, {key: held.get(pool, 0.0) for key, pool in pools.items()})
    if left:
        _leave_behind(world, mover, mover.movements.batches[lot.batch, lot.loads_at], left)
    mover.lot = carrying(lot, taken)
    if left:
        mover.movements.pieces[mover.subject] = mover.lot.pieces


def _leave_behind(world: World, mover: Mover, batch: Batch, left: Sequence[Carried]) -> None:
    """Have the pieces that a lot leaves follow it: with those that wait already where one train takes them all, or as
    a lot of their own."""
    more, waits = replace(carrying(mover.lot, left), approach=None), batch.open_part  # it is where it is loaded
    share = more.pieces / mover.lot.pieces
    if waits is not None and (waits.bundle is None or waits.bundle.served is None):
        together = joined(waits.lot, more)
        full = sum(need.amount for need in mover.lot.along)
        if sum(need.amount for need in together.along) <= full:
            waits.lot = together
            waits.yards += world.share(mover.yards, waits.subject, share)
            mover.movements.pieces[waits.subject] = together.pieces
            ask_anew(world, waits)
            return
    batch.close_part()
    batch.open_part = mover.movements.leave_behind(mover, more, share)
    mover.begin_part(batch.open_part)


def ask_anew(world: World, mover: Mover) -> None:
    """Have a lot that waits to be loaded ask for what it needs since it has changed."""
    bundle, lot = mover.bundle, mover.lot
    if bundle is None or bundle.served is not None:
        return  # it has not asked yet, or has what it asked for
    later = {want.pool: want.amount for want in bundle.wants if want.later}
    engines = [Need(key, later[pool]) for key, pool in world.pools.items() if pool in later]
    asked = _wants(world, lot, engines)
    bundle.wants = [want for _, want in asked]
    bundle.form = form(lot, asked)
    if not bundle.held_back:
        bundle.ask()
