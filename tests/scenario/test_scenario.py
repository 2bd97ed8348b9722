import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from nfm_sim.cli.options import read_changed
from nfm_sim.compile.kit import parse_opening
from nfm_sim.problems import InputError
from nfm_sim.scenario import Scenario, build_scenario, read_scenario, scenario_from_data, scenario_schema
from nfm_sim.scenario.changes import read_change
from nfm_sim.scenario.files import lay_over
from tests.conftest import ROOT, coast, coast_data, one_ship


@pytest.fixture
def scenario() -> Scenario:
    return build_scenario(coast_data(flows={"flow": one_ship("truck", 10)}), coast())


def test_changes_make_another_scenario_and_leave_the_first(scenario: Scenario) -> None:
    more = scenario.with_changes({"places.harbour.berths": 3, "flows.flow.ships.ship.calls.0.pieces.wheeled": 4})
    assert more.facility("harbour", "berths").capacity == 3
    assert more.flows["flow"].ships["ship"].calls[0].pieces == {"wheeled": 4}
    assert scenario.facility("harbour", "berths").capacity == 1
    assert scenario.flows["flow"].ships["ship"].calls[0].pieces == {"wheeled": 10}


def test_a_change_keeps_what_it_does_not_name(scenario: Scenario) -> None:
    faster = scenario.with_changes({"places.harbour.ramps.rate_per_h": 30})
    assert faster.facility("harbour", "ramps").capacity == 1
    assert faster.facility("harbour", "ramps").rate_per_h == 30


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("places.harbor.berths", 3, 'places.harbor "harbor" is not in coast (did you mean "harbour"?)'),
        ("flows.flow.ships.ship.calls.1.day", 1, "must count from 0 to 0 in this list"),
        ("title.short", "x", '"title" is a value, not a table'),
        ("network", "networks/other", 'network "networks/other" is read with the file, and changed there'),
        ("movement.column.speed", 50, 'is not a known key (did you mean "speed_kmh"?)'),
    ],
)
def test_a_change_that_does_not_fit_is_said(scenario: Scenario, path: str, value: Any, fault: str) -> None:
    with pytest.raises(InputError) as error:
        scenario.with_changes({path: value})
    assert fault in str(error.value)


def test_a_scenario_is_frozen(scenario: Scenario) -> None:
    with pytest.raises(ValidationError):
        scenario.title = "other"  # type: ignore[misc]


def test_the_schema_describes_the_keys_for_editors() -> None:
    schema = scenario_schema()
    json.dumps(schema)
    whole = schema["$defs"]["Scenario"]
    assert set(schema["then"]["required"]) == {"title", "network", "g_day", "horizon_days"}
    assert "Dutch march unit has 10-25" in schema["$defs"]["ColumnRules"]["properties"]["vehicles"]["description"]
    assert whole["additionalProperties"] is False


@pytest.mark.parametrize("file", sorted((ROOT / "scenarios").glob("*.toml")), ids=lambda file: file.stem)
def test_the_schema_takes_the_shipped_files(file: Path) -> None:
    data = json.loads(json.dumps(tomllib.loads(file.read_text()), default=str))
    assert not list(jsonschema.Draft202012Validator(scenario_schema()).iter_errors(data))


def test_the_schema_asks_nothing_of_a_file_that_extends_another_and_all_of_one_that_does_not() -> None:
    validator = jsonschema.Draft202012Validator(scenario_schema())
    part = {"extends": "base.toml", "title": "more", "flows": {"brigade": {"priority": 2}}}
    assert validator.is_valid(part)
    assert not validator.is_valid({**part, "flow": {}})
    assert validator.is_valid({**part, "flows": {"brigade": {"diverts_to": {}, "required_day": False}, "corps": False}})
    del part["extends"]
    assert not validator.is_valid(part)


