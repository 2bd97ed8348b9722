"""What measures say of waits, pools and links, on records of a few rows."""

from typing import Any

import polars as pl
import pytest

from nfm_sim import measures
from nfm_sim.record import Run
from tests.conftest import coast
from tests.measures.by_hand import Rows, reached, record, rows

WAIT = "replication subject activity kind place cause_kind cause start_h end_h"


def moving(*names: str, pieces: int = 1, replications: int = 1) -> Rows:
    return rows(
        "replication subject what part_of pieces",
        *((number, name, "movement", "f", pieces) for number in range(replications) for name in names),
    )


def test_waits_are_added_up_by_place_and_cause_the_worst_first() -> None:
    subjects = [*moving("x", pieces=5), *moving("y", pieces=0), *moving("z", pieces=2, replications=2)]
    spans = rows(
        WAIT,
        (0, "x", "load", "wait", "p", "pool", "trucks", 2, 4),
        (0, "x", "load", "wait", "p", "pool", "trucks", 5, 6),
        (0, "y", "load", "blocked", "p", "pool", "trucks", 1, 6),  # without a piece it counts as one
        (0, "y", "load", "work", "p", "pool", "trucks", 6, 9),
        (0, "z", "load", "wait", "q", "pool", "trucks", 0, 10),
        (0, "z", "load", "wait", "p", "pool", "wagons", 10, 20),
        (1, "z", "load", "wait", "p", "pool", "trucks", 0, 1),
    )
    assert measures.waits(record(subjects=subjects, spans=spans)).rows() == [
        (0, "p", "pool", "trucks", 3, 8, 20, 5, 1),
        (0, "p", "pool", "wagons", 1, 10, 20, 10, 10),
        (0, "q", "pool", "trucks", 1, 10, 20, 10, 0),
        (1, "p", "pool", "trucks", 1, 1, 2, 1, 0),
    ]


def test_a_ship_and_its_cargo_are_one_in_a_queue() -> None:
    subjects = [
        *rows("subject what pieces", ("f/s", "ship", None), ("f/t", "ship", None)),
        *moving("f/s/p/x", "f/s/p/y", pieces=3),
    ]
    spans = rows(
        WAIT,
        *((0, who, "arrive", "wait", "p", "facility", "berths", 2, 12) for who in ("f/s", "f/s/p/x", "f/s/p/y")),
        (0, "f/t", "arrive", "wait", "p", "facility", "berths", 8, 12),
        (0, "f/t", "load", "wait", "p", "facility", "tracks", 0, 20),  # no queue of ships
        (0, "f/s/p/x", "load", "wait", "p", "facility", "tracks", 12, 18),
    )
    table = measures.queue(record(horizon_h=24, subjects=subjects, spans=spans), 6)
    assert table.select("cause", "hour", "waiting", "pieces").rows() == [
        *(("berths", hour, *counts) for hour, counts in ((0, (0, 0)), (6, (1, 6)), (12, (0, 0)), (18, (0, 0)))),
        ("berths", 24, 0, 0),
        *(("tracks", hour, *counts) for hour, counts in ((0, (0, 0)), (6, (0, 0)), (12, (1, 3)), (18, (0, 0)))),
        ("tracks", 24, 0, 0),
    ]


def held(*given: tuple[int, str, str, str, float, float, float]) -> Rows:
    return rows("replication pool place subject amount start_h end_h", *given)


def pools(*given: tuple[int, str, str, float]) -> tuple[Rows, Rows]:
    """Pools with a capacity from the start on: the tables of pools and of capacities."""
    all_of = rows("replication pool place capacity people", *((*pool, 0.0) for pool in given))
    return all_of, rows(
        "replication pool place hour capacity", *((n, name, at, 0.0, size) for n, name, at, size in given)
    )


