"""The face of the package: what it has, that its examples run, and that its columns are what they are said to be."""

import doctest
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib.pyplot as plt
import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.measures import COLUMNS, KEPT
from nfm_sim.record import Record, Run
from nfm_sim.record.tables import TABLES
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship

FACE = """
Comparison Desk Goal InputError Network Run Scenario Study bottlenecks build_scenario calibrate chance closure compare
decide estimate example extend fork kinds measures network open_comparison open_study plots read_network read_records
read_scenario readiness replicate report shadow_prices simulate study summary sweep to_pandas verify waits
"""


def story() -> nfm.Scenario:
    """A division of four pieces that go by two trucks, and a battalion that a plan asks for."""
    return build_scenario(
        coast_data(
            flows={"division": one_ship("truck", 4)},
            pools={"trucks": {"capacity": 2}},
            elements={"11_infbat": {"tier": 1, "home": "barracks", "capability": "infantry", "personnel": 600}},
            activation={"stages": {"recall": {"hours": 12}}},
            plans={"north": {"versions": {"first": {"demands": [{"capability": "infantry", "day": 1}]}}}},
        ),
        coast(),
    )


def test_the_face_is_this() -> None:
    assert nfm.__all__ == FACE.split()
    assert all(hasattr(nfm, name) for name in nfm.__all__)
    with pytest.raises(AttributeError, match="no attribute 'closures'"):
        nfm.closures  # noqa: B018


def test_importing_it_opens_no_room() -> None:
    code = "import sys, nfm_sim; print([m for m in sys.modules if m.startswith('nfm_sim.')], 'polars' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[] False"


def public() -> dict[str, Callable[..., Any]]:
    """The functions that users call, by their full names."""
    rooms: list[ModuleType] = [import_module(f"nfm_sim.{room}") for room in ("measures", "plots", "study", "decide")]
    found = {f"nfm.{name}": getattr(nfm, name) for name in nfm.__all__}
    found |= {
        f"nfm.{room.__name__.split('.')[1]}.{name}": getattr(room, name) for room in rooms for name in room.__all__
    }
    return {name: value for name, value in found.items() if inspect.isfunction(value)}


@pytest.mark.parametrize("name", public())
def test_a_public_function_has_an_example_that_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    function = public()[name]
    monkeypatch.chdir(Path(__file__).parents[1])
    known = dict(COLUMNS)
    scenario = story()
    names: dict[str, Any] = {
        "nfm": nfm,
        "pl": pl,
        "scenario": scenario,
        "run": nfm.simulate(scenario),
        "folder": tmp_path,
    }
    if "study" in (function.__doc__ or ""):
        names["study"] = nfm.replicate(scenario, 2, jobs=1, keep="all")
    examples = doctest.DocTestParser().get_doctest(function.__doc__ or "", names, name, None, None)
    assert examples.examples, f"{name} has no example"
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(examples, out=said.append)
    for mine in COLUMNS.keys() - known.keys():
        del COLUMNS[mine]
    plt.close("all")
    assert not said, "".join(said)


@pytest.mark.parametrize("name", public())
def test_arguments_after_the_second_have_names(name: str) -> None:
    by_place = [
        parameter.name
        for parameter in inspect.signature(public()[name]).parameters.values()
        if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    ]
    assert len(by_place) <= 2 or by_place == ["scenario", "seed", "replication"], "these address one replication"


ARGUMENTS: dict[str, tuple[Any, ...]] = {"critical_path": ("11_infbat",)}


OURS = {name for name in COLUMNS if hasattr(nfm.measures, name)}


def answer(name: str, run: Record, scenario: nfm.Scenario) -> pl.DataFrame:
    if name == "civil_cost":
        scenario = scenario.with_changes({"movement.civil.mean_per_h.motorway": 2000})
        return nfm.measures.civil_cost(run, scenario)
    return getattr(nfm.measures, name)(run, *ARGUMENTS.get(name, ()))


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_measure_has_the_columns_that_it_declares_and_documents(name: str) -> None:
    scenario = story()
    columns = answer(name, nfm.simulate(scenario), scenario).columns
    declared = [*COLUMNS[name]]
    assert sorted(c for c in columns if c != "replication") == sorted(declared)
    said = re.findall(r"\w+", getattr(nfm.measures, name).__doc__ or "")
    missing = [column for column in declared if column not in said and not column.startswith(("in_place", "effective"))]
    if name != "readiness_by_element" and name != "readiness_by_tier":  # these describe a pattern of columns
        assert not missing


def test_all_measures_declare_their_columns() -> None:
    named = {
        name
        for name in nfm.measures.__all__
        if name.islower() and name not in ("summary", "answers", "typical", "likely", "needed_for")
    }
    assert named == OURS
    assert set(KEPT) <= OURS


def test_the_tables_of_a_run_are_documented() -> None:
    said = inspect.getdoc(Record) or ""
    assert re.findall(r"^- `(\w+)`", said, flags=re.MULTILINE) == list(TABLES)
    run = nfm.simulate(story())
    assert isinstance(run, Run)
    for name, schema in TABLES.items():
        assert run.table(name).schema == schema
    assert "subject, activity, kind, place, cause, cause_kind, start_h, end_h" in said
    assert run.spans.columns[1:] == ["subject", "activity", "kind", "place", "cause", "cause_kind", "start_h", "end_h"]


@pytest.mark.parametrize(
    "ask",
    [
        nfm.simulate,
        lambda given: nfm.replicate(given, 2),
        lambda given: nfm.compare({"base": given}, 2),
        lambda given: nfm.sweep(given, [{}], replications=2),
        nfm.shadow_prices,
        nfm.study.tornado,
        nfm.study.morris,
        nfm.Desk,
    ],
)
def test_a_path_is_no_scenario(ask: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError, match=r"^takes a Scenario, not 'brigade.toml'; read it: nfm.read_scenario\(path\)$"):
        ask("brigade.toml")
