"""How large a scenario may be, so that a slip of the pen does not take hours or gigabytes; `limits` has the numbers."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, prod

from nfm_sim.limits import MOST_DEMANDED, MOST_ELEMENTS, MOST_MOVEMENTS, MOST_OUTAGES, MOST_PEOPLE, MOST_PIECES
from nfm_sim.network import Network
from nfm_sim.scenario.free_names import Fault
from nfm_sim.scenario.model import Fields
from nfm_sim.scenario.plans import Demand


def sizes(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Yield what a scenario has more of than it may."""
    come = sum(sum(cargo.pieces.values()) for flow in scenario.flows.values() for _, _, cargo in flow.cargoes())
    elements = scenario.elements.values()
    found = {
        "elements": (len(elements), MOST_ELEMENTS, "elements"),
        "flows": (come + sum(sum(element.pieces.values()) for element in elements), MOST_PIECES, "pieces"),
        "shares": (_movements(scenario), MOST_MOVEMENTS, "movements"),
        "elements.personnel": (sum(element.personnel or 0 for element in elements), MOST_PEOPLE, "people"),
        "supply": (_loads(scenario), MOST_MOVEMENTS, "loads of supply"),
        "attrition": (_fallen(scenario), MOST_MOVEMENTS, "people and pieces that fall out"),
        "disruptions": (
            sum(one.times for one in scenario.disruptions.values()),
            MOST_OUTAGES,
            "times that one may happen",
        ),
        "plans": (ceil(sum(number for _, _, number in _demands(scenario))), MOST_DEMANDED, "elements asked for"),
    }
    for key, (number, most, what) in found.items():
        if number > most:
            yield key, "", f"has {number:,} {what}; at most {most:,}"


def _movements(scenario: Fields) -> int:
    """About how many movements the pieces make, by the shares of their classes."""
    moved = [
        (cargo.pieces, {**scenario.shares, **flow.shares, **cargo.shares})
        for flow in scenario.flows.values()
        for _, _, cargo in flow.cargoes()
    ]
    moved += [(element.pieces, scenario.shares) for element in scenario.elements.values() if element.destination]
    return int(
        sum(
            number * share / scenario.movement.of(mode).lot_pieces
            for pieces, shares in moved
            for name, number in pieces.items()
            for mode, share in shares.get(name, {}).items()
        )
    )


def _loads(scenario: Fields) -> int:
    """How many loads all elements would use by the horizon, if they were in place from hour 0 on."""
    supply = scenario.supply
    if not supply.stocks:
        return 0
    by_regime = max((f for of in scenario.regimes.values() for f in of.supply_factor.values()), default=1.0)
    by_posture = prod(max((1.0, *of.supply_factor.values())) for of in scenario.postures.values())
    daily = sum(
        scenario.used_t_a_day(element, name) / load_t
        for (_, load_t), names in supply.carriages.items()
        for element in scenario.elements.values()
        for name in names
    )
    least = min((load_t for _, load_t in supply.carriages), default=1.0)
    pushed = sum(sum(stock.daily_t.values()) for stock in supply.stocks.values()) / least
    return int((daily * max(1.0, by_regime) * by_posture + pushed) * scenario.horizon_days)


def _fallen(scenario: Fields) -> int:
    """How many people and pieces would fall out by the horizon, if all elements were in place from hour 0 on."""
    number = 0.0
    for name, attrition in scenario.attrition.items():
        by_regime = max((of.attrition_factor.get(name, 1.0) for of in scenario.regimes.values()), default=1.0)
        by_posture = prod(max(1.0, of.attrition_factor.get(name, 1.0)) for of in scenario.postures.values())
        fit = sum(scenario.concerned_by(attrition).values())
        number += attrition.share_a_day * max(1.0, by_regime) * by_posture * fit
    return int(number * scenario.horizon_days)


def _demands(scenario: Fields) -> list[tuple[str, Demand, float]]:
    """What the plans ask for; nothing where names are wrong, which another rule says."""
    try:
        return scenario.demands()
    except KeyError:
        return []