def test_utilisation_is_told_of_each_pool_in_each_replication() -> None:
    there, sizes = pools(
        (0, "trucks", "", 4.0), (0, "berths", "p", 1.0), (1, "trucks", "", 4.0), (1, "berths", "p", 0.0)
    )
    holdings = held(
        (0, "trucks", "", "x", 2.0, 10, 20), (0, "trucks", "", "y", 1.0, 15, 30), (1, "trucks", "", "x", 4.0, 220, 300)
    )
    used = measures.utilisation(record(pools=there, capacities=sizes, holdings=holdings))
    assert used.drop("unit").rows() == [
        (0, "trucks", "", 4, 35 / 20, 3, 35 / 80, 10, 30),
        (0, "berths", "p", 1, 0, 0, 0, None, None),
        (1, "trucks", "", 4, 4, 4, 1, 220, 240),  # to the horizon
        (1, "berths", "p", 0, 0, 0, None, None, None),
    ]
    during = measures.utilisation(record(pools=there, capacities=sizes, holdings=holdings), from_h=18, until_h=28)
    assert during["mean_held"].to_list() == [1.4, 0, 0, 0]
    assert during["used_share"].to_list() == [0.35, 0, 0, None]


def test_a_capacity_that_grows_is_used_less() -> None:
    there, sizes = pools((0, "trucks", "", 2.0))
    sizes += rows("pool hour capacity", ("trucks", 20.0, 8.0))
    holdings = held((0, "trucks", "", "x", 2.0, 10, 30), (0, "trucks", "", "x", 1.0, 30, 30.5))
    run = record(pools=there, capacities=sizes, holdings=holdings)
    assert measures.utilisation(run)["used_share"].to_list() == [40.5 / (20 + 80 + 4)]


def test_what_was_held_for_half_an_hour_was_used_as_much_of_that() -> None:
    there, sizes = pools((0, "trucks", "", 1.0))
    run = record(pools=there, capacities=sizes, holdings=held((0, "trucks", "", "x", 0.5, 10, 10.5)))
    assert measures.utilisation(run)["used_share"].to_list() == [0.5]


def test_a_yard_is_told_at_each_hour_at_which_it_changes() -> None:
    there, _ = pools((0, "yard_m2", "p", 90.0), (0, "yard_m2", "o", 50.0), (0, "trucks", "", 4.0))
    holdings = held(
        (0, "yard_m2", "p", "x", 30.0, 5, 9),
        (0, "yard_m2", "p", "y", 20.0, 5, 7),
        (0, "yard_m2", "o", "z", 10.0, 6, 8),
        (0, "trucks", "", "z", 1.0, 6, 8),
    )
    assert measures.stock(record(pools=there, holdings=holdings)).rows() == [
        (0, "o", 6, 10, 50), (0, "o", 8, 0, 50), (0, "p", 5, 50, 90), (0, "p", 7, 30, 90), (0, "p", 9, 0, 90),
    ]  # fmt: skip


def test_what_each_holds_of_a_pool_is_told_by_day_with_what_there_was() -> None:
    """A flow has two trucks from hour 6 to 30, and then a task has one beyond the horizon; two of four go at noon."""
    there, sizes = pools((0, "trucks", "", 4.0), (0, "wagons", "", 9.0))
    sizes += rows("pool hour capacity", ("trucks", 12.0, 2.0))
    holdings = held(
        (0, "trucks", "", "x", 2.0, 6, 30),
        (0, "trucks", "", "guard/share", 1.0, 30, 99),
        (0, "wagons", "", "x", 3.0, 0, 24),
    )
    run = record(horizon_h=36, subjects=moving("x"), pools=there, capacities=sizes, holdings=holdings)
    trucks = [("trucks", "", "f", 0, 1.5, 3), ("trucks", "", "f", 1, 0.5, 1), ("trucks", "", "guard", 1, 0.25, 1)]
    assert measures.held_by_day(run, "trucks").drop("replication").rows() == trucks
    assert measures.held_by_day(run).drop("replication").rows() == [*trucks, ("wagons", "", "f", 0, 3, 9)]


def test_what_elements_hold_with_their_movements_is_told_by_tier() -> None:
    there, sizes = pools((0, "trucks", "", 9.0))
    subjects = rows(
        "subject what part_of tier",
        *((name, "element", "", tier) for name, tier in (("bat", 2), ("home", None))),
        *((f"{of}/x", "movement", of, None) for of in ("bat", "home", "flow")),
    )
    holdings = held(*((0, "trucks", "", name, 1.0, 0, 24) for name in ("bat", "bat/x", "home", "home/x", "flow/x")))
    run = record(horizon_h=24, subjects=subjects, pools=there, capacities=sizes, holdings=holdings)
    told = measures.held_by_day(run).filter(day=0).select("whose", "held").rows()
    assert told == [("flow", 1), ("tier 2", 2), ("without a tier", 2)]


