"""Forces as they are compiled: reserves, needs of formations, people, stages and pools."""

from typing import Any

import polars as pl
import pytest

from nfm_sim.compile import compile_scenario
from nfm_sim.plan import Plan
from nfm_sim.plan.forces import IssuePlan, People
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data
from tests.engine.test_activation_depth import at, chain
from tests.engine.test_activation_depth import element as unit
from tests.engine.test_task_stories import element, task

NETWORK = coast()


def planned(**changes: Any) -> Plan:
    return compile_scenario(build_scenario(coast_data(**changes), NETWORK))


def reserves(elements: dict[str, Any], commitments: dict[str, Any], **share: float) -> list[int]:
    posts = {name: {"number": 9, **commitment} for name, commitment in commitments.items()}
    guard = {"priority": 3, "reserved_share": share, "commitments": posts}
    plan = planned(elements=elements, tasks={"regional_plans": {}, "guard": guard}, policy="reserved")
    return [commitment.reserve for commitment in plan.commitments if commitment.task.name == "guard"]


FOUR = {name: element(tier=1) for name in "abcd"}
TWO = {name: element(capability="signals") for name in "ef"}


def test_what_is_reserved_for_a_task_goes_to_its_commitments_in_their_order() -> None:
    infantry = {"capability": "infantry"}
    assert reserves(FOUR, {"first": {**infantry, "number": 1}, "second": infantry}, infantry=0.5) == [1, 1]
    assert reserves(FOUR, {"first": {**infantry, "number": 2}, "second": infantry}, infantry=0.5) == [2, 0]
    both = {"either": {"capability": "signals | infantry", "number": 2}}
    assert reserves(FOUR | TWO, both, infantry=0.5, signals=0.5) == [2], "one of the signals, one of the infantry"
    assert reserves(FOUR | TWO, {"post": infantry, "radio": {"capability": "signals"}}, signals=0.5) == [0, 1]
    assert reserves(FOUR | TWO, {"post": infantry, "radio": {"capability": "signals"}}, other=0.5) == [2, 1]
    assert reserves(FOUR, {"post": infantry}, infantry=0.7) == [2], "whole elements alone"
    assert reserves({f"{n}": element() for n in range(100)}, {"post": {**infantry, "number": 99}}, infantry=0.57) == [
        57
    ]


def test_the_regional_plans_ask_for_all_that_is_offered_of_each_capability() -> None:
    plan = planned(elements=FOUR | TWO | {"g": element(capability="signals", tier=3)})
    offers = [(commitment.capabilities, commitment.number, commitment.offers) for commitment in plan.commitments]
    assert offers == [(("infantry",), 4, True), (("signals",), 1, True)]


@pytest.mark.parametrize(
    ("number", "share", "needed"), [(20, 0.55, 11), (3, 0.5, 2), (4, 0.5, 2), (5, 1, 5), (3, 0.01, 1)]
)
def test_a_formation_needs_its_share_of_elements_rounded_up(number: int, share: float, needed: int) -> None:
    elements = {f"bat {n}": unit(parent="brigade") for n in range(number - 1)} | {"own": unit(), "other": unit()}
    formation = {"elements": ["own"], "in_place_share": share}
    (plan,) = planned(elements=elements, formations={"brigade": formation}).formations
    assert set(plan.elements) == elements.keys() - {"other"}
    assert plan.needed == needed


def test_people_of_an_element_are_those_of_its_trades() -> None:
    trades = {"infantry": {"rifles": 0.75, "drivers": 0.25}, "other": {"drivers": 1.0}}
    stages = {"fill_up": {"kind": "fill_up", "hours": 1, "full_share": 1.0}}
    elements = {
        "bat": element(personnel=100, filled_share=0.5),
        "signals": element(capability="signals", personnel=40),
        "nobody": element(capability="signals"),
    }
    pools = {"rifles": {"capacity": 0}, "drivers": {"capacity": 0}}
    plan = planned(activation={"stages": stages, "trades": trades}, elements=elements, pools=pools)
    assert plan.people == {
        "bat": {"rifles": People(75, 37.5), "drivers": People(25, 12.5)},
        "signals": {"drivers": People(40, 40)},
        "nobody": {"drivers": People(0, 0)},
    }


# stages


def test_a_recall_takes_its_usual_time_before_the_first_regime(play: Any) -> None:
    stages = chain(recall={"kind": "recall", "hours": 24})
    regimes = {"crisis": {"recall_factor": 2}}
    data = coast_data(activation=stages, elements={"bat": unit()}, regimes=regimes)
    assert at(play({**data, "timeline": [{"regime": "crisis", "day": 5}]}), "bat", "ready") == 24


def test_repair_is_of_the_pieces_that_there_are_and_in_the_elements_own_time(play: Any) -> None:
    bays = {"wheeled": "wheeled_bays", "tracked": "tracked_bays"}
    stages = chain(materiel={"kind": "repair", "repair_h": 10, "bays": bays, "at_once": 1})
    pools = {"wheeled_bays": {"capacity": 9}, "tracked_bays": {"capacity": 9}}
    none = {"pieces": {"wheeled": 2}, "mission_capable_share": 0.0}
    elements = {
        "usual": unit(**none),
        "quick": unit(**none, hours={"materiel": 3}),
        "whole": unit(pieces={"wheeled": 9}),
    }
    run = play(coast_data(activation=stages, pools=pools, elements=elements))
    assert [at(run, name, "ready") for name in elements] == [20, 6, 0]


