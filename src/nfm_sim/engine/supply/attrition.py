"""What falls out of elements in place day by day, is mended or treated there, or goes back over the network."""

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from nfm_sim.engine.log import Log, Who
from nfm_sim.engine.supply.stocks import SupplyChain, Tell
from nfm_sim.engine.world import Steps, World
from nfm_sim.plan.forces import AttritionPlan, ElementAttrition, ElementPlan
from nfm_sim.plan.movement import Need, Rank
from nfm_sim.record.words import Activity, Kind

BACK, FORWARD = "back", "forward"
MOST_EVEN = 600.0
"""Of a Poisson mean: above it, the number that is drawn is the mean itself, within a twentieth (exp(-600) is still a
number)."""


class Evacuation(NamedTuple):
    """What goes back from an area, or forward to it."""

    of: AttritionPlan
    area: str
    direction: str


@dataclass(slots=True, eq=False)
class Strength:
    """The people, or the pieces of a class, of an element."""

    element: ElementPlan
    plan: ElementAttrition
    tell: Tell
    fit: int
    near: int = 0
    away: int = 0
    lost: int = 0
    stay: int = 0
    """Counts its times in place; odd while it is there."""
    day: int = 0
    """Days in place, over all times."""
    _rests: dict[str, float] = field(default_factory=dict)

    def part(self, what: str, share: float, number: int, most: int) -> int:
        """A share of a number, in whole ones; what is over is kept for the next time."""
        wanted = self._rests.get(what, 0.0) + share * number
        whole = min(math.floor(wanted + 1e-9), most)
        self._rests[what] = wanted - whole
        return whole


class Wastage:
    """All that falls out in a replication."""

    def __init__(self, world: World, supply: SupplyChain) -> None:
        self.world = world
        self.supply = supply
        self.rows: list[tuple[str, str, float, int, int, int, int]] = []
        """Element, attrition, hour, and how many people or pieces are from then on fit, near (mended or treated in the
        area), away (evacuated, or on the way forward) and lost."""
        self._strengths: dict[str, list[Strength]] = {}
        """By element that has been in place."""
        self._gathered: defaultdict[Evacuation, list[Strength]] = defaultdict(list)
        """What waits to set out, by where it goes: whose each is."""
        self._under_way: defaultdict[Evacuation, deque[Strength]] = defaultdict(deque)
        """Likewise what has set out; one of these is as good as another."""

    def join(self, element: ElementPlan, tell: Tell) -> None:
        """An element is in place: from now on, something may fall out each day."""
        if element.subject not in self._strengths:
            plans = self.world.plan.attrition.get(element.subject, ())
            self._strengths[element.subject] = [Strength(element, plan, tell, plan.number) for plan in plans]
        for strength in self._strengths[element.subject]:
            strength.stay += 1
            self._note(strength)
            self.world.env.process(self._days(strength, strength.stay))

    def leave(self, element: ElementPlan) -> None:
        """It is there no more."""
        for strength in self._strengths[element.subject]:
            strength.stay += 1
            self._note(strength)

    def _days(self, strength: Strength, stay: int) -> Steps:
        """In each day in place a Poisson number of those that are fit falls out."""
        plan, world = strength.plan, self.world
        while True:
            began_h = world.now
            yield world.pause(24.0)
            if strength.stay != stay:
                return
            share = plan.share_a_day.at(began_h)
            draw = world.value[plan.days[strength.day % len(plan.days)]]
            strength.day += 1
            fell = min(strength.fit, poisson(share * strength.fit, draw))
            if fell:
                self._fall_out(strength, fell)

    def _fall_out(self, strength: Strength, number: int) -> None:
        of = strength.plan.of
        lost = strength.part("lost", of.lost_share, number, number)
        stays = strength.part("stays", of.stays_share, number, number - lost)
        goes = number - lost - stays
        ways = of.back.get(strength.element.area, ())
        strength.fit -= number
        strength.near += stays
        strength.away += goes if ways else 0
        strength.lost += lost + (0 if ways else goes)
        self._note(strength)
        for _ in range(stays):
            self.world.env.process(self._mend(strength))
        if ways:
            self._gather(of, strength.element.area, BACK, [strength] * goes)

    def _mend(self, strength: Strength) -> Steps:
        """One is mended or treated in the area, with parts and by those who can."""
        of, subject = strength.plan.of, strength.element.subject
        if of.uses and subject in self.supply.stock_of:
            yield self.supply.stock_of[subject].draw(of.rank, of.uses)
        yield from self._hold(subject, of.rank, of.mended_by, self.world.value[of.stays_h])
        strength.near -= 1
        strength.fit += 1
        self._note(strength)

    def _hold(self, subject: str, rank: Rank, needs: tuple[Need, ...], hours: float) -> Steps:
        """Take something, all of it in its turn, and give it back after so many hours."""
        who = Who(subject, Log(self.world.now, Activity.MEND, Kind.WAIT, ""), rank)
        held = yield from self.world.take_all(who, needs, Activity.MEND, "")
        yield self.world.pause(hours)
        self.world.release_all(held)

    def _gather(self, of: AttritionPlan, area: str, direction: str, whose: list[Strength]) -> None:
        """Have what goes one way wait for the next time that it sets out together."""
        where, world = Evacuation(of, area, direction), self.world
        if whose and not self._gathered[where]:
            world.at(math.ceil(world.now / of.every_h) * of.every_h, partial(self._set_out, where))
        self._gathered[where] += whose

    def _set_out(self, where: Evacuation) -> None:
        whose = self._gathered.pop(where)
        self._under_way[where] += whose
        ways = (where.of.back if where.direction == BACK else where.of.forward)[where.area]
        self.supply.convoys.send(ways, len(whose), partial(self._arrive, where), partial(self._lose, where))

    def _lose(self, where: Evacuation, number: int) -> None:
        """So many are lost on their way."""
        for strength in [self._under_way[where].popleft() for _ in range(number)]:
            strength.away -= 1
            strength.lost += 1
            self._note(strength)

    def _arrive(self, where: Evacuation, movement: str, number: int) -> None:
        came = [self._under_way[where].popleft() for _ in range(number)]
        if where.direction == BACK:
            for strength in came:
                self.world.env.process(self._treat(strength, movement))
            return
        for strength in came:
            strength.away -= 1
            strength.fit += 1
        for strength in dict.fromkeys(came):
            self._note(strength)

    def _treat(self, strength: Strength, movement: str) -> Steps:
        """One that came with a movement takes a bed or a bay for a while, and is to go forward again."""
        of = strength.plan.of
        yield from self._hold(movement, of.rank, (of.bed,) if of.bed else (), self.world.value[of.there_h])
        if of.comes_back:
            self._gather(of, strength.element.area, FORWARD, [strength])

    def _note(self, strength: Strength) -> None:
        """Put on record how many are fit, and tell whether that is enough."""
        name, subject = strength.plan.of.name, strength.element.subject
        numbers = strength.fit, strength.near, strength.away, strength.lost
        self.rows.append((subject, name, self.world.now, *numbers))
        in_place = strength.stay % 2 == 1
        is_low = in_place and strength.fit < strength.plan.of.least_share * strength.plan.number
        if is_low != ((subject, name) in self.supply.lacks):
            self.supply.note_lack(subject, name, lacks=is_low)
            strength.tell(name, is_low)


def poisson(mean: float, uniform: float) -> int:
    """The quantile of a Poisson distribution."""
    if mean > MOST_EVEN:
        return round(mean)
    number, chance = 0, math.exp(-mean)
    below = chance
    while below < uniform and chance:
        number += 1
        chance *= mean / number
        below += chance
    return number
