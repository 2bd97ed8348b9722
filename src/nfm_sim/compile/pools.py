"""The pools of a plan, and what it draws on: what is not limited, what is never drawn on, and what can never be had."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, chain

from nfm_sim.compile.kit import Kit, Places, Times
from nfm_sim.compile.loads import CREWS
from nfm_sim.kinds import MODES
from nfm_sim.kinds.modes import BERTHS, COLUMN, GATES, QUAY, TERMINAL, YARD
from nfm_sim.network import Facility
from nfm_sim.plan.movement import CallPlan, Lot, Need, PoolKey
from nfm_sim.plan.plan import FlowsAndForces, Plan, PoolPlan
from nfm_sim.problems import Problem, did_you_mean, some_of
from nfm_sim.record.words import CauseKind, in_hours
from nfm_sim.scenario import Scenario, join_path
from nfm_sim.scenario.rules import Pool, usual_pools

Pools = Mapping[PoolKey, PoolPlan]


def pool_plans(kit: Kit, takers: FlowsAndForces) -> dict[PoolKey, PoolPlan]:
    """Return the national pools, and the facilities that anything uses, in the order in which it does; each with the
    most that it can ever have: what it has, what comes in, and what elements that may serve bring to it."""
    scenario, times, places = kit.scenario, kit.times, kit.places
    pools = {("", name): _national(times, name, pool) for name, pool in scenario.pools.items()}
    staffed = (key for commitment in takers.commitments for key, _ in commitment.staffs)
    needs = chain(_needs_of_movements(takers, pools), _needs_over_other_ports(takers), _needs_of_stages(takers))
    used = [*(need.pool for *_, need in chain(needs, _needs_of_fallen(takers))), *places.stopping, *staffed]
    there = places.facilities
    pools |= {key: _facility(scenario, places, there[key]) for key in dict.fromkeys(used) if key in there}
    most: Counter[PoolKey] = Counter()
    for airlift in takers.airlifts:
        pools[airlift.crews] = PoolPlan(CREWS, airlift.flow, "people", 0.0)
        most[airlift.crews] += airlift.people
    for commitment in takers.commitments:
        for key, amount in commitment.staffs:
            most[key] += amount * commitment.number  # type: ignore[assignment]
    for key, pool in pools.items():
        changes = defaultdict(float, {0.0: 0.0})
        for hour, amount in pool.arrivals:
            changes[hour] += amount
        levels = list(accumulate((amount for _, amount in sorted(changes.items())), initial=pool.capacity))[1:]
        pools[key] = pool._replace(attainable=max(levels) + most[key], taken=max(levels) - levels[-1])
    return pools


def _facility(scenario: Scenario, places: Places, there: Facility) -> PoolPlan:
    """A facility, with those who work at it, and its part of the team of its terminal."""
    needs = Counter(scenario.staff_of(there.node, there.name))
    ways_out = {GATES, *(mode.loaded_at for mode in MODES.values())}
    if there.name in ways_out:
        units = sum(of.capacity for of in places.facilities.values() if of.node == there.node and of.name in ways_out)
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


def impossible(scenario: Scenario, plan: Plan) -> list[Problem]:
    """Return what no movement or stage of a plan can ever have: more than there can be of a pool, hours to drive in
    that are shorter than a leg."""
    found = dict.fromkeys(chain(_too_much(plan), _too_long(plan)))
    return [Problem(scenario.file, *fault) for fault in found]


Fault = tuple[str, str, str]


def _too_much(plan: Plan) -> Iterable[Fault]:
    found: dict[tuple[str, PoolKey], Fault] = {}
    of_stages = ((join_path(("activation", "stages", stage)), key, need) for key, stage, need in _needs_of_stages(plan))
    for key, name, need in chain(_needs_of_movements(plan, plan.pools), of_stages, _needs_of_fallen(plan)):
        pool = plan.pools.get(need.pool)
        if pool is not None and need.amount > pool.attainable:
            found.setdefault((key, need.pool), (key, name, _never(need, pool)))
    return found.values()


def _never(need: Need, pool: PoolPlan) -> str:
    """Say that a need can never be met, and what would meet it."""
    if pool.name == CREWS:
        return f"needs {need.amount:g} people of crews, and {pool.attainable:g} fly in: it would wait for ever"
    path = join_path(("places", pool.place, pool.name) if pool.place else ("pools", pool.name, "capacity"))
    needs = f"needs {need.amount:g} of {pool.name}"
    return f"{needs}, and {path} allows {pool.attainable:g} at most: it would wait for ever"


def _too_long(plan: Plan) -> Iterator[Fault]:
    """Legs that fit into no window in which their movement may drive; where routes are chosen by arrival, another
    may."""
    if plan.routing == "earliest":
        return
    seen: set[tuple[str, str, str]] = set()
    for key, lot in _lots(plan):
        for windows, leg in ((trip.windows, leg) for trip in lot.trips() for leg in trip.legs):
            hours = leg.hours + leg.pass_h
            if (key, leg.start, leg.end) in seen or not leg.slots or windows is None:
                continue
            seen.add((key, leg.start, leg.end))
            if windows.fit(plan.start_h, hours) == math.inf:
                remedy = f"takes {hours:.2g} h from {leg.start} to {leg.end}, and never may it drive so long at a time"
                yield key, lot.subject, f"{remedy}; give it longer hours, or a holding node on the way"


def _lots(takers: FlowsAndForces) -> Iterator[tuple[str, Lot]]:
    """All lots as they are planned, with the path of what they are part of."""
    yield from ((join_path(("flows", flow)), lot) for flow, lot in takers.flow_lots())
    for element in takers.elements:
        yield from ((join_path(("elements", element.subject)), lot) for lot in element.all_lots())
    for table, name, lot in takers.repeated_lots():
        yield f"{table}.{join_path((name,))}", lot


def _needs_of_movements(takers: FlowsAndForces, pools: Pools) -> Iterator[tuple[str, str, Need]]:
    kept: Counter[PoolKey] = Counter()
    for key, lot in _lots(takers):
        alone = _for_the_largest(pools, lot)
        for need in lot.needs():
            yield key, lot.subject, need._replace(amount=alone[need.pool]) if need.pool in alone else need
        for need in lot.keeps:  # all lots together need what each of them keeps
            kept[need.pool] += need.amount  # type: ignore[assignment]
            yield key, lot.subject, need._replace(amount=kept[need.pool])
    for ship in takers.ships:
        for call in ship.calls:
            yield from ((join_path(("flows", ship.flow)), ship.subject, need) for need in ship.needs(call.port))
    for airlift in takers.airlifts:
        yield from ((join_path(("flows", airlift.flow)), airlift.subject, need) for need in airlift.needs())


def _needs_over_other_ports(takers: FlowsAndForces) -> Iterator[tuple[str, str, Need]]:
    """What ships and their lots would take at the ports that they may divert to."""
    for ship in takers.ships:
        for call in chain.from_iterable(planned.elsewhere.values() for planned in ship.calls):
            of_lots = chain.from_iterable(lot.needs() for lot in call.lots)
            yield from (("", ship.subject, need) for need in chain(ship.needs(call.port), of_lots))


def _for_the_largest(pools: Pools, lot: Lot) -> dict[PoolKey, float]:
    """By pool of wagons or trucks: how many a piece needs at most that nothing else can carry."""
    units: dict[PoolKey, float] = {}
    for load in lot.carried:
        for fleet in load.fleets:
            others = (other for other in load.fleets if other is not fleet)
            spared = any(
                other.pool not in pools or pools[other.pool].attainable >= other.units_for_one for other in others
            )
            units[fleet.pool] = max(units.get(fleet.pool, 0.0), 0.0 if spared else float(fleet.units_for_one))
    return units


def _needs_of_stages(takers: FlowsAndForces) -> Iterator[tuple[str, str, Need]]:
    for element in takers.elements:
        key = join_path(("elements", element.subject))
        for step in element.stages:
            yield from ((key, step.stage.name, need) for need in step.stage.needs())


def _needs_of_fallen(takers: FlowsAndForces) -> Iterator[tuple[str, str, Need]]:
    for of in takers.attritions():
        yield from ((join_path(("attrition", of.name)), "", need) for need in of.needs())


def unused_pools(scenario: Scenario, plan: Plan) -> list[Problem]:
    """Return the national pools that nothing draws on and no rule or class names; and any whose name is near one that
    is drawn on and missing."""
    used = drawn(scenario, plan)
    missing = [key[1] for key in used if key not in plan.pools and not key[0]]
    means = _means(scenario)
    return [
        Problem(scenario.file, join_path(("pools", name)), "", f"is a pool that nothing draws on{near}")
        for place, name in plan.pools
        if not place and ("", name) not in used and ((near := did_you_mean(name, missing)) or name not in means)
    ]


def idle_means(scenario: Scenario, plan: Plan) -> list[str]:
    """Return the pools of wagons, trucks, escorts and the like that the scenario has and nothing draws on."""
    used, means = drawn(scenario, plan), _means(scenario)
    return sorted(name for place, name in plan.pools if not place and name in means and ("", name) not in used)


def _means(scenario: Scenario) -> set[str]:
    """The pools that rules of movement and classes of pieces name."""
    return {*usual_pools()} | {pool for piece in scenario.classes.values() for pool in piece.carriers}


def drawn(scenario: Scenario, plan: Plan) -> set[PoolKey]:
    """The pools that anything draws on."""
    return {pool for _, pool in _draws(scenario, plan)}


def _draws(scenario: Scenario, plan: Plan) -> Iterator[tuple[str, PoolKey]]:
    """Yield who draws on which pool, by their paths: flows, elements, activations of people, and tasks."""
    yield from ((key, need.pool) for key, _, need in _needs_of_movements(plan, plan.pools))
    yield from ((key, pool) for key, lot in _lots(plan) for pool in lot.people())
    yield from ((key, need.pool) for key, _, need in _needs_of_stages(plan))
    for element in plan.elements:
        key = join_path(("elements", element.subject))
        yield from ((key, need.pool) for step in element.stages for need in step.stage.uses_up())
    for (_, name), pool in plan.pools.items():
        yield from ((join_path(("needs", name)), need.pool) for need in pool.staff)
    yield from ((key, need.pool) for key, _, need in _needs_of_fallen(plan))
    for outage in plan.outages:
        key = join_path(("disruptions", outage.name))
        yield from ((key, need.pool) for need in (*outage.crew, *outage.guards))
    yield from (("activation.trades", ("", trade)) for mix in scenario.activation.trades.values() for trade in mix)
    for commitment in plan.pool_commitments:
        yield join_path(("tasks", commitment.task.name)), ("", commitment.pool)


def drawn_by(scenario: Scenario, plan: Plan) -> dict[str, list[str]]:
    """Return by national pool who draws on it, by their paths in the scenario, in the order in which they come."""
    found: dict[str, dict[str, None]] = {name: {} for place, name in plan.pools if not place}
    for key, (place, name) in _draws(scenario, plan):
        if not place and name in found:
            found[name].setdefault(key, None)
    return {name: list(who) for name, who in found.items()}


def not_limited(plan: Plan) -> list[str]:
    """Return what movements need and nothing limits, in words: pools that are not listed, facilities that a place does
    not have."""
    needed = (key for _, lot in _lots(plan) for key, _ in lot.needs())
    names = dict.fromkeys(name for place, name in needed if not place and (place, name) not in plan.pools)
    staff = [need.pool for pool in plan.pools.values() for need in pool.staff]
    staff += [pool for _, lot in _lots(plan) for pool in lot.people()]
    names |= dict.fromkeys(name for place, name in staff if (place, name) not in plan.pools)
    if any(lot.mode == COLUMN.name and not lot.keeps for _, lot in plan.flow_lots()):
        names[CREWS] = None
    words = sorted(names)
    calls = [call for ship in plan.ships for call in ship.calls]
    for what, facilities in (("berths", (BERTHS, QUAY)), ("staging yard", (YARD,))):
        ports = dict.fromkeys(call.port for call in calls if not _has_any(plan.pools, call, facilities))
        if ports:
            words.append(f"{what} at {some_of(ports)}")
    return words


def _has_any(pools: Pools, call: CallPlan, facilities: Iterable[str]) -> bool:
    yards = {need.pool[1] for lot in call.lots for need in lot.landing.yards}
    names = {*facilities, *yards} if YARD in facilities else facilities
    return any((call.port, name) in pools for name in names)
