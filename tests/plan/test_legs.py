"""Legs: what can be carried over a link, where a leg is cut, and what its links take."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from nfm_sim.compile.scenario import compile_scenario, kit_of
from nfm_sim.kinds.modes import COLUMN
from nfm_sim.network import Network
from nfm_sim.plan.legs import Drive, LegBook, carries
from nfm_sim.plan.movement import LegHours, Way
from nfm_sim.plan.timeline import MOST_DELAY, HourClass, Traffic
from nfm_sim.record.words import whole_ticks
from nfm_sim.scenario import build_scenario
from nfm_sim.scenario.rules import CivilTraffic
from tests.conftest import coast, coast_data, link, one_ship, wide_coast

ROAD = link("road1", "harbour", "halt", 100, "road")


def book_of(network: Network | None = None, **movement: dict[str, Any]) -> LegBook:
    data = coast_data()
    for mode, rules in movement.items():
        data["movement"].setdefault(mode, {}).update(rules)
    return kit_of(build_scenario(data, network or coast())).trips.book


@pytest.mark.parametrize(
    ("limits", "moves", "network", "passes"),
    [
        ({"tunnel_category": "C"}, {"dangerous": True}, "road", False),
        ({"tunnel_category": "A"}, {"dangerous": True}, "road", True),
        ({"tunnel_category": ""}, {"dangerous": True}, "road", True),
        ({"tunnel_category": "C"}, {"dangerous": True}, "rail", True),  # ADR is of roads
        ({"tunnel_category": "C"}, {}, "road", True),
        ({"electrification": "none"}, {"electric": True}, "rail", False),
        ({"electrification": "none"}, {}, "rail", True),
        ({"electrification": "25kV"}, {"electric": True}, "rail", True),
        ({"electrification": ""}, {"electric": True}, "rail", True),
        ({"cemt_class": "IV"}, {"cemt": "Va"}, "water", False),
        ({"cemt_class": "IV"}, {"cemt": "IV"}, "water", True),
        ({"cemt_class": "Va"}, {"cemt": "IV"}, "water", True),
        ({"cemt_class": ""}, {"cemt": "Va"}, "water", True),
        ({"cemt_class": "II"}, {}, "water", True),
        ({"max_weight_t": 60.0}, {"weight_t": 60.0}, "road", True),
        ({"max_weight_t": 60.0}, {"weight_t": 60.1}, "road", False),
        ({"max_height_m": 4.0}, {"height_m": 4.1, "weight_t": 10.0}, "road", False),
        ({"max_width_m": 3.0}, {"width_m": 3.1}, "road", False),
        ({"max_train_m": 600.0}, {"train_m": 601.0}, "rail", False),
        ({}, {"weight_t": 999.0, "train_m": 999.0}, "rail", True),
        ({"max_weight_t": 0.5, "max_height_m": 0.5, "max_width_m": 0.5, "max_train_m": 0.5}, {}, "road", True),
    ],
)
def test_a_link_carries_what_is_within_its_limits(
    limits: dict[str, Any], moves: dict[str, Any], network: str, passes: bool
) -> None:
    assert carries(replace(ROAD, **limits), Way("train", **moves), network) is passes


def test_legs_of_one_way_are_made_once_so_that_they_can_be_counted() -> None:
    trips = kit_of(build_scenario(coast_data(), coast())).trips
    assert trips.legs(Way("truck"), "harbour", "border") is trips.legs(Way("truck"), "harbour", "border")


def test_a_way_from_a_place_to_itself_has_no_legs() -> None:
    assert book_of().make(Way("truck"), "harbour", "harbour") == [()]


def test_a_column_stands_at_holding_nodes_and_a_lorry_nowhere() -> None:
    book = book_of()
    (legs,) = book.make(Way("column", vehicles=5), "harbour", "border")
    assert [(leg.start, leg.end, leg.hours) for leg in legs] == [("harbour", "halt", 2), ("halt", "border", 1)]
    ((leg,),) = book.make(Way("truck"), "harbour", "border")
    assert (leg.start, leg.end, leg.hours, leg.slots) == ("harbour", "border", 3, ())
    assert (leg.links, leg.forward) == (("road1", "road2"), (True, True))
    assert (leg.enter_h, leg.leave_h) == ((0, 2, 3), (2, 3))


@pytest.mark.parametrize(("elapsed_h", "next_link"), [(0, 1), (1.9, 1), (2, 1), (2.5, 1)])
def test_the_next_junction_of_a_lorry_is_before_the_first_link_that_it_has_not_entered(
    elapsed_h: float, next_link: int
) -> None:
    book = book_of()
    ((leg,),) = book.make(Way("truck"), "harbour", "border")
    assert book.next_junction(leg, elapsed_h) == next_link
    ((long,),) = book.make(Way("truck"), "railhead", "border")  # an hour, half an hour, two hours, and one
    assert [book.next_junction(long, hour) for hour in (0, 0.9, 1, 1.4, 1.5, 3.4, 3.5, 9)] == [1, 1, 2, 2, 3, 3, 3, 3]


@pytest.mark.parametrize("there", [True, False])
def test_a_leg_is_cut_at_a_junction_in_what_is_driven_and_what_lies_ahead(there: bool) -> None:
    start, goal = ("harbour", "border") if there else ("border", "harbour")
    book = book_of()
    ((leg,),) = book.make(Way("truck"), start, goal)
    driven, ahead = book.cut_before(leg, 1)
    first_h = 2 if there else 1
    assert (driven.start, driven.end, driven.hours, driven.pass_h) == (start, "halt", first_h, 0)
    assert driven.links == leg.links[:1]
    assert (ahead.start, ahead.end, ahead.hours, ahead.pass_h) == ("halt", goal, 3 - first_h, 0)
    assert (ahead.enter_h, ahead.leave_h) == ((0, 3 - first_h), (3 - first_h,))


def test_a_mode_without_a_headway_leaves_links_to_all_others() -> None:
    drive = Drive(COLUMN, SimpleNamespace(speed_kmh={"motorway": 50}), traffic())
    assert drive.hold_h(Way("column"), ROAD, 2, 50, HourClass(1.0, ())) == 0


def test_a_slot_lasts_a_second_at_least() -> None:
    (first, second) = book_of(barge={"headway_h": 0}).make(Way("barge"), "harbour", "border")[0]
    assert [hours for leg in (first, second) for hours in leg.slot_h] == [whole_ticks(1 / 3600)] * 2


def test_a_link_without_length_takes_no_time() -> None:
    near = coast()
    joint = replace(near.links["road2"], km=0.0)
    book = book_of(Network(near.path, near.nodes, {**near.links, "road2": joint}, near.facilities))
    legs = book.make(Way("column", vehicles=20), "harbour", "border")[0]
    assert [(leg.hours, leg.pass_h) for leg in legs] == [(2, pytest.approx(0.04, abs=1e-6)), (0, 0)]


def test_running_times_add_up_over_the_links_that_may_be_passed() -> None:
    through = LegHours((2.0, 1.0), (0.5, 0.5), (0.25, 0.25))
    closed = LegHours((2.0, 0.0, 1.0), (0.5, 0.0, 0.5), (0.25, 0.0, 0.25), closed=(1,))
    assert (through.enter_h, through.closed) == ((0, 2, 3), ())
    assert (closed.enter_h, closed.closed) == ((0, 2, 2, 3), (1,))
    behind = [closed.behind(place) for place in (1, 2)]
    assert [(hours.run_h, hours.pass_h, hours.closed) for hours in behind] == [
        ((0, 1), (0, 0.5), (0,)),
        ((1,), (0.5,), ()),
    ]


def test_hours_in_which_no_train_may_run_close_the_link_that_has_none() -> None:
    never = {"weekday": [0] * 24}
    (leg,) = book_of(civil={"paths": {"RAIL2": never, "other": {"weekday": [4] * 24}}}).make(
        Way("train"), "halt", "border"
    )[0]
    assert [(hours.run_h, hours.closed) for hours in leg.by_class] == [((0,), (0,))]


def test_a_flight_takes_the_hours_of_the_great_circle() -> None:
    ((leg,),) = book_of().make(Way("flight"), "harbour", "border")
    assert leg.hours == pytest.approx(coast().great_circle_km("harbour", "border") / 100, abs=1e-5)
    assert (leg.pass_h, leg.links) == (0, ())


# civil traffic


def test_the_longest_slot_and_stay_on_a_link_are_those_of_its_slowest_hours() -> None:
    """Twenty vehicles, two hours on an empty road and four on a full one, which pass in 0.04 or 0.08 h."""
    data = coast_data(flows={"flow": one_ship("column", 20)})
    week = {"weekday": [0] * 12 + [1] * 12}
    data["movement"]["civil"] = {"mean_per_h": {"motorway": 1000}, "delay_a": 1, "delay_b": 1, "road": week}
    data["movement"]["civil"]["lane_capacity_per_h"] = 2000
    data["movement"]["column"]["column_gap_h"] = 1
    longest = compile_scenario(build_scenario(data, coast())).longest
    assert longest["road1"] == pytest.approx((1.08, 4.08), abs=1e-6)
    assert longest["road2"] == pytest.approx((1.08, 2.08), abs=1e-6)


def test_the_stay_on_a_link_is_counted_from_when_it_is_entered() -> None:
    """Over the bypass, where nothing may stand: 100 km and 80 km at 50 km/h, and the time to pass."""
    wide = wide_coast()
    round_ = replace(wide, links={name: link for name, link in wide.links.items() if name != "road2"})
    data = coast_data(flows={"flow": one_ship("column", 20)})
    longest = compile_scenario(build_scenario(data, round_)).longest
    assert [longest[name][1] for name in ("road5", "road6")] == pytest.approx([2.04, 1.64], abs=0.01)


def traffic(**rules: Any) -> Traffic:
    return Traffic(CivilTraffic(**{"mean_per_h": {"motorway": 1000}, "delay_a": 1, "delay_b": 2, **rules}))


@pytest.mark.parametrize(
    ("changes", "times_the_mean", "delay"),
    [
        ({}, 1, 1 + 0.25),  # 1,000 an hour where there is room for 2,000
        ({}, 2, 1 + 1),
        ({"lanes": 2}, 2, 1 + 0.25),
        ({}, 0, 1),
        ({}, 1000, MOST_DELAY),
        ({"kind": "local"}, 2, 1),  # no volume is given of such roads
        ({"modes": frozenset(["rail"])}, 2, 1),
    ],
)
def test_a_road_is_slower_the_fuller_it_is(changes: dict[str, Any], times_the_mean: float, delay: float) -> None:
    civil = traffic(lane_capacity_per_h=2000)
    assert civil.delay(replace(ROAD, **changes), HourClass(times_the_mean, ())) == delay


def test_paths_are_those_of_the_line_or_of_all_others() -> None:
    day, night = {"weekday": [2] * 24}, {"weekday": [1] * 12 + [3] * 12}
    civil = traffic(mean_per_h={}, paths={"RAIL1": day, "other": night})
    (morning, evening) = civil.classes("rail")
    own, other = (link(name, "harbour", "halt", 100, "rail") for name in ("rail1", "rail2"))
    assert [civil.paths_per_h(own, hour) for hour in (morning, evening)] == [2, 2]
    assert [civil.paths_per_h(other, hour) for hour in (morning, evening)] == [1, 3]
    assert civil.paths_per_h(own, HourClass(1.0, ())) is None
    alone = traffic(mean_per_h={}, paths={"RAIL1": day})
    assert alone.paths_per_h(other, alone.classes("rail")[0]) is None
    assert (civil.classes("road"), len(alone.classes("rail")), traffic().classes("rail")) == ((), 1, ())


def test_a_leg_is_planned_for_an_empty_road_and_known_for_each_class_of_hours() -> None:
    week = {"weekday": [0] * 12 + [1] * 12}
    rules = {"mean_per_h": {"motorway": 1000}, "delay_a": 1, "delay_b": 1, "lane_capacity_per_h": 2000, "road": week}
    ((leg,),) = book_of(civil=rules).make(Way("truck"), "harbour", "border")
    assert leg.hours == 3
    by_class = [hours.enter_h for hours in leg.by_class]
    assert by_class == [(0, 2, 3), (0, 4, 6)], "twice the mean of the week is as much as a lane takes"


@pytest.mark.parametrize(("tracks", "order_h"), [(2, 2.0), (4, 0.0)])
def test_the_slot_of_a_line_on_which_trains_pass_each_other_keeps_no_order(tracks: int, order_h: float) -> None:
    wide = coast()
    line = replace(wide.links["rail1"], tracks=tracks)
    book = book_of(Network(wide.path, wide.nodes, {**wide.links, "rail1": line}, wide.facilities))
    first = book.make(Way("train"), "harbour", "border")[0][0]
    assert [slot[3] for slot in first.slots] == [order_h]
