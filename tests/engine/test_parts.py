"""Parts of lots: what so many wagons carry, what goes and what stays, and what joins it."""

from dataclasses import replace
from typing import Any

import pytest

from nfm_sim.engine.clock import Clock
from nfm_sim.engine.movement.forming import form
from nfm_sim.engine.movement.mover import carrying, divide, joined
from nfm_sim.engine.queues.pools import SharedPool, Want
from nfm_sim.plan.movement import Carried, Embarkation, Fleet, Landing, Lot, Need, Trip, Way, Work, means_of

FLAT, HEAVY = ("", "flat_wagons"), ("", "heavy_wagons")


def on(pieces: int, pool: tuple[str, str], per_unit: float, handling: float = 1.0) -> Carried:
    return Carried(pieces, (Fleet(pool, per_unit),), handling)


CARS, TANKS = on(20, FLAT, 2), on(6, HEAVY, 0.5, 2.0)
"""Two cars stand on a wagon; a tank takes two, and twice the time of a car to handle."""


def test_pieces_need_whole_wagons() -> None:
    assert dict(means_of([CARS, TANKS])) == {FLAT: 10, HEAVY: 12}
    assert dict(means_of([on(5, FLAT, 2), on(1, FLAT, 4)])) == {FLAT: 3}, "2.5 and 0.25"
    assert dict(means_of([on(3, FLAT, 3)])) == {FLAT: 1}
    assert means_of([]) == ()
    assert [Fleet(FLAT, per_unit).units_for_one for per_unit in (2, 0.5, 0.4, 0.2)] == [1, 2, 3, 5]
    assert sum(kind.pieces for kind in (CARS, TANKS)) == 26


@pytest.mark.parametrize(
    ("wagons", "taken"),
    [
        ({FLAT: 10, HEAVY: 12}, [20, 6]),
        ({FLAT: 3, HEAVY: 12}, [6, 6]),
        ({FLAT: 99, HEAVY: 5}, [20, 2]),
        ({FLAT: 0, HEAVY: 1}, [0, 0]),
        ({FLAT: 4}, [8, 6]),  # of what is not limited there is enough
        ({}, [20, 6]),
    ],
)
def test_so_many_wagons_carry_so_many_pieces_and_leave_the_rest(wagons: Any, taken: list[int]) -> None:
    goes, stays = divide((CARS, TANKS), wagons)
    assert [load.pieces for load in goes] == list(filter(None, taken))
    assert [load.pieces for load in stays] == list(filter(None, [20 - taken[0], 6 - taken[1]]))


def test_classes_on_the_same_wagons_share_them_in_their_order() -> None:
    goes, stays = divide((CARS, on(9, FLAT, 3)), {FLAT: 11})
    assert [load.pieces for load in goes] == [20, 3], "ten wagons, and one"
    assert [load.pieces for load in stays] == [6]
    goes, _ = divide((on(3, FLAT, 2), on(9, FLAT, 2)), {FLAT: 2})
    assert [load.pieces for load in goes] == [3, 1], "one and a half, and a half"


def test_what_one_kind_has_no_room_for_goes_on_the_next() -> None:
    """Of ten tanks four stand on two flat wagons, and three on three heavy ones."""
    either = Carried(10, (Fleet(FLAT, 2), Fleet(HEAVY, 1)), 1.0)
    goes, stays = divide((either,), {FLAT: 2, HEAVY: 3})
    assert goes == [on(4, FLAT, 2), on(3, HEAVY, 1)]
    assert stays == [either._replace(pieces=3)]
    assert divide((either,), {FLAT: 0}) == ([on(10, HEAVY, 1)], []), "of what is not limited there is enough"


LOCOMOTIVES, TRACKS = ("", "locomotives"), ("p", "tracks")


