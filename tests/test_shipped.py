"""What comes with the package, in the repository and in the wheel."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import nfm_sim as nfm
from nfm_sim.shipped.examples import copy_example, examples, needed_by, shipped_folder
from tests.conftest import ROOT, called


def test_every_scenario_script_record_and_notebook_is_an_example() -> None:
    files = {path.resolve() for path in examples().values()}
    for pattern in (
        "scenarios/*.toml",
        "scenarios/*.py",
        "scenarios/records/*.toml",
        "records/*.toml",
        "notebooks/*.ipynb",
    ):
        assert files.issuperset(ROOT.glob(pattern)), pattern
    assert (ROOT / "networks/netherlands") in files


@pytest.mark.parametrize("name", ["allied_brigade", "one_force", "target_2035", "transatlantic_surge"])
def test_a_copied_scenario_is_whole(name: str, tmp_path: Path) -> None:
    first, *files = copy_example(name, tmp_path)
    assert first in files
    here, there = nfm.read_scenario(first), nfm.read_scenario(nfm.example(name))
    for part in ("flows", "elements", "pools", "movement", "tasks", "places"):
        assert getattr(here, part) == getattr(there, part)
    assert here.loaded_network.links == there.loaded_network.links
    assert len(files) < 20, "and it is not all there is"


def test_a_script_brings_the_scenarios_that_it_names() -> None:
    needed = {path.name for path in needed_by(nfm.example("one_force.py"))}
    assert {"one_force.toml", "hns_first.toml", "crisis_means.toml", "node.csv"} <= needed
    assert "corps_transit.toml" not in needed


def test_the_records_bring_their_scenarios(tmp_path: Path) -> None:
    copy_example("records", tmp_path)
    assert list(nfm.read_records(tmp_path / "records")) == list(nfm.read_records(ROOT / "records"))


def test_a_file_of_ones_own_is_not_written_over(tmp_path: Path) -> None:
    copy_example("allied_brigade", tmp_path)
    copy_example("allied_brigade", tmp_path)  # the same again is no harm
    mine = tmp_path / "scenarios/allied_brigade.toml"
    mine.write_text("# mine\n")
    with pytest.raises(nfm.InputError, match=r"scenarios/allied_brigade\.toml.*lies in the way and differs"):
        copy_example("allied_brigade", tmp_path)
    assert mine.read_text() == "# mine\n"


def test_what_is_not_shipped_is_said() -> None:
    with pytest.raises(nfm.InputError, match=r'"alied_brigade" is not shipped.*did you mean "allied_brigade"'):
        nfm.example("alied_brigade")


def test_the_command_lists_and_copies(tmp_path: Path) -> None:
    listed = {row["name"]: row["what"] for row in json.loads(called("example", "--json").stdout)}
    assert listed["allied_brigade"] == "An allied brigade in transit"
    assert listed["one_force.py"].startswith("One force, six tasks")
    assert all(listed.values())
    assert "hns_first" in called("example").stdout
    said = called("example", "hns_first", "--to", tmp_path)
    assert "scenarios/hns_first.toml" in said.stdout.replace("\n", "")
    assert (tmp_path / "networks/netherlands/node.csv").exists()
    assert called("example", "nothing").returncode == 2


def test_names_are_listed() -> None:
    near = json.loads(called("list", "borders", "--near", "xr_kaldenkirchen", "--most", 3, "--json").stdout)
    assert [row["kind"] for row in near] == ["border_crossing"] * 3
    assert near == sorted(near, key=lambda row: row["km"])
    terminals = {row["id"]: row["has"] for row in json.loads(called("list", "terminals", "--json").stdout)}
    assert "berths 2" in terminals["vlissingen_oost"]
    pools = json.loads(called("list", "pools", "--scenario", "scenarios/allied_brigade.toml", "--json").stdout)
    assert {"pool": "escort_teams", "capacity": "20"}.items() <= next(
        p for p in pools if p["pool"] == "escort_teams"
    ).items()
    quantities = {row["quantity"] for row in json.loads(called("list", "quantities", "--json").stdout)}
    assert {"closure.last_h", "readiness.on_time"} <= quantities
    measures = {row["measure"]: row["returns"] for row in json.loads(called("list", "measures", "--json").stdout)}
    assert measures["closure"] == "one row for each replication and flow."
    nodes = json.loads(called("list", "nodes", "--network", "networks/netherlands", "--json").stdout)
    assert len(nodes) > 400
    assert len({row["id"] for row in nodes}) == len(nodes)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nodez"], 'did you mean "nodes"'),
        (["pools"], "name one with --scenario"),
        (["nodes", "--near", "vlissingen_ost"], 'did you mean "vlissingen_oost"'),
        (["measures", "--near", "vlissingen_oost"], "--near is not read with measures"),
        (["pools", "--scenario", "scenarios/one_force.toml", "--network", "x"], "--network is not read with pools"),
        (["quantities", "--scenario", "scenarios/one_force.toml"], "--scenario is not read with quantities"),
        (
            ["nodes", "--scenario", "scenarios/one_force.toml", "--network", "x"],
            "--network is not read with --scenario, which has its own",
        ),
    ],
)
def test_what_cannot_be_listed_is_said(words: list[str], said: str) -> None:
    done = called("list", *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_table_at_80_columns_breaks_no_name() -> None:
    for what in ("nodes", "terminals", "quantities", "measures"):
        rows = json.loads(called("list", what, "--json").stdout)
        table = called("list", what).stdout
        assert all(next(iter(row.values())) in table for row in rows), what


def test_the_version_is_printed() -> None:
    assert called("--version").stdout.startswith("nfm_sim 0.")


def in_wheel(wheel: Path, at: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python on the installed wheel in a folder of its own."""
    environment = {**os.environ, "PYTHONPATH": str(wheel), "COLUMNS": "80", "MPLBACKEND": "Agg"}
    return subprocess.run(
        [sys.executable, *words], cwd=at, env=environment, capture_output=True, text=True, check=False
    )


def test_the_wheel_holds_all_and_runs_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    where = in_wheel(wheel, tmp_path, "-c", "import nfm_sim; print(nfm_sim.__file__)")
    assert where.stdout.startswith(str(wheel)), "not the repository"
    listed = json.loads(in_wheel(wheel, tmp_path, "-m", "nfm_sim", "example", "--json").stdout)
    assert {row["name"] for row in listed} == set(examples())
    for words in (
        ["-m", "nfm_sim", "example", "allied_brigade"],
        ["-m", "nfm_sim", "run", "scenarios/allied_brigade.toml", "--out", "runs/one"],
        ["-m", "nfm_sim", "list", "terminals", "--near", "vlissingen_oost"],
        ["-c", "import nfm_sim as nfm; nfm.read_scenario(nfm.example('one_force'))"],
        ["-m", "nfm_sim", "example", "what_to_buy_first.py"],
        ["-m", "nfm_sim", "study", "scenarios/allied_brigade.toml", "--replications", "2", "--jobs", "1"],
    ):
        done = in_wheel(wheel, tmp_path, *words)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "runs/one/manifest.json").exists()
    assert shipped_folder() == ROOT
