"""What measures say of force elements, tasks and plans, on records of a few rows."""

from dataclasses import replace
from typing import Any

import pytest

from nfm_sim import measures
from nfm_sim.record import Run
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data
from tests.measures.by_hand import Rows, reached, record, rows


def elements(*given: tuple[Any, ...], replications: int = 1, deadline_h: float = 100.0) -> Rows:
    """Force elements: name, capability and tier; None is not offered."""
    return [
        {"replication": n, "subject": name, "what": "element", "capability": capability, "tier": tier}
        | {"deadline_h": None if tier is None else deadline_h, "personnel": 50}
        for n in range(replications)
        for name, capability, tier in given
    ]


def ordered(*hours: float) -> Rows:
    """The activation order in each replication."""
    return rows(
        "replication task commitment capability number start_h end_h",
        *((n, "plans", "offers", "infantry", 1.0, hour, 240.0) for n, hour in enumerate(hours)),
    )


def test_tiers_are_told_over_all_replications() -> None:
    subjects = elements(
        ("a", "infantry", 1), ("b", "infantry", 1), ("c", "infantry", 2), ("home", "", None), replications=2
    )
    ready = reached("ready", (0, "a", 60), (0, "b", 130), (1, "a", 80), (0, "c", 50), (1, "c", 70), (0, "home", 1))
    in_place = reached("in place", (0, "a", 90), (0, "a", 190), (1, "a", 90), (0, "b", 140))  # the first time counts
    run = record(horizon_h=240, subjects=subjects, spans=ready + in_place, commitments=ordered(20, 40))
    assert measures.readiness_by_tier(run).drop("order_median_h", "deadline_h").rows() == [
        # ready 40 and 110 h after the order, 40, and not by 240, 100 h after the deadline
        (1, 2, 0.5, 0.5, 0.5, 105, 115, None, 0.75, 0.75, 0),
        (2, 1, 1, 1, 1, 60, None, None, 1, 0, 0),
    ]
    assert measures.readiness_by_tier(run)["order_median_h"].to_list() == [30, 30]
    table = measures.readiness_by_element(run)
    assert table.select("element", "ready_by_deadline", "ready_median_h", "ready_late_days").rows() == [
        ("a", 1, 70, None),
        ("b", 0, None, pytest.approx((10 + 100) / 2 / 24)),
        ("c", 1, 60, None),
    ]
    assert table["in_place_by_deadline"].to_list() == [1, 0, 0]
    assert table["in_place_late_days"].to_list() == [None, pytest.approx((20 + 100) / 2 / 24), 110 / 24]


def test_a_deadline_beyond_the_horizon_leaves_the_answer_open() -> None:
    subjects = elements(("a", "infantry", 1), ("b", "infantry", 1), deadline_h=221)
    run = record(horizon_h=240, subjects=subjects, spans=reached("ready", (0, "a", 60)), commitments=ordered(20))
    (row,) = measures.readiness_by_tier(run).to_dicts()
    assert (row["ready_by_deadline"], row["ready_by_deadline_low"], row["ready_by_deadline_high"]) == (None, 0.5, 1)
    assert measures.readiness(run)["on_time"].to_list() == [True, None]
    assert measures.readiness_by_element(run)["ready_by_deadline"].to_list() == [None, None]
    asked_for = measures.deadlines(run).select("number", "required_h", "done_h", "on_time_share", "on_time").rows()
    assert asked_for == [(2, 241, None, None, None)]
    due = elements(("a", "infantry", 1), deadline_h=220)
    assert measures.readiness(record(horizon_h=240, subjects=due, commitments=ordered(20)))["on_time"].to_list() == [
        False
    ], "at the horizon itself it is late"
    late_order = elements(("a", "infantry", 1), replications=2, deadline_h=100)
    both = record(
        horizon_h=240, subjects=late_order, spans=reached("ready", (0, "a", 60)), commitments=ordered(20, 150)
    )
    assert measures.readiness_by_element(both)["ready_by_deadline"].to_list() == [None], "open in one of two"
    curve = measures.readiness_curve(run, 60).select("milestone", "hour", "share").rows()
    assert [row for row in curve if row[0] == "ready"] == [("ready", 60 * n, 0.5 if n else 0) for n in range(5)]


