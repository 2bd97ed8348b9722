"""What disruptions took, on the axes of time and on the map."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.measures.common import stacked
from nfm_sim.network import Network, Point
from nfm_sim.record import Record
from nfm_sim.record.words import CauseKind
from nfm_sim.sentences.losses import when_lost
from nfm_sim.sentences.names import of_title

HATCHES = ("///", "\\\\\\", "xxx", "...")
MARKERS = ("X", "P", "D", "s")
LOST = "lost"
"""The mark of what is hatched."""
MOST_EDGES = 60
"""Hours at which bands begin and end; more are put on a grid of a hundredth of what the axis shows."""
LEAST_ALPHA = 0.15


def draw_lost(ax: Axes, run: Record, replication: int | None) -> None:
    """Hatch the time for which something was lost on an axis of days, the paler the fewer replications lost it then."""
    begin, end = ax.get_xlim()
    rows = measures.outages(run)
    if replication is not None:
        rows = rows.filter(pl.col("replication") == replication)
    number = run.about["replications"] if replication is None else 1
    rows = rows.select("replication", "disruption", "start_h", "end_h").unique()
    rows = rows.filter(pl.col("start_h") < end * 24, pl.col("end_h") > begin * 24)
    if pl.concat([rows["start_h"], rows["end_h"]]).n_unique() > MOST_EDGES:
        grid = (end - begin) * 24 / 100
        rows = rows.with_columns((pl.col("start_h", "end_h") / grid).round() * grid)
    levels = stacked(rows.with_columns(share=pl.lit(1 / number)), ["disruption"], "share")
    hatch_of = _each_its_own(run, HATCHES)
    for told in measures.happened(run, replication).rows(named=True):
        mine = levels.filter(pl.col("disruption") == told["disruption"])
        label: str | None = f"{of_title(run.called('disruptions', told['disruption']))},\n{when_lost(told)}"
        for (hour, share), (until, _) in pairwise(mine.select("hour", "share").rows()):
            if share > 1e-9:
                band = ax.axvspan(max(hour / 24, begin), min(until / 24, end), label=label, zorder=0.4)
                band.set(gid=LOST, facecolor="none", edgecolor="0.75", linewidth=0, hatch=hatch_of[told["disruption"]])
                band.set_alpha(max(LEAST_ALPHA, min(1.0, share)))
                label = None
    ax.set_xlim(begin, end)


def mark_lost(ax: Axes, run: Record, network: Network) -> None:
    """Mark on a map what disruptions took: links with dots and a cross in their middle, facilities with a cross, the
    paler the fewer replications lost them."""
    number = run.about["replications"]
    things = ["disruption", "what", "name", "place"]
    lost = measures.outages(run).group_by(things).agg((pl.col("replication").n_unique() / number).alias("share"))
    marker_of = _each_its_own(run, MARKERS)
    look: Any = {"color": "black", "markeredgecolor": "white", "markersize": 9}
    for told in measures.happened(run).rows(named=True):
        marker, drawn = marker_of[told["disruption"]], False
        mine = lost.filter(pl.col("disruption") == told["disruption"]).sort("what", "name", "place")
        for what, name, place, share in mine.select("what", "name", "place", "share").rows():
            alpha = max(LEAST_ALPHA, min(1.0, share))
            if what == CauseKind.LINK and name in network.links:
                course = network.course(network.links[name])
                ax.plot(*zip(*course, strict=True), ":", color="black", linewidth=1.6, alpha=alpha, zorder=4)
                at = _middle(course)
            elif place in network.nodes:
                at = (network.nodes[place].lon, network.nodes[place].lat)
            else:
                continue
            ax.plot(*at, marker, **look, alpha=alpha, zorder=7)
            drawn = True
        if drawn:
            label = f"lost: {of_title(run.called('disruptions', told['disruption']))},\n{when_lost(told)}"
            ax.plot([], [], marker + ":", **look, label=label)


def _each_its_own(run: Record, looks: Sequence[str]) -> dict[str, str]:
    """A look for each disruption, as far as there are enough."""
    names = measures.outages(run)["disruption"].unique().sort()
    return {name: looks[place % len(looks)] for place, name in enumerate(names)}


def _middle(course: Sequence[Point]) -> Point:
    """The point half-way along a line."""
    lon, lat = np.array(course).T
    at = np.concatenate([[0.0], np.hypot(np.diff(lon), np.diff(lat)).cumsum()])
    return float(np.interp(at[-1] / 2, at, lon)), float(np.interp(at[-1] / 2, at, lat))
