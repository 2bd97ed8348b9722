"""The map: what moved over which link, and where movements waited."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D

from nfm_sim import measures
from nfm_sim.network import Link, Network, Node, Outline, Point, read_network
from nfm_sim.plots.frame import figure, over, titled
from nfm_sim.plots.style import MODE_COLOURS, axes_or_new
from nfm_sim.record import Record
from nfm_sim.record.words import Rule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SEA, LAND = "#eaf3f8", "#fbfaf4"
MOST_WIDTH = 7.0
NAMED_PLACES = 6
LEAST_NAMED = 0.01
"""Places with so much less waiting than the worst go without a name."""
NETHERLANDS = ((3.2, 7.9), (50.65, 53.7))
"""Degrees east and north that a map of Dutch traffic shows."""
MARGIN, LEAST_MARGIN = 0.08, 0.02
"""Around what was used: a share of its extent, and degrees at least."""
APART_LON, APART_LAT = 1.5, 0.28
"""Names nearer to each other than this, in degrees, would overlap; the place with less waiting goes without."""


@figure
def network_load(run: Record, network: Network | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw the network on the outline of the country.

    The width of a line is the number of pieces that passed, both directions, mean over replications; the area of
    a circle is the waiting there in piece-hours. `network` is read from where the run found it if not given.

    >>> nfm.plots.network_load(run, scenario.loaded_network).get_xlabel()
    'degrees east'
    """
    ax = axes_or_new(ax, width=7.5, height=8.5)
    network = network or run.network or read_network(run.about["network"])
    replications = run.about["replications"]
    _draw_outline(ax, network.outline)
    pieces = measures.link_load(run).group_by("link").agg(pl.col("pieces").sum() / replications).sort("link")
    most = float(pieces["pieces"].max() or 1.0)  # type: ignore[arg-type]
    load = dict(pieces.iter_rows())
    for mode in ("water", "road", "rail"):
        links = [link for link in network.links.values() if mode in link.modes and link.kind != "local"]
        lines = [network.course(link) for link in links]
        ax.add_collection(LineCollection(lines, colors="0.8", linewidths=0.4, zorder=2))
        used = [link for link in network.links.values() if mode in link.modes and load.get(link.name, 0) > 0]
        widths = [0.6 + MOST_WIDTH * math.sqrt(load[link.name] / most) for link in used]
        ax.add_collection(
            LineCollection(
                [network.course(link) for link in used],
                colors=MODE_COLOURS[mode],
                linewidths=widths,
                alpha=0.75,
                capstyle="round",
                zorder=3,
            )
        )
    used_links = [network.links[name] for name in load if name in network.links]
    _legend(ax, most, [mode for mode in ("road", "rail", "water") if any(mode in link.modes for link in used_links)])
    (west, east), (south, north) = _window(network, used_links)
    ax.set_aspect(1 / math.cos(math.radians((south + north) / 2)))
    ax.set_xlim(west, east)
    ax.set_ylim(south, north)
    _draw_waits(ax, run, network, [point for link in used_links for point in _along(network.course(link))])
    ax.set_xlabel("degrees east")
    ax.set_ylabel("degrees north")
    shown = "width: pieces that passed, both ways; circles: piece-hours of waiting, without the lateness of ships"
    titled(ax, "Pieces on the network, and where they waited", f"{shown}; {over(run)}".removesuffix("; "))
    return ax


def _window(network: Network, used: list[Link]) -> tuple[tuple[float, float], tuple[float, float]]:
    """The degrees that the map shows: the Netherlands where what was used lies in them, else all that was used."""
    ends = [network.nodes[name] for link in used for name in (link.start, link.end)] or list(network.nodes.values())
    lon, lat = [node.lon for node in ends], [node.lat for node in ends]
    if all(low <= min(at) and max(at) <= high for at, (low, high) in zip((lon, lat), NETHERLANDS, strict=True)):
        return NETHERLANDS
    return _with_margin(lon), _with_margin(lat)


def _with_margin(at: list[float]) -> tuple[float, float]:
    margin = max(LEAST_MARGIN, MARGIN * (max(at) - min(at)))
    return min(at) - margin, max(at) + margin


