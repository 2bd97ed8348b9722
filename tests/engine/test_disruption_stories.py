"""Small stories of what is closed, short or taken back, with hours worked out by hand."""

from typing import Any

import polars as pl
import pytest

from nfm_sim.measures import closed_lots, closure
from nfm_sim.problems import InputError
from tests.conftest import coast_data, one_ship, story

LOT = "flow/ship/harbour/"


def close(start_h: float, duration_h: float, **target: Any) -> dict[str, Any]:
    return {"x": {"start_h": start_h, "duration_h": duration_h, **target}}


def column(play: Any, **changes: Any) -> list[Any]:
    """Five vehicles: landed at 0.5, formed up at 1.5, at the halt at 3.5, over the border at 4.51."""
    return story(play(coast_data(flows={"flow": one_ship("column", 5)}, **changes)), LOT + "column-001")


def test_a_closed_road_is_waited_for_where_movements_may_stand(play: Any) -> None:
    assert column(play, disruptions=close(2, 8, links=["road2"]))[2:] == [
        ("march", "move", "halt", "", 1.5, 3.5),
        ("march", "wait", "halt", "x", 3.5, 10.0),
        ("march", "move", "border", "", 10.0, 11.01),
        ("closed", "milestone", "border", "", 11.01, 11.01),
    ]


def test_a_column_takes_the_way_round_when_that_is_sooner(play_wide: Any) -> None:
    assert column(play_wide, disruptions=close(1, 8, links=["road1"]))[2:4] == [
        ("march", "move", "border", "", 1.5, 5.11),  # 180 km, one leg
        ("closed", "milestone", "border", "", 5.11, 5.11),
    ]
    assert column(play_wide, routing="fixed", disruptions=close(1, 8, links=["road1"]))[2] == (
        *("march", "wait", "harbour", "x"),
        *(1.5, 9.0),
    )


def test_waiting_beats_a_way_round_that_is_longer(play_wide: Any) -> None:
    assert column(play_wide, disruptions=close(1, 1, links=["road1"]))[2:4] == [
        ("march", "wait", "harbour", "x", 1.5, 2.0),
        ("march", "move", "halt", "", 2.0, 4.0),
    ]


def test_a_column_before_a_closed_link_turns_back_to_where_it_stood(play_wide: Any) -> None:
    disruptions = {
        "x": {"start_h": 1, "duration_h": 99, "links": ["road1"]},
        "y": {"start_h": 2.4, "duration_h": 2.5, "links": ["road6"]},
    }
    run = play_wide(coast_data(flows={"flow": one_ship("column", 5)}, disruptions=disruptions))
    assert story(run, LOT + "column-001")[2:5] == [
        ("march", "move", "border", "", 1.5, 2.4),
        ("turn back", "move", "harbour", "y", 2.4, 3.3),
        ("march", "move", "border", "", 3.3, 6.91),  # at the bypass at 5.3, when it is open again
    ]
    assert run.passages["link"].to_list() == ["road5", "road6"], "who turned back has passed no link"


def test_a_column_that_is_past_a_link_goes_on_when_it_closes(play_wide: Any) -> None:
    assert column(play_wide, disruptions=close(3, 99, links=["road1"])) == column(play_wide)


def test_a_truck_leaves_at_the_next_junction(play_wide: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 1)}, disruptions=close(1, 99, links=["road2"]))
    run = play_wide(data)  # on road1 from 0.6; at the halt at 2.6; back to the harbour and over the bypass
    assert story(run, LOT + "truck-001")[2:5] == [
        ("march", "move", "border", "", 0.6, 1.0),
        ("march", "move", "halt", "", 1.0, 2.6),
        ("march", "move", "border", "", 2.6, 8.95),  # 5.6 hours at the wheel and a break
    ]
    assert run.passages["link"].to_list() == ["road1", "road1", "road5", "road6"]


