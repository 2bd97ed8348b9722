"""What held movements up, what was full first, and what it cost civil traffic."""

from typing import Any

import polars as pl
import pytest

from nfm_sim import measures
from nfm_sim.engine import simulate
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship, story


def rows(table: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return [
        tuple(round(value, 3) if isinstance(value, float) else value for value in row)
        for row in table.select(*columns).iter_rows()
    ]


def test_bottlenecks_are_ranked_by_the_delay_they_caused(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 4)}, pools={"trucks": {"capacity": 3}})
    data["places"] = {"harbour": {"truck_ramps": 2}}
    found = measures.bottlenecks(play(data))
    # discharged at 0.1, 0.2, 0.3, 0.4; two ramps of half an hour; a truck is back three hours after the border
    assert rows(found, "kind", "name", "hours", "first_h") == [
        ("pool", "trucks", 6.2, 0.4),
        ("rule", "gangs of the ship", 0.6, 0.0),
        ("facility", "harbour.truck_ramps", 0.3, 0.3),
    ]
    assert found["share"].sum() == pytest.approx(1)
    assert found["waited_piece_hours"].to_list() == found["hours"].to_list(), "one piece in each lot"


def test_a_wait_is_passed_on_to_what_the_holders_wait_for(play: Any) -> None:
    """Ten wagons, and trains run from 20 to 24 only. The first train is loaded at 6 and holds its wagons until 20; the
    second has been ashore since 4 and waits for them until the next day at 8 (2 h to the border, 9 back, and the hours
    on the way). Of what the wagons were held while it waited, more than half was a wait for the driving hours."""
    data = coast_data(flows={"flow": one_ship("train", 40)}, pools={"flat_wagons": {"capacity": 10}})
    data["movement"]["train"]["running"] = ["20:00-24:00"]
    run = play(data)
    (passed,) = measures.passed_on(run).rows(named=True)
    assert (passed["name"], passed["to_kind"], passed["to_name"]) == ("flat_wagons", "rule", "driving window")
    found = {row["name"]: row for row in measures.bottlenecks(run).rows(named=True)}
    wagons, hours = found["flat_wagons"], found["driving window"]
    moved = passed["share"] * wagons["waited_piece_hours"]
    assert moved > 0
    assert wagons["piece_hours"] == pytest.approx(wagons["waited_piece_hours"] - moved)
    assert hours["piece_hours"] == pytest.approx(hours["waited_piece_hours"] + moved)
    total = sum(row["waited_piece_hours"] for row in found.values())
    assert sum(row["piece_hours"] for row in found.values()) == pytest.approx(total), "nothing is lost"


def test_waits_that_go_round_in_a_circle_stay(play: Any) -> None:
    """A full yard stops discharge, and the crane that discharges would load the barges that empty it."""
    flow = one_ship("barge", 60)
    data = coast_data(flows={"flow": flow}, places={"harbour": {"yard_m2": 1800}})
    found = measures.bottlenecks(play(data))
    assert found["piece_hours"].min() >= 0  # type: ignore[operator]
    assert found["piece_hours"].sum() == pytest.approx(found["waited_piece_hours"].sum())


def test_pieces_in_a_ship_wait_for_the_ramps_that_it_could_use(play: Any) -> None:
    """Three gangs of the ship and of the port, and one ramp: more ramps are quicker. With one gang, more gangs are; and
    with enough ramps and fewer gangs of the port than the ship could use, more of these."""
    of_ship = "gangs of the ship"
    for gangs, ramps, of_port, cause in (
        (3, 1, 3, "ramps"),
        (1, 1, 3, of_ship),
        (3, 3, 2, "gangs"),
        (3, 3, 3, of_ship),
    ):
        place = {"gangs": of_port, "ramps": {"capacity": ramps, "rate_per_h": 10}}
        run = play(coast_data(flows={"flow": one_ship("truck", 6, gangs=gangs)}, places={"harbour": place}))
        first = story(run, "flow/ship/harbour/truck-006")[0]
        assert first[1:4] == ("wait", "harbour", cause), "while others are discharged"


