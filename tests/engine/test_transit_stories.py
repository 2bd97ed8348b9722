"""Small stories of transit, with hours worked out by hand."""

from typing import Any

import pytest

from tests.conftest import coast_data, one_ship, story

LOT = "flow/ship/harbour/"


def test_a_truck_is_discharged_loaded_and_driven_to_the_border(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("truck", 1)}))
    # 1 piece at 10 an hour; loaded at 2 an hour; 150 km at 50 km/h
    assert story(run, LOT + "truck-001") == [
        ("discharge", "work", "harbour", "", 0.0, pytest.approx(0.1)),
        ("load", "work", "harbour", "", pytest.approx(0.1), pytest.approx(0.6)),
        ("march", "move", "border", "", pytest.approx(0.6), pytest.approx(3.6)),
        ("closed", "milestone", "border", "", pytest.approx(3.6), pytest.approx(3.6)),
    ]


def test_a_truck_driver_rests_after_four_and_a_half_hours(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 1)})
    data["movement"]["truck"]["speed_kmh"] = {"motorway": 25}  # 6 hours of driving, one break of 45 minutes
    assert story(play(data), LOT + "truck-001")[-1][-1] == pytest.approx(0.6 + 6.75)


def test_a_ship_waits_for_the_berth_and_its_lots_with_it(play: Any) -> None:
    flow = one_ship("truck", 10)
    flow["ships"]["second"] = {"calls": [{"port": "harbour", "day": 0, "pieces": {"wheeled": 1}}]}
    run = play(coast_data(flows={"flow": flow}))
    assert story(run, "flow/second") == [
        ("arrive", "wait", "harbour", "berths", 0.0, 1.0),  # 10 pieces at 10 an hour
        ("discharge", "work", "harbour", "", 1.0, pytest.approx(1.1)),
        ("discharged", "milestone", "harbour", "", pytest.approx(1.1), pytest.approx(1.1)),
    ]
    assert story(run, "flow/second/harbour/truck-001")[0] == ("arrive", "wait", "harbour", "berths", 0.0, 1.0)


def test_a_late_ship_makes_its_lots_late(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("truck", 1, lateness_h=5)}))
    assert story(run, LOT + "truck-001")[0] == ("arrive", "wait", "harbour", "lateness", 0.0, 5.0)


def test_a_full_yard_stops_the_discharge(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 3)}, places={"harbour": {"yard_m2": 45}})
    run = play(data)  # room for one piece; each leaves the yard when it is loaded, after half an hour
    assert story(run, LOT + "truck-002")[1:3] == [
        ("discharge", "blocked", "harbour", "yard_m2", pytest.approx(0.1), pytest.approx(0.6)),
        ("discharge", "work", "harbour", "", pytest.approx(0.6), pytest.approx(0.7)),
    ]
    assert ("discharge", "blocked", "harbour", "yard_m2", pytest.approx(0.1), pytest.approx(0.6)) in story(
        run, "flow/ship"
    )


def test_discharge_keeps_to_its_shifts(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 1)})
    data["movement"]["discharge"]["shifts"] = ["06:00-16:00"]
    assert story(play(data), LOT + "truck-001")[:2] == [
        ("discharge", "wait", "harbour", "closed hours", 0.0, 6.0),
        ("discharge", "work", "harbour", "", 6.0, pytest.approx(6.1)),
    ]


def test_two_gangs_discharge_in_half_the_time(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 20, gangs=2)}, places={"harbour": {"gangs": 2, "ramps": 2}})
    assert story(play(data), "flow/ship")[-1][-1] == pytest.approx(1.0)


def test_a_ship_sails_on_to_its_second_port(play: Any, coast_network: Any) -> None:
    call = {"port": "harbour", "pieces": {"wheeled": 10}}
    calls = [{**call, "day": 0}, {**call, "day": 0, "sail_h": 12}]
    flow = {**one_ship("truck", 1), "ships": {"ship": {"calls": calls, "lateness_h": 2}}}
    assert story(play(coast_data(flows={"flow": flow})), "flow/ship") == [
        ("arrive", "wait", "harbour", "lateness", 0.0, 2.0),
        ("discharge", "work", "harbour", "", 2.0, 3.0),
        ("sail", "move", "harbour", "", 3.0, 15.0),
        ("discharge", "work", "harbour", "", 15.0, 16.0),
        ("discharged", "milestone", "harbour", "", 16.0, 16.0),
    ]


