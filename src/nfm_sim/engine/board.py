"""The task board: which element is on which task, and which goes to which next."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from nfm_sim.engine.duty import Claim, Duty
from nfm_sim.engine.policies import POLICIES
from nfm_sim.engine.pools import Rank

if TYPE_CHECKING:
    from nfm_sim.engine.world import World


class Board:
    """Assigns elements to claims, by the policy of the scenario.

    What is free goes first, and of that what is not offered to the NATO Force Model and then the least urgent
    tier. A claim that finds nothing free takes from the claim that ranks last, if the policy lets it and the task
    may be withdrawn from.
    """

    def __init__(self, world: World) -> None:
        plan = world.plan
        self.world = world
        self.policy = POLICIES[plan.policy]
        self.claims = [Claim(claim) for claim in plan.claims]
        for claim in self.claims:
            wanted = set(claim.plan.capabilities)
            claim.rivals = [
                c for c in self.claims if c is not claim and not wanted.isdisjoint(c.plan.capabilities)
            ]
        self.duties = {element.subject: Duty(world, element) for element in plan.elements}
        self._free: dict[tuple[str, bool], list[tuple[Rank, Duty]]] = {}
        self._resting: dict[str, list[Duty]] = {}
        self._offers = {claim.plan.capabilities[0]: claim for claim in self.claims if claim.plan.offers}
        self._hold_present()
        for claim in self.claims:
            world.at(max(claim.plan.from_h, world.now), partial(self.open, claim))
            if claim.plan.until_h < plan.horizon_h:
                world.at(claim.plan.until_h, partial(self.end, claim))
        world.at(world.ordered_h, self.order)
        for hour in plan.regime_hours:
            world.at(hour, self.dispatch)
        for duty in self.duties.values():
            if duty.element.pre_alert_h:
                world.at(-duty.element.pre_alert_h, partial(self.alert, duty))

    def _hold_present(self) -> None:
        """Put the elements where they are at hour 0."""
        by_name = {(claim.plan.task.name, claim.plan.name): claim for claim in self.claims}
        for duty in self.duties.values():
            if duty.element.commitment is not None:
                claim = by_name[duty.element.commitment]
                duty.goal = duty.claim = claim
                duty.state = "serve"
                claim.assigned[duty] = None

    def open(self, claim: Claim) -> None:
        """A commitment begins to ask."""
        if not claim.plan.offers:
            claim.asked = claim.plan.number
            self._note_asked(claim, claim.plan.from_h, claim.plan.until_h)
            self.dispatch()

    def _note_asked(self, claim: Claim, start_h: float, end_h: float) -> None:
        plan = claim.plan
        self.world.note_asked(*plan.key, " | ".join(plan.capabilities), "", plan.number, start_h, end_h)

    def end(self, claim: Claim) -> None:
        """A commitment asks no more."""
        claim.asked = 0.0
        claim.overdue.clear()
        for duty in list(claim.assigned):
            self.release(duty)
        self.dispatch()

    def order(self) -> None:
        """The activation order: all that is offered is asked for, the most urgent first."""
        for claim in self._offers.values():
            claim.asked = claim.plan.number
            self._note_asked(claim, self.world.now, claim.plan.until_h)
        for duty in sorted(self.duties.values(), key=lambda duty: duty.element.rank):
            if duty.available and duty.element.offered:
                self.assign(duty, self._offers[duty.element.capability])
        self.dispatch()
        for duty in self.duties.values():
            if duty.element.offered and duty.claim is not None and not duty.claim.plan.offers:
                duty.blame_task(duty.claim)

    def alert(self, duty: Duty) -> None:
        """An element that is pre-alerted begins, unless it is on another task."""
        if duty.available:
            self.assign(duty, self._offers[duty.element.capability])

    def dispatch(self) -> None:
        """Fill what is missing, the claim that ranks first first, until nothing more can be done."""
        short = [claim for claim in self.claims if claim.missing > 0]
        while short:
            claim = min(short, key=self._next)
            duty = self._find(claim)
            if duty is None:
                short.remove(claim)
                continue
            loser = duty.goal
            self.assign(duty, claim)
            if claim.missing <= 0:
                short.remove(claim)
            if loser is not None and loser not in short and loser.missing > 0:
                short.append(loser)

    def _next(self, claim: Claim) -> Rank:
        return self.policy(claim.plan, len(claim.assigned))

    def _find(self, claim: Claim) -> Duty | None:
        """Who is to go to a claim: the free, then those at rest if it may call on them, then those of another."""
        for capability in claim.plan.capabilities:
            for offered in (True,) if claim.plan.offers else (False, True):
                free = self._free.get((capability, offered), [])
                while free:
                    duty = heappop(free)[1]
                    if duty.available:
                        return duty
            if claim.plan.task.breaks_rest:
                resting = [duty for duty in self._resting.get(capability, ()) if self._suits(duty, claim)]
                if resting:
                    return min(resting, key=lambda duty: duty.element.order)
        return self._take_from_another(claim)

    def _take_from_another(self, claim: Claim) -> Duty | None:
        first = self._next(claim)
        for _, _, holder in sorted(self._holders(claim), key=lambda h: h[:2], reverse=True):
            if self.policy(holder.plan, len(holder.assigned) - 1) <= first:
                continue
            wanted = [duty for duty in holder.assigned if not duty.called_away and self._suits(duty, claim)]
            if wanted:
                return min(wanted, key=lambda d: d.element.rank if claim.plan.offers else d.element.order)
        return None

    def _holders(self, claim: Claim) -> Iterator[tuple[Rank, int, Claim]]:
        for number, holder in enumerate(claim.rivals):
            if holder.assigned and holder.plan.task.may_withdraw(self.world.now):
                yield self.policy(holder.plan, len(holder.assigned) - 1), number, holder

    def _suits(self, duty: Duty, claim: Claim) -> bool:
        return duty.element.capability in claim.plan.capabilities and (
            duty.element.offered or not claim.plan.offers
        )

    def assign(self, duty: Duty, claim: Claim) -> None:
        """Send an element to a claim; it goes as soon as it can."""
        self._let_go(duty)
        claim.assigned[duty] = None
        duty.goal = claim
        duty.wake()

    def release(self, duty: Duty) -> None:
        """Let an element go: its tour is over, or its commitment is."""
        self._let_go(duty)
        duty.goal = None
        duty.wake()

    def _let_go(self, duty: Duty) -> None:
        duty.available = False
        if duty in (resting := self._resting.get(duty.element.capability, ())):
            resting.remove(duty)  # type: ignore[union-attr]
        if duty.goal is not None:
            del duty.goal.assigned[duty]
            if duty in duty.goal.overdue:
                duty.goal.overdue.remove(duty)

    def now_free(self, duty: Duty) -> None:
        """An element can be called on."""
        duty.available = True
        element = duty.element
        heappush(self._free.setdefault((element.capability, element.offered), []), (element.order, duty))
        self.dispatch()

    def now_resting(self, duty: Duty) -> None:
        """An element rests, and only a task that breaks rest can call on it."""
        self._resting.setdefault(duty.element.capability, []).append(duty)

    def tour_over(self, duty: Duty) -> None:
        """Ask for relief."""
        if duty.goal is not None:
            duty.goal.overdue.append(duty)
            self.dispatch()

    def relieve(self, claim: Claim) -> None:
        """A relief has come: who is longest over his tour goes."""
        if claim.overdue:
            self.release(claim.overdue[0])
