"""Read a network folder: GMNS `node.csv` and `link.csv`, our `facility.csv`, and the outline of the map.

Columns follow the General Modeling Network Specification 0.96 (github.com/zephyr-data-specs/GMNS), in WGS84 degrees;
`config.csv` says the units of lengths and speeds, without it km and km/h. `allowed_uses` names the modes of a link,
or uses that `use_group.csv` and `use_definition.csv` explain. Columns of ours stand behind theirs; a column that is
not known here is left alone. What a table may leave open is derived, and said in `Network.remarks`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from nfm_sim.files import Fault, Row, Table, problems_of, read_table
from nfm_sim.limits import MOST_LINK_KMH, MOST_LINKS, MOST_NODES
from nfm_sim.network import rows
from nfm_sim.network.network import Link, Network, Outline, Point
from nfm_sim.network.rows import AnyRow
from nfm_sim.network.shapes import ToDegrees, length_km, read_shape, shape_between, to_degrees_from
from nfm_sim.problems import InputError, Problem, counted, did_you_mean, gathered, refuse, some_of
from nfm_sim.units import IMPERIAL, KMH, METRES

KM: Mapping[str, float] = {**{unit: metres / 1000 for unit, metres in METRES.items()}, "none": 0.0}
"""What a unit of lengths is in km; with "none" the lengths of a table are not used."""
CRS = ("", "4326", "epsg:4326", "wgs84", "wgs 84", "crs84", "ogc:crs84")
SPEEDS: Mapping[str, float] = {"motorway": 100, "freeway": 100, "trunk": 80, "primary": 80, "rail": 80, "waterway": 12}
"""Free speed in km/h, by type of facility, where a table gives none. Assumed."""
OTHER_KMH = 50.0
NEAR = 0.75
"""How alike a column must be to one of ours to be taken for a misspelling of it."""
MOST_MENDED = 0.9
"""Where more than this share of the rows of a table would be left out or mended, it is another thing than it is taken
for. Assumed."""


@dataclass(frozen=True)
class Tables:
    """The tables of a network, by the names of their files in a folder."""

    path: Path
    """What names them in errors."""
    made: Mapping[str, Table] | None = None
    """Those that were made of a file; None: they lie in a folder."""
    remarks: tuple[str, ...] = ()
    """What is to be said of them."""

    def has(self, name: str) -> bool:
        """Whether there is such a table."""
        return (self.path / name).exists() if self.made is None else name in self.made

    def table(self, name: str) -> Table:
        """Return a table; raise `InputError` when it cannot be read."""
        return read_table(self.path / name) if self.made is None else self.made[name]


@dataclass(frozen=True, slots=True)
class Mends:
    """What is known of tables that are another's, in which rows that cannot be read are left out."""

    length: str = ""
    """The unit of lengths; empty: as `config.csv` says."""
    speed: str = ""
    to_degrees: ToDegrees | None = None
    """From their coordinates to degrees of longitude and latitude; without it, as `config.csv` says."""


def read_network(folder: str | Path) -> Network:
    """Read the network in `folder`; raise `InputError` with every fault of its tables.

    >>> nfm.read_network("networks/netherlands").nodes["eemshaven"].title
    'Eemshaven seaport'
    """
    return network_of(Tables(Path(folder)))


def network_of(source: Tables, mends: Mends | None = None) -> Network:
    """Make a network of tables, wherever they are; raise `InputError` with every fault of them. With `mends`, rows in
    fault are left out, and that is said in `Network.remarks`."""
    folder = source.path
    reader = _Reader(source, mends)
    units = reader.units()
    uses = reader.uses()
    node_table = reader.table("node.csv", rows.NodeRow)
    names = dict.fromkeys(row.cells.get("node_id", "") for row in node_table.rows)
    given = rows.Given(None if reader.problems else names, uses, units.km)
    nodes = {row.node_id: row.node() for row in reader.read(node_table, rows.NodeRow, given, unique=("node_id",))}
    sound = not reader.problems
    if mends is not None:
        given = replace(given, nodes=nodes if sound else None)
    makers = _Links(nodes, units, reader.shapes(), reader.to_degrees, mends is not None)
    link_rows = reader.read(reader.table("link.csv", rows.LinkRow), rows.LinkRow, given, unique=("link_id",))
    links = {row.link_id: makers.link(row) for row in link_rows if sound}
    found = reader.optional("facility.csv", rows.FacilityRow, given, unique=("node_id", "facility"))
    facilities = {(row.node_id, row.facility): row.as_facility() for row in found}
    reader.at_most("node.csv", len(nodes), MOST_NODES)
    reader.at_most("link.csv", len(links), MOST_LINKS)
    outline = rings_of(reader.optional("outline.csv", rows.OutlineRow))
    refuse(reader.problems or makers.problems(folder / "link.csv", len(links)))
    said = [*source.remarks, *makers.remarks()]
    remarks = [*reader.remarks, *(Problem(str(folder / "link.csv"), "", "", text) for text in said)]
    return Network(folder, nodes, links, facilities, remarks=tuple(remarks), outline=outline)


