"""Every kind of fault in a scenario file: named with file, key, value and remedy, all at once."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario, read_scenario
from tests.conftest import ROOT, coast, coast_data, one_ship

NETWORK = coast()


def faults(data: dict[str, Any]) -> list[str]:
    with pytest.raises(InputError) as error:
        build_scenario(data, NETWORK, file="s.toml")
    return [str(problem).removeprefix("s.toml: ") for problem in error.value.problems]


def with_call(**call: Any) -> dict[str, Any]:
    flow = one_ship("truck", 1)
    flow["ships"]["ship"]["calls"][0].update(call)
    return coast_data(flows={"flow": flow})


def with_post(home: str = "guard/post", **fields: Any) -> dict[str, Any]:
    """A guard task, and an element that serves it at hour 0."""
    post = {"capability": "infantry", **fields}
    soldiers = {"home": "barracks", "capability": "infantry"}
    return coast_data(
        tasks={"regional_plans": {}, "guard": {"commitments": {"post": post}}},
        elements={"a": {**soldiers, "commitment": home}, "b": {**soldiers, "capability": "signals"}},
    )


CASES = {
    "an element of another capability": (
        with_post(capability="signals"),
        'elements.a.commitment "guard/post" does not ask for its capability, "infantry"',
    ),
    "an element that serves before it begins": (
        with_post(from_day=3),
        'elements.a.commitment "guard/post" does not run yet at hour 0; take away its from_day',
    ),
    "an element that moves itself and has pieces to move": (
        coast_data(
            elements={
                "jets": {"tier": 1, "home": "barracks", "destination": "east", "deploys_h": 9, "pieces": {"wheeled": 2}}
            },
            shares={"wheeled": {"truck": 1}},
        ),
        "elements.jets.deploys_h is for elements that move themselves, without pieces",
    ),
    "more elements than a commitment asks for": (
        {**(posted := with_post()), "elements": {**posted["elements"], "c": {**posted["elements"]["a"]}}},
        'elements.c.commitment "guard/post" asks for 1, and other elements fill it already',
    ),
    "a list in place of tables, in which names are looked for": (
        {**coast_data(), "activation": []},
        "activation must be a table of keys",
    ),
    "two loads of a class of pieces": (
        coast_data(
            elements={"bat": {"home": "barracks", "tier": 1, "destination": "east"}},
            supply={
                "t_a_day": {"food": 1, "fuel": 1},
                "classes": {"food": {"piece": "box", "load_t": 5}, "fuel": {"piece": "box", "load_t": 9}},
                "stocks": {"far": {"place": "border", "destination": "east", "days": 3}},
            },
            classes={"box": {}},
        ),
        'supply.classes.food.load_t "5" moves in a box as another class of supply does, which has other tonnes',
    ),
    "a stock that is sent from nowhere": (
        coast_data(
            supply={
                "stocks": {
                    "far": {"destination": "east", "drawn_from": "near", "days": 3},
                    "near": {"drawn_from": "mine", "lead_h": 9, "days": 3},
                    "mine": {"place": "harbour", "days": 30},
                }
            }
        ),
        'supply.stocks.far.drawn_from "near" has no place where loads begin; give it one, or this lead_h',
    ),
    "a centre of support that is nowhere": (
        coast_data(
            supply={
                "stocks": {
                    "mine": {"place": "harbour", "days": 30},
                    "stop": {"drawn_from": "mine", "lead_h": 9, "days": 3, "each_vehicle_kg": {"fuel": 50}},
                }
            }
        ),
        "supply.stocks.stop must have a place, where columns that take each_vehicle_kg rest",
    ),
    "a push with rules of ordering": (
        coast_data(
            supply={
                "stocks": {
                    "mine": {"place": "harbour", "days": 30},
                    "far": {"drawn_from": "mine", "lead_h": 9, "days": 3, "daily_t": {"food": 1}, "review_h": 24},
                }
            }
        ),
        "supply.stocks.far must have either daily_t or rules of ordering",
    ),
    "a longest tour that is shorter than the tour": (
        with_post(tour_days=30, longest_tour_days=20),
        "tasks.guard.commitments.post must have a longest tour no shorter than the tour",
    ),
    "an amount of a pool that goes somewhere": (
        {
            **posted,
            "tasks": {"guard": {"commitments": {"post": {"pool": "guards", "destination": "east"}}}},
            "pools": {"guards": {"capacity": 1}},
        },
        "tasks.guard.commitments.post must ask for elements, if it has a destination where their pieces go",
    ),
    "civil traffic without cars": (
        coast_data(movement={"civil": {"road": {"weekday": [0] * 24}}}),
        "movement.civil must have traffic in some hour of its week",
    ),
    "an unknown commitment": (
        with_post("guard/pots"),
        'elements.a.commitment "guard/pots" is no "task/commitment" of [tasks] (did you mean "guard/post"?)',
    ),
    "a capability that nobody has": (
        with_post(capability="infantry | signal"),
        'tasks.guard.commitments.post.capability "signal" is a capability of no element (did you mean "signals"?)',
    ),
    "half an element": (with_post(number=1.5), "tasks.guard.commitments.post must ask for a whole number of elements"),
    "both a pool and a capability": (
        {**with_post(pool="guards"), "pools": {"guards": {"capacity": 1}}},
        "tasks.guard.commitments.post must ask for either a capability or a pool",
    ),
    "a loss of links": (
        coast_data(disruptions={"x": {"links": ["road1"], "start_h": 1, "duration_h": 1, "loss_share": 0.5}}),
        "disruptions.x must not have loss_share without pools, facilities or nodes: of links nothing is lost",
    ),
    "a commitment that ends before it begins": (
        with_post(until_day=2, from_day=3),
        "tasks.guard.commitments.post must end after it begins",
    ),
    "a name that the record uses": (
        coast_data(tasks={"regional_plans": {"commitments": {"offers": {"capability": "x"}}}}),
        'tasks.regional_plans.commitments.offers must be another name, without "/" and none of offers',
    ),
    "a slash in the name of a task": (
        coast_data(tasks={"regional_plans": {}, "eu/un": {}}),
        'tasks.eu/un must not have "/" in its name',
    ),
    "an unknown stage of a task": (
        coast_data(tasks={"regional_plans": {"stages": ["recal"]}}, activation={"stages": {"recall": {}}}),
        'tasks.regional_plans.stages.0 "recal" is not in [activation.stages] (did you mean "recall"?)',
    ),
    "an unknown task to activate for": (
        coast_data(tasks={"regional_plans": {}}, activation={"task": "regional_plan"}),
        'activation.task "regional_plan" is not in [tasks] (did you mean "regional_plans"?)',
    ),
    "a flow of an unknown task": (
        coast_data(tasks={"regional_plans": {}}, flows={"flow": one_ship("truck", 5)}),
        'flows.flow.task "host_nation_support" is not in [tasks]',
    ),
    "an unknown task of a regime": (
        coast_data(regimes={"crisis": {"may_withdraw": {"ukrane": True}}}, tasks={"ukraine": {}, "regional_plans": {}}),
        'regimes.crisis.may_withdraw.ukrane "ukrane" is not in [tasks] (did you mean "ukraine"?)',
    ),
    "unknown key": (coast_data(horizon_day=3), 'horizon_day is not a known key (did you mean "horizon_days"?)'),
    "missing key": ({k: v for k, v in coast_data().items() if k != "g_day"}, "g_day is missing; add it"),
    "wrong type": (coast_data(horizon_days="ten"), 'horizon_days "ten" must be a number'),
    "a date for a day": (
        coast_data(flows={"flow": {**one_ship("truck", 1), "required_day": date(2027, 1, 5)}}),
        'flows.flow.required_day "2027-01-05" must be a number; a date stands in `g_day` alone, and days count from it',
    ),
    "out of range": (coast_data(horizon_days=-1), 'horizon_days "-1" must be at least 0.05'),
    "unknown port": (
        with_call(port="harbor"),
        'flows.flow.ships.ship.calls.0.port "harbor" is not in coast (did you mean "harbour"?)',
    ),
    "unknown class": (
        with_call(pieces={"wheels": 3}),
        'flows.flow.ships.ship.calls.0.pieces.wheels "wheels" is not in [classes] (did you mean "wheeled"?)',
    ),
    "unknown destination": (
        with_call(destination="eats"),
        'flows.flow.ships.ship.calls.0.destination "eats" is not in [destinations] (did you mean "east"?)',
    ),
    "unknown pool": (
        coast_data(activation={"stages": {"materiel": {"pool": "bay"}}}, pools={"bays": {"capacity": 1}}),
        'activation.stages.materiel.pool "bay" is not in [pools] (did you mean "bays"?)',
    ),
    "unknown enabler": (
        coast_data(elements={"hq": {"tier": 1, "home": "barracks", "requires": ["signal"]}}),
        'elements.hq.requires.0.0 "signal" is not in the force elements',
    ),
    "unknown tier": (
        coast_data(elements={"hq": {"tier": 4, "home": "barracks"}}),
        'elements.hq.tier "4" must be at most 3',
    ),
    "unknown stage": (
        coast_data(elements={"hq": {"tier": 1, "home": "barracks", "hours": {"recal": 3}}}),
        "elements.hq.hours.recal is no stage of [activation.stages]",
    ),
    "shares that do not add up": (
        coast_data(shares={"wheeled": {"train": 0.5, "truck": 0.4}}),
        'shares.wheeled "0.9" must add up to 1',
    ),
    "no shares": (
        with_call(pieces={"tracked": 3}),
        'flows.flow.ships.ship.calls.0.pieces.tracked "3" has no [shares.tracked]; say how it moves',
    ),
    "no exit": (
        {**with_call(), "destinations": {"east": {"exits": {"train": "border"}}}},
        'flows.flow.ships.ship.calls.0.destination "east" goes partly by truck, for which '
        "destinations.east.exits has no exit",
    ),
    "no way": (
        coast_data(
            shares={"tracked": {"train": 1}},
            elements={"bat": {"tier": 1, "home": "barracks", "destination": "east", "pieces": {"tracked": 3}}},
        ),
        'elements.bat.destination "east" cannot be reached by train: "barracks" has no rail link in coast; choose '
        "a node that has one, and name it as railhead",
    ),
    "no facility": (
        with_call(port="railhead"),
        'flows.flow.ships.ship.calls.0 "railhead" needs truck_ramps there; give places.railhead.truck_ramps a '
        "capacity and a rate_per_h",
    ),
    "facility of no place": (
        coast_data(places={"harbour": {"berth": {"rate_per_h": 3}}}),
        'places.harbour.berth is no facility of harbour (did you mean "berths"?); give it a capacity to add it',
    ),
    "two distributions": (
        coast_data(activation={"decision_h": {"fixed": 3, "uniform": [1, 2]}}),
        "activation.decision_h must give exactly one of fixed, uniform, triangular, pert, gamma, lognormal, "
        "exponential",
    ),
    "corners out of order": (
        coast_data(activation={"decision_h": {"pert": [12, 6, 72]}}),
        "activation.decision_h.pert must have the corners of pert in rising order",
    ),
    "opening hours": (
        coast_data(movement={"column": {"driving": ["21h-5h"]}}),
        'movement.column.driving.0 "21h-5h" must look like "06:00-22:00" or "mon-fri 21:00-05:00"',
    ),
    "an unknown kind of stage": (
        coast_data(activation={"stages": {"materiel": {"kind": "repairs"}}}),
        "activation.stages.materiel",
    ),
    "an unknown regime": (
        coast_data(regimes={"crisis": {}}, timeline=[{"regime": "crises", "day": 0}]),
        'timeline.0.regime "crises" is not in [regimes] (did you mean "crisis"?)',
    ),
    "a depot without docks": (
        coast_data(
            activation={"stages": {"issue": {"kind": "issue"}}},
            elements={"bat": {"tier": 1, "home": "barracks", "depot": "halt"}},
        ),
        'elements.bat.depot "halt" needs docks there; give places.halt.docks a capacity and a rate_per_h',
    ),
    "a formation without elements": (
        coast_data(formations={"brigade": {}}),
        "formations.brigade has no elements; name them, or name it as their parent",
    ),
    "an unknown early stage": (
        coast_data(activation={"stages": {"recall": {}}, "pre_alert_stages": ["recal"]}),
        'activation.pre_alert_stages.0 "recal" is not in [activation.stages] (did you mean "recall"?)',
    ),
    "disruption of a link that is not there": (
        coast_data(disruptions={"x": {"links": ["road9"], "start_h": 1, "duration_h": 2}}),
        'disruptions.x.links "road9" is not in coast (did you mean "road4"?)',
    ),
    "disruption of a facility that is not there": (
        coast_data(disruptions={"x": {"facilities": ["harbour.berth"], "start_h": 1, "duration_h": 2}}),
        'disruptions.x.facilities "harbour.berth" is not in the facilities of the network and [places]'
        ' (did you mean "harbour.berths"?)',
    ),
    "disruption of a ship that is not there": (
        coast_data(
            flows={"flow": one_ship("truck", 1)},
            disruptions={"x": {"ships": ["flow/shop"], "start_h": 1, "duration_h": 2}},
        ),
        'disruptions.x.ships "flow/shop" is not in the ships of [flows] (did you mean "flow/ship"?)',
    ),
    "disruption of nothing": (
        coast_data(disruptions={"x": {"start_h": 1, "duration_h": 2}}),
        "disruptions.x must name anywhere, nodes, lines, links, facilities, pools, ships",
    ),
    "disruption that comes back at once": (
        coast_data(disruptions={"x": {"links": ["road1"], "start_h": 1, "duration_h": 2, "times": 2}}),
        "disruptions.x must have every_h when it happens several times",
    ),
    "ship that is longer than its quay": (
        coast_data(flows={"flow": one_ship("truck", 1, length_m=290)}, places={"harbour": {"quay_m": 200}}),
        'flows.flow.ships.ship.length_m "290" is longer than the quay of harbour (200 m), where it may call',
    ),
    "fewer beds than a column needs": (
        coast_data(
            places={"halt": {"beds": 30}},
            movement={
                "column": {
                    "rests": [{"activity": "night", "after_h": 4, "hours": 8, "facility": "beds", "per_vehicle": 2}]
                }
            },
        ),
        'movement.column.rests.0.per_vehicle "2" asks for 40 a column; halt has 30: it would wait for ever',
    ),
    "a requirement that nothing can meet": (
        coast_data(elements={"hq": {"tier": 1, "home": "barracks", "requires": [[]]}}),
        "elements.hq.requires.0 must have 1 values or more, not 0",
    ),
    "barge of no class": (
        coast_data(movement={"barge": {"cemt": "Vc"}}),
        'movement.barge.cemt "Vc" must be one of I, II, III, IV, Va, Vb, VIa, VIb, VIc, VII (did you mean "VIc"?)',
    ),
    "calls out of order": (
        coast_data(
            flows={
                "flow": {
                    **one_ship("truck", 1),
                    "ships": {
                        "ship": {
                            "calls": [
                                {"port": "harbour", "day": 2, "pieces": {"wheeled": 1}},
                                {"port": "harbour", "day": 1, "pieces": {"wheeled": 1}},
                            ]
                        }
                    },
                }
            }
        ),
        'flows.flow.ships.ship.calls.1.day "1" must not be before the ship\'s previous call',
    ),
}


@pytest.mark.parametrize(("data", "fault"), CASES.values(), ids=CASES.keys())
def test_each_kind_of_fault_says_its_remedy(data: dict[str, Any], fault: str) -> None:
    found = faults(data)
    assert any(line.startswith(fault) for line in found), found


def test_what_lies_on_a_bound_is_no_fault() -> None:
    """A ship as long as its quay, a commitment of one that one serves, and beds for just the vehicles of a column."""
    night = {"activity": "night", "after_h": 4, "hours": 8, "facility": "beds", "per_vehicle": 2}
    movement = coast_data()["movement"]
    movement["column"] |= {"rests": [night], "vehicles": 20}
    places = {"harbour": {"quay_m": 290}, "halt": {"beds": 40}}
    served = {key: with_post()[key] for key in ("tasks", "elements")}
    flows = {"flow": {**one_ship("truck", 1, length_m=290), "task": "guard"}}
    build_scenario(coast_data(flows=flows, places=places, movement=movement, **served), NETWORK)


def test_faults_of_form_and_of_fit_are_said_together() -> None:
    data = with_call(port="harbor")
    data["shares"] = {"tracked": {"train": 0.5}}
    data["pools"] = {"trucks": {"capacity": -1}}
    assert [line.split(" ")[0] for line in faults(data)] == [
        "pools.trucks.capacity",
        "flows.flow.ships.ship.calls.0.port",
        "shares.tracked",
    ]


def test_who_names_an_entry_with_a_fault_has_none_of_its_own() -> None:
    data = with_post(overlap_days="x")
    assert faults(data) == ['tasks.guard.commitments.post.overlap_days "x" must be a number']
    data["pools"] = 3
    data["movement"]["train"]["wagons"] = {"flat_wagons": {"tare_t": 20}}
    assert [fault.split(" ")[0] for fault in faults(data)] == ["pools", "tasks.guard.commitments.post.overlap_days"]
    data["pools"] = {"teams": {"capacity": "x"}}
    data["elements"]["a"]["commitment"] = "guard/pst"
    data["tasks"]["guard"]["commitments"]["post"].pop("overlap_days")
    assert any('commitment "guard/pst" is no' in fault for fault in faults(data)), "which stands with another's fault"


def test_what_an_entry_with_a_fault_would_give_is_not_missing() -> None:
    data = with_post()
    data["elements"]["a"]["tier"] = "x"
    assert faults(data) == ['elements.a.tier "x" must be a whole number'], "b alone is no infantry"


def test_shares_with_a_fault_are_not_missing() -> None:
    assert faults(coast_data(shares={"wheeled": {"truck": 60, "train": 0}}, flows={"a": unshared()})) == [
        'shares.wheeled.truck "60" must be at most 1'
    ]
    assert faults(coast_data(shares={}, flows={"a": unshared()})) == [
        'flows.a.ships.ship.calls.0.pieces.wheeled "1" has no [shares.wheeled]; say how it moves'
    ]


def unshared() -> dict[str, Any]:
    """A flow of one piece that goes as the shares of the scenario say."""
    flow = one_ship("truck", 1)
    del flow["shares"]
    return flow


def test_an_entry_with_a_fault_hides_none_whose_value_is_its_name() -> None:
    data = coast_data(
        flows={"2": {**one_ship("truck", 1), "priority": "x"}},
        regimes={"crisis": {}, "war": {}},
        timeline=[{"regime": "crisis", "day": 2}, {"regime": "war", "day": 2}],
    )
    assert [fault.split(" ")[0] for fault in faults(data)] == ["flows.2.priority", "timeline.1.day"]


def test_a_load_that_cannot_stand_in_the_yard_is_a_fault() -> None:
    from nfm_sim.compile import compile_scenario

    data = coast_data(flows={"flow": one_ship("train", 20)}, places={"harbour": {"yard_m2": 100}})
    with pytest.raises(InputError, match=r'places.harbour.yard_m2 "100" is smaller than flow/ship/harbour/train-001'):
        compile_scenario(build_scenario(data, NETWORK))


def write(folder: Path, toml: str, table: str | None = None) -> Path:
    network = ROOT / "networks/netherlands"
    file = folder / "s.toml"
    file.write_text(f'title = "t"\nnetwork = "{network}"\ng_day = 2027-01-04T00:00:00\nhorizon_days = 5\n{toml}')
    if table is not None:
        (folder / "elements.csv").write_text(table)
    return file


def file_faults(file: Path) -> list[str]:
    with pytest.raises(InputError) as error:
        read_scenario(file)
    return [str(problem).removeprefix(str(file.parent) + "/") for problem in error.value.problems]


def test_a_table_names_its_own_file_and_row(tmp_path: Path) -> None:
    table = "element,tier,home,pieces.wheeled\n11_infbat,9,g_schaarsbergn,10\n"
    assert file_faults(write(tmp_path, 'elements = "elements.csv"', table)) == [
        'elements.csv: elements.11_infbat.tier "9" must be at most 3',
        f'elements.csv: elements.11_infbat.home "g_schaarsbergn" is not in {ROOT}/networks/netherlands '
        '(did you mean "g_schaarsbergen"?)',
    ]


def test_a_table_with_ragged_lines_or_double_names_is_a_fault(tmp_path: Path) -> None:
    table = "element,tier,home\nx,1,g_havelte\nx,1,g_havelte\ny,1\n"
    assert file_faults(write(tmp_path, 'elements = "elements.csv"', table)) == [
        'elements.csv: line 3, element "x" must be a name that no other line has',
        'elements.csv: line 4 "y" has 2 cells where the headings are 3',
    ]


@pytest.mark.parametrize(
    ("toml", "fault"),
    [
        ("horizon_days = = 3", "is not TOML"),
        ('elements = "missing.csv"', 'elements "missing.csv" must name a table (CSV or .xlsx)'),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, toml: str, fault: str) -> None:
    assert fault in file_faults(write(tmp_path, toml))[0]


def test_a_missing_scenario_or_network_is_a_fault(tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory)" in file_faults(tmp_path / "none.toml")[0]
    file = tmp_path / "s.toml"
    file.write_text('title = "t"\nnetwork = "nowhere"\n')
    assert file_faults(file) == [
        's.toml: network "nowhere" must name a folder with node.csv and link.csv, from the scenario\'s own folder',
        "s.toml: g_day is missing; add it",
        "s.toml: horizon_days is missing; add it",
    ]


def test_what_cannot_be_read_is_told_with_all_else_that_is_wrong(tmp_path: Path) -> None:
    """A part that cannot be read is no reason for what is wrong elsewhere to be told at the next run; what follows from
    it is not told, and nothing of a file that lacks what it extends."""
    file = tmp_path / "s.toml"
    parts = [
        'network = "nowhere"',
        'elements = "none.csv"',
        'disruptions = "none.xlsx"',
        "title = 3",
        'g_day = "2027-01-04"',
        "horizon_days = -1",
        'flows.flow = { destination = "east", prioriti = 1, programme = { slots = "none.csv" } }',
        'programmes.all = { flows = ["flow"], slots = "nothing.csv" }',
    ]
    file.write_text("\n".join(parts))
    no_table = "must name a table (CSV or .xlsx), from the scenario's own folder"
    told = file_faults(file)
    assert told[:5] == [
        's.toml: network "nowhere" must name a folder with node.csv and link.csv, from the scenario\'s own folder',
        f's.toml: elements "none.csv" {no_table}',
        f's.toml: disruptions "none.xlsx" {no_table}',
        f's.toml: flows.flow.programme.slots "none.csv" {no_table}',
        f's.toml: programmes.all.slots "nothing.csv" {no_table}',
    ]
    assert [line.split()[1] for line in told[5:]] == ["title", "horizon_days", "flows.flow.prioriti"]
    (tmp_path / "base.toml").write_text('title = "b"\nnetwork = "elsewhere"')
    file.write_text("\n".join(['extends = ["none.toml", "base.toml"]', *parts[1:]]))
    told = file_faults(file)
    assert told[0].startswith('s.toml: extends "none.toml"')
    assert told[1].startswith('base.toml: network "elsewhere"')
    assert [line.split()[1] for line in told[2:]] == [
        "elements",
        "disruptions",
        "flows.flow.programme.slots",
        "programmes.all.slots",
    ]


def test_a_scenario_that_extends_nothing_or_itself_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text('extends = "none.toml"')
    assert file_faults(file) == ['s.toml: extends "none.toml" must name a scenario file, from this one\'s own folder']
    file.write_text('extends = "s.toml"')
    assert "is it a circle?" in file_faults(file)[0]


def test_a_fault_is_of_the_table_that_is_laid_over_another(tmp_path: Path) -> None:
    network = f'network = "{ROOT / "networks/netherlands"}"'
    (tmp_path / "under.csv").write_text("element,tier,home\nbat,1,g_utrecht\n")
    (tmp_path / "over.csv").write_text("element,tier,home\nbat,9,g_utrecht\n")
    (tmp_path / "base.toml").write_text(
        f'title = "b"\ng_day = 2027-01-04\nhorizon_days = 3\nelements = "under.csv"\n{network}'
    )
    file = tmp_path / "s.toml"
    file.write_text('extends = "base.toml"\nelements = "over.csv"')
    assert [line.split()[:2] for line in file_faults(file)] == [["over.csv:", "elements.bat.tier"]]


def test_a_fault_of_what_is_laid_over_a_table_is_of_the_file_where_it_stands(tmp_path: Path) -> None:
    network = f'network = "{ROOT / "networks/netherlands"}"'
    (tmp_path / "bats.csv").write_text("element,tier,home\nbat,9,g_utrecht\nother,1,g_utrecht\n")
    (tmp_path / "base.toml").write_text(
        f'title = "b"\ng_day = 2027-01-04\nhorizon_days = 3\nelements = "bats.csv"\n{network}'
    )
    file = tmp_path / "s.toml"
    file.write_text('extends = "base.toml"\n[elements]\nother.tier = 8\nother.hours.away = 2\nnew.tier = 1')
    told = [line.split()[:2] for line in file_faults(file)]
    assert told == [
        ["bats.csv:", "elements.bat.tier"],
        ["s.toml:", "elements.other.tier"],
        ["s.toml:", "elements.new.home"],
    ]
    (tmp_path / "more.csv").write_text("element,tier\nother,7\n")
    over = tmp_path / "over.toml"
    over.write_text('extends = "s.toml"\nelements = "more.csv"')
    told = [line.split()[:2] for line in file_faults(over)]
    assert ["more.csv:", "elements.other.tier"] in told
    file.write_text('extends = "base.toml"\n[elements.bat]\ntier = 1\nhours.away = 2')
    assert [line.split()[:2] for line in file_faults(file)] == [["s.toml:", "elements.bat.hours.away"]]
    file.write_text('extends = "base.toml"\nelements = 3')
    assert [line.split()[:2] for line in file_faults(file)] == [["s.toml:", "elements"]]
