"""The steadiest programme with which a flow closes by a day."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from nfm_sim.study import propose_programme
from tests.conftest import called, coast, coast_data, one_ship


def lorries(**flow: Any) -> nfm.Scenario:
    """Fifty lorry loads that are ashore on Monday morning."""
    data = coast_data(horizon_days=20, flows={"flow": {**one_ship("truck", 50), **flow}})
    data["places"] = {"harbour": {"ramps": {"capacity": 1, "rate_per_h": 1e3}, "truck_ramps": 9}}
    return build_scenario(data, coast())


def test_loads_are_spread_evenly_over_the_working_days() -> None:
    found = propose_programme(lorries(), 5, replications=2, jobs=1)
    assert found.met
    assert found.slots.rows() == [(day, "harbour", "truck", 10) for day in range(5)]
    assert found.use.rows() == [("harbour", "truck", 50, 50.0, 50.0, 0.0)]
    assert (found.surety, found.low < 1, found.high) == (1.0, True, 1.0)


def test_a_late_ship_needs_more_bookings_than_loads_and_some_are_wasted() -> None:
    flow = one_ship("truck", 50, lateness_h={"uniform": [30, 50]})
    found = propose_programme(lorries(**flow), 5, surety=0.9, replications=8, seed=2, jobs=1)
    assert found.met
    assert found.slots["loads"].sum() > 55
    study = nfm.replicate(lorries(**flow).with_changes(found.changes), 8, seed=2, jobs=1)
    assert (nfm.closure(study)["last_h"] <= 120).mean() >= 0.9
    fewer = [{**row, "loads": row["loads"] - 4} for row in found.slots.to_dicts()]
    less = lorries(**flow).with_changes({"flows.flow.programme": {"slots": fewer}})
    late = nfm.closure(nfm.replicate(less, 8, seed=2, jobs=1))["last_h"]
    assert (late <= 120).fill_null(False).mean() < 0.9


def test_what_bookings_cannot_do_is_said() -> None:
    scenario = lorries().with_changes({"pools.trucks": {"capacity": 1}})
    found = propose_programme(scenario, 5, replications=2, jobs=1)
    assert not found.met
    assert found.surety == 0


def test_the_table_is_one_that_a_scenario_names(tmp_path: Path) -> None:
    propose_programme(lorries(), 5, replications=2, jobs=1).write(tmp_path / "slots.csv")
    assert pl.read_csv(tmp_path / "slots.csv").columns == ["day", "port", "mode", "loads"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"by_day": 5, "flow": "flaw"}, 'programme: flow "flaw" must be one of the flows flow (did you mean "flow"?)'),
        ({"by_day": 0}, 'programme: by "day 0" leaves no working day at harbour'),
        ({"by_day": 5, "surety": 95}, 'programme: surety "95" must lie between 0 and 1'),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        propose_programme(lorries(), **asked)
    assert said in str(error.value)


def test_the_command_says_what_to_book_and_writes_it(tmp_path: Path) -> None:
    words = ["--replications", 2, "--jobs", 1, "--out", tmp_path / "slots.csv"]
    said = called("programme", "scenarios/allied_brigade.toml", "--by", "day 30", *words)
    assert said.returncode == 0, said.stderr
    assert "booked a day" in said.stdout
    assert "Notional" in said.stdout
    assert pl.read_csv(tmp_path / "slots.csv")["loads"].sum() > 800
    wrong = called("programme", "scenarios/allied_brigade.toml", "--by", "soon")
    assert (wrong.returncode, wrong.stderr.strip()) == (
        2,
        'nfm-sim: --by "soon" must be a day after hour 0, such as "day 21"',
    )
