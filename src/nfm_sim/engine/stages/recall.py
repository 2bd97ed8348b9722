"""Recall from leave: slower by night and in the weekend, and as the regime has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nfm_sim.engine.plan import ElementPlan
from nfm_sim.engine.record import Log
from nfm_sim.engine.ticks import whole_ticks
from nfm_sim.engine.windows import Windows
from nfm_sim.engine.world import Steps, World

if TYPE_CHECKING:
    from nfm_sim.engine.compiler import Compiler
    from nfm_sim.scenario.activation import RecallStage
    from nfm_sim.scenario.model import Element


@dataclass(frozen=True, slots=True)
class RecallPlan:
    name: str
    hours: int
    """Draw."""
    slower: tuple[tuple[Windows, float], ...]
    """Hours that are added when the recall begins in these."""
    factors: tuple[tuple[float, float], ...]
    """(hour, factor): from which hour the regime multiplies the recall, the last first."""

    def run(self, world: World, element: ElementPlan, log: Log) -> Steps:
        factor = next((factor for hour, factor in self.factors if world.now >= hour), 1.0)
        added = sum(hours for windows, hours in self.slower if windows.open_at(world.now))
        hours = whole_ticks(world.value[self.hours] * factor + added)
        yield from world.work(log, self.name, element.home, hours, None)


def plan_recall(compiler: Compiler, name: str, stage: RecallStage, subject: str, element: Element) -> RecallPlan:
    nights, weekends = compiler.windows(("22:00-06:00",)), compiler.windows(("sat-sun 00:00-24:00",))
    slower = ((nights, stage.night_adds_h), (weekends, stage.weekend_adds_h))
    factors = [
        (start.day * 24, compiler.scenario.regimes[start.regime].recall_factor) for start in compiler.timeline
    ]
    return RecallPlan(
        name,
        compiler.stage_hours(name, stage, subject, element),
        tuple((windows, hours) for windows, hours in slower if windows is not None and hours),
        tuple(reversed(factors)),
    )
