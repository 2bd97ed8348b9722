"""Forks: what of a plan may change under way, and when."""

from typing import Any

import pytest

from nfm_sim.compile import compile_scenario, forked_plan
from nfm_sim.compile.scenario import is_ahead
from nfm_sim.problems import InputError
from nfm_sim.scenario import Scenario, build_scenario
from tests.conftest import coast, coast_data, one_ship


def scenario(**changes: Any) -> Scenario:
    data = coast_data(flows={"flow": one_ship("truck", 4)}, pools={"trucks": {"capacity": 2}}, **changes)
    return build_scenario(data, coast())


def at(at_h: float, changes: dict[str, Any]) -> dict[str, Any]:
    return {"at_h": at_h, "changes": changes}


def test_forks_follow_each_other() -> None:
    """The first at hour 24, the second at 48: a third comes no earlier, and none after the horizon."""
    forks = [at(24, {"pools.trucks.capacity": 5}), at(48, {"pools.trucks.capacity": 3})]
    plan = forked_plan(scenario(), forks)
    assert [(fork.at_h, dict(fork.gained)) for fork in plan.forks] == [
        (24, {("", "trucks"): 3}),
        (48, {("", "trucks"): -2}),
    ]
    with pytest.raises(InputError, match="must lie from day 2 to the horizon, day 10"):
        forked_plan(scenario(), [*forks, at(36, {"pools.trucks.capacity": 9})])
    with pytest.raises(InputError, match="must lie from day 2"):
        forked_plan(scenario(), [*forks, at(240, {"pools.trucks.capacity": 9})])
    again = forked_plan(scenario(), [*forks, at(48, {"routing": "fixed"})])
    assert [(fork.at_h, fork.plan.routing) for fork in again.forks] == [(24, "fastest"), (48, "fastest"), (48, "fixed")]


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
    if fits:
        assert len(forked_plan(before, [at(24, {path: value})]).forks) == 1
    else:
        with pytest.raises(InputError, match=r"cannot change under way|is there already"):
            forked_plan(before, [at(24, {path: value})])


@pytest.mark.parametrize(
    ("path", "ahead"),
    [
        ("programme.per_day.truck", True),
        ("programmes.own.slots", True),
        ("flows.flow.programme.per_day", True),
        ("flows.flow.shares.wheeled", True),
        ("flows.flow.ships.ship", True),
        ("flows.flow.priority", False),
        ("flows.shares", False),
        ("pools.trucks.arrivals", True),
        ("pools.arrivals.capacity", False),
        ("routing", False),
    ],
)
def test_what_is_dated_lies_ahead(path: str, ahead: bool) -> None:
    assert is_ahead(path) is ahead


def test_of_a_programme_that_has_begun_the_rates_may_change_and_nothing_else() -> None:
    programme = {"per_day": {"truck": 2}, "working": ["06:00-18:00"]}
    flows = {"flow": {**one_ship("truck", 4), "programme": programme}}
    before = build_scenario(coast_data(flows=flows), coast())
    forked = forked_plan(before, [at(24, {"flows.flow.programme.per_day.truck": 1})])
    assert forked.programmes["flow"].slots["", "truck"][:4] == (9, 15, 36, 60)
    for path, value in (("missed", "made up"), ("first_day", 3), ("start_up_h", 5)):
        with pytest.raises(InputError, match="has begun by the day of the fork"):
            forked_plan(before, [at(24, {f"flows.flow.programme.{path}": value})])


@pytest.mark.parametrize(("planned", "now"), [(0.5, 5), (5, 0.5), (0.5, 0.75)])
def test_a_ship_that_has_sailed_or_now_would_have_stays_as_it_was(planned: float, now: float) -> None:
    flow = one_ship("truck", 4)
    flow["ships"]["ship"]["calls"][0]["day"] = planned
    before = build_scenario(coast_data(flows={"flow": flow}), coast())
    with pytest.raises(InputError, match="has happened by the day of the fork"):
        forked_plan(before, [at(24, {"flows.flow.ships.ship.calls.0.day": now})])


def test_a_ship_of_the_hour_of_the_fork_may_come_later() -> None:
    flow = one_ship("truck", 4)
    flow["ships"]["ship"]["calls"][0]["day"] = 1
    before = build_scenario(coast_data(flows={"flow": flow}), coast())
    forked = forked_plan(before, [at(24, {"flows.flow.ships.ship.calls.0.day": 2})])
    assert forked.ships[0].calls[0].planned_h == 48


def test_only_disruptions_that_are_new_come_with_a_fork() -> None:
    strike = {"links": ["road2"], "start_h": 0, "duration_h": 1}
    before = scenario(disruptions={"old": strike})
    forked = forked_plan(before, [at(24, {"disruptions.new": strike})])
    assert [outage.name for outage in forked.forks[0].outages] == ["new"]


def test_what_was_not_scarce_before_cannot_become_so() -> None:
    before = scenario()
    with pytest.raises(InputError, match=r'"harbour.gates" was not scarce before'):
        forked_plan(before, [at(24, {"places.harbour.gates": 3})])


def test_a_facility_that_the_modes_would_no_longer_use_changes_too() -> None:
    """With fewer ramps the modes would have been chosen otherwise; what has been chosen stays, and has fewer ramps. The
    next fork gives them back."""
    flow = {**one_ship("truck", 9), "shares": {"wheeled": {"train": 0.5, "truck": 0.5}}}
    data = coast_data(flows={"flow": flow}, mode_choice="least_closure")
    before = build_scenario(data, coast())
    fewer = {"places.harbour.truck_ramps.capacity": 0.001}
    forked = forked_plan(before, [at(24, fewer)])
    assert ("harbour", "truck_ramps") not in compile_scenario(before.with_changes(fewer)).pools
    ramps = ("harbour", "truck_ramps")
    assert dict(forked.forks[0].gained) == {ramps: 0.001 - forked.pools[ramps].capacity}
    again = forked_plan(before, [at(24, fewer), at(48, {"places.harbour.truck_ramps.capacity": 2})])
    assert dict(again.forks[1].gained) == {ramps: 2 - 0.001}


def test_what_comes_later_is_not_known_before() -> None:
    """Two trucks are all that there can be until day 1; then four more are promised."""
    forked = forked_plan(scenario(), [at(24, {"pools.trucks.arrivals": [{"day": 3, "amount": 4}]})])
    trucks = forked.pools["", "trucks"]
    assert (trucks.attainable, trucks.arrivals) == (2, ((72, 4),))
    assert forked.forks[0].promised == {("", "trucks"): 4}
    assert forked.forks[0].gained == {}


def test_modes_that_were_chosen_of_all_cargo_together_stay() -> None:
    before = scenario(mode_choice="least_closure")
    with pytest.raises(InputError, match='mode_choice is "least_closure"'):
        forked_plan(before, [at(24, {"flows.flow.shares.wheeled": {"train": 1.0}})])