@pytest.mark.parametrize(
    ("text", "weekdays", "opens", "length"),
    [
        ("06:00-22:00", range(7), 6, 16),
        ("mon-fri 21:00-05:00", range(5), 21, 8),
        ("sat 00:00-24:00", [5], 0, 24),
        ("fri-mon 08:30-09:00", [0, 4, 5, 6], 8.5, 0.5),
    ],
)
def test_openings(text: str, weekdays: Any, opens: float, length: float) -> None:
    assert parse_opening(text) == (frozenset(weekdays), opens, length)


def test_a_variant_says_only_what_differs(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base/elements.csv").write_text(
        "element,tier,home,pieces.wheeled\nbat,1,g_havelte,10\nhq,2,g_havelte,\n"
    )
    (tmp_path / "base/base.toml").write_text(
        f'''title = "base"
network = "{ROOT}/networks/netherlands"
g_day = 2027-01-04T00:00:00
horizon_days = 5
elements = "elements.csv"
activation.decision_h = {{ pert = [1, 2, 3] }}
pools.bays = {{ capacity = 2, unit = "bays" }}
'''
    )
    variant = tmp_path / "variant.toml"
    variant.write_text(
        """extends = "base/base.toml"
title = "variant"
activation.decision_h = 7
pools.bays.capacity = 5
elements.bat.tier = 3
"""
    )
    scenario = read_scenario(variant)
    assert scenario.title == "variant"
    assert scenario.activation.decision_h.as_written() == 7
    assert (scenario.pools["bays"].capacity, scenario.pools["bays"].unit) == (5, "bays")
    assert {name: e.tier for name, e in scenario.elements.items()} == {"bat": 3, "hq": 2}
    assert scenario.elements["bat"].pieces == {"wheeled": 10}


BASE = f"""title = "base"
network = "{ROOT}/networks/netherlands"
g_day = 2027-01-04T00:00:00
horizon_days = 5
shares.wheeled.truck = 1.0
destinations.east.exits.truck = "xb_bocholtz_a76"
pools = {{ trucks = {{ capacity = 2 }}, vans = {{ capacity = 2 }} }}
disruptions.gale = {{ facilities = ["vlissingen_oost.berths"], start_h = 0, duration_h = 9 }}

[flows.brigade]
destination = "east"
required_day = 3
diverts_to = {{ eemshaven = 20 }}
ships.first.cancelled = true
ships.first.calls = [{{ port = "vlissingen_oost", day = 0, pieces = {{ wheeled = 3 }} }}]
"""


def by_file(base: Path, lines: list[str]) -> Scenario:
    """A scenario that extends the base."""
    variant = base.with_name("variant.toml")
    variant.write_text("\n".join(['extends = "base.toml"', *lines]))
    return read_scenario(variant)


def by_call(base: Path, lines: list[str]) -> Scenario:
    """The base with changes in Python."""
    return read_scenario(base).with_changes(dict(read_change(line, "") for line in lines))


@pytest.mark.parametrize("changed", [by_file, read_changed, by_call])
def test_an_empty_table_empties_and_false_takes_out(changed: Any, tmp_path: Path) -> None:
    """The same text does the same in a file, on the command line, and in Python."""
    base = tmp_path / "base.toml"
    base.write_text(BASE)
    taken = ["flows.brigade.required_day = false", "disruptions.gale = false", "pools.vans = false"]
    emptied = changed(base, ["flows.brigade.diverts_to = {}", "flows.brigade.ships.first.cancelled = false", *taken])
    flow = emptied.flows["brigade"]
    assert (flow.diverts_to, flow.required_day, flow.ships["first"].cancelled) == ({}, None, False)
    assert (list(emptied.disruptions), list(emptied.pools)) == ([], ["trucks"])
    assert not changed(base, ["flows = {}"]).flows


