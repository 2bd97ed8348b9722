"""How a movement table is read: which column is what, which item is of which class, and which day a date is."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, model_validator

from nfm_sim.files import problems_of, read_table
from nfm_sim.limits import MOST_DAYS
from nfm_sim.problems import Problem, counted, did_you_mean
from nfm_sim.scenario.flows import Flow
from nfm_sim.scenario.model import Element
from nfm_sim.scenario.values import TIMEZONE, LocalTime, Model, Name, Share, SomeTonnes, Text, bounds, on_the_clock
from nfm_sim.units import METRES, TONNES

WeightUnit = Literal["t", "kg", "lb", "STON", "LTON"]
DecimalMark = Literal["", ".", ","]
Size = Literal["weight_t", "length_m", "width_m", "height_m"]

ROWS = ("name", "item", "number", "piece", "weight")
"""What a column of any table may be: whose row it is, the item, how many, the name of the piece that it lies in, its
weight."""
OF_ELEMENTS = tuple(key for key in Element.model_fields if key not in ("pieces", "hours"))
PLACES = ("home", "railhead", "depot", "destination")
"""Keys of an element whose names [places] maps."""
OF_FLOWS = ("title", "nation", "priority", "ship", "port", "arrives", "required", "mode", "people")


class Items(Model):
    """A table of what the items are: a row for each."""

    table: Text
    """From the mapping's own folder."""
    item: Text
    """The column that names the item as the main table does."""
    title: Text = ""
    """The column with its name in words."""
    sizes: dict[Size, Text] = {}
    """Columns with what one weighs and measures."""
    weight_unit: WeightUnit = "t"
    length_unit: Literal["m", "cm", "mm", "in", "ft"] = "m"
    decimal_mark: DecimalMark = ""
    """Of its numbers, where they do not tell: "." or ","."""


class ItemRule(Model):
    """Which items are of a class: those for which all that is given holds."""

    items: tuple[Text, ...] = ()
    """These, by their names in the tables."""
    words: tuple[Text, ...] = ()
    """Those with one of these in their title."""
    cells: dict[Text, tuple[Text, ...]] = {}
    """By column, of the table itself or that of the items: those with one of these there."""
    least: dict[Size, float] = {}
    """Those that weigh or measure so much at least; an unknown size is none."""
    most: dict[Size, float] = {}


class ByWeight(Model):
    """Pieces that a weight is taken to be."""

    share: Share = 1
    """Of the weight."""
    weight_t: SomeTonnes
    """Of one piece."""


def _one_is_a_list(value: object) -> Any:
    return [value] if isinstance(value, dict | str) else value


SOME_TIME = datetime(2031, 10, 29, 17, 43, tzinfo=UTC)
HOUR = re.compile("%[HIcX]")


def _keeps_the_time(form: str) -> str:
    """Refuse a form that would lose what it reads: a zone, or a part of the day or of its hour."""
    if "%Z" in form or "Z" in re.sub("%.", "", form):
        raise ValueError("reads a zone and loses it; write %z, which reads Z and +01:00, or leave the zone out")
    try:
        read = datetime.strptime(SOME_TIME.strftime(form), form)
    except (ValueError, re.error):
        raise ValueError("is no form of dates such as %d-%m-%Y %H:%M, which has each part once") from None
    if read.date() != SOME_TIME.date() or (HOUR.search(form) and read.hour != SOME_TIME.hour):
        raise ValueError("loses the year, the month, the day, or whether it is afternoon (%p beside %I)")
    return form


FOR_FLOWS = ("ports", "modes", "g_day", "date_format", "day_zero", "hours")
"""Keys of a mapping that elements do not read."""


