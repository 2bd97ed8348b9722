"""What a choice of modes may answer."""

from types import SimpleNamespace
from typing import Any

import pytest

from nfm_sim.compile.flows import _not_all_pieces

CARGO: Any = SimpleNamespace(pieces={"wheeled": 3})
EAST: Any = SimpleNamespace(exits={"truck": "border", "train": "border"})


@pytest.mark.parametrize(
    ("answer", "is_one"),
    [
        ({"truck": {"wheeled": 3}}, True),
        ({"truck": {"wheeled": 1}, "train": {"wheeled": 2}}, True),
        ({"truck": {"wheeled": 3}, "train": {}}, True),
        ({"truck": {"wheeled": 2}}, False),
        ({"truck": {"wheeled": 3, "tracked": 1}}, False),
        ({"truck": {"wheeled": 4}, "train": {"wheeled": -1}}, False),
        ({"truck": {"wheeled": 3.0}}, False),
        ({"barge": {"wheeled": 3}}, False),
        ({"truck": 3}, False),
        ([("truck", {"wheeled": 3})], False),
    ],
)
def test_each_piece_goes_by_one_mode_that_leads_there(answer: object, is_one: bool) -> None:
    said = _not_all_pieces(answer, {}, "harbour", CARGO, {}, EAST)
    assert said.endswith("each of truck, train: in all {'wheeled': 3}") is not is_one
    assert (said == "") is is_one