def test_what_is_full_first_stands_first_and_of_these_the_longest() -> None:
    names = [("a", 2.0), ("b", 1.0), ("c", 1.0), ("none", 0.0)]
    there, _ = pools(*((0, name, "", size) for name, size in names))
    holdings = held(
        (0, "a", "", "x", 2.0, 24, 72),
        (0, "b", "", "x", 1.0, 24, 47),
        (0, "c", "", "x", 1.0, 0, 24),
        (0, "c", "", "x", 0.5, 24, 48),
        (0, "c", "", "x", 1.0, 50, 74),
        (0, "none", "", "x", 0.0, 0, 48),
    )
    table = measures.saturation(record(pools=there, holdings=holdings), 22 / 24)
    assert table.select("name", "first_day", "days", "used_share").rows() == [
        ("c", 0, 2, (1 + 22 / 24) / 2),
        ("a", 1, 2, 1.0),
        ("b", 1, 1, pytest.approx(23 / 24)),
    ]


def test_what_is_full_is_told_by_replication_and_of_equals_by_name() -> None:
    each = [(n, name, "") for n in (1, 0) for name in ("b", "a")]
    there, _ = pools(*((*pool, 1.0) for pool in each))
    run = record(pools=there, holdings=held(*((*pool, "x", 1.0, 0, 24) for pool in each)))
    assert measures.saturation(run).select("replication", "name").rows() == [(0, "a"), (0, "b"), (1, "a"), (1, "b")]


def test_links_are_loaded_by_all_that_drive_their_legs() -> None:
    subjects = [*moving("x", pieces=5, replications=2), *moving("y", pieces=7), *moving("z", pieces=1)]
    legs = rows(
        "replication leg link forward enter_h leave_h slot_h",
        (0, 0, "rail1", True, 0.0, 2.0, 0.25),
        (0, 0, "rail2", True, 2.0, 3.0, 1.0),
        (0, 1, "rail1", False, 0.0, 2.0, 0.5),
        (1, 0, "rail1", True, 0.0, 2.0, 0.25),
    )
    departures = rows(
        "replication movement leg start_h", (0, "x", 0, 1.0), (0, "y", 0, 1.5), (0, "z", 1, 4.75), (1, "x", 0, 1.0)
    )
    run = record(subjects=subjects, legs=legs, departures=departures, horizon_h=100)
    assert measures.link_load(run).rows() == [
        (0, "rail1", False, 1, 1, 0.5, 0.005),
        (0, "rail1", True, 2, 12, 0.5, 0.005),
        (0, "rail2", True, 2, 12, 2.0, 0.02),
        (1, "rail1", True, 1, 5, 0.25, 0.0025),
    ]
    assert measures.link_load_by_hour(run).drop("mode").rows() == [
        (0, "rail1", False, 4, 1, 1, 0.5),
        (0, "rail1", True, 1, 2, 12, 0.5),
        (0, "rail2", True, 3, 2, 12, 2.0),
        (1, "rail1", True, 1, 1, 5, 0.25),
    ]


def test_what_holders_do_is_told_with_what_comes_after_them() -> None:
    """A train holds two wagons from 0 to 20: it loads, waits, moves, and has closed at 12. A task holds one."""
    subjects = moving("x")
    spans = rows(
        WAIT,
        (0, "x", "load", "work", "p", "", "", 0, 4),
        (0, "x", "march", "wait", "p", "rule", "driving window", 4, 6),
        (0, "x", "march", "move", "b", "link", "passed", 6, 12),  # what it does needs no cause
    ) + reached("closed", (0, "x", 12))
    holdings = held((0, "wagons", "", "x", 2.0, 0, 20), (0, "wagons", "", "guard/share", 1.0, 10, 20))
    there, _ = pools((0, "wagons", "", 9.0))
    use = measures.pool_use(record(subjects=subjects, spans=spans, holdings=holdings, pools=there))
    assert use.select("activity", "kind", "cause", "unit_hours", "share").rows() == [
        ("come back", "move", "", 16, 0.32),
        ("march", "move", "", 12, 0.24),
        ("serve", "work", "", 10, 0.2),
        ("load", "work", "", 8, 0.16),
        ("march", "wait", "driving window", 4, 0.08),
    ]


