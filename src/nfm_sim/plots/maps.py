"""The map: what moved over which link, and where movements waited; and the diagram along a corridor in time."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from inspect import unwrap
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.transforms import Bbox

from nfm_sim import measures
from nfm_sim.kinds import MODES
from nfm_sim.kinds.modes import COLUMN, RAIL, ROAD, TRAIN, WATER
from nfm_sim.measures.common import IN_QUEUE, group_of
from nfm_sim.network import Link, Network, Node, Outline, Point, read_network
from nfm_sim.plots import style
from nfm_sim.plots.lost import mark_lost
from nfm_sim.plots.queues import QUEUES
from nfm_sim.record import Record
from nfm_sim.sentences.names import of_title, place_name

SEA, LAND = "#eaf3f8", "#fbfaf4"
MOST_WIDTH = 7.0
NAMED_PLACES = 8
PLACES = (
    *("sea_port_terminal", "border_crossing", "support_area", "rail_terminal"),
    *("inland_terminal", "airport", "barracks"),
)
"""Whose names come first on a map of the network."""
BETWEEN = ("junction", "node", "external")
"""Ends of the kinds of nodes that are on the way only: these are not named."""
LEAST_NAMED = 0.01
"""Places with so much less waiting than the worst go without a name."""
NETHERLANDS = ((3.2, 7.9), (50.65, 53.7))
"""Degrees east and north that a map of Dutch traffic shows."""
MARGIN, LEAST_MARGIN = 0.08, 0.02
"""Around what was used: a share of its extent, and degrees at least."""


@style.figure
def network_load(run: Record, network: Network | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw the network on the outline of the country.

    The width of a line is the number of pieces that passed, both directions, mean over replications; the area of
    a circle is the piece-hours in queues there, as `nfm.measures.queue` has them; dots and crosses mark what
    disruptions took. `network` is read from where the run found it if not given.

    >>> nfm.plots.network_load(run, scenario.loaded_network).get_xlabel()
    'degrees east'
    """
    network = network or run.network or read_network(run.about["network"])
    number = run.about["replications"]
    pieces = measures.link_load(run).group_by("link").agg(pl.col("pieces").sum() / number).sort("link")
    queues = _queues(run, network)
    if pieces.is_empty() and queues.is_empty():
        raise style.Nothing("nothing moved over the network in this run, and nothing waited at its nodes")
    ax = style.axes_or_new(ax, width=7.5, height=8.5, quiet=False)
    _draw_outline(ax, network.outline)
    most = float(pieces["pieces"].max() or 1.0)  # type: ignore[arg-type]
    load = dict(pieces.iter_rows())
    for mode in (WATER, ROAD, RAIL):
        _draw_links(ax, network, mode, load, most)
    used = [network.links[name] for name in load if name in network.links]
    _window(ax, network, used)
    style.settle(ax)
    _draw_queues(ax, run, network, queues, [point for link in used for point in _along(network.course(link))])
    mark_lost(ax, run, network)
    ax.set(xlabel="degrees east", ylabel="degrees north")
    width = "width: pieces that passed, both ways"
    return style.titled(ax, "Pieces on the network, and where they stood in queues", width, QUEUES, style.over(run))


@style.figure
def network(network: Network, *, ax: Axes | None = None) -> Axes:
    """Draw a network with the names of its places, as far as they do not overlap: ports, terminals, crossings and
    others by `node_type`; junctions are left out.

    >>> nfm.plots.network(scenario.loaded_network).get_ylabel()
    'degrees north'
    """
    ax = style.axes_or_new(ax, width=9, height=9, quiet=False)
    _draw_outline(ax, network.outline)
    links = list(network.links.values())
    for mode in (WATER, ROAD, RAIL):
        lines = [network.course(link) for link in links if mode in link.modes]
        ax.add_collection(LineCollection(lines, colors=style.NETWORK_COLOURS[mode], linewidths=0.8, zorder=2))
        ax.plot([], [], color=style.NETWORK_COLOURS[mode], label=mode)
    _window(ax, network, [link for link in links if all(map(_at_home, _ends(network, [link])))] or links)
    style.settle(ax)
    kinds = Counter(node.kind for node in network.nodes.values() if not node.kind.endswith(BETWEEN))
    ranked = sorted(kinds, key=lambda kind: (PLACES.index(kind) if kind in PLACES else len(PLACES), kind))
    taken: list[Bbox] = []
    for kind, colour in style.colour_of(ranked).items():
        nodes = [node for node in network.nodes.values() if node.kind == kind]
        lon, lat = zip(*((node.lon, node.lat) for node in nodes), strict=True)
        ax.plot(lon, lat, "o", color=colour, markersize=4, zorder=5, label=kind.replace("_", " "))
        for node in nodes:
            _write(ax, of_title(node.title).split(" (")[0], (node.lon, node.lat), (), taken)
    ax.set(xlabel="degrees east", ylabel="degrees north")
    told = f"{len(taken)} of {kinds.total()} places have their names"
    return style.titled(ax, "The network, with the names of its places", told)


