"""What the documents show runs as it is written."""

import re
from pathlib import Path

import pytest

from nfm_sim.scenario import build_scenario
from nfm_sim.scenario.files import read_elements
from tests.conftest import ROOT, coast, coast_data

EQUIPMENT = "ORG_ID,TI_ID,UNIT_EQUIPMENT_QTY\n1-1-BN,T13168,44\n1-1-BN,T61494,28\n1-2-BN,T61494, 35\n1-1-BN,T61494,2\n"
MOVEMENTS = (
    "ULN,Force Type,POD,Weight (STON),EAD,RDD,Priority\n"
    "U0001,Combat,Vlissingen,480,2027-01-05 00:00:00,2027-01-20 00:00:00,1\n"
)


def test_movement_tables_become_elements_and_flows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("scenarios", "networks"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    Path("equipment.csv").write_text(EQUIPMENT)
    Path("movements.csv").write_text(MOVEMENTS)
    text = (ROOT / "docs/movement_tables.md").read_text()
    exec("\n".join(re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)), {})
    assert "'flow': 'U0001', 'pieces': 29" in capsys.readouterr().out
    table = read_elements(Path("elements.csv"))
    assert table["1-1-BN"]["pieces"] == {"tracked": "44", "wheeled": "30"}
    for row in table.values():
        row["home"] = "barracks"
    shares = {name: {"truck": 1.0} for name in ("wheeled", "tracked")}
    scenario = build_scenario(coast_data(elements=table, shares=shares), coast())
    assert scenario.elements["1-2-BN"].pieces["wheeled"] == 35


def test_every_measure_of_bounds_stands_in_one_place() -> None:
    from nfm_sim import limits

    code = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py") if path.name != "limits.py")
    unused = [name for name in vars(limits) if name.isupper() and not re.search(rf"\b{name}\b", code)]
    assert not unused
