"""Make a scenario of what its files hold, checked whole against its network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from nfm_sim.network import Network, read_network
from nfm_sim.problems import InputError, Problem, did_you_mean
from nfm_sim.scenario import activation, model, plans, rules, tasks, values
from nfm_sim.scenario.check import check_scenario
from nfm_sim.scenario.files import load_files
from nfm_sim.scenario.model import Scenario
from nfm_sim.scenario.rules import default_classes
from nfm_sim.scenario.values import Known


def read_scenario(file: str | Path) -> Scenario:
    """Read the scenario in `file` with its tables and its network.

    Nothing is executed, written or fetched. Raises `InputError` with every fault found.
    """
    data, tables = load_files(Path(file))
    network = read_network(data["network"])
    return build_scenario(data, network, str(file), tables)


def build_scenario(
    data: dict[str, Any], network: Network, file: str = "scenario", tables: Mapping[str, str] | None = None
) -> Scenario:
    """Make a scenario of plain data (as TOML would give it); raise `InputError` with every fault.

    Errors name `file`, or for a part that came from a table of its own, the file in `tables`.
    """
    tables = tables or {}
    activation_data = data.get("activation")
    known = Known(
        network=network,
        pools=_names(data, "pools"),
        elements=_names(data, "elements"),
        destinations=_names(data, "destinations"),
        regimes=_names(data, "regimes"),
        tasks=_names(data, "tasks"),
        stages=_names(activation_data, "stages") if isinstance(activation_data, dict) else frozenset(),
        classes=_names(data, "classes") | frozenset(default_classes()),
    )
    problems: list[Problem] = []
    try:
        scenario = Scenario.model_validate(data, context=known)
    except ValidationError as error:
        faults = _deepest(error.errors())
        problems = [_problem(file, fault) for fault in faults]
        sound = _without(data, [fault["loc"] for fault in faults])
        try:
            scenario = Scenario.model_validate(sound, context=known)
        except ValidationError:
            raise _faults(problems, file, tables) from None
        dangling = True
    else:
        dangling = False
    scenario._data, scenario._network = data, network
    scenario._file, scenario._tables = file, dict(tables)
    try:
        problems += check_scenario(scenario, network, file)
    except KeyError:
        if not dangling:  # a sound part leads to a faulty one, which is reported already
            raise
    if problems:
        raise _faults(problems, file, tables)
    return scenario


def _faults(problems: list[Problem], file: str, tables: Mapping[str, str]) -> InputError:
    """Return the error of these problems, each in the file where its key stands."""
    return InputError(replace(p, file=tables.get(p.key.split(".")[0], file)) for p in problems)


def _names(data: dict[str, Any], key: str) -> frozenset[str]:
    table = data.get(key)
    return frozenset(table) if isinstance(table, dict) else frozenset()


_KEYS = frozenset(
    key
    for module in (activation, model, plans, rules, tasks, values)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, BaseModel)
    for key in kind.model_fields
)


def _problem(file: str, fault: Any) -> Problem:
    """Say a fault that pydantic found as ours are said."""
    loc = [str(step) for step in fault["loc"] if step != "[key]"]
    if loc[:2] == ["activation", "stages"]:
        del loc[3:4]  # the kind of the stage, which is no key of the file
    value = "" if fault["type"] == "missing" or isinstance(fault["input"], dict | list) else str(fault["input"])
    mend = fault["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    if fault["type"] == "extra_forbidden":
        mend = f"is not a known key{did_you_mean(loc[-1], _KEYS)}"
        value = ""
    elif fault["type"] == "missing":
        mend = "is missing; add it"
    return Problem(file, ".".join(loc), value, mend)


def _deepest(faults: Sequence[Any]) -> list[Any]:
    """Leave out a fault that only follows from one inside it, such as a list left empty by its bad items."""
    inside = {fault["loc"][:depth] for fault in faults for depth in range(len(fault["loc"]))}
    return [fault for fault in faults if fault["loc"] not in inside]


def _without(data: dict[str, Any], faults: list[tuple[int | str, ...]]) -> dict[str, Any]:
    """Return the data without the entries that have a fault, so that the rest can be checked too."""
    sound = {key: dict(part) if isinstance(part, dict) else part for key, part in data.items()}
    for loc in faults:
        part = sound.get(str(loc[0]))
        if len(loc) > 1 and isinstance(part, dict):
            part.pop(str(loc[1]), None)
        elif loc[0] not in ("title", "network", "g_day", "horizon_days"):
            sound.pop(str(loc[0]), None)
    return sound