def _draw_links(ax: Axes, network: Network, mode: str, load: Mapping[str, float], most: float) -> None:
    """Draw the links of a network, those that were used as wide as the pieces that passed."""
    links = [link for link in network.links.values() if mode in link.modes]
    lines = [network.course(link) for link in links if link.kind != "local"]
    ax.add_collection(LineCollection(lines, colors="0.8", linewidths=0.4, zorder=2))
    used = [link for link in links if load.get(link.name, 0) > 0]
    if not used:
        return
    colour, widths = style.NETWORK_COLOURS[mode], [_width(load[link.name] / most) for link in used]
    look: dict[str, Any] = {"colors": colour, "linewidths": widths, "alpha": 0.75, "capstyle": "round", "zorder": 3}
    ax.add_collection(LineCollection([network.course(link) for link in used], **look))
    widest = max(load[link.name] for link in used)
    label = f"{mode}, up to {widest:,.0f} {'piece' if widest == 1 else 'pieces'}"
    ax.plot([], [], color=colour, linewidth=_width(widest / most), label=label)


def _width(share: float) -> float:
    return 0.6 + MOST_WIDTH * math.sqrt(share)


def _window(ax: Axes, network: Network, used: list[Link]) -> None:
    """Show the Netherlands where what was used lies in them, else all that was used."""
    ends = _ends(network, used) or list(network.nodes.values())
    window = _with_margin([node.lon for node in ends]), _with_margin([node.lat for node in ends])
    if all(map(_at_home, ends)):
        window = NETHERLANDS
    ax.set(xlim=window[0], ylim=window[1])
    ax.set_aspect(1 / math.cos(math.radians(sum(window[1]) / 2)))


def _ends(network: Network, links: Iterable[Link]) -> list[Node]:
    return [network.nodes[name] for link in links for name in (link.start, link.end)]


def _at_home(node: Node) -> bool:
    return all(low <= at <= high for at, (low, high) in zip((node.lon, node.lat), NETHERLANDS, strict=True))


def _with_margin(at: list[float]) -> tuple[float, float]:
    margin = max(LEAST_MARGIN, MARGIN * (max(at) - min(at)))
    return min(at) - margin, max(at) + margin


def _draw_outline(ax: Axes, outline: Outline) -> None:
    ax.set_facecolor(SEA if outline else LAND)  # without one, nobody knows where the sea is
    for country, rings in outline.items():
        face = {"NL": LAND, "water": SEA}.get(country, "#efefef")
        layer = 1.1 if country == "water" else 1.0
        ax.add_collection(PolyCollection(rings, facecolors=face, edgecolors="0.6", linewidths=0.6, zorder=layer))


def _queues(run: Record, network: Network) -> pl.DataFrame:
    """Piece-hours in queues by node, mean over replications, the most first."""
    queued = measures.waits(run).filter(IN_QUEUE, pl.col("place").is_in(list(network.nodes))).group_by("place")
    hours = queued.agg(pl.col("piece_hours").sum() / run.about["replications"])
    return hours.sort("piece_hours", "place", descending=[True, False])


def _draw_queues(ax: Axes, run: Record, network: Network, queues: pl.DataFrame, points: Sequence[Point]) -> None:
    """Draw circles where pieces stood in queues, and name the largest; `points` lie along what was used."""
    if queues.is_empty():
        return
    hours = queues["piece_hours"].to_numpy()
    at = [(network.nodes[place].lon, network.nodes[place].lat) for place in queues["place"]]
    lon, lat = zip(*at, strict=True)
    area = 4 + 400 * hours / np.max(hours)
    ax.scatter(lon, lat, s=area, facecolors="none", edgecolors="black", linewidths=1.0, zorder=5)
    most = f"queues (area), up to {hours[0]:,.0f} piece-hours"
    ax.plot([], [], "o", color="black", markerfacecolor="none", markersize=9, label=most)
    taken: list[Bbox] = []
    for place, point, piece_hours in zip(queues["place"], at, hours, strict=True):
        if len(taken) == NAMED_PLACES or piece_hours < LEAST_NAMED * hours[0]:
            break
        _write(ax, f"{place_name(run, place).split(' (')[0]}\n{piece_hours:,.0f} piece-hours", point, points, taken)