def formed(free: dict[Any, float], least: float = 0, limits: dict[Any, float] | None = None) -> list[float] | None:
    """How a train of ten flat and twelve heavy wagons is formed of what is free, with a track, and a locomotive later;
    there are as many flat wagons as it needs, three times as many heavy ones, and nine of the others."""
    clock = Clock(0)
    there = {FLAT: 10, HEAVY: 36, TRACKS: 9, LOCOMOTIVES: 9} | (limits or {})
    asked = [
        (key, Want(SharedPool(clock, n, key, free[key], there[key]), amount, 1, later=key == LOCOMOTIVES))
        for n, (key, amount) in enumerate(((FLAT, 10), (HEAVY, 12), (TRACKS, 1), (LOCOMOTIVES, 1)))
        if key in free
    ]
    train = lot(least=float(least))
    return form(train, asked)(list(free.values()))


@pytest.mark.parametrize(
    ("free", "taken"),
    [
        ({FLAT: 10, HEAVY: 12, TRACKS: 1, LOCOMOTIVES: 1}, [10, 12, 1, 1]),
        ({FLAT: 99, HEAVY: 99, TRACKS: 9, LOCOMOTIVES: 9}, [10, 12, 1, 1]),
        ({FLAT: 4, HEAVY: 12, TRACKS: 1, LOCOMOTIVES: 1}, [4, 12, 1, 1]),
        ({FLAT: 10, HEAVY: 5.5, TRACKS: 1, LOCOMOTIVES: 1}, [10, 4, 1, 1]),  # a tank takes two
        ({FLAT: -2, HEAVY: 6, TRACKS: 1, LOCOMOTIVES: 1}, [0, 6, 1, 1]),
        ({FLAT: 2, HEAVY: 3, TRACKS: 1, LOCOMOTIVES: 1}, None),  # those that carry are less than a tenth of all 46
        ({FLAT: 3, HEAVY: 3, TRACKS: 1, LOCOMOTIVES: 1}, [3, 2, 1, 1]),
        ({FLAT: 10, HEAVY: 5, TRACKS: 0, LOCOMOTIVES: 1}, None),
        ({FLAT: 10, HEAVY: 12, TRACKS: 0, LOCOMOTIVES: 1}, None),
        ({FLAT: 10, HEAVY: 5, TRACKS: 1, LOCOMOTIVES: 0}, None),
    ],
)
def test_a_train_is_formed_of_the_wagons_that_there_are(free: dict[Any, float], taken: list[float] | None) -> None:
    assert formed(free) == taken


def test_a_train_leaves_with_its_least_wagons_or_with_all_that_there_can_be() -> None:
    free = {FLAT: 4, HEAVY: 6, TRACKS: 1, LOCOMOTIVES: 1}
    assert formed(free, least=10) == [4, 6, 1, 1]
    assert formed(free, least=11) is None
    assert formed(free, least=11, limits={FLAT: 4, HEAVY: 6}) == [4, 6, 1, 1], "there are no more"


def test_what_is_on_wagons_that_are_not_limited_may_go_alone() -> None:
    assert formed({HEAVY: 0, TRACKS: 1, LOCOMOTIVES: 1}, least=9) == [0, 1, 1]
    assert formed({FLAT: 0, HEAVY: 0, TRACKS: 1, LOCOMOTIVES: 1}) is None


def test_a_short_train_takes_no_locomotive_that_is_yet_to_come_back() -> None:
    free = {FLAT: 4, HEAVY: 12, TRACKS: 1, LOCOMOTIVES: 1}
    clock = Clock(0)
    engines = SharedPool(clock, 9, LOCOMOTIVES, 0, 9)  # one is away, and due back in time
    asked = [
        (key, Want(SharedPool(clock, n, key, free[key], 99), amount, 1, later=False))
        for n, (key, amount) in enumerate(((FLAT, 10), (HEAVY, 12)))
    ]
    of = form(lot(), [*asked, (LOCOMOTIVES, Want(engines, 1, 1, later=True))])
    assert of([10, 12, 1]) == [10, 12, 1]
    assert of([9, 12, 1]) is None


