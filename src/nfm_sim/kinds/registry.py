"""Declarations: a thing of a kind (a mode, a facility, a family of distributions) is declared once, for all floors.

A `Registry` has the declarations of one kind by name, in the order in which tables and figures show them. `extend` adds
those of users, for as long as the process lives or a `with` statement lasts; they are treated as ours are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self, TypeVar

from nfm_sim.beside import rows_beside
from nfm_sim.problems import InputError, did_you_mean


class Declaration:
    """What is declared of one thing. Each kind of thing has its own class, whose `registry` holds all of its kind."""

    registry: ClassVar[Registry[Any]]
    name: str
    """What a scenario calls it."""
    meaning: str
    """What it is, in a sentence."""


@dataclass(frozen=True)
class Listed(Declaration):
    """A declaration that is a row of a table, where it is ours."""

    name: str
    meaning: str


Declared = TypeVar("Declared", bound=Declaration)


class Registry(Mapping[str, Declared]):
    """All declarations of a kind, by name."""

    def __init__(self, what: str, of: type[Declared], ours: Iterable[Declared]) -> None:
        self.what = what
        """What one of them is called in sentences, with its article: "a mode"."""
        self._ours = {one.name: one for one in ours}
        self.own: dict[str, Declared] = {}
        """Those that users added."""
        of.registry = self

    def __getitem__(self, name: str) -> Declared:
        return self._ours[name] if name in self._ours else self.own[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._ours
        yield from self.own

    def __len__(self) -> int:
        return len(self._ours) + len(self.own)

    def unknown(self, name: str) -> str:
        """Say of a name that nobody declared what it could be, and how to declare it."""
        near = did_you_mean(name, self)
        return f"must be one of {', '.join(self)}{near}, or your own, which nfm_sim.extend adds"

    def add(self, one: Declared) -> None:
        """Add a user's declaration. Raises `InputError` for a name that is declared already."""
        if self.get(one.name, one) is not one:
            remedy = f"is {self.what} already; give yours another name"
            raise InputError.of("extend", type(one).__name__, one.name, remedy)
        self.own[one.name] = one

    def take_away(self, one: Declared) -> None:
        """Take a user's declaration away again."""
        self.own.pop(one.name, None)


def rows_of(table: str) -> list[dict[str, str]]:
    """Return the rows of a table of declarations of ours."""
    return rows_beside(__file__, f"{table}.csv")


def declared(of: type[Declared], row: Mapping[str, str], **more: object) -> Declared:
    """Make the declaration of a row, whose cells are what the defaults of its fields are: numbers, "yes", or texts.
    Raises KeyError for a column that is no field."""
    usual = {field.name: field.default for field in fields(of)}  # type: ignore[arg-type]
    read: Mapping[type, Any] = {bool: "yes".__eq__, float: float}
    own = {name: read.get(type(usual[name]), str)(cell) for name, cell in row.items()}
    return of(**own, **more)


class Extension:
    """Declarations that were added; as a context manager it takes them away at its end."""

    def __init__(self, added: tuple[Declaration, ...]) -> None:
        self.added = added

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for one in self.added:
            one.registry.take_away(one)
            _OWN.remove(one)


_OWN: list[Declaration] = []


def extend(*declarations: Declaration) -> Extension:
    """Add declarations of your own: `ModeKind`, `Family`, `Policy`, `Routing`, `Diversion`, `ModeChoice`,
    `TargetKind`.

    Scenarios may name them from then on, and studies keep the digest of their code. Used in a `with` statement, they
    are taken away at its end. Raises `InputError` for a name that is declared already.

    >>> def evenly(commitment, filled):
    ...     "The commitment with the smallest share of what it asks for goes first."
    ...     return (filled / commitment.number,)
    >>> with nfm.extend(nfm.kinds.Policy.of(evenly)):
    ...     list(nfm.kinds.POLICIES)
    ['strict', 'weights', 'reserved', 'evenly']
    """
    for one in declarations:
        if not isinstance(one, Declaration):
            raise InputError.of("extend", "", str(one), "is no declaration, such as Policy.of(function)")
    added = tuple(one for one in declarations if one not in _OWN)
    for one in added:
        one.registry.add(one)
        _OWN.append(one)
    return Extension(added)


def own() -> tuple[Declaration, ...]:
    """Return all declarations that users added, in their order."""
    return tuple(_OWN)


def adopt(declarations: tuple[Declaration, ...]) -> None:
    """Have exactly these declarations of users, as a worker process has those of the process that sent it."""
    if declarations != own():
        Extension(own()).__exit__()
        extend(*declarations)
