"""The pools of a plan: the national ones, and the facilities that anything in it uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from nfm_sim.compile.elements import ForcePlans
from nfm_sim.compile.flows import FlowPlans
from nfm_sim.compile.kit import Kit
from nfm_sim.compile.loads import CREWS
from nfm_sim.compile.places import Places
from nfm_sim.compile.times import Times
from nfm_sim.kinds import MODES
from nfm_sim.kinds.facilities import GATES, TERMINAL
from nfm_sim.network import Facility
from nfm_sim.plan.movement import Need, PoolKey
from nfm_sim.plan.plan import PoolPlan
from nfm_sim.plan.supply import SupplyPlan
from nfm_sim.record.ticks import in_hours
from nfm_sim.record.words import CauseKind
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.model import Pool


def pool_plans(kit: Kit, transit: FlowPlans, forces: ForcePlans, supply: SupplyPlan | None) -> dict[PoolKey, PoolPlan]:
    """Return the national pools, and the facilities that anything uses, in the order in which it does; each with the
    most that it can ever have: what it has, what comes in, and what elements that may serve bring to it."""
    scenario, times, places = kit.scenario, kit.times, kit.places
    pools = {("", name): _national(times, name, pool) for name, pool in scenario.pools.items()}
    staffed = (key for commitment in forces.commitments for key, _ in commitment.staffs)
    used = [*(need.pool for need in _needs(transit, forces, supply)), *places.stopping, *staffed]
    pools |= {
        key: _facility(scenario, places, places.facilities[key])
        for key in dict.fromkeys(used)
        if key in places.facilities
    }
    most: Counter[PoolKey] = Counter()
    for airlift in transit.airlifts:
        pools[airlift.crews] = PoolPlan(CREWS, airlift.flow, "people", 0.0)
        most[airlift.crews] += airlift.people
    for commitment in forces.commitments:
        for key, amount in commitment.staffs if not commitment.pool else ():
            most[key] += amount * commitment.number  # type: ignore[assignment]
    return {
        key: replace(pool, attainable=pool.capacity + sum(amount for _, amount in pool.arrivals) + most[key])
        for key, pool in pools.items()
    }


def _needs(transit: FlowPlans, forces: ForcePlans, supply: SupplyPlan | None) -> Iterator[Need]:
    """All that anything takes."""
    for ship in transit.ships:
        for planned in ship.calls:
            for call in planned.anywhere():
                yield from ship.needs(call.port)
                for lot in call.lots:
                    yield from lot.needs()
    for origin in transit.origins:
        for lot in origin.lots:
            yield from lot.needs()
    for element in forces.elements:
        for lot in element.all_lots():
            yield from lot.needs()
        for step in element.stages:
            yield from step.stage.needs()
    for airlift in transit.airlifts:
        yield from airlift.needs()
    for _, lot in supply.lots() if supply is not None else ():
        yield from lot.needs()


def _facility(scenario: Scenario, places: Places, there: Facility) -> PoolPlan:
    """A facility, with those who work at it, and its part of the team of its terminal."""
    needs = Counter(scenario.staff_of(there.node, there.name))
    ways_out = {GATES, *(mode.loaded_at for mode in MODES.values())}
    if there.name in ways_out:
        units = sum(
            of.capacity for (node, name), of in places.facilities.items() if node == there.node and name in ways_out
        )
        for pool, team in scenario.staff_of(there.node, TERMINAL).items():
            needs[pool] += team / units  # type: ignore[assignment]
    staff = tuple(Need(("", pool), number) for pool, number in needs.items() if number)
    return PoolPlan(there.name, there.node, there.unit, there.capacity, kind=CauseKind.FACILITY, staff=staff)


def _national(times: Times, name: str, pool: Pool) -> PoolPlan:
    """A national pool, with what comes in later; reservists come from the first regime that calls them up."""
    called = [start.day for start, regime in times.regimes if regime.call_up]
    first = (min(called) if called else None) if pool.call_up else 0.0
    arrivals = () if first is None else tuple((in_hours(first + a.day), a.amount) for a in pool.arrivals)
    present = [pool.capacity * regime.present_share.get(name, 1.0) for _, regime in times.regimes]
    changes = (
        (in_hours(start.day), now - before)
        for (start, _), before, now in zip(times.regimes, (pool.capacity, *present), present, strict=False)
    )
    arrivals += tuple((hour, amount) for hour, amount in changes if amount)
    factors = tuple((in_hours(start.day), regime.needs_factor.get(name, 1.0)) for start, regime in times.regimes)
    changed = factors if any(factor != 1 for _, factor in factors) else ()
    return PoolPlan(name, "", pool.unit, pool.capacity, pool.people, arrivals, factors=changed)
