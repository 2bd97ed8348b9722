"""A scenario: what a file asks, checked whole against its network, with where it came from."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from unicodedata import is_normalized, normalize

from pydantic import PrivateAttr, ValidationError
from pydantic_core import ErrorDetails

from nfm_sim.cards import card
from nfm_sim.kinds import Distribution
from nfm_sim.network import Facility, Network, network_data, network_from_data
from nfm_sim.problems import InputError, Problem, counted, did_you_mean, gathered, refuse, some_of
from nfm_sim.scenario import values
from nfm_sim.scenario.changes import join_path, nested, set_path, split_path
from nfm_sim.scenario.check import check_fields
from nfm_sim.scenario.doubts import doubts_about
from nfm_sim.scenario.faults import deepest, place_of, problems_of
from nfm_sim.scenario.model import Fields
from nfm_sim.scenario.rules import default_classes

TITLED = ("flows", "destinations", "elements", "formations", "tasks", "plans", "programmes", "disruptions", "attrition")
"""Tables whose rows may have a title."""


class Provenance(NamedTuple):
    """Where a scenario came from: its plain data, its file, by part (or path) the table or file that it came from,
    and what is likely not meant by the way that the files are written."""

    data: dict[str, Any]
    file: str
    tables: Mapping[str, str]
    uncertain: Mapping[str, Distribution]
    """By path: what stands there in the place of a number."""
    remarks: tuple[Problem, ...] = ()


class Scenario(Fields):
    """A question, whole: who moves what, from where to where, with what, and when.

    Read one with `read_scenario`, make one of plain data with `build_scenario`, and vary it with `with_changes`.
    """

    _network: Network = PrivateAttr()
    _provenance: Provenance = PrivateAttr()

    def __repr__(self) -> str:
        return f'<Scenario "{self.title}": {self._sizes()}>'

    def _repr_html_(self) -> str:
        facts = {
            "hour 0": f"{self.g_day:%A %d %B %Y, %H:%M}, for {self.horizon_days:g} days",
            "network": self._network.path,
            "file": self._provenance.file,
            "asks for": self._sizes(),
            **{table: some_of(getattr(self, table)) for table in ("flows", "tasks", "pools")},
            "notional": self.notional,
        }
        return card("Scenario", self.title, facts)

    def _sizes(self) -> str:
        pieces = sum(sum(cargo.pieces.values()) for flow in self.flows.values() for _, _, cargo in flow.cargoes())
        parts = {"flow": len(self.flows), "piece": pieces, "force element": len(self.elements)}
        return ", ".join(counted(number, what) for what, number in parts.items())

    @classmethod
    def of(cls, fields: Fields, network: Network, origin: Provenance) -> Scenario:
        """Make the scenario of fields that have been checked against the network."""
        scenario = cls.model_construct(fields.model_fields_set, **dict(fields))
        scenario._network, scenario._provenance = network, origin
        return scenario

    @property
    def file(self) -> str:
        """The file it was read from, as errors name it."""
        return self._provenance.file

    @property
    def loaded_network(self) -> Network:
        """The network that this scenario runs on."""
        return self._network

    @property
    def about(self) -> dict[str, Any]:
        """The description that a run of it carries: title, notional, file, network, g_day, horizon_h."""
        said = {"title": self.title, "notional": self.notional, "file": self.file, "network": str(self._network.path)}
        return {**said, "g_day": self.g_day.isoformat(), "horizon_h": self.horizon_h}

    @property
    def titles(self) -> dict[str, dict[str, str]]:
        """What things are called, by table of the file and name, of those that have a title; and all nodes of the
        network, by their names, with the identifier behind it where several have one name."""
        nodes = self._network.nodes
        often = Counter(node.title for node in nodes.values())
        called = {key: of.title if often[of.title] == 1 else f"{of.title} ({key})" for key, of in nodes.items()}
        tables = {table: getattr(self, table) for table in TITLED} | {"stocks": self.supply.stocks}
        return {"nodes": called} | {
            table: {name: item.title or name.replace("_", " ") for name, item in items.items()}
            for table, items in tables.items()
        }

    @property
    def doubts(self) -> list[Problem]:
        """What is likely not meant, though it can be simulated: what is given and nothing reads, what lies beyond the
        horizon, what the network's tables left open."""
        return [*self._provenance.remarks, *doubts_about(self, self._network, self.file)]

    @property
    def uncertain(self) -> dict[str, Distribution]:
        """What is drawn once a replication, by path: distributions in the place of numbers, and shared factors."""
        factors = {join_path(("uncertainty", name, "value")): f.value for name, f in self.uncertainty.items()}
        return {**self._provenance.uncertain, **factors}

    @property
    def whole_paths(self) -> set[str]:
        """Those paths of `uncertain` whose values count things."""
        return {path for path in self._provenance.uncertain if values.is_whole(path, self._number_at(path))}

    def _number_at(self, path: str) -> Any:
        """The number or hours at a path; 0 where there are none."""
        return next(iter(values.numbers_at(self, self._network, path).values()), 0.0)

    def drawn(self, numbers: Mapping[str, float]) -> Scenario:
        """Return the scenario with a number for each path of `uncertain`, and nothing uncertain but hours.

        Those that count things are made whole. Raises `InputError` for numbers that cannot stand where they do.
        """
        uncertain = self._provenance.uncertain
        own = {path: values.as_counted(path, numbers[path], self._number_at(path)) for path in uncertain}
        data = values.with_values(self._provenance.data, own)
        if self.uncertainty:
            del data["uncertainty"]
            base = self._again(data)
            factors: dict[str, float] = {}
            for name, factor in self.uncertainty.items():
                for pattern in factor.paths:
                    for path in values.numbers_at(base, self._network, pattern):
                        value = numbers[join_path(("uncertainty", name, "value"))]
                        factors[path] = factors.get(path, 1.0) * value
            for path, value in factors.items():
                values.set_number(data, path, values.scaled(path, base._number_at(path), value))
        return self._again(data)

    def facility(self, node: str, name: str) -> Facility | None:
        """The facility of a node as this scenario has it: the network's, with the changes made here."""
        return self.facility_of(self._network, node, name)

    def given(self, *path: str) -> Any:
        """Return the value that the file itself gives at a path of keys; None where it gives none."""
        return values.value_at(self._provenance.data, path)

    def with_changes(self, changes: Mapping[str, Any]) -> Scenario:
        """Return a scenario that differs at dotted paths, such as {"places.vlissingen_oost.berths": 3}.

        A number in the path counts in a list, from 0; a name that holds a dot stands in quotation marks. A table stands
        in the place of the one that is there, whole; False takes out what is there: {"flows.brigade": False}. Raises
        `InputError` as reading does.
        """
        data, faults = copy.deepcopy(self._provenance.data), list[Problem]()
        for path, value in changes.items():
            with gathered(faults):
                part, name, *deeper = *split_path(path), "", ""
                if part == "network":
                    raise InputError.of("changes", path, value, "is read with the file, and changed there")
                given = join_path(("pools", name)) in changes or "pools" in changes or name in self.pools
                if part == "pools" and any(deeper) and not given:
                    near = did_you_mean(name, self.pools)
                    remedy = f'is no pool of the scenario{near}; give a new one whole, as "pools.{name}"'
                    raise InputError.of("changes", path, value, remedy)
                set_path(data, path, value)
        values.balance(data, [path for path in changes if path in self._provenance.uncertain])
        with gathered(faults):
            changed = self._again(data)
        refuse(faults)
        return changed

    def _again(self, data: dict[str, Any]) -> Scenario:
        """Return the scenario with other data."""
        of = self._provenance
        return build_scenario(data, self._network, file=of.file, tables=of.tables, remarks=of.remarks)

    def to_data(self) -> dict[str, Any]:
        """Return what it was made of as plain data, such as JSON holds: its file, its tables, their data, and the
        network. Nothing is left out; dates are ISO strings."""
        data, tables = _plain(self._provenance.data), dict(self._provenance.tables)
        return {"file": self.file, "tables": tables, "data": data, "network": network_data(self._network)}


