"""The page in a real browser: it loads without a request or an error, plays, sorts, filters, copies and prints."""

import re
import time
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import nfm_sim as nfm
from tests.conftest import ROOT, one_ship
from tests.report.test_page import ELEMENTS, HOSTILE, scenario

CHROMIUM = Path("/usr/bin/chromium")
sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="tests/install_browser.sh installs the browser")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*QUIET, "--no-first-run"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    companies = {f"company {number}": next(iter(ELEMENTS.values())) for number in range(1, 10)}
    study = nfm.replicate(scenario(elements=companies), 16, seed=3, jobs=1, out=folder / "study")
    return nfm.report(study, folder / "page.html")


class Opened:
    """A page that is open, with what it said and asked for."""

    def __init__(self, browser: Any, file: Path, **context: Any) -> None:
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", lambda dialog: self.said.append(f"dialog {dialog.message}"))
        self.page.goto(f"file://{file}")


@pytest.fixture
def opened(browser: Any, file: Path) -> Iterator[Opened]:
    there = Opened(browser, file, viewport={"width": 1280, "height": 900})
    yield there
    there.context.close()


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds: the page may not evaluate the text that a browser's own waiting needs."""
    end = time.monotonic() + 60  # on a busy machine a browser takes its time
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


POINT_AT_ALL = """() => {
    const [map, what, on] = ["map", "what", "on"].map((name) => document.getElementById(name));
    const slider = document.getElementById("slider"), box = map.getBoundingClientRect();
    slider.value = 0; slider.dispatchEvent(new Event("input"));
    for (let hour = 0; hour < 200 && !what.textContent.includes("pieces"); hour++) {
        on.click();
        for (let across = 0; across < box.width && !what.textContent.includes("pieces"); across += 10)
            map.dispatchEvent(
                new PointerEvent("pointermove", {clientX: box.x + across, clientY: box.y + box.height / 2}));
    }
}"""
"""Go through the hours and across the middle of the map, where the road of the coast lies, until something is told."""


def picture(page: Any) -> str:
    return str(page.evaluate("document.getElementById('map').toDataURL()"))


def test_it_loads_without_an_error_or_a_request(opened: Opened) -> None:
    assert opened.said == []
    assert [url for url in opened.asked if not url.startswith("file:")] == []
    assert len(opened.asked) == 1
    assert opened.page.title() == "A small transit"


def test_the_slider_moves_the_hour_and_what_the_map_shows(opened: Opened) -> None:
    page = opened.page
    pictures = {picture(page)}
    page.locator("#slider").focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
        pictures.add(picture(page))
    clock = page.locator("#clock").text_content()
    assert clock.startswith("day 2.0, 2027-01-06")
    assert len(pictures) > 5, "trucks drive"
    page.keyboard.press("End")
    assert "5 of 5" in page.locator("#flows").text_content()
    assert opened.said == []


def test_it_plays_and_pauses_by_keyboard(opened: Opened) -> None:
    page = opened.page
    page.locator("#play").focus()
    page.keyboard.press("Enter")
    assert page.locator("#play").get_attribute("aria-pressed") == "true"
    until(lambda: float(page.locator("#slider").input_value()) > 0.05)
    page.keyboard.press("Enter")
    assert page.locator("#play").text_content() == "Play"
    stopped = page.locator("#slider").input_value()
    page.wait_for_timeout(150)
    assert page.locator("#slider").input_value() == stopped


def test_the_map_steps_by_keyboard_and_says_what_is_pointed_at(opened: Opened) -> None:
    page = opened.page
    page.locator("#map").focus()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#clock").text_content().startswith("day 3.0, 2027-01-06 23:00")
    page.locator("#on").click()
    assert page.locator("#clock").text_content().startswith("day 3.0, 2027-01-07 00:00")
    page.locator("#map").scroll_into_view_if_needed()
    assert page.locator("#map").bounding_box()["height"] <= 0.86 * 900, "the map fits the screen"
    page.evaluate(POINT_AT_ALL)
    assert "pieces" in page.locator("#what").text_content()
    by_mode = picture(page)
    page.locator("#colour").select_option("owner")
    assert picture(page) != by_mode
    assert "The flow" in page.locator("#legend").text_content()
    assert opened.said == []


def test_tables_sort_filter_and_copy(browser: Any, file: Path) -> None:
    there = Opened(browser, file, permissions=["clipboard-read", "clipboard-write"])
    page = there.page
    table = page.locator("#what_holds_up")
    heading = table.locator("thead th").nth(2)
    heading.locator("button").click()
    cells = table.locator("tbody tr td:nth-child(3)").evaluate_all("all => all.map((cell) => cell.dataset.v)")
    numbers = [float(cell) for cell in cells]
    assert numbers == sorted(numbers)
    assert heading.get_attribute("aria-sort") == "ascending"
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    page.locator('[data-filter="readiness_by_element"]').fill("company 7")
    assert page.locator("#readiness_by_element tbody tr:not([hidden])").count() == 1
    page.locator('[data-copy="what_holds_up"]').click()
    until(lambda: page.locator('[data-copy="what_holds_up"] + span').text_content() != "")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines()[0].startswith("kind,name,piece hours")
    assert any("pool,trucks," in line for line in copied.splitlines()[1:])
    page.locator('[data-copy="closure_by_flow"]').click()
    until(lambda: "median (day)" in page.evaluate("navigator.clipboard.readText()"))
    head, row = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert "median (day),median (day) low,median (day) high" in head, "the interval has columns of its own"
    assert len(head.split(",")) == len(row.split(","))
    shown = page.locator("#closure_by_flow tbody td abbr").first
    assert re.fullmatch(r"\d+\.\d \(\d\d Jan\)", shown.text_content()), "a day has its date"
    assert shown.get_attribute("title").startswith("hour ")
    assert there.said == []
    there.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (820, "dark"), (390, "light")])
