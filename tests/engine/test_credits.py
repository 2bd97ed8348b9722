"""Whole-leg booking: what a planner may rely on."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm_sim.engine.links.credits import WINDOW, add_closure, book_leg, find_start, unbook
from nfm_sim.plan.windows import Windows


def taken(calendar: list[float]) -> list[tuple[float, float]]:
    return list(zip(calendar[::2], calendar[1::2], strict=True))


def test_a_leg_starts_at_once_when_its_links_are_free() -> None:
    calendars: list[list[float]] = [[], []]
    leg = ((0, 0.0, 0.5), (1, 2.0, 0.5))

    assert book_leg(calendars, leg, 3.0) == (3.0, None)
    assert [taken(c) for c in calendars] == [[(3.0, 3.5)], [(5.0, 5.5)]]


def test_a_leg_waits_at_its_start_for_a_link_far_ahead() -> None:
    calendars = [[], [5.0, 6.0]]
    leg = ((0, 0.0, 0.5), (1, 2.0, 0.5))

    start, cause = book_leg(calendars, leg, 3.5)

    assert (start, cause) == (4.0, 1)
    assert taken(calendars[0]) == [(4.0, 4.5)]
    assert taken(calendars[1]) == [(5.0, 6.0), (6.0, 6.5)]


def test_an_earlier_gap_is_used_when_the_movement_fits() -> None:
    calendar = [0.0, 1.0, 2.0, 3.0]
    assert find_start([calendar], [(0, 0.0, 1.0)], 0.0) == (1.0, 0)
    assert find_start([calendar], [(0, 0.0, 1.5)], 0.0) == (3.0, 0)


def test_slots_may_touch() -> None:
    calendar = [1.0, 2.0, 2.0, 3.0]
    assert find_start([calendar], [(0, 0.0, 1.0)], 0.0) == (0.0, None)
    assert find_start([calendar], [(0, 0.0, 1.0)], 1.5) == (3.0, 0)
    assert find_start([calendar], [(0, 0.0, 1.0)], 2.0) == (3.0, 0)


def test_a_driving_window_must_hold_the_whole_leg() -> None:
    night = Windows([(21.0, 29.0), (45.0, 53.0)])
    leg = [(0, 0.0, 0.5)]
    assert find_start([[]], leg, 10.0, night, 4.0) == (21.0, WINDOW)
    assert find_start([[]], leg, 26.0, night, 4.0) == (45.0, WINDOW)
    assert find_start([[]], leg, 22.0, night, 9.0) == (math.inf, WINDOW)


def test_a_leg_that_cannot_start_books_nothing() -> None:
    calendars: list[list[float]] = [[]]
    start, _ = book_leg(calendars, [(0, 0.0, 0.5)], 0.0, Windows([]), 1.0)
    assert start == math.inf
    assert calendars == [[]]


def test_a_closure_grows_over_what_is_taken() -> None:
    calendar = [1.0, 2.0, 5.0, 8.0, 12.0, 13.0]
    add_closure(calendar, 7.0, 9.0)
    assert calendar == [1, 2, 5, 9, 12, 13]
    add_closure(calendar, 3.0, 12.0)
    assert calendar == [1, 2, 3, 12, 12, 13], "a slot that begins when it opens again is not grown over"
    add_closure(calendar, 0.0, 99.0)
    assert calendar == [0, 99]


def test_a_slot_is_given_back_unless_a_closure_has_grown_over_it() -> None:
    calendar = [1.0, 2.0, 2.0, 3.0, 5.0, 6.0]
    unbook(calendar, 2.0, 3.0)
    assert calendar == [1, 2, 5, 6]
    add_closure(calendar, 5.5, 9.0)
    unbook(calendar, 5.0, 6.0)
    assert calendar == [1, 2, 5, 9]


quarter = st.integers(0, 200).map(lambda n: n / 4)
length = st.integers(1, 12).map(lambda n: n / 4)
slots = st.lists(st.tuples(st.integers(0, 3), quarter, length), min_size=1, max_size=5, unique_by=lambda s: s[0])
legs = st.lists(st.tuples(slots, quarter), max_size=30)


@given(legs)
def test_no_two_slots_overlap_and_a_leg_never_stops_on_a_link(bookings: list) -> None:
    calendars: list[list[float]] = [[] for _ in range(4)]
    expected: list[list[tuple[float, float]]] = [[] for _ in range(4)]
    for leg, earliest in bookings:
        start, _ = book_leg(calendars, leg, earliest)
        assert start >= earliest
        for calendar, offset, hold in leg:  # the head is where it would be without a stop
            expected[calendar].append((start + offset, start + offset + hold))
    for calendar, wanted in zip(calendars, expected, strict=True):
        assert taken(calendar) == sorted(wanted)
        assert calendar == sorted(calendar)


@given(legs, slots, quarter)
def test_the_start_is_the_earliest_there_is(bookings: list, leg: list, earliest: float) -> None:
    calendars: list[list[float]] = [[] for _ in range(4)]
    for other, hour in bookings:
        book_leg(calendars, other, hour)

    def free(start: float) -> bool:
        return all(
            all(
                start + offset + hold <= taken_from or taken_to <= start + offset
                for taken_from, taken_to in taken(calendars[calendar])
            )
            for calendar, offset, hold in leg
        )

    start, _ = find_start(calendars, leg, earliest)
    assert free(start)
    candidates = [earliest + n / 4 for n in range(int((start - earliest) * 4))]
    assert not any(free(candidate) for candidate in candidates)


@pytest.mark.parametrize("first", ["up", "down"])
def test_trains_do_not_meet_on_a_single_track(first: str) -> None:
    calendars: list[list[float]] = [[]]
    single = [(0, 0.0, 1.0)]  # both directions share calendar 0 and hold it for the running time
    assert book_leg(calendars, single, 0.0) == (0.0, None)
    assert book_leg(calendars, single, 0.5) == (1.0, 0)
