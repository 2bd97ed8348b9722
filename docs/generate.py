"""Write the references in this folder from the models, the schemas and the docstrings of the package.

    python docs/generate.py

The tests compare what stands here with what this would write.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nfm_sim as nfm
from nfm_sim.kinds import DIVERSIONS, FACILITIES, FAMILIES, MODE_CHOICES, MODES, POLICIES, ROUTINGS, SHIPS
from nfm_sim.meanings import meanings
from nfm_sim.measures.columns import COLUMNS
from nfm_sim.measures.common import KEPT
from nfm_sim.network import rows
from nfm_sim.record import Record
from nfm_sim.record.tables import FIELDS, TABLES
from nfm_sim.scenario.model import Fields

DOCS = Path(__file__).parent
SCENARIOS = DOCS.parent / "scenarios"
MADE = "*Written by `python docs/generate.py`; change the docstrings, not this page.*"
UNITS = {
    "_h": "hours",
    "_days": "days",
    "_day": "days after hour 0",
    "_kmh": "km/h",
    "_km": "km",
    "_m": "metres",
    "_m2": "square metres",
    "_t": "tonnes",
    "_min": "minutes",
    "_share": "fraction, 0 to 1",
    "_per_h": "an hour",
}
"""What the end of a name says of its unit."""
NETWORK_TABLES: Mapping[str, tuple[type[rows.NetworkRow], str]] = {
    "node.csv": (rows.NodeRow, "Places and junctions. Needed."),
    "link.csv": (rows.LinkRow, "Roads, railways and fairways between them. Needed."),
    "facility.csv": (rows.FacilityRow, "What ports, terminals and locks have. Without it, nothing can be discharged."),
    "config.csv": (rows.ConfigRow, "The units of the folder. Without it, km and km/h."),
    "use_definition.csv": (rows.UseRow, "Uses of links by other names, each with our mode."),
    "use_group.csv": (rows.UseGroupRow, "Groups of uses."),
    "outline.csv": (rows.OutlineRow, "The outlines of countries, for the map."),
}


def unit_of(name: str) -> str:
    """The unit that a name says."""
    if name == "g_day":  # a time on the clock
        return ""
    ends = sorted((end for end in UNITS if name.endswith(end) or name == end[1:]), key=len)
    return UNITS[ends[-1]] if ends else ""


def scenario_page() -> str:
    """The keys of a scenario file: each with its type, unit, default, meaning and an example."""
    schema = Fields.model_json_schema()
    schemas = {"Scenario": schema, **schema["$defs"]}
    examples = Examples(schemas)
    for path in sorted(SCENARIOS.glob("*.toml")):
        examples.gather("Scenario", tomllib.loads(path.read_text()))
    parts = [
        "# Scenario files",
        MADE,
        "A scenario is a TOML file. `nfm-sim validate` checks it, and names every fault with its key and its remedy; "
        "`nfm-sim schema` writes the JSON Schema, with which editors complete and check.",
        '- `extends = "other.toml"`, or a list of files laid over each other, takes over all of another scenario; '
        "the file then says only what differs, key by key. A value or a list stands in the place of the one that was "
        "there; so do a distribution and the shares of a class. An empty table empties: `diverts_to = {}`, and also a "
        "heading with nothing below it. `false` in the place of anything else than true or false takes that out, as if "
        "it had never been given: `flows.brigade = false`, `required_day = false`. `--change` and `with_changes` do "
        "the same at their path, where a table with keys stands in the place of the whole table.\n"
        "- Where a number stands there may be a distribution instead, drawn once a replication: "
        "`capacity = { pert = [80, 110, 160] }` (see `Distribution`). Values of the type *hours* are drawn for each "
        "subject.\n"
        "- Hours and days are numbers that count from hour 0, which `g_day` puts on the calendar. They are exact: a "
        "deadline of day 3 is the end of the third day, 72 hours after hour 0, and what comes within a second of it is "
        "in time. Tables of others have dates; one without an hour, by which something is required, lasts to its end.\n"
        "- `NAME` stands for a name that you give. An unknown key is an error.",
    ]
    for name, where in places_of(schemas).items():
        parts += [f"## {name}", *([f"In {', '.join(f'`[{key}]`' for key in where)}."] if where else [])]
        about = schemas[name].get("description", "")
        parts += [about] if about else []
        parts.append("\n".join(key_line(name, schemas[name], key, examples) for key in schemas[name]["properties"]))
    parts += ["## What names mean", "Names that stand for something declared; users may add theirs (`nfm_sim.extend`)."]
    for registry in (MODES, POLICIES, ROUTINGS, DIVERSIONS, MODE_CHOICES, SHIPS, FACILITIES):
        parts.append(f"{registry.what.capitalize()}:")
        parts.append("\n".join(f"- **`{one.name}`**: {one.meaning}" for one in registry.values()))
    return page(parts)


def key_line(name: str, schema: Mapping[str, Any], key: str, examples: Examples) -> str:
    """One key as an item of a list."""
    value = schema["properties"][key]
    needed = key in schema.get("required", ())
    usual = "as its keys say" if "$ref" in value and value.get("default") else written(value.get("default"))
    default = "**needed**" if needed else f"default {usual}"
    facts = [kind_of(value), unit_of(key) if "NAME" not in kind_of(value) else "", default]
    meaning = one_line(value.get("description") or about_type(value, examples.schemas))
    example = examples.found.get((name, key), value.get("default"))
    text = toml(example) if example not in (None, {}, [], "") else "..."
    shown = "" if "..." in text else f" Example: `{key} = {text}`"
    return f"- **`{key}`** ({', '.join(filter(None, facts))}). {meaning}{shown}"


def about_type(value: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """What the model says that a key holds."""
    return str(schemas[value["$ref"].rpartition("/")[2]].get("description", "")) if "$ref" in value else ""


class Examples:
    """The first value that a shipped scenario gives to each key."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self.schemas = schemas
        self.found: dict[tuple[str, str], Any] = {}

    def gather(self, name: str, data: Any) -> None:
        """Note the values of a table of the kind `name`, and of those in it."""
        if not isinstance(data, dict):
            return
        for key, value in data.items():
            part = self.schemas[name]["properties"].get(key)
            if part is None:
                continue
            self.found.setdefault((name, key), value)
            self._within(part, value)

    def _within(self, part: Mapping[str, Any], value: Any) -> None:
        for choice in part.get("anyOf", [part]):
            for option in choice.get("oneOf", [choice]):
                if "$ref" in option:
                    self._as_one(option["$ref"].rpartition("/")[2], value)
        for item in value if isinstance(value, list) and isinstance(part.get("items"), dict) else ():
            self._within(part["items"], item)
        inner = part.get("additionalProperties")
        for item in value.values() if isinstance(value, dict) and isinstance(inner, dict) else ():
            self._within(inner, item)

    def _as_one(self, name: str, value: Any) -> None:
        kind = self.schemas[name]["properties"].get("kind", {}).get("const")
        if isinstance(value, dict) and (kind is None or value.get("kind", "hours") == kind):
            self.gather(name, value)


