"""Measures on stories whose answers are known."""

from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from nfm_sim import measures
from tests.conftest import coast_data, one_ship


def rows(table: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return table.select(*columns).rows()


@pytest.fixture
def three_elements(play: Any) -> Any:
    """Ready at 34, 82 and 300; the last one's integration ends after the horizon."""
    chain = {"decision_h": 10, "stages": {"recall": {"hours": 24}}, "integration_h": 100}
    hours = {"a": 24, "b": 72, "c": 290}
    elements = {name: {"tier": 1, "home": "barracks", "hours": {"recall": h}} for name, h in hours.items()}
    return play(coast_data(activation=chain, elements=elements, horizon_days=15))


def test_readiness_compares_each_element_with_its_tiers_deadline(three_elements: Any) -> None:
    assert rows(measures.readiness(three_elements), "element", "ready_h", "in_place_h", "on_time") == [
        ("a", 34.0, 134.0, True),
        ("b", 82.0, 182.0, True),
        ("c", 300.0, None, False),
    ]


def test_on_time_counts_from_the_order(play: Any) -> None:
    """The decision takes two days, and tier 1 has ten from then on."""
    chain = {"decision_h": 48, "stages": {"recall": {"hours": 0}}}
    elements = {
        name: {"tier": 1, "home": "barracks", "hours": {"recall": h}} for name, h in {"a": 240, "b": 241}.items()
    }
    run = play(coast_data(activation=chain, elements=elements, horizon_days=20))
    assert rows(measures.readiness(run), "ready_h", "deadline_h", "on_time") == [(288, 240, True), (289, 240, False)]
    assert rows(measures.readiness_by_element(run), "ready_by_deadline", "ready_late_days") == [(1, None), (0, 1 / 24)]


def test_what_the_horizon_hides_is_missing_and_not_late(play: Any) -> None:
    chain = {"decision_h": 10, "stages": {"recall": {"hours": 100}}}
    data = coast_data(activation=chain, elements={"a": {"tier": 2, "home": "barracks"}}, horizon_days=4)
    assert rows(measures.readiness(play(data)), "ready_h", "on_time") == [(None, None)]
    assert measures.readiness_by_tier(play(data))["ready_by_deadline"].to_list() == [None]


def test_readiness_by_tier(three_elements: Any) -> None:
    (row,) = measures.readiness_by_tier(three_elements).to_dicts()
    assert row["elements"] == 3
    assert row["ready_by_deadline"] == pytest.approx(2 / 3)
    assert row["ready_median_h"] == 82.0
    assert row["in_place_median_h"] == 182.0
    assert row["in_place_share"] == pytest.approx(2 / 3)


def test_the_readiness_curve_climbs_from_none_to_those_that_are_ready(three_elements: Any) -> None:
    curve = measures.readiness_curve(three_elements, step_h=50).filter(pl.col("milestone") == "ready")
    shares = dict(rows(curve, "hour", "share"))
    assert shares[0] == 0
    assert shares[50] == pytest.approx(1 / 3)
    assert shares[100] == pytest.approx(2 / 3)
    assert shares[300] == 1


def test_closure_by_flow(play: Any) -> None:
    # trucks of 1 piece, discharged at 0.1 h, 0.2 h, ...; loaded in 0.5 h one after another; 3 h to the border
    run = play(coast_data(flows={"flow": {**one_ship("truck", 3), "required_day": 0.18}}))
    (row,) = measures.closure(run).to_dicts()
    assert (row["pieces"], row["closed_pieces"]) == (3, 3)
    assert [row[k] for k in ("first_h", "median_h", "last_h")] == pytest.approx([3.6, 4.1, 4.6], abs=1e-5)
    assert row["on_time_share"] == pytest.approx(2 / 3), "4.32 hours were asked for"
    assert row["mean_h"] == pytest.approx((3.6 + 4.1 + 4.6) / 3, abs=1e-5)


def test_half_of_the_pieces_have_closed_when_exactly_half_have(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("truck", 4)}))  # they close at 3.6, 4.1, 4.6 and 5.1
    assert measures.closure(run)["median_h"].to_list() == [pytest.approx(4.1, abs=1e-5)]


