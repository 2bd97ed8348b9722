"""Read the files of a scenario: TOML, the CSV tables it names, and the scenarios it extends."""

from __future__ import annotations

import csv
import os
import tomllib
from pathlib import Path
from typing import Any

from nfm_sim.network import read_network
from nfm_sim.problems import InputError, Problem
from nfm_sim.scenario.changes import set_path
from nfm_sim.scenario.scenario import Scenario, build_scenario
from nfm_sim.scenario.values import FAMILIES

MOST_EXTENDED = 10
"""Scenarios that extend each other; more is taken for a circle."""


def read_scenario(file: str | Path) -> Scenario:
    """Read the scenario in `file` with its tables and its network.

    Nothing is executed, written or fetched. Raises `InputError` with every fault found.

    >>> nfm.read_scenario("scenarios/allied_brigade.toml").flows["brigade"].destination
    'east'
    """
    data, tables = load_files(Path(file))
    network = read_network(data["network"])
    return build_scenario(data, network, file=str(file), tables=tables)


def load_files(path: Path, depth: int = 0) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the data of a scenario file, and by part the table that it came from.

    With `extends`, the file says only what differs from another, or from several that are laid over each other in
    turn: its tables are laid over theirs, key by key; lists and values replace theirs whole, and so does a
    distribution. `network` becomes a path from here.
    """
    data = _read_toml(path)
    tables: dict[str, str] = {}
    base = data.pop("extends", None)
    bases = [] if base is None else base if isinstance(base, list) else [base]
    for name in bases:
        if not isinstance(name, str) or not (path.parent / name).is_file():
            raise _fault(path, "extends", name, "must name a scenario file, from this one's own folder")
        if depth == MOST_EXTENDED:
            raise _fault(path, "extends", name, f"goes on over {MOST_EXTENDED} files; is it a circle?")
    if "network" in data or not bases:
        folder = data.get("network")
        if not isinstance(folder, str) or not (path.parent / folder / "node.csv").is_file():
            remedy = "must name a folder with node.csv and link.csv, from the scenario's own folder"
            raise _fault(path, "network", folder, remedy)
        data["network"] = os.path.normpath(path.parent / folder)
    if isinstance(data.get("elements"), str):
        tables["elements"] = os.path.normpath(path.parent / data["elements"])
        data["elements"] = _read_table(Path(tables["elements"]), str(path))
    under: dict[str, Any] = {}
    for name in bases:
        base_data, base_tables = load_files(path.parent / name, depth + 1)
        under = lay_over(under, base_data)
        tables = {**base_tables, **tables}
    return lay_over(under, data), tables


def lay_over(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return one table laid over another, key by key."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(value, dict) and isinstance(below, dict)
        merged[key] = lay_over(below, value) if both and not set(value) & set(FAMILIES) else value  # type: ignore[arg-type]
    return merged


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise _fault(path, "file", "", f"cannot be read ({reason})") from None
    except tomllib.TOMLDecodeError as error:
        raise _fault(path, "file", "", f"is not TOML: {error}") from None


def _fault(path: Path, key: str, value: object, remedy: str) -> InputError:
    return InputError([Problem(str(path), key, str(value or ""), remedy)])


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
            remedy = f"has {len(cells)} cells where the headings are {len(header)}"
            problems.append(Problem(str(path), f"line {number}", name, remedy))
        elif not name or name in table:
            remedy = "must be a name that no other line has"
            problems.append(Problem(str(path), f"line {number}, {header[0]}", name, remedy))
        else:
            for column, cell in zip(header[1:], cells[1:], strict=True):
                if cell.strip():
                    set_path(row, column, cell.strip())
            table[name] = row
    if problems:
        raise InputError(problems)
    return table
