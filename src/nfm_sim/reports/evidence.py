"""What a page rests on: how it was made, its scenarios, the digests of replications, and one digest of all of it.

A page may come from a stranger. Its parts are found by where they begin and end, what it holds goes through models, and
a scenario that would take far more room than the page is not unpacked.
"""

import base64
import gzip
import hashlib
import json
import platform
import zlib
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from nfm_sim.files import read_bytes
from nfm_sim.limits import MOST_TEXT, most_unpacked
from nfm_sim.measures import KEPT
from nfm_sim.problems import InputError
from nfm_sim.record import Record
from nfm_sim.scenario import Scenario, scenario_from_data
from nfm_sim.scenario.on_record import OnRecord
from nfm_sim.study import Study
from nfm_sim.study.records import ForkRecord, Number, SamplingName, SeedNumber, Written

SEAL = '<meta name="nfm-sim-digest" content="'
EVIDENCE = '<script type="application/json" id="evidence">'
SCENARIO = '<script type="text/plain" id="scenario-'
END = "</script>"
NO_PAGE = "is no page of `nfm-sim report`: it holds no evidence that can be read"
MOST_STUDIES, MOST_AGAIN = 1_000, 10
"""Studies that a page compares, and replications of each whose digests it holds."""
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Said = Annotated[str, Field(max_length=10 * MOST_TEXT)]


class PageStudy(Written):
    """A study that a page shows: what it takes to make it again, and the digests of some of its replications."""

    chapter: Said
    """Of which record of the page it is: those of a comparison have one."""
    name: Said
    scenario: Sha256
    seed: SeedNumber
    sampling: SamplingName
    fork: list[ForkRecord]
    done: Annotated[list[Number], Field(min_length=1)]
    kept: list[Number]
    again: Annotated[list[tuple[Number, Sha256]], Field(min_length=1, max_length=MOST_AGAIN)]


class MadeWith(Written):
    """What nothing gives again: with what the study was made and when, and with what the page."""

    model: Said
    versions: Said
    made: Said
    page: Said


class Evidence(Written):
    """All that a page follows from."""

    studies: Annotated[list[PageStudy], Field(min_length=1, max_length=MOST_STUDIES)]
    quantities: list[Said]
    prices: Annotated[int, Field(ge=0)]
    on_record: OnRecord | None
    command: Said
    decided: Said = ""
    """The title of an answer that a search gave; "" where the page is of studies."""
    made_with: MadeWith


def evidence_of(studies: Sequence[tuple[str, str, Study]], **asked: Any) -> Evidence:
    """Return the evidence of a page of studies, each with its chapter and its name, and of what else was asked."""
    made = made_with(studies[0][2].manifest)
    return Evidence(studies=[_page_study(*one) for one in studies], made_with=made, **asked)


def _page_study(chapter: str, name: str, study: Study) -> PageStudy:
    done = study.replications
    some = dict.fromkeys([done[0], done[len(done) // 2]])
    return PageStudy(
        chapter=chapter,
        name=name,
        scenario=packed(study.scenario)[1],
        seed=study.seed,
        sampling=study.sampling.value,
        fork=[ForkRecord(**fork) for fork in study.about["fork"]],
        done=done,
        kept=sorted(study.kept_replications),
        again=[(number, digest_of(study.rerun(number))) for number in some],
    )


def made_with(manifest: Mapping[str, Any]) -> MadeWith:
    """With what a study was made, and a page of it is."""
    versions = ", ".join(f"{name} {number}" for name, number in manifest["versions"].items())
    now = f"nfm_sim {version('nfm_sim')}, Python {platform.python_version()}"
    return MadeWith(model=manifest["model"], versions=versions, made=manifest["made"], page=now)


def facts_of(base: Study, evidence: Evidence) -> dict[str, str]:
    """What a page was made of and with, as its last section has it."""
    about, made = base.about, evidence.made_with
    number = {} if evidence.decided else {"replications": f"{len(base.replications):,}, {base.sampling}"}
    return {
        "scenario": str(about["file"]),
        "network": str(about["network"]),
        "hour 0": str(about["g_day"]),
        "horizon": f"{base.horizon_h / 24:g} days",
        **number,
        "seed": str(base.seed),
        "code of the model": made.model,
        **made.model_dump(exclude={"model"}),
    }


def digest_of(run: Record) -> str:
    """Return the digest of all answers of one replication, bit for bit: the same numbers give the same, whatever wrote
    them."""
    said = hashlib.sha256()
    for name, measure in sorted(KEPT.items()):
        said.update(name.encode())
        said.update(measure(run).write_csv().encode())
    return said.hexdigest()


def packed(scenario: Scenario) -> tuple[str, str]:
    """Return a scenario with its network as text for a page, and the digest of that."""
    data = json.dumps(scenario.to_data(), ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(data, mtime=0)).decode(), hashlib.sha256(data).hexdigest()


def sealed(page: str) -> str:
    """Return a page with the digest of all of it, in its place. It shows what was damaged; it is no signature."""
    before, mark, after = page.partition(SEAL)
    return f"{before}{mark}{hashlib.sha256(page.encode()).hexdigest()}{after}"


def opened(page: str) -> tuple[str, bool]:
    """Return a page without its digest, and whether it is what that says."""
    before, mark, after = page.partition(SEAL)
    page = f"{before}{mark}{after[64:]}"
    return page, sealed(page) == f"{before}{mark}{after}"


def read_evidence(path: Path) -> tuple[str, Evidence, dict[str, Scenario]]:
    """Return the text of a page, its evidence, and the scenarios that this names, by digest.

    Nothing of the page is executed. Raises `InputError` when it is no page of `nfm.report`.
    """
    content = read_bytes(path)
    try:
        text = content.decode()
        after = text.partition(EVIDENCE)[2]
        evidence = Evidence.model_validate_json(after[: after.index(END)])
        if SEAL not in text or EVIDENCE in after:
            raise ValueError("has no digest, or more evidence than one")
    except (ValueError, ValidationError):
        raise InputError.of(path, "", "", NO_PAGE) from None
    scenarios = {digest: _unpacked(path, text, digest) for digest in {of.scenario for of in evidence.studies}}
    return text, evidence, scenarios


def _unpacked(path: Path, text: str, digest: str) -> Scenario:
    """The scenario of a digest that a page holds. Raises `InputError` when it holds another, or none."""
    content, _, _ = text.partition(f'{SCENARIO}{digest}">')[2].partition(END)
    try:
        inflated = zlib.decompressobj(wbits=31)
        data = inflated.decompress(base64.b64decode(content), most_unpacked(len(content)))
        is_whole = not inflated.unconsumed_tail and hashlib.sha256(data).hexdigest() == digest
        if not is_whole or not isinstance(plain := json.loads(data), dict):
            raise ValueError(digest)
    except (ValueError, zlib.error, RecursionError):
        remedy = "is not in the page as its digest says; it was changed"
        raise InputError.of(path, "scenario", digest[:12], remedy) from None
    return scenario_from_data(plain)
