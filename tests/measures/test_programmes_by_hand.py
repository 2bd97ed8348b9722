"""Windows of movement programmes, of records written by hand."""

from dataclasses import replace
from typing import Any

import pytest

from nfm_sim import measures
from nfm_sim.problems import InputError
from nfm_sim.record import Run
from tests.conftest import coast
from tests.measures.by_hand import Rows, record, rows


def operation(*lots: tuple[str, int, float | None], waits: Rows = [], rates: Rows = []) -> Run:  # noqa: B006
    """A window to hour 100 of a programme of the flows f and g; lots with their pieces, and when each set out."""
    subjects = [
        {"subject": name, "what": "movement", "part_of": "fg"[place % 2], "mode": "truck", "pieces": pieces}
        for place, (name, pieces, _) in enumerate(lots)
    ]
    spans = [
        {"subject": name, "activity": "march", "kind": "move", "start_h": hour, "end_h": hour + 5}
        for name, _, hour in lots
        if hour is not None
    ]
    programmes = rows(
        "programme flow begins_h ends_h", ("both", "f", 1.0, 100.0), ("both", "g", 1.0, 100.0), ("own", "h", 1.0, None)
    )
    return record(subjects=subjects, spans=[*spans, *waits], programmes=programmes, rates=rates)


def told(run: Run) -> list[tuple[Any, ...]]:
    return measures.windows(run).rows()


def waited(who: str, cause: str, start_h: float, end_h: float, kind: str = "pool") -> dict[str, Any]:
    return {
        "subject": who, "activity": "load", "kind": "wait", "cause": cause, "cause_kind": kind,
        "start_h": start_h, "end_h": end_h,
    }  # fmt: skip


def test_a_window_holds_when_the_last_of_all_its_flows_has_set_out() -> None:
    assert told(operation(("a", 5, 10.0), ("b", 5, 100.0))) == [(0, "both", 100.0, 100.0, 0.0, True, None)]
    on_time = operation(("b", 5, 100.0), waits=[waited("b", "tracks", 0, 90)])
    assert told(on_time) == [(0, "both", 100.0, 100.0, 0.0, True, None)], "nothing binds"
    assert told(operation(("a", 5, 10.0), ("b", 5, 130.0))) == [(0, "both", 100.0, 130.0, 30.0, False, None)]
    assert told(operation(("a", 5, None), ("b", 5, 130.0))) == [(0, "both", 100.0, None, None, False, None)]
    assert measures.programmes.windows_together(operation(("a", 5, None))) == [
        {"programme": "both", "ends_h": 100.0, "held": 0.0, "slip_h": None, "binds": None}
    ]


def test_what_binds_is_what_those_too_late_waited_for_by_their_pieces() -> None:
    waits = [
        waited("early", "ramps", 0, 90),
        waited("a", "trucks", 30, 90),
        waited("b", "tracks", 0, 50),
        waited("b", "movement programme", 50, 140, "rule"),
    ]
    lots = (("early", 9, 95.0), ("a", 1, 120.0), ("b", 2, 140.0))
    assert told(operation(*lots, waits=waits))[0][-1] == "tracks", "a hundred piece-hours, and sixty"
    never = [waited("a", "trucks", 30, 90), waited("b", "tracks", 0, 100)]
    assert told(operation(*lots[:2], ("b", 2, None), waits=never))[0][-1] == "tracks", "who never sets out is too late"
    equal = [waited("a", "trucks", 0, 100), waited("b", "tracks", 0, 50)]
    assert told(operation(*lots, waits=equal))[0][-1] == "tracks", "of equals the first by name"