def test_the_time_of_an_element_is_told_until_it_is_ready_and_from_then_on() -> None:
    """Its order comes at 20; it is ready at 50 and effective at 90. The other was alerted 10 h before hour 0, waits
    from hour 0 for the decision, and is never ready."""
    subjects = elements(("a", "infantry", 1), ("b", "infantry", 1))
    spans = rows(
        "subject activity kind start_h end_h",
        ("a", "decision", "wait", 0, 20),
        ("a", "recall", "work", 20, 30),
        ("a", "materiel", "wait", 30, 45),
        ("a", "materiel", "work", 45, 50),
        ("a", "deploy", "move", 50, 80),
        ("a", "effect", "wait", 80, 90),
        ("b", "recall", "work", -10, 0),
        ("b", "decision", "wait", 0, 20),
        ("b", "materiel", "wait", 20, 240),
    ) + reached("ready", (0, "a", 50))
    run = record(horizon_h=240, subjects=subjects, spans=spans, commitments=ordered(20))
    assert measures.element_hours(run).drop("replication").sort("element", "until", "kind").rows() == [
        ("a", "effective", "move", 30, 0),
        ("a", "effective", "wait", 10, 0),
        ("a", "ready", "wait", 15, 0),
        ("a", "ready", "work", 15, 0),
        ("b", "ready", "wait", 240, -30),
        ("b", "ready", "work", 10, -30),
    ]
    assert measures.total(run).rows() == [(0, "a", 0, 90, 90), (0, "b", -10, 240, 250)]
    path = measures.critical_path(run, "a")
    assert path.select("activity", "hours").rows()[-2:] == [("deploy", 30), ("effect", 10)]


def test_who_begins_with_the_order_begins_no_hours_before_it() -> None:
    spans = rows("subject activity kind start_h end_h", ("a", "recall", "work", -0.0, 10))
    run = record(subjects=elements(("a", "infantry", 1)), spans=spans, commitments=ordered(0))
    assert str(measures.element_hours(run)["begin_h"].item()) == "0.0", "not -0.0, which an export would show"


def test_critical_time_is_shared_out_within_each_tier_the_most_first() -> None:
    subjects = elements(("a", "infantry", 2), ("b", "infantry", 2), ("c", "infantry", 1))
    spans = rows(
        "subject activity kind cause start_h end_h",
        ("a", "recall", "work", "", 0, 10),
        ("a", "materiel", "wait", "bays", 10, 25),
        ("a", "materiel", "wait", "anvils", 25, 40),
        ("b", "recall", "work", "", 0, 20),
        ("b", "issue", "wait", "docks", 20, 50),
        ("c", "recall", "work", "", 0, 4),
    )
    table = measures.critical_share(record(subjects=subjects, spans=spans))
    assert table.select("tier", "activity", "cause", "hours", "share").rows() == [
        (1, "recall", "", 4, 1),
        (2, "issue", "docks", 15, pytest.approx(1 / 3)),
        (2, "recall", "", 15, pytest.approx(1 / 3)),
        (2, "materiel", "anvils", 7.5, pytest.approx(1 / 6)),
        (2, "materiel", "bays", 7.5, pytest.approx(1 / 6)),
    ]


def formation(effective: tuple[float, float, float | None]) -> Run:
    """A corps that waits for its signals last in two of three replications, for 30 and for 10 hours."""
    subjects = rows("replication subject what", *((n, "corps", "formation") for n in range(3)))
    spans = rows(
        "replication subject activity kind cause start_h end_h",
        (0, "corps", "effect", "wait", "signals", 20, 50),
        (0, "corps", "assemble", "wait", "bat", 0, 20),
        (1, "corps", "assemble", "wait", "bat", 0, 20),
        (1, "corps", "effect", "wait", "signals", 20, 30),
        (2, "corps", "assemble", "wait", "", 0, 240),
    )
    marks = reached("effective", *((n, "corps", hour) for n, hour in enumerate(effective)))
    return record(subjects=subjects, spans=spans + marks + reached("in place", (0, "corps", 20), (1, "corps", 20)))