def test_a_link_that_is_waited_for_has_its_own_name(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("column", 40)})
    data["movement"]["column"]["column_gap_h"] = 5
    data["places"] = {"harbour": {"ramps": {"rate_per_h": 1000}}}
    links = measures.bottlenecks(play(data)).filter(pl.col("kind") == "link")
    assert rows(links, "name", "hours") == [("road1", 5.02)]  # 5.04 less the time to discharge the second


def test_the_first_capacity_to_be_full_stands_first(play: Any) -> None:
    flow = one_ship("truck", 400)
    run = play(coast_data(flows={"flow": flow}, places={"harbour": {"truck_ramps": {"capacity": 1, "rate_per_h": 3}}}))
    # discharged by 40; loaded by 133
    assert rows(measures.saturation(run), "kind", "name", "first_day", "days") == [
        ("facility", "harbour.truck_ramps", 0, 5),
        ("facility", "harbour.berths", 0, 1),
        ("facility", "harbour.gangs", 0, 1),
        ("facility", "harbour.ramps", 0, 1),
    ]
    assert measures.saturation(play(coast_data(flows={"flow": one_ship("truck", 1)}))).is_empty()


def test_a_link_is_as_full_as_its_busier_direction_and_a_single_track_as_both(play: Any) -> None:
    """Two trains go to the border and one comes from there: headways of a quarter of an hour on the double track, and
    on the single one too for the one that another follows; the others take the hour in which they are there."""
    back = {"place": "border", "day": 0, "pieces": {"wheeled": 60}}
    flows = {
        "out": one_ship("train", 120),
        "back": {"destination": "west", "shares": {"wheeled": {"train": 1.0}}, "origins": {"depot": back}},
    }
    tracks = {"capacity": 9, "rate_per_h": 50}
    data = coast_data(flows=flows, places={"border": {"tracks": tracks}, "harbour": {"tracks": tracks}})
    data["places"]["harbour"]["ramps"] = {"rate_per_h": 1000}
    data["destinations"]["west"] = {"exits": {"train": "harbour"}}
    links = measures.saturation(play(data), 0.01).filter(pl.col("kind") == "link")
    assert rows(links, "name", "used_share") == [("rail1", round(0.5 / 24, 3)), ("rail2", round(2.25 / 24, 3))]


def test_the_stock_of_a_yard_rises_and_falls(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("truck", 2)}, places={"harbour": {"yard_m2": 100}}))
    assert rows(measures.stock(run), "place", "hour", "held", "capacity") == [
        ("harbour", 0.0, 45.0, 100.0),
        ("harbour", 0.1, 90.0, 100.0),
        ("harbour", 0.6, 45.0, 100.0),
        ("harbour", 1.1, 0.0, 100.0),
    ]


def test_link_load_by_hour_counts_what_enters(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("column", 40)}))
    by_hour = measures.link_load_by_hour(run).filter(pl.col("link") == "road1")
    assert rows(by_hour, "hour", "mode", "movements", "pieces") == [(3, "column", 1, 20), (5, "column", 1, 20)]


def test_pieces_are_counted_by_the_way_they_took(play: Any) -> None:
    flow = one_ship("truck", 10)
    flow["shares"] = {"wheeled": {"truck": 0.2, "column": 0.8}}
    ways = measures.ways_taken(play(coast_data(flows={"flow": flow})))
    assert rows(ways, "origin", "mode", "destination", "movements", "pieces", "closed_pieces") == [
        ("harbour", "column", "border", 1, 8, 8),
        ("harbour", "truck", "border", 2, 2, 2),
    ]


def civil(**rules: Any) -> Any:
    data = coast_data(flows={"flow": one_ship("column", 20)})
    flat = {"weekday": [1.0] * 24}
    data["movement"]["civil"] = {"mean_per_h": {"motorway": 1000}, "road": flat, "delay_a": 0.5, "delay_b": 2, **rules}
    return build_scenario(data, coast())


