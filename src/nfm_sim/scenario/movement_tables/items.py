"""What is known of the items of a movement table, and the class of each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nfm_sim.files import problems_of, read_table
from nfm_sim.problems import Problem, counted, did_you_mean
from nfm_sim.scenario.movement_tables.mapping import ItemRule, Items, MovementMap
from nfm_sim.units import METRES, TONNES


@dataclass
class Item:
    """What the tables say of an item."""

    title: str = ""
    cells: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)
    """What one weighs (t) and measures (m), where it is known."""


class KnownItems:
    """What is known of items, and the class of each."""

    def __init__(self, mapping: Path, rules: MovementMap) -> None:
        self.rules = rules
        self.path = str(mapping)
        self.problems: list[Problem] = []
        self.known: dict[str, Item] = {}
        self.lost: Counter[str] = Counter()
        for items in rules.items:
            self._learn(items, mapping.parent / items.table)

    def _learn(self, items: Items, path: Path) -> None:
        """Take what a table of items says; of an item that stands twice, the first row."""
        table = read_table(path, items.decimal_mark)
        missing = [
            Problem(self.path, "items", column, f"is no column of {path}{did_you_mean(column, table.columns)}")
            for column in filter(None, (items.item, items.title, *items.sizes.values()))
            if column not in table.columns
        ]
        if missing:
            self.problems += missing
            return
        faults = list(table.faults)
        seen: set[str] = set()
        for row in table.rows:
            name = row.cells[items.item]
            if name in seen:
                continue
            seen.add(name)
            item = self.known.setdefault(name, Item())
            item.title = row.cells.get(items.title, "") or item.title
            item.cells.update(row.cells)
            for size, column in items.sizes.items():
                number = _number(row.cells[column])
                if math.isnan(number):
                    faults.append(table.fault(row, column, "must be a number, or empty"))
                elif number > 0:  # these tables write 0 for what is not known
                    unit = TONNES[items.weight_unit] if size == "weight_t" else METRES[items.length_unit]
                    item.sizes[size] = number * unit
        self.problems += problems_of(path, faults)

    def class_of(self, name: str, cells: Mapping[str, str]) -> str | None:
        """The class of an item in a row with these cells; None when it is no piece of its own, and "" when no rule
        says."""
        item = self.known.get(name, Item())
        if not self.rules.items or name in self.known:
            every = {**cells, **item.cells}
            if self.rules.left_out is not None and _fits(self.rules.left_out, name, item, every):
                return None
            for known, rule in self.rules.classes.items():
                if _fits(rule, name, item, every):
                    return known
        self.lost[name] += 1
        return ""

    def unknown(self) -> list[Problem]:
        """The items that no rule says a class for."""
        problems = []
        for name, rows in self.lost.items():
            item = self.known.get(name)
            what = f" ({item.title})" if item and item.title else ""
            why = "is not in the tables of items" if self.rules.items and item is None else "fits no class"
            remedy = f"{why}{what}, in {counted(rows, 'row')}; give it one in [classes], or name it in [left_out]"
            problems.append(Problem(self.path, "classes", name, remedy))
        return [] if self.problems else problems


def _fits(rule: ItemRule, name: str, item: Item, cells: Mapping[str, str]) -> bool:
    """Whether all that a rule gives holds."""
    title = (item.title or name).casefold()
    return (
        (not rule.items or name in rule.items)
        and (not rule.words or any(word.casefold() in title for word in rule.words))
        and all(cells.get(column, "") in values for column, values in rule.cells.items())
        and all(item.sizes.get(size, -math.inf) >= least for size, least in rule.least.items())
        and all(item.sizes.get(size, math.inf) <= most for size, most in rule.most.items())
    )


def _number(cell: str) -> float:
    """The number in a cell: 0 where it is empty, NaN where it is none."""
    try:
        number = float(cell or 0)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
