"""Tables of a page, and days with their dates, wherever a page names a day."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import polars as pl
from markupsafe import Markup, escape

from nfm_sim import measures
from nfm_sim.beside import rows_beside
from nfm_sim.in_words import DAY_H, Unit
from nfm_sim.measures.bottlenecks import held_up
from nfm_sim.measures.columns import PART, Column
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.changes import toml_of
from nfm_sim.scenario.on_record import OnRecord
from nfm_sim.sentences.cells import DAY, Readout, bounds_of, interval_text, value_text
from nfm_sim.sentences.names import with_titles
from nfm_sim.study import Study, read_quantity, study_estimates, variance_split
from nfm_sim.study.overview import ESTIMATES
from nfm_sim.study.prices import FRESH, priced

MOST_ROWS = 200
"""Of a table on the page; how many there are in all is said."""
HOURS_OF = {"h": 1.0, "day": DAY_H, "days": DAY_H}
"""Hours in the units of time."""
_SHOWN = rows_beside(__file__, "shown.csv")
FIGURES, CAPTIONS = ({row["name"]: row["about"] for row in _SHOWN if row["kind"] == of} for of in ("figure", "table"))
"""The figures and the tables of the page in their order, each with what it shows in words."""
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
    bounds: tuple[float | str, ...] | None = None
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
        tuple(_cell(row, column, unit, has) for (column, _, unit), has in zip(columns, bounds, strict=True))
        for row in table.rows.head(MOST_ROWS).rows(named=True)
    )
    headings = tuple(heading for _, heading, _ in columns)
    numeric = tuple(schema[column].is_numeric() for column, _, _ in columns)
    return PageTable(table.title, table.caption, headings, numeric, tuple(bounds), rows, len(table.rows) - len(rows))


def _cell(row: dict[str, object], column: str, unit: Unit, has_bounds: bool) -> Cell:
    value, text = row[column], value_text(row, column, unit)
    ends = tuple(_amount(row[bound], unit) for bound in bounds_of(column)) if has_bounds else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return Cell(text, "" if value is None else str(value), bounds=ends)
    amount, hours = value * unit.factor, HOURS_OF.get(unit.name)
    in_hours, interval = None if hours is None else amount * hours, interval_text(row, column, unit)
    return Cell(text, amount, in_hours, unit == DAY, interval, ends)


def _amount(value: object, unit: Unit) -> float | str:
    return value * unit.factor if isinstance(value, int | float) else ""


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


# The tables of a study on its page: what was answered, what held things up, and what all of it rests on


CALLED = {"pieces_on_time": "share of pieces on time", "all_on_time": "chance that all are there"}
MOST_OF = 0.95
"""A table of what holds up ends where it has so much of the delay."""


def tables_of(base: Study, prices: pl.DataFrame | None, on_record: OnRecord | None) -> list[Readout]:
    """The tables of a study, some of which may have no rows."""
    found = study_estimates(base)
    titled, columns = partial(with_titles, base), measures.COLUMNS
    piece_hours = pl.col("piece_hours")
    most = held_up(base).filter(piece_hours.cum_sum().shift(1, fill_value=0) < MOST_OF * piece_hours.sum())
    rows: dict[str, tuple[pl.DataFrame, Mapping[str, Column]]] = {
        "Closure by flow": (titled(found["closure"]), ESTIMATES),
        "On time by flow": (titled(found["on_time"]), ESTIMATES),
        "Readiness by tier": (found["readiness"], ESTIMATES),
        "What holds up": (titled(most), columns["bottlenecks"]),
        "What went further": (titled(_further(base)), columns["detours"]),
        "Readiness by element": (titled(measures.readiness_by_element(base)), columns["readiness_by_element"]),
        "Asked for twice": (titled(measures.double_booking(base)), {}),
        "What the spread of closure goes with": (titled(_spread(base)), {"share": PART}),
        "Waits for what can never come": (base.whole.stuck.drop("replication"), columns["stuck"]),
    }
    return [
        *(_beside(base, on_record) if on_record else ()),
        *(_priced(prices) if prices is not None else ()),
        *(Readout(title, table, kinds, (), CAPTIONS[title], CALLED) for title, (table, kinds) in rows.items()),
    ]


def _priced(prices: pl.DataFrame) -> list[Readout]:
    names = priced(prices)
    kinds = {part: read_quantity(name).declared for name in names for part in (name, f"{name}{FRESH}")}
    caption = "one more of each; intervals hold for all together; fresh: again, on replications that did not choose it"
    return [Readout("What to buy first", prices, kinds, tuple(kinds), caption)]


def _further(base: Study) -> pl.DataFrame:
    """What went further because of what was lost, mean over replications."""
    number = len(base.replications)
    amounts = pl.col("movements", "pieces", "extra_h", "piece_hours").sum() / number
    return measures.detours(base).group_by("disruption", "mode", maintain_order=True).agg(amounts)


def _spread(base: Study) -> pl.DataFrame:
    """Which uncertain numbers the spread of closure goes with; empty where there is none, or too few replications."""
    if not base.scenario.uncertain or measures.closure(base).is_empty():
        return pl.DataFrame()
    table = variance_split(base)
    return table if table["share"].null_count() < len(table) else pl.DataFrame()


def _beside(base: Study, record: OnRecord) -> list[Readout]:
    """What is on record, beside the middle of the model and its 10-90 %."""
    answer = measures.operation(base)
    rows = []
    for name, seen in record.observed.items():
        values = answer[name].cast(pl.Float64)
        rows.append((name, *seen.range, values.median(), *measures.likely(values), seen.source))
    columns = ["number", "on_record_least", "on_record_most", "model_median", "model_low", "model_high", "source"]
    needed = measures.needed_for()
    caption = "low to high: where the next replication lies eight times in ten (10-90 %)"
    if len(answer) < needed:
        caption = f"{len(answer)} replications cannot tell where the next lies: {needed} can"
    return [Readout("On record, and the model", pl.DataFrame(rows, schema=columns, orient="row"), caption=caption)]


def inputs_of(scenario: Scenario) -> list[Readout]:
    """Pools and facilities with where their numbers come from."""
    pools = [
        (name.replace("_", " "), float(of.capacity), of.unit, " ".join(of.source.split()), "assumed" in of.source)
        for name, of in scenario.pools.items()
    ]
    means = pl.DataFrame(pools, schema=["pool", "capacity", "unit", "source", "assumed"], orient="row")
    written = {path: toml_of({"drawn": of.as_written()}, sections=0) for path, of in scenario.uncertain.items()}
    uncertain = [(path, text.partition(" = ")[2].strip()) for path, text in written.items()]
    drawn = pl.DataFrame(uncertain, schema=["input", "drawn from"], orient="row")
    at_hour_0 = "capacities at hour 0; an uncertain one at its middle"
    rest_on = Readout("Means, and where they come from", means, caption=at_hour_0)
    return [rest_on, Readout("Numbers that nobody knows", drawn, caption="drawn once a replication")]
