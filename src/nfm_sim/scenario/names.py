"""Names: subjects are told apart by theirs, and one that a scenario refers to is declared where it says.

A name that nothing knows would mean "no limit" or "no rule". So it is a fault; where a name may also stand for what
only other scenarios have (a nation, a capability), it is one when a known name is near.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from nfm_sim.kinds import FACILITIES, MODES, SUPPLIES
from nfm_sim.kinds.facilities import YARD
from nfm_sim.network import Network
from nfm_sim.problems import did_you_mean, some_of
from nfm_sim.record.words import OFFERED
from nfm_sim.scenario.means import usual_pools
from nfm_sim.scenario.model import OPERATION, Fields
from nfm_sim.scenario.rules import KINDS_OF_LINK
from nfm_sim.scenario.tasks import Commitment

Fault = tuple[str, str, str]
"""Key, value, and remedy."""


def of_some(key: str, names: Iterable[str], remedy: str) -> Iterator[Fault]:
    """Yield one fault of all these names; nothing where there are none."""
    names = list(names)
    if names:
        yield key, some_of(names), remedy


def namesakes(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Yield names that two have, or that none may have.

    Subjects of the record are told apart by their names: "11_infbat", "flow/ship", "flow/ship/port/train-001". So no
    name holds a "/", and elements, formations, flows, and the tasks that hold means have names of their own.
    """
    named = [(table, name) for table in ("elements", "formations", "flows") for name in getattr(scenario, table)]
    named += [("supply.stocks", name) for name in scenario.supply.stocks]
    named += [("attrition", name) for name in scenario.attrition]
    owner: dict[str, str] = {}
    for kind, name in named:
        if name in owner:
            yield f"{kind}.{name}", "", f"is also the name of one of the {owner[name]}; give it another"
        owner.setdefault(name, kind)
    named += [("tasks", name) for name in scenario.tasks]
    for name in scenario.tasks:
        if owner.get(name) == "elements":
            yield f"tasks.{name}", "", "is also the name of one of the elements; give it another"
    for flow_name, flow in scenario.flows.items():
        namesake = scenario.tasks.get(flow_name)
        held = {OFFERED, *namesake.commitments} if namesake is not None else set()
        kind_of: dict[str, str] = {}
        for kind, name in ((of, name) for of in ("ships", "airlifts", "origins") for name in getattr(flow, of)):
            key = f"flows.{flow_name}.{kind}"
            named.append((key, name))
            if name in held:
                remedy = f"is also the name of one of the commitments of the task {flow_name}; give it another"
                yield f"{key}.{name}", "", remedy
            elif name in kind_of:
                yield f"{key}.{name}", "", f"is also the name of one of its {kind_of[name]}; give it another"
            kind_of.setdefault(name, kind)
    for task_name, task in scenario.tasks.items():
        named += [(f"tasks.{task_name}.commitments", name) for name in task.commitments]
        if OFFERED in task.commitments:  # a name that the record gives to a commitment of its own
            remedy = f'must be another name, without "/" and none of {OFFERED}'
            yield f"tasks.{task_name}.commitments.{OFFERED}", "", remedy
    for key, name in named:
        if "/" in name:
            yield f"{key}.{name}", "", 'must not have "/" in its name'
    for name in scenario.attrition:
        if name in SUPPLIES:  # shortages tell both by their names
            yield f"attrition.{name}", "", "is also the name of a class of supply; give it another"
    for name in scenario.programmes:
        if name in scenario.flows or name == OPERATION:
            what = "a flow" if name in scenario.flows else "that of all flows"
            yield f"programmes.{name}", "", f"is also the name of {what}"


class Reference(NamedTuple):
    """Names that stand at a key, and where they are declared."""

    key: str
    names: Iterable[str]
    known: Collection[str]
    what: str
    """What is said of one that is not known, before the one that is near."""
    more: str = ""
    """What is said behind it."""
    are_keys: bool = False
    """The names are keys themselves."""


