"""What others send is read or refused with its place: movement tables, timetables, lines, extracts, pages."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm_sim.problems import InputError
from tests.fuzz.strangers import READERS, write_all

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


@pytest.mark.parametrize("file", READERS)
@given(edits=EDITS)
def test_a_spoiled_file_is_read_or_refused_with_its_place(file: str, edits: list[tuple[float, int, str]]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_all(folder)
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(spoiled(text, edits), encoding="utf-8")
        try:
            READERS[file](folder, file)
        except InputError as error:
            places = {problem.file for problem in error.problems}
        else:
            places = set()
        assert all(str(folder) in place or place == "network import" for place in places)