def test_a_formation_says_what_it_waited_for_last() -> None:
    run = formation((50, 30, None))
    assert measures.formations(run).rows() == [
        (0, "corps", 20, 50, "signals"),
        (1, "corps", 20, 30, "signals"),
        (2, "corps", None, None, "not yet in place"),
    ]
    assert measures.last_enabler(run).rows() == [
        (
            "corps",
            "signals",
            pytest.approx(2 / 3),
            40,
            pytest.approx((24 + 10) / 3),
        ),  # a day earlier buys a day at most
        ("corps", "not yet in place", pytest.approx(1 / 3), None, 0),
    ]


def test_enablers_are_told_by_who_waited_for_them() -> None:
    waiting = {"east": "signals", "west": "medical", "bat": "engineers"}
    subjects = rows(
        "subject what", ("west", "formation"), ("east", "formation"), ("bat", "element"), ("cov", "element")
    )
    spans = rows(
        "subject activity kind cause start_h end_h",
        *((name, "effect", "wait", cause, 0, 10) for name, cause in waiting.items()),
        ("cov", "materiel", "wait", "bays", 0, 10),  # no enabler
    )
    run = record(subjects=subjects, spans=spans + reached("effective", (0, "east", 10)))
    assert measures.last_enabler(run).rows() == [
        ("bat", "engineers", 1, None, 0),
        ("east", "signals", 1, 10, 10),
        ("west", "medical", 1, None, 0),
    ]


def duty(*given: tuple[str, str, str, str, float, float]) -> Rows:
    return rows("element task commitment state start_h end_h", *given)


def asked(*given: tuple[str, str, str, str, float, float, float]) -> Rows:
    return rows("task commitment capability pool number start_h end_h", *given)


def test_a_commitment_is_met_as_far_as_elements_serve() -> None:
    """Two are asked for from day 1 to 5. One serves from day 2 on and the other from day 3 to 4, for which it is held;
    a third, of another capability, does too from day 4.5 on."""
    run = record(
        horizon_h=144,
        subjects=elements(("a", "infantry", None), ("b", "infantry", None), ("c", "guards", None)),
        commitments=asked(
            ("home", "post", "infantry | guards", "", 2.0, 24, 120), ("home", "idle", "guards", "", 1.0, 0, 24)
        ),
        duties=duty(
            ("a", "home", "post", "prepare", 24, 48),
            ("a", "home", "post", "serve", 48, 120),
            ("b", "home", "post", "serve", 72, 96),
            ("c", "home", "post", "serve", 108, 120),
            ("b", "", "", "free", 96, 144),
        ),
    )
    idle, post = measures.commitments(run).drop("replication").rows()
    assert idle == ("home", "idle", "guards", "", 1, 1, 0, None)
    assert post == ("home", "post", "infantry | guards", "", 8, 3.5, 1 - 3.5 / 8, 1)
    assert measures.task_fill(run, 36).drop("replication", "task").rows() == [
        (0, 1, 0, 0),  # the first asks for one, and nobody serves
        (36, 2, 0, 0),
        (72, 2, 2, 1),
        (108, 2, 2, 1),
        (144, 0, 0, None),
    ]


def test_who_serves_beyond_what_is_asked_fills_no_more_than_that() -> None:
    run = record(
        horizon_h=48,
        subjects=elements(("a", "infantry", None), ("b", "infantry", None)),
        commitments=asked(("home", "post", "infantry", "", 1.0, 0, 48), ("home", "other", "guards", "", 1.0, 0, 48)),
        duties=duty(("a", "home", "post", "serve", 0, 48), ("b", "home", "post", "serve", 0, 48)),
    )
    assert measures.task_fill(run, 24).select("serving", "filled_share").rows()[0] == (1, 0.5)
    assert measures.commitments(run).select("commitment", "short_days", "held_days").rows() == [
        ("other", 2, None),
        ("post", 0, 2),
    ]


