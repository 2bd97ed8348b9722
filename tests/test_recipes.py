"""What a user adds from a file of his own is the same kind of thing as what we ship: every command, measure and figure
takes it. docs/architecture.md says how each is made, and this test is what it points to."""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

import nfm_sim as nfm
from nfm_sim import kinds
from nfm_sim.kinds import MODES, Registry
from nfm_sim.measures import COLUMNS
from nfm_sim.problems import InputError
from nfm_sim.scenario import ModeRules, build_scenario
from tests import own_kinds
from tests.conftest import ROOT, called, coast, coast_data, one_ship, story

NETWORK = {
    "node.csv": """node_id,name,x_coord,y_coord,node_type,country,holds
quay,Quay,4.0,51.5,sea_port_terminal,NL,"road,sea"
mid,Mid,5.0,51.5,,NL,road
gate,Gate,6.0,51.5,border_crossing,NL,road
haven,Haven,6.0,53.4,sea_port_terminal,NL,"road,sea"
""",
    "link.csv": """link_id,name,from_node_id,to_node_id,directed,length,facility_type,free_speed,allowed_uses,lanes
a1,Road,quay,mid,false,70,motorway,100,road,2
a2,Road,mid,gate,false,70,motorway,100,road,2
a3,Road,gate,haven,false,220,motorway,100,road,2
s1,Sea,quay,haven,false,280,sea,30,sea,
""",
    "facility.csv": """node_id,facility,capacity,unit,rate_per_h,length_m
quay,berths,2,,,
quay,ramps,2,,60,
quay,gangs,2,,,
quay,truck_ramps,4,,30,
haven,ramps,1,,60,
""",
}
SCENARIO = """title = "Kinds of one's own"
notional = "all of it"
network = "net"
g_day = 2027-01-04T00:00:00
horizon_days = 20
policy = "evenly"
routing = "stubborn"
diversion = "where_fewest_wait"
mode_choice = "all_by_shuttle"
[movement]
discharge.shifts = []
shuttle = { pieces = 4, turn_h = 1, speed_kmh = { sea = 28 } }
[shares]
wheeled = { shuttle = 0.5, truck = 0.5 }
tracked = { truck = 1 }
[pools]
shuttles = { capacity = 1, unit = "shuttles" }
trucks.capacity = { weibull = { shape = 3, scale = 4 } }
[destinations.north]
exits = { shuttle = "haven", truck = "gate" }
[uncertainty.slow]
value = { uniform = [1.5, 1.6] }
paths = ["flows.flow.ships.ship.lateness_h"]
[flows.flow]
destination = "north"
required_day = 3
programme = { per_day = { shuttle = 4, truck = 20 }, working = ["00:00-24:00"], start_up_h = 0 }
[flows.flow.ships.ship]
lateness_h = { weibull = { shape = 2, scale = 6 } }
calls = [{ port = "quay", day = 0, pieces = { wheeled = 8, tracked = 2 } }]
[disruptions.flood]
bridges = ["gate"]
start_h = 30
duration_h = 5
[tasks.regional_plans]
priority = 1
[tasks.host_nation_support]
priority = 2
[tasks.guards.commitments]
guards = { capability = "infantry", number = 2 }
[tasks.guards]
priority = 1
[elements]
one = { capability = "infantry", tier = 1, home = "haven" }
two = { capability = "infantry", home = "haven" }
"""


@pytest.fixture(autouse=True)
def own() -> Iterator[None]:
    with nfm.extend(*own_kinds.KINDS):
        yield


@pytest.fixture(scope="module")
def scenario_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recipes")
    (folder / "net").mkdir()
    for name, text in NETWORK.items():
        (folder / "net" / name).write_text(text)
    (folder / "scenario.toml").write_text(SCENARIO)
    return folder / "scenario.toml"


@pytest.fixture
def scenario(scenario_file: Path) -> nfm.Scenario:
    return nfm.read_scenario(scenario_file)


