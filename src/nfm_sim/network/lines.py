"""Lines of a GeoJSON or GeoPackage file as GMNS tables: each line a link, its ends nodes where they meet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nfm_sim.extras import import_extra
from nfm_sim.files import plain_file, read_text
from nfm_sim.network.network import Point
from nfm_sim.network.rows import LinkRow
from nfm_sim.network.shapes import ToDegrees, length_km, shape_text, to_degrees_from
from nfm_sim.network.sources import MadeTables
from nfm_sim.problems import InputError, Problem

TOGETHER = 5
"""Decimals of a degree to which ends are one node: about a metre."""
SQLITE = b"SQLite format 3\0"
Feature = tuple[Sequence[Point], Mapping[str, Any]]


def line_tables(file: Path, modes: Sequence[str], to_degrees: ToDegrees | None) -> MadeTables:
    """Return the lines of a file as tables of nodes and links. Properties with the names of GMNS columns are those
    columns; a line without `allowed_uses` has the modes given. Ends within a metre of each other are one node.

    Raises `InputError` when the file is none, or has no line.
    """
    features = list(_geopackage(file, to_degrees) if file.suffix.lower() == ".gpkg" else _geojson(file, to_degrees))
    nodes: dict[Point, str] = {}
    links: list[dict[str, str]] = []
    for number, (points, properties) in enumerate(features, start=1):
        if not all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in points):
            remedy = "is not in degrees; say what the coordinates are with --crs, such as EPSG:28992"
            raise InputError([Problem(str(file), f"line {number}", "", remedy)])
        ends = [_node(point, nodes) for point in (points[0], points[-1])]
        given = {name: _cell(value) for name, value in properties.items() if name in LinkRow.model_fields}
        links.append(
            {
                "link_id": f"line{number}",
                "allowed_uses": ",".join(modes),
                **{name: cell for name, cell in given.items() if cell},
                "length": f"{length_km(points):.4f}",
                "geometry": shape_text(points) if len(points) > 2 else "",
                "from_node_id": ends[0],
                "to_node_id": ends[1],
                "directed": given.get("directed") or "false",
            }
        )
    if not links:
        raise InputError([Problem(str(file), "", "", "has no line (LineString)")])
    rows = [{"node_id": name, "x_coord": f"{lon:.6f}", "y_coord": f"{lat:.6f}"} for (lon, lat), name in nodes.items()]
    return MadeTables(file, {"node.csv": rows, "link.csv": links})


def _node(point: Point, nodes: dict[Point, str]) -> str:
    at = (round(point[0], TOGETHER), round(point[1], TOGETHER))
    return nodes.setdefault(at, f"n{len(nodes) + 1}")


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _geojson(file: Path, to_degrees: ToDegrees | None) -> Iterator[Feature]:
    """The lines of GeoJSON (RFC 7946)."""
    try:
        data = json.loads(read_text(file))
        features = data["features"]
        for feature in features:
            shape: dict[str, Any] = feature.get("geometry") or {}
            kind, lines = shape.get("type"), shape.get("coordinates") or []
            for line in [lines] if kind == "LineString" else lines if kind == "MultiLineString" else []:
                points = [(float(at[0]), float(at[1])) for at in line]
                if len(points) > 1:
                    yield _in_degrees(points, to_degrees), feature.get("properties") or {}
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise InputError([Problem(str(file), "", "", f"is no GeoJSON with features ({error})")]) from None


def _geopackage(file: Path, to_degrees: ToDegrees | None) -> Iterator[Feature]:
    """The lines of the layers of a GeoPackage. Needs the extra `geo` (pyogrio, shapely, pyproj)."""
    pyogrio, shapely = import_extra("pyogrio", "geo"), import_extra("shapely", "geo")
    raw = import_extra("pyogrio.raw", "geo")
    plain_file(file)
    with file.open("rb") as content:
        if content.read(len(SQLITE)) != SQLITE:
            raise InputError([Problem(str(file), "", "", "is no GeoPackage")])
    try:
        for layer, kind in pyogrio.list_layers(file):
            if kind is None or "LineString" not in kind:
                continue
            meta, _, shapes, fields = raw.read(file, layer=layer, force_2d=True)
            convert = to_degrees or _degrees_of(file, meta["crs"])
            names = list(meta["fields"])
            for row, shape in enumerate(shapes):
                properties = {name: values[row] for name, values in zip(names, fields, strict=True)}
                for line in shapely.get_parts(shapely.from_wkb(shape)):
                    yield _in_degrees([(x, y) for x, y in line.coords], convert), properties
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, shapely.errors.GEOSException) as error:
        raise InputError([Problem(str(file), "", "", f"cannot be read as a GeoPackage ({error})")]) from None


def _degrees_of(file: Path, crs: str | None) -> ToDegrees | None:
    """From the coordinates of a layer to degrees; None where they are degrees."""
    if not crs or crs == "EPSG:4326":
        return None
    found = to_degrees_from(crs)
    if found is None:
        remedy = "is no system from which degrees follow; say with --crs what the coordinates are, such as EPSG:28992"
        raise InputError([Problem(str(file), "crs", crs.split("[")[0], remedy)])
    return found


def _in_degrees(points: Sequence[Point], to_degrees: ToDegrees | None) -> list[Point]:
    return [to_degrees(x, y) if to_degrees is not None else (x, y) for x, y in points]
