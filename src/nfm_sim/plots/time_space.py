"""Movements along a corridor in time: the diagram that dispatchers read."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl
from matplotlib.lines import Line2D

from nfm_sim.network import Network, Route, read_network
from nfm_sim.plots.style import axes_or_new, colour_of, figure, quiet_frame, say_empty
from nfm_sim.record import Record
from nfm_sim.scenario.model import NETWORK_MODE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

APART = 0.025
"""Names nearer to each other than this share of the corridor would overlap."""


@figure
def time_space(
    run: Record,
    *,
    start: str = "",
    end: str = "",
    mode: str = "train",
    network: Network | None = None,
    replication: int | None = None,
    days: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw every movement of a mode along the fastest route between two nodes: days across, kilometres up.

    A steep line is fast, a gap between lines of one movement is a wait at a holding node, lines that fall come
    from the other side. Of one replication: the first of the run, if none is given. Without nodes, along the
    route that most movements of the mode go. `days` cuts a part out. `network` is read from where
    the run found it if not given.

    >>> nfm.plots.time_space(run, mode="train").texts[0].get_text()
    'no train moves in this run'
    """
    number = pl.col("replication").min() if replication is None else pl.lit(replication)
    mine = run.subjects.filter((pl.col("replication") == number) & (pl.col("mode") == mode))
    if mine.is_empty():
        return say_empty(axes_or_new(ax), f"no {mode} moves in this run")
    network = network or run.network or read_network(run.about["network"])
    if not start or not end:
        ways = _ways_driven(run.passages.filter(pl.col("replication") == number), mine, network, mode)
        if not ways:
            return say_empty(axes_or_new(ax), f"no {mode} has left in this run")
        (start, end), _ = ways.most_common(1)[0]
    ax = axes_or_new(ax, width=9, height=5.5)
    route = network.route(start, end, NETWORK_MODE[mode])
    stations = _kilometres(route)
    passed = run.passages.filter(
        (pl.col("replication") == number) & pl.col("link").is_in([link.name for link in route.links])
    ).join(mine.select(movement="subject", part_of="part_of"), on="movement")
    colours = colour_of(sorted(passed["part_of"].unique()))
    for movement, link, forward, enter_h, leave_h in passed.select(
        "part_of", "link", "forward", "enter_h", "leave_h"
    ).iter_rows():
        from_km, to_km = _between(network, stations, link, forward)
        ax.plot([enter_h / 24, leave_h / 24], [from_km, to_km], color=colours[movement], linewidth=0.7)
    named = _worth_naming(network, stations, mode, route.km)
    ax.set_yticks([stations[name] for name in named], [network.nodes[name].title for name in named], fontsize="x-small")
    ax.set_ylim(-1, route.km + 1)
    if days is not None:
        ax.set_xlim(*days)
    ax.set_xlabel("days after hour 0")
    ax.set_ylabel(f"{route.km:.0f} km by {NETWORK_MODE[mode]}")
    handles = [Line2D([], [], color=colour, label=name.replace("_", " ")) for name, colour in colours.items()]
    if handles:
        ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=4, fontsize="small", frameon=False)
    quiet_frame(ax)
    return ax


def _ways_driven(passages: pl.DataFrame, mine: pl.DataFrame, network: Network, mode: str) -> Counter[tuple[str, str]]:
    """How many movements go from where to where over links of their mode: a train may be loaded elsewhere than at its
    origin."""
    links = [name for name, link in network.links.items() if NETWORK_MODE[mode] in link.modes]
    first = (
        passages.filter(pl.col("link").is_in(links))
        .sort("enter_h", maintain_order=True)
        .group_by("movement", maintain_order=True)
        .first()
        .join(mine.select("destination", movement="subject"), on="movement", maintain_order="left")
    )
    ways: Counter[tuple[str, str]] = Counter()
    for link, forward, destination in first.select("link", "forward", "destination").rows():
        taken = network.links[link]
        ways[taken.start if forward else taken.end, destination] += 1
    return ways


def _kilometres(route: Route) -> dict[str, float]:
    """How far along the route each node lies."""
    at = 0.0
    stations = {route.nodes[0]: 0.0}
    for link, (_, node) in zip(route.links, pairwise(route.nodes), strict=True):
        at += link.km
        stations[node] = at
    return stations


def _between(network: Network, stations: dict[str, float], name: str, forward: bool) -> tuple[float, float]:
    link = network.links[name]
    ends = (stations[link.start], stations[link.end])
    return ends if forward else (ends[1], ends[0])


def _worth_naming(network: Network, stations: dict[str, float], mode: str, km: float) -> list[str]:
    """The ends of the corridor, and where movements may stand, as far as names do not overlap."""
    last = list(stations)[-1]
    named = [next(iter(stations)), last]
    for name, at in stations.items():
        apart = all(abs(at - stations[other]) > APART * km for other in named)
        if apart and NETWORK_MODE[mode] in network.nodes[name].holds:
            named.append(name)
    return named
