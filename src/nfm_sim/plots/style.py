"""What all figures share: their colours, axes, keys, bands and Gantt charts, and what each says of itself."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from inspect import signature, unwrap
from io import StringIO
from pathlib import Path
from textwrap import fill, wrap
from typing import Any, Literal, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

import polars as pl
from matplotlib import pyplot as plt
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.backend_bases import get_registered_canvas_class
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator

from nfm_sim import measures
from nfm_sim.kinds.modes import BARGE, COLUMN, RAIL, ROAD, TRAIN, WATER
from nfm_sim.measures.common import WITHOUT_TIER
from nfm_sim.measures.summary import likely_ends, needed_for
from nfm_sim.plots.lost import draw_lost
from nfm_sim.problems import plain
from nfm_sim.record import Record
from nfm_sim.record.words import CauseKind, Kind
from nfm_sim.sentences.names import names_of, place_name

# The colours of figures, each given once: a mode, a cause or a doing has its own everywhere, and in all figures of one
# record so has a flow, a tier, a place and a task.


COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito (2008), in an order that keeps neighbours apart in grey too."""
MANY_COLOURS = (*COLOURS, "#882255", "#999933", "#332288", "#DDCC77", "#8C564B", "#B2DF8A", "#F0A0A0")
OTHER = "0.65"
"""Of what is too much to have a colour of its own."""
MOST_OWN = 12
"""Things that a figure tells apart; of more, one less and the others together."""

NETWORK_COLOURS = {RAIL: TRAIN.colour, ROAD: COLUMN.colour, WATER: BARGE.colour}
"""Of links on the map: those of what chiefly moves there."""
DOING_COLOURS = {Kind.WORK: COLOURS[0], Kind.MOVE: COLOURS[2], Kind.WAIT: COLOURS[1], Kind.BLOCKED: COLOURS[6]}
BACK = "after its close: on its way back, or kept"
BACK_COLOUR = COLOURS[5]
CAUSES = (
    *(CauseKind.FACILITY, CauseKind.POOL, CauseKind.LINK, CauseKind.RULE, CauseKind.TASK, CauseKind.ELEMENT),
    *(CauseKind.DISRUPTION, CauseKind.PARTNER, CauseKind.MOVEMENT, CauseKind.NEVER),
)
CAUSE_COLOURS = {**dict(zip(CAUSES, MANY_COLOURS, strict=False)), "": OTHER}


