"""`nfm-sim study, compare, sweep, prices, verify`, as their users run them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import nfm_sim as nfm
from nfm_sim.cli.options import describe_targets
from nfm_sim.study import TargetState
from tests.conftest import ROOT, called
from tests.decide.test_need import TRUCKS, lorries

TRANSIT = "scenarios/atlantic_resolve_2024.toml"
BRIGADE = "scenarios/allied_brigade.toml"


def nfm_sim(*arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nfm_sim", *arguments]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "COLUMNS": "120"})
    assert found.returncode == status, found.stderr
    assert "Traceback" not in found.stderr
    return found


def test_a_study_is_made_extended_and_verified(tmp_path: Path) -> None:
    folder = str(tmp_path / "s")
    first = nfm_sim("study", TRANSIT, "--replications", "3", "--out", folder)
    assert "Closure by flow" in first.stdout
    assert first.stderr == "", "no progress when piped"
    answer = json.loads(called("study", TRANSIT, "--replications", "6", "--out", folder, "--json").stdout)
    assert answer["replications"] == 6
    (flow,) = answer["closure"]
    assert flow["median_low"] <= flow["median"] <= flow["median_high"]
    said = " ".join(called("verify", folder, "--seed", "3").stdout.split())
    assert "(drawn with --seed 3) made again are the same, bit for bit" in said
    said = " ".join(called("verify", folder, "--all").stdout.split())
    assert "all replications made again are the same, bit for bit" in said
    part = next((tmp_path / "s/answers/closure").iterdir())
    part.write_bytes(part.read_bytes()[:-1])
    damaged = called("verify", folder)
    assert (damaged.returncode, "bytes instead of" in damaged.stderr) == (1, True)


@pytest.mark.long
def test_a_study_stops_when_it_is_sure_enough() -> None:
    found = nfm_sim("study", TRANSIT, "--replications", "40", "--until", "closure.on_time_share ±10%")
    assert "32 replications" in found.stdout, "20 at least, and to the end of the second block to be sure"
    assert "met (abct, ±" in found.stdout


def test_comparisons_sweeps_and_prices(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of twelve loads with one, two, three and four lorries each drives twelve, six, four and three."""
    monkeypatch.setattr(nfm, "read_scenario", lambda file: lorries().with_changes({TRUCKS: 2}))
    few = ("--replications", 6, "--jobs", 1, "--json")
    fewer = ("compare", TRANSIT, "--change", f"fewer: {TRUCKS} = 1", "--out", tmp_path / "c")
    (row,) = json.loads(called(*fewer, *few).stdout)["closure"]
    assert row["study"] == "fewer"
    assert row["low"] > 0
    swept = json.loads(called("sweep", TRANSIT, "--vary", f"{TRUCKS} = 1, 4", *few).stdout)["closure"]
    assert [row[TRUCKS] for row in swept] == [1, 4]
    assert swept[0]["estimate"] > swept[1]["estimate"]
    ranges = ("--vary", f"{TRUCKS} = 1:4", "--design", "latin_hypercube", "--points", 2)
    assert len(json.loads(called("sweep", TRANSIT, *ranges, *few).stdout)["closure"]) == 2
    priced = json.loads(called("prices", TRANSIT, "--more", "trucks = 2", "--most", 4, *few).stdout)
    assert {row["capacity"]: row["more"] for row in priced["one more of each"]}["trucks"] == 2
    table = " ".join(called(*fewer, *few[:-1]).stdout.split())
    assert "closure: the last piece" in table
    assert "fewer, flow: the last piece is" in table
    assert "later than in atlantic_resolve_2024" in table
    assert "hold for all rows together" in table
    assert {"reached", "share", "(%)"} <= {*table.split()}, "as on the page"
    assert "gain" not in table, "how much was gained by pairs is no gain of the change"
    assert " to " in table
    assert "each for itself" in called("sweep", TRANSIT, "--vary", f"{TRUCKS} = 3", *few[:-1]).stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["study", TRANSIT, "--until", "closur ±6h"], 'did you mean "closure"'),
        (["study", TRANSIT, "--keep", "a"], '--keep "a" must be numbers'),
        (["study", TRANSIT, "--backend", "dask"], "--out is needed with a cluster"),
        (["study", TRANSIT, "--backend", "dsk", "--replications", "2"], 'did you mean "dask"'),
        (["study", TRANSIT, "--out", "/dev/null/x"], "cannot be written"),
        (["verify", "scenarios"], "name a folder that"),
        (["compare", TRANSIT], "needs a second scenario"),
        (["compare", TRANSIT, TRANSIT], "atlantic_resolve_2024 stands twice; give it once, or another name"),
        (["compare", TRANSIT, "--change", "x"], "must read like"),
        (["compare", TRANSIT, "--change", "x: horizon_days = [1"], "not written as TOML"),
        (["compare", TRANSIT, "--change", "x: horizon_days = 30", "--quantity", "closure.lasth"], '"last_h"'),
        (["sweep", BRIGADE, "--vary", "pools.truks.capacity = 1, 2"], 'did you mean "trucks"'),
        (["sweep", TRANSIT, "--vary", "pools.trucks.capacity"], "must read like"),
        (["sweep", TRANSIT, "--vary", "horizon_days = 9:2", "--design", "sobol"], "low below high"),
        (["sweep", TRANSIT, "--vary", "horizon_days = 2:9"], '2:9" is a range, for --design latin_hypercube or sobol;'),
        (["sweep", TRANSIT, "--vary", "horizon_days = 2:9", "--design", "sobl"], 'did you mean "sobol"'),
        (
            ["choose", TRANSIT, "--course", "atlantic_resolve_2024: bumping = true"],
            "--course: atlantic_resolve_2024 is the name of another",
        ),
        (["choose", TRANSIT, "--course", "wait:"], '--course: wait: must read like "more trucks: pools'),
        (["choose", TRANSIT, TRANSIT, "--eur", "wait"], "SCENARIO: atlantic_resolve_2024 stands twice"),
        (
            ["choose", TRANSIT, "--course", "a: routing = 'fixed'", "--eur", "a"],
            '--eur: a must read like "divert = 2e6"',
        ),
        (["buy", TRANSIT, "--options", "x.toml", "--year", "27"], '--year: 27 must read like "2027 = 20e6"'),
        (["prices", TRANSIT, "--more", "trucks"], "--more: trucks must read like"),
        (["study", TRANSIT, "--min-replications", "30"], '--min-replications "30" is read with --until alone'),
        (["study", TRANSIT, "--address", "a:1"], '--address "a:1" is read with --backend alone'),
        (["sweep", TRANSIT, "--vary", "horizon_days = 9", "--points", "3"], "is read with --design alone"),
        (["choose", TRANSIT, TRANSIT, "--on-day", "0"], '--on-day "0.0" is read with --course alone'),
        (["list", "nodes", "--most", "3"], '--most "3" is read with --near alone'),
        (["explain", TRANSIT, "--force"], "--force is read with --picture alone"),
        (["exchange", TRANSIT, "--force"], "--force is read with --figure or --page alone"),
        (["exchange", "none.toml", "--page", "none.html", "--force"], "none.toml: cannot be read"),
        (["report", "runs", "--jobs", "2"], '--jobs "2" is read with --prices or --levers alone'),
        (["verify", "runs", "--jobs", "2"], '--jobs "2" is read with --all alone'),
        (["verify", "runs", "--all", "--jobs", "2"], '--jobs "2" is read of a page alone'),
        (["verify", "runs", "--all", "--seed", "0"], "--seed is not read with --all; give one of them"),
        (["verify", TRANSIT, "--seed", "0"], "--seed is for studies; a page names its own replications"),
        (["prices", TRANSIT, "--more", "trucks = many"], "must be a number"),
    ],
)
def test_wrong_input_ends_with_one_clear_message(arguments: list[str], words: str) -> None:
    found = called(*arguments)
    assert found.returncode == 2
    assert words in found.stderr


