"""Read the files of a scenario: TOML, the CSV tables it names, and the scenarios it extends."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from nfm_sim.files import Fault, problems_of, read_table, read_text
from nfm_sim.kinds import FAMILIES
from nfm_sim.limits import MOST_EXTENDED, MOST_FILES
from nfm_sim.network import read_network
from nfm_sim.problems import InputError, Problem, refuse, some_of
from nfm_sim.scenario.changes import join_path, put, read_toml_text, set_path, split_path
from nfm_sim.scenario.faults import problems_of as problems_of_model
from nfm_sim.scenario.scenario import Scenario, build_scenario
from nfm_sim.scenario.values import Model

AnyModel = TypeVar("AnyModel", bound=Model)


def read_scenario(file: str | Path) -> Scenario:
    """Read the scenario in `file` with its tables and its network.

    Nothing is executed, written or fetched. Raises `InputError` with every fault found.

    >>> nfm.read_scenario("scenarios/allied_brigade.toml").flows["brigade"].destination
    'east'
    """
    data, tables, remarks = load_files(Path(file))
    network = read_network(data["network"])
    return build_scenario(data, network, file=str(file), tables=tables, remarks=remarks)


class Loaded(NamedTuple):
    """What a scenario file holds with those that it extends: its data, by part the table that it came from, and what is
    likely not meant by the way it is written."""

    data: dict[str, Any]
    tables: dict[str, str]
    remarks: tuple[Problem, ...]


def load_files(path: Path) -> Loaded:
    """Return what a scenario file holds.

    With `extends`, the file says only what differs from another, or from several that are laid over each other in
    turn: its tables are laid over theirs, key by key; lists and values replace theirs whole, and so do a
    distribution, the shares of a class and an empty table; `false` takes out what is there. `network` becomes a path
    from here.
    """
    return _load(path, (), [])


MAY_BE_TABLES = ("elements", "disruptions")
"""Parts of a scenario that may name a table of rows instead."""
NO_NETWORK = "must name a folder with node.csv and link.csv, from the scenario's own folder"


def _load(path: Path, above: tuple[Path, ...], read: list[Path]) -> Loaded:
    """Load a file that those above it extend; `read` gathers all that are read."""
    read.append(path)
    data = read_toml(path)
    tables: dict[str, str] = {}
    base = data.pop("extends", None)
    bases = [] if base is None else base if isinstance(base, list) else [base]
    for name in bases:
        if not isinstance(name, str) or not (path.parent / name).is_file():
            raise _fault(path, "extends", name, "must name a scenario file, from this one's own folder")
        if len(above) == MOST_EXTENDED:
            raise _fault(path, "extends", name, f"goes on over {MOST_EXTENDED} files; is it a circle?")
        if len(read) >= MOST_FILES:
            raise _fault(path, "extends", name, f"makes it more than {MOST_FILES} files; put some together")
    if "network" in data:
        folder = data.get("network")
        if not isinstance(folder, str) or not (path.parent / folder / "node.csv").is_file():
            raise _fault(path, "network", folder, NO_NETWORK)
        data["network"] = os.path.normpath(path.parent / folder)
    for part in MAY_BE_TABLES:
        if isinstance(name := data.get(part), str):
            if not (path.parent / name).is_file():
                raise _fault(path, part, name, "must name a table (CSV or .xlsx), from the scenario's own folder")
            tables[part] = os.path.normpath(path.parent / name)
            data[part] = read_rows(Path(tables[part]))
    of_flows = [part.get("programme") for part in (data, *_tables_in(data.get("flows")))]
    for programme in (*of_flows, *_tables_in(data.get("programmes"))):
        if isinstance(programme, dict) and isinstance(programme.get("slots"), str):
            programme["slots"] = _read_slots(path, programme["slots"])
    under: dict[str, Any] = {}
    remarks: tuple[Problem, ...] = ()
    for name in bases:
        base = _load(path.parent / name, (*above, path), read)
        under = lay_over(under, base.data)
        tables = {**base.tables, **tables}
        remarks += base.remarks
    remarks += tuple(_bare_headings(path, under, data))
    whole = lay_over(under, data)
    if "network" not in whole and not above:
        raise _fault(path, "network", None, NO_NETWORK)
    return Loaded(whole, tables, remarks)


HEADING, QUOTED = re.compile(r"^[ \t]*\[([^\[\]\n]+)\]", flags=re.MULTILINE), re.compile("[ \t\"']")


def _bare_headings(path: Path, under: dict[str, Any], over: dict[str, Any]) -> Iterator[Problem]:
    """Headings with nothing below them, which empty what is extended: likely a table whose lines are still to come."""
    emptied = dict(_emptied(under, over))
    headings = {QUOTED.sub("", text) for text in HEADING.findall(read_text(path))} if emptied else set()
    for key, lost in emptied.items():
        if QUOTED.sub("", key) in headings:
            remedy = f"is a heading with nothing below it, and takes out {some_of(lost)}; "
            yield Problem(str(path), key, "", remedy + f"leave it out, or say {key} = {{}}")


def _emptied(under: dict[str, Any], over: dict[str, Any], *way: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield by path the tables that an empty one takes the place of."""
    for key, value in over.items():
        below = under.get(key)
        if isinstance(value, dict) and isinstance(below, dict) and below:
            if value:
                yield from _emptied(below, value, *way, key)
            else:
                yield join_path((*way, key)), below


