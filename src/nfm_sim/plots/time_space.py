"""Movements along a corridor in time: the diagram that dispatchers read."""

from collections import Counter
from inspect import unwrap

import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from nfm_sim.kinds import MODES
from nfm_sim.kinds.modes import COLUMN, TRAIN
from nfm_sim.measures.common import group_of
from nfm_sim.network import Network, read_network
from nfm_sim.plots import style
from nfm_sim.record import Record
from nfm_sim.sentences.names import place_name

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
    ax.set_ylim(-1, km + 1)
    if days is not None:
        ax.set_xlim(*days)
    else:
        ax.set_xlim(min(0.0, *(passed["enter_h"] / 24).to_list()), max((passed["leave_h"] / 24).to_list()) + 1)
    ax.set(xlabel=style.DAYS, ylabel=f"{km:.0f} km by {MODES[mode].network}")
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