def rings_of(corners: Iterable[rows.OutlineRow]) -> Outline:
    """Put the corners of a map together: rings of (lon, lat) by country."""
    rings: dict[str, dict[str, list[Point]]] = {}
    for corner in corners:
        rings.setdefault(corner.country, {}).setdefault(corner.ring, []).append((corner.x_coord, corner.y_coord))
    return {country: list(of_country.values()) for country, of_country in rings.items()}


@dataclass(frozen=True, slots=True)
class _Units:
    """What a length and a speed of the tables are in km and km/h; no length is used where its unit is 0."""

    km: float
    kmh: float
    imperial: bool
    """Whether lengths are in miles or feet."""
    speed_is_said: bool


class _Reader:
    """Reads the tables of a network, and collects what is wrong with them and what is worth a remark."""

    def __init__(self, source: Tables, mends: Mends | None) -> None:
        self.source = source
        self.folder = source.path
        self.mends = mends
        self.problems: list[Problem] = []
        self.remarks: list[Problem] = []
        self.silent: tuple[str, ...] = ()
        """Columns whose faults follow from another."""
        self.to_degrees = None if mends is None else mends.to_degrees

    def table(self, name: str, kind: type[rows.NetworkRow]) -> Table:
        """Return a table that has the columns it must have; an empty one when it cannot be read."""
        path = self.folder / name
        try:
            table = self.source.table(name)
        except InputError as error:
            self.problems += error.problems
            return Table(path, (), ())
        missing = [name for name, of in kind.model_fields.items() if of.is_required() and name not in table.columns]
        if missing:
            near = did_you_mean(missing[0], [column for column in table.columns if column not in kind.model_fields])
            remedy = f"lacks the columns {', '.join(missing)}{near}; add them to its first line"
            self.problems.append(Problem(str(path), "header", "", remedy))
            return Table(path, table.columns, ())
        if not table.rows:
            self.remarks.append(Problem(str(path), "", "", "has headings and no rows"))
        absent = [column for column in kind.model_fields if column not in table.columns]
        for column in table.columns:
            near = did_you_mean(column, absent, cutoff=NEAR) if column not in kind.model_fields else ""
            if near:
                self.remarks.append(Problem(str(path), "header", column, f"is a column that nothing reads{near}"))
        return table

    def read(
        self, table: Table, kind: type[AnyRow], given: rows.Given | None = None, unique: tuple[str, ...] = ()
    ) -> Iterator[AnyRow]:
        """Yield the rows of a table, and note what is wrong with them when all are read. No two rows have the same
        cells in the columns of `unique`."""
        faults = list(table.faults)
        seen: set[tuple[str, ...]] = set()
        for row in map(self._in_degrees, table.rows):
            key = tuple(row.cells.get(column, "") for column in unique)
            if unique and key in seen:
                remedy = "stands twice; give every row its own name"
                faults.append(Fault(row.line, ", ".join(unique), ", ".join(key), remedy))
            try:
                made = kind.model_validate(row.cells, context=given)
            except ValidationError as error:
                faults += [_fault(kind, row, fault) for fault in error.errors()]
            else:
                if key not in seen or not unique:
                    yield made
            seen.add(key)
        said = problems_of(table.path, (fault for fault in faults if fault.column not in self.silent))
        if not said or self.mends is None:
            self.problems += said
            return
        lines = len({fault.line for fault in faults})
        every = len({row.line for row in table.rows} | {fault.line for fault in table.faults})
        first = f"the first: {str(said[0]).removeprefix(f'{table.path}: ')}"
        noted, remedy = self.remarks, f"left out: {counted(lines, 'row')} of {every:,} that cannot be read; {first}"
        if lines > MOST_MENDED * every:
            noted, remedy = self.problems, f"{lines:,} of {every:,} rows cannot be read; {first}"
        noted.append(Problem(str(table.path), "", "", remedy))

    def optional(
        self, name: str, kind: type[AnyRow], given: rows.Given | None = None, unique: tuple[str, ...] = ()
    ) -> Iterator[AnyRow]:
        """Yield the rows of a table that need not be there."""
        if self.source.has(name):
            yield from self.read(self.table(name, kind), kind, given, unique)

    def _in_degrees(self, row: Row) -> Row:
        """A row whose coordinates are degrees, as far as they are numbers."""
        if self.to_degrees is None or "x_coord" not in row.cells:
            return row
        try:
            x, y = self.to_degrees(float(row.cells["x_coord"]), float(row.cells["y_coord"]))
        except (KeyError, ValueError):
            return row
        return Row(row.line, {**row.cells, "x_coord": f"{x:.6f}", "y_coord": f"{y:.6f}"})

    def at_most(self, name: str, number: int, most: int) -> None:
        """Note that a table has more rows than are taken."""
        if number > most:
            self.problems.append(Problem(str(self.folder / name), "", "", f"has {number:,} rows; at most {most:,}"))

    def units(self) -> _Units:
        """Read the units of the dataset, and see that its coordinates are degrees."""
        path, found = self.folder / "config.csv", list(self.optional("config.csv", rows.ConfigRow))
        if len(found) > 1:
            remedy = f"has {len(found)} rows, and a dataset has one of units; leave the others out"
            self.problems.append(Problem(str(path), "", "", remedy))
        config = found[0] if found else rows.ConfigRow()
        if self.mends is not None:
            known = {"long_length": self.mends.length, "speed": self.mends.speed, "crs": self.to_degrees and "4326"}
            config = config.model_copy(update={key: word for key, word in known.items() if word})
        km_and_kmh = []
        said = (("long_length", "length", config.long_length, KM), ("speed", "speed", config.speed, KMH))
        for column, option, word, units in said:
            if word.lower() not in units:
                remedy = f"is no unit that is known; use one of {', '.join(units)}"
                asked = self.mends is not None and getattr(self.mends, option)
                where = ("network import", option) if asked else (str(path), column)
                self.problems.append(Problem(*where, word, remedy))
            km_and_kmh.append(units.get(word.lower(), 1.0))
        if config.crs.lower() not in CRS:
            self._project(path, config.crs)
        km, kmh = km_and_kmh
        return _Units(km, kmh, config.long_length.lower() in IMPERIAL, "speed" in config.model_fields_set)

    def _project(self, path: Path, crs: str) -> None:
        """Take coordinates for those of another system: an import converts them."""
        with gathered(self.problems):
            if self.mends is None:
                remedy = (
                    "is not EPSG:4326; `nfm-sim network import` converts to degrees of longitude and latitude (WGS84)"
                )
                raise InputError.of(path, "crs", crs, remedy)
            self.to_degrees = to_degrees_from(f"EPSG:{crs}" if crs.isdecimal() else crs, path)
        if self.to_degrees is None:
            self.silent = ("x_coord", "y_coord")

    def uses(self) -> dict[str, str]:
        """Read which mode each use is: the usual ones, those of the folder, and groups of them."""
        uses = dict(rows.USES)
        for row in self.optional("use_definition.csv", rows.UseRow):
            if row.mode or row.use.lower() not in uses:
                uses[row.use.lower()] = row.mode
        self._groups(uses)
        return uses

    def _groups(self, uses: dict[str, str]) -> None:
        """Add groups of uses, each with all the modes of what it is made of: uses, and other groups."""
        path, found = str(self.folder / "use_group.csv"), self.optional("use_group.csv", rows.UseGroupRow)
        groups = {row.use_group.lower(): [word.strip().lower() for word in row.uses.split(",")] for row in found}
        try:
            order = [*TopologicalSorter(groups).static_order()]
        except CycleError as error:
            self.problems.append(Problem(path, "uses", error.args[1][0], "is a group of groups of itself"))
            return
        for name in filter(groups.get, order):
            uses.setdefault(name, ",".join({uses[word] for word in groups[name] if uses.get(word)}))
        if unknown := [word for word in order if word and word not in uses]:
            remedy = "is in a group, and neither a group nor a use of use_definition.csv"
            self.remarks.append(Problem(path, "uses", some_of(unknown), remedy))

    def shapes(self) -> dict[str, str]:
        """Read the courses that stand in a table of their own, by their names."""
        return {row.geometry_id: row.geometry for row in self.optional("geometry.csv", rows.GeometryRow)}


