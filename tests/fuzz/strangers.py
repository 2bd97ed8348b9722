"""What others send: movement tables, a timetable, lines, an extract, a page; and what reads each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nfm_sim.network import import_network
from nfm_sim.reports import verify_page
from nfm_sim.scenario.movement_tables import read_movements
from nfm_sim.scenario.timetable import read_timetable
from tests.network.test_lines import lines_file
from tests.network.test_openstreetmap import OSM
from tests.scenario.test_movement_tables import ELEMENTS, FLOWS, ITEMS, LINES, UNITS
from tests.scenario.test_timetable import FEED
from tests.scenario.test_timetable import LINES as RULES


def elements(folder: Path, file: str) -> object:
    return read_movements(folder / "units.csv", folder / "elements.toml")


def flows(folder: Path, file: str) -> object:
    return read_movements(folder / "lines.csv", folder / "flows.toml")


def timetable(folder: Path, file: str) -> object:
    return read_timetable(folder, folder / "rules.toml")


def network(folder: Path, file: str) -> object:
    return import_network(folder / file)


def page(folder: Path, file: str) -> object:
    return verify_page(folder / file)


TEXTS = {
    "units.csv": UNITS,
    "items.csv": ITEMS,
    "elements.toml": ELEMENTS,
    "lines.csv": LINES,
    "flows.toml": FLOWS,
    "rules.toml": RULES,
    "town.osm": OSM,
    **{f"{name}.txt": text for name, text in FEED.items()},
    "page.html": '<script type="application/json" id="evidence">{"studies": [{"name": "a", "scenario": "0", "seed": 1, '
    '"sampling": "stratified", "replications": {"0": "x"}}]}</script>',
}
READERS: dict[str, Callable[[Path, str], object]] = {
    "units.csv": elements,
    "items.csv": elements,
    "elements.toml": elements,
    "lines.csv": flows,
    "flows.toml": flows,
    "rules.toml": timetable,
    "town.osm": network,
    "lines.geojson": network,
    "page.html": page,
    **{f"{name}.txt": timetable for name in FEED},
}


def write_all(folder: Path) -> None:
    """Write all of these files into a folder."""
    lines_file(folder)
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
