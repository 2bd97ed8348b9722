"""OpenStreetMap extracts (.osm, .osm.pbf) as a network: roads, railways and waterways, cut where they meet.

The file is read twice, first its ways and then the nodes that these have, so that a country takes little memory:
numbers lie in arrays until links are made of them. Needs the extra `geo` (osmium).
"""

import math
import re
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from nfm_sim.extras import import_extra
from nfm_sim.files import plain_file
from nfm_sim.limits import LEAST_KMH, MOST_LINK_KMH, MOST_LINKS, MOST_NAME, MOST_NODES, MOST_TRACKS
from nfm_sim.network.network import CEMT_CLASSES, Link, Network, Node, Point
from nfm_sim.network.shapes import Floats, Integers, distances_km
from nfm_sim.network.tables import OTHER_KMH, SPEEDS
from nfm_sim.problems import InputError, Problem, counted, some_of
from nfm_sim.units import KMH, METRES, TONNES

# What the tags of a way of OpenStreetMap say, as its wiki (wiki.openstreetmap.org) describes them, in our units.
#
# What is there and cannot be read is counted, since a limit that is not read would be none.


ROADS = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential")
"""Classes of roads, the greatest first."""
WATERWAYS = ("river", "canal", "fairway")
OFF_LINE = ("yard", "siding")
"""Values of `service` of tracks that no train passes through on its way."""
ONE_WAY = {"yes": "forward", "true": "forward", "1": "forward", "-1": "backward", "reverse": "backward"}

ACCESS = {"road": ("hgv", "motor_vehicle", "vehicle", "access"), "water": ("ship", "motorboat", "boat", "access")}
"""By mode: the keys that close a way, the most particular first. All that we move by road is a heavy goods vehicle."""
OPEN = {"yes", "permissive", "designated", "official", "public", "destination", "delivery", "customers", "discouraged",
        "unknown"}  # fmt: skip
"""Values of access with which a way is open. Any other ("no", "private", "agricultural", "military") closes it."""
NOW_AND_THEN = re.compile(r"(?:access|vehicle|motor_vehicle|hgv|oneway)(?::.+)?:(?:conditional|forward|backward)")
"""Keys of access that hold at some hours, or in one direction."""

LIMITS = {
    "max_weight_t": ("maxweight", "maxweight:hgv", "maxweightrating", "maxweightrating:hgv"),
    "max_height_m": ("maxheight", "maxheight:physical"),
    "max_width_m": ("maxwidth", "maxwidth:physical"),
}
"""By limit of a link: the keys that give it, of which the least counts."""
READ = {key for keys in LIMITS.values() for key in keys}
OTHER_LIMITS = ("maxweight", "maxheight", "maxwidth", "maxaxleload", "maxbogieweight", "maxlength")
"""What keys of limits begin with: those that are not read are counted."""
NO_LIMIT = ("none", "no", "unlimited")
LEAST, MOST = 0.001, {"max_weight_t": 1_000.0, "max_height_m": 100.0, "max_width_m": 1_000.0}
"""A limit beyond these is a slip, such as centimetres. Assumed."""
QUANTITY = re.compile(r"(\d+(?:\.\d+|,\d{1,2})?)\s*([A-Za-z/]*)")
"""A number with its unit; a comma with three figures behind it may be either mark, and is not read."""
FEET = re.compile(r"(\d+(?:\.\d+)?)\s*(?:'|ft|feet)\s*(?:(\d+(?:\.\d+)?)\s*(?:\"|''|in))?")


CEMT = {name.upper(): name for name in CEMT_CLASSES}
Value = TypeVar("Value")


