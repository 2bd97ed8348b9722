"""The stages of activation in depth, regimes, formations and partners: stories with exact hours."""

from typing import Any

import polars as pl
import pytest

from tests.conftest import coast_data, story


def element(**fields: Any) -> dict[str, Any]:
    return {"tier": 1, "home": "barracks", **fields}


def chain(**stages: Any) -> dict[str, Any]:
    return {"stages": stages}


def at(run: Any, subject: str, milestone: str) -> float:
    (hour,) = [span[4] for span in story(run, subject) if span[:2] == (milestone, "milestone")]
    return float(hour)


# recall


@pytest.mark.parametrize(
    ("g_day", "hours"),
    [
        ("2027-01-04T12:00:00", 24),  # Monday noon
        ("2027-01-04T23:00:00", 28),  # Monday night
        ("2027-01-07T12:00:00", 24),  # Thursday noon: it is over before Saturday
        ("2027-01-08T12:00:00", 36),  # Friday noon: it runs into Saturday
        ("2027-01-08T23:00:00", 40),  # Friday night
        ("2027-01-09T12:00:00", 36),  # Saturday noon
        ("2027-01-09T23:00:00", 40),  # Saturday night
    ],
)
def test_recall_takes_longer_by_night_and_in_the_weekend(play: Any, g_day: str, hours: float) -> None:
    stages = chain(recall={"kind": "recall", "hours": 24, "night_adds_h": 4, "weekend_adds_h": 12})
    data = coast_data(g_day=g_day, activation=stages, elements={"bat": element()})
    assert at(play(data), "bat", "ready") == hours


def test_a_regime_changes_decision_and_recall(play: Any) -> None:
    stages = {**chain(recall={"kind": "recall", "hours": 24}), "decision_h": 100}
    regimes = {"crisis": {"decision_h": 48, "recall_factor": 2}, "conflict": {"recall_factor": 0.5}}
    data = coast_data(activation=stages, elements={"bat": element()}, regimes=regimes)
    crisis = {**data, "timeline": [{"regime": "crisis", "day": 0}]}
    later = {**data, "timeline": [{"regime": "crisis", "day": 0}, {"regime": "conflict", "day": 2}]}
    assert at(play(data), "bat", "ready") == 124
    assert at(play(crisis), "bat", "ready") == 96
    assert at(play(later), "bat", "ready") == 60, "the recall begins at hour 48, when conflict has come"


def test_a_regime_changes_the_hours_in_which_columns_may_drive(play: Any) -> None:
    data = coast_data(
        shares={"wheeled": {"column": 1.0}},
        elements={"bat": element(pieces={"wheeled": 10}, destination="east")},
        regimes={"conflict": {"driving": []}},
        timeline=[{"regime": "conflict", "day": 0.5}],
    )
    data["movement"]["column"]["driving"] = ["22:00-06:00"]
    march = next(span for span in story(play(data), "bat/column-001") if span[1] == "move")
    assert march[4] == 1.0, "by night, before 06:00"
    data["g_day"] = "2027-01-04T08:00:00"
    march = next(span for span in story(play(data), "bat/column-001") if span[1] == "move")
    assert march[4] == 12.0, "all day from the hour of conflict"


# filling up


def people(run: Any) -> list[tuple[str, str, float]]:
    """Who got how many, and from whom ('' is from the pool)."""
    table = run.holdings.filter(pl.col("pool") == "infantry").sort("start_h", "subject", "place")
    return table.select("subject", "place", "amount").rows()


def manning(**changes: Any) -> dict[str, Any]:
    stages = chain(fill_up={"kind": "fill_up", "hours": 10, "full_share": 1.0, "donor_share": 0.5})
    stages["trades"] = {"other": {"infantry": 1.0}}
    pools = {"infantry": {"capacity": 0, **changes.pop("pool", {})}}
    return coast_data(activation=stages, pools=pools, **changes)


def test_the_unassigned_fill_a_unit_first(play: Any) -> None:
    data = manning(pool={"capacity": 50}, elements={"bat": element(personnel=100, filled_share=0.8)})
    run = play(data)
    assert at(run, "bat", "ready") == 10
    assert people(run) == [("bat", "", 20.0)]


def test_a_share_of_people_that_no_fraction_holds_is_not_rounded_up(play: Any) -> None:
    """7 % of 100 is 7, and not a little more, for whom an eighth would be waited for."""
    data = manning(pool={"capacity": 7}, elements={"bat": element(personnel=100, filled_share=0)})
    data["activation"]["trades"] = {"other": {"infantry": 0.07}}
    assert at(play(data), "bat", "ready") == 10


