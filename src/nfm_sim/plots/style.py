"""Helpers of figures: colours that colour-blind readers can tell apart, bands, Gantt charts, and which
replication is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.patches import Patch

from nfm_sim import measures
from nfm_sim.measures.common import MANY_FOR_BAND
from nfm_sim.plots.frame import DAYS
from nfm_sim.record import Record
from nfm_sim.record.words import What

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito (2008), in an order that keeps neighbours apart in grey too."""
MORE_COLOURS = tuple(to_hex(colour) for colour in colormaps["tab20"].colors)  # type: ignore[attr-defined]
OTHER = "0.65"
"""Of what is too much to have a colour of its own."""
MOST_ROWS = 60
"""Of a Gantt chart; what is more is counted."""
MANY_ROWS = 20
"""With more rows than this their names are written smaller."""
MODE_COLOURS = {"road": "#D55E00", "rail": "#0072B2", "water": "#009E73", "sea": "#56B4E9"}


def named(name: str) -> str:
    """Return a name as a legend shows it; a legend leaves out a label that begins with "_"."""
    return f"\u200a{name}" if name.startswith("_") else name


def axes_or_new(ax: Axes | None, width: float = 8, height: float = 4.5) -> Axes:
    """Return the axes given, or those of a new figure that fits its own labels."""
    if ax is not None:
        return ax
    _, new = plt.subplots(figsize=(width, height), layout="constrained")
    return new


def colour_of(names: Iterable[str]) -> dict[str, str]:
    """Return a colour for each name, in the order given, each its own; after twenty all others are grey."""
    names = list(names)
    known = COLOURS if len(names) <= len(COLOURS) else MORE_COLOURS
    return {name: known[place] if place < len(known) else OTHER for place, name in enumerate(names)}


def legend_of(colours: Mapping[str, str]) -> dict[str, str]:
    """The colours that a legend explains: those that are grey are "others"."""
    own = {name: colour for name, colour in colours.items() if colour != OTHER}
    return own if len(own) == len(colours) else {**own, f"{len(colours) - len(own)} others": OTHER}


def group_of(run: Record) -> pl.DataFrame:
    """Return the group by which a subject has its colour: its flow, or the tier of the element that it is or belongs
    to. Columns: replication, subject, group."""
    subjects = run.subjects.select("replication", "subject", "part_of", "tier", "what")
    tiers = subjects.filter(pl.col("what") == What.ELEMENT).select("replication", of="tier", part_of="subject")
    tier = pl.coalesce("tier", "of")
    name = (
        pl.when(tier.is_not_null())
        .then(pl.format("tier {}", tier))
        .when(pl.col("what") == What.ELEMENT)
        .then(pl.lit("without a tier"))
        .otherwise("part_of")
    )
    joined = subjects.join(tiers, on=["replication", "part_of"], how="left", maintain_order="left")
    return joined.select("replication", "subject", name.alias("group"))


def one_of(run: Record, replication: int | None) -> tuple[int, Record, str]:
    """Return the replication that a figure of one shows, a record with its tables, and how to say it: the one that is
    asked for, else the one in the middle. A study simulates it again where it does not keep its tables."""
    number = measures.typical(run) if replication is None else replication
    several = run.about["replications"]
    middle = f", in the middle of {several}" if several > 1 and replication is None else ""
    return number, run.one(number), f"replication {number}{middle}"


def quiet_frame(ax: Axes, along: Literal["x", "y"] = "y") -> None:
    """Leave only the frame lines that are read, and a grid for the axis along which values are."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(visible=False)
    ax.grid(axis=along, linewidth=0.5, alpha=0.4)


@dataclass(frozen=True)
class Spread:
    """What a figure shows of how replications differ: 10-90 % of them, or of few their least and their most."""

    replications: int

    @property
    def name(self) -> str:
        """What the band is; empty for one replication, which has none."""
        if self.replications >= MANY_FOR_BAND:
            return f"10-90 % of {self.replications} replications"
        return f"least to most of {self.replications} replications" if self.replications > 1 else ""

    def of(self, column: str) -> list[pl.Expr]:
        """The lower and the upper edge of the band, as `low` and `high`."""
        share = 0.1 if self.replications >= MANY_FOR_BAND else 0.0
        value = pl.col(column)
        return [value.quantile(share).alias("low"), value.quantile(1 - share).alias("high")]


def fill_band(
    ax: Axes,
    hours: pl.Series,
    low: pl.Series,
    high: pl.Series,
    colour: str,
    *,
    alpha: float = 0.2,
    step: Literal["post"] | None = "post",
) -> None:
    """Fill a band between two curves, days across."""
    days = (hours / 24).to_list()
    ax.fill_between(days, low.to_list(), high.to_list(), step=step, color=colour, alpha=alpha, linewidth=0)


def draw_levels(ax: Axes, run: Record, table: pl.DataFrame, value: str, most: int, unnamed: str = "") -> str:
    """Draw a level over time at the places where it rises highest, each a line of steps; say how many of how many.

    The table has the columns place, hour (from which on the level holds) and the level in `value`.
    """
    highest = table.group_by("place").agg(pl.col(value).max()).sort(value, "place", descending=[True, False])
    last = 0.0
    for place, colour in colour_of(highest["place"].head(most)).items():
        line = table.filter(pl.col("place") == place)
        days = (line["hour"] / 24).to_list()
        ax.step(days, line[value].to_list(), where="post", color=colour, linewidth=1.2, label=named(place or unnamed))
        last = max(last, days[-1])
    ax.set_xlim(0, min(run.horizon_h / 24, last + 1))
    ax.set_ylim(bottom=0)
    ax.set_xlabel(DAYS)
    ax.legend(fontsize="small", frameon=False)
    quiet_frame(ax)
    return f"{min(most, len(highest))} of {len(highest)}"


def gantt_bar(ax: Axes, row: int, start_h: float, end_h: float, colour: str, alpha: float = 1.0) -> None:
    """Draw a bar in a row of a Gantt chart, days across."""
    ax.barh(row, (end_h - start_h) / 24, left=start_h / 24, height=0.8, color=colour, alpha=alpha, linewidth=0)


def gantt_frame(ax: Axes, labels: list[str], colours: Mapping[str, str], ncols: int) -> None:
    """Make the axes those of a Gantt chart: a row for each label from the top, days across, a legend above."""
    ax.set_yticks(range(len(labels)), labels, fontsize="xx-small" if len(labels) > MANY_ROWS else "x-small")
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.set_xlabel(DAYS)
    ax.legend(
        handles=[Patch(color=colour, label=name.replace("_", " ")) for name, colour in legend_of(colours).items()],
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=ncols,
        fontsize="small",
        frameon=False,
    )
    quiet_frame(ax, along="x")


def in_unit(table: pl.DataFrame) -> str:
    """Return the unit of a table's numbers for a label, in brackets; nothing where there is none."""
    units = list(filter(None, table["unit"].unique())) if "unit" in table.columns else []
    return f" ({', '.join(units)})" if units else ""
