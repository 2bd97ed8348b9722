"""Forks: the plan of a scenario that changes under way. Until then all is as it was, bit for bit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from nfm_sim.compile.flows import rank_of_flow
from nfm_sim.compile.scenario import compile_scenario, redrawn
from nfm_sim.plan.movement import PoolKey, ProgrammePlan
from nfm_sim.plan.plan import Fork, Plan
from nfm_sim.problems import Problem, refuse
from nfm_sim.record.words import in_hours, whole_ticks
from nfm_sim.scenario import Scenario, join_path, split_path
from nfm_sim.scenario.flows import Airlift, Flow, Origin, Ship

WHOLE = ("routing", "diversion", "bumping", "policy")
OF_FLOWS = (["priority"], ["diverts_to"])
NOT_SCARCE = "was not scarce before, so nothing holds any of it; give it a capacity from the beginning"
NOT_TAKEN = "is what nothing takes, and what goes which way does not change by it under way: nothing would change"
NO_PORT = "is not as it was from the beginning; ports to divert to can only be taken out under way"
REMEDY = (
    "cannot change under way; what can is pools.<name>.capacity, places.<node>.<facility>, "
    "disruptions.<new name>, flows.<name>.priority and diverts_to (of what is not ashore), routing, diversion, bumping "
    "and policy; and what lies ahead of pools.<name>.arrivals, programmes, and flows.<name>.shares, ships, origins, "
    "airlifts and programme"
)


def forked_plan(scenario: Scenario, forks: Sequence[Mapping[str, Any]]) -> Plan:
    """Return the plan of a scenario that changes under way: at_h and changes of each fork, in the order of their hours.

    Capacities, disruptions and policies change at that hour; a disruption that would have begun before begins then. Of
    what is dated changes what lies ahead. `REMEDY` lists all that can. Raises `InputError` with everything that cannot.
    """
    plan = ahead = current = compile_scenario(scenario)
    planned = now = scenario
    for fork in forks:
        at_h, changes = fork["at_h"], fork["changes"]
        last_h = plan.forks[-1].at_h if plan.forks else plan.start_h
        problems = list(_problems(now, changes))
        if not last_h <= at_h < plan.horizon_h:
            remedy = f"must lie from day {last_h / 24:g} to the horizon, day {plan.horizon_h / 24:g}"
            problems.append(Problem("fork", "at_day", f"{at_h / 24:g}", remedy))
        refuse(problems)
        later = {path: value for path, value in changes.items() if is_ahead(path)}
        kept = shares_kept(now, later, at_h)
        promised = {}
        if later:
            was, before = ahead, planned.with_changes(kept)
            planned = before.with_changes(later)
            ahead = compile_scenario(planned)
            plan = with_ahead(plan, ahead, before, planned, at_h)
            promised = {
                of: ahead.pools[of].attainable - pool.attainable for of, pool in was.pools.items() if of in ahead.pools
            }
        after = now.with_changes({**kept, **changes})
        target = compile_scenario(after)
        _check_pools(changes, plan, target)
        gained = {key: _capacity(after, target, key) - _capacity(now, current, key) for key in plan.pools}
        at_hour = Fork(
            at_h=whole_ticks(at_h),
            gained={key: more for key, more in gained.items() if more},
            promised={key: more for key, more in promised.items() if more},
            outages=tuple(outage for outage in target.outages if outage.name not in now.disruptions),
            plan=target,
            ranks={name: rank_of_flow(after, flow) for name, flow in after.flows.items()},
            diverts_to={name: frozenset(flow.diverts_to) for name, flow in after.flows.items()},
        )
        plan = replace(plan, forks=(*plan.forks, at_hour), titles=after.titles)
        now, current = after, target
    again = partial(redrawn, partial(forked_plan, forks=forks), scenario)
    return replace(plan, redraw=again if scenario.uncertain else None)


def _capacity(scenario: Scenario, plan: Plan, key: PoolKey) -> float:
    """The capacity of a pool that something takes: of a facility that nothing would take any more too, as what has been
    chosen stays."""
    if key in plan.pools:
        return plan.pools[key].capacity
    there = scenario.facility(*key)
    return there.capacity if there is not None else 0.0


def _check_pools(changes: Mapping[str, Any], plan: Plan, target: Plan) -> None:
    """Raise `InputError` with the capacities whose change would do nothing: not scarce before, or taken by nothing."""
    unknown = sorted(target.pools.keys() - plan.pools.keys())
    problems = [Problem("fork", "changes", ".".join(filter(None, key)), NOT_SCARCE) for key in unknown]
    for path in changes:
        part, *steps = split_path(path)
        key = (steps[0], steps[1]) if part == "places" else ("", steps[0]) if part == "pools" else None
        if key is not None and key not in plan.pools and key not in unknown:
            problems.append(Problem("fork", path, str(changes[path]), NOT_TAKEN))
    refuse(problems)


def _problems(scenario: Scenario, changes: Mapping[str, Any]) -> Iterator[Problem]:
    for path, value in changes.items():
        part, *steps = split_path(path)
        if part == "flows":
            fits = bool(steps) and steps[0] in scenario.flows and (is_ahead(path) or steps[1:] in OF_FLOWS)
        elif part in ("pools", "places") and not is_ahead(path):
            whose = steps[:-1] if steps[-1:] == ["capacity"] else steps if part == "places" else []
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            fits = is_number and len(whose) == (1 if part == "pools" else 2)
        else:
            fits = bool(steps) if part == "disruptions" else is_ahead(path) or (part in WHOLE and not steps)
        if not fits:
            yield Problem("fork", path, str(value), REMEDY)
        elif part == "disruptions" and steps[0] in scenario.disruptions:
            yield Problem("fork", path, "", "is there already; give the new disruption a name of its own")
        elif part == "flows" and steps[1] == "diverts_to":
            planned = scenario.flows[steps[0]].diverts_to
            changed = dict(value) if isinstance(value, Mapping) else {"": value}
            for port, hours in changed.items():
                if planned.get(port) != hours:
                    yield Problem("fork", path, f"{port} = {hours}", NO_PORT)
        elif part == "flows" and steps[1] in CARGO and scenario.mode_choice != "shares":
            chosen = f'was chosen of all cargo together: mode_choice is "{scenario.mode_choice}"'
            yield Problem("fork", path, str(value), chosen)


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
    refuse(problems)
    pools = {
        key: pool._replace(attainable=plan.pools[key].attainable) if key in plan.pools else pool
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
    return {
        join_path((part, name)): (in_hours(one.calls[0].day if isinstance(one, Ship) else one.day), one)
        for part in ("ships", "origins", "airlifts")
        for name, one in getattr(flow, part).items()
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
    slots = {
        key: (*(h for h in hours if h < at_h), *(h for h in new.slots[key] if h >= at_h))
        for key, hours in old.slots.items()
    }
    return new._replace(slots=slots)
