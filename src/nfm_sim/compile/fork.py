"""Forks: the plan of a scenario that changes under way. Until then all is as it was, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from nfm_sim.compile.ahead import CARGO, is_ahead, shares_kept, with_ahead
from nfm_sim.compile.flows import rank_of_flow
from nfm_sim.compile.inputs import Redraw
from nfm_sim.compile.scenario import compile_scenario
from nfm_sim.plan.movement import PoolKey
from nfm_sim.plan.plan import Fork, Plan
from nfm_sim.problems import InputError, Problem
from nfm_sim.record.ticks import whole_ticks
from nfm_sim.scenario import Scenario, split_path

CAPACITIES = {"pools": (3,), "places": (3, 4)}
"""Parts whose capacities can change, with how many steps the path to one has."""
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
        if problems:
            raise InputError(problems)
        later = {path: value for path, value in changes.items() if is_ahead(path)}
        kept = shares_kept(now, later, at_h)
        promised = {}
        if later:
            was, before = ahead, planned.with_changes(kept)
            planned = before.with_changes(later)
            ahead = compile_scenario(planned)
            plan = with_ahead(plan, ahead, before, planned, at_h)
            promised = {
                key: ahead.pools[key].attainable - pool.attainable
                for key, pool in was.pools.items()
                if key in ahead.pools
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
            draw=target.draw,
            routing=target.routing,
            diversion=target.diversion,
            bumping=target.bumping,
            policy=target.policy,
            commitments=target.commitments,
            ranks={name: rank_of_flow(after, flow) for name, flow in after.flows.items()},
            diverts_to={name: frozenset(flow.diverts_to) for name, flow in after.flows.items()},
        )
        plan = replace(plan, forks=(*plan.forks, at_hour), titles=after.titles)
        now, current = after, target
    return replace(plan, redraw=Redraw(partial(forked_plan, forks=forks), scenario) if scenario.uncertain else None)


def _capacity(scenario: Scenario, plan: Plan, key: PoolKey) -> float:
    """The capacity of a pool that something takes: of a facility that nothing would take any more too, as what has been
    chosen stays."""
    if key in plan.pools:
        return plan.pools[key].capacity
    there = scenario.facility(*key)
    return there.capacity if there is not None else 0.0


def _label(key: PoolKey) -> str:
    """A pool as a scenario names it: "trucks", or "eemshaven.berths"."""
    return ".".join(filter(None, key))


def _check_pools(changes: Mapping[str, Any], plan: Plan, target: Plan) -> None:
    """Raise `InputError` with the capacities whose change would do nothing: not scarce before, or taken by nothing."""
    unknown = sorted(target.pools.keys() - plan.pools.keys())
    problems = [Problem("fork", "changes", _label(key), NOT_SCARCE) for key in unknown]
    for path in changes:
        part, *steps = split_path(path)
        key = (steps[0], steps[1]) if part == "places" else ("", steps[0]) if part == "pools" else None
        if key is not None and key not in plan.pools and key not in unknown:
            problems.append(Problem("fork", path, str(changes[path]), NOT_TAKEN))
    if problems:
        raise InputError(problems)


def _problems(scenario: Scenario, changes: Mapping[str, Any]) -> Iterator[Problem]:
    for path, value in changes.items():
        part, *steps = split_path(path)
        if part == "flows":
            fits = bool(steps) and steps[0] in scenario.flows and (is_ahead(path) or steps[1:] in OF_FLOWS)
        elif part in CAPACITIES and not is_ahead(path):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            long = 1 + len(steps) in CAPACITIES[part] and (len(steps) == 2 or steps[-1] == "capacity")
            fits = number and long and (part == "places" or steps[-1] == "capacity")
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
            yield Problem(
                "fork", path, str(value), f'was chosen of all cargo together: mode_choice is "{scenario.mode_choice}"'
            )
