"""The rates that a window needs, and what of a ship's cargo comes over another port."""

import math
from typing import Any

import pytest

from nfm_sim.plan.movement import ALL_PORTS, CallPlan, Rate, WindowPlan

TRUCKS = (ALL_PORTS, "truck")


@pytest.mark.parametrize(
    ("from_h", "until_h", "needed"),
    [
        (0, 66, 5 / 3),  # all five over three days
        (12, 66, 2),  # over two and a half
        (0, 42, 6),  # the last, which comes two hours before the end of a day of twelve, has a sixth of it
        (0, 36, 4 / 1.5),  # it is too late for the window, and waits for what is booked for the four
        (0, 6, math.inf),  # no working hour is left
    ],
)
def test_a_window_needs_what_all_that_comes_in_time_takes(from_h: float, until_h: float, needed: float) -> None:
    """Four loads come at hour 0 and one at hour 40; work is done from 6 to 18 on three days."""
    days, loads = ((6.0, 18.0), (30.0, 42.0), (54.0, 66.0)), {TRUCKS: ((0.0, 4), (40.0, 1))}
    (rate,) = WindowPlan(66.0, days, loads, {}).rates(from_h, until_h).values()
    assert rate == Rate(pytest.approx(needed), pytest.approx(needed if needed < math.inf else 5))
    (rate,) = WindowPlan(66.0, days, loads, {TRUCKS: 1.5}).rates(from_h, until_h).values()
    assert rate == Rate(pytest.approx(needed), 1.5), "no more than can be had"


def test_what_has_left_the_ship_is_not_formed_anew_elsewhere() -> None:
    lots: Any = ("whole", "cargo")
    each: Any = (("first",), ("second", "rest of it"), ())
    elsewhere = CallPlan("haven", 0.0, 5.0, lots, each=each)
    assert elsewhere.over([0, 1, 2]) == ("whole", "cargo")
    assert elsewhere.over([1, 2]) == ("second", "rest of it")