def test_shares_of_pools_are_met_by_what_is_held_of_them() -> None:
    run = record(
        horizon_h=48,
        commitments=asked(("home", "share", "", "guards", 3.0, 0, 48), ("away", "share", "", "guards", 1.0, 0, 24)),
        holdings=rows(
            "pool subject amount start_h end_h",
            ("guards", "home/share", 2.0, 0, 48),
            ("guards", "home/share", 1.0, 24, 48),
            ("guards", "someone", 1.0, 0, 48),
        ),
    )
    assert measures.commitments(run).select("task", "asked_days", "short_days", "held_days").rows() == [
        ("away", 1, 1, None),
        ("home", 6, 1, 1),
    ]


def test_people_of_a_task_man_what_it_holds() -> None:
    run = record(
        horizon_h=48,
        subjects=[
            *elements(("a", "infantry", 1)),
            *rows(
                "subject what task pieces",
                ("x", "movement", "transit", 9),
                ("y", "movement", "", 9),
                ("z", "movement", "supply", 9),  # nobody mans its wagons
            ),
        ],
        commitments=asked(("home", "post", "infantry", "", 1.0, 0, 48), ("home", "share", "", "guards", 3.0, 0, 48)),
        duties=duty(("a", "home", "post", "serve", 24, 48)),
        pools=rows(
            "pool place people",
            ("guards", "", 4.0),
            ("trucks", "", 2.0),
            ("beds", "p", 9.0),
            ("wagons", "", 0.0),
            ("guides", "", 1.0),
        ),
        holdings=rows(
            "pool place subject amount start_h end_h",
            ("guards", "", "home/share", 3.0, 0, 48),
            ("trucks", "", "x", 5.0, 0, 24),
            ("trucks", "", "y", 5.0, 0, 24),
            ("beds", "p", "x", 5.0, 0, 24),
            ("wagons", "", "z", 5.0, 0, 24),
            ("guides", "", "x", 2.0, 0, 24),
        ),
    )
    assert measures.task_people(run).drop("replication").rows() == [
        ("home", 0, 12), ("home", 24, 62), ("home", 48, 0), ("transit", 0, 12), ("transit", 24, 0), ("transit", 48, 0),
    ]  # fmt: skip


def test_who_is_asked_for_twice_is_told_by_pairs_of_tasks_the_most_first() -> None:
    """Home has a and b of the infantry, and the guards c; another task lacks one of the infantry for four days, for the
    last two of which a is gone; a third lacks guards for five. The plans take only what is offered."""
    run = record(
        horizon_h=240,
        subjects=elements(("a", "infantry", 1), ("b", "infantry", None), ("c", "guards", None)),
        commitments=asked(
            ("home", "post", "infantry", "", 2.0, 0, 240),
            ("home", "gate", "guards", "", 1.0, 0, 240),
            ("away", "post", "infantry", "", 1.0, 48, 144),
            ("third", "post", "guards | infantry", "", 1.0, 0, 24),
            ("plans", "offers", "infantry", "", 2.0, 216, 240),
        ),
        duties=duty(
            ("a", "home", "post", "serve", 0, 96),
            ("b", "home", "post", "serve", 0, 144),
            ("c", "home", "gate", "serve", 0, 240),
            ("a", "home", "post", "serve", 216, 240),
            ("b", "home", "post", "serve", 216, 240),
        ),
    )
    assert measures.double_booked(run).drop("replication").rows() == [
        ("b", "home", "away", 3, 48),  # half of it for two days, and all of it for two
        ("a", "home", "away", 1, 48),
        ("a", "home", "plans", 1, 216),
        ("a", "home", "third", pytest.approx(1 / 3), 0),
        ("b", "home", "third", pytest.approx(1 / 3), 0),
        ("c", "home", "third", pytest.approx(1 / 3), 0),
    ]
    assert measures.double_booking(run).rows() == [
        ("home", "away", 4),
        ("home", "plans", 1),
        ("home", "third", pytest.approx(1)),
    ]


