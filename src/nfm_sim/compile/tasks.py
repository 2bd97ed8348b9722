"""Compile the calls on the force: tasks, their commitments, and what each element brings to them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from nfm_sim.compile.times import Times
from nfm_sim.plan.forces import CommitmentPlan, TaskPlan
from nfm_sim.plan.movement import Need
from nfm_sim.plan.timeline import Timeline
from nfm_sim.record.ticks import in_hours
from nfm_sim.record.words import OFFERED
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.capacity import place_of
from nfm_sim.scenario.tasks import Commitment, Task


def task_plans(scenario: Scenario, times: Times) -> dict[str, TaskPlan]:
    """The tasks of a scenario; the one that elements are activated for stands without being listed."""
    tasks = scenario.tasks or {scenario.activation.task: Task()}
    return {name: _task(times, name, task) for name, task in tasks.items()}


def _task(times: Times, name: str, task: Task) -> TaskPlan:
    changes = [
        (in_hours(start.day), regime.may_withdraw[name])
        for start, regime in times.regimes
        if name in regime.may_withdraw
    ]
    return TaskPlan(
        name=name,
        priority=task.priority,
        weight=task.weight,
        stages=frozenset(task.stages),
        breaks_rest=task.breaks_rest,
        may_withdraw=Timeline.of(changes, task.may_withdraw),
    )


def commitment_plans(scenario: Scenario, tasks: Mapping[str, TaskPlan]) -> list[CommitmentPlan]:
    """Compile the commitments of all tasks: elements by capability, amounts of pools, and all that is offered."""
    offered = Counter(e.capability for e in scenario.elements.values() if e.tier is not None)
    made = [
        replace(
            _commitment(tasks[scenario.activation.task], OFFERED, Commitment(capability=(capability,))),
            offers=True,
            number=number,
        )
        for capability, number in offered.items()
    ]
    for name, task in scenario.tasks.items():
        made += [_commitment(tasks[name], key, commitment) for key, commitment in task.commitments.items()]
    return _with_reserves(scenario, made)


def _commitment(task: TaskPlan, name: str, commitment: Commitment) -> CommitmentPlan:
    tour = math.inf if commitment.tour_days is None else commitment.tour_days
    days = {
        "from_h": (math.inf if commitment.mends else -math.inf) if commitment.from_day is None else commitment.from_day,
        "until_h": math.inf if commitment.until_day is None else commitment.until_day,
        "tour_h": tour,
        "longest_tour_h": commitment.longest_tour_days or tour,
        "rest_h": commitment.rest_days,
        "overlap_h": commitment.overlap_days,
    }
    return CommitmentPlan(
        task=task,
        name=name,
        offers=False,
        capabilities=commitment.capability,
        pool=commitment.pool or "",
        number=commitment.number,
        reserve=0,
        staffs=tuple(Need(place_of(name), amount) for name, amount in commitment.staffs.items()),
        takes_over=commitment.takes_over,
        mends=commitment.mends,
        **{key: in_hours(day) for key, day in days.items()},
    )


def _with_reserves(scenario: Scenario, made: list[CommitmentPlan]) -> list[CommitmentPlan]:
    """Give the commitments of each task, in their order, what is reserved for the task."""
    everyone = Counter(element.capability for element in scenario.elements.values())
    kept = {
        (name, capability): math.floor(share * number + 1e-9)
        for name, task in scenario.tasks.items()
        for capability, number in everyone.items()
        if (share := task.reserved_share.get(capability, task.reserved_share.get("other", 0.0)))
    }
    with_reserves = []
    for commitment in made:
        reserve = 0
        for capability in commitment.capabilities:
            part = min(kept.get((commitment.task.name, capability), 0), int(commitment.number) - reserve)
            if part:
                kept[commitment.task.name, capability] -= part
                reserve += part
        with_reserves.append(replace(commitment, reserve=reserve))
    return with_reserves
