"""Helpers of figures: axes, their keys, bands, Gantt charts, and which replication is shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any, Literal, cast

import polars as pl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nfm_sim import measures
from nfm_sim.measures.summary import likely_ends, needed_for
from nfm_sim.plots.colours import OTHER, colour_of, place_colours
from nfm_sim.problems import plain
from nfm_sim.record import Record
from nfm_sim.sentences.names import names_of, place_name

DAYS = "days after hour 0"
MOST_ROWS = 60
"""Of a Gantt chart; what is more is counted."""
MANY_ROWS = 20
"""With more rows than this their names are written smaller."""
MOST_LETTERS = 60
"""Of the name of a row; of a longer one the middle is left out."""
KEY_LETTERS = 30
"""In a line of a key."""
KEY_LINE, KEY_LETTER = 0.175, 0.078
"""Inches that a line and a letter of a key take."""


def named(name: str) -> str:
    """Return a name as a key shows it; matplotlib leaves out a label that begins with "_"."""
    return f"\u200a{name}" if name.startswith("_") else name


def axes_or_new(ax: Axes | None, width: float = 8, height: float = 4.5, *, quiet: bool = True) -> Axes:
    """Return the axes given, or those of a new figure that fits its own labels; if `quiet`, with only the frame lines
    and the grid by which values upwards are read."""
    if ax is None:
        _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    if quiet:
        quiet_frame(ax)
    return ax


def whole_of(ax: Axes) -> Figure:
    """Return the figure in which axes stand."""
    return cast(Figure, ax.get_figure(root=True))


def settle(ax: Axes) -> None:
    """Have axes stand where they will be drawn, as near as can be told before all texts are there."""
    if engine := whole_of(ax).get_layout_engine():
        engine.execute(whole_of(ax))
    ax.apply_aspect()


def swatch(ax: Axes, label: str, colour: str, alpha: float = 1.0) -> None:
    """Put a colour into the key of a figure, with what it means."""
    ax.plot([], [], "s", color=colour, alpha=alpha, markersize=7, markeredgewidth=0, label=named(label))


def swatches(ax: Axes, colours: Mapping[str, str], called: Mapping[str, str] | None = None) -> None:
    """Put colours into the key of a figure; what is grey together, by its number."""
    others = sum(colour == OTHER for colour in colours.values())
    for name, colour in colours.items():
        if colour != OTHER or others == 1:
            swatch(ax, (called or {}).get(name, name), colour)
    if others > 1:
        swatch(ax, f"{others} others", OTHER)


def draw_key(ax: Axes, own: bool) -> None:
    """Write the key of what has a label beside the axes, and make room for it in a figure of its own."""
    handles, texts = ax.get_legend_handles_labels()
    if not handles:
        return
    labels = ["\n".join(fill(plain(line), KEY_LETTERS) for line in text.split("\n")) for text in texts]
    labels = [label.replace("\u00a0", " ") for label in labels]
    grown = ax.get_legend() is not None  # by the figure that this one is made of
    beside: Any = {"loc": "upper left", "bbox_to_anchor": (1.01, 1), "borderaxespad": 0}
    ax.legend(handles, labels, **beside, fontsize="small", frameon=False)
    if own and not grown:
        lines = [line for label in labels for line in label.split("\n")]
        width, height = whole_of(ax).get_size_inches()
        aside = 0.5 + KEY_LETTER * max(map(len, lines))
        whole_of(ax).set_size_inches(width + aside, max(height, 1.4 + KEY_LINE * len(lines)))


def one_of(run: Record, replication: int | None) -> tuple[int, Record, str]:
    """Return the replication that a figure of one shows, a record with its tables, and how to say it: the one that is
    asked for, else the one in the middle. A study simulates it again where it does not keep its tables."""
    number = measures.typical(run) if replication is None else replication
    several = run.about["replications"]
    middle = f", in the middle of {several}" if several > 1 and replication is None else ""
    return number, run.one(number), f"replication {number}{middle}"


def owners(run: Record, names: Iterable[str]) -> dict[str, str]:
    """Return what the groups of `group_of`, and tasks, are called: flows, stocks and tasks by their titles."""
    known = {name: name for name in names}
    for table in ("tasks", "stocks", "flows"):
        known |= names_of(run, table, known.keys() & run.titles.get(table, {}).keys())
    return known


def quiet_frame(ax: Axes, along: Literal["x", "y"] = "y") -> None:
    """Leave only the frame lines that are read, and a grid for the axis along which values are."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(visible=False)
    ax.grid(axis=along, linewidth=0.5, alpha=0.4)


@dataclass(frozen=True)
class Spread:
    """What a figure shows of how replications differ: where the next lies in eight of ten cases (10-90 %), or of few
    their least and their most."""

    replications: int

    @property
    def name(self) -> str:
        """What the band is; empty for one replication, which has none."""
        if self.replications >= needed_for():
            return f"10-90 % of {self.replications} replications"
        return f"least to most of {self.replications} replications" if self.replications > 1 else ""

    @property
    def told(self) -> str:
        """What a line and its band are; empty for one replication."""
        return f"line: median; band: {self.name}" if self.name else ""

    def of(self, column: str) -> list[pl.Expr]:
        """The lower and the upper edge of the band, as `low` and `high`."""
        return likely_ends(column, self.replications)

    def draw(
        self, ax: Axes, table: pl.DataFrame, column: str, colour: str, *, alpha: float = 0.2, label: str = ""
    ) -> pl.DataFrame:
        """Draw the median of a column over the hours in its band; return both: hour, middle, low and high."""
        line = table.group_by("hour").agg(pl.col(column).median().alias("middle"), *self.of(column)).sort("hour")
        draw_curve(ax, line, "middle", color=colour, label=label)
        if self.name:
            fill_band(ax, line, colour, alpha=alpha)
        return line


