"""Whether the parts of a scenario fit together: what its names lead to must exist and be large enough."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from itertools import pairwise

from nfm_sim.kinds import MODES, SHIPS
from nfm_sim.kinds.facilities import PIECES, QUAY, TERMINAL
from nfm_sim.kinds.modes import ROAD
from nfm_sim.network import Network, NoRouteError
from nfm_sim.problems import Problem, did_you_mean
from nfm_sim.record.words import OFFERED
from nfm_sim.scenario.flows import Origin, Shares
from nfm_sim.scenario.free_names import Fault, free_names
from nfm_sim.scenario.model import OPERATION, Fields
from nfm_sim.scenario.sizes import sizes
from nfm_sim.scenario.supply import Stock
from nfm_sim.scenario.values import Mode


def check_fields(scenario: Fields, network: Network, file: str) -> list[Problem]:
    """Return what does not fit; empty when the scenario can be simulated."""
    return [
        Problem(file, *fault)
        for rule in (
            sizes,
            _names,
            _programmes,
            free_names,
            _regimes,
            _shares,
            _ports,
            _elements,
            _formations,
            _tasks,
            _plans,
            _disruptions,
            _mended,
            _rests,
            _supply,
            _attrition,
        )
        for fault in dict.fromkeys(rule(scenario, network))
    ]


def _regimes(scenario: Fields, network: Network) -> Iterator[Fault]:
    days = [start.day for start in scenario.timeline]
    for number, start in enumerate(scenario.timeline):
        if start.day in days[:number]:
            yield f"timeline.{number}.day", f"{start.day:g}", "is the first day of another regime too; which one holds?"


def _programmes(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Each flow follows one movement programme."""
    for name, programme in scenario.programmes.items():
        key = f"programmes.{name}"
        if name in scenario.flows or name == OPERATION:
            yield key, "", "is also the name of " + ("a flow" if name in scenario.flows else "that of all flows")
        for flow in programme.flows:
            other = scenario.programme_name(flow) if flow in scenario.flows else name
            if other != name:
                yield f"{key}.flows", flow, f"has the programme {other}, and can have but one"


TAKEN = (OFFERED,)
"""Names that the record gives to commitments of its own."""