def expect_scenario(given: object) -> None:
    """Raise TypeError, with what mends it, when something else is given for a scenario, such as the path of one."""
    if not isinstance(given, Scenario):
        raise TypeError(f"takes a Scenario, not {given!r:.80}; read it: nfm.read_scenario(path)")


def scenario_from_data(data: dict[str, Any]) -> Scenario:
    """Make the scenario of what `Scenario.to_data` returned. Raises `InputError` as reading does."""
    kinds = {"data": dict, "network": dict, "file": str, "tables": dict}
    missing = [key for key, kind in kinds.items() if not isinstance(data.get(key), kind)]
    if missing:
        raise InputError([Problem("scenario", key, "", "is not what a scenario as data holds") for key in missing])
    network = network_from_data(data["network"], data["file"])
    tables = {str(part): str(table) for part, table in data["tables"].items()}
    return build_scenario(data["data"], network, file=data["file"], tables=tables)


def _plain(value: object) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def build_scenario(
    data: dict[str, Any],
    network: Network,
    *,
    file: str = "scenario",
    tables: Mapping[str, str] | None = None,
    remarks: Iterable[Problem] = (),
) -> Scenario:
    """Make a scenario of plain data (as TOML would give it); raise `InputError` with every fault.

    Errors name `file`, or for a part that came from a table of its own, the file in `tables`. `remarks` are doubts
    about the files, which stand before those about what they say.

    >>> network = nfm.read_network("networks/netherlands")
    >>> day = {"title": "A day", "network": "netherlands", "g_day": "2027-01-04T00:00:00", "horizon_days": 1}
    >>> nfm.build_scenario(day, network).horizon_h
    24.0
    """
    tables = tables or {}
    if nested(data):
        raise InputError.of(file, "", "", "is nested too deeply")
    data = _composed(data)
    known = _known(data, network)
    problems: list[Problem] = []
    given = data
    uncertain, whole = _uncertain(data, known)
    if uncertain:
        data = _in_the_middle(data, uncertain, whole)
        problems += _beyond(data, uncertain, known, file)
    sound = data
    try:
        fields = Fields.model_validate(data, context=known)
    except ValidationError as error:
        faults = deepest(error.errors(include_url=False))
        sound = _without(data, [fault["loc"] for fault in faults])
        gone = [f"[{table}]" for table in data if table not in sound]  # whole: who names what stands there is not told
        told = (problem for problem in problems_of(file, faults) if not any(table in problem.remedy for table in gone))
        problems += [_explained(problem, data) for problem in told]
        if gone:
            raise _faults(problems, file, tables) from None
        try:
            fields = Fields.model_validate(sound, context=known)
        except ValidationError:
            raise _faults(problems, file, tables) from None
    dangling = bool(problems)
    try:
        found = (*check_fields(fields, network, file), *values.check_factors(fields, network, file))
        problems += [problem for problem in found if not _follows(problem, data, sound)]
    except KeyError:
        if not dangling:  # a sound part leads to a faulty one, which is reported already
            raise
    if problems:
        raise _faults(problems, file, tables)
    return Scenario.of(fields, network, Provenance(given, file, dict(tables), uncertain, tuple(remarks)))


