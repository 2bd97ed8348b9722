"""What was lost, told of numbers alone."""

from typing import Any

import pytest

from nfm_sim.sentences.losses import lost_told, stuck_told, supply_told, when_lost

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
    assert lost_told(lost(pieces=1.0, waits=2, piece_hours=1234.0), 1).endswith(
        "day 1.0 to 3.0: 1 piece lost with it, which never close; it was waited for 2 times, 1,234 piece-hours in all."
    )
    never = lost(share=0.0)
    assert lost_told(never, 1).startswith("Lost not in this replication: The bridge;")


def test_what_waits_for_nothing_that_can_come() -> None:
    row = {"first": "x", "subjects": 1, "pieces": 0, "name": "flow", "since_h": 36.0, "cause": "berths", "place": "p"}
    row |= {"why": "never", "held_by": "", "ring": None}
    assert stuck_told(row) == (
        "Stuck: x of flow wait from day 1.5 on for berths at p: can never be served: more than there can be, or at no "
        "hour"
    )
    several = row | {"subjects": 3, "pieces": 7, "place": "", "why": "behind", "held_by": "y"}
    assert stuck_told(several) == (
        "Stuck: x and 2 more (7 pieces) of flow wait from day 1.5 on for berths: behind others that are stuck, by y"
    )
    ring = several | {"why": "deadlock", "ring": "x > y"}
    assert stuck_told(ring).endswith(": in a deadlock: each waits for what the next holds, x > y")


def test_who_was_without_supply_and_who_fell_out() -> None:
    row: dict[str, Any] = {"elements": 4.0, "short_elements": 2.0, "short_days": 3.5, "first_short_h": 36.0}
    row |= {"first": "bat", "took": {"flat_wagons": 0.25}, "fallen": []}
    lacks = "2 of 4 elements with supply were not effective for want of it, for 3.5 element-days"
    took = "Of all use of them, supply took most of flat wagons (25 %)."
    assert supply_told(row, 1) == [f"{lacks}; the first on day 1.5, bat.", took]
    assert supply_told(row, 8) == [f"{lacks} (means over replications).", took]
    fallen = row | {"fallen": [("broken_down", 12.0, 0.9)], "took": {}}
    assert supply_told(fallen, 1) == [
        f"{lacks.replace('of it', 'of it, or of who and what is fit')}; the first on day 1.5, bat.",
        "Of broken down, 12 fell out, and 90 % were fit over time.",
    ]
    alone = fallen | {"elements": 0}
    assert supply_told(alone, 8) == [
        "Of broken down, 12 fell out, and 90 % were fit over time (means over replications)."
    ]
    fed = "None of 4 elements with supply was ever without what it needs to be effective."
    assert supply_told(row | {"short_elements": 0, "took": {}}, 1) == [fed]
