"""The course of links: points in degrees, as WKT in tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from nfm_sim.extras import import_extra
from nfm_sim.network.links import EARTH_RADIUS_KM, Point, distance_km

ToDegrees = Callable[[float, float], Point]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

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


def distances_km(a: Floats, b: Floats) -> Floats:
    """The distances over the sphere between points (n, 2) in degrees and others, in km: `distance_km` of many."""
    (lon_a, lat_a), (lon_b, lat_b) = np.radians(np.moveaxis(a, -1, 0)), np.radians(np.moveaxis(b, -1, 0))
    chord = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, chord))))


def lengths_km(courses: Sequence[Sequence[Point]]) -> Floats:
    """The lengths of lines over the sphere, in km: `length_km` of many."""
    points, starts = points_of(courses)
    steps = distances_km(points[:-1], points[1:])
    steps[starts[1:] - 1] = 0.0  # from one line to the next
    return np.add.reduceat(steps, starts) if len(starts) else steps


def points_of(courses: Sequence[Sequence[Point]]) -> tuple[Floats, Integers]:
    """The points (n, 2) of lines, one behind the other, and where each line begins."""
    sizes = np.array([len(course) for course in courses], np.int64)
    flat = chain.from_iterable(chain.from_iterable(courses))
    points = np.fromiter(flat, np.float64, 2 * int(sizes.sum())).reshape(-1, 2)
    return points, np.append(0, np.cumsum(sizes)[:-1])[: len(sizes)]
