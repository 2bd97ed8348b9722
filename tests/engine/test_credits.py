"""Whole-leg booking: what a planner may rely on."""

import math
from collections.abc import Sequence
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm_sim.engine.links.credits import WINDOW, Calendar, book_leg, find_start
from nfm_sim.plan.movement import MEETS_NOTHING, Slot
from nfm_sim.plan.timeline import Windows


def book_first(
    calendars: Sequence[Calendar],
    leg: Sequence[Slot],
    earliest_h: float,
    window: Windows | None = None,
    leg_h: float = 0.0,
) -> tuple[float, int | None]:
    """Book a leg from the first hour on at which all its links are free, as movement control does."""
    start, cause = find_start(calendars, leg, earliest_h, window, leg_h)
    if start < math.inf:
        book_leg(calendars, leg, start)
    return start, cause


def calendar_of(*slots: tuple[float, float]) -> Calendar:
    calendar = Calendar()
    for start, end in slots:
        calendar.book(start, end - start, 0.0)
    return calendar


def taken(calendar: Calendar) -> list[tuple[float, float]]:
    return list(zip(calendar.taken[::2], calendar.taken[1::2], strict=True))


def test_a_leg_starts_at_once_when_its_links_are_free() -> None:
    calendars = [Calendar(), Calendar()]
    leg = ((0, 0.0, 0.5, 0.0), (1, 2.0, 0.5, 0.0))

    assert book_first(calendars, leg, 3.0) == (3.0, None)
    assert [taken(c) for c in calendars] == [[(3.0, 3.5)], [(5.0, 5.5)]]


def test_a_leg_waits_at_its_start_for_a_link_far_ahead() -> None:
    calendars = [Calendar(), calendar_of((5.0, 6.0))]
    leg = ((0, 0.0, 0.5, 0.0), (1, 2.0, 0.5, 0.0))

    start, cause = book_first(calendars, leg, 3.5)

    assert (start, cause) == (4.0, 1)
    assert taken(calendars[0]) == [(4.0, 4.5)]
    assert taken(calendars[1]) == [(5.0, 6.0), (6.0, 6.5)]


def test_an_earlier_gap_is_used_when_the_movement_fits() -> None:
    calendar = calendar_of((0.0, 1.0), (2.0, 3.0))
    assert find_start([calendar], [(0, 0.0, 1.0, 0.0)], 0.0) == (1.0, 0)
    assert find_start([calendar], [(0, 0.0, 1.5, 0.0)], 0.0) == (3.0, 0)


def test_slots_may_touch() -> None:
    calendar = calendar_of((1.0, 2.0), (2.0, 3.0))
    assert find_start([calendar], [(0, 0.0, 1.0, 0.0)], 0.0) == (0.0, None)
    assert find_start([calendar], [(0, 0.0, 1.0, 0.0)], 1.5) == (3.0, 0)
    assert find_start([calendar], [(0, 0.0, 1.0, 0.0)], 2.0) == (3.0, 0)


def test_a_driving_window_must_hold_the_whole_leg() -> None:
    night = Windows((21.0, 45.0), (29.0, 53.0))
    leg = [(0, 0.0, 0.5, 0.0)]
    assert find_start([Calendar()], leg, 10.0, night, 4.0) == (21.0, WINDOW)
    assert find_start([Calendar()], leg, 26.0, night, 4.0) == (45.0, WINDOW)
    assert find_start([Calendar()], leg, 22.0, night, 9.0) == (math.inf, WINDOW)


def test_a_leg_that_cannot_start_books_nothing() -> None:
    calendar = Calendar()
    start, _ = book_first([calendar], [(0, 0.0, 0.5, 0.0)], 0.0, Windows((), ()), 1.0)
    assert start == math.inf
    assert taken(calendar) == []


def test_a_closure_begins_behind_what_is_on_the_link_and_grows_over_the_rest() -> None:
    calendar = calendar_of((1.0, 2.0), (5.0, 8.0), (12.0, 13.0))
    calendar.close(7.0, 9.0)
    assert taken(calendar) == [(1, 2), (5, 8), (8, 9), (12, 13)]
    calendar.close(3.0, 12.0)
    assert taken(calendar) == [(1, 2), (3, 12), (12, 13)], "a slot that begins when it opens again is not grown over"
    calendar.close(11.0, 12.5)
    assert taken(calendar) == [(1, 2), (3, 13)]
    calendar.close(0.0, 99.0)
    assert taken(calendar) == [(0, 99)]