def _names(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Subjects of the record are told apart by their names: "11_infbat", "flow/ship", "flow/ship/port/train-001".

    So no name holds a "/", and elements, formations, flows, and the tasks that hold means have names of their own.
    """
    named = [("elements", name) for name in scenario.elements]
    named += [("formations", name) for name in scenario.formations]
    named += [("flows", name) for name in scenario.flows]
    named += [("supply.stocks", name) for name in scenario.supply.stocks]
    named += [("attrition", name) for name in scenario.attrition]
    owner: dict[str, str] = {}
    for kind, name in named:
        if name in owner:
            yield f"{kind}.{name}", "", f"is also the name of one of the {owner[name]}; give it another"
        owner.setdefault(name, kind)
    for task_name in scenario.tasks:
        if owner.get(task_name) == "elements":
            yield f"tasks.{task_name}", "", "is also the name of one of the elements; give it another"
    inner = [(f"flows.{flow}.ships", name) for flow, of in scenario.flows.items() for name in of.ships]
    inner += [(f"flows.{flow}.airlifts", name) for flow, of in scenario.flows.items() for name in of.airlifts]
    inner += [(f"flows.{flow}.origins", name) for flow, of in scenario.flows.items() for name in of.origins]
    inner += [(f"tasks.{task}.commitments", name) for task, of in scenario.tasks.items() for name in of.commitments]
    outer = [("tasks", name) for name in scenario.tasks]
    for key, name in [*named, *outer, *inner]:
        if "/" in name:
            yield f"{key}.{name}", "", 'must not have "/" in its name'
    for flow_name, flow in scenario.flows.items():
        ships, namesake = set(flow.ships), scenario.tasks.get(flow_name)
        held = {*TAKEN, *namesake.commitments} if namesake is not None else set()
        for kind, name in [
            *(("ships", name) for name in flow.ships),
            *(("airlifts", name) for name in flow.airlifts),
            *(("origins", name) for name in flow.origins),
        ]:
            if name in held:
                remedy = f"is also the name of one of the commitments of the task {flow_name}; give it another"
                yield f"flows.{flow_name}.{kind}.{name}", "", remedy
            elif kind != "ships" and (name in ships or (kind == "origins" and name in flow.airlifts)):
                what = "ships" if name in ships else "airlifts"
                yield f"flows.{flow_name}.{kind}.{name}", "", f"is also the name of one of its {what}; give it another"
    for task_name, task in scenario.tasks.items():
        for name in sorted(set(TAKEN) & set(task.commitments)):
            remedy = f'must be another name, without "/" and none of {", ".join(TAKEN)}'
            yield f"tasks.{task_name}.commitments.{name}", "", remedy


def _shares(scenario: Fields, network: Network) -> Iterator[Fault]:
    yield from _add_up(scenario.shares, "shares")
    for name, flow in scenario.flows.items():
        yield from _add_up(flow.shares, f"flows.{name}.shares")
        shares = {**scenario.shares, **flow.shares}
        for cargo_key, place, cargo in flow.cargoes():
            key = f"flows.{name}.{cargo_key}"
            yield from _add_up(cargo.shares, f"{key}.shares")
            destination = cargo.destination or flow.destination
            own = {**shares, **cargo.shares}
            afar = cargo.from_h if isinstance(cargo, Origin) else ()
            yield from _ways(key, place, place, cargo.pieces, own, destination, scenario, network, afar)
            for port in flow.diverts_to if not isinstance(cargo, Origin) else ():
                at = f"flows.{name}.diverts_to.{port}"
                yield from _ways(at, port, port, cargo.pieces, own, destination, scenario, network)
    commitments = [commitment for task in scenario.tasks.values() for commitment in task.commitments.values()]
    for name, element in scenario.elements.items():
        goals = dict.fromkeys(c.destination for c in commitments if element.capability in c.capability)
        home, railhead = element.home, element.railhead or element.home
        for goal in dict.fromkeys((element.destination, *goals)):
            if goal is not None:
                key = f"elements.{name}"
                yield from _ways(key, home, railhead, element.pieces, scenario.shares, goal, scenario, network)


def _add_up(shares: Mapping[str, Shares], key: str) -> Iterator[Fault]:
    for class_name, share in shares.items():
        total = sum(share.values())
        if abs(total - 1) > 1e-9:
            yield f"{key}.{class_name}", f"{total:g}", "must add up to 1"


def _ways(
    key: str,
    origin: str,
    railhead: str,
    pieces: Mapping[str, int],
    shares: Mapping[str, Shares],
    destination_name: str,
    scenario: Fields,
    network: Network,
    afar: Container[Mode] = (),
) -> Iterator[Fault]:
    """Every class that moves has shares, every mode with a share has an exit, and a way to it. A mode that comes from
    afar is not loaded here."""
    destination = scenario.destinations[destination_name]
    modes: set[Mode] = set()
    for class_name, count in pieces.items():
        if count and class_name not in shares:
            yield f"{key}.pieces.{class_name}", str(count), f"has no [shares.{class_name}]; say how it moves"
        elif count:
            modes.update(mode for mode, share in shares[class_name].items() if share > 0)
    for mode in sorted(modes):
        exit_node = destination.exits.get(mode)
        if exit_node is None:
            remedy = f"goes partly by {mode}, for which destinations.{destination_name}.exits has no exit"
            yield f"{key}.destination", destination_name, remedy
        elif MODES[mode].network:
            kind = MODES[mode]
            start = railhead if kind.at_railhead else origin
            try:
                for part in pairwise((start, *destination.via.get(mode, ()), exit_node)):
                    network.route(*part, kind.network)
                if start != origin:
                    network.route(origin, start, ROAD)
            except NoRouteError as error:
                hint = ", and name it as railhead" if kind.at_railhead and key.startswith("elements.") else ""
                yield f"{key}.destination", destination_name, f"cannot be reached by {mode}: {error}{hint}"
                continue
            if kind.loaded_at and mode not in afar:
                yield from _has(key, start, kind.loaded_at, scenario, network)


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
    stages = scenario.activation.stages
    for name, element in scenario.elements.items():
        for stage_name in element.hours:
            if stage_name not in stages:
                remedy = f"is no stage of [activation.stages]{did_you_mean(stage_name, stages)}"
                yield f"elements.{name}.hours.{stage_name}", stage_name, remedy
        if element.tier is not None and element.tier not in scenario.deadline_days:
            yield f"elements.{name}.tier", str(element.tier), "has no deadline in [deadline_days]"
        if element.deploys_h is not None and element.pieces and element.destination:
            yield f"elements.{name}.deploys_h", "", "is for elements that move themselves, without pieces"
    for stage_name, stage in stages.items():
        if stage.kind == "hours" and stage.pool and stage.amount > scenario.pools[stage.pool].capacity:
            remedy = f"is more than pools.{stage.pool}.capacity"
            yield f"activation.stages.{stage_name}.amount", f"{stage.amount:g}", remedy
    for name, element in scenario.elements.items():
        for stage in stages.values():
            if stage.kind == "issue" and element.depot is not None:
                yield from _has(f"elements.{name}.depot", element.depot, stage.docks, scenario, network)


def _formations(scenario: Fields, network: Network) -> Iterator[Fault]:
    for name, formation in scenario.formations.items():
        if not formation.elements and all(element.parent != name for element in scenario.elements.values()):
            yield f"formations.{name}", "", "has no elements; name them, or name it as their parent"


def _tasks(scenario: Fields, network: Network) -> Iterator[Fault]:
    tasks = scenario.tasks
    if tasks and scenario.activation.task not in tasks:
        yield (
            "activation.task",
            scenario.activation.task,
            f"is not in [tasks]{did_you_mean(scenario.activation.task, tasks)}",
        )
    for name, flow in scenario.flows.items():
        if tasks and flow.task not in tasks:
            yield f"flows.{name}.task", flow.task, f"is not in [tasks]{did_you_mean(flow.task, tasks)}"
    offered = {element.capability for element in scenario.elements.values()}
    known = {f"{task}/{name}": c for task in tasks for name, c in tasks[task].commitments.items()}
    to_staff = {*scenario.pools} | _facilities(scenario, network)
    for name, commitment in known.items():
        key = "tasks." + name.replace("/", ".commitments.")
        for staffed in commitment.staffs:
            if staffed not in to_staff:
                yield (
                    f"{key}.staffs",
                    staffed,
                    f"is no pool, and no facility of a place{did_you_mean(staffed, to_staff)}",
                )
        for capability in commitment.capability:
            if capability not in offered:
                remedy = f"is a capability of no element{did_you_mean(capability, offered)}"
                yield f"{key}.capability", capability, remedy
    serving: dict[str, int] = {}
    for name, element in scenario.elements.items():
        if not element.commitment:
            continue
        key, value = f"elements.{name}.commitment", element.commitment
        there = known.get(value)
        if there is None:
            yield key, value, f'is no "task/commitment" of [tasks]{did_you_mean(value, known)}'
            continue
        serving[value] = serving.get(value, 0) + 1
        if element.capability not in there.capability:
            yield key, value, f'does not ask for its capability, "{element.capability}"'
        elif there.from_day is not None:
            yield key, value, "does not run yet at hour 0; take away its from_day, or this commitment"
        elif serving[value] > there.number:
            yield key, value, f"asks for {there.number:g}, and other elements fill it already"


def _plans(scenario: Fields, network: Network) -> Iterator[Fault]:
    for name, version in scenario.plan_versions.items():
        if name not in scenario.plans:
            yield f"plan_versions.{name}", name, f"is not in [plans]{did_you_mean(name, scenario.plans)}"
        elif version not in scenario.plans[name].versions:
            known = scenario.plans[name].versions
            yield f"plan_versions.{name}", version, f"is no version of that plan{did_you_mean(version, known)}"
    if scenario.target is not None and scenario.target not in scenario.targets:
        remedy = f"is not in [targets]{did_you_mean(scenario.target, scenario.targets)}"
        yield "target", scenario.target, remedy
    offered = {element.capability for element in scenario.elements.values()}
    for name, plan in scenario.plans.items():
        for version, demands in plan.versions.items():
            for i, demand in enumerate(demands.demands):
                near = did_you_mean(demand.capability, offered)
                if demand.capability not in offered and near:
                    key = f"plans.{name}.versions.{version}.demands.{i}.capability"
                    yield key, demand.capability, f"is a capability of no element{near}"


def _disruptions(scenario: Fields, network: Network) -> Iterator[Fault]:
    lines = {link.line for link in network.links.values() if link.line}
    facilities = _facilities(scenario, network)
    ships = [f"{flow}/{ship}" for flow in scenario.flows for ship in scenario.flows[flow].ships]
    for name, disruption in scenario.disruptions.items():
        for key, named, known, where in (
            ("lines", disruption.lines, lines, f"the lines of {network.path}"),
            ("links", disruption.links, network.links, network.path),
            ("facilities", disruption.facilities, facilities, "the facilities of the network and [places]"),
            ("ships", disruption.ships, ships, "the ships of [flows]"),
        ):
            for value in named:
                if value not in known:
                    yield f"disruptions.{name}.{key}", value, f"is not in {where}{did_you_mean(value, known)}"


def _mended(scenario: Fields, network: Network) -> Iterator[Fault]:
    """What mends a disruption is a pool, or serves on a commitment that mends it."""
    mends: dict[str, set[str]] = {name: set() for name in scenario.disruptions}
    for task_name, task in scenario.tasks.items():
        for name, commitment in task.commitments.items():
            if commitment.mends in mends:
                mends[commitment.mends].update(commitment.capability)
            elif commitment.mends:
                remedy = f"is not in [disruptions]{did_you_mean(commitment.mends, mends)}"
                yield f"tasks.{task_name}.commitments.{name}.mends", commitment.mends, remedy
    for name, disruption in scenario.disruptions.items():
        known = {*scenario.pools} | mends[name]
        for needed in disruption.needs:
            if needed not in known:
                remedy = "is no pool, and the capability of no commitment that mends it" + did_you_mean(needed, known)
                yield f"disruptions.{name}.needs", needed, f"{remedy}: it would never be over"


def _facilities(scenario: Fields, network: Network) -> set[str]:
    """All facilities of the network and the scenario, as "place.facility"."""
    own = {f"{node}.{name}" for node, changes in scenario.places.items() for name in changes}
    return {f"{node}.{name}" for node, name in network.facilities} | own


def _rests(scenario: Fields, network: Network) -> Iterator[Fault]:
    column = scenario.movement.column
    places = dict.fromkeys([*(node for node, _ in network.facilities), *scenario.places])
    for i, rest in enumerate(column.rests):
        wanted = rest.per_vehicle * column.vehicles
        for place in places:
            there = scenario.facility_of(network, place, rest.facility) if rest.facility else None
            if there is not None and there.capacity < wanted:
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
        if stock.task is not None and scenario.tasks and stock.task not in scenario.tasks:
            yield f"{key}.task", stock.task, f"is not in [tasks]{did_you_mean(stock.task, scenario.tasks)}"
        for field, named in (("tonnes", stock.tonnes), ("daily_t", stock.daily_t)):
            for of in named:
                if of not in supply.used:
                    yield f"{key}.{field}.{of}", f"{named[of]:g}", "is of a class of supply that [supply] does not use"
        if stock.drawn_from is None:
            continue
        least = min((supply.days_carried.get(of, supply.usual_days_carried) for of in supply.used), default=1.0)
        draws = any(s.drawn_from == name for s in stocks.values()) or stock.each_vehicle_kg or stock.daily_t
        if stock.days + least < LEAST_DAYS and not draws:
            remedy = f"and what is carried are less than {LEAST_DAYS:g} of a day: it would order all the time, or never"
            yield f"{key}.days", f"{stock.days:g}", remedy
        source = stocks.get(stock.drawn_from)
        if source is None:
            near = did_you_mean(stock.drawn_from, stocks)
            yield f"{key}.drawn_from", stock.drawn_from, f"is not in [supply.stocks]{near}"
        elif name in _drawn_from(stocks, stock.drawn_from):
            yield f"{key}.drawn_from", stock.drawn_from, "draws on this one in its turn; one of them must have a place"
        elif stock.destination is not None and source.place is None:
            yield f"{key}.drawn_from", stock.drawn_from, "has no place where loads begin; give it one, or this lead_h"
        elif stock.destination is not None and source.place is not None:
            shares = {piece: stock.shares_of(piece, scenario.shares) for piece in pieces}
            yield from _add_up(stock.shares, f"{key}.shares")
            at = source.place, source.railhead or source.place
            yield from _ways(key, *at, dict.fromkeys(pieces, 1), shares, stock.destination, scenario, network)
    for name, element in scenario.elements.items():
        if element.supplied_from is not None and element.supplied_from not in stocks:
            near = did_you_mean(element.supplied_from, stocks)
            yield f"elements.{name}.supplied_from", element.supplied_from, f"is not in [supply.stocks]{near}"


def _attrition(scenario: Fields, network: Network) -> Iterator[Fault]:
    """What falls out finds its way back, and what it asks for is there."""
    offered = {element.capability for element in scenario.elements.values()}
    for name, attrition in scenario.attrition.items():
        key, place = f"attrition.{name}", attrition.place
        yield from _capabilities(key, attrition.capabilities, offered)
        for pool, amount in attrition.mended_by.items():
            if amount > scenario.pools[pool].capacity and not scenario.pools[pool].arrivals:
                yield (
                    f"{key}.mended_by.{pool}",
                    f"{amount:g}",
                    f"is more than pools.{pool}.capacity: it would wait for ever",
                )
        for of in attrition.uses_kg:
            if of not in scenario.supply.used or not scenario.supply.stocks:
                yield f"{key}.uses_kg.{of}", "", "is of a class of supply that [supply] does not bring"
        if place is None:
            continue
        if attrition.facility:
            there = scenario.facility_of(network, place, attrition.facility)
            if there is None or not there.capacity:
                remedy = f"is no facility there; give places.{place}.{attrition.facility} a capacity"
                yield f"{key}.facility", attrition.facility, remedy
        yield from _add_up({"shares": attrition.shares}, key)
        piece, railhead = attrition.piece, attrition.railhead or place
        concerned = scenario.concerned_by(attrition)
        for goal in dict.fromkeys(scenario.elements[element].destination or "" for element in concerned):
            yield from _ways(
                key, place, railhead, {piece: 1}, {piece: attrition.shares}, goal, scenario, network, MODES
            )
    for name, posture in scenario.postures.items():
        key = f"postures.{name}"
        yield from _capabilities(key, posture.capabilities, offered)
        for of in posture.attrition_factor:
            if of not in scenario.attrition:
                yield f"{key}.attrition_factor.{of}", of, f"is not in [attrition]{did_you_mean(of, scenario.attrition)}"
    for name, regime in scenario.regimes.items():
        for of in regime.attrition_factor:
            if of not in scenario.attrition:
                near = did_you_mean(of, scenario.attrition)
                yield f"regimes.{name}.attrition_factor.{of}", of, f"is not in [attrition]{near}"


def _capabilities(key: str, wanted: Iterable[str], offered: Collection[str]) -> Iterator[Fault]:
    for capability in wanted:
        if capability not in offered:
            yield f"{key}.capabilities", capability, f"is a capability of no element{did_you_mean(capability, offered)}"


def _drawn_from(stocks: Mapping[str, Stock], name: str) -> list[str]:
    """A stock and those that it draws on, one after the other, until one comes again."""
    found = [name]
    while (further := stocks[found[-1]].drawn_from) is not None and further in stocks and further not in found:
        found.append(further)
    return found