def test_a_flow_that_does_not_close_has_no_last_hour(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("truck", 3)}, horizon_days=4.2 / 24))
    (row,) = measures.closure(run).to_dicts()
    assert row["closed_pieces"] == 2
    assert row["median_h"] == pytest.approx(4.1, abs=1e-5)
    assert row["last_h"] is None
    assert row["mean_h"] is None
    assert row["on_time_share"] is None


def test_the_closure_curve_counts_pieces(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("truck", 3)}, horizon_days=1))
    assert rows(measures.closure_curve(run, step_h=4).head(3), "hour", "pieces") == [(0, 0), (4, 1), (8, 3)]


def test_an_answer_that_studies_keep_is_made_once_of_a_run(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("truck", 3)}))
    for measure in (measures.closure, measures.readiness, measures.operation):
        assert measure(run) is measure(run)
        assert measure(run).equals(measures.KEPT[measure.__name__](run))


def test_what_comes_exactly_at_its_deadline_is_in_time(play: Any) -> None:
    """The last of 29 pieces closes at 29 x 0.1 + 0.1 + 3 = 6 h, or ticks after it: a tenth is rounded up."""
    at_once = {"harbour": {"truck_ramps": {"rate_per_h": 10}}}
    flow = {**one_ship("truck", 29), "required_day": 0.25}
    run = play(coast_data(flows={"flow": flow}, places=at_once, horizon_days=1))
    assert 6 < measures.closure(run)["last_h"][0] < 6 + 1 / 3600
    assert measures.closure(run)["on_time_share"][0] == 1
    assert measures.closure_curve(run, 6)["pieces"].to_list() == [0, 29, 29, 29, 29]
    late = play(coast_data(flows={"flow": {**flow, "required_day": 5.999 / 24}}, places=at_once, horizon_days=1))
    assert measures.closure(late)["on_time_share"][0] == 28 / 29


def test_the_deadlines_of_tiers_and_demands_are_kept_to_the_second_too(play: Any) -> None:
    """Three stages of a tenth of an hour each end at 0.3 h and a tick."""
    stages = {name: {"hours": 0.1} for name in ("warning", "recall", "issue")}
    element = {"home": "barracks", "capability": "infantry", "tier": 1}
    plans = {"north": {"versions": {"first": {"demands": [{"capability": "infantry", "day": 0.0125}]}}}}
    asked = {"activation": {"stages": stages}, "elements": {"a": element}, "plans": plans, "deadline_days": {1: 0.0125}}
    run = play(coast_data(**asked, horizon_days=0.1))
    ready = measures.readiness(run).row(0, named=True)
    assert 0.3 < ready["ready_h"] < 0.3 + 1 / 3600
    assert ready["on_time"]
    assert measures.readiness_by_element(run).select("ready_by_deadline", "ready_late_days").row(0) == (1, None)
    assert measures.demands_met(run).select("on_time", "late").row(0) == (1, 0)
    assert measures.gap(run, step_h=0.3)["gap"].sum() == 0


def test_departures_by_day(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("truck", 60)}))  # loaded at 2 an hour, the first from 0.1 h
    table = measures.departures_by_day(run)
    assert rows(table, "day", "movements") == [(0, 47), (1, 13)]


def test_waits_name_place_and_cause_worst_first(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("truck", 3)}))
    worst = measures.waits(run).to_dicts()
    by_cause = {row["cause"]: row for row in worst}
    # the second and third truck wait for the one ramp: 0.6 - 0.2 and 1.1 - 0.3
    assert by_cause["truck_ramps"]["hours"] == pytest.approx(1.2, abs=1e-5)
    assert by_cause["truck_ramps"]["waits"] == 2
    assert by_cause["truck_ramps"]["longest_h"] == pytest.approx(0.8, abs=1e-5)
    assert by_cause["gangs of the ship"]["hours"] == pytest.approx(0.3, abs=1e-5)
    assert [row["piece_hours"] for row in worst] == sorted((row["piece_hours"] for row in worst), reverse=True)


def test_a_wait_that_an_element_shares_with_its_last_lot_counts_once(play: Any) -> None:
    data = coast_data(
        activation={"decision_h": 10},
        pools={"escort_teams": {"capacity": 0, "arrivals": [{"day": 20, "amount": 1}]}},
        shares={"wheeled": {"column": 1.0}},
        elements={"bat": {"tier": 1, "home": "barracks", "destination": "east", "pieces": {"wheeled": 20}}},
    )
    escort = measures.waits(play(data)).filter(pl.col("cause") == "escort_teams")
    assert rows(escort, "waits", "hours", "piece_hours") == [(1, 229.0, 4580.0)]


