"""Simulated hours are floats that hold whole ticks, so that every sum of hours is exact.

A tick is 2**-20 hour (3.4 milliseconds). Sums and differences of whole ticks are exact in a float up to
2**33 hours, so spans tile without gap, a ledger adds up to the last bit, and two slots that touch do not
overlap.
"""

from __future__ import annotations

TICKS_PER_HOUR = 2**20


def whole_ticks(hours: float) -> float:
    """Return the hours rounded to the nearest tick."""
    return round(hours * TICKS_PER_HOUR) / TICKS_PER_HOUR
