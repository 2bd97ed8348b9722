"""Rows of a network's tables, as models: GMNS names, and our own columns behind them.

A column's description is the remedy for whatever is wrong with a cell of it. An empty cell is one that is not given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from nfm_sim.limits import (
    LEAST_KMH,
    LEAST_RATE,
    MOST_AMOUNT,
    MOST_KM,
    MOST_LINK_KMH,
    MOST_M,
    MOST_NAME,
    MOST_RATE,
    MOST_T,
    MOST_TRACKS,
)
from nfm_sim.network.network import CEMT_CLASSES, MODES, TUNNEL_CATEGORIES, Facility, Link, Node
from nfm_sim.problems import did_you_mean

USES: Mapping[str, str] = {
    **{mode: mode for mode in MODES},
    **dict.fromkeys(("all", "auto", "autos", "car", "cars", "truck", "trucks", "bus", "motorcycle", "taxi"), "road"),
    **dict.fromkeys(("sov", "hov", "hov2", "hov3", "hov3+", "vehicle", "motor_vehicle"), "road"),
    **dict.fromkeys(("railway", "train", "freight_rail"), "rail"),
    **dict.fromkeys(("waterway", "barge"), "water"),
    **dict.fromkeys(("walk", "bike", "bicycle", "ped", "pedestrian", "foot", "transit", "tram", "subway", "none"), ""),
}
"""Uses as GMNS tables name them, each with our mode; people on foot and by bicycle move nothing of ours."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the cells of a table may refer to, handed to pydantic as the context of a validation."""

    nodes: Mapping[str, Any] | None = None
    """None when the table of nodes could not be read."""
    uses: Mapping[str, str] = field(default_factory=lambda: USES)


def _modes(cell: Any, info: ValidationInfo) -> Any:
    if not isinstance(cell, str):
        return frozenset(mode for mode in MODES if mode in cell) if isinstance(cell, list | frozenset) else cell
    uses = info.context.uses if isinstance(info.context, Given) else USES
    words = [word for part in cell.split(",") if (word := part.strip().lower())]
    unknown = [word for word in words if word not in uses]
    if unknown:
        near = did_you_mean(unknown[0], uses)
        raise ValueError(
            f"must be some of {', '.join(MODES)}{near}; a use of another name gets its mode in a column mode of "
            "use_definition.csv"
        )
    return frozenset(mode for word in words if (mode := uses[word]))


def _truth(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    return {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}.get(cell.lower(), cell)


def _known_node(cell: str, info: ValidationInfo) -> str:
    nodes = info.context.nodes if isinstance(info.context, Given) else None
    if nodes is not None and cell not in nodes:
        raise ValueError(f"is not in node.csv{did_you_mean(cell, nodes)}")
    return cell


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def check(cell: str) -> str:
        if cell and cell not in known:
            raise ValueError(f"must be one of {', '.join(known)}, or empty when it is not known")
        return cell

    return check


def _from_to(least: float, most: float) -> Any:
    remedy = f"must be a number from {least:,.10g} to {most:,.10g}"
    return Field(ge=least, le=most, allow_inf_nan=False, description=remedy)


Modes = Annotated[frozenset[str], BeforeValidator(_modes)]
Name = Annotated[str, Field(max_length=MOST_NAME, description=f"must have at most {MOST_NAME} characters")]
KnownNode = Annotated[str, AfterValidator(_known_node)]
Tracks = Annotated[
    int,
    Field(
        ge=1,
        le=MOST_TRACKS,
        description=f"must be a whole number from 1 to {MOST_TRACKS}, or empty when it is not known",
    ),
]
Lanes = Annotated[
    int,
    Field(
        ge=0, le=MOST_TRACKS, description=f"must be a whole number up to {MOST_TRACKS}, or empty when it is not known"
    ),
]
Kilometres = Annotated[float, _from_to(0, MOST_KM)]
Metres = Annotated[float, _from_to(0, MOST_M)]
Tonnes = Annotated[float, _from_to(0, MOST_T)]


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and cell.lower() in ("", "nan"))