def test_a_link_with_half_its_capacity_passes_one_movement_a_cycle(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("train", 20)}, disruptions=close(0, 48, links=["rail2"], left_share=0.5))
    run = play(data)  # discharged at 2, loaded at 6, at the halt at 8; open in one hour of two
    assert story(run, LOT + "train-001")[2:5] == [
        ("march", "move", "halt", "", 6.0, 8.0),
        ("march", "wait", "halt", "x", 8.0, 9.0),
        ("march", "move", "border", "", 9.0, 10.0),
    ]


def test_a_lost_port_sends_its_ships_to_another(play_wide: Any) -> None:
    flow = {**one_ship("truck", 1), "diverts_to": {"haven": 12}}
    data = coast_data(flows={"flow": flow}, disruptions=close(0, 99, facilities=["harbour.berths"]))
    run = play_wide(data)
    assert story(run, "flow/ship")[:2] == [
        ("divert", "move", "haven", "x", 0.0, 12.0),
        ("discharge", "work", "haven", "", 12.0, pytest.approx(12.1)),
    ]
    assert closed_lots(run)["origin"].to_list() == ["haven"]
    stays = play_wide({**data, "disruptions": close(0, 11, facilities=["harbour.berths"])})
    assert story(stays, "flow/ship")[0] == ("arrive", "wait", "harbour", "x", 0.0, 11.0)


def test_a_ship_is_not_sent_on_by_the_loss_of_what_it_does_not_use(play_wide: Any) -> None:
    """Ramps and no cranes."""
    flow = {**one_ship("truck", 1), "diverts_to": {"haven": 12}}
    lost = close(0, 99, facilities=["harbour.cranes", "haven.cranes"])
    run = play_wide(coast_data(flows={"flow": flow}, disruptions=lost))
    assert story(run, "flow/ship")[0] == ("discharge", "work", "harbour", "", 0.0, 0.1)


def test_a_ship_knows_of_a_port_that_is_to_close_as_announced(play_wide: Any) -> None:
    """Twenty pieces would take two hours: closed from hour one on, for longer than it takes to sail on."""
    flow = {**one_ship("truck", 20), "diverts_to": {"haven": 12}}
    shut = close(1, 99, facilities=["harbour.berths"], announced=True)
    run = play_wide(coast_data(flows={"flow": flow}, disruptions=shut))
    assert story(run, "flow/ship")[0] == ("divert", "move", "haven", "x", 0.0, 12.0)


def test_a_ship_that_is_discharged_when_its_port_closes_stays(play_wide: Any) -> None:
    """Twenty pieces take two hours."""
    flow = {**one_ship("column", 20), "diverts_to": {"haven": 12}}
    shut = close(2, 99, facilities=["harbour.berths"], announced=True)
    run = play_wide(coast_data(flows={"flow": flow}, disruptions=shut))
    assert story(run, "flow/ship")[0] == ("discharge", "work", "harbour", "", 0.0, 2.0)


def test_two_disruptions_that_each_take_all_leave_nothing(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 1)})
    both = {
        "x": {"start_h": 1, "duration_h": 5, "facilities": ["harbour.truck_ramps"]},
        "y": {"start_h": 2, "duration_h": 10, "facilities": ["harbour.truck_ramps"]},
    }
    there = play({**data, "disruptions": both}).capacities.filter(pool="truck_ramps", place="harbour")
    assert there["capacity"].to_list() == [1, 0, 0, 0, 1]


SHORT, LONG = {"tracks": {"length_m": 180}}, {"tracks": {"length_m": 740}}  # ten wagons of 15.6 m, or all


def trains(play_wide: Any, pieces: int, lost_h: float, harbour: Any, haven: Any) -> list[Any]:
    """The trains of a ship whose port is lost from an hour on: name, origin, pieces and closure."""
    flow = {**one_ship("train", pieces), "diverts_to": {"haven": 12}}
    data = coast_data(flows={"flow": flow}, places={"harbour": harbour, "haven": haven})
    data["movement"]["train"] |= {"max_wagons": 20}
    run = play_wide({**data, "disruptions": close(lost_h, 199, facilities=["harbour.berths"])})
    assert closure(run)["pieces"].to_list() == [pieces]
    assert closure(run)["last_h"].null_count() == 0
    lots = closed_lots(run).sort("movement").select("movement", "origin", "pieces", pl.col("closed_h").round(3))
    return [(name.removeprefix(LOT), *rest) for name, *rest in lots.rows()]


