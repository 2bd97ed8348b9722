"""Movement control: what is closed and for how long, ways around it, and the slots of a programme."""

import math
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest
from simpy import Event, Interrupt

from nfm_sim.compile import compile_scenario
from nfm_sim.engine.links.control import Control, Credit, TakenBack
from nfm_sim.engine.links.driving import Closure
from nfm_sim.engine.movement.programme import Bookings
from nfm_sim.engine.world import World
from nfm_sim.plan.draws import Stream
from nfm_sim.plan.movement import Lot, ProgrammePlan, Way
from nfm_sim.scenario import build_scenario
from tests.conftest import coast_data, one_ship, wide_coast
from tests.engine.test_parts import lot

FLOOD, STRIKE = ("disruption", "flood"), ("disruption", "strike")


class Roads:
    """Control of the wide coast, with the column, lorry and train of a flow each: 20 vehicles, one, and ten wagons."""

    def __init__(self, **movement: Any) -> None:
        flows = {mode: one_ship(mode, pieces) for mode, pieces in (("column", 20), ("truck", 1), ("train", 20))}
        data = coast_data(flows=flows)
        data["movement"]["column"]["column_gap_h"] = 1
        for mode, rules in movement.items():
            data["movement"].setdefault(mode, {}).update(rules)
        self.plan = compile_scenario(build_scenario(data, wide_coast()))
        self.world = World(self.plan, Stream(0, 0))
        self.control: Control = self.world.control
        self.lots: dict[str, Lot] = dict(self.plan.flow_lots())

    def close(self, link: str, start: float, end: float, cause: Any = FLOOD, left_share: float = 0.0) -> None:
        self.control.close([link], start, end, cause, left_share)

    def book(self, name: str, leg: int = 0) -> tuple[Credit, list[TakenBack]]:
        """Book a leg of a lot in a process of its own, and note why its credit is taken back."""
        mine = self.lots[name]
        lost: list[TakenBack] = []
        given: list[Credit] = []

        def process() -> Generator[Event, Any, None]:
            given.append(self.control.book(mine, mine.trip.legs[leg], None))
            try:
                yield self.world.pause(99)
            except Interrupt as interrupt:
                lost.append(interrupt.cause)

        self.world.env.process(process())
        self.world.env.run_to(self.world.now, through=True)
        return given[0], lost


@pytest.fixture
def roads() -> Roads:
    return Roads()


def test_a_link_is_closed_from_an_hour_to_before_another(roads: Roads) -> None:
    roads.close("road1", 2, 5)
    roads.close("road1", 7, 9)
    roads.close("road2", 3, 4)
    roads.close("rail1", 3, 9, left_share=0.5)  # a part of it is left
    roads.close("rail2", 5, 5)
    roads.close("rail3", 6, 5)
    assert [sorted(roads.control.closed(hour)) for hour in (0, 2, 3, 4, 5, 8, 9)] == [
        [], ["road1"], ["road1", "road2"], ["road1"], [], ["road1"], [],
    ]  # fmt: skip
    assert set(roads.control.closures) == {"road1", "road2"}


def test_a_movement_waits_for_what_is_closed_when_it_gets_there(roads: Roads) -> None:
    """Two hours to the halt, and one more to the border."""
    legs = roads.lots["column"].trip.legs
    lorry = roads.lots["truck"].trip.legs
    assert roads.control.free_arrival(legs) == roads.control.free_arrival(lorry) == 3
    roads.close("road2", 1, 6)
    assert roads.control.free_arrival(legs) == 7, "it waits at the halt"
    assert roads.control.free_arrival(lorry) == 7, "it leaves later, because it stands nowhere"
    roads.close("road1", 3, 8, STRIKE)
    assert roads.control.free_arrival(lorry) == 11, "it would leave at 4, when the other is closed"
    assert roads.control.find(lorry[0], 0.0, None)[1:] == (8, STRIKE)
    assert roads.control.booked_arrival(lorry, None) == 11


def test_what_is_lost_on_a_way_is_what_is_closed_when_it_is_reached(roads: Roads) -> None:
    legs = roads.lots["column"].trip.legs
    for start, end, lost in ((0, 2, ("", "")), (2, 3, FLOOD), (1, 9, FLOOD), (3, 9, ("", ""))):
        roads.control.closures["road2"] = [Closure(start, end, FLOOD)]
        assert roads.control.lost_on(legs) == lost, (start, end)
    roads.control.closures.clear()
    roads.close("road2", 0, 9, STRIKE, left_share=0.5)
    assert roads.control.lost_on(legs) == STRIKE, "or of which a part is left"
    roads.control.driving.narrowings.clear()
    roads.close("road2", 2, 3)
    assert roads.control.lost_on(roads.lots["truck"].trip.legs) == FLOOD, "a lorry is on it from two to three"
    roads.control.closures["road2"] = [Closure(0, 2, FLOOD)]
    assert roads.control.lost_on(roads.lots["truck"].trip.legs) == ("", "")


