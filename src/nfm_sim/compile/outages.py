"""Compile disruptions: every time that one may happen, and what it hits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate

from nfm_sim.compile.compiler import Compiler
from nfm_sim.network import Network
from nfm_sim.plan.draws import UNIFORM
from nfm_sim.plan.movement import PoolKey
from nfm_sim.plan.plan import OutagePlan, PoolPlan
from nfm_sim.scenario.disruptions import Disruption

DISCHARGE = ("berths", "ramps", "cranes")
"""Facilities without which no ship is discharged at a port."""


def outage_plans(compiler: Compiler, pools: Mapping[PoolKey, PoolPlan]) -> Iterator[OutagePlan]:
    """Compile every time that a disruption may happen."""
    ask = compiler.sheet.ask
    for name, disruption in compiler.scenario.disruptions.items():
        hit = _pools(disruption, pools)
        lost = {place for place, facility in hit if facility in DISCHARGE}
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
                links=_links(disruption, compiler.network),
                where=ask("where", number, UNIFORM) if disruption.anywhere else None,
                anywhere=_by_length(compiler.network, disruption.anywhere),
                pools=tuple(sorted(hit)),
                ports=frozenset() if disruption.left_share else frozenset(lost),
                ships=frozenset(disruption.ships),
            )


def _links(disruption: Disruption, network: Network) -> frozenset[str]:
    return frozenset(
        link.name
        for link in network.links.values()
        if link.name in disruption.links
        or link.line in disruption.lines
        or {link.start, link.end} & set(disruption.nodes)
    )


def _pools(disruption: Disruption, pools: Mapping[PoolKey, PoolPlan]) -> set[PoolKey]:
    """The pools it hits: national ones, facilities, and all facilities of its nodes that are used."""
    hit = {key for key in pools if key[0] in disruption.nodes}
    hit |= {("", pool) for pool in disruption.pools}
    for facility in disruption.facilities:
        place, _, name = facility.rpartition(".")
        hit.add((place, name))
    return hit


def _by_length(network: Network, mode: str) -> tuple[tuple[float, str], ...]:
    """The links of a mode in the country, each with the share of the length up to and with it."""
    links = [link for link in network.links.values() if mode in link.modes and link.km > 0]
    total = sum(link.km for link in links)
    shares = accumulate(link.km / total for link in links)
    return tuple((share, link.name) for share, link in zip(shares, links, strict=True))
