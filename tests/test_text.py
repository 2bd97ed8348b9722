"""Titles and names of any letters are shown as they are: never markup, mathematics, or commands to a terminal."""

import json
from html import escape
from pathlib import Path
from typing import Any

import pytest
from matplotlib.text import Text

import nfm_sim as nfm
from nfm_sim.problems import plain
from nfm_sim.scenario import build_scenario
from tests.conftest import called, coast, coast_data, one_ship
from tests.fuzz.cases import toml_of, write_network

NAMES = [
    "[draft]",
    "[bold]x",
    "$x^2_$ $",
    "\x1b[31mred\x1b[0m",
    "\x9b31m",
    "=1+1",
    ":smile:",
    "_hidden",
    "\u202egnp",
    "<b>",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net").mkdir()
    write_network(coast(), tmp_path / "net")
    return tmp_path


def scenario_file(folder: Path, name: str) -> Path:
    data: dict[str, Any] = {
        **coast_data(flows={name: one_ship("truck", 5)}, pools={"trucks": {"capacity": 1}}, horizon_days=2),
        "title": f"Transit {name} [/draft]",
        "network": "net",
    }
    (folder / "s.toml").write_text(toml_of(data))
    return folder / "s.toml"


@pytest.mark.parametrize("name", NAMES)
def test_a_summary_shows_names_as_they_are(folder: Path, name: str) -> None:
    done = called("run", scenario_file(folder, name))
    assert done.returncode == 0
    assert f"Transit {plain(name)} [/draft]" in done.stdout
    assert plain(name) in done.stdout.split("Closure by flow")[1].replace("\n", "")
    assert not any(char in done.stdout for char in "\x1b\x9b\u202e")


@pytest.mark.parametrize("name", NAMES)
def test_a_json_answer_holds_the_name_and_steers_nothing(folder: Path, name: str) -> None:
    done = called("run", scenario_file(folder, name), "--json")
    assert json.loads(done.stdout)["closure"][0]["flow"] == name
    assert not any(char in done.stdout for char in "\x1b\x9b\u202e")


@pytest.mark.parametrize("name", NAMES)
def test_figures_draw_names_as_they_are(name: str, tmp_path: Path) -> None:
    data = coast_data(flows={name: one_ship("truck", 5)}, pools={"trucks": {"capacity": 1}}, title=name, horizon_days=2)
    run = nfm.simulate(build_scenario(data, coast()))
    for figure, draw in nfm.plots.FIGURES.items():
        nfm.plots.save(draw(run), tmp_path / f"{figure}.png", dpi=30)
    ax = nfm.plots.closure(run)
    (label,) = [text.get_text() for text in ax.get_legend().get_texts()]
    words = plain(name).replace("_", " ").strip()
    assert label.strip("\u200a ") == f"{words} (5 pieces)"
    assert not any(text.get_parse_math() for text in ax.findobj(Text))


def test_an_error_shows_what_stands_there_and_steers_nothing(folder: Path) -> None:
    file = scenario_file(folder, "x")
    file.write_text(file.read_text() + '\n["\\u001b[2Jpools"]\n')
    done = called("validate", file)
    assert done.returncode == 2
    assert "\\x1b[2Jpools is not a known key" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_file_with_a_byte_order_mark_and_crlf_is_read(folder: Path) -> None:
    file = scenario_file(folder, "x")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert called("validate", file).returncode == 0


@pytest.mark.parametrize("text", ["x = " + "[" * 5_000, "x = " + "9" * 5_000, "title = \0"])
def test_toml_that_no_reader_can_hold_is_an_input_error(folder: Path, text: str) -> None:
    (folder / "s.toml").write_text(text)
    done = called("validate", folder / "s.toml")
    assert done.returncode == 2
    assert "s.toml" in done.stderr


def test_a_place_whose_name_has_a_dot_gives_the_same_prices(folder: Path) -> None:
    def price(network: Any, port: str) -> list[Any]:
        flow = one_ship("truck", 30)
        flow["ships"]["ship"]["calls"][0]["port"] = port
        scenario = build_scenario(coast_data(flows={"flow": flow}), network)
        return nfm.shadow_prices(scenario, 2, quantities=["closure"], jobs=1).drop("capacity").rows()

    write_network(coast(), folder / "net")
    for file in (folder / "net").iterdir():
        file.write_text(file.read_text().replace("harbour", "12.0"))
    dotted = price(nfm.read_network(folder / "net"), "12.0")
    assert dotted == price(coast(), "harbour")
    assert dotted


@pytest.mark.parametrize("name", NAMES)
def test_a_card_shows_names_as_they_are_and_is_short(folder: Path, name: str) -> None:
    scenario = nfm.read_scenario(scenario_file(folder, name))
    study = nfm.replicate(scenario, 2, jobs=1)
    comparison = nfm.compare({name: scenario, "b": scenario.with_changes({"title": name})}, replications=2, jobs=1)
    for thing in (scenario, scenario.loaded_network, nfm.simulate(scenario), study, comparison):
        shown = thing._repr_html_()
        assert len(shown) < 3000
        assert len(repr(thing)) < 300
        assert not any(char in shown for char in "\x1b\x9b\u202e")
        assert shown.count("<b>") == 0
    assert escape(plain(name)) in scenario._repr_html_()
    assert escape(plain(name)) in comparison._repr_html_()
