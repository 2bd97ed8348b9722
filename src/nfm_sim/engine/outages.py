"""Disruptions as they happen: links close, pools shrink, ships are held up, and it all comes back."""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import partial

from nfm_sim.engine.plan import OutagePlan
from nfm_sim.engine.world import World


def plan_outages(world: World) -> None:
    """Note every disruption of this replication: the announced ones now, the others when they come."""
    for outage in world.plan.outages:
        start = sum(world.value[draw] for draw in outage.starts)
        if world.value[outage.happens] > outage.chance or start >= world.plan.horizon_h:
            continue
        end = start + world.value[outage.lasts]
        if outage.announced:
            _close_links(world, outage, start, end)  # nothing enters that would still be on the link then
        world.at(start, partial(_begin, world, outage, start, end))


def _begin(world: World, outage: OutagePlan, start: float, end: float) -> None:
    if not outage.announced:
        _close_links(world, outage, start, end)
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


def _close_links(world: World, outage: OutagePlan, start: float, end: float) -> None:
    links = outage.links
    if outage.where is not None:
        place = bisect_right(outage.anywhere, (world.value[outage.where], ""))
        links = frozenset([outage.anywhere[min(place, len(outage.anywhere) - 1)][1]])
    for link in sorted(links):
        clear_h = world.plan.longest.get(link, (0.0, 0.0))[1] if outage.announced else 0.0
        first = max(world.plan.start_h, start - clear_h)
        world.control.close([link], first, end, outage.name, outage.left_share)