@dataclass
class Tags:
    """Reads the tags of ways, and counts those that cannot be read and the ways that are left out."""

    modes: Collection[str]
    least: str = ROADS[-1]
    """The least class of road that is taken."""
    closed: bool = False
    """Whether ways are taken that are closed to traffic."""
    counts: Counter[str] = field(default_factory=Counter)
    """Ways, by what is said of them."""
    unread: dict[str, Counter[str]] = field(default_factory=dict)

    def about(self, tags: Mapping[str, str]) -> dict[str, Any] | None:
        """Return what the links of a way have, by their fields, and whether it is driven against its course
        ("backward"). None where the way is not taken."""
        mode = _mode(tags)
        if mode not in self.modes:
            return None
        kind = {"road": tags.get("highway", "").removesuffix("_link"), "rail": "rail", "water": "waterway"}[mode]
        if mode == "road" and ROADS.index(kind) > ROADS.index(self.least):
            self.counts[f"left out: {{}} below {self.least}"] += 1
            return None
        if closing := _closing(tags, mode):
            self.counts[f"{'taken' if self.closed else 'left out'}: {{}} closed to traffic ({closing})"] += 1
            if not self.closed:
                return None
        one_way = self._one_way(tags, mode, kind)
        wire = tags.get("electrified", "")
        volts = "/".join(f"{volt.strip()}V" for volt in tags.get("voltage", "").split(";") if volt.strip().isdecimal())
        for key in tags:
            if NOW_AND_THEN.fullmatch(key) or (key.startswith(OTHER_LIMITS) and key not in READ):
                self._count(key, tags[key])
        return {
            "line": (tags.get("ref") or tags.get("name") or "")[:MOST_NAME],
            "directed": bool(one_way),
            "backward": one_way == "backward",
            "kind": kind,
            "free_speed_kmh": self._speed(tags, kind),
            "modes": frozenset((mode,)),
            "lanes": self._lanes(tags, one_way) if mode == "road" else None,
            "tracks": (self._value(tags, "tracks", _whole) or 1) if mode == "rail" else None,
            "electrification": "none" if wire == "no" else volts if wire else "",
            "cemt_class": (self._value(tags, "CEMT", lambda text: CEMT.get(text.upper())) or "")
            if mode == "water"
            else "",
            **{limit: self._limit(tags, limit) for limit in LIMITS},
        }

    def remarks(self) -> Iterator[str]:
        """Say in counts what was left out and what was not read."""
        for what, number in self.counts.items():
            yield what.format(counted(number, "way"))
        for key, values in self.unread.items():
            which = some_of((f'"{value}" {number:,}' for value, number in values.most_common()), most=3)
            yield f"not read: {key} of {counted(values.total(), 'way')} ({which})"

    def _count(self, key: str, value: str) -> None:
        self.unread.setdefault(key, Counter())[value] += 1

    def _value(self, tags: Mapping[str, str], key: str, read: Callable[[str], Value | None]) -> Value | None:
        """What a tag gives; None where it gives nothing, or nothing that can be read, which is counted."""
        text = tags.get(key, "")
        if not text or text in NO_LIMIT:
            return None
        value = read(text)
        if value is None:
            self._count(key, text)
        return value

    def _one_way(self, tags: Mapping[str, str], mode: str, kind: str) -> str:
        """The direction of a way with one: "forward" or "backward". A fairway, and a track without a direction that is
        preferred, is used both ways."""
        if mode == "rail":
            preferred = tags.get("railway:preferred_direction", "")
            return preferred if preferred in ("forward", "backward") else ""
        if mode == "water":
            return ""
        if "oneway" not in tags:
            round_it = tags.get("junction") in ("roundabout", "circular")
            return "forward" if kind == "motorway" or round_it else ""
        return self._value(tags, "oneway", ONE_WAY.get) or ""

    def _limit(self, tags: Mapping[str, str], limit: str) -> float | None:
        """The least of the limits that a way gives; None where it gives none that can be read."""
        units = TONNES if limit == "max_weight_t" else METRES
        found = (self._value(tags, key, lambda text: _amount(text, units, LEAST, MOST[limit])) for key in LIMITS[limit])
        return min((round(amount, 3) for amount in found if amount is not None), default=None)

    def _speed(self, tags: Mapping[str, str], kind: str) -> float:
        """km/h; without one that can be read, that of the class."""
        speed = self._value(tags, "maxspeed", lambda text: _amount(text, KMH, LEAST_KMH, MOST_LINK_KMH))
        if speed is not None:
            return float(round(speed))
        self.counts["derived: free_speed of {} from its class"] += 1
        return SPEEDS.get(kind, OTHER_KMH)

    def _lanes(self, tags: Mapping[str, str], one_way: str) -> int | None:
        """Lanes for each direction: the fewer of the two."""
        ways = (one_way,) if one_way else ("forward", "backward")
        by_direction: Iterable[int] = filter(None, (self._value(tags, f"lanes:{way}", _whole) for way in ways))
        lanes = self._value(tags, "lanes", _whole)
        return min(by_direction, default=0) or (lanes if one_way or not lanes else max(1, lanes // 2)) or None


def _mode(tags: Mapping[str, str]) -> str:
    if tags.get("highway", "").removesuffix("_link") in ROADS:
        return "road"
    if tags.get("railway") == "rail" and tags.get("service") not in OFF_LINE:
        return "rail"
    return "water" if tags.get("waterway") in WATERWAYS else ""


def _closing(tags: Mapping[str, str], mode: str) -> str:
    """The tag that closes a way; empty where it is open."""
    for key in ACCESS.get(mode, ()):
        value = tags.get(key)
        if value is not None:
            return "" if OPEN & {word.strip() for word in value.split(";")} else f"{key}={value}"
    return ""


def _whole(text: str) -> int | None:
    """A number of lanes or tracks; None where it cannot be read."""
    is_read = text.isascii() and text.isdecimal() and len(text) < 3 and int(text) <= MOST_TRACKS
    return int(text) if is_read else None


def _amount(text: str, units: Mapping[str, float], least: float, most: float) -> float | None:
    """A quantity in our unit, which is meant where it has none; None where it cannot be read, or is beyond its
    bounds."""
    feet, match = FEET.fullmatch(text.strip()), QUANTITY.fullmatch(text.strip())
    unit = units.get(match[2]) if match is not None and match[2] else 1.0
    amount = math.nan if match is None or unit is None else float(match[1].replace(",", ".")) * unit
    if feet is not None and units is METRES:
        amount = float(feet[1]) * METRES["ft"] + float(feet[2] or 0) * METRES["in"]
    return amount if least <= amount <= most else None


@dataclass(frozen=True, slots=True)
class _Ways:
    """The ways that are taken, one behind the other."""

    numbers: list[int]
    about: list[dict[str, Any]]
    """What the links of each have; those that have the same share it."""
    nodes: Integers
    """The nodes of all ways, in their order."""
    way_of: Integers
    """For each of these nodes, the place of its way."""


def read_openstreetmap(file: Path, tags: Tags) -> Network:
    """Return the ways that the tags admit as a network. `Network.remarks` says what was left out and not read.

    A way is cut at each node where others meet it, and where it ends. Raises `InputError` when the file is none, has no
    such way, or more of them than a network may have.
    """
    osmium = import_extra("osmium", "geo")
    plain_file(file)
    try:
        ways = _ways(osmium, file, tags)
        known, points = _places(osmium, file, ways.nodes)
    except (RuntimeError, ValueError, OverflowError, osmium.InvalidLocationError) as error:
        raise InputError.of(file, "", "", f"cannot be read as OpenStreetMap ({error})") from None
    found = np.isin(ways.nodes, known)
    missing = len(np.unique(ways.nodes[~found]))
    found &= np.bincount(ways.way_of[found], minlength=len(ways.numbers))[ways.way_of] > 1  # one node makes no way
    ways = _Ways(ways.numbers, ways.about, ways.nodes[found], ways.way_of[found])
    links = {link.name: link for link in _links(ways, points[np.searchsorted(known, ways.nodes)])}
    said = list(tags.remarks())
    if missing:
        said.append(f"left out: {counted(missing, 'node')} of ways that the file names and does not have")
    if not links:
        remedy = f"has no way by {', '.join(tags.modes)} with its nodes; name other modes, or an extract with nodes"
        raise InputError.of(file, "", "", "; ".join([remedy, *said]))
    ends = np.array(sorted({int(end) for link in links.values() for end in (link.start, link.end)}), np.int64)
    nodes = {
        str(name): Node(str(name), str(name), lon, lat, "", "", frozenset())
        for name, (lon, lat) in zip(ends.tolist(), points[np.searchsorted(known, ends)].tolist(), strict=True)
    }
    for what, number, most in (("links", len(links), MOST_LINKS), ("nodes", len(nodes), MOST_NODES)):
        if number > most:
            remedy = f"has {number:,} {what}, at most {most:,}; take greater roads alone, such as --least secondary"
            raise InputError.of(file, "", "", remedy)
    return Network(file, nodes, links, {}, remarks=tuple(Problem(str(file), "", "", text) for text in said))


def _ways(osmium: Any, file: Path, tags: Tags) -> _Ways:
    """The ways of a file that are taken; of one that stands twice, the first."""
    tagged = osmium.filter.KeyFilter("highway", "railway", "waterway")  # before Python sees them
    numbers: dict[int, None] = {}
    about, nodes, lengths = [], array("q"), array("q")
    alike: dict[tuple[Any, ...], dict[str, Any]] = {}
    for way in osmium.FileProcessor(str(file), osmium.osm.WAY).with_filter(tagged):
        fields = tags.about(dict(way.tags)) if way.id not in numbers else None
        if fields is not None:
            numbers[way.id] = None
            about.append(alike.setdefault(tuple(fields.values()), fields))
            before = len(nodes)
            nodes.extend(node.ref for node in way.nodes)
            lengths.append(len(nodes) - before)
    way_of = np.repeat(np.arange(len(about)), np.array(lengths, np.int64))
    return _Ways(list(numbers), about, np.array(nodes, np.int64), way_of)


def _places(osmium: Any, file: Path, nodes: Integers) -> tuple[Integers, Floats]:
    """The numbers of those nodes that the file has, in order, and where they lie: degrees."""
    wanted = np.unique(nodes)
    processor = osmium.FileProcessor(str(file), osmium.osm.NODE)
    if len(wanted) and wanted[0] >= 0:  # the filter takes no negative numbers, which editors give to what is new
        processor = processor.with_filter(osmium.filter.IdFilter(wanted.tolist()))
    numbers, degrees = array("q"), array("d")
    for node in processor:
        if node.location.valid():
            numbers.append(node.id)
            degrees.extend((node.location.lon, node.location.lat))
    known, first = np.unique(np.array(numbers, np.int64), return_index=True)
    return known, np.round(np.array(degrees).reshape(-1, 2)[first], 6)


def _links(ways: _Ways, points: Floats) -> Iterator[Link]:
    """The links of ways: between their ends, and the nodes where others meet them or they meet themselves."""
    if not len(points):
        return
    _, which, times = np.unique(ways.nodes, return_inverse=True, return_counts=True)
    cut = times[which] > 1
    turns = ways.way_of[1:] != ways.way_of[:-1]
    cut[0] = cut[-1] = True
    cut[1:] |= turns
    cut[:-1] |= turns
    cuts = np.flatnonzero(cut)
    same = ways.way_of[cuts[1:]] == ways.way_of[cuts[:-1]]
    steps = np.append(distances_km(points[:-1], points[1:]), 0.0)
    places: list[Point] = list(map(tuple, points.tolist()))
    way, number = -1, 0
    for begin, end in zip(cuts[:-1][same].tolist(), cuts[1:][same].tolist(), strict=True):
        number = number + 1 if ways.way_of[begin] == way else 0
        way = ways.way_of[begin]
        if ways.nodes[begin] != ways.nodes[end]:  # a ring between two cuts leads nowhere
            name, km = f"{ways.numbers[way]}_{number}", float(np.ceil(steps[begin:end].sum() * 10_000) / 10_000)
            about = dict(ways.about[way])
            along = -1 if about.pop("backward") else 1
            start, to = (str(ways.nodes[at]) for at in (begin, end)[::along])
            shape = tuple(places[begin : end + 1][::along]) if end > begin + 1 else ()
            yield Link(name=name, start=start, end=to, km=km, shape=shape, **about)
