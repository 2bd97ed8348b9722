"""Records: what is on record of real operations, the model beside it, and what the records say of the inputs."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from nfm_sim.scenario.on_record import Case, OnRecord
from nfm_sim.study import calibrate
from nfm_sim.study.calibrate import BASELINES, busiest_port, moved, next_error
from tests.conftest import ROOT, coast, coast_data, one_ship

PRIOR = {"programme.per_day.truck": {"uniform": [2, 20]}}
LORRIES = {8: 40, 10: 60, 9: 24}
"""Lorries a day of three operations with a known truth, and their pieces."""


def operation(pieces: int) -> nfm.Scenario:
    """Pieces that go by lorry, as many a day as are booked, from the first hour."""
    data = coast_data(horizon_days=60, flows={"flow": one_ship("truck", pieces)})
    data["places"] = {
        "harbour": {"ramps": {"capacity": 1, "rate_per_h": 1e3}, "truck_ramps": {"capacity": 9, "rate_per_h": 1e3}}
    }
    data["programme"] = {"per_day": {"truck": 9}, "working": ["06:00-18:00"]}
    return build_scenario(data, coast())


def case(name: str, pieces: int, days: float | None) -> Case:
    observed = {} if days is None else {"closed_days": {"range": [days, days]}}
    record = OnRecord(title=name, scenario="", source="made up", pieces=pieces, direction="in", observed=observed)
    return Case(record, operation(pieces))


def cases() -> dict[str, Case]:
    """What each rate gives, on record; and one of which nothing is."""
    made = {}
    for rate, pieces in LORRIES.items():
        truth = nfm.simulate(operation(pieces).with_changes({"programme.per_day.truck": rate}))
        days = nfm.measures.operation(truth)["closed_days"].item()
        made[f"{rate} a day"] = case(f"{rate} a day", pieces, days)
    return {**made, "nothing known": case("nothing known", 30, None)}


def test_the_records_find_the_rate_and_an_operation_is_predicted_from_the_others() -> None:
    found = calibrate(cases(), priors=PRIOR, replications=100, accept_share=0.2, jobs=1)
    (rate,) = found.inputs.rows(named=True)
    assert rate["path"] == "programme.per_day.truck"
    assert rate["low"] < 9 < rate["high"]
    assert rate["narrower"] > 0.5, "the records narrow what was thought before"
    scores = {row["case"]: row for row in found.scores.rows(named=True)}
    for name in ("8 a day", "10 a day", "9 a day"):
        assert scores[name]["inside"], name
        assert abs(scores[name]["error"]) < 0.35, name
    assert scores["nothing known"]["error"] is None
    assert scores["nothing known"]["low"] < 30 / 9 < scores["nothing known"]["high"]


def test_what_the_horizon_cuts_off_is_not_known() -> None:
    """The last of these cannot close in a day: its prediction is null and no number."""
    known = cases()
    known["nothing known"] = Case(known["nothing known"].record, operation(30).with_changes({"horizon_days": 1}))
    row = (
        calibrate(known, priors=PRIOR, replications=10, jobs=1)
        .scores.filter(pl.col("case") == "nothing known")
        .row(0, named=True)
    )
    assert (row["low"], row["median"], row["high"], row["error"]) == (None, None, None, None)


def on_record(pieces: int, days: float, direction: str = "in", ports: int = 1) -> Case:
    known = case("", pieces, days)
    record = known.record.model_copy(update={"direction": direction, "ports": ports})
    return Case(record, known.scenario)


def test_its_studies_may_be_kept(tmp_path: Path) -> None:
    kept = calibrate(cases(), priors=PRIOR, replications=2, out=tmp_path, jobs=1)
    assert kept.scores.equals(calibrate(cases(), priors=PRIOR, replications=2, jobs=1).scores)
    assert list(nfm.open_comparison(tmp_path)) == list(cases())


@pytest.mark.parametrize("share", [0, -0.1, 1.1, float("nan")])
def test_some_draws_are_accepted(share: float) -> None:
    with pytest.raises(InputError, match=r"calibrate: accept_share .* must be above 0, and 1 at most"):
        calibrate(cases(), priors=PRIOR, replications=2, accept_share=share, jobs=1)


def test_the_rules_of_thumb_are_fitted_to_the_others() -> None:
    """Mean of the same direction 20; a day for ten lorries after 1.5; twice as long for twice the pieces; ten a day."""
    others = [on_record(185, 20), on_record(285, 30, "out"), on_record(585, 60, "out"), on_record(85, 10, "own")]
    guess = {name: rule(on_record(385, 99), others) for name, rule in BASELINES.items()}
    assert guess["by_direction"] == pytest.approx(20)
    assert guess["by_line"] == pytest.approx(40, rel=1e-4)
    assert guess["by_rate"] == pytest.approx(385 / np.mean([9.25, 9.5, 9.75, 8.5]))
    doubling = [on_record(2**power, 2**power, ports=1 + power % 2) for power in (3, 4, 5, 6)]
    assert BASELINES["by_regression"](on_record(128, 1), doubling) == pytest.approx(128)


def test_where_none_went_the_same_way_the_mean_is_that_of_all() -> None:
    others = [on_record(10, 10), on_record(10, 20, "out"), on_record(10, 30, "out")]
    assert BASELINES["by_direction"](on_record(10, 1, "own"), others) == pytest.approx(20)


def test_the_busiest_port_has_most_lorries_or_else_most_pieces() -> None:
    assert busiest_port(operation(40)) == 40
    by_rail = coast_data(flows={"flow": one_ship("train", 30)})
    assert busiest_port(build_scenario(by_rail, coast())) == 30


def test_draws_are_moved_along_their_regression_to_where_nothing_is_left() -> None:
    """The answer is ten times a rate that another operation shows too: 11, 9 and 12 % off it, all of it explained."""
    left = np.log([[1.1, 0.9, 1.12, 1.0]])
    assert moved(10 * np.exp(left[0]), left) == pytest.approx([10] * 4, rel=0.012)
    assert moved(np.array([7.0, np.inf, 7.0, 7.0]), left) == pytest.approx([7, np.inf, 7, 7])


@pytest.mark.long
def test_all_numbers_on_record_say_which_draws_are_near() -> None:
    """Days say nothing where each of three ranges holds them all; lorries a day do."""
    known = cases()
    for name, rate in (("8 a day", 8), ("10 a day", 10), ("9 a day", 9)):
        observed = {"closed_days": {"range": [1, 60]}, "trucks_a_day": {"range": [rate, rate]}}
        known[name] = Case(
            OnRecord.model_validate(known[name].record.model_dump() | {"observed": observed}), known[name].scenario
        )
    (found,) = calibrate(known, priors=PRIOR, replications=100, jobs=1).inputs.rows(named=True)
    assert 7 < found["low"] < 9 < found["high"] < 11
    scores = calibrate(known, priors=PRIOR, replications=20, jobs=1).scores
    assert scores["quantity"].to_list().count("trucks_a_day") == 3


@pytest.mark.long
def test_an_input_that_the_records_do_not_tell_is_not_narrower() -> None:
    """Locomotives, where all goes by lorry."""
    known = {
        name: Case(of.record, of.scenario.with_changes({"pools.locomotives": {"capacity": 5}}))
        for name, of in cases().items()
    }
    priors = {**PRIOR, "pools.locomotives.capacity": {"uniform": [2, 40]}}
    found = calibrate(known, priors=priors, replications=200, jobs=1).inputs
    narrower = dict(found.select("path", "narrower").iter_rows())
    assert narrower["pools.locomotives.capacity"] < 0.3 < narrower["programme.per_day.truck"]


def test_a_band_holds_what_operations_that_differ_do() -> None:
    """Errors of four other operations: 10-90 % of what they make likely holds about 80 of 100 of a fifth."""
    rng = np.random.default_rng(7)
    held = []
    for _ in range(2000):
        errors = rng.normal(0, 0.2, size=5)
        low, high = np.quantile(next_error(errors[:4]), [0.1, 0.9])
        held.append(low <= errors[4] <= high)
    assert 0.77 <= np.mean(held) <= 0.83


def test_the_shipped_records_are_read_with_their_scenarios() -> None:
    records = nfm.read_records(ROOT / "records")
    assert {name for name, of in records.items() if "closed_days" not in of.record.observed} == {"aviation_2023_in"}
    for name, of in records.items():
        moved = sum(sum(c.pieces.values()) for flow in of.scenario.flows.values() for _, _, c in flow.cargoes())
        assert moved == of.record.pieces, name
        assert of.record.source, name


def test_wrong_records_are_told_all_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(
        'title = "One"\nscenario = "no.toml"\nsource = "x"\npieces = 0\ndirection = "in"\n'
    )
    (tmp_path / "two.toml").write_text(
        f'title = "Two"\nscenario = "{ROOT}/scenarios/allied_brigade.toml"\nsource = "x"\npieces = 5\n'
        'direction = "in"\n'
        "[observed.closed_dys]\nrange = [3, 2]\n"
    )
    (tmp_path / "three.toml").write_text(
        f'title = "Three"\nscenario = "{ROOT}/scenarios/allied_brigade.toml"\nsource = "x"\npieces = 5\n'
        'direction = "in"\n'
        "[observed.closed_dys]\nrange = [2, 3]\n"
    )
    with pytest.raises(InputError) as error:
        nfm.read_records(tmp_path)
    said = [str(problem) for problem in error.value.problems]
    assert any('one.toml: pieces "0" must be at least 1' in line for line in said)
    assert any("two.toml: observed.closed_dys must have a range from low to high" in line for line in said)
    assert any(
        'three.toml: observed.closed_dys is no number of an operation (did you mean "closed_days"?)' in line
        for line in said
    )
    with pytest.raises(InputError, match="is no folder with records"):
        nfm.read_records(tmp_path / "none")
    with pytest.raises(InputError, match="is no number that any of the scenarios gives"):
        calibrate(cases(), priors={"programme.per_day.truk": {"uniform": [1, 2]}}, replications=20)
    with pytest.raises(InputError, match="needs three or more records"):
        calibrate({}, replications=20)


def test_the_priors_of_a_folder_must_be_distributions(tmp_path: Path) -> None:
    (tmp_path / "priors.toml").write_text('"programme.per_day.truck" = { unifrm = [1, 2] }\n')
    with pytest.raises(InputError, match=r"programme\.per_day\.truck"):
        nfm.study.read_priors(tmp_path)
    assert nfm.study.read_priors(ROOT) == {}


def test_an_operation_as_records_have_it(play: Any) -> None:
    """Four lorries a day for two days, from a ship at hour 0; five pieces wait for the night."""
    data = coast_data(flows={"flow": one_ship("truck", 8)})
    data["flows"]["flow"]["programme"] = {"per_day": {"truck": 4}, "working": ["06:00-18:00"]}
    data["places"] = {"harbour": {"ramps": {"capacity": 1, "rate_per_h": 1e3}}}
    whole = nfm.measures.operation(play(data)).row(0, named=True)
    assert whole["begin_h"] == 0
    assert whole["closed_days"] == pytest.approx((24 + 16.5 + 0.5 + 3) / 24, abs=0.001)
    assert (whole["trucks"], whole["trains"], whole["trucks_a_day"]) == (8, 0, 4)
    assert whole["most_ashore"] == 8
