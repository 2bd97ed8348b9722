"""The desk in a real browser, by keyboard and by the map, without an error or a request elsewhere."""

import threading
from pathlib import Path
from typing import Any

import pytest

import nfm_sim as nfm
from nfm_sim.desk import serve
from tests.desk.test_desk import story
from tests.report.test_browser import CHROMIUM, browser, until  # noqa: F401

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="tests/install_browser.sh installs the browser")


def test_levers_move_by_keyboard_and_places_by_the_map(browser: Any, tmp_path: Path) -> None:  # noqa: F811
    playing = nfm.Desk(story(), replications=4)
    served = serve(playing, tmp_path)
    threading.Thread(target=served.server.serve_forever, daemon=True).start()
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page, said, asked = context.new_page(), list[str](), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    held = list[Any]()
    page.route("**/answer", lambda route: held.append(route))
    page.goto(served.url)
    trucks = page.get_by_label("trucks (")
    until(lambda: trucks.count() == 1 and bool(held))
    assert page.title() == "a story"
    assert trucks.input_value() == "1", "a lever can be moved before the first answer is there"
    trucks.focus()
    page.keyboard.press("PageUp")
    page.unroute("**/answer")
    until(lambda: "4 of 4 pairs" in page.locator("#status").text_content())
    assert playing.answer.moved == {"capacity trucks": 2}
    assert page.locator("#rows tr").count() == len(playing.answer.rows)
    harbour = page.get_by_role("button", name="Shut Harbour")
    harbour.focus()
    page.keyboard.press("Enter")
    until(lambda: playing.answer.moves == 2)
    until(lambda: harbour.get_attribute("aria-pressed") == "true")
    page.locator("#undo").click()
    until(lambda: harbour.get_attribute("aria-pressed") == "false")
    page.locator("#command").click()
    until(lambda: "nfm-sim compare" in page.locator("#said").text_content())
    assert not list(tmp_path.iterdir()), "nothing is written that was not asked for"
    page.locator("#save").click()
    until(lambda: "Written: " in page.locator("#said").text_content())
    assert [file.name for file in tmp_path.iterdir()] == ["scenario_desk.toml"]
    for value in ("3", "-1"):
        trucks.fill(value)
        trucks.press("Tab")
    until(lambda: playing.answer.moves == 2 and not playing.answer.going_on)
    until(lambda: "4 of 4 pairs" in page.locator("#status").text_content())
    until(lambda: "must be a number from 0" in page.locator("#problems").text_content())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert said == []
    assert all(url.startswith((served.url, "data:")) for url in asked)
    context.close()
    served.server.shutdown()
    served.server.server_close()
