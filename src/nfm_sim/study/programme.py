"""Propose a movement programme: the steadiest bookings with which flows close by a day, as surely as asked for."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import polars as pl

from nfm_sim.compile import compile_scenario
from nfm_sim.compile.kit import opening_windows
from nfm_sim.files import write_whole, writing
from nfm_sim.kinds.modes import TRUCK
from nfm_sim.measures import bookings, closure, orders, orders_by_hour
from nfm_sim.problems import InputError, one_of
from nfm_sim.record.words import in_hours, late_h
from nfm_sim.scenario import Scenario, join_path
from nfm_sim.scenario.flows import Programme
from nfm_sim.study.estimates import estimate
from nfm_sim.study.intervals import Interval, last_that_holds
from nfm_sim.study.replicate import How
from nfm_sim.study.study import Study
from nfm_sim.study.tried import Tried, confirm, fresh_numbers, needed

MOST_TIMES = 4.0
"""Bookings for so many times the loads at most. When these are not enough, bookings are not what holds it up."""
HALVINGS = 5
PROPOSED = "proposed"
"""What a programme of several flows is called."""
UPWARDS = (0.0, 0.1, 0.4, 1.0)
"""What is confirmed in turn: the least that the search found, then so much of the way up to the most. Assumed."""


@dataclass(frozen=True)
class Proposal:
    """A programme, and what it does."""

    flows: tuple[str, ...]
    key: str
    """Where a scenario has it: in `flows.<name>.programme`, or for several flows in `programmes.proposed`."""
    slots: pl.DataFrame
    """Day (after hour 0), port, mode, loads."""
    by_day: float
    asked: float
    """The share of replications that was asked for."""
    surety: float
    """The share of replications in which all of the flows close by that day, with its interval in `low` and `high`: of
    fresh ones, which the search has not seen; of those of the search when even the most bookings did not suffice."""
    low: float
    high: float
    replications: int
    """Of how many it is the share."""
    fresh: bool
    met: bool
    """Whether it can be promised: the lower bound on fresh replications is what was asked for, or more."""
    use: pl.DataFrame
    """Port, mode, loads (those of the flows), booked, used and wasted_share: means over replications."""
    changes: Mapping[str, Any]
    """The changes that give the scenario this programme."""
    orders: pl.DataFrame
    """What a movement staff orders by week (`nfm.measures.orders`): week, mode, line, direction; means over
    replications of loaded (towards the exit), empty (back from it) and most_an_hour; and need_50 and need_90, which
    both together do not exceed in half and in nine of ten replications."""
    by_hour: pl.DataFrame
    """The same by day and hour (`nfm.measures.orders_by_hour`): means over replications of loaded and empty."""

    def write(self, file: str | Path) -> None:
        """Write the slots as a table (CSV) that a scenario names as the `slots` of its `key`."""
        with writing(Path(file)):
            write_whole(Path(file), self.slots.write_csv(line_terminator="\r\n").encode())


def propose_programme(
    scenario: Scenario,
    by_day: float,
    *,
    surety: float = 0.95,
    flows: Sequence[str] = (),
    replications: int = 40,
    confirming: int | None = None,
    **how: Unpack[How],
) -> Proposal:
    """Return the steadiest programme with which all of some flows close by a day in so large a share of replications.
    Without `flows`, all that the scenario has share it.

    The loads of each port and mode are spread evenly over the working days from the day on which a ship is first
    planned there to the day asked for, and booked so many times over as the surety needs, by halving between once and
    `MOST_TIMES`, on `replications` of each that is tried. What is found is then confirmed on fresh replications of the
    same seed (`confirming`; without it as many as such a promise takes): it is `met` when their lower bound is `surety`
    or more, else the next larger is tried. Working hours, start-up and what becomes of missed slots are those
    of the programme that the scenario has, else the usual ones. When even the most bookings do not suffice, the
    proposal is that one and not `met`. Raises `InputError` for a flow or day that is none.

    >>> proposal = nfm.study.propose_programme(scenario, 3, surety=0.5, replications=3, confirming=8, jobs=1)
    >>> proposal.flows, proposal.met
    (('division',), True)
    """
    names = _flows(scenario, flows)
    if not 0 < surety < 1:
        raise InputError.of("programme", "surety", f"{surety:g}", "must lie between 0 and 1")
    if not 0 <= by_day <= scenario.horizon_days:
        remedy = f"must lie from day 0 to the horizon, day {scenario.horizon_days:g}"
        raise InputError.of("programme", "by", f"day {by_day:g}", remedy)
    booked = _Booked(scenario, names, by_day, how)
    seen = range(replications)
    least = _least(lambda times: booked.in_time(times, seen).estimate >= surety)
    if least is None:
        times, numbers, met = MOST_TIMES, seen, False
        found = booked.in_time(times, numbers)
    else:
        steps = [least + (MOST_TIMES - least) * up for up in UPWARDS]
        numbers = fresh_numbers(replications, confirming or max(replications, needed(surety, comparisons=len(steps))))
        confirmed = confirm(steps, lambda times, confidence: booked.in_time(times, numbers, confidence), surety)
        times, found, met = confirmed.chosen, confirmed.interval, confirmed.is_sure
    study = booked.study(times, numbers)
    return Proposal(
        flows=names,
        key=booked.key,
        slots=pl.DataFrame(booked.slots(times)).select("day", "port", "mode", "loads"),
        by_day=by_day,
        asked=surety,
        surety=found.estimate,
        low=found.low,
        high=found.high,
        replications=len(numbers),
        fresh=least is not None,
        met=met,
        use=_use(study, booked.name, booked.loads),
        changes=booked.changes(times),
        orders=_orders(study),
        by_hour=_by_hour(study),
    )


class _Booked:
    """Flows with their loads booked so many times over: the studies of them."""

    def __init__(self, scenario: Scenario, flows: tuple[str, ...], by_day: float, how: How) -> None:
        self._scenario, self._flows, self._by_day = scenario, flows, by_day
        measures = [*how.get("measures", ()), orders, orders_by_hour]
        how = How(**{"answers": ["closure", "bookings"], **how, "measures": measures})
        self._tried = Tried[float](lambda times: scenario.with_changes(self.changes(times)), how)
        alone = len(flows) == 1
        self.name = flows[0] if alone else PROPOSED
        self.key = join_path(("flows", flows[0], "programme") if alone else ("programmes", PROPOSED))
        given = next(filter(None, map(scenario.programme_of, flows)), None)
        keys = {"start_up_h", "first_day", "working", "missed"}
        usual = Programme(per_day={TRUCK.name: 1})
        self._frame = (given or usual).model_dump(mode="json", include=keys, exclude_none=True)
        self.loads, begins = _loads(scenario, flows)
        working, first = self._frame["working"], self._frame["first_day"]
        self._days = {port: _working_days(scenario, working, max(first, day), by_day) for port, day in begins.items()}
        none = [port for port, there in self._days.items() if not there]
        if none:
            remedy = f"leaves no working day at {', '.join(none)} after the first ship is planned there"
            raise InputError.of("programme", "by", f"day {by_day:g}", remedy)

    def slots(self, times: float) -> list[dict[str, Any]]:
        """Loads so many times over, spread evenly over the days of their port: whole ones, without a remainder."""
        slots = []
        for (port, mode), number in self.loads.items():
            booked, days, done = math.ceil(number * times - 1e-9), self._days[port], 0
            for place, day in enumerate(days, start=1):
                upto = math.ceil(booked * place / len(days) - 1e-9)
                if upto > done:
                    slots.append({"day": day, "port": port, "mode": mode, "loads": upto - done})
                done = upto
        return slots

    def changes(self, times: float) -> dict[str, Any]:
        """What gives the scenario this programme."""
        programme = {**self._frame, "slots": self.slots(times)}
        changes: dict[str, Any] = {}
        for name, shared in self._scenario.programmes.items():
            others = [flow for flow in shared.flows if flow not in self._flows]
            if not others:
                changes[join_path(("programmes", name))] = False
            elif len(others) < len(shared.flows):
                changes[join_path(("programmes", name, "flows"))] = others
        if self.name == PROPOSED:
            programme["flows"] = [*self._flows]
            own = (flow for flow in self._flows if self._scenario.flows[flow].programme is not None)
            changes |= {join_path(("flows", flow, "programme")): False for flow in own}
        return {**changes, self.key: programme}

    def study(self, times: float, numbers: range) -> Study:
        """The replications with these numbers."""
        return self._tried([times], numbers)[times]

    def in_time(self, times: float, numbers: range, confidence: float = 0.95) -> Interval:
        """In which share of these replications all flows close by the day."""
        study = self.study(times, numbers)
        mine = closure(study).filter(pl.col("flow").is_in(self._flows))
        by_day = (late_h(pl.col("last_h"), pl.lit(in_hours(self._by_day))) == 0).fill_null(False)
        in_time = mine.group_by("replication").agg(in_time=by_day.all()).sort("replication")
        found = estimate(in_time, "in_time", sampling=study.sampling, confidence=confidence)
        return Interval(*found.select("estimate", "low", "high").row(0))


def _least(suffices: Callable[[float], bool]) -> float | None:
    """The least times that suffice, by halving between once and the most; None when the most do not."""
    if suffices(1.0):
        return 1.0
    return last_that_holds(suffices, MOST_TIMES, 1.0, HALVINGS) if suffices(MOST_TIMES) else None


def _flows(scenario: Scenario, flows: Sequence[str]) -> tuple[str, ...]:
    known = scenario.flows
    if not known:
        raise InputError.of(scenario.file, "flows", "", "is empty, so that there is nothing to book for")
    return tuple(dict.fromkeys(one_of(known, flow, "programme", "flow") for flow in flows or known))


def _loads(scenario: Scenario, flows: tuple[str, ...]) -> tuple[Counter[tuple[str, str]], dict[str, float]]:
    """The loads of flows by port and mode, and the day on which the first ship is planned at each port."""
    loads: Counter[tuple[str, str]] = Counter()
    for of, lot in compile_scenario(scenario).flow_lots():
        if of in flows:
            loads[lot.origin, lot.mode] += lot.slots
    cargoes = (cargo for flow in flows for cargo in scenario.flows[flow].cargoes())
    days = sorted((cargo.day, place) for _, place, cargo in cargoes if cargo.pieces)
    return loads, {port: day for day, port in reversed(days)}


def _working_days(scenario: Scenario, working: list[str], first_day: float, by_day: float) -> list[int]:
    """The days after hour 0 with working hours, from the first to the last on which something may leave."""
    windows = opening_windows(tuple(working), scenario.g_day, scenario.horizon_h)
    last = min(by_day, scenario.horizon_days)
    every = range(math.floor(first_day), math.ceil(last))
    return [
        day for day in every if windows is None or windows.within(max(day, first_day) * 24, min(day + 1, last) * 24)
    ]


def _orders(study: Study) -> pl.DataFrame:
    number, by = len(study.replications), ["week", "mode", "line", "direction"]
    means = [(pl.col(name).sum() / number).alias(name) for name in ("loaded", "empty", "most_an_hour")]
    both = (pl.col("loaded") + pl.col("empty")).append(pl.repeat(0, number - pl.len()))  # no row: nothing passed
    needs = [both.quantile(q, "higher").alias(f"need_{100 * q:.0f}") for q in (0.5, 0.9)]
    return study.scan(orders.__name__).group_by(by).agg(*means, *needs).sort(by).collect()


def _by_hour(study: Study) -> pl.DataFrame:
    by, mean = ["day", "hour", "mode", "line", "direction"], pl.col("loaded", "empty").sum() / len(study.replications)
    return study.scan(orders_by_hour.__name__).group_by(by).agg(mean).sort(by).collect()


def _use(study: Study, programme: str, loads: Mapping[tuple[str, str], int]) -> pl.DataFrame:
    number = len(study.replications)
    schema = {"origin": pl.String, "mode": pl.String, "loads": pl.Int64}
    wanted = pl.DataFrame([(*key, count) for key, count in loads.items()], schema=schema, orient="row")
    mean = [(pl.col(column).sum() / number).alias(column) for column in ("booked", "used")]
    used = bookings(study).filter(pl.col("programme") == programme).group_by("origin", "mode").agg(mean)
    wasted = ((pl.col("booked") - pl.col("used")) / pl.col("booked")).alias("wasted_share")
    return wanted.join(used, on=["origin", "mode"], how="left").with_columns(wasted).rename({"origin": "port"})
