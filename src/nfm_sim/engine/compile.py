"""Compile a scenario: resolve every name, cut every route, ask for every draw, once for all replications."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

import polars as pl

from nfm_sim.engine import calls
from nfm_sim.engine.compiler import Compiler
from nfm_sim.engine.flows import airlifts, flow_permits, ship_plan
from nfm_sim.engine.loads import UNIFORM, Load, compile_lot, lots_of
from nfm_sim.engine.lots import split_over_modes
from nfm_sim.engine.plan import ElementPlan, FormationPlan, Lot, OutagePlan, People, Plan, StageStep, Work
from nfm_sim.engine.pools import Rank
from nfm_sim.engine.record import SUBJECTS
from nfm_sim.engine.stages import PLANNERS
from nfm_sim.engine.ticks import whole_ticks
from nfm_sim.network import Network
from nfm_sim.problems import InputError
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.model import Element, Formation

UNTIERED = 4
"""What is not offered comes after the tiers."""


def compile_scenario(scenario: Scenario) -> Plan:
    """Return the plan of a scenario. Raises `InputError` when a lot can never fit where it must stand."""
    return _plan(Compiler(scenario))


def _plan(compiler: Compiler) -> Plan:
    scenario = compiler.scenario
    decision_h = scenario.activation.decision_h
    if compiler.timeline and compiler.timeline[0].day == 0:
        decision_h = scenario.regimes[compiler.timeline[0].regime].decision_h or decision_h
    decision = compiler.sheet.ask("decision", "", decision_h)
    ships = tuple(
        ship_plan(compiler, flow_name, flow, ship_name, ship)
        for flow_name, flow in scenario.flows.items()
        for ship_name, ship in flow.ships.items()
        if not ship.cancelled
    )
    elements = tuple(
        _element(compiler, number, name, element)
        for number, (name, element) in enumerate(scenario.elements.items())
    )
    tasks = calls.task_plans(compiler)
    claims = calls.claims(compiler, tasks)
    formations = tuple(_formation(compiler, name, formation) for name, formation in scenario.formations.items())
    people = {name: _people(compiler, element) for name, element in scenario.elements.items()}
    for place, facility in compiler.stopping_places():
        compiler.facility(place, facility)
    flights = tuple(airlifts(compiler))
    permits = flow_permits(compiler)
    outages = tuple(_outages(compiler))
    if compiler.problems:
        raise InputError(compiler.problems)
    return Plan(
        about=scenario.about,
        start_h=whole_ticks(compiler.start_h),
        horizon_h=whole_ticks(scenario.horizon_h),
        draw=compiler.sheet.freeze(),
        decision=decision,
        book=compiler.book,
        longest=compiler.book.longest(),
        routing=scenario.routing,
        bumping=scenario.bumping,
        periods=compiler.book.traffic.periods(scenario.g_day, compiler.start_h, scenario.horizon_h),
        outages=outages,
        pools=compiler.pools,
        shifts=compiler.windows(compiler.rules.discharge.shifts),
        lockage_h=_lockage(compiler),
        ships=ships,
        airlifts=flights,
        permits=permits,
        policy=scenario.policy,
        claims=tuple(claim for claim in claims if not claim.pool),
        shares=tuple(claim for claim in claims if claim.pool),
        regime_hours=tuple(whole_ticks(start.day * 24) for start in compiler.timeline),
        elements=elements,
        formations=formations,
        people=people,
        donors=_donors(people, elements),
        demands=tuple(
            (plan, demand.region, demand.capability, demand.day * 24, number)
            for plan, demand, number in scenario.demands()
        ),
        subjects=pl.DataFrame(
            compiler.subjects,
            schema={name: kind for name, kind in SUBJECTS.items() if name != "replication"},
            orient="row",
        ).select(pl.lit(0, pl.Int32).alias("replication"), pl.all()),
    )


def _lockage(compiler: Compiler) -> dict[str, Work]:
    """The locks with chambers: hours of a lockage, and when the lock is open."""
    found = {}
    for lock, facility in compiler.stopping_places():
        if facility == "chambers" and (rate := compiler.facility(lock, facility)):
            key = f"{lock}.{facility}"
            found[lock] = Work(key, whole_ticks(1 / rate), compiler.opening(lock, facility, ()))
    return found


def _outages(compiler: Compiler) -> Iterator[OutagePlan]:
    """Every time that a disruption may happen."""
    network, ask = compiler.network, compiler.sheet.ask
    for name, disruption in compiler.scenario.disruptions.items():
        links = {
            link.name
            for link in network.links.values()
            if link.name in disruption.links
            or link.line in disruption.lines
            or {link.start, link.end} & set(disruption.nodes)
        }
        facilities = {key for key, pool in compiler.pools.items() if pool.place in disruption.nodes}
        pools = facilities | set(disruption.facilities) | set(disruption.pools)
        lost = {key.split(".")[0] for key in pools if key.endswith((".berths", ".ramps", ".cranes"))}
        starts: list[int] = []
        for time in range(disruption.times):
            number = f"{name}/{time + 1}"
            again = disruption.every_h if time else disruption.start_h
            starts.append(ask("starts", number, again))
            yield OutagePlan(
                name=name,
                happens=ask("happens", number, UNIFORM),
                chance=disruption.chance,
                starts=tuple(starts),
                lasts=ask("lasts", number, disruption.duration_h),
                left_share=disruption.left_share,
                announced=disruption.announced,
                links=frozenset(links),
                where=ask("where", number, UNIFORM) if disruption.anywhere else None,
                anywhere=_by_length(network, disruption.anywhere),
                pools=tuple(sorted(pools)),
                ports=frozenset() if disruption.left_share else frozenset(lost),
                ships=frozenset(disruption.ships),
            )


def _by_length(network: Network, mode: str) -> tuple[tuple[float, str], ...]:
    """The links of a mode in the country, each with the share of the length up to and with it."""
    links = [link for link in network.links.values() if mode in link.modes and link.km > 0]
    total = sum(link.km for link in links)
    shares = accumulate(link.km / total for link in links)
    return tuple((share, link.name) for share, link in zip(shares, links, strict=True))


def _element(compiler: Compiler, number: int, name: str, element: Element) -> ElementPlan:
    tier = UNTIERED if element.tier is None else element.tier
    deadline_h = _hours(None if element.tier is None else compiler.scenario.deadline_days[element.tier])
    rank: Rank = (
        compiler.task_priority(compiler.scenario.activation.task),
        tier if element.priority is None else element.priority,
        tier,
        math.inf if deadline_h is None else deadline_h,
    )
    lots: list[Lot] = []
    if element.destination is not None:
        exits = compiler.scenario.destinations[element.destination].exits
        for mode, pieces in split_over_modes(element.pieces, compiler.scenario.shares).items():
            loads_at = (element.railhead or element.home) if mode == "train" else element.home
            lots += [
                compile_lot(
                    compiler,
                    Load(
                        name=f"{name}/{mode}-{lot_number + 1:03d}",
                        part_of=name,
                        mode=mode,
                        pieces=lot,
                        rank=rank,
                        origin=element.home,
                        loads_at=loads_at,
                        destination=element.destination,
                        required_h=None,
                        task=compiler.scenario.activation.task,
                    ),
                )
                for lot_number, lot in enumerate(lots_of(compiler, mode, pieces, loads_at, exits[mode]))
            ]
    area = element.destination or element.home
    compiler.subject(
        name,
        "element",
        element.parent,
        "",
        element.tier,
        sum(element.pieces.values()),
        element.home,
        area,
        deadline_h,
        _hours(element.wanted_day),
        _hours(element.notice_to_move_days),
        element.capability,
        element.personnel,
    )
    task_name, _, commitment = element.commitment.partition("/")
    return ElementPlan(
        subject=name,
        rank=rank,
        capability=element.capability,
        offered=element.tier is not None,
        order=(-tier, number),
        commitment=(task_name, commitment) if commitment else None,
        tour_left=compiler.sheet.ask("tour left", name, UNIFORM),
        travel=calls.travel(compiler, name, element),
        redeploy=calls.redeploy(compiler, name, element),
        permits=calls.permits(compiler, name),
        home=element.home,
        stages=tuple(_stages(compiler, name, element)),
        lots=tuple(lots),
        deploys=compiler.sheet.ask("deploy", name, element.deploys_h) if element.deploys_h else None,
        area=area,
        integration=compiler.sheet.ask("integration", name, compiler.scenario.activation.integration_h),
        requires=element.requires,
        pre_alert_h=whole_ticks(compiler.scenario.pre_alert_days(element) * 24),
        partner=element.partner or "partner",
        partner_at=compiler.sheet.ask("partner", name, element.partner_h) if element.partner_h else None,
    )


def _stages(compiler: Compiler, name: str, element: Element) -> list[StageStep]:
    early = compiler.scenario.activation.pre_alert_stages
    return [
        StageStep(
            name=stage_name,
            stage=PLANNERS[stage.kind](compiler, stage_name, stage, name, element),
            whether=compiler.sheet.ask(f"{stage_name} needed", name, UNIFORM),
            share=stage.share if element.tier is None else stage.share_by_tier.get(element.tier, stage.share),
            early=stage_name in early,
        )
        for stage_name, stage in compiler.scenario.activation.stages.items()
    ]


def _people(compiler: Compiler, element: Element) -> dict[str, People]:
    """The people of an element by trade."""
    trades = compiler.scenario.activation.trades
    mix = trades.get(element.capability) or trades.get("other") or {}
    number = element.personnel or 0
    return {trade: People(number * share, number * share * element.filled_share) for trade, share in mix.items()}


def _donors(
    people: Mapping[str, Mapping[str, People]], elements: Iterable[ElementPlan]
) -> dict[str, tuple[tuple[str, Rank], ...]]:
    """The elements that have people of each trade, the least urgent last; of equals the first in the table."""
    by_rank = sorted(elements, key=lambda element: element.rank, reverse=True)[::-1]
    trades = {trade for mix in people.values() for trade in mix}
    return {trade: tuple((e.subject, e.rank) for e in by_rank if trade in people[e.subject]) for trade in trades}


def _formation(compiler: Compiler, name: str, formation: Formation) -> FormationPlan:
    elements = dict.fromkeys(formation.elements)
    elements |= dict.fromkeys(e for e, element in compiler.scenario.elements.items() if element.parent == name)
    compiler.subject(name, "formation", "", "", None, 0, "", "")
    needed = math.ceil(formation.in_place_share * len(elements) - 1e-9)
    return FormationPlan(name, tuple(elements), needed, formation.headquarters, formation.requires)


def _hours(days: float | None) -> float | None:
    return None if days is None else days * 24
