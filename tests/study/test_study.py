import json
from pathlib import Path

import pytest

from nfm_sim import measures
from nfm_sim.engine import TABLES, simulate
from nfm_sim.problems import InputError
from nfm_sim.scenario import Scenario, build_scenario
from nfm_sim.study import open_run, replicate, write_run
from tests.conftest import coast, coast_data, one_ship


@pytest.fixture
def scenario() -> Scenario:
    late = {"lateness_h": {"exponential": {"mean": 10}}}
    return build_scenario(coast_data(flows={"flow": one_ship("truck", 5, **late)}), coast())


def test_replications_are_the_same_tables_with_more_rows(scenario: Scenario) -> None:
    run = replicate(scenario, 3, seed=5)
    alone = simulate(scenario, seed=5, replication=1)
    for name in TABLES:
        table = getattr(run, name)
        assert table.filter(table["replication"] == 1).equals(getattr(alone, name))
    assert measures.closure(run)["last_h"].n_unique() == 3


def test_another_element_changes_no_other_draw(scenario: Scenario) -> None:
    elements = {"bat": {"tier": 1, "home": "barracks"}}
    more = scenario.with_changes({"elements": elements, "activation.decision_h": {"pert": [1, 2, 3]}})
    before, after = (simulate(s, seed=9) for s in (scenario, more))
    assert measures.closure(before).equals(measures.closure(after))


def test_progress_counts_replications(scenario: Scenario) -> None:
    done: list[int] = []
    replicate(scenario, 2, progress=done.append)
    assert done == [1, 2]


def test_no_replications_is_refused(scenario: Scenario) -> None:
    with pytest.raises(ValueError, match="at least 1, not 0"):
        replicate(scenario, 0)


def test_a_run_comes_back_from_disk_as_it_was(scenario: Scenario, tmp_path: Path) -> None:
    run = replicate(scenario, 2)
    again = open_run(write_run(run, tmp_path / "run"))
    for name, table in run.tables.items():
        assert table.equals(again.tables[name])
    assert again.about["title"] == "a story"
    assert json.loads((tmp_path / "run/manifest.json").read_text())["versions"]["simpy"]
    assert not list((tmp_path / "run").rglob(".*")), "no drafts are left"


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="name a folder that"):
        open_run(tmp_path)
