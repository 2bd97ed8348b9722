"""The map: what moved over which link, and where movements waited."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.transforms import Bbox

from nfm_sim import measures
from nfm_sim.kinds.modes import RAIL, ROAD, WATER
from nfm_sim.measures.common import IN_QUEUE
from nfm_sim.network import Link, Network, Node, Outline, Point, read_network
from nfm_sim.plots.lost import mark_lost
from nfm_sim.plots.queues import QUEUES
from nfm_sim.plots.style import NETWORK_COLOURS, Nothing, axes_or_new, colour_of, figure, over, settle, titled, whole_of
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


@figure
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
        raise Nothing("nothing moved over the network in this run, and nothing waited at its nodes")
    ax = axes_or_new(ax, width=7.5, height=8.5, quiet=False)
    _draw_outline(ax, network.outline)
    most = float(pieces["pieces"].max() or 1.0)  # type: ignore[arg-type]
    load = dict(pieces.iter_rows())
    for mode in (WATER, ROAD, RAIL):
        _draw_links(ax, network, mode, load, most)
    used = [network.links[name] for name in load if name in network.links]
    _window(ax, network, used)
    settle(ax)
    _draw_queues(ax, run, network, queues, [point for link in used for point in _along(network.course(link))])
    mark_lost(ax, run, network)
    ax.set(xlabel="degrees east", ylabel="degrees north")
    width = "width: pieces that passed, both ways"
    return titled(ax, "Pieces on the network, and where they stood in queues", width, QUEUES, over(run))


@figure
def network(network: Network, *, ax: Axes | None = None) -> Axes:
    """Draw a network with the names of its places, as far as they do not overlap: ports, terminals, crossings and
    others by `node_type`; junctions are left out.

    >>> nfm.plots.network(scenario.loaded_network).get_ylabel()
    'degrees north'
    """
    ax = axes_or_new(ax, width=9, height=9, quiet=False)
    _draw_outline(ax, network.outline)
    links = list(network.links.values())
    for mode in (WATER, ROAD, RAIL):
        lines = [network.course(link) for link in links if mode in link.modes]
        ax.add_collection(LineCollection(lines, colors=NETWORK_COLOURS[mode], linewidths=0.8, zorder=2))
        ax.plot([], [], color=NETWORK_COLOURS[mode], label=mode)
    _window(ax, network, [link for link in links if all(map(_at_home, _ends(network, [link])))] or links)
    settle(ax)
    kinds = Counter(node.kind for node in network.nodes.values() if not node.kind.endswith(BETWEEN))
    ranked = sorted(kinds, key=lambda kind: (PLACES.index(kind) if kind in PLACES else len(PLACES), kind))
    taken: list[Bbox] = []
    for kind, colour in colour_of(ranked).items():
        nodes = [node for node in network.nodes.values() if node.kind == kind]
        lon, lat = zip(*((node.lon, node.lat) for node in nodes), strict=True)
        ax.plot(lon, lat, "o", color=colour, markersize=4, zorder=5, label=kind.replace("_", " "))
        for node in nodes:
            _write(ax, of_title(node.title).split(" (")[0], (node.lon, node.lat), (), taken)
    ax.set(xlabel="degrees east", ylabel="degrees north")
    told = f"{len(taken)} of {kinds.total()} places have their names"
    return titled(ax, "The network, with the names of its places", told)


def _draw_links(ax: Axes, network: Network, mode: str, load: Mapping[str, float], most: float) -> None:
    """Draw the links of a network, those that were used as wide as the pieces that passed."""
    links = [link for link in network.links.values() if mode in link.modes]
    lines = [network.course(link) for link in links if link.kind != "local"]
    ax.add_collection(LineCollection(lines, colors="0.8", linewidths=0.4, zorder=2))
    used = [link for link in links if load.get(link.name, 0) > 0]
    if not used:
        return
    colour, widths = NETWORK_COLOURS[mode], [_width(load[link.name] / most) for link in used]
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
    ax.annotate(
        text,
        at,
        xytext=(ASIDE * right, ASIDE * up),
        textcoords="offset points",
        ha="left" if right > 0 else "right",
        va="bottom" if up > 0 else "top" if up < 0 else "center",
        fontsize=LETTER,
        bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "alpha": 0.8, "linewidth": 0},
        arrowprops={"arrowstyle": "-", "color": "0.3", "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3},
        zorder=6,
    )


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
    dots = whole_of(ax).dpi / 72
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