def test_what_holders_do_is_told_by_replication_and_pool_the_most_first() -> None:
    """For half an hour one loads, and for a quarter of one it waits."""
    each = [(n, name, at) for n in (1, 0) for name, at in (("trucks", ""), ("tracks", "q"), ("tracks", "p"))]
    spans = rows(
        WAIT,
        *((n, "x", "load", "wait", "p", "rule", "closed hours", 0, 0.25) for n in (0, 1)),
        *((n, "x", "load", "work", "p", "", "", 0.25, 0.75) for n in (0, 1)),
    )
    there, _ = pools(*((*pool, 9.0) for pool in each))
    holdings = held(*((*pool, "x", 1.0, 0, 0.75) for pool in each))
    use = measures.pool_use(record(subjects=moving("x", replications=2), spans=spans, holdings=holdings, pools=there))
    doing = [("work", 0.5), ("wait", 0.25)]
    assert use.select("replication", "pool", "place", "kind", "unit_hours").rows() == [
        (*pool, *done) for pool in sorted(each) for done in doing
    ]


def standing(holder_h: float) -> Run:
    """Someone waits for wagons on the first day; their holder waits for a track meanwhile for some hours, and works."""
    there, _ = pools((0, "wagons", "", 1.0), (0, "tracks", "p", 1.0))
    spans = rows(
        WAIT,
        (0, "y", "load", "wait", "p", "pool", "wagons", 0, 24),
        (0, "x", "load", "wait", "p", "facility", "tracks", 0, holder_h),
        (0, "x", "load", "work", "p", "", "", holder_h, 24),
    )
    return record(
        horizon_h=48,
        subjects=[*moving("x"), *moving("y", pieces=3)],
        spans=spans,
        pools=there,
        holdings=held((0, "wagons", "", "x", 1.0, 0, 48)),
    )


def test_a_wait_is_passed_on_by_the_share_of_the_time_in_which_the_holders_wait() -> None:
    assert measures.passed_on(standing(6)).rows() == [(0, "pool", "wagons", "facility", "p.tracks", 0.25)]
    found = measures.bottlenecks(standing(6)).select("kind", "name", "hours", "piece_hours", "share", "first_h").rows()
    assert found == [
        ("pool", "wagons", 24, 54, pytest.approx(54 / 78), 0),
        ("facility", "p.tracks", 6, 24, pytest.approx(24 / 78), 0),
    ]


def test_what_only_ships_wait_for_is_blamed_for_what_others_wait_for_them() -> None:
    """A ship lies at the quay and waits for a berth, and a lot waits for the quay: no lot waits for the berth."""
    there, _ = pools((0, "quay_m", "p", 1.0), (0, "berths", "p", 1.0))
    spans = rows(
        WAIT,
        (0, "y", "arrive", "wait", "p", "facility", "quay_m", 0, 24),
        (0, "s", "arrive", "wait", "p", "facility", "berths", 0, 12),
    )
    subjects = [*rows("subject what", ("s", "ship")), *moving("y")]
    holdings = held((0, "quay_m", "p", "s", 1.0, 0, 24))
    run = record(horizon_h=24, subjects=subjects, spans=spans, pools=there, holdings=holdings)
    assert measures.bottlenecks(run).drop("replication", "share", "kind").rows() == [
        ("p.berths", 0, 12, 0, None),
        ("p.quay_m", 24, 12, 24, 0),
    ]


