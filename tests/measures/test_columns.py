"""What a column is, is declared once, and whatever reads it needs no name."""

import polars as pl
import pytest

from nfm_sim.measures import COLUMNS
from nfm_sim.measures.columns import HOUR, PART, SHARE, Column, together

FLOWS = pl.DataFrame(
    {"replication": [0, 0, 1, 1], "flow": ["a", "b"] * 2, "pieces": [3, 1, 3, 1], "h": [10.0, 30, 20, 20]}
)


@pytest.mark.parametrize(
    ("column", "whole"),
    [
        (Column(), [20, 20]),
        (Column(weight="pieces"), [15, 20]),
        (Column(together="sum"), [40, 40]),
        (Column(together="first"), [10, 20]),
        (Column(together="last"), [30, 20]),
    ],
)
def test_rows_are_put_together_as_the_column_declares(column: Column, whole: list[float]) -> None:
    assert together(FLOWS, "h", column)["h"].to_list() == whole
    assert together(FLOWS, "h", column, ["flow"])["h"].to_list() == FLOWS["h"].to_list()


def test_what_is_not_known_of_one_row_is_not_known_of_the_whole_but_for_the_first() -> None:
    unknown = FLOWS.with_columns(pl.when(pl.col("flow") == "a").then("h").alias("h"))
    for kind in ("mean", "sum", "last"):
        assert together(unknown, "h", Column(together=kind))["h"].to_list() == [None, None]  # type: ignore[arg-type]
    assert together(unknown, "h", Column(together="first"))["h"].to_list() == [10, 20]


def test_what_a_row_is_about_is_declared() -> None:
    keys = {measure: [name for name, column in COLUMNS[measure].items() if column.key] for measure in COLUMNS}
    assert keys["closure"] == ["flow"]
    assert keys["waits"] == ["place", "cause_kind", "cause"]
    assert keys["operation"] == [], "all flows are one operation"


def test_moments_are_not_lengths_of_time() -> None:
    moments = {name for name, column in COLUMNS["closure"].items() if column.moment}
    assert moments == {"first_h", "median_h", "mean_h", "last_h", "required_h"}
    assert not any(column.moment for column in COLUMNS["waits"].values() if column.together != "first")


def test_which_way_is_better_is_declared() -> None:
    better = {("closure", "last_h"): "less", ("closure", "on_time_share"): "more", ("readiness", "on_time"): "more"}
    better |= {("waits", "piece_hours"): "less", ("delay_shares", "share"): "", ("readiness", "deadline_h"): ""}
    better |= {("operation", "closed_days"): "less", ("utilisation", "used_share"): "", ("closure", "pieces"): ""}
    assert {key: COLUMNS[key[0]][key[1]].better for key in better} == better
    kinds = [(kind.share, kind.moment, kind.better) for kind in (SHARE, PART, HOUR)]
    assert kinds == [(True, False, "more"), (True, False, ""), (False, True, "less")]
    weights = [(m, c.weight) for m, columns in COLUMNS.items() for c in columns.values() if c.weight]
    assert all(weight in COLUMNS[measure] for measure, weight in weights)
