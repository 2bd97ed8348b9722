"""What lies ahead of a fork: ships, shares, arrivals and slots are dated, so what of them has not come can change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from nfm_sim.plan.plan import Plan
from nfm_sim.plan.programme import ProgrammePlan
from nfm_sim.problems import InputError, Problem
from nfm_sim.record.ticks import in_hours
from nfm_sim.scenario import Scenario, join_path, split_path
from nfm_sim.scenario.flows import Airlift, Flow, Origin, Ship

CARGO = ("shares", "ships", "origins", "airlifts")
BEGUN = "has happened by the day of the fork, and stays; change what is planned from then on"
BOOKED = (
    "has begun by the day of the fork: of it per_day, per_day_at, working, and slots from that day on can change, for "
    "modes that are booked already; a window cannot, nor the loads that it follows from"
)
Changes = dict[str, Any]


def is_ahead(path: str) -> bool:
    """Whether a path leads to something dated."""
    part, *steps = split_path(path)
    if part == "flows":
        return len(steps) > 1 and steps[1] in (*CARGO, "programme")
    return part in ("programme", "programmes") or (part, *steps[1:]) == ("pools", "arrivals")


def shares_kept(scenario: Scenario, later: Iterable[str], at_h: float) -> Changes:
    """Return the changes that keep the shares of what is planned to come before an hour, of flows whose shares are
    changed."""
    kept: Changes = {}
    steps = [split_path(path) for path in later]
    for name in {flow for part, flow, *more in steps if part == "flows" and more[0] == "shares"}:
        flow = scenario.flows[name]
        begun = {key for key, (hour, _) in _dated(flow).items() if hour < at_h}
        for key, _, cargo in flow.cargoes():
            if (key.rpartition(".calls.")[0] or key) in begun:
                shares = {**scenario.shares, **flow.shares, **cargo.shares}
                kept[f"{join_path(('flows', name))}.{key}.shares"] = {of: dict(shares[of]) for of in cargo.pieces}
    return kept


def with_ahead(plan: Plan, ahead: Plan, before: Scenario, after: Scenario, at_h: float) -> Plan:
    """Return a plan of which what lies ahead of an hour is as another has it: `ahead`, compiled of `after`. The limits
    of pools and the longest slots stay as they are known until then. Raises `InputError` with what has begun, and would
    change."""
    begun = {name for name, flow in before.flows.items() if any(hour < at_h for hour, _ in _dated(flow).values())}
    problems = [*_changed(before, after, at_h), *_come(plan, ahead, at_h)]
    programmes: dict[str, ProgrammePlan] = {}
    under_way = {plan.programmes[flow].name for flow in begun & plan.programmes.keys()}
    for flow in dict.fromkeys([*ahead.programmes, *plan.programmes]):
        old, new = plan.programmes.get(flow), ahead.programmes.get(flow)
        if flow in begun or (old is not None and old.name in under_way):
            new = _booked_on(flow, (before, old), (after, new), at_h)
            if new is None:
                problems.append(Problem("fork", f"flows.{flow}.programme", "", BOOKED))
        if new is not None:
            programmes[flow] = new
    if problems:
        raise InputError(problems)
    pools = {
        key: replace(pool, attainable=plan.pools[key].attainable) if key in plan.pools else pool
        for key, pool in ahead.pools.items()
    }
    return replace(
        ahead,
        forks=plan.forks,
        pools={**plan.pools, **pools},
        programmes=programmes,
        longest={**ahead.longest, **plan.longest},
    )


def _dated(flow: Flow) -> dict[str, tuple[float, Ship | Origin | Airlift]]:
    """What a flow plans, by its key: for which hour, and what. A ship counts with its first call."""
    parts: dict[str, Mapping[str, Ship | Origin | Airlift]] = {
        "ships": flow.ships,
        "origins": flow.origins,
        "airlifts": flow.airlifts,
    }
    return {
        join_path((part, name)): (in_hours(one.calls[0].day if isinstance(one, Ship) else one.day), one)
        for part, there in parts.items()
        for name, one in there.items()
    }


def _changed(before: Scenario, after: Scenario, at_h: float) -> Iterator[Problem]:
    """What was planned to come before an hour, or now would be, and is not the same."""
    for name, flow in before.flows.items():
        old, new = _dated(flow), _dated(after.flows[name])
        if flow.shares != after.flows[name].shares and all(hour < at_h for hour, _ in new.values()):
            yield Problem("fork", f"flows.{name}.shares", f"before day {at_h / 24:g}", BEGUN)
        for key in dict.fromkeys(chain(old, new)):
            hour = min(there[key][0] for there in (old, new) if key in there)
            if hour < at_h and old.get(key) != new.get(key):
                yield Problem("fork", f"flows.{name}.{key}", f"day {hour / 24:g}", BEGUN)


def _come(plan: Plan, ahead: Plan, at_h: float) -> Iterator[Problem]:
    """The pools to which something else would have come before an hour."""
    for key, pool in ahead.pools.items():
        then, now = ([a for a in of.arrivals if a[0] < at_h] for of in (plan.pools.get(key, pool), pool))
        if then != now:
            days = ", ".join(f"day {hour / 24:g}: {amount:g}" for hour, amount in {*then} ^ {*now})
            yield Problem("fork", f"pools.{key[1]}.arrivals", days, BEGUN)


def _booked_on(
    flow: str, was: tuple[Scenario, ProgrammePlan | None], now: tuple[Scenario, ProgrammePlan | None], at_h: float
) -> ProgrammePlan | None:
    """A programme that has begun, with other slots from an hour on; None where more of it would change."""
    (before, old), (after, new) = was, now
    asked, asked_now = before.programme_of(flow), after.programme_of(flow)
    if old is None or new is None or asked is None or asked_now is None:
        return None
    rates = {"slots", "per_day", "per_day_at", "working"}
    frames = [of.model_dump(exclude=rates) for of in (asked, asked_now)]
    past = (row for row in asked_now.slots if in_hours(row.day) < at_h)
    alike = frames[0] == frames[1] and (old.window, old.slots.keys()) == (new.window, new.slots.keys())
    if not (alike and all(row in asked.slots for row in past)):
        return None
    return replace(
        new,
        slots={
            key: (*(h for h in hours if h < at_h), *(h for h in new.slots[key] if h >= at_h))
            for key, hours in old.slots.items()
        },
    )
