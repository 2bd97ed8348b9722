"""Tables of a page, and days with their dates, wherever a page names a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup, escape

from nfm_sim.in_words import DAY_H, UNKNOWN
from nfm_sim.sentences.cells import DAY, Readout, Shown, bounds_of, interval_text

MOST_ROWS = 200
"""Of a table on the page; how many there are in all is said."""
HOURS_OF = {"h": 1.0, "day": DAY_H, "days": DAY_H}
"""Hours in the units of time."""
A_DAY = re.compile(r"\bday (-?\d+(?:\.\d)?)(?: to (-?\d+(?:\.\d)?))?(?! days)")


@dataclass(frozen=True)
class Cell:
    """What is read; what is sorted by and copied, in the unit of the heading; and the hours that it is."""

    text: str
    value: float | str
    hours: float | None = None
    is_moment: bool = False
    """It is when something happens, and shown with its date."""
    interval: str = ""
    bounds: tuple[float | str, float | str] | None = None
    """Of the interval, in the unit of the heading."""


@dataclass(frozen=True)
class PageTable:
    """A table of a page."""

    title: str
    caption: str
    headings: tuple[str, ...]
    numeric: tuple[bool, ...]
    with_bounds: tuple[bool, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int

    @property
    def name(self) -> str:
        """For the file that it is copied to."""
        return "".join(char if char.isalnum() else "_" for char in self.title.lower())


def page_tables(*tables: Readout) -> list[PageTable]:
    """Return those tables that have rows, for a page: each value with its interval, and units in the headings."""
    return [_page_table(table) for table in tables if not table.rows.is_empty()]


def _page_table(table: Readout) -> PageTable:
    columns, schema = list(table.columns()), table.rows.schema
    bounds = [{*bounds_of(column)} <= {*schema} for column, _, _ in columns]
    rows = tuple(
        tuple(_cell(row, column, shown, has) for (column, _, shown), has in zip(columns, bounds, strict=True))
        for row in table.rows.head(MOST_ROWS).rows(named=True)
    )
    headings = tuple(heading for _, heading, _ in columns)
    numeric = tuple(schema[column].is_numeric() for column, _, _ in columns)
    return PageTable(table.title, table.caption, headings, numeric, tuple(bounds), rows, len(table.rows) - len(rows))


def _cell(row: dict[str, object], column: str, shown: Shown, has_bounds: bool) -> Cell:
    value = row[column]
    ends = tuple(_amount(row[bound], shown) for bound in bounds_of(column)) if has_bounds else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        said = UNKNOWN if value is None else {True: "yes", False: "no"}.get(value, str(value))  # type: ignore[call-overload]
        return Cell(said, "" if value is None else str(value), bounds=ends)  # type: ignore[arg-type]
    whole = isinstance(value, int) and not shown.unit.name
    hours = HOURS_OF.get(shown.unit.name)
    return Cell(
        f"{value:,}" if whole else shown.text(value),
        value * shown.unit.factor,
        None if hours is None else value * shown.unit.factor * hours,
        shown.unit == DAY,
        interval_text(row, column, shown),
        ends,  # type: ignore[arg-type]
    )


def _amount(value: object, shown: Shown) -> float | str:
    return value * shown.unit.factor if isinstance(value, int | float) else ""


def dated(text: str, g_day: str) -> Markup:
    r"""Return a text with the date behind each day that it names, and its hour for who points at it.

    >>> dated("closed on day 2.5", "2027-03-01T06:00:00")
    Markup('closed on <abbr title="hour 60 after Mon 01 Mar 2027, 06:00">day 2.5 (03\xa0Mar)</abbr>')
    """
    zero = datetime.fromisoformat(g_day)

    def with_date(found: re.Match[str]) -> str:
        days = [float(day) for day in found.groups() if day]
        dates = " to ".join(f"{zero + timedelta(days=day):%d\u00a0%b}" for day in days)
        return _pointed(f"{found[0]} ({dates})", " to ".join(f"{24 * day:g}" for day in days), zero)

    return Markup(A_DAY.sub(with_date, str(escape(text))))


def at_day(hour: float, g_day: str) -> Markup:
    """Return an hour as a column of days shows it, with its date, and its hour for who points at it.

    >>> at_day(60, "2027-03-01T06:00:00")
    Markup('<abbr title="hour 60 after Mon 01 Mar 2027, 06:00">2.5 (03 Mar)</abbr>')
    """
    zero = datetime.fromisoformat(g_day)
    shown = f"{round(hour / 24, 1) + 0.0:.1f} ({zero + timedelta(hours=hour):%d %b})"
    return Markup(_pointed(shown, f"{hour:.4g}", zero))


def _pointed(shown: str, hours: str, zero: datetime) -> str:
    return f'<abbr title="hour {hours} after {zero:%a %d %b %Y, %H:%M}">{shown}</abbr>'
