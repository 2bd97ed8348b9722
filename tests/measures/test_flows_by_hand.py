"""What measures say of allied flows, on records of a few rows."""

import polars as pl
import pytest

from nfm_sim import measures
from nfm_sim.measures.losses import lost
from tests.measures.by_hand import Rows, reached, record, rows


def lots(*given: tuple[int, str, str, int, float | None]) -> Rows:
    """Movements: replication, flow, name, pieces and the hour by which they are to close."""
    return [
        {"replication": n, "subject": name, "what": "movement", "part_of": flow, "pieces": pieces, "required_h": by}
        for n, flow, name, pieces, by in given
    ]


def test_closure_of_each_flow_in_each_replication() -> None:
    movements = [(n, *lot) for n in (1, 0) for lot in (("b", "x", 4, 20.0), ("b", "y", 2, 20.0), ("b", "z", 2, 20.0))]
    run = record(
        horizon_h=40,
        subjects=lots(*movements, (0, "a", "w", 3, None), (1, "a", "w", 3, 50.0)),
        spans=reached("closed", (0, "x", 30), (0, "y", 10), (0, "z", 20), (1, "y", 10), (1, "z", 20)),
    )
    assert measures.closure(run).rows() == [
        (0, "a", 3, 0, None, None, None, None, None, None),
        (0, "b", 8, 8, 10, 20, 22.5, 30, 0.5, 20),
        (1, "a", 3, 0, None, None, None, None, None, 50),  # it may yet be in time
        (1, "b", 8, 4, 10, 20, None, None, 0.5, 20),  # x is late, whenever it comes
    ]


def test_a_piece_that_may_yet_be_in_time_leaves_the_share_open() -> None:
    run = record(
        horizon_h=40,
        subjects=lots((0, "a", "x", 1, 50.0), (0, "a", "y", 1, 50.0)),
        spans=reached("closed", (0, "x", 10)),
    )
    assert measures.closure(run)["on_time_share"].to_list() == [None]


def test_what_is_not_there_at_the_horizon_is_late_for_that_hour() -> None:
    run = record(horizon_h=40, subjects=lots((0, "a", "x", 3, 40.0), (0, "a", "y", 1, 40.0)))
    assert measures.closure(run)["on_time_share"].to_list() == [0]


def test_what_is_asked_for_by_a_day_stands_in_one_table() -> None:
    """Flow a is there at hour 20 for hour 30, of flow b one piece of four comes after hour 10, c has no day."""
    run = record(
        horizon_h=40,
        subjects=lots((0, "a", "w", 3, 30.0), (0, "b", "x", 3, 10.0), (0, "b", "y", 1, 10.0), (0, "c", "z", 1, None)),
        spans=reached("closed", (0, "w", 20), (0, "x", 10), (0, "y", 12), (0, "z", 5)),
    )
    assert measures.deadlines(run).drop("replication", "tier").rows() == [
        ("a", 3, 30, 20, 1, True),
        ("b", 4, 10, 12, 0.75, False),
        ("c", 1, None, 5, None, None),
    ]
    closed = measures.closed_by(run, 10).filter(pl.col("flow") == "b")
    assert closed["closed"].to_list() == [0, 0, 1, 1, 1]


def test_closure_curves_count_what_has_closed_by_the_hour() -> None:
    run = record(
        horizon_h=24,
        subjects=lots((0, "b", "x", 4, None), (0, "b", "y", 2, None), (0, "a", "z", 1, None), (0, "a", "v", 5, None)),
        spans=reached("closed", (0, "x", 12), (0, "y", 12.5), (0, "z", -3)),
    )
    assert measures.closure_curve(run, 12).rows() == [
        (0, "a", 0, 1), (0, "a", 12, 1), (0, "a", 24, 1), (0, "b", 0, 0), (0, "b", 12, 4), (0, "b", 24, 6),
    ]  # fmt: skip


def test_ways_are_counted_by_port_mode_and_border() -> None:
    who = "replication subject what part_of mode pieces origin destination"
    movements = rows(
        who,
        (0, "x", "movement", "f", "train", 40, "p", "b"),
        (0, "y", "movement", "f", "train", 2, "p", "b"),
        (0, "z", "movement", "f", "barge", 9, "p", "c"),
        (0, "own", "movement", "bat", "train", 7, "p", "b"),
        (0, "bat", "element", "", "", 7, "", ""),
        (1, "x", "movement", "f", "train", 40, "q", "b"),
    )
    run = record(subjects=movements, spans=reached("closed", (0, "x", 5), (0, "own", 5)))
    assert measures.ways_taken(run).rows() == [
        (0, "f", "p", "barge", "c", 1, 9, 0),
        (0, "f", "p", "train", "b", 2, 42, 40),
        (1, "f", "q", "train", "b", 1, 40, 0),
    ]


