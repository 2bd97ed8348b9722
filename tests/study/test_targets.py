"""Stopping on precision."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from nfm_sim.problems import InputError
from nfm_sim.study import Progress, estimate, precision, read_quantity, replicate
from nfm_sim.study.estimates import TargetState, next_number, read_targets
from nfm_sim.study.intervals import Interval, Sample, mean_interval, quantile_interval, share_interval
from tests.study.coverage import LAWS, MODELS, Model, held, stopped
from tests.study.driver import story


@pytest.mark.parametrize(
    ("text", "measure", "column", "statistic", "half_width"),
    [
        ("closure.median ±6h", "closure", "last_h", "median", 6),
        ("closure ± 1d", "closure", "last_h", "mean", 24),
        ("closure.median_h.p90+-2.5h", "closure", "median_h", "p90", 2.5),
        ("ready_by_deadline ±0.03", "readiness", "on_time", "mean", 0.03),
        ("ready_by_deadline +/-3%", "readiness", "on_time", "mean", 0.03),
        ("readiness.effective_h.p95 ±12h", "readiness", "effective_h", "p95", 12),
        ("utilisation.used_share ±2%", "utilisation", "used_share", "mean", 0.02),
    ],
)
def test_targets_are_read(text: str, measure: str, column: str, statistic: str, half_width: float) -> None:
    (target,) = read_targets([text])
    asked = target.quantity
    assert (asked.measure, asked.column, asked.statistic) == (measure, column, statistic)
    assert target.half_width == pytest.approx(half_width)
    assert not target.relative, "of a share 3 % are 3 points"


def test_a_third_of_the_width_takes_nine_times_as_many() -> None:
    study = replicate(story(), 12, jobs=1)
    (row,) = estimate(study, "closure[flow]").rows(named=True)
    (state,) = precision(study, [f"closure[flow] ±{row['half_width'] / 3:.9f}h"]).rows(named=True)
    assert not state["met"]
    assert 12 * 9 <= state["needed"] <= 12 * 9 + 1


def test_a_percentage_of_what_is_no_share_is_a_part_of_the_estimate() -> None:
    (target,) = read_targets(["closure.median ±5%"])
    assert (target.half_width, target.relative) == (0.05, True)
    assert target._over(100.0, 10.0) == pytest.approx(2)
    assert target._over(-100.0, 5.0) == pytest.approx(1)
    assert target._over(0.0, 0.0) == 0, "which is known to the letter"
    assert target._over(0.0, 1.0) == target._over(None, 1.0) == np.inf


def test_rows_stand_in_brackets() -> None:
    assert read_quantity("closure[flow].median").only == ("flow",)
    assert read_quantity("ready_by_deadline[1, 2]").by == ("tier",)
    assert read_quantity("ready_by_deadline[bat]").by == ("element",)
    assert read_quantity("readiness.ready_h[bat].median").only == ("bat",)


def test_all_that_is_no_target_is_said_at_once() -> None:
    texts = ["closur ±6h", "closure 6h", "closure ±0h", "closure.lasth ±6h", "closure.last_h.p0 ±6h", "waits ±1h"]
    texts += ["ready_by_deadline ±3h", "closure.pieces ±3d", "ready_by_deadline ±100%"]
    with pytest.raises(InputError) as caught:
        read_targets(texts)
    said = [str(problem) for problem in caught.value.problems]
    assert len(said) == len(texts)
    for words, text in zip(
        (
            *('did you mean "closure"', "must read like", "more than 0", 'mean "last_h"', "statistic", "name a column"),
            *(
                "of on_time, which is a share; write it as ±3% or ±0.03",
                "of pieces, which is in pieces; write it as ±3 or ±3%",
            ),
            "allows more than a share can differ; write it as ±3% or ±0.03",
        ),
        said,
        strict=True,
    ):
        assert words in text


def test_what_is_said_of_a_target_is_what_every_table_says() -> None:
    """At 96 replications blocks count in tables, and a study that stops does not trust so few of them."""
    hours = MODELS["sum of 8 uniforms"].stratified(np.random.default_rng(1), 96, 1)[0].values
    rows = pl.DataFrame({"replication": range(96), "flow": ["flow"] * 96, "last_h": hours})
    known: Any = {"answer": {"closure": rows}.get, "replications": range(96)}
    study: Any = SimpleNamespace(**known, sampling="stratified", controls=None)
    (target,) = read_targets(["closure ±6h"])
    (said,) = estimate(rows, "last_h", share=False)["half_width"]
    assert target.state(study, 96).half_width == said
    assert target.state(study, 96).unit == "h"
    assert target.state(study, 96, stops=True).half_width > 2 * said


def test_a_study_stops_when_all_targets_are_met(tmp_path: Path) -> None:
    until = ["closure.median ±5h", "ready_by_deadline[2] ±15%"]
    looks: list[Progress] = []
    study = replicate(
        story(), 500, seed=5, out=tmp_path / "s", targets=until, min_replications=20, jobs=1, progress=looks.append
    )
    number = len(study.replications)
    assert 30 <= number < 500
    assert precision(study, until)["met"].all()
    assert any(state.needed and not state.met for look in looks for state in look.targets)
    one_less = precision(study, until, replications=20)
    assert not one_less["met"].all()
    assert set(one_less["row"]) <= {"flow", "other", "2"}
    again = replicate(story(), 500, seed=5, out=tmp_path / "s", targets=until, min_replications=20, jobs=1, batch=3)
    assert len(again.replications) == number, "it was sure enough already"
    through = replicate(story(), 500, seed=5, out=None, targets=until, min_replications=20, jobs=1, batch=7)
    assert len(through.replications) == number, "where it stops depends on the data alone"


def test_it_ends_at_the_most_and_a_target_without_rows_is_an_error() -> None:
    study = replicate(story(), 25, seed=5, targets=["closure.median ±0.001h"], jobs=1)
    assert len(study.replications) == 25
    assert precision(study, ["closure.median ±0.001h"])["met"].to_list() == [False]
    with pytest.raises(InputError, match="asks for each formation, and scenario has none"):
        replicate(story(), 20, seed=5, targets=["formations.in_place_h ±1h"], jobs=1)


def test_a_censored_quantile_is_never_met() -> None:
    short = story().with_changes({"horizon_days": 5})
    (row,) = precision(replicate(short, 20, seed=5, jobs=1), ["effective[cov].p90 ±1000h"]).rows(named=True)
    assert row["half_width"] is None
    assert row["needed"] is None
    assert not row["met"]


def state(needed: int | None, met: bool = False) -> TargetState:
    return TargetState("x ±1h", "", 0.0, None, met, needed)


def test_the_next_number_is_what_is_likely_needed_within_twice() -> None:
    assert next_number([state(100)], 80, 1000) == 105
    assert next_number([state(400)], 80, 1000) == 160
    assert next_number([state(82)], 80, 1000) == 90
    assert next_number([state(None)], 80, 1000) == 160
    assert next_number([state(100), state(9, met=True)], 80, 90) == 90


def test_it_is_enough_when_targets_are_still_met_a_tenth_later() -> None:
    assert next_number([state(70, met=True)], 200, 1000) == 220
    assert next_number([state(70, met=True)], 220, 1000, met_before=True) == 220
    assert next_number([state(230)], 220, 1000, met_before=True) == 242
    assert next_number([state(70, met=True)], 1000, 1000) == 1000


def median_of(sample: Sample) -> Interval:
    return quantile_interval(sample, 0.5)


@pytest.mark.parametrize(
    ("name", "interval", "part", "least"),
    [
        ("gamma of shape 4", mean_interval, 0.3, 0.91),
        ("gamma of shape 4", median_of, 0.3, 0.91),
        ("lateness of ships", mean_interval, 0.3, 0.92),
        ("sum of the lateness of 6 ships", mean_interval, 0.15, 0.91),
    ],
)
@pytest.mark.parametrize("draw", ["independent", "stratified"])
def test_a_study_that_stops_when_sure_is_as_sure_as_it_says(
    draw: str, name: str, interval: Callable[[Sample], Interval], part: float, least: float
) -> None:
    model, rng = {**LAWS, **MODELS}[name], np.random.default_rng(1)
    truth = model.truth(np.median if interval is median_of else np.mean)  # type: ignore[arg-type]
    half_width = part * model.truth(np.std)  # type: ignore[arg-type]
    found = stopped(model, draw, rng, interval, half_width, 200)
    assert held((one for one, _ in found), truth) >= least
    assert all(one.half_width <= half_width for one, _ in found)


def test_a_study_that_stops_has_a_replication_at_least() -> None:
    """Whatever is known of no replication at all, it is no answer."""
    assert replicate(story(), 1, targets=["closure ±500h"], min_replications=0, jobs=1).replications == [0]


def test_a_rare_event_that_has_not_shown_is_no_certainty() -> None:
    """Of an event of 1 %, a study that asks for ±2 % goes on far beyond the first replications, which all agree."""
    event, rng = Model(1, lambda u: (u[:, 0] < 0.01).astype(float), share=True), np.random.default_rng(1)
    found = stopped(event, "independent", rng, share_interval, 0.02, 200)
    assert min(number for _, number in found) >= 150
    assert held((one for one, _ in found), 0.01) >= 0.92