def test_ways_around_are_sought_when_something_on_the_way_is_closed(roads: Roads) -> None:
    trip = roads.lots["column"].trip
    assert roads.control.ways_around(trip, "harbour", trip.legs, 1) == []
    roads.close("road6", 0, 9)
    assert roads.control.ways_around(trip, "harbour", trip.legs, 1) == [], "not on its way"
    roads.control.closures.clear()
    roads.close("road2", 0, 9)
    (around,) = roads.control.ways_around(trip, "harbour", trip.legs, 1)
    assert [link for leg in around for link in leg.links] == ["road5", "road6"]
    roads.close("road5", 0, 9)
    assert roads.control.ways_around(trip, "harbour", trip.legs, 1) == [], "there is none"
    roads.control.closures.clear()
    every = roads.control.ways_around(trip, "harbour", trip.legs, 3)
    assert [[link for leg in way for link in leg.links] for way in every][:2] == [
        ["road1", "road2"],
        ["road5", "road6"],
    ]


def test_a_way_that_passes_a_place_is_sought_to_there(roads: Roads) -> None:
    trip = roads.lots["column"].trip._replace(via=("halt",))
    roads.close("road1", 0, 9)
    assert roads.control.ways_around(trip, "harbour", trip.legs, 1) != []
    (around,) = roads.control.ways_around(trip, "harbour", trip.legs, 1)
    assert around[-1] is trip.legs[-1], "from the halt on as planned"
    assert around[-2].end == "halt"
    (road,) = roads.control.leg_book.make(trip.way, "barracks", "harbour")
    (around,) = roads.control.ways_around(trip, "barracks", (*road, *trip.legs), 1)
    assert around[-1] is trip.legs[-1], "also where it has yet to come to the closed link"
    assert around[-2].end == "halt"


def closed_hours(roads: Roads, link: str, start: float, end: float, left_share: float) -> list[float]:
    """The hours at which a link closes and opens again, in turn, in the direction to its end."""
    roads.close(link, start, end, left_share=left_share)
    return roads.control.calendars[roads.control.leg_book.calendars[link, True]].taken


@pytest.mark.parametrize(
    ("link", "left_share", "hours"),
    [
        ("road1", 0.0, [0, 10]),
        ("road1", 0.5, [0, 1.04, 2.08, 3.12, 4.16, 5.2, 6.24, 7.28, 8.32, 9.36]),  # a slot is 1.04 h
        ("road1", 0.8, [0, 0.26, 1.3, 1.56]),
        ("rail1", 0.5, [0, 0.25, 0.5, 0.75]),  # a headway
        ("rail2", 0.5, [0, 1, 2, 3]),  # on a single track until it is off the link
        ("canal3", 0.5, [0, 1, 2, 3]),  # nothing is planned over it
    ],
)
def test_a_link_of_which_a_part_is_left_is_open_for_a_slot_of_each_cycle(
    roads: Roads, link: str, left_share: float, hours: list[float]
) -> None:
    closed = closed_hours(roads, link, 0, 10, left_share)
    assert closed[: len(hours)] == pytest.approx(hours, abs=1e-5)
    assert closed[-1] <= 10
    back = roads.control.calendars[roads.control.leg_book.calendars[link, False]]
    assert back.taken == closed, "in both directions"


def test_a_link_over_which_only_lorries_are_planned_is_open_for_an_hour_of_each_cycle(roads: Roads) -> None:
    """They need no slot, but a column may come round this way."""
    (legs,) = roads.control.leg_book.make(Way("truck"), "haven", "halt")
    assert [leg.slot_h for leg in legs] == [(0,)]
    roads.plan.longest["road7"] = (0.0, 1.0)  # type: ignore[index]
    assert closed_hours(roads, "road7", 0, 9, 0.5)[:4] == [0, 1, 2, 3]


def test_a_link_is_open_for_three_minutes_at_least() -> None:
    closed = closed_hours(Roads(train={"headway_h": 0.001}), "rail1", 0, 1, 0.5)
    assert closed[:4] == pytest.approx([0, 0.05, 0.1, 0.15], abs=1e-5)


def test_what_is_narrow_beyond_the_horizon_keeps_nobody(roads: Roads) -> None:
    assert closed_hours(roads, "rail2", 238.5, math.inf, 0.5) == [238.5, 239.5]
    assert closed_hours(roads, "rail1", 239.9, 900, 0.5) == [239.9, 240]


def test_a_closure_takes_back_the_credits_of_those_who_would_enter(roads: Roads) -> None:
    """The column is on the first road from 0 to 2.04, and would be on the second from 2 to 3.04."""
    first, lost = roads.book("column")
    second, lost_too = roads.book("column", leg=1)
    assert (first.start, second.start) == (0, 0)
    roads.world.env.run_to(1)
    roads.close("road2", 0.5, 0.9)
    assert second in roads.control.credits, "it has entered before, and is off at 1.04"
    roads.close("road1", 2, 9)
    roads.world.env.run_to(1.5)
    assert (lost, lost_too) == ([], []), "who is on a link leaves it"
    assert first in roads.control.credits