def test_trains_of_a_ship_that_diverts_are_formed_for_the_track_that_they_find(play_wide: Any) -> None:
    """At twelve in the haven, ten pieces an hour ashore and five on the wagons, two hours to the border."""
    assert trains(play_wide, 40, 0, {}, SHORT) == [("train-001", "haven", 20, 20), ("train-002", "haven", 20, 24)]
    assert trains(play_wide, 40, 0, SHORT, LONG) == [("train-001", "haven", 40, 26)]


def test_what_is_left_of_a_ship_that_diverts_is_formed_anew(play_wide: Any) -> None:
    """One of two trains is ashore when the port is lost; the other makes two where it comes to."""
    first, *others = trains(play_wide, 60, 2.9, {}, SHORT)
    assert first == ("train-001", "harbour", 30, 12)
    assert [origin for _, origin, *_ in others] == ["haven", "haven"]
    assert sum(pieces for _, _, pieces, _ in others) == 30


def test_trains_that_are_formed_anew_have_names_of_their_own(play_wide: Any) -> None:
    """One of three trains is ashore when the port is lost; the others make two each."""
    names = [name for name, *_ in trains(play_wide, 90, 2.9, {}, SHORT)]
    assert names[:3] == ["train-001", "train-002", "train-003"]
    assert len(set(names)) == len(names) == 5


def test_a_train_that_no_track_of_another_port_takes_is_an_error(play_wide: Any) -> None:
    with pytest.raises(InputError, match=r"places\.haven\.tracks\.length_m .* is shorter than a train with wheeled"):
        trains(play_wide, 2, 0, {}, {"tracks": {"length_m": 30}})


@pytest.mark.parametrize(
    ("lost_h", "port", "begins"), [(15, "haven", 12.0), (11, "railhead", 11.0), (5, "railhead", 6.0)]
)
def test_a_ship_diverts_to_the_port_where_it_is_discharged_first(
    play_wide: Any, lost_h: float, port: str, begins: float
) -> None:
    """One port is twelve hours away; the other six, and lost for a while too."""
    flow = {**one_ship("truck", 1), "diverts_to": {"haven": 12, "railhead": 6}}
    near = {
        "berths": 1,
        "gangs": 1,
        "ramps": {"capacity": 1, "rate_per_h": 10},
        "truck_ramps": {"capacity": 1, "rate_per_h": 2},
    }
    lost = {
        "x": {"start_h": 0, "duration_h": 99, "facilities": ["harbour.berths"]},
        "y": {"start_h": 0, "duration_h": lost_h, "facilities": ["railhead.berths"]},
    }
    run = play_wide(coast_data(flows={"flow": flow}, places={"railhead": near}, disruptions=lost))
    told = story(run, "flow/ship")
    assert told[0][:4] == ("divert", "move", port, "x")
    assert told[-2] == ("discharge", "work", port, "", begins, pytest.approx(begins + 0.1))


def test_a_port_that_will_be_lost_before_a_ship_is_there_is_no_way_out(play_wide: Any) -> None:
    """It comes at hour 1, and knows that the haven, 12 hours away, is lost from hour 6 on for longer than its own."""
    flow = {**one_ship("truck", 1), "diverts_to": {"haven": 12}}
    flow["ships"]["ship"]["calls"][0]["day"] = 1 / 24
    lost = {
        "x": {"start_h": 0, "duration_h": 99, "facilities": ["harbour.berths"]},
        "y": {"start_h": 6, "duration_h": 200, "facilities": ["haven.berths"], "warning_h": 6},
    }
    run = play_wide(coast_data(flows={"flow": flow}, disruptions=lost))
    assert story(run, "flow/ship")[0] == ("arrive", "wait", "harbour", "x", 1.0, 99.0)


