"""Compile a scenario: its flows, its forces, the pools that they use and what disrupts them, put together as a plan."""

from __future__ import annotations

from dataclasses import replace

from nfm_sim.compile.draws import DrawSheet
from nfm_sim.compile.elements import compile_forces
from nfm_sim.compile.flows import compile_transit
from nfm_sim.compile.inputs import Redraw
from nfm_sim.compile.kit import Kit
from nfm_sim.compile.modes import class_of
from nfm_sim.compile.outages import outage_plans
from nfm_sim.compile.places import Places
from nfm_sim.compile.pools import pool_plans
from nfm_sim.compile.programmes import programme_plans
from nfm_sim.compile.subjects import subjects_table
from nfm_sim.compile.supply import compile_supply
from nfm_sim.compile.times import Times, periods_of
from nfm_sim.compile.trips import Trips
from nfm_sim.compile.use import impossible
from nfm_sim.kinds import MODES
from nfm_sim.plan.plan import Plan
from nfm_sim.plan.traffic import Traffic
from nfm_sim.problems import InputError
from nfm_sim.record.ticks import in_hours, whole_ticks
from nfm_sim.scenario import Scenario


def compile_scenario(scenario: Scenario) -> Plan:
    """Return the plan of a scenario. Raises `InputError` when a lot can never fit where it must stand, or can never
    have what it needs."""
    kit = kit_of(scenario)
    modes = {name: class_of(kind)(kind, kit) for name, kind in MODES.items()}
    transit, forces = compile_transit(kit, modes), compile_forces(kit, modes)
    if kit.problems:
        raise InputError(kit.problems)
    supply = compile_supply(kit, modes)
    pools = pool_plans(kit, transit, forces, supply)
    outages = tuple(outage_plans(scenario, kit.sheet, pools))
    programmes = programme_plans(scenario, kit.sheet, kit.times, transit)
    plan = Plan(
        about=scenario.about,
        start_h=whole_ticks(kit.times.start_h),
        horizon_h=scenario.horizon_h,
        periods=periods_of(kit.trips.book.traffic, scenario.g_day, kit.times.start_h, scenario.horizon_h),
        shifts=kit.times.windows(scenario.movement.discharge.shifts),
        draw=kit.sheet.freeze(),
        book=kit.trips.book,
        longest=kit.trips.longest,
        routing=scenario.routing,
        diversion=scenario.diversion,
        bumping=scenario.bumping,
        policy=scenario.policy,
        outages=outages,
        pools=pools,
        lockage_h=kit.places.lockages,
        ships=transit.ships,
        origins=transit.origins,
        airlifts=transit.airlifts,
        permits=transit.permits,
        programmes=programmes,
        decision=forces.decision,
        elements=forces.elements,
        formations=forces.formations,
        people=forces.people,
        donors=forces.donors,
        commitments=tuple(commitment for commitment in forces.commitments if not commitment.pool),
        pool_commitments=tuple(commitment for commitment in forces.commitments if commitment.pool),
        regime_hours=tuple(in_hours(start.day) for start, _ in kit.times.regimes),
        supply=supply,
        demands=tuple(
            (plan, demand.region, demand.capability, in_hours(demand.day), number)
            for plan, demand, number in scenario.demands()
        ),
        titles=scenario.titles,
        subjects=subjects_table(scenario, transit, forces, supply),
    )
    problems = impossible(scenario, plan)
    if problems:
        raise InputError(problems)
    return plan if not scenario.uncertain else replace(plan, redraw=Redraw(compile_scenario, scenario))


def kit_of(scenario: Scenario) -> Kit:
    """Return the kit of a scenario, which knows how all modes drive."""
    traffic = Traffic(scenario.movement.civil)
    drives = {name: class_of(kind).drive(kind, scenario.movement, traffic) for name, kind in MODES.items()}
    times = Times(scenario)
    trips = Trips(scenario.loaded_network, drives, traffic)
    return Kit(scenario, DrawSheet(), times, Places(scenario, times), trips)
