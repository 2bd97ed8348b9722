import math
from datetime import datetime

from nfm_sim.compile.kit import joined, opening_windows


def test_work_goes_on_in_open_hours_only() -> None:
    shifts = joined([(6, 16), (30, 40)])
    assert list(shifts.parts(14, 5)) == [(14, 16), (30, 33)]
    assert list(shifts.parts(3, 2)) == [(6, 8)]
    assert list(shifts.parts(39, 5))[-1] == (math.inf, math.inf)


def test_a_leg_fits_whole_or_waits() -> None:
    night = joined([(21, 29), (45, 53)])
    assert night.fit(0, 8) == 21
    assert night.fit(21.5, 8) == 45
    assert night.fit(0, 9) == math.inf


def test_windows_that_touch_are_one() -> None:
    assert joined([(0, 4), (4, 8)]).fit(1, 6) == 1


def test_openings_follow_the_weekday() -> None:
    monday = datetime(2027, 1, 4)
    windows = opening_windows(("mon-fri 06:00-22:00",), monday, 14 * 24)
    assert windows is not None
    assert windows.fit(4 * 24 + 20, 4) == 7 * 24 + 6, "Friday evening to Monday morning"


def test_openings_over_midnight_belong_to_the_day_they_begin() -> None:
    windows = opening_windows(("sun 21:00-05:00",), datetime(2027, 1, 4), 48)
    assert windows is not None
    assert windows.fit(0, 5) == 0, "since Sunday evening"
    assert windows.fit(5, 1) == 6 * 24 + 21


def test_hours_follow_the_clock_through_the_change_of_summer_time() -> None:
    windows = opening_windows(("08:00-10:00",), datetime(2024, 10, 26), 72)
    assert windows is not None
    assert windows.fit(0, 2) == 8
    assert windows.fit(24, 2) == 24 + 9, "27 October 2024 has 25 hours"


def test_no_openings_is_always_open() -> None:
    assert opening_windows((), datetime(2027, 1, 4), 48) is None