def test_a_movement_leaves_when_it_first_drives() -> None:
    movements = rows(
        "replication subject what mode pieces origin",
        (0, "x", "movement", "train", 40, "p"),
        (0, "y", "movement", "train", 2, "p"),
        (0, "z", "movement", "barge", 9, "p"),
        (0, "ship", "ship", "ship", 0, "p"),
        (1, "x", "movement", "train", 40, "o"),
    )
    spans = rows(
        "replication subject activity kind start_h end_h",
        (0, "x", "from afar", "move", 1, 20),
        (0, "x", "march", "wait", 20, 24),
        (0, "x", "march", "move", 24, 30),
        (0, "x", "march", "move", 50, 60),
        (0, "y", "march", "move", 25, 30),
        (0, "z", "march", "move", 23.9, 30),
        (0, "ship", "march", "move", 1, 2),
        (1, "x", "march", "move", 3, 4),
    )
    assert measures.departures_by_day(record(subjects=movements, spans=spans)).rows() == [
        (0, "p", "barge", 0, 1, 9),
        (0, "p", "train", 1, 2, 42),
        (1, "o", "train", 0, 1, 40),
    ]


def test_slots_that_nobody_takes_are_wasted() -> None:
    slots = rows(
        "replication programme place mode hour movement",
        (1, "f", "p", "train", 3.0, "x"),
        (0, "f", "p", "train", 3.0, "x"),
        (0, "f", "p", "train", 9.0, None),
        (0, "f", "p", "train", 15.0, None),
        (0, "f", "p", "train", 21.0, None),
        (0, "f", "p", "barge", 5.0, None),
    )
    assert measures.bookings(record(slots=slots)).rows() == [
        (0, "f", "p", "barge", 1, 0, 1.0),
        (0, "f", "p", "train", 4, 1, 0.75),
        (1, "f", "p", "train", 1, 1, 0.0),
    ]


def by_lorry(days: dict[int, int], begins_h: float, closes_h: float) -> tuple[Rows, Rows]:
    """A packet of so many lorries on each day, all ashore from one hour on; they close at another."""
    names = {day: f"truck {day}" for day in days}
    movements = [
        {"subject": names[day], "what": "movement", "part_of": "f", "mode": "truck", "pieces": number, "origin": "p"}
        for day, number in days.items()
    ]
    spans = [
        row
        for day in days
        for row in rows(
            "subject activity kind start_h end_h",
            (names[day], "arrive", "wait", begins_h - 2, begins_h - 1),
            (names[day], "discharge", "wait", begins_h - 1, begins_h),
            (names[day], "discharge", "work", begins_h, begins_h + 1),
            (names[day], "discharge", "work", begins_h + 1, begins_h + 2),
            (names[day], "march", "move", 24 * day + 5, 24 * day + 9),
        )
    ]
    return movements, spans + reached("closed", *((0, name, closes_h) for name in names.values()))


def test_an_operation_is_counted_in_days_pieces_and_trains() -> None:
    """One, four, two and three lorries leave on four days: a tenth of them has left on the first, seven on the third,
    so that the days that count have one, four and two. Two trains leave on the second day, and one on the third."""
    movements, spans = by_lorry({1: 1, 2: 4, 3: 2, 4: 3}, begins_h=2, closes_h=122)
    for name, leaves_h in (("a", 24.0), ("b", 47.0), ("c", 48.5)):
        movements += rows("subject what part_of mode pieces", (name, "movement", "f", "train", 20))
        spans += rows(
            "subject activity kind start_h end_h",
            (name, "divert", "move", 10, 12),  # from hour 10 on they are taken to another port, on one day
            (name, "load", "wait", 12, leaves_h),
            (name, "march", "move", leaves_h, leaves_h + 3),
        )
        spans += reached("closed", (0, name, leaves_h + 3))
    (row,) = measures.operation(record(subjects=movements, spans=spans)).to_dicts()
    assert row["begin_h"] == 2, "discharge begins, not the wait for it"
    assert (row["closed_days"], row["pieces_a_day"]) == (5, 70 / 5)
    assert (row["trucks_a_day"], row["trains_a_day"]) == (2, 2)
    assert (row["trucks"], row["trains"], row["columns"], row["barges"]) == (10, 3, 0, 0)
    assert row["most_ashore"] == 10, "all lorries are ashore at 4, and the first leaves at 29"


def test_an_operation_of_which_a_piece_has_not_closed_is_not_over() -> None:
    movements, spans = by_lorry({1: 2}, begins_h=2, closes_h=122)
    movements += rows("subject what part_of mode pieces", ("late", "movement", "f", "train", 20))
    spans += rows("subject activity kind start_h end_h", ("late", "march", "move", 30, 240))
    (row,) = measures.operation(record(subjects=movements, spans=spans)).to_dicts()
    assert (row["closed_days"], row["pieces_a_day"], row["trains"]) == (None, None, 1)


