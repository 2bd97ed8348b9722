"""How a movement table is read: which column is what, which item is of which class, which port is which node."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, model_validator

from nfm_sim.problems import did_you_mean
from nfm_sim.scenario.model import Element
from nfm_sim.scenario.values import LocalTime, Model, Name, Share, SomeTonnes, Text, bounds

WeightUnit = Literal["t", "kg", "lb", "STON", "LTON"]
DecimalMark = Literal["", ".", ","]
LengthUnit = Literal["m", "cm", "mm", "in", "ft"]
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
    length_unit: LengthUnit = "m"
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


def _keeps_the_zone(form: str) -> str:
    """Refuse a form that would read a zone and lose it."""
    if "%Z" in form or "Z" in re.sub("%.", "", form):
        raise ValueError("reads a zone and loses it; write %z, which reads Z and +01:00, or leave the zone out")
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
    date_format: Annotated[Text, AfterValidator(_keeps_the_zone)] = ""
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
                raise ValueError(
                    f'has a column for "{key}", which {self.makes} have not{did_you_mean(key, known)}; they have '
                    f"{', '.join(known)}"
                )
        if lacking := [key for key in needed if key not in self.columns]:
            raise ValueError(f"has no column for {', '.join(lacking)}")
        if self.makes == "flows" and self.g_day is None:
            raise ValueError("has no g_day, from which days count")
        unread = ("places",) if self.makes == "flows" else FOR_FLOWS
        if given := [key for key in unread if key in self.model_fields_set]:
            raise ValueError(f"has {', '.join(given)}, which {self.makes} do not read; leave it out")
        if self.counts and (twice := [key for key in ("item", "number", "weight") if key in self.columns]):
            raise ValueError(f"has [counts] and a column for {', '.join(twice)}; one of them says what there is")
        if "item" in self.columns and not self.classes:
            raise ValueError("has items and no [classes] that say what they are")
        if "weight" in self.columns and "item" not in self.columns and not self.pieces:
            raise ValueError("has a weight and no [pieces] that say what it is")
        return self
