"""Networks, and tables of others: `nfm-sim network check, import, route` and `nfm-sim import forces, timetable`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import nfm_sim as nfm
from nfm_sim.cli.app import Commands, Row, answered, app, out, print_told, say, warn
from nfm_sim.cli.options import spare
from nfm_sim.files import csv_of, write_all
from nfm_sim.problems import InputError, counted, refuse
from nfm_sim.shipped import NETHERLANDS, example

if TYPE_CHECKING:
    from nfm_sim.scenario.movement_tables import Forces


network_app = Commands(help="Check a network and route over it.", no_args_is_help=True)
app.add_typer(network_app, name="network")


@network_app.command("check")
def network_check(folder: Path, strict: bool = False) -> None:
    """Prove that a network holds together, and count what it has by mode."""
    network = nfm.read_network(folder)
    sound = f"Read: {network.sizes}; all endpoints exist, no name stands twice."
    _tell(network, strict, {"network": str(folder)}, sound)


def _tell(network: nfm.Network, strict: bool, about: Row, *lines: str) -> None:
    """Print what a network has by mode; raise its problems, or print lines, its evidence and what is proved of it; or
    all of that, and what is said `about` it, as JSON."""
    counts = nfm.network.count_network(network)
    warn(nfm.network.network_warnings(network), strict)
    if not out.as_json:
        rows = [{"mode": mode, **numbers} for mode, numbers in counts.items()]
        print_told("network", rows, title=str(network.path))
    refuse(nfm.network.check_network(network))
    evidence, proved = nfm.network.evidence(network), nfm.network.proved(network)
    if not answered({**about, "modes": counts, "evidence": evidence, "proved": proved}):
        for line in (*lines, *evidence, *proved):
            say(line)


@network_app.command("import")
def network_import(
    folder: Path,
    to: Path,
    length: str = "",
    speed: str = "",
    crs: str = "",
    mode: list[str] | None = None,
    least: str = "residential",
    closed: bool = False,
    types: Path | None = None,
) -> None:
    """Write a network of another's in the form of ours, and say what was mended, left out and not read."""
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise InputError.of(to, "OUT", "", "holds files; choose another folder")
    modes = [word.strip() for word in ",".join(mode or ["road"]).split(",")]
    network = nfm.network.import_network(
        folder, length=length, speed=speed, crs=crs, modes=modes, least=least, closed=closed, types=types
    )
    written = [str(file) for file in nfm.network.write_network(network, to)]
    remarks = [str(remark) for remark in network.remarks]
    if not out.as_json:
        for line in (*remarks, f"Written: {', '.join(written)}"):
            say(line)
    _tell(replace(network, path=to, remarks=()), False, {"written": written, "remarks": remarks})


@network_app.command("route")
def network_route(start: str, end: str, mode: str = "road", folder: Path | None = None) -> None:
    """Print the fastest route when nothing is in the way: its links, km and hours."""
    network = nfm.read_network(folder or example(NETHERLANDS))
    start, end = (normalize("NFC", name) for name in (start, end))
    route = network.route(start, end, mode)
    rows = [
        {"link": link.name, "line": link.line, "to": network.nodes[node].title, "km": link.km, "h": hours}
        for link, hours, node in zip(route.links, route.link_h, route.nodes[1:], strict=True)
    ]
    if answered({"km": route.km, "hours": route.hours, "links": rows}):
        return
    total = {"link": counted(len(route.links), "link"), "line": "", "to": "", "km": route.km, "h": route.hours}
    print_told("route", rows, title=f"{start} to {end} by {mode}", total=total)


# Tables of others


import_app = Commands(help="Bring tables of others into a scenario.", no_args_is_help=True)
app.add_typer(import_app, name="import")


@import_app.command("forces")
def forces(table: Path, to: Path, mapping: Path, extends: Path | None = None, force: bool = False) -> None:
    """Make force elements (a CSV table) or flows (a scenario file) of a movement table.

    `nfm-sim new NAME --from tpfdd` and `--from unit_equipment` make folders with a mapping, a table and a scenario.
    """
    from nfm_sim.scenario.movement_tables import read_movements

    spare(to, "OUT", force)
    if extends is not None and not extends.is_file():
        raise InputError.of("import", "--extends", extends, "is no file; name the scenario that has the rest")
    made = read_movements(table, mapping)
    if extends is not None and made.elements:
        remedy = "is for flows; elements are a table, which extends none"
        raise InputError.of("import", "--extends", extends, remedy)
    what, suffix = ("force elements", ".csv") if made.elements else ("flows", ".toml")
    if to.suffix.lower() != suffix:
        raise InputError.of("import", "OUT", str(to), f"must end in {suffix}, as what {what} are written to")
    content = _elements_csv(made.elements) if made.elements else _flows_toml(made, to, extends)
    said = counted(len(made.elements), "force element") if made.elements else counted(len(made.flows), "flow")
    _write(to, content, [*made.remarks, said])


def _write(to: Path, content: bytes, remarks: Sequence[str]) -> None:
    write_all(to.parent, {to.name: content})
    if not answered({"file": str(to), "remarks": list(remarks)}):
        for line in (*remarks, f"Written: {to}"):
            say(line)


def _flows_toml(made: Forces, to: Path, extends: Path | None) -> bytes:
    from nfm_sim.scenario.changes import toml_of

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


def _flat(entry: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in entry.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        elif isinstance(value, list):
            yield f"{above}{key}", "; ".join(map(str, value))
        else:
            yield f"{above}{key}", str(value).lower() if isinstance(value, bool) else str(value)


@import_app.command("timetable")
def timetable(folder: Path, to: Path, mapping: Path, force: bool = False) -> None:
    """Write the train paths that a public timetable leaves, by line and hour of the week, as a part of a scenario."""
    from nfm_sim.scenario.changes import toml_of
    from nfm_sim.scenario.timetable import civil_paths, read_timetable

    spare(to, "OUT", force)
    left = read_timetable(folder, mapping)
    said = f"paths left on {counted(len(left.weeks), 'line')}; a scenario takes them with extends"
    _write(to, toml_of(civil_paths(left), sections=4).encode(), [*left.remarks, said])
