"""Inputs that are drawn once a replication: numbers that nobody knows, of which its plan is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from nfm_sim.compile.draws import DrawSheet
from nfm_sim.plan.draws import Stream
from nfm_sim.plan.plan import Plan
from nfm_sim.problems import InputError
from nfm_sim.scenario import Scenario


def draw_inputs(scenario: Scenario, stream: Stream) -> dict[str, float]:
    """Return a value for each uncertain number of a scenario, by path. Each path draws its own, so that one that is
    added changes no other."""
    sheet = DrawSheet()
    numbers = {path: sheet.ask("input", path, distribution) for path, distribution in scenario.uncertain.items()}
    values = sheet.freeze()(stream)
    return {path: values[number] for path, number in numbers.items()}


@dataclass(frozen=True)
class Redraw:
    """Makes the plan of a replication of a scenario with uncertain numbers."""

    compiled: Callable[[Scenario], Plan]
    scenario: Scenario

    def __call__(self, stream: Stream) -> Plan:
        inputs = draw_inputs(self.scenario, stream)
        try:
            plan = self.compiled(self.scenario.drawn(inputs))
        except InputError as error:
            drawn = ", ".join(f"{path} {value:g}" for path, value in inputs.items())
            told = (
                replace(p, remedy=f"{p.remedy} (replication {stream.replication} drew {drawn})") for p in error.problems
            )
            raise InputError(told) from None
        return replace(plan, redraw=None, inputs=inputs)