def places_of(schemas: Mapping[str, Any]) -> dict[str, list[str]]:
    """The models in the order in which they are met, each with the tables where it stands."""
    places: dict[str, list[str]] = {"Scenario": []}
    waiting = [("Scenario", "")]
    while waiting:
        name, where = waiting.pop(0)
        for key, value in schemas[name]["properties"].items():
            for inner, path in inner_models(value, f"{where}.{key}".lstrip(".")):
                if inner not in places:
                    waiting.append((inner, path))
                if path not in places.setdefault(inner, []):
                    places[inner].append(path)
    last = [
        "Distribution",
        *(f"{type(family).__name__}Of" for family in FAMILIES.values() if family.written == "table"),
    ]
    usual = {name: where for name, where in places.items() if name not in last}
    return {**usual, **{name: [] for name in last}}


def inner_models(value: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """The models that a key may hold, each with its path."""
    if "$ref" in value:
        yield value["$ref"].rpartition("/")[2], path
    for choice in [*value.get("anyOf", ()), *value.get("oneOf", ())]:
        yield from inner_models(choice, path)
    if isinstance(value.get("items"), dict):
        yield from inner_models(value["items"], path)
    if isinstance(value.get("additionalProperties"), dict):
        yield from inner_models(value["additionalProperties"], f"{path}.NAME")


def kind_of(value: Mapping[str, Any]) -> str:
    """The type of a value, in words."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return "hours" if name == "Distribution" else f"table {name}"
    if "enum" in value or "const" in value:
        return " or ".join(f'"{word}"' for word in value.get("enum", [value.get("const")]))
    choices = [choice for choice in [*value.get("anyOf", ()), *value.get("oneOf", ())] if choice.get("type") != "null"]
    if choices:
        kinds = list(dict.fromkeys(map(kind_of, choices)))
        return "hours" if "hours" in kinds and "number" in kinds else " or ".join(kinds)
    kind = value.get("type", "value")
    if kind == "object":
        inner = value.get("additionalProperties")
        return f"table of NAME = {kind_of(inner)}" if isinstance(inner, dict) else "table"
    if kind == "array":
        items = value.get("items")
        return f"list of {kind_of(items)}" if isinstance(items, dict) else "list"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    bounds = [f"{value[key]:,.10g}" for key in ("minimum", "maximum") if key in value]
    within = f" {' to '.join(bounds)}" if len(bounds) == 2 else ""
    return words.get(kind, kind) + within


def written(value: Any) -> str:
    """A default, as it would be written; long ones are not."""
    if value is None:
        return "none"
    text = toml(value)
    return f"`{text}`" if len(text) <= 60 and "..." not in text else "as its keys say"


def toml(value: Any) -> str:
    """A value as TOML, on one line and not for ever."""
    if isinstance(value, dict):
        if set(value) >= {"fixed", "zero_share"}:  # a distribution as the model writes it
            return toml(value["fixed"]) if value["fixed"] is not None else "a distribution"
        items = [
            f"{key if re.fullmatch(r'[A-Za-z0-9_-]+', key) else json.dumps(key)} = {toml(v)}"
            for key, v in value.items()
        ]
        return "{ " + cut(items) + " }" if items else "{}"
    if isinstance(value, list | tuple):
        return f"[{cut(list(map(toml, value)))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}" if value % 1 else f"{value:.0f}"
    return json.dumps(one_line(value), ensure_ascii=False) if isinstance(value, str) else str(value)


def cut(items: list[str], most: int = 100) -> str:
    """Items with commas, of many the first."""
    kept = [item for place, item in enumerate(items) if place == 0 or sum(map(len, items[: place + 1])) < most]
    return ", ".join(kept if len(kept) == len(items) else [*kept, "..."])


def network_page() -> str:
    """The tables of a network folder, column by column."""
    parts = [
        "# Network folders",
        MADE,
        "A network is a folder of tables after the General Modeling Network Specification (GMNS 0.96), with columns "
        "of ours behind theirs. `nfm-sim network check FOLDER` says what is wrong and what is missing for a "
        "simulation; `nfm-sim network import` makes such a folder of another's. A column that is not named here is "
        "left alone; notes and sources stand in such columns.",
    ]
    for name, (kind, about) in NETWORK_TABLES.items():
        lines, means = [], meanings(kind)
        for column, field in kind.model_fields.items():
            default = "**needed**" if field.is_required() else "may be empty"
            lines.append(f"- **`{column}`** ({default}). {one_line(means.get(column, ''))}")
        parts += [f"## `{name}`", about, "\n".join(lines)]
    return page(parts)


def meaning_of(column: str) -> str:
    """What a column of the record means."""
    return FIELDS[column]["meaning"].format(modes=", ".join(MODES))


def tables_page() -> str:
    """The tables of a run and a study."""
    about = dict(re.findall(r"- `(\w+)`: (.*?)(?=\n- |$)", inspect.getdoc(Record) or "", flags=re.DOTALL))
    parts = [
        "# Tables of a run",
        MADE,
        "A run and a study hold the same tables, polars data frames: `run.spans`, `study.subjects`. "
        '`run.to_pandas("spans")` gives one as a pandas data frame (extra `pandas`). '
        "A study holds the tables of the replications in its "
        "`keep`, and the answers of the measures in all (see [measures](measures.md)).",
    ]
    for name, columns in TABLES.items():
        lines = [f"- **`{column}`** ({type_name(kind)}): {meaning_of(column)}." for column, kind in columns.items()]
        parts += [f"## `{name}`", one_line(about[name]), "\n".join(lines)]
    return page(parts)


def type_name(kind: Any) -> str:
    """The type of a column, in words."""
    return {"Int32": "whole number", "Float64": "number", "String": "text", "Boolean": "truth"}[str(kind)]


def measures_page() -> str:
    """The measures, with their columns and an example each."""
    parts = [
        "# Measures",
        MADE,
        "A measure is a plain function from a run or a study to a table with a row for each replication and subject. "
        "All stand in `nfm.measures`, the most used also in `nfm`. In the examples `run` is a small run of the tests; "
        "the tests run each of them. Those that are marked *kept* are answered from the store of a study, for every "
        "replication.",
    ]
    for name in nfm.measures.__all__:
        measure = getattr(nfm.measures, name)
        if not inspect.isfunction(measure) or name in ("answers", "total", "typical"):
            continue
        kept = "*Kept by studies.*" if name in KEPT else ""
        columns = [
            f"`{column}`" + (f" ({what.unit})" if what.unit and what.unit != column else "")
            for column, what in COLUMNS.get(name, {}).items()
        ]
        parts += [f"## `{name}{inspect.signature(measure)}`".replace("nfm_sim.record.run.", "").replace("'", "")]
        parts += [kept] if kept else []
        parts.append(docstring(measure))
        parts += [f"Columns: {', '.join(columns)}."] if columns else []
    return page(parts)


READ = 'run = nfm.simulate(nfm.read_scenario(nfm.example("{}")), seed=1)'
BRIGADE = 'brigade = nfm.read_scenario(nfm.example("allied_brigade"))'
MORE = f'{BRIGADE}\nmore = brigade.with_changes({{"pools.heavy_wagons.capacity": 600}})'
STUDY = 'study = nfm.replicate(nfm.read_scenario(nfm.example("one_force")), 8, keep="all")'
SHARES = 'nfm.study.band(nfm.measures.readiness_curve(study), "share", by=["tier", "milestone"], share=True)'
CLOSED = 'nfm.study.band(nfm.measures.closed_by(study), "closed", by="flow", share=True)'
SUPPLIED = ("effective", "days_of_supply", "supply_by_day", "supply_of_means")
LINES: Mapping[str, tuple[str, str]] = {
    **{name: (READ.format("allied_brigade"), f"nfm.plots.{name}(run)") for name in nfm.plots.FIGURES},
    **{
        name: (READ.format("one_force"), f"nfm.plots.{name}(run)")
        for name in ("readiness", "supply", "duties", "ledger", "double_booking", *SUPPLIED)
    },
    "critical_path": (READ.format("one_force"), 'nfm.plots.critical_path(run, "11_infbat")'),
    "civil_cost": (
        READ.format("allied_brigade"),
        'nfm.plots.civil_cost(run, nfm.read_scenario(nfm.example("allied_brigade")))',
    ),
    "holders": (READ.format("corps_transit"), 'nfm.plots.holders(run, "escort_teams")'),
    "detours": (READ.format("kreekrak_blocked"), "nfm.plots.detours(run)"),
    "network": (READ.format("allied_brigade"), "nfm.plots.network(run.network)"),
    "on_record": (
        READ.format("atlantic_resolve_2024"),
        'nfm.plots.on_record(run, {"closed_days": (21, 23), "trucks_a_day": (30, 50)})',
    ),
    "chance": (f"{BRIGADE}\nstudy = nfm.replicate(brigade, 40)", f"nfm.plots.chance({CLOSED}, of=study)"),
    "difference": (MORE, 'nfm.plots.difference(nfm.compare({"base": brigade, "more": more}, 8, jobs=1).difference())'),
    "tornado": (
        BRIGADE,
        'nfm.plots.tornado(nfm.study.tornado(brigade, {"pools.heavy_wagons.capacity": (200, 800)}, replications=8))',
    ),
    "band": (f"{STUDY}\nshares = {SHARES}", 'nfm.plots.band(shares, "share")'),
}
"""The two or three lines that draw each figure; `import nfm_sim as nfm` stands before."""


def gallery_page() -> str:
    """Every figure, with the lines that draw it."""
    parts = [
        "# Figures",
        MADE.replace("generate.py`", "generate.py`, the pictures with `--pictures`"),
        "Each figure with the lines that draw it, after `import nfm_sim as nfm`. A figure of a run is one of a "
        "study too; `ax=` draws it into axes of your own, and `nfm-sim plot FOLDER NAME` at the command line. The "
        "figures of searches stand with them: [what to buy](howto/buy.md), [train paths](howto/paths.md), "
        "[records](records.md).",
    ]
    for name, lines in LINES.items():
        about = one_line(re.split(r"\n\n", inspect.getdoc(getattr(nfm.plots, name)) or "")[0])
        parts += [f"## {name}", about]
        parts += [f"![{name}](gallery/{name}.png)"] if (DOCS / f"gallery/{name}.png").exists() else []
        parts.append("```py\n" + "\n".join(lines) + "\n```")
    return page(parts)


def draw_gallery() -> None:
    """Draw the pictures of the gallery by their lines."""
    (DOCS / "gallery").mkdir(exist_ok=True)
    known: dict[str, Any] = {"nfm": nfm}
    first = ""
    for name, (made, drawn) in sorted(LINES.items(), key=lambda item: item[1]):
        if made != first:
            exec(made, known)
            first = made
        ax = eval(drawn, known)
        if not nfm.plots.is_empty(ax):
            nfm.plots.save(ax, DOCS / f"gallery/{name}.png", dpi=60)


IN_THE_CODE = "## In the code"


def glossary_page() -> str:
    """The glossary: its terms as they stand, and the public classes of each room with what they are."""
    terms = (DOCS / "glossary.md").read_text(encoding="utf-8").partition(IN_THE_CODE)[0].rstrip()
    parts = [terms, IN_THE_CODE, MADE, "One name has one meaning there too. By room, what each class is:"]
    for room, classes in classes_by_room().items():
        lines = [f"- `{name}`: {about}" for name, about in sorted(classes.items())]
        parts += [f"### {room}", "\n".join(lines)]
    return page(parts)


def classes_by_room() -> dict[str, dict[str, str]]:
    """By room: its public classes, each with the first sentence of its docstring."""
    found: dict[str, dict[str, str]] = {}
    source = Path(nfm.__file__).parent
    for path in sorted(source.rglob("*.py")):
        room = path.relative_to(source).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                about = one_line(ast.get_docstring(node) or "")
                found.setdefault(room, {})[node.name] = re.split(r"(?<=[.:]) ", about)[0].rstrip(":.")
    return found


def docstring(function: Any) -> str:
    """A docstring as Markdown: its examples as code."""
    lines, code = [], False
    for line in (inspect.getdoc(function) or "").splitlines():
        starts = line.startswith(">>>")
        if starts and not code:
            lines.append("```pycon")
            code = True
        if code and not line.strip():
            lines.append("```")
            code = False
        lines.append(line)
    return "\n".join([*lines, "```"] if code else lines)


def one_line(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def page(parts: list[str]) -> str:
    """A page of its parts."""
    return "\n\n".join(parts) + "\n"


PAGES = {
    "scenario.md": scenario_page,
    "network.md": network_page,
    "tables.md": tables_page,
    "measures.md": measures_page,
    "glossary.md": glossary_page,
    "gallery.md": gallery_page,
}

if __name__ == "__main__":
    if "--pictures" in sys.argv:
        draw_gallery()
    for file, make in PAGES.items():
        (DOCS / file).write_text(make(), encoding="utf-8")