def test_an_operation_without_ships_begins_when_the_first_piece_stands_ready() -> None:
    """In both replications a flight and something of a user's own mode set out; a replication is told by itself."""
    movements = rows(
        "replication subject what part_of mode pieces",
        *((n, name, "movement", "f", mode, 3) for n in (1, 0) for name, mode in (("x", "flight"), ("y", "shuttle"))),
    )
    spans = rows(
        "replication subject activity kind start_h end_h",
        *((n, "x", "load", "wait", 5 + n, 9) for n in (1, 0)),
        *((n, name, "march", "move", 9, 12) for n in (1, 0) for name in "xy"),
    ) + reached("closed", *((n, name, 29 + n) for n in (1, 0) for name in "xy"))
    told = measures.operation(record(subjects=movements, spans=spans))
    assert told.select("replication", "begin_h", "closed_days", "trucks_a_day", "trains_a_day").rows() == [
        (0, 5, 1, None, 0),
        (1, 6, 1, None, 0),
    ]
    assert told.select("flights", "trucks", "others", "most_ashore").rows() == [(1, 0, 1, None)] * 2


def test_pieces_stand_at_the_port_until_they_leave_and_in_port_until_they_are_aboard() -> None:
    movements = rows(
        "subject what part_of mode pieces origin destination",
        ("in", "movement", "f", "train", 7, "p", "b"),
        ("stays", "movement", "f", "train", 2, "p", "b"),
        ("out", "movement", "f", "train", 4, "depot", "q"),
    )
    spans = rows(
        "subject activity kind start_h end_h",
        ("in", "divert", "move", 0, 1),
        ("in", "discharge", "work", 1, 3),
        ("in", "discharge", "wait", 3, 4),
        ("in", "discharge", "work", 4, 5),
        ("in", "march", "wait", 6, 8),
        ("in", "march", "move", 8, 9),
        ("in", "march", "move", 11, 12),
        ("stays", "discharge", "work", 5, 6),
        ("out", "march", "move", 1, 2),
        ("out", "in port", "milestone", 2, 2),
        ("out", "embark", "wait", 2, 4),
        ("out", "embark", "work", 4, 5),
        ("out", "embark", "wait", 5, 5.5),  # a shift ends, and another begins
        ("out", "embark", "work", 5.5, 6),
    )
    assert measures.ashore(record(horizon_h=20, subjects=movements, spans=spans)).rows() == [
        (0, "p", 5, 7), (0, "p", 6, 9), (0, "p", 8, 2), (0, "p", 20, 0), (0, "q", 2, 4), (0, "q", 6, 0),
    ]  # fmt: skip


def test_the_middle_replication_is_the_one_in_the_middle_by_hours() -> None:
    def ending(*hours: float | None) -> int:
        numbers = range(len(hours))
        movements = lots(*((n, "f", "x", 1, None) for n in numbers))
        closed = reached("closed", *((n, "x", hour) for n, hour in zip(numbers, hours, strict=True)))
        return measures.typical(record(subjects=movements, spans=closed))

    assert ending(30, 10, 20) == 2
    assert ending(30, 10, 20, 40) == 2, "of two in the middle the earlier"
    assert ending(None, 10, 20) == 2, "what does not close comes last"
    assert measures.typical(record()) == 0


def test_what_is_stuck_is_told_by_flow_and_cause_with_its_ring() -> None:
    subjects = rows(
        "replication subject what part_of pieces",
        *((n, name, "movement", "f", pieces) for n in (0, 1) for name, pieces in (("x", 3), ("y", 4), ("z", 5))),
        (0, "ship", "ship", "f", 9),
    )
    waiting = rows(
        "replication subject since_h place cause why held_by in_ring",
        (1, "x", 2.0, "p", "tracks", "deadlock", "z", 2),
        (1, "z", 3.0, "p", "wagons", "deadlock", "x", 1),
        (0, "y", 5.0, "p", "tracks", "behind", "x", None),
        (0, "x", 4.0, "p", "tracks", "behind", "y", None),
        (0, "ship", 1.0, "p", "berths", "never", "", None),
    )
    found = measures.stuck(record(subjects=subjects, stuck=waiting))
    assert found.drop("held_by").rows() == [
        (0, "ship", "p", "berths", "never", 1, 0, 1, "ship", None),
        (0, "f", "p", "tracks", "behind", 2, 7, 4, "x", None),
        (1, "f", "p", "tracks", "deadlock", 1, 3, 2, "x", "z > x"),
        (1, "f", "p", "wagons", "deadlock", 1, 5, 3, "z", "z > x"),
    ]
    assert found["held_by"].to_list() == ["", "y", "z", "x"], "of the first"


