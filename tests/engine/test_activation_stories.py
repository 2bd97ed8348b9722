"""Small stories of activation, with hours worked out by hand."""

from typing import Any

import pytest

from tests.conftest import coast_data, story


def activation(**stages: Any) -> dict[str, Any]:
    return {"decision_h": 10, "stages": stages, "integration_h": 5}


def element(**fields: Any) -> dict[str, Any]:
    return {"tier": 1, "home": "barracks", **fields}


def test_an_element_passes_its_stages_one_after_another(play: Any) -> None:
    chain = activation(recall={"hours": 24}, materiel={"hours": 48})
    assert story(play(coast_data(activation=chain, elements={"bat": element()})), "bat") == [
        ("decision", "wait", "barracks", "political decision", 0.0, 10.0),
        ("recall", "work", "barracks", "", 10.0, 34.0),
        ("materiel", "work", "barracks", "", 34.0, 82.0),
        ("ready", "milestone", "barracks", "", 82.0, 82.0),
        ("integration", "work", "barracks", "", 82.0, 87.0),
        ("in place", "milestone", "barracks", "", 87.0, 87.0),
        ("effective", "milestone", "barracks", "", 87.0, 87.0),
    ]


def test_elements_share_a_workshop_and_the_lower_tier_number_goes_first(play: Any) -> None:
    chain = activation(materiel={"hours": 48, "pool": "workshop_bays"})
    data = coast_data(
        activation=chain,
        pools={"workshop_bays": {"capacity": 1}},
        elements={"first": element(tier=3), "third": element(tier=3), "second": element(tier=1)},
    )
    run = play(data)
    assert story(run, "second")[1] == ("materiel", "work", "barracks", "", 10.0, 58.0)
    assert story(run, "first")[1] == ("materiel", "wait", "barracks", "workshop_bays", 10.0, 58.0)
    assert story(run, "third")[1] == ("materiel", "wait", "barracks", "workshop_bays", 10.0, 106.0)


def test_a_stage_may_differ_by_tier_and_by_element(play: Any) -> None:
    chain = activation(recall={"hours": 24, "hours_by_tier": {"1": 6}})
    elements = {"t1": element(), "t2": element(tier=2), "own": element(hours={"recall": 1})}
    run = play(coast_data(activation=chain, elements=elements))
    ends = {name: story(run, name)[1][-1] for name in elements}
    assert ends == {"t1": 16.0, "t2": 34.0, "own": 11.0}


def test_a_stage_that_an_element_does_not_need_takes_no_time(play: Any) -> None:
    chain = activation(certification={"hours": 500, "share": 0})
    assert story(play(coast_data(activation=chain, elements={"bat": element()})), "bat")[1][0] == "ready"


def test_an_element_is_in_place_when_its_last_lot_is(play: Any) -> None:
    data = coast_data(
        activation=activation(),
        shares={"wheeled": {"column": 1.0}, "tracked": {"train": 1.0}},
        elements={"bat": element(pieces={"wheeled": 10, "tracked": 15}, railhead="railhead", destination="east")},
    )
    data["destinations"]["east"]["beyond_h"] = {"column": 30, "train": 40}
    run = play(data)
    # column: ready 10, formed up 11, 175 km in 3.5 h, tail 0.02 h, 30 h beyond the border
    assert story(run, "bat/column-001")[-1][-1] == pytest.approx(44.52, abs=1e-6)
    # tracked: 50 km by road to the railhead (1 h and a tail of 0.03 h), loaded in 3 h, 100 km by rail, 40 h beyond
    train = pytest.approx(10 + 1.03 + 3 + 2 + 40, abs=1e-6)
    assert story(run, "bat/train-001")[-1][-1] == train
    spans = story(run, "bat")
    assert spans[-3][:5] == ("integration", "work", "east", "", train)
    assert spans[2:-3] == story(run, "bat/train-001")[:-1], "the element's time is that of its last lot"


def test_an_element_is_effective_when_all_its_enablers_are_in_place(play: Any) -> None:
    chain = activation(recall={"hours": 24})
    elements = {
        "hq": element(requires=["signals", "staff support"]),
        "signals": element(hours={"recall": 50}),
        "staff support": element(hours={"recall": 80}),
    }
    run = play(coast_data(activation=chain, elements=elements))
    assert story(run, "hq")[-4:] == [
        ("in place", "milestone", "barracks", "", 39.0, 39.0),
        ("effect", "wait", "barracks", "signals", 39.0, 65.0),
        ("effect", "wait", "barracks", "staff support", 65.0, 95.0),
        ("effective", "milestone", "barracks", "", 95.0, 95.0),
    ]


def test_a_frigate_sails_by_itself(play: Any) -> None:
    elements = {"frigate": element(home="harbour", deploys_h=72)}
    spans = story(play(coast_data(activation=activation(), elements=elements)), "frigate")
    assert spans[2] == ("deploy", "move", "harbour", "", 10.0, 82.0)


def test_an_element_that_never_arrives_shows_what_it_waits_for(play: Any) -> None:
    data = coast_data(
        activation=activation(),
        pools={"escort_teams": {"capacity": 0, "arrivals": [{"day": 20, "amount": 1}]}},
        shares={"wheeled": {"column": 1.0}},
        elements={"bat": element(pieces={"wheeled": 20}, destination="east")},
    )
    assert story(play(data), "bat")[-1] == ("load", "wait", "barracks", "escort_teams", 11.0, 240.0)


def test_own_units_and_allies_share_the_escorts(play: Any) -> None:
    flow = {
        "destination": "east",
        "priority": 2,
        "shares": {"wheeled": {"column": 1.0}},
        "ships": {"ship": {"calls": [{"port": "harbour", "day": 0, "pieces": {"wheeled": 20}}]}},
    }
    data = coast_data(
        activation={"decision_h": 2.5},
        pools={"escort_teams": {"capacity": 1}},
        shares={"wheeled": {"column": 1.0}},
        elements={"bat": element(pieces={"wheeled": 20}, destination="east")},
        flows={"flow": flow},
    )
    run = play(data)
    wait = next(span for span in story(run, "bat/column-001") if span[3] == "escort_teams")
    # the allied column formed up from 2 to 3, was at the border at 6.04, and its escort is back at the harbour at 9.04
    assert wait[4:] == (3.5, pytest.approx(9.04, abs=1e-6))