LETTER = 7.0
"""Points that a letter of a label is high; it is about 0.6 of that wide, and a line 1.3 of it high."""
ASIDE = 11.0
"""Points from a place to its label."""
STEP = 0.03
"""Degrees between the points of a line that a label is held against."""
SIDES = ((1, 1), (-1, 1), (1, -1), (-1, -1), (1, 0), (-1, 0))
"""Right or left of a place, and above, below or beside it."""


def _write(ax: Axes, text: str, at: Point, points: Sequence[Point], taken: list[Bbox]) -> None:
    """Write the name of a place beside it where there is room, and note the room that it takes."""
    spot = _free_spot(ax, text, at, points, taken)
    if spot is None:
        return
    box, (right, up) = spot
    taken.append(box)
    look: Any = {"textcoords": "offset points", "fontsize": LETTER, "zorder": 6}
    look |= {"ha": "left" if right > 0 else "right", "va": "bottom" if up > 0 else "top" if up < 0 else "center"}
    box_look = {"boxstyle": "round,pad=0.2", "facecolor": "white", "alpha": 0.8, "linewidth": 0}
    line = {"arrowstyle": "-", "color": "0.3", "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3}
    ax.annotate(text, at, (ASIDE * right, ASIDE * up), bbox=box_look, arrowprops=line, **look)


def _along(line: Sequence[Point]) -> Iterator[Point]:
    """Points along a line, close to each other."""
    for (lon, lat), (to_lon, to_lat) in pairwise(line):
        steps = max(1, round(math.hypot(to_lon - lon, to_lat - lat) / STEP))
        for step in range(steps + 1):
            yield lon + (to_lon - lon) * step / steps, lat + (to_lat - lat) * step / steps


def _free_spot(
    ax: Axes, text: str, at: Point, points: Sequence[Point], taken: Sequence[Bbox]
) -> tuple[Bbox, tuple[int, int]] | None:
    """Where a label stands within the map, on no other label and covering least of what was used, in pixels; and on
    which side of its place that is. None where there is no such place."""
    dots = style.whole_of(ax).dpi / 72
    lines = text.split("\n")
    width, height = 0.65 * LETTER * max(map(len, lines)) * dots, 1.45 * LETTER * len(lines) * dots
    to_pixels = ax.transData.transform
    x, y = to_pixels(at)
    on_map = to_pixels(points) if points else np.empty((0, 2))
    whole = ax.get_window_extent()
    found: list[tuple[int, Bbox, tuple[int, int]]] = []
    for right, up in SIDES:
        left = x + ASIDE * dots * right - (width if right < 0 else 0)
        low = y + ASIDE * dots * up - (height if up < 0 else height / 2 if up == 0 else 0)
        box = Bbox.from_bounds(left, low, width, height)
        within = whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1
        if within and not box.count_overlaps(taken):
            found.append((int(box.count_contains(on_map)), box, (right, up)))
    return min(found, key=lambda spot: spot[0])[1:] if found else None


# Movements along a corridor in time: the diagram that dispatchers read


APART = 0.025
"""Names nearer to each other than this share of the corridor would overlap."""
Steps = tuple[tuple[str, bool], ...]
"""Links in the order in which they were driven, each with its direction."""


@style.figure
def time_space(
    run: Record,
    *,
    start: str = "",
    end: str = "",
    mode: str = TRAIN.name,
    network: Network | None = None,
    replication: int | None = None,
    days: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw every movement of a mode along the way that most of them drove: days across, kilometres up.

    A steep line is fast, a gap between lines of one movement is a wait at a holding node, lines that fall come
    from the other side. Of one replication: the one in the middle, if none is given. With nodes, along the way that
    most drove from `start` to `end`. `days` cuts a part out. `network` is read from where the run found it if not
    given.

    >>> nfm.plots.time_space(run, mode="train").texts[0].get_text()
    'no train moves in this run'
    """
    number, whole, which = style.one_of(run, replication)
    mine = whole.subjects.filter((pl.col("replication") == number) & (pl.col("mode") == mode))
    style.some(mine, f"no {mode} moves in this run")
    network = network or run.network or read_network(run.about["network"])
    passages = whole.passages.filter(pl.col("replication") == number)
    passages = passages.join(mine.select(movement="subject"), on="movement", how="semi", maintain_order="left")
    way, drove = _most_driven(passages, network, mode, start, end)
    if not way:
        there = f" from {start} to {end}" if start and end else ""
        raise style.Nothing(f"no {mode} has left{there} in this run")
    stations = _kilometres(network, way)
    ax = style.axes_or_new(ax, width=9, height=5.5)
    groups = group_of(whole).filter(pl.col("replication") == number).select("group", movement="subject")
    passed = passages.filter(pl.col("link").is_in([link for link, _ in way]))
    passed = passed.join(groups, on="movement", how="left", maintain_order="left")
    colours = style.colour_of(sorted(passed["group"].unique()), style.group_colours(run))
    lines = []
    for link, forward, enter_h, leave_h in passed.select("link", "forward", "enter_h", "leave_h").iter_rows():
        ends = (stations[network.links[link].start], stations[network.links[link].end])
        lines.append(list(zip((enter_h / 24, leave_h / 24), ends if forward else ends[::-1], strict=True)))
    ax.add_collection(LineCollection(lines, colors=[colours[group] for group in passed["group"]], linewidths=0.7))
    km = max(stations.values())
    named = _worth_naming(network, stations, mode, km)
    ax.set_yticks([stations[name] for name in named], [place_name(run, name) for name in named], fontsize="x-small")
    shown_days = days or (min(0.0, *passed["enter_h"]) / 24, max(passed["leave_h"]) / 24 + 1)
    ax.set(xlim=shown_days, ylim=(-1, km + 1), xlabel=style.DAYS, ylabel=f"{km:.0f} km by {MODES[mode].network}")
    style.swatches(ax, colours, style.owners(run, colours))
    others = passed["movement"].n_unique() - drove
    part = f", {others} a part of it" if others else ""
    shown = f"the way that most {mode}s drove: {drove} of {len(mine)}{part}; lines that fall come from the other side"
    return style.titled(ax, f"Where each {mode} was, by day", which, shown, of=whole, replication=number)


@style.figure
def columns(run: Record, *, network: Network | None = None, ax: Axes | None = None) -> Axes:
    """Draw every march column over the distance along the way that most of them drove: `time_space` of columns.

    >>> nfm.plots.columns(run).texts[0].get_text()
    'no column moves in this run'
    """
    drawn: Axes = unwrap(time_space)(run, mode=COLUMN.name, network=network, ax=ax)
    return drawn


def _most_driven(passages: pl.DataFrame, network: Network, mode: str, start: str, end: str) -> tuple[Steps, int]:
    """The way that most movements drove, of those that go from start to end if they are given, and how many did."""
    links = [name for name, link in network.links.items() if MODES[mode].network in link.modes]
    passed = passages.filter(pl.col("link").is_in(links)).sort("movement", "enter_h", maintain_order=True)
    driven = passed.group_by("movement", maintain_order=True).agg("link", "forward").select("link", "forward")
    ways = Counter(tuple(zip(names, directions, strict=True)) for names, directions in driven.rows())
    for way, number in ways.most_common():
        first, last = network.links[way[0][0]], network.links[way[-1][0]]
        leaves = first.start if way[0][1] else first.end
        arrives = last.end if way[-1][1] else last.start
        if (not start or leaves == start) and (not end or arrives == end):
            return way, number
    return (), 0


def _kilometres(network: Network, way: Steps) -> dict[str, float]:
    """How far along the way each node lies; one that is passed twice, where it is first."""
    at = 0.0
    stations: dict[str, float] = {}
    for name, forward in way:
        link = network.links[name]
        ends = (link.start, link.end) if forward else (link.end, link.start)
        stations.setdefault(ends[0], at)
        at += link.km
        stations.setdefault(ends[1], at)
    return stations


def _worth_naming(network: Network, stations: dict[str, float], mode: str, km: float) -> list[str]:
    """The ends of the corridor, and where movements may stand, as far as names do not overlap."""
    last = list(stations)[-1]
    named = [next(iter(stations)), last]
    for name, at in stations.items():
        apart = all(abs(at - stations[other]) > APART * km for other in named)
        if apart and MODES[mode].network in network.nodes[name].holds:
            named.append(name)
    return named
