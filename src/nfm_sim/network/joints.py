"""Where lines meet: ends that are one place, and places on the course of a line that does not end there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
import scipy

from nfm_sim.network.links import EARTH_RADIUS_KM, Point
from nfm_sim.network.shapes import Floats, Integers, distances_km, points_of

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
    graph = scipy.sparse.coo_array(
        (np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(distinct), len(distinct))
    )
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
    scale = np.radians(EARTH_RADIUS_KM) * np.column_stack(
        (np.cos(np.radians((a[:, 1] + b[:, 1]) / 2)), np.ones(len(a)))
    )
    along, beyond = (b - a) * scale, (points - a) * scale
    share = np.clip((beyond * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-12), 0.0, 1.0)
    return np.asarray(np.linalg.norm(beyond - share[:, None] * along, axis=1))
