"""The desk in a notebook: what `serve` serves as a widget, whose questions come as messages."""

import json
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import Any

from nfm_sim.desk.desk import Desk
from nfm_sim.desk.server import TEMPLATES, answered, questions
from nfm_sim.extras import import_extra


def widget(desk: Desk, folder: str | Path = ".") -> Any:
    """Return the desk as a widget, which a notebook shows as the last line of a cell; what is saved at it goes into
    `folder`. It comes with the extra `desk` (anywidget); raises `InputError` without that."""
    made = type("DeskWidget", (import_extra("anywidget", "desk").AnyWidget,), {"_esm": script()})()
    known = questions(desk, Path(folder))

    def answer(_: Any, said: Mapping[str, Any], __: Any) -> None:
        def work() -> None:  # a question for a later answer waits for one
            made.send({"number": said["number"], "answer": answered(known[said["what"]], said["said"])})

        Thread(target=work, daemon=True).start()

    made.on_msg(answer)
    return made


def script() -> str:
    """The module of the widget: the page of the desk, its style and its script, and what ties these to a notebook."""
    page, style, desk, tie = ((TEMPLATES / name).read_text("utf-8") for name in FILES)
    body = page.partition("<body>")[2].partition("<script")[0]
    return f"const PAGE = {json.dumps(f'<style>{style}</style>{body}')};\n{desk}\n{tie}"


FILES = ("desk.html", "desk.css", "desk.js", "widget.js")