def test_filling_one_unit_drains_another(play: Any) -> None:
    elements = {
        "urgent": element(personnel=100, filled_share=0.7),
        "later": element(personnel=100, tier=3, hours={"recall": 100}),
    }
    data = manning(pool={"arrivals": [{"day": 5, "amount": 30}]}, elements=elements)
    data["activation"]["stages"] = {"recall": {"hours": 0}, **data["activation"]["stages"]}
    run = play(data)
    assert at(run, "urgent", "ready") == 10, "30 people come from the other unit at once"
    assert people(run) == [("urgent", "later", 30.0), ("later", "", 30.0)]
    assert ("fill_up", "wait", "barracks", "infantry", 100.0, 120.0) in story(run, "later")
    assert at(run, "later", "ready") == 130


def test_a_donor_keeps_its_share(play: Any) -> None:
    elements = {
        "urgent": element(personnel=100, filled_share=0.2),
        "later": element(personnel=100, tier=3, hours={"recall": 100}),
    }
    data = manning(pool={"arrivals": [{"day": 3, "amount": 100}]}, elements=elements)
    data["activation"]["stages"] = {"recall": {"hours": 0}, **data["activation"]["stages"]}
    assert people(play(data))[:2] == [("urgent", "later", 50.0), ("urgent", "", 30.0)]


def test_people_come_from_the_unassigned_then_from_the_least_urgent(play: Any) -> None:
    """Five are missing of ten: one is unassigned, and of four people units keep two."""
    elements = {
        "urgent": element(personnel=10, filled_share=0.5),
        "second": element(personnel=10, filled_share=0.9, hours={"recall": 50}),
        "sooner": element(personnel=4, tier=2, hours={"recall": 100}),
        "later": element(personnel=4, tier=3, hours={"recall": 100}),
    }
    data = manning(pool={"capacity": 1, "arrivals": [{"day": 3, "amount": 1}]}, elements=elements)
    data["activation"]["stages"] = {"recall": {"hours": 0}, **data["activation"]["stages"]}
    run = play(data)
    assert people(run)[:4] == [("urgent", "", 1), ("urgent", "later", 2), ("urgent", "sooner", 2), ("second", "", 1)]
    assert at(run, "urgent", "ready") == 10
    assert at(run, "second", "ready") == 82, "the units can give no more, and one reports on day 3"


@pytest.mark.parametrize(("full_share", "given"), [(0.95, 5), (0.9, 4), (0.5, 0), (0.4, 0)])
def test_a_unit_fills_up_to_its_share_in_whole_people(play: Any, full_share: float, given: int) -> None:
    data = manning(pool={"capacity": 9}, elements={"bat": element(personnel=10, filled_share=0.5)})
    data["activation"]["stages"]["fill_up"]["full_share"] = full_share
    assert people(play(data)) == ([("bat", "", given)] if given else [])


def test_a_unit_gives_nobody_once_it_fills_up_itself(play: Any) -> None:
    elements = {
        "later": element(personnel=100, tier=3),
        "urgent": element(personnel=100, filled_share=0.8, hours={"recall": 5}),
    }
    data = manning(elements=elements)
    data["activation"]["stages"] = {"recall": {"hours": 0}, **data["activation"]["stages"]}
    run = play(data)
    assert people(run) == []
    assert story(run, "urgent")[-1][:4] == ("fill_up", "wait", "barracks", "infantry")


def test_reservists_come_only_where_the_regime_calls_them_up(play: Any) -> None:
    cadre = element(personnel=900, filled_share=0.3)
    pool = {"call_up": True, "arrivals": [{"day": 1, "amount": 400}, {"day": 2, "amount": 400}]}
    data = manning(pool=pool, elements={"ssb": cadre})
    assert story(play(data), "ssb")[-1][:4] == ("fill_up", "wait", "barracks", "infantry")
    data["regimes"] = {"conflict": {"call_up": True}}
    data["timeline"] = [{"regime": "conflict", "day": 3}]
    assert at(play(data), "ssb", "ready") == 5 * 24 + 10, "630 are missing: both waves, two days after day 3"


# repair