def test_of_two_ports_that_are_lost_the_ships_of_one_look_elsewhere_before_those_of_the_other(play_wide: Any) -> None:
    """A third port is eight hours away, and busy with the first ship until hour 28: later than its own opens again."""
    flow = {**one_ship("truck", 200), "diverts_to": {"railhead": 8}}
    flow["ships"]["other"] = {"calls": [{"port": "haven", "day": 0, "pieces": {"wheeled": 200}}]}
    third = {"berths": 1, "gangs": 1, "ramps": {"capacity": 1, "rate_per_h": 10}}
    third["truck_ramps"] = {"capacity": 1, "rate_per_h": 2}
    lost = close(1, 16, facilities=["haven.berths", "harbour.berths"])
    run = play_wide(coast_data(flows={"flow": flow}, disruptions=lost, places={"railhead": third}))
    sailed = run.spans.filter((pl.col("activity") == "divert") & (pl.col("subject").str.count_matches("/") == 1))
    assert sailed["subject"].to_list() == ["flow/ship"]


def test_a_ship_that_finds_its_second_port_lost_sails_on_to_a_third(play_wide: Any) -> None:
    """It is on its way to the haven when that is lost too."""
    flow = {**one_ship("truck", 1), "diverts_to": {"haven": 12, "railhead": 20}}
    third = {"berths": 1, "gangs": 1, "ramps": {"capacity": 1, "rate_per_h": 10}}
    lost = {
        "x": {"start_h": 0, "duration_h": 199, "facilities": ["harbour.berths"]},
        "y": {"start_h": 6, "duration_h": 93, "facilities": ["haven.berths"]},
    }
    third["truck_ramps"] = {"capacity": 1, "rate_per_h": 2}
    run = play_wide(coast_data(flows={"flow": flow}, places={"railhead": third}, disruptions=lost))
    assert story(run, "flow/ship")[:3] == [
        ("divert", "move", "haven", "x", 0.0, 12.0),
        ("divert", "move", "railhead", "y", 12.0, 32.0),
        ("discharge", "work", "railhead", "", 32.0, pytest.approx(32.1)),
    ]


def test_what_would_begin_after_the_horizon_never_happens(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 1)}, disruptions=close(240, 9, links=["road1"]))
    assert play(data).outages.is_empty()


def test_a_ship_takes_the_rest_of_its_cargo_elsewhere(play_wide: Any) -> None:
    flow = {**one_ship("truck", 3), "diverts_to": {"haven": 12}}
    run = play_wide(coast_data(flows={"flow": flow}, disruptions=close(0.15, 99, facilities=["harbour.ramps"])))
    assert story(run, "flow/ship")[:3] == [
        ("discharge", "work", "harbour", "", 0.0, pytest.approx(0.2)),  # two of three, the second under way
        ("divert", "move", "haven", "x", pytest.approx(0.2), pytest.approx(12.2)),
        ("discharge", "work", "haven", "", pytest.approx(12.2), pytest.approx(12.3)),
    ]
    assert closed_lots(run).sort("movement")["origin"].to_list() == ["harbour", "harbour", "haven"]


