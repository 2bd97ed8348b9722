"""Rows of a network's tables, as models: GMNS names, and our own columns behind them.

A column's description is the remedy for whatever is wrong with a cell of it. An empty cell is one that is not given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from nfm_sim.network.network import CEMT_CLASSES, MODES, TUNNEL_CATEGORIES, Facility, Link, Node
from nfm_sim.problems import did_you_mean


def _modes(cell: Any) -> Any:
    modes = frozenset(filter(None, cell.split(","))) if isinstance(cell, str) else cell
    if not modes <= set(MODES):
        raise ValueError(f"must be some of {','.join(MODES)}, with commas between")
    return modes


def _truth(cell: str) -> Any:
    return {"true": True, "false": False}.get(cell.lower(), cell)


def _known_node(cell: str, info: ValidationInfo) -> str:
    nodes = info.context or {}
    if cell not in nodes:
        raise ValueError(f"is not in node.csv{did_you_mean(cell, nodes)}")
    return cell


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def check(cell: str) -> str:
        if cell and cell not in known:
            raise ValueError(f"must be one of {', '.join(known)}, or empty when it is not known")
        return cell

    return check


def _between(least: float, most: float) -> Any:
    return Field(ge=least, le=most, allow_inf_nan=False, description=f"must be a number from {least:g} to {most:g}")


def _at_least(least: float, **more: Any) -> Any:
    return Field(ge=least, allow_inf_nan=False, description=f"must be a number of at least {least:g}", **more)


Modes = Annotated[frozenset[str], BeforeValidator(_modes)]
KnownNode = Annotated[str, AfterValidator(_known_node)]
NotNegative = Annotated[float, _at_least(0)]
Whole = Annotated[int, Field(ge=0, description="must be a whole number, or empty when it is not known")]


class Row(BaseModel):
    """A row of a table; a column that is not known here is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_not_given(cls, cells: dict[str, Any]) -> dict[str, Any]:
        return {column: cell for column, cell in cells.items() if cell not in ("", None)}


class NodeRow(Row):
    """A row of `node.csv`."""

    node_id: str = ""
    name: str = ""
    x_coord: Annotated[float, _between(-180, 180)]
    y_coord: Annotated[float, _between(-90, 90)]
    node_type: str = ""
    country: str = ""
    holds: Modes = frozenset()

    def node(self) -> Node:
        """Return the node."""
        title = self.name or self.node_id
        return Node(self.node_id, title, self.x_coord, self.y_coord, self.node_type, self.country, self.holds)


class LinkRow(Row):
    """A row of `link.csv`: lengths in km, speeds in km/h."""

    link_id: str = ""
    name: str = ""
    from_node_id: KnownNode = Field(default="", validate_default=True)
    to_node_id: KnownNode = Field(default="", validate_default=True)
    directed: Annotated[bool, BeforeValidator(_truth), Field(strict=True, description="must be true or false")]
    length: NotNegative
    facility_type: str = ""
    free_speed: Annotated[float, _between(1, 400)]
    allowed_uses: Modes = frozenset()
    lanes: Whole | None = None
    tracks: Whole | None = None
    electrification: str = ""
    max_train_m: NotNegative | None = None
    cemt_class: Annotated[str, AfterValidator(_one_of(CEMT_CLASSES))] = ""
    tunnel_category: Annotated[str, AfterValidator(_one_of(TUNNEL_CATEGORIES))] = ""
    max_weight_t: NotNegative | None = None
    max_height_m: NotNegative | None = None
    max_width_m: NotNegative | None = None

    def link(self) -> Link:
        """Return the link."""
        return Link(
            name=self.link_id,
            line=self.name,
            start=self.from_node_id,
            end=self.to_node_id,
            directed=self.directed,
            km=self.length,
            kind=self.facility_type,
            free_speed_kmh=self.free_speed,
            modes=self.allowed_uses,
            lanes=self.lanes,
            tracks=self.tracks,
            electrification=self.electrification,
            max_train_m=self.max_train_m,
            cemt_class=self.cemt_class,
            tunnel_category=self.tunnel_category,
            max_weight_t=self.max_weight_t,
            max_height_m=self.max_height_m,
            max_width_m=self.max_width_m,
        )


class FacilityRow(Row):
    """A row of `facility.csv`."""

    node_id: KnownNode = Field(default="", validate_default=True)
    facility: str = ""
    capacity: NotNegative
    unit: str = ""
    rate_per_h: NotNegative | None = None
    length_m: NotNegative | None = None

    def as_facility(self) -> Facility:
        """Return the facility."""
        return Facility(self.node_id, self.facility, self.capacity, self.unit, self.rate_per_h, self.length_m)
