"""What comes with the package, and a start from it: `nfm-sim example, new, list, docs`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

import nfm_sim as nfm
from nfm_sim.cli.app import answered, app, out, print_table, say
from nfm_sim.problems import InputError, counted, did_you_mean, one_of
from nfm_sim.shipped import NETHERLANDS, STARTS, copy_example, example, examples, start
from nfm_sim.shipped.papers import Passage, look_up, pages, title_of

MOST_WHOLE = 3
"""So many passages are printed whole; of more, the lines in which the words stand."""


@app.command()
def docs(words: list[str] | None = None) -> None:
    """List the pages of the documentation, or print the one that is named, or what they say of a word."""
    if words:
        _print_passages(look_up(" ".join(words)), " ".join(words).casefold())
        return
    rows = [{"page": name, "about": title_of(name)} for name in pages()]
    one = "`nfm-sim docs PAGE` prints one, `nfm-sim docs WORD` what they say of a word"
    _list("Documentation", rows, one, "`nfm-sim example docs` copies all of them")


def _print_passages(found: list[Passage], words: str) -> None:
    from rich.markdown import Markdown

    if answered([asdict(part) for part in found]):
        return
    if len(found) <= MOST_WHOLE or all(part.heading.casefold() == words for part in found):
        for part in found:
            say(f"{part.page}:", "dim")
            out.print(Markdown(part.text, hyperlinks=False) if out.is_terminal else part.text, soft_wrap=True)
    else:
        rows = []
        for part in found:
            lines = part.text.splitlines()  # of words over two lines, the first of all is shown
            line = next((line.strip() for line in lines if words in line.casefold()), lines[0])
            rows.append({"page": part.page, "heading": part.heading, "line": line})
        _list(counted(len(rows), "passage"), rows, "`nfm-sim docs HEADING` prints one whole")


# What is there, and a start from it


TITLE = re.compile(r'^(?:title|operation) = "(.*)"', re.MULTILINE)


@app.command("example")
def copy(name: str = "", to: Path = Path()) -> None:
    """List what is shipped (scenarios, scripts, networks, records, notebooks), or copy one with all that it needs."""
    if name:
        first, *files = copy_example(name, to)
        if not answered([str(file) for file in files]):
            say(f"{counted(len(files), 'file')} in {to.absolute()}; its own is {first}")
        return
    rows = [{"name": known, "what": _about(path)} for known, path in examples().items()]
    hint = "`nfm-sim example NAME` copies one with all that it needs into this folder"
    _list("Shipped examples", rows, hint)


@app.command()
def new(
    name: str,
    kind: Annotated[
        str, typer.Option("--from", help=f"What to start from: {', '.join(sorted(STARTS))}.")
    ] = "allied_brigade",
) -> None:
    """Make a folder with a scenario of your own, its tables, a script and a notebook, which run as they are."""
    first, *others = start(name, kind)
    if answered([str(file) for file in (first, *others)]):
        return
    say(f"{first}: change it, then")
    say(f"    nfm-sim validate {first}")
    say(f"    nfm-sim run {first} --out {first.parent / 'runs/first'} --figures")
    say(f"Beside it: {', '.join(file.name for file in others if file.parent == first.parent)}")


def _about(path: Path) -> str:
    """What an example is, in its own words."""
    if path.is_dir():
        return "a folder of " + ", ".join(sorted({file.suffix[1:] for file in path.rglob("*.*") if file.is_file()}))
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return text.split('"""')[1].splitlines()[0].split(" Run:")[0]
    if path.suffix == ".ipynb":
        found = re.search(r'"# (.*?)(?:\\n)?"', text)
        return found[1] if found else ""
    title = TITLE.search(text)
    return title[1] if title else text.splitlines()[0].lstrip("# ")


