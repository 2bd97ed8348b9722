"""A network as plain data, such as JSON holds, and back: rows with the names and the bounds of its tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nfm_sim.network.network import Network
from nfm_sim.network.rows import AnyRow, FacilityRow, Given, LinkRow, NodeRow, OutlineRow
from nfm_sim.network.shapes import read_shape
from nfm_sim.network.tables import rings_of
from nfm_sim.problems import InputError


def network_rows(network: Network) -> dict[str, Iterator[dict[str, Any]]]:
    """Return the rows of each part of a network, one by one."""
    corners = (
        {"country": country, "ring": str(number), "x_coord": lon, "y_coord": lat}
        for country, rings in network.outline.items()
        for number, ring in enumerate(rings)
        for lon, lat in ring
    )
    return {
        "nodes": map(_plain, map(NodeRow.of, network.nodes.values())),
        "links": map(_plain, map(LinkRow.of, network.links.values())),
        "facilities": map(_plain, map(FacilityRow.of, network.facilities.values())),
        "outline": corners,
    }


def network_data(network: Network) -> dict[str, Any]:
    """Return all of a network in dictionaries, lists, strings and numbers."""
    return {"path": str(network.path), **{part: list(rows) for part, rows in network_rows(network).items()}}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row with the numbers that it will have when it is read back: whole ones are so for tracks and lanes alone."""
    whole = ("tracks", "lanes")
    return {key: float(cell) if type(cell) is int and key not in whole else cell for key, cell in row.items()}


def network_from_data(data: dict[str, Any], file: str = "network") -> Network:
    """Make the network of what `network_data` returned. Raises `InputError` for what is none."""
    nodes = {row.node_id: row.node() for row in _rows(file, data, "nodes", NodeRow, Given())}
    given = Given(nodes)
    links = [
        row.link(row.length or 0.0, row.free_speed or 1.0, read_shape(row.geometry))
        for row in _rows(file, data, "links", LinkRow, given)
    ]
    facilities = [row.as_facility() for row in _rows(file, data, "facilities", FacilityRow, given)]
    return Network(
        Path(str(data.get("path", ""))),
        nodes,
        {link.name: link for link in links},
        {(facility.node, facility.name): facility for facility in facilities},
        rings_of(_rows(file, data, "outline", OutlineRow, given)),
    )


def _rows(file: str, data: dict[str, Any], part: str, kind: type[AnyRow], given: Given) -> list[AnyRow]:
    """The rows of a part of the data."""
    rows = data.get(part)
    if not isinstance(rows, list):
        raise InputError.of(file, f"network.{part}", "", "must be a list of rows")
    made: list[AnyRow] = []
    try:
        for row in rows:
            made.append(kind.model_validate(row, context=given))
    except ValidationError as error:
        place = ".".join(["network", part, str(len(made)), *map(str, error.errors()[0]["loc"][:1])])
        raise InputError.of(file, place, "", "is not what a network as data holds") from None
    return made