def test_an_hour_for_which_two_ask_counts() -> None:
    """Home has one until hour 24, and another task asks for one from hour 23 on."""
    run = record(
        horizon_h=48,
        subjects=elements(("a", "infantry", None)),
        commitments=asked(("home", "post", "infantry", "", 1.0, 0, 24), ("away", "post", "infantry", "", 1.0, 23, 48)),
        duties=duty(("a", "home", "post", "serve", 0, 24)),
    )
    assert measures.double_booked(run).drop("replication").rows() == [("a", "home", "away", pytest.approx(1 / 24), 23)]


def test_who_is_asked_for_twice_is_told_by_replication_and_of_equals_by_name() -> None:
    """Home has both, and another task asks for two; in the second replication for a day less."""
    names = ("b", "a")
    run = record(
        horizon_h=48,
        subjects=elements(*((name, "infantry", None) for name in names), replications=2),
        commitments=rows(
            "replication task commitment capability number start_h end_h",
            *((n, task, "post", "infantry", 2.0, 24 * n, 48) for n in (1, 0) for task in ("home", "away")),
        ),
        duties=rows(
            "replication element task commitment state start_h end_h",
            *((n, name, "home", "post", "serve", 0, 48) for n in (1, 0) for name in names),
        ),
    )
    assert measures.double_booked(run).select("replication", "element", "days", "first_h").rows() == [
        (0, "a", 2, 0), (0, "b", 2, 0), (1, "a", 1, 24), (1, "b", 1, 24),
    ]  # fmt: skip
    assert measures.double_booking(run).rows() == [("home", "away", 3)]


def test_a_task_asks_another_for_what_it_lacks_alone() -> None:
    """Two tasks ask for two each and have one; a third has two of the infantry: each lacks one, half of either."""
    run = record(
        horizon_h=48,
        subjects=elements(*((name, "infantry", None) for name in "abcd")),
        commitments=asked(*((task, "post", "infantry", "", 2.0, 0, 48) for task in ("first", "second", "home"))),
        duties=duty(
            ("a", "first", "post", "serve", 0, 48),
            ("b", "second", "post", "serve", 0, 48),
            ("c", "home", "post", "serve", 0, 48),
            ("d", "home", "post", "serve", 0, 48),
        ),
    )
    third = pytest.approx(2 / 3)
    assert measures.double_booked(run).filter(element="c").drop("replication", "element").rows() == [
        ("home", "first", third, 0),
        ("home", "second", third, 0),
    ]
    assert measures.double_booking(run).rows() == [
        ("home", "first", pytest.approx(4 / 3)),
        ("home", "second", pytest.approx(4 / 3)),
        ("first", "second", third),
        ("second", "first", third),
    ]


def demand(*given: tuple[str, str, float, float]) -> Rows:
    return rows("plan capability required_h number", *given)