def test_a_stage_may_be_needed_by_one_tier_and_not_by_another(play: Any) -> None:
    stages = chain(training={"hours": 50, "share": 1, "share_by_tier": {"2": 0}}, issue={"hours": 4, "share": 0})
    run = play(coast_data(activation=stages, elements={"first": unit(), "second": unit(tier=2)}))
    assert [at(run, name, "ready") for name in ("first", "second")] == [50, 0]


def test_a_stage_without_a_pool_takes_none() -> None:
    stages = chain(recall={"hours": 1}, training={"hours": 1, "pool": "areas", "amount": 2})
    (bat,) = planned(activation=stages, elements={"bat": unit()}, pools={"areas": {"capacity": 3}}).elements
    assert [tuple(step.stage.needs()) for step in bat.stages] == [(), ((("", "areas"), 2),)]


def test_a_stage_waits_for_what_comes_in_and_for_what_elements_bring(play: Any) -> None:
    stages = chain(training={"hours": 5, "pool": "areas", "amount": 2})
    pools = {"areas": {"capacity": 1, "arrivals": [{"day": 1, "amount": 2}]}}
    assert at(play(coast_data(activation=stages, elements={"bat": unit()}, pools=pools)), "bat", "ready") == 29
    guard = task(1, {"capability": "guard", "from_day": 2, "staffs": {"areas": 1}})
    units = {"bat": unit(), "guard": unit(tier=None, capability="guard")}
    pools = {"areas": {"capacity": 1}}
    run = play(coast_data(activation=stages, elements=units, pools=pools, tasks={"home": guard, "regional_plans": {}}))
    assert at(run, "bat", "ready") == 53


def test_who_has_no_depot_takes_no_dock() -> None:
    stages = chain(issue={"kind": "issue", "docks": "docks"})
    docks = {"harbour": {"docks": {"capacity": 1, "rate_per_h": 2}}}
    units = {"bat": unit(), "other": unit(depot="harbour", pieces={"wheeled": 1})}
    bat, other = planned(activation=stages, elements=units, places=docks).elements
    assert bat.stages[0].stage == IssuePlan("issue", "barracks", None, 0.0, None)
    assert tuple(other.stages[0].stage.needs()) == ((("harbour", "docks"), 1.0),)


def test_tasks_have_the_hours_that_they_are_given() -> None:
    mission = task(1, {"from_day": 1, "until_day": 9, "tour_days": 2, "longest_tour_days": 3, "rest_days": 4})
    plain = task(1, {"tour_days": 2})
    plan = planned(elements=FOUR, tasks={"regional_plans": {}, "mission": mission, "plain": plain})
    hours = {c.task.name: (c.from_h, c.until_h, c.tour_h, c.longest_tour_h, c.rest_h) for c in plan.commitments}
    assert hours["mission"] == (24, 216, 48, 72, 96)
    assert hours["plain"] == (-float("inf"), float("inf"), 48, 48, 0)
    assert hours["regional_plans"][2:4] == (float("inf"), float("inf"))


# pools


def test_the_most_that_a_pool_can_have_counts_all_that_comes() -> None:
    arrivals = [{"day": 1, "amount": 2}, {"day": 3, "amount": 4}]
    posts = {
        "post": {"capability": "infantry", "number": 3, "staffs": {"teams": 2}},
        "share": {"pool": "teams", "number": 1, "staffs": {"teams": 9}},  # which only elements can bring
    }
    flow = {"destination": "east", "task": "home", "airlifts": {"a": {"airport": "barracks", "day": 0, "people": 9}}}
    plan = planned(
        elements=FOUR,
        pools={
            "teams": {"capacity": 1, "arrivals": arrivals},
            "reserves": {"capacity": 5, "call_up": True, "arrivals": arrivals},
        },
        tasks={"regional_plans": {}, "home": {"commitments": posts}},
        regimes={"war": {"call_up": True}, "peace": {}},
        timeline=[{"regime": "peace", "day": 0}, {"regime": "war", "day": 7}, {"regime": "war", "day": 9}],
        flows={"flow": flow},
    )
    teams, reservists, crews = (plan.pools[key] for key in (("", "teams"), ("", "reserves"), ("flow", "crews")))
    assert (teams.capacity, teams.arrivals, teams.attainable) == (1, ((24, 2), (72, 4)), 1 + 6 + 3 * 2)
    assert reservists.arrivals == ((8 * 24, 2), (10 * 24, 4)), "from the first regime that calls them up"
    assert (crews.capacity, crews.attainable) == (0, 9)


def test_facilities_have_no_people_of_their_own(play: Any) -> None:
    from tests.conftest import one_ship

    run = play(coast_data(flows={"flow": one_ship("truck", 1)}, pools={"trucks": {"capacity": 1, "people": 2}}))
    assert set(run.pools.select("pool", "people").rows()) >= {("trucks", 2.0), ("berths", 0.0)}
    assert run.pools.filter(pl.col("place") == "harbour")["people"].sum() == 0
