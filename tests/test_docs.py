"""What the documents show runs as it is written."""

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

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


def generated() -> Any:
    spec = spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["generate"] = module
    spec.loader.exec_module(module)
    return module


def test_the_references_are_as_the_models_say() -> None:
    """When this fails: `python docs/generate.py`."""
    for name, make in generated().PAGES.items():
        assert (ROOT / "docs" / name).read_text("utf-8") == make(), name


def test_every_key_of_a_scenario_and_every_column_says_what_it_means() -> None:
    for name, lines in {"scenario.md": 290, "network.md": 43, "tables.md": 80}.items():
        items = re.findall(r"^- \*\*`\w+`\*\* .*$", (ROOT / "docs" / name).read_text("utf-8"), flags=re.MULTILINE)
        assert len(items) >= lines
        empty = [item for item in items if not re.search(r"\)[.:] (?!Example)\S", item)]
        assert not empty


def test_every_measure_of_bounds_stands_in_one_place() -> None:
    from nfm_sim import limits

    code = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py") if path.name != "limits.py")
    unused = [name for name in vars(limits) if name.isupper() and not re.search(rf"\b{name}\b", code)]
    assert not unused
