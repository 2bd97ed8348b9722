"""Import a network as others write it, and write it in the form of ours: each thing that is mended or left out is said.

A network that is read for a simulation must be sound. One that was made for another purpose rarely is: its coordinates
are metres of a projection, its lengths have no unit, a link ends at a node that is not there. What a person would mend
by hand, with what is known, is mended here once.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

from nfm_sim.files import read_table
from nfm_sim.kinds import NETWORKS
from nfm_sim.network.check import wrong_lengths
from nfm_sim.network.lines import line_tables
from nfm_sim.network.network import Link, Network, Node, great_circle_km
from nfm_sim.network.openstreetmap import openstreetmap_tables
from nfm_sim.network.plain import network_data
from nfm_sim.network.shapes import ToDegrees, to_degrees_from
from nfm_sim.network.sources import FolderTables, Tables
from nfm_sim.network.tables import Mends, network_of
from nfm_sim.problems import InputError, Problem, counted, did_you_mean
from nfm_sim.writing import write_all

OURS = {"nodes": "node.csv", "links": "link.csv", "facilities": "facility.csv", "outline": "outline.csv"}
"""By part of a network as data: its table."""
NO_USE = "none"
"""A list without an entry: an empty cell is one that is not given, and would be derived."""
CONFIG = {"long_length": "km", "short_length": "m", "speed": "km/h", "crs": "EPSG:4326", "version_number": "0.96"}


def import_network(
    folder: str | Path,
    *,
    length: str = "",
    speed: str = "",
    crs: str = "",
    modes: Sequence[str] = ("road",),
    types: str | Path | None = None,
) -> Network:
    """Read a network of another's, and mend what can be mended; `Network.remarks` says what. It is a GMNS folder, an
    extract of OpenStreetMap (.osm, .osm.pbf), or lines (.geojson, .gpkg); all but the first need the extra `geo`.

    `length` ("mile"), `speed` ("mph") and `crs` ("EPSG:32619"; needs the extra `geo`) say what `config.csv` does not,
    or says wrongly. Rows that cannot be read are left out, with the links that end at them; a link that is shorter than
    the great circle between its ends gets its length. Of OpenStreetMap the ways of `modes` (road, rail, water) are
    taken; lines that do not say their use have these. `types` is a table with the columns node_id and node_type, and
    name and country if need be: what nodes are here (ports, terminals, border crossings). Raises `InputError` when a
    table is missing, the unit of lengths is plainly another, or nothing is left.

    >>> nfm.network.import_network("networks/netherlands").remarks
    ()
    """
    to_degrees = _to_degrees(crs) if crs else None
    network = network_of(_tables_of(Path(folder), modes, to_degrees), Mends(length, speed, to_degrees))
    unit = [problem for problem in wrong_lengths(network) if problem.key == "length"]
    if unit:
        raise InputError(replace(problem, remedy=f"{problem.remedy}, or with --length") for problem in unit)
    if not network.links:
        raise InputError([Problem(str(folder), "link.csv", "", "has no link that can be read")])
    remarks = list(network.remarks)
    nodes = _typed(network, Path(types)) if types is not None else dict(network.nodes)
    links = {link.name: _as_long_as_it_must_be(link, nodes) for link in network.links.values()}
    stretched = sum(link.km != network.links[link.name].km for link in links.values())
    if stretched:
        remedy = f"{counted(stretched, 'link')} shorter than the great circle between their ends: made as long as that"
        remarks.append(Problem(str(Path(folder) / "link.csv"), "length", "", remedy))
    return replace(network, nodes=nodes, links=links, remarks=tuple(remarks))


def _tables_of(path: Path, modes: Sequence[str], to_degrees: ToDegrees | None) -> Tables:
    """The tables of a folder, or those that are made of a file."""
    unknown = [mode for mode in modes if mode not in NETWORKS]
    if unknown:
        remedy = f"must be some of {', '.join(NETWORKS)}{did_you_mean(unknown[0], NETWORKS)}"
        raise InputError([Problem("network import", "mode", unknown[0], remedy)])
    name = path.name.lower()
    if name.endswith((".osm", ".pbf", ".osm.gz", ".osm.bz2")):
        return openstreetmap_tables(path, modes)
    return line_tables(path, modes, to_degrees) if name.endswith((".geojson", ".json", ".gpkg")) else FolderTables(path)


def _to_degrees(crs: str) -> ToDegrees:
    """The way to degrees from the system that is asked for."""
    found = to_degrees_from(crs)
    if found is None:
        remedy = "is no coordinate reference system that is known; name one as EPSG:28992"
        raise InputError([Problem("network import", "crs", crs, remedy)])
    return found


def _as_long_as_it_must_be(link: Link, nodes: Mapping[str, Node]) -> Link:
    straight = great_circle_km(nodes[link.start], nodes[link.end])
    return link if link.km >= straight else replace(link, km=straight)


def _typed(network: Network, file: Path) -> dict[str, Node]:
    """The nodes with the types that a table gives them."""
    table = read_table(file)
    nodes, problems = dict(network.nodes), []
    for row in table.rows:
        name = row.cells.get("node_id", "")
        if name not in nodes:
            remedy = f"is no node of this network{did_you_mean(name, nodes)}"
            problems.append(Problem(str(file), f"line {row.line}, node_id", name, remedy))
            continue
        node = nodes[name]
        nodes[name] = replace(
            node,
            kind=row.cells.get("node_type") or node.kind,
            title=row.cells.get("name") or node.title,
            country=row.cells.get("country") or node.country,
        )
    if problems:
        raise InputError(problems)
    return nodes


def write_network(network: Network, folder: str | Path) -> list[Path]:
    """Write a network as the tables that `read_network` reads, in km, km/h and degrees; return the files.

    >>> nfm.network.write_network(nfm.read_network("networks/netherlands"), folder / "again")[0].name
    'config.csv'
    """
    data = network_data(network)
    tables: dict[str, list[dict[str, Any]]] = {"config.csv": [CONFIG]}
    tables |= {file: data[part] for part, file in OURS.items() if data[part] or part in ("nodes", "links")}
    return write_all(Path(folder), {name: _csv(rows) for name, rows in tables.items()})


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0])
    writer.writerows(list(_cells(row)) for row in rows)
    return text.getvalue().encode()


def _cells(row: Mapping[str, Any]) -> Iterator[str]:
    """The cells of a row, as tables have them."""
    for cell in row.values():
        if cell is None:
            yield ""
        elif isinstance(cell, bool):
            yield str(cell).lower()
        elif isinstance(cell, list):
            yield ",".join(cell) or NO_USE
        else:
            yield str(cell)
