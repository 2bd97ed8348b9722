"""What every figure says of itself: its title, what it shows, of which scenario, and the dates of its days."""

import re
from collections.abc import Callable, Iterator, Mapping, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from inspect import signature, unwrap
from io import StringIO
from pathlib import Path
from textwrap import wrap
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from matplotlib import pyplot as plt
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.backend_bases import get_registered_canvas_class
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator

from nfm_sim.plots.lost import draw_lost
from nfm_sim.plots.style import DAYS, axes_or_new, draw_key, whole_of
from nfm_sim.problems import plain
from nfm_sim.record import Record

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
