"""Filling up: people by trade, from the unassigned, from less urgent units, and from reservists."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nfm_sim.engine.plan import ElementPlan
from nfm_sim.engine.record import Log
from nfm_sim.engine.world import Steps, World

if TYPE_CHECKING:
    from nfm_sim.engine.compiler import Compiler
    from nfm_sim.scenario.activation import FillUpStage
    from nfm_sim.scenario.model import Element


@dataclass(frozen=True, slots=True)
class FillUpPlan:
    name: str
    hours: int
    """Draw: for joining, once the people are found."""
    full_share: float
    donor_share: float

    def run(self, world: World, element: ElementPlan, log: Log) -> Steps:
        """Who begins to fill up gives no people any more; what it gave before, it now misses itself."""
        world.filled_up.add(element.subject)
        here = world.present.get(element.subject, {})
        for trade, people in world.plan.people.get(element.subject, {}).items():
            missing = math.ceil(self.full_share * people.establishment - here[trade])
            if missing <= 0:
                continue
            here[trade] += missing
            missing -= self._from_unassigned(world, element, trade, missing)
            missing -= self._from_units(world, element, trade, missing)
            if missing:
                yield from world.take(element.subject, log, element.rank, trade, missing, self.name, element.home)
        yield from world.work(log, self.name, element.home, world.value[self.hours], None)

    def _from_unassigned(self, world: World, element: ElementPlan, trade: str, missing: int) -> int:
        pool = world.pools[trade]
        found = min(missing, math.floor(pool.free))
        if found <= 0 or not pool.take_now(found, element.rank):
            return 0
        world.hold(pool, element.subject, found)
        return found

    def _from_units(self, world: World, element: ElementPlan, trade: str, missing: int) -> int:
        """Take from the least urgent units first; one that can give no more is a donor no more."""
        found = 0
        donors = world.donors[trade]
        while donors and found < missing:
            donor, rank = donors[-1]
            if rank <= element.rank:
                break
            there = world.present[donor]
            least = self.donor_share * world.plan.people[donor][trade].establishment
            spare = 0 if donor in world.filled_up else math.floor(there[trade] - least)
            given = min(missing - found, spare)
            if given > 0:
                there[trade] -= given
                found += given
                world.lent.append((trade, donor, element.subject, given, world.now, world.plan.horizon_h))
            if given == spare or given <= 0:
                donors.pop()
        return found


def plan_fill_up(compiler: Compiler, name: str, stage: FillUpStage, subject: str, element: Element) -> FillUpPlan:
    hours = compiler.stage_hours(name, stage, subject, element)
    return FillUpPlan(name, hours, stage.full_share, stage.donor_share)
