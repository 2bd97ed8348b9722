"""What was lost, told of numbers alone."""

from typing import Any

import pytest

from nfm_sim.sentences.losses import lost_told, when_lost

ONCE: dict[str, Any] = {"title": "The bridge", "share": 1.0, "times": 1.0, "start_h": 24.0, "end_h": 72.0}


def lost(**more: Any) -> dict[str, Any]:
    return {**ONCE, "detours": [], "pieces": 0.0, "waits": 0, "piece_hours": 0.0, **more}


@pytest.mark.parametrize(
    ("row", "when"),
    [
        ({}, "day 1.0 to 3.0"),
        ({"end_h": None}, "from day 1.0 on"),
        ({"share": 0.3, "times": 2.0}, "day 1.0 to 3.0, 2 times, in 30 % of replications"),
        ({"share": 0.9999}, "day 1.0 to 3.0, in over 99 % of replications"),
    ],
)
def test_when_it_was_lost(row: dict[str, Any], when: str) -> None:
    assert when_lost(lost(**row)) == when


def test_what_did_not_happen_is_told_to_be_in_no_number() -> None:
    never = lost(share=0.0, start_h=None, end_h=None, times=None)
    assert lost_told(never, 16) == (
        "Lost in none of 16 replications: The bridge; what that would do is in no number here."
    )


def test_what_that_did() -> None:
    trains = {"mode": "train", "movements": 14.0, "extra_h": 120.0}
    assert lost_told(lost(detours=[trains], waits=1, piece_hours=32.0), 1) == (
        "Lost: The bridge, day 1.0 to 3.0: 14 trains went further because of it, 5 days in all; it was waited for 1 "
        "time, 32 piece-hours in all."
    )
    assert lost_told(lost(detours=[{**trains, "movements": 1.0, "extra_h": 0.6}]), 8).endswith(
        "1 train went further because of it, 0.6 h in all (means over replications)."
    )
    assert lost_told(lost(), 8).endswith(": nothing went further because of it, and nothing waited for it.")
