"""Windows of open hours, and values that change at known hours."""

import math

import pytest

from nfm_sim.plan.timeline import Timeline, Windows

SHIFTS = Windows((6.0, 30.0), (16.0, 40.0))
"""Open from 6 to 16 on two days."""


@pytest.mark.parametrize(
    ("now", "is_open", "opens_at"),
    [
        (0, False, 6),
        (6, True, 6),
        (15.9, True, 15.9),
        (16, False, 30),
        (29, False, 30),
        (30, True, 30),
        (40, False, math.inf),
        (41, False, math.inf),
    ],
)
def test_it_is_open_from_the_hour_of_opening_to_before_that_of_closing(
    now: float, is_open: bool, opens_at: float
) -> None:
    assert (SHIFTS.opens_at(now) == now) is is_open
    assert SHIFTS.opens_at(now) == opens_at


@pytest.mark.parametrize(
    ("now", "hours", "fits_at"),
    [
        (0, 4, 6),
        (8, 8, 8),
        (9, 8, 30),
        (6, 10, 6),
        (6, 10.5, math.inf),
        (16, 1, 30),
        (20, 10, 30),
        (35, 5, 35),
        (35, 6, math.inf),
        (41, 1, math.inf),
    ],
)
def test_what_may_not_be_broken_off_fits_whole_into_an_opening(now: float, hours: float, fits_at: float) -> None:
    assert SHIFTS.fit(now, hours) == fits_at
    assert SHIFTS.stays_open(now, hours) is (fits_at == now)


@pytest.mark.parametrize(
    ("now", "hours", "parts"),
    [
        (3, 2, [(6, 8)]),
        (6, 10, [(6, 16)]),
        (6, 10.5, [(6, 16), (30, 30.5)]),
        (14, 5, [(14, 16), (30, 33)]),
        (16, 1, [(30, 31)]),
        (20, 3, [(30, 33)]),
        (33, 4, [(33, 37)]),
        (39, 5, [(39, 40), (math.inf, math.inf)]),
        (7, 0, []),
    ],
)
def test_work_is_done_in_open_hours_alone(now: float, hours: float, parts: list[tuple[float, float]]) -> None:
    assert list(SHIFTS.parts(now, hours)) == parts


@pytest.mark.parametrize(
    ("start", "end", "open_hours"),
    [
        (0, 99, [(6, 16), (30, 40)]),
        (10, 35, [(10, 16), (30, 35)]),
        (16, 30, []),
        (0, 6, []),
        (7, 8, [(7, 8)]),
        (40, 50, []),
    ],
)
def test_open_hours_between_two_hours(start: float, end: float, open_hours: list[tuple[float, float]]) -> None:
    assert SHIFTS.within(start, end) == open_hours


REGIMES = Timeline.of([(0, "peace"), (24, "crisis"), (48, "conflict")], "before")


@pytest.mark.parametrize(
    ("now", "value"),
    [(-1, "before"), (0, "peace"), (23.9, "peace"), (24, "crisis"), (48, "conflict"), (99, "conflict")],
)
def test_a_value_holds_from_its_hour_on(now: float, value: str) -> None:
    assert REGIMES.at(now) == value


def test_what_holds_at_an_hour_and_comes_later_is_told_the_last_first() -> None:
    assert list(REGIMES.since(99)) == [(48, "conflict")]
    assert list(REGIMES.since(24)) == [(48, "conflict"), (24, "crisis")]
    assert list(REGIMES.since(30)) == [(48, "conflict"), (24, "crisis")]
    assert list(REGIMES.since(-5)) == [(48, "conflict"), (24, "crisis"), (0, "peace"), (-math.inf, "before")]
