"""All shipped scenarios run, and the transit of 2024 is near its record."""

import runpy
import sys
from pathlib import Path

import polars as pl
import pytest

import nfm_sim as nfm
from tests import stored_answers
from tests.conftest import ROOT

SHIPPED = stored_answers.scenarios()
RECORD_DAYS = 23  # 28 October to 20 November 2024, 112groningen.nl 394047


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_scenario_closes_with_the_answers_that_are_stored(file: Path) -> None:
    run = stored_answers.run_of(file)
    now, then = list(stored_answers.answers_of(file.stem, run)), stored_answers.stored()[file.stem]
    assert [row[:2] for row in now] == [row[:2] for row in then]
    for (_, name, value), (_, _, before) in zip(now, then, strict=True):
        assert value == (before if before is None else pytest.approx(before, rel=1e-5)), name
    assert nfm.closure(run)["last_h"].null_count() == 0
    never = nfm.readiness(run)["ready_h"].null_count()
    assert never == 0 if len(run.commitments["task"].unique()) < 2 else never < 0.15 * len(nfm.readiness(run))


@pytest.mark.long
def test_the_band_of_the_transit_of_2024_holds_its_record() -> None:
    scenario = nfm.read_scenario(ROOT / "scenarios/atlantic_resolve_2024.toml")
    run = nfm.replicate(scenario, replications=40, seed=2024)
    days = nfm.closure(run)["last_h"] / 24
    assert days.quantile(0.05) <= RECORD_DAYS <= days.quantile(0.95)  # type: ignore[operator]


@pytest.mark.long
def test_the_script_prints_model_beside_record(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "scenarios/atlantic_resolve_2024.py"))
    assert "days from the first ship to the last piece" in capsys.readouterr().out


@pytest.mark.long
def test_the_script_ranks_what_is_assumed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["what_is_assumed.py", "2"])
    runpy.run_path(str(ROOT / "scenarios/what_is_assumed.py"))
    first, *others = capsys.readouterr().out.splitlines()[2:]
    assert "heavy_wagons" in first
    assert len(others) == 14


def test_the_one_force_has_the_six_tasks_and_the_variants_differ_where_they_say() -> None:
    base = nfm.read_scenario(ROOT / "scenarios/one_force.toml")
    assert 80 <= len(base.elements) <= 120
    tasks = {"kingdom", "regional_plans", "host_nation_support", "ukraine", "eu_un", "other_regions"}
    assert set(base.tasks) == tasks
    first, kept, alerted, partner = (
        nfm.read_scenario(ROOT / f"scenarios/{name}.toml")
        for name in ("hns_first", "ukraine_kept", "pre_alert", "partner_enablers")
    )
    assert first.tasks["host_nation_support"].priority < base.tasks["regional_plans"].priority
    assert not kept.regimes["conflict"].may_withdraw["ukraine"]
    assert alerted.pre_alert_days(alerted.elements["1gnc_hq"]) == 10
    assert len(partner.elements) == len(base.elements) + 6
    assert all(element.source for element in base.elements.values())


@pytest.mark.long
def test_the_choices_show_in_the_answers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["one_force.py", "2", str(tmp_path)])
    runpy.run_path(str(ROOT / "scenarios/one_force.py"))
    told = capsys.readouterr().out
    rows = {line[:42].strip(): line[42:].split() for line in told.splitlines()}
    base, hns_first, ukraine_kept, *_ = (
        float(cell.rstrip("%")) for cell in rows["NATO regional plans, all that is offered"]
    )
    assert hns_first < base
    assert ukraine_kept <= base
    ukraine = [float(cell.rstrip("%")) for cell in rows["support to Ukraine"]]
    assert ukraine[2] > ukraine[0]
    figures = sorted(path.name for path in tmp_path.glob("base_*.png"))
    assert figures == ["base_double_booking.png", "base_duties.png", "base_readiness.png"]
    assert len((tmp_path / "base_elements.csv").read_text().splitlines()) == 68


