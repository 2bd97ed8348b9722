"""One rule for units, in every sentence and table."""

import doctest

import polars as pl

from nfm_sim import in_words
from nfm_sim.measures.columns import HOUR, SHARE, Column
from nfm_sim.sentences.cells import heading, number_in, units_of
from nfm_sim.study import tried


def test_the_examples_are_so() -> None:
    assert doctest.testmod(in_words).failed == doctest.testmod(tried).failed == 0


def test_lengths_are_hours_below_two_days_and_days_from_there_on() -> None:
    assert [in_words.length(hours) for hours in (0.0, 47.9, 48.0, -60.0)] == ["0 h", "47.9 h", "2 days", "-2.5 days"]
    assert in_words.time_unit([1.0, 50.0]).name == "days", "numbers that stand together have one unit"
    assert in_words.time_unit([]).name == "h"
    assert in_words.between(None, None) == "how sure that is, is not known"


def test_a_table_has_one_unit_a_column_with_its_bounds_in_the_heading() -> None:
    table = pl.DataFrame(
        {"last": [100.0], "waited": [10.0], "waited_low": [5.0], "waited_high": [60.0], "share": [0.5], "x": [2.0]}
    )
    shown = units_of(table, {"last": HOUR, "waited": Column("h"), "share": SHARE})
    assert [heading(name.replace("_", " "), shown[name]) for name in table.columns] == [
        "last (day)", "waited (days)", "waited low (days)", "waited high (days)", "share (%)", "x",
    ]  # fmt: skip
    assert [number_in(shown[name], table[name][0]) for name in table.columns] == [
        "4.2",
        "0.417",
        "0.208",
        "2.5",
        "50",
        "2",
    ]
    differences = units_of(table, {"last": HOUR, "share": SHARE}, ["last", "share"])
    assert (heading("last", differences["last"]), number_in(differences["last"], -100.0)) == ("last (days)", "-4.17")
    assert heading("share", differences["share"]) == "share (points)"
    few = units_of(pl.DataFrame({"closed_days": [0.25]}), {"closed_days": Column("days")})["closed_days"]
    assert (heading("closed", few), number_in(few, 0.25), number_in(few, None)) == ("closed (h)", "6", "-")
    assert (
        heading("pieces", units_of(pl.DataFrame({"pieces": [1]}), {"pieces": Column("pieces")})["pieces"]) == "pieces"
    )