def test_what_a_column_costs_civil_traffic_follows_the_formula() -> None:
    scenario = civil(lane_capacity_per_h=2000)
    run = simulate(scenario)
    cost = measures.civil_cost(run, scenario).filter(pl.col("link") == "road1")
    # twenty vehicles as forty cars for an hour on 100 km that is free at 400 km/h
    expected = 1000 * 0.25 * 0.5 * ((1040 / 2000) ** 2 - (1000 / 2000) ** 2)
    assert rows(cost, "vehicles", "civil_vehicles") == [(20, 1000.0)]
    assert cost["vehicle_hours"].item() == pytest.approx(expected)


def test_civil_cost_follows_the_hour_of_the_week() -> None:
    night = civil(road={"weekday": [0.5] * 6 + [1.5] * 6 + [1.0] * 12})  # the column drives at three in the morning
    cost = measures.civil_cost(simulate(night), night)
    assert cost["civil_vehicles"].to_list()[0] == pytest.approx(500)


def test_without_civil_volumes_there_is_no_cost_to_tell(play: Any) -> None:
    scenario = build_scenario(coast_data(flows={"flow": one_ship("column", 20)}), coast())
    with pytest.raises(ValueError, match=r"give movement\.civil\.mean_per_h"):
        measures.civil_cost(simulate(scenario), scenario)


def test_what_held_means_did_adds_up_to_what_was_held(play: Any) -> None:
    """Twenty pieces on ten wagons: loaded in four hours, three to the border, ten beyond it and back, three home."""
    data = coast_data(flows={"flow": one_ship("train", 20)}, pools={"flat_wagons": {"capacity": 10}})
    data["destinations"]["east"]["beyond_h"] = {"train": 5}
    run = play(data)
    use = measures.pool_use(run).filter(pl.col("pool") == "flat_wagons")
    assert {
        (activity, kind): hours for activity, kind, hours in use.select("activity", "kind", "unit_hours").rows()
    } == {
        ("come back", "move"): pytest.approx(10 * 13),
        ("load", "work"): pytest.approx(10 * 4),
        ("march", "move"): pytest.approx(10 * 3),
    }
    assert use["share"].sum() == pytest.approx(1)


def test_a_wait_of_those_who_hold_a_pool_names_what_they_wait_for(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("train", 20)}, pools={"flat_wagons": {"capacity": 10}})
    data["movement"]["train"]["running"] = ["20:00-24:00"]
    use = measures.pool_use(play(data)).filter(pl.col("pool") == "flat_wagons", pl.col("kind") == "wait")
    assert use.select("activity", "cause").rows() == [("march", "driving window")]
    assert use["unit_hours"].item() == pytest.approx(10 * 14), "loaded at six, it leaves at twenty"


def test_a_pool_of_which_nothing_is_held_has_no_use(play: Any) -> None:
    """Columns rest at beds of which a vehicle takes none."""
    data = coast_data(flows={"flow": one_ship("column", 5)}, places={"halt": {"beds": 10}})
    data["movement"]["column"]["rests"] = [{"activity": "rest", "after_h": 2.5, "hours": 1, "facility": "beds"}]
    run = play(data)
    assert run.spans.filter(pl.col("activity") == "rest").height
    assert measures.pool_use(run).filter(pl.col("pool") == "beds").is_empty()


def test_the_delay_comes_from_where_it_was_caused(play: Any) -> None:
    """One lorry for two pieces, away for 50 h beyond the border: nearly all of the delay is the far end."""
    data = coast_data(flows={"flow": one_ship("truck", 2)}, pools={"trucks": {"capacity": 1}})
    data["destinations"]["east"]["beyond_h"] = {"truck": 25}
    shares = dict(measures.delay_shares(play(data)).select("source", "share").iter_rows())
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["far end"] > 0.85
    assert shares["means"] == pytest.approx(1 - shares["far end"] - shares["ships"], abs=0.02)
