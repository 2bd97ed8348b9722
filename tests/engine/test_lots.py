from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from nfm_sim.compile.loads import form_lots, interleave, split_over_modes


def share_of(limit: int) -> Callable[[dict], float]:
    return lambda lot: sum(lot.values()) / limit


def test_lots_are_few_and_even() -> None:
    assert form_lots({"wheeled": 41}, share_of(20)) == [{"wheeled": 14}, {"wheeled": 14}, {"wheeled": 13}]
    assert form_lots({"wheeled": 40}, share_of(20)) == [{"wheeled": 20}, {"wheeled": 20}]


def test_classes_stay_together() -> None:
    assert form_lots({"tracked": 2, "wheeled": 2}, share_of(2)) == [{"tracked": 2}, {"wheeled": 2}]


def test_shares_give_whole_pieces_by_largest_remainder() -> None:
    shares = {"wheeled": {"train": 0.5, "truck": 0.3, "column": 0.2}}
    assert split_over_modes({"wheeled": 1}, {"wheeled": {"train": 0.4, "truck": 0.6}}) == {"truck": {"wheeled": 1}}
    assert split_over_modes({"wheeled": 7}, shares) == {
        "train": {"wheeled": 4},
        "truck": {"wheeled": 2},
        "column": {"wheeled": 1},
    }


def test_a_ship_gives_every_mode_its_lots_evenly() -> None:
    order = interleave({"train": [{"tracked": 30}] * 2, "truck": [{"wheeled": 1}] * 4})
    assert [mode for mode, _, _ in order] == ["truck", "train", "truck", "truck", "train", "truck"]


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 60), min_size=1), st.integers(1, 25))
def test_no_piece_is_lost_and_no_lot_is_too_large(pieces: dict, limit: int) -> None:
    lots = form_lots(pieces, share_of(limit))
    assert all(sum(lot.values()) <= limit for lot in lots)
    assert {name: sum(lot.get(name, 0) for lot in lots) for name in pieces} == pieces
    assert len(lots) == -(-sum(pieces.values()) // limit)


def test_what_rounding_adds_makes_no_lot_too_full() -> None:
    assert form_lots({"wheeled": 10}, lambda lot: lot["wheeled"] * (0.1 + 1e-12)) == [{"wheeled": 10}]
