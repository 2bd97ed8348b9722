"""Names: subjects are told apart by theirs, and one that a scenario refers to is declared where it says.

A name that nothing knows would mean "no limit" or "no rule". So it is a fault; where a name may also stand for what
only other scenarios have (a nation, a capability), it is one when a known name is near.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from typing import NamedTuple

from nfm_sim.beside import rows_beside
from nfm_sim.kinds import FACILITIES, MODES, SUPPLIES
from nfm_sim.kinds.modes import YARD
from nfm_sim.network import Network
from nfm_sim.problems import did_you_mean, some_of
from nfm_sim.record.words import OFFERED
from nfm_sim.scenario.model import OPERATION, Commitment, Fields
from nfm_sim.scenario.rules import KINDS_OF_LINK, usual_pools
from nfm_sim.scenario.values import at_paths

Fault = tuple[str, str, str]
"""Key, value, and remedy."""


def of_some(key: str, names: Iterable[str], remedy: str) -> Iterator[Fault]:
    """Yield one fault of all these names; nothing where there are none."""
    names = list(names)
    if names:
        yield key, some_of(names), remedy


SUBJECTS = ("elements", "formations", "flows", "supply.stocks", "attrition")
"""Tables of which no two have a name in common."""
OF_FLOWS = ("ships", "airlifts", "origins")
"""Tables of a flow, likewise."""
COMMITMENTS = "tasks.*.commitments"


def namesakes(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Yield names that two have, or that none may have.

    Subjects of the record are told apart by their names: "11_infbat", "flow/ship", "flow/ship/port/train-001". So no
    name holds a "/", and elements, formations, flows, and the tasks that hold means have names of their own.
    """
    owner: dict[str, str] = {}
    for key, name in _named(scenario, *SUBJECTS):
        if name in owner:
            yield f"{key}.{name}", "", f"is also the name of one of the {owner[name]}; give it another"
        owner.setdefault(name, key)
    yield from _namesakes_in_flows(scenario)
    for key, name in _named(scenario, *SUBJECTS, "tasks", *(f"flows.*.{of}" for of in OF_FLOWS), COMMITMENTS):
        if "/" in name:
            yield f"{key}.{name}", "", 'must not have "/" in its name'
    taken: list[tuple[str, Collection[str], str]] = [
        ("tasks", scenario.elements, "is also the name of one of the elements; give it another"),
        (COMMITMENTS, (OFFERED,), f'must be another name, without "/" and none of {OFFERED}'),
        ("attrition", SUPPLIES, "is also the name of a class of supply; give it another"),
        ("programmes", scenario.flows, "is also the name of a flow"),
        ("programmes", (OPERATION,), "is also the name of that of all flows"),
    ]
    for path, names, remedy in taken:
        yield from ((f"{key}.{name}", "", remedy) for key, name in _named(scenario, path) if name in names)


def _named(scenario: Fields, *paths: str) -> Iterator[tuple[str, str]]:
    """Yield the names in the tables at paths, each with the key of its table."""
    yield from ((key, name) for key, table in at_paths(scenario, *paths) for name in table)


def _namesakes_in_flows(scenario: Fields) -> Iterator[Fault]:
    """Yield the names that two subjects of a flow have, or one and a commitment of the task of its name."""
    for flow_name, flow in scenario.flows.items():
        task = scenario.tasks.get(flow_name)
        held = (OFFERED, *task.commitments) if task is not None else ()
        owner = dict.fromkeys(held, f"the commitments of the task {flow_name}")
        for kind, name in ((of, name) for of in OF_FLOWS for name in getattr(flow, of)):
            if name in owner:
                remedy = f"is also the name of one of {owner[name]}; give it another"
                yield f"flows.{flow_name}.{kind}.{name}", "", remedy
            owner.setdefault(name, f"its {kind}")


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
    slip: float = 0.0
    """How alike one must be to a known one to be a slip of the pen; one that is not may be of other scenarios. 0: each
    must be known."""
    is_doubt: bool = False
    """One that may be of other scenarios is doubted."""

    def unknown(self) -> list[str]:
        """The names that are not known."""
        return [name for name in self.names if name not in self.known]


REFERENCES = rows_beside(__file__, "names.csv")
"""What refers to names by its path, as a text, a list or the keys of a table, and what they are of: a table of the
scenario by its path, or a set of `_known`."""