def colour_of(names: Iterable[str], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a colour for each name, in the order given: the one that is known of it, else one that none of them has;
    when there are no more, grey."""
    names = list(dict.fromkeys(names))
    own = {name: known[name] for name in names if name in known} if known else {}
    free = (colour for colour in MANY_COLOURS if colour not in own.values())
    return {name: own.get(name) or next(free, OTHER) for name in names}


WITHOUT_TIER_COLOUR = "#7F9CB5"


def tier_colours(run: Record) -> dict[str, str]:
    """Return the colours of the tiers, as `group_of` names them; no flow has one of these."""
    tiers = measures.readiness(run)["tier"].unique().drop_nulls().sort()
    return {**colour_of(f"tier {tier}" for tier in tiers), WITHOUT_TIER: WITHOUT_TIER_COLOUR}


def flow_colours(run: Record) -> dict[str, str]:
    """Return the colour of each flow: of more than a dozen, one for each of the latest to close, and grey for all
    others."""
    closed = measures.closure(run).select("flow", pl.col("last_h").fill_null(float("inf")), "pieces")
    latest = closed.group_by("flow").agg(pl.col("last_h").mean(), pl.col("pieces").first())
    ranked = latest.sort("last_h", "pieces", "flow", descending=[True, True, False])["flow"].to_list()
    return _first(ranked, taken=tier_colours(run).values())


def group_colours(run: Record) -> dict[str, str]:
    """Return the colours of flows and tiers: of the groups of `group_of`."""
    return {**tier_colours(run), **flow_colours(run)}


def place_colours(run: Record) -> dict[str, str]:
    """Return a colour for each port of a flow, and for the places with most waits."""
    ways = measures.ways_taken(run).group_by("origin").agg(pl.col("pieces").sum())
    ports = ways.sort("pieces", "origin", descending=[True, False])["origin"].to_list()
    waits = measures.waits(run).filter(pl.col("place") != "").group_by("place").agg(pl.col("piece_hours").sum())
    worst = waits.sort("piece_hours", "place", descending=[True, False])["place"].to_list()
    return dict(zip(dict.fromkeys([*ports, *worst]), MANY_COLOURS, strict=False))


def task_colours(run: Record) -> dict[str, str]:
    """Return the colour of each task."""
    return _first(sorted(measures.commitments(run)["task"].unique()))


def _first(ranked: Sequence[str], taken: Collection[str] = ()) -> dict[str, str]:
    """A colour for each of the first, in the order of their names; grey for the others."""
    free = [colour for colour in MANY_COLOURS if colour not in taken]
    most = min(MOST_OWN, len(free))
    own = ranked if len(ranked) <= most else ranked[: most - 1]
    colours = dict(zip(sorted(own), free, strict=False))
    return {name: colours.get(name, OTHER) for name in ranked}


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


# What every figure says of itself: its title, what it shows, of which scenario, and the dates of its days.


EMPTY = "nothing to show"
Drawing = ParamSpec("Drawing")
Rows = TypeVar("Rows", bound=Sized)


class Nothing(Exception):  # noqa: N818 - it is no error
    """A figure has nothing to show, and says why in its place."""


def some(rows: Rows, otherwise: str) -> Rows:
    """Return rows of which there are some; a figure of none says `otherwise` in its place."""
    if not len(rows):
        raise Nothing(otherwise)
    return rows


def figure(draw: Callable[Drawing, Axes]) -> Callable[Drawing, Axes]:
    """Have a figure say what it shows, and show texts as they are.

    A figure of its own has its title above, and below what is shown, of which scenario, of how many replications, and
    whether it is notional; a figure in axes that are given has its title alone. Its key stands beside the axes. Days
    have their dates, and hours in which disruptions took something are hatched. A "$" begins no formula, and what
    steers a terminal is written out; lines stay lines.

    >>> @nfm.plots.figure
    ... def spans(run, ax=None):
    ...     ax = ax or nfm.plots.closure(run)
    ...     ax.set_title(f"{run.spans.height} spans")
    ...     return ax
    >>> spans(run).get_title()
    '28 spans'
    """

    @wraps(draw)
    def drawn(*args: Drawing.args, **kwargs: Drawing.kwargs) -> Axes:
        given = signature(draw).bind(*args, **kwargs).arguments.get("ax")
        try:
            return _framed(draw, given is None, *args, **kwargs)
        except Nothing as nothing:
            return _say_empty(axes_or_new(given), str(nothing))

    return drawn


def drawn_if_any(figure: Callable[[Record], Axes], run: Record) -> Axes | None:
    """Draw a figure of its own; None where it has nothing to show, as axes to say so in take as long as a figure."""
    try:
        return _framed(unwrap(figure), True, run)
    except Nothing:
        return None


def _framed(draw: Callable[Drawing, Axes], own: bool, *args: Drawing.args, **kwargs: Drawing.kwargs) -> Axes:
    """Draw a figure, which is one of its `own` or in axes that are given, and have it say what it shows. Raises
    `Nothing`."""
    run = next((of for of in (*args, *kwargs.values()) if isinstance(of, Record)), None)
    with _settings({"text.parse_math": False}):  # a text is no formula
        ax = draw(*args, **kwargs)
        if is_empty(ax):  # of another figure, that this one is made of
            return ax
        if run is not None and ax.get_xlabel() == DAYS:
            said = _SAID.get(ax, Said())
            draw_lost(ax, said.of or run, said.replication)
        draw_key(ax, own)
        if own:
            _frame(ax, run)
        for axis, set_ticks in ((ax.xaxis, ax.set_xticks), (ax.yaxis, ax.set_yticks)):
            labels = [tick.get_text() for tick in axis.get_ticklabels()]
            if labels != (as_they_are := [*map(_plain_lines, labels)]):
                set_ticks(axis.get_ticklocs(), as_they_are)
        for text in ax.findobj(Text):
            text.set_text(_plain_lines(text.get_text()))
            text.set_parse_math(False)
        if run is not None and ax.get_xlabel() == DAYS:
            _date(ax, run)
    return ax


def _plain_lines(text: str) -> str:
    return "\n".join(map(plain, text.split("\n")))


def titled(ax: Axes, title: str, *shown: str, of: Record | None = None, replication: int | None = None) -> Axes:
    """Give a figure its title, say what is shown (which statistic, of which replications), and return its axes. Where
    these are not all of the record, `of` has them; `replication` is the one that is shown alone."""
    ax.set_title(title, loc="left", fontsize="medium", fontweight="bold")
    _SAID[ax] = Said("; ".join(filter(None, shown)), of, replication)
    return ax


@dataclass(frozen=True)
class Said:
    """What a figure says of itself."""

    shown: str = ""
    of: Record | None = None
    """The replications that it shows; None: all of its record."""
    replication: int | None = None
    """The one that it shows of these; None: all."""


_SAID: WeakKeyDictionary[Axes, Said] = WeakKeyDictionary()
LETTERS_PER_INCH = 17
"""That a small line of text has about."""


def _frame(ax: Axes, run: Record | None) -> None:
    """Put the title over a figure of its own, and below it what it shows."""
    whole = whole_of(ax)
    whole.suptitle(plain(ax.get_title(loc="left")), x=0.01, ha="left", fontsize="medium", fontweight="bold")
    ax.set_title("", loc="left")
    shown = _SAID.get(ax, Said()).shown
    lines = [shown] if run is None else [shown, of_what(run)]
    width = int(whole.get_size_inches()[0] * LETTERS_PER_INCH)
    text = "\n".join("\n".join(wrap(plain(line), width)) for line in lines if line)
    whole.supxlabel(text, x=0.01, ha="left", fontsize="x-small", color="0.35")


def over(run: Record, whole: Record | None = None, mean: str = "mean over") -> str:
    """Say that numbers are means (or else what `mean` says), and of how many, where only the tables of some (`whole`)
    are at hand; of one replication, nothing."""
    number = run.about["replications"]
    known = number if whole is None else whole.about["replications"]
    of = "" if known == number else f" of {number:,}"
    kept = ", those whose tables are at hand" if of else ""
    if known > 1:
        return f"{mean} {known:,}{of} replications{kept}" if of or mean != "of" else ""
    return f"one{of} replications, whose tables are at hand" if of else ""


def of_what(run: Record) -> str:
    """Say of which scenario a figure is, of how many replications, and whether it is notional."""
    about = run.about
    number = about["replications"]
    drawn = f"{number:,} {about['sampling']} replications" if number > 1 else "one replication"
    return f"{about['title']}. {drawn.capitalize()}, seed {about['seed']}{'; notional' if about['notional'] else ''}."


def _date(ax: Axes, run: Record) -> None:
    """Write dates under days after hour 0."""
    zero = datetime.fromisoformat(run.about["g_day"])

    def tick(day: float, _place: int | None = None) -> str:
        return f"{day:g}\n{zero + timedelta(days=day):%d %b}" if day % 1 == 0 else f"{day:g}"

    width = whole_of(ax).get_size_inches()[0]
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=min(8, int(width))))
    ax.xaxis.set_major_formatter(FuncFormatter(tick))
    ax.set_xlabel(f"{DAYS} ({zero:%A %d %B %Y, %H:%M})")


@contextmanager
def _settings(settings: Mapping[Any, Any]) -> Iterator[None]:
    """Have settings of matplotlib for what is drawn now. (`rc_context` would end the interactive mode of a notebook,
    which begins with its first figure.)"""
    before = {name: rcParams[name] for name in settings}
    rcParams.update(settings)
    try:
        yield
    finally:
        rcParams.update(before)


def _say_empty(ax: Axes, text: str) -> Axes:
    """Say in the figure that there is nothing to show; `is_empty` knows it by that."""
    ax.set_gid(EMPTY)
    ax.text(0.5, 0.5, _plain_lines(text), ha="center", va="center", transform=ax.transAxes, parse_math=False)
    ax.set_axis_off()
    return ax


def is_empty(ax: Axes) -> bool:
    """Whether a figure has nothing to show of its run: there are no flows, or nobody waited.

    >>> nfm.plots.is_empty(nfm.plots.time_space(run, mode="train"))
    True
    """
    return ax.get_gid() == EMPTY


def save(ax: Axes, path: str | Path, *, dpi: int = 150) -> None:
    """Write the figure of these axes to a file, and let go of it.

    >>> nfm.plots.save(nfm.plots.waits(run), folder / "waits.png")
    >>> (folder / "waits.png").exists()
    True
    """
    whole = whole_of(ax)
    _lay_out(whole, dpi)
    sooner: dict[str, Any] = {"pil_kwargs": {"compress_level": 3}}  # and a tenth larger
    whole.savefig(path, dpi=dpi, **(sooner if Path(path).suffix == ".png" else {}))
    plt.close(whole)


def _lay_out(whole: Figure, dpi: float) -> None:
    """Give everything its place once and for all: a figure that still has to do so is drawn twice when it is saved."""
    whole.set_dpi(dpi)
    if engine := whole.get_layout_engine():
        engine.execute(whole)
        whole.set_layout_engine(None)


SVG_DPI = 72
COURSE, FINER = re.compile(r' d="[^"]*"'), re.compile(r"(\.\d\d)\d+")
"""The course of a line in an SVG, and what is finer in it than a hundredth of a point, which nobody sees."""
IDS = re.compile(r'(\bid="|url\(#|href="#)')


def inline_svg(name: str, ax: Axes) -> str:
    """Return the figure of these axes as an SVG element for a page, and let go of it.

    >>> nfm.plots.inline_svg("waits", nfm.plots.waits(run))[:4]
    '<svg'
    """
    whole = whole_of(ax)
    with _settings({"svg.fonttype": "none", "svg.hashsalt": name}):
        get_registered_canvas_class("svg")(whole)  # which measures texts as it will draw them
        _lay_out(whole, SVG_DPI)
        whole.savefig(text := StringIO(), format="svg", metadata={"Date": None, "Creator": None})
    plt.close(whole)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' (?:width|height)="[^"]*"', "", svg, count=2)  # those of the whole, which stand first
    svg = COURSE.sub(lambda course: FINER.sub(r"\1", course[0]), svg)
    return IDS.sub(rf"\g<1>{name}-", svg)