def test_the_queue_over_time(play: Any) -> None:
    chain = {"decision_h": 10, "stages": {"materiel": {"hours": 20, "pool": "bays"}}}
    elements = {name: {"tier": 1, "home": "barracks"} for name in "abc"}
    run = play(coast_data(activation=chain, elements=elements, pools={"bays": {"capacity": 1}}, horizon_days=3))
    queue = measures.queue(run, step_h=10).filter(pl.col("cause") == "bays")
    assert rows(queue, "hour", "waiting")[:7] == [(0, 0), (10, 2), (20, 2), (30, 1), (40, 1), (50, 0), (60, 0)]


def test_utilisation_is_what_was_held_while_something_was(play: Any) -> None:
    chain = {"decision_h": 10, "stages": {"materiel": {"hours": 20, "pool": "bays"}}}
    elements = {name: {"tier": 1, "home": "barracks"} for name in "abc"}
    run = play(coast_data(activation=chain, elements=elements, pools={"bays": {"capacity": 2}}, horizon_days=5))
    (bays,) = measures.utilisation(run).filter(pl.col("pool") == "bays").to_dicts()
    assert (bays["from_h"], bays["until_h"]) == (10, 50), "two from ten to thirty, and the third after them"
    assert bays["mean_held"] == 60 / 40
    assert bays["peak_held"] == 2
    assert bays["used_share"] == 60 / 80
    (whole,) = measures.utilisation(run, from_h=0, until_h=120).filter(pl.col("pool") == "bays").to_dicts()
    assert whole["used_share"] == 60 / 240
    with pytest.raises(ValueError, match="must come before"):
        measures.utilisation(run, from_h=5, until_h=5)


def test_utilisation_does_not_depend_on_the_horizon(play: Any) -> None:
    shares = [
        measures.utilisation(play(coast_data(flows={"flow": one_ship("truck", 30)}, horizon_days=days)))["used_share"]
        for days in (5, 20)
    ]
    assert shares[0].to_list() == shares[1].to_list()


def test_utilisation_is_of_the_capacity_that_there_was(play: Any) -> None:
    """Two bays, of which one is closed from twelve on; whoever is in it stays until twenty, and then one is left."""
    chain = {"decision_h": 0, "stages": {"materiel": {"hours": 20, "pool": "bays"}}}
    elements = {name: {"tier": 1, "home": "barracks"} for name in "abc"}
    strike = {"pools": ["bays"], "start_h": 12, "duration_h": 500, "left_share": 0.5}
    data = coast_data(activation=chain, elements=elements, pools={"bays": {"capacity": 2}}, horizon_days=5)
    run = play({**data, "disruptions": {"strike": strike}})
    (bays,) = measures.utilisation(run).filter(pl.col("pool") == "bays").to_dicts()
    assert (bays["until_h"], bays["mean_held"], bays["used_share"]) == (40, 60 / 40, 1.0)
    levels = run.capacities.filter(pl.col("pool") == "bays").select("hour", "capacity").rows()
    assert levels == [(0, 2), (12, 1)]


def test_link_load_counts_movements_pieces_and_slots(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("train", 120)}))
    load = measures.link_load(run)
    assert rows(load, "link", "forward", "movements", "pieces") == [("rail1", True, 2, 120), ("rail2", True, 2, 120)]
    assert load["slot_h"].to_list() == [0.5, 0.5], "two headways, on the double track and on the single"


def test_the_summary_is_plain_data(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("truck", 3)}, horizon_days=4.2 / 24))
    answer = measures.summary(run)
    assert answer["closure"][0]["last_h"] is None
    assert answer["readiness"] == []
    assert [wait["cause"] for wait in answer["worst_waits"]] == ["truck_ramps", "gangs of the ship"]


def test_an_empty_scenario_gives_empty_tables(play: Any) -> None:
    run = play(coast_data())
    for measure in (
        measures.readiness, measures.readiness_by_tier, measures.readiness_curve, measures.closure,
        measures.closure_curve, measures.departures_by_day, measures.waits, measures.queue, measures.link_load,
        measures.ledger, measures.total, measures.formations, measures.last_enabler, measures.critical_share,
    ):  # fmt: skip
        assert measure(run).is_empty(), measure.__name__
    assert measures.summary(run)["worst_waits"] == []