def references(scenario: Fields, network: Network) -> Iterator[Reference]:
    """Yield all that refers to names."""
    sets = _known(scenario, network)
    for row in REFERENCES:
        of, what = row["known"], row["what"].format(network=network.path)
        known = sets[of] if of in sets else next(table for _, table in at_paths(scenario, of))
        for key, there in at_paths(scenario, row["path"]):
            names = [there] if isinstance(there, str) and there else there if isinstance(there, Collection) else ()
            how = row.get("more", ""), "are_keys" in row, float(row.get("slip", 0)), "is_doubt" in row
            yield Reference(key, names, known, what, *how)
    for name, piece in scenario.classes.items():
        if isinstance(piece.pieces_per_wagon, dict):
            key = f"classes.{name}.pieces_per_wagon"
            yield Reference(key, piece.pieces_per_wagon, piece.wagons, "is none of its wagons", are_keys=True)
    for place, own in scenario.places.items():
        there = sets["used"] | {name for node, name in network.facilities if node == place}
        yield Reference(f"places.{place}", own, there, "is no facility that a rule uses", are_keys=True)
    for mode in (name for name, mode in MODES.items() if mode.network):
        key, what = f"movement.{mode}.speed_kmh", f"is the type (facility_type) of no link of {network.path}"
        yield Reference(key, scenario.movement.of(mode).speed_kmh, sets["types of links"], what, are_keys=True)
    for name, version in scenario.plan_versions.items():
        known = scenario.plans[name].versions if name in scenario.plans else [version]
        yield Reference(f"plan_versions.{name}", [version], known, "is no version of that plan")
    for name, disruption in scenario.disruptions.items():
        mending = (of.capability for of in commitments_of(scenario).values() if of.mends == name)
        known, what = {*scenario.pools}.union(*mending), "is no pool, and the capability of no commitment that mends it"
        yield Reference(f"disruptions.{name}.needs", disruption.needs, known, what, ": it would never be over")


def unknown_names(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Yield the names that are declared nowhere, and are of no other scenario."""
    for of in references(scenario, network):
        for name in of.unknown():
            near = did_you_mean(name, of.known, cutoff=of.slip or ALIKE)
            if near or not of.slip:
                remedy = f"{of.what}{near}{of.more}"
                yield (f"{of.key}.{name}", "", remedy) if of.are_keys else (of.key, name, remedy)


ALIKE = 0.6
"""How alike a name must be to one that is known to be taken for it."""


def commitments_of(scenario: Fields) -> dict[str, Commitment]:
    """All commitments, as "task/commitment"."""
    return {f"{task}/{name}": of for task in scenario.tasks for name, of in scenario.tasks[task].commitments.items()}


def _known(scenario: Fields, network: Network) -> dict[str, Set[str]]:
    """The names that are known, by what they are of."""
    links, flows = network.links.values(), scenario.flows.items()
    facilities = scenario.facilities_on(network)
    by_place, standing = {".".join(key) for key in facilities}, {name for _, name in facilities}
    used, lines = named_facilities(scenario), {link.line for link in links if link.line}
    offered = {element.capability for element in scenario.elements.values()}
    asked_for = {demand.capability for _, demand in at_paths(scenario, "plans.*.versions.*.demands.*")}
    tasks = {scenario.activation.task, *(flow.task for _, flow in flows)}
    tasks.update(stock.task for stock in scenario.supply.stocks.values() if stock.task)
    return {
        "tasks": scenario.tasks.keys() or tasks,  # without any, each that is named is one
        "pools and facilities": scenario.pools.keys() | by_place,
        "commitments": commitments_of(scenario).keys(),
        "used supplies": {*scenario.supply.used},
        "brought supplies": {*scenario.supply.used} if scenario.supply.stocks else set(),
        "usual pools": {*scenario.pools, *usual_pools()},
        "offered": offered,
        "offered or other": offered - {""} | {"other"},
        "offered or asked for": offered - {""} | {"other"} | asked_for,
        "nations": {flow.nation for _, flow in flows if flow.nation},
        "facilities": by_place,
        "standing": standing | {YARD},
        "used": used,
        "used or standing": used | standing,
        "types of links": {link.kind for link in links if link.kind} | {*KINDS_OF_LINK},
        "lines": lines,
        "lines or other": lines | {"other"},
        "links": network.links.keys(),
        "ships": {f"{name}/{ship}" for name, flow in flows for ship in flow.ships},
    }


def named_facilities(scenario: Fields) -> set[str]:
    """The facilities that rules use: the usual ones, and those that the scenario names."""
    named = ("classes.*.yard", "movement.*.rests.*.facility", "attrition.*.facility", "activation.stages.*.docks")
    return {*FACILITIES, *(name for _, name in at_paths(scenario, *named) if name)}


def staff_of_modes(scenario: Fields) -> dict[str, Mapping[str, float]]:
    """By key: the pools of those who work at the movements of each mode."""
    return dict(at_paths(scenario, "movement.*.needs", "movement.*.needs_per_piece"))
