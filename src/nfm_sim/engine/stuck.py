"""Who waits for nothing that can come, when a replication is over.

A subject is stuck when what it waits for cannot be had any more: more than a pool can ever have, an hour that never
comes, or an amount that is held by others that are stuck themselves, or by what never gives it up. Found by supposing
the best (Coffman, Elphick and Shoshani 1971, Computing Surveys 3:67): whoever is not known to be stuck gives up all
that it holds, and so on until nothing changes. So a subject that is called stuck is; one whose way out is unlikely is
not called so.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nfm_sim.engine.queues.pools import SharedPool
from nfm_sim.engine.world import World
from nfm_sim.record.words import SUSTAINMENT, CauseKind, Stuck

StuckRow = tuple[str, float, str, str, str, str, int | None]
"""Subject, since when, place, cause, why, the subject that holds what it waits for, and its place in a ring."""


@dataclass(frozen=True, slots=True)
class _Waiter:
    """A subject that waits for an amount of a pool."""

    subject: str
    pool: SharedPool
    amount: float


def stuck_rows(world: World) -> Iterator[StuckRow]:
    """Yield a row for each subject that waits for nothing that can come."""
    waiters = [
        _Waiter(subject, pool, amount)
        for pool in world.pools.values()
        for subject, amount in pool.waiting()
        if subject in world.logs
    ]
    held = _holders(world) if waiters else {}
    stuck = _stuck(world, waiters, held) if waiters else {}
    ring = _ring(stuck, held)
    for subject, log in world.logs.items():
        if log.state is None or log.parts:
            continue
        _, _, place, (kind, cause) = log.state
        if kind == CauseKind.NEVER:
            yield subject, log.since, place, cause, Stuck.NEVER, "", None
        elif subject in stuck:
            by = _held_by(stuck[subject], stuck, held)
            why = Stuck.RING if subject in ring else _why(subject, stuck, held)
            place_in_ring = ring.index(subject) + 1 if subject in ring else None
            yield subject, log.since, place, cause, why, by, place_in_ring


def _holders(world: World) -> dict[int, dict[str, float]]:
    """What subjects hold of each pool, by the number of the pool."""
    held: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for holding in world.holdings:
        if holding.end_h == math.inf:
            held[holding.pool.number][holding.subject] += holding.amount
    return held


def _stuck(world: World, waiters: Iterable[_Waiter], held: Mapping[int, Mapping[str, float]]) -> dict[str, _Waiter]:
    """The waiters that are stuck, when all who are not give up what they hold."""
    plan = world.plan
    several = {element.subject for element in plan.elements}  # their repairs wait one by one, so they may go on
    several |= {ship.subject for ship in plan.ships if ship.gangs > 1}
    stuck = {waiter.subject: waiter for waiter in waiters}
    kept = _kept(world)
    there: dict[int, float] = {}
    for key, pool in world.pools.items():
        # people who fly in, parts on order, teams that elements may bring
        coming = max(0.0, pool.limit - pool.capacity)
        given_up = sum(
            amount
            for subject, amount in held.get(pool.number, {}).items()
            if (subject not in stuck or subject in several) and not _for_good(world, subject, key in kept)
        )
        there[pool.number] = pool.free + pool.closed + coming + given_up
    changed = True
    while changed:
        changed = False
        for subject, waiter in list(stuck.items()):
            if there[waiter.pool.number] >= waiter.amount:
                del stuck[subject]
                changed = True
                if subject not in several:
                    for key, pool in world.pools.items():
                        if key not in kept:
                            there[pool.number] += held.get(pool.number, {}).get(subject, 0.0)
    return stuck


def _kept(world: World) -> set[tuple[str, str]]:
    """Pools of which nobody gives anything back: crews, spare parts, people."""
    plan = world.plan
    kept = {need.pool for _, lot in plan.flow_lots() for need in lot.keeps}
    kept |= {need.pool for element in plan.elements for step in element.stages for need in step.stage.uses_up()}
    return kept | {("", trade) for trade in plan.donors}


def _for_good(world: World, subject: str, kept: bool) -> bool:
    """Whether a holder keeps what it holds: what is used up, and what serves a task without an end."""
    if kept or subject.endswith(f"/{SUSTAINMENT}"):
        return True
    return any(plan.subject == subject and plan.until_h == math.inf for plan in world.plan.pool_commitments)


def _held_by(waiter: _Waiter, stuck: Mapping[str, _Waiter], held: Mapping[int, Mapping[str, float]]) -> str:
    """Who holds what a subject waits for: one that is stuck itself, where there is one."""
    there = held.get(waiter.pool.number, {})
    return next((subject for subject in there if subject in stuck and subject != waiter.subject), next(iter(there), ""))


def _why(subject: str, stuck: Mapping[str, _Waiter], held: Mapping[int, Mapping[str, float]]) -> str:
    """Why a subject outside of a ring is stuck: behind one that can never go on, or by what is held for good."""
    seen = [subject]
    while True:
        waiter = stuck[seen[-1]]
        by = _held_by(waiter, stuck, held)
        if by in seen or waiter.amount > waiter.pool.limit:
            return Stuck.BEHIND
        if by not in stuck:
            return Stuck.HELD
        seen.append(by)


def _ring(stuck: Mapping[str, _Waiter], held: Mapping[int, Mapping[str, float]]) -> list[str]:
    """Subjects of which each waits for what the next one holds, and the last for what the first does; none: no such
    ring."""
    for first in stuck:
        way = [first]
        while True:
            following = _held_by(stuck[way[-1]], stuck, held)
            if following in way:
                ring = way[way.index(following) :]
                begin = ring.index(min(ring))
                return ring[begin:] + ring[:begin]
            if following not in stuck:
                break
            way.append(following)
    return []
