"""How tables for people show numbers: the unit in the heading, by the rule of `nfm_sim.in_words`."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from nfm_sim.in_words import DAY_H, POINTS, UNKNOWN, Unit, between, number, time_unit
from nfm_sim.measures.columns import Column

Numbers = Iterable[float | None]
TOGETHER = "in brackets: 95 % intervals, which hold for all rows together"
EACH = "in brackets: 95 % intervals, each for itself"
LEAST_P = 0.0001
"""A smaller p value says no more: it is that of a normal distribution."""
PERCENT = Unit("%", 100.0)
DAY = Unit("day", 1 / DAY_H)
"""When something happens."""


def unit_of(column: Column, values: Numbers) -> Unit:
    """The unit in which values of a column stand together."""
    if column.moment:
        return DAY
    return PERCENT if column.share else _unit_of_lengths(column, values)


def unit_of_differences(column: Column, values: Numbers) -> Unit:
    """The unit in which differences of a column stand together."""
    return POINTS if column.share else _unit_of_lengths(column, values)


def _unit_of_lengths(column: Column, values: Numbers) -> Unit:
    if column.unit == "h":
        return time_unit(values)
    if column.unit == "days":
        unit = time_unit(None if value is None else value * DAY_H for value in values)
        return Unit(unit.name, unit.factor * DAY_H)
    return Unit(column.unit)


def heading(words: str, unit: Unit) -> str:
    """What stands above a column of a table."""
    is_said = f" {unit.name.replace('-', ' ')} " in f" {words} "
    return words if is_said or not unit.name else f"{words} ({unit.name})"


def number_in(unit: Unit, value: float | None) -> str:
    """A number as it is shown in a unit that stands above it."""
    if value is None:
        return UNKNOWN
    shown = value * unit.factor
    return f"{round(shown, 1) + 0.0:.1f}" if unit == DAY else number(shown)


def bounds_of(column: str) -> tuple[str, str]:
    """The names of the columns with the bounds of one."""
    prefix = "" if column in ("estimate", "difference") else f"{column}_"
    return f"{prefix}low", f"{prefix}high"


def units_of(table: pl.DataFrame, kinds: Mapping[str, Column], differences: Collection[str] = ()) -> dict[str, Unit]:
    """The unit in which each column of a table is shown, one with its bounds. `kinds` has what columns hold; those in
    `differences` hold differences of it; what is in neither is shown as it is."""
    found = dict.fromkeys(table.columns, Unit(""))
    for column in table.columns:
        if column in kinds:
            group = [name for name in (column, *bounds_of(column)) if name in found]
            unit = unit_of_differences if column in differences else unit_of
            values = [value for name in group for value in table[name]]
            found |= dict.fromkeys(group, unit(kinds[column], values))
    return found


@dataclass(frozen=True)
class Readout:
    """A table as people read it: `kinds` has what its columns hold, those in `differences` hold differences of it, and
    `called` has what columns are called. An interval stands with its value, in one cell."""

    title: str
    rows: pl.DataFrame
    kinds: Mapping[str, Column] = field(default_factory=dict)
    differences: Collection[str] = ()
    caption: str = ""
    called: Mapping[str, str] = field(default_factory=dict)
    left_out: Collection[str] = ()
    """Columns that people need not see."""

    def columns(self) -> Iterator[tuple[str, str, Unit]]:
        """Yield the name of each column that is shown and no bound, its heading, and its unit."""
        units = units_of(self.rows, self.kinds, self.differences)
        aside = {*self.left_out, *(bound for column in units for bound in bounds_of(column))}
        for column, unit in units.items():
            if column not in aside:
                yield column, heading(self.called.get(column, column.removesuffix("_h").replace("_", " ")), unit), unit


def value_text(row: Mapping[str, object], column: str, unit: Unit) -> str:
    """A value of a row without its interval."""
    value = row[column]
    if column == "p_value" and isinstance(value, float) and value < LEAST_P:
        return f"< {LEAST_P}"
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: UNKNOWN}[value]
    if isinstance(value, float) or (isinstance(value, int) and unit.name):
        return number_in(unit, value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def interval_text(row: Mapping[str, object], column: str, unit: Unit) -> str:
    """The interval of a value of a row; "" where it has none."""
    low, high = (row.get(name) for name in bounds_of(column))
    if low is high is None or row[column] is None:
        return ""
    return between(low, high, partial(number_in, unit))  # type: ignore[arg-type]
