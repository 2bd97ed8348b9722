"""Verify a page: is what it shows what its scenario gives?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, zip_longest
from pathlib import Path

from nfm_sim.compile import forked_plan
from nfm_sim.engine import simulate
from nfm_sim.reports.evidence import Evidence, PageStudy, digest_of, made_with, opened, read_evidence
from nfm_sim.reports.page import render
from nfm_sim.scenario import Scenario
from nfm_sim.study import Comparison, Study
from nfm_sim.study.code import current_key
from nfm_sim.study.replicate import begin
from nfm_sim.study.workers import make_batch

PART = re.compile(r"^(?=<(?:header|section|script)\b)", flags=re.MULTILINE)
"""Where a part of a page begins."""


@dataclass(frozen=True)
class PageVerification:
    """What `verify_page` found: the replications that were made again, of which study, whether the whole page was; what
    differs; and which versions it was made with that are not at hand now, as figures may differ by them."""

    replications: tuple[tuple[str, int], ...]
    whole: bool
    faults: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.faults


def verify_page(page: str | Path, *, whole: bool = False, jobs: int | None = None) -> PageVerification:
    """Hold a page against its digest, simulate the replications that it names again, from the scenario in it, and
    compare their answers bit for bit. If `whole`, all replications are simulated again and the page is made again of
    them, and compared letter by letter: who changes a page can change its digest, and then only this shows it.

    Nothing of the page is executed. Raises `InputError` when it is no page of `nfm.report`.
    """
    path = Path(page)
    text, evidence, scenarios = read_evidence(path)
    text, holds = opened(text)
    faults = [] if holds else [f"{path}: is not what its digest says; it was changed since it was written"]
    for of in evidence.studies:
        plan = forked_plan(scenarios[of.scenario], [fork.model_dump() for fork in of.fork])
        for number, digest in of.again:
            if digest_of(simulate(plan, of.seed, number, sampling=of.sampling)) != digest:
                faults.append(f"{path}: replication {number} of {of.name} is not what its scenario gives")
    if whole and not evidence.decided:
        faults += (f"{path}: {what}" for what in _differences(text, scenarios, evidence, jobs))
    now = made_with({**current_key(), "made": evidence.made_with.made})
    remarks = [
        f"made with other {name}: {then}, now {getattr(now, name)}"
        for name, then in evidence.made_with
        if then != getattr(now, name)
    ]
    if evidence.decided:
        remarks.append(f"its answer follows from a search, which only its command makes again: {evidence.command}")
    again = [(of.name, number) for of in evidence.studies for number, _ in of.again]
    return PageVerification(tuple(again), whole and not evidence.decided, tuple(faults), tuple(remarks))


def _made(of: PageStudy, scenario: Scenario) -> Study:
    """Simulate all replications of a study again, those that lie together in one batch."""
    study = begin(scenario, {"seed": of.seed, "sampling": of.sampling}, [fork.model_dump() for fork in of.fork])
    done = {*of.done}
    firsts, lasts = ([n for n in sorted(done) if n + step not in done] for step in (-1, 1))
    for first, last in zip(firsts, lasts, strict=True):
        make_batch(study.folder, first, last, tuple(of.kept), {})
    study.refresh()
    return study


def _differences(text: str, scenarios: dict[str, Scenario], evidence: Evidence, jobs: int | None) -> Iterator[str]:
    """The parts of a page that are not what is made again."""
    records: dict[str, Study | Comparison] = {}
    for chapter, shown in groupby(evidence.studies, lambda of: of.chapter):
        studies = {of.name: _made(of, scenarios[of.scenario]) for of in shown}
        records[chapter] = Comparison(studies) if len(studies) > 1 else next(iter(studies.values()))
    again, _ = opened(render(records, evidence, jobs=jobs))
    for there, made in zip_longest(PART.split(text), PART.split(again), fillvalue=""):
        if there != made:
            found = re.match(r'<\w+(?: [^>]*?id="([\w-]*))?', made or there)
            yield f"the part {(found and (found[1] or found[0][1:])) or 'head'} is not what its scenario gives"
