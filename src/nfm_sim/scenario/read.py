"""Read a scenario: one TOML file with the CSV tables it names, checked whole against its network."""

from __future__ import annotations

import csv
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from nfm_sim.network import Network, read_network
from nfm_sim.problems import InputError, Problem, did_you_mean
from nfm_sim.scenario import activation, model, rules, values
from nfm_sim.scenario.check import check_scenario
from nfm_sim.scenario.model import Scenario
from nfm_sim.scenario.rules import default_classes
from nfm_sim.scenario.values import Known


def read_scenario(file: str | Path) -> Scenario:
    """Read the scenario in `file` with its tables and its network.

    Nothing is executed, written or fetched. Raises `InputError` with every fault found.
    """
    path = Path(file)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError([Problem(str(path), "file", "", f"cannot be read ({reason})")]) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError([Problem(str(path), "file", "", f"is not TOML: {error}")]) from None
    folder = data.get("network")
    if not isinstance(folder, str) or not (path.parent / folder / "node.csv").is_file():
        mend = "must name a folder with node.csv and link.csv, from the scenario's own folder"
        raise InputError([Problem(str(path), "network", str(folder or ""), mend)])
    tables = {}
    if isinstance(data.get("elements"), str):
        tables["elements"] = os.path.normpath(path.parent / data["elements"])
        data["elements"] = _read_table(Path(tables["elements"]), str(path))
    network = read_network(os.path.normpath(path.parent / folder))
    return build_scenario(data, network, str(path), tables)


def build_scenario(
    data: dict[str, Any], network: Network, file: str = "scenario", tables: Mapping[str, str] | None = None
) -> Scenario:
    """Make a scenario of plain data (as TOML would give it); raise `InputError` with every fault.

    Errors name `file`, or for a part that came from a table of its own, the file in `tables`.
    """
    tables = tables or {}
    known = Known(
        network=network,
        pools=_names(data, "pools"),
        elements=_names(data, "elements"),
        destinations=_names(data, "destinations"),
        regimes=_names(data, "regimes"),
        classes=_names(data, "classes") or frozenset(default_classes()),
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


def set_path(data: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a dotted path in plain data, making the tables on the way that are not there."""
    *way, last = path.split(".")
    at: Any = data
    for step in way:
        at = _list_item(at, step, path) if isinstance(at, list) else at.setdefault(step, {})
        if not isinstance(at, dict | list):
            raise InputError([Problem("changes", path, str(value), f'"{step}" is a value, not a table')])
    if isinstance(at, list):
        _list_item(at, last, path)
        at[int(last)] = value
    else:
        at[last] = value


def _list_item(items: list[Any], step: str, path: str) -> Any:
    if not step.isdigit() or int(step) >= len(items):
        mend = f"must count from 0 to {len(items) - 1} in this list"
        raise InputError([Problem("changes", path, step, mend)])
    return items[int(step)]


def _names(data: dict[str, Any], key: str) -> frozenset[str]:
    table = data.get(key)
    return frozenset(table) if isinstance(table, dict) else frozenset()


def _read_table(path: Path, scenario_file: str) -> dict[str, Any]:
    """Read a CSV table whose first column names the rows and whose headings are dotted paths."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError([Problem(scenario_file, "elements", str(path), f"cannot be read ({reason})")]) from None
    if not lines or len(lines[0]) < 2:
        raise InputError([Problem(str(path), "line 1", "", "must hold the column headings")])
    header, table, problems = [column.strip() for column in lines[0]], {}, []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cells):
            continue
        name = cells[0].strip()
        row: dict[str, Any] = {}
        if len(cells) != len(header):
            mend = f"has {len(cells)} cells where the headings are {len(header)}"
            problems.append(Problem(str(path), f"line {number}", name, mend))
        elif not name or name in table:
            mend = "must be a name that no other line has"
            problems.append(Problem(str(path), f"line {number}, {header[0]}", name, mend))
        else:
            for column, cell in zip(header[1:], cells[1:], strict=True):
                if cell.strip():
                    set_path(row, column, cell.strip())
            table[name] = row
    if problems:
        raise InputError(problems)
    return table


_KEYS = frozenset(
    key
    for module in (activation, model, rules, values)
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
