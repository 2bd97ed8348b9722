"""Read the files of a scenario: TOML, the CSV tables it names, and the scenarios it extends."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from nfm_sim.files import Fault, problems_of, read_table, read_text
from nfm_sim.limits import MOST_EXTENDED, MOST_FILES
from nfm_sim.network import read_network
from nfm_sim.problems import InputError, Problem, gathered, refuse, some_of
from nfm_sim.scenario.changes import join_path, put, read_toml_text, set_path, split_path
from nfm_sim.scenario.faults import problems_of as problems_of_model
from nfm_sim.scenario.scenario import Scenario, build_scenario, faults_by_itself
from nfm_sim.scenario.values import Model, looks_like_one

AnyModel = TypeVar("AnyModel", bound=Model)


def read_scenario(file: str | Path) -> Scenario:
    """Read the scenario in `file` with its tables and its network.

    Nothing is executed, written or fetched. Raises `InputError` with every fault found.

    >>> nfm.read_scenario("scenarios/allied_brigade.toml").flows["brigade"].destination
    'east'
    """
    _, data, tables, remarks, faults = load_files(Path(file))
    if faults:
        raise InputError([*faults, *_besides(faults, data, str(file), tables)])
    network = read_network(data["network"])
    return build_scenario(data, network, file=str(file), tables=tables, remarks=remarks)


def _besides(faults: list[Problem], data: dict[str, Any], file: str, tables: dict[str, str]) -> list[Problem]:
    """What is wrong besides parts that cannot be read, and does not follow from them; of files that lack what they
    extend, nothing is known."""
    if any(fault.key in OF_A_FILE for fault in faults):
        return []
    told = {f"{fault.key}." for fault in faults}
    others = faults_by_itself(data, file, tables)
    return [problem for problem in others if not any(key.startswith(f"{problem.key}.") for key in told)]


class Loaded(NamedTuple):
    """What a scenario file holds with those that it extends: its data, by part the table that it came from and by path
    where else it stands, what is likely not meant by the way it is written, and what cannot be read and is left
    out."""

    file: str
    data: dict[str, Any]
    tables: dict[str, str]
    remarks: list[Problem]
    faults: list[Problem]


MAY_BE_TABLES = ("elements", "disruptions")
"""Parts of a scenario that may name a table of rows instead."""
OF_A_FILE = ("", "extends")
"""The keys of faults that keep a whole file from being read."""
NO_NETWORK = "must name a folder with node.csv and link.csv, from the scenario's own folder"
NO_TABLE = "must name a table (CSV or .xlsx), from the scenario's own folder"


def load_files(path: Path) -> Loaded:
    """Return what a scenario file holds with those that it extends.

    With `extends`, the file says only what differs from another, or from several that are laid over each other in
    turn: its tables are laid over theirs, key by key; lists and values replace theirs whole, and so do a
    distribution, the shares of a class and an empty table; `false` takes out what is there. `network` becomes a path
    from here.
    """
    found = _load(path, (), [])
    if "network" not in found.data and not any(fault.key in (*OF_A_FILE, "network") for fault in found.faults):
        found.faults.append(Problem(str(path), "network", "", NO_NETWORK))
    return found


def _load(path: Path, above: tuple[Path, ...], read: list[Path]) -> Loaded:
    """Load a file that those above it extend; `read` gathers all that are read."""
    read.append(path)
    own = read_toml(path)
    bases = own.pop("extends", [])
    found = Loaded(str(path), {}, {}, [], [])
    for name in bases if isinstance(bases, list) else [bases]:
        with gathered(found.faults):
            base = _load(_extended(path, name, above, read), (*above, path), read)
            found = _laid_on(found, base)
    own_tables, faults = _read_parts(path, own)
    remarks = list(_bare_headings(path, found.data, own))
    return _laid_on(found, Loaded(str(path), own, own_tables, remarks, faults))


def _laid_on(under: Loaded, over: Loaded) -> Loaded:
    tables = {**over.tables, **under.tables}
    for part in tables.keys() & under.data.keys() & over.data.keys():
        tables.setdefault(part, under.file)
        where = over.tables.get(part, over.file)
        tables |= {path: where for path, *_ in _laid({part: under.data[part]}, {part: over.data[part]})}
    data, remarks = lay_over(under.data, over.data), under.remarks + over.remarks
    return Loaded(over.file, data, tables, remarks, under.faults + over.faults)


def _laid(under: dict[str, Any], over: dict[str, Any], *way: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield what stands in one table that is laid over another: its path, what it takes the place of, and itself."""
    for key, value in over.items():
        below = under.get(key)
        if value and isinstance(value, dict) and isinstance(below, dict):
            yield from _laid(below, value, *way, key)
        else:
            yield join_path((*way, key)), below, value


