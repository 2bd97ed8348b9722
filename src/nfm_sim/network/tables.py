"""Read a network folder: GMNS `node.csv` and `link.csv`, our `facility.csv`, and the outline of the map.

Columns follow the General Modeling Network Specification 0.96 (github.com/zephyr-data-specs/GMNS): lengths in
km, speeds in km/h, WGS84 degrees. `allowed_uses` names the modes of a link. Columns of ours stand behind
theirs; a column that is not known here is left alone.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

from nfm_sim.network.network import CEMT_CLASSES, MODES, TUNNEL_CATEGORIES, Facility, Link, Network, Node
from nfm_sim.problems import InputError, Problem, did_you_mean

Row = dict[str, str]


def read_network(folder: str | Path) -> Network:
    """Read the network in `folder`; raise `InputError` with every fault of its tables.

    >>> nfm.read_network("networks/netherlands").nodes["eemshaven"].title
    'Eemshaven seaport'
    """
    folder = Path(folder)
    reader = _Reader(folder)
    nodes = {row["node_id"]: reader.node(row) for row in reader.rows("node.csv", "node_id")}
    links = {row["link_id"]: reader.link(row, nodes) for row in reader.rows("link.csv", "link_id")}
    facilities = {}
    if (folder / "facility.csv").exists():
        for row in reader.rows("facility.csv", "node_id", unique=False):
            facility = reader.facility(row, nodes)
            facilities[facility.node, facility.name] = facility
    if reader.problems:
        raise InputError(reader.problems)
    return Network(path=folder, nodes=nodes, links=links, facilities=facilities)


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


REQUIRED = {
    "node.csv": ("node_id", "x_coord", "y_coord"),
    "link.csv": ("link_id", "from_node_id", "to_node_id", "directed", "length", "free_speed", "allowed_uses"),
    "facility.csv": ("node_id", "facility", "capacity"),
}


class _Reader:
    """Reads rows and numbers of a folder's tables and keeps what is wrong with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []

    def rows(self, name: str, key: str, unique: bool = True) -> Iterator[Row]:
        path = self.folder / name
        try:
            with path.open(newline="", encoding="utf-8-sig") as file:
                table = csv.DictReader(file)
                header = table.fieldnames or ()
                rows = list(table)
        except (OSError, UnicodeDecodeError) as error:
            raise InputError([Problem(str(path), "", "", f"cannot be read ({error})")]) from None
        missing = [column for column in REQUIRED[name] if column not in header]
        if missing:
            remedy = f"lacks the columns {', '.join(missing)}; add them to its first line"
            raise InputError([Problem(str(path), "header", "", remedy)])
        seen = set()
        for number, row in enumerate(rows, start=2):
            row["__where__"] = f"line {number}"
            row["__file__"] = str(path)
            if unique and row[key] in seen:
                self._fault(row, key, "stands twice; give every row its own name")
            seen.add(row[key])
            yield row

    def node(self, row: Row) -> Node:
        return Node(
            name=row["node_id"],
            title=row.get("name") or row["node_id"],
            lon=self._number(row, "x_coord", least=-180, most=180),
            lat=self._number(row, "y_coord", least=-90, most=90),
            kind=row.get("node_type") or "",
            country=row.get("country") or "",
            holds=self._modes(row, "holds"),
        )

    def link(self, row: Row, nodes: dict[str, Node]) -> Link:
        for end in ("from_node_id", "to_node_id"):
            self._known(row, end, nodes)
        if row["directed"].lower() not in ("true", "false"):
            self._fault(row, "directed", "must be true or false")
        return Link(
            name=row["link_id"],
            line=row.get("name") or "",
            start=row["from_node_id"],
            end=row["to_node_id"],
            directed=row["directed"].lower() == "true",
            km=self._number(row, "length", least=0),
            kind=row.get("facility_type") or "",
            free_speed_kmh=self._number(row, "free_speed", least=1, most=400),
            modes=self._modes(row, "allowed_uses"),
            lanes=self._whole(row, "lanes"),
            tracks=self._whole(row, "tracks"),
            electrification=row.get("electrification") or "",
            max_train_m=self._known_number(row, "max_train_m"),
            cemt_class=self._one_of(row, "cemt_class", CEMT_CLASSES),
            tunnel_category=self._one_of(row, "tunnel_category", TUNNEL_CATEGORIES),
            max_weight_t=self._known_number(row, "max_weight_t"),
            max_height_m=self._known_number(row, "max_height_m"),
            max_width_m=self._known_number(row, "max_width_m"),
        )

    def facility(self, row: Row, nodes: dict[str, Node]) -> Facility:
        self._known(row, "node_id", nodes)
        return Facility(
            node=row["node_id"],
            name=row["facility"],
            capacity=self._number(row, "capacity", least=0),
            unit=row.get("unit") or "",
            rate_per_h=self._known_number(row, "rate_per_h"),
            length_m=self._known_number(row, "length_m"),
        )

    def _known(self, row: Row, column: str, nodes: dict[str, Node]) -> None:
        if row[column] not in nodes:
            self._fault(row, column, f"is not in node.csv{did_you_mean(row[column], nodes)}")

    def _modes(self, row: Row, column: str) -> frozenset[str]:
        modes = frozenset(filter(None, (row.get(column) or "").split(",")))
        if not modes <= set(MODES):
            self._fault(row, column, f"must be some of {','.join(MODES)}, with commas between")
        return modes & set(MODES)

    def _number(self, row: Row, column: str, least: float, most: float = math.inf) -> float:
        try:
            number = float(row[column] or "")
        except ValueError:
            number = math.nan
        if not least <= number <= most or math.isinf(number):
            limit = f"of at least {least:g}" if math.isinf(most) else f"from {least:g} to {most:g}"
            self._fault(row, column, f"must be a number {limit}")
        return number

    def _known_number(self, row: Row, column: str) -> float | None:
        """A number, or None when the cell is empty."""
        return self._number(row, column, least=0) if row.get(column) else None

    def _one_of(self, row: Row, column: str, known: tuple[str, ...]) -> str:
        value = row.get(column) or ""
        if value and value not in known:
            self._fault(row, column, f"must be one of {', '.join(known)}, or empty when it is not known")
        return value

    def _whole(self, row: Row, column: str) -> int | None:
        if not row.get(column):
            return None
        if not row[column].isdigit():
            self._fault(row, column, "must be a whole number, or empty when it is not known")
            return None
        return int(row[column])

    def _fault(self, row: Row, column: str, remedy: str) -> None:
        self.problems.append(Problem(row["__file__"], f"{row['__where__']}, {column}", row[column] or "", remedy))
