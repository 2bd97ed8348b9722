"""Forks: what of a plan may change under way, and when."""

from typing import Any

import pytest

from nfm_sim.compile import compile_scenario
from nfm_sim.compile.fork import fork_plan
from nfm_sim.problems import InputError
from nfm_sim.scenario import Scenario, build_scenario
from tests.conftest import coast, coast_data, one_ship


def scenario(**changes: Any) -> Scenario:
    data = coast_data(flows={"flow": one_ship("truck", 4)}, pools={"trucks": {"capacity": 2}}, **changes)
    return build_scenario(data, coast())


def test_forks_follow_each_other() -> None:
    """The first at hour 24, the second at 48: a third comes no earlier, and none after the horizon."""
    before = scenario()
    plan = compile_scenario(before)
    for at_h, capacity in ((24, 5), (48, 3)):
        plan, before = fork_plan(plan, before, at_h, {"pools.trucks.capacity": capacity})
    assert [(fork.at_h, dict(fork.gained)) for fork in plan.forks] == [
        (24, {("", "trucks"): 3}),
        (48, {("", "trucks"): -2}),
    ]
    with pytest.raises(InputError, match="must lie from day 2 to the horizon, day 10"):
        fork_plan(plan, before, 36, {"pools.trucks.capacity": 9})
    with pytest.raises(InputError, match="must lie from day 2"):
        fork_plan(plan, before, 240, {"pools.trucks.capacity": 9})
    again, _ = fork_plan(plan, before, 48, {"routing": "fixed"})
    assert [(fork.at_h, fork.routing) for fork in again.forks] == [(24, "fastest"), (48, "fastest"), (48, "fixed")]


@pytest.mark.parametrize(
    ("path", "value", "fits"),
    [
        ("pools.trucks.capacity", 3, True),
        ("pools.trucks.capacity", 2.5, True),
        ("pools.trucks.capacity", True, False),
        ("pools.trucks.capacity", "3", False),
        ("pools.trucks.unit", 3, False),
        ("pools.trucks", 3, False),
        ("places.harbour.truck_ramps", 3, True),
        ("places.harbour.truck_ramps.capacity", 3, True),
        ("places.harbour.truck_ramps.rate_per_h", 3, False),
        ("places.harbour", 3, False),
        ("disruptions.flood", {"links": ["road1"], "start_h": 0, "duration_h": 1}, True),
        ("disruptions.old.start_h", 3, False),
        ("routing", "fixed", True),
        ("routing.name", "fixed", False),
        ("horizon_days", 20, False),
    ],
)
def test_what_may_change_under_way_and_what_may_not(path: str, value: Any, fits: bool) -> None:
    before = scenario(disruptions={"old": {"links": ["road2"], "start_h": 0, "duration_h": 1}})
    plan = compile_scenario(before)
    if fits:
        forked, _ = fork_plan(plan, before, 24, {path: value})
        assert len(forked.forks) == 1
    else:
        with pytest.raises(InputError, match=r"cannot change under way|is there already"):
            fork_plan(plan, before, 24, {path: value})


def test_only_disruptions_that_are_new_come_with_a_fork() -> None:
    strike = {"links": ["road2"], "start_h": 0, "duration_h": 1}
    before = scenario(disruptions={"old": strike})
    forked, _ = fork_plan(compile_scenario(before), before, 24, {"disruptions.new": strike})
    assert [outage.name for outage in forked.forks[0].outages] == ["new"]


def test_what_was_not_scarce_before_cannot_become_so() -> None:
    before = scenario()
    with pytest.raises(InputError, match=r'"harbour.gates" was not scarce before'):
        fork_plan(compile_scenario(before), before, 24, {"places.harbour.gates": 3})


def test_a_facility_that_the_modes_would_no_longer_use_changes_too() -> None:
    """With fewer ramps the modes would have been chosen otherwise; what has been chosen stays, and has fewer ramps. The
    next fork gives them back."""
    flow = {**one_ship("truck", 9), "shares": {"wheeled": {"train": 0.5, "truck": 0.5}}}
    data = coast_data(flows={"flow": flow}, mode_choice="least_closure")
    before = build_scenario(data, coast())
    forked, after = fork_plan(compile_scenario(before), before, 24, {"places.harbour.truck_ramps.capacity": 0.001})
    assert ("harbour", "truck_ramps") not in compile_scenario(after).pools
    ramps = ("harbour", "truck_ramps")
    assert dict(forked.forks[0].gained) == {ramps: 0.001 - forked.pools[ramps].capacity}
    again, _ = fork_plan(forked, after, 48, {"places.harbour.truck_ramps.capacity": 2})
    assert dict(again.forks[1].gained) == {ramps: 2 - 0.001}
