"""Rows of a network's tables, as models: GMNS names, and our own columns behind them.

A column carries the remedy for whatever is wrong with a cell of it. An empty cell is one that is not given.
"""

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, field
from typing import Annotated, Any, TypeVar

import pydantic

from nfm_sim import limits
from nfm_sim.beside import rows_beside
from nfm_sim.kinds import NETWORKS
from nfm_sim.network.network import CEMT_CLASSES, LINE_CLASSES, TUNNEL_CATEGORIES, Facility, Link, Node, Point
from nfm_sim.network.shapes import shape_text
from nfm_sim.problems import did_you_mean

USES: Mapping[str, str] = {
    use: row.get("mode", "") for row in rows_beside(__file__, "uses.csv") for use in row["uses"].split()
}
"""Uses as GMNS tables name them, each with our mode; people on foot and by bicycle move nothing of ours."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What mends a cell, as a piece of the type of its column."""

    text: str
    beyond: str = ""
    """What is to be said besides of a number beyond its bounds."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the cells of a table may refer to, handed to pydantic as the context of a validation."""

    nodes: Mapping[str, Any] | None = None
    """None when the table of nodes could not be read."""
    uses: Mapping[str, str] = field(default_factory=lambda: USES)
    km: float = 1.0
    """What a length of the table is in km; 0 where no length is used."""


def _modes(cell: object, info: pydantic.ValidationInfo) -> Any:
    if not isinstance(cell, str):
        return frozenset(mode for mode in NETWORKS if mode in cell) if isinstance(cell, list | frozenset) else cell
    uses = info.context.uses if isinstance(info.context, Given) else USES
    words = [word for part in cell.split(",") if (word := part.strip().lower())]
    if unknown := [word for word in words if word not in uses]:
        near = did_you_mean(unknown[0], uses)
        instead = "a use of another name gets its mode in a column mode of use_definition.csv"
        raise ValueError(f"must be some of {', '.join(NETWORKS)}{near}; {instead}")
    return frozenset(mode for word in words for mode in uses[word].split(",") if mode)


TRUTHS = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}


def _truth(cell: object) -> Any:
    return TRUTHS.get(cell.lower(), cell) if isinstance(cell, str) else cell


def _known_node(cell: str, info: pydantic.ValidationInfo) -> str:
    nodes = info.context.nodes if isinstance(info.context, Given) else None
    if nodes is not None and cell not in nodes:
        raise ValueError(f"is not in node.csv{did_you_mean(cell, nodes)}")
    return cell


def _at_most(length: float, info: pydantic.ValidationInfo) -> float:
    unit = isinstance(info.context, Given) and info.context.km
    most = limits.MOST_KM / (unit or 1.0)
    if not 0 <= length <= most:
        raise ValueError(f"must be a number from 0 to {most:,.10g}, in the unit of config.csv (long_length)")
    return length


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def check(cell: str) -> str:
        if cell and cell not in known:
            raise ValueError(f"must be one of {', '.join(known)}, or empty when it is not known")
        return cell

    return check


def _from_to(least: float, most: float, beyond: str = "") -> tuple[Any, Remedy]:
    remedy = Remedy(f"must be a number from {least:,.10g} to {most:,.10g}", beyond)
    return pydantic.Field(ge=least, le=most, allow_inf_nan=False), remedy


def _whole(least: int, words: str) -> tuple[Any, Remedy]:
    remedy = Remedy(f"must be a whole number {words} {limits.MOST_TRACKS}, or empty when it is not known")
    return pydantic.Field(ge=least, le=limits.MOST_TRACKS), remedy


DEGREES = " (degrees); `nfm-sim network import --crs EPSG:28992` converts coordinates of that projection, and so others"
Modes = Annotated[frozenset[str], pydantic.BeforeValidator(_modes)]
Name = Annotated[
    str, pydantic.Field(max_length=limits.MOST_NAME), Remedy(f"must have at most {limits.MOST_NAME} characters")
]
KnownNode = Annotated[str, pydantic.AfterValidator(_known_node)]
Tracks = Annotated[int, *_whole(1, "from 1 to")]
Lanes = Annotated[int, *_whole(0, "up to")]
Length = Annotated[float, pydantic.AfterValidator(_at_most), Remedy("must be a number, or empty when it is not known")]
Metres = Annotated[float, *_from_to(0, limits.MOST_M)]
Tonnes = Annotated[float, *_from_to(0, limits.MOST_T)]