def test_a_train_needs_wagons_a_track_a_locomotive_and_a_path(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("train", 20)})  # 10 wagons; discharged in 2 h, loaded in 4 h
    assert story(play(data), LOT + "train-001") == [
        ("discharge", "work", "harbour", "", 0.0, 2.0),
        ("load", "work", "harbour", "", 2.0, 6.0),
        ("march", "move", "halt", "", 6.0, 8.0),
        ("march", "move", "border", "", 8.0, 9.0),
        ("closed", "milestone", "border", "", 9.0, 9.0),
    ]


def test_wagons_come_back_empty_for_the_next_train(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("train", 40)}, pools={"flat_wagons": {"capacity": 10}})
    data["destinations"]["east"]["beyond_h"] = {"train": 5}
    second = story(play(data), LOT + "train-002")
    # the first train leaves at 6, is at the border at 9, beyond it 14, back at the border 19, at the harbour 22
    assert ("load", "wait", "harbour", "flat_wagons", 4.0, 22.0) in second


def test_a_train_waits_for_a_locomotive_with_its_track_held(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("train", 120)}, pools={"locomotives": {"capacity": 1}})
    run = play(data)
    # lots of 60 on 30 wagons: discharged at 6 and 12, loaded in 12 h on the one track; locomotive back after 6 h
    assert ("load", "wait", "harbour", "tracks", 12.0, 18.0) in story(run, LOT + "train-002")
    assert story(run, LOT + "train-002")[-1][-1] == 33.0


def test_a_second_column_starts_when_the_road_is_free_behind_the_first(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("column", 40)})
    run = play(data)
    # 20 vehicles pass in 20 / (10 * 50) = 0.04 h
    first, second = (story(run, LOT + f"column-{n:03d}") for n in (1, 2))
    assert first[1:] == [
        ("form up", "work", "harbour", "", 2.0, 3.0),
        ("march", "move", "halt", "", 3.0, 5.0),
        ("march", "move", "border", "", 5.0, 6.04),
        ("closed", "milestone", "border", "", 6.04, 6.04),
    ]
    assert second[-1][-1] == pytest.approx(8.04, abs=1e-6), "discharged two hours later, the road is free"


def test_columns_that_are_ready_together_follow_each_other(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("column", 40, gangs=2)}, places={"harbour": {"gangs": 2, "ramps": 2}})
    waits = story(play(data), LOT + "column-002")[-4]
    assert waits[:4] == ("march", "wait", "harbour", "ROAD1 (road1)")
    assert waits[5] - waits[4] == pytest.approx(0.04 + 10 / 60, abs=1e-4), (
        "it passes, and ten minutes behind a march unit"
    )


def test_a_column_drives_at_night_only_and_stands_at_the_halt_by_day(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("column", 10)})
    data["movement"]["column"]["driving"] = ["22:00-01:00"]
    assert story(play(data), LOT + "column-001")[1:6] == [
        ("form up", "work", "harbour", "", 1.0, 2.0),
        ("march", "wait", "harbour", "driving window", 2.0, 22.0),
        ("march", "move", "halt", "", 22.0, 24.0),
        ("march", "wait", "halt", "driving window", 24.0, 46.0),  # 1.02 h do not fit before 01:00
        ("march", "move", "border", "", 46.0, 47.02),
    ]


def test_only_large_columns_need_an_escort(play: Any) -> None:
    pools = {"escort_teams": {"capacity": 0, "arrivals": [{"day": 20, "amount": 1}]}}
    small = play(coast_data(flows={"flow": one_ship("column", 10)}, pools=pools))
    large = play(coast_data(flows={"flow": one_ship("column", 11)}, pools=pools))
    assert story(small, LOT + "column-001")[-1][0] == "closed"
    assert story(large, LOT + "column-001")[-1][:4] == ("load", "wait", "harbour", "escort_teams")


