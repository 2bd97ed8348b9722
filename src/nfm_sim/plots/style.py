"""Helpers of all figures: colours that colour-blind readers can tell apart, and axes made when none is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Literal, ParamSpec

import polars as pl
from matplotlib import pyplot as plt
from matplotlib import rcParams
from matplotlib.patches import Patch
from matplotlib.text import Text

from nfm_sim.measures.common import MANY_FOR_BAND
from nfm_sim.problems import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito (2008), in an order that keeps neighbours apart in grey too."""

MANY_ROWS = 20
"""With more rows than this their names are written smaller."""

MODE_COLOURS = {"road": "#D55E00", "rail": "#0072B2", "water": "#009E73", "sea": "#56B4E9"}


Drawing = ParamSpec("Drawing")


def figure(draw: Callable[Drawing, Axes]) -> Callable[Drawing, Axes]:
    """Have a figure show texts as they are: a "$" begins no formula, and what steers a terminal is written out. Lines
    stay lines."""

    @wraps(draw)
    def drawn(*args: Drawing.args, **kwargs: Drawing.kwargs) -> Axes:
        with _no_formulas():
            ax = draw(*args, **kwargs)
            for axis, set_ticks in ((ax.xaxis, ax.set_xticks), (ax.yaxis, ax.set_yticks)):
                labels = [tick.get_text() for tick in axis.get_ticklabels()]
                if labels != (as_they_are := [*map(plain, labels)]):
                    set_ticks(axis.get_ticklocs(), as_they_are)
            for text in ax.findobj(Text):
                text.set_text("\n".join(map(plain, text.get_text().split("\n"))))
                text.set_parse_math(False)
        return ax

    return drawn


@contextmanager
def _no_formulas() -> Iterator[None]:
    """Have texts that are made now be no formulas. (`rc_context` would end the interactive mode of a notebook, which
    begins with its first figure.)"""
    before = rcParams["text.parse_math"]
    rcParams["text.parse_math"] = False
    try:
        yield
    finally:
        rcParams["text.parse_math"] = before


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
    """Return a colour for each name, in the order given; after seven they come round again."""
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}


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


def gantt_bar(ax: Axes, row: int, start_h: float, end_h: float, colour: str, alpha: float = 1.0) -> None:
    """Draw a bar in a row of a Gantt chart, days across."""
    ax.barh(row, (end_h - start_h) / 24, left=start_h / 24, height=0.8, color=colour, alpha=alpha, linewidth=0)


def gantt_frame(ax: Axes, labels: list[str], colours: Mapping[str, str], ncols: int) -> None:
    """Make the axes those of a Gantt chart: a row for each label from the top, days across, a legend above."""
    ax.set_yticks(range(len(labels)), labels, fontsize="xx-small" if len(labels) > MANY_ROWS else "x-small")
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.set_xlabel("days after hour 0")
    ax.legend(
        handles=[Patch(color=colour, label=name.replace("_", " ")) for name, colour in colours.items()],
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


def say_empty(ax: Axes, text: str) -> Axes:
    """Say in the figure that there is nothing to show."""
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes)
    ax.set_axis_off()
    return ax


def save(ax: Axes, path: str | Path, *, dpi: int = 150) -> None:
    """Write the figure of these axes to a file, and let go of it.

    >>> nfm.plots.save(nfm.plots.waits(run), folder / "waits.png")
    >>> (folder / "waits.png").exists()
    True
    """
    whole = ax.get_figure(root=True)
    if whole is not None:
        whole.savefig(path, dpi=dpi)
        plt.close(whole)
