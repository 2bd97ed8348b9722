"""Pieces that are lost: where they stand in a yard, or on the wagons and lorries that carry them.

What is left of a movement goes on. One that loses all its pieces ends at once, wherever it is, and gives back what it
holds and asks for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from simpy.events import Timeout

from nfm_sim.engine.movement.forming import ask_anew
from nfm_sim.engine.movement.mover import Mover
from nfm_sim.engine.movement.parts import reduced
from nfm_sim.engine.movement.steps import release_engines
from nfm_sim.engine.queues.pools import SharedPool
from nfm_sim.engine.world import World
from nfm_sim.plan.movement import Lot
from nfm_sim.record.words import Cause, Milestone


def hit_by(pool: SharedPool, movers: Iterable[Mover], share: float, start: float) -> Iterator[tuple[Mover, int]]:
    """Yield how many pieces of each movement are lost with a share of what stands in a pool or uses it: every so
    manieth of them, from a drawn start on."""
    before = start
    for mover in movers:
        held = sum(one.amount for one in (*mover.yards, *([] if mover.yards else mover.along)) if one.pool is pool)
        if held and mover.movements.world.logs[mover.subject].state is not None:
            units = mover.lot.pieces if mover.yards else held
            hit = math.floor(before + units * share + 1e-9) - math.floor(before + 1e-9)
            before += units * share
            if hit:
                yield mover, math.ceil(hit * mover.lot.pieces / units - 1e-9)


def lose(world: World, mover: Mover, pieces: int, cause: Cause) -> None:
    """Lose pieces of a movement, which never close; the rest of it goes on."""
    lot = mover.lot
    if pieces >= lot.pieces:
        _lose_all(world, mover, cause)
        return
    part = mover.movements.leave_behind(mover, replace(lot, pieces=pieces), pieces / lot.pieces)
    world.release_all(part.yards)
    _end(world, part, cause)
    mover.lot = _fewer(lot, lot.pieces - pieces)
    mover.movements.pieces[mover.subject] = mover.lot.pieces
    ask_anew(world, mover)


def _fewer(lot: Lot, pieces: int) -> Lot:
    """Return a lot with so many of its pieces."""
    if not lot.carried:
        return replace(lot, pieces=pieces)
    kept, room = [], pieces
    for kind in lot.carried:
        kept.append(kind._replace(pieces=min(kind.pieces, room)))
        room -= kept[-1].pieces
    return reduced(lot, [kind for kind in kept if kind.pieces])


def _lose_all(world: World, mover: Mover, cause: Cause) -> None:
    process = mover.process
    assert process is not None, "who is under way has a process"
    if process.is_alive:
        if not isinstance(process.target, Timeout) and process.target.triggered:
            world.at(world.now, lambda: _lose_all(world, mover, cause))  # it is about to get what it has asked for
            return
        process.defused = True
        process.interrupt()
        world.control.give_up(process)
    batch = mover.movements.batches[mover.lot.batch, mover.lot.loads_at]
    if batch.open_part is mover:
        batch.open_part = None
    if mover.bundle is not None:
        batch.go(mover, mover.bundle)
    for pool in world.pools.values():
        pool.forget(mover)
    for want in mover.earmarked:
        want.pool.earmarked -= want.amount
    away = {holding.pool for holding in mover.engines}
    for holding in world.holdings:
        if holding.subject == mover.subject and holding.end_h == math.inf and holding.pool not in away:
            world.release(holding)
    release_engines(world, mover, 0.0)
    _end(world, mover, cause)


def _end(world: World, mover: Mover, cause: Cause) -> None:
    log = world.logs[mover.subject]
    log.mark(world.now, Milestone.LOST, log.state[2] if log.state is not None else mover.lot.origin, cause)
    log.close(world.now)
