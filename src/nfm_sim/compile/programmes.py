"""Compile movement programmes: what is booked, and the hours of the slots that are known beforehand."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping

from nfm_sim.compile.flows import FlowPlans
from nfm_sim.compile.kit import DrawSheet
from nfm_sim.compile.times import Times
from nfm_sim.kinds import MODES
from nfm_sim.plan.movement import Lot
from nfm_sim.plan.timeline import Windows
from nfm_sim.plan.transit import ALL_PORTS, BookingKey, Days, ProgrammePlan, Rate, WindowPlan, cut, evenly
from nfm_sim.record.ticks import in_hours, whole_ticks
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.flows import Programme


def programme_plans(scenario: Scenario, sheet: DrawSheet, times: Times, transit: FlowPlans) -> dict[str, ProgrammePlan]:
    """Return the programmes by flow, of those that have one."""
    plans: dict[str, ProgrammePlan] = {}
    for name, programme in scenario.programmes_by_name.items():
        flows = [flow for flow in scenario.flows if scenario.programme_name(flow) == name]
        plan = _programme(name, programme, sheet, times, [row for row in _planned(transit) if row[0] in flows])
        plans |= dict.fromkeys(flows, plan)
    return plans


def _planned(transit: FlowPlans) -> Iterator[tuple[str, float, Lot]]:
    """Yield all lots of flows, each with its flow and the hour for which it is planned to come."""
    for ship in transit.ships:
        yield from ((ship.flow, call.planned_h, lot) for call in ship.calls for lot in call.lots)
    for origin in transit.origins:
        yield from ((origin.flow, origin.ready_h, lot) for lot in origin.lots)


def _programme(
    name: str, programme: Programme, sheet: DrawSheet, times: Times, lots: list[tuple[str, float, Lot]]
) -> ProgrammePlan:
    windows = times.windows(programme.working) or Windows((0.0,), (times.scenario.horizon_h + 31 * 24,))
    days = tuple(day for hours in zip(windows.opens, windows.closes, strict=True) for day in _days(*hours))
    most = {(ALL_PORTS, mode): number for mode, number in programme.per_day.items()}
    most |= {(port, mode): number for port, there in programme.per_day_at.items() for mode, number in there.items()}
    window = None
    if programme.window_days is not None:
        window = WindowPlan(whole_ticks(programme.window_days * 24), days, _loads(lots, most), most)
    return ProgrammePlan(
        name=name,
        start_up=sheet.ask("start-up", name, programme.start_up_h),
        first_h=in_hours(programme.first_day),
        slots=_by_day(days, programme) if programme.slots else _steadily(days, most) if window is None else {},
        rates={key: Rate(None, number) for key, number in most.items()} if window is None else {},
        window=window,
        made_up=programme.missed == "made up",
    )


def _loads(
    lots: list[tuple[str, float, Lot]], most: Mapping[BookingKey, float]
) -> dict[BookingKey, tuple[tuple[float, int], ...]]:
    """Return by booking the loads that are planned, and when. What flies by itself is not booked."""
    loads: defaultdict[BookingKey, defaultdict[float, int]] = defaultdict(lambda: defaultdict(int))
    for _, hour, lot in lots:
        if MODES[lot.mode].network:
            own = (lot.loads_at, lot.mode)
            loads[own if own in most else (ALL_PORTS, lot.mode)][hour] += lot.slots
    return {key: tuple(sorted(of.items())) for key, of in loads.items()}


def _steadily(days: Days, per_day: Mapping[BookingKey, float]) -> dict[BookingKey, tuple[float, ...]]:
    return {key: tuple(evenly(days, number)) for key, number in per_day.items()}


def _by_day(days: Days, programme: Programme) -> dict[BookingKey, tuple[float, ...]]:
    hours: defaultdict[BookingKey, list[float]] = defaultdict(list)
    for row in programme.slots:
        hours[row.port or ALL_PORTS, row.mode] += _evenly_on_day(days, in_hours(row.day), row.loads)
    return {key: tuple(sorted(there)) for key, there in hours.items()}


def _days(opens: float, closes: float) -> Iterator[tuple[float, float]]:
    """The working days of an opening: itself, or days of 24 hours when it is longer than one."""
    while opens < closes:
        if min(closes, opens + 24) > 0:
            yield opens, min(closes, opens + 24)
        opens += 24


def _evenly_on_day(days: Days, begin_h: float, loads: int) -> list[float]:
    """So many slots on one day, evenly over its working hours; over all of it when it has none."""
    open_hours = [(begin, end) for begin, end, _ in cut(days, begin_h, begin_h + 24)]
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
