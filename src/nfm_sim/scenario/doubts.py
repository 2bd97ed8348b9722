"""Doubts: what a scenario gives and nothing reads, and what it can hardly mean. None keeps it from being simulated."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from nfm_sim.beside import rows_beside
from nfm_sim.kinds import MODES, Distribution
from nfm_sim.kinds.modes import BEDS, BERTHS, EXPLOSIVES, GANGS, PIECES, QUAY, RAMPS, YARD
from nfm_sim.network import Network, NoRouteError
from nfm_sim.problems import Problem, counted, did_you_mean, some_of
from nfm_sim.scenario.model import OPERATION, Fields
from nfm_sim.scenario.names import Fault, commitments_of, named_facilities, of_some, references, staff_of_modes
from nfm_sim.scenario.rules import default_classes
from nfm_sim.scenario.values import at_paths, numbers_at

# What is unusual: numbers beyond their range, and what does not go together (a day before another, a place where
# nothing comes, a name that nothing reads).


USUAL = rows_beside(__file__, "usual.csv")
"""The usual range of each kind of number or hours, so that a slip of the pen (cm for m, days for hours, percent for a
factor) is a doubt: the path where they stand, "*" for each of what there is; its ends and unit; what another number is
likely mistaken for; and where the range comes from. 0 is no doubt: it means none. What cannot be at all is a fault:
`limits` has those bounds."""


def unusual(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Yield the numbers beyond what is usual; of several by one path the first, and how many more there are."""
    for row in USUAL:
        found, low, high = numbers_at(scenario, network, row["path"]), float(row["low"]), float(row["high"])
        beyond = [path for path, value in found.items() if not all(low <= end <= high for end in _reach(value))]
        if beyond:
            others = f" (and so {len(beyond) - 1:,} others)" if len(beyond) > 1 else ""
            slip = f"; {row['slip']}" if "slip" in row else ""
            remedy = f"is unusual: {low:g} to {high:,g} {row['unit']} ({row['source']}){slip}{others}"
            yield beyond[0], " to ".join(f"{end:g}" for end in _reach(found[beyond[0]])), remedy


def _reach(value: Any) -> list[float]:
    """The ends of a number or distribution; of one without an end, what stands for it. 0 is left out."""
    reach = (value.ends or (value.nominal,)) if isinstance(value, Distribution) else (float(value),)
    return [end for end in dict.fromkeys(reach) if end]


YEARS = (1990, 2050)
"""Of hour 0, from the first operations on record to the targets that are planned for. Assumed."""
ON_THE_WAY = ("motorway_junction", "road_junction", "rail_node", "waterway_node", "lock")
"""Nodes at which no journey ends."""
TASKS = ("host_nation_support", "regional_plans")
"""The tasks that flows and elements have when nothing else is said."""
FAR_TIMES, FAR_KM = 1.5, 100.0
"""A way over given nodes is doubted when it is longer than so many times the direct one, and so much more. Assumed."""
FEW_TIMES = 10.0
"""How many times as long one mode takes beyond the border as another, at most. Assumed."""


def _hour_0(scenario: Fields, network: Network) -> Iterator[Fault]:
    if not YEARS[0] <= scenario.g_day.year <= YEARS[1]:
        yield "g_day", str(scenario.g_day.year), f"is unusual: {YEARS[0]} to {YEARS[1]}; is it a slip of the pen?"


def _flows(scenario: Fields, network: Network) -> Iterator[Fault]:
    for name, flow in scenario.flows.items():
        for lift, airlift in flow.airlifts.items():
            kind = network.nodes[airlift.airport].kind
            if kind and kind != "airport":
                remedy = f"is no airport: its node_type is {kind}"
                yield f"flows.{name}.airlifts.{lift}.airport", airlift.airport, remedy
        first = min((cargo.day for _, _, cargo in flow.cargoes()), default=None)
        if flow.required_day is not None and first is not None and flow.required_day <= first:
            remedy = f"is no later than day {first:g}, on which the first of it comes: it cannot be kept"
            yield f"flows.{name}.required_day", f"{flow.required_day:g}", remedy
        calls = {call.port for ship in flow.ships.values() for call in ship.calls}
        if len(calls) == 1 and {*flow.diverts_to} == calls:
            yield f"flows.{name}.diverts_to", some_of(calls), "is where its ships call: there is no other to divert to"