def test_a_shuttle_is_loaded_sails_and_comes_back(scenario: nfm.Scenario) -> None:
    changes = {"flows.flow.ships.ship.lateness_h": 0, "programme": None, "flows.flow.programme.per_day.shuttle": 48}
    changes = {key: value for key, value in changes.items() if value is not None}
    plain = scenario.with_changes({**changes, "uncertainty.slow.value": 1})
    run = nfm.simulate(plain, seed=1)
    first, second = (f"flow/ship/quay/shuttle-00{number}" for number in (1, 2))
    sailed = [span for span in story(run, first) if span[1] == "move"]
    assert [(place, end - start) for _, _, place, _, start, end in sailed] == [("haven", pytest.approx(10, abs=1e-3))]
    waited = [span for span in story(run, second) if span[3] == "shuttles"]
    # out and back of 10 h each, 1 h to turn as its rules say, 2 h more as its own code says, and 4 pieces unloaded
    ((*_, end),) = waited
    ends = sailed[0][5]
    assert end == pytest.approx(ends + 4 / 60 + 1 + 2 + 10, abs=1e-3)


def test_own_names_are_needed_to_read_it(scenario_file: Path) -> None:
    with nfm.extend():  # not theirs
        for registry in (MODES, nfm.kinds.POLICIES):
            assert isinstance(registry, Registry)
    nfm.kinds.adopt(())
    try:
        with pytest.raises(InputError) as error:
            nfm.read_scenario(scenario_file)
    finally:
        nfm.kinds.adopt(own_kinds.KINDS)
    for fault in (
        'policy "evenly" must be one of strict, weights, reserved, or your own, which nfm_sim.extend adds',
        "movement.shuttle is not a known key",
        "disruptions.flood.bridges is not a known key",
        "trucks.capacity",
    ):
        assert fault in str(error.value)


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(InputError, match='"shuttle" is a mode already'):
        nfm.extend(nfm.kinds.ModeKind(**{**vars(own_kinds.SHUTTLE), "noun": "others"}))


def giving(kind: type[kinds.choices.Choice], answer: Any) -> kinds.choices.Choice:
    """A choice that always gives this."""
    return kind("mine", "", lambda *asked: answer)


class Below(nfm.kinds.Family):
    """Some draws are no hours."""

    name = "below"
    parameters: ClassVar = {"low": nfm.kinds.Parameter("Hours.")}

    def quantile(self, u: Any, low: Any) -> Any:
        return u - low


HIT = {"start_h": 1, "duration_h": 1}


BY_TRUCK = "return a dict with a dict by class of the pieces that go by each of train, column, truck, barge"
TO_BORDER = "return a tuple of legs, each from where the last ends, from harbour to border"
TWO_TASKS = {
    "tasks": {"regional_plans": {}, "host_nation_support": {}, "a": {"commitments": {"b": {"capability": "infantry"}}}},
    "elements": {"e": {"capability": "infantry", "home": "barracks", "tier": 1}},
}
QUAY = {"berths": 1, "ramps": {"capacity": 1, "rate_per_h": 10}, "gangs": 1}
LOST = {
    "disruptions": {"x": {"facilities": ["harbour.berths"], "start_h": 0, "duration_h": 9}},
    "places": {"railhead": {**QUAY, "truck_ramps": {"capacity": 1, "rate_per_h": 2}}},
    "flows": {"flow": {**one_ship("truck", 4), "diverts_to": {"railhead": 2}}},
}
NO_LINK = kinds.Hits(links=["road9"], pools=[("harbour", "rams"), ("harbour", "ramps")])


KEYS = {kinds.Policy: "policy", kinds.Routing: "routing", kinds.Diversion: "diversion", kinds.ModeChoice: "mode_choice"}