def test_escorts_turn_back_at_the_border(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("column", 40)}, pools={"escort_teams": {"capacity": 1}})
    data["destinations"]["east"]["beyond_h"] = {"column": 100}
    second = story(play(data), LOT + "column-002")
    # the first column closes at 6.04; its escort is back at the harbour three hours later
    (wait,) = [span for span in second if span[:4] == ("load", "wait", "harbour", "escort_teams")]
    assert wait[5] == pytest.approx(9.04, abs=1e-6)


def test_a_closed_border_holds_movements_where_they_may_stand(play: Any) -> None:
    strike = {"nodes": ["border"], "start_h": 0, "duration_h": 20, "announced": True}
    run = play(coast_data(flows={"flow": one_ship("train", 20)}, disruptions={"strike": strike}))
    assert story(run, LOT + "train-001")[2:4] == [
        ("march", "move", "halt", "", 6.0, 8.0),
        ("march", "wait", "halt", "strike", 8.0, 20.0),
    ]


def test_a_barge_is_loaded_by_crane_and_locked_through(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("barge", 40)}))
    assert story(run, LOT + "barge-001") == [
        ("discharge", "work", "harbour", "", 0.0, 4.0),
        ("load", "work", "harbour", "", 4.0, 8.0),
        ("march", "move", "lock", "", 8.0, 18.0),
        ("lockage", "work", "lock", "", 18.0, 19.0),
        ("march", "move", "border", "", 19.0, 24.0),
        ("closed", "milestone", "border", "", 24.0, 24.0),
    ]


def test_two_barges_queue_at_the_lock(play: Any) -> None:
    flow = one_ship("barge", 80)
    data = coast_data(flows={"flow": flow}, places={"lock": {"chambers": {"rate_per_h": 0.1}}})
    second = story(play(data), LOT + "barge-002")
    # the first is in the lock from 18 to 28; the second has waited since 22
    assert ("lockage", "wait", "lock", "chambers", 22.0, 28.0) in second


def test_helicopters_fly_off_in_daylight(play: Any, coast_network: Any) -> None:
    data = coast_data(flows={"flow": one_ship("flight", 1, "helicopter")})
    data["movement"]["flight"]["daylight"] = ["08:00-17:00"]
    spans = story(play(data), LOT + "flight-001")
    km = coast_network.great_circle_km("harbour", "border")
    assert spans[1:4] == [
        ("make ready", "work", "harbour", "", pytest.approx(0.2), pytest.approx(2.2)),
        ("load", "wait", "harbour", "closed hours", pytest.approx(2.2), 8.0),
        ("load", "work", "harbour", "", 8.0, 8.5),  # a helicopter takes twice the time of a piece, 4 an hour
    ]
    assert spans[4][5] == pytest.approx(8.5 + km / 100, abs=1e-4)


def test_who_has_priority_gets_the_trucks(play: Any) -> None:
    first, second = one_ship("truck", 4), one_ship("truck", 4)
    for flow, day in ((first, 0), (second, 0)):
        flow["ships"]["ship"]["calls"][0]["day"] = day
    places = {"harbour": {"berths": 2, "gangs": 2, "ramps": 2, "truck_ramps": 8}}
    data = coast_data(
        flows={"plain": {**first, "priority": 2}, "urgent": {**second, "priority": 1}},
        pools={"trucks": {"capacity": 1}},
        places=places,
    )
    run = play(data)
    urgent = story(run, "urgent/ship/harbour/truck-004")[-1][-1]
    assert urgent < story(run, "plain/ship/harbour/truck-002")[-1][-1]


def test_what_is_still_under_way_at_the_horizon_is_accounted_for(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 1)}, horizon_days=0.1)  # 2.4 h, closes at 3.6 h
    assert story(play(data), LOT + "truck-001")[-1] == (
        "march", "move", "border", "", pytest.approx(0.6), pytest.approx(2.4, abs=1e-6)
    )  # fmt: skip
