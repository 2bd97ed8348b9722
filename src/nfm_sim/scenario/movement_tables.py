"""Read a movement table by its mapping.

Nothing is guessed: what the mapping does not say is a fault, or is left out by name and counted.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from nfm_sim.files import EITHER, Row, Table, problems_of, read_table
from nfm_sim.limits import MOST_COUNT, MOST_PEOPLE, MOST_PRIORITY, MOST_T
from nfm_sim.problems import InputError, Problem, counted, did_you_mean, explained_by, refuse
from nfm_sim.scenario.changes import set_path
from nfm_sim.scenario.faults import deepest
from nfm_sim.scenario.faults import problems_of as problems_of_model
from nfm_sim.scenario.files import read_model
from nfm_sim.scenario.flows import Flow
from nfm_sim.scenario.model import Element
from nfm_sim.scenario.movement_map import OF_ELEMENTS, PLACES, Days, KnownItems, MovementMap, number_in
from nfm_sim.scenario.values import Name
from nfm_sim.units import TONNES

LASTS = re.compile(r"(\d+(?:\.\d+|,\d{1,2})?)\s*(h|hours?|d|days?|w|weeks?)", re.IGNORECASE)
HOURS = {"h": 1, "d": 24, "w": 168}
PERCENT = re.compile(r"(\d+(?:\.\d+|,\d{1,2})?)\s*%")


@dataclass
class TableLoad:
    """What a unit or a ship has: its pieces, and a weight that stands for more of them."""

    pieces: Counter[str] = field(default_factory=Counter)
    tonnes: float = 0.0

    def whole(self, rules: MovementMap) -> dict[str, int]:
        """Return the pieces by class; those that the weight is taken to be are rounded up once."""
        pieces = Counter(self.pieces)
        for name, by in rules.pieces.items():
            pieces[name] += math.ceil(self.tonnes * by.share / by.weight_t - 1e-9)
        return {name: number for name, number in pieces.items() if number}


@dataclass
class Forces:
    """What a movement table was made into."""

    elements: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By name, as a scenario has them."""
    flows: dict[str, dict[str, Any]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    """What was left out and what was taken for what, in counts."""


@explained_by("movement_tables")
def read_movements(table: str | Path, mapping: str | Path) -> Forces:
    """Read a table of another's by a mapping, as force elements or flows of a scenario.

    Raises `InputError` with every fault of the mapping, of the table and of the table of items, or when they give
    nothing.

    >>> from nfm_sim.scenario.movement_tables import read_movements
    >>> lines = (folder / "units.csv").write_text("unit;kind;count\\n1 BN;truck;12\\n1 BN;tank;4\\n")
    >>> rules = 'makes = "elements"\\ncolumns = { name = "unit", item = "kind", number = "count" }\\n'
    >>> rules += 'classes.tracked.items = ["tank"]\\nclasses.wheeled.items = ["truck"]\\n'
    >>> lines = (folder / "map.toml").write_text(rules)
    >>> read_movements(folder / "units.csv", folder / "map.toml").elements
    {'1 BN': {'pieces': {'wheeled': 12, 'tracked': 4}}}
    """
    path = Path(mapping)
    rules = read_model(path, MovementMap)
    reader = _Reader(read_table(Path(table), rules.decimal_mark), rules, path)
    reader.need([*rules.columns.values(), *(column for columns in rules.counts.values() for column in columns)])
    made = reader.elements() if rules.makes == "elements" else reader.flows()
    reader.finish(made)
    if not made.elements and not made.flows:
        raise InputError.of(table, "", "", "; ".join([f"gives no {rules.makes}", *made.remarks]))
    return made


class _Reader:
    """Reads the rows of a table, and collects what is wrong with them."""

    def __init__(self, table: Table, rules: MovementMap, mapping: Path) -> None:
        self.table = table
        self.rules = rules
        self.mapping = mapping
        asked = f"{EITHER}, or say decimal_mark in the mapping"
        self.faults = [replace(fault, remedy=asked) if fault.remedy == EITHER else fault for fault in table.faults]
        self.left_out: Counter[str] = Counter()
        self.aside: defaultdict[str, float] = defaultdict(float)
        """By mode: the tonnes of lines that no ship brings."""
        self.days = Days(rules)
        self.items = KnownItems(mapping, rules)
        self.counted: set[tuple[str, str]] = set()
        self.unnamed: dict[tuple[str, str, float], str] = {}
        """By flow, port and day: what the ship is called that the table does not name."""
        for key, row in product(("name", "ship"), table.rows):
            if "/" in self.cell(row, key):
                self._fault(row, key, 'has a "/", as no name here may; write it as "1-64 AR" is')

    def need(self, columns: Iterable[str]) -> None:
        """Raise `InputError` where the table lacks columns that the mapping names."""
        there, problems = self.table.columns, []
        for name in (column for column in columns if column not in there):
            remedy = f"is no column of {self.table.path}{did_you_mean(name, there)}; it has {', '.join(there)}"
            problems.append(Problem(str(self.mapping), "columns", name, remedy))
        refuse(problems)

    def _fault(self, row: Row, key: str, remedy: str) -> None:
        """Note what is wrong with the cell of a row that is what the mapping says."""
        self.faults.append(self.table.fault(row, self.rules.columns.get(key, ""), remedy))

    def finish(self, made: Forces) -> None:
        """Raise `InputError` with what has been found; or else with what no scenario would read of what was made."""
        refuse([*self.items.problems, *problems_of(self.table.path, self.faults), *self.items.unknown()])
        of, entries = (Element, made.elements) if made.elements else (Flow, made.flows)
        try:
            TypeAdapter(dict[Name, of]).validate_python(entries)  # type: ignore[valid-type]
        except ValidationError as error:
            faults = [fault for fault in deepest(error.errors(include_url=False)) if fault["type"] != "missing"]
            refuse(problems_of_model(str(self.table.path), faults, of))  # what is missing, a scenario may add

    def elements(self) -> Forces:
        """The force elements of a table with a row for each unit, or for each unit and item."""
        made: dict[str, dict[str, Any]] = {}
        loads: dict[str, TableLoad] = {}
        for row in self.table.rows:
            name = self.cell(row, "name")
            if not name:
                self._fault(row, "name", "is empty; name the unit")
                continue
            entry = made.setdefault(name, self._same())
            for key in OF_ELEMENTS:
                if key in self.rules.columns and (cell := self.cell(row, key)):
                    self._agree(row, entry, key, self._value(row, key, cell))
            self._count(row, loads.setdefault(name, TableLoad()))
        for name, entry in made.items():
            entry["pieces"] = loads[name].whole(self.rules)
            if not entry["pieces"]:
                self.left_out[f"unit without a piece: {name}"] += 1
        return Forces(elements=made, remarks=self._remarks(loads.values()))

    def _same(self) -> dict[str, Any]:
        """What every element or flow gets."""
        entry: dict[str, Any] = {}
        for path, value in self.rules.same.items():
            set_path(entry, path, value)
        return entry

    def _value(self, row: Row, key: str, cell: str) -> str:
        """What a cell says of an element: of a place its name here, of a time a number in the unit of the key."""
        if key in PLACES and self.rules.places:
            if cell not in self.rules.places:
                self._fault(row, key, f"has no name in [places] of the mapping{did_you_mean(cell, self.rules.places)}")
            return self.rules.places.get(cell, cell)
        lasts, percent = LASTS.fullmatch(cell), PERCENT.fullmatch(cell)
        if lasts and key.endswith(("_days", "_day", "_h")):
            hours = float(lasts[1].replace(",", ".")) * HOURS[lasts[2][0].lower()]
            cell = f"{hours / (1 if key.endswith('_h') else 24):.10g}"
        elif percent and key.endswith("_share"):
            cell = f"{float(percent[1].replace(',', '.')) / 100:.10g}"
        try:
            Element.model_validate({"home": "-", key: cell})
        except ValidationError as error:
            (problem, *_) = problems_of_model("", error.errors(include_url=False), Element)
            self._fault(row, key, problem.remedy)
        return cell

    def _agree(self, row: Row, entry: dict[str, Any], key: str, cell: str) -> None:
        if key in entry and key not in self.rules.same and entry[key] != cell:
            remedy = f'stands beside "{entry[key]}" in an earlier row of the same unit; make them one'
            self._fault(row, key, remedy)
        entry[key] = cell

    def flows(self) -> Forces:
        """The flows of a table with a row for each line: what comes at a port, and when."""
        flows: dict[str, dict[str, Any]] = {}
        loads: dict[tuple[str, str], TableLoad] = {}
        for number, row in enumerate(self.table.rows, start=1):
            kind = self._kind(row)
            if kind in ("airlift", "none"):
                self._set_aside(row)
            if kind in ("ship", "airlift"):
                flow = flows.setdefault(self.cell(row, "name"), {**self._same(), "ships": {}, "airlifts": {}})
                self._say_of(row, flow)
                self._bring(row, kind, number, flow, loads)
        for name, flow in flows.items():
            for ship in list(flow["ships"]):
                pieces = loads[name, ship].whole(self.rules)
                flow["ships"][ship]["calls"][0]["pieces"] = pieces
                if not pieces:
                    self.left_out[f"ship without a piece: {ship}"] += 1
                    del flow["ships"][ship]
        flows = {name: flow for name, flow in flows.items() if flow["ships"] or flow["airlifts"]}
        return Forces(
            flows={name: {key: value for key, value in flow.items() if value != {}} for name, flow in flows.items()},
            remarks=self._remarks(loads.values()),
        )

    def _kind(self, row: Row) -> str:
        """What a row brings: "ship", "airlift", or nothing."""
        if not self.cell(row, "name"):
            self._fault(row, "name", "is empty; name the flow")
            return ""
        if not self.rules.modes:
            return "ship"
        mode = self.cell(row, "mode")
        if mode not in self.rules.modes:
            near = did_you_mean(mode, self.rules.modes)
            self._fault(row, "mode", f"is no mode that [modes] of the mapping names{near}")
            return ""
        if self.rules.modes[mode] == "none":
            self.left_out[f"line by {mode}"] += 1
        return self.rules.modes[mode]

    def _set_aside(self, row: Row) -> None:
        """Count the weight of a row that no ship brings."""
        weight = number_in(self.cell(row, "weight")) * number_in(self.cell(row, "number") or "1")
        if not math.isnan(weight):
            self.aside[self.cell(row, "mode")] += weight * TONNES[self.rules.weight_unit]

    def _say_of(self, row: Row, flow: dict[str, Any]) -> None:
        """What a row says of its flow: the first title, nation and priority, and the latest day that is required."""
        column = self.rules.columns.get("priority", "")
        priority = self._number(row, column, -MOST_PRIORITY, MOST_PRIORITY)
        said = {key: self.cell(row, key) for key in ("title", "nation")} | {"priority": priority}
        for key, value in said.items():
            if value not in ("", None) and flow.setdefault(key, value) != value and key not in self.rules.same:
                self.left_out[f"{key} other than the first of its flow"] += 1
        required = self._day(row, "required")
        if required is not None and "required_day" not in self.rules.same:
            flow["required_day"] = max(required, flow.get("required_day", 0.0))

    def _bring(
        self, row: Row, kind: str, number: int, flow: dict[str, Any], loads: dict[tuple[str, str], TableLoad]
    ) -> None:
        """Add what a row brings to its flow. Without the name of a ship, what comes at a port on a day comes by one."""
        port, day, name = self._port(row), self._day(row, "arrives"), self.cell(row, "name")
        if port is None or day is None:
            return
        carrier = self.cell(row, "ship")
        if kind == "airlift":
            if carrier in flow["airlifts"]:
                self._fault(row, "ship", f"names an airlift that an earlier row of {name} has; give each its own name")
            lift = {"airport": port, "day": day, "people": self._people(row)}
            flow["airlifts"][carrier or f"line_{number}"] = lift
            return
        if not carrier:
            carrier = self.unnamed.setdefault((name, port, day), f"line_{number}")
        ship = flow["ships"].setdefault(carrier, {"calls": [{"port": port, "day": day}]})
        if (ship["calls"][0]["port"], ship["calls"][0]["day"]) != (port, day):
            remedy = f"differs from an earlier row of the ship {carrier}; a ship of a table has one call"
            self._fault(row, "arrives", remedy)
        self._count(row, loads.setdefault((name, carrier), TableLoad()))

    def cell(self, row: Row, key: str) -> str:
        """The cell of a row that is what the mapping says; empty where there is none."""
        return row.cells.get(self.rules.columns.get(key, ""), "")

    def _count(self, row: Row, load: TableLoad) -> None:
        """Add the pieces of a row, or the weight that stands for pieces."""
        for name, columns in self.rules.counts.items():
            numbers = (self._number(row, column, 0, MOST_COUNT, whole=True) for column in columns)
            load.pieces[name] += sum(int(number or 0) for number in numbers)
        number = 1
        if column := self.rules.columns.get("number"):
            number = int(self._number(row, column, 0, MOST_COUNT, whole=True, needed=True) or 0)
        if "item" in self.rules.columns:
            name_of_class = self.items.class_of(self.cell(row, "item"), row.cells)
            if name_of_class is None:
                self.left_out["item that is no piece of its own"] += number
            elif name_of_class and not self._seen(row):
                load.pieces[name_of_class] += 1 if "piece" in self.rules.columns else number
        elif column := self.rules.columns.get("weight"):
            unit = TONNES[self.rules.weight_unit]
            weight = self._number(row, column, 0, MOST_T / unit)
            load.tonnes += (weight or 0.0) * number * unit
            if weight is None:
                self.left_out["line without a weight"] += 1

    def _seen(self, row: Row) -> bool:
        """Whether the piece that the row lies in has been counted: a container with two goods is one."""
        piece = (self.cell(row, "name"), self.cell(row, "piece"))
        known = "piece" in self.rules.columns and piece in self.counted
        self.counted.add(piece)
        return known

    def _number(
        self, row: Row, column: str, least: float, most: float, *, whole: bool = False, needed: bool = False
    ) -> float | None:
        """The number in a cell; None where it is empty, and with a fault where it is none between these."""
        cell = row.cells.get(column, "")
        number = number_in(cell)
        if (not cell and not needed) or (least <= number <= most and not (whole and number % 1)):
            return number if cell else None
        bounds = f"must be a {'whole ' * whole}number from {least:,.0f} to {most:,.0f}"
        self.faults.append(self.table.fault(row, column, "must be a number" if cell and number != number else bounds))
        return None

    def _day(self, row: Row, key: Literal["arrives", "required"]) -> float | None:
        """Days after hour 0 of a date on the clock of the Netherlands."""
        cell = self.cell(row, key)
        if not cell:
            if key == "arrives":
                self._fault(row, key, "is empty; give the day")
            return None
        try:
            return self.days.day(cell, key)
        except (ValueError, OverflowError) as error:
            self._fault(row, key, str(error))
            return None

    def _port(self, row: Row) -> str | None:
        name = self.cell(row, "port")
        if name not in self.rules.ports:
            self._fault(row, "port", "has no node in [ports] of the mapping; `nfm-sim list nodes` has their names")
        return self.rules.ports.get(name)

    def _people(self, row: Row) -> int:
        people = number_in(self.cell(row, "people"))
        if not 1 <= people <= MOST_PEOPLE or people % 1:
            remedy = f"must be a whole number of people, above 0 and up to {MOST_PEOPLE:,}, as its mode is an airlift"
            self._fault(row, "people", remedy)
            return 0
        return int(people)

    def _remarks(self, loads: Iterable[TableLoad]) -> list[str]:
        """Say what the rows became, in counts and weights, and what was left out."""
        total, tonnes, said = Counter[str](), 0.0, []
        for load in loads:
            total.update(load.whole(self.rules))
            tonnes += load.tonnes
        if total:
            said.append(f"{counted(total.total(), 'piece')}: {', '.join(f'{n:,} {name}' for name, n in total.items())}")
        if tonnes:
            made = sum(total[name] * by.weight_t for name, by in self.rules.pieces.items())
            said.append(f"weight: {tonnes:,.1f} t by ship, {made:,.1f} t of pieces ({made / tonnes:.2f} times)")
        said += self.days.remarks()
        said += [f"left out: {number:,} x {what}" for what, number in self.left_out.items()]
        aside = ", ".join(f"{tonnes:,.1f} t by {mode}" for mode, tonnes in self.aside.items() if tonnes)
        return [*said, f"weight that no ship brings: {aside}"] if aside else said
