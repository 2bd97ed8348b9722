"""The times of a scenario: from when it is simulated, its regimes, and opening hours made into windows, each once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cached_property, lru_cache

from nfm_sim.plan.timeline import Windows
from nfm_sim.plan.traffic import Periods, Traffic
from nfm_sim.record.ticks import in_hours, whole_ticks
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.activation import Regime, RegimeStart
from nfm_sim.scenario.values import DAYS, OPENING, TIMEZONE

Openings = tuple[str, ...]
MOST_REMEMBERED = 64
"""Answers of the calendar that are remembered: a scenario with uncertain numbers asks for the same ones in each
replication."""


class Times:
    """The times of one scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.early_days = {name: scenario.pre_alert_days(element) for name, element in scenario.elements.items()}
        """By element: how long before hour 0 it begins with the stages that need no order."""
        self.start_h = -24 * max(self.early_days.values(), default=0.0)
        """0, or earlier when an element is pre-alerted."""
        starts = sorted(scenario.timeline, key=lambda start: start.day)
        self.regimes: list[tuple[RegimeStart, Regime]] = [(start, scenario.regimes[start.regime]) for start in starts]
        """In the order in which they come."""
        first = self.regimes[0] if self.regimes else None
        own = first[1].decision_h if first is not None and first[0].day == 0 else None
        self.decision_h = own or scenario.activation.decision_h
        """From hour 0 to the activation order, as the regime of hour 0 has it."""

    def windows(self, openings: Openings) -> Windows | None:
        """Return the windows of daily openings; None for always open."""
        return opening_windows(openings, self.scenario.g_day, self.scenario.horizon_h, self.start_h)

    @cached_property
    def driving(self) -> Windows | None:
        """The hours in which columns may drive, as the regimes have it."""
        return self._by_regime(self.scenario.movement.column.driving, [regime.driving for _, regime in self.regimes])

    @cached_property
    def running(self) -> Windows | None:
        """The hours in which military trains may run, as the regimes have it."""
        return self._by_regime(self.scenario.movement.train.running, [regime.running for _, regime in self.regimes])

    @cached_property
    def running_dangerous(self) -> Windows | None:
        """The same of trains with dangerous goods: as those of all others where nothing is said of them."""
        of_all, own = self.scenario.movement.train.running, self.scenario.movement.train.running_dangerous
        by_regime = [
            regime.running if regime.running_dangerous is None and not own else regime.running_dangerous
            for _, regime in self.regimes
        ]
        return self._by_regime(own or of_all, by_regime)

    def _by_regime(self, usual: Openings, own_hours: list[Openings | None]) -> Windows | None:
        """Make windows that each regime may change; a regime that gives none has the usual ones."""
        if all(own is None for own in own_hours):
            return self.windows(usual)
        changes = [
            (in_hours(start.day), usual if own is None else own)
            for (start, _), own in zip(self.regimes, own_hours, strict=True)
        ]
        periods = [(self.start_h, usual), *changes]
        ends = [hour for hour, _ in changes] + [math.inf]
        always = Windows((-math.inf,), (math.inf,))
        return joined(
            interval
            for (hour, openings), end in zip(periods, ends, strict=True)
            for interval in (self.windows(openings) or always).within(hour, end)
        )


def joined(intervals: Iterable[tuple[float, float]]) -> Windows:
    """Return the windows of intervals in any order; those that touch become one."""
    opens: list[float] = []
    ends: list[float] = []
    for start, end in sorted(intervals):
        if ends and start <= ends[-1]:
            ends[-1] = max(end, ends[-1])
        else:
            opens.append(start)
            ends.append(end)
    return Windows(tuple(opens), tuple(ends))


@lru_cache(MOST_REMEMBERED)
def opening_windows(openings: Openings, g_day: datetime, horizon_h: float, start_h: float = 0) -> Windows | None:
    """Return the windows of daily openings in local time, or None when there are none: always open.

    They reach from `start_h` to a month after the horizon, and follow the calendar through summer time.
    """
    if not openings:
        return None
    hour_zero = g_day.replace(tzinfo=TIMEZONE).astimezone(UTC)
    intervals = []
    for opening in openings:
        weekdays, opens, length = parse_opening(opening)
        for day in range(math.floor(start_h / 24) - 1, math.ceil(horizon_h / 24) + 31):
            date = (g_day + timedelta(days=day)).date()
            if date.weekday() in weekdays:
                # both ends on the clock, so that a day of 23 or 25 hours changes neither
                local = datetime.combine(date, time(), TIMEZONE)
                ends = (local + timedelta(hours=opens), local + timedelta(hours=opens + length))
                start, end = (whole_ticks((end.astimezone(UTC) - hour_zero).total_seconds() / 3600) for end in ends)
                if start < end:
                    intervals.append((start, end))
    return joined(intervals)


def parse_opening(text: str) -> tuple[frozenset[int], float, float]:
    """Return (weekdays with Monday 0, opening hour, length in hours) of an `Opening`."""
    match = OPENING.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not an opening')
    first, last, hour, minute, end_hour, end_minute = match.groups()
    days = range(7)
    start_day = DAYS.index(first) if first else 0
    end_day = DAYS.index(last) if last else (start_day if first else 6)
    weekdays = frozenset(day for day in days if (day - start_day) % 7 <= (end_day - start_day) % 7)
    opens = int(hour) + int(minute) / 60
    closes = int(end_hour) + int(end_minute) / 60 if end_hour else 24.0
    return weekdays, opens, (closes - opens) % 24 or 24.0


def periods_of(traffic: Traffic, g_day: datetime, start_h: float, horizon_h: float) -> dict[str, Periods]:
    """Return by network when which of its classes of hours holds, to a month after the horizon."""
    periods = {}
    for network, week in traffic.week.items():
        numbers = {hour: number for number, hour in enumerate(traffic.classes(network))}
        of_week = [numbers[hour] for hour in week]
        begins, hours = _hours_on_the_clock(g_day, start_h, horizon_h)
        periods[network] = _stretches(begins, [of_week[hour] for hour in hours])
    return periods


@lru_cache(MOST_REMEMBERED)
def _hours_on_the_clock(g_day: datetime, start_h: float, horizon_h: float) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """When each hour on the local clock begins, to a month after the horizon, and which of the week it is (from Monday,
    00:00)."""
    past_the_hour = g_day.minute / 60 + g_day.second / 3600
    whole_hours = range(math.floor(start_h), math.ceil(horizon_h) + 31 * 24)
    begins = tuple(whole_ticks(hour - past_the_hour) for hour in whole_hours)
    hour_zero = g_day.replace(tzinfo=TIMEZONE).astimezone(UTC)
    # asked half an hour later, because a begin that is rounded to ticks may lie before its hour on the clock
    local = [(hour_zero + timedelta(hours=begin + 0.5)).astimezone(TIMEZONE) for begin in begins]
    return begins, tuple(hour.weekday() * 24 + hour.hour for hour in local)


def _stretches(begins: Sequence[float], classes: Sequence[int]) -> Periods:
    """Join hours that are alike."""
    new = [n for n, hour_class in enumerate(classes) if n == 0 or hour_class != classes[n - 1]]
    starts = tuple(begins[n] for n in new)
    return Periods(starts, (*starts[1:], math.inf), tuple(classes[n] for n in new))
