"""Compile the calls on the force: tasks, their commitments, and what each element brings to them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

from nfm_sim.engine.compiler import Compiler
from nfm_sim.engine.plan import ClaimPlan, TaskPlan
from nfm_sim.engine.policies import POLICIES
from nfm_sim.engine.record import OFFERED
from nfm_sim.engine.ticks import whole_ticks
from nfm_sim.problems import Problem, did_you_mean
from nfm_sim.scenario.model import Element
from nfm_sim.scenario.tasks import Commitment, Task
from nfm_sim.scenario.values import Distribution

NO_TIME = Distribution(fixed=0)


def task_plans(compiler: Compiler) -> dict[str, TaskPlan]:
    """The tasks of a scenario; the one that elements are activated for stands without being listed."""
    scenario = compiler.scenario
    tasks = scenario.tasks or {scenario.activation.task: Task()}
    return {name: _task(compiler, name, task) for name, task in tasks.items()}


def _task(compiler: Compiler, name: str, task: Task) -> TaskPlan:
    changes = [
        (whole_ticks(start.day * 24), compiler.scenario.regimes[start.regime].may_withdraw[name])
        for start in compiler.timeline
        if name in compiler.scenario.regimes[start.regime].may_withdraw
    ]
    return TaskPlan(
        name=name,
        priority=task.priority,
        weight=task.weight,
        stages=frozenset(task.stages),
        breaks_rest=task.breaks_rest,
        withdrawal=(*reversed(changes), (-math.inf, task.may_withdraw)),
        sustainment=tuple(task.sustainment.items()),
    )


def claims(compiler: Compiler, tasks: dict[str, TaskPlan]) -> list[ClaimPlan]:
    """What the tasks ask for: elements by capability, shares of pools, and all that is offered."""
    scenario = compiler.scenario
    if scenario.policy not in POLICIES:
        mend = f"must be one of {', '.join(POLICIES)}{did_you_mean(scenario.policy, POLICIES)}"
        compiler.problems.append(Problem(scenario._file, "policy", scenario.policy, mend))
    offered = Counter(e.capability for e in scenario.elements.values() if e.tier is not None)
    made = [
        replace(
            _claim(tasks[scenario.activation.task], OFFERED, Commitment(capability=(capability,))),
            offers=True,
            number=number,
        )
        for capability, number in offered.items()
    ]
    for name, task in scenario.tasks.items():
        made += [_claim(tasks[name], key, commitment) for key, commitment in task.commitments.items()]
    return reserve_shares(compiler, made)


def _claim(task: TaskPlan, name: str, commitment: Commitment) -> ClaimPlan:
    tour = math.inf if commitment.tour_days is None else commitment.tour_days
    days = {
        "from_h": -math.inf if commitment.from_day is None else commitment.from_day,
        "until_h": math.inf if commitment.until_day is None else commitment.until_day,
        "tour_h": tour,
        "longest_tour_h": commitment.longest_tour_days or tour,
        "rest_h": commitment.rest_days,
    }
    return ClaimPlan(
        task=task,
        name=name,
        offers=False,
        capabilities=commitment.capability,
        pool=commitment.pool or "",
        number=commitment.number,
        reserve=0,
        staffs=tuple(commitment.staffs.items()),
        **{key: day if math.isinf(day) else whole_ticks(day * 24) for key, day in days.items()},
    )


def reserve_shares(compiler: Compiler, made: list[ClaimPlan]) -> list[ClaimPlan]:
    """Give the claims of each task, in their order, what is reserved for the task."""
    scenario = compiler.scenario
    everyone = Counter(element.capability for element in scenario.elements.values())
    kept = {
        (name, capability): math.floor(share * number + 1e-9)
        for name, task in scenario.tasks.items()
        for capability, number in everyone.items()
        if (share := task.reserved_share.get(capability, task.reserved_share.get("other", 0.0)))
    }
    with_reserves = []
    for claim in made:
        reserve = 0
        for capability in claim.capabilities:
            part = min(kept.get((claim.task.name, capability), 0), int(claim.number) - reserve)
            if part:
                kept[claim.task.name, capability] -= part
                reserve += part
        with_reserves.append(replace(claim, reserve=reserve))
    return with_reserves


def travel(compiler: Compiler, name: str, element: Element) -> dict[tuple[str, str], int]:
    """Ask for the hours in which an element goes to each commitment that it may serve."""
    return {
        (task_name, key): compiler.sheet.ask(f"travel {task_name}/{key}", name, commitment.travel_h)
        for task_name, task in compiler.scenario.tasks.items()
        for key, commitment in task.commitments.items()
        if element.capability in commitment.capability and commitment.travel_h != NO_TIME
    }


def redeploy(compiler: Compiler, name: str, element: Element) -> dict[str, int]:
    """Ask for the hours in which an element comes back from each task."""
    return {
        task_name: compiler.sheet.ask(f"redeploy {task_name}", name, task.redeploy_h)
        for task_name, task in compiler.scenario.tasks.items()
        if task.redeploy_h != NO_TIME
    }


def permits(compiler: Compiler, name: str, nation: str = "") -> tuple[tuple[float, int | None], ...]:
    """Ask for the hours that a border permit takes, by the regime in which the order comes; the last first."""
    rules = [(start, compiler.scenario.regimes[start.regime]) for start in compiler.timeline]
    regimes = [(start, regime.permit_h_by_nation.get(nation, regime.permit_h)) for start, regime in rules]
    asked = [
        (
            whole_ticks(start.day * 24),
            None if hours is None else compiler.sheet.ask(f"permit {start.regime}", name, hours),
        )
        for start, hours in regimes
    ]
    return tuple(reversed(asked))