def test_nothing_stands_out_of_the_page_at_any_width(browser: Any, file: Path, width: int, scheme: str) -> None:
    there = Opened(browser, file, viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert there.page.evaluate("document.documentElement.scrollWidth") <= width
    paper = there.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    there.context.close()


def test_it_prints(opened: Opened) -> None:
    printed = opened.page.pdf(format="A4")
    assert printed.startswith(b"%PDF")
    assert len(printed) > 50_000
    opened.page.emulate_media(media="print")
    assert not opened.page.locator("#replay").is_visible()
    assert opened.page.locator("#answer").is_visible()


PAGE_OF_PDF = re.compile(rb"/Type\s*/Page\b")
ONLY_THE_BRIEF = "document.querySelectorAll('main > section:not(#answer)').forEach((section) => section.remove())"


def test_the_brief_takes_four_pages_of_paper_and_the_rest_is_annex(browser: Any, tmp_path: Path) -> None:
    """Of thirty flows too: those that are least sure stand on it, the others and all sentences behind it."""
    flows = {f"flow_{n}": {**one_ship("truck", 2), "title": f"The flow {n}", "required_day": 1} for n in range(30)}
    study = nfm.replicate(scenario(flows=flows), 2, seed=3, jobs=1, out=tmp_path / "study")
    there = Opened(browser, nfm.report(study, tmp_path / "page.html"))
    whole = len(PAGE_OF_PDF.findall(there.page.pdf(format="A4")))
    there.page.evaluate(ONLY_THE_BRIEF)
    brief = len(PAGE_OF_PDF.findall(there.page.pdf(format="A4")))
    assert brief <= 4 < whole
    there.context.close()


ONLY_A_LONG_TABLE = """(above) => {
    const table = document.getElementById("readiness_by_element"), body = table.tBodies[0];
    const rows = [...body.rows], filler = document.createElement("div");
    for (let times = 0; times < 9; times++) body.append(...rows.map((row) => row.cloneNode(true)));
    table.querySelectorAll("thead button").forEach((head) => { head.style.color = "#f00"; });
    body.style.color = "#00f"; filler.style.height = `${above}px`;
    table.closest(".table").className = "table";
    document.body.replaceChildren(filler, table.closest(".table"));
}"""
"""Some way down the sheet, with a red head over blue rows."""
RED, BLUE = b"1 0 0 rg", b"0 0 1 rg"


def sheets(printed: bytes) -> list[bytes]:
    """What is drawn on each sheet of a PDF, in the order of its objects."""
    objects = dict(re.findall(rb"\n(\d+) 0 obj(.*?)endobj", printed, re.DOTALL))
    drawn = [re.search(rb"/Contents (\d+) 0 R", found) for found in objects.values() if PAGE_OF_PDF.search(found)]
    streams = (objects[of[1]].partition(b"stream")[2].partition(b"endstream")[0].strip(b"\r\n") for of in drawn if of)
    return [zlib.decompressobj().decompress(stream) for stream in streams]


def test_the_head_of_a_long_table_stands_over_its_rows_on_each_sheet(browser: Any, file: Path) -> None:
    """Wherever on a sheet the table begins: no head is the last thing on it, and no rows are without one."""
    for above in range(640, 1000, 72):
        there = Opened(browser, file)
        there.page.evaluate(ONLY_A_LONG_TABLE, above)
        found = [(RED in sheet, BLUE in sheet) for sheet in sheets(there.page.pdf(format="A4"))]
        assert found.count((True, True)) >= 2
        assert all(head == rows for head, rows in found), f"{above} px down: {found}"
        there.context.close()


def test_every_control_has_a_name_and_every_picture_a_text(opened: Opened) -> None:
    unnamed = opened.page.evaluate(
        """() => [...document.querySelectorAll('button, select, input')].filter(
            (e) => !e.textContent.trim() && !e.getAttribute('aria-label') && !(e.labels && e.labels.length)).length"""
    )
    assert unnamed == 0
    assert opened.page.locator('[role="img"]:not([aria-label])').count() == 0
    headings = opened.page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map((h) => Number(h.tagName[1]))")
    assert headings[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))


def test_hostile_names_run_nothing_in_the_browser(browser: Any, tmp_path: Path) -> None:
    bad = scenario(title=HOSTILE, notional=HOSTILE)
    study = nfm.replicate(bad, 2, seed=3, jobs=1, out=tmp_path / "study")
    there = Opened(browser, nfm.report(study, tmp_path / "page.html", command=HOSTILE))
    there.page.wait_for_timeout(100)
    assert there.said == []
    assert len(there.asked) == 1
    assert there.page.locator("h1").text_content().startswith("<script>alert(1)</script>")
    there.context.close()


def test_the_policy_stops_what_would_get_in_all_the_same(browser: Any, file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    text = file.read_text("utf-8")
    got_in = "<script>document.title='in'</script><img src='https://example.org/x'></main>"
    broken.write_text(text.replace("</main>", got_in, 1))
    there = Opened(browser, broken)
    assert there.page.title() == "A small transit"
    assert all("Content Security Policy" in line for line in there.said)
    assert there.said
    there.context.close()


def test_the_script_installs_the_browser() -> None:
    assert "chromium" in (ROOT / "tests/install_browser.sh").read_text()