def _programmes(scenario: Fields, network: Network) -> Iterator[Fault]:
    keys = {**{name: f"programmes.{name}" for name in scenario.programmes}, OPERATION: "programme"}
    for name, programme in scenario.programmes_by_name.items():
        key = keys.get(name, f"flows.{name}.programme")
        flows = [flow for flow in scenario.flows if scenario.programme_name(flow) == name]
        if scenario.flows and not flows:
            yield key, "", "books for no flow: each has another programme"
        places = {place for flow in flows for _, place, _ in scenario.flows[flow].cargoes()}
        places.update(port for flow in flows for port in scenario.flows[flow].diverts_to)
        slots = dict.fromkeys(slot.port for slot in programme.slots if slot.port)
        for where, ports in (("slots", slots), ("per_day_at", programme.per_day_at)):
            idle = [port for port in ports if flows and port not in places]
            yield from of_some(f"{key}.{where}", idle, "is booked at, and nothing comes there")
        cargoes = [(scenario.flows[flow], cargo) for flow in flows for _, _, cargo in scenario.flows[flow].cargoes()]
        shares = [({**scenario.shares, **flow.shares, **cargo.shares}, cargo) for flow, cargo in cargoes]
        going = {mode for by, cargo in shares for name in cargo.pieces for mode, share in by[name].items() if share}
        idle = sorted({slot.mode for slot in programme.slots if flows} - going)
        yield from of_some(f"{key}.slots", idle, "is booked, and nothing goes so")
        rates = {*programme.per_day}.union(*programme.per_day_at.values())
        if flows and rates.isdisjoint(going):  # rates of a sheet of means are of all that may go
            yield from of_some(key, sorted(rates), "is booked, and nothing goes so")


def _elements(scenario: Fields, network: Network) -> Iterator[Fault]:
    tiers = {name: element.tier for name, element in scenario.elements.items() if element.tier is not None}
    notices = {name: scenario.elements[name].notice_to_move_days or 0.0 for name in tiers}
    late = [name for name, days in notices.items() if days > scenario.deadline_days.get(tiers[name], days)]
    if late:
        remedy = f"is more than its tier, {tiers[late[0]]}, has until its deadline: of {some_of(late)}"
        yield f"elements.{late[0]}.notice_to_move_days", f"{notices[late[0]]:g}", remedy
    for key, task in at_paths(scenario, "flows.*.task", "activation.task") if not scenario.tasks else ():
        if task not in TASKS:
            yield key, task, f"is a task that nothing reads, as there are no [tasks]{did_you_mean(task, TASKS)}"


def _disruptions(scenario: Fields, network: Network) -> Iterator[Fault]:
    for name, disruption in scenario.disruptions.items():
        start, lasts = disruption.start_h.ends, disruption.duration_h
        duration = None if lasts is None else lasts.ends
        if start is not None and start[0] >= scenario.horizon_h:
            remedy = f"is not before the horizon, hour {scenario.horizon_h:g}"
            yield f"disruptions.{name}.start_h", f"{start[0]:g}", remedy
        if duration is not None and duration[1] == 0:
            yield f"disruptions.{name}.duration_h", "0", "is no time, so nothing happens"
        if disruption.chance == 0:
            yield f"disruptions.{name}.chance", "0", "is no chance, so nothing happens"
        there = {pool: scenario.pools[pool].capacity for pool in disruption.pools}
        facilities = {of: scenario.facility_of(network, *of.split(".", 1)) for of in disruption.facilities}
        there |= {of: facility.capacity for of, facility in facilities.items() if facility is not None}
        taken = 1 - disruption.left_share
        if kept := [of for of, capacity in there.items() if disruption.left_share and 0 < capacity * taken < 1 - 1e-9]:
            remedy = f"takes nothing of {some_of(kept)}: that would be less than one, and whole ones are taken"
            yield f"disruptions.{name}.left_share", f"{disruption.left_share:g}", remedy


def _exits(scenario: Fields, network: Network) -> Iterator[Fault]:
    for name, destination in scenario.destinations.items():
        for mode, node in destination.exits.items():
            kind = network.nodes[node].kind
            if kind in ON_THE_WAY:
                remedy = f"is a {kind.replace('_', ' ')} on the way, where no journey ends; is it for `via`?"
                yield f"destinations.{name}.exits.{mode}", node, remedy
        hours = {mode: of.nominal for mode, of in destination.beyond_h.items() if MODES[mode].network and of.nominal}
        if hours and max(hours.values()) > FEW_TIMES * min(hours.values()):
            least, most = min(hours, key=hours.__getitem__), max(hours, key=hours.__getitem__)
            remedy = f"is less than a tenth of the {hours[most]:g} hours by {most}; is it in days?"
            yield f"destinations.{name}.beyond_h.{least}", f"{hours[least]:g}", remedy


