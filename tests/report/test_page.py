"""The page says what the study says, holds all that it needs, and can be checked."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.reports import verify_page
from nfm_sim.reports.tables import inputs_of, page_tables
from nfm_sim.scenario import build_scenario
from nfm_sim.sentences.cells import Readout, value_text
from tests.conftest import called, coast, coast_data, one_ship

HOSTILE = '<script>alert(1)</script><img src="https://example.org/x.png" onerror=alert(1)>\u202e"\'&{{ 7*7 }}]]>'
ELEMENTS = {"11_infbat": {"tier": 1, "home": "barracks", "capability": "infantry"}}


def scenario(**changes: object) -> nfm.Scenario:
    late = {"exponential": {"mean": 10}}
    data = coast_data(
        flows={"flow": {**one_ship("truck", 5, lateness_h=late), "title": "The flow", "required_day": 3}},
        pools={"trucks": {"capacity": 2, "source": "assumed"}},
        elements=ELEMENTS,
        activation={"stages": {"recall": {"hours": {"uniform": [10, 300]}}}},
        title="A small transit",
        notional="All of it.",
    )
    return build_scenario({**data, **changes}, coast())


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> nfm.Study:
    return nfm.replicate(scenario(), 48, seed=3, jobs=1, out=tmp_path_factory.mktemp("study") / "study")


@pytest.fixture(scope="module")
def page(study: nfm.Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return nfm.report(study, tmp_path_factory.mktemp("page") / "page.html")


def answer_of(page: Path) -> str:
    """The text of the first screen, without its dates."""
    text = page.read_text("utf-8")
    said = text[text.index('id="answer"') : text.index('id="replay"')]
    return re.sub(r" \([^()]*\)</abbr>|<abbr[^>]*>", "", said)


def test_the_answer_stands_first_in_sentences_with_how_sure_it_is(study: nfm.Study, page: Path) -> None:
    said = answer_of(page)
    days = nfm.closure(study)["last_h"] / 24
    low, high = nfm.measures.likely(days, 0.9)
    assert f"The flow: with nine chances in ten the last piece is over the border between day {low:.1f}" in said
    assert f"and day {high:.1f}; in the middle it is day {days.quantile(0.5, 'linear'):.1f} (95 % interval" in said
    share = nfm.readiness(study)["on_time"].mean()
    assert f"Of tier 1, {share:.0%}".replace("%", " %") in said
    assert "all of it is there by the day that is asked for with a chance of" in said
    assert "of its pieces are there by that day" in said
    text = page.read_text("utf-8")
    assert "chance that all are there (%)" in text, "the chance and the share of pieces have a heading each"
    assert "share of pieces on time (%)" in text
    assert " h (day)" not in text, "a heading has its unit once"
    assert "median (day)" in text, "as the sentence has it"
    assert "All of it." in said


def test_the_first_screen_says_what_is_asked_by_which_day_and_whether_it_can_be_done(
    study: nfm.Study, page: Path
) -> None:
    """Five lorries of one ship, by day 3; and a tier of one element, whose recall takes up to 300 hours."""
    said, text = answer_of(page), page.read_text("utf-8")
    both = nfm.measures.deadlines(study).filter(pl.col("required_h").is_not_null())
    all_on_time = both.group_by("replication").agg(pl.col("on_time").all())["on_time"].mean()
    assert f"All that is asked for is there by its day with a chance of {all_on_time:.0%}".replace("%", " %") in said
    assert "5 pieces in 1 ship over" in said
    assert "5 by truck" in said
    assert re.search(r'<abbr title="hour 72 after Mon 04 Jan 2027, 00:00">day 3.0 \(07\sJan\)</abbr>', text)
    assert "Nine in ten by" in said
    assert "Chance that all are there" in said
    assert "Share on time" in said


def test_the_page_holds_all_that_it_needs_and_asks_for_nothing(page: Path) -> None:
    text = page.read_text("utf-8")
    assert not re.findall(r"<(?:link|iframe|object|embed|base|form)\b", text)
    assert not re.findall(r'(?:src|href|action)="(?!#)', text)
    assert "@import" not in text
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'")
    assert len(text) < 1_500_000


def test_no_two_things_have_one_id(page: Path) -> None:
    ids = re.findall(r'\bid="([^"]*)"', page.read_text("utf-8"))
    assert len(ids) == len(set(ids))


def test_a_name_that_steers_is_shown_and_does_nothing(tmp_path: Path) -> None:
    data = coast_data(
        flows={HOSTILE.replace("/", "|")[:60]: {**one_ship("truck", 2), "title": HOSTILE}},
        pools={"trucks": {"capacity": 1, "unit": HOSTILE, "source": HOSTILE}},
        title=HOSTILE,
        notional=HOSTILE,
    )
    study = nfm.replicate(build_scenario(data, coast()), 2, jobs=1, out=tmp_path / "study")
    text = nfm.report(study, tmp_path / "page.html", command=HOSTILE).read_text("utf-8")
    outside = re.sub(r"<style>.*?</style>|<script>\"use strict\".*?</script>", "", text, flags=re.DOTALL)
    assert "<script>alert" not in outside
    assert "<img" not in outside
    assert "49" not in re.findall(r"<h1>(.*?)</h1>", text)[0]
    assert "\u202e" not in text
    assert "&lt;script&gt;" in re.findall(r"<h1>(.*?)</h1>", text)[0]
    assert verify_page(tmp_path / "page.html").sound


def test_a_page_is_made_again_from_what_is_in_it(page: Path, tmp_path: Path) -> None:
    found = verify_page(page)
    assert found.sound
    assert [number for _, number in found.replications] == [0, 24]
    done = called("verify", page)
    assert done.returncode == 0
    assert "are the same, bit for bit: 0 of A small transit, 24 of A small transit" in done.stdout
    text = page.read_text("utf-8")
    other = tmp_path / "seed.html"
    other.write_text(text.replace('"seed":3', '"seed":4'))
    done = called("verify", other)
    assert done.returncode == 1
    assert "is not what its digest says; it was changed" in done.stderr
    assert "replication 0 of A small transit is not what its scenario gives" in done.stderr


def test_a_fork_on_the_page_is_made_again_too(tmp_path: Path) -> None:
    forked = nfm.fork(nfm.replicate(scenario(), 2, jobs=1), 2, changes={"pools.trucks.capacity": 3})
    alone = nfm.report(forked, tmp_path / "fork.html")
    assert verify_page(alone, whole=True).sound
    alone.write_text(alone.read_text("utf-8").replace('"pools.trucks.capacity":3', '"pools.trucks.capacity":1'))
    assert any("is not what its scenario gives" in fault for fault in verify_page(alone).faults)


def test_a_scenario_that_was_changed_in_the_page_is_noticed(page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    start = text.index('id="scenario-')
    place = text.index(">", start) + 200
    letter = "A" if text[place] != "A" else "B"
    changed = tmp_path / "changed.html"
    changed.write_text(text[:place] + letter + text[place + 1 :])
    done = called("verify", changed)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        '<script type="application/json" id="evidence">{</script>',
        '<script type="application/json" id="evidence">{"studies": [1]}</script>',
        '<script type="application/json" id="evidence">{"studies": [{"scenario": "x"}]}</script>',
        '<script type="application/json" id="evidence">{"studies": []}</script>',
    ],
)
def test_what_is_no_page_is_said(text: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(text)
    done = called("verify", tmp_path / "page.html")
    assert done.returncode == 2
    assert "is no page of `nfm-sim report`" in done.stderr


def test_a_comparison_shows_its_base_and_the_differences(tmp_path: Path) -> None:
    more = scenario().with_changes({"pools.trucks.capacity": 5})
    pair = nfm.compare({"base": scenario(), "more": more}, 16, seed=3, jobs=1, out=tmp_path / "pair")
    done = called("report", tmp_path / "pair", "--out", tmp_path / "page.html", "--json")
    assert json.loads(done.stdout) == [str(tmp_path / "page.html")], done.stderr
    row = pair.difference("closure").row(0, named=True)
    said = answer_of(tmp_path / "page.html")
    assert f"more, The flow: the last piece is {abs(row['difference']):.3g} h earlier than in the base" in said
    assert ", which is better." in said
    assert "0 in each of 16 pairs of replications" in said, "readiness is compared too, and is the same"
    assert said.index("What differs, the largest first") < said.index("base alone")
    effects = re.findall(
        r"<tr>.*?</tr>", said[said.index('id="what_differs__the_largest_first"') : said.index("base alone")]
    )
    assert ">The flow<" in effects[0], "readiness is the same: counted, and not shown"
    assert ">better<" in effects[0]
    assert "left out as the same in every pair: " in said
    text = (tmp_path / "page.html").read_text("utf-8")
    assert text.index("each quantity, row by row") < text.rindex("Differences of ready_by_deadline")
    found = verify_page(tmp_path / "page.html", whole=True)
    assert found.sound
    assert len(found.replications) == 4


def test_a_tiny_p_value_is_told_on_the_page_as_on_the_terminal() -> None:
    rows = pl.DataFrame({"p_value": [9e-5, 0.02, None], "met": [True, False, None], "pairs": [1200, 8, None]})
    (table,) = page_tables(Readout("t", rows))
    told = [["< 0.0001", "yes", "1,200"], ["0.02", "no", "8"], ["-", "-", "-"]]
    assert [[cell.text for cell in row] for row in table.rows] == told
    assert [
        [value_text(row, name, shown) for name, _, shown in Readout("t", rows).columns()]
        for row in rows.rows(named=True)
    ] == told
    assert [row[0].value for row in table.rows] == [9e-5, 0.02, ""], "it is sorted and copied as it is"


def test_a_study_alone_differs_in_nothing(study: nfm.Study, tmp_path: Path) -> None:
    with pytest.raises(nfm.InputError, match=r"quantity .* is what a comparison is asked for"):
        nfm.report(study, tmp_path / "page.html", quantities=["closure.p90"])
    assert not list(tmp_path.iterdir())


def test_several_comparisons_and_courses_are_chapters_of_one_page(tmp_path: Path) -> None:
    """Two comparisons of one base and a course of its own: each has a chapter, which the page links to."""
    more, fewer = (scenario().with_changes({"pools.trucks.capacity": number}) for number in (5, 1))
    for name, other in (("lorries", more), ("lack", fewer)):
        nfm.compare({"base": scenario(), name: other}, 4, seed=3, jobs=1, out=tmp_path / name)
    nfm.replicate(scenario(title="Another"), 4, seed=3, jobs=1, out=tmp_path / "course")
    done = called(
        "report", *(tmp_path / name for name in ("lorries", "lack", "course")), "--out", tmp_path / "page.html"
    )
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "page.html").read_text("utf-8")
    titles = re.findall(r'<h2 id="(chapter-\d)">(.*?)</h2>', text)
    assert [title for _, title in titles] == ["lorries", "lack", "base alone", "course"]
    assert all(f'<a href="#{chapter}">{title}</a>' in text for chapter, title in titles)
    ids = re.findall(r'\bid="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert verify_page(tmp_path / "page.html", whole=True).sound
    again = called("report", tmp_path / "lorries", tmp_path / "lorries", "--out", tmp_path / "two.html")
    assert (again.returncode, "stands twice" in again.stderr) == (2, True)


def test_courses_in_which_all_is_there_as_surely_are_told_once(tmp_path: Path) -> None:
    late = scenario().with_changes({"flows.flow.required_day": 0.1})
    courses = {
        "base": late,
        "five lorries, late": late.with_changes({"pools.trucks.capacity": 5}),
        "in time": scenario(),
    }
    page = nfm.report(nfm.compare(courses, 4, seed=3, jobs=1), tmp_path / "page.html").read_text("utf-8")
    told = re.findall(r"<li>([^<]*): All that is asked for is there by .*? in (none|each) of 4", page)
    assert told == [("base; five lorries, late", "none"), ("in time", "each")]


def test_prices_and_a_record_stand_on_the_page(study: nfm.Study, tmp_path: Path) -> None:
    text = nfm.report(study, tmp_path / "page.html", prices=8, jobs=1).read_text("utf-8")
    assert "What to buy first, by what it does to the last piece of all flows" in text
    (tmp_path / "scenario.toml").write_text("")
    record = 'title = "One"\nscenario = "scenario.toml"\nsource = "here"\npieces = 5\n'
    (tmp_path / "record.toml").write_text(record + "observed.closed_days = { range = [1, 2], source = 'a paper' }\n")
    done = called("report", study.folder, "--out", tmp_path / "two.html", "--record", tmp_path / "record.toml")
    assert done.returncode == 0, done.stderr
    assert "a paper" in (tmp_path / "two.html").read_text("utf-8")
    (tmp_path / "record.toml").write_text(f"{record}observed.trucks_a_day = {{ range = [3, 5] }}\n")
    done = called("report", study.folder, "--out", tmp_path / "two.html", "--record", tmp_path / "record.toml")
    assert "Grey: lorries on record" in (tmp_path / "two.html").read_text("utf-8")


def test_few_replications_promise_no_chances(tmp_path: Path) -> None:
    study = nfm.replicate(scenario(), 3, seed=3, jobs=1, out=tmp_path / "study")
    said = answer_of(nfm.report(study, tmp_path / "page.html"))
    assert "nine chances" not in said
    assert "in 3 of 3 replications" in said
    assert "Latest of 3" in said, "so few have no nine in ten"
    assert "of 3 replications" in said[: said.index("<table")], "and the sentence says what they can say"


def test_what_did_not_close_is_no_day(tmp_path: Path) -> None:
    study = nfm.replicate(scenario(horizon_days=0.2), 3, seed=3, jobs=1, out=tmp_path / "study")
    assert "The flow: not all of it is over the border within the horizon" in answer_of(
        nfm.report(study, tmp_path / "page.html")
    )


def test_the_replay_has_every_departure_and_all_pieces(study: nfm.Study, page: Path) -> None:
    found = re.search(r'id="replay-data">(.*?)</script>', page.read_text("utf-8"), flags=re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    run = study.rerun(nfm.measures.typical(study))
    assert len(data["trips"]) == run.departures.height
    assert data["flows"] == [
        {
            "flow": "The flow",
            "all": 5,
            "hours": nfm.measures.closure_curve(run)["hour"].to_list(),
            "pieces": nfm.measures.closure_curve(run)["pieces"].to_list(),
        }
    ]
    assert [tier["all"] for tier in data["tiers"]] == [1]
    queues = {queue["title"]: queue for queue in data["queues"]}
    for (place, hour), rows in nfm.measures.queue(run, 6).group_by("place", "hour"):
        queue = queues[coast().nodes[str(place)].title]
        now = [pieces for start, pieces in zip(queue["hours"], queue["pieces"], strict=True) if start <= float(hour)]
        assert (now or [0])[-1] == rows["pieces"].sum(), "as the figure of queues has it"
    assert all(max(queue["aboard"]) <= max(queue["pieces"]) for queue in data["queues"])
    no_queue = ["lateness", "gangs of the ship", "political decision"]
    waits = run.spans.filter(pl.col("kind").is_in(["wait", "blocked"]), ~pl.col("cause").is_in(no_queue))
    assert {queue["title"] for queue in data["queues"]} == {
        coast().nodes[place].title for place in waits["place"].unique() if place in coast().nodes
    }


def test_what_is_lost_stands_in_the_answer_the_tables_and_the_replay(tmp_path: Path) -> None:
    """The road is closed from the first to the third day: lorries before it wait, for there is no way round."""
    bridge = {"title": "The bridge is gone", "links": ["road2"], "start_h": 24, "duration_h": 48}
    study = nfm.replicate(scenario(disruptions={"bridge": bridge}), 3, seed=3, jobs=1, out=tmp_path / "study")
    page = nfm.report(study, tmp_path / "page.html").read_text("utf-8")
    assert "Lost: The bridge is gone, day 1.0 to 3.0: " in answer_of(tmp_path / "page.html")
    found = re.search(r'id="replay-data">(.*?)</script>', page, flags=re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    (lost,) = data["lost"]
    assert (lost["title"], lost["from"], lost["to"], lost["at"]) == ("The bridge is gone", 24, 72, [])
    assert [data["links"][number] for number in lost["links"]] == [[[5.0, 52.0], [6.0, 52.0]]]
    assert "The bridge is gone" in page[page.index('id="figures"') : page.index('id="tables"')]


def test_a_number_that_nobody_knows_is_shown_as_a_scenario_writes_it() -> None:
    """It had been shown as Python holds it: Distribution(family='pert', ...)."""
    pools = {"trucks": {"capacity": {"pert": [80, 110, 160]}}}
    shared = {"slow": {"value": {"uniform": [0.5, 1.5]}, "paths": ["pools.trucks.capacity"]}}
    drawn = inputs_of(build_scenario(coast_data(pools=pools, uncertainty=shared), coast()))[1].rows
    assert dict(drawn.iter_rows()) == {
        "pools.trucks.capacity": "{ pert = [80, 110, 160] }",
        "uncertainty.slow.value": "{ uniform = [0.5, 1.5] }",
    }
