"""All shipped scenarios run, and the transit of 2024 is near its record."""

import runpy
from pathlib import Path

import polars as pl
import pytest

import nfm_sim as nfm
from tests.conftest import ROOT

SHIPPED = sorted((ROOT / "scenarios").glob("*.toml"))
RECORD_DAYS = 23  # 28 October to 20 November 2024, 112groningen.nl 394047


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_scenario_runs_and_closes(file: Path) -> None:
    run = nfm.simulate(nfm.read_scenario(file), seed=1)
    assert nfm.closure(run)["last_h"].null_count() == 0
    assert nfm.readiness(run)["ready_h"].null_count() == 0


def test_the_transit_of_2024_closes_within_a_fifth_of_its_record() -> None:
    scenario = nfm.read_scenario(ROOT / "scenarios/atlantic_resolve_2024.toml")
    run = nfm.replicate(scenario, replications=20, seed=2024)
    assert nfm.closure(run)["last_h"].median() / 24 == pytest.approx(RECORD_DAYS, rel=0.2)
    lorries = nfm.departures_by_day(run).filter(pl.col("mode") == "truck")
    by_day = lorries.group_by("replication", "day").agg(pl.col("movements").sum()).sort("day")
    done = pl.col("movements").cum_sum().over("replication") / pl.col("movements").sum().over("replication")
    busy = by_day.filter(done.is_between(0.1, 0.9))
    assert 30 <= busy["movements"].median() <= 50


def test_the_script_prints_model_beside_record(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "scenarios/atlantic_resolve_2024.py"))
    assert "last piece over the border" in capsys.readouterr().out


def test_the_activation_has_about_forty_named_elements_in_three_tiers() -> None:
    scenario = nfm.read_scenario(ROOT / "scenarios/nfm_activation.toml")
    assert len(scenario.elements) >= 40
    assert {element.tier for element in scenario.elements.values()} == {1, 2, 3}
    assert {"army", "air force", "navy", "marechaussee"} <= {e.service for e in scenario.elements.values()}
    assert scenario.elements["1gnc_hq"].requires
    assert "notional" in scenario.notional
