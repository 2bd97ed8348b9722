"""One force and the calls on it: stories with exact hours of who serves what."""

from typing import Any

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship, story


def element(**fields: Any) -> dict[str, Any]:
    return {"home": "barracks", "capability": "infantry", **fields}


def data(tasks: dict[str, Any], elements: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Regional plans of priority 2 whose order comes at hour 24, and other tasks."""
    activation = {"decision_h": 24, "stages": {"recall": {"hours": 10}}}
    tasks = {"regional_plans": {"priority": 2}, **tasks}
    return coast_data(**{"activation": activation, "tasks": tasks, "elements": elements, **changes})


def duties(run: Any, name: str) -> list[tuple[str, str, float, float]]:
    """What an element did: state, task, from and until."""
    mine = run.duties.filter(pl.col("element") == name)
    return mine.select("state", "task", "start_h", "end_h").rows()


def task(priority: float, commitment: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"priority": priority, "commitments": {"post": {"capability": "infantry", **commitment}}, **fields}


# one task after another


def test_an_element_goes_to_a_commitment_serves_there_and_comes_back(play: Any) -> None:
    guard = task(1, {"from_day": 1, "until_day": 3, "travel_h": 6}, redeploy_h=4)
    run = play(data({"guard": guard}, {"a": element()}))
    assert duties(run, "a") == [
        ("free", "", 0, 24),
        ("prepare", "guard", 24, 30),
        ("serve", "guard", 30, 72),
        ("redeploy", "guard", 72, 76),
        ("free", "", 76, 240),
    ]


def test_what_is_not_offered_is_called_on_first_and_the_urgent_tier_last(play: Any) -> None:
    elements = {"t1": element(tier=1), "t3": element(tier=3), "home": element()}
    for number, called in [(1, {"home"}), (2, {"home", "t3"}), (3, {"home", "t3", "t1"})]:
        run = play(data({"guard": task(1, {"number": number})}, elements))
        assert set(run.duties.filter(pl.col("task") == "guard")["element"]) == called


def test_a_second_capability_does_where_the_first_is_used_up(play: Any) -> None:
    elements = {"reserve": element(capability="reserve"), "bat 1": element(), "bat 2": element()}
    run = play(data({"guard": task(1, {"capability": "reserve | infantry", "number": 2})}, elements))
    assert set(run.duties.filter(pl.col("task") == "guard")["element"]) == {"reserve", "bat 1"}


def test_an_element_passes_the_stages_of_a_task_once(play: Any) -> None:
    guard = task(1, {"from_day": 2, "until_day": 3}, stages=["recall"])
    run = play(data({"guard": guard}, {"a": element()}))
    assert duties(run, "a")[1:3] == [("prepare", "guard", 48, 58), ("serve", "guard", 58, 72)]
    assert story(run, "a") == [
        ("recall", "work", "barracks", "", 48.0, 58.0),
        ("in place", "milestone", "barracks", "", 58.0, 58.0),
    ]
    both = {"guard": guard, "again": task(1, {"from_day": 4}, stages=["recall"])}
    assert duties(play(data(both, {"a": element()})), "a")[-1] == ("serve", "again", 96, 240), "it is recalled"


def test_who_is_called_away_from_a_stage_passes_no_other_first(play: Any) -> None:
    guard = task(2, {"from_day": 2}, stages=["recall", "materiel"])
    given = data({"guard": guard, "crisis": task(1, {"from_day": 50 / 24})}, {"a": element()})
    given["activation"]["stages"]["materiel"] = {"hours": 5}
    assert duties(play(given), "a")[1:] == [("prepare", "guard", 48, 50), ("serve", "crisis", 50, 240)]


def test_stages_that_may_come_before_the_order_come_in_their_turn_after_it(play: Any) -> None:
    """The order is given at 24, and the element is free at 96."""
    training = task(3, {"until_day": 4}, may_withdraw=False)
    plain = data({"training": training}, {"a": element(tier=1, commitment="training/post")})
    plain["activation"] |= {"stages": {"recall": {"hours": 10}, "materiel": {"hours": 5}}}
    plain["activation"]["pre_alert_stages"] = ["materiel"]
    assert [span[0] for span in story(play(plain), "a")][2:4] == ["recall", "materiel"]


# withdrawal


def test_a_higher_task_withdraws_and_it_takes_time(play: Any) -> None:
    training = task(3, {}, redeploy_h=48)
    run = play(data({"training": training}, {"a": element(tier=1, commitment="training/post")}))
    assert duties(run, "a") == [
        ("serve", "training", 0, 24),
        ("redeploy", "training", 24, 72),
        ("prepare", "regional_plans", 72, 82),
        ("serve", "regional_plans", 82, 240),
    ]
    assert story(run, "a")[:3] == [
        ("decision", "wait", "barracks", "political decision", 0.0, 24.0),
        ("redeploy", "move", "barracks", "training", 24.0, 72.0),
        ("recall", "work", "barracks", "", 72.0, 82.0),
    ]


def test_withdrawal_may_be_forbidden_and_the_activation_says_what_it_waits_for(play: Any) -> None:
    training = task(3, {"until_day": 4}, may_withdraw=False)
    run = play(data({"training": training}, {"a": element(tier=1, commitment="training/post")}))
    assert duties(run, "a")[:2] == [("serve", "training", 0, 96), ("prepare", "regional_plans", 96, 106)]
    assert story(run, "a")[1] == ("commitment", "wait", "barracks", "training", 24.0, 96.0)


def test_a_pre_alert_withdraws_nobody(play: Any) -> None:
    training = task(3, {"until_day": 4}, may_withdraw=False)
    bat = element(tier=1, commitment="training/post", pre_alert_days=1)
    assert duties(play(data({"training": training}, {"a": bat})), "a")[0] == ("serve", "training", -24, 96)


def test_a_regime_may_allow_to_withdraw(play: Any) -> None:
    training = task(3, {}, may_withdraw=False)
    changes = {
        "regimes": {"conflict": {"may_withdraw": {"training": True}}},
        "timeline": [{"regime": "conflict", "day": 2}],
    }
    run = play(data({"training": training}, {"a": element(tier=1, commitment="training/post")}, **changes))
    assert duties(run, "a")[:2] == [("serve", "training", 0, 48), ("prepare", "regional_plans", 48, 58)]


def test_an_element_that_is_called_away_leaves_a_stage_and_begins_it_anew(play: Any) -> None:
    run = play(data({"guard": task(1, {"from_day": 29 / 24, "until_day": 2})}, {"a": element(tier=1)}))
    assert duties(run, "a") == [
        ("free", "", 0, 24),
        ("prepare", "regional_plans", 24, 29),
        ("serve", "guard", 29, 48),
        ("prepare", "regional_plans", 48, 58),
        ("serve", "regional_plans", 58, 240),
    ]
    assert story(run, "a")[-4] == ("recall", "work", "barracks", "", 48.0, 58.0), "all of it, for it was broken off"


def test_a_stage_that_does_not_break_off_is_finished_before_an_element_goes(play: Any) -> None:
    plain = data({"guard": task(1, {"from_day": 29 / 24, "until_day": 2})}, {"a": element(tier=1)})
    plain["activation"]["stages"]["recall"]["breaks_off"] = False
    run = play(plain)
    assert duties(run, "a") == [
        ("free", "", 0, 24),
        ("prepare", "regional_plans", 24, 34),
        ("serve", "guard", 34, 48),
        ("serve", "regional_plans", 48, 240),
    ]
    assert [span[:2] + span[3:] for span in story(run, "a")] == [
        ("decision", "wait", "political decision", 0.0, 24.0),
        ("recall", "work", "", 24.0, 34.0),
        ("commitment", "wait", "guard", 34.0, 48.0),
        ("ready", "milestone", "", 48.0, 48.0),
        ("in place", "milestone", "", 48.0, 48.0),
        ("effective", "milestone", "", 48.0, 48.0),
    ]


def test_an_enabler_that_is_withdrawn_is_an_enabler_no_more(play: Any) -> None:
    elements = {
        "hq": element(tier=1, capability="headquarters", requires=["signals"], hours={"recall": 50}),
        "signals": element(tier=1, capability="signals"),
    }
    crisis = task(1, {"capability": "signals", "from_day": 2, "until_day": 5}, redeploy_h=6)
    run = play(data({"crisis": crisis}, elements, horizon_days=10))
    # in place at 34, withdrawn at 48, free again at 126, back in place at once: the plans have no way to come back
    assert story(run, "hq")[-2:] == [
        ("effect", "wait", "barracks", "signals", 74.0, 126.0),
        ("effective", "milestone", "barracks", "", 126.0, 126.0),
    ]


def test_who_is_withdrawn_before_it_had_effect_has_it_after_it_came_back(play: Any) -> None:
    elements = {
        "bat": element(tier=1, destination="east", requires=["signals"]),
        "signals": element(tier=1, capability="signals", hours={"recall": 60}),
    }
    tasks = {"regional_plans": {"priority": 2, "redeploy_h": 5}, "crisis": task(1, {"from_day": 2, "until_day": 5})}
    run = play(data(tasks, elements))
    assert story(run, "bat")[2:] == [
        ("ready", "milestone", "barracks", "", 34.0, 34.0),
        ("in place", "milestone", "east", "", 34.0, 34.0),
        ("effect", "wait", "east", "signals", 34.0, 48.0),
        ("redeploy", "move", "east", "regional_plans", 48.0, 53.0),
        ("commitment", "wait", "barracks", "crisis", 53.0, 120.0),
        ("redeploy", "move", "east", "regional_plans", 120.0, 125.0),
        ("in place", "milestone", "east", "", 125.0, 125.0),
        ("effective", "milestone", "east", "", 125.0, 125.0),
    ]


# tours, relief and rest


def test_a_relief_comes_when_the_tour_is_over_and_who_is_relieved_rests(play: Any) -> None:
    mission = task(1, {"from_day": 1, "tour_days": 2, "longest_tour_days": 9, "rest_days": 1, "travel_h": 12},
                   redeploy_h=6)  # fmt: skip
    run = play(data({"mission": mission}, {"a": element(), "b": element()}))
    assert duties(run, "a")[:6] == [
        ("free", "", 0, 24),
        ("prepare", "mission", 24, 36),
        ("serve", "mission", 36, 96),  # the tour is over at 84, and relief is there at 96
        ("redeploy", "mission", 96, 102),
        ("rest", "", 102, 126),
        ("free", "", 126, 144),
    ]
    assert duties(run, "b")[:3] == [("free", "", 0, 84), ("prepare", "mission", 84, 96), ("serve", "mission", 96, 156)]


def test_of_two_beyond_their_tours_who_has_served_longer_is_relieved_first(play: Any) -> None:
    """Of tours of two days that began at 36 and 60. The third comes from the urgent task of five days, twelve hours
    later; the first is free then, and relieves the second."""
    mission = task(2, {"number": 2, "from_day": 1, "tour_days": 2, "longest_tour_days": 9, "travel_h": 12})
    urgent = {**task(1, {"until_day": 2}), "commitments": {"short": {"capability": "infantry", "until_day": 2}}}
    urgent["commitments"]["long"] = {"capability": "infantry", "until_day": 5}
    serves = {"b": element(commitment="urgent/short"), "c": element(commitment="urgent/long")}
    run = play(data({"mission": mission, "urgent": urgent}, {"a": element(), **serves}))
    served = {name: next(row for row in duties(run, name) if row[:2] == ("serve", "mission")) for name in "abc"}
    assert served == {
        "a": ("serve", "mission", 36, 132),
        "b": ("serve", "mission", 60, 144),
        "c": ("serve", "mission", 132, 192),
    }


def test_without_relief_an_element_serves_its_longest_tour_and_leaves_a_gap(play: Any) -> None:
    mission = task(1, {"from_day": 1, "tour_days": 2, "longest_tour_days": 3, "rest_days": 1})
    run = play(data({"mission": mission}, {"a": element()}))
    assert duties(run, "a")[1:4] == [
        ("serve", "mission", 24, 96),
        ("rest", "", 96, 120),
        ("serve", "mission", 120, 192),
    ]


def test_who_comes_back_before_its_tour_is_over_does_not_rest(play: Any) -> None:
    mission = task(1, {"until_day": 3, "tour_days": 4, "rest_days": 2})
    tasks = {"mission": mission, "defence": task(1, {"from_day": 3})}
    assert duties(play(data(tasks, {"a": element()})), "a") == [
        ("serve", "mission", 0, 72),
        ("serve", "defence", 72, 240),
    ]


def test_who_goes_on_from_its_tour_to_another_task_does_not_rest(play: Any) -> None:
    """Its tour was over on day 1, and no relief came; a crisis takes it on day 3. The last task takes who rests, and
    nobody from those before it."""
    tasks = {
        "mission": task(2, {"tour_days": 1, "longest_tour_days": 9, "rest_days": 5}),
        "crisis": task(1, {"from_day": 3}),
        "last": task(9, {"from_day": 5}, breaks_rest=True),
    }
    assert duties(play(data(tasks, {"a": element()})), "a") == [
        ("serve", "mission", 0, 72),
        ("serve", "crisis", 72, 240),
    ]


@pytest.mark.parametrize(("breaks_rest", "hour"), [(False, 96), (True, 72)])
def test_rest_is_broken_only_by_a_task_that_may(play: Any, breaks_rest: bool, hour: float) -> None:
    mission = task(1, {"until_day": 3, "tour_days": 2, "rest_days": 2})
    tasks = {"mission": mission, "defence": task(1, {"from_day": 3}, breaks_rest=breaks_rest)}
    run = play(data(tasks, {"a": element()}))
    assert duties(run, "a")[-1] == ("serve", "defence", hour, 240)


def test_of_those_who_rest_what_is_not_offered_is_called_on_first(play: Any) -> None:
    mission = task(1, {"number": 2, "until_day": 2, "tour_days": 1, "rest_days": 5})
    tasks = {"mission": mission, "defence": task(1, {"from_day": 3}, breaks_rest=True)}
    elements = {"t1": element(tier=1, commitment="mission/post"), "home": element(commitment="mission/post")}
    run = play(data({**tasks, "regional_plans": {"priority": 9}}, elements))
    assert set(run.duties.filter(pl.col("task") == "defence")["element"]) == {"home"}


def test_who_loses_an_element_and_has_all_that_it_asks_for_takes_no_other(play: Any) -> None:
    """The first is beyond its tour from 84 on, and its relief on the way, when a crisis takes it at 90. The signals,
    who would do too, stay at home."""
    mission = {"capability": "infantry | signals", "from_day": 1, "until_day": 5, "tour_days": 2, "travel_h": 12}
    tasks = {"mission": task(2, {**mission, "longest_tour_days": 9}), "crisis": task(1, {"from_day": 3.75})}
    run = play(data(tasks, {"a": element(), "b": element(), "radio": element(capability="signals")}))
    assert duties(run, "a")[2:] == [("serve", "mission", 36, 90), ("serve", "crisis", 90, 240)]
    assert duties(run, "b")[2] == ("serve", "mission", 96, 120)
    assert duties(run, "radio") == [("free", "", 0, 240)]


def test_a_task_takes_from_another_only_what_it_asks_for(play: Any) -> None:
    mission = task(2, {"capability": "infantry | signals", "number": 2})
    tasks = {"mission": mission, "crisis": task(1, {"from_day": 3, "number": 2})}
    run = play(data(tasks, {"radio": element(capability="signals"), "a": element()}))
    assert duties(run, "radio") == [("serve", "mission", 0, 240)]
    assert duties(run, "a") == [("serve", "mission", 0, 72), ("serve", "crisis", 72, 240)]


def test_the_plans_call_only_on_what_is_offered_even_at_rest(play: Any) -> None:
    mission = task(1, {"until_day": 2, "tour_days": 1, "rest_days": 5})
    crisis = task(1, {"from_day": 1.5, "until_day": 3})  # takes t1, while the other rests
    tasks = {"mission": mission, "crisis": crisis, "regional_plans": {"priority": 2, "breaks_rest": True}}
    run = play(data(tasks, {"home": element(commitment="mission/post"), "t1": element(tier=1)}))
    on_plans = run.duties.filter(pl.col("task") == "regional_plans")
    assert set(on_plans["element"]) == {"t1"}
    assert "rest" in [state for state, *_ in duties(run, "home")]


def test_an_element_that_serves_at_hour_0_has_part_of_its_tour_behind_it(play: Any) -> None:
    mission = task(1, {"tour_days": 4, "rest_days": 9})
    elements = {"a": element(commitment="mission/post"), "b": element()}
    ends = {duties(play(data({"mission": mission}, elements), seed=seed), "a")[0][3] for seed in range(20)}
    assert len(ends) == 20
    assert all(0 < end <= 96 for end in ends)


# policies


def four(**changes: Any) -> dict[str, Any]:
    return {name: element(tier=1, **changes) for name in "abcd"}


def on(run: Any, name: str) -> int:
    """Elements on a task at the end."""
    return run.duties.filter((pl.col("task") == name) & (pl.col("end_h") == run.horizon_h)).height


def test_strict_order_gives_all_to_the_first_task(play: Any) -> None:
    first, last = task(1, {"from_day": 3, "number": 3}), task(3, {"from_day": 3, "number": 3})
    run = play(data({"first": first, "last": last}, four()))
    assert (on(run, "first"), on(run, "regional_plans"), on(run, "last")) == (3, 1, 0)


def test_a_fork_to_another_order_takes_elements_at_once() -> None:
    tasks = {"guard": task(3, {"number": 4}, reserved_share={"infantry": 0.5}), "regional_plans": {"priority": 1}}
    given = data(tasks, four(commitment="guard/post"), policy="reserved")
    study = nfm.replicate(build_scenario(given, coast()), 1, jobs=1, keep="all")
    forked = nfm.fork(study, 4, changes={"policy": "strict"}, jobs=1, keep="all")
    left = forked.duties.filter((pl.col("task") == "guard") & (pl.col("state") == "serve"))["end_h"].to_list()
    assert sorted(left) == [24, 24, 96, 96]


def test_weights_share_the_elements_out(play: Any) -> None:
    tasks = {"regional_plans": {"weight": 3}, "guard": task(3, {"from_day": 3, "number": 4})}
    run = play(data(tasks, four(), policy="weights"))
    assert (on(run, "regional_plans"), on(run, "guard")) == (3, 1)
    tasks["regional_plans"]["weight"] = 1
    run = play(data(tasks, four(), policy="weights"))
    assert (on(run, "regional_plans"), on(run, "guard")) == (2, 2)
    tasks["regional_plans"]["weight"] = 8
    run = play(data(tasks, four(), policy="weights"))
    assert (on(run, "regional_plans"), on(run, "guard")) == (4, 0), "3.56 and 0.44, rounded"


def test_a_reserved_share_is_kept_from_higher_tasks(play: Any) -> None:
    tasks = {"guard": task(3, {"number": 4}, reserved_share={"infantry": 0.5}), "regional_plans": {"priority": 1}}
    run = play(data(tasks, four(commitment="guard/post"), policy="reserved"))
    assert (on(run, "regional_plans"), on(run, "guard")) == (2, 2)
    assert on(play(data(tasks, four(commitment="guard/post"), policy="strict")), "guard") == 0


# shares of pools


def held(run: Any, subject: str) -> list[tuple[float, float, float]]:
    mine = run.holdings.filter(pl.col("subject") == subject).sort("start_h", "end_h", "amount")
    return mine.select("amount", "start_h", "end_h").rows()


def share(priority: float, amount: float, **fields: Any) -> dict[str, Any]:
    return {"priority": priority, "commitments": {"share": {"pool": "guards", "number": amount, **fields}}}


def test_a_task_holds_a_share_of_a_pool_for_a_time(play: Any) -> None:
    tasks = {"home": share(1, 1.5, from_day=1, until_day=2), "too late": share(1, 1, from_day=10)}
    run = play(data(tasks, {}, pools={"guards": {"capacity": 4}}))
    assert held(run, "home/share") == [(0.5, 24, 48), (1.0, 24, 48)]
    assert run.commitments.select("task", "pool", "number", "start_h", "end_h").rows() == [
        ("home", "guards", 1.5, 24, 48)
    ]


def test_a_share_gives_way_to_that_of_a_higher_task_and_comes_back(play: Any) -> None:
    tasks = {"home": share(2, 2), "transit": share(1, 2, from_day=1, until_day=2)}
    run = play(data(tasks, {}, pools={"guards": {"capacity": 3}}))
    assert held(run, "transit/share") == [(1.0, 24, 48), (1.0, 24, 48)]
    assert held(run, "home/share") == [(1.0, 0, 24), (1.0, 0, 240), (1.0, 48, 240)]


def test_of_shares_behind_a_higher_task_the_last_gives_way(play: Any) -> None:
    tasks = {"low": share(3, 1), "mid": share(2, 1), "high": share(1, 1, from_day=1)}
    run = play(data(tasks, {}, pools={"guards": {"capacity": 2}}))
    assert [held(run, f"{name}/share") for name in tasks] == [[(1, 0, 24)], [(1, 0, 240)], [(1, 24, 240)]]
    tasks = {"first": share(2, 1), "second": share(2, 1), "high": share(1, 1, from_day=1)}
    run = play(data(tasks, {}, pools={"guards": {"capacity": 2}}))
    assert [held(run, f"{name}/share") for name in tasks] == [[(1, 0, 240)], [(1, 0, 24)], [(1, 24, 240)]]


def test_who_has_given_its_share_back_is_not_asked_for_it_again(play: Any) -> None:
    tasks = {"low": share(3, 1, until_day=1), "mid": share(2, 1), "high": share(1, 2, from_day=2)}
    run = play(data(tasks, {}, pools={"guards": {"capacity": 2}}))
    assert [held(run, f"{name}/share") for name in tasks] == [[(1, 0, 24)], [(1, 0, 48)], [(1, 48, 240), (1, 48, 240)]]


def test_a_share_that_finds_nothing_in_its_time_holds_nothing_after_it(play: Any) -> None:
    tasks = {"low": share(2, 1, from_day=1, until_day=2), "high": share(1, 1, until_day=3)}
    run = play(data(tasks, {}, pools={"guards": {"capacity": 1}}))
    assert [held(run, f"{name}/share") for name in tasks] == [[], [(1, 0, 72)]]


def test_a_share_that_may_not_be_withdrawn_stays(play: Any) -> None:
    tasks = {"home": {**share(2, 3), "may_withdraw": False}, "transit": share(1, 2, from_day=1)}
    run = play(data(tasks, {}, pools={"guards": {"capacity": 3}}))
    assert held(run, "transit/share") == []


def test_who_serves_staffs_a_pool_and_takes_its_teams_along(play: Any) -> None:
    transit = task(1, {"from_day": 1, "until_day": 3, "staffs": {"escort_teams": 1}})
    data_ = data(
        {"transit": transit},
        {"military police": element()},
        pools={"escort_teams": {"capacity": 0}},
        shares={"wheeled": {"column": 1.0}},
        flows={
            "flow": {
                "task": "transit",
                "destination": "east",
                "ships": {"ship": {"calls": [{"port": "harbour", "day": 2.8, "pieces": {"wheeled": 40}}]}},
            }
        },
    )
    run = play(data_)
    # the first column (20 pieces, discharged in 2 h, formed up in one) gets its escort at 70.2, which is back at 76.24;
    # the commitment ended at 72, and the second column gets no escort any more
    taken, back = pytest.approx(70.2, abs=1e-4), pytest.approx(76.24, abs=1e-4)
    assert held(run, "flow/ship/harbour/column-001")[-1] == (1.0, taken, back)
    assert duties(run, "military police")[-2:] == [("serve", "transit", 24, back), ("free", "", back, 240)]
    assert story(run, "flow/ship/harbour/column-002")[-1][3] == "escort_teams"
    assert run.pools.filter(pl.col("pool") == "escort_teams")["capacity"].to_list() == [1.0]


def test_who_is_called_away_waits_for_its_teams(play: Any) -> None:
    """Twenty vehicles, landed from 20 to 22 and formed up at 23, have its only escort until 29.04: 3.02 hours to the
    border, and back. The order comes at 24."""
    flow = {**one_ship("column", 20), "task": "transit"}
    flow["ships"]["ship"]["calls"][0]["day"] = 20 / 24
    transit = task(3, {"staffs": {"escort_teams": 1}})
    given = {"pools": {"escort_teams": {"capacity": 0}}, "flows": {"flow": flow}}
    told = story(play(data({"transit": transit}, {"military police": element(tier=1)}, **given)), "military police")
    assert told[1] == ("commitment", "wait", "barracks", "escort_teams", 24.0, pytest.approx(29.04, abs=1e-3))


@pytest.mark.parametrize(("transit", "first"), [(1, "flow/ship/harbour/column-001"), (3, "a/column-001")])
def test_at_pools_the_higher_task_is_served_first(play: Any, transit: float, first: str) -> None:
    changes = {
        "pools": {"escort_teams": {"capacity": 0, "arrivals": [{"day": 5, "amount": 1}]}},
        "shares": {"wheeled": {"column": 1.0}},
        "flows": {
            "flow": {
                "task": "transit",
                "destination": "east",
                "ships": {"ship": {"calls": [{"port": "harbour", "day": 1, "pieces": {"wheeled": 20}}]}},
            }
        },
    }
    bat = element(tier=1, pieces={"wheeled": 20}, destination="east")
    run = play(data({"transit": {"priority": transit}}, {"a": bat}, **changes))
    escorted = run.holdings.filter(pl.col("pool") == "escort_teams").sort("start_h")
    assert escorted.select("subject", "start_h").row(0) == (first, 120)


# the border and the regimes


@pytest.mark.parametrize(("regime", "hour"), [("peace", 44), ("conflict", 38)])
def test_in_conflict_military_trains_go_before_civil_ones(play: Any, regime: str, hour: float) -> None:
    changes = {
        "regimes": {"peace": {}, "conflict": {"running": []}},
        "timeline": [{"regime": regime, "day": 0}],
        "shares": {"wheeled": {"train": 1.0}},
    }
    bat = element(tier=1, pieces={"wheeled": 15}, destination="east", railhead="railhead")
    scenario = data({}, {"a": bat}, **changes)
    scenario["movement"]["train"]["running"] = ["20:00-06:00"]
    spans = story(play(scenario), "a/train-001")
    (depart,) = [span[4] for span in spans if span[1] == "move" and span[2] == "halt"]
    assert depart == pytest.approx(hour, abs=0.1), "loaded at 38, of which the first train hour in peace is 44"


def test_a_permit_is_asked_for_with_the_order(play: Any) -> None:
    changes = {
        "regimes": {"peace": {"permit_h": 72}, "conflict": {"permit_h": 6}},
        "shares": {"wheeled": {"column": 1.0}},
    }
    bat = element(tier=1, pieces={"wheeled": 10}, destination="east")
    run = play(data({}, {"a": bat}, **changes, timeline=[{"regime": "peace", "day": 0}]))
    assert story(run, "a")[3] == ("permit", "wait", "barracks", "border permit", 34.0, 96.0)
    run = play(data({}, {"a": bat}, **changes, timeline=[{"regime": "conflict", "day": 0}]))
    assert story(run, "a")[3][0] == "form up", "the permit is there before the element is ready"
    away = {"crisis": task(1, {"from_day": 29 / 24, "until_day": 5})}
    run = play(data(away, {"a": bat}, **changes, timeline=[{"regime": "peace", "day": 0}]))
    assert story(run, "a")[-2][:2] != ("permit", "wait")
    assert [span[4] for span in story(run, "a") if span[0] == "form up"] == [130.0], "it still has the permit of 96"


# relief with its pieces


LITHUANIA = {"from_day": 1, "tour_days": 2, "longest_tour_days": 9, "rest_days": 1, "travel_h": 12}


def rotation(**fields: Any) -> dict[str, Any]:
    """A mission in the east and two elements with four lorry loads each: two hours of loading, three and a half to the
    border, and ten beyond it."""
    mission = task(1, {**LITHUANIA, "destination": "east", **fields}, redeploy_h=6)
    elements = {"a": element(pieces={"wheeled": 4}), "b": element(pieces={"wheeled": 4})}
    given = data({"mission": mission}, elements, shares={"wheeled": {"truck": 1.0}})
    given["destinations"]["east"]["beyond_h"] = {"truck": 10}
    return given


def moved(run: Any) -> list[tuple[str, str, str, float, float]]:
    """What moved for tasks: part of what, from where, to where, from and until."""
    reliefs = run.subjects.filter(pl.col("what") == "relief").with_columns(turn=pl.col("subject").str.tail(4))
    keys = ["part_of", "origin", "destination", "turn"]
    hours = reliefs.join(run.spans, on="subject").group_by(keys).agg(pl.col("start_h").min(), pl.col("end_h").max())
    return hours.drop("turn").sort("start_h", "part_of").rows()


def test_a_relief_moves_its_pieces_there_and_back_and_overlaps_with_who_it_relieves(play: Any) -> None:
    run = play(rotation(overlap_days=0.5))
    assert duties(run, "a")[1:5] == [
        ("prepare", "mission", 24, 39.5),
        ("serve", "mission", 39.5, 115),  # the tour is over at 87.5, relief is there at 103, and both stay 12 hours
        ("redeploy", "mission", 115, 130.5),  # 13.5 on the way, and 2 to unload
        ("rest", "", 130.5, 154.5),
    ]
    assert moved(run)[:3] == [
        ("a", "barracks", "border", 24, 39.5),
        ("b", "barracks", "border", 87.5, 103),
        ("a", "border", "barracks", 115, 130.5),
    ]


def test_who_takes_pieces_over_travels_without_any_and_the_last_brings_them_back(play: Any) -> None:
    run = play(rotation(takes_over=True, until_day=5))
    assert duties(run, "a")[1:4] == [
        ("prepare", "mission", 24, 39.5),
        ("serve", "mission", 39.5, 99.5),
        ("redeploy", "mission", 99.5, 105.5),  # its people alone
    ]
    assert duties(run, "b")[1:4] == [
        ("prepare", "mission", 87.5, 99.5),
        ("serve", "mission", 99.5, 120),
        ("redeploy", "mission", 120, 135.5),
    ]
    assert moved(run) == [("a", "barracks", "border", 24, 39.5), ("b", "border", "barracks", 120, 135.5)]


def test_who_is_there_at_hour_0_has_the_pieces_that_its_relief_takes_over(play: Any) -> None:
    given = rotation(takes_over=True)
    del given["tasks"]["mission"]["commitments"]["post"]["from_day"]
    given["elements"]["a"]["commitment"] = "mission/post"
    assert not moved(play(given))


def test_who_is_withdrawn_brings_its_pieces_back_first(play: Any) -> None:
    given = rotation(takes_over=True)
    given["tasks"]["crisis"] = task(0, {"from_day": 3, "number": 2})
    run = play(given)
    assert duties(run, "a")[2:5] == [
        ("serve", "mission", 39.5, 72),
        ("redeploy", "mission", 72, 87.5),
        ("serve", "crisis", 87.5, 240),
    ]


def test_who_comes_without_relieving_anybody_sends_nobody_home(play: Any) -> None:
    """Both come at the start. Their tours are over at 98, before three days of overlap; nobody relieves them."""
    run = play(rotation(number=2, overlap_days=3, tour_days=2.5))
    assert [duties(run, name)[-1] for name in ("a", "b")] == [
        ("serve", "mission", 39.5, 240),
        ("serve", "mission", 41.5, 240),
    ]


def test_a_mission_that_ends_while_pieces_are_handed_over_brings_one_set_back(play: Any) -> None:
    """The relief is there at 98, and both stay until the end at 108; the first to leave has the only set."""
    run = play(rotation(takes_over=True, overlap_days=5, until_day=4.5))
    assert [row[:3] for row in moved(run)] == [("a", "barracks", "border"), ("a", "border", "barracks")]


def test_lorries_of_a_relief_are_gone_for_everybody_else(play: Any) -> None:
    """Four lorries are taken at once, loaded one after the other, and back after 27 hours on the way."""
    run = play(rotation() | {"pools": {"trucks": {"capacity": 4}}})
    held = run.holdings.filter((pl.col("pool") == "trucks") & (pl.col("start_h") < 26.5))
    assert held["subject"].str.starts_with("a/mission/post/truck").all()
    assert held.select("start_h", "end_h").rows() == [(24.0, 51.5), (24.0, 52.0), (24.0, 52.5), (24.0, 53.0)]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"destination": "west"}, 'tasks.mission.commitments.post.destination "west"'),
        ({"destination": None, "takes_over": True}, "must have the destination of the pieces"),
        ({"tour_days": None, "longest_tour_days": None, "overlap_days": 1}, "must have tour_days"),
    ],
)
def test_a_relief_that_cannot_be_is_named(coast_network: Any, fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError) as caught:
        build_scenario(rotation(**fields), coast_network)
    assert problem in str(caught.value)