def test_what_waits_for_a_disruption_is_told_as_a_mean_over_replications() -> None:
    """In one of two replications two lots of three pieces wait for five hours each, and one of them is lost then."""
    outages = rows("disruption what name start_h end_h left_share", ("flood", "link", "a", 5.0, 10.0, 0.0))
    spans = rows(
        "replication subject activity kind place cause_kind cause start_h end_h",
        *((0, name, "march", "wait", place, "disruption", "flood", 5, 10) for name, place in (("x", "p"), ("y", "q"))),
        (1, "x", "march", "wait", "p", "rule", "driving window", 5, 10),
        (0, "y", "lost", "milestone", "q", "disruption", "flood", 10, 10),
    )
    subjects = lots(*((n, "f", name, 3, None) for n in (0, 1) for name in ("x", "y")))
    run = record(subjects=subjects, spans=spans + reached("closed", (1, "x", 20)), outages=outages)
    assert measures.lost_pieces(run).rows() == [(0, "flood", 3)]
    (told,) = lost(run)
    assert (told["share"], told["waits"], told["piece_hours"], told["detours"]) == (0.5, 1, 15, [])
    assert told["pieces"] == 1.5


def test_what_went_further_is_told_by_mode_as_a_mean_over_replications() -> None:
    """In the first of two replications a train goes 1.5 h round a flood, and a packet of three lorries an hour."""
    outages = rows(
        "replication disruption what name start_h end_h left_share",
        (0, "flood", "link", "a", 5.0, 10.0, 0.0),
        (1, "storm", "link", "a", 7.0, 10.0, 0.0),
    )
    subjects = rows("subject what mode pieces", ("t", "movement", "truck", 3), ("x", "movement", "train", 10))
    ways = rows("movement disruption hour extra_h", ("x", "flood", 3.0, 1.5), ("t", "flood", 4.0, 1.0))
    flood, storm = lost(record(subjects=subjects, outages=outages, detours=ways))
    assert flood["detours"] == [
        {"mode": "train", "movements": 0.5, "extra_h": 0.75},
        {"mode": "truck", "movements": 1.5, "extra_h": 1.5},
    ]
    assert storm["detours"] == []


@pytest.mark.parametrize(
    ("replication", "told"),
    [(None, [("flood", 2 / 3, 1.5, 10.0, 25.0), ("storm", 1 / 3, 1, 20, None)]), (0, [("flood", 1, 2, 5, 30)])],
)
def test_disruptions_are_told_as_often_as_they_happened(replication: int | None, told: list[object]) -> None:
    """In the first replication a flood comes twice, and takes two links; in the second once; in the third a storm lasts
    to the horizon."""
    outages = rows(
        "replication disruption what name start_h end_h left_share",
        (0, "flood", "link", "a", 5.0, 10.0, 0.0),
        (0, "flood", "link", "b", 5.0, 10.0, 0.0),
        (0, "flood", "link", "a", 20.0, 30.0, 0.5),
        (1, "flood", "link", "a", 15.0, 20.0, 0.0),
        (2, "storm", "pool", "trucks", 20.0, 240.0, 0.0),
    )
    assert measures.happened(record(outages=outages), replication).rows() == told


def test_what_went_further_is_counted_by_disruption_and_mode() -> None:
    """Two trains go round, one of them twice; a column turns back; a ship with two lots goes to another port."""
    subjects = rows(
        "subject what mode pieces",
        ("x", "movement", "train", 10),
        ("y", "movement", "train", 20),
        ("z", "movement", "column", 4),
        ("s", "ship", "ship", None),
        ("s/1", "movement", "train", 6),
        ("s/2", "movement", "truck", 1),
        ("e", "element", "", 9),
    )
    ways = rows(
        "movement disruption hour extra_h", ("x", "flood", 3.0, 1.5), ("x", "flood", 8.0, 0.5), ("y", "flood", 4.0, 3.0)
    )
    spans = rows(
        "subject activity kind cause cause_kind start_h end_h",
        ("z", "turn back", "move", "flood", "disruption", 4, 7),
        ("z", "turn back", "move", "bumped by y", "movement", 8, 9),
        *((name, "divert", "move", "strike", "disruption", 10, 16) for name in ("s", "s/1", "s/2", "e")),
    )
    assert measures.detours(record(subjects=subjects, spans=spans, detours=ways)).rows() == [
        (0, "flood", "column", 1, 4, 6, 24),
        (0, "flood", "train", 2, 30, 5, 80),
        (0, "strike", "ship", 1, 7, 6, 42),
    ]
