"""A stage that takes time, and holds of a pool while it does; one that takes none holds nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nfm_sim.engine.plan import ElementPlan
from nfm_sim.engine.record import Log
from nfm_sim.engine.world import Steps, World

if TYPE_CHECKING:
    from nfm_sim.engine.compiler import Compiler
    from nfm_sim.scenario.activation import HoursStage
    from nfm_sim.scenario.model import Element


@dataclass(frozen=True, slots=True)
class HoursPlan:
    name: str
    hours: int
    """Draw."""
    pool: str | None
    amount: float

    def run(self, world: World, element: ElementPlan, log: Log) -> Steps:
        if not world.value[self.hours]:
            return
        held = None
        if self.pool is not None:
            held = yield from world.take(
                element.subject, log, element.rank, self.pool, self.amount, self.name, element.home
            )
        yield from world.work(log, self.name, element.home, world.value[self.hours], None)
        world.give(held)


def plan_hours(compiler: Compiler, name: str, stage: HoursStage, subject: str, element: Element) -> HoursPlan:
    return HoursPlan(name, compiler.stage_hours(name, stage, subject, element), stage.pool, stage.amount)
