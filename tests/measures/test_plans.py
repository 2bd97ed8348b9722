"""Offers against demands, on stories whose best fit is plain."""

from typing import Any

import polars as pl
import pytest

from nfm_sim import measures
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data


def asked(*demands: tuple[str, float, int]) -> dict[str, Any]:
    """A plan of (capability, day, number)."""
    wanted = [{"capability": c, "day": day, "number": n} for c, day, n in demands]
    return {"north": {"versions": {"first": {"demands": wanted}}}}


def force(**in_place_h: float) -> dict[str, Any]:
    """Infantry that is in place at these hours."""
    return {
        name: {"tier": 1, "home": "barracks", "capability": "infantry", "hours": {"recall": hours}}
        for name, hours in in_place_h.items()
    }


def data(elements: dict[str, Any], plans: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return coast_data(activation={"stages": {"recall": {}}}, elements=elements, plans=plans, **changes)


def matched(run: Any) -> dict[float, tuple[str | None, float | None]]:
    return {row["required_h"] / 24: (row["element"], row["late_h"]) for row in measures.offers(run).to_dicts()}


def test_the_early_element_meets_the_early_demand(play: Any) -> None:
    run = play(data(force(slow=60, quick=20), asked(("infantry", 3, 1), ("infantry", 1, 1))))
    assert matched(run) == {1: ("quick", 0.0), 3: ("slow", 0.0)}


def test_the_sum_of_lateness_is_least(play: Any) -> None:
    # alone at its best, day 1 would get a (30 h, 6 late) and day 2 nothing better than b (80 h, 32 late)
    run = play(data(force(a=30, b=80), asked(("infantry", 1, 1), ("infantry", 2, 1))))
    assert sum(late or 0 for _, late in matched(run).values()) == 38
    assert matched(run)[1] == ("a", 6.0)


def test_a_demand_that_nobody_meets_is_missing_and_not_late(play: Any) -> None:
    run = play(data(force(a=20), asked(("infantry", 1, 1), ("infantry", 2, 1), ("fires", 2, 1))))
    table = measures.offers(run)
    assert table.filter(pl.col("capability") == "fires")["element"].to_list() == [None]
    assert table["late_h"].null_count() == 2
    assert table["element"].null_count() == 2


def test_who_has_been_withdrawn_meets_a_demand_when_it_is_there_again(play: Any) -> None:
    """In place from ten to 48, when a crisis takes it away until 192."""
    crisis = {"post": {"capability": "infantry", "from_day": 2, "until_day": 8}}
    tasks = {"regional_plans": {"priority": 2}, "crisis": {"commitments": crisis}}
    run = play(data(force(a=10), asked(("infantry", 4, 1)), tasks=tasks, horizon_days=12))
    assert matched(run) == {4: ("a", 96.0)}
    assert measures.offers(run)["in_place_h"].to_list() == [192.0]
    early = play(data(force(a=10), asked(("infantry", 1, 1)), tasks=tasks, horizon_days=12))
    assert matched(early) == {1: ("a", 0.0)}
    gone = {"post": {"capability": "infantry", "from_day": 2}}
    never = play(data(force(a=10), asked(("infantry", 4, 1)), tasks={**tasks, "crisis": {"commitments": gone}}))
    assert matched(never) == {4: (None, None)}


def test_who_is_not_in_place_by_the_horizon_meets_nothing(play: Any) -> None:
    run = play(data(force(a=20, never=9999), asked(("infantry", 1, 2))))
    assert measures.offers(run)["element"].to_list() == ["a", None]


def test_the_gap_counts_what_is_due_and_not_met(play: Any) -> None:
    run = play(data(force(a=30, b=70), asked(("infantry", 1, 2), ("infantry", 5, 1)), horizon_days=6))
    table = measures.gap(run, step_h=24)
    assert table.select("hour", "demanded", "in_place", "gap").rows() == [
        (0, 0, 0, 0),
        (24, 2, 0, 2),
        (48, 2, 1, 1),
        (72, 2, 2, 0),
        (96, 2, 2, 0),
        (120, 3, 2, 1),
        (144, 3, 2, 1),
    ]


def test_who_is_withdrawn_leaves_a_gap(play: Any) -> None:
    crisis = {"priority": 1, "commitments": {"post": {"capability": "infantry", "from_day": 3, "until_day": 5}}}
    tasks = {"regional_plans": {"priority": 2, "redeploy_h": 12}, "crisis": crisis}
    run = play(data(force(a=30), asked(("infantry", 1, 1)), tasks=tasks, horizon_days=7))
    table = measures.gap(run, step_h=24)
    assert table["in_place"].to_list() == [0, 0, 1, 0, 0, 0, 1, 1], "withdrawn on day 3, back on day 5.5"
    assert table["gap"].to_list() == [0, 1, 0, 1, 1, 1, 0, 0]


def test_a_target_scales_a_capability_as_a_whole_and_rounds_nothing(play: Any) -> None:
    """1.25 times three is 3.75: by day 1 one, by day 4 the rest; in the order of their days, whatever the plan's is."""
    targets = {"2035": {"factors": {"infantry": 1.25}}}
    plans = asked(("infantry", 4, 2), ("fires", 1, 1), ("infantry", 1, 1))
    run = play(data(force(a=1), plans, targets=targets, target="2035"))
    assert run.demands.select("capability", "required_h", "number").rows() == [
        ("infantry", 24, 1),
        ("infantry", 96, 2.75),
        ("fires", 24, 1),
    ]


def test_a_gap_is_what_is_asked_for_less_what_is_there(play: Any) -> None:
    """Two of 2.02: the gap is 0.02, and the fraction goes unmet before a whole element does."""
    plans, targets = asked(("infantry", 1, 2)), {"later": {"factors": {"other": 1.01}}}
    run = play(data(force(a=1, b=2), plans, targets=targets, target="later", horizon_days=2))
    assert measures.demands_met(run).drop("replication").rows() == [("north", "infantry", 2.02, 2, 0, 0.02, 2 / 2.02)]
    assert measures.gap(run)["gap"].to_list() == [0, 0.02, 0.02]
    assert measures.offers(run).select("number", "element").rows() == [(1, "a"), (1, "b"), (0.02, None)]


def test_an_element_that_meets_a_fraction_meets_it_whole(play: Any) -> None:
    plans, targets = asked(("infantry", 1, 2)), {"later": {"factors": {"other": 1.25}}}
    run = play(data(force(a=1, b=2, late=40), plans, targets=targets, target="later"))
    answer = measures.demands_met(run).select("asked", "on_time", "late", "unmet")
    assert answer.rows() == [(2.5, 2, 0.5, 0)], "of the hours too late, those of the half count half"


def test_demands_are_met_in_time_late_or_by_nobody(play: Any) -> None:
    run = play(data(force(a=20, b=60), asked(("infantry", 1, 1), ("infantry", 2, 2), ("fires", 1, 1))))
    answer = measures.demands_met(run).drop("replication")
    assert answer.rows() == [("north", "fires", 1, 0, 0, 1, 0.0), ("north", "infantry", 3, 1, 1, 1, 1 / 3)]


def test_two_versions_of_a_plan_are_compared_by_a_change(play: Any) -> None:
    plans = asked(("infantry", 1, 1))
    plans["north"]["versions"]["with Finland"] = {"demands": [{"capability": "infantry", "day": 1, "number": 3}]}
    scenario = build_scenario(data(force(a=1), plans), coast())
    before = scenario.with_changes({"plan_versions.north": "first"})
    assert sum(number for _, _, number in scenario.demands()) == 3, "the newest holds"
    assert sum(number for _, _, number in before.demands()) == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"plan_versions.north": "frist"}, 'is no version of that plan (did you mean "first"?)'),
        ({"plan_versions.nort": "first"}, 'is not in [plans] (did you mean "north"?)'),
        ({"target": "2035"}, "is not in [targets]"),
        (
            {"plans.north.versions.first.demands.0.capability": "infantery"},
            'is a capability of no element (did you mean "infantry"?)',
        ),
    ],
)
def test_faults_of_plans(change: dict[str, Any], fault: str) -> None:
    scenario = build_scenario(data(force(a=1), asked(("infantry", 1, 1))), coast())
    with pytest.raises(InputError) as error:
        scenario.with_changes(change)
    assert fault in str(error.value)


def test_without_plans_there_are_no_offers(play: Any) -> None:
    run = play(coast_data())
    assert measures.offers(run).is_empty()
    assert measures.gap(run).is_empty()
