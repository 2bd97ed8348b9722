"""Where the fastest way by rail turns back on a switch: no train can, unless it may stand there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import scipy

from nfm_sim.kinds.modes import RAIL
from nfm_sim.network.links import Point
from nfm_sim.network.network import Network

SHARPEST = 120.0
"""Degrees by which a train turns at a node, as links are drawn, without turning back. Assumed: coarse links meet at
angles that rails do not have."""


def turns_back(network: Network, starts: Sequence[str], ends: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the nodes where trains may not stand, and turn back on the fastest way from one of the first places to one
    of the others: each with such a start and end."""
    ways = network.ways(RAIL)
    names, number, hours = ways.names, ways.number, ways.hours()
    if not names or not starts:
        return {}
    indices = [number[name] for name in starts]
    _, before = scipy.sparse.csgraph.dijkstra(ways.graph(hours), indices=indices, return_predecessors=True)
    stands = {node for node, _ in network.facilities} | {*ends}

    @cache
    def turns(a: int, b: int, c: int) -> bool:
        node = network.nodes[names[b]]
        if RAIL in node.holds or node.name in stands:
            return False
        come, go = (
            network.course(ways.links[ways.link[step]], ways.forward[step])
            for step in (ways.step(hours, a, b), ways.step(hours, b, c))
        )
        turn = math.degrees(_bearing(*go[:2]) - _bearing(*come[-2:]))
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
