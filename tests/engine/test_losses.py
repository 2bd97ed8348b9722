"""What is lost with the place where it stands: pieces of force elements, stocks, and supplies on their way."""

from typing import Any

import polars as pl
import pytest

from nfm_sim.measures import closure, lost_pieces
from tests.conftest import coast_data, one_ship
from tests.engine.test_supply_stories import area, data, level


def raid(share: float, hour: float, **target: Any) -> dict[str, Any]:
    return {"raid": {"start_h": hour, "duration_h": 0.1, "left_share": 0.99, "loss_share": share, **target}}


def company(mode: str, disruptions: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A company of four vehicles, ordered at hour 10, which goes at once."""
    element = {
        "home": "barracks",
        "capability": "infantry",
        "tier": 1,
        "destination": "east",
        "railhead": "railhead",
        "pieces": {"wheeled": 4},
    }
    return coast_data(
        shares={"wheeled": {mode: 1.0}},
        activation={"decision_h": 10, "integration_h": 0, "stages": {}},
        elements={"company": element},
        disruptions=disruptions,
        **changes,
    )


def in_place(run: Any) -> list[float]:
    return run.spans.filter((pl.col("subject") == "company") & (pl.col("activity") == "in place"))["start_h"].to_list()


def closed(run: Any) -> int:
    """Pieces of the company that have come."""
    lots = run.spans.filter(pl.col("activity") == "closed").join(run.subjects, on=["replication", "subject"])
    return int(lots["pieces"].sum())


@pytest.mark.parametrize("mode", ["column", "truck", "train"])
def test_pieces_of_an_element_are_lost_at_home_before_they_move(play: Any, mode: str) -> None:
    hit = play(company(mode, raid(0.5, 5, nodes=["barracks"])))
    assert (closed(hit), lost_pieces(hit)["pieces"].to_list()) == (2, [2])
    whole, elsewhere = (play(company(mode, given)) for given in ({}, raid(1, 5, nodes=["lock"])))
    assert closed(whole) == closed(elsewhere) == 4
    assert len(in_place(hit)) == 1
    assert in_place(hit) <= in_place(whole) == in_place(elsewhere)


@pytest.mark.parametrize("hour", [5, 12])
def test_an_element_that_loses_all_never_comes(play: Any, hour: float) -> None:
    """At home at hour 5, or at hour 12 where it waits for wagons that come on day 2."""
    place = "barracks" if hour < 10 else "railhead"
    wagons = {"flat_wagons": {"capacity": 0, "arrivals": [{"day": 2, "amount": 4}]}}
    run = play(company("train", raid(1, hour, nodes=[place]), pools=wagons))
    assert in_place(run) == []
    assert lost_pieces(run)["pieces"].to_list() == [4]
    assert run.spans.filter(pl.col("subject") == "company").row(-1)[2:8] == (
        *("deploy", "wait", "barracks", "lost", "never"),
        hour if hour > 10 else 10,
    )
    assert run.stuck["subject"].to_list() == ["company"]
    assert run.holdings.filter(pl.col("end_h") == run.horizon_h).is_empty()


def test_who_waits_at_a_railhead_that_is_hit_comes_with_the_rest(play: Any) -> None:
    wagons = {"flat_wagons": {"capacity": 0, "arrivals": [{"day": 2, "amount": 4}]}}
    run = play(company("train", raid(0.5, 12, nodes=["railhead"]), pools=wagons))
    assert (closed(run), lost_pieces(run)["pieces"].to_list()) == (2, [2])
    assert in_place(run)[0] > 48


def test_guards_who_are_lost_take_nothing_with_them_that_they_guard(play: Any) -> None:
    """Half of the guards of what waits for wagons are hit, and all that they guard goes on."""
    means = {"flat_wagons": {"capacity": 0, "arrivals": [{"day": 2, "amount": 4}]}, "guards": {"capacity": 8}}
    hit = raid(0.5, 12, pools=["guards"])
    run = play(
        coast_data(flows={"flow": one_ship("train", 4)}, needs={"pieces": {"guards": 1}}, pools=means, disruptions=hit)
    )
    assert run.holdings.filter(pl.col("pool") == "guards")["end_h"].max() > 48
    assert closure(run)["closed_pieces"].to_list() == [4]


def test_a_stock_loses_its_share_with_its_place(play: Any) -> None:
    """A quarter of what is there; of one that is not limited, nothing."""
    hit = raid(0.25, 30, nodes=["harbour"])
    for tonnes in ({"food": 1000}, {}):
        stocks = {"depot": {"place": "harbour", "tonnes": tonnes}, **area(days=2)}
        run, calm = (play(data(stocks, disruptions=disruptions)) for disruptions in (hit, {}))
        if tonnes:
            assert level(run, "depot", "food", 30) == 0.75 * level(calm, "depot", "food", 30) > 0
        else:
            assert run.deliveries.equals(calm.deliveries)


def test_supplies_that_are_lost_on_their_way_are_ordered_anew(play: Any) -> None:
    """The first load is on its lorry at hour 2, and another sets out at once; each takes half an hour and 3 hours."""
    story = data(area(days=2), pools={"trucks": {"capacity": 9}}, disruptions=raid(1, 2, pools=["trucks"]))
    story["pools"]["trucks"]["arrivals"] = [{"day": 1, "amount": 9}]
    run = play(story)
    assert lost_pieces(run)["pieces"].sum() > 0
    first = run.deliveries.filter(pl.col("stock") == "area").sort("hour").row(0, named=True)
    assert (first["ordered_h"], first["hour"]) == (2, 24 + 0.5 + 3)
    calm = play({**story, "disruptions": {}})
    assert calm.deliveries["hour"].min() == 3.5
    late = (level(run, "area", "food", 200), level(calm, "area", "food", 200))
    assert late[0] == pytest.approx(late[1], abs=22), "as much comes in the end, but for a load"