def test_the_activation_has_about_forty_named_elements_in_three_tiers() -> None:
    scenario = nfm.read_scenario(ROOT / "scenarios/nfm_activation.toml")
    assert len(scenario.elements) >= 40
    assert {element.tier for element in scenario.elements.values()} == {1, 2, 3}
    assert scenario.elements["1gnc_hq"].requires
    assert "notional" in scenario.notional


@pytest.mark.long
def test_a_corps_has_two_thousand_movements_over_four_ports_in_three_weeks() -> None:
    scenario = nfm.read_scenario(ROOT / "scenarios/corps_transit.toml")
    run = nfm.simulate(scenario, seed=1)
    movements = run.subjects.filter(pl.col("what") == "movement")
    assert len(movements) >= 2000
    assert movements["origin"].n_unique() == 4
    assert 15_000 < movements["pieces"].sum() < 20_000  # three times 5,314 vehicles (ST 100-3)
    days = [call.day for flow in scenario.flows.values() for ship in flow.ships.values() for call in ship.calls]
    assert max(days) < 21


@pytest.mark.long
def test_what_is_lost_delays_and_is_gone_around() -> None:
    base, vlissingen, betuwe, kreekrak = (
        nfm.replicate(nfm.read_scenario(ROOT / f"scenarios/{name}.toml"), replications=2, seed=3, keep="all")
        for name in ("corps_transit", "lost_vlissingen", "betuweroute_closed", "kreekrak_blocked")
    )

    def late(run: nfm.Run, flow: str, column: str = "last_h") -> float:
        hours = [nfm.closure(r).filter(pl.col("flow") == flow)[column].mean() for r in (run, base)]
        return float(hours[0] - hours[1])  # type: ignore[operator]

    over = nfm.measures.ways_taken(vlissingen).filter(pl.col("origin") == "vlissingen_oost")["pieces"].sum()
    assert over < nfm.measures.ways_taken(base).filter(pl.col("origin") == "vlissingen_oost")["pieces"].sum()
    assert vlissingen.subjects["pieces"].sum() == base.subjects["pieces"].sum(), "all of it comes over other ports"
    assert late(kreekrak, "sustainment", "median_h") > 6
    network = nfm.read_network(ROOT / "networks/netherlands")
    closed = [link.name for link in network.links.values() if link.line == "Betuweroute"]
    during = pl.col("link").is_in(closed) & pl.col("enter_h").is_between(145, 383)
    assert betuwe.passages.filter(during).is_empty()
    assert not base.passages.filter(during).is_empty()


@pytest.mark.parametrize("day", [6, 10.5])
def test_a_corps_has_the_same_past_whatever_is_lost_later(day: float) -> None:
    scenario = nfm.read_scenario(ROOT / "scenarios/corps_transit.toml")
    lost = {"nodes": ["vlissingen_oost", "kp_velperbroek"], "start_h": day * 24, "duration_h": 400}
    runs = [nfm.simulate(s, seed=5) for s in (scenario, scenario.with_changes({"disruptions": {"x": lost}}))]
    ends = pl.col("end_h").clip(upper_bound=day * 24)
    cause = pl.when(ends < day * 24).then("cause").alias("cause")
    past = [run.spans.filter(pl.col("start_h") < day * 24).with_columns(ends, cause).sort(pl.all()) for run in runs]
    assert past[0].equals(past[1])
    assert not runs[0].spans.equals(runs[1].spans)


@pytest.mark.long
def test_the_script_of_what_to_buy_first_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    brigade = nfm.read_scenario(ROOT / "scenarios/allied_brigade.toml")  # in place of the corps, to be quick
    monkeypatch.setattr(nfm, "read_scenario", lambda file: brigade, raising=False)
    monkeypatch.setattr("sys.argv", ["what_to_buy_first.py", "2", str(tmp_path)])
    said = []
    for _ in range(2):
        runpy.run_path(str(ROOT / "scenarios/what_to_buy_first.py"))
        said.append(capsys.readouterr().out)
        written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
        monkeypatch.setattr(sys.modules["nfm_sim.engine.simulate"], "World", None)  # nothing is simulated again
    assert said[0] == said[1]
    assert "heavy_wagons" in said[0]
    assert len(written) > 100
    assert (tmp_path / "fork.png").stat().st_size > 10_000