def work(hours: float) -> Work:
    return Work(("p", "tracks"), hours, None)


def lot(carried: tuple[Carried, ...] = (CARS, TANKS), **changes: Any) -> Lot:
    """Its handling is 20 + 2 x 6 = 32."""
    usual: dict[str, Any] = {
        "subject": "train",
        "mode": "train",
        "rank": (1.0,),
        "pieces": sum(kind.pieces for kind in carried),
        "origin": "p",
        "loads_at": "p",
        "exit": "b",
        "landing": Landing(),
        "along": means_of(carried),
        "carried": carried,
        "least": 0.0,
        "load": work(8.0),
        "unload": work(16.0),
        "gate": work(26.0),
        "from_afar": None,
        "trip": Trip(Way("train"), "p", "b", (), None),
        "embarkation": Embarkation((Need(("b", "yard_m2"), 64.0),), 32.0),
        "beyond": None,
        "needs_beyond": None,
        "turn_h": 8.0,
        "back_h": 5.0,
    }
    return Lot(**{**usual, **changes})


def test_a_part_takes_its_share_of_all_work() -> None:
    """Eight cars and four tanks are half of the handling, and twelve of 26 pieces."""
    half = carrying(lot(), (CARS._replace(pieces=8), TANKS._replace(pieces=4)))
    assert (half.pieces, half.along) == (12, (Need(FLAT, 4), Need(HEAVY, 8)))
    assert [w.hours for w in (half.load, half.unload, half.gate) if w] == [4, 8, 12]
    assert half.embarkation == Embarkation((Need(("b", "yard_m2"), 32.0),), 16.0)
    assert (half.turn_h, half.back_h) == (4, 5), "it is unloaded in as long as it is loaded"
    assert half.approach is None


def test_a_part_without_a_class_takes_none_of_its_wagons() -> None:
    cars = carrying(lot(), (CARS._replace(pieces=16),))
    assert cars.along == (Need(FLAT, 8),)
    assert cars.carried == (CARS._replace(pieces=16),)
    assert cars.turn_h == 4


def test_the_turn_at_the_far_end_is_that_of_a_whole_lot_where_it_has_hours_of_its_own() -> None:
    half = (CARS._replace(pieces=8), TANKS._replace(pieces=4))
    assert carrying(lot(turn_h=7.0), half).turn_h == 7
    plain = carrying(lot(load=None, unload=None, gate=None, embarkation=None), half)
    assert (plain.turn_h, plain.load, plain.unload, plain.gate, plain.embarkation) == (8, None, None, None, None)


def test_what_joins_a_lot_adds_to_all_work() -> None:
    few = carrying(lot(), (CARS._replace(pieces=8), TANKS._replace(pieces=4)))
    more = carrying(lot(), (CARS._replace(pieces=4), TANKS._replace(pieces=2)))
    both = joined(few, more)
    assert (both.pieces, both.carried) == (18, (CARS._replace(pieces=12), TANKS._replace(pieces=6)))
    assert both.along == (Need(FLAT, 6), Need(HEAVY, 12))
    assert [w.hours for w in (both.load, both.unload, both.gate) if w] == [6, 12, 18]
    assert both.embarkation == Embarkation((Need(("b", "yard_m2"), 48.0),), 24.0)
    assert both.turn_h == 6
    assert joined(replace(few, turn_h=7.0), replace(more, turn_h=7.0)).turn_h == 7
    bare = [replace(one, load=None, unload=None, gate=None, embarkation=None) for one in (few, more)]
    both = joined(*bare)
    assert (both.load, both.unload, both.gate, both.embarkation, both.turn_h) == (None, None, None, None, 4)


def test_what_joins_needs_no_wagon_for_what_finds_room() -> None:
    """Three cars and one need two wagons, and not three."""
    both = joined(lot((CARS._replace(pieces=3),)), lot((CARS._replace(pieces=1),)))
    assert both.along == (Need(FLAT, 2),)