def test_what_waits_for_a_ramp_of_a_port_that_is_lost_gives_its_place_in_the_yard_back(play_wide: Any) -> None:
    """Two gangs and one ramp: the second piece has its place in the yard when the port is lost."""
    flow = {**one_ship("truck", 2, gangs=2), "diverts_to": {"haven": 12}}
    places = {"harbour": {"gangs": 2, "yard_m2": 900}, "haven": {"gangs": 2}}
    lost = close(0.05, 99, facilities=["harbour.ramps"])
    run = play_wide(coast_data(flows={"flow": flow}, places=places, disruptions=lost))
    stood = run.holdings.filter(pl.col("pool") == "yard_m2").select("subject", pl.col("start_h", "end_h").round(3))
    assert stood.rows() == [(LOT + "truck-001", 0.0, 0.6), (LOT + "truck-002", 0.0, 0.05)]
    assert story(run, LOT + "truck-002")[:3] == [
        ("discharge", "wait", "harbour", "ramps", 0.0, pytest.approx(0.1)),  # the ship sails when the first is ashore
        ("divert", "move", "haven", "x", pytest.approx(0.1), pytest.approx(12.1)),
        ("discharge", "work", "haven", "", pytest.approx(12.1), pytest.approx(12.2)),
    ]


def test_what_is_formed_anew_has_the_time_of_what_it_was(play_wide: Any) -> None:
    """The yard holds one train of 20 pieces, 900 m2. The gang of the second is blocked by it, and the third waits."""
    flow = {**one_ship("train", 60, gangs=2), "diverts_to": {"haven": 12}}
    places = {"harbour": {"gangs": 2, "ramps": 2, "yard_m2": 900}, "haven": SHORT}
    data = coast_data(flows={"flow": flow}, places=places, disruptions=close(1, 199, facilities=["harbour.ramps"]))
    data["movement"]["train"] |= {"max_wagons": 10}
    data["classes"] = {"wheeled": {"yard_m2": 45}}
    run = play_wide(data)
    assert story(run, LOT + "train-002")[0] == ("discharge", "blocked", "harbour", "yard_m2", 0.0, 2.0)
    assert story(run, LOT + "train-003")[0][:2] == ("discharge", "wait")


def test_a_ship_that_queues_for_a_lost_berth_sails_on(play_wide: Any) -> None:
    flow = {**one_ship("truck", 30), "diverts_to": {"haven": 12}}
    flow["ships"]["second"] = {"calls": [{"port": "harbour", "day": 0, "pieces": {"wheeled": 1}}]}
    lost = close(1, 99, facilities=["harbour.berths"])
    run = play_wide(coast_data(flows={"flow": flow}, disruptions=lost))
    assert story(run, "flow/second")[:2] == [
        ("arrive", "wait", "harbour", "berths", 0.0, 1.0),
        ("divert", "move", "haven", "x", 1.0, 13.0),
    ]
    for ship in flow["ships"].values():
        ship["length_m"] = 200
    run = play_wide(coast_data(flows={"flow": flow}, disruptions=lost, places={"harbour": {"quay_m": 300}}))
    assert story(run, "flow/second")[0] == ("arrive", "wait", "harbour", "quay_m", 0.0, 1.0)


def test_a_ship_is_held_up(play: Any) -> None:
    disruptions = close(0, 10, ships=["flow/ship"])
    run = play(coast_data(flows={"flow": one_ship("truck", 1, lateness_h=3)}, disruptions=disruptions))
    assert story(run, "flow/ship")[:2] == [
        ("arrive", "wait", "harbour", "lateness", 0.0, 3.0),
        ("arrive", "wait", "harbour", "x", 3.0, 13.0),
    ]


def test_what_a_ship_brings_waits_for_what_holds_it_up(play: Any) -> None:
    """Two calls of the same port, planned at 2 and 24; on the way, three hours are lost and then fifty."""
    flow = one_ship("truck", 1)
    flow["ships"]["ship"]["calls"][0]["day"] = 2 / 24
    flow["ships"]["ship"]["calls"].append({"port": "harbour", "day": 1, "sail_h": 5, "pieces": {"wheeled": 1}})
    both = {
        "x": {"start_h": 1, "duration_h": 3, "ships": ["flow/ship"]},
        "y": {"start_h": 3, "duration_h": 50, "ships": ["flow/ship"]},
    }
    run = play(coast_data(flows={"flow": flow}, disruptions=both))
    assert [span[3:] for span in story(run, LOT + "truck-001")[:2]] == [("x", 2.0, 5.0), ("y", 5.0, 55.0)]
    second = [span[3:] for span in story(run, LOT + "truck-002")[:2]]
    assert second == [("y", 24.0, 55.0), ("lateness", 55.0, 60.1)]


