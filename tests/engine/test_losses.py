"""What is lost with the place where it stands: pieces of force elements, stocks, and supplies on their way."""

from typing import Any

import polars as pl
import pytest

from nfm_sim.engine.movement.losses import Toll
from nfm_sim.measures import closure, lost_pieces
from tests.conftest import coast_data, one_ship, story
from tests.engine import test_dangerous_stories as dangerous
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
    assert hit.spans.filter(pl.col("activity") == "lost").height == (2 if mode == "truck" else 1), "no other lot"
    whole, elsewhere = (play(company(mode, given)) for given in ({}, raid(1, 5, nodes=["lock"])))
    assert closed(whole) == closed(elsewhere) == 4
    assert len(in_place(hit)) == 1
    assert in_place(hit) <= in_place(whole) == in_place(elsewhere)


def test_of_several_columns_each_has_what_is_left_of_it(play: Any) -> None:
    """Thirty vehicles in two columns of 15, of which every second is lost: 8 and 7."""
    story = company("column", raid(0.5, 5, nodes=["barracks"]))
    story["elements"]["company"]["pieces"] = {"wheeled": 30}
    run = play(story)
    left = run.spans.filter(pl.col("activity") == "closed").join(run.subjects, on=["replication", "subject"])
    assert sorted(left["pieces"]) == [7, 8]


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


def test_a_tenth_of_ten_that_are_counted_one_by_one_is_one() -> None:
    toll = Toll(0.1, 0.0)
    assert [toll.of(1) for _ in range(10)] == [0] * 9 + [1], "though ten times 0.1 is a little less than 1"


def test_what_is_on_its_way_to_a_place_is_not_there_yet(play: Any) -> None:
    """A column drives to the halt from 1.5 to 3.5; another stands there for the night when it is hit at hour 5."""
    story = coast_data(flows={"flow": one_ship("column", 5)}, disruptions=raid(1, 2, nodes=["halt"]))
    assert closure(play(story))["closed_pieces"].to_list() == [5]
    story["movement"]["column"]["rests"] = [{"activity": "overnight", "after_h": 2, "hours": 8}]
    story["disruptions"] = raid(1, 5, nodes=["halt"])
    assert closure(play(story))["closed_pieces"].to_list() == [0]


def test_who_is_lost_with_the_ways_that_it_waits_for_is_lost_once(play: Any) -> None:
    """The second column stands behind the first until hour 12, when its place is lost with all links there, twice."""
    data = coast_data(flows={"flow": one_ship("column", 40)}, disruptions=raid(1, 7, nodes=["harbour"]))
    data["movement"]["column"]["column_gap_h"] = 9
    data["disruptions"]["raid"].update(left_share=0, duration_h=20, times=2, every_h=10)
    run = play(data)
    assert run.spans.filter(pl.col("activity") == "lost")["start_h"].to_list() == [7]
    assert lost_pieces(run)["pieces"].to_list() == [20]


def test_what_stands_in_a_yard_is_not_on_the_lorries_that_are_hit(play: Any) -> None:
    lorries = {"trucks": {"capacity": 2, "arrivals": [{"day": 1, "amount": 4}]}}
    yard = {"harbour": {"yard_m2": 4500, "truck_ramps": {"capacity": 1, "rate_per_h": 2}}}
    hit = raid(1, 0.3, pools=["trucks"])
    run = play(coast_data(flows={"flow": one_ship("truck", 9)}, places=yard, pools=lorries, disruptions=hit))
    assert lost_pieces(run).is_empty(), "the first is being loaded"
    assert closure(run)["closed_pieces"].to_list() == [9]


def test_a_column_goes_on_without_the_escort_that_is_lost(play: Any) -> None:
    """It has been under way since hour 3 with the only team; the next, which has formed up at 5, never gets one."""
    pools = {"escort_teams": {"capacity": 1}}
    run = play(coast_data(flows={"flow": one_ship("column", 40)}, pools=pools, disruptions=raid(1, 4, pools=[*pools])))
    assert lost_pieces(run).is_empty()
    assert closure(run).select("closed_pieces", "first_h").rows() == [(20, pytest.approx(6.04, abs=0.01))]
    assert run.stuck["subject"].to_list() == ["flow/ship/harbour/column-002"]


def test_who_gets_what_another_leaves_that_is_lost_is_lost_with_it(play: Any) -> None:
    """One lorry is loaded on the only ramp and three wait for it, all of them in the yard that is hit."""
    yard = {"harbour": {"yard_m2": 4500, "truck_ramps": {"capacity": 1, "rate_per_h": 2}}}
    hit = raid(1, 0.45, facilities=["harbour.yard_m2"])
    run = play(coast_data(flows={"flow": one_ship("truck", 4)}, places=yard, disruptions=hit))
    assert lost_pieces(run)["pieces"].to_list() == [4]
    assert run.holdings["end_h"].max() == pytest.approx(0.45, abs=1e-6)