def _nodes(network: nfm.Network, what: str, near: str) -> Iterable[dict[str, Any]]:
    """Rows of nodes, of borders, or of terminals with what loads and discharges there; with a node to be near, with the
    km to it."""
    has: dict[str, list[str]] = {}
    for (place, name), facility in network.facilities.items():
        if name != "chambers":
            has.setdefault(place, []).append(f"{name} {facility.capacity:,g}")
    for name, node in network.nodes.items():
        about = {"id": name, "name": node.title}
        km = {"km": round(network.great_circle_km(near, name), 1)} if near else {}
        if what == "terminals" and name in has:
            yield {**about, **km, "has": ", ".join(has[name])}
        elif what == "nodes" or (what == "borders" and node.kind == nfm.network.BORDER):
            yield {**about, "kind": node.kind, "country": node.country, **km}


def _quantities() -> Iterable[dict[str, Any]]:
    """Rows of what `--until`, `--quantity` and `prices` take: the columns of the answers that studies keep."""
    for measure in nfm.measures.KEPT:
        keys = [name for name, column in nfm.measures.COLUMNS[measure].items() if column.key]
        for name, column in nfm.measures.COLUMNS[measure].items():
            if not column.key and column.unit:
                yield {"quantity": f"{measure}.{name}", "unit": column.unit, "by": ", ".join(keys)}


def _measures() -> Iterable[dict[str, Any]]:
    """Rows of measures, with the first sentence of what they return."""
    for name in sorted(nfm.measures.COLUMNS):
        measure = getattr(nfm.measures, name, None)
        if measure is not None:
            text = " ".join((measure.__doc__ or "").split("\n\n")[0].split())
            kept = "kept" if name in nfm.measures.KEPT else ""
            yield {"measure": name, "in a study": kept, "returns": text.removeprefix("Return ")}


def _pools(scenario: Path | None) -> Iterable[dict[str, Any]]:
    """Rows of the national pools of a scenario."""
    if scenario is None:
        raise InputError.of("nfm-sim list", "pools", "", "are those of a scenario: name one with --scenario")
    for name, pool in nfm.read_scenario(scenario).pools.items():
        yield {"pool": name, "capacity": f"{pool.capacity:g}", "unit": pool.unit, "source": pool.source}


WHAT = ("nodes", "terminals", "borders", "pools", "quantities", "measures")
OF_ALL = ("quantities", "measures")
UNREAD = {"--near": ("pools", *OF_ALL), "--network": ("pools", *OF_ALL), "--scenario": OF_ALL}
"""By option: what is listed whatever it says."""


@app.command("list")
def show(
    what: Annotated[str, typer.Argument(metavar="|".join(WHAT), help="What to list.")],
    near: str = "",
    network: Path | None = None,
    scenario: Path | None = None,
    most: int = 15,
) -> None:
    """List names that scenarios, commands and scripts use: nodes, terminals, borders, pools, quantities, measures."""
    one_of(WHAT, what, "nfm-sim list", "what")
    given = {"--near": near, "--network": network, "--scenario": scenario}
    for option in (option for option, value in given.items() if value and what in UNREAD[option]):
        raise InputError.of("nfm-sim list", option, "", f"is not read with {what}; leave it out")
    if scenario and network:
        raise InputError.of("nfm-sim list", "--network", "", "is not read with --scenario, which has its own")
    found: Iterable[dict[str, Any]]
    if what in ("pools", "quantities", "measures"):
        found = _pools(scenario) if what == "pools" else _quantities() if what == "quantities" else _measures()
    else:
        folder = network or example(NETHERLANDS)
        there = nfm.read_scenario(scenario).loaded_network if scenario else nfm.read_network(folder)
        if near and near not in there.nodes:
            remedy = f"is no node of this network{did_you_mean(near, there.nodes)}"
            raise InputError.of("nfm-sim list", "--near", near, remedy)
        found = _nodes(there, what, near)
        found = sorted(found, key=lambda row: row["km"])[:most] if near else found
    _list(what.capitalize(), list(found))


def _list(title: str, rows: list[dict[str, Any]], *hints: str) -> None:
    """Print rows as JSON, or as they are in a table, with what to do next."""
    if answered(rows):
        return
    if not rows:
        say(f"No {title.lower()}")
        return
    print_table(title, rows, {name: name for name in rows[0]}, left={*rows[0]} - {"km", "capacity"})
    for hint in hints:
        say(hint)
