"""Parts of a scenario that stand in a table of rows."""

from pathlib import Path

import pytest

from nfm_sim.problems import InputError
from nfm_sim.scenario import read_scenario
from tests.conftest import ROOT


def test_disruptions_may_be_rows_of_a_table(tmp_path: Path) -> None:
    """A table of losses to come: when, what, how surely; names in one cell are parted by semicolons."""
    heading = "name,links,pools,start_h,duration_h,chance,left_share"
    rows = f"{heading}\nbridge,rl008;rl009,,48,120,0.5,\nfew,,trucks,10,30,,0.5\n"
    (tmp_path / "losses.csv").write_text(rows)
    above = f'extends = "{ROOT}/scenarios/allied_brigade.toml"\ndisruptions = "losses.csv"\n'
    (tmp_path / "hit.toml").write_text(above)
    hit = read_scenario(tmp_path / "hit.toml").disruptions
    assert (hit["bridge"].links, hit["bridge"].chance, hit["few"].left_share) == (("rl008", "rl009"), 0.5, 0.5)
    (tmp_path / "losses.csv").write_text(rows.replace(",48,", ",soon,").replace("0.5,\n", "1.5,\n"))
    with pytest.raises(InputError) as error:
        read_scenario(tmp_path / "hit.toml")
    assert [problem.key for problem in error.value.problems] == [
        "disruptions.bridge.start_h",
        "disruptions.bridge.chance",
    ]
    assert {Path(problem.file).name for problem in error.value.problems} == {"losses.csv"}
