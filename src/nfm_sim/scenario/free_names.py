"""Names that a scenario gives to what it does not declare itself: each must be found where it is declared.

A name that nothing knows would mean "no limit" or "no rule". So it is a fault; where a name may also stand for what
only other scenarios have (a nation, a capability), it is one when a known name is near.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nfm_sim.kinds import FACILITIES, MODES
from nfm_sim.kinds.facilities import YARD
from nfm_sim.network import Network
from nfm_sim.problems import did_you_mean, some_of
from nfm_sim.scenario.model import Fields
from nfm_sim.scenario.rules import KINDS_OF_LINK, usual_pools

Fault = tuple[str, str, str]
"""Key, value, and remedy."""


def of_some(key: str, names: Iterable[str], remedy: str) -> Iterator[Fault]:
    """Yield one fault of all these names; nothing where there are none."""
    names = list(names)
    if names:
        yield key, some_of(names), remedy


def free_names(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Yield the names that are declared nowhere."""
    yield from _pools_of_classes(scenario)
    yield from _facilities(scenario, network)
    yield from _kinds_and_lines(scenario, network)
    yield from _slips_of_the_pen(scenario)


def _pools_of_classes(scenario: Fields) -> Iterator[Fault]:
    known = (*scenario.pools, *usual_pools())
    for name, piece in scenario.classes.items():
        for key, pools in (("trucks", piece.trucks), ("wagons", piece.wagons), ("barges", piece.barges)):
            for pool in (pool for pool in pools if pool not in known):
                remedy = f"is no pool{did_you_mean(pool, known)}; give [pools] one, or it would not be scarce"
                yield f"classes.{name}.{key}", pool, remedy
        if isinstance(piece.pieces_per_wagon, dict):
            for pool in (pool for pool in piece.pieces_per_wagon if pool not in piece.wagons):
                yield (
                    f"classes.{name}.pieces_per_wagon.{pool}",
                    "",
                    f"is none of its wagons{did_you_mean(pool, piece.wagons)}",
                )
            for pool in (pool for pool in piece.wagons if pool not in piece.pieces_per_wagon):
                yield f"classes.{name}.pieces_per_wagon", "", f"does not say how many stand on one of {pool}"


def _facilities(scenario: Fields, network: Network) -> Iterator[Fault]:
    standing = {name for _, name in network.facilities} | {name for own in scenario.places.values() for name in own}
    for name, piece in scenario.classes.items():
        if piece.yard != YARD and piece.yard not in standing:
            yield f"classes.{name}.yard", piece.yard, f"is a facility of no place{did_you_mean(piece.yard, standing)}"
    for mode, rest in scenario.movement.rests():
        if rest.facility and rest.facility not in standing:
            remedy = f"is a facility of no place, so nobody could rest{did_you_mean(rest.facility, standing)}"
            yield f"movement.{mode}.rests.{rest.activity}.facility", rest.facility, remedy
    known = named_facilities(scenario)
    yield from _among(scenario.needs, known | standing, "needs", "is no facility that a rule uses")
    for place, own in scenario.places.items():
        for name in own:
            if name not in known and (place, name) not in network.facilities:
                remedy = f"is no facility that a rule uses{did_you_mean(name, known)}"
                yield f"places.{place}.{name}", "", remedy


def named_facilities(scenario: Fields) -> set[str]:
    """The facilities that rules use: the usual ones, and those that the scenario names."""
    stages = scenario.activation.stages.values()
    named = {piece.yard for piece in scenario.classes.values()}
    named |= {rest.facility for _, rest in scenario.movement.rests() if rest.facility}
    named |= {attrition.facility for attrition in scenario.attrition.values() if attrition.facility}
    return {*FACILITIES} | named | {stage.docks for stage in stages if stage.kind == "issue"}


def _kinds_and_lines(scenario: Fields, network: Network) -> Iterator[Fault]:
    rules = scenario.movement
    kinds = {link.kind for link in network.links.values() if link.kind} | {*KINDS_OF_LINK}
    tables: dict[str, Mapping[str, object]] = {
        f"{name}.speed_kmh": rules.of(name).speed_kmh for name, mode in MODES.items() if mode.network
    }
    tables["civil.mean_per_h"] = rules.civil.mean_per_h
    for key, table in tables.items():
        yield from _among(table, kinds, f"movement.{key}", f"is the type (facility_type) of no link of {network.path}")
    lines = {link.line for link in network.links.values() if link.line} | {"other"}
    yield from _among(rules.civil.paths, lines, "movement.civil.paths", f"is no line of {network.path}")


def _among(names: Iterable[str], known: set[str], key: str, what: str) -> Iterator[Fault]:
    for name in names:
        if name not in known:
            yield f"{key}.{name}", "", f"{what}{did_you_mean(name, known)}"


def _slips_of_the_pen(scenario: Fields) -> Iterator[Fault]:
    """Names that only other scenarios may have, where one that this scenario has is near."""
    for key, name, what, known in (*other_names(scenario), *_parents(scenario), *_staff(scenario)):
        near = did_you_mean(name, known, cutoff=SURELY)
        if near:
            yield key, name, f"is {what}{near}"


SURELY = 0.8
"""How alike a name must be to one that is known to be a slip of the pen, and not a name of another scenario."""


def other_names(scenario: Fields) -> Iterator[tuple[str, str, str, set[str]]]:
    """Yield (key, name, what it is, names that are known) for the nations and capabilities that nobody has."""
    elements = scenario.elements.values()
    nations = {flow.nation for flow in scenario.flows.values() if flow.nation}
    offered = {element.capability for element in elements if element.capability} | {"other"}
    asked = {
        demand.capability
        for plan in scenario.plans.values()
        for version in plan.versions.values()
        for demand in version.demands
    }
    tables: list[tuple[str, Iterable[str], str, set[str]]] = [
        *(
            (f"regimes.{name}.permit_h_by_nation", regime.permit_h_by_nation, "the nation of no flow", nations)
            for name, regime in scenario.regimes.items()
        ),
        ("activation.trades", scenario.activation.trades, NOBODY, offered),
        *(
            (f"tasks.{name}.reserved_share", task.reserved_share, NOBODY, offered)
            for name, task in scenario.tasks.items()
        ),
        *((f"targets.{name}.factors", of.factors, NOBODY, offered | asked) for name, of in scenario.targets.items()),
    ]
    for key, names, what, known in tables:
        yield from ((key, name, what, known) for name in names if name not in known)


def _staff(scenario: Fields) -> Iterator[tuple[str, str, str, set[str]]]:
    """Those who work at facilities: a pool of them that is not listed is not scarce."""
    at = {f"needs.{name}": pools for name, pools in scenario.needs.items()}
    for place, own in scenario.places.items():
        at |= {f"places.{place}.{name}.needs": change.needs or {} for name, change in own.items()}
    for mode in MODES:
        rules = scenario.movement.of(mode)
        at |= {f"movement.{mode}.needs": rules.needs, f"movement.{mode}.needs_per_piece": rules.needs_per_piece}
    known = {*scenario.pools}
    yield from ((key, pool, "no pool", known) for key, pools in at.items() for pool in pools if pool not in known)


NOBODY = "a capability of no element"


def _parents(scenario: Fields) -> Iterator[tuple[str, str, str, set[str]]]:
    known = {*scenario.formations}
    for name, element in scenario.elements.items():
        if element.parent and element.parent not in known:
            yield f"elements.{name}.parent", element.parent, "no formation", known