@pytest.mark.parametrize(
    ("kind", "answer", "changes", "said"),
    [
        (kinds.ModeChoice, {"truck": {"wheeled": 3}}, {}, rf"returns {{'truck': {{'wheeled': 3}}}}; {BY_TRUCK}"),
        (kinds.ModeChoice, {"truck": {"wheeled": 5}, "column": {"wheeled": -1}}, {}, f"returns .*; {BY_TRUCK}"),
        (kinds.ModeChoice, {"truck": {"wheeled": 4.0}}, {}, f"returns .*; {BY_TRUCK}"),
        (kinds.ModeChoice, {"airship": {"wheeled": 4}}, {}, f"returns .*; {BY_TRUCK}"),
        (kinds.ModeChoice, None, {}, f"returns None; {BY_TRUCK}"),
        (kinds.Routing, (), {}, rf"returns \(\); {TO_BORDER}"),
        (kinds.Routing, None, {}, f"returns None; {TO_BORDER}"),
        (kinds.Routing, ("harbour", "border"), {}, rf"returns \('harbour', 'border'\); {TO_BORDER}"),
        (kinds.Policy, None, TWO_TASKS, "returns None; return a tuple of numbers, of which the lower goes first"),
        (kinds.Policy, (1, "b"), TWO_TASKS, r"returns \(1, 'b'\); return a tuple of numbers"),
        (
            kinds.Diversion,
            "antwerp",
            LOST,
            "returns 'antwerp'; return a port to which flow/ship may go: harbour, railhead",
        ),
        (kinds.Diversion, [], LOST, r"returns \[\]; return a port to which flow/ship may go"),
        (kinds.TargetKind, NO_LINK, {}, r"returns .*; .* are there, not road9, \('harbour', 'rams'\)"),
        (kinds.TargetKind, ["road1"], {}, r"returns \['road1'\]; return Hits\("),
    ],
)
def test_an_answer_that_is_none_is_said_of_the_kind_that_gave_it(
    kind: type[kinds.choices.Choice], answer: Any, changes: dict[str, Any], said: str
) -> None:
    chosen = {"disruptions": {"x": {"mine": ["a"], **HIT}}} if kind is kinds.TargetKind else {KEYS[kind]: "mine"}
    with nfm.extend(giving(kind, answer)):
        data = coast_data(**{"flows": {"flow": one_ship("truck", 4)}, **changes, **chosen})
        with pytest.raises(InputError, match=f'^nfm_sim: {kind.__name__} "mine" {said}'):
            nfm.simulate(build_scenario(data, coast()), seed=1)


def no_rank(commitment: Any) -> tuple[int]:
    return (1,)


def fails(*asked: Any) -> Any:
    return 1 / len(())


LINE = fails.__code__.co_firstlineno + 1


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        (kinds.Policy("mine", "", fails), TWO_TASKS, rf"line {LINE} Policy mine fails \(ZeroDivisionError: div"),
        (
            kinds.Policy("mine", "", no_rank),
            TWO_TASKS,
            r"Policy mine fails \(TypeError: no_rank\(\) takes 1 positional",
        ),
        (kinds.ModeChoice("mine", "", fails), {}, rf"line {LINE} ModeChoice mine fails \(ZeroDivisionError"),
    ],
)
def test_what_a_choice_raises_is_told_with_its_line(kind: Any, changes: dict[str, Any], said: str) -> None:
    with nfm.extend(kind):
        data = coast_data(**{"flows": {"flow": one_ship("truck", 4)}, **changes, KEYS[type(kind)]: "mine"})
        with pytest.raises(InputError, match=f"test_recipes.py: {said}"):
            nfm.simulate(build_scenario(data, coast()), seed=1)


def test_a_way_with_a_gap_is_none() -> None:
    with nfm.extend(kinds.Routing("leaps", "", lambda control, trip, at, legs: legs[-1:])):
        data = coast_data(flows={"flow": one_ship("column", 4)}, routing="leaps")
        with pytest.raises(InputError, match=f'"leaps" returns .Leg.*; {TO_BORDER}'):
            nfm.simulate(build_scenario(data, coast()), seed=1)


def test_a_distribution_without_hours_is_said_of_its_family() -> None:
    with nfm.extend(Below()):
        flow = one_ship("truck", 4, lateness_h={"below": {"low": 2}})
        with pytest.raises(InputError, match=r'^nfm_sim: distribution "below" gives no hours of 0 or more'):
            nfm.simulate(build_scenario(coast_data(flows={"flow": flow}), coast()), seed=1)


class Words(Below):
    """A family that gives no numbers."""

    name = "words"

    def quantile(self, u: Any, low: Any) -> Any:
        return "late"


