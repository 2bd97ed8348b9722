"""What a scenario chooses by name and a function decides: policies, routings, diversions, choices of modes, targets of
disruptions.

The functions of ours stand in the rooms that call them; a user's declaration brings its own along.
"""

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self, TypeVar

from nfm_sim.kinds.registry import Listed, Registry, declared, rows_of
from nfm_sim.problems import InputError, of_own_code, shown


@dataclass(frozen=True)
class Choice(Listed):
    """One of several functions, by name."""

    function: Callable[..., Any] | None = None
    """A user's own."""

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Self:
        """Declare a function of one's own by its name, with its docstring as meaning."""
        return cls(function.__name__, inspect.getdoc(function) or "", function)


AnyChoice = TypeVar("AnyChoice", bound=Choice)


class Policy(Choice):
    """Which task goes first for elements: a function from a commitment and the number of elements that it has to the
    rank of its next one. The lower rank goes first."""


class Routing(Choice):
    """Which way a movement takes: a function, asked at every holding node, from the control of the links, the trip, the
    node and the legs that are planned to the legs that are taken."""


class Diversion(Choice):
    """Where a ship goes: a function, asked when it comes to its port and when a port is lost at which it waits, from
    what is seen then (`nfm_sim.engine.movement.diversion.ShipSeen`) to the port; its own to stay."""


class ModeChoice(Choice):
    """By which mode pieces go: a function from what a plan is made with, the place, the cargo, the shares that are
    allowed and the destination to the pieces by mode and class."""


class Hits(NamedTuple):
    """What a disruption hits."""

    links: Collection[str] = ()
    pools: Collection[tuple[str, str]] = ()
    """By place and name; a national pool has no place."""
    ships: Collection[str] = ()
    """Each as "flow/ship"."""


class TargetKind(Choice):
    """What a disruption hits, by the key that names it in a scenario: a function from the names that are given there,
    the network and the keys of the pools to `Hits`."""


def _ours(what: str, of: type[AnyChoice], kind: str) -> Registry[AnyChoice]:
    return Registry(what, of, [declared(of, row) for row in rows_of("choices") if row.pop("kind") == kind])


POLICIES = _ours("a policy between tasks", Policy, "policy")
ROUTINGS = _ours("a routing", Routing, "routing")
DIVERSIONS = _ours("a diversion", Diversion, "diversion")
MODE_CHOICES = _ours("a choice of modes", ModeChoice, "mode choice")
TARGETS = _ours("a target of disruptions", TargetKind, "target")


def function_of(
    choice: Choice, ours: Mapping[str, Callable[..., Any]], instead: Callable[..., str]
) -> Callable[..., Any]:
    """Return the function of a choice: ours by its name; or the user's own, which raises `InputError` for an answer
    that is none: `instead` says from the answer, and what was asked, what is to be returned instead, or ""."""
    own = choice.function
    if own is None:
        return ours[choice.name]

    def checked(*asked: Any) -> Any:
        try:
            answer = own(*asked)
        except Exception as error:
            raise of_own_code(own, error, f"{type(choice).__name__} {choice.name} fails") from error
        if other := instead(answer, *asked):
            raise InputError.of(
                "nfm_sim", type(choice).__name__, choice.name, f"returns {shown(repr(answer))}; return {other}"
            )
        return answer

    return checked
