"""What compiling a scenario needs everywhere: draws, pools and facilities, windows, and the lots that move."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

from nfm_sim.engine.legs import LegBook, closed_links
from nfm_sim.engine.lots import Counts, form_lots
from nfm_sim.engine.plan import (
    Lot,
    PoolPlan,
    Work,
)
from nfm_sim.engine.pools import Rank
from nfm_sim.engine.streams import DrawSheet
from nfm_sim.engine.ticks import whole_ticks
from nfm_sim.engine.windows import Windows, opening_windows
from nfm_sim.problems import Problem
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.activation import RegimeStart, TimedStage
from nfm_sim.scenario.model import Element, Mode, Pool

Openings = tuple[str, ...]
ESCORTS, LOCOMOTIVES, TRUCKS, BARGES = "escort_teams", "locomotives", "trucks", "barges"
"""The pools that modes draw on, beside the wagons that the classes name."""


class Compiler:
    """Compiles one scenario; the stages of activation ask it for draws, facilities and windows."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.network = scenario.loaded_network
        self.rules = scenario.movement
        self.sheet = DrawSheet()
        self.book = LegBook(self.network, self.rules, closed_links(scenario, self.network))
        self.pools: dict[str, PoolPlan] = {
            name: PoolPlan(name, "", pool.unit, pool.capacity, pool.people, self.arrivals(pool))
            for name, pool in scenario.pools.items()
        }
        self.start_h = -24 * max(map(scenario.pre_alert_days, scenario.elements.values()), default=0.0)
        self.subjects: list[tuple[Any, ...]] = []
        self.problems: list[Problem] = []
        self._windows: dict[tuple[str, ...], Windows | None] = {}

    def task_priority(self, name: str) -> float:
        """Of a task, which comes first at pools."""
        task = self.scenario.tasks.get(name)
        return 0.0 if task is None else task.priority

    def stage_hours(self, name: str, stage: TimedStage, subject: str, element: Element) -> int:
        """Ask for the hours of a stage: the element's own, its tier's, or the stage's."""
        by_tier = stage.hours if element.tier is None else stage.hours_by_tier.get(element.tier, stage.hours)
        hours = element.hours.get(name) or by_tier
        return self.sheet.ask(name, subject, hours)

    @property
    def timeline(self) -> tuple[RegimeStart, ...]:
        """The regimes in the order in which they come."""
        return tuple(sorted(self.scenario.timeline, key=lambda start: start.day))

    def arrivals(self, pool: Pool) -> tuple[tuple[float, float], ...]:
        """(hour, amount) of what comes in; reservists only from the first regime that calls them up."""
        called = [start.day for start in self.timeline if self.scenario.regimes[start.regime].call_up]
        first = (min(called) if called else math.inf) if pool.call_up else 0.0
        return tuple((whole_ticks((first + a.day) * 24), a.amount) for a in pool.arrivals if first < math.inf)

    def lots_of(self, mode: str, pieces: Counts) -> list[Counts]:
        """Cut the pieces of a mode into what one movement takes."""
        if mode == "train":
            limit = min([self.rules.train.max_wagons, *(self.pool_size(name) for name in self.wagons(pieces))])
            return form_lots(pieces, lambda lot: sum(self.wagons(lot).values()), limit)
        limits = {
            "column": self.rules.column.vehicles,
            "truck": self.rules.truck.pieces,
            "barge": self.rules.barge.pieces,
            "flight": self.rules.flight.pieces,
        }
        return form_lots(pieces, lambda lot: sum(lot.values()), limits[mode])

    def lot(
        self,
        name: str,
        part_of: str,
        mode: Mode,
        pieces: Counts,
        rank: Rank,
        origin: str,
        loads_at: str,
        destination: str,
        required_h: float | None,
        rate_per_h: float,
        task: str,
    ) -> Lot:
        classes = self.scenario.classes
        count = sum(pieces.values())
        handling = sum(number * classes[name].handling for name, number in pieces.items())
        yard_m2 = sum(number * classes[name].yard_m2 for name, number in pieces.items())
        yard = self.pools.get(f"{origin}.yard_m2")
        if yard is not None and yard_m2 > yard.capacity and rate_per_h < math.inf:
            mend = f"is smaller than {name}, which needs {yard_m2:g} m2; make the yard larger or the loads smaller"
            key = f"places.{origin}.yard_m2"
            self.problems.append(Problem(self.scenario._file, key, f"{yard.capacity:g}", mend))
        goal = self.scenario.destinations[destination]
        exit_node = goal.exits[mode]
        legs = self.book.legs(mode, loads_at, exit_node, count)
        beyond = goal.beyond_h.get(mode)
        beyond_draw = None if beyond is None else self.sheet.ask("beyond", name, beyond)
        self.subject(name, "movement", part_of, mode, None, count, origin, exit_node, None, required_h, task=task)
        return Lot(
            subject=name,
            mode=mode,
            rank=rank,
            origin=origin,
            loads_at=loads_at,
            exit=exit_node,
            pieces=count,
            yard_m2=yard_m2,
            discharge_h=whole_ticks(handling / rate_per_h),
            load=self.loading(mode, loads_at, handling),
            assets=self.assets(mode, pieces),
            engines=((LOCOMOTIVES, 1.0),) if mode == "train" else (),
            approach=self.book.legs("column", origin, loads_at, count),
            legs=legs,
            windows={"column": self.driving, "train": self.running}.get(mode),
            prepare=self.preparation(mode, name),
            beyond=beyond_draw,
            beyond_assets=None if mode == "column" else beyond_draw,
            back_h=sum(leg.hours for leg in legs),
        )

    def loading(self, mode: str, place: str, handling: float) -> Work | None:
        """The facility that a mode is loaded at, and how long it takes there."""
        facility, openings = {
            "train": ("tracks", self.rules.train.loading),
            "truck": ("truck_ramps", self.rules.truck.loading),
            "barge": ("cranes", self.rules.barge.loading),
            "flight": ("landing_spots", self.rules.flight.daylight),
            "column": ("", ()),
        }[mode]
        if not facility:
            return None
        rate = self.facility(place, facility) or math.inf
        return Work(f"{place}.{facility}", whole_ticks(handling / rate), self.opening(place, facility, openings))

    def opening(self, place: str, facility: str, openings: tuple[str, ...]) -> Windows | None:
        """The hours in which a facility is open: as the scenario has it there, or else these."""
        change = self.scenario.places.get(place, {}).get(facility)
        return self.windows(change.open if change and change.open else openings)

    @cached_property
    def driving(self) -> Windows | None:
        """The hours in which columns may drive, as the regimes have it."""
        regimes = [self.scenario.regimes[start.regime].driving for start in self.timeline]
        return self._by_regime(self.rules.column.driving, regimes)

    @cached_property
    def running(self) -> Windows | None:
        """The hours in which military trains may run, as the regimes have it."""
        regimes = [self.scenario.regimes[start.regime].running for start in self.timeline]
        return self._by_regime(self.rules.train.running, regimes)

    def _by_regime(self, usual: Openings, regimes: list[Openings | None]) -> Windows | None:
        """Windows that each regime of the timeline may change; a regime that gives none has the usual ones."""
        starts = [(start.day * 24, own) for start, own in zip(self.timeline, regimes, strict=True)]
        if all(own is None for own in regimes):
            return self.windows(usual)
        periods = [(self.start_h, usual), *((hour, usual if own is None else own) for hour, own in starts)]
        ends = [hour for hour, _ in periods[1:]] + [math.inf]
        always = Windows([(-math.inf, math.inf)])
        return Windows(
            interval
            for (hour, openings), end in zip(periods, ends, strict=True)
            for interval in (self.windows(openings) or always).within(hour, end)
        )

    def wagons(self, pieces: Counts) -> dict[str, float]:
        """Whole wagons by pool for the pieces of a train."""
        wagons: dict[str, float] = {}
        for name, number in pieces.items():
            wanted = self.scenario.classes[name]
            wagons[wanted.wagon] = wagons.get(wanted.wagon, 0.0) + number / wanted.pieces_per_wagon
        return {pool: math.ceil(number - 1e-9) for pool, number in wagons.items()}

    def assets(self, mode: str, pieces: Counts) -> tuple[tuple[str, float], ...]:
        """What goes along, in one order for all, so that two movements never wait for each other."""
        if mode == "train":
            return tuple(sorted(self.wagons(pieces).items()))
        if mode == "column":
            return ((ESCORTS, 1.0),) if sum(pieces.values()) > self.rules.column.escort_above else ()
        return {"truck": ((TRUCKS, 1.0),), "barge": ((BARGES, 1.0),)}.get(mode, ())

    def preparation(self, mode: str, name: str) -> int | None:
        hours = {"column": self.rules.column.form_up_h, "flight": self.rules.flight.make_ready_h}.get(mode)
        return None if hours is None else self.sheet.ask("prepare", name, hours)

    def pool_size(self, name: str) -> float:
        pool = self.pools.get(name)
        return math.inf if pool is None else max(1.0, pool.capacity)

    def facility(self, node: str, name: str) -> float | None:
        """List the facility among the pools, as this scenario has it, and return its rate per hour."""
        there = self.scenario.facility(node, name)
        if there is None:
            return None
        self.pools[f"{node}.{name}"] = PoolPlan(name, node, there.unit, there.capacity)
        return there.rate_per_h

    def windows(self, openings: tuple[str, ...]) -> Windows | None:
        if openings not in self._windows:
            self._windows[openings] = opening_windows(
                openings, self.scenario.g_day, self.scenario.horizon_h, self.start_h
            )
        return self._windows[openings]

    def subject(
        self,
        name: str,
        what: str,
        part_of: str,
        mode: str,
        tier: int | None,
        pieces: int,
        origin: str,
        destination: str,
        deadline_h: float | None = None,
        required_h: float | None = None,
        notice_h: float | None = None,
        capability: str = "",
        personnel: int | None = None,
        task: str = "",
    ) -> None:
        where = (origin, destination)
        when = (deadline_h, required_h, notice_h)
        self.subjects.append((name, what, part_of, mode, tier, pieces, *where, *when, capability, personnel, task))
