"""Read a movement table by its mapping.

Nothing is guessed: what the mapping does not say is a fault, or is left out by name and counted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nfm_sim.files import Fault, Row, Table, problems_of, read_table
from nfm_sim.limits import MOST_COUNT
from nfm_sim.problems import InputError, Problem, counted, did_you_mean
from nfm_sim.scenario.files import read_model
from nfm_sim.scenario.movement_tables.items import KnownItems
from nfm_sim.scenario.movement_tables.mapping import OF_ELEMENTS, TONNES, MovementMap
from nfm_sim.scenario.values import TIMEZONE


@dataclass
class Forces:
    """What a movement table was made into."""

    elements: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By name, as a scenario has them."""
    flows: dict[str, dict[str, Any]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    """What was left out and what was taken for what, in counts."""


def read_movements(table: str | Path, mapping: str | Path) -> Forces:
    """Read a table of another's by a mapping, as force elements or flows of a scenario.

    Raises `InputError` with every fault of the mapping, of the table and of the table of items, or when they give
    nothing.

    >>> from nfm_sim.scenario import read_movements
    >>> lines = (folder / "units.csv").write_text("unit;kind;count\\n1 BN;truck;12\\n1 BN;tank;4\\n")
    >>> rules = 'makes = "elements"\\ncolumns = { name = "unit", item = "kind", number = "count" }\\n'
    >>> rules += 'classes.tracked.items = ["tank"]\\nclasses.wheeled.items = ["truck"]\\n'
    >>> lines = (folder / "map.toml").write_text(rules)
    >>> read_movements(folder / "units.csv", folder / "map.toml").elements
    {'1 BN': {'pieces': {'wheeled': 12, 'tracked': 4}}}
    """
    path = Path(mapping)
    rules = read_model(path, MovementMap)
    reader = _Reader(read_table(Path(table)), rules, path)
    reader.need(rules.columns.values())
    made = reader.elements() if rules.makes == "elements" else reader.flows()
    reader.finish()
    if not made.elements and not made.flows:
        remedy = "; ".join([f"gives no {rules.makes}", *made.remarks])
        raise InputError([Problem(str(table), "", "", remedy)])
    return made


class _Reader:
    """Reads the rows of a table, and collects what is wrong with them."""

    def __init__(self, table: Table, rules: MovementMap, mapping: Path) -> None:
        self.table = table
        self.rules = rules
        self.mapping = mapping
        self.faults: list[Fault] = list(table.faults)
        self.left_out: Counter[str] = Counter()
        self.items = KnownItems(mapping, rules)
        self.counted: set[tuple[str, str]] = set()

    def need(self, columns: Iterable[str]) -> None:
        """Raise `InputError` where the table lacks columns that the mapping names."""
        missing = [column for column in columns if column not in self.table.columns]
        if missing:
            raise InputError(
                Problem(
                    str(self.mapping),
                    "columns",
                    column,
                    f"is no column of {self.table.path}{did_you_mean(column, self.table.columns)}; it has "
                    f"{', '.join(self.table.columns)}",
                )
                for column in missing
            )

    def finish(self) -> None:
        """Raise `InputError` with what has been found."""
        found = [*self.items.problems, *problems_of(self.table.path, self.faults), *self.items.unknown()]
        if found:
            raise InputError(found)

    def elements(self) -> Forces:
        """The force elements of a table with a row for each unit, or for each unit and item."""
        made: dict[str, dict[str, Any]] = {}
        for row in self.table.rows:
            name = self.cell(row, "name")
            if not name:
                self.faults.append(self.table.fault(row, self.rules.columns["name"], "is empty; name the unit"))
                continue
            entry = made.setdefault(name, {**self.rules.same, "pieces": Counter()})
            for key in OF_ELEMENTS:
                if key in self.rules.columns and (cell := self.cell(row, key)):
                    self._agree(row, entry, key, cell)
            self._count(row, entry["pieces"])
        for name, entry in made.items():
            entry["pieces"] = dict(entry["pieces"])
            if not entry["pieces"]:
                self.left_out[f"unit without a piece: {name}"] += 1
        forces = Forces(elements=made)
        forces.remarks = self._remarks(made.values())
        return forces

    def _agree(self, row: Row, entry: dict[str, Any], key: str, cell: str) -> None:
        if key in entry and key not in self.rules.same and entry[key] != cell:
            remedy = f'stands beside "{entry[key]}" in an earlier row of the same unit; make them one'
            self.faults.append(self.table.fault(row, self.rules.columns[key], remedy))
        entry[key] = cell

    def flows(self) -> Forces:
        """The flows of a table with a row for each line: what comes at a port, and when."""
        flows: dict[str, dict[str, Any]] = {}
        for number, row in enumerate(self.table.rows, start=1):
            kind = self._kind(row)
            if kind in ("ship", "airlift"):
                flow = flows.setdefault(self.cell(row, "name"), {**self.rules.same, "ships": {}, "airlifts": {}})
                self._say_of(row, flow)
                self._bring(row, kind, self.cell(row, "ship") or f"line_{number}", flow)
        ships = [(name, ship["calls"][0]) for flow in flows.values() for name, ship in flow["ships"].items()]
        self.left_out.update(f"ship without a piece: {name}" for name, call in ships if not call["pieces"])
        forces = Forces(
            flows={name: {key: value for key, value in flow.items() if value != {}} for name, flow in flows.items()}
        )
        forces.remarks = self._remarks(call for _, call in ships)
        return forces

    def _kind(self, row: Row) -> str:
        """What a row brings: "ship", "airlift", or nothing."""
        if not self.cell(row, "name"):
            self.faults.append(self.table.fault(row, self.rules.columns["name"], "is empty; name the flow"))
            return ""
        if not self.rules.modes:
            return "ship"
        mode = self.cell(row, "mode")
        if mode not in self.rules.modes:
            remedy = f"is no mode that [modes] of the mapping names{did_you_mean(mode, self.rules.modes)}"
            self.faults.append(self.table.fault(row, self.rules.columns.get("mode", ""), remedy))
            return ""
        if self.rules.modes[mode] == "none":
            self.left_out[f"line by {mode}"] += 1
        return self.rules.modes[mode]

    def _say_of(self, row: Row, flow: dict[str, Any]) -> None:
        """What a row says of its flow: the first title, nation and priority, and the latest day that is required."""
        said = {key: self.cell(row, key) for key in ("title", "nation")} | {"priority": self._number(row, "priority")}
        for key, value in said.items():
            if value not in ("", None):
                flow.setdefault(key, value)
        required = self._day(row, "required")
        if required is not None and "required_day" not in self.rules.same:
            flow["required_day"] = max(required, flow.get("required_day", 0.0))

    def _bring(self, row: Row, kind: str, carrier: str, flow: dict[str, Any]) -> None:
        """Add what a row brings to its flow."""
        port, day = self._port(row), self._day(row, "arrives")
        if port is None or day is None:
            return
        if kind == "airlift":
            if carrier in flow["airlifts"]:
                remedy = f"names an airlift that an earlier row of {self.cell(row, 'name')} has; give each its own name"
                self.faults.append(self.table.fault(row, self.rules.columns["ship"], remedy))
            flow["airlifts"][carrier] = {"airport": port, "day": day, "people": self._people(row)}
            return
        ship = flow["ships"].setdefault(carrier, {"calls": [{"port": port, "day": day, "pieces": Counter()}]})
        call = ship["calls"][0]
        if (call["port"], call["day"]) != (port, day):
            remedy = f"differs from an earlier row of the ship {carrier}; a ship of a table has one call"
            self.faults.append(self.table.fault(row, self.rules.columns["arrives"], remedy))
        self._count(row, call["pieces"])

    def cell(self, row: Row, key: str) -> str:
        """The cell of a row that is what the mapping says; empty where there is none."""
        return row.cells.get(self.rules.columns.get(key, ""), "")

    def _count(self, row: Row, pieces: Counter[str]) -> None:
        """Add the pieces of a row."""
        number = self._number(row, "number") if "number" in self.rules.columns else 1.0
        if number is None or not 0 <= number <= MOST_COUNT or number % 1:
            column = self.rules.columns.get("number", "")
            if number is not None or not self.cell(row, "number"):
                remedy = f"must be a whole number from 0 to {MOST_COUNT:,}"
                self.faults.append(self.table.fault(row, column, remedy))
            return
        if "item" in self.rules.columns:
            item = self.cell(row, "item")
            name = self.items.class_of(item, row.cells)
            if name is None:
                self.left_out["item that is no piece of its own"] += int(number)
            elif name and not self._seen(row):
                pieces[name] += 1 if "piece" in self.rules.columns else int(number)
            return
        weight = self._number(row, "weight")
        if weight is not None:
            tonnes = weight * number * TONNES[self.rules.weight_unit]
            for name, by in self.rules.pieces.items():
                pieces[name] += math.ceil(tonnes * by.share / by.weight_t - 1e-9)
        elif "weight" in self.rules.columns:
            self.left_out["line without a weight"] += 1

    def _seen(self, row: Row) -> bool:
        """Whether the piece that the row lies in has been counted: a container with two goods is one."""
        if "piece" not in self.rules.columns:
            return False
        piece = (self.cell(row, "name"), self.cell(row, "piece"))
        known = piece in self.counted
        self.counted.add(piece)
        return known

    def _number(self, row: Row, key: str) -> float | None:
        cell = self.cell(row, key)
        if not cell:
            return None
        try:
            number = float(cell.replace("_", "x"))
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.faults.append(self.table.fault(row, self.rules.columns[key], "must be a number"))
            return None
        return number

    def _day(self, row: Row, key: str) -> float | None:
        """Days after hour 0 of a date on the clock of the Netherlands."""
        cell = self.cell(row, key)
        if not cell or self.rules.g_day is None:
            if key == "arrives":
                self.faults.append(self.table.fault(row, self.rules.columns[key], "is empty; give the day"))
            return None
        form = self.rules.date_format
        try:
            time = datetime.strptime(cell, form) if form else datetime.fromisoformat(cell)
        except ValueError:
            remedy = (
                f"is no date {f'like {form}' if form else 'such as 2027-01-19 06:00'}; date_format says how they are"
            )
            self.faults.append(self.table.fault(row, self.rules.columns[key], remedy))
            return None
        zero = self.rules.g_day.replace(tzinfo=TIMEZONE).astimezone(UTC)
        local = time if time.tzinfo else time.replace(tzinfo=TIMEZONE)
        day = (local.astimezone(UTC) - zero).total_seconds() / 86_400
        if day < 0:
            remedy = f"lies before g_day of the mapping ({self.rules.g_day:%Y-%m-%d %H:%M})"
            self.faults.append(self.table.fault(row, self.rules.columns[key], remedy))
            return None
        return round(day, 6)

    def _port(self, row: Row) -> str | None:
        name = self.cell(row, "port")
        if name not in self.rules.ports:
            remedy = "has no node in [ports] of the mapping; `nfm-sim list nodes` has their names"
            self.faults.append(self.table.fault(row, self.rules.columns["port"], remedy))
            return None
        return self.rules.ports[name]

    def _people(self, row: Row) -> int:
        cell = self.cell(row, "people")
        if not cell.isdecimal() or int(cell) < 1:
            remedy = "must be a whole number of people, above 0, as its mode is an airlift"
            self.faults.append(self.table.fault(row, self.rules.columns.get("people", ""), remedy))
            return 0
        return int(cell)

    def _remarks(self, entries: Iterable[Mapping[str, Any]]) -> list[str]:
        total: Counter[str] = Counter()
        for entry in entries:
            total.update(entry["pieces"])
        pieces = ", ".join(f"{number:,} {name}" for name, number in total.items())
        taken = [f"{counted(sum(total.values()), 'piece')}: {pieces}"] if total else []
        return [*taken, *(f"left out: {number:,} x {what}" for what, number in self.left_out.items())]
