"""Whether the parts of a scenario fit together: what its names lead to must exist and be large enough, and no more than
may be (`limits` has the numbers), so that a slip of the pen does not take hours or gigabytes.
"""

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from itertools import pairwise
from math import ceil, prod
from typing import NamedTuple

from nfm_sim.kinds import MODES, SHIPS
from nfm_sim.kinds.modes import PIECES, QUAY, ROAD, TERMINAL
from nfm_sim.limits import MOST_DEMANDED, MOST_ELEMENTS, MOST_MOVEMENTS, MOST_OUTAGES, MOST_PEOPLE, MOST_PIECES
from nfm_sim.network import Network, NoRouteError
from nfm_sim.problems import Problem, did_you_mean, some_of
from nfm_sim.scenario.flows import Origin, Shares
from nfm_sim.scenario.model import Fields
from nfm_sim.scenario.names import Fault, commitments_of, namesakes, unknown_names
from nfm_sim.scenario.supply import Stock
from nfm_sim.scenario.values import Mode, at_paths


def check_fields(scenario: Fields, network: Network, file: str) -> list[Problem]:
    """Return what does not fit; empty when the scenario can be simulated."""
    rules = [sizes, namesakes, unknown_names, _regimes, _programmes, _classes, _shares, _ways, _ports, _elements]
    rules += [_formations, _serving, _rests, _supply, _attrition]
    return [Problem(file, *fault) for rule in rules for fault in dict.fromkeys(rule(scenario, network))]


def _regimes(scenario: Fields, network: Network) -> Iterator[Fault]:
    for number, start in enumerate(scenario.timeline):
        if start.day in [earlier.day for earlier in scenario.timeline[:number]]:
            yield f"timeline.{number}.day", f"{start.day:g}", "is the first day of another regime too; which one holds?"


