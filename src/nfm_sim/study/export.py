"""Hand a study on: answers as tables with units, loads and passages as lines on a map, spans as an event log."""

import json
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl

from nfm_sim.extras import import_extra
from nfm_sim.files import write_all
from nfm_sim.measures import COLUMNS, KEPT, Column, link_load
from nfm_sim.network import Network
from nfm_sim.problems import InputError, Problem, one_of, refuse
from nfm_sim.record import Record
from nfm_sim.record.words import Kind
from nfm_sim.scenario.values import TIMEZONE
from nfm_sim.study.store import parquet_of
from nfm_sim.study.study import Study

ISO = "%Y-%m-%dT%H:%M:%S%:z"
"""Local time with its offset (ISO 8601)."""
BEGINS_A_FORMULA = r"^([=+\-@\t\r])"
"""What a spreadsheet takes for the beginning of one, in a text of CSV: an apostrophe before it makes it a text."""
FORMATS = ("csv", "parquet", "xlsx", "geojson", "geopackage")
SHEET = 31
"""Characters that the name of a sheet may have."""


def answers_of(record: Record) -> dict[str, pl.DataFrame]:
    """Return the answers that studies keep, of a run or a study, with those of measures of the user's own that it
    keeps, and with the unit of each column in its heading.

    >>> nfm.study.answers_of(run)["closure"].columns[5:8]
    ['median_h (h)', 'mean_h (h)', 'last_h (h)']
    """
    own = record.manifest["measures"] if isinstance(record, Study) else ()
    known = {name: record.answer(name) for name in (*KEPT, *own)}
    return {name: _with_units(name, KEPT[name](record) if table is None else table) for name, table in known.items()}


def _with_units(name: str, table: pl.DataFrame) -> pl.DataFrame:
    known = COLUMNS.get(name, {})
    units = {column: known.get(column, Column()).unit for column in table.columns}
    unsaid = {column: unit for column, unit in units.items() if unit == "h" or unit not in column}
    return table.rename({column: f"{column} ({unit})" for column, unit in unsaid.items()})


def event_log(record: Record) -> pl.DataFrame:
    """Return the spans as tools of process mining read them: a row for each with a length.

    Columns: case (the subject, with its replication where there are several), activity ("discharge", or "discharge
    (wait)" of who waits to), resource (what it waited for; null else), place, start and end (local time, to the
    second).

    >>> nfm.study.event_log(run).row(0)[:3]
    ('division/ship', 'discharge', None)
    """
    several = record.about["replications"] > 1
    case = pl.concat_str(pl.format("{}:", "replication"), "subject") if several else pl.col("subject")
    waits = pl.col("kind").is_in([Kind.WAIT, Kind.BLOCKED])
    spans = record.spans.filter(pl.col("kind") != Kind.MILESTONE)
    return spans.select(
        case.alias("case"),
        pl.when(waits).then(pl.format("{} ({})", "activity", "kind")).otherwise("activity").alias("activity"),
        pl.when(waits & (pl.col("cause") != "")).then("cause").alias("resource"),
        "place",
        start=_local(record, "start_h"),
        end=_local(record, "end_h"),
    )


def _local(record: Record, hours: str) -> pl.Expr:
    """A time in hours after hour 0 as local time."""
    begin = datetime.fromisoformat(record.about["g_day"])
    begin = begin if begin.tzinfo else begin.replace(tzinfo=TIMEZONE)
    return pl.lit(begin).dt.convert_time_zone(str(TIMEZONE)) + pl.duration(seconds=(pl.col(hours) * 3600).round())


def load_lines(record: Record, network: Network) -> dict[str, Any]:
    """Return the load of each link and direction, mean over replications, as GeoJSON (RFC 7946).

    >>> nfm.study.load_lines(run, scenario.loaded_network)["features"][0]["properties"]["pieces"]
    4.0
    """
    number = record.about["replications"]
    links = link_load(record).group_by("link", "forward", maintain_order=True)
    return _collection(network, links.agg(pl.col("movements", "pieces", "slot_h").sum() / number))


def passage_lines(record: Record, network: Network) -> dict[str, Any]:
    """Return each passage of a link as GeoJSON, with local times at which the head enters and the tail leaves.

    >>> nfm.study.passage_lines(run, scenario.loaded_network)["features"][0]["properties"]["link"]
    'road1'
    """
    local = {name: _local(record, f"{name}_h").dt.to_string(ISO) for name in ("enter", "leave")}
    return _collection(network, record.passages.with_columns(**local).drop("enter_h", "leave_h"))


