"""Issue of ammunition and supplies at a depot, over its docks, in its opening hours."""

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
    from nfm_sim.scenario.activation import IssueStage
    from nfm_sim.scenario.model import Element


@dataclass(frozen=True, slots=True)
class IssuePlan:
    name: str
    depot: str
    dock: str
    """The pool of its docks."""
    hours: float
    windows: Windows | None

    def run(self, world: World, element: ElementPlan, log: Log) -> Steps:
        dock = yield from world.take(element.subject, log, element.rank, self.dock, 1, self.name, self.depot)
        yield from world.work(log, self.name, self.depot, self.hours, self.windows)
        world.give(dock)


def plan_issue(compiler: Compiler, name: str, stage: IssueStage, subject: str, element: Element) -> IssuePlan:
    """An element without a depot, or without pieces, draws nothing."""
    depot = element.depot or element.home
    rate = compiler.facility(depot, stage.docks) if element.depot else None
    hours = sum(element.pieces.values()) / rate if rate else 0.0
    return IssuePlan(
        name, depot, f"{depot}.{stage.docks}", whole_ticks(hours), compiler.opening(depot, stage.docks, ())
    )