def test_orders_are_told_by_week_and_line_or_exit() -> None:
    """In the first week two trains enter a line in one hour, one of them empty on its way back; the other goes on over
    a line without a name, as another does in the second week; three lorries leave by the border in one hour and one in
    another, and the three come back in the second week."""
    near = coast()
    network = replace(near, links={**near.links, "rail2": replace(near.links["rail2"], line="")})
    subjects = rows(
        "subject what mode pieces origin destination",
        ("x", "movement", "train", 40, "p", "b"),
        ("y", "movement", "train", 40, "p", "b"),
        ("z/back", "empty", "train", 0, "b", "p"),
        ("t", "movement", "truck", 3, "p", "b"),
        ("t/back", "empty", "truck", 0, "b", "p"),
        ("u", "movement", "truck", 1, "p", "b"),
        ("ship", "ship", "ship", 9, "p", "p"),
    )
    legs = rows(
        "leg link forward enter_h leave_h slot_h",
        (0, "rail1", True, 0.0, 2.0, 0.25),
        (0, "rail2", True, 2.0, 3.0, 0.25),
        (1, "rail1", False, 0.0, 2.0, 0.25),
        (2, "road1", True, 0.0, 2.0, 0.0),
        (2, "road2", True, 2.0, 3.0, 0.0),
    )
    departures = rows(
        "movement leg start_h", ("x", 0, 1.0), ("z/back", 1, 1.5), ("y", 0, 168.0), ("t", 2, 5.0), ("t/back", 2, 170.0),
        ("u", 2, 9.0),
    )  # fmt: skip
    run = record(horizon_h=336, network=network, subjects=subjects, legs=legs, departures=departures)
    assert measures.orders(run).drop("replication").rows() == [
        (0, "train", "RAIL1", "east", 1, 0, 1),
        (0, "train", "RAIL1", "west", 0, 1, 1),
        (0, "train", "other", "east", 1, 0, 1),
        (0, "truck", "b", "", 4, 0, 3),
        (1, "train", "RAIL1", "east", 1, 0, 1),
        (1, "train", "other", "east", 1, 0, 1),
        (1, "truck", "b", "", 0, 3, 3),
    ]
    assert measures.orders_by_hour(run).drop("replication").rows()[:4] == [
        (0, 1, "train", "RAIL1", "east", 1, 0),
        (0, 1, "train", "RAIL1", "west", 0, 1),
        (0, 3, "train", "other", "east", 1, 0),
        (0, 5, "truck", "b", "", 3, 0),
    ]
    with pytest.raises(InputError, match="is not at hand"):
        measures.orders(record(subjects=subjects))


@pytest.mark.parametrize(
    ("lon", "lat", "ahead", "back"),
    [
        (5.0, 52.0, "east", "west"),
        (3.0, 52.1, "west", "east"),
        (4.1, 52.5, "north", "south"),
        (3.9, 51.5, "south", "north"),
        (4.5, 52.3, "east", "west"),  # half a degree of longitude is as long as 0.305 of latitude
        (4.5, 52.31, "north", "south"),
    ],
)
def test_trains_pass_a_line_in_the_direction_of_most_of_their_way(
    lon: float, lat: float, ahead: str, back: str
) -> None:
    """From the harbour, at 4 degrees east and 52 north, over one link to the halt; the other comes from there."""
    near = coast()
    network = replace(near, nodes={**near.nodes, "halt": replace(near.nodes["halt"], lon=lon, lat=lat)})
    subjects = rows("subject what mode pieces", ("x", "movement", "train", 40), ("y", "movement", "train", 40))
    legs = rows(
        "leg link forward enter_h leave_h slot_h",
        (0, "rail1", True, 0.0, 2.0, 0.25),
        (1, "rail1", False, 0.0, 2.0, 0.25),
    )
    departures = rows("movement leg start_h", ("x", 0, 1.0), ("y", 1, 30.0))
    run = record(horizon_h=48, network=network, subjects=subjects, legs=legs, departures=departures)
    by_hour = measures.orders_by_hour(run).select("day", "hour", "line", "direction").rows()
    assert by_hour == [(0, 1, "RAIL1", ahead), (1, 6, "RAIL1", back)]


def test_the_programme_itself_binds_only_where_it_books_too_little() -> None:
    waits = [waited("a", "trucks", 0, 10), waited("a", "movement programme", 10, 120, "rule")]
    for booked, binds in ((4.0, "trucks"), (3.0, "movement programme")):
        rates = rows("programme mode needed_per_day booked_per_day", ("both", "truck", 4.0, booked))
        assert told(operation(("a", 1, 120.0), waits=waits, rates=rates))[0][-1] == binds
