"""The page of studies and comparisons, and that of a decision: what each says, put together."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from nfm_sim import measures
from nfm_sim.compile import compile_scenario
from nfm_sim.decide.answers import Decision
from nfm_sim.files import write_all
from nfm_sim.problems import InputError, counted, plain
from nfm_sim.reports import chapters
from nfm_sim.reports.chapters import Tell
from nfm_sim.reports.evidence import SEAL, Evidence, evidence_of, facts_of, packed, sealed
from nfm_sim.reports.headlines import rests_on
from nfm_sim.reports.levers import levers_of
from nfm_sim.reports.replay import replay_data
from nfm_sim.reports.tables import at_day, dated, inputs_of, page_tables, tables_of
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.on_record import OnRecord
from nfm_sim.sentences.answers import flows_asked
from nfm_sim.sentences.names import names_of, of_title
from nfm_sim.study import Comparison, Study, replicate, shadow_prices

Records = Mapping[str, Study | Comparison]
"""By what their chapters are called."""


def report(
    record: Study | Comparison | Records,
    out: str | Path,
    *,
    prices: int = 0,
    on_record: OnRecord | None = None,
    quantities: Sequence[str] = (),
    command: str = "",
    jobs: int | None = None,
    tell: Tell = lambda _: None,
) -> Path:
    """Write one HTML page with everything in it, which asks no network for anything; return its file.

    Of a study; of a comparison, whose base is shown whole after the differences of the others in its main quantities
    (readiness by tier, closure by flow, ...) and in `quantities`; or of several of both by name, each with a chapter,
    the first study or base of which is shown whole. With `prices`, it says what to buy first, from so many replications
    with one more of each capacity, made by `jobs` processes (`nfm.shadow_prices`). `on_record` is what is on record of
    the operation, beside the model. `command` is what makes the page again, and `tell` is called with what is being
    made. Needs jinja2. Raises `InputError` for what the disk refuses.

    >>> study = nfm.replicate(scenario, 2, out=folder / "study", jobs=1)
    >>> nfm.report(study, folder / "page.html").name
    'page.html'
    """
    tell("the evidence")
    records = {"": record} if isinstance(record, Study | Comparison) else record
    if quantities and not any(isinstance(of, Comparison) for of in records.values()):
        raise InputError.of("report", "quantity", quantities[0], "is what a comparison is asked for; these are studies")
    studies = [(chapter, name, study) for chapter, of in records.items() for name, study in studies_of(of).items()]
    evidence = evidence_of(studies, quantities=list(quantities), prices=prices, on_record=on_record, command=command)
    text = render(records, evidence, jobs=jobs, tell=tell)
    out = Path(out)
    return write_all(out.parent, {out.name: text.encode()})[0]


def studies_of(record: Study | Comparison) -> Mapping[str, Study]:
    """The studies of a comparison by name, the base first; or the one there is."""
    if not isinstance(record, Comparison):
        return {record.about["title"]: record}
    return {record.base: record[record.base], **record}


def render(records: Records, evidence: Evidence, *, jobs: int | None = None, tell: Tell = lambda _: None) -> str:
    """Return the page of studies and comparisons, as `report` writes it. All of it follows from its evidence: made
    again from that, it is the same letter by letter."""
    studies = [study for record in records.values() for study in studies_of(record).values()]
    base, on_record, prices = studies[0], evidence.on_record, None
    scenario = base.scenario
    if evidence.prices:
        tell("prices")
        prices = shadow_prices(scenario, evidence.prices, seed=base.seed, sampling=base.sampling, jobs=jobs)
    tell("the answer")
    plan = compile_scenario(scenario)
    whole = chapters.study_chapter(base, _alone(records), plan, prices=prices, on_record=on_record)
    levers = [found for of in records.values() if isinstance(of, Comparison) and (found := levers_of(of))]
    made = list(_chapters(records, evidence.quantities, whole))
    figures = list(chapters.figures_of(base, on_record, tell))
    tell("the replay")
    number = measures.typical(base)
    return rendered(
        evidence,
        studies,
        title=str(base.about["title"]),
        made_of=f"{counted(len(base.replications), 'replication')} ({base.sampling.value}), seed {base.seed}",
        chapters=made,
        levers=next(iter(levers), None),
        number=number,
        figures=figures,
        tables=page_tables(*tables_of(base, prices, on_record)),
        replay=as_json(replay_data(base.one(number), number, scenario.loaded_network)),
    )


def _alone(records: Records) -> str:
    """What the chapter of the first study is called."""
    first, record = next(iter(records.items()))
    return f"{chapters.entitled(record).base} alone" if isinstance(record, Comparison) else first or "The answer"


def _chapters(records: Records, quantities: Sequence[str], whole: chapters.Chapter) -> Iterator[chapters.Chapter]:
    """Comparisons come first, the largest differences first; then the study that is shown whole, and other courses."""
    named = {name: f"c{place}-" if place else "" for place, name in enumerate(records)}
    for name, record in records.items():
        if isinstance(record, Comparison) and levers_of(record) is None:
            title = name or f"What differs from {chapters.entitled(record).base}"
            yield chapters.compared_chapter(record, quantities, title, named[name])
    yield whole
    for name, record in list(records.items())[1:]:
        if isinstance(record, Study):
            yield chapters.study_chapter(record, name, compile_scenario(record.scenario), named=named[name])


def report_answer(answer: Decision, scenario: Scenario, out: str | Path, *, seed: int = 0, command: str = "") -> Path:
    """Write what a decision found as one offline page, and return its file.

    `command` makes it again: of its scenario the page shows a replication, its answer follows from a search. Needs
    jinja2. Raises `InputError` for what the disk refuses.
    """
    one, plan, out = replicate(scenario, 1, seed=seed, jobs=1), compile_scenario(scenario), Path(out)
    titles = names_of(one, "flows", scenario.flows)
    flows = flows_asked(scenario, plan, lambda place: of_title(one.called("nodes", place)))
    chapter = chapters.Chapter(
        answer.title,
        asked=[answer.asked],
        told=answer.told,
        tables=page_tables(*answer.tables),
        figures=[chapters.Figure.of("answer", chapters.beside(answer.draw()), answer.title)],
        in_full=[f"{titles[name]}: {told}." for name, told in flows],
        deeper="what the scenario asks for",
        rests_on=rests_on(scenario, plan),
    )
    asked = {"quantities": [], "prices": 0, "on_record": None, "command": command}
    evidence = evidence_of([("", str(one.about["title"]), one)], decided=answer.title, **asked)
    made_of = f"{one.about['title']}; seed {seed}"
    page = rendered(evidence, [one], title=answer.title, made_of=made_of, chapters=[chapter])
    return write_all(out.parent, {out.name: page.encode()})[0]


# How a page is rendered: one file with its styles, scripts and data in it, sealed


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
    loader = PackageLoader("nfm_sim.reports")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["plain"] = lambda value: plain(" ".join(str(value).split()))
    environment.filters["dated"] = lambda value: dated(environment.filters["plain"](value), g_day)
    environment.filters["at_day"] = lambda hour: at_day(hour, g_day)
    return environment


def _text(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text("utf-8")