def test_who_has_not_entered_loses_its_credit(roads: Roads) -> None:
    roads.close("road1", 0, 3)
    credit, lost = roads.book("column")
    assert (credit.start, credit.cause) == (3, FLOOD)
    roads.close("road1", 4.5, 6, STRIKE)
    roads.world.env.run_to(1)
    assert lost == [], "a slot of 1.04 h from three on is over"
    roads.close("road1", 4, 6, STRIKE)
    roads.world.env.run_to(2)
    assert lost == [TakenBack(STRIKE, under_way=False)]
    assert credit not in roads.control.credits
    again, _ = roads.book("column")
    assert (again.start, again.cause) == (6, FLOOD), (
        "what it had booked is free; the hour from 3 on is too short for it"
    )


def test_all_links_of_a_leg_that_is_lost_are_free_again(roads: Roads) -> None:
    """It would drive over the bypass, where nothing may stand, and the second road of it closes."""
    trip = roads.lots["column"].trip
    roads.close("road1", 0, 9)
    (around,) = roads.control.ways_around(trip, "harbour", trip.legs, 1)
    roads.lots["round"] = replace(roads.lots["column"], trip=trip._replace(legs=around))
    _, lost = roads.book("round")
    calendar = roads.control.calendars[roads.control.leg_book.calendars["road5", True]]
    assert calendar.taken != []
    roads.close("road6", 1, 9, STRIKE)
    roads.world.env.run_to(0, through=True)
    assert (len(lost), calendar.taken) == (1, [])


def test_what_closes_later_or_never_opens(roads: Roads) -> None:
    roads.close("road1", 0, math.inf)
    credit, _ = roads.book("column")
    assert (credit.start, credit.cause) == (math.inf, ("never", "flood"))


# the slots of a programme


PLAN = ProgrammePlan(
    name="flow",
    start_up=0,
    first_h=5.0,
    slots={("p", "train"): (2.0, 8.0, 14.0, 20.0)},
    rates={},
    window=None,
    made_up=False,
)


def bookings(start_up_h: float = 0.0, **changes: Any) -> Bookings:
    return Bookings(PLAN._replace(**changes), start_up_h)


def train(name: str = "x", **changes: Any) -> Lot:
    return lot(subject=name, **changes)


def test_onward_movement_begins_with_the_first_ship_and_not_before_its_first_day() -> None:
    booked = bookings(start_up_h=3)
    assert booked.take(train(), "x", 0.0) == math.inf, "before any ship"
    booked.arrive(1.0)
    assert booked.begins_h == 5
    booked.arrive(9.0)
    assert booked.begins_h == 5, "a later ship changes nothing"
    late = bookings(start_up_h=3)
    late.arrive(6.0)
    assert late.begins_h == 9


def test_each_takes_the_next_slot_and_a_missed_one_is_lost() -> None:
    booked = bookings()
    booked.arrive(0.0)
    assert [booked.take(train(name), name, now) for name, now in (("a", 0.0), ("b", 0.0), ("c", 15.0))] == [8, 14, 20]
    assert booked.take(train("d"), "d", 0.0) == math.inf, "there are no more"
    assert list(booked.rows(0.0)) == [
        ("flow", "p", "train", 8, "a"), ("flow", "p", "train", 14, "b"), ("flow", "p", "train", 20, "c"),
    ]  # fmt: skip
    lost = bookings()
    lost.arrive(0.0)
    assert lost.take(train(), "x", 15.0) == 20
    assert list(lost.rows(14.0)) == [("flow", "p", "train", 8, None), ("flow", "p", "train", 20, "x")]
    assert [row[3] for row in lost.rows(14.5)] == [8, 14, 20]


def test_a_missed_slot_may_be_made_up() -> None:
    booked = bookings(made_up=True)
    booked.arrive(0.0)
    assert [booked.take(train(), "x", 15.0) for _ in range(3)] == [15, 15, 20]


def test_a_mode_that_is_not_booked_waits_for_the_start_alone() -> None:
    booked = bookings()
    booked.arrive(0.0)
    assert [booked.take(train(mode="barge"), "x", now) for now in (1.0, 9.0)] == [5, 9]


def test_each_lorry_of_a_packet_takes_a_slot() -> None:
    packet = train(mode="truck")
    assert (packet.slots, train().slots) == (22, 1), "ten flat and twelve heavy"
    assert replace(packet, along=()).slots == 1
    booked = bookings(slots={("p", "truck"): (6.0, 7.0, 8.0)})
    booked.arrive(0.0)
    two = replace(packet, along=packet.along[:1])
    two = replace(two, along=(two.along[0]._replace(amount=2.0),))
    assert booked.take(two, "x", 0.0) == 7
    assert [row[4] for row in booked.rows(99.0)] == ["x", "x", None]