def test_a_wait_of_half_a_day_is_passed_on_by_the_share_of_that_day() -> None:
    there, _ = pools((0, "wagons", "", 1.0), (0, "tracks", "p", 1.0))
    spans = rows(
        WAIT,
        (0, "y", "load", "wait", "p", "pool", "wagons", 0, 12),
        (0, "x", "load", "wait", "p", "facility", "tracks", 0, 6),
        (0, "x", "load", "wait", "p", "facility", "tracks", 30, 40),  # when nothing waits for the wagons
        (0, "y", "load", "wait", "p", "pool", "wagons", 30, 30),  # nor then
        (0, "x", "load", "wait", "p", "facility", "cranes", 40, 42),
    )
    holdings = held((0, "wagons", "", "x", 1.0, 0, 48))
    run = record(horizon_h=48, subjects=moving("x", "y"), spans=spans, pools=there, holdings=holdings)
    assert measures.passed_on(run).rows() == [(0, "pool", "wagons", "facility", "p.tracks", 0.25)]


def test_nothing_is_passed_on_by_those_who_hold_nothing_of_a_pool() -> None:
    there, _ = pools((0, "beds", "p", 1.0))
    spans = rows(
        WAIT,
        (0, "y", "rest", "wait", "p", "facility", "beds", 0, 24),
        (0, "x", "march", "wait", "p", "rule", "driving window", 0, 12),
    )
    holdings = held((0, "beds", "p", "x", 0.0, 0, 24))
    run = record(horizon_h=48, subjects=moving("x", "y"), spans=spans, pools=there, holdings=holdings)
    assert measures.passed_on(run).rows() == []


def test_a_wait_of_several_days_is_passed_on_day_by_day() -> None:
    """Only on the second of two days does the holder wait: for a quarter of it."""
    there, _ = pools((0, "wagons", "", 1.0), (0, "tracks", "p", 1.0))
    spans = rows(
        WAIT,
        (0, "y", "load", "wait", "p", "pool", "wagons", 0, 48),
        (0, "x", "load", "wait", "p", "facility", "tracks", 30, 36),
    )
    holdings = held((0, "wagons", "", "x", 1.0, 0, 72))
    run = record(horizon_h=72, subjects=moving("x", "y"), spans=spans, pools=there, holdings=holdings)
    assert measures.passed_on(run).rows() == [(0, "pool", "wagons", "facility", "p.tracks", 0.125)]


def test_what_is_passed_on_is_told_by_pool_the_most_first() -> None:
    """Three wait all day, each for something that x holds. In the first replication x waits for six hours each for a
    track, a crane and the driving window; in the second for twelve hours for the window, and for six for a track."""
    wanted = (("a", "pool", "wagons"), ("b", "pool", "escorts"), ("c", "facility", "berths"))
    all_of = [(n, name, "p" if name == "berths" else "") for n in (0, 1) for _, _, name in wanted]
    there, _ = pools(*((*pool, 1.0) for pool in all_of))
    tracks, cranes, window = ("facility", "tracks"), ("facility", "cranes"), ("rule", "driving window")
    spans = rows(
        WAIT,
        *((n, who, "load", "wait", "p", kind, name, 0, 24) for n in (1, 0) for who, kind, name in wanted),
        *((0, "x", "load", "wait", "p", *why, 6 * n, 6 * n + 6) for n, why in enumerate((window, tracks, cranes))),
        (1, "x", "load", "wait", "p", *tracks, 0, 6),
        (1, "x", "load", "wait", "p", *window, 6, 18),
    )
    run = record(
        horizon_h=48,
        subjects=moving("x", "a", "b", "c", replications=2),
        spans=spans,
        pools=there,
        holdings=held(*((*pool, "x", 1.0, 0, 24) for pool in all_of)),
    )
    to = [("facility", "p.cranes", 0.25), ("facility", "p.tracks", 0.25), ("rule", "driving window", 0.25)]
    then = [("rule", "driving window", 0.5), ("facility", "p.tracks", 0.25)]
    things = [("facility", "p.berths"), ("pool", "escorts"), ("pool", "wagons")]
    assert measures.passed_on(run).rows() == [
        *((0, *thing, *passed) for thing in things for passed in to),
        *((1, *thing, *passed) for thing in things for passed in then),
    ]


