"""Nodes, links and facilities of a multimodal network, and the fastest route over them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from nfm_sim.cards import card
from nfm_sim.kinds import NETWORKS
from nfm_sim.memo import remembered
from nfm_sim.problems import NoRouteError, Problem, counted, did_you_mean

if TYPE_CHECKING:
    import networkx as nx

CEMT_CLASSES = ("I", "II", "III", "IV", "Va", "Vb", "VIa", "VIb", "VIc", "VII")
"""Classes of European inland waterways (CEMT 1992), the smallest first."""

NODE_KINDS = (
    *("sea_port_terminal", "inland_terminal", "rail_terminal", "barracks", "airport", "border_crossing", "external"),
    *("support_area", "city", "lock", "motorway_junction", "road_junction", "rail_node", "waterway_node"),
)
"""Types of node (`node_type`) that mean something here; others are junctions."""

LINE_CLASSES = {
    "A": (16.0, 5.0),
    "B1": (18.0, 5.0),
    "B2": (18.0, 6.4),
    "C2": (20.0, 6.4),
    "C3": (20.0, 7.2),
    "C4": (20.0, 8.0),
    "D2": (22.5, 6.4),
    "D3": (22.5, 7.2),
    "D4": (22.5, 8.0),
    "E4": (25.0, 8.0),
    "E5": (25.0, 8.8),
}
"""Classes of railway lines (EN 15528): tonnes on an axle, and on a metre."""
TUNNEL_CATEGORIES = ("A", "B", "C", "D", "E")
"""ADR 1.9.5: in A all dangerous goods may pass, in E hardly any."""

MOST_GRAPHS = 16
"""Graphs that are remembered of a network, by mode, speeds and closed links. Assumed: a scenario needs some ten."""
MOST_ROUTES = 128
"""Routes that are remembered of a network: scenarios that differ in their means take the same ones."""

EARTH_RADIUS_KM = 6371.0088
"""Mean radius (IUGG)."""


Point = tuple[float, float]
"""Degrees: longitude, latitude."""
Outline = Mapping[str, Sequence[Sequence[tuple[float, float]]]]
_Speeds = tuple[tuple[str, float], ...]
"""The speed of a mover in km/h by kind of link, as what can be hashed."""


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
    max_train_m: float | None = None
    cemt_class: str = ""
    """Class of a waterway: "II" to "VIc"; empty when it is not known."""
    tunnel_category: str = ""
    """ADR category of a road tunnel, "A" to "E"; empty where there is none, or it is not known."""
    max_weight_t: float | None = None
    max_height_m: float | None = None
    max_width_m: float | None = None
    """Limits of weight, height and width for abnormal loads; None when nothing is known of a limit."""
    line_class: str = ""
    """Of a railway: "A" to "E5"; empty when it is not known."""
    military_load_class: float | None = None
    """Of the weakest bridge of a road (STANAG 2021); None when it is not known."""
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


def great_circle_km(a: Node, b: Node) -> float:
    """Distance over the sphere between two nodes, in km."""
    return distance_km((a.lon, a.lat), (b.lon, b.lat))


def distance_km(a: Point, b: Point) -> float:
    """Distance over the sphere between two points, in km."""
    lat_a, lat_b = math.radians(a[1]), math.radians(b[1])
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(b[0] - a[0]) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


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

    @property
    @remembered(1)
    def nodes_of_mode(self) -> Mapping[str, frozenset[str]]:
        """The nodes that a mode's links touch, by mode."""
        touched: dict[str, set[str]] = {mode: set() for mode in NETWORKS}
        for link in self.links.values():
            for mode in link.modes:
                touched[mode].update((link.start, link.end))
        return {mode: frozenset(names) for mode, names in touched.items()}

    @property
    @remembered(1)
    def single_tracks(self) -> Mapping[str, str]:
        """Single tracks that are given as one directed link each way: each of the two links with the other."""
        found: dict[str, str] = {}
        waiting: dict[tuple[str, str, str], list[str]] = {}
        for link in self.links.values():
            if link.directed and link.tracks == 1 and "rail" in link.modes:
                back = waiting.get((link.end, link.start, link.line))
                if back:
                    other = back.pop(0)
                    found[link.name], found[other] = other, link.name
                else:
                    waiting.setdefault((link.start, link.end, link.line), []).append(link.name)
        return found

    def __repr__(self) -> str:
        return f"<Network {self.path}: {self._sizes()}>"

    def _repr_html_(self) -> str:
        links = {mode: sum(mode in link.modes for link in self.links.values()) for mode in NETWORKS}
        said = ", ".join(f"{mode} {number:,}" for mode, number in links.items() if number)
        facts = {"has": self._sizes(), "links": said}
        return card("Network", str(self.path), facts)

    def _sizes(self) -> str:
        parts = (counted(len(self.nodes), "node"), counted(len(self.links), "link"))
        return f"{', '.join(parts)}, facilities at {counted(len({node for node, _ in self.facilities}), 'place')}"

    def course(self, link: Link, forward: bool = True) -> tuple[Point, ...]:
        """The points of a link in degrees (lon, lat), in the direction in which it is used."""
        points = link.shape or tuple((node.lon, node.lat) for node in (self.nodes[link.start], self.nodes[link.end]))
        return points if forward else points[::-1]

    def great_circle_km(self, start: str, end: str) -> float:
        """Distance over the sphere between two nodes, in km."""
        return great_circle_km(self.nodes[start], self.nodes[end])

    def route(
        self,
        start: str,
        end: str,
        mode: str,
        speed_kmh: Mapping[str, float] | None = None,
        without: frozenset[str] = frozenset(),
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
        speed_kmh: Mapping[str, float] | None = None,
        without: frozenset[str] = frozenset(),
        count: int = 3,
    ) -> list[Route]:
        """Return up to `count` routes, the fastest first, as `route` does.

        The others are the fastest when each link of a route before them counts as twice as long: routes that
        differ where it matters. None takes more than twice the hours of the fastest.
        """
        if mode not in NETWORKS:
            raise NoRouteError(
                f'"{mode}" is no mode of a link; use one of {", ".join(NETWORKS)}{did_you_mean(mode, NETWORKS)}'
            )
        for name in (start, end):
            if name not in self.nodes:
                raise NoRouteError(f'"{name}" is not in {self.path}{did_you_mean(name, self.nodes)}')
            if name not in self.nodes_of_mode.get(mode, ()):
                raise NoRouteError(f'"{name}" has no {mode} link in {self.path}; choose a node that has one')
        speeds = tuple(sorted((speed_kmh or {}).items()))
        return list(self._search(start, end, mode, speeds, without, count))

    @remembered(MOST_ROUTES)
    def _search(
        self, start: str, end: str, mode: str, speeds: _Speeds, without: frozenset[str], count: int
    ) -> list[Route]:
        import networkx as nx  # not before a way is asked for: figures and tables need none

        graph = self._graph(mode, speeds, without)
        abroad = [name for name in graph if self.nodes[name].kind == "external" and name not in (start, end)]
        at_home = nx.restricted_view(graph, abroad, [])
        if start not in graph or end not in graph or not nx.has_path(graph, start, end):
            raise NoRouteError(f'there is no way by {mode} from "{start}" to "{end}" in {self.path}')
        roads = at_home if nx.has_path(at_home, start, end) else graph
        used: Counter[str] = Counter()
        found: list[Route] = []

        def weigh(step: _Step) -> float:
            return step.hours * 2.0 ** used[step.link.name]

        for _ in range(count):
            nodes = nx.shortest_path(roads, start, end, weight=lambda u, v, step: min(map(weigh, step["steps"])))
            steps = [min(graph.edges[step]["steps"], key=weigh) for step in pairwise(nodes)]
            route = Route(
                nodes=tuple(nodes),
                links=tuple(step.link for step in steps),
                forward=tuple(step.forward for step in steps),
                link_h=tuple(step.hours for step in steps),
            )
            used.update(link.name for link in route.links)
            if route not in found and (not found or route.hours <= 2 * found[0].hours):
                found.append(route)
        return sorted(found, key=lambda route: route.hours)

    @remembered(MOST_GRAPHS)
    def _graph(self, mode: str, speeds: _Speeds, without: frozenset[str]) -> nx.DiGraph:
        import networkx as nx

        speed_kmh = dict(speeds)
        graph = nx.DiGraph()
        for link in self.links.values():
            if mode in link.modes and link.name not in without:
                hours = link.km / min(link.free_speed_kmh, speed_kmh.get(link.kind, math.inf))
                _add(graph, link.start, link.end, _Step(link, True, hours))
                if not link.directed:
                    _add(graph, link.end, link.start, _Step(link, False, hours))
        return graph


@dataclass(frozen=True, slots=True)
class _Step:
    """A link in one direction, as it is driven."""

    link: Link
    forward: bool
    hours: float


def _add(graph: nx.DiGraph, start: str, end: str, step: _Step) -> None:
    """Add a step from one node to the next, beside those of parallel links."""
    if graph.has_edge(start, end):
        graph.edges[start, end]["steps"].append(step)
    else:
        graph.add_edge(start, end, steps=[step])