def test_a_distribution_that_fails_is_told_by_its_family() -> None:
    with nfm.extend(Words()):
        flow = one_ship("truck", 4, lateness_h={"words": {"low": 2}})
        with pytest.raises(
            InputError, match=r"test_recipes.py: distribution words fails \(ValueError: could not convert"
        ):
            nfm.simulate(build_scenario(coast_data(flows={"flow": flow}), coast()), seed=1)


def test_a_mode_without_a_network_flies_at_its_speed_by_air() -> None:
    balloon = nfm.kinds.ModeKind(
        name="balloon", meaning="", noun="balloons", network="", loaded_at="", colour="#000000", rules=ModeRules
    )
    data = coast_data(flows={"flow": one_ship("balloon", 1)})
    data["destinations"]["east"]["exits"] = {"balloon": "border"}
    with nfm.extend(balloon):
        data["movement"]["balloon"] = {"speed_kmh": {"road": 50}}
        with pytest.raises(InputError, match=r'movement.balloon.speed_kmh has no speed by "air"'):
            nfm.simulate(build_scenario(data, coast()))
        data["movement"]["balloon"] = {"speed_kmh": {"air": 68.46}}  # 136.9 km from 4 to 6 degrees east
        assert nfm.closure(nfm.simulate(build_scenario(data, coast())))["last_h"].to_list() == pytest.approx(
            [2.1], abs=0.01
        )


@pytest.mark.parametrize("thing", [5, Below, giving])
def test_what_is_no_declaration_is_refused(thing: Any) -> None:
    with pytest.raises(InputError, match="is no declaration, such as Policy"):
        nfm.extend(thing)


def test_a_factor_stretches_hours_and_leaves_a_shape_alone(scenario: nfm.Scenario) -> None:
    values = dict.fromkeys(scenario.uncertain, 2.0)
    ship = scenario.drawn(values).flows["flow"].ships["ship"]
    assert ship.lateness_h.as_written() == {"weibull": {"shape": 2.0, "scale": 12.0}}


def test_it_counts_in_the_operation(scenario: nfm.Scenario) -> None:
    run = nfm.simulate(scenario, seed=1)
    assert nfm.measures.operation(run).select("trucks", "others").row(0) == (2, 2)
    assert nfm.measures.departures_by_day(run)["mode"].unique().sort().to_list() == ["shuttle", "truck"]


def test_every_measure_takes_it(scenario: nfm.Scenario) -> None:
    run = nfm.simulate(scenario, seed=1)
    for name in COLUMNS:
        measure = getattr(nfm.measures, name, None)
        needs = (
            [p for p in list(inspect.signature(measure).parameters.values())[1:] if p.default is p.empty]
            if measure
            else []
        )
        if measure is not None and not needs:
            measure(run)


def _takes_a_record_alone(measure: Callable[..., object]) -> bool:
    _, *others = inspect.signature(measure).parameters.values()
    return all(parameter.default is not parameter.empty for parameter in others)


def test_every_figure_takes_it(scenario: nfm.Scenario, tmp_path: Path) -> None:
    run = nfm.simulate(scenario, seed=1)
    for name, ax in nfm.plots.drawn(run):
        nfm.plots.save(ax, tmp_path / f"{name}.png")
    ways = dict(nfm.plots.drawn(run, ["ways", "departures"]))
    assert "shuttles: 8" in [text.get_text() for text in ways["ways"].texts]
    assert "shuttles" in [text.get_text() for text in ways["departures"].texts]
    nfm.plots.save(own_kinds.modes(run), tmp_path / "own.png")


def test_studies_keep_the_digest_of_its_code_and_go_on_with_the_same_alone(
    scenario: nfm.Scenario, tmp_path: Path
) -> None:
    study = nfm.replicate(scenario, 4, seed=3, jobs=2, out=tmp_path / "study", measures=[own_kinds.pieces_by_mode])
    assert study.answer("pieces_by_mode").filter(mode="shuttle")["pieces"].to_list() == [8] * 4
    alone = nfm.replicate(scenario, 4, seed=3, jobs=1)
    assert study.answer("closure").equals(alone.answer("closure"))
    assert nfm.verify(tmp_path / "study").sound
    assert None not in study.manifest["kinds"].values()
    nfm.kinds.adopt((*own_kinds.KINDS, nfm.kinds.Policy("other", "Another.", own_kinds.evenly)))
    with pytest.raises(InputError, match="the kinds of your own"):
        nfm.replicate(scenario, 5, seed=3, jobs=1, out=tmp_path / "study", measures=[own_kinds.pieces_by_mode])
    nfm.kinds.adopt(own_kinds.KINDS)


