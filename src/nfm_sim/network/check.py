"""What the numbers of a network show, and whether it holds together: lengths, units, parts, and what reaches what."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise, permutations

import numpy as np
import scipy

from nfm_sim.kinds import FACILITIES, NETWORKS
from nfm_sim.kinds.modes import RAIL
from nfm_sim.network.network import NODE_KINDS, Network, Point, Ways
from nfm_sim.network.shapes import Floats, distances_km, lengths_km, on_the_way
from nfm_sim.problems import Problem, counted, did_you_mean, some_of
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
    _, labels = scipy.sparse.csgraph.connected_components(_graph(network.ways(mode)), directed=False)
    return sorted(np.bincount(labels).tolist(), reverse=True)


def _graph(ways: Ways) -> "scipy.sparse.csr_array":
    """Which node leads to which, as a matrix; what makes it is loaded when it is asked for."""
    return scipy.sparse.csr_array((np.ones(len(ways.tail)), (ways.tail, ways.head)), shape=2 * (len(ways.names),))


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


EUROPE = ((-25, 45), (34, 72))
"""Degrees east and north between which most networks of ours lie. Assumed."""


def swapped(network: Network) -> Iterator[Problem]:
    """Yield that coordinates are likely the other way round: so alone does the middle of the nodes lie in Europe."""
    middle = [float(np.median(at)) for at in zip(*((n.lon, n.lat) for n in network.nodes.values()), strict=True)]

    def in_europe(*point: float) -> bool:
        return all(low <= at <= high for at, (low, high) in zip(point, EUROPE, strict=True))

    if middle and in_europe(*reversed(middle)) and not in_europe(*middle):
        remedy = "lie outside of Europe, and the other way round they would lie in it: x_coord is the longitude"
        yield Problem(str(network.path / "node.csv"), "x_coord, y_coord", "", remedy)


# Prove that a network holds together: links as long as they can be, terminals that reach the borders of their mode


MOST_WINDING, WINDING_KM = 10.0, 20.0
"""A link this many times as long as the great circle, and so many km longer, is no link that winds."""
MOST_NAMED = 20
"""Links that are named one by one; of more, the number is said."""

TERMINALS = ("sea_port_terminal", "inland_terminal", "rail_terminal", "barracks", "airport")
BORDER = "border_crossing"


def check_network(network: Network) -> list[Problem]:
    """Return what is wrong with a network that could be read; empty when all is well."""
    return [*wrong_lengths(network), *_unreached_borders(network)]


def network_warnings(network: Network) -> list[Problem]:
    """Return what is likely not meant in a network: types and facilities that nothing knows, links that nothing uses,
    and what its tables left open."""
    checks = (_unknown_kinds, _unused, _loose_ends, _turning_trains, swapped)
    return [*network.remarks, *(problem for check in checks for problem in check(network))]


def proved(network: Network) -> list[str]:
    """Return in sentences what `check_network` has proved of a network without problems, in counts, and what not."""
    measured = sum(link.start != link.end for link in network.links.values())
    lines = [f"Proved: none of {counted(measured, 'link')} is shorter than the great circle between its ends."]
    for mode in NETWORKS:
        terminals, borders = _ends(network, mode)
        ends = {counted(len(terminals), "terminal"): terminals, counted(len(borders), "border crossing"): borders}
        if all(ends.values()):
            lines.append(f"Proved: by {mode}, each of {' reaches each of '.join(ends)}.")
        elif network.ways(mode).names:
            missing = " and ".join(what.replace("0", "no", 1) for what, there in ends.items() if not there)
            lines.append(f"Not proved: by {mode}, that anything is reached; it has {missing}.")
    return lines


def count_network(network: Network) -> dict[str, dict[str, float]]:
    """Return per mode the number of nodes, links, parts that no link joins, terminals and border crossings, the km of
    links, and the nodes of the largest part."""
    counts: dict[str, dict[str, float]] = {}
    for mode in NETWORKS:
        terminals, borders = _ends(network, mode)
        links = [link for link in network.links.values() if mode in link.modes]
        parts = parts_of(network, mode)
        counts[mode] = {
            "nodes": sum(parts),
            "links": len(links),
            "km": round(sum(link.km for link in links)),
            "parts": len(parts),
            "in the largest": max(parts, default=0),
            "terminals": len(terminals),
            "border crossings": len(borders),
        }
    return counts


def _ends(network: Network, mode: str) -> tuple[list[str], list[str]]:
    """The terminals and the border crossings that links of a mode touch."""
    touched = network.ways(mode).names
    terminals = [name for name in touched if network.nodes[name].kind in TERMINALS]
    return terminals, [name for name in touched if network.nodes[name].kind == BORDER]


def wrong_lengths(network: Network) -> Iterator[Problem]:
    """Yield the links that cannot be as long as they are said to be; when most are so, that their unit is another."""
    file = str(network.path / "link.csv")
    if unit := wrong_unit(network):
        yield unit
        return
    short, winding = [], []
    for link, straight in zip(network.links.values(), straight_km(network).tolist(), strict=True):
        key, km = f"{link.name}, length", f"{link.km:g}"
        circle = f"the great circle of {straight:.1f} km from {link.start} to {link.end}"
        if link.km < straight - ROUNDING_KM:
            short.append(Problem(file, key, km, f"is shorter than {circle}"))
        if link.start != link.end and link.km > MOST_WINDING * straight + WINDING_KM:
            winding.append(Problem(file, key, km, f"is more than {MOST_WINDING:g} times {circle}"))
    yield from _some(short, "links are shorter than the great circle")
    yield from _some(winding, "links are many times as long as the great circle")


def _some(found: Sequence[Problem], what: str) -> Iterator[Problem]:
    """The first of these problems, and how many more there are."""
    yield from found[:MOST_NAMED]
    if len(found) > MOST_NAMED:
        yield Problem(found[0].file, "", "", f"{len(found) - MOST_NAMED:,} more {what}")


def _unreached_borders(network: Network) -> Iterator[Problem]:
    file = str(network.path / "node.csv")
    for mode in NETWORKS:
        terminals, borders = _ends(network, mode)
        if not terminals or not borders:
            continue
        ways = network.ways(mode)
        number, graph = ways.number, _graph(ways)
        unreached = []
        for name in terminals:
            reached = {*scipy.sparse.csgraph.breadth_first_order(graph, number[name], return_predecessors=False)}
            if missed := [border for border in borders if number[border] not in reached]:
                remedy = f"does not reach {some_of(missed)} by {mode}; add the missing links"
                unreached.append(Problem(file, name, "", remedy))
        yield from _some(unreached, f"terminals do not reach every border crossing by {mode}")


def _unknown_kinds(network: Network) -> Iterator[Problem]:
    kinds = Counter(node.kind for node in network.nodes.values() if node.kind)
    for kind, number in kinds.items():
        if kind not in NODE_KINDS:
            near = did_you_mean(kind, NODE_KINDS) or f"; terminals are {', '.join(TERMINALS)}, and borders {BORDER}"
            remedy = f"is no type of node that is known ({counted(number, 'node')}){near}"
            yield Problem(str(network.path / "node.csv"), "node_type", kind, remedy)
    for name, number in Counter(name for _, name in network.facilities).items():
        near = did_you_mean(name, FACILITIES)
        if name not in FACILITIES and near:
            remedy = f"is no facility that the usual rules use ({counted(number, 'row')}){near}"
            yield Problem(str(network.path / "facility.csv"), "facility", name, remedy)


def _unused(network: Network) -> Iterator[Problem]:
    file = str(network.path / "link.csv")
    if not network.links:
        yield Problem(file, "", "", "holds no links, so nothing moves")
    if idle := sum(not link.modes for link in network.links.values()):
        remedy = f"without a mode, on which nothing moves; give allowed_uses ({', '.join(NETWORKS)})"
        yield Problem(file, "allowed_uses", "", f"{counted(idle, 'link')} {remedy}")
    if loops := [link.name for link in network.links.values() if link.start == link.end]:
        remedy = f"{counted(len(loops), 'link')} from a node to itself, which nothing takes ({loops[0]})"
        yield Problem(file, "", "", remedy)
    if pairs := network.single_tracks:
        one, other = next(iter(pairs.items()))
        tracks = counted(len(pairs) // 2, "single track")
        remedy = f"{tracks} given as one link each way ({one} and {other}); taken for one, on which trains do not meet"
        yield Problem(file, "tracks", "", remedy)


def _turning_trains(network: Network) -> Iterator[Problem]:
    """Yield that trains turn back where they may not stand."""
    for node, (start, end) in turns_back(network, *_ends(network, RAIL)).items():
        remedy = f"is where the fastest way by rail from {start} to {end} turns back, and trains may not stand there; "
        remedy += "say so in holds where they may, or add the way that they take"
        yield Problem(str(network.path / "node.csv"), node, "", remedy)


def _loose_ends(network: Network) -> Iterator[Problem]:
    """Yield that nodes lie on the course of links that do not end there: a junction that is none."""
    links, names = list(network.links.values()), list(network.nodes)
    at = np.array([(node.lon, node.lat) for node in network.nodes.values()]).reshape(-1, 2)
    found = [
        f"{names[place]} on {links[line].name}"
        for place, line, _ in on_the_way(at, [network.course(link) for link in links])
        if any(names[place] in network.ways(mode).number for mode in links[line].modes)
    ]
    if found:
        remedy = f"{counted(len(found), 'node')} on the course of a link that does not end there ({some_of(found)})"
        yield Problem(str(network.path / "link.csv"), "", "", f"{remedy}; cut it there, where they meet")


# Where the fastest way by rail turns back on a switch: no train can, unless it may stand there


SHARPEST = 120.0
"""Degrees by which a train turns at a node, as links are drawn, without turning back. Assumed: coarse links meet at
angles that rails do not have."""


def turns_back(network: Network, starts: Sequence[str], ends: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the nodes where trains may not stand, and turn back on the fastest way from one of the first places to one
    of the others: each with such a start and end."""
    ways, found = network.ways(RAIL), dict[str, tuple[str, str]]()
    hours = ways.hours()
    stands = {node for node, _ in network.facilities} | {*ends}

    @cache
    def turns(one: int, other: int) -> bool:
        node = network.nodes[ways.names[ways.head[one]]]
        if RAIL in node.holds or node.name in stands:
            return False
        come, go = (network.course(ways.links[ways.link[step]], ways.forward[step]) for step in (one, other))
        turn = math.degrees(_bearing(*go[:2]) - _bearing(*come[-2:]))
        return abs((turn + 180) % 360 - 180) > SHARPEST

    for start in starts:
        last = ways.last_steps(hours, start)
        for end in ends:
            for one, other in pairwise(ways.way_to(start, end, last) or ()):
                if turns(one, other):
                    found.setdefault(ways.names[ways.head[one]], (start, end))
    return found


def _bearing(a: Point, b: Point) -> float:
    """The direction from a point to another, in radians."""
    return math.atan2((b[0] - a[0]) * math.cos(math.radians((a[1] + b[1]) / 2)), b[1] - a[1])
