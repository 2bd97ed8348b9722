"""The documentation without a network: `nfm-sim docs`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markdown import Markdown

from nfm_sim.cli.app import AsJson, app, out, print_json, print_table, say
from nfm_sim.problems import counted
from nfm_sim.shipped.papers import Passage, look_up, pages, title_of

MOST_WHOLE = 3
"""So many passages are printed whole; of more, the lines in which the words stand."""


@app.command()
def docs(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORD]", help="A page, a key, a term, or any words.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the pages of the documentation, or print the one that is named, or what they say of a word."""
    if words:
        _print_passages(look_up(" ".join(words)), " ".join(words).casefold(), as_json)
        return
    rows = [{"page": name, "about": title_of(name)} for name in pages()]
    if as_json:
        print_json(rows)
        return
    print_table("Documentation", rows, {"page": "page", "about": "about"}, left=("page", "about"))
    say("`nfm-sim docs PAGE` prints one, `nfm-sim docs WORD` what they say of a word")
    say("`nfm-sim example docs` copies all of them")


def _print_passages(found: list[Passage], words: str, as_json: bool) -> None:
    if as_json:
        print_json([asdict(part) for part in found])
    elif len(found) <= MOST_WHOLE or all(part.heading.casefold() == words for part in found):
        for part in found:
            say(f"{part.page}:", "dim")
            out.print(Markdown(part.text, hyperlinks=False) if out.is_terminal else part.text, soft_wrap=True)
    else:
        rows = [{"page": part.page, "heading": part.heading, "line": _first_line(part, words)} for part in found]
        print_table(counted(len(rows), "passage"), rows, {name: name for name in rows[0]}, left=rows[0])
        say("`nfm-sim docs HEADING` prints one whole")


def _first_line(part: Passage, words: str) -> str:
    """The first line of a passage in which the words stand; of words over two lines, the first of all."""
    lines = part.text.splitlines()
    return next((line.strip() for line in lines if words in line.casefold()), lines[0])