def test_every_command_takes_it(scenario_file: Path, tmp_path: Path) -> None:
    own = ("--extend", tmp_path / "my_kinds.py")
    nfm.kinds.adopt(())
    code = Path(own_kinds.__file__).read_text()
    (tmp_path / "my_kinds.py").write_text(f"{code}\n\nnfm.extend(*KINDS)\n")
    study, pair = tmp_path / "study", tmp_path / "pair"
    lines = [
        ("validate", scenario_file),
        ("explain", scenario_file),
        ("run", scenario_file, "--seed", 7, "--out", tmp_path / "run", "--figures"),
        ("study", scenario_file, "--replications", 4, "--jobs", 2, "--out", study),
        (
            "compare",
            scenario_file,
            "--change",
            "two shuttles: pools.shuttles.capacity = 2",
            "--replications",
            4,
            "--out",
            pair,
        ),
        ("prices", scenario_file, "--replications", 4, "--quantity", "closure"),
        ("programme", scenario_file, "--by", 6, "--replications", 2, "--confirming", 2),
        ("plot", study, "--out", tmp_path / "figures"),
        ("export", study, tmp_path / "tables", "--to", "csv"),
        ("verify", study),
        ("report", study, "--out", tmp_path / "page.html"),
        ("schema",),
    ]
    try:
        said = {}
        for command, *words in lines:
            done = called(*own, command, *words)
            assert done.returncode == 0, (command, done.stderr)
            said[command] = done.stdout
        assert "shuttle" in json.dumps(json.loads(said["schema"])["$defs"]["Destination"]["properties"]["exits"])
        assert "shuttles" in said["prices"]
    finally:
        nfm.kinds.adopt(own_kinds.KINDS)


def test_a_file_to_extend_by_has_a_name_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "random.py").write_text("")
    for name, said in (("random.py", "has the name of a Python module"), ("no.py", "is no file")):
        done = called("--extend", tmp_path / name, "schema")
        assert (done.returncode, said in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nfm_sim\n\ndef mine(:\n", "line 3 cannot be imported (SyntaxError: invalid syntax)"),
        ("\nimport ships_of_mine", "line 2 cannot be imported (ModuleNotFoundError: No module named 'ships_of_mine')"),
        ("def f():\n    return 1 / 0\n\nf()\n", "line 2 cannot be imported (ZeroDivisionError: division by zero)"),
        ("raise SystemExit", "line 1 cannot be imported (SystemExit)"),
        ("import nfm_sim as nfm\nnfm.extend(5)", 'extend: "5" is no declaration, such as Policy.of(function)'),
        ("a = '\x00'", "cannot be imported ("),
    ],
)
def test_a_file_to_extend_by_that_cannot_be_imported_is_named_with_the_line(
    tmp_path: Path, code: str, said: str
) -> None:
    file = tmp_path / f"kinds_{abs(hash(code))}.py"  # a name is imported once a process
    file.write_text(code)
    done = called("--extend", file, "schema")
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (2, "", False)
    assert said in done.stderr
    assert (str(file) in done.stderr) == ("extend:" not in said)


def test_the_places_that_the_architecture_names_are_there() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    table = page.partition("## Where a new thing goes")[2].partition("\n## ")[0]
    named = re.findall(r"`([\w/]+/(?:\w+\.(?:py|csv))?)`", table)
    assert len(named) > 20
    missing = [name for name in named if not any((ROOT / above / name).exists() for above in ("src/nfm_sim", "."))]
    assert not missing


def test_a_number_of_its_rules_is_uncertain_by_its_path(scenario: nfm.Scenario) -> None:
    slow = {"value": 2, "paths": ["movement.shuttle.turn_h"]}
    drawn = scenario.with_changes({"uncertainty": {"slow": slow}})
    assert drawn.drawn(dict.fromkeys(drawn.uncertain, 2.0)).movement.of("shuttle").turn_h == 2
