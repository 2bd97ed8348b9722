"""Compile movement programmes: the hours of all slots."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nfm_sim.compile.draws import DrawSheet
from nfm_sim.compile.times import Times
from nfm_sim.plan.transit import ProgrammePlan
from nfm_sim.plan.windows import Windows
from nfm_sim.record.ticks import in_hours, whole_ticks
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.flows import Flow
from nfm_sim.scenario.programme import Programme


def programme_plans(scenario: Scenario, sheet: DrawSheet, times: Times) -> dict[str, ProgrammePlan]:
    """Return the programmes of the flows that have one."""
    return {
        name: _programme(times, sheet.ask("start-up", name, programme.start_up_h), flow, programme)
        for name, flow in scenario.flows.items()
        if (programme := scenario.programme_of(name)) is not None
    }


def _programme(times: Times, start_up: int, flow: Flow, programme: Programme) -> ProgrammePlan:
    windows = times.windows(programme.working) or Windows((0.0,), (times.scenario.horizon_h + 31 * 24,))
    days = [day for opens, closes in zip(windows.opens, windows.closes, strict=True) for day in _days(opens, closes)]
    ports = dict.fromkeys([place for _, place, cargo in flow.cargoes() if cargo.pieces] + list(flow.diverts_to))
    slots: dict[tuple[str, str], tuple[float, ...]] = {
        (port, mode): tuple(_evenly(days, number)) for port in ports for mode, number in programme.per_day.items()
    }
    by_day: dict[tuple[str, str], list[float]] = {}
    for row in programme.slots:
        there = by_day.setdefault((row.port, row.mode), [])
        there += _within(days, in_hours(row.day), row.loads)
    slots |= {key: tuple(sorted(hours)) for key, hours in by_day.items()}
    return ProgrammePlan(
        start_up=start_up,
        first_h=in_hours(programme.first_day),
        slots=slots,
        made_up=programme.missed == "made up",
    )


def _days(opens: float, closes: float) -> Iterator[tuple[float, float]]:
    """The working days of an opening: itself, or days of 24 hours when it is longer than one."""
    while opens < closes:
        if min(closes, opens + 24) > 0:
            yield opens, min(closes, opens + 24)
        opens += 24


def _evenly(days: list[tuple[float, float]], per_day: float) -> list[float]:
    """So many slots a working day, evenly over its hours; of half a slot a day, one every second day."""
    hours = []
    for number in range(int(len(days) * per_day)):
        place = (number + 0.5) / per_day
        opens, closes = days[int(place)]
        hours.append(whole_ticks(opens + (place - int(place)) * (closes - opens)))
    return hours


def _within(days: list[tuple[float, float]], begin_h: float, loads: int) -> list[float]:
    """So many slots on one day, evenly over its working hours; over all of it when it has none."""
    open_hours = [(max(o, begin_h), min(c, begin_h + 24)) for o, c in days if o < begin_h + 24 and c > begin_h]
    total = math.fsum(closes - opens for opens, closes in open_hours)
    if not total:
        open_hours, total = [(begin_h, begin_h + 24)], 24.0
    hours = []
    for number in range(loads):
        at = (number + 0.5) / loads * total
        for opens, closes in open_hours:
            if at <= closes - opens:
                hours.append(whole_ticks(opens + at))
                break
            at -= closes - opens
    return hours
