"""Lines of a GeoJSON or GeoPackage file as GMNS tables: each line a link, its ends nodes where they meet."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from nfm_sim.extras import import_extra
from nfm_sim.files import Row, Table, plain_file, read_text
from nfm_sim.network.network import Point, distance_km
from nfm_sim.network.rows import LinkRow
from nfm_sim.network.shapes import ToDegrees, length_km, on_the_way, shape_text, to_degrees_from, together
from nfm_sim.network.tables import Tables
from nfm_sim.problems import InputError, counted

OURS = {"long_length": "km", "speed": "km/h"}
MAY_HAVE_LINES = ("LineString", "GeometryCollection", "Unknown")
"""In the types of layers; that of shapes of any kind is unknown."""
Feature = tuple[Sequence[Point], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line between two places."""

    cells: Mapping[str, str]
    """What it says in columns of ours."""
    points: Sequence[Point]
    ends: tuple[int, int]

    @property
    def uses(self) -> set[str]:
        return {use.strip().lower() for use in self.cells["allowed_uses"].split(",")}

    def row(self) -> dict[str, str]:
        """Its row in the table of links."""
        return {
            **self.cells,
            "length": f"{length_km(self.points):.4f}",
            "geometry": shape_text(self.points) if len(self.points) > 2 else "",
            "from_node_id": f"n{self.ends[0] + 1}",
            "to_node_id": f"n{self.ends[1] + 1}",
        }


def line_tables(file: Path, modes: Sequence[str], to_degrees: ToDegrees | None) -> Tables:
    """Return the lines of a file as tables of nodes and links. Properties with the names of GMNS columns are those
    columns; a line without `allowed_uses` has the modes given. Ends within a metre of each other are one node, and a
    line is cut where another of a mode of its own ends on its course.

    Raises `InputError` when the file is none, or has no line.
    """
    read = _geopackage if file.suffix.lower() == ".gpkg" else _geojson
    features = [(points, own) for points, own in read(file, to_degrees) if len(points) > 1]
    if not features:
        raise InputError.of(file, "", "", "has no line (LineString)")
    ask = "say what the coordinates are with --crs, such as EPSG:28992"
    for number, (points, _) in enumerate(features, start=1):
        if not all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in points):
            raise InputError.of(file, f"line {number}", "", f"is not in degrees; {ask}")
    ends = [point for points, _ in features for point in (points[0], points[-1])]
    places = together(ends)
    if places is None:
        raise InputError.of(file, "", "", f"has ends by the thousand within a metre; {ask}")
    at = dict(zip(reversed(places), reversed(ends), strict=True))  # a place lies where the first end of it does
    usual, lines = {"directed": "false", "allowed_uses": ",".join(modes)}, []
    pairs = zip(features, zip(places[::2], places[1::2], strict=True), strict=True)
    for number, ((points, properties), pair) in enumerate(pairs, start=1):
        lines.append(_Line({"link_id": f"line{number}", **usual, **_cells(properties)}, points, pair))
    cut = list(_cut(lines, [at[place] for place in range(len(at))]))
    nodes = [
        {"node_id": f"n{place + 1}", "x_coord": f"{lon:.6f}", "y_coord": f"{lat:.6f}"}
        for place, (lon, lat) in sorted(at.items())
    ]
    joined = len(cut) - len(lines)
    remark = f"joined: {counted(joined, 'end')} on the course of another line, which is cut there"
    made = {"config.csv": [OURS], "node.csv": nodes, "link.csv": [line.row() for line in cut]}
    tables = {name: _table(file / name, rows) for name, rows in made.items()}
    return Tables(file, tables, (remark,) if joined else ())


def _table(path: Path, rows: Sequence[Mapping[str, str]]) -> Table:
    """Cells as they would stand in CSV."""
    columns = dict.fromkeys(column for row in rows for column in row)
    return Table(path, tuple(columns), tuple(Row(number, row) for number, row in enumerate(rows, start=1)))


def _cells(properties: Mapping[str, Any]) -> dict[str, str]:
    """What properties say in columns of ours."""
    given = {name: _cell(value) for name, value in properties.items() if name in LinkRow.model_fields}
    return {name: cell for name, cell in given.items() if cell}


def _cut(lines: Sequence[_Line], at: Sequence[Point]) -> Iterator[_Line]:
    """Yield the lines, each cut at the places on its course where another of a mode of its own ends."""
    uses: dict[int, set[str]] = defaultdict(set)
    for line in lines:
        for place in line.ends:
            uses[place] |= line.uses
    cuts: dict[int, dict[int, int]] = defaultdict(dict)
    for place, number, step in on_the_way(np.array(at), [line.points for line in lines]):
        if uses[place] & lines[number].uses:
            cuts[number][place] = step
    for number, line in enumerate(lines):
        yield from _parts(line, cuts[number], at) if number in cuts else [line]


