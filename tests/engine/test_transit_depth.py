"""Small stories of ports, trains, columns, trucks and barges in depth, with hours worked out by hand."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from nfm_sim.compile.modes import TrainMode
from nfm_sim.compile.scenario import kit_of
from nfm_sim.engine import simulate
from nfm_sim.kinds.modes import TRAIN
from nfm_sim.measures import closed_lots
from nfm_sim.network import Facility, Network
from nfm_sim.problems import InputError
from nfm_sim.record import Run
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship, story, wide_coast

LOT = "flow/ship/harbour/"


def play_on(network: Network, data: dict[str, Any]) -> Run:
    return simulate(build_scenario(data, network))


def with_links(network: Network, **changes: dict[str, Any]) -> Network:
    """The network with some links changed."""
    links = {name: replace(link, **changes.get(name, {})) for name, link in network.links.items()}
    return Network(network.path, network.nodes, links, network.facilities)


# --- ports -----------------------------------------------------------------------------------------------------


def test_papers_are_done_before_a_lot_is_loaded(play: Any) -> None:
    places = {"harbour": {"customs": {"capacity": 1, "rate_per_h": 4, "open": ["08:00-16:00"]}}}
    run = play(coast_data(flows={"flow": one_ship("truck", 1)}, places=places))
    assert story(run, LOT + "truck-001")[1:4] == [
        ("documents", "wait", "harbour", "closed hours", pytest.approx(0.1), 8.0),
        ("documents", "work", "harbour", "", 8.0, 8.25),
        ("load", "work", "harbour", "", 8.25, 8.75),
    ]


def test_trucks_leave_by_the_gate_one_by_one(play: Any) -> None:
    places = {"harbour": {"truck_ramps": 2, "gates": {"capacity": 1, "rate_per_h": 1}}}
    run = play(coast_data(flows={"flow": one_ship("truck", 2)}, places=places))
    assert story(run, LOT + "truck-002")[3:6] == [
        ("gate", "wait", "harbour", "gates", pytest.approx(0.7), pytest.approx(1.6)),
        ("gate", "work", "harbour", "", pytest.approx(1.6), pytest.approx(2.6)),
        ("march", "move", "border", "", pytest.approx(2.6), pytest.approx(5.6)),
    ]


def test_ammunition_has_a_yard_of_its_own(play: Any) -> None:
    flow = one_ship("truck", 2, "ammunition")
    data = coast_data(flows={"flow": flow}, places={"harbour": {"yard_m2": 900, "ammunition_m2": 30}})
    data["classes"] = {"ammunition": {"yard_m2": 30, "yard": "ammunition_m2", "dangerous": True}}
    assert story(play(data), LOT + "truck-002")[1] == (
        *("discharge", "blocked", "harbour", "ammunition_m2"),
        *(pytest.approx(0.1), pytest.approx(0.6)),
    )
    data["places"]["railhead"] = {"ammunition_m2": data["places"]["harbour"].pop("ammunition_m2")}
    # a port without that yard puts it with the rest
    assert story(play(data), LOT + "truck-002")[1][1] == "work"


def test_a_long_ship_waits_until_the_quay_has_room(play: Any) -> None:
    flow = one_ship("truck", 10, length_m=290)
    call = {"port": "harbour", "day": 0, "pieces": {"wheeled": 1}}
    flow["ships"] |= {"long": {"length_m": 120, "calls": [call]}, "short": {"length_m": 100, "calls": [call]}}
    places = {"harbour": {"berths": 3, "gangs": 3, "ramps": 3, "quay_m": 400}}
    run = play(coast_data(flows={"flow": flow}, places=places))
    assert story(run, "flow/long")[0] == ("arrive", "wait", "harbour", "quay_m", 0.0, 1.0)
    assert story(run, "flow/short")[0] == ("arrive", "wait", "harbour", "quay_m", 0.0, 1.0), "in turn"


def test_a_port_without_gangs_of_its_own_has_as_many_as_a_ship_can_use() -> None:
    near = coast()
    facilities = {key: there for key, there in near.facilities.items() if key != ("harbour", "gangs")}
    data = coast_data(flows={"flow": one_ship("truck", 3, gangs=2)}, places={"harbour": {"ramps": 2}})
    run = play_on(replace(near, facilities=facilities), data)
    assert story(run, LOT + "truck-002")[0][:2] == ("discharge", "work")
    assert story(run, LOT + "truck-003")[0][:4] == ("discharge", "wait", "harbour", "gangs of the ship")


def test_columns_wait_for_their_crews_who_fly_in(play: Any) -> None:
    flow = {
        **one_ship("column", 10),
        "airlifts": {"chalk": {"airport": "barracks", "day": 0.25, "people": 20, "lateness_h": 2}},
    }
    data = coast_data(flows={"flow": flow}, places={"barracks": {"aircraft_stands": {"capacity": 1, "rate_per_h": 10}}})
    run = play(data)
    assert story(run, "flow/chalk") == [
        ("arrive", "wait", "barracks", "lateness", 6.0, 8.0),
        ("disembark", "work", "barracks", "", 8.0, 10.0),
        ("transfer", "move", "barracks", "", 10.0, 13.0),
        ("married up", "milestone", "barracks", "", 13.0, 13.0),
    ]
    assert story(run, LOT + "column-001")[1:3] == [
        ("load", "wait", "harbour", "crews", 1.0, 13.0),
        ("form up", "work", "harbour", "", 13.0, 14.0),
    ]
    data["places"]["barracks"]["aircraft_stands"]["open"] = ["09:00-22:00"]
    assert story(play(data), "flow/chalk")[1:3] == [
        ("disembark", "wait", "barracks", "closed hours", 8.0, 9.0),
        ("disembark", "work", "barracks", "", 9.0, 11.0),
    ]


def permit_flow(**flow: Any) -> dict[str, Any]:
    data = coast_data(flows={"flow": {**one_ship("truck", 1), "permit_applied_day": 0, **flow}})
    data["regimes"] = {"peace": {"permit_h": 120, "permit_h_by_nation": {"PL": 72}}, "emers": {"permit_h": 6}}
    data["timeline"] = [{"regime": "peace", "day": 0}]
    return data


def test_a_permit_takes_as_long_as_the_regime_and_the_nation_have_it(play: Any) -> None:
    def granted(data: dict[str, Any]) -> Any:
        return story(play(data), LOT + "truck-001")[1]

    assert granted(permit_flow()) == ("permit", "wait", "harbour", "border permit", pytest.approx(0.1), 120.0)
    assert granted(permit_flow(nation="PL"))[-1] == 72.0
    assert granted(permit_flow(permit_applied_day=-4))[-1] == 24.0
    quicker = permit_flow()
    quicker["timeline"].append({"regime": "emers", "day": 2})
    assert granted(quicker)[-1] == 54.0, "a regime that comes in between gives it sooner"
    assert granted(permit_flow(permit_applied_day=-9))[0] == "load"


def test_a_permit_that_has_lapsed_is_asked_for_again(play: Any) -> None:
    data = permit_flow(permit_applied_day=-9, permit_valid_days=3)  # given on day -4, lapsed on day -1
    assert story(play(data), LOT + "truck-001")[1][-2:] == (pytest.approx(0.1), pytest.approx(120.1))


# --- rail ------------------------------------------------------------------------------------------------------


def test_trains_keep_to_length_and_weight() -> None:
    data = coast_data(movement={"train": {"max_wagons": 99, "max_m": 400, "max_t": 2000}})
    train = TrainMode(TRAIN, kit_of(build_scenario(data, coast())))
    for pieces in ({"tracked": 200}, {"trailer": 200}, {"tracked": 60, "wheeled": 90}):
        lots = train.lots_of(pieces, "harbour", "border")
        for lot in lots:
            wagons = train.made_up(lot)
            assert wagons.length_m + 20 <= 400
            assert wagons.weight_t <= 2000
        assert sum(sum(lot.values()) for lot in lots) == sum(pieces.values())
    # 22 wagons of 29 t with 33 tracked pieces of 40 t: 1,958 t; 24 wagons of 15.6 m fit the length
    assert len(train.lots_of({"tracked": 66}, "harbour", "border")) == 2
    assert len(train.lots_of({"trailer": 96}, "harbour", "border")) == 2


@pytest.mark.parametrize("where", ["track", "route"])
def test_a_short_track_or_route_makes_short_trains(where: str) -> None:
    network, data = coast(), coast_data(flows={"flow": one_ship("train", 40)})
    if where == "route":
        network = with_links(network, rail2={"max_train_m": 180.0})
    else:
        data["places"] = {"harbour": {"tracks": {"length_m": 180}}}
    lots = closed_lots(play_on(network, data))
    assert lots["pieces"].to_list() == [20, 20], "ten wagons of two behind a locomotive of 20 m"


def test_tanks_out_of_gauge_run_slowly_and_meet_nobody() -> None:
    both = one_ship("train", 20)
    tanks = {**one_ship("train", 20, "outsized"), "priority": 0}
    data = coast_data(flows={"flow": both, "tanks": tanks})
    data["movement"]["train"] |= {"speed_kmh": {"rail": 50}, "out_of_gauge_kmh": 25}
    data["places"] = {"harbour": {"berths": 2, "ramps": 2, "gangs": 2, "tracks": {"capacity": 2, "rate_per_h": 40}}}
    run = play_on(coast(), data)
    tank_train = story(run, "tanks/ship/harbour/train-001")
    assert [row[-2:] for row in tank_train if row[1] == "move"] == [(5.0, 9.0), (9.0, 11.0)]
    slots = run.passages.filter(run.passages["movement"] == "tanks/ship/harbour/train-001")
    assert slots["slot_h"].to_list() == [0.25, 0.25]


def test_the_civil_timetable_leaves_its_paths() -> None:
    data = coast_data(flows={"flow": one_ship("train", 20)})
    # nothing by day until 20:00, then one path in two hours
    data["movement"]["civil"] = {"paths": {"RAIL1": {"weekday": [0] * 20 + [0.5] * 4}, "other": {"weekday": [4] * 24}}}
    call = {"port": "harbour", "day": 0, "pieces": {"wheeled": 20}}
    data["flows"]["flow"]["ships"]["ship"]["calls"] = [call, call]
    data["places"] = {"harbour": {"tracks": 2, "ramps": {"rate_per_h": 40}}}
    run = play_on(coast(), data)
    assert story(run, LOT + "train-001")[2:4] == [
        ("march", "wait", "harbour", "civil timetable", 4.5, 20.0),
        ("march", "move", "halt", "", 20.0, 22.0),
    ]
    assert story(run, LOT + "train-002")[-3] == ("march", "move", "halt", "", 22.0, 24.0)


def test_a_locomotive_turns_back_at_the_border_where_it_is_exchanged(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("train", 20)}, pools={"locomotives": {"capacity": 1}})
    data["destinations"]["east"]["beyond_h"] = {"train": 50}
    data["movement"]["train"]["border_h"] = 2
    run = play(data)
    assert story(run, LOT + "train-001")[-2:] == [
        ("border exchange", "work", "border", "", 9.0, 11.0),
        ("closed", "milestone", "border", "", 11.0, 11.0),
    ]
    held = run.holdings.filter(run.holdings["pool"] == "locomotives")
    assert held.select("start_h", "end_h").rows() == [(6.0, 14.0)], "three hours back, not a hundred more"


def test_a_locomotive_that_goes_through_comes_back_with_its_wagons(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("train", 20)}, pools={"locomotives": {"capacity": 1}})
    data["destinations"]["east"]["beyond_h"] = {"train": 50}
    data["movement"]["train"] |= {"border_h": 2, "through": True}
    run = play(data)
    assert closed_lots(run)["closed_h"].to_list() == [9.0]
    held = run.holdings.filter(run.holdings["pool"] == "locomotives")
    assert held.select("start_h", "end_h").rows() == [(6.0, 9.0 + 100 + 3)]


def test_electric_trains_keep_to_the_wire() -> None:
    network = with_links(wide_coast(), rail2={"electrification": "none"}, rail6={"electrification": "25kV"})
    data = coast_data(flows={"flow": one_ship("train", 20)})
    assert play_on(network, data).passages["link"].to_list() == ["rail1", "rail2"]
    data["movement"]["train"]["electric"] = True
    assert play_on(network, data).passages["link"].to_list() == ["rail5", "rail6"]


@pytest.mark.parametrize(("tracks", "headway_h"), [(None, 0.25), (2, 0.25), (3, 0.25), (4, 0.125), (6, 1 / 12)])
def test_trains_follow_each_other_closer_on_more_tracks(tracks: int | None, headway_h: float) -> None:
    data = coast_data(flows={"flow": one_ship("train", 40)})
    data["movement"]["train"]["max_wagons"] = 10
    many = {"capacity": 9, "rate_per_h": 1e6}
    data["places"] = {"harbour": {"ramps": many, "tracks": many}}
    first, second = (
        play_on(with_links(coast(), rail1={"tracks": tracks}), data)
        .passages.filter(pl.col("link") == "rail1")
        .rows(named=True)
    )
    assert second["enter_h"] - first["enter_h"] == first["slot_h"] == pytest.approx(headway_h, abs=1e-6)


# --- road ------------------------------------------------------------------------------------------------------


def test_a_breakdown_holds_the_column_and_half_the_road() -> None:
    """Nothing may stand on the way. The first column is at the border at 4.5, with a vehicle to recover until 10.5.
    Half of the last road is open meanwhile: 1.01 h, the slot of a column, of every 2.02. The second would be there at
    7."""
    open_road = coast()
    network = Network(
        open_road.path,
        {**open_road.nodes, "halt": replace(open_road.nodes["halt"], holds=frozenset())},
        open_road.links,
        open_road.facilities,
    )
    second = one_ship("column", 5)
    second["ships"]["ship"]["calls"][0]["day"] = 3.5 / 24
    data = coast_data(flows={"first": one_ship("column", 5), "second": second})
    data["movement"]["column"] |= {"column_gap_h": 1, "breakdown_per_vehicle_km": 99, "recovery_h": 6}
    run = play_on(network, data)
    assert story(run, "first/ship/harbour/column-001")[2:5] == [
        ("march", "move", "border", "", 1.5, 4.5),
        ("recovery", "wait", "border", "breakdown", 4.5, 10.5),
        ("march", "move", "border", "", 10.5, 10.51),
    ]
    assert story(run, "second/ship/harbour/column-001")[2] == ("march", "move", "border", "", 5.0, 8.0)
    data["movement"]["column"]["lane_blocked_share"] = 1
    assert story(play_on(network, data), "second/ship/harbour/column-001")[2:4] == [
        ("march", "wait", "harbour", "breakdown", 5.0, 5.53),  # at 7.53 the road opens again
        ("march", "move", "border", "", 5.53, 8.53),
    ]


def test_a_column_breaks_down_on_any_of_its_roads(play: Any) -> None:
    """After two of three hours it is at the halt: twice as often on the way there as from there on."""
    data = coast_data(flows={"flow": one_ship("column", 5)})
    data["movement"]["column"] |= {"breakdown_per_vehicle_km": 99, "recovery_h": 6}
    where = [
        span[2] for n in range(20) for span in story(play(data, seed=n), LOT + "column-001") if span[0] == "recovery"
    ]
    assert (set(where), len(where)) == ({"halt", "border"}, 20)


@pytest.mark.parametrize(
    ("classes", "limit"),
    [
        ({"dangerous": True}, {"tunnel_category": "C"}),
        ({"weight_t": 70}, {"max_weight_t": 60.0}),
        ({"height_m": 4.6}, {"max_height_m": 4.2}),
        ({"width_m": 3.7}, {"max_width_m": 3.5}),
    ],
)
@pytest.mark.parametrize("mode", ["truck", "column"])
def test_loads_go_round_what_cannot_carry_them(mode: str, classes: dict[str, Any], limit: dict[str, Any]) -> None:
    network = with_links(wide_coast(), road2=limit)
    data = coast_data(flows={"flow": one_ship(mode, 1, "special"), "other": one_ship(mode, 1)})
    data["classes"] = {"special": classes, "wheeled": {}}
    used = play_on(network, data).passages.group_by("movement").agg("link")
    ways = {movement.split("/")[0]: links for movement, links in used.iter_rows()}
    assert ways == {"flow": ["road5", "road6"], "other": ["road1", "road2"]}


@pytest.mark.parametrize(
    ("mode", "limit", "passes"),
    [
        ("truck", {"max_weight_t": 70.0}, False),
        ("truck", {"max_weight_t": 105.0}, True),
        ("column", {"max_weight_t": 70.0}, True),
        ("train", {"max_weight_t": 90.0}, False),
        ("train", {"max_weight_t": 95.0}, True),
        ("truck", {"max_height_m": 3.6}, False),
        ("truck", {"max_height_m": 3.7}, True),
        ("column", {"max_height_m": 2.5}, True),
        ("train", {"max_height_m": 3.7}, False),
    ],
)
def test_a_limit_meets_the_vehicle_and_its_load(mode: str, limit: dict[str, Any], passes: bool) -> None:
    """A tank of 65 t and 2.5 m drives by itself, stands on a low-loader of 40 t and 1.2 m, or on a wagon of 29 t and
    1.25 m: 105 t and 3.7 m, or 94 t and 3.75 m."""
    network = with_links(wide_coast(), road2=limit, rail2=limit)
    tank = {"weight_t": 65, "height_m": 2.5, "pieces_per_wagon": 1, "trucks": ["low_loaders"]}
    data = coast_data(flows={"flow": one_ship(mode, 1, "tank")}, classes={"tank": tank})
    data["pools"] = {"low_loaders": {"capacity": 1}}
    data["movement"]["truck"]["lorries"] = {"low_loaders": {"tare_t": 40, "deck_m": 1.2}}
    links = play_on(network, data).passages["link"].to_list()
    assert any(link.endswith("2") for link in links) is passes


def test_two_pieces_of_a_lorry_or_a_wagon_weigh_together() -> None:
    network = with_links(wide_coast(), road2={"max_weight_t": 44.0}, rail2={"max_weight_t": 58.0})
    for mode, pieces in (("truck", 1), ("train", 1), ("truck", 2), ("train", 2)):
        data = coast_data(flows={"flow": one_ship(mode, pieces)})
        data["movement"]["truck"]["pieces"] = 2
        links = play_on(network, data).passages["link"].to_list()
        assert any(link.endswith("2") for link in links) is (pieces == 1), (mode, pieces)


def test_a_load_that_no_way_carries_is_an_error(play: Any) -> None:
    network = with_links(coast(), road2={"max_weight_t": 60.0})
    data = coast_data(flows={"flow": one_ship("truck", 1, "special")}, classes={"special": {"weight_t": 70}})
    said = 'flows.flow "special" has pieces that no way can carry: there is no way by road from "harbour" to "border"'
    with pytest.raises(InputError, match=said):
        play_on(network, data)


def test_civil_traffic_slows_a_column_at_the_peak(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("column", 5)})
    busy = [1.0] * 3 + [3.0] * 21
    data["movement"]["civil"] = {
        "mean_per_h": {"motorway": 1000},
        "road": {"weekday": busy},
        "lane_capacity_per_h": 1000,
        "delay_a": 1,
        "delay_b": 1,
    }
    mean = (3 + 63) / 24
    delay = [1 + 1 / mean, 1 + 3 / mean]
    moves = [row for row in story(play(data), LOT + "column-001") if row[1] == "move"]
    at_halt = 1.5 + 2 * delay[0]
    assert moves[0][-1] == pytest.approx(at_halt, abs=1e-4), "it starts before three"
    assert moves[1][-1] == pytest.approx(at_halt + delay[1] * 1.01, abs=1e-4)


def test_a_packet_has_no_more_trucks_than_there_are(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 6)}, pools={"trucks": {"capacity": 2}})
    data["movement"]["truck"]["trucks"] = 3
    lots = closed_lots(play(data))
    assert lots["pieces"].to_list() == [2, 2, 2]
    assert lots["closed_h"].null_count() == 0


# --- water -----------------------------------------------------------------------------------------------------


def test_a_lock_has_hours_and_civil_barges_before_it(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("barge", 40)})
    data["places"] = {"lock": {"chambers": {"open": ["06:00-18:00"]}}}
    data["movement"]["barge"]["civil_queue_h"] = 5
    assert story(play(data), LOT + "barge-001")[3:6] == [
        ("lockage", "wait", "lock", "civil barges", 18.0, 23.0),
        ("lockage", "wait", "lock", "closed hours", 23.0, 30.0),
        ("lockage", "work", "lock", "", 30.0, 31.0),
    ]


def test_a_lock_of_the_scenario_has_civil_barges_before_it_as_one_of_the_network_has() -> None:
    near = coast()
    without = {key: facility for key, facility in near.facilities.items() if key != ("lock", "chambers")}
    data = coast_data(flows={"flow": one_ship("barge", 40)})
    data["places"] = {"lock": {"chambers": {"capacity": 1, "rate_per_h": 1}}}
    data["movement"]["barge"]["civil_queue_h"] = 5
    run = play_on(replace(near, facilities=without), data)
    assert story(run, LOT + "barge-001")[3:5] == [
        ("lockage", "wait", "lock", "civil barges", 18.0, 23.0),
        ("lockage", "work", "lock", "", 23.0, 24.0),
    ]


def test_a_lock_that_takes_no_time_has_its_civil_barges_all_the_same() -> None:
    near = coast()
    quick = {("lock", "chambers"): replace(near.facilities["lock", "chambers"], rate_per_h=None)}
    data = coast_data(flows={"flow": one_ship("barge", 40)})
    data["movement"]["barge"]["civil_queue_h"] = 5
    run = play_on(replace(near, facilities={**near.facilities, **quick}), data)
    assert story(run, LOT + "barge-001")[3:5] == [
        ("lockage", "wait", "lock", "civil barges", 18.0, 23.0),
        ("march", "move", "border", "", 23.0, 28.0),
    ]


def test_a_barge_keeps_to_fairways_of_its_class() -> None:
    network = with_links(coast(), canal2={"cemt_class": "IV"})
    data = coast_data(flows={"flow": one_ship("barge", 40)})
    data["movement"]["barge"]["cemt"] = "IV"
    assert closed_lots(play_on(network, data))["closed_h"].null_count() == 0
    data["movement"]["barge"]["cemt"] = "Va"
    with pytest.raises(InputError, match='no way by water from "harbour" to "border"'):
        play_on(network, data)


def test_a_barge_is_unloaded_by_crane_at_an_inland_terminal(play: Any) -> None:
    data = coast_data(
        flows={"flow": one_ship("barge", 40)}, places={"lock": {"cranes": {"capacity": 1, "rate_per_h": 20}}}
    )
    data["destinations"]["east"]["exits"]["barge"] = "lock"
    assert story(play(data), LOT + "barge-001")[2:] == [
        ("march", "move", "lock", "", 8.0, 18.0),
        ("unload", "work", "lock", "", 18.0, 20.0),
        ("closed", "milestone", "lock", "", 20.0, 20.0),
    ]


def test_low_water_halves_what_a_fairway_carries(play: Any) -> None:
    low = {"low water": {"links": ["canal1"], "start_h": 0, "duration_h": 90, "left_share": 0.5}}
    data = coast_data(flows={"flow": one_ship("barge", 40)}, disruptions=low)
    data["movement"]["barge"]["headway_h"] = 8
    # open 8 hours of 16; the barge is loaded at 8, when a cycle has just opened
    assert story(play(data), LOT + "barge-001")[2] == ("march", "move", "lock", "", 8.0, 18.0)


def test_facilities_with_a_length_are_read() -> None:
    assert Facility("harbour", "tracks", 1, "tracks", 5.0, 180.0).length_m == 180.0


def test_a_column_that_halts_at_a_lock_takes_no_chamber() -> None:
    narrow = coast()
    there = {**narrow.facilities, ("halt", "chambers"): Facility("halt", "chambers", 1, "chambers", 1.0)}
    run = play_on(replace(narrow, facilities=there), coast_data(flows={"flow": one_ship("column", 5)}))
    assert "lockage" not in run.spans["activity"]


def test_helicopters_fly_in_daylight_from_where_no_spot_is_known_too() -> None:
    """Landed at 0.2 and ready at 2.2."""
    narrow = coast()
    there = {key: one for key, one in narrow.facilities.items() if key[1] != "landing_spots"}
    data = coast_data(flows={"flow": one_ship("flight", 1, "helicopter")})
    data["movement"]["flight"]["daylight"] = ["08:00-16:00"]
    run = play_on(replace(narrow, facilities=there), data)
    assert story(run, "flow/ship/harbour/flight-001")[2] == ("load", "wait", "harbour", "closed hours", 2.2, 8.0)