def test_readiness_is_compared_with_the_notice_to_move(play: Any) -> None:
    chain = {"decision_h": 10, "stages": {"recall": {"hours": 24}}}
    elements = {
        "early": {"tier": 1, "home": "barracks", "notice_to_move_days": 2},
        "late": {"tier": 1, "home": "barracks", "notice_to_move_days": 1},
        "none": {"tier": 1, "home": "barracks"},
    }
    table = measures.readiness(play(coast_data(activation=chain, elements=elements)))
    assert rows(table, "notice_h", "past_notice_h") == [(48.0, -24.0), (24.0, 0.0), (None, None)]


def test_formations_say_what_was_last_and_how_surely(play: Any) -> None:
    from nfm_sim.study import join_runs

    elements = {
        "hq": {"tier": 1, "home": "barracks", "parent": "corps", "hours": {"recall": 50}},
        "cis": {"tier": 1, "home": "barracks", "hours": {"recall": {"uniform": [40, 80]}}},
    }
    data = coast_data(
        activation={"stages": {"recall": {}}},
        elements=elements,
        formations={"corps": {"headquarters": "hq", "requires": ["cis"]}},
    )
    run = join_runs([play(data, replication=n) for n in range(40)])
    table = measures.formations(run)
    assert (table["in_place_h"] == 50).all()
    assert ((table["last"] == "cis") == (table["effective_h"] > 50)).all()
    corps = measures.last_enabler(run).filter(pl.col("subject") == "corps")
    share = dict(rows(corps, "last", "share"))
    assert sum(share.values()) == 1
    assert 0.4 < share["cis"] < 1, "three quarters of the draws are above 50"


def test_an_element_says_how_surely_an_enabler_was_last(play: Any) -> None:
    from nfm_sim.study import join_runs

    elements = {
        "hq": {"tier": 1, "home": "barracks", "requires": ["cis"], "hours": {"recall": 50}},
        "cis": {"tier": 1, "home": "barracks", "hours": {"recall": {"uniform": [0, 100]}}},
    }
    data = coast_data(activation={"stages": {"recall": {}}}, elements=elements)
    run = join_runs([play(data, replication=n) for n in range(40)])
    table = measures.last_enabler(run)
    later = (measures.readiness(run).filter(pl.col("element") == "cis")["in_place_h"] > 50).mean()
    assert dict(rows(table, "last", "share")) == pytest.approx({"cis": later, None: 1 - later})
    assert table["subject"].unique().to_list() == ["hq"]


def test_the_critical_path_of_an_element_adds_up(play: Any) -> None:
    chain = {"decision_h": 10, "stages": {"recall": {"hours": 24}, "materiel": {"hours": 6}}, "integration_h": 5}
    run = play(coast_data(activation=chain, elements={"bat": {"tier": 1, "home": "barracks"}}))
    path = measures.critical_path(run, "bat")
    assert rows(path, "activity", "hours") == [("decision", 10), ("recall", 24), ("materiel", 6), ("integration", 5)]
    shares = measures.critical_share(run)
    assert rows(shares, "activity", "hours")[:2] == [("recall", 24.0), ("decision", 10.0)]
    assert shares["share"].sum() == pytest.approx(1)
    with pytest.raises(ValueError, match=r'"bats" is no force element of this run \(did you mean "bat"\?\)'):
        measures.critical_path(run, "bats")


@pytest.mark.parametrize("name", sorted(measures.KEPT))
def test_an_answer_that_was_kept_is_read_and_not_made_again(name: str) -> None:
    table = pl.DataFrame({"hour": [0.0, 6.0, 12.0]})
    kept = SimpleNamespace(answer={name: table}.get)  # of which nothing else is there
    assert getattr(measures, name)(kept).equals(table)


def test_of_a_curve_that_was_kept_other_steps_are_taken_out() -> None:
    kept: Any = SimpleNamespace(answer=lambda _: pl.DataFrame({"hour": [0.0, 6.0, 12.0, 18.0, 24.0]}))
    assert measures.closure_curve(kept, 12)["hour"].to_list() == [0, 12, 24]
    with pytest.raises(ValueError, match="step_h 9 is no multiple"):
        measures.closure_curve(kept, 9)
