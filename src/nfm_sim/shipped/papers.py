"""The documentation that comes with the package: its pages, and what they say of a word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nfm_sim.problems import InputError, Problem, did_you_mean
from nfm_sim.shipped.examples import shipped_folder

HEADING = re.compile(r"#{1,6} +(.*)")
ENTRY = re.compile(r"- \*\*`(\w+)`\*\*|\| ([^|]+?) \|")
"""An entry of a reference: a key of a list, or the first cell of a row of a table."""
REFERENCES = ("scenario", "network", "tables", "glossary")
PAGES = dict.fromkeys(("node.csv", "link.csv", "facility.csv", "config.csv"), "network") | {
    "--extend": "kinds",
    "quantity": "measures",
}
"""The pages that help with faults of other files than scenarios, by the end of what a problem names."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of the documentation: a page, what stands below a heading of it, or an entry of a reference."""

    page: str
    heading: str
    text: str


def pages() -> dict[str, Path]:
    """Return the files of the documentation by name, the first page first: "index", "tutorial", "howto/need"."""
    folder = shipped_folder() / "docs"
    files = sorted(folder.rglob("*.md"), key=lambda file: (file.parent != folder, file.stem != "index", file))
    return {file.relative_to(folder).with_suffix("").as_posix(): file for file in files}


def look_up(words: str) -> list[Passage]:
    """Return what the documentation says: the page of this name; else what has just this heading, or is the entry of
    it; else all passages that speak of it, those first that have it in their heading. Raises `InputError` for none.

    >>> from nfm_sim.shipped import look_up
    >>> look_up("lateness_h")[0].page
    'scenario'
    """
    wanted = " ".join(words.split()).casefold()
    for name, file in pages().items():
        if wanted in (name, name.rpartition("/")[2]):
            return [Passage(name, title_of(name), file.read_text("utf-8"))]
    if found := [passage for passage in _passages() if passage.heading.casefold() == wanted]:
        return found
    found = [part for part in _passages() if wanted and wanted in part.text.casefold()]
    if not found:
        known = [*pages(), *(part.heading for part in _passages())]
        remedy = f"stands nowhere in the documentation{did_you_mean(words, known)}; `nfm-sim docs` lists its pages"
        raise InputError.of("docs", "word", words, remedy)
    return sorted(found, key=lambda part: wanted not in part.heading.casefold())


def title_of(page: str) -> str:
    """The first heading of a page."""
    return next(part.heading for part in _passages() if part.page == page)


def helps_with(problem: Problem) -> str:
    """The words by which the documentation is to be asked about a fault of an input; "" where it says nothing of it."""
    if problem.page:
        return problem.page
    if problem.file.endswith(".toml"):
        keys = {part.heading for part in _passages() if part.page == "scenario" and part.text.startswith("- ")}
        return next((step for step in reversed(problem.key.split(".")) if step in keys), "scenario")
    return next((page for suffix, page in PAGES.items() if problem.file.endswith(suffix)), "")


@cache
def _passages() -> tuple[Passage, ...]:
    return tuple(part for name, file in pages().items() for part in _passages_of(name, file.read_text("utf-8")))


def _passages_of(page: str, text: str) -> Iterator[Passage]:
    """The entries of a page, and what stands below each heading without them."""
    heading, lines, code = page, list[str](), False
    for line in text.splitlines():
        code ^= line.startswith("```")
        entry = ENTRY.match(line) if page in REFERENCES else None
        if not code and (found := HEADING.match(line)):
            if lines:
                yield Passage(page, heading, "\n".join(lines).strip())
            heading, lines = _plain(found[1]), []
        if entry:
            yield Passage(page, entry[1] or entry[2], line)
        else:
            lines.append(line)
    yield Passage(page, heading, "\n".join(lines).strip())


def _plain(heading: str) -> str:
    """A heading without its marks; of a function its name alone."""
    return re.sub(r"[`*]|\(.*: .*\).*", "", heading).strip()
