"""Disruptions as they happen: links close, pools shrink, ships are held up, and it all comes back."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import partial

from nfm_sim.engine.plan import OutagePlan
from nfm_sim.engine.world import World


def plan_outages(world: World, outages: Iterable[OutagePlan], value: Sequence[float]) -> None:
    """Note these disruptions from now on, with their draws: the announced ones at once, the others when they
    come."""
    for outage in outages:
        start = max(world.now, sum(value[draw] for draw in outage.starts))
        if value[outage.happens] > outage.chance or start >= world.plan.horizon_h:
            continue
        end = start + value[outage.lasts]
        links = _links(outage, value)
        if outage.announced:
            _close_links(world, outage, links, start, end)  # nothing enters that would still be on the link then
        world.at(start, partial(_begin, world, outage, links, start, end))


def _begin(world: World, outage: OutagePlan, links: frozenset[str], start: float, end: float) -> None:
    if not outage.announced:
        _close_links(world, outage, links, start, end)
    for key in outage.pools:
        pool = world.pools.get(key)
        if pool is not None:
            lost = math.floor(pool.capacity * (1 - outage.left_share) + 1e-9)
            pool.close(lost, outage.name)
            world.at(end, partial(pool.reopen, lost, outage.name))
    for port in sorted(outage.ports):
        world.lose_port(port, end, outage.name)
    for ship in outage.ships:
        hours, _ = world.held_up.get(ship, (0.0, ""))
        world.held_up[ship] = (hours + end - start, outage.name)


def _links(outage: OutagePlan, value: Sequence[float]) -> frozenset[str]:
    """The links that it hits this time."""
    if outage.where is None:
        return outage.links
    place = bisect_right(outage.anywhere, (value[outage.where], ""))
    return frozenset([outage.anywhere[min(place, len(outage.anywhere) - 1)][1]])


def _close_links(world: World, outage: OutagePlan, links: frozenset[str], start: float, end: float) -> None:
    for link in sorted(links):
        clear_h = world.plan.longest.get(link, (0.0, 0.0))[1] if outage.announced else 0.0
        first = max(world.now, start - clear_h)
        world.control.close([link], first, end, outage.name, outage.left_share)
