"""The kit with which the lots of a plan are made: its times, draws, places and trips, each made once for all."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from nfm_sim.kinds import FAMILIES, Distribution
from nfm_sim.kinds.modes import CHAMBERS
from nfm_sim.memo import remembered
from nfm_sim.network import Facility, Network
from nfm_sim.plan.draws import Owners, Stream, owner_address
from nfm_sim.plan.legs import LIMITS, Drive, LegBook
from nfm_sim.plan.movement import Legs, PoolKey, Rest, Trip, Way, Work
from nfm_sim.plan.timeline import Periods, Timeline, Traffic, Windows
from nfm_sim.problems import InputError, Problem, of_own_code
from nfm_sim.record.words import TICKS_PER_HOUR, in_hours, whole_ticks
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.activation import Regime, RegimeStart
from nfm_sim.scenario.rules import RestRule
from nfm_sim.scenario.values import DAYS, OPENING, TIMEZONE

Openings = tuple[str, ...]
MOST_MADE = 100_000
"""Works, trips and ways that are made once for all lots."""
MOST_REMEMBERED = 64
"""Answers of the calendar that are remembered: a scenario with uncertain numbers asks for the same ones in each
replication."""


class Times:
    """The times of one scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.early_days = {name: scenario.pre_alert_days(element) for name, element in scenario.elements.items()}
        """By element: how long before hour 0 it begins with the stages that need no order."""
        self.start_h = 0.0 - 24 * max(self.early_days.values(), default=0.0)
        """0, or earlier when an element is pre-alerted."""
        starts = sorted(scenario.timeline, key=lambda start: start.day)
        self.regimes: list[tuple[RegimeStart, Regime]] = [(start, scenario.regimes[start.regime]) for start in starts]
        """In the order in which they come."""
        own = next((regime.decision_h for start, regime in self.regimes if start.day == 0), None)
        self.decision_h = own or scenario.activation.decision_h
        """From hour 0 to the activation order, as the regime of hour 0 has it."""

    def windows(self, openings: Openings) -> Windows | None:
        """Return the windows of daily openings; None for always open."""
        return opening_windows(openings, self.scenario.g_day, self.scenario.horizon_h, self.start_h)

    @remembered(MOST_REMEMBERED)
    def by_regime(self, usual: Openings, *keys: str) -> Windows | None:
        """Return windows that each regime may change by the first of some keys that it gives; one that gives none has
        the usual ones."""
        given = ((getattr(regime, key) for key in keys) for _, regime in self.regimes)
        own: list[Openings | None] = [next((hours for hours in of if hours is not None), None) for of in given]
        if all(hours is None for hours in own):
            return self.windows(usual)
        begins = [self.start_h, *(in_hours(start.day) for start, _ in self.regimes), math.inf]
        openings = [usual, *(usual if hours is None else hours for hours in own)]
        always = Windows((-math.inf,), (math.inf,))
        return joined(
            interval
            for hours, (begin, end) in zip(openings, pairwise(begins), strict=True)
            for interval in (self.windows(hours) or always).within(begin, end)
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
    start_day = DAYS.index(first) if first else 0
    end_day = DAYS.index(last) if last else (start_day if first else 6)
    weekdays = frozenset(day for day in range(7) if (day - start_day) % 7 <= (end_day - start_day) % 7)
    opens = int(hour) + int(minute) / 60
    closes = int(end_hour) + int(end_minute) / 60 if end_hour else 24.0
    return weekdays, opens, (closes - opens) % 24 or 24.0


def periods_of(traffic: Traffic, g_day: datetime, start_h: float, horizon_h: float) -> dict[str, Periods]:
    """Return by network when which of its classes of hours holds, to a month after the horizon."""
    periods = {}
    for network, week in traffic.week.items():
        numbers = {hour: number for number, hour in enumerate(traffic.classes(network))}
        begins, hours = _hours_on_the_clock(g_day, start_h, horizon_h)
        classes = [numbers[week[hour]] for hour in hours]
        new = [n for n, hour_class in enumerate(classes) if n == 0 or hour_class != classes[n - 1]]  # else as before it
        starts = tuple(begins[n] for n in new)
        periods[network] = Periods(starts, (*starts[1:], math.inf), tuple(classes[n] for n in new))
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


# The kit: draws, places and trips, each made once for all lots


@dataclass
class DrawSheet:
    """All draws that a replication will need, gathered while a scenario is compiled."""

    _asked: dict[tuple[int, Distribution], int] = field(default_factory=dict)
    """By address and distribution: the number on the sheet."""

    def ask(self, purpose: str, subject: str, distribution: Distribution) -> int:
        """Ask for a draw in hours, and return its number on the sheet; an owner that asks again has the same."""
        return self._asked.setdefault((owner_address(purpose, subject), distribution), len(self._asked))

    def freeze(self) -> Callable[[Stream], list[float]]:
        """Return the function to all draws of the sheet: hours, in whole ticks."""
        owners = Owners(np.array([address for address, _ in self._asked], dtype=np.uint64))
        distributions = [distribution for _, distribution in self._asked]
        zero_share = np.array([d.zero_share for d in distributions])
        families: dict[str, list[int]] = {}
        for number, distribution in enumerate(distributions):
            families.setdefault(distribution.family, []).append(number)
        groups = [
            (np.array(numbers), FAMILIES[family], np.array([distributions[n].parameters for n in numbers]).T)
            for family, numbers in families.items()
        ]

        def draw(stream: Stream) -> list[float]:
            values, whether = owners.uniforms(stream)
            hours = np.empty(len(values))
            for numbers, family, parameters in groups:
                try:
                    hours[numbers] = family.quantile(values[numbers], *parameters)
                except Exception as error:
                    raise of_own_code(family.quantile, error, f"distribution {family.name} fails") from error
            if not (sound := (hours >= 0) & (hours < math.inf)).all():
                wrong = distributions[int(sound.argmin())].family
                raise InputError.of("nfm_sim", "distribution", wrong, "gives no hours of 0 or more for some share")
            hours[whether < zero_share] = 0.0
            ticks: list[float] = (np.round(hours * TICKS_PER_HOUR) / TICKS_PER_HOUR).tolist()
            return ticks

        return draw


class Places:
    """All facilities of one scenario: the network's, and its own, as it has them."""

    def __init__(self, scenario: Scenario, times: Times) -> None:
        self.scenario = scenario
        self.times = times
        self.facilities: dict[PoolKey, Facility] = scenario.facilities_on(scenario.loaded_network)
        """By place and name."""
        wanted = {CHAMBERS} | {rest.facility for _, rest in scenario.movement.rests()}
        self.stopping = [key for key in self.facilities if key[1] in wanted]
        """The locks with their chambers, and the places where columns and drivers rest."""

    def rate_per_h(self, place: str, name: str) -> float:
        """Return the amount that one unit of a facility handles in an hour; infinite without one, or when it takes no
        time."""
        there = self.facilities.get((place, name))
        return math.inf if there is None else there.rate_per_h or math.inf

    @remembered(MOST_MADE)
    def work_at(self, place: str, name: str, amount: float, openings: Openings = ()) -> Work | None:
        """Return so much work at a facility, at its rate and in its hours; when the place has none, what takes no time
        in its usual hours, or None without these."""
        if (place, name) not in self.facilities:
            return Work((place, name), 0.0, self.times.windows(openings)) if name and openings else None
        hours = whole_ticks(amount / self.rate_per_h(place, name))
        return Work((place, name), hours, self.opening(place, name, openings))

    def opening(self, place: str, facility: str, usual: Openings = ()) -> Windows | None:
        """The hours in which a facility is open: as the scenario has it there, or else the usual ones."""
        change = self.scenario.places.get(place, {}).get(facility)
        return self.times.windows(change.open if change and change.open else usual)

    @property
    def lockages(self) -> dict[str, Work]:
        """The locks with chambers: hours of a lockage, and when the lock is open."""
        locks = (lock for lock, name in self.stopping if name == CHAMBERS)
        return {lock: work for lock in locks if (work := self.work_at(lock, CHAMBERS, 1))}

    def stock(self, name: str) -> float:
        """What a national pool has at hour 0, or when that is nothing, what comes in; infinite where it is not
        scarce."""
        pool = self.scenario.pools.get(name)
        return math.inf if pool is None else pool.capacity or sum(arrival.amount for arrival in pool.arrivals)

    def pool_size(self, name: str) -> float:
        """The most that a national pool has of itself, 1 at least; infinite where it is not scarce."""
        pool = self.scenario.pools.get(name)
        return math.inf if pool is None else max(1.0, pool.capacity + sum(arrival.amount for arrival in pool.arrivals))


class Hours(NamedTuple):
    """When something may move, and when it must rest."""

    windows: Windows | None = None
    rests: tuple[RestRule, ...] = ()


class Trips:
    """The trips over one network, whose modes drive links as `drives` says."""

    def __init__(self, network: Network, drives: Mapping[str, Drive], traffic: Traffic) -> None:
        self.network = network
        self.book = LegBook(network, drives, traffic, _calendars(network))
        self.made: dict[tuple[Way, str, str], Legs] = {}
        """The legs so far."""

    def legs(self, way: Way, start: str, goal: str) -> Legs:
        """Return the legs of the fastest route when nothing is closed. Raises `NoRouteError`."""
        key = (way, start, goal)
        if key not in self.made:
            self.made[key] = self.book.make(*key)[0]
        return self.made[key]

    @remembered(MOST_MADE)
    def trip(self, way: Way, start: str, goal: str, hours: Hours, via: tuple[str, ...] = ()) -> Trip:
        """Return the trip of what moves from one node to another. Raises `NoRouteError`."""
        way = self._known_limits(way)
        legs = tuple(leg for part in pairwise((start, *via, goal)) for leg in self.legs(way, *part))
        rests = [Rest(r.activity, r.after_h, whole_ticks(r.hours), r.facility, r.per_vehicle) for r in hours.rests]
        return Trip(way, start, goal, legs, hours.windows, via, tuple(rests))

    @property
    def longest(self) -> dict[str, tuple[float, float]]:
        """By link: the longest slot and the longest stay on it of all legs so far, in all classes of hours; of a single
        track that is given as one link each way, those in both directions."""
        found: dict[str, tuple[float, float]] = {}
        single_tracks = self.network.single_tracks
        for leg in chain.from_iterable(self.made.values()):
            for place, link in enumerate(leg.links):
                slot_h, stay_h = found.get(link, (0.0, 0.0))
                slot_h = max(slot_h, leg.slot_h[place], *(hours.slot_h[place] for hours in leg.by_class))
                stays = (hours.run_h[place] + hours.pass_h[place] for hours in leg.by_class)
                stay_h = max(stay_h, leg.leave_h[place] - leg.enter_h[place], *stays)
                for track in {link, single_tracks.get(link, link)}:
                    found[track] = (slot_h, stay_h)
        return found

    @remembered(MOST_MADE)
    def _known_limits(self, way: Way) -> Way:
        """Return a movement without the measures that are within all limits of the network, so that routes are
        shared."""
        within = [name for name, least in self._least.items() if getattr(way, name) <= least]
        return replace(way, **dict.fromkeys(within, 0.0))  # type: ignore[arg-type]

    @cached_property
    def _least(self) -> dict[str, float]:
        """By measure of a movement: the least limit that any link has."""
        links = self.network.links.values()
        known = {name: [getattr(link, limit) for link in links] for name, limit in LIMITS.items()}
        return {name: min((limit for limit in of if limit is not None), default=math.inf) for name, of in known.items()}


def _calendars(network: Network) -> dict[tuple[str, bool], int]:
    """Return the number of the calendar of each link in each direction."""
    calendars: dict[tuple[str, bool], int] = {}
    number, single_tracks = 0, network.single_tracks
    for link in network.links.values():
        twin = single_tracks.get(link.name, "")
        there = (twin, True) in calendars
        for forward in (True, False):
            calendars[link.name, forward] = calendars[twin, not forward] if there else number
            number += not there
    return calendars


@dataclass(frozen=True)
class Kit:
    """What lots are made with: the scenario, and what is made of it once for all lots. Nothing in the plan points back
    to it."""

    scenario: Scenario
    sheet: DrawSheet
    """Numbers every draw that a replication will need."""
    times: Times
    places: Places
    trips: Trips
    problems: list[Problem] = field(default_factory=list)
    """What is wrong with the scenario, as far as it was found; raised in one."""
    busy_until: dict[str, float] = field(default_factory=dict)
    """By scarce thing: the hour until which a choice of modes has planned it so far."""

    @property
    def network(self) -> Network:
        return self.scenario.loaded_network

    def permit_lead(self, name: str, nation: str = "") -> Timeline[int | None]:
        """Ask for the hours that a border permit takes, by the hour at which it is asked for."""
        leads = []
        for start, regime in self.times.regimes:
            hours = regime.permit_h_by_nation.get(nation, regime.permit_h)
            draw = None if hours is None else self.sheet.ask(f"permit {start.regime}", name, hours)
            leads.append((in_hours(start.day), draw))
        before = leads[0][1] if leads and leads[0][0] == 0 else None  # the regime of hour 0 held before it too
        return Timeline.of(leads, before)

    def fault(self, key: str, value: str, remedy: str) -> None:
        """Note what is wrong with the scenario, once."""
        problem = Problem(self.scenario.file, key, value, remedy)
        if problem not in self.problems:
            self.problems.append(problem)