EMPTY = ("", "nan")


class NetworkRow(pydantic.BaseModel):
    """A row of a table; a column that is not known here is left alone."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    @pydantic.model_validator(mode="before")
    @classmethod
    def _empty_is_not_given(cls, cells: object) -> Any:
        if not isinstance(cells, Mapping):
            return cells
        return {name: cell for name, cell in cells.items() if cell is not None and str(cell).lower() not in EMPTY}


AnyRow = TypeVar("AnyRow", bound=NetworkRow)


class NodeRow(NetworkRow):
    """A row of `node.csv`: degrees."""

    node_id: Name
    """Its name in all tables and scenarios."""
    name: Name = ""
    """What maps and tables call it; without one, `node_id`."""
    x_coord: Annotated[float, *_from_to(-180, 180, DEGREES)]
    """Longitude, degrees (WGS84)."""
    y_coord: Annotated[float, *_from_to(-90, 90, DEGREES)]
    """Latitude, degrees (WGS84)."""
    node_type: Name = ""
    """What it is: `sea_port_terminal`, `border_crossing` (where movements leave), `rail_terminal`, `inland_terminal`,
    `barracks`, `airport`, `support_area`, `lock`, or a word of your own, such as `motorway_junction`."""
    country: Name = ""
    """Two letters."""
    holds: Modes = frozenset()
    """Modes of which movements may stand and wait here: road, rail, water. A place with facilities or a border
    crossing need not say so."""

    @classmethod
    def of(cls, node: Node) -> dict[str, Any]:
        """Return the row of a node."""
        values = (node.name, node.title, node.lon, node.lat, node.kind, node.country, sorted(node.holds))
        return dict(zip(cls.model_fields, values, strict=True))

    def node(self) -> Node:
        """Return the node."""
        title = self.name or self.node_id
        return Node(self.node_id, title, self.x_coord, self.y_coord, self.node_type, self.country, self.holds)


LINK = {"link_id": "name", "name": "line", "from_node_id": "start", "to_node_id": "end", "allowed_uses": "modes"}
LINK |= {"length": "km", "facility_type": "kind", "free_speed": "free_speed_kmh"}
"""Columns of a link whose name is not that of the field of ours."""


class LinkRow(NetworkRow):
    """A row of `link.csv`: lengths in km and speeds in km/h, once they have been converted."""

    link_id: Name
    """Its name in all tables and scenarios."""
    name: Name = ""
    """The road, railway or fairway that it is part of; `lines` of disruptions and `paths` of civil traffic go by
    it."""
    from_node_id: KnownNode
    """Where it begins."""
    to_node_id: KnownNode
    """Where it ends."""
    directed: Annotated[
        bool, pydantic.BeforeValidator(_truth), pydantic.Field(strict=True), Remedy("must be true or false, or 1 or 0")
    ] = True
    """True: from its first node to its second only. False: both ways."""
    length: Length | None = None
    """Kilometres, or the unit that `config.csv` says. Without it, as the crow flies."""
    facility_type: Name = ""
    """What it is: `motorway`, `trunk`, `local`, `rail`, `waterway`, `sea`; speeds of the rules go by it."""
    free_speed: Annotated[float, *_from_to(limits.LEAST_KMH, limits.MOST_LINK_KMH)] | None = None
    """km/h, or the unit that `config.csv` says. Without it, as the type has it."""
    allowed_uses: Modes = frozenset()
    """Modes that use it: road, rail, water, separated by commas. Without it, road."""
    lanes: Lanes | None = None
    """For each direction."""
    tracks: Tracks | None = None
    """Of a railway: one is used by trains of both directions in turn."""
    electrification: Name = ""
    """Of a railway, such as `1500V DC`; `none` has no wire."""
    line_class: Annotated[str, pydantic.AfterValidator(_one_of(LINE_CLASSES))] = ""
    """Of a railway (EN 15528), A to E5: what an axle and a metre of a wagon may weigh with its load."""
    military_load_class: Annotated[float, *_from_to(1, 200)] | None = None
    """Of the weakest bridge of a road: some short tons of what crosses."""
    max_train_m: Metres | None = None
    """Longest train."""
    cemt_class: Annotated[str, pydantic.AfterValidator(_one_of(CEMT_CLASSES))] = ""
    """Of a fairway, I to VII."""
    tunnel_category: Annotated[str, pydantic.AfterValidator(_one_of(TUNNEL_CATEGORIES))] = ""
    """ADR, A to E: ammunition passes A only."""
    max_weight_t: Tonnes | None = None
    """Heaviest vehicle with its load: a lorry, a wagon, a vehicle of a column."""
    max_height_m: Metres | None = None
    """Highest vehicle with its load."""
    max_width_m: Metres | None = None
    """Widest vehicle with its load."""
    geometry: str = ""
    """Its course, a WKT LINESTRING in degrees; only maps use it. Without it, straight."""
    geometry_id: Annotated[
        Name, pydantic.Field(validation_alias=pydantic.AliasChoices("geometry_id", "link_geom_id"))
    ] = ""
    """Or the row of `geometry.csv` that has it."""

    @classmethod
    def of(cls, link: Link) -> dict[str, Any]:
        """Return the row of a link."""
        row = {column: getattr(link, LINK.get(column, column)) for column in cls._columns()}
        return {**row, "allowed_uses": sorted(link.modes), "geometry": shape_text(link.shape)}

    @classmethod
    def _columns(cls) -> list[str]:
        """The columns that a link has as they are."""
        return [column for column in cls.model_fields if not column.startswith("geometry")]

    def link(self, km: float, kmh: float, shape: tuple[Point, ...] = ()) -> Link:
        """Return the link, with its length, its free speed and its course."""
        own = {LINK.get(column, column): getattr(self, column) for column in self._columns()}
        return Link(**{**own, "km": km, "free_speed_kmh": kmh, "shape": shape})


class FacilityRow(NetworkRow):
    """A row of `facility.csv`."""

    node_id: KnownNode
    """Where it is."""
    facility: Name
    """What it is: `berths`, `ramps`, `cranes`, `gangs`, `yard_m2`, `tracks`, `truck_ramps`, `landing_spots`, `docks`,
    `chambers` (of a lock), `beds`, or a name that a scenario uses."""
    capacity: Annotated[float, *_from_to(0, limits.MOST_AMOUNT)]
    """How many, or how much in its unit."""
    unit: Name = ""
    """What the capacity counts."""
    rate_per_h: Annotated[float, *_from_to(limits.LEAST_RATE, limits.MOST_RATE)] | None = None
    """What one of them handles in an hour: pieces, or barges at a lock."""
    length_m: Metres | None = None
    """Length of one of them: a loading track."""

    @classmethod
    def of(cls, there: Facility) -> dict[str, Any]:
        """Return the row of a facility."""
        return dict(zip(cls.model_fields, astuple(there), strict=True))

    def as_facility(self) -> Facility:
        """Return the facility."""
        return Facility(self.node_id, self.facility, self.capacity, self.unit, self.rate_per_h, self.length_m)


class GeometryRow(NetworkRow):
    """A row of `geometry.csv`."""

    geometry_id: Name
    """Its name in `link.csv`."""
    geometry: str = ""
    """A WKT LINESTRING, in degrees."""


class UseRow(NetworkRow):
    """A row of `use_definition.csv`, with our column `mode`."""

    use: Name
    """A use as `allowed_uses` names it."""
    mode: Annotated[str, pydantic.AfterValidator(_one_of(NETWORKS))] = ""
    """Its mode here: road, rail or water; empty for one that moves nothing of ours."""


class UseGroupRow(NetworkRow):
    """A row of `use_group.csv`."""

    use_group: Name
    """A group as `allowed_uses` names it."""
    uses: str = ""
    """The uses and groups in it, separated by commas; their modes are all its own."""


class OutlineRow(NetworkRow):
    """A row of `outline.csv`: a corner of a ring, in degrees."""

    country: Name = ""
    """Two letters."""
    ring: Name = ""
    """Which ring of the country the corner belongs to."""
    x_coord: Annotated[float, *_from_to(-180, 180)]
    """Longitude, degrees (WGS84)."""
    y_coord: Annotated[float, *_from_to(-90, 90)]
    """Latitude, degrees (WGS84)."""


class ConfigRow(NetworkRow):
    """A row of `config.csv`: the units of the dataset."""

    long_length: str = "km"
    """The unit of `length`: `km`, `m`, `ft`, `yd`, `mile`, `nmi` and others."""
    short_length: str = "m"
    """Read and not used."""
    speed: str = "km/h"
    """The unit of `free_speed`; needed beside lengths in miles, yards or feet."""
    crs: str = ""
    """The coordinates, such as EPSG:28992; only degrees (EPSG:4326) are read, and `nfm-sim network import` converts
    others."""
