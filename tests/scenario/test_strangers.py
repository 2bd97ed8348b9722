"""A scenario from a stranger either runs or says what is wrong with it; it never fails in another way."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nfm_sim.compile import compile_scenario
from nfm_sim.engine import simulate
from nfm_sim.network import read_network
from nfm_sim.problems import InputError, Problem
from nfm_sim.scenario import build_scenario
from nfm_sim.scenario.files import load_files
from tests.conftest import ROOT

FORCE = load_files(Path(ROOT / "scenarios/one_force.toml")).data


def cut_down(force: dict[str, Any]) -> None:
    """Leave of the one force what it takes to be sound: an element of each capability and those that others name."""
    elements = force["elements"]
    first = {row["capability"]: name for name, row in reversed(elements.items())}
    wanted = [*first.values()]
    for formation in force["formations"].values():
        wanted += [*formation.get("elements", [])[:1], formation.get("headquarters", wanted[0])]
        formation["elements"] = formation.get("elements", [])[:1] or wanted[:1]
        formation.pop("requires", None)
    for name in wanted:
        wanted += [
            part.strip() for part in elements[name].get("requires", "").replace(";", "|").split("|") if part.strip()
        ]
    force["elements"] = {name: elements[name] for name in elements if name in wanted}
    for row in force["elements"].values():
        row["pieces"] = {kind: str(int(count) // 10 + 1) for kind, count in row.get("pieces", {}).items()}
    for flow in force["flows"].values():
        name, ship = next(iter(flow["ships"].items()))
        ship["calls"] = [{**call, "pieces": dict.fromkeys(call["pieces"], 9)} for call in ship["calls"]]
        flow["ships"] = {name: ship}


cut_down(FORCE)
BRIGADE = load_files(Path(ROOT / "scenarios/allied_brigade.toml")).data
BRIGADE["disruptions"] = {
    "storm": {"nodes": ["w_kreekrak"], "anywhere": "road", "start_h": 9, "duration_h": {"pert": [1, 5, 9]}}
}
BRIGADE["flows"]["brigade"]["airlifts"] = {"chalk": {"airport": "a_eindhoven", "day": 1, "people": 9000}}
del BRIGADE["flows"]["brigade"]["ships"]["s2"], BRIGADE["flows"]["brigade"]["ships"]["s3"]
NETWORK = read_network(FORCE["network"])
ODD: list[Any] = [
    0, -1, 3.7, 1e9, "", "x", "10", "g_havelte", "vlissingen_oost", True, [], {}, [1], {"x": 1}, float("nan"),
    {"pert": [1, 2, 3]}, {"fixed": 5}, ["06:00-22:00"],
]  # fmt: skip


def paths(part: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in items:
        yield (*way, key)
        yield from paths(value, (*way, key))


PATHS = list(paths(FORCE))
WAYS = list(paths(BRIGADE))
VALUES = st.one_of(st.sampled_from(ODD), st.just("(gone)"))


@given(st.sampled_from(PATHS), VALUES, st.booleans())
def test_a_scenario_runs_or_says_what_is_wrong(way: tuple[Any, ...], value: Any, run: bool) -> None:
    try_out(FORCE, way, value, run)


@given(st.sampled_from(WAYS), VALUES, st.booleans())
def test_a_transit_runs_or_says_what_is_wrong(way: tuple[Any, ...], value: Any, run: bool) -> None:
    try_out(BRIGADE, way, value, run)


def try_out(whole: dict[str, Any], way: tuple[Any, ...], value: Any, run: bool) -> None:
    data = copy.deepcopy(whole)
    part: Any = data
    for step in way[:-1]:
        part = part[step]
    if value == "(gone)":
        del part[way[-1]]
    else:
        part[way[-1]] = value
    problems: tuple[Problem, ...] = ()
    try:
        plan = compile_scenario(build_scenario(data, NETWORK))
        if run:
            simulate(plan, seed=1)
    except InputError as error:
        problems = error.problems
    assert all(problem.file and problem.remedy for problem in problems)