def test_offers_and_gaps_follow_who_is_in_place_when() -> None:
    """Two are asked for on day 2 and half a one on day 4; a is there from day 1 to 3, b from day 3 on, and c, which is
    not offered, all the time."""
    run = record(
        horizon_h=120,
        subjects=elements(("a", "infantry", 1), ("b", "infantry", 1), ("c", "infantry", None)),
        demands=demand(("north", "infantry", 48, 2.0), ("south", "infantry", 96, 0.5), ("south", "medical", 200, 1.0)),
        duties=duty(
            ("a", "plans", "offers", "serve", 24, 72),
            ("b", "plans", "offers", "serve", 72, 120),
            ("b", "plans", "offers", "prepare", 0, 72),
            ("c", "plans", "offers", "serve", 0, 120),
            ("a", "guard", "post", "serve", 72, 120),
        ),
        spans=reached("in place", (0, "a", 24), (0, "b", 72)),
    )
    assert measures.offers(run).select("plan", "capability", "number", "element", "in_place_h", "late_h").rows() == [
        ("north", "infantry", 1, "a", 24, 0),
        ("north", "infantry", 1, "b", 72, 24),
        ("south", "infantry", 0.5, None, None, None),
        ("south", "medical", 1, None, None, None),
    ]
    assert measures.demands_met(run).drop("replication").rows() == [
        ("north", "infantry", 2, 1, 1, 0, 0.5),
        ("south", "infantry", 0.5, 0, 0, 0.5, 0),
        ("south", "medical", 1, 0, 0, 1, None),  # it is asked for after the horizon
    ]
    table = measures.gap(run, 24)
    assert table.filter(table["capability"] == "infantry").drop("replication", "capability").rows() == [
        (0, 0, 0, 0), (24, 0, 1, 0), (48, 2, 1, 1), (72, 2, 1, 1), (96, 2.5, 1, 1.5), (120, 2.5, 1, 1.5),
    ]  # fmt: skip


def test_of_those_in_time_the_last_that_comes_meets_a_demand() -> None:
    run = record(
        horizon_h=120,
        subjects=elements(*((name, "infantry", 1) for name in "abc")),
        demands=demand(("north", "infantry", 48, 1.0)),
        duties=duty(
            *((name, "plans", "offers", "serve", hour, 120) for name, hour in (("a", 0), ("b", 40), ("c", 30)))
        ),
    )
    assert measures.offers(run)["element"].to_list() == ["b"]


@pytest.mark.parametrize(("asked_h", "met"), [(71, 1), (72, 0), (95.5, 0), (120, 1)])
def test_who_is_withdrawn_at_an_hour_is_no_longer_there(asked_h: float, met: int) -> None:
    """From day 1 to 3, and from day 4 on to the horizon."""
    run = record(
        horizon_h=120,
        subjects=elements(("a", "infantry", 1)),
        demands=demand(("north", "infantry", asked_h, 1.0)),
        duties=duty(("a", "plans", "offers", "serve", 24, 72), ("a", "plans", "offers", "serve", 96, 120)),
    )
    assert measures.demands_met(run).select("on_time", "late").rows() == [(met, 1 - met)]


def test_a_demand_beyond_the_horizon_that_nobody_meets_leaves_the_share_of_its_plan_open() -> None:
    run = record(
        horizon_h=120,
        subjects=elements(("a", "infantry", 1)),
        demands=demand(("north", "infantry", 48, 1.0), ("north", "infantry", 200, 1.0)),
        duties=duty(("a", "plans", "offers", "serve", 24, 120)),
    )
    assert measures.demands_met(run).select("on_time", "unmet", "on_time_share").rows() == [(1, 1, None)]


def test_a_demand_for_far_more_than_there_are_is_met_as_far_as_it_goes() -> None:
    run = record(
        subjects=elements(("a", "infantry", 1)),
        demands=demand(("north", "infantry", 48, 20_000.0)),
        duties=duty(("a", "plans", "offers", "serve", 24, 240)),
    )
    assert measures.demands_met(run).select("asked", "on_time", "unmet").rows() == [(20_000, 1, 19_999)]


