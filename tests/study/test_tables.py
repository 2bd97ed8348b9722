"""The tables of docs/studies.md are what their commands print."""

from collections.abc import Callable

import pytest

from tests.conftest import ROOT
from tests.study import coverage, last_step

LONG = [
    (coverage.means, 2_000),
    (coverage.stratified, 1_000),
    (coverage.controls, 400),
    (coverage.stopping, 500),
    (coverage.curves, 500),
    (last_step.last_step, 400),
]
TABLES = [(coverage.shares, 2_000), *(pytest.param(*table, marks=pytest.mark.long) for table in LONG)]


@pytest.mark.parametrize(("printed", "repeats"), TABLES)
def test_a_table_of_coverage_is_as_its_command_prints_it(
    printed: Callable[[int], None], repeats: int, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(repeats)
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert said
    document = (ROOT / "docs/studies.md").read_text("utf-8").splitlines()
    assert [line for line in said if line not in document] == []