def draw_curve(ax: Axes, rows: pl.DataFrame, column: str, **look: Any) -> None:
    """Draw a column that holds from each `hour` on, days across."""
    ax.step((rows["hour"] / 24).to_list(), rows[column].to_list(), where="post", **look)


def fill_band(ax: Axes, rows: pl.DataFrame, colour: str, *, alpha: float = 0.2, ends: str = "", **look: Any) -> None:
    """Fill the band between the columns `low` and `high` (with `ends` before their names) over the hours, days across:
    as steps, unless `step` is None."""
    days, low, high = (rows["hour"] / 24).to_list(), rows[f"{ends}low"].to_list(), rows[f"{ends}high"].to_list()
    ax.fill_between(days, low, high, color=colour, alpha=alpha, linewidth=0, **{"step": "post", **look})


def draw_levels(ax: Axes, run: Record, table: pl.DataFrame, value: str, most: int, unnamed: str = "") -> str:
    """Draw a level over time at the places where it rises highest, each a line of steps; say how many of how many.

    The table has the columns place, hour (from which on the level holds) and the level in `value`.
    """
    highest = table.group_by("place").agg(pl.col(value).max()).sort(value, "place", descending=[True, False])
    last = 0.0
    for place, colour in colour_of(highest["place"].head(most), place_colours(run)).items():
        line = table.filter(pl.col("place") == place)
        label = named(place_name(run, place) if place else unnamed)
        draw_curve(ax, line, value, color=colour, linewidth=1.2, label=label)
        last = max(last, line["hour"][-1] / 24)
    ax.set(xlim=(0, min(run.horizon_h / 24, last + 1)), ylim=(0, None), xlabel=DAYS)
    return f"{min(most, len(highest))} of {len(highest)}"


def gantt_bar(ax: Axes, row: int, start_h: float, end_h: float, colour: str, alpha: float = 1.0) -> None:
    """Draw a bar in a row of a Gantt chart, days across."""
    ax.barh(row, (end_h - start_h) / 24, left=start_h / 24, height=0.8, color=colour, alpha=alpha, linewidth=0)


def axes_of_rows(
    ax: Axes | None, names: Sequence[str], *, width: float = 9, head: float = 1.6, each: float = 0.3
) -> Axes:
    """Return axes, those given or those of a new figure that is as high as it takes, with a row for each name, from the
    top, and a grid along the other axis."""
    ax = axes_or_new(ax, width, head + each * len(names))
    size = "xx-small" if len(names) > MANY_ROWS else "x-small"
    ax.set_yticks(range(len(names)), row_names(names), fontsize=size)
    ax.set_ylim(len(names) - 0.4, -0.6)
    quiet_frame(ax, along="x")
    return ax


def reach(rows: pl.DataFrame, column: str, low: str = "low", high: str = "high") -> Any:
    """Return how far intervals reach to either side of what is in a column, as error bars have it: nowhere to a side
    that is open."""
    value = pl.col(column)
    return rows.select(value - pl.col(low).fill_null(value), pl.col(high).fill_null(value) - value).to_numpy().T


def row_names(names: Sequence[str]) -> Sequence[str]:
    """Return names of rows without the middle words of those that are too long, where they still
    tell each other apart."""
    half = MOST_LETTERS // 2
    cut = {name: (name[:half].rsplit(" ", 1)[0], name[-half:].split(" ", 1)[-1]) for name in names}
    short = [" … ".join(cut[name]) if len(name) > 2 * half else name for name in names]
    return short if len({*short}) == len({*names}) else names


@dataclass(frozen=True)
class Strip:
    """A part of axes that has a scale of its own, from 0 at `bottom` to `most` one higher."""

    bottom: float
    most: float

    def at(self, values: Iterable[float]) -> list[float]:
        """Where values of the strip stand on the axes."""
        return [self.bottom + value / self.most for value in values]


STRIP = 1.3
"""From one strip to the next, with room for its name."""


def strips(ax: Axes, most_of: Mapping[str, float]) -> dict[str, Strip]:
    """Divide axes into strips, the first on top, each with its name and what its scale goes up to."""
    made = {name: Strip(-STRIP * place, most or 1.0) for place, (name, most) in enumerate(most_of.items())}
    ends = [(strip.bottom + end, strip.most * end) for strip in made.values() for end in (0, 1)]
    ax.set_yticks([at for at, _ in ends], [f"{value:,.3g}" if value < 10 else f"{value:,.0f}" for _, value in ends])
    for name, strip in made.items():
        ax.text(0.005, strip.bottom + 1.03, plain(name), transform=ax.get_yaxis_transform(), fontsize="small")
        ax.axhline(strip.bottom, color="0.3", linewidth=0.8)
    ax.tick_params(axis="y", labelsize="x-small", length=0)
    ax.set_ylim(1 - STRIP * len(made), STRIP)
    return made


def in_unit(table: pl.DataFrame) -> str:
    """Return the unit of a table's numbers for a label, in brackets; nothing where there is none."""
    units = list(filter(None, table["unit"].unique())) if "unit" in table.columns else []
    return f" ({', '.join(units)})" if units else ""