def test_a_ship_is_held_up_until_what_holds_it_up_is_mended(play: Any) -> None:
    """From hour one on for fifty, or two if a tug works: the ship would have come at two."""
    flow = one_ship("truck", 1)
    flow["ships"]["ship"]["calls"][0]["day"] = 2 / 24
    mended = close(1, 50, ships=["flow/ship"], work_h=2, needs={"tugs": 1})
    run = play(coast_data(flows={"flow": flow}, pools={"tugs": {"capacity": 1}}, disruptions=mended))
    assert story(run, "flow/ship")[0] == ("arrive", "wait", "harbour", "x", 2.0, 4.0)


def test_a_column_that_turned_back_has_driven_there_and_back(play_wide: Any) -> None:
    """1.9 hours there and as many back; two more are too many without the rest."""
    disruptions = {
        "x": {"start_h": 1, "duration_h": 2.4, "links": ["road1"]},
        "y": {"start_h": 3.4, "duration_h": 50, "links": ["road6"]},
    }
    data = coast_data(flows={"flow": one_ship("column", 5)}, disruptions=disruptions)
    data["movement"]["column"]["rests"] = [{"activity": "rest", "after_h": 5, "hours": 1}]
    assert story(play_wide(data), LOT + "column-001")[3:6] == [
        ("turn back", "move", "harbour", "y", 3.4, 5.3),
        ("rest", "work", "harbour", "", 5.3, 6.3),
        ("march", "move", "halt", "", 6.3, 8.3),
    ]


def test_a_ship_that_is_ahead_of_its_plan_waits_for_its_day(play_wide: Any) -> None:
    flow = one_ship("truck", 1)
    flow["ships"]["ship"]["calls"].append({"port": "haven", "day": 1, "sail_h": 5, "pieces": {"wheeled": 1}})
    run = play_wide(coast_data(flows={"flow": flow}))
    assert story(run, "flow/ship")[1:4] == [
        ("sail", "move", "haven", "", 0.1, 5.1),
        ("arrive", "wait", "haven", "ahead of plan", 5.1, 24.0),
        ("discharge", "work", "haven", "", 24.0, 24.1),
    ]


def test_a_cancelled_ship_brings_nothing_of_what_was_planned(play: Any) -> None:
    """One piece of two comes: half is on time, and the last piece never closes."""
    flow = {**one_ship("truck", 1), "required_day": 5}
    flow["ships"]["second"] = {**flow["ships"]["ship"], "cancelled": True}
    run = play(coast_data(flows={"flow": flow}))
    assert closed_lots(run)["closed_h"].null_count() == 1
    found = closure(run).row(0, named=True)
    assert (found["pieces"], found["closed_pieces"], found["on_time_share"], found["last_h"]) == (2, 1, 0.5, None)


def test_what_closes_at_the_horizon_itself_has_closed(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 1)})
    last_h = closure(play(data))["last_h"].item()
    data["horizon_days"] = last_h / 24
    assert closure(play(data))["last_h"].item() == last_h
    data["flows"]["flow"]["ships"]["ship"]["calls"][0]["day"] = (48 - last_h) / 24
    data["horizon_days"] = 2
    assert closure(play(data))["last_h"].item() == 48, "and at the end of a day"


def test_half_of_a_pool_is_gone_for_a_while(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 2)}, pools={"trucks": {"capacity": 2}})
    data["places"] = {"harbour": {"truck_ramps": 2}}
    run = play({**data, "disruptions": close(0, 5, pools=["trucks"], left_share=0.5)})
    assert story(run, LOT + "truck-002")[2] == ("load", "wait", "harbour", "x", pytest.approx(0.2), 5.0)


