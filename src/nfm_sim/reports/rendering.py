"""How a page is rendered: one file with its styles, scripts and data in it, sealed."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from nfm_sim.problems import plain
from nfm_sim.reports.evidence import SEAL, Evidence, facts_of, packed, sealed
from nfm_sim.reports.study_tables import inputs_of
from nfm_sim.reports.tables import at_day, dated, page_tables
from nfm_sim.study import Study

NOTHING = {"levers": None, "number": None, "figures": (), "tables": (), "replay": ""}
"""What a page may be without."""


def rendered(evidence: Evidence, studies: Sequence[Study], **parts: object) -> str:
    """Return a page of its parts, by the names that the template has for them; it holds the scenarios of its studies,
    the first of which gives days their dates."""
    base = studies[0]
    script = "".join(map(_text, ["replay.js"] * ("replay" in parts) + ["page.js"]))
    page = _environment(base.about["g_day"]).get_template("page.html.j2")
    text = page.render(
        seal=SEAL,
        about=base.about,
        facts=facts_of(base, evidence),
        inputs=page_tables(*inputs_of(base.scenario)),
        scenarios={digest: text for text, digest in (packed(study.scenario) for study in studies)},
        command=evidence.command,
        evidence=as_json(evidence.model_dump(mode="json")),
        styles=_text("style.css"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        **{**NOTHING, **parts},
    )
    return sealed(text)


def as_json(data: object) -> str:
    """Data as it may stand in a script element: no text in it can end that."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _environment(g_day: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("nfm_sim.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = lambda value: plain(" ".join(str(value).split()))
    environment.filters["dated"] = lambda value: dated(environment.filters["plain"](value), g_day)
    environment.filters["at_day"] = lambda hour: at_day(hour, g_day)
    return environment


def _text(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text("utf-8")
