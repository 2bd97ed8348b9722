"""Estimates of answers, and bands of curves."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.measures import COLUMNS
from nfm_sim.problems import InputError
from nfm_sim.study.estimates import band, each_confidence, estimate, holm, is_share
from nfm_sim.study.intervals import Sample, share_interval
from nfm_sim.study.quantities import read_quantity
from tests.measures.by_hand import record, rows
from tests.study.coverage import bands_hold
from tests.study.driver import story


def test_a_simultaneous_band_holds_the_whole_curve() -> None:
    rng = np.random.default_rng(7)
    hours = np.arange(12.0)
    whole = point = 0
    for _ in range(300):
        curves = np.cumsum(rng.normal(0, 1, (40, 12)), axis=1)
        table = pl.DataFrame(
            {"replication": np.repeat(np.arange(40), 12), "hour": np.tile(hours, 40), "share": curves.ravel()}
        )
        found = band(table, "share", share=False)
        whole += (found["all_low"] <= 0).all() and (found["all_high"] >= 0).all()
        point += (found["low"] <= 0).all() and (found["high"] >= 0).all()
    assert 0.92 <= whole / 300 <= 0.98
    assert point / 300 < 0.9


@pytest.mark.parametrize(("draw", "number"), [("independent", 20), ("independent", 40), ("stratified", 40)])
def test_the_band_of_a_curve_of_shares_holds_it(draw: str, number: int) -> None:
    whole, point = bands_hold(number, draw, 200)
    assert whole >= (0.92 if number > 20 else 0.88)
    assert point >= 0.9


def test_a_band_of_shares_has_width_where_all_agree_and_stays_within_0_and_1() -> None:
    """12 of 12 elements ready in all of 20 replications but for one, in which one is not, at hour 0 alone."""
    shares = np.ones((20, 2))
    shares[0, 0] = 11 / 12
    table = pl.DataFrame(
        {"replication": np.repeat(np.arange(20), 2), "hour": np.tile([0.0, 6.0], 20), "share": shares.ravel()}
    )
    _, agreed = band(table, "share", share=True).rows(named=True)
    assert agreed["estimate"] == agreed["high"] == agreed["all_high"] == 1
    hidden = 1.96**2 / (20 + 1.96**2)  # what Wilson's interval leaves of an event that has not shown
    assert 1 - agreed["low"] == pytest.approx(2.093 * np.sqrt(hidden * (1 - hidden)) / 12 / np.sqrt(20), rel=1e-3)
    assert agreed["all_low"] < agreed["low"]


def test_two_replications_have_a_band_and_one_has_none() -> None:
    """Of 1 and 3 the mean is 2, its error 1, with what as many may hide of a step of 2; t is 12.7."""
    table = pl.DataFrame({"replication": [0, 1], "hour": [0.0, 0.0], "pieces": [1.0, 3.0]})
    (row,) = band(table, "pieces", share=False).rows(named=True)
    hidden = 1.96**2 / (2 + 1.96**2)
    error = np.sqrt((2 + 4 * hidden * (1 - hidden)) / 2)
    assert (row["estimate"], row["high"]) == (2, pytest.approx(2 + 12.706 * error, rel=1e-4))
    (row,) = band(table.head(1), "pieces", share=False).rows(named=True)
    assert (row["estimate"], row["low"], row["high"]) == (1, None, None)


def closures(hours: list[float | None]) -> pl.DataFrame:
    numbers = range(len(hours))
    return pl.DataFrame({"replication": numbers, "flow": ["a"] * len(hours), "last_h": hours})


def test_what_was_not_reached_is_censored_and_not_averaged_away() -> None:
    table = closures([*map(float, range(1, 40)), None])
    (mean,) = estimate(table, "last_h", by="flow").rows(named=True)
    assert mean["estimate"] is mean["low"] is mean["half_width"] is None
    assert mean["reached_share"] == 39 / 40
    (median,) = estimate(table, "last_h.median", by="flow").rows(named=True)
    assert median["estimate"] == 20.5
    assert median["low"] < 20.5 < median["high"]
    (p99,) = estimate(table, "last_h.p99", by="flow").rows(named=True)
    assert p99["estimate"] is None
    assert p99["high"] is None


def test_a_mean_is_taken_within_each_replication_first() -> None:
    table = pl.DataFrame(
        {"replication": [0, 0, 1, 1], "tier": [1] * 4, "on_time": [True, None, True, False], "h": [1.0, 2, 3, None]}
    )
    (row,) = estimate(table, "on_time", by="tier").rows(named=True)
    assert row["estimate"] is None, "one is not known"
    assert row["low"] == pytest.approx(share_interval(Sample(np.array([0.5, 0.5]))).low)
    assert row["high"] == 1, "as the mean of 1 and 0.5 may be"
    assert row["replications"] == 2
    (row,) = estimate(table, "h", by="tier").rows(named=True)
    assert row["estimate"] is None
    assert row["reached_share"] == 0.5
    with pytest.raises(ValueError, match="several rows a replication for each tier"):
        estimate(table, "h.median", by="tier")
    with pytest.raises(
        InputError, match=r'hh is no column of this answer \(did you mean "h"\?\); it has replication, tier'
    ):
        estimate(table, "hh")
    with pytest.raises(InputError, match='statistic "p100" is none; use mean, median'):
        estimate(table, "h.p100")


def test_an_empty_answer_has_no_estimates() -> None:
    empty = closures([]).cast({"flow": pl.String, "last_h": pl.Float64})
    assert estimate(empty, "last_h", by="flow").is_empty()
    assert estimate(empty, "last_h").is_empty()
    assert band(empty.with_columns(hour=0.0), "last_h").is_empty()


def test_several_comparisons_are_corrected() -> None:
    assert each_confidence(0.95, 5) == pytest.approx(0.99)
    assert each_confidence(0.95, 1) == each_confidence(0.95, 0) == pytest.approx(0.95)
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.01, float("nan")])[0] == 0.02, "one that is not known was compared too"


def test_a_quantity_is_estimated_by_name(tmp_path: Path) -> None:
    """As the same numbers are when they are taken out of the study by hand, and said to be what they are."""
    study = nfm.replicate(story(), 12, seed=5, out=tmp_path / "s", jobs=1)
    closed, ready = nfm.closure(study), nfm.readiness(study)
    assert estimate(study, "closure").equals(estimate(closed, "last_h", by="flow"))
    assert estimate(study, "closure.p90[flow]").equals(
        estimate(closed.filter(pl.col("flow") == "flow"), "last_h.p90", by="flow")
    )
    assert estimate(study, "closure.pieces", by=()).equals(estimate(closed, "pieces"))
    assert estimate(study, "readiness.on_time", by="tier").equals(estimate(ready, "on_time", by="tier"))
    assert estimate(study, "ready_by_deadline").equals(estimate(study, "readiness.on_time", by="tier"))
    assert estimate(nfm.simulate(story(), seed=5), "closure")["estimate"].to_list() == (
        closed.filter(pl.col("replication") == 0)["last_h"].to_list()
    ), "a run of one replication answers to the same words"
    for wrong, mend in (
        ("closre", 'did you mean "closure"'),
        ("closure.on_time", r'did you mean "on_time_share"'),
        ("waits_of_mine.hours", "is no answer of"),
    ):
        with pytest.raises(InputError, match=mend):
            estimate(study, wrong)
    for wrong in ("closure[flow,flaw]", "P(closure.flaw <= 2 d or closure[flow] <= 2 d)"):
        with pytest.raises(InputError, match=r'closure\[flaw\] has no rows here \(did you mean "flow"\?\)'):
            estimate(study, wrong)
    with pytest.raises(InputError, match=r'flows is no column.*did you mean "flow"'):
        estimate(study, "closure", by="flows")


def test_what_is_a_share_is_said_and_never_guessed() -> None:
    """Between 0 and 1 lies a share, and also a count of 0 or 1; a name says nothing."""
    mine = pl.DataFrame({"replication": [0, 1, 2], "on_time_share": [0.9, 0.98, 1.0], "tax_share": [90.0, 98.0, 100.0]})
    assert estimate(mine, "tax_share")["high"].item() > 100, "this cannot be a share"
    with pytest.raises(ValueError, match=r"on_time_share.* say share=True or share=False"):
        estimate(mine, "on_time_share")
    with pytest.raises(ValueError, match="say share=True or share=False"):
        band(mine.with_columns(hour=0.0), "on_time_share")
    assert estimate(mine, "on_time_share", share=False)["high"].item() > 1
    assert estimate(mine, "on_time_share", share=True)["high"].item() == 1
    with pytest.raises(ValueError, match=r"tax_share.* holds more than 1 or less than 0, which no share is"):
        estimate(mine, "tax_share", share=True)
    with pytest.raises(InputError, match="replication is no column of this answer"):
        estimate(mine.drop("replication"), "tax_share")
    assert estimate(mine, "on_time_share.median")["estimate"].item() == 0.98, "a quantile is one of the values anyway"
    late = mine.select("replication", late=pl.Series([True, False, True]))
    assert estimate(late, "late")["high"].item() <= 1, "truth values are shares"


def test_a_measure_of_ones_own_declares_what_its_columns_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COLUMNS, "wholly", {})  # undone after the test

    @nfm.measures.answers(flow=nfm.measures.Column(key=True), whole=nfm.measures.Column("share", share=True))
    def wholly(run: nfm.Run) -> pl.DataFrame:
        return nfm.closure(run).select("replication", "flow", whole=pl.col("closed_pieces") / pl.col("pieces"))

    def unsaid(run: nfm.Run) -> pl.DataFrame:
        return wholly(run)

    study = nfm.replicate(story(), 6, out=tmp_path / "s", jobs=1, measures=[wholly, unsaid])
    rows = estimate(study, "wholly.whole")
    assert rows["flow"].to_list() == ["flow", "other"]
    assert rows["high"].max() == 1
    with pytest.raises(ValueError, match="declare it with nfm"):
        estimate(study, "unsaid.whole")
    assert estimate(study, "unsaid.whole", share=True)["high"].item() == 1


def test_the_columns_of_measures_are_what_they_declare() -> None:
    assert is_share(pl.DataFrame({"on_time_share": [1.0]}), "on_time_share", "closure")
    loads = pl.DataFrame({"used_share": [0.5]})
    assert not is_share(loads, "used_share", "link_load"), "slots of a single track are counted in both directions"


def test_a_column_of_demands_is_asked_for_by_plan_and_capability_and_their_share_by_plan() -> None:
    assert read_quantity("demands_met.asked").by == ("plan", "capability")
    assert read_quantity("demands_met").by == ("plan",), "the share of a plan as a whole"
    assert read_quantity("ready_by_deadline").by == ("tier",)


def test_a_quantity_in_words_says_its_statistic() -> None:
    assert read_quantity("closure").words == "the last piece"
    assert read_quantity("closure.p90").words == "the p90 of the last piece"


def test_a_replication_in_which_nothing_waited_counts_as_none_and_is_not_left_out() -> None:
    """Of four replications one lorry waits for 6 h in two, and in the two others none waits."""
    lorries = rows("replication subject what pieces", *((number, "lorry", "movement", 1) for number in range(4)))
    columns = "replication subject activity kind place cause cause_kind start_h end_h"
    waited = rows(
        columns, *((number, "lorry", "load", "wait", "port", "trucks", "pool", 6.0, 12.0) for number in (0, 2))
    )
    run = record(subjects=lorries, spans=waited)
    columns_of = {name: estimate(run, f"waits.{name}").row(0, named=True) for name in ("hours", "longest_h", "first_h")}
    assert {row["replications"] for row in columns_of.values()} == {4}
    assert (columns_of["hours"]["estimate"], columns_of["longest_h"]["estimate"]) == (3, 3)
    assert (columns_of["first_h"]["estimate"], columns_of["first_h"]["reached_share"]) == (None, 0.5), "never, in two"
    for event, share in (
        ("waits.hours <= 5 h", 0.5),
        ("waits.longest_h[port] > 5 h", 0.5),
        ("waits.first_h < 7 h", 0.5),
    ):
        assert nfm.chance(run, event).interval.estimate == share
        assert nfm.chance(run, event).replications == 4


def test_a_number_that_is_none_is_not_known(tmp_path: Path) -> None:
    """nan is missing, as null is; what is infinite is compared without a word."""

    def odd(run: nfm.Run) -> pl.DataFrame:
        return pl.DataFrame({"replication": run.replications, "none": np.nan, "far": np.inf})

    study = nfm.replicate(story(), 2, measures=[odd], out=tmp_path / "s", answers=[], jobs=1)
    for event in ("odd.none <= 3", "odd.none >= 3"):
        assert nfm.chance(study, event).known == 0
    assert nfm.chance(study, "odd.far > 3").interval.estimate == 1
    (row,) = nfm.Comparison({"one": study, "other": study}).difference("odd.far").rows(named=True)
    assert row["difference"] is None


def test_what_is_asked_for_twice_is_the_sum_over_elements_and_nothing_where_nobody_is() -> None:
    """In one of two replications both elements of one task are asked for by another, for two days each."""
    elements = rows(
        "replication subject what capability tier", *((n, name, "element", "guard", 1) for n in (0, 1) for name in "ab")
    )
    asked = rows("task commitment capability number start_h end_h", ("low", "post", "guard", 2.0, 0.0, 48.0))
    duties = rows(
        "element state task commitment start_h end_h", *((name, "serve", "high", "post", 0.0, 240.0) for name in "ab")
    )
    theirs = rows("task commitment capability number start_h end_h", ("high", "post", "guard", 2.0, 0.0, 240.0))
    run = record(subjects=elements, commitments=[*asked, *theirs], duties=duties)
    assert nfm.measures.double_booked(run)["days"].to_list() == [2, 2]
    (row,) = estimate(run, "double_booked.days").rows(named=True)
    assert (row["replications"], row["estimate"]) == (2, 2)
    assert nfm.chance(run, "double_booked.days <= 3 d").interval.estimate == 0.5
    assert nfm.chance(record(subjects=elements), "double_booked.days <= 3 d").interval.estimate == 1
    assert read_quantity("closure").whole.values(run).is_empty(), "without flows no last piece is late"


def test_what_was_not_used_counts_as_nothing() -> None:
    """A column of 4 pieces takes the dike for 6 of 240 hours in one of two replications, and the bridge for 12 in the
    other: 3 h and 6 h in the mean."""
    run = record(
        240.0,
        subjects=rows("replication subject what pieces", (0, "column", "movement", 4), (1, "column", "movement", 4)),
        departures=rows("replication movement leg", (0, "column", 1), (1, "column", 1)),
        legs=rows("replication leg link forward slot_h", (0, 1, "dike", True, 6.0), (1, 1, "bridge", True, 12.0)),
    )
    for column, dike, bridge in (("slot_h", 3, 6), ("used_share", 3 / 240, 6 / 240), ("pieces", 2, 2)):
        found = estimate(run, f"link_load.{column}").select("link", "replications", "estimate").rows()
        assert found == [("bridge", 2, pytest.approx(bridge)), ("dike", 2, pytest.approx(dike))], column
    for column, whole in (("slot_h", [6, 12]), ("used_share", [6 / 240, 12 / 240])):
        asked = read_quantity(f"link_load.{column}").whole
        assert asked.values(run)[column].to_list() == pytest.approx(whole), "of all links, or of the fullest"
