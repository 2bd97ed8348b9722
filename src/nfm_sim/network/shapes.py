"""The course of links: points in degrees, as WKT in tables, and where lines meet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise

import numpy as np
import scipy
from numpy.typing import NDArray

from nfm_sim.extras import import_extra
from nfm_sim.network.network import EARTH_RADIUS_KM, Point, distance_km
from nfm_sim.problems import InputError

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


def to_degrees_from(crs: str, file: object = "network import") -> ToDegrees:
    """Return the function from coordinates of a reference system ("EPSG:28992") to degrees of longitude and latitude.
    Raises `InputError` where the system is not known, or lies nowhere on earth. Needs the extra `geo` (pyproj)."""
    pyproj = import_extra("pyproj", "geo")
    try:
        convert: ToDegrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform
    except pyproj.exceptions.ProjError:
        remedy = "is no system from which degrees follow; say with --crs what the coordinates are, such as EPSG:28992"
        raise InputError.of(file, "crs", crs.split("[")[0], remedy) from None
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


# Where lines meet: ends that are one place, and places on the course of a line that does not end there


TOGETHER_KM = 0.001
"""Ends so near to each other are one place."""
MOST_TOGETHER = 1_000
"""Pairs of ends that are together for each end. Assumed: where more are, the coordinates are of something else."""

STEPS_AT_ONCE = 100_000


def together(points: Sequence[Point]) -> list[int] | None:
    """Return for each point (lon, lat) the number of its place, from 0 in the order of the points: those within a metre
    of each other are one place, wherever on earth they lie. None where points lie together by the thousand."""
    distinct = list(dict.fromkeys(points))
    tree, near = scipy.spatial.cKDTree(_on_sphere(np.array(distinct))), TOGETHER_KM / EARTH_RADIUS_KM
    if tree.count_neighbors(tree, near) > MOST_TOGETHER * len(distinct):
        return None
    pairs = tree.query_pairs(near, output_type="ndarray")
    graph = scipy.sparse.coo_array((np.ones(len(pairs)), tuple(pairs.T)), shape=(len(distinct), len(distinct)))
    _, labels = scipy.sparse.csgraph.connected_components(graph, directed=False)
    numbers: dict[int, int] = {}
    place = {point: numbers.setdefault(label, len(numbers)) for point, label in zip(distinct, labels, strict=True)}
    return [place[point] for point in points]


def on_the_way(places: Floats, courses: Sequence[Sequence[Point]]) -> Iterator[tuple[int, int, int]]:
    """Yield the places (n, 2) that lie within a metre of the course of a line, and not of its ends: place, line, and
    the step of the line, from 0, on which it lies. Steps are straight in degrees, as maps draw them."""
    if not len(places) or not len(courses):
        return
    points, starts = points_of(courses)
    ends = np.append(starts[1:], len(points)) - 1
    steps = np.delete(np.arange(len(points)), ends)
    line_of = np.repeat(np.arange(len(courses)), ends - starts)
    tree = scipy.spatial.cKDTree(_on_sphere(places))
    for few in np.array_split(np.arange(len(steps)), len(steps) // STEPS_AT_ONCE + 1):
        step, place = _near_steps(tree, points[steps[few]], points[steps[few] + 1])
        line, at = line_of[few[step]], places[place]
        off_km = _from_step_km(at, points[steps[few[step]]], points[steps[few[step]] + 1])
        from_end_km = np.minimum(distances_km(at, points[starts[line]]), distances_km(at, points[ends[line]]))
        found = (off_km <= TOGETHER_KM) & (from_end_km > TOGETHER_KM)
        number = steps[few[step]] - starts[line]
        yield from zip(place[found].tolist(), line[found].tolist(), number[found].tolist(), strict=True)


def _near_steps(tree: scipy.spatial.cKDTree, a: Floats, b: Floats) -> tuple[Integers, Integers]:
    """The steps from points to others, and the places of a tree that may lie on them: pairs of their numbers."""
    middle = (a + b) / 2
    reach_km = 1.001 * np.maximum(distances_km(middle, a), distances_km(middle, b)) + TOGETHER_KM
    chord = 2 * np.sin(np.minimum(reach_km / EARTH_RADIUS_KM, np.pi) / 2)
    near = tree.query_ball_point(_on_sphere(middle), chord)
    counts = np.array([len(places) for places in near], np.int64)
    return np.repeat(np.arange(len(a)), counts), np.fromiter(chain.from_iterable(near), np.int64, int(counts.sum()))


def _on_sphere(degrees: Floats) -> Floats:
    """Points in space on a sphere with the radius 1."""
    lon, lat = np.radians(degrees).T
    return np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))


def _from_step_km(points: Floats, a: Floats, b: Floats) -> Floats:
    """How far points are from straight steps, one of each, in km: flat, as far as a step reaches."""
    narrower = np.cos(np.radians((a[:, 1] + b[:, 1]) / 2))
    scale = np.radians(EARTH_RADIUS_KM) * np.column_stack((narrower, np.ones(len(a))))
    along, beyond = (b - a) * scale, (points - a) * scale
    share = np.clip((beyond * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-12), 0.0, 1.0)
    return np.asarray(np.linalg.norm(beyond - share[:, None] * along, axis=1))
