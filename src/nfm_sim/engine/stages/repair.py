"""Repair: pieces that are not mission capable, in bays by class, with spare parts that may run out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simpy import AllOf

from nfm_sim.engine.plan import ElementPlan
from nfm_sim.engine.record import Log
from nfm_sim.engine.world import Steps, World

if TYPE_CHECKING:
    from nfm_sim.engine.compiler import Compiler
    from nfm_sim.scenario.activation import RepairStage
    from nfm_sim.scenario.model import Element


Job = tuple[str, str | None]
"""The pool of bays for one piece, and the stock of its spare parts."""


@dataclass(frozen=True, slots=True)
class RepairPlan:
    name: str
    hours: int
    """Draw: for one piece."""
    jobs: tuple[Job, ...]
    at_once: int

    def run(self, world: World, element: ElementPlan, log: Log) -> Steps:
        jobs = iter(self.jobs)
        crews = range(min(self.at_once, len(self.jobs)))
        yield AllOf(world.env, [world.env.process(self._crew(world, element, log, jobs)) for _ in crews])

    def _crew(self, world: World, element: ElementPlan, log: Log, jobs: Iterator[Job]) -> Steps:
        """Piece after piece; the log of the element follows the crew that changed last. Spares are used up."""
        for bays, spares in jobs:
            if spares is not None:
                yield from world.take(element.subject, log, element.rank, spares, 1, self.name, element.home)
            bay = yield from world.take(element.subject, log, element.rank, bays, 1, self.name, element.home)
            yield from world.work(log, self.name, element.home, world.value[self.hours], None)
            world.give(bay)


def plan_repair(compiler: Compiler, name: str, stage: RepairStage, subject: str, element: Element) -> RepairPlan:
    jobs = [
        (bays, stage.spares.get(class_name))
        for class_name, bays in stage.bays.items()
        for _ in range(round(element.pieces.get(class_name, 0) * (1 - element.mission_capable_share)))
    ]
    hours = compiler.sheet.ask(name, subject, element.hours.get(name) or stage.repair_h)
    return RepairPlan(name, hours, tuple(jobs), stage.at_once)