def _extended(path: Path, name: object, above: Sequence[Path], read: Sequence[Path]) -> Path:
    """The path of a file that another extends."""
    if len(above) == MOST_EXTENDED:
        raise InputError.of(path, "extends", name, f"goes on over {MOST_EXTENDED} files; is it a circle?")
    if len(read) >= MOST_FILES:
        raise InputError.of(path, "extends", name, f"makes it more than {MOST_FILES} files; put some together")
    return _named(path, "extends", name, "", "must name a scenario file, from this one's own folder")


def _named(path: Path, key: str, name: object, needs: str, remedy: str) -> Path:
    """The path of what a part of a file names, in which a file is there that it `needs`."""
    if not isinstance(name, str) or not (path.parent / name / needs).is_file():
        raise InputError.of(path, key, name, remedy)
    return Path(os.path.normpath(path.parent / name))


def _read_parts(path: Path, data: dict[str, Any]) -> tuple[dict[str, str], list[Problem]]:
    """Put tables in the place of their names, and the path of the network from here. Return the tables by part, and
    what cannot be read, which is left out."""
    tables: dict[str, str] = {}
    faults: list[Problem] = []
    if "network" in data:
        name = data.pop("network")
        with gathered(faults):
            data["network"] = str(_named(path, "network", name, "node.csv", NO_NETWORK))
    for part in MAY_BE_TABLES:
        if isinstance(data.get(part), str):
            name = data.pop(part)
            with gathered(faults):
                table = _named(path, part, name, "", NO_TABLE)
                tables[part] = str(table)
                data[part] = read_rows(table)
    whose = {"": data, **{f"flows.{name}.": flow for name, flow in _tables_in(data, "flows")}}
    programmes = [(f"{of}programme", part.get("programme")) for of, part in whose.items()]
    for key, programme in (*programmes, *((f"programmes.{name}", of) for name, of in _tables_in(data, "programmes"))):
        if isinstance(programme, dict) and isinstance(programme.get("slots"), str):
            name = programme.pop("slots")
            with gathered(faults):
                programme["slots"] = _read_slots(_named(path, f"{key}.slots", name, "", NO_TABLE))
    return tables, faults


HEADING, QUOTED = re.compile(r"^[ \t]*\[([^\[\]\n]+)\]", flags=re.MULTILINE), re.compile("[ \t\"']")


def _bare_headings(path: Path, under: dict[str, Any], over: dict[str, Any]) -> Iterator[Problem]:
    """Headings with nothing below them, which empty what is extended: likely a table whose lines are still to come."""
    emptied = {key: lost for key, lost, value in _laid(under, over) if value == {} and lost and isinstance(lost, dict)}
    headings = {QUOTED.sub("", text) for text in HEADING.findall(read_text(path))} if emptied else set()
    for key, lost in emptied.items():
        if QUOTED.sub("", key) in headings:
            remedy = f"is a heading with nothing below it, and takes out {some_of(lost)}; "
            yield Problem(str(path), key, "", remedy + f"leave it out, or say {key} = {{}}")


def _tables_in(data: dict[str, Any], part: str) -> list[tuple[str, dict[str, Any]]]:
    """The tables of a part, by name."""
    tables = data.get(part)
    return [item for item in tables.items() if isinstance(item[1], dict)] if isinstance(tables, dict) else []


def _read_slots(file: Path) -> list[dict[str, Any]]:
    """Read the table of the slots of a programme."""
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
        whole = not value or within == "shares" or (both and looks_like_one(below) and {*value} != {"zero_share"})
        put(merged, key, lay_over(below, value, key) if both and not whole else value)  # type: ignore[arg-type]
    return merged


def read_toml(path: Path) -> dict[str, Any]:
    """Return the data of a TOML file."""
    text = read_text(path)
    try:
        return read_toml_text(text)
    except ValueError as error:  # of tomllib itself, or of a number with thousands of digits
        raise InputError.of(path, "", "", f"is not TOML: {error}") from None


def read_model(path: Path, model: type[AnyModel]) -> AnyModel:
    """Return a TOML file as a model. Raises `InputError` with all that is wrong with it."""
    return as_model(path, read_toml(path), model)


def as_model(path: Path, data: dict[str, Any], model: type[AnyModel]) -> AnyModel:
    """Return what a file holds as a model, likewise."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InputError(problems_of_model(str(path), error.errors(include_url=False), model)) from None


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
