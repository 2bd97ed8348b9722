"""OpenStreetMap extracts (.osm, .osm.pbf) as GMNS tables: main roads, railways and waterways, cut where they meet.

Tags are read as the wiki of OpenStreetMap (wiki.openstreetmap.org) describes them. Needs the extra `geo` (osmium).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from nfm_sim.extras import import_extra
from nfm_sim.files import plain_file
from nfm_sim.network.network import Point
from nfm_sim.network.shapes import length_km, shape_text
from nfm_sim.network.sources import MadeTables
from nfm_sim.problems import InputError, Problem

ROADS = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential")
WATERWAYS = ("river", "canal", "fairway")
OFF_LINE = ("yard", "siding")
"""Values of `service` of tracks that no train passes through on its way."""
ONE_WAY = {"yes": "forward", "true": "forward", "1": "forward", "-1": "backward", "reverse": "backward"}
MILE_KM = 1.609344
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class _Way:
    number: int
    nodes: tuple[int, ...]
    points: tuple[Point, ...]
    tags: Mapping[str, str]


def openstreetmap_tables(file: Path, modes: Collection[str]) -> MadeTables:
    """Return the ways of some modes (road, rail, water) as tables of nodes and links.

    A way is cut at each node where others meet it, and where it ends. Raises `InputError` when the file is none, or has
    no such way.
    """
    osmium = import_extra("osmium", "geo")
    plain_file(file)
    ways: list[_Way] = []
    try:
        tagged = osmium.filter.KeyFilter("highway", "railway", "waterway")  # before Python sees them
        for way in osmium.FileProcessor(str(file)).with_locations().with_filter(tagged):
            if not way.is_way():
                continue
            tags = {tag.k: tag.v for tag in way.tags}
            places = [(node.ref, node.location) for node in way.nodes if node.location.valid()]
            if len(places) > 1 and _mode(tags) in modes:
                points = tuple((round(at.lon, 6), round(at.lat, 6)) for _, at in places)
                ways.append(_Way(way.id, tuple(ref for ref, _ in places), points, tags))
    except (RuntimeError, ValueError, OverflowError, osmium.InvalidLocationError) as error:
        raise InputError([Problem(str(file), "", "", f"cannot be read as OpenStreetMap ({error})")]) from None
    if not ways:
        remedy = f"has no way by {', '.join(modes)} with its nodes; name other modes, or an extract with nodes"
        raise InputError([Problem(str(file), "", "", remedy)])
    met = Counter(node for way in ways for node in set(way.nodes))
    links = [link for way in ways for link in _links_of(way, met)]
    ends = {end for link in links for end in (link["from_node_id"], link["to_node_id"])}
    at = {str(node): point for way in ways for node, point in zip(way.nodes, way.points, strict=True)}
    nodes = [
        {"node_id": name, "x_coord": f"{lon:.6f}", "y_coord": f"{lat:.6f}"}
        for name, (lon, lat) in at.items()
        if name in ends
    ]
    return MadeTables(file, {"node.csv": nodes, "link.csv": links})


def _mode(tags: Mapping[str, str]) -> str:
    if tags.get("highway", "").removesuffix("_link") in ROADS:
        return "road"
    if tags.get("railway") == "rail" and tags.get("service") not in OFF_LINE:
        return "rail"
    return "water" if tags.get("waterway") in WATERWAYS and tags.get("boat") != "no" else ""


def _links_of(way: _Way, met: Mapping[int, int]) -> Iterator[dict[str, str]]:
    """The links of a way: between its ends, and the nodes where other ways meet it or it meets itself."""
    twice = {node for node, times in Counter(way.nodes).items() if times > 1}
    last = len(way.nodes) - 1
    cuts = [place for place, node in enumerate(way.nodes) if place in (0, last) or met[node] > 1 or node in twice]
    about = _about(way.tags)
    backward = about.pop("backward", "")
    for number, (begin, end) in enumerate(pairwise(cuts)):
        points = way.points[begin : end + 1]
        ends = [str(way.nodes[begin]), str(way.nodes[end])]
        if ends[0] == ends[1]:  # a ring between two cuts leads nowhere
            continue
        if backward:
            points, ends = points[::-1], ends[::-1]
        yield {
            "link_id": f"{way.number}_{number}",
            "from_node_id": ends[0],
            "to_node_id": ends[1],
            "length": f"{length_km(points):.4f}",
            "geometry": shape_text(points) if len(points) > 2 else "",
            **about,
        }


def _about(tags: Mapping[str, str]) -> dict[str, str]:
    """The cells that the tags of a way give; `backward` says that it is driven against its course."""
    mode = _mode(tags)
    kind = {"road": tags.get("highway", "").removesuffix("_link"), "rail": "rail", "water": "waterway"}[mode]
    one_way = ONE_WAY.get(tags.get("oneway", ""), "")
    if mode != "road":
        one_way = ""  # trains and barges go both ways on a track or fairway that is one line on the map
    elif "oneway" not in tags and (kind == "motorway" or tags.get("junction") == "roundabout"):
        one_way = "forward"
    lanes = _whole(tags.get("lanes", ""))
    if lanes and not one_way:
        lanes = max(1, lanes // 2)
    wire = tags.get("electrified", "")
    cells = {
        "name": tags.get("ref") or tags.get("name") or "",
        "directed": "true" if one_way else "false",
        "facility_type": kind,
        "free_speed": _speed(tags.get("maxspeed", "")),
        "allowed_uses": mode,
        "lanes": str(lanes) if mode == "road" and lanes else "",
        "tracks": "1" if mode == "rail" else "",
        "electrification": "none" if wire == "no" else f"{tags['voltage']}V" if wire and "voltage" in tags else "",
        "cemt_class": tags.get("CEMT", "") if tags.get("CEMT", "") in CEMT else "",
        "max_height_m": _metres(tags.get("maxheight", "")),
        "max_weight_t": _metres(tags.get("maxweight", "")),
        "max_width_m": _metres(tags.get("maxwidth", "")),
    }
    return {**cells, **({"backward": "yes"} if one_way == "backward" else {})}


CEMT = ("I", "II", "III", "IV", "Va", "Vb", "VIa", "VIb", "VIc", "VII")


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _speed(text: str) -> str:
    """km/h; empty where the tag is no number ("none", "walk")."""
    match = NUMBER.match(text)
    if match is None or float(match[0]) == 0:
        return ""
    return f"{float(match[0]) * (MILE_KM if 'mph' in text else 1):.0f}"


def _metres(text: str) -> str:
    """A height, width or weight in m or t; empty where it is written in another unit."""
    return text.strip() if NUMBER.fullmatch(text.strip()) else ""
