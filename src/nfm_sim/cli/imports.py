"""Tables of others: `nfm-sim import forces, timetable`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nfm_sim.cli.app import AsJson, Commands, app, print_json, say
from nfm_sim.cli.options import Force, spare
from nfm_sim.problems import counted
from nfm_sim.writing import csv_of, write_all

if TYPE_CHECKING:
    from nfm_sim.scenario import Forces

import_app = Commands(help="Bring tables of others into a scenario.", no_args_is_help=True)
app.add_typer(import_app, name="import")

Target = Annotated[Path, typer.Argument(metavar="OUT", help="The file to write.")]


@import_app.command("forces")
def forces(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="A table: CSV or .xlsx.")],
    to: Target,
    mapping: Annotated[Path, typer.Option("--map", help="What its columns, items and ports are (TOML).")],
    extends: Annotated[Path | None, typer.Option(help="For flows: the scenario that the written one extends.")] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Make force elements (a CSV table) or flows (a scenario file) of a movement table.

    `nfm-sim new NAME --from tpfdd` and `--from unit_equipment` make folders with a mapping, a table and a scenario.
    """
    from nfm_sim.scenario import read_movements

    spare(to, "OUT", force)
    made = read_movements(table, mapping)
    _write(to, _elements_csv(made.elements) if made.elements else _flows_toml(made, to, extends))
    said = counted(len(made.elements), "force element") if made.elements else counted(len(made.flows), "flow")
    _say(to, [*made.remarks, said], as_json)


def _say(to: Path, remarks: Sequence[str], as_json: bool) -> None:
    if as_json:
        print_json({"file": str(to), "remarks": list(remarks)})
        return
    for remark in remarks:
        say(remark)
    say(f"Written: {to}")


def _write(to: Path, content: bytes) -> None:
    write_all(to.parent, {to.name: content})


def _flows_toml(made: Forces, to: Path, extends: Path | None) -> bytes:
    from nfm_sim.scenario.toml_text import toml_of

    data: dict[str, Any] = {"flows": made.flows}
    if extends is not None:
        data = {"extends": Path(os.path.relpath(extends, to.parent)).as_posix(), **data}
    return toml_of(data, sections=4).encode()


def _elements_csv(elements: Mapping[str, Mapping[str, Any]]) -> bytes:
    """The table of elements, its headings dotted paths."""
    rows = {name: dict(_flat(entry)) for name, entry in elements.items()}
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    cells = ([name, *(row.get(column, "") for column in columns)] for name, row in rows.items())
    return csv_of([["element", *columns], *cells])


def _flat(entry: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    cells = []
    for key, value in entry.items():
        path = f"{above}{key}"
        if isinstance(value, Mapping):
            cells += _flat(value, f"{path}.")
        elif isinstance(value, list):
            cells.append((path, "; ".join(map(str, value))))
        else:
            cells.append((path, str(value).lower() if isinstance(value, bool) else str(value)))
    return cells


@import_app.command("timetable")
def timetable(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A GTFS feed, unpacked.")],
    to: Target,
    mapping: Annotated[Path, typer.Option("--map", help="The stops at the ends of each line, and its paths (TOML).")],
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write the train paths that a public timetable leaves, by line and hour of the week, as a part of a scenario."""
    from nfm_sim.scenario.timetable import civil_paths, read_timetable
    from nfm_sim.scenario.toml_text import toml_of

    spare(to, "OUT", force)
    left = read_timetable(folder, mapping)
    _write(to, toml_of(civil_paths(left), sections=4).encode())
    said = f"paths left on {counted(len(left.weeks), 'line')}; a scenario takes them with extends"
    _say(to, [*left.remarks, said], as_json)
