"""Every way of tampering with a page that we could think of, and whether `verify` notices it.

The table of docs/howto/verify.md has a row for each kind, by its name here.
"""

import base64
import gzip
import hashlib
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nfm_sim as nfm
from nfm_sim.problems import InputError
from nfm_sim.reports import verify as verifying
from nfm_sim.reports import verify_page
from nfm_sim.reports.evidence import EVIDENCE, SEAL, opened, sealed
from tests.conftest import ROOT
from tests.report.test_page import scenario

Tamper = Callable[[str], str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    study = nfm.replicate(scenario(), 4, seed=3, jobs=1, out=folder / "study")
    return nfm.report(study, folder / "page.html", command="nfm-sim report study")


@pytest.fixture
def made_again_once(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the page as it was written for the one that is made again, as the same evidence gives it (see below)."""
    text = made.read_text("utf-8")
    real = verifying.render

    def render(record: Any, evidence: Any, **how: Any) -> str:
        here = json.dumps(evidence.model_dump(mode="json"), separators=(",", ":")).replace("<", "\\u003c")
        return text if here in text else real(record, evidence, **how)

    monkeypatch.setattr(verifying, "render", render)


def instead(pattern: str, new: str) -> Tamper:
    def tamper(text: str) -> str:
        changed = re.sub(pattern, lambda _: new, text, count=1, flags=re.DOTALL)
        assert changed != text
        return changed

    return tamper


def in_evidence(change: Callable[[Any], object]) -> Tamper:
    def tamper(text: str) -> str:
        begin = text.index(EVIDENCE) + len(EVIDENCE)
        end = text.index("</script>", begin)
        data = json.loads(text[begin:end])
        change(data)
        return text[:begin] + json.dumps(data) + text[end:]

    return tamper


def another_scenario(text: str) -> str:
    """A scenario that is another, with all that is named after it."""
    mark, content = re.findall(r'id="scenario-([0-9a-f]{64})">([^<]*)<', text)[0]
    data = json.loads(gzip.decompress(base64.b64decode(content)))
    data["data"]["pools"]["trucks"]["capacity"] = 1
    plain = json.dumps(data).encode()
    packed = base64.b64encode(gzip.compress(plain)).decode()
    return text.replace(content, packed).replace(mark, hashlib.sha256(plain).hexdigest())


def first_study(**changes: Any) -> Tamper:
    return in_evidence(lambda data: data["studies"][0].update(changes))


KINDS: dict[str, Tamper] = {
    "the title of the page": instead(r"<h1>.*?</h1>", "<h1>The approved plan</h1>"),
    "a headline": instead(
        r'<ul class="headlines">.*?</ul>', '<ul class="headlines"><li>All is over by day 1.</li></ul>'
    ),
    "the notional of the page": instead(r'<p class="notional-box">.*?</p>', "<p>All of it is public and measured.</p>"),
    "what it rests on": instead(r'<p class="rests-on">.*?</p>', '<p class="rests-on">Nothing is assumed.</p>'),
    "the replay": instead(r'"trips":\[.*?\]\]', '"trips":[]'),
    "a figure": instead(r"<svg .*?</svg>", "<svg></svg>"),
    "a figure taken away": instead(r"<figure>.*?</figure>", ""),
    "a cell of a table": instead(r"<td[^>]*>[^<]*</td>", "<td>1</td>"),
    "a fact": instead(
        r'<th scope="row">replications</th><td>.*?</td>', '<th scope="row">replications</th><td>5,000</td>'
    ),
    "the script": instead(r"<script>.*?</script>", "<script>document.title = 'another'</script>"),
    "the style": instead(r"<style>.*?</style>", "<style>.notional { display: none }</style>"),
    "something hidden": instead(r"</body>", "<p hidden>another</p></body>"),
    "a second page in it": lambda text: text + text,
    "a second evidence": instead(r"</main>", f"</main>{EVIDENCE}{{}}</script>"),
    "the seed of the page": first_study(seed=4),
    "the sampling of the page": first_study(sampling="independent"),
    "the number of replications": first_study(done=[0, 1, 2]),
    "the digests of replications": first_study(again=[[0, "0" * 64]]),
    "no replication": first_study(again=[]),
    "a scenario that is another": another_scenario,
}
NOT_NOTICED: dict[str, Tamper] = {
    "the command": lambda text: text.replace("nfm-sim report study", "nfm-sim report approved"),
    "when it was made": lambda text: re.sub(
        r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", "2020-01-01T00:00:00+00:00", text
    ),
}
"""Wherever it stands on the page; with a digest that fits."""


def noticed(page: Path, **how: Any) -> bool:
    try:
        return not verify_page(page, **how).sound
    except InputError:
        return True


def test_a_page_is_made_again_whole(made: Path) -> None:
    found = verify_page(made, whole=True)
    assert found.sound
    assert found.whole
    assert not found.remarks


def test_other_versions_are_told_as_figures_may_differ_by_them(made: Path, tmp_path: Path) -> None:
    text = made.read_text("utf-8")
    (page := tmp_path / "page.html").write_text(sealed(opened(text.replace("numpy ", "numpy 0."))[0]), "utf-8")
    (remark,) = verify_page(page).remarks
    assert remark.startswith("made with other versions: ")


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_digest_does_not_fit_is_noticed(made: Path, tmp_path: Path, kind: str) -> None:
    (page := tmp_path / "page.html").write_text(KINDS[kind](made.read_text("utf-8")), "utf-8")
    assert noticed(page)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("made_again_once")
def test_a_digest_that_fits_does_not_help_against_the_page_made_again(made: Path, tmp_path: Path, kind: str) -> None:
    text, _ = opened(KINDS[kind](made.read_text("utf-8")))
    (page := tmp_path / "page.html").write_text(sealed(text), "utf-8")
    assert noticed(page, whole=True)


@pytest.mark.parametrize("kind", NOT_NOTICED)
def test_what_nothing_gives_again_takes_a_signature(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    text, _ = opened(NOT_NOTICED[kind](made.read_text("utf-8")))
    assert text != opened(made.read_text("utf-8"))[0]
    (page := tmp_path / "page.html").write_text(sealed(text), "utf-8")
    monkeypatch.setattr(verifying, "render", lambda *_, **__: sealed(text))
    assert verify_page(page, whole=True).sound


def test_the_table_in_the_documents_has_a_row_for_each() -> None:
    text = (ROOT / "docs/howto/verify.md").read_text("utf-8")
    assert [kind for kind in (*KINDS, *NOT_NOTICED) if f"| {kind} |" not in text] == []


def in_no_time(page: Path, seconds: float = 5) -> None:
    begin = time.process_time()
    with pytest.raises(InputError):
        verify_page(page)
    assert time.process_time() - begin < seconds


@pytest.mark.parametrize("number", [-1, 10**30, 1.5, "0", None])
def test_numbers_that_no_replication_has_are_an_input_error(made: Path, tmp_path: Path, number: Any) -> None:
    text = first_study(again=[[number, "0" * 64]])(made.read_text("utf-8"))
    (page := tmp_path / "page.html").write_text(text, "utf-8")
    with pytest.raises(InputError, match="is no page of `nfm-sim report`"):
        verify_page(page)


def test_a_page_of_beginnings_takes_no_time(tmp_path: Path) -> None:
    (page := tmp_path / "page.html").write_text(EVIDENCE * 20_000)
    in_no_time(page)


@pytest.mark.parametrize("plain", [b'{"a":[' + b"[]," * 10_000_000 + b"0]}", b"[" * 1_000_000, b" " * 50_000_000])
def test_a_scenario_that_inflates_without_end_is_refused(tmp_path: Path, made: Path, plain: bytes) -> None:
    text = made.read_text("utf-8")
    mark, content = re.findall(r'id="scenario-([0-9a-f]{64})">([^<]*)<', text)[0]
    bomb = base64.b64encode(gzip.compress(plain)).decode()
    text = text.replace(content, bomb).replace(mark, hashlib.sha256(plain).hexdigest())
    (page := tmp_path / "page.html").write_text(text, "utf-8")
    assert SEAL in text
    in_no_time(page)