def _ways(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Ways over given nodes that are far longer than the direct one."""
    starts: dict[str, dict[str, None]] = {}
    for flow in scenario.flows.values():
        for _, place, cargo in flow.cargoes():
            starts.setdefault(cargo.destination or flow.destination, {})[place] = None
    for name, destination in scenario.destinations.items():
        for mode, via in destination.via.items():
            exit_node = destination.exits.get(mode)
            for start in starts.get(name, ()) if exit_node is not None and MODES[mode].network else ():
                try:
                    direct = network.route(start, str(exit_node), MODES[mode].network).km
                    steps = pairwise((start, *via, str(exit_node)))
                    around = sum(network.route(*step, MODES[mode].network).km for step in steps)
                except NoRouteError:
                    continue
                if around > FAR_TIMES * direct and around > direct + FAR_KM:
                    remedy = f"makes {around:,.0f} km of the {direct:,.0f} km from {start} to {exit_node}"
                    yield f"destinations.{name}.via.{mode}", some_of(via), remedy
                    break


MISFITS = (_hour_0, _flows, _programmes, _elements, _disruptions, _exits, _ways)
"""What yields what does not go together."""


def doubts_about(scenario: Fields, network: Network, file: str) -> list[Problem]:
    """Return what is likely not meant: the scenario's own, and those of its network."""
    rules = [_nothing, _horizon, _other_names, _classes, _idle_elements, _stages, _regimes, _tasks, _unread]
    rules += [_rules, _aboard, _facilities, *MISFITS, unusual]
    own = [Problem(file, *fault) for rule in rules for fault in rule(scenario, network)]
    return [*own, *network.remarks]


def _nothing(scenario: Fields, network: Network) -> Iterator[Fault]:
    if not scenario.flows and not scenario.elements:
        yield "flows", "", "there are neither flows nor elements, so nothing happens"
    idle = [name for name, of in scenario.flows.items() if not any(sum(c.pieces.values()) for _, _, c in of.cargoes())]
    yield from of_some("flows", idle, "moves no pieces")


DATED = (
    *("flows.*.required_day", "flows.*.ships.*.calls.*.day", "flows.*.origins.*.day", "flows.*.airlifts.*.day"),
    *("pools.*.arrivals.*.day", "tasks.*.commitments.*.from_day", "timeline.*.day"),
)
"""Days on which something begins, or is required."""


def _horizon(scenario: Fields, network: Network) -> Iterator[Fault]:
    """What lies beyond the horizon has no answer."""
    end = scenario.horizon_days
    first = next((scenario.regimes[start.regime].decision_h for start in scenario.timeline if start.day == 0), None)
    decided = (scenario.activation.decision_h if first is None else first).may_reach_h / 24
    tiers = Counter(element.tier for element in scenario.elements.values() if element.tier is not None)
    for tier in sorted(tiers):
        deadline = scenario.deadline_days.get(tier, 0.0) + decided
        if deadline > end:
            after = f" and {decided:.3g} for the decision" if decided else ""
            days = f"{scenario.deadline_days.get(tier, 0.0):g} days{after}"
            remedy = f"is before the deadline of tier {tier}, {days}: whether its elements keep it stays open"
            yield "horizon_days", f"{end:g}", remedy
    for pattern in DATED:
        late = {path: day for path, day in numbers_at(scenario, network, pattern).items() if day > end}
        for path, day in list(late.items())[:1]:
            others = f" (and so {len(late) - 1:,} others)" if len(late) > 1 else ""
            yield path, f"{day:g}", f"is after the horizon, day {end:g}{others}"
    beyond = [f"{plan}: {demand.capability}" for plan, demand, _ in scenario.demands() if demand.day > end]
    yield from of_some("plans", beyond, f"is asked for by a day after the horizon, day {end:g}")


def _other_names(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Nations and capabilities that nobody has; where one is near, it is a fault and not a doubt."""
    for of in references(scenario, network):
        yield from of_some(of.key, of.unknown() if of.is_doubt else (), of.what)


def _classes(scenario: Fields, network: Network) -> Iterator[Fault]:
    moved = {name for flow in scenario.flows.values() for _, _, cargo in flow.cargoes() for name in cargo.pieces}
    moved.update(name for element in scenario.elements.values() for name in element.pieces)
    for name in scenario.classes:
        if name not in moved and name not in default_classes():
            yield f"classes.{name}", "", f"is a class that no piece has{did_you_mean(name, moved)}"
    supply = scenario.supply
    used = supply.used if supply.stocks else ()
    moved.update(piece for piece, _ in supply.carriages if used)
    if not any(scenario.classes[name].explosive_kg for name in moved if name in scenario.classes):
        limits = [place for place, own in scenario.places.items() if EXPLOSIVES in own]
        yield from of_some(f"places.*.{EXPLOSIVES}", limits, "limits nothing, as no piece that moves has explosive_kg")
    armed = [name for name, element in scenario.elements.items() if element.weapons]
    if not any(supply.kind(name).weapon_kg for name in used):
        yield from of_some("elements.*.weapons", armed, "has weapons, and no class of supply is used by them")


def _idle_elements(scenario: Fields, network: Network) -> Iterator[Fault]:
    asked = {capability for of in commitments_of(scenario).values() for capability in of.capability}
    elements = scenario.elements
    idle = [name for name, e in elements.items() if e.tier is None and not e.commitment and e.capability not in asked]
    remedy = "has neither a tier nor a capability that a task asks for, so nobody calls it"
    yield from of_some("elements", idle, remedy)
    parents = Counter(e.parent for e in elements.values() if e.parent and e.parent not in scenario.formations)
    if parents:
        listed = some_of(f"{parent} ({number:,})" for parent, number in parents.items())
        yield "elements", "", f"parents that are no formation, so nothing asks for them: {listed}"
    kinds = {stage.kind for stage in scenario.activation.stages.values()}
    for key, kind in (("filled_share", "fill_up"), ("mission_capable_share", "repair"), ("depot", "issue")):
        names = [name for name, element in elements.items() if getattr(element, key) not in (None, 1)]
        if names and kind not in kinds:
            yield f"elements.{names[0]}.{key}", "", f"is read by a stage of kind {kind} only, and there is none"
    for name, element in elements.items():
        if element.partner in elements and element.partner_h is not None:
            yield f"elements.{name}.partner_h", element.partner, "is an element too, and waited for until both"
    tiered = [name for name, e in elements.items() if e.tier is not None]
    if tiered and not scenario.activation.stages:
        yield "activation.stages", "", f"are none, so {counted(len(tiered), 'element')} would be ready with the order"
    early = [name for name, e in elements.items() if scenario.pre_alert_days(e) > 0]
    if early and not scenario.activation.pre_alert_stages:
        yield "activation.pre_alert_stages", "", f"are none, so the pre-alert of {some_of(early)} changes nothing"
    if scenario.activation.pre_alert_stages and elements and not early:
        yield "activation.pre_alert_stages", "", "are given, and no element has pre_alert_days"


def _stages(scenario: Fields, network: Network) -> Iterator[Fault]:
    elements = scenario.elements.values()
    for name, stage in scenario.activation.stages.items():
        key = f"activation.stages.{name}"
        if stage.kind == "repair":
            in_repair = [element for element in elements if element.mission_capable_share < 1]
            broken = {piece for element in in_repair for piece, number in element.pieces.items() if number}
            without = sorted(broken - {*stage.bays})
            if without:
                yield f"{key}.bays", "", f"has no bays for {some_of(without)}, which stay as they are"
            spares = sorted({*stage.spares} - {*stage.bays})
            yield from of_some(f"{key}.spares", spares, "has spares and no bays, so nothing takes them")
        if stage.kind == "issue" and elements and all(element.depot is None for element in elements):
            yield key, "", "issues nothing: no element has a depot"
        if stage.kind == "fill_up" and not scenario.activation.trades:
            yield key, "", "fills nothing up: [activation.trades] is empty"
    tiers = {element.tier for element in elements}
    for name, stage in scenario.activation.stages.items():
        for key in ("share_by_tier", "hours_by_tier"):
            unused = sorted(tier for tier in getattr(stage, key, {}) if tier not in tiers)
            if elements:
                yield from of_some(f"activation.stages.{name}.{key}", map(str, unused), "is a tier of no element")


def _regimes(scenario: Fields, network: Network) -> Iterator[Fault]:
    holding = {start.regime for start in scenario.timeline}
    idle = [name for name in scenario.regimes if name not in holding]
    if scenario.timeline:
        yield from of_some("regimes", idle, "holds at no time; [[timeline]] says when")
    if scenario.regimes and not scenario.timeline:
        yield "timeline", "", "is empty, so none of the regimes holds"
    if not any(scenario.regimes[name].permit_h or scenario.regimes[name].permit_h_by_nation for name in holding):
        asking = [name for name, flow in scenario.flows.items() if flow.permit_applied_day is not None]
        yield from of_some("flows.*.permit_applied_day", asking, "asks for a permit, and no regime gives its permit_h")
    called = any(scenario.regimes[name].call_up for name in holding)
    waiting = [name for name, pool in scenario.pools.items() if pool.call_up and pool.arrivals]
    if not called:
        yield from of_some("pools", waiting, "has reservists that no regime calls up, so none comes")


UNREAD = rows_beside(__file__, "unread.csv")
"""By part: keys that nothing reads without another, that one, and what is said of them then."""


def _unread(scenario: Fields, network: Network) -> Iterator[Fault]:
    for row in UNREAD:
        for path, part in at_paths(scenario, row["path"]):
            given = [key for key in row["keys"].split() if key in part.model_fields_set and getattr(part, key)]
            if getattr(part, row["needed"]) == type(part).model_fields[row["needed"]].default:
                yield from ((f"{path}.{key}", "", f"is given {row['why']}") for key in given)


def _tasks(scenario: Fields, network: Network) -> Iterator[Fault]:
    for key, of in at_paths(scenario, "tasks.*.commitments.*"):
        if of.tour_days is not None and of.overlap_days >= of.tour_days:
            remedy = f"is no shorter than a tour of {of.tour_days:g} days: who is relieved stays for another"
            yield f"{key}.overlap_days", f"{of.overlap_days:g}", remedy
        if of.pool is not None and of.staffs:
            yield f"{key}.staffs", "", "is for elements that serve, and this asks for an amount of a pool"


def _rules(scenario: Fields, network: Network) -> Iterator[Fault]:
    stands = {name: pools for name, pools in scenario.needs.items() if name == PIECES or name.endswith("_m2")}
    standing = {pool: name for name, pools in stands.items() for pool in pools}
    works = {f"needs.{name}": pools for name, pools in scenario.needs.items() if name not in stands}
    for key, pools in (works | staff_of_modes(scenario)).items():
        for pool in sorted(standing.keys() & pools):
            remedy = f"works at {standing[pool]} too: who stands there and waits for them could wait for ever"
            yield f"{key}.{pool}", "", f"{remedy}; give each its own pool"


def _aboard(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Ships that take aboard less than comes to their port, or call where nothing comes."""
    for key, flow in at_paths(scenario, "flows.*"):
        room: Counter[str] = Counter()
        for ship in flow.ships.values():
            room.update({call.port: call.takes for call in ship.calls if call.takes and not ship.cancelled})
        comes: Counter[str] = Counter()
        for _, _, cargo in flow.cargoes():
            exits = scenario.destinations[cargo.destination or flow.destination].exits
            for port in {*exits.values()} & {*room}:
                comes[port] += sum(cargo.pieces.values())
        for port, places in room.items():
            if not comes[port]:
                yield f"{key}.ships", port, "is a port where ships take pieces aboard, and none of its pieces goes"
            elif places < comes[port]:
                remedy = f"takes {places:,} pieces aboard at {port}, and {comes[port]:,} come there: the rest stays"
                yield f"{key}.ships", "", remedy


def _facilities(scenario: Fields, network: Network) -> Iterator[Fault]:
    known = named_facilities(scenario)
    for name, number in Counter(name for _, name in network.facilities).items():
        near = did_you_mean(name, known)
        if name not in known and near:
            yield "network", name, f"is a facility of {counted(number, 'place')} that no rule uses{near}"
    always = USED_ALWAYS - {mode.loaded_at for mode in MODES.values()}
    for place, changes in scenario.places.items():
        for name in sorted(name for name in always & changes.keys() if changes[name].open):
            remedy = "changes nothing: movement.discharge.shifts has the hours of ships, and what stands there has none"
            yield f"places.{place}.{name}.open", "", remedy


USED_ALWAYS = {BERTHS, QUAY, GANGS, RAMPS, YARD, EXPLOSIVES, BEDS}
"""Facilities whose hours nothing reads, unless a mode of a user's is loaded there."""
