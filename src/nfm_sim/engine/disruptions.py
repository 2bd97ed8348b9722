"""Disruptions and forks as they happen: links close, pools shrink, ships are held up, capacities change."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import partial

from nfm_sim.engine.forces.board import Board
from nfm_sim.engine.forces.policies import policy_of
from nfm_sim.engine.movement.routing import routing_of
from nfm_sim.engine.movement.transit import Transit
from nfm_sim.engine.world import World
from nfm_sim.plan.plan import Fork, OutagePlan
from nfm_sim.record.words import CauseKind, What


def plan_outages(world: World, transit: Transit, outages: Iterable[OutagePlan], value: Sequence[float]) -> None:
    """Note these disruptions from now on, with their draws: the announced ones at once, the others when they
    come."""
    for outage in outages:
        start = max(world.now, sum(value[draw] for draw in outage.starts))
        if value[outage.happens] > outage.chance or start >= world.plan.horizon_h:
            continue
        end = start + value[outage.lasts]
        links = _links(outage, value)
        _note(world, outage, links, start, end)
        if outage.announced:
            _close_links(world, outage, links, start, end)  # nothing enters that would still be on the link then
        world.at(start, partial(_begin, world, transit, outage, links, start, end))


def _begin(world: World, transit: Transit, outage: OutagePlan, links: frozenset[str], start: float, end: float) -> None:
    cause = (CauseKind.DISRUPTION, outage.name)
    if not outage.announced:
        _close_links(world, outage, links, start, end)
    for key in outage.pools:
        pool = world.pools.get(key)
        if pool is not None:
            lost = math.floor(pool.capacity * (1 - outage.left_share) + 1e-9)
            for_good = end >= world.plan.horizon_h
            pool.close(lost, cause, for_good=for_good)
            if not for_good:
                world.at(end, partial(pool.reopen, lost, cause))
    for port in sorted(outage.ports):
        transit.lose_port(port, end, cause)
    for ship in outage.ships:
        transit.hold_up(ship, end - start, cause)


def _note(world: World, outage: OutagePlan, links: frozenset[str], start: float, end: float) -> None:
    """Put what is lost on record."""
    lost = [(CauseKind.LINK, link, "") for link in sorted(links)]
    lost += [(world.plan.pools[key].kind, key[1], key[0]) for key in outage.pools if key in world.plan.pools]
    lost += [(What.SHIP, ship, "") for ship in sorted(outage.ships)]
    hours = (start, min(end, world.plan.horizon_h), outage.left_share)
    world.outages += [(outage.name, what, name, place, *hours) for what, name, place in lost]


def _links(outage: OutagePlan, value: Sequence[float]) -> frozenset[str]:
    """The links that it hits this time."""
    if outage.where is None:
        return outage.links
    place = bisect_right(outage.anywhere, (value[outage.where], ""))
    return frozenset([outage.anywhere[min(place, len(outage.anywhere) - 1)][1]])


def _close_links(world: World, outage: OutagePlan, links: frozenset[str], start: float, end: float) -> None:
    cause = (CauseKind.DISRUPTION, outage.name)
    for link in sorted(links):
        clear_h = world.plan.longest.get(link, (0.0, 0.0))[1] if outage.announced else 0.0
        first = max(world.now, start - clear_h)
        world.control.close([link], first, end, cause, outage.left_share)


def plan_forks(world: World, transit: Transit, board: Board) -> None:
    """Note the forks of the plan: each is taken at its hour."""
    for fork in world.plan.forks:
        world.at(fork.at_h, partial(_take, world, transit, board, fork))


def _take(world: World, transit: Transit, board: Board, fork: Fork) -> None:
    transit.movements.choose_way = routing_of(fork.routing)
    world.control.bumping = fork.bumping
    for key, amount in fork.gained.items():
        world.pools[key].resize(amount)
    plan_outages(world, transit, fork.outages, fork.draw(world.stream))
    board.policy = policy_of(fork.policy)
    for commitment, plan in zip(board.commitments, fork.commitments, strict=True):
        commitment.plan = plan
    board.dispatch()