def _draw_outline(ax: Axes, outline: Outline) -> None:
    ax.set_facecolor(SEA if outline else LAND)  # without one, nobody knows where the sea is
    for country, rings in outline.items():
        face = {"NL": LAND, "water": SEA}.get(country, "#efefef")
        layer = 1.1 if country == "water" else 1.0
        ax.add_collection(PolyCollection(rings, facecolors=face, edgecolors="0.6", linewidths=0.6, zorder=layer))


def _draw_waits(ax: Axes, run: Record, network: Network, points: Sequence[Point]) -> None:
    """Draw circles where pieces waited; `points` lie along what was used, which labels should not cover."""
    waiting = (
        measures.waits(run)
        .filter(~((pl.col("cause_kind") == Rule.LATENESS[0]) & (pl.col("cause") == Rule.LATENESS[1])))
        .group_by("place")
        .agg(pl.col("piece_hours").sum() / run.about["replications"])
        .filter(pl.col("place").is_in(list(network.nodes)))
        .sort("piece_hours", descending=True)
    )
    if waiting.is_empty():
        return
    hours = waiting["piece_hours"].to_numpy()
    nodes = [network.nodes[place] for place in waiting["place"]]
    ax.scatter(
        [node.lon for node in nodes],
        [node.lat for node in nodes],
        s=4 + 400 * hours / np.max(hours),
        facecolors="none",
        edgecolors="black",
        linewidths=1.0,
        zorder=5,
    )
    named: list[Node] = []
    for node, piece_hours in zip(nodes, hours, strict=True):
        near = any(abs(node.lon - n.lon) < APART_LON and abs(node.lat - n.lat) < APART_LAT for n in named)
        if near or len(named) == NAMED_PLACES or piece_hours < LEAST_NAMED * hours[0]:
            continue
        named.append(node)
        right, up = _free_corner((node.lon, node.lat), points, ax.get_xlim())
        ax.annotate(
            f"{node.title.split('(')[0].strip()}\n{piece_hours / 1000:,.1f} thousand piece-hours",
            (node.lon, node.lat),
            xytext=(12 * right, 18 * up),
            textcoords="offset points",
            ha="left" if right > 0 else "right",
            va="bottom" if up > 0 else "top",
            fontsize="x-small",
            bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "alpha": 0.8, "linewidth": 0},
            zorder=6,
        )


LABEL = (1.0, 0.22)
"""Width and height of a label in degrees, on a map of the Netherlands."""
STEP = 0.03
"""Degrees between the points of a line that a label is held against."""


def _along(line: Sequence[Point]) -> Iterator[Point]:
    """Points along a line, close to each other."""
    for (lon, lat), (to_lon, to_lat) in pairwise(line):
        steps = max(1, round(math.hypot(to_lon - lon, to_lat - lat) / STEP))
        for step in range(steps + 1):
            yield lon + (to_lon - lon) * step / steps, lat + (to_lat - lat) * step / steps


def _free_corner(at: Point, points: Sequence[Point], across: tuple[float, float]) -> tuple[int, int]:
    """The side of a place, right or left and above or below, on which a label stands within the map and covers least of
    what was used."""
    width, height = LABEL

    def covered(corner: tuple[int, int]) -> int:
        right, up = corner
        if not across[0] <= at[0] + right * width <= across[1]:
            return len(points) + 1
        return sum(
            0.05 < (lon - at[0]) * right < width and 0.1 < (lat - at[1]) * up < 0.1 + height for lon, lat in points
        )

    return min([(1, 1), (-1, 1), (1, -1), (-1, -1)], key=covered)


def _legend(ax: Axes, most: float, modes: list[str]) -> None:
    handles = [Line2D([], [], color=MODE_COLOURS[mode], linewidth=3, label=mode) for mode in modes]
    handles += [
        Line2D(
            [],
            [],
            color="0.4",
            linewidth=0.6 + MOST_WIDTH * math.sqrt(part),
            label=f"{most * part:,.0f} pieces",
        )
        for part in (1.0, 0.1)
    ]
    handles.append(
        Line2D([], [], color="black", marker="o", markerfacecolor="none", linestyle="", label="waiting (area)")
    )
    ax.legend(handles=handles, loc="upper left", fontsize="small", framealpha=0.9)
