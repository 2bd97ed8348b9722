"""What a scenario chooses by name and a function decides: policies, routings, diversions, choices of modes, targets of
disruptions.

The functions of ours stand in the rooms that call them; a user's declaration brings its own along.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

from nfm_sim.kinds.registry import Declaration, Registry


@dataclass(frozen=True)
class Choice(Declaration):
    """One of several functions, by name."""

    registry: ClassVar[Registry[Any]]
    name: str
    meaning: str
    function: Callable[..., Any] | None = None
    """A user's own."""

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Self:
        """Declare a function of one's own by its name, with its docstring as meaning."""
        return cls(function.__name__, inspect.getdoc(function) or "", function)


class Policy(Choice):
    """Which task goes first for elements: a function from a commitment and the number of elements that it has to the
    rank of its next one. The lower rank goes first."""

    registry: ClassVar[Registry[Policy]]


class Routing(Choice):
    """Which way a movement takes: a function, asked at every holding node, from the control of the links, the trip, the
    node and the legs that are planned to the legs that are taken."""

    registry: ClassVar[Registry[Routing]]


class Diversion(Choice):
    """Where a ship goes: a function, asked when it comes to its port and when a port is lost at which it waits, from
    what is seen then (`nfm_sim.engine.movement.diversion.ShipSeen`) to the port; its own to stay."""

    registry: ClassVar[Registry[Diversion]]


class ModeChoice(Choice):
    """By which mode pieces go: a function from what a plan is made with, the place, the cargo, the shares that are
    allowed and the destination to the pieces by mode and class."""

    registry: ClassVar[Registry[ModeChoice]]


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

    registry: ClassVar[Registry[TargetKind]]


POLICIES: Registry[Policy] = Registry(
    "a policy between tasks",
    Policy,
    [
        Policy("strict", "The task with the lower number of priority takes all that it asks for."),
        Policy("weights", "Elements are shared out in proportion to the weights of the tasks."),
        Policy("reserved", "What is within the reserve of a task goes first; above the reserves the priority decides."),
    ],
)
ROUTINGS: Registry[Routing] = Registry(
    "a routing",
    Routing,
    [
        Routing("fixed", "Movements keep to their route, and wait where it is closed."),
        Routing("fastest", "They go around what is closed where that is faster than to wait."),
        Routing("earliest", "They take the way of earliest arrival, given what is booked."),
    ],
)
DIVERSIONS: Registry[Diversion] = Registry(
    "a diversion",
    Diversion,
    [Diversion("when_lost", "A ship whose port is lost goes where discharge can begin first, if that is sooner.")],
)
MODE_CHOICES: Registry[ModeChoice] = Registry(
    "a choice of modes",
    ModeChoice,
    [
        ModeChoice("shares", "As the shares say."),
        ModeChoice("least_closure", "By that mode with a share by which each piece is expected to close first."),
    ],
)


TARGETS: Registry[TargetKind] = Registry(
    "a target of disruptions",
    TargetKind,
    [
        TargetKind("nodes", "All links of these nodes, and their facilities."),
        TargetKind("lines", "All links of a road, railway or fairway, by its name."),
        TargetKind("links", "Links of the network, by their `link_id`."),
        TargetKind("facilities", 'Facilities, each as "place.facility".'),
        TargetKind("pools", "Pools of the scenario."),
        TargetKind("ships", 'Ships, each as "flow/ship".'),
    ],
)


def function_of(choice: Choice, ours: Mapping[str, Callable[..., Any]]) -> Callable[..., Any]:
    """Return the function of a choice: the user's own, or ours by its name."""
    return choice.function or ours[choice.name]
