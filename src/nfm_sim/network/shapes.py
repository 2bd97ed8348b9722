"""The course of links: points in degrees, as WKT in tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from nfm_sim.extras import import_extra
from nfm_sim.network.network import Point, distance_km

ToDegrees = Callable[[float, float], Point]

LINESTRING = re.compile(r"\s*(?:SRID=\d+;)?\s*LINESTRING\s*Z?\s*\((.*)\)\s*", flags=re.IGNORECASE | re.DOTALL)
MOST_POINTS = 20_000
"""Of one link. Assumed: a coast drawn to the metre has fewer."""
NEAR_KM, NEAR_SHARE = 1.0, 0.25
"""How far from its nodes a course may begin and end: so many km, or this share of the way between them. Assumed."""


def read_shape(text: str, to_degrees: ToDegrees | None = None) -> tuple[Point, ...]:
    """Return the points of a WKT LINESTRING, in degrees; none where it is no line on earth."""
    match = LINESTRING.fullmatch(text)
    if match is None:
        return ()
    points: list[Point] = []
    for pair in match[1].split(","):
        numbers = pair.split()
        try:
            x, y = float(numbers[0]), float(numbers[1])
            lon, lat = to_degrees(x, y) if to_degrees is not None else (x, y)
        except (ValueError, IndexError):
            return ()
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # NaN is not either
            return ()
        points.append((round(lon, 6), round(lat, 6)))
    return tuple(points) if 2 <= len(points) <= MOST_POINTS else ()


def shape_between(points: Sequence[Point], start: Point, end: Point) -> tuple[Point, ...]:
    """Return the points of a course from one node to another, whichever way they were written; none where they lead
    elsewhere, or straight."""
    if len(points) < 3:
        return ()
    near = max(NEAR_KM, NEAR_SHARE * distance_km(start, end))
    for course in (tuple(points), tuple(reversed(points))):
        if distance_km(course[0], start) <= near and distance_km(course[-1], end) <= near:
            return course
    return ()


def shape_text(points: Sequence[Point]) -> str:
    """Return points as WKT."""
    return f"LINESTRING ({', '.join(f'{lon:.6f} {lat:.6f}' for lon, lat in points)})" if points else ""


def to_degrees_from(crs: str) -> ToDegrees | None:
    """Return the function from coordinates of a reference system ("EPSG:28992") to degrees of longitude and latitude;
    None where the system is not known, or lies nowhere on earth. Needs the extra `geo` (pyproj)."""
    pyproj = import_extra("pyproj", "geo")
    try:
        convert: ToDegrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform
    except pyproj.exceptions.ProjError:
        return None
    return convert


def length_km(points: Sequence[Point]) -> float:
    """The length of a line over the sphere, in km."""
    return sum(distance_km(a, b) for a, b in pairwise(points))