def repairs(**stage: Any) -> dict[str, Any]:
    bays = {"wheeled": "wheeled_bays", "tracked": "tracked_bays"}
    return chain(materiel={"kind": "repair", "repair_h": 10, "bays": bays, **stage})


def test_broken_pieces_are_repaired_in_their_bays(play: Any) -> None:
    bat = element(pieces={"wheeled": 20, "tracked": 10}, mission_capable_share=0.8)
    pools = {"wheeled_bays": {"capacity": 9}, "tracked_bays": {"capacity": 9}}
    data = coast_data(activation=repairs(at_once=2), pools=pools, elements={"bat": bat})
    # 4 wheeled and 2 tracked, two at a time, 10 hours each
    assert at(play(data), "bat", "ready") == 30


def test_units_share_the_bays(play: Any) -> None:
    bat = element(pieces={"wheeled": 20}, mission_capable_share=0.9)
    pools = {"wheeled_bays": {"capacity": 1}, "tracked_bays": {"capacity": 1}}
    elements = {"first": bat, "second": {**bat, "tier": 2}}
    run = play(coast_data(activation=repairs(at_once=1), pools=pools, elements=elements))
    assert [at(run, name, "ready") for name in elements] == [30, 40], "the first comes first at every turn but one"


def test_spare_parts_run_out_until_more_come(play: Any) -> None:
    bat = element(pieces={"wheeled": 20}, mission_capable_share=0.8)
    pools = {
        "wheeled_bays": {"capacity": 9},
        "spares": {"capacity": 3, "arrivals": [{"day": 4, "amount": 10}]},
        "tracked_bays": {"capacity": 1},
    }
    data = coast_data(activation=repairs(at_once=4, spares={"wheeled": "spares"}), pools=pools, elements={"bat": bat})
    run = play(data)
    assert at(run, "bat", "ready") == 4 * 24 + 10
    assert run.pools.filter(pl.col("pool") == "spares")["capacity"].to_list() == [13.0]


# issue


def test_issue_uses_the_docks_of_the_depot_in_its_opening_hours(play: Any) -> None:
    bat = element(pieces={"wheeled": 40}, depot="halt")
    docks = {"capacity": 1, "rate_per_h": 10, "open": ["08:00-16:00"]}
    data = coast_data(
        activation=chain(issue={"kind": "issue"}),
        places={"halt": {"docks": docks}},
        elements={"first": bat, "second": bat, "third": bat},
    )
    run = play(data)
    assert [at(run, name, "ready") for name in ("first", "second", "third")] == [12, 16, 36]
    assert story(run, "third")[0] == ("issue", "wait", "halt", "docks", 0.0, 16.0)
    assert story(run, "third")[1] == ("issue", "wait", "halt", "closed hours", 16.0, 32.0)


def test_who_has_no_depot_draws_nothing(play: Any) -> None:
    data = coast_data(activation=chain(issue={"kind": "issue"}), elements={"hq": element(pieces={"wheeled": 9})})
    assert at(play(data), "hq", "ready") == 0


def test_who_has_no_pieces_waits_for_no_dock(play: Any) -> None:
    full = element(pieces={"wheeled": 10}, depot="halt")
    data = coast_data(
        activation=chain(issue={"kind": "issue"}),
        places={"halt": {"docks": {"capacity": 1, "rate_per_h": 1}}},
        elements={"full": full, "empty": element(tier=2, depot="halt")},
    )
    assert [at(play(data), name, "ready") for name in ("full", "empty")] == [10, 0]


# pre-alert


def test_a_pre_alerted_unit_passes_its_early_stages_before_hour_0(play: Any) -> None:
    stages = {
        **chain(recall={"hours": 24}, materiel={"hours": 100}, issue={"hours": 10}),
        "decision_h": 12,
        "pre_alert_stages": ["recall", "materiel"],
    }
    data = coast_data(activation=stages, elements={"bat": element(pre_alert_days=10), "other": element()})
    run = play(data)
    assert story(run, "bat")[:4] == [
        ("recall", "work", "barracks", "", -240.0, -216.0),
        ("materiel", "work", "barracks", "", -216.0, -116.0),
        ("decision", "wait", "barracks", "political decision", -116.0, 12.0),
        ("issue", "work", "barracks", "", 12.0, 22.0),
    ]
    assert at(run, "other", "ready") == 146


