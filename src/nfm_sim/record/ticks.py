"""Simulated hours are floats that hold whole ticks, so that every sum of hours is exact.

A tick is 2**-20 hour (3.4 milliseconds). Sums and differences of whole ticks are exact in a float up to
2**33 hours, so spans tile without gap, a ledger adds up to the last bit, and two slots that touch do not
overlap.
"""

from math import isfinite
from typing import TypeVar

import numpy as np
import polars as pl

TICKS_PER_HOUR = 2**20


def whole_ticks(hours: float) -> float:
    """Return the hours rounded to the nearest tick."""
    return round(hours * TICKS_PER_HOUR) / TICKS_PER_HOUR


def in_hours(days: float) -> float:
    """Return days as hours in whole ticks, as deadlines and events have them; infinite days are infinite hours."""
    return whole_ticks(days * 24) if isfinite(days) else days


SECOND_H = whole_ticks(1 / 3600)
"""A deadline is kept by what comes within a second of it. Each step of a movement is rounded to a tick, so that the sum
of many comes up to some ticks after the hour that it meets exactly; and times are told to the second."""

AnyHours = TypeVar("AnyHours", float, np.ndarray, pl.Expr)


def late_h(at_h: AnyHours, by_h: AnyHours) -> AnyHours:
    """Return how many hours something comes after its deadline: 0 when it is in time.

    >>> late_h(36.0, 24.0), late_h(24.0 + 1 / 7200, 24.0), late_h(12.0, 24.0)
    (12.0, 0.0, 0.0)
    """
    after_h = at_h - by_h
    late: AnyHours = after_h * (after_h > SECOND_H) + 0.0  # of what comes early, -0.0 would be left
    return late