def test_a_wait_for_a_pool_is_passed_on_to_a_task_of_its_name() -> None:
    there, _ = pools((0, "wagons", "", 1.0))
    spans = rows(
        WAIT,
        (0, "y", "load", "wait", "p", "pool", "wagons", 0, 24),
        (0, "x", "load", "wait", "p", "task", "wagons", 0, 12),
        (0, "x", "load", "wait", "p", "pool", "wagons", 12, 24),  # for more of its own
    )
    run = record(subjects=moving("x", "y"), spans=spans, pools=there, holdings=held((0, "wagons", "", "x", 1.0, 0, 48)))
    assert measures.passed_on(run).rows() == [(0, "pool", "wagons", "task", "wagons", 0.5)]


@pytest.mark.parametrize(
    ("kind", "cause", "queues"),
    [
        ("rule", "lateness", False),
        ("rule", "gangs of the ship", False),
        ("rule", "political decision", False),
        ("rule", "driving window", True),
        ("disruption", "lateness", True),
    ],
)
@pytest.mark.parametrize(("what", "activity"), [("movement", "load"), ("ship", "arrive")])
def test_who_is_late_or_not_yet_asked_for_stands_in_no_queue(
    what: str, activity: str, kind: str, cause: str, queues: bool
) -> None:
    spans = rows(WAIT, (0, "x", activity, "wait", "p", kind, cause, 0, 10))
    table = measures.queue(record(horizon_h=12, subjects=rows("subject what", ("x", what)), spans=spans), 6)
    assert table.select("hour", "waiting").rows() == ([(0, 1), (6, 1), (12, 0)] if queues else [])


def test_a_wait_of_a_tick_is_told_too() -> None:
    spans = rows(WAIT, (0, "x", "load", "wait", "p", "pool", "trucks", 0, 2**-20))
    assert measures.bottlenecks(record(subjects=moving("x"), spans=spans))["hours"].to_list() == [2**-20]


def test_a_pool_keeps_a_little_of_the_waits_for_it() -> None:
    (wagons,) = measures.bottlenecks(standing(24)).filter(pl.col("name") == "wagons").to_dicts()
    assert wagons["piece_hours"] == pytest.approx(0.02 * 72)


@pytest.mark.parametrize(
    ("kind", "cause", "source"),
    [
        ("facility", "tracks", "ports and terminals"),
        ("link", "RAIL1 (rail1)", "network"),
        ("disruption", "flood", "network"),
        ("rule", "breakdown", "network"),
        ("rule", "civil timetable", "network"),
        ("rule", "civil barges", "network"),
        ("task", "guard", "tasks and elements"),
        ("element", "bat", "tasks and elements"),
        ("partner", "partner", "tasks and elements"),
        ("movement", "bumped by x", "tasks and elements"),
        ("rule", "lateness", "ships"),
        ("rule", "gangs of the ship", "ships"),
        ("rule", "ahead of plan", "ships"),
        ("rule", "cargo to come", "ships"),
        ("rule", "ship to embark", "ships"),
        ("rule", "driving window", "rules"),
        ("rule", "political decision", "rules"),
        ("pool", "escorts", "means"),
    ],
)
def test_each_cause_has_its_source(kind: str, cause: str, source: str) -> None:
    spans = rows(WAIT, (0, "x", "load", "wait", "p", kind, cause, 0, 10))
    assert measures.delay_shares(record(subjects=moving("x"), spans=spans)).rows() == [(0, source, 10, 1)]


def test_of_a_wait_for_wagons_that_are_away_the_far_end_has_its_share() -> None:
    """A train holds its wagons for 40 h and has closed after 10; the other has not closed, and holds them for 20."""
    there, _ = pools((0, "wagons", "", 9.0), (0, "berths", "p", 1.0))
    spans = rows(
        WAIT,
        (0, "z", "load", "wait", "p", "pool", "wagons", 0, 30),
        (0, "z", "load", "wait", "p", "facility", "berths", 30, 60),
    )
    run = record(
        horizon_h=60,
        subjects=moving("x", "y", "z"),
        spans=spans + reached("closed", (0, "x", 10)),
        pools=there,
        holdings=held(
            (0, "wagons", "", "x", 1.0, 0, 40),
            (0, "wagons", "", "y", 1.0, 40, 60),
            (0, "wagons", "", "guard/share", 9.0, 0, 60),  # no movement
            (0, "berths", "p", "x", 1.0, 0, 40),  # and no means that go along
        ),
    )
    assert measures.delay_shares(run).rows() == [
        (0, "ports and terminals", 30, 0.5),
        (0, "far end", 15, 0.25),
        (0, "means", 15, 0.25),
    ]