def unknown_names(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Yield the names that are declared nowhere."""
    for rule in (_of_calls, _of_means, _of_places, _of_disruptions):
        for key, names, known, what, more, are_keys in rule(scenario, network):
            for name in (name for name in names if name not in known):
                remedy = f"{what}{did_you_mean(name, known)}{more}"
                yield (f"{key}.{name}", "", remedy) if are_keys else (key, name, remedy)
    yield from _slips_of_the_pen(scenario)


def commitments_of(scenario: Fields) -> dict[str, Commitment]:
    """All commitments, as "task/commitment"."""
    return {f"{task}/{name}": of for task in scenario.tasks for name, of in scenario.tasks[task].commitments.items()}


def facilities_of(scenario: Fields, network: Network) -> set[str]:
    """All facilities of the network and the scenario, as "place.facility"."""
    own = {f"{node}.{name}" for node, changes in scenario.places.items() for name in changes}
    return {f"{node}.{name}" for node, name in network.facilities} | own


def _of_calls(scenario: Fields, network: Network) -> Iterator[Reference]:
    """What tasks and plans name, and who serves them."""
    tasks, stocks = scenario.tasks, scenario.supply.stocks
    serves: dict[str, str | None] = {"activation.task": scenario.activation.task}
    serves |= {f"flows.{name}.task": flow.task for name, flow in scenario.flows.items()}
    serves |= {f"supply.stocks.{name}.task": stock.task for name, stock in stocks.items()}
    for key, task in serves.items():
        yield Reference(key, [task] if tasks and task is not None else [], tasks, "is not in [tasks]")
    offered = {element.capability for element in scenario.elements.values()}
    to_staff = {*scenario.pools} | facilities_of(scenario, network)
    for name, commitment in commitments_of(scenario).items():
        key = "tasks." + name.replace("/", ".commitments.")
        yield Reference(f"{key}.staffs", commitment.staffs, to_staff, "is no pool, and no facility of a place")
        yield Reference(f"{key}.capability", commitment.capability, offered, "is a capability of no element")
        mends = [commitment.mends] if commitment.mends else []
        yield Reference(f"{key}.mends", mends, scenario.disruptions, "is not in [disruptions]")
    for table in ("attrition", "postures"):
        for name, of in getattr(scenario, table).items():
            key, what = f"{table}.{name}.capabilities", "is a capability of no element"
            yield Reference(key, of.capabilities, offered, what)
    for table in ("postures", "regimes"):
        for name, of in getattr(scenario, table).items():
            for factor in of.attrition_factor:
                key = f"{table}.{name}.attrition_factor.{factor}"
                yield Reference(key, [factor], scenario.attrition, "is not in [attrition]")
    for name, version in scenario.plan_versions.items():
        yield Reference(f"plan_versions.{name}", [name], scenario.plans, "is not in [plans]")
        known = scenario.plans[name].versions if name in scenario.plans else [version]
        yield Reference(f"plan_versions.{name}", [version], known, "is no version of that plan")


def _of_means(scenario: Fields, network: Network) -> Iterator[Reference]:
    """What classes, elements and stocks name."""
    pools, stages, stocks = (*scenario.pools, *usual_pools()), scenario.activation.stages, scenario.supply.stocks
    for name, piece in scenario.classes.items():
        for key in ("trucks", "wagons", "barges"):
            more = "; give [pools] one, or it would not be scarce"
            yield Reference(f"classes.{name}.{key}", getattr(piece, key), pools, "is no pool", more)
        if isinstance(piece.pieces_per_wagon, dict):
            key = f"classes.{name}.pieces_per_wagon"
            yield Reference(key, piece.pieces_per_wagon, piece.wagons, "is none of its wagons", are_keys=True)
    for name, element in scenario.elements.items():
        for stage in element.hours:
            key = f"elements.{name}.hours.{stage}"
            yield Reference(key, [stage], stages, "is no stage of [activation.stages]")
    for name, stock in stocks.items():
        named = [stock.drawn_from] if stock.drawn_from is not None else []
        yield Reference(f"supply.stocks.{name}.drawn_from", named, stocks, "is not in [supply.stocks]")


def _of_places(scenario: Fields, network: Network) -> Iterator[Reference]:
    """Facilities that rules name, and types and lines of links."""
    standing = {name for _, name in network.facilities} | {name for own in scenario.places.values() for name in own}
    for name, piece in scenario.classes.items():
        yield Reference(f"classes.{name}.yard", [piece.yard], standing | {YARD}, "is a facility of no place")
    for mode, rest in scenario.movement.rests():
        key, what = f"movement.{mode}.rests.{rest.activity}.facility", "is a facility of no place, so nobody could rest"
        yield Reference(key, [rest.facility] if rest.facility else [], standing, what)
    used, what = named_facilities(scenario), "is no facility that a rule uses"
    yield Reference("needs", scenario.needs, used | standing, what, are_keys=True)
    for place, own in scenario.places.items():
        there = {name for node, name in network.facilities if node == place}
        yield Reference(f"places.{place}", own, used | there, what, are_keys=True)
    rules = scenario.movement
    kinds = {link.kind for link in network.links.values() if link.kind} | {*KINDS_OF_LINK}
    tables: dict[str, Mapping[str, object]] = {
        f"{name}.speed_kmh": rules.of(name).speed_kmh for name, mode in MODES.items() if mode.network
    }
    for key, table in {**tables, "civil.mean_per_h": rules.civil.mean_per_h}.items():
        what = f"is the type (facility_type) of no link of {network.path}"
        yield Reference(f"movement.{key}", table, kinds, what, are_keys=True)
    lines, what = {*_lines(network), "other"}, f"is no line of {network.path}"
    yield Reference("movement.civil.paths", rules.civil.paths, lines, what, are_keys=True)


def named_facilities(scenario: Fields) -> set[str]:
    """The facilities that rules use: the usual ones, and those that the scenario names."""
    stages = scenario.activation.stages.values()
    named = {piece.yard for piece in scenario.classes.values()}
    named |= {rest.facility for _, rest in scenario.movement.rests() if rest.facility}
    named |= {attrition.facility for attrition in scenario.attrition.values() if attrition.facility}
    return {*FACILITIES} | named | {stage.docks for stage in stages if stage.kind == "issue"}


def _lines(network: Network) -> set[str]:
    return {link.line for link in network.links.values() if link.line}


def _of_disruptions(scenario: Fields, network: Network) -> Iterator[Reference]:
    """What disruptions hit, and what mends them: a pool, or who serves on a commitment that mends it."""
    ships = [f"{flow}/{ship}" for flow, of in scenario.flows.items() for ship in of.ships]
    known: dict[str, tuple[Collection[str], str]] = {
        "lines": (_lines(network), f"the lines of {network.path}"),
        "links": (network.links, str(network.path)),
        "facilities": (facilities_of(scenario, network), "the facilities of the network and [places]"),
        "ships": (ships, "the ships of [flows]"),
    }
    for name, disruption in scenario.disruptions.items():
        for key, (there, where) in known.items():
            yield Reference(f"disruptions.{name}.{key}", getattr(disruption, key), there, f"is not in {where}")
        mending = (of.capability for of in commitments_of(scenario).values() if of.mends == name)
        menders = {*scenario.pools}.union(*mending)
        what = "is no pool, and the capability of no commitment that mends it"
        yield Reference(f"disruptions.{name}.needs", disruption.needs, menders, what, ": it would never be over")


def _slips_of_the_pen(scenario: Fields) -> Iterator[Fault]:
    """Names that only other scenarios may have, where one that this scenario has is near."""
    for key, name, what, known in (*other_names(scenario), *_parents(scenario), *_staff(scenario)):
        near = did_you_mean(name, known, cutoff=SURELY)
        if near:
            yield key, name, f"is {what}{near}"
    offered = {element.capability for element in scenario.elements.values()}
    for key, name in _asked_for(scenario).items():
        near = did_you_mean(name, offered)
        if name not in offered and near:
            yield key, name, f"is {NOBODY}{near}"


SURELY = 0.8
"""How alike a name must be to one that is known to be a slip of the pen, and not a name of another scenario."""
NOBODY = "a capability of no element"


def _asked_for(scenario: Fields) -> dict[str, str]:
    """By key: the capability that a plan asks for there."""
    return {
        f"plans.{name}.versions.{version}.demands.{number}.capability": demand.capability
        for name, plan in scenario.plans.items()
        for version, of in plan.versions.items()
        for number, demand in enumerate(of.demands)
    }


def other_names(scenario: Fields) -> Iterator[tuple[str, str, str, set[str]]]:
    """Yield (key, name, what it is, names that are known) for the nations and capabilities that nobody has."""
    nations = {flow.nation for flow in scenario.flows.values() if flow.nation}
    offered = {of.capability for of in scenario.elements.values() if of.capability} | {"other"}
    asked, tasks, targets = {*_asked_for(scenario).values()}, scenario.tasks.items(), scenario.targets.items()
    tables: list[tuple[str, Iterable[str], str, set[str]]] = [
        (f"regimes.{name}.permit_h_by_nation", regime.permit_h_by_nation, "the nation of no flow", nations)
        for name, regime in scenario.regimes.items()
    ]
    tables.append(("activation.trades", scenario.activation.trades, NOBODY, offered))
    tables += [(f"tasks.{name}.reserved_share", of.reserved_share, NOBODY, offered) for name, of in tasks]
    tables += [(f"targets.{name}.factors", of.factors, NOBODY, offered | asked) for name, of in targets]
    for key, names, what, known in tables:
        yield from ((key, name, what, known) for name in names if name not in known)


def _staff(scenario: Fields) -> Iterator[tuple[str, str, str, set[str]]]:
    """Those who work at facilities: a pool of them that is not listed is not scarce."""
    at = {f"needs.{name}": pools for name, pools in scenario.needs.items()} | staff_of_modes(scenario)
    for place, own in scenario.places.items():
        at |= {f"places.{place}.{name}.needs": change.needs or {} for name, change in own.items()}
    known = {*scenario.pools}
    yield from ((key, pool, "no pool", known) for key, pools in at.items() for pool in pools if pool not in known)


def staff_of_modes(scenario: Fields) -> dict[str, Mapping[str, float]]:
    """By key: the pools of those who work at the movements of each mode."""
    keys = ((mode, key) for mode in MODES for key in ("needs", "needs_per_piece"))
    return {f"movement.{mode}.{key}": getattr(scenario.movement.of(mode), key) for mode, key in keys}


def _parents(scenario: Fields) -> Iterator[tuple[str, str, str, set[str]]]:
    known = {*scenario.formations}
    for name, element in scenario.elements.items():
        if element.parent and element.parent not in known:
            yield f"elements.{name}.parent", element.parent, "no formation", known