def test_people_see_progress() -> None:
    pty = pytest.importorskip("pty")
    master, terminal = pty.openpty()
    until = ("--until", "closure.on_time_share ±0.01%")
    command = [sys.executable, "-m", "nfm_sim", "study", TRANSIT, "--replications", "24", *until, "--jobs", "1"]
    wide = {**os.environ, "COLUMNS": "200", "TERM": "xterm"}
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=terminal, env=wide)
    os.close(terminal)
    shown = b""
    try:
        while piece := os.read(master, 65536):
            shown += piece
    except OSError:  # the other end is closed
        pass
    process.communicate()
    assert process.returncode == 0, shown.decode()
    said = shown.decode()
    assert "24 of 24" in said
    assert "a second" in said
    assert "closure.on_time_share ±0.01%: not met (abct, ±" in said
    assert "likely" in said


def test_progress_says_which_target_is_open_and_when_none_is() -> None:
    met = TargetState("closure.median ±6h", "flow", 100.0, 5.0, True, 30, unit="h")
    still = TargetState("ready_by_deadline ±3%", "2", 0.8, 0.06, False, 160, unit="share")
    never = TargetState("effective.p90 ±6h", "cov", None, None, False, None)
    said = describe_targets([met, still, never])
    assert said == (
        "ready_by_deadline ±3%: not met (2, ±6 points; likely 160 replications); "
        "effective.p90 ±6h: not met (cov, how sure is not known; likely very many replications)"
    )
    assert describe_targets([met]) == "targets met; a tenth more, to be sure"


@pytest.mark.parametrize("name", ["allied_brigade", "one_force"])
def test_what_study_prints_is_made_with_its_replications(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nfm_sim.study.study.make_replications", lambda *asked: pytest.fail(f"{asked} is made again"))
    said = called("study", f"scenarios/{name}.toml", "--replications", "2", "--jobs", "1", "--until", "closure ±3h")
    assert said.returncode == 0, said.stderr