class MovementMap(Model):
    """How a table of another's is read."""

    makes: Literal["elements", "flows"]
    """Force elements (a unit by the item), or flows with ships and airlifts (lines with ports and dates)."""
    columns: dict[Name, Text]
    """By what it is: the name of the column. Always `name`; the rest as `docs/howto/movement_tables.md` lists."""
    same: dict[Name, Any] = {}
    """Keys that every element or flow gets, such as a home or a destination."""
    items: Annotated[
        tuple[Items, ...], BeforeValidator(_one_is_a_list, json_schema_input_type=Items | list[Items])
    ] = ()
    """What is known of the items: a table, or several that each say a part."""
    left_out: ItemRule | None = None
    """Items that are no piece of their own, such as what lies in a truck."""
    classes: dict[Name, ItemRule] = {}
    """By class: which items are of it. The first that fits."""
    counts: dict[
        Name, Annotated[tuple[Text, ...], BeforeValidator(_one_is_a_list, json_schema_input_type=str | list[str])]
    ] = {}
    """Of a wide sheet, a row a unit or ship: by class, the columns that count its pieces."""
    pieces: dict[Name, ByWeight] = {}
    """Where there is a weight and no item: the pieces that the weight is taken to be, by class."""
    weight_unit: WeightUnit = "t"
    """Of the column `weight`."""
    decimal_mark: DecimalMark = ""
    """Of the numbers of the table, where they do not tell: "." or ","."""
    g_day: LocalTime | None = None
    """Hour 0: dates become days after it."""
    date_format: Annotated[Text, AfterValidator(_keeps_the_time)] = ""
    """Of dates, as Python's strptime has it: "%m/%d/%y %H:%M". Without it, 2027-01-19 06:00."""
    day_zero: LocalTime | None = None
    """Of dates that are days after one, with a letter or without: C012, C+12, 12. The day on which C000 begins."""
    hours: dict[Literal["arrives", "required"], Annotated[float, bounds(0, 24)]] = {}
    """The hour that a day without one means, and one at 00:00: without it, what arrives does so at 0, and what is
    required is so until the end of the day, 24."""
    places: dict[Text, Name] = {}
    """Of elements: by their name for a place or destination (home, railhead, depot), its name here."""
    ports: dict[Text, Name] = {}
    """By their name for a port or airport: its node here."""
    modes: dict[Text, Literal["ship", "airlift", "none"]] = {}
    """By their word for a mode: a ship with pieces, an airlift with people, or left out. Without any, all are ships."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        known = (*ROWS, *(OF_ELEMENTS if self.makes == "elements" else OF_FLOWS))
        needed = ["name", *(("port", "arrives") if self.makes == "flows" else ())]
        for key in self.columns:
            if key not in known:
                have = f"which {self.makes} have not{did_you_mean(key, known)}; they have {', '.join(known)}"
                raise ValueError(f'has a column for "{key}", {have}')
        if lacking := [key for key in needed if key not in self.columns]:
            raise ValueError(f"has no column for {', '.join(lacking)}")
        if self.makes == "flows" and self.g_day is None:
            raise ValueError("has no g_day, from which days count")
        unread = ("places",) if self.makes == "flows" else FOR_FLOWS
        if given := [key for key in unread if key in self.model_fields_set]:
            raise ValueError(f"has {', '.join(given)}, which {self.makes} do not read; leave it out")
        of, of_rows = (Element, ["pieces"]) if self.makes == "elements" else (Flow, ["ships", "airlifts"])
        keys = [key for key in of.model_fields if key not in of_rows]
        if unknown := [key for key in self.same if key.partition(".")[0] not in keys]:
            near = did_you_mean(unknown[0], keys)
            raise ValueError(f'has "{unknown[0]}" in [same], which {self.makes} have not{near}')
        if (shares := sum(by.share for by in self.pieces.values())) > 1 + 1e-9:
            raise ValueError(f"has shares in [pieces] that make {shares:.3g} times the weight; 1 at most")
        if self.counts and (twice := [key for key in ("item", "number", "weight") if key in self.columns]):
            raise ValueError(f"has [counts] and a column for {', '.join(twice)}; one of them says what there is")
        if "item" in self.columns and not self.classes:
            raise ValueError("has items and no [classes] that say what they are")
        if "weight" in self.columns and "item" not in self.columns and not self.pieces:
            raise ValueError("has a weight and no [pieces] that say what it is")
        return self


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
                number = number_in(row.cells[column] or "0")
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

    def unknown(self) -> Iterator[Problem]:
        """Yield the items that no rule says a class for."""
        for name, rows in self.lost.items() if not self.problems else ():
            item = self.known.get(name)
            what = f" ({item.title})" if item and item.title else ""
            why = "is not in the tables of items" if self.rules.items and item is None else "fits no class"
            remedy = f"{why}{what}, in {counted(rows, 'row')}; give it one in [classes], or name it in [left_out]"
            yield Problem(self.path, "classes", name, remedy)


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


NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def number_in(cell: str) -> float:
    """The number in a cell; NaN where it is none."""
    return float(cell) if NUMBER.fullmatch(cell) else math.nan


COUNTED = re.compile(r"([A-Za-z]?)\s*([+-]?\s*\d{1,3})")
"""A day counted from one of the table's own: C012, C+12, 12."""
What = Literal["arrives", "required"]
USUAL: Mapping[What, float] = {"arrives": 0.0, "required": 24.0}
"""The hour that a day without one means: ships come from its beginning on, and a day that is required lasts to its
end."""


