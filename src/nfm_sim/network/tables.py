"""Read a network folder: GMNS `node.csv` and `link.csv`, our `facility.csv`, and the outline of the map.

Columns follow the General Modeling Network Specification 0.96 (github.com/zephyr-data-specs/GMNS): lengths in
km, speeds in km/h, WGS84 degrees. `allowed_uses` names the modes of a link. Columns of ours stand behind
theirs; a column that is not known here is left alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from nfm_sim.network.network import Network
from nfm_sim.network.rows import FacilityRow, LinkRow, NodeRow, Row
from nfm_sim.problems import InputError, Problem


def read_network(folder: str | Path) -> Network:
    """Read the network in `folder`; raise `InputError` with every fault of its tables.

    >>> nfm.read_network("networks/netherlands").nodes["eemshaven"].title
    'Eemshaven seaport'
    """
    folder = Path(folder)
    problems: list[Problem] = []
    cells = _cells(folder / "node.csv", NodeRow)
    names = dict.fromkeys(row["node_id"] for row in cells)
    node_rows = _rows(folder / "node.csv", NodeRow, cells, problems, unique="node_id")
    cells = _cells(folder / "link.csv", LinkRow)
    link_rows = _rows(folder / "link.csv", LinkRow, cells, problems, unique="link_id", nodes=names)
    facility_rows: list[FacilityRow] = []
    if (folder / "facility.csv").exists():
        cells = _cells(folder / "facility.csv", FacilityRow)
        facility_rows = _rows(folder / "facility.csv", FacilityRow, cells, problems, nodes=names)
    if problems:
        raise InputError(problems)
    facilities = [row.as_facility() for row in facility_rows]
    return Network(
        path=folder,
        nodes={row.node_id: row.node() for row in node_rows},
        links={row.link_id: row.link() for row in link_rows},
        facilities={(facility.node, facility.name): facility for facility in facilities},
    )


def read_outline(folder: str | Path) -> dict[str, list[list[tuple[float, float]]]]:
    """Read the rings of the map by country, each a list of (lon, lat) in degrees; empty without a file."""
    path = Path(folder) / "outline.csv"
    rings: dict[tuple[str, str], list[tuple[float, float]]] = {}
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                ring = rings.setdefault((row["country"], row["ring"]), [])
                ring.append((float(row["x_coord"]), float(row["y_coord"])))
    by_country: dict[str, list[list[tuple[float, float]]]] = {}
    for (country, _), ring in rings.items():
        by_country.setdefault(country, []).append(ring)
    return by_country


AnyRow = TypeVar("AnyRow", bound=Row)
Cells = Mapping[str, str]
NEEDED = ("link_id", "node_id", "facility", "from_node_id", "to_node_id", "allowed_uses")
"""Columns that a table must have though a cell of them may be empty."""


def _cells(path: Path, kind: type[Row]) -> list[Cells]:
    """Return the rows of a table by column. Raises `InputError` when it cannot be read, or lacks columns."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file)
            header = table.fieldnames or ()
            rows: list[Cells] = list(table)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Problem(str(path), "", "", f"cannot be read ({error})")]) from None
    fields = kind.model_fields.items()
    missing = [name for name, field in fields if (field.is_required() or name in NEEDED) and name not in header]
    if missing:
        remedy = f"lacks the columns {', '.join(missing)}; add them to its first line"
        raise InputError([Problem(str(path), "header", "", remedy)])
    return rows


def _rows(
    path: Path,
    kind: type[AnyRow],
    table: Iterable[Cells],
    problems: list[Problem],
    *,
    unique: str = "",
    nodes: Mapping[str, None] = MappingProxyType({}),
) -> list[AnyRow]:
    """Return the rows of a table, and note what is wrong with them. In the column `unique` no cell stands twice."""
    rows: list[AnyRow] = []
    seen: set[str] = set()
    for number, cells in enumerate(table, start=2):
        if unique and cells[unique] in seen:
            remedy = "stands twice; give every row its own name"
            problems.append(Problem(str(path), f"line {number}, {unique}", cells[unique], remedy))
        seen.add(cells.get(unique, ""))
        try:
            rows.append(kind.model_validate(cells, context=nodes))
        except ValidationError as error:
            problems += [_problem(path, number, kind, fault, cells) for fault in error.errors()]
    return rows


def _problem(path: Path, number: int, kind: type[Row], fault: Any, cells: Cells) -> Problem:
    """Say a fault of a cell that pydantic found as ours are said."""
    column = str(fault["loc"][0])
    remedy = fault["msg"].removeprefix("Value error, ")
    if fault["type"] != "value_error":
        remedy = _remedy(kind.model_fields[column]) or remedy
    return Problem(str(path), f"line {number}, {column}", cells.get(column) or "", remedy)


def _remedy(field: FieldInfo) -> str:
    """Return the description of a column, or that of its values where a cell may be empty."""
    if field.description:
        return field.description
    parts = [part for choice in get_args(field.annotation) for part in get_args(choice)]
    return next((part.description for part in parts if isinstance(part, FieldInfo) and part.description), "")
