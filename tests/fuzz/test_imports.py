"""What others send is read or refused with its place: movement tables, timetables, lines, extracts, pages."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm_sim.network import import_network
from nfm_sim.problems import InputError
from nfm_sim.reports import verify_page
from nfm_sim.scenario import read_movements
from nfm_sim.scenario.timetable import read_timetable
from tests.network.test_lines import lines_file
from tests.network.test_openstreetmap import OSM
from tests.scenario.test_movement_tables import ELEMENTS, FLOWS, ITEMS, LINES, UNITS
from tests.scenario.test_timetable import FEED
from tests.scenario.test_timetable import LINES as RULES

BITS = [
    "",
    "\n",
    ";",
    ",",
    '"',
    "{",
    "}",
    "[",
    "]",
    "=",
    "-1",
    "1e999",
    "nan",
    "null",
    "é",
    "\x00",
    "\u202e",
    "9" * 40,
    "0.5",
]
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(BITS)), min_size=1, max_size=3)
"""Where, how many characters go, and what comes in their place."""


def spoiled(text: str, edits: list[tuple[float, int, str]]) -> str:
    for where, gone, new in edits:
        place = int(where * len(text))
        text = text[:place] + new + text[place + gone :]
    return text


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


@pytest.mark.parametrize("file", READERS)
@given(edits=EDITS)
def test_a_spoiled_file_is_read_or_refused_with_its_place(file: str, edits: list[tuple[float, int, str]]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        lines_file(folder)
        for other, text in TEXTS.items():
            (folder / other).write_text(text, encoding="utf-8")
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(spoiled(text, edits), encoding="utf-8")
        try:
            READERS[file](folder, file)
        except InputError as error:
            places = {problem.file for problem in error.problems}
        else:
            places = set()
        assert all(str(folder) in place or place == "network import" for place in places)
