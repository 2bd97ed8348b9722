"""Commands that decide, on the small scenarios of the tests: what they ask for, print, write and refuse."""

import json
from pathlib import Path
from typing import Any

import pytest

import nfm_sim as nfm
from nfm_sim.network import Network
from nfm_sim.scenario import build_scenario
from tests.conftest import called, coast, coast_data, one_ship, wide_coast
from tests.decide.test_exchange import supported
from tests.decide.test_need import TRUCKS, lorries
from tests.study.test_calibrate import PRIOR, cases

RAMPS = "places.harbour.truck_ramps.capacity"
TRANSIT = "scenarios/atlantic_resolve_2024.toml"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that says which scenario commands read, whatever file they name."""

    def read(scenario: nfm.Scenario) -> None:
        for module in ("decide", "stored"):
            monkeypatch.setattr(f"nfm_sim.cli.{module}.read_changed", lambda file, change: scenario)

    return read


def test_the_exchange_rate_of_support_is_printed_drawn_and_written(
    coast_network: Network, reads: Any, tmp_path: Path
) -> None:
    reads(supported(coast_network))
    asked = ("exchange", TRANSIT, "--replications", 2, "--jobs", 1)
    rates, _ = json.loads(called(*asked, "--json").stdout).values()
    assert [row["change"] for row in rates] == ["post +1", "post -1", "without any"]
    done = called(*asked, "--figure", tmp_path / "rate.png", "--page", tmp_path / "rate.html")
    assert "post +1" in done.stdout, done.stderr
    assert (tmp_path / "rate.png").read_bytes()[1:4] == b"PNG"
    assert "post +1" in (tmp_path / "rate.html").read_text("utf-8")
    refused = called(*asked, "--task", "regional_plans")
    assert (refused.returncode, "asks for no elements" in refused.stderr) == (2, True)


def test_what_to_protect_is_printed_and_what_delays_nothing_is_said_so(reads: Any) -> None:
    """A column drives round the road that is lost, where there is another."""
    flows = {"flow": one_ship("column", 5)}
    reads(build_scenario(coast_data(flows=flows), wide_coast()))
    asked = ("protect", TRANSIT, "--losses", 1, "--at", 0, "--kind", "link", "--replications", 2, "--jobs", 1)
    said = " ".join(called(*asked, "--lasts", 100).stdout.split())
    assert "On fresh replications, which did not choose them, they delay nothing." in said
    assert "inf" not in said
    reads(build_scenario(coast_data(flows=flows), coast()))
    said = " ".join(called(*asked, "--lasts", 240).stdout.split())
    assert "Lost together for 10 days, these delay the mean piece most: ROAD1: Harbour - Halt from day 0.0 on." in said
    bought, _ = json.loads(called(*asked, "--lasts", 240, "--json").stdout).values()
    assert [(row["protection"], row["hours"]) for row in bought] == [("guard", 240), ("spare", 240), ("repair", 216)]


def test_the_model_is_printed_beside_what_is_on_record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(nfm, "read_records", lambda folder: cases(), raising=False)
    monkeypatch.setattr(nfm.study, "read_priors", lambda folder: PRIOR)
    found_once = nfm.calibrate(cases(), priors=PRIOR, replications=30, jobs=1)
    monkeypatch.setattr(nfm, "calibrate", lambda known, **how: found_once if how["replications"] == 30 else None)
    asked = ("record", "records", "--replications", 30, "--jobs", 1)
    found = json.loads(called(*asked, "--json").stdout)
    assert found["scored"] == 3
    assert [row["path"] for row in found["inputs"]] == ["programme.per_day.truck"]
    said = " ".join(called(*asked, "--out", tmp_path / "out").stdout.split())
    assert f"{found['inside']} of 3 records lie in their 10-90 % band" in said
    assert "programme.per_day.truck" in said
    files = {"accepted.csv", "inputs.csv", "records.png", "scores.csv"}
    assert {file.name for file in (tmp_path / "out").iterdir()} == files


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["need", TRANSIT, "a", "b", "--for", "P(closure <= 9 d) >= 0.9", *("--from", 1, "--to", 2) * 3], "two paths"),
        (["choose", TRANSIT, "--for", "P(closure <= 9 d)"], "needs a second course: another scenario, or --course"),
        (["buy", TRANSIT, "--options", "x.toml"], "buy needs --budget, or --year for each year"),
    ],
)
def test_what_a_decision_lacks_is_said(arguments: list[object], words: str) -> None:
    done = called(*arguments)
    assert (done.returncode, words in " ".join(done.stderr.split())) == (2, True), done.stderr


def test_of_two_paths_there_is_a_table_of_pairs(reads: Any) -> None:
    reads(lorries().with_changes({"places.harbour.truck_ramps": {"capacity": 1, "rate_per_h": 2}}))
    paths, ranges = (RAMPS, TRUCKS), ("--from", 1, "--to", 2, "--from", 4, "--to", 9)
    told = called("need", TRANSIT, *paths, "--for", "P(closure <= 12 h) >= 0.5", *ranges, "--replications", 4)
    assert "Pairs that suffice" in told.stdout, told.stderr
