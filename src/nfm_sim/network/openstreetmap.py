"""OpenStreetMap extracts (.osm, .osm.pbf) as a network: roads, railways and waterways, cut where they meet.

The file is read twice, first its ways and then the nodes that these have, so that a country takes little memory:
numbers lie in arrays until links are made of them. Needs the extra `geo` (osmium).
"""

from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nfm_sim.extras import import_extra
from nfm_sim.files import plain_file
from nfm_sim.limits import MOST_LINKS, MOST_NODES
from nfm_sim.network.links import Link, Node, Point
from nfm_sim.network.network import Network
from nfm_sim.network.shapes import Floats, Integers, distances_km
from nfm_sim.network.tags import Tags
from nfm_sim.problems import InputError, Problem, counted


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
    with _reading(file, osmium):
        ways = _ways(osmium, file, tags)
        known, points = _places(osmium, file, ways.nodes)
    there = np.searchsorted(known, ways.nodes)
    found = known[np.minimum(there, len(known) - 1)] == ways.nodes if len(known) else np.zeros(len(there), bool)
    missing = len(np.unique(ways.nodes[~found]))
    found &= np.bincount(ways.way_of[found], minlength=len(ways.numbers))[ways.way_of] > 1  # one node makes no way
    ways = _Ways(ways.numbers, ways.about, ways.nodes[found], ways.way_of[found])
    links = {link.name: link for link in _links(ways, points[there[found]])}
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


@contextmanager
def _reading(file: Path, osmium: Any) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError, OverflowError, osmium.InvalidLocationError) as error:
        raise InputError.of(file, "", "", f"cannot be read as OpenStreetMap ({error})") from None


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
            degrees.append(node.location.lon)
            degrees.append(node.location.lat)
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
        ends = (str(ways.nodes[begin]), str(ways.nodes[end]))
        if ends[0] != ends[1]:  # a ring between two cuts leads nowhere
            km = np.ceil(steps[begin:end].sum() * 10_000) / 10_000
            yield _link(f"{ways.numbers[way]}_{number}", ends, places[begin : end + 1], float(km), ways.about[way])


def _link(name: str, ends: tuple[str, str], course: list[Point], km: float, about: Mapping[str, Any]) -> Link:
    fields = {key: value for key, value in about.items() if key != "backward"}
    if about["backward"]:
        ends, course = ends[::-1], course[::-1]
    return Link(name=name, start=ends[0], end=ends[1], km=km, shape=tuple(course) if len(course) > 2 else (), **fields)
