"""Where the fastest way by rail turns back on a switch: no train can, unless it may stand there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
import scipy

from nfm_sim.kinds.modes import RAIL
from nfm_sim.network.network import Network, Point

SHARPEST = 120.0
"""Degrees by which a train turns at a node, as links are drawn, without turning back. Assumed: coarse links meet at
angles that rails do not have."""


def turns_back(network: Network, starts: Sequence[str], ends: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the nodes where trains may not stand, and turn back on the fastest way from one of the first places to one
    of the others: each with such a start and end."""
    names = sorted(network.nodes_of_mode[RAIL])
    number = {name: place for place, name in enumerate(names)}
    steps: dict[tuple[int, int], tuple[float, tuple[Point, ...]]] = {}
    for link in network.links.values():
        for forward in (True,) if link.directed else (True, False):
            a, b = (number.get(name, -1) for name in ((link.start, link.end) if forward else (link.end, link.start)))
            hours = link.km / link.free_speed_kmh
            if RAIL in link.modes and hours < steps.get((a, b), (math.inf,))[0]:
                steps[a, b] = hours, network.course(link, forward)
    if not steps or not starts:
        return {}
    rows, columns = np.array(list(steps)).T
    hours_of = [max(hours, 1e-9) for hours, _ in steps.values()]  # a step of 0 would be none
    ways = scipy.sparse.coo_array((hours_of, (rows, columns)), shape=(len(names), len(names))).tocsr()
    _, before = scipy.sparse.csgraph.dijkstra(ways, indices=[number[name] for name in starts], return_predecessors=True)
    stands = {node for node, _ in network.facilities} | {*ends}

    @cache
    def turns(a: int, b: int, c: int) -> bool:
        node = network.nodes[names[b]]
        if RAIL in node.holds or node.name in stands:
            return False
        come, go = steps[a, b][1][-2:], steps[b, c][1][:2]
        turn = math.degrees(_bearing(*go) - _bearing(*come))
        return abs((turn + 180) % 360 - 180) > SHARPEST

    found: dict[str, tuple[str, str]] = {}
    for start, last in zip(starts, before, strict=True):
        for end in ends:
            way = [number[end]]
            while last[way[-1]] >= 0:
                way.append(int(last[way[-1]]))
            for (c, b), (_, a) in pairwise(pairwise(way)):
                if turns(a, b, c):
                    found.setdefault(names[b], (start, end))
    return found


def _bearing(a: Point, b: Point) -> float:
    """The direction from a point to another, in radians."""
    return math.atan2((b[0] - a[0]) * math.cos(math.radians((a[1] + b[1]) / 2)), b[1] - a[1])
