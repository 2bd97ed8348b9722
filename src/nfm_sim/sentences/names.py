"""What figures and pages call things: by their titles, nodes by their names, capacities and causes in words."""

import re
from collections import Counter
from collections.abc import Iterable

import polars as pl

from nfm_sim.kinds import FACILITIES
from nfm_sim.record import Record
from nfm_sim.record.words import LINK_IN_CAUSE, CauseKind
from nfm_sim.scenario.model import OPERATION

TITLED = {name: f"{name}s" for name in ("flow", "element", "formation", "task", "plan", "disruption")}
TITLED["wanted_by"] = "tasks"
"""Columns of answers whose names have titles, with the table that has them."""


def place_name(run: Record, name: str) -> str:
    """Return what a place is called; a pool may stand at a flow or an element in the place of a node."""
    known = (table for table in ("nodes", "flows", "elements") if name in run.titles.get(table, {}))
    return of_title(run.called(next(known, "nodes"), name))


def pool_name(run: Record, place: str, pool: str) -> str:
    """Return what a pool is called, with its place if it has one."""
    return f"{place_name(run, place)}: {facility_name(pool)}" if place else pool.replace("_", " ")


MEASURED = ("m", "m2", "kg")
"""Units of what is measured and not counted."""


def facility_name(name: str) -> str:
    """Return what a facility is called, as far as it is declared; a name without its unit otherwise.

    >>> facility_name("truck_ramps"), facility_name("yard_m2"), facility_name("containers_m2")
    ('lorry ramps', 'staging yard', 'yard of containers')
    >>> facility_name("explosive_kg")
    'net explosive mass'
    """
    kind = FACILITIES.get(name)
    if kind is None:
        called = f"yard of {name.removesuffix('_m2')}" if name.endswith("_m2") else name
        return called.replace("_", " ")
    return kind.noun if kind.unit in MEASURED else f"{kind.noun}s"


def programme_name(run: Record, name: str) -> str:
    """Return what a movement programme is called: that of one flow as the flow is, that of all others the operation."""
    if name == OPERATION:
        return "the operation"
    return of_title(run.called("flows" if name in run.titles.get("flows", {}) else "programmes", name))


def cause_of_slip(run: Record, name: str | None) -> str | None:
    """Return what binds a window is called: a facility with its place, a link by its line, or a pool."""
    if name is None:
        return None
    is_link = run.network is not None and name in run.network.links
    kind = CauseKind.LINK if is_link else CauseKind.FACILITY if "." in name else CauseKind.POOL
    return capacity_name(run, kind, name)


def with_titles(run: Record, table: pl.DataFrame) -> pl.DataFrame:
    """Return an answer with the titles of what it names; capacities by what they are called."""
    named: dict[str, pl.Expr | pl.Series] = {
        column: pl.col(column).cast(pl.String).replace(names_of(run, titled, table[column].unique().cast(pl.String)))
        for column, titled in TITLED.items()
        if column in table.columns
    }
    if {"kind", "name"} <= {*table.columns}:
        rows = table.select("kind", "name").iter_rows()
        named["name"] = pl.Series([capacity_name(run, *row) for row in rows], dtype=pl.String)
    return table.with_columns(**named)


def capacity_name(run: Record, kind: str, name: str) -> str:
    """Return what a capacity is called, of the kind and the name that `bottlenecks` and `saturation` give it."""
    if kind == CauseKind.FACILITY:
        return pool_name(run, *name.rpartition(".")[::2])
    link = run.network.links.get(name) if kind == CauseKind.LINK and run.network is not None else None
    if link is None:
        return name.replace("_", " ")
    return f"{link.line or link.kind}: {place_name(run, link.start)} - {place_name(run, link.end)}"


def cause_name(run: Record, kind: str, cause: str) -> str:
    """Return what a cause of waits is called: a link by its line, a disruption by its title."""
    if kind in TITLED:
        return of_title(run.called(TITLED[kind], cause))
    if kind == CauseKind.FACILITY:
        return facility_name(cause)
    line = re.fullmatch(LINK_IN_CAUSE, cause) if kind == CauseKind.LINK else None
    return (cause[: line.start(1) - 2] or cause) if line else cause.replace("_", " ")


def names_of(run: Record, table: str, names: Iterable[str]) -> dict[str, str]:
    """Return what things of a table are called, each by a name of its own."""
    called = {name: of_title(run.called(table, name)) for name in names}
    often = Counter(called.values())
    return {name: title if often[title] == 1 else f"{title} ({name})" for name, title in called.items()}


def of_title(title: str) -> str:
    """Return a title without "(notional)", which the figure says below."""
    return title.removesuffix("(notional)").strip()
