"""The pages of decisions: each says on its first screen what was asked and what to do, with its table and figure."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nfm_sim import decide
from nfm_sim.decide import answers
from nfm_sim.network import Network
from nfm_sim.reports import report_answer, verify_page
from nfm_sim.scenario import Scenario
from tests.conftest import called, coast
from tests.decide.test_buy import TRUCKS, lorries, options
from tests.decide.test_exchange import supported
from tests.report.test_browser import CHROMIUM, Opened, browser  # noqa: F401
from tests.report.test_page import HOSTILE

Found = tuple[answers.Decision, Scenario]
GOAL = "P(closure <= 12 h) >= 0.8"


def needed() -> Found:
    scenario = lorries()
    found = decide.needs(scenario, GOAL, paths=[TRUCKS], between=[(1, 8)], replications=4, jobs=1)
    return answers.of_need(found, [(1, 8)], scenario), scenario


def purchase() -> Found:
    found = decide.buy(lorries(), options(), budget=8e6, quantity="closure", confirming=16, jobs=1)
    return answers.of_purchase(found, lorries()), lorries()


def choice() -> Found:
    more = lorries().with_changes({TRUCKS: 4})
    strike = {"strike": {TRUCKS: 1}}
    found = decide.choose({"base": lorries(), "more": more}, replications=4, futures=strike, eur={"more": 1e6}, jobs=1)
    return answers.of_choice(found, lorries()), lorries()


def trade() -> Found:
    scenario = supported(coast())
    return answers.of_exchange(decide.exchange(scenario, 8, jobs=1), 8), scenario


def protection() -> Found:
    found = decide.protect(lorries(), 2, losses=1, hours=[24], kinds=["link"], jobs=1)
    return answers.of_protection(found, 240, coast()), lorries()


MADE: dict[str, tuple[Callable[[], Found], str, str]] = {
    "need": (
        needed,
        "How much of trucks (1 to 8) does it take for a chance of 80 %: the last piece of each flow",
        " trucks the goal holds in ",
    ),
    "buy": (purchase, "What that costs EUR 8 million at most gains most", "Buy trucks + ramp for EUR 7 million: "),
    "choose": (choice, "Which of base, more is best in the last piece of all flows? What if strike?", "Best in "),
    "exchange": (trade, "What does one more and one fewer of each capability buy allies", "post +1: the mean piece"),
    "protect": (
        protection,
        "Which losses together delay allies most",
        "Lost together for 10 days, these delay the mean",
    ),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("answers")
    return {
        name: report_answer(*make(), folder / f"{name}.html", seed=3, command=f"nfm-sim {name}")
        for name, (make, _, _) in MADE.items()
    }


@pytest.mark.parametrize("name", MADE)
def test_it_is_asked_and_answered_with_a_table_and_a_figure(pages: dict[str, Path], name: str) -> None:
    text = pages[name].read_text("utf-8")
    said = text[text.index('id="answer"') : text.index('id="evidence-of"')]
    plain = re.sub(r" \([^()]*\)</abbr>|<abbr[^>]*>", "", said).replace("&#39;", "'")
    _, asked, told = MADE[name]
    assert plain.index(asked) < plain.index(told) < plain.index("<table") < plain.index("<svg")
    assert "pools." not in plain, "it is called by its name, not by its path"


@pytest.mark.parametrize("name", MADE)
def test_it_is_checked_as_far_as_a_search_can_be(pages: dict[str, Path], name: str) -> None:
    found = verify_page(pages[name], whole=True)
    assert found.sound
    assert found.remarks == (f"its answer follows from a search, which only its command makes again: nfm-sim {name}",)
    changed = pages[name].with_name("changed.html")
    changed.write_text(pages[name].read_text("utf-8").replace("</p>", ".</p>", 1), "utf-8")
    assert not verify_page(changed).sound


@pytest.mark.skipif(not CHROMIUM.exists(), reason="tests/install_browser.sh installs the browser")
@pytest.mark.parametrize("name", MADE)
def test_it_opens_at_three_widths_by_keyboard_and_in_print(browser: Any, pages: dict[str, Path], name: str) -> None:  # noqa: F811
    for width in (1280, 820, 390):
        there = Opened(browser, pages[name], viewport={"width": width, "height": 800})
        assert there.page.evaluate("document.documentElement.scrollWidth") <= width
        if width == 1280:
            for seen in (".asked-for", ".verdict", "table", ".svg"):
                assert there.page.locator(seen).first.bounding_box()["y"] < 800, f"{seen} is on the first screen"
            there.page.keyboard.press("Tab")
            assert there.page.evaluate("document.activeElement.className") == "skip"
            there.page.locator("table thead button").first.focus()
            there.page.keyboard.press("Enter")
            assert there.page.locator("table thead th").first.get_attribute("aria-sort") == "ascending"
            assert len(re.findall(rb"/Type\s*/Page\b", there.page.pdf(format="A4"))) <= 4
        assert there.said == []
        assert len(there.asked) == 1
        there.context.close()


def test_the_command_writes_it_and_spares_what_is_there(tmp_path: Path, coast_network: Network) -> None:
    words = ("scenarios/allied_brigade.toml", "pools.escort_teams.capacity", "--for", "P(closure <= 60 d) >= 0.2")
    made = ("--from", 1, "--to", 1, "--replications", 2, "--jobs", 1, "--page", tmp_path / "page.html")
    done = called("need", *words, *made)
    assert done.stdout.splitlines()[-1] == f"Written: {tmp_path / 'page.html'}", done.stderr
    assert "nfm-sim need scenarios/allied_brigade.toml" in (tmp_path / "page.html").read_text("utf-8")
    again = called("need", *words, *made)
    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_a_name_that_steers_does_nothing(tmp_path: Path) -> None:
    answer, scenario = needed()
    shown = answers.Decision(HOSTILE, HOSTILE, [HOSTILE], answer.tables, answer.draw)
    text = report_answer(shown, scenario, tmp_path / "page.html", command=HOSTILE).read_text("utf-8")
    outside = re.sub(r"<script>\(function.*?</script>", "", text, flags=re.DOTALL)
    assert "<script>alert" not in outside
    assert "<img" not in outside
