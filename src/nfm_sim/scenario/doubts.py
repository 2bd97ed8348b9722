"""Doubts: what a scenario gives and nothing reads, and what it can hardly mean. None keeps it from being simulated."""

from collections import Counter
from collections.abc import Iterator

from nfm_sim.beside import rows_beside
from nfm_sim.kinds.facilities import EXPLOSIVES, PIECES
from nfm_sim.network import Network
from nfm_sim.problems import Problem, counted, did_you_mean, some_of
from nfm_sim.scenario.distributions import at_paths, numbers_at
from nfm_sim.scenario.means import default_classes
from nfm_sim.scenario.misfits import MISFITS, unusual
from nfm_sim.scenario.model import Fields
from nfm_sim.scenario.names import Fault, commitments_of, named_facilities, of_some, references, staff_of_modes


def doubts_about(scenario: Fields, network: Network, file: str) -> list[Problem]:
    """Return what is likely not meant: the scenario's own, and those of its network."""
    rules = [_nothing, _horizon, _other_names, _classes, _elements, _stages, _regimes, _tasks, _unread]
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


def _elements(scenario: Fields, network: Network) -> Iterator[Fault]:
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
    unread = {
        "filled_share": ("fill_up", [name for name, e in elements.items() if e.filled_share < 1]),
        "mission_capable_share": ("repair", [name for name, e in elements.items() if e.mission_capable_share < 1]),
        "depot": ("issue", [name for name, e in elements.items() if e.depot is not None]),
    }
    for key, (kind, names) in unread.items():
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