def test_of_three_trucks_the_half_that_is_closed_is_one(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 3)}, pools={"trucks": {"capacity": 3}})
    run = play({**data, "disruptions": close(0, 50, pools=["trucks"], left_share=0.5)})
    levels = run.capacities.filter(pl.col("pool") == "trucks").select("hour", "capacity").rows()
    assert levels == [(0, 2), (50, 3)]
    # discharged at 0.1, 0.2 and 0.3; loaded one after the other in half an hour; three hours out and three back
    held = run.holdings.filter(pl.col("pool") == "trucks").select(pl.col("start_h", "end_h").round(3)).rows()
    assert held == [(0.1, 6.6), (0.2, 7.1), (6.6, 13.1)]


def test_a_possession_is_planned_around(play: Any) -> None:
    announced = close(3, 5, links=["road1"], announced=True)
    assert column(play, disruptions=announced)[2:4] == [
        ("march", "wait", "harbour", "x", 1.5, 8.0),  # it would still be on the road at 3
        ("march", "move", "halt", "", 8.0, 10.0),
    ]
    both = column(play, disruptions=close(3, 5, links=["road2", "road1"], announced=True))
    assert both[2][3:] == ("x", 1.5, 8.0)
    never = close(3, 5, links=["road1"], announced=True, chance=0)
    assert column(play, disruptions=never) == column(play)


def test_a_disruption_comes_back(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("train", 20)})
    data["disruptions"] = close(7, 4, links=["rail2"], times=3, every_h=4)  # 7-11, 11-15, 15-19
    assert story(play(data), LOT + "train-001")[3] == ("march", "wait", "halt", "x", 8.0, 19.0)


def test_what_may_happen_anywhere_happens_on_long_links_more_often(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("train", 20)})
    data["disruptions"] = close(0, 500, anywhere="rail")  # 100 km, 50 km, and 50 km that no train takes
    waits = pl.concat([play(data, seed=s).spans.filter(pl.col("cause") == "x") for s in range(80)])
    by_place = dict(waits.group_by("place").len().iter_rows())
    assert 30 < by_place["harbour"] < 50
    assert 10 < by_place["halt"] < 30


def test_a_higher_movement_takes_a_credit_that_has_not_started(play: Any) -> None:
    def two_flows(bumping: bool) -> Any:
        low, high = one_ship("column", 5), one_ship("column", 5)
        low["priority"] = 2
        high["ships"]["ship"]["calls"][0]["day"] = 0.5 / 24
        data = coast_data(flows={"low": low, "high": high}, bumping=bumping)
        data["places"] = {"harbour": {"berths": 2, "ramps": 2, "gangs": 2}}
        data["movement"]["column"]["column_gap_h"] = 1
        data["disruptions"] = close(0, 4, links=["road1"], announced=True)
        return play(data)

    # both wait for the road to open at 4; a slot is 1.01 h with its gap
    mine = "low/ship/harbour/column-001"
    assert story(two_flows(False), mine)[2] == ("march", "wait", "harbour", "x", 1.5, 4.0)
    assert story(two_flows(True), mine)[2:4] == [
        ("march", "wait", "harbour", "x", 1.5, 4.0),
        ("march", "wait", "harbour", "bumped by high", 4.0, 5.01),
    ]
    assert story(two_flows(True), "high/ship/harbour/column-001")[3][-1] == 6.0


def test_the_earliest_arrival_goes_round_what_is_booked(play_wide: Any) -> None:
    def last(routing: str) -> float:
        data = coast_data(flows={"flow": one_ship("column", 100)}, routing=routing)
        data["movement"]["column"]["column_gap_h"] = 4
        data["places"] = {"harbour": {"ramps": {"rate_per_h": 1000}}}
        return float(closed_lots(play_wide(data))["closed_h"].max())

    # five columns: in turn over the short way, one every 4 hours; or two of them over the bypass
    assert last("fastest") == pytest.approx(1 + 0.02 + 3 + 4 * 4.04 + 0.04, abs=0.1)
    assert last("earliest") < last("fastest") - 4
