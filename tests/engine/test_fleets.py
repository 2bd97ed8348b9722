"""A class of pieces may go on any of several kinds of wagon or lorry: on the first, and where that has too few, on the
next."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nfm_sim as nfm
from nfm_sim.compile.modes import TrainMode
from nfm_sim.compile.scenario import kit_of
from nfm_sim.engine import simulate
from nfm_sim.kinds.modes import TRAIN
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship, story

LOT = "flow/ship/harbour/"
TANK = {"wagons": ["heavy_wagons", "flat_wagons"], "pieces_per_wagon": {"heavy_wagons": 2, "flat_wagons": 1}}


def by_rail(tanks: int, heavy: int, flat: int, **changes: Any) -> dict[str, Any]:
    """Tanks that are ashore at once; wagons are away for three days."""
    data = coast_data(
        horizon_days=90,
        classes={"tracked": TANK},
        flows={"flow": one_ship("train", tanks, "tracked")},
        pools={"heavy_wagons": {"capacity": heavy}, "flat_wagons": {"capacity": flat}},
        places={"harbour": {"ramps": {"capacity": 1, "rate_per_h": 1e6}, "tracks": {"capacity": 9, "rate_per_h": 1e6}}},
        **changes,
    )
    data["destinations"]["east"]["beyond_h"] = {"train": 33}
    return data


def held(run: nfm.Run, *pools: str) -> dict[str, dict[str, float]]:
    """By movement: what it held of each pool."""
    rows = run.holdings.filter(pl.col("pool").is_in(pools)).sort("start_h", "subject", "pool")
    found: dict[str, dict[str, float]] = {}
    for name, pool, amount in rows.select("subject", "pool", "amount").rows():
        found.setdefault(name.removeprefix(LOT), {})[pool] = amount
    return found


def pieces(run: nfm.Run) -> dict[str, int]:
    moved = run.subjects.filter(pl.col("what") == "movement")
    return {name.removeprefix(LOT): number for name, number in moved.select("subject", "pieces").rows()}


def test_a_train_takes_the_next_kind_for_what_the_first_has_too_few_for(play: Any) -> None:
    """Twelve tanks on four heavy wagons of two, and four flat ones of one."""
    run = play(by_rail(12, heavy=4, flat=9))
    assert held(run, "heavy_wagons", "flat_wagons") == {"train-001": {"heavy_wagons": 4, "flat_wagons": 4}}
    assert pieces(run) == {"train-001": 12}
    assert set(run.spans["subject"]) == {"flow/ship", LOT + "train-001"}, "nothing is left behind"


def test_it_takes_the_first_kind_alone_while_there_is_enough_of_it(play: Any) -> None:
    run = play(by_rail(12, heavy=6, flat=9))
    assert held(run, "heavy_wagons", "flat_wagons") == {"train-001": {"heavy_wagons": 6}}


def test_with_wagons_of_either_kind_enough_a_train_waits_for_its_track_alone(play: Any) -> None:
    """Two trains of eight tanks: when the first has left, there are eight flat wagons or four heavy ones more."""
    data = by_rail(16, heavy=4, flat=16)
    data["classes"]["tracked"] = {**TANK, "wagons": TANK["wagons"][::-1]}
    data["movement"]["train"]["max_wagons"] = 12
    data["places"]["harbour"]["tracks"] = {"capacity": 1, "rate_per_h": 8}
    (wait,) = [span for span in story(play(data), LOT + "train-002") if span[:2] == ("load", "wait")]
    assert wait[3:] == ("tracks", pytest.approx(0, abs=0.01), pytest.approx(1, abs=0.01))


def test_what_no_kind_carries_follows_when_wagons_are_back(play: Any) -> None:
    """Two trains of eight: one on all heavy wagons, one on all flat ones without its last three, which go on two heavy
    wagons three days later."""
    run = play(by_rail(16, heavy=4, flat=5))
    assert held(run, "heavy_wagons", "flat_wagons") == {
        "train-001": {"heavy_wagons": 4},
        "train-002": {"flat_wagons": 5},
        "train-002.2": {"heavy_wagons": 2},
    }
    assert pieces(run) == {"train-001": 8, "train-002": 5, "train-002.2": 3}


def test_two_kinds_go_sooner_than_one_and_one_fleet_of_both_is_the_same_as_either(play: Any) -> None:
    def last_h(**kinds: Any) -> float:
        data = by_rail(120, heavy=20, flat=40)
        data["classes"]["tracked"] = kinds
        (hours,) = nfm.closure(play(data))["last_h"].to_list()
        return float(hours)

    both = last_h(**TANK)
    assert both < last_h(wagons=["heavy_wagons"], pieces_per_wagon=2)
    assert both < last_h(wagons=["flat_wagons"], pieces_per_wagon=1)


def test_a_train_keeps_to_its_length_and_weight_whatever_it_is_made_up_of() -> None:
    """Twenty tanks take ten heavy wagons or twenty flat ones: as long as these, and one more of either may be half
    empty."""
    wagons = {"heavy_wagons": {"length_m": 20, "tare_t": 40}, "flat_wagons": {"length_m": 15, "tare_t": 20}}
    data = by_rail(20, heavy=50, flat=50)
    data["movement"]["train"]["wagons"] = wagons
    train = TrainMode(TRAIN, kit_of(build_scenario(data, coast())))
    assert train.made_up({"tracked": 20}) == (21, 315.0, 11 * 40.0 + 20 * 40)
    assert train.made_up({"tracked": 20}).weight_t > 20 * 20 + 20 * 40


def test_lorries_of_two_kinds(play: Any) -> None:
    """Five pieces: two on one low-loader, three on three lorries."""
    data = coast_data(
        classes={"wheeled": {"trucks": ["low_loaders", "trucks"]}},
        flows={"flow": one_ship("truck", 5)},
        pools={"low_loaders": {"capacity": 1}, "trucks": {"capacity": 9}},
    )
    data["movement"]["truck"] |= {"trucks": 5, "lorries": {"low_loaders": {"pieces": 2}}}
    run = play(data)
    assert held(run, "low_loaders", "trucks") == {"truck-001": {"low_loaders": 1, "trucks": 3}}


def test_a_lorry_alone_goes_on_the_kind_that_is_there(play: Any) -> None:
    """Packets of one: the one low-loader is away, and the other piece does not wait for it."""
    data = coast_data(
        classes={"wheeled": {"trucks": ["low_loaders", "trucks"]}},
        flows={"flow": one_ship("truck", 2)},
        pools={"low_loaders": {"capacity": 1}, "trucks": {"capacity": 9}},
    )
    run = play(data)
    assert held(run, "low_loaders", "trucks") == {"truck-001": {"low_loaders": 1}, "truck-002": {"trucks": 1}}


def test_barges_of_two_kinds(play: Any) -> None:
    """Eighty pieces, forty on a large barge and twenty on a small one: with one large barge, the other forty go on two
    small ones together."""
    data = coast_data(
        horizon_days=30,
        classes={"wheeled": {"barges": ["large_barges", "barges"]}},
        flows={"flow": one_ship("barge", 80)},
        pools={"large_barges": {"capacity": 1}, "barges": {"capacity": 3}},
    )
    data["destinations"]["east"]["beyond_h"] = {"barge": 200}
    data["movement"]["barge"] |= {"pieces": 20, "pieces_by_pool": {"large_barges": 40}}
    assert held(play(data), "large_barges", "barges") == {"barge-001": {"large_barges": 1}, "barge-002": {"barges": 2}}


def test_a_pool_without_any_is_no_fault_where_another_kind_carries(play: Any) -> None:
    run = play(by_rail(4, heavy=0, flat=9))
    assert held(run, "heavy_wagons", "flat_wagons") == {"train-001": {"flat_wagons": 4}}
    with pytest.raises(InputError, match="it would wait for ever"):
        play(by_rail(4, heavy=0, flat=0))


def test_kinds_are_named_and_each_says_how_many_it_takes() -> None:
    data = by_rail(4, heavy=1, flat=1)
    data["classes"]["tracked"] = {"wagons": ["heavy_wagons", "flat_wagon"], "pieces_per_wagon": {"flat_wagons": 1}}
    with pytest.raises(InputError) as error:
        build_scenario(data, coast())
    said = str(error.value)
    assert 'classes.tracked.wagons "flat_wagon" is no pool (did you mean "flat_wagons"?)' in said
    assert "classes.tracked.pieces_per_wagon.flat_wagons is none of its wagons" in said
    assert "classes.tracked.pieces_per_wagon does not say how many stand on one of heavy_wagons" in said


@given(st.integers(1, 90), st.integers(0, 12), st.integers(1, 12), st.integers(1, 9), st.integers(0, 9))
def test_every_piece_goes_once_on_whatever_there_is(tanks: int, heavy: int, flat: int, least: int, seed: int) -> None:
    data = by_rail(tanks, heavy, flat)
    data["movement"]["train"]["least_wagons"] = least
    data["horizon_days"] = 700
    run = simulate(build_scenario(data, coast()), seed)
    assert sum(pieces(run).values()) == tanks
    assert nfm.closure(run)["closed_pieces"].to_list() == [tanks]
    used = nfm.measures.utilisation(run)
    assert used.filter(pl.col("peak_held") > pl.col("capacity")).is_empty()
    for name, wagons in held(run, "heavy_wagons", "flat_wagons").items():
        assert 2 * wagons.get("heavy_wagons", 0) + wagons.get("flat_wagons", 0) >= pieces(run)[name]