class Days:
    """Reads dates, and counts those without an hour."""

    def __init__(self, rules: MovementMap) -> None:
        self.rules = rules
        self.letter: str | None = None
        """That stands before days counted from one of the table's own."""
        self.without_hour: Counter[What] = Counter()
        self.midnights = 0

    def day(self, cell: str, what: What) -> float:
        """Return the days after hour 0 of a cell; raise ValueError with what is wrong with it."""
        assert self.rules.g_day is not None  # a mapping of flows has one
        found, has_hour = self._counted(cell) or self._date(cell)
        if not has_hour:
            self.without_hour[what] += 1
        elif what == "required" and found.time() == time() and what not in self.rules.hours:
            self.midnights += 1
        hour = self.rules.hours.get(what)
        if not has_hour or (hour is not None and found.time() == time()):
            found += timedelta(hours=USUAL[what] if hour is None else hour)
        zero = self.rules.g_day.replace(tzinfo=TIMEZONE).astimezone(UTC)
        local = found if found.tzinfo else found.replace(tzinfo=TIMEZONE)
        day = (local.astimezone(UTC) - zero).total_seconds() / 86_400
        if not 0 <= day <= MOST_DAYS:
            at = f"{self.rules.g_day:%Y-%m-%d %H:%M}"
            raise ValueError(f"lies before g_day of the mapping ({at}), or more than {MOST_DAYS:,.0f} days after it")
        return round(day, 6)

    def _counted(self, cell: str) -> tuple[datetime, bool] | None:
        """The day that a cell counts from one of the table's own."""
        match = COUNTED.fullmatch(cell)
        if match is None or self.rules.date_format:
            return None
        if self.rules.day_zero is None:
            day = f"{self.rules.g_day:%Y-%m-%d}"
            raise ValueError(f"is a day after one of the table's own; say with day_zero which that is (g_day is {day})")
        self.letter = match[1].upper() if self.letter is None else self.letter
        if match[1].upper() != self.letter:
            raise ValueError("counts from another day than the cells before it; day_zero is one day")
        return self.rules.day_zero + timedelta(days=int(match[2].replace(" ", ""))), False

    def _date(self, cell: str) -> tuple[datetime, bool]:
        form = self.rules.date_format
        try:
            found = datetime.strptime(cell, form) if form else datetime.fromisoformat(cell)
        except ValueError:
            like = f"is no date {f'like {form}' if form else 'such as 2027-01-19 06:00'}"
            raise ValueError(f"{like}; date_format says how they are, or day_zero where they count") from None
        if found.tzinfo is None:
            on_the_clock(found)
        return found, bool(HOUR.search(form) if form else re.search("[T ]", cell))

    def remarks(self) -> list[str]:
        """Say how days without an hour were taken."""
        said = [
            f"days without an hour: {number:,} x {what}, at {int(hour):02}:{round(hour % 1 * 60):02}"
            for what, number in self.without_hour.items()
            for hour in [self.rules.hours.get(what, USUAL[what])]
        ]
        if self.midnights:
            said.append(
                f"days at 00:00: {self.midnights:,} x required, their first minute; hours.required = 24 is their end"
            )
        return said