def _collection(network: Network, rows: pl.DataFrame) -> dict[str, Any]:
    """Rows about links as lines."""
    features = []
    for row in rows.rows(named=True):
        link = network.links[row["link"]]
        line = {"type": "LineString", "coordinates": [list(at) for at in network.course(link, row["forward"])]}
        properties = {**row, "line": link.line, "kind": link.kind, "km": link.km}
        features.append({"type": "Feature", "geometry": line, "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def export(record: Record, out: str | Path, *, to: str = "csv", network: Network | None = None) -> list[Path]:
    """Write a run or a study for others to read, and return the files.

    `to` is "csv" (an answer a file, and events.csv; texts that a spreadsheet would run as formulas have an apostrophe
    before them), "parquet" (the same), "xlsx" (an answer a sheet; needs the extra `excel`), "geojson"
    (network_load.geojson, passages.geojson), or "geopackage" (the same as layers of map.gpkg; needs the extra `geo`).
    Events and passages are of the replications whose tables a study keeps; one that keeps none has neither. Raises
    `InputError` for another format, for what the disk refuses, and when files lie in the way.

    >>> [file.name for file in nfm.study.export(run, folder / "out", to="geojson", network=scenario.loaded_network)]
    ['network_load.geojson', 'passages.geojson']
    """
    one_of(FORMATS, to, "export", "to")
    whole = record if not isinstance(record, Study) else record.kept if record.kept_replications else None
    files: dict[str, bytes]
    if to in ("geojson", "geopackage"):
        on_map = {"network_load": load_lines(record, network or record.network)}
        on_map |= {} if whole is None else {"passages": passage_lines(whole, network or record.network)}
        files = _geojson(on_map) if to == "geojson" else _geopackage(on_map)
    elif to == "xlsx":
        files = {"answers.xlsx": _workbook(answers_of(record))}
    else:
        tables = answers_of(record) | ({} if whole is None else {"events": event_log(whole)})
        written = _csv if to == "csv" else parquet_of
        files = {f"{name}.{to}": written(table) for name, table in tables.items()}
    out = Path(out)
    if isinstance(record, Study) and record.folder.resolve() in (out.resolve(), *out.resolve().parents):
        raise InputError.of(out, "", "", "is the folder of the study, in which nothing else is; choose another")
    there = (name for name in files if (out / name).exists())
    refuse(Problem(str(out), "file", name, "is there already; choose another folder") for name in there)
    return write_all(out, files)


def _csv(table: pl.DataFrame) -> bytes:
    as_texts = pl.col(pl.String).str.replace(BEGINS_A_FORMULA, "'$1")
    return table.with_columns(as_texts).write_csv(datetime_format=ISO).encode()


def _workbook(tables: Mapping[str, pl.DataFrame]) -> bytes:
    xlsxwriter = import_extra("xlsxwriter", "excel")
    cells = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(content := BytesIO(), cells) as book:
        for name, table in tables.items():
            table.write_excel(book, name[:SHEET], freeze_panes=(1, 0), autofit=True)
    return content.getvalue()


def _geojson(on_map: Mapping[str, dict[str, Any]]) -> dict[str, bytes]:
    return {f"{name}.geojson": json.dumps(found, ensure_ascii=False).encode() for name, found in on_map.items()}


def _geopackage(on_map: Mapping[str, dict[str, Any]]) -> dict[str, bytes]:
    raw, shapely = import_extra("pyogrio.raw", "geo"), import_extra("shapely", "geo")
    with TemporaryDirectory() as folder:  # GDAL cannot put a second layer into a file that lies in memory
        file = Path(folder) / "map.gpkg"
        for layer, found in on_map.items():
            rows = pl.DataFrame([feature["properties"] for feature in found["features"]])
            lines_of = [shapely.LineString(feature["geometry"]["coordinates"]) for feature in found["features"]]
            if rows.is_empty():
                continue
            raw.write(
                file,
                np.array([shapely.to_wkb(line) for line in lines_of], dtype=object),
                [rows[name].to_numpy() for name in rows.columns],
                rows.columns,
                layer=layer,
                driver="GPKG",
                geometry_type="LineString",
                crs="EPSG:4326",
                append=file.exists(),
            )
        return {file.name: file.read_bytes()} if file.exists() else {}
