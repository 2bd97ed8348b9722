"""The desk as a widget: its questions come as messages, and in a browser it is the page of the desk."""

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import nfm_sim as nfm
from nfm_sim.desk import widget
from nfm_sim.desk.server import answered, questions, script
from nfm_sim.problems import InputError
from tests.desk.test_desk import story
from tests.report.test_browser import CHROMIUM, browser, until  # noqa: F401


def test_a_message_is_answered_with_its_number_and_bad_input_with_its_problems(tmp_path: Path) -> None:
    playing = nfm.Desk(story(), replications=2)
    shown, said, all_there = widget(playing, tmp_path), dict[str, Any](), threading.Event()

    def hear(message: dict[str, Any]) -> None:
        said[message["number"]] = message["answer"]
        if len(said) == 2:
            all_there.set()

    shown.send = hear
    for number, value in (("1", 2), ("2", -1)):
        move = {"number": number, "what": "move", "said": {"lever": "capacity trucks", "value": value}}
        shown._handle_custom_msg(move, [])
    assert all_there.wait(60)
    assert said["1"]["moved"] == {"capacity trucks": 2}
    assert "must be a number from 0" in said["2"]["problems"][0]
    assert playing.wait().pairs == 2
    assert not list(tmp_path.iterdir())


def test_without_its_package_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(InputError, match=r"nfm_sim\[desk\]"):
        widget(nfm.Desk(story(), replications=1))


MODEL = """async (script) => {
  const hears = [];
  const model = {on: (_, hear) => hears.push(hear), send: async ({number, what, said}) => {
    const answer = await window.told(what, said);
    hears.forEach((hear) => hear({number, answer}));
  }};
  const module = await import(URL.createObjectURL(new Blob([script], {type: "text/javascript"})));
  window.leave = module.default.render({model, el: document.body.appendChild(document.createElement("div"))});
}"""


@pytest.mark.skipif(not CHROMIUM.exists(), reason="tests/install_browser.sh installs the browser")
def test_in_a_notebook_levers_move_as_on_the_page(browser: Any, tmp_path: Path) -> None:  # noqa: F811
    playing = nfm.Desk(story(), replications=4)
    known = questions(playing, tmp_path)
    page, said = browser.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.expose_function("told", lambda what, asked: answered(known[what], {**asked, "after": -1}))
    page.evaluate(MODEL, script())
    trucks = page.get_by_label("trucks (")
    until(lambda: trucks.count() == 1)
    trucks.focus()
    page.keyboard.press("PageUp")
    until(lambda: "4 of 4 pairs" in page.locator("#status").text_content())
    assert playing.answer.moved == {"capacity trucks": 2}
    assert page.locator("#rows tr").count() == len(playing.answer.rows)
    page.evaluate("leave()")
    page.close()
    assert said == []
