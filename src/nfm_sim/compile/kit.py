"""The kit with which the lots of a plan are made."""

from __future__ import annotations

from dataclasses import dataclass, field

from nfm_sim.compile.draws import DrawSheet
from nfm_sim.compile.places import Places
from nfm_sim.compile.times import Times
from nfm_sim.compile.trips import Trips
from nfm_sim.network import Network
from nfm_sim.problems import Problem
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.rules import Movement


@dataclass(frozen=True)
class Kit:
    """What lots are made with: the scenario, and what is made of it once for all lots. Nothing in the plan points back
    to it."""

    scenario: Scenario
    sheet: DrawSheet
    """Numbers every draw that a replication will need."""
    times: Times
    places: Places
    trips: Trips
    problems: list[Problem] = field(default_factory=list)
    """What is wrong with the scenario, as far as it was found; raised in one."""
    busy_until: dict[str, float] = field(default_factory=dict)
    """By scarce thing: the hour until which a choice of modes has planned it so far."""

    @property
    def rules(self) -> Movement:
        """The rules of movement."""
        return self.scenario.movement

    @property
    def network(self) -> Network:
        return self.scenario.loaded_network

    def fault(self, key: str, value: str, remedy: str) -> None:
        """Note what is wrong with the scenario, once."""
        problem = Problem(self.scenario.file, key, value, remedy)
        if problem not in self.problems:
            self.problems.append(problem)
