"""What the numbers of a network show: of the units of its lengths and speeds, and whether its parts hang together."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import scipy

from nfm_sim.kinds import NETWORKS
from nfm_sim.network.network import Network
from nfm_sim.network.shapes import Floats, distances_km, lengths_km
from nfm_sim.problems import Problem, counted
from nfm_sim.units import METRES

ROUNDING_KM = 0.15
"""Coordinates are rounded to 0.001 degree, about 0.1 km at each end of a link."""
LEAST_DETOUR, MOST_DETOUR = 0.95, 3.0
"""When half of all links are shorter or longer than so many times the great circle, the unit of lengths is another."""
STRAIGHT, MANY = 1.5, 10
"""Of so many links some are straight: when nine of ten are longer than so many times their course, the unit is another.
Assumed."""


def evidence(network: Network) -> list[str]:
    """Return in sentences what the numbers of a network show of their units, and whether its parts hang together."""
    lines = []
    ratios = detours(network)
    if len(ratios):
        few, many = np.quantile(ratios, (0.25, 0.75))
        usual = f"half are {few:.2f} to {many:.2f} times as long as their course or the great circle"
        lines.append(f"Lengths, in km: of {counted(len(ratios), 'link')} {usual}.")
    if network.links:
        slow, middle, fast = np.quantile([link.free_speed_kmh for link in network.links.values()], (0, 0.5, 1))
        lines.append(f"Speeds, in km/h: from {slow:.0f} to {fast:.0f}, half {middle:.0f} or more.")
    for mode, parts in ((mode, parts_of(network, mode)) for mode in NETWORKS):
        if len(parts) == 1:
            lines.append(f"By {mode}: one part, all {counted(parts[0], 'node')} of it.")
        elif parts:
            largest = f"the largest has {parts[0]:,} of {sum(parts):,} nodes"
            lines.append(f"By {mode}: {len(parts):,} parts that no link joins; {largest}.")
    return lines


def parts_of(network: Network, mode: str) -> list[int]:
    """The numbers of nodes of the parts of a mode that no link joins, the greatest first."""
    ways = network.ways(mode)
    _, labels = scipy.sparse.csgraph.connected_components(ways.graph(ways.hours()), directed=False)
    return sorted(np.bincount(labels).tolist(), reverse=True)


def straight_km(network: Network) -> Floats:
    """The great circles between the ends of the links, in their order, in km."""
    nodes = network.nodes
    ends = [(nodes[link.start], nodes[link.end]) for link in network.links.values()]
    degrees = np.array([(a.lon, a.lat, b.lon, b.lat) for a, b in ends]).reshape(-1, 4)
    return distances_km(degrees[:, :2], degrees[:, 2:])


def detours(network: Network) -> Floats:
    """How many times as long as its course, or the great circle where it has none, each link is; of those that are
    longer than rounding of coordinates and have a length."""
    links = list(network.links.values())
    km, crow = np.array([link.km for link in links]), straight_km(network)
    course = crow.copy()
    drawn = [place for place, link in enumerate(links) if link.shape]
    course[drawn] = lengths_km([links[place].shape for place in drawn])
    course = np.maximum(course, crow)
    long = (crow > ROUNDING_KM) & (km > 0)
    return km[long] / course[long] if long.any() else km[crow > 0] / course[crow > 0]


def wrong_unit(network: Network) -> Problem | None:
    """Return what says that lengths are in another unit than they are taken to be in, if something does."""
    ratios = detours(network)
    if not len(ratios):
        return None
    usual, straightest = float(np.median(ratios)), float(np.quantile(ratios, 0.1))
    all_long = len(ratios) >= MANY and straightest > STRAIGHT
    if LEAST_DETOUR < usual < MOST_DETOUR and not all_long:
        return None
    likely = " or ".join(
        f"{real} taken for {taken}"
        for taken, real in permutations(("m", "km", "miles", "feet"), 2)
        if LEAST_DETOUR < (straightest if all_long else usual) * METRES[real] / METRES[taken] < 1 / LEAST_DETOUR
    )
    as_if = f", as {likely} would be" if likely else ""
    remedy = (
        f"half of the links are {'more' if usual > 1 else 'less'} than {usual:.3g} times as long as the great circle"
        f"{as_if}; say their unit in config.csv (long_length: km, m or mile)"
    )
    return Problem(str(network.path / "link.csv"), "length", "", remedy)