def faults_by_itself(data: dict[str, Any], file: str, tables: Mapping[str, str]) -> Sequence[Problem]:
    """Return what is wrong with plain data whatever it refers to: for files of which a part cannot be read."""
    data = _composed(data)
    faults = _faults_in(_in_the_middle(data, *_uncertain(data, None)), None)
    return _faults([_explained(problem, data) for problem in problems_of(file, deepest(faults))], file, tables).problems


def _in_the_middle(data: dict[str, Any], uncertain: Mapping[str, Distribution], whole: Container[str]) -> Any:
    """The data with the middle of each distribution that stands in the place of a number."""
    middle = {path: round(of.nominal) if path in whole else of.nominal for path, of in uncertain.items()}
    return values.with_values(data, middle)


def _faults_in(data: dict[str, Any], known: values.Known | None) -> list[ErrorDetails]:
    """What pydantic finds wrong with plain data as a scenario; without the names that are `known`, but what it refers
    to."""
    try:
        Fields.model_validate(data, context=known)
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


def _uncertain(data: dict[str, Any], known: values.Known | None) -> tuple[dict[str, Distribution], set[str]]:
    """Return by path the distributions that stand in the place of numbers, and those paths where it is a whole one."""
    found = list(values.distributions_in(data))
    faults = _faults_in(data, known) if found else []
    whole = {join_path(map(str, place_of(fault))) for fault in faults if fault["type"].startswith("int")}
    return values.taken_out(found, map(place_of, faults)), whole


