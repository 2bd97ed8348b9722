"""What figures call things: nodes by their names, capacities and causes in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from nfm_sim.record import Record
from nfm_sim.record.words import LINK_IN_CAUSE, CauseKind

MOST_LETTERS = 60
"""Of the name of a row; of a longer one the middle is left out."""


def place_name(run: Record, name: str) -> str:
    """Return what a place is called; a pool may stand at a flow or an element in the place of a node."""
    known = (table for table in ("nodes", "flows", "elements") if name in run.titles.get(table, {}))
    return of_title(run.called(next(known, "nodes"), name))


def pool_name(run: Record, place: str, pool: str) -> str:
    """Return what a pool is called, with its place if it has one."""
    words = pool.replace("_", " ")
    return f"{place_name(run, place)}: {words}" if place else words


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
    if kind == CauseKind.DISRUPTION:
        return of_title(run.called("disruptions", cause))
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


def row_names(names: list[str]) -> list[str]:
    """Return names of rows without the middle of those that are too long, where they still tell each other apart."""
    half = MOST_LETTERS // 2
    short = [f"{name[:half].strip()} … {name[-half:].strip()}" if len(name) > 2 * half else name for name in names]
    return short if len({*short}) == len({*names}) else names