class Row(BaseModel):
    """A row of a table; a column that is not known here is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_not_given(cls, cells: Any) -> Any:
        if not isinstance(cells, Mapping):
            return cells
        return {column: cell for column, cell in cells.items() if not _is_empty(cell)}


class NodeRow(Row):
    """A row of `node.csv`: degrees."""

    node_id: Name
    name: Name = ""
    x_coord: Annotated[float, _from_to(-180, 180)]
    y_coord: Annotated[float, _from_to(-90, 90)]
    node_type: Name = ""
    country: Name = ""
    holds: Modes = frozenset()

    @classmethod
    def of(cls, node: Node) -> dict[str, Any]:
        """Return the row of a node."""
        values = (node.name, node.title, node.lon, node.lat, node.kind, node.country, sorted(node.holds))
        return dict(zip(cls.model_fields, values, strict=True))

    def node(self) -> Node:
        """Return the node."""
        title = self.name or self.node_id
        return Node(self.node_id, title, self.x_coord, self.y_coord, self.node_type, self.country, self.holds)


LINK: Mapping[str, str] = {
    "link_id": "name",
    "name": "line",
    "from_node_id": "start",
    "to_node_id": "end",
    "length": "km",
    "facility_type": "kind",
    "free_speed": "free_speed_kmh",
    "allowed_uses": "modes",
}
"""Columns of a link whose name is not that of the field of ours."""


class LinkRow(Row):
    """A row of `link.csv`: lengths in km and speeds in km/h, once they have been converted."""

    link_id: Name
    name: Name = ""
    from_node_id: KnownNode
    to_node_id: KnownNode
    directed: Annotated[
        bool, BeforeValidator(_truth), Field(strict=True, description="must be true or false, or 1 or 0")
    ] = True
    length: Kilometres | None = None
    facility_type: Name = ""
    free_speed: Annotated[float, _from_to(LEAST_KMH, MOST_LINK_KMH)] | None = None
    allowed_uses: Modes = frozenset()
    lanes: Lanes | None = None
    tracks: Tracks | None = None
    electrification: Name = ""
    max_train_m: Metres | None = None
    cemt_class: Annotated[str, AfterValidator(_one_of(CEMT_CLASSES))] = ""
    tunnel_category: Annotated[str, AfterValidator(_one_of(TUNNEL_CATEGORIES))] = ""
    max_weight_t: Tonnes | None = None
    max_height_m: Metres | None = None
    max_width_m: Metres | None = None

    @classmethod
    def of(cls, link: Link) -> dict[str, Any]:
        """Return the row of a link."""
        row = {column: getattr(link, LINK.get(column, column)) for column in cls.model_fields}
        return {**row, "allowed_uses": sorted(link.modes)}

    def link(self, km: float, kmh: float) -> Link:
        """Return the link, with its length and its free speed."""
        fields = {LINK.get(column, column): getattr(self, column) for column in type(self).model_fields}
        return Link(**{**fields, "km": km, "free_speed_kmh": kmh})


class FacilityRow(Row):
    """A row of `facility.csv`."""

    node_id: KnownNode
    facility: Name
    capacity: Annotated[float, _from_to(0, MOST_AMOUNT)]
    unit: Name = ""
    rate_per_h: Annotated[float, _from_to(LEAST_RATE, MOST_RATE)] | None = None
    length_m: Metres | None = None

    @classmethod
    def of(cls, there: Facility) -> dict[str, Any]:
        """Return the row of a facility."""
        values = (there.node, there.name, there.capacity, there.unit, there.rate_per_h, there.length_m)
        return dict(zip(cls.model_fields, values, strict=True))

    def as_facility(self) -> Facility:
        """Return the facility."""
        return Facility(self.node_id, self.facility, self.capacity, self.unit, self.rate_per_h, self.length_m)


class UseRow(Row):
    """A row of `use_definition.csv`, with our column `mode`."""

    use: Name
    mode: Annotated[str, AfterValidator(_one_of(MODES))] = ""


class UseGroupRow(Row):
    """A row of `use_group.csv`."""

    use_group: Name
    uses: str = ""


class OutlineRow(Row):
    """A row of `outline.csv`: a corner of a ring, in degrees."""

    country: Name = ""
    ring: Name = ""
    x_coord: Annotated[float, _from_to(-180, 180)]
    y_coord: Annotated[float, _from_to(-90, 90)]


class ConfigRow(Row):
    """A row of `config.csv`: the units of the dataset."""

    long_length: str = "km"
    short_length: str = "m"
    speed: str = "km/h"
    crs: str = ""