def test_a_slot_is_given_back_unless_a_closure_has_grown_over_it() -> None:
    calendar = calendar_of((1.0, 2.0), (2.0, 3.0), (5.0, 6.0))
    calendar.unbook(2.0, 1.0, 0.0)
    assert taken(calendar) == [(1, 2), (5, 6)]
    calendar.close(4.5, 9.0)
    calendar.unbook(5.0, 1.0, 0.0)
    assert taken(calendar) == [(1, 2), (4.5, 9)]


def test_a_fast_train_follows_a_slow_one_by_the_difference_of_their_running_times() -> None:
    """The slow one takes 4 h, the fast one 2 h, a quarter of an hour apart: it enters at 2.25 and leaves at 4.25."""
    calendar = Calendar()
    assert book_first([calendar], [(0, 0.0, 0.25, 4.0)], 0.0) == (0.0, None)
    assert find_start([calendar], [(0, 0.0, 0.25, 2.0)], 0.25) == (2.25, 0)
    assert find_start([calendar], [(0, 0.0, 0.25, 4.0)], 0.25) == (0.25, None), "one as slow follows at the headway"


def test_a_slow_train_before_a_fast_one_that_has_booked_leaves_so_much_earlier() -> None:
    calendar = Calendar()
    book_first([calendar], [(0, 0.0, 0.25, 2.0)], 3.0)
    assert find_start([calendar], [(0, 0.0, 0.25, 4.0)], 0.75) == (0.75, None), "off the link at 4.75, it at 5"
    assert find_start([calendar], [(0, 0.0, 0.25, 4.0)], 1.0) == (3.25, 0)


def test_a_slow_train_keeps_a_fast_one_behind_it_across_a_closure_too() -> None:
    calendar = Calendar()
    book_first([calendar], [(0, 0.0, 0.25, 4.0)], 0.0)
    calendar.close(0.5, 1.0)
    assert find_start([calendar], [(0, 0.0, 0.25, 2.0)], 0.0) == (2.25, 0)


def test_a_slow_train_before_a_closure_and_a_fast_one_leaves_so_much_earlier_too() -> None:
    calendar = Calendar()
    book_first([calendar], [(0, 0.0, 0.25, 2.0)], 3.0)
    calendar.close(2.0, 2.5)
    assert find_start([calendar], [(0, 0.0, 0.25, 4.0)], 0.75) == (0.75, None), "off the link at 4.75, it at 5"
    assert find_start([calendar], [(0, 0.0, 0.25, 4.0)], 1.0) == (3.25, 0)


def test_what_nothing_may_meet_waits_until_the_other_track_is_empty_and_keeps_it_so() -> None:
    here, there = Calendar(), Calendar()
    wide = [(0, 0.0, 0.25, 4.0), (1, 0.0, 4.0, MEETS_NOTHING)]
    book_first([here, there], [(1, 0.0, 0.25, 2.0)], 0.0)

    assert book_first([here, there], wide, 0.5) == (2.0, 1), "it is off the other track at 2"
    assert find_start([here, there], [(1, 0.0, 0.25, 2.0)], 1.0) == (6.0, 0), "and this one may enter it again at 6"
    assert find_start([here, there], [(1, 0.0, 0.25, 2.0)], 0.25) == (6.0, 0), "at 0.25 it would be met from 2 to 2.25"
    assert find_start([here, there], wide, 2.25) == (2.25, None), "another of its kind follows it"
    there.unbook(2.0, 4.0, MEETS_NOTHING)
    assert find_start([here, there], [(1, 0.0, 0.25, 2.0)], 1.0) == (1.0, None)
    assert book_first([here, there], wide, 10.0) == (10.0, None)
    assert find_start([here, there], [(1, 0.0, 0.25, 2.0)], 8.0) == (8.0, None), "it is off the line when that comes"
    assert find_start([here, there], [(1, 0.0, 0.25, 2.0)], 8.25) == (14.0, 0)


def test_what_nothing_may_meet_waits_for_who_comes_later_too() -> None:
    """One has left the other track at 2, and another enters it at 7, while it would be on the line from 5 to 9."""
    here, there = Calendar(), Calendar()
    for hour in (0.0, 7.0):
        book_first([there], [(0, 0.0, 0.25, 2.0)], hour)
    assert find_start([here, there], [(0, 0.0, 0.25, 4.0), (1, 0.0, 4.0, MEETS_NOTHING)], 5.0) == (9.0, 1)