def test_a_heading_with_nothing_below_it_is_a_doubt_that_names_what_it_takes_out(tmp_path: Path) -> None:
    base = tmp_path / "base.toml"
    base.write_text(BASE)
    variant = by_file(base, ["[disruptions]", '[ flows."brigade".diverts_to ]', "[places]"])
    assert (list(variant.disruptions), list(variant.pools)) == ([], ["trucks", "vans"])
    changed = variant.with_changes({"pools.trucks.capacity": 3})
    for scenario in (variant, changed):
        said = [problem for problem in scenario.doubts if "heading" in problem.remedy]
        assert [(problem.key, problem.file) for problem in said] == [
            ("disruptions", str(tmp_path / "variant.toml")),
            ("flows.brigade.diverts_to", str(tmp_path / "variant.toml")),
        ]
        assert said[0].remedy.startswith("is a heading with nothing below it, and takes out gale; leave it out, or say")
    deliberate = by_file(base, ["disruptions = {}", "[flows.brigade]", "priority = 2"])
    assert not [problem for problem in deliberate.doubts if "heading" in problem.remedy]


@pytest.mark.parametrize("changed", [by_file, read_changed, by_call])
@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("disruptions.gael = false", 'gael "false" takes out what is there, and nothing is (did you mean "gale"?)'),
        ("flows.brigade.priority = false", 'flows.brigade.priority "false" takes out what is there, and nothing is'),
        ("flows.brigade = {}", "flows.brigade.destination is missing"),
        ("horizon_days = false", "horizon_days is missing"),
    ],
)
def test_what_cannot_be_taken_out_is_a_fault(changed: Any, line: str, fault: str, tmp_path: Path) -> None:
    base = tmp_path / "base.toml"
    base.write_text(BASE)
    with pytest.raises(InputError) as error:
        changed(base, [line])
    assert fault in str(error.value)


def test_false_in_a_list_takes_nothing_out() -> None:
    closed = {"x": {"links": ["road1", False], "start_h": 1, "duration_h": 1}}
    with pytest.raises(InputError, match=r'disruptions\.x\.links\.1 "False" must be a text'):
        build_scenario(coast_data(disruptions=closed), coast())


def test_a_distribution_replaces_a_distribution() -> None:
    under = {"a": {"pert": [1, 2, 3]}, "b": {"x": 1, "y": 2}}
    assert lay_over(under, {"a": {"uniform": [1, 2]}, "b": {"x": 5}}) == {
        "a": {"uniform": [1, 2]},
        "b": {"x": 5, "y": 2},
    }


def test_what_has_the_name_of_a_family_is_no_distribution() -> None:
    """A file with [flows.gamma] had taken out all flows of what it extends; alone, it had drawn nothing."""
    assert lay_over({"flows": {"beta": {"priority": 1}}}, {"flows": {"gamma": {"priority": 2}}}) == {
        "flows": {"beta": {"priority": 1}, "gamma": {"priority": 2}}
    }
    assert lay_over({"gamma": {"priority": 1, "nation": "US"}}, {"gamma": {"priority": 2}}) == {
        "gamma": {"priority": 2, "nation": "US"}
    }
    assert lay_over({"h": {"gamma": {"mean": 1, "sd": 1}}}, {"h": {"zero_share": 0.5}})["h"]["gamma"] == {
        "mean": 1, "sd": 1,
    }  # fmt: skip
    assert lay_over({"h": {"fixed": 5}}, {"h": {"uniform": [1, 2]}}) == {"h": {"uniform": [1, 2]}}
    drawn = build_scenario(coast_data(flows={"gamma": one_ship("truck", {"uniform": [2, 9]})}), coast())  # type: ignore[arg-type]
    assert [*drawn.uncertain] == ["flows.gamma.ships.ship.calls.0.pieces.wheeled"]


def test_a_scenario_as_data_comes_back_as_it_was(scenario: Scenario) -> None:
    data = json.loads(json.dumps(scenario.to_data()))
    again = scenario_from_data(data)
    assert json.dumps(again.to_data()) == json.dumps(scenario.to_data())
    assert again.loaded_network.links == scenario.loaded_network.links