def test_a_train_that_is_lost_while_it_is_loaded_leaves_its_locomotive_to_the_next(play: Any) -> None:
    """The only locomotive is earmarked for it when its wagons are hit; other wagons come, and a ship a day later."""
    pools = {"locomotives": {"capacity": 1}, "flat_wagons": {"capacity": 9, "arrivals": [{"day": 0.5, "amount": 9}]}}
    flows = {"first": one_ship("train", 4), "later": one_ship("train", 4)}
    flows["later"]["ships"]["ship"]["calls"][0]["day"] = 1
    run = play(coast_data(flows=flows, pools=pools, disruptions=raid(1, 0.7, pools=["flat_wagons"])))
    assert dict(closure(run).select("flow", "closed_pieces").rows()) == {"first": 0, "later": 4}


def test_half_of_what_waits_asks_for_half_of_the_wagons(play: Any) -> None:
    wagons = {"flat_wagons": {"capacity": 0, "arrivals": [{"day": 1, "amount": 12}]}}
    hit = raid(0.5, 2, facilities=["harbour.yard_m2"])
    story = coast_data(flows={"flow": one_ship("train", 12)}, pools=wagons, disruptions=hit)
    run = play({**story, "places": {"harbour": {"yard_m2": 4500}}})
    assert run.holdings.filter(pl.col("pool") == "flat_wagons")["amount"].to_list() == [3], "two pieces each"


@pytest.mark.parametrize(
    ("first", "then", "pieces"),
    [
        ("fuel", "shells", {"train-001": 6, "train-001.2": 4}),
        ("shells", "fuel", {"train-001": 6, "train-002": 6, "train-002.2": 4}),
    ],
)
def test_of_a_remainder_and_a_whole_train_that_wait_one_goes_when_the_other_is_lost(
    play: Any, first: str, then: str, pieces: dict[str, int]
) -> None:
    """Six wagons for two trains of ten: what the first leaves waits behind the second. The shells are hit, whichever
    of the two has them."""
    story = dangerous.data(
        {"railhead": 10_000},
        pools={"container_wagons": {"capacity": 6, "arrivals": [{"day": 9, "amount": 9}]}},
        disruptions=raid(1, 2, facilities=["railhead.explosive_kg"]),
    )
    fuel = {"dangerous": True, "wagons": ["container_wagons"], "pieces_per_wagon": 1}
    story["classes"] = {"fuel": fuel, "shells": {**fuel, "explosive_kg": 1000}}
    story["shares"]["fuel"] = {"train": 1.0}
    story["movement"]["train"] |= {"max_wagons": 10, "least_wagons": 1}
    story["elements"]["bat"]["pieces"] = {first: 10, then: 10}
    run = play(story)
    came = run.spans.filter(pl.col("activity") == "closed").join(run.subjects, on=["replication", "subject"])
    assert dict(came.select(pl.col("subject").str.strip_prefix("bat/"), "pieces").rows()) == pieces


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


def two_trains(second_h: float, locomotives: int = 1, **disruption: Any) -> dict[str, Any]:
    """Two trains of one piece, which takes 0.2 h to load and two hours to the border, and their locomotives."""
    pieces = {"place": "railhead", "pieces": {"wheeled": 1}}
    origins = {"one": {**pieces, "day": 0}, "two": {**pieces, "day": second_h / 24}}
    flow = {"destination": "east", "shares": {"wheeled": {"train": 1.0}}, "origins": origins}
    data = coast_data(flows={"flow": flow}, disruptions={"x": {"left_share": 0.99, "loss_share": 0.5, **disruption}})
    data["places"] = {"railhead": {"tracks": {"capacity": 2}}}
    data["pools"] = {"locomotives": {"capacity": locomotives}, "flat_wagons": {"capacity": 2}}
    data["movement"]["train"]["least_wagons"] = 1
    return data


def waits(run: Any) -> list[Any]:
    return [span[3:] for span in story(run, "flow/two/railhead/train-001") if span[1] == "wait"]


def test_the_locomotive_of_a_train_that_is_lost_serves_the_next_at_once(play: Any) -> None:
    """The first is on its way; its locomotive would have been back for loading from hour four on."""
    run = play(two_trains(0, start_h=1, duration_h=0.1, pools=["flat_wagons"]))
    assert lost_pieces(run)["pieces"].to_list() == [1]
    assert waits(run) == [("locomotives", 0, 1)]


def test_a_train_that_is_lost_while_it_loads_leaves_its_locomotive_to_others(play: Any) -> None:
    run = play(two_trains(0.1, start_h=0.15, duration_h=0.1, facilities=["railhead.tracks"]))
    assert lost_pieces(run)["pieces"].to_list() == [1]
    assert waits(run) == [("locomotives", 0.1, 0.15)]


def test_the_next_train_is_loaded_when_a_locomotive_will_be_back_for_it(play: Any) -> None:
    """On its way from 0.2 to 2.2, and back at 4.2: it takes 0.2 hours to load. Ten hours
    from where it is loaded make that ten hours later."""
    data = two_trains(0, start_h=1, duration_h=0.1, pools=["flat_wagons"])
    data["disruptions"] = {}
    assert waits(play(data)) == [("locomotives", 0, 4)]
    for origin in data["flows"]["flow"]["origins"].values():
        origin["from_h"] = {"train": 10}
    assert waits(play(data)) == [("locomotives", 0, 14)]