def _explained(problem: Problem, data: dict[str, Any]) -> Problem:
    """Say of `false` where nothing is that it takes nothing out."""
    if problem.value == str(False):
        *way, last = split_path(problem.key)
        there = values.value_at(data, way) or {}
        if isinstance(there, dict):  # and no list, of which nothing is taken out by name
            near = did_you_mean(last, there)
            return replace(problem, value="false", remedy=f"takes out what is there, and nothing is{near}")
    return problem


def _beyond(
    data: dict[str, Any], uncertain: Mapping[str, Distribution], known: values.Known, file: str
) -> list[Problem]:
    """Return the numbers at the ends of distributions that cannot stand where they do."""
    problems: dict[Problem, None] = {}
    for end in (0, 1):
        for path, distribution in uncertain.items():
            reach = distribution.ends
            if reach is not None:
                number = values.value_at(data, split_path(path))
                variant = copy.deepcopy(data)
                set_path(variant, path, values.as_counted(path, reach[end], number))
                faults = [f for f in _faults_in(variant, known) if join_path(map(str, place_of(f))) == path]
                problems |= dict.fromkeys(problems_of(file, faults))
    return list(problems)


def _composed(value: object) -> Any:
    """Plain data with all names and texts composed (Unicode NFC), as those of files are."""
    if isinstance(value, str):
        return value if is_normalized("NFC", value) else normalize("NFC", value)
    if isinstance(value, dict):
        return {_composed(key): _composed(item) for key, item in value.items()}
    return [_composed(item) for item in value] if isinstance(value, list) else value


def _known(data: dict[str, Any], network: Network) -> values.Known:
    """Return the names that a scenario may refer to."""
    names = {table: _names(data, table) for table in NAMED}
    return values.Known(network, {**names, "classes": names["classes"] | {*default_classes()}})


NAMED = (
    *("pools", "flows", "elements", "destinations", "classes", "regimes", "tasks", "targets"),
    *("activation.stages", "supply.stocks"),
)
"""Tables of names that others refer to."""


def _faults(problems: list[Problem], file: str, tables: Mapping[str, str]) -> InputError:
    """Return the error of these problems, each in the file where its key stands."""
    return InputError(replace(problem, file=_stands_in(problem.key, tables) or file) for problem in problems)


def _stands_in(key: str, tables: Mapping[str, str]) -> str:
    """The file that gives a key, or the table that it is in; empty where that is none of `tables`."""
    while key and key not in tables:
        key = key.rpartition(".")[0]
    return tables.get(key, "")


def _names(data: object, path: str) -> frozenset[str]:
    table = values.value_at(data, path.split("."))
    return frozenset(table) if isinstance(table, dict) else frozenset()


def _follows(problem: Problem, data: dict[str, Any], sound: dict[str, Any]) -> bool:
    """Whether a problem is that a name is missing which an entry with a fault of its own would give."""
    names = {*BETWEEN_NAMES.split(problem.value)}
    named = (table for table in data if table.removesuffix("s") in problem.remedy)
    faulty = ((name, data[table][name]) for table in named for name in _names(data, table) - _names(sound, table))
    return any(
        name in names or f"{name}]" in problem.remedy or names.intersection(_texts_in(entry)) for name, entry in faulty
    )


def _texts_in(data: object) -> Iterator[str]:
    """Yield the keys and texts of plain data."""
    if isinstance(data, str):
        yield data
    for part in [*data, *data.values()] if isinstance(data, dict) else data if isinstance(data, list) else []:
        yield from _texts_in(part)


BETWEEN_NAMES = re.compile(r"/|, ")
"""What stands between names in the value of a problem."""


def _without(data: dict[str, Any], faults: list[tuple[int | str, ...]]) -> dict[str, Any]:
    """Return the data without the entries that have a fault, so that the rest can be checked too."""
    sound = {key: dict(part) if isinstance(part, dict) else part for key, part in data.items()}
    for loc in faults:
        part = sound.get(str(loc[0]))
        if len(loc) > 1 and isinstance(part, dict):
            part.pop(str(loc[1]), None)
        elif loc[0] not in ("title", "network", "g_day", "horizon_days"):
            sound.pop(str(loc[0]), None)
    return sound
