"""What a network is made of: nodes, links and facilities, and what their fields may say."""

import math
from dataclasses import dataclass

from nfm_sim.beside import rows_beside

CEMT_CLASSES = ("I", "II", "III", "IV", "Va", "Vb", "VIa", "VIb", "VIc", "VII")
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