def _parts(line: _Line, cuts: Mapping[int, int], at: Sequence[Point]) -> Iterator[_Line]:
    """Yield the parts of a line between places, each of which lies on a step of it."""
    order = sorted(cuts, key=lambda place: (cuts[place], distance_km(line.points[cuts[place]], at[place])))
    begins = [0, *(cuts[place] + 1 for place in order), len(line.points)]
    ends = [line.ends[0], *order, line.ends[1]]
    for number, ((start, end), (begin, stop)) in enumerate(zip(pairwise(ends), pairwise(begins), strict=True)):
        points = [at[start], *line.points[begin:stop], at[end]]
        cells = {**line.cells, "link_id": f"{line.cells['link_id']}_{number}"}
        yield _Line(cells, [point for point, _ in groupby(points)], (start, end))


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _geojson(file: Path, to_degrees: ToDegrees | None) -> Iterator[Feature]:
    """The lines of GeoJSON (RFC 7946), in degrees unless it names a system as older files do."""
    try:
        data = json.loads(read_text(file))
        crs = (data.get("crs") or {}).get("properties", {}).get("name", "")
        convert = to_degrees or _degrees_of(file, "" if crs.endswith("CRS84") else crs)
        for feature in data["features"]:
            shape: dict[str, Any] = feature.get("geometry") or {}
            kind, lines = shape.get("type"), shape.get("coordinates") or []
            lines = [lines] if kind == "LineString" else lines if kind == "MultiLineString" else []
            for number, line in enumerate(lines):
                points = [(float(at[0]), float(at[1])) for at in line]
                yield [convert(x, y) for x, y in points], _of_part(feature.get("properties"), number, len(lines))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise InputError.of(file, "", "", f"is no GeoJSON with features ({error})") from None


def _geopackage(file: Path, to_degrees: ToDegrees | None) -> Iterator[Feature]:
    """The lines of the layers of a GeoPackage. Needs the extra `geo` (pyogrio, shapely, pyproj)."""
    pyogrio, shapely = import_extra("pyogrio", "geo"), import_extra("shapely", "geo")
    raw = import_extra("pyogrio.raw", "geo")
    plain_file(file)
    _refuse_what_computes(file)
    try:
        for layer, kind in pyogrio.list_layers(file):
            if kind is None or not any(of in kind for of in MAY_HAVE_LINES):
                continue
            meta, _, shapes, fields = raw.read(file, layer=layer, force_2d=True)
            convert = to_degrees or _degrees_of(file, meta["crs"])
            names = list(meta["fields"])
            for row, shape in enumerate(shapes):
                properties = {name: values[row] for name, values in zip(names, fields, strict=True)}
                parts = shapely.get_parts(shapely.from_wkb(shape))
                lines = [part for part in parts if part.geom_type == "LineString"]
                for number, line in enumerate(lines):
                    yield [convert(x, y) for x, y in line.coords], _of_part(properties, number, len(lines))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, shapely.errors.GEOSException) as error:
        raise InputError.of(file, "", "", f"cannot be read as a GeoPackage ({error})") from None


COMPUTES = """
select name from sqlite_master as part where (type = 'view' or sql like 'create virtual%' or exists
(select * from pragma_table_xinfo(part.name) where hidden in (2, 3))) and lower(name)"""


def _refuse_what_computes(file: Path) -> None:
    """Raise `InputError` when a layer is no table: a view, a virtual table or a generated column computes what it says
    while it is read, perhaps without end. The lists of layers are looked at first."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            found = base.execute(f"{COMPUTES} like 'gpkg_%'").fetchall()
            found = found or base.execute(f"{COMPUTES} in (select lower(table_name) from gpkg_contents)").fetchall()
    except sqlite3.Error as error:
        raise InputError.of(file, "", "", f"is no GeoPackage ({error})") from None
    if found:
        remedy = "is a layer that is computed while it is read (a view); export it as a table"
        raise InputError.of(file, "layer", found[0][0], remedy)


def _of_part(properties: Any, number: int, parts: int) -> dict[str, Any]:
    """The properties of a part of a feature: its own name, where the feature has one and several parts."""
    own = dict(properties or {})
    return {**own, "link_id": f"{own['link_id']}_{number}"} if parts > 1 and own.get("link_id") else own


def _degrees_of(file: Path, crs: str | None) -> ToDegrees:
    """From the coordinates of a layer to degrees."""
    return to_degrees_from(crs, file) if crs and not crs.endswith("EPSG:4326") else lambda x, y: (x, y)
