"""Compile a scenario: the parts of the plan, one after the other, and what follows from them."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from nfm_sim.compile import tasks
from nfm_sim.compile.compiler import Compiler
from nfm_sim.compile.elements import donors_of, element_plan, formation_plan, people_of
from nfm_sim.compile.flows import airlifts, flow_permits, origin_plan, ship_plan
from nfm_sim.compile.inputs import Redraw
from nfm_sim.compile.modes import mode_of
from nfm_sim.compile.outages import outage_plans
from nfm_sim.compile.programmes import programmes
from nfm_sim.compile.subjects import pool_plans, subjects_table
from nfm_sim.compile.use import impossible, with_attainable
from nfm_sim.kinds import MODES
from nfm_sim.kinds.facilities import CHAMBERS
from nfm_sim.plan.legs import longest
from nfm_sim.plan.movement import Work
from nfm_sim.plan.plan import Plan
from nfm_sim.plan.traffic import Traffic
from nfm_sim.problems import InputError
from nfm_sim.record.ticks import whole_ticks
from nfm_sim.scenario import Scenario


def compile_scenario(scenario: Scenario) -> Plan:
    """Return the plan of a scenario. Raises `InputError` when a lot can never fit where it must stand, or can never
    have what it needs."""
    compiler = compiler_of(scenario)
    planned = [
        (ship_plan(compiler, flow_name, flow, ship_name, ship), ship.cancelled)
        for flow_name, flow in scenario.flows.items()
        for ship_name, ship in flow.ships.items()
    ]
    ships = tuple(plan for plan, cancelled in planned if not cancelled)
    origins = tuple(
        origin_plan(compiler, flow_name, flow, name, origin)
        for flow_name, flow in scenario.flows.items()
        for name, origin in flow.origins.items()
    )
    elements = tuple(
        element_plan(compiler, number, name, element)
        for number, (name, element) in enumerate(scenario.elements.items())
    )
    formations = tuple(formation_plan(compiler, name, formation) for name, formation in scenario.formations.items())
    flights = tuple(airlifts(compiler))
    pools = pool_plans(compiler, ships, origins, elements, flights)
    commitments = tasks.commitment_plans(compiler, tasks.task_plans(compiler))
    people = {name: people_of(compiler, element) for name, element in scenario.elements.items()}
    decision = _decision(compiler)
    permits = flow_permits(compiler)
    booked = programmes(compiler)
    outages = tuple(outage_plans(compiler, pools))
    if compiler.problems:
        raise InputError(compiler.problems)
    plan = Plan(
        about=scenario.about,
        start_h=whole_ticks(compiler.start_h),
        horizon_h=scenario.horizon_h,
        draw=compiler.sheet.freeze(),
        decision=decision,
        book=compiler.book,
        longest=longest(chain.from_iterable(compiler.made.values())),
        routing=scenario.routing,
        bumping=scenario.bumping,
        periods=compiler.book.traffic.periods(scenario.g_day, compiler.start_h, scenario.horizon_h),
        outages=outages,
        pools=pools,
        shifts=compiler.windows(compiler.rules.discharge.shifts),
        lockage_h=_lockage(compiler),
        ships=ships,
        origins=origins,
        airlifts=flights,
        permits=permits,
        programmes=booked,
        policy=scenario.policy,
        commitments=tuple(commitment for commitment in commitments if not commitment.pool),
        pool_commitments=tuple(commitment for commitment in commitments if commitment.pool),
        regime_hours=tuple(whole_ticks(start.day * 24) for start, _ in compiler.regimes),
        elements=elements,
        formations=formations,
        people=people,
        donors=donors_of(people, elements),
        demands=tuple(
            (plan, demand.region, demand.capability, demand.day * 24, number)
            for plan, demand, number in scenario.demands()
        ),
        subjects=subjects_table(scenario, [plan for plan, _ in planned], origins, elements, formations, flights),
    )
    plan = replace(plan, pools=with_attainable(plan))
    problems = impossible(scenario, plan)
    if problems:
        raise InputError(problems)
    return plan if not scenario.uncertain else replace(plan, redraw=Redraw(compile_scenario, scenario))


def compiler_of(scenario: Scenario) -> Compiler:
    """Return the compiler of a scenario, which knows how all modes drive."""
    traffic = Traffic(scenario.movement.civil)
    drives = {name: mode_of(name).drive(scenario.movement, traffic) for name in MODES}
    return Compiler(scenario, drives, traffic)


def _decision(compiler: Compiler) -> int:
    """Ask for the hours to the activation order, as the regime of hour 0 has them."""
    decision_h = compiler.scenario.activation.decision_h
    if compiler.regimes and compiler.regimes[0][0].day == 0:
        decision_h = compiler.regimes[0][1].decision_h or decision_h
    return compiler.sheet.ask("decision", "", decision_h)


def _lockage(compiler: Compiler) -> dict[str, Work]:
    """The locks with chambers: hours of a lockage, and when the lock is open."""
    works = {
        lock: compiler.work_at(lock, facility, 1)
        for lock, facility in compiler.stopping_places()
        if facility == CHAMBERS and compiler.facilities[lock, facility].rate_per_h
    }
    return {lock: work for lock, work in works.items() if work is not None}
