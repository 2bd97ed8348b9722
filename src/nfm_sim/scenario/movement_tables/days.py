"""Dates of a movement table as days after hour 0, on the clock of the Netherlands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from nfm_sim.scenario.movement_tables.mapping import MovementMap
from nfm_sim.scenario.values import TIMEZONE

COUNTED = re.compile(r"([A-Za-z]?)\s*([+-]?\s*\d{1,3})")
"""A day counted from one of the table's own: C012, C+12, 12."""
What = Literal["arrives", "required"]
HOUR = re.compile("%[HIcX]")
USUAL: Mapping[What, float] = {"arrives": 0.0, "required": 24.0}
"""The hour that a day without one means: ships come from its beginning on, and a day that is required lasts to its
end."""


class Days:
    """Reads dates, and counts those without an hour."""

    def __init__(self, rules: MovementMap) -> None:
        self.rules = rules
        self.letter: str | None = None
        """That stands before days counted from one of the table's own."""
        self.without_hour: Counter[What] = Counter()
        self.midnights = 0

    def day(self, cell: str, what: What) -> float:
        """Return the days after hour 0 of a cell; raise ValueError with what is wrong with it."""
        assert self.rules.g_day is not None  # a mapping of flows has one
        found, has_hour = self._counted(cell) or self._date(cell)
        if not has_hour:
            self.without_hour[what] += 1
        elif what == "required" and found.time() == time() and what not in self.rules.hours:
            self.midnights += 1
        hour = self.rules.hours.get(what)
        if not has_hour or (hour is not None and found.time() == time()):
            found += timedelta(hours=USUAL[what] if hour is None else hour)
        zero = self.rules.g_day.replace(tzinfo=TIMEZONE).astimezone(UTC)
        local = found if found.tzinfo else found.replace(tzinfo=TIMEZONE)
        day = (local.astimezone(UTC) - zero).total_seconds() / 86_400
        if day < 0:
            raise ValueError(f"lies before g_day of the mapping ({self.rules.g_day:%Y-%m-%d %H:%M})")
        return round(day, 6)

    def _counted(self, cell: str) -> tuple[datetime, bool] | None:
        """The day that a cell counts from one of the table's own."""
        match = COUNTED.fullmatch(cell)
        if match is None or self.rules.date_format:
            return None
        if self.rules.day_zero is None:
            day = f"{self.rules.g_day:%Y-%m-%d}"
            raise ValueError(f"is a day after one of the table's own; say with day_zero which that is (g_day is {day})")
        self.letter = match[1].upper() if self.letter is None else self.letter
        if match[1].upper() != self.letter:
            raise ValueError("counts from another day than the cells before it; day_zero is one day")
        return self.rules.day_zero + timedelta(days=int(match[2].replace(" ", ""))), False

    def _date(self, cell: str) -> tuple[datetime, bool]:
        form = self.rules.date_format
        try:
            found = datetime.strptime(cell, form) if form else datetime.fromisoformat(cell)
        except ValueError:
            like = f"like {form}" if form else "such as 2027-01-19 06:00"
            raise ValueError(
                f"is no date {like}; date_format says how they are, or day_zero where they count"
            ) from None
        return found, bool(HOUR.search(form) if form else re.search("[T ]", cell))

    def remarks(self) -> list[str]:
        """Say how days without an hour were taken."""
        said = [
            f"days without an hour: {number:,} x {what}, at {_clock(self.rules.hours.get(what, USUAL[what]))}"
            for what, number in self.without_hour.items()
        ]
        if self.midnights:
            said.append(
                f"days at 00:00: {self.midnights:,} x required, their first minute; hours.required = 24 is their end"
            )
        return said


def _clock(hour: float) -> str:
    return f"{int(hour):02}:{round(hour % 1 * 60):02}"