@dataclass
class _Links:
    """Makes links of rows, and counts what it derives."""

    nodes: Mapping[str, Any]
    units: _Units
    shapes: Mapping[str, str]
    to_degrees: ToDegrees | None
    mending: bool
    """Whether they are of another's, in which 0 stands for a length that is not known."""
    derived: Counter[str] = field(default_factory=Counter)
    too_fast: list[str] = field(default_factory=list)

    def link(self, row: rows.LinkRow) -> Link:
        """Return the link of a row, in km and km/h; what the row leaves open is derived."""
        ends = [(node.lon, node.lat) for node in (self.nodes[row.from_node_id], self.nodes[row.to_node_id])]
        shape = self._shape(row, *ends)
        if row.length is None or not self.units.km or (self.mending and not row.length):
            what = "their courses" if shape else "the coordinates of their ends"
            self.derived[f"length of {{}} from {what}{', since they give 0' if row.length == 0 else ''}"] += 1
            km = length_km(shape or ends)
        else:
            km = row.length * self.units.km
        if row.free_speed is None:
            self.derived["free_speed of {} from their facility_type"] += 1
            kmh = SPEEDS.get(row.facility_type.lower(), OTHER_KMH)
        else:
            kmh = row.free_speed * self.units.kmh
            if (self.mending or self.units.imperial) and not self.units.speed_is_said:
                self.derived["free_speed of {} as km/h, since nothing says its unit"] += 1
        if kmh > MOST_LINK_KMH:
            self.too_fast.append(row.link_id)
        modes = row.allowed_uses
        if "allowed_uses" not in row.model_fields_set:
            self.derived["allowed_uses of {} as road, since they give none"] += 1
            modes = frozenset({"road"})
        if "directed" not in row.model_fields_set:
            self.derived["directed of {} as true, since they give none"] += 1
        return replace(row.link(km, kmh, shape), modes=modes)

    def problems(self, path: Path, number: int) -> list[Problem]:
        """Return what is wrong with all links, so many, together, or as they became."""
        too_fast = f"is more than {MOST_LINK_KMH:g} km/h"
        found = [Problem(str(path), f"{name}, free_speed", "", too_fast) for name in self.too_fast]
        zeros = sum(times for what, times in self.derived.items() if what.endswith("since they give 0"))
        if self.units.km and zeros > MOST_MENDED * number:
            remedy = f"is 0 of {zeros:,} of {number:,} links; with --length none all are as long as their courses"
            found.append(Problem(str(path), "length", "", remedy))
        if self.units.imperial and self.derived["free_speed of {} as km/h, since nothing says its unit"]:
            remedy = "has no unit, and lengths are in miles or feet; say it in config.csv (speed: mph or km/h)"
            remedy += ", or with --speed" * self.mending
            found.append(Problem(str(path), "free_speed", "", remedy))
        return found

    def _shape(self, row: rows.LinkRow, start: Point, end: Point) -> tuple[Point, ...]:
        """The course of a row between its ends; none where it is not given, or is none."""
        text = row.geometry or self.shapes.get(row.geometry_id, "")
        if not text:
            return ()
        points = read_shape(text, self.to_degrees)
        shape = shape_between(points, start, end)
        if not shape and len(points) != 2:
            self.derived["geometry of {} left out, since it is no line between their ends in degrees"] += 1
        return shape

    def remarks(self) -> list[str]:
        """Say what was derived, in counts."""
        return [f"derived: {what.format(counted(number, 'link'))}" for what, number in self.derived.items()]


def _fault(kind: type[rows.NetworkRow], row: Row, fault: Any) -> Fault:
    """Say a fault of a cell that pydantic found as ours are said."""
    column = str(fault["loc"][0])
    remedy = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "missing":
        remedy = "is empty; give it"
    elif fault["type"] != "value_error":
        remedy = _remedy(kind.model_fields[column], beyond="than_equal" in fault["type"]) or remedy
    return Fault(row.line, column, row.cells.get(column, ""), remedy)


def _remedy(field: FieldInfo, beyond: bool) -> str:
    """Return the remedy of a column, or that of its values where a cell may be empty; and that of a number beyond its
    bounds."""
    parts = [*field.metadata, *(part for choice in get_args(field.annotation) for part in get_args(choice))]
    return next((part.text + part.beyond * beyond for part in parts if isinstance(part, rows.Remedy)), "")
