"""Who waits for nothing that can come, when a replication is over.

A subject is stuck when what it waits for cannot be had any more: more than a pool can ever have, an hour that never
comes, or an amount that is held by others that are stuck themselves, or by what never gives it up. Found by supposing
the best (Coffman, Elphick and Shoshani 1971, Computing Surveys 3:67): whoever is not known to be stuck gives up all
that it holds, and so on until nothing changes. So a subject that is called stuck is; one whose way out is unlikely is
not called so.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from nfm_sim.engine.queues.pools import SharedPool
from nfm_sim.engine.world import World
from nfm_sim.plan.movement import PoolKey
from nfm_sim.record.words import CauseKind, Stuck


class _Waiter(NamedTuple):
    """A subject that waits for an amount of a pool."""

    subject: str
    pool: SharedPool
    amount: float


def stuck_rows(world: World) -> Iterator[tuple[str, float, str, str, str, str, int | None]]:
    """Yield a row for each subject that waits for nothing that can come: itself, since when, place, cause, why, the
    subject that holds what it waits for, and its place in a deadlock."""
    waiters = [
        _Waiter(subject, pool, amount)
        for pool in world.pools.values()
        for subject, amount in pool.waiting()
        if subject in world.logs
    ]
    held = _held_by_pool(world) if waiters else {}
    stuck = _stuck(world, waiters, held) if waiters else {}
    holders = {subject: _holder(waiter, stuck, held) for subject, waiter in stuck.items()}
    deadlock = _deadlock(holders)
    for subject, log in world.logs.items():
        if log.state is None:
            continue
        _, _, place, (kind, cause) = log.state
        if kind == CauseKind.NEVER:
            yield subject, log.since, place, cause, Stuck.NEVER, "", None
        elif subject in deadlock:
            number = deadlock.index(subject) + 1
            yield subject, log.since, place, cause, Stuck.DEADLOCK, holders[subject], number
        elif subject in stuck:
            yield subject, log.since, place, cause, _why(subject, stuck, holders), holders[subject], None


def _held_by_pool(world: World) -> dict[int, dict[str, float]]:
    """What subjects hold of each pool, by the number of the pool."""
    held: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for holding in world.holdings:
        if holding.end_h == math.inf:
            held[holding.pool.number][holding.subject] += holding.amount
    return held


def _stuck(world: World, waiters: Iterable[_Waiter], held: Mapping[int, Mapping[str, float]]) -> dict[str, _Waiter]:
    """The waiters that are stuck, when all who are not give up what they hold."""
    plan = world.plan
    # crews or gangs of these wait beside each other, so that one that waits in vain does not stop the others
    go_on = {element.subject for element in plan.elements} | {ship.subject for ship in plan.ships if ship.gangs > 1}
    stuck = {waiter.subject: waiter for waiter in waiters}
    used_up = _used_up(world)
    for_good = {task.subject for task in plan.pool_commitments if task.until_h == math.inf}
    there: dict[int, float] = {}
    for key, pool in world.pools.items():
        # people who fly in, parts on order, teams that elements may bring
        coming = max(0.0, pool.limit - plan.pools[key].taken - pool.capacity)
        given_up = sum(
            amount
            for subject, amount in held.get(pool.number, {}).items()
            if (subject not in stuck or subject in go_on) and not (key in used_up or subject in for_good)
        )
        there[pool.number] = pool.free + coming + given_up
    while goes_on := [subject for subject, (_, pool, amount) in stuck.items() if there[pool.number] >= amount]:
        for subject in goes_on:
            del stuck[subject]
            for key, pool in world.pools.items():
                if subject not in go_on and key not in used_up:  # else what it holds is counted already
                    there[pool.number] += held.get(pool.number, {}).get(subject, 0.0)
    return stuck


def _used_up(world: World) -> set[PoolKey]:
    """Pools of which nobody gives anything back: crews, spare parts, people."""
    plan = world.plan
    kept = {need.pool for _, lot in plan.flow_lots() for need in lot.keeps}
    kept |= {need.pool for element in plan.elements for step in element.stages for need in step.stage.uses_up()}
    return kept | {("", trade) for trade in plan.donors}


def _holder(waiter: _Waiter, stuck: Mapping[str, _Waiter], held: Mapping[int, Mapping[str, float]]) -> str:
    """Who holds what a subject waits for: one that is stuck itself, where there is one; nobody: empty."""
    there = held.get(waiter.pool.number, {})
    return next((subject for subject in there if subject in stuck and subject != waiter.subject), next(iter(there), ""))


def _why(subject: str, stuck: Mapping[str, _Waiter], holders: Mapping[str, str]) -> str:
    """Why a subject outside of a deadlock is stuck: behind one that can never go on, or by what is held for good."""
    chain = [subject]
    while True:
        waiter, holder = stuck[chain[-1]], holders[chain[-1]]
        if holder in chain or waiter.amount > waiter.pool.limit:
            return Stuck.BEHIND
        if holder not in stuck:
            return Stuck.HELD
        chain.append(holder)


def _deadlock(holders: Mapping[str, str]) -> list[str]:
    """Stuck subjects of which each waits for what the next one holds, and the last for what the first does; none: there
    are no such. `holders` has who holds what each waits for."""
    for first in holders:
        chain = [first]
        while (following := holders[chain[-1]]) in holders:
            if following in chain:
                ring = chain[chain.index(following) :]
                begin = ring.index(min(ring))  # the same ring is told in the same way, whoever it is found from
                return ring[begin:] + ring[:begin]
            chain.append(following)
    return []