def test_civil_traffic_loses_what_the_volume_delay_function_says() -> None:
    """A column of 10 and packet of 2 lorries are on a road of 100 km, free at 400, with 500 cars an hour by night and
    1,500 at noon, where there is room for 4,000, and 1,600 on Saturdays; a train is on none."""
    data = coast_data()
    data["movement"]["civil"] = {
        "mean_per_h": {"motorway": 1000},
        "road": {"weekday": [0.5] * 12 + [1.5] * 12, "saturday": [1.6] * 24, "sunday": [0.4] * 24},
        "delay_a": 0.5,
        "delay_b": 2,
        "lane_capacity_per_h": 2000,
    }
    near = coast()
    two_lanes = {"road1": replace(near.links["road1"], lanes=2)}
    scenario = build_scenario(data, replace(near, links={**near.links, **two_lanes}))
    subjects = rows(
        "subject what mode pieces",
        ("c", "movement", "column", 10),
        ("t", "movement", "truck", 2),
        ("r", "movement", "train", 9),
    )
    legs = rows(
        "leg link forward enter_h leave_h slot_h", (0, "road1", True, 0.0, 2.0, 0.5), (1, "rail1", True, 0.0, 2.0, 0.5)
    )
    departures = rows(
        "movement leg start_h", ("c", 0, 5.25), ("t", 0, 5.75), ("c", 0, 12.0), ("c", 0, 124.0), ("r", 1, 5.0)
    )
    run = record(network=coast(), subjects=subjects, legs=legs, departures=departures)
    night, noon, saturday = measures.civil_cost(run, scenario).drop("replication").rows()
    assert saturday[2:5] == (124, 10, pytest.approx(1600))
    assert night == ("road1", True, 5, 12, 500, pytest.approx(500 * 0.25 * 0.5 * (524**2 - 500**2) / 4000**2))
    assert noon == ("road1", True, 12, 10, 1500, pytest.approx(1500 * 0.25 * 0.5 * (1520**2 - 1500**2) / 4000**2))


def test_a_summary_is_of_all_replications() -> None:
    subjects = rows(
        "replication subject what part_of pieces",
        *((n, name, "movement", "f", 4) for n, name in ((0, "x"), (0, "y"), (1, "x"))),
        (1, "y", "movement", "f", 2),  # the number of pieces is a guess, too
    )
    spans = rows(
        "replication subject activity kind place cause_kind cause start_h end_h",
        (0, "x", "load", "wait", "p", "pool", "trucks", 0, 4),
        (1, "x", "load", "wait", "p", "pool", "trucks", 0, 10),
        (0, "y", "load", "wait", "p", "facility", "tracks", 0, 1),
    ) + reached("closed", (0, "x", 10), (0, "y", 30), (1, "x", 20))
    run = record(
        subjects=subjects,
        spans=spans,
        commitments=[
            *asked(("home", "post", "infantry", "", 4.0, 0, 24)),
            *asked(("home", "share", "", "guards", 9.0, 0, 24)),
        ],
    )
    told = measures.summary(run)
    assert told["closure"] == [
        {
            "flow": "f",
            "pieces": 7,
            "closed_pieces": 6,
            "first_h": 15,
            "median_h": 15,
            "last_h": None,
            "on_time_share": None,
        }
    ]
    assert told["worst_waits"] == [
        {"place": "p", "cause_kind": "pool", "cause": "trucks", "waits": 1, "piece_hours": 28, "longest_h": 10},
        {"place": "p", "cause_kind": "facility", "cause": "tracks", "waits": 0.5, "piece_hours": 2, "longest_h": 1},
    ]
    assert told["tasks"] == [{"task": "home", "asked_days": 2, "short_days": 2, "filled_share": 0}]
    assert told["delay"] == [
        {"source": "means", "share": pytest.approx(56 / 60)},
        {"source": "ports and terminals", "share": pytest.approx(4 / 60)},
    ]
    assert (told["replications"], told["horizon_days"], told["stuck"]) == (2, 10, [])


def test_where_no_order_was_given_it_is_not_known_who_is_ready_by_the_deadline() -> None:
    """In one of two replications the decision takes longer than the horizon."""
    ready = reached("ready", (0, "a", 60))
    run = record(subjects=elements(("a", "infantry", 1), replications=2), spans=ready, commitments=ordered(20))
    assert measures.readiness(run)["on_time"].to_list() == [True, None]
    (row,) = measures.readiness_by_element(run).rows(named=True)
    assert row["ready_by_deadline"] is row["ready_late_days"] is None
    assert measures.readiness_by_tier(run)["ready_by_deadline"].to_list() == [None]
