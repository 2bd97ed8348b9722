"""The ways of a mode over a network, as arrays, on which scipy finds the fastest."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy

from nfm_sim.network.links import Link

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
        self._pair = self.tail * len(self.names) + self.head
        self._first = np.flatnonzero(np.diff(self._pair, prepend=-1))
        """The first of the steps between the same nodes."""

    def hours(self, speed_kmh: Mapping[str, float] | None = None, without: Collection[str] = ()) -> Hours:
        """The hours of each step, for who drives so many km/h at most by kind of link; those of links that may not be
        used have no end."""
        speeds = speed_kmh or {}

        def hours_of(link: Link) -> float:
            fastest = min(link.free_speed_kmh, speeds.get(link.kind, math.inf))
            return math.inf if link.name in without else link.km / fastest

        hours: Hours = np.array([hours_of(link) for link in self.links], np.float64)[self.link]
        return hours

    def graph(self, hours: Hours) -> scipy.sparse.csr_array:
        """The hours from node to node by the fastest step, as a matrix without what has no end."""
        least: Hours = np.minimum.reduceat(hours, self._first) if len(hours) else hours
        rows, columns = self.tail[self._first], self.head[self._first]
        open_ = np.isfinite(least)
        size = len(self.names)
        return scipy.sparse.csr_array((least[open_], (rows[open_], columns[open_])), shape=(size, size))

    def fastest(self, hours: Hours, start: str, end: str) -> list[int] | None:
        """The steps of the fastest way, in order; None when there is no way."""
        a, b = self.number[start], self.number[end]
        far, before = scipy.sparse.csgraph.dijkstra(self.graph(hours), indices=a, return_predecessors=True)
        if math.isinf(far[b]):
            return None
        nodes = [b]
        while nodes[-1] != a:
            nodes.append(int(before[nodes[-1]]))
        return [self.step(hours, *pair) for pair in pairwise(reversed(nodes))]

    def step(self, hours: Hours, tail: int, head: int) -> int:
        """The fastest step from a node to the next."""
        first, end = np.searchsorted(self._pair, tail * len(self.names) + head + np.arange(2))
        return int(first + np.argmin(hours[first:end]))