def test_a_pre_alert_that_is_too_short_still_helps(play: Any) -> None:
    stages = {**chain(materiel={"hours": 100}), "pre_alert_stages": ["materiel"]}
    data = coast_data(activation=stages, elements={"bat": element(pre_alert_days=1)})
    assert story(play(data), "bat")[0] == ("materiel", "work", "barracks", "", -24.0, 76.0)


def test_a_pre_alerted_unit_that_is_called_away_asks_for_its_permit_from_the_order_on(play: Any) -> None:
    """The order comes at 48; the unit is on the other task until then, and its permit takes 100 hours."""
    first = {"priority": 0, "commitments": {"first": {"capability": "inf", "from_day": 1, "until_day": 2}}}
    data = coast_data(
        activation={"decision_h": 48, "stages": {}},
        elements={"bat": element(capability="inf", pre_alert_days=1, pieces={"wheeled": 1}, destination="east")},
        shares={"wheeled": {"truck": 1.0}},
        tasks={"regional_plans": {}, "other": first},
        regimes={"crisis": {"permit_h": 100}},
        timeline=[{"regime": "crisis", "day": 0}],
    )
    assert [span[4:] for span in story(play(data), "bat") if span[0] == "permit"] == [(48, 148)]


# enablers, partners, formations


def test_of_alternatives_the_first_will_do(play: Any) -> None:
    elements = {
        "hq": element(requires="cis; own signals | partner signals"),
        "cis": element(hours={"recall": 10}),
        "own signals": element(hours={"recall": 90}),
        "partner signals": element(hours={"recall": 40}),
    }
    run = play(coast_data(activation=chain(recall={"hours": 0}), elements=elements))
    assert at(run, "hq", "effective") == 40
    assert ("effect", "wait", "barracks", "own signals or partner signals", 10.0, 40.0) in story(run, "hq")


def test_two_that_require_each_other_wait_for_the_later(play: Any) -> None:
    elements = {"a": element(requires=["b"]), "b": element(requires=["a"], hours={"recall": 30})}
    run = play(coast_data(activation=chain(recall={"hours": 5}), elements=elements))
    assert [at(run, name, "effective") for name in "ab"] == [30, 30]


def test_the_first_of_two_partners_waits_for_the_other(play: Any) -> None:
    elements = {
        "early": element(partner="1. Panzerdivision", partner_h=50, hours={"recall": 20}),
        "late": element(partner="1. Panzerdivision", partner_h=50, hours={"recall": 80}),
        "other": element(partner_h=30, hours={"recall": 20}),
    }
    run = play(coast_data(activation=chain(recall={"hours": 0}), elements=elements))
    assert ("synchronise", "wait", "barracks", "1. Panzerdivision", 20.0, 50.0) in story(run, "early")
    assert at(run, "late", "effective") == 80
    assert ("synchronise", "wait", "barracks", "partner", 20.0, 30.0) in story(run, "other")


def test_partners_that_are_both_elements_wait_for_each_other(play: Any) -> None:
    elements = {
        "squadron": element(partner="f35_partner", hours={"recall": 20}),
        "f35_partner": element(nation="NO", partner="squadron", hours={"recall": 70}),
    }
    run = play(coast_data(activation=chain(recall={"hours": 0}), elements=elements))
    assert [at(run, name, "effective") for name in elements] == [70, 70]
    assert ("effect", "wait", "barracks", "f35_partner", 20.0, 70.0) in story(run, "squadron")


def test_a_formation_is_in_place_with_a_share_and_effective_with_its_headquarters(play: Any) -> None:
    elements = {
        "hq": element(parent="brigade", hours={"recall": 60}),
        "bat 1": element(parent="brigade", hours={"recall": 10}),
        "bat 2": element(parent="brigade", hours={"recall": 30}),
        "bat 3": element(parent="brigade", hours={"recall": 200}),
        "medical": element(hours={"recall": 70}),
    }
    formations = {"brigade": {"in_place_share": 0.5, "headquarters": "hq", "requires": ["medical"]}}
    run = play(coast_data(activation=chain(recall={"hours": 0}), elements=elements, formations=formations))
    assert story(run, "brigade") == [
        ("assemble", "wait", "", "bat 1", 0.0, 10.0),
        ("assemble", "wait", "", "bat 2", 10.0, 30.0),
        ("in place", "milestone", "", "", 30.0, 30.0),
        ("effect", "wait", "", "hq", 30.0, 60.0),
        ("effect", "wait", "", "medical", 60.0, 70.0),
        ("effective", "milestone", "", "", 70.0, 70.0),
    ]
