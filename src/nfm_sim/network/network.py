"""Networks of many modes: nodes, links and facilities, and the fastest route over them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from nfm_sim.beside import rows_beside
from nfm_sim.cards import card
from nfm_sim.kinds import NETWORKS
from nfm_sim.memo import remembered
from nfm_sim.problems import NoRouteError, Problem, counted, did_you_mean

# What a network is made of: nodes, links and facilities, and what their fields may say.


CemtClass = Literal["I", "II", "III", "IV", "Va", "Vb", "VIa", "VIb", "VIc", "VII"]
CEMT_CLASSES: tuple[str, ...] = get_args(CemtClass)
"""Classes of European inland waterways (CEMT 1992), the smallest first."""

NODE_KINDS = (
    *("sea_port_terminal", "inland_terminal", "rail_terminal", "barracks", "airport", "border_crossing", "external"),
    *("support_area", "city", "lock", "motorway_junction", "road_junction", "rail_node", "waterway_node"),
)
"""Types of node (`node_type`) that mean something here; others are junctions."""

LINE_CLASSES = {
    row["name"]: (float(row["axle_t"]), float(row["metre_t"])) for row in rows_beside(__file__, "line_classes.csv")
}
"""Classes of railway lines (EN 15528): tonnes on an axle, and on a metre."""
TUNNEL_CATEGORIES = ("A", "B", "C", "D", "E")
"""ADR 1.9.5: in A all dangerous goods may pass, in E hardly any."""

EARTH_RADIUS_KM = 6371.0088
"""Mean radius (IUGG)."""


Point = tuple[float, float]
"""Degrees: longitude, latitude."""


@dataclass(frozen=True, slots=True)
class Node:
    """A place: port, garrison, junction, lock, border crossing.

    `holds` names the modes whose movements may stand and wait here (a holding node).
    """

    name: str
    title: str
    lon: float
    lat: float
    kind: str
    country: str
    holds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Link:
    """A stretch of road, railway or fairway between two nodes, in both directions unless `directed`."""

    name: str
    line: str
    start: str
    end: str
    directed: bool
    km: float
    kind: str
    free_speed_kmh: float
    modes: frozenset[str]
    lanes: int | None = None
    tracks: int | None = None
    electrification: str = ""
    """Electrification of a railway: "none", or its voltages with "/" between; empty when it is not known."""
    line_class: str = ""
    """Of a railway: "A" to "E5"; empty when it is not known."""
    military_load_class: float | None = None
    """Of the weakest bridge of a road (STANAG 2021); None when it is not known."""
    max_train_m: float | None = None
    cemt_class: str = ""
    """Class of a waterway: "II" to "VIc"; empty when it is not known."""
    tunnel_category: str = ""
    """ADR category of a road tunnel, "A" to "E"; empty where there is none, or it is not known."""
    max_weight_t: float | None = None
    max_height_m: float | None = None
    max_width_m: float | None = None
    """Limits of weight, height and width for abnormal loads; None when nothing is known of a limit."""
    shape: tuple[Point, ...] = ()
    """Its course from start to end: (lon, lat). Empty: straight. Only maps use it."""

    @property
    def max_axle_t(self) -> float | None:
        """Tonnes on an axle, by the class of the line."""
        return LINE_CLASSES[self.line_class][0] if self.line_class else None

    @property
    def max_metre_t(self) -> float | None:
        """Tonnes on a metre, by the class of the line."""
        return LINE_CLASSES[self.line_class][1] if self.line_class else None


@dataclass(frozen=True, slots=True)
class Facility:
    """Something scarce at a node, such as berths or a staging yard.

    `capacity` counts its `unit`; `rate_per_h` is what one unit of capacity handles in an hour (None: it only
    holds, and handles nothing).
    """

    node: str
    name: str
    capacity: float
    unit: str
    rate_per_h: float | None
    length_m: float | None = None
    """Length of one of them, such as a loading track or a berth."""


@dataclass(frozen=True, slots=True)
class Route:
    """The links from one node to another, in order; `forward[i]` says whether link i is used start to end."""

    nodes: tuple[str, ...]
    links: tuple[Link, ...]
    forward: tuple[bool, ...]
    link_h: tuple[float, ...]

    @property
    def km(self) -> float:
        return sum(link.km for link in self.links)

    @property
    def hours(self) -> float:
        return sum(self.link_h)


def distance_km(a: Point, b: Point) -> float:
    """Distance over the sphere between two points, in km."""
    lat_a, lat_b = math.radians(a[1]), math.radians(b[1])
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(b[0] - a[0]) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


Hours = npt.NDArray[np.float64]


class Ways:
    """Steps from node to node: each a link in one direction, those from and to the same nodes beside each other."""

    def __init__(self, links: Iterable[Link]) -> None:
        self.links = list(links)
        self.names = sorted({name for link in self.links for name in (link.start, link.end)})
        """The nodes, whose numbers the arrays have."""
        self.number = {name: number for number, name in enumerate(self.names)}
        starts = np.array([self.number[link.start] for link in self.links], np.int64)
        ends = np.array([self.number[link.end] for link in self.links], np.int64)
        back = np.flatnonzero([not link.directed for link in self.links])
        link, tail, head = np.r_[: len(starts), back], np.r_[starts, ends[back]], np.r_[ends, starts[back]]
        order = np.lexsort((link, head, tail))
        self.link, self.tail, self.head = link[order], tail[order], head[order]
        """Of each step: the number of its link, and those of its nodes."""
        self.forward = order < len(starts)
        self._heads: list[int] = self.head.tolist()
        self._begins: list[int] = np.searchsorted(self.tail, np.arange(len(self.names) + 1)).tolist()
        """Of each node: the first of the steps that lead on from it."""

    def hours(self, speed_kmh: Mapping[str, float] | None = None, without: Collection[str] = ()) -> Hours:
        """The hours of each step, for who drives so many km/h at most by kind of link; those of links that may not be
        used have no end."""
        speeds = speed_kmh or {}
        fastest = [min(link.free_speed_kmh, speeds.get(link.kind, math.inf)) for link in self.links]
        closed = [link.name in without for link in self.links]
        took = np.where(closed, math.inf, [link.km for link in self.links] / np.array(fastest, np.float64))
        return np.asarray(took[self.link])

    def fastest(self, hours: Hours, start: str, end: str) -> list[int] | None:
        """The steps of the fastest way, in order; None when there is no way."""
        return self.way_to(start, end, self.last_steps(hours, start, end))

    def last_steps(self, hours: Hours, start: str, end: str = "") -> dict[int, int]:
        """By number of node: the last step of the fastest way to it from the start (Dijkstra's algorithm); if an end is
        named, of nodes no farther than that."""
        took_h, heads, begins = hours.tolist(), self._heads, self._begins
        first, goal = self.number[start], self.number.get(end)
        far_h, last = [math.inf] * len(self.names), dict[int, int]()
        far_h[first] = 0.0
        queue = [(0.0, first)]
        while queue:
            at_h, node = heappop(queue)
            if node == goal:
                break
            if at_h > far_h[node]:
                continue  # a shorter way to it has been gone on from
            for step in range(begins[node], begins[node + 1]):
                head, there_h = heads[step], at_h + took_h[step]
                if there_h < far_h[head]:
                    far_h[head], last[head] = there_h, step
                    heappush(queue, (there_h, head))
        return last

    def way_to(self, start: str, end: str, last: Mapping[int, int]) -> list[int] | None:
        """The steps from the start to an end, in order, by the last step to each node; None when there is no way."""
        node, steps = self.number[end], list[int]()
        while node != self.number[start]:
            if node not in last:
                return None
            steps.append(last[node])
            node = int(self.tail[last[node]])
        return steps[::-1]


# A network: its nodes, links and facilities, and the fastest routes over it


MOST_ROUTES = 128
"""Routes that are remembered of a network: scenarios that differ in their means take the same ones."""

Outline = Mapping[str, Sequence[Sequence[tuple[float, float]]]]
Speeds = Mapping[str, float]
"""km/h at most, by kind of link."""


@dataclass(frozen=True)
class Network:
    """A network as read from GMNS tables. Read it with `read_network`; it is never changed."""

    path: Path
    nodes: Mapping[str, Node]
    links: Mapping[str, Link]
    facilities: Mapping[tuple[str, str], Facility]
    outline: Outline = field(default_factory=dict)
    """The rings of the map by country, each a list of (lon, lat) in degrees."""
    remarks: tuple[Problem, ...] = ()
    """What its tables left open and was derived, and columns that nothing reads."""

    @remembered(MOST_ROUTES)
    def reached(self, start: str, mode: str) -> frozenset[str]:
        """The nodes to which links of a mode lead from one, itself too where it has any."""
        ways = self.ways(mode)
        if start not in ways.number:
            return frozenset()
        return frozenset({start, *(ways.names[node] for node in ways.last_steps(ways.hours(), start))})

    @property
    @remembered(1)
    def single_tracks(self) -> Mapping[str, str]:
        """Single tracks that are given as one directed link each way: each of the two links with the other."""
        found, waiting = dict[str, str](), defaultdict[tuple[str, str, str], list[str]](list)
        for link in self.links.values():
            if link.directed and link.tracks == 1 and "rail" in link.modes:
                if back := waiting[link.end, link.start, link.line]:
                    other = back.pop(0)
                    found[link.name], found[other] = other, link.name
                else:
                    waiting[link.start, link.end, link.line].append(link.name)
        return found

    def __repr__(self) -> str:
        return f"<Network {self.path}: {self.sizes}>"

    def _repr_html_(self) -> str:
        links = {mode: sum(mode in link.modes for link in self.links.values()) for mode in NETWORKS}
        said = ", ".join(f"{mode} {number:,}" for mode, number in links.items() if number)
        return card("Network", str(self.path), {"has": self.sizes, "links": said})

    @property
    def sizes(self) -> str:
        """How many nodes, links and places with facilities it has, in words."""
        parts = (counted(len(self.nodes), "node"), counted(len(self.links), "link"))
        return f"{', '.join(parts)}, facilities at {counted(len({node for node, _ in self.facilities}), 'place')}"

    def course(self, link: Link, forward: bool = True) -> tuple[Point, ...]:
        """The points of a link in degrees (lon, lat), in the direction in which it is used."""
        points = link.shape or tuple((node.lon, node.lat) for node in (self.nodes[link.start], self.nodes[link.end]))
        return points if forward else points[::-1]

    def great_circle_km(self, start: str, end: str) -> float:
        """Distance over the sphere between two nodes, in km."""
        a, b = self.nodes[start], self.nodes[end]
        return distance_km((a.lon, a.lat), (b.lon, b.lat))

    def route(
        self, start: str, end: str, mode: str, speed_kmh: Speeds | None = None, without: Collection[str] = ()
    ) -> Route:
        """Return the fastest route when nothing is in the way.

        The route stays in the country where it can: it passes no node of kind "external" on the way.
        `speed_kmh` caps the speed of the mover by kind of link ("motorway", "rail", ...), in km/h; a link's
        own free speed is never exceeded. `without` names links that it may not use. Raises `NoRouteError`,
        naming the nodes and the mode.
        """
        return self.routes(start, end, mode, speed_kmh, without, count=1)[0]

    def routes(
        self,
        start: str,
        end: str,
        mode: str,
        speed_kmh: Speeds | None = None,
        without: Collection[str] = (),
        count: int = 3,
    ) -> list[Route]:
        """Return up to `count` routes, the fastest first, as `route` does.

        The others are the fastest when each link of a route before them counts as twice as long: routes that
        differ where it matters. None takes more than twice the hours of the fastest.
        """
        if mode not in NETWORKS:
            near = did_you_mean(mode, NETWORKS)
            raise NoRouteError(f'"{mode}" is no mode of a link; use one of {", ".join(NETWORKS)}{near}')
        for name in (start, end):
            if name not in self.nodes:
                raise NoRouteError(f'"{name}" is not in {self.path}{did_you_mean(name, self.nodes)}')
            if name not in self.ways(mode).number:
                raise NoRouteError(f'"{name}" has no {mode} link in {self.path}; choose a node that has one')
        speeds = frozenset((speed_kmh or {}).items())
        return list(self._search(start, end, mode, speeds, frozenset(without), count))

    @remembered(MOST_ROUTES)
    def _search(
        self, start: str, end: str, mode: str, speeds: frozenset[tuple[str, float]], without: frozenset[str], count: int
    ) -> list[Route]:
        ways = self.ways(mode)
        hours = ways.hours(dict(speeds), without)
        abroad = np.array([self.nodes[name].kind == "external" and name not in (start, end) for name in ways.names])
        at_home = np.where(abroad[ways.tail] | abroad[ways.head], np.inf, hours)
        roads, steps = at_home, ways.fastest(at_home, start, end)
        if steps is None:
            roads, steps = hours, ways.fastest(hours, start, end)
        used = np.zeros(len(ways.links))
        found: list[Route] = []
        for number in range(count):
            if number:
                steps = ways.fastest(roads * 2.0 ** used[ways.link], start, end)
            if steps is None:
                raise NoRouteError(f'there is no way by {mode} from "{start}" to "{end}" in {self.path}')
            nodes = [ways.number[start], *ways.head[steps]]
            route = Route(
                nodes=tuple(ways.names[node] for node in nodes),
                links=tuple(ways.links[link] for link in ways.link[steps]),
                forward=tuple(ways.forward[steps].tolist()),
                link_h=tuple(hours[steps].tolist()),
            )
            used[ways.link[steps]] += 1
            if route not in found and (not found or route.hours <= 2 * found[0].hours):
                found.append(route)
        return sorted(found, key=lambda route: route.hours)

    @remembered(len(NETWORKS))
    def ways(self, mode: str) -> Ways:
        """What links of a mode lead where."""
        return Ways(link for link in self.links.values() if mode in link.modes)