def test_what_is_reopened_is_free_from_then_on() -> None:
    """Closed for an hour of every two, and taken back at one and a half, and at half past four."""
    calendar = Calendar()
    for hour in (0, 2, 4):
        calendar.close(hour, hour + 1)
    calendar.reopen(4.5)
    assert (calendar.taken, len(calendar.runs)) == ([0, 1, 2, 3, 4, 4.5], 3)
    calendar.reopen(1.5)
    assert (calendar.taken, len(calendar.runs)) == ([0, 1], 1)


quarter = st.integers(0, 200).map(lambda n: n / 4)
length = st.integers(1, 12).map(lambda n: n / 4)
run = st.integers(0, 12).map(lambda n: n / 4)
slots = st.lists(st.tuples(st.integers(0, 3), quarter, length, run), min_size=1, max_size=5, unique_by=lambda s: s[0])
legs = st.lists(st.tuples(slots, quarter), max_size=30)


@given(legs)
def test_slots_do_not_overlap_a_leg_never_stops_and_nothing_overtakes(bookings: list) -> None:
    calendars = [Calendar() for _ in range(4)]
    expected: list[list[tuple[float, float, float]]] = [[] for _ in range(4)]
    for leg, earliest in bookings:
        start, _ = book_first(calendars, leg, earliest)
        assert start >= earliest
        for calendar, offset, hold, run in leg:  # the head is where it would be without a stop
            expected[calendar].append((start + offset, start + offset + hold, run))
    for calendar, wanted in zip(calendars, expected, strict=True):
        wanted.sort()
        assert taken(calendar) == [(start, end) for start, end, _ in wanted]
        assert calendar.taken == sorted(calendar.taken)
        for (start, end, ahead), (enter, _, behind) in pairwise(wanted):
            assert enter + behind >= start + ahead + (end - start), "as far apart at the exit as at the entry"


@given(legs, slots, quarter)
def test_the_start_is_the_earliest_there_is(bookings: list, leg: list, earliest: float) -> None:
    calendars = [Calendar() for _ in range(4)]
    for other, hour in bookings:
        book_first(calendars, other, hour)

    def follows(first: tuple[float, float, float], then: tuple[float, float, float]) -> bool:
        return first[1] + max(0.0, first[2] - then[2]) <= then[0]

    def free(start: float) -> bool:
        return all(
            follows((start + offset, start + offset + hold, run), there)
            or follows(there, (start + offset, start + offset + hold, run))
            for calendar, offset, hold, run in leg
            for there in (
                (a, b, c) for (a, b), c in zip(taken(calendars[calendar]), calendars[calendar].runs, strict=True)
            )
        )

    start, _ = find_start(calendars, leg, earliest)
    assert free(start)
    candidates = [earliest + n / 4 for n in range(int((start - earliest) * 4))]
    assert not any(free(candidate) for candidate in candidates)


trains = st.lists(st.tuples(st.booleans(), st.booleans(), quarter, st.sampled_from([1.0, 2.0, 3.5])), max_size=25)


@given(trains)
def test_what_is_out_of_gauge_meets_nothing_on_double_track(asked: list) -> None:
    calendars = [Calendar(), Calendar()]
    on_link = []
    for up, wide, earliest, run_h in asked:
        leg = [(int(up), 0.0, 0.25, run_h)] + [(1 - int(up), 0.0, run_h, MEETS_NOTHING)] * wide
        start, _ = book_first(calendars, leg, earliest)
        on_link.append((up, wide, start, start + run_h))
    for (up, wide, start, end), (other_up, other_wide, enter, leave) in combinations(on_link, 2):
        if up != other_up and (wide or other_wide):
            assert end <= enter or leave <= start


@pytest.mark.parametrize("first", ["up", "down"])
def test_trains_follow_and_do_not_meet_on_a_single_track(first: str) -> None:
    """Over a link of an hour the second follows at the headway, and the one against them waits for both."""
    calendars = [Calendar(), Calendar()]
    here = int(first == "down")
    there = 1 - here
    assert book_first(calendars, [(here, 0.0, 0.25, 1.0), (there, 0.0, 1.0, MEETS_NOTHING)], 0.0) == (0.0, None)
    assert book_first(calendars, [(here, 0.0, 0.25, 1.0), (there, 0.0, 1.0, MEETS_NOTHING)], 0.0) == (0.25, 0)
    assert book_first(calendars, [(there, 0.0, 0.25, 1.0), (here, 0.0, 1.0, MEETS_NOTHING)], 0.5) == (1.25, 0)
    assert book_first(calendars, [(here, 0.0, 0.25, 1.0), (there, 0.0, 1.0, MEETS_NOTHING)], 0.5) == (2.25, 0)