def _tables_in(part: object) -> list[dict[str, Any]]:
    return [table for table in part.values() if isinstance(table, dict)] if isinstance(part, dict) else []


def _read_slots(path: Path, name: str) -> list[dict[str, Any]]:
    """Read the table of the slots of a programme."""
    if not (path.parent / name).is_file():
        raise _fault(path, "programme.slots", name, "must name a table (CSV or .xlsx), from the scenario's own folder")
    file = path.parent / name
    table = read_table(file, needs=("day", "port", "mode", "loads"))
    slots, faults = [], list(table.faults)
    for row in table.rows:
        slot: dict[str, Any] = {"port": row.cells["port"] or None, "mode": row.cells["mode"]}
        for column, number in (("day", float), ("loads", int)):
            try:
                slot[column] = number(row.cells[column])
            except ValueError:
                faults.append(table.fault(row, column, f"must be a {'' if number is float else 'whole '}number"))
        slots.append(slot)
    refuse(problems_of(file, faults))
    return slots


def lay_over(under: dict[str, Any], over: dict[str, Any], within: str = "") -> dict[str, Any]:
    """Return one table laid over another, key by key; an empty one empties it. The shares of a class are one value, as
    they add up to 1."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(value, dict) and isinstance(below, dict)
        whole = not value or within == "shares" or (both and bool(set(value) & set(FAMILIES)))
        put(merged, key, lay_over(below, value, key) if both and not whole else value)  # type: ignore[arg-type]
    return merged


def read_toml(path: Path) -> dict[str, Any]:
    """Return the data of a TOML file."""
    text = read_text(path)
    try:
        return read_toml_text(text)
    except ValueError as error:  # of tomllib itself, or of a number with thousands of digits
        raise _fault(path, "", "", f"is not TOML: {error}") from None


def read_model(path: Path, model: type[AnyModel]) -> AnyModel:
    """Return a TOML file as a model. Raises `InputError` with all that is wrong with it."""
    data = read_toml(path)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InputError(problems_of_model(str(path), error.errors(include_url=False), model)) from None


def _fault(path: Path, key: str, value: object, remedy: str) -> InputError:
    return InputError([Problem(str(path), key, str(value or ""), remedy)])


def read_rows(path: Path) -> dict[str, Any]:
    """Read a table whose first column names the rows and whose headings are dotted paths."""
    table = read_table(path)
    first, *columns = table.columns
    rows: dict[str, Any] = {}
    faults = list(table.faults)
    paths: list[str] = []
    for column in columns:
        try:
            split_path(column)
            paths.append(column)
        except InputError as error:
            faults.append(Fault(1, "heading", column, error.problems[0].remedy))
    for row in table.rows:
        name = row.cells[first]
        if not name or name in rows:
            faults.append(table.fault(row, first, "must be a name that no other line has"))
            continue
        rows[name] = {}
        for column in paths:
            try:
                if row.cells[column]:
                    set_path(rows[name], column, row.cells[column])
            except InputError as error:
                faults.append(table.fault(row, column, error.problems[0].remedy))
    refuse(problems_of(path, faults))
    return rows
