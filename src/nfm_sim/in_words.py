"""Numbers as people read them: one rule for times and shares, in every sentence and table.

When something happens is a day after hour 0 ("day 5.2"). How long it takes, or by how much it comes earlier, is in
hours below two days and in days from there on ("5.6 h", "3.1 days"); numbers that stand together, such as an estimate
with its bounds or a column of a table, have the unit of the largest. Data (tables in Python, JSON, exports) are in
hours.
"""

from collections.abc import Callable, Iterable
from math import isfinite
from typing import NamedTuple

DAY_H = 24.0
FROM_H = 48.0
"""From so many hours on, lengths of time are in days."""
UNKNOWN = "-"


class Unit(NamedTuple):
    """How numbers are shown: by their unit, times a factor."""

    name: str
    factor: float = 1.0


HOURS, DAYS = Unit("h"), Unit("days", 1 / DAY_H)
POINTS = Unit("points", 100.0)
"""Of a difference of shares, in percent."""


def time_unit(hours: Iterable[float | None]) -> Unit:
    """The unit of lengths of time that stand together.

    >>> time_unit([5.6, None]).name, time_unit([-5.6, 60]).name
    ('h', 'days')
    """
    return DAYS if max((abs(h) for h in hours if h is not None and isfinite(h)), default=0.0) >= FROM_H else HOURS


def length(hours: float | None) -> str:
    """A length of time.

    >>> length(5.625), length(72.0), length(None)
    ('5.62 h', '3 days', '-')
    """
    if hours is None:
        return UNKNOWN
    unit = time_unit([hours])
    return f"{number(hours * unit.factor)} {unit.name}"


def day(hours: float | None) -> str:
    """When something happens.

    >>> day(126.0)
    'day 5.2'
    """
    return UNKNOWN if hours is None else f"day {round(hours / DAY_H, 1) + 0.0:.1f}"


def number(value: float | None) -> str:
    """A number to three digits, and whole from a thousand on.

    >>> number(0.28312), number(12345.6), number(-0.0)
    ('0.283', '12,346', '0')
    """
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value + 0.0:.3g}"


def percent(share: float | None) -> str:
    """A share in a sentence; one that is not quite all, or not quite nothing, is never told as that.

    >>> percent(0.705), percent(0.999), percent(0.001), percent(None)
    ('70 %', 'over 99 %', 'under 1 %', 'an unknown share')
    """
    if share is None:
        return "an unknown share"
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def between(low: float | None, high: float | None, show: Callable[[float], str] = number) -> str:
    """An interval; an open end is said, not left out.

    >>> between(1, 2.5), between(1, None), between(None, 2.5)
    ('1 to 2.5', '1 at least', '2.5 at most')
    """
    if low is None and high is None:
        return "how sure that is, is not known"
    if low is None or high is None:
        return f"{show(high)} at most" if high is not None else f"{show(low)} at least"  # type: ignore[arg-type]
    return f"{show(low)} to {show(high)}"
