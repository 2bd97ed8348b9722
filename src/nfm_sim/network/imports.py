"""Import a network as others write it, and write it in the form of ours: each thing that is mended or left out is said.

A network that is read for a simulation must be sound. One that was made for another purpose rarely is: its coordinates
are metres of a projection, its lengths have no unit, a link ends at a node that is not there. What a person would mend
by hand, with what is known, is mended here once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from nfm_sim.files import csv_of, read_table, write_all
from nfm_sim.kinds import NETWORKS
from nfm_sim.network.check import straight_km, swapped, wrong_unit
from nfm_sim.network.network import Network, Node
from nfm_sim.network.openstreetmap import ROADS, Tags, read_openstreetmap
from nfm_sim.network.plain import network_rows
from nfm_sim.network.shapes import to_degrees_from
from nfm_sim.network.tables import Mends, Tables, network_of
from nfm_sim.problems import InputError, Problem, counted, did_you_mean, refuse

OURS = {"nodes": "node.csv", "links": "link.csv", "facilities": "facility.csv", "outline": "outline.csv"}
"""By part of a network as data: its table."""
NO_USE = "none"
"""A list without an entry: an empty cell is one that is not given, and would be derived."""
CONFIG = {"long_length": "km", "short_length": "m", "speed": "km/h", "crs": "EPSG:4326", "version_number": "0.96"}
TYPED = {"kind": "node_type", "title": "name", "country": "country"}
"""By field of a node: the column of the table that gives it."""
FOLDER, EXTRACT, LINES = "a GMNS folder", "OpenStreetMap", "lines"
FILES = {EXTRACT: (".osm", ".pbf", ".osm.gz", ".osm.bz2", ".osm.xml"), LINES: (".geojson", ".json", ".gpkg")}
"""How the names of files end, by what they are."""
READ = {FOLDER: ("length", "speed", "crs"), EXTRACT: ("mode", "least", "closed"), LINES: ("speed", "crs", "mode")}
"""The options that are read of each."""


def import_network(
    folder: str | Path,
    *,
    length: str = "",
    speed: str = "",
    crs: str = "",
    modes: Sequence[str] = ("road",),
    least: str = ROADS[-1],
    closed: bool = False,
    types: str | Path | None = None,
) -> Network:
    """Read a network of another's, and mend what can be mended; `Network.remarks` says what. It is a GMNS folder, an
    extract of OpenStreetMap (.osm, .osm.pbf), or lines (.geojson, .gpkg); all but the first need the extra `geo`.

    `length` ("mile"; "none" uses no lengths), `speed` ("mph") and `crs` ("EPSG:32619"; needs the extra `geo`) say what
    `config.csv` does not, or says wrongly. Rows that cannot be read are left out, with the links that end at them; a
    link that is shorter than the great circle between its ends gets its length. Of OpenStreetMap the ways of `modes`
    (road, rail, water) are taken, of roads those of the class `least` and above, and those that are `closed` to traffic
    where that is asked for; lines that do not say their use have the modes. `types` is a table with the columns node_id
    and node_type, and name and country if need be: what nodes are here (ports, terminals, border crossings). Raises
    `InputError` when a table is missing, nearly all of it cannot be read, the unit of lengths is plainly another, or
    nothing is left.

    >>> nfm.network.import_network("networks/netherlands").remarks
    ()
    """
    path = Path(folder)
    known = {**dict.fromkeys(modes, ("mode", NETWORKS)), least: ("least", ROADS)}
    unknown = [
        Problem("network import", key, word, f"must be some of {', '.join(words)}{did_you_mean(word, words)}")
        for word, (key, words) in known.items()
        if word not in words
    ]
    given = {"length": length, "speed": speed, "crs": crs, "mode": ", ".join(modes), "least": least, "closed": closed}
    usual = {"mode": "road", "least": ROADS[-1]}
    kind = next((kind for kind, ends in FILES.items() if path.name.lower().endswith(ends)), FOLDER)
    unread = [
        Problem("network import", key, str(value), f"is not read of {kind}; leave it out")
        for key, value in given.items()
        if key not in READ[kind] and value not in ("", False, usual.get(key))
    ]
    refuse([*unknown, *unread])
    to_degrees = to_degrees_from(crs) if crs else None
    if kind == EXTRACT:
        network = read_openstreetmap(path, Tags(modes, least, closed))
    elif kind == LINES:
        from nfm_sim.network.lines import line_tables

        network = network_of(line_tables(path, modes, to_degrees), Mends(speed=speed))
    else:
        network = network_of(_folder(path), Mends(length, speed, to_degrees))
    if unit := wrong_unit(network):
        raise InputError([*swapped(network), replace(unit, remedy=f"{unit.remedy}, or with --length and --speed")])
    if not network.links:
        raise InputError.of(path, "link.csv", "", "has no link that can be read")
    if types is not None:
        network = replace(network, nodes=_typed(network, Path(types)))
    return _as_long_as_they_must_be(network)


def _folder(path: Path) -> Tables:
    """The tables of a folder."""
    if not path.is_dir():
        remedy = f"is no GMNS folder, and no file of a type that is read ({', '.join(chain(*FILES.values()))})"
        if path.suffix.lower() == ".shp":
            remedy = f"is a shapefile; convert it to a GeoPackage: ogr2ogr {path.stem}.gpkg {path.name}"
        raise InputError.of(path, "", "", remedy if path.exists() else "is not there")
    return Tables(path)


def _as_long_as_they_must_be(network: Network) -> Network:
    """The network with the great circle as the length of links that are shorter, which is said."""
    least = zip(network.links.values(), straight_km(network).tolist(), strict=True)
    mended = {link.name: replace(link, km=km) for link, km in least if link.km < km}
    if not mended:
        return network
    links = counted(len(mended), "link")
    said = f"mended: {links} shorter than the great circle between their ends: made as long as that"
    remarks = (*network.remarks, Problem(str(network.path / "link.csv"), "length", "", said))
    return replace(network, links={**network.links, **mended}, remarks=remarks)


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
        given: dict[str, Any] = {field: row.cells[column] for field, column in TYPED.items() if row.cells.get(column)}
        nodes[name] = replace(nodes[name], **given)
    refuse(problems)
    return nodes


def write_network(network: Network, folder: str | Path) -> list[Path]:
    """Write a network as the tables that `read_network` reads, in km, km/h and degrees; return the files.

    >>> nfm.network.write_network(nfm.read_network("networks/netherlands"), folder / "again")[0].name
    'config.csv'
    """
    tables: dict[str, Iterator[Mapping[str, Any]]] = {"config.csv": iter([CONFIG])}
    tables |= {OURS[part]: rows for part, rows in network_rows(network).items()}
    return write_all(Path(folder), {name: text for name, rows in tables.items() if (text := _csv(rows))})


def _csv(rows: Iterator[Mapping[str, Any]]) -> bytes:
    """Rows as CSV; nothing where there is none."""
    first = next(rows, None)
    return b"" if first is None else csv_of(chain([first], map(_cells, chain([first], rows))))


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
