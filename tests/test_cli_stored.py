"""Commands that read what is stored, on the small scenarios of the tests: what they say and refuse."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import nfm_sim as nfm
from nfm_sim.scenario import build_scenario
from tests.conftest import called, coast, coast_data, one_ship

LORRY = build_scenario(coast_data(flows={"flow": one_ship("truck", 2)}, pools={"trucks": {"capacity": 2}}), coast())


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study, a comparison, and a page of the study."""
    folder = tmp_path_factory.mktemp("stored")
    study = nfm.replicate(LORRY, 2, out=folder / "study", jobs=1)
    nfm.compare({"base": LORRY, "again": LORRY}, 2, out=folder / "pair", jobs=1)
    nfm.report(study, folder / "page.html")
    return folder


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plot", "study", "readiness"], 'figures "readiness" have nothing to show of this study'),
        (["report", "study", "--out", "."], "--out is a folder; name a file, such as page.html"),
        (
            ["report", "pair", "--out", "p.html", "--levers", "pools.trucks.capacity = 1, 2"],
            "--levers move a study; this",
        ),
        (["verify", "page.html", "--replications", "0"], "--replications is for studies; a page names its own"),
    ],
)
def test_what_cannot_be_done_with_it_is_said(words: list[str], said: str, stored: Path) -> None:
    done = called(*words, at=stored)
    assert (done.returncode, said in " ".join(done.stderr.split())) == (2, True), done.stderr


def test_a_whole_page_is_made_again(stored: Path) -> None:
    said = " ".join(called("verify", "page.html", "--all", at=stored).stdout.split())
    assert said == "page.html: the whole page, made again from its scenario, is the same letter by letter"
    found = json.loads(called("verify", "page.html", "--json", at=stored).stdout)
    assert (found["sound"], found["faults"], found["signed_by"]) == (True, [], None)


def test_the_desk_is_opened_where_it_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    served, opened = [], []

    def serve(desk: nfm.Desk, out: Path) -> Any:
        served.append((desk, out))
        return SimpleNamespace(url="http://127.0.0.1:1/x", server=SimpleNamespace(serve_forever=lambda: None))

    monkeypatch.setattr("nfm_sim.desk.serve", serve)
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("nfm_sim.cli.stored.read_changed", lambda file, change: LORRY)
    asked = ("desk", "scenarios/allied_brigade.toml", "--replications", 2, "--out", tmp_path)
    assert "The desk is at http://127.0.0.1:1/x" in called(*asked).stdout
    called(*asked, "--no-browser")
    assert opened == ["http://127.0.0.1:1/x"]
    assert [out for _, out in served] == [tmp_path, tmp_path]


def test_what_waits_for_ever_and_a_window_are_told_by_commands_and_the_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A task holds the only lorry for good; and the elements of a tier are ready after the horizon, or before."""
    data = coast_data(
        pools={"trucks": {"capacity": 1}},
        tasks={
            "regional_plans": {"commitments": {"supply": {"pool": "trucks"}}},
            "host_nation_support": {"priority": 2},
        },
        flows={"flow": {**one_ship("truck", 3), "programme": {"window_days": 2}}},
        elements={name: {"tier": 1, "home": "barracks", "hours": {"recall": h}} for name, h in (("a", 1), ("b", 900))},
        activation={"stages": {"recall": {"hours": 1}}},
        deadline_days={"1": 20},
    )
    held = build_scenario(data, coast())
    monkeypatch.setattr("nfm_sim.cli.run.read_changed", lambda file, change: held)
    run = " ".join(called("run", "s.toml").stdout.split())
    stuck = "Stuck: flow/ship/harbour/truck-001 and 2 more (3 pieces) of flow wait"
    assert "50%-100%" in run
    assert "The window of flow, to day 2.0, is not kept within the horizon" in run
    assert stuck in run
    study = " ".join(called("study", "s.toml", "--replications", 2, "--jobs", 1).stdout.split())
    assert "17% to 100% (open)" in study
    assert f"In 2 of 2 replications, such as 0: {stuck}" in study
    page = nfm.report(nfm.replicate(held, 2, keep=[0, 1], jobs=1), tmp_path / "page.html").read_text("utf-8")
    assert "In 2 of 2 replications some wait at the horizon for what can never come" in page
    assert "The window of flow, to " in page