def _programmes(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Each flow follows one movement programme."""
    for name, programme in scenario.programmes.items():
        for flow in programme.flows:
            other = scenario.programme_name(flow) if flow in scenario.flows else name
            if other != name:
                yield f"programmes.{name}.flows", flow, f"has the programme {other}, and can have but one"


def _classes(scenario: Fields, network: Network) -> Iterator[Fault]:
    for name, piece in scenario.classes.items():
        on_one = piece.pieces_per_wagon
        for pool in piece.wagons:
            if isinstance(on_one, dict) and pool not in on_one:
                yield f"classes.{name}.pieces_per_wagon", "", f"does not say how many stand on one of {pool}"


SHARES = (
    *("shares.*", "flows.*.shares.*", "flows.*.ships.*.calls.*.shares.*", "flows.*.origins.*.shares.*"),
    *("supply.stocks.*.shares.*", "attrition.*.shares"),
)


def _shares(scenario: Fields, network: Network) -> Iterator[Fault]:
    """The shares of a class add up to 1."""
    for key, shares in at_paths(scenario, *SHARES):
        total = sum(shares.values())
        if abs(total - 1) > 1e-9:
            yield key, f"{total:g}", "must add up to 1"


class Moved(NamedTuple):
    """Pieces that are to move: by the key where they stand, from where to which destination."""

    key: str
    pieces: Mapping[str, int]
    shares: Mapping[str, Shares]
    destination: str
    place: str
    railhead: str | None = None
    afar: Container[Mode] = ()
    """Modes that come from afar, and are not loaded here."""


def _moved(scenario: Fields) -> Iterator[Moved]:
    for name, flow in scenario.flows.items():
        for key, place, cargo in flow.cargoes():
            shares = {**scenario.shares, **flow.shares, **cargo.shares}
            what = cargo.pieces, shares, cargo.destination or flow.destination
            if isinstance(cargo, Origin):
                yield Moved(f"flows.{name}.{key}", *what, place, afar=cargo.from_h)
            else:
                yield Moved(f"flows.{name}.{key}", *what, place)
                yield from (Moved(f"flows.{name}.diverts_to.{port}", *what, port) for port in flow.diverts_to)
    commitments = commitments_of(scenario).values()
    for name, element in scenario.elements.items():
        goals = dict.fromkeys(of.destination for of in commitments if element.capability in of.capability)
        for goal in dict.fromkeys((element.destination, *goals)):
            if goal is not None:
                key = f"elements.{name}"
                yield Moved(key, element.pieces, scenario.shares, goal, element.home, element.railhead)
    stocks, loads = scenario.supply.stocks, dict.fromkeys((piece for piece, _ in scenario.supply.carriages), 1)
    for name, stock in stocks.items():
        source = stocks.get(stock.drawn_from or "")
        if source is not None and source.place is not None and stock.destination is not None:
            shares = {piece: stock.shares_of(piece, scenario.shares) for piece in loads}
            key = f"supply.stocks.{name}"
            yield Moved(key, loads, shares, stock.destination, source.place, source.railhead)

    for name, attrition in scenario.attrition.items():
        back_from = {scenario.elements[of].destination: None for of in scenario.concerned_by(attrition)}
        for goal in back_from if attrition.place is not None else ():
            what = {attrition.piece: 1}, {attrition.piece: attrition.shares}, goal or ""
            yield Moved(f"attrition.{name}", *what, attrition.place or "", attrition.railhead, MODES)


def _ways(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Every class that moves has shares, every mode with a share has an exit, and a way to it."""
    for moved in _moved(scenario):
        modes: set[Mode] = set()
        for class_name, count in moved.pieces.items():
            if count and class_name not in moved.shares:
                remedy = f"has no [shares.{class_name}]; say how it moves"
                yield f"{moved.key}.pieces.{class_name}", str(count), remedy
            elif count:
                modes.update(mode for mode, share in moved.shares[class_name].items() if share > 0)
        for mode in sorted(modes):
            yield from _way(moved, mode, scenario, network)


def _way(moved: Moved, mode: Mode, scenario: Fields, network: Network) -> Iterator[Fault]:
    key, kind, destination = f"{moved.key}.destination", MODES[mode], scenario.destinations[moved.destination]
    exit_node = destination.exits.get(mode)
    if exit_node is None:
        remedy = f"goes partly by {mode}, for which destinations.{moved.destination}.exits has no exit"
        yield key, moved.destination, remedy
    elif kind.network:
        start = kind.ends_at(moved.place, moved.railhead)
        try:
            parts = [(*part, kind.network) for part in pairwise((start, *destination.via.get(mode, ()), exit_node))]
            for place, goal, by in [*parts, (moved.place, start, ROAD)] if start != moved.place else parts:
                if goal not in network.reached(place, by):
                    network.route(place, goal, by)  # says why there is none
        except NoRouteError as error:
            hint = ", and name it as railhead" if kind.at_railhead and key.startswith("elements.") else ""
            yield key, moved.destination, f"cannot be reached by {mode}: {error}{hint}"
            return
        if kind.loaded_at and mode not in moved.afar:
            yield from _has(moved.key, start, kind.loaded_at, scenario, network)


def _has(key: str, node: str, facility: str, scenario: Fields, network: Network) -> Iterator[Fault]:
    """The facility stands at the node, with a capacity and a rate, in the network or in the scenario."""
    there = scenario.facility_of(network, node, facility)
    if there is None or not there.capacity or not there.rate_per_h:
        remedy = f"needs {facility} there; give places.{node}.{facility} a capacity and a rate_per_h"
        yield key, node, remedy


def _ports(scenario: Fields, network: Network) -> Iterator[Fault]:
    for flow_name, flow in scenario.flows.items():
        for ship_name, ship in flow.ships.items():
            for i, call in enumerate(ship.calls):
                key = f"flows.{flow_name}.ships.{ship_name}.calls.{i}"
                for port in (call.port, *flow.diverts_to):
                    quay = scenario.facility_of(network, port, QUAY)
                    if quay is not None and ship.length_m > quay.capacity:
                        remedy = f"is longer than the quay of {port} ({quay.capacity:g} m), where it may call"
                        yield f"flows.{flow_name}.ships.{ship_name}.length_m", f"{ship.length_m:g}", remedy
                    yield from _has(f"{key}.port", port, SHIPS[ship.kind].gear, scenario, network)
                if i and call.day < ship.calls[i - 1].day:
                    yield f"{key}.day", f"{call.day:g}", "must not be before the ship's previous call"
    for node, facilities in scenario.places.items():
        for name, change in facilities.items():
            known = [facility for place, facility in network.facilities if place == node]
            if name in (PIECES, TERMINAL):
                if change.model_fields_set != {"needs"}:
                    yield f"places.{node}.{name}", "", "has needs, and nothing else: it is no facility"
            elif name not in known and change.capacity is None:
                remedy = f"is no facility of {node}{did_you_mean(name, known)}; give it a capacity to add it"
                yield f"places.{node}.{name}", "", remedy


def _elements(scenario: Fields, network: Network) -> Iterator[Fault]:
    docks = [stage.docks for stage in scenario.activation.stages.values() if stage.kind == "issue"]
    for name, element in scenario.elements.items():
        if element.tier is not None and element.tier not in scenario.deadline_days:
            yield f"elements.{name}.tier", str(element.tier), "has no deadline in [deadline_days]"
        if element.deploys_h is not None and element.pieces and element.destination:
            yield f"elements.{name}.deploys_h", "", "is for elements that move themselves, without pieces"
        for dock in docks if element.depot is not None else ():
            yield from _has(f"elements.{name}.depot", element.depot or "", dock, scenario, network)


def _formations(scenario: Fields, network: Network) -> Iterator[Fault]:
    for name, formation in scenario.formations.items():
        if not formation.elements and all(element.parent != name for element in scenario.elements.values()):
            yield f"formations.{name}", "", "has no elements; name them, or name it as their parent"


def _serving(scenario: Fields, network: Network) -> Iterator[Fault]:
    """An element serves a commitment that asks for it at hour 0."""
    known = commitments_of(scenario)
    serving: Counter[str] = Counter()
    for name, element in scenario.elements.items():
        key, value = f"elements.{name}.commitment", element.commitment
        there = known.get(value)
        if there is None:
            continue
        serving[value] += 1
        if element.capability not in there.capability:
            yield key, value, f'does not ask for its capability, "{element.capability}"'
        elif there.from_day is not None:
            yield key, value, "does not run yet at hour 0; take away its from_day, or this commitment"
        elif serving[value] > there.number:
            yield key, value, f"asks for {there.number:g}, and other elements fill it already"


def _rests(scenario: Fields, network: Network) -> Iterator[Fault]:
    column = scenario.movement.column
    for i, rest in enumerate(column.rests):
        wanted = rest.per_vehicle * column.vehicles
        for (place, name), there in scenario.facilities_on(network).items():
            if name == rest.facility and there.capacity < wanted:
                remedy = f"asks for {wanted:g} a column; {place} has {there.capacity:g}: it would wait for ever"
                yield f"movement.column.rests.{i}.per_vehicle", f"{rest.per_vehicle:g}", remedy


LEAST_DAYS = 0.25
"""Of use, that a stock orders up to with what those who draw on it carry. Assumed."""


def _supply(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Stocks come from stocks, and no two from each other; what is sent finds its way."""
    supply = scenario.supply
    stocks = supply.stocks
    pieces = [piece for piece, _ in supply.carriages]
    for (piece, load_t), (name, *_) in supply.carriages.items():
        if pieces.count(piece) > 1:
            remedy = f"moves in a {piece} as another class of supply does, which has other tonnes; give both the same"
            yield f"supply.classes.{name}.load_t", f"{load_t:g}", remedy
    for name, stock in stocks.items():
        key = f"supply.stocks.{name}"
        if stock.drawn_from is None:
            continue
        least = min((supply.days_carried.get(of, supply.usual_days_carried) for of in supply.used), default=1.0)
        draws = any(s.drawn_from == name for s in stocks.values()) or stock.each_vehicle_kg or stock.daily_t
        if stock.days + least < LEAST_DAYS and not draws:
            remedy = f"and what is carried are less than {LEAST_DAYS:g} of a day: it would order all the time, or never"
            yield f"{key}.days", f"{stock.days:g}", remedy
        source = stocks.get(stock.drawn_from)
        if source is not None and name in _drawn_from(stocks, stock.drawn_from):
            yield f"{key}.drawn_from", stock.drawn_from, "draws on this one in its turn; one of them must have a place"
        elif source is not None and source.place is None and stock.destination is not None:
            yield f"{key}.drawn_from", stock.drawn_from, "has no place where loads begin; give it one, or this lead_h"


def _attrition(scenario: Fields, network: Network) -> Iterator[Fault]:
    """What those that fall out ask for is there."""
    for name, attrition in scenario.attrition.items():
        key, place = f"attrition.{name}", attrition.place
        concerned = {element: scenario.elements[element] for element in scenario.concerned_by(attrition)}
        supply = scenario.supply
        without = [n for n, of in concerned.items() if not supply.stock_of(of.destination, of.supplied_from or "")]
        if attrition.uses_kg and supply.stocks and without:
            yield f"{key}.uses_kg", some_of(without), "has no stock to draw it on; give it one, as supplied_from"
        there = None if place is None else scenario.facility_of(network, place, attrition.facility)
        if attrition.facility and (there is None or not there.capacity):
            remedy = f"is no facility there; give places.{place}.{attrition.facility} a capacity"
            yield f"{key}.facility", attrition.facility, remedy


def _drawn_from(stocks: Mapping[str, Stock], name: str) -> list[str]:
    """A stock and those that it draws on, one after the other, until one comes again."""
    found = [name]
    while (further := stocks[found[-1]].drawn_from) is not None and further in stocks and further not in found:
        found.append(further)
    return found


def sizes(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Yield what a scenario has more of than it may."""
    come = sum(sum(cargo.pieces.values()) for flow in scenario.flows.values() for _, _, cargo in flow.cargoes())
    elements = scenario.elements.values()
    outages = sum(one.times for one in scenario.disruptions.values())
    found = {
        "elements": (len(elements), MOST_ELEMENTS, "elements"),
        "flows": (come + sum(sum(element.pieces.values()) for element in elements), MOST_PIECES, "pieces"),
        "shares": (_movements(scenario), MOST_MOVEMENTS, "movements"),
        "elements.personnel": (sum(element.personnel or 0 for element in elements), MOST_PEOPLE, "people"),
        "supply": (_loads(scenario), MOST_MOVEMENTS, "loads of supply"),
        "attrition": (_fallen(scenario), MOST_MOVEMENTS, "people and pieces that fall out"),
        "disruptions": (outages, MOST_OUTAGES, "times that one may happen"),
        "plans": (ceil(sum(number for _, _, number in scenario.demands())), MOST_DEMANDED, "elements asked for"),
    }
    for key, (number, most, what) in found.items():
        if number > most:
            yield key, "", f"has {number:,} {what}; at most {most:,}"


def _movements(scenario: Fields) -> int:
    """About how many movements are made of the pieces by the shares of their classes: over each port to which they may
    be diverted, and to each destination that an element may have."""
    lots = (
        number * share / scenario.movement.of(mode).lot_pieces
        for moved in _moved(scenario)
        for name, number in moved.pieces.items()
        for mode, share in moved.shares.get(name, {}).items()
    )
    return int(sum(lots))


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