def test_wagons_of_which_nothing_is_held_are_not_away() -> None:
    there, _ = pools((0, "wagons", "", 9.0))
    spans = rows(WAIT, (0, "z", "load", "wait", "p", "pool", "wagons", 0, 30))
    run = record(
        subjects=moving("x", "z"),
        spans=spans + reached("closed", (0, "x", 10)),
        pools=there,
        holdings=held((0, "wagons", "", "x", 0.0, 0, 40)),
    )
    assert measures.delay_shares(run).rows() == [(0, "means", 30, 1)]


def test_the_delay_of_each_replication_is_told_by_itself() -> None:
    spans = rows(
        WAIT,
        (1, "x", "load", "wait", "p", "pool", "trucks", 0, 10),
        (0, "x", "load", "wait", "p", "facility", "tracks", 0, 4),
        (0, "x", "load", "wait", "p", "pool", "trucks", 4, 8),
        (0, "x", "load", "wait", "q", "pool", "trucks", 8, 10),
    )
    run = record(subjects=moving("x", replications=2), spans=spans)
    found = measures.bottlenecks(run).select("replication", "name", "piece_hours", "share", "first_h").rows()
    assert found == [(0, "trucks", 6, 0.6, 4), (0, "p.tracks", 4, 0.4, 0), (1, "trucks", 10, 1, 0)]
    assert measures.delay_shares(run).rows() == [
        (0, "means", 6, 0.6),
        (0, "ports and terminals", 4, 0.4),
        (1, "means", 10, 1),
    ]


def test_of_waits_as_long_the_places_causes_and_kinds_stand_in_order() -> None:
    waits = [("q", "pool", "a"), ("p", "task", "b"), ("p", "disruption", "b"), ("p", "pool", "a")]
    spans = rows(WAIT, *((0, "x", "load", "wait", *wait, n, n + 1) for n, wait in enumerate(waits)))
    run = record(subjects=moving("x"), spans=spans)
    in_order = [("p", "pool", "a"), ("p", "disruption", "b"), ("p", "task", "b"), ("q", "pool", "a")]
    assert measures.waits(run).select("place", "cause_kind", "cause").rows() == in_order
    sources = [row["source"] for row in measures.summary(run)["delay"]]
    assert sources == ["means", "network", "tasks and elements"], "the most first, and of equals in their order"
    worst = measures.summary(run)["worst_waits"]
    assert [(row["place"], row["cause_kind"], row["cause"]) for row in worst] == in_order[:3]
    found = measures.bottlenecks(run).select("name", "kind").rows()
    assert found == [("a", "pool"), ("b", "disruption"), ("b", "task")]


def test_a_single_track_that_is_given_as_two_links_is_one() -> None:
    from dataclasses import replace

    from nfm_sim.network import Network

    near = coast()
    there = replace(near.links["rail2"], directed=True)
    back = replace(there, name="rail2 back", start=there.end, end=there.start)
    network = Network(near.path, near.nodes, {**near.links, "rail2": there, back.name: back}, near.facilities)
    legs: list[dict[str, Any]] = rows(
        "leg link forward enter_h leave_h slot_h",
        (0, "rail2", True, 0.0, 1.0, 0.25),
        (1, back.name, True, 0.0, 1.0, 0.25),
    )
    departures = rows("movement leg start_h", ("w", 0, 1.0), ("x", 0, 3.0), ("y", 1, 5.0), ("z", 1, 9.0))
    run = record(network=network, subjects=moving("w", "x", "y", "z"), legs=legs, departures=departures)
    # x and z have it for an hour, as none follows them; w and y for a headway, as x and z do
    assert measures.saturation(run, 0.01).rows() == [(0, "link", "rail2", 0, 1, pytest.approx(2.5 / 24))]
