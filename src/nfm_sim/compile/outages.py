"""Compile disruptions: every time that one may happen, and what it hits."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import accumulate, chain

from nfm_sim.compile.kit import DrawSheet
from nfm_sim.kinds import FACILITIES, TARGETS, UNIFORM, Hits
from nfm_sim.kinds.choices import function_of
from nfm_sim.network import Network
from nfm_sim.plan.movement import Need, PoolKey
from nfm_sim.plan.plan import OutagePlan
from nfm_sim.problems import some_of
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.disruptions import Disruption
from nfm_sim.scenario.options import place_of

Keys = Collection[PoolKey]
"""The pools of a plan."""


def outage_plans(scenario: Scenario, sheet: DrawSheet, pools: Keys) -> Iterator[OutagePlan]:
    """Compile every time that a disruption may happen."""
    ask, network = sheet.ask, scenario.loaded_network
    for name, disruption in scenario.disruptions.items():
        hits = _hits(disruption, network, pools)
        lost = tuple(key for key in hits.pools if key[1] in FACILITIES and FACILITIES[key[1]].discharges)
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
                lasts=None if disruption.duration_h is None else ask("lasts", number, disruption.duration_h),
                left_share=disruption.left_share,
                work=None if disruption.work_h is None else ask("work", number, disruption.work_h),
                crew=tuple(Need(("", name), n) for name, n in disruption.needs.items() if name in scenario.pools),
                mended_by={name: n for name, n in disruption.needs.items() if name not in scenario.pools},
                loss_share=disruption.loss_share,
                rounds=ask("lost", number, UNIFORM) if disruption.loss_share else None,
                guards=tuple(Need(("", name), n) for name, n in disruption.guarded_by.items()),
                guarded_chance=disruption.guarded_chance,
                announced=disruption.announced,
                warning_h=disruption.warning_h,
                links=tuple(hits.links),
                where=ask("where", number, UNIFORM) if disruption.anywhere else None,
                anywhere=_by_length(network, disruption.anywhere),
                pools=tuple(hits.pools),
                places=disruption.nodes,
                ports=() if disruption.left_share else lost,
                ships=tuple(hits.ships),
            )


def nodes(names: Sequence[str], network: Network, pools: Keys) -> Hits:
    """Hit all links of nodes, and all their facilities that are used."""
    touching = [link.name for link in network.links.values() if {link.start, link.end} & set(names)]
    return Hits(links=touching, pools=[key for key in pools if key[0] in names])


def lines(names: Sequence[str], network: Network, pools: Keys) -> Hits:
    """Hit all links of roads, railways or fairways."""
    return Hits(links=[link.name for link in network.links.values() if link.line in names])


def links(names: Sequence[str], network: Network, pools: Keys) -> Hits:
    return Hits(links=names)


def facilities(names: Sequence[str], network: Network, pools: Keys) -> Hits:
    return Hits(pools=[place_of(name) for name in names])


def pools(names: Sequence[str], network: Network, pools: Keys) -> Hits:
    return Hits(pools=[("", name) for name in names])


def ships(names: Sequence[str], network: Network, pools: Keys) -> Hits:
    return Hits(ships=names)


OURS: Mapping[str, Callable[[Sequence[str], Network, Keys], Hits]] = {
    hit.__name__: hit for hit in (nodes, lines, links, facilities, pools, ships)
}


def _hits(disruption: Disruption, network: Network, pools: Keys) -> Hits:
    """All that a disruption hits, in an order that is the same on every machine."""
    found = []
    for kind, names in ((TARGETS[key], names) for key, names in disruption.targets().items() if names):
        found.append(function_of(kind, OURS, _nothing_there)(names, network, pools))
    return Hits(*(sorted(set(chain.from_iterable(part))) for part in zip(*found, strict=True)))


def _nothing_there(hits: object, names: Sequence[str], network: Network, pools: Keys) -> str:
    if not isinstance(hits, Hits):
        return "Hits(links=..., pools=..., ships=...)"
    there = {*network.links, *network.facilities, *pools}
    unknown = [what for what in (*hits.links, *hits.pools) if what not in there]
    return f"Hits of links and pools that are there, not {some_of(map(str, unknown))}" if unknown else ""


def _by_length(network: Network, mode: str) -> tuple[tuple[float, str], ...]:
    """The links of a mode in the country, each with the share of the length up to and with it."""
    links = [link for link in network.links.values() if mode in link.modes and link.km > 0]
    total = sum(link.km for link in links)
    shares = accumulate(link.km / total for link in links)
    return tuple((share, link.name) for share, link in zip(shares, links, strict=True))
