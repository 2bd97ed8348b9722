"""What a planner gets wrong without a fault is a doubt, which names the value and what is usual."""

from typing import Any

import pytest

import nfm_sim as nfm
from nfm_sim.scenario import build_scenario
from nfm_sim.scenario.doubts import MISFITS, USUAL, unusual
from tests.conftest import ROOT, coast, coast_data, one_ship, wide_coast


def flow(**changes: Any) -> dict[str, Any]:
    return {"flows": {"flow": {**one_ship("truck", 4), **changes}}}


def east(**changes: Any) -> dict[str, Any]:
    exits = dict.fromkeys(["train", "column", "truck", "barge", "flight"], "border")
    return {"destinations": {"east": {"exits": exits, **changes}}}


def slots(port: str, mode: str = "truck") -> dict[str, Any]:
    return flow(programme={"slots": [{"day": 1, "port": port, "mode": mode, "loads": 3}]})


TRUCKS = {"pools": {"trucks": {"capacity": 9}}}
TIERED = {"bat": {"tier": 1, "home": "barracks", "capability": "infantry", "notice_to_move_days": 200}}
WEEK = {"truck": 36, "train": 3}
BLAST = {"links": ["road1"], "start_h": 30, "duration_h": 5}

LOSS = {"start_h": 5, "duration_h": 9, "left_share": 0.5}
ONE, TWO = {"capacity": 1}, {"capacity": 2}
GATES = {"places": {"harbour": {"gates": {"capacity": 2, "rate_per_h": 9}}}}

SLIPS: dict[str, tuple[dict[str, Any], str]] = {
    "factor in percent": (
        {**TRUCKS, "uncertainty": {"u": {"value": {"pert": [70, 100, 120]}, "paths": ["pools.*.capacity"]}}},
        'uncertainty.u.value "70 to 120" is unusual: 0.05 to 5 times (assumed); is it in percent?',
    ),
    "factor of a target in percent": (
        {"targets": {"2035": {"factors": {"other": 150}}}},
        'targets.2035.factors.other "150" is unusual: 0.05 to 10 times (assumed); is it in percent?',
    ),
    "loads in kg": (
        {"supply": {"classes": {"fuel": {"load_t": 22_000}}}},
        'supply.classes.fuel.load_t "22000" is unusual: 0.1 to 70 t',
    ),
    "hours carried": (
        {"supply": {"days_carried": {"food": 72}}},
        'supply.days_carried.food "72" is unusual: 0 to 30 days (assumed); is it in hours?',
    ),
    "width in cm": ({"classes": {"tracked": {"width_m": 350}}}, 'classes.tracked.width_m "350" is unusual: 1 to 6 m'),
    "height in cm": (
        {"classes": {"tracked": {"height_m": 310}}},
        'classes.tracked.height_m "310" is unusual: 1 to 7 m',
    ),
    "weight in kg": ({"classes": {"tracked": {"weight_t": 62_000}}}, 'weight_t "62000" is unusual: 0.1 to 200 t'),
    "trains at 6 km/h": (
        {"movement": {"train": {"speed_kmh": {"rail": 6}}}},
        'movement.train.speed_kmh.rail "6" is unusual: 20 to 160 km/h',
    ),
    "columns in m/s": ({"movement": {"column": {"speed_kmh": {"motorway": 8}}}}, 'motorway "8" is unusual: 10 to 100'),
    "train of 7 m": ({"movement": {"train": {"max_m": 7}}}, 'movement.train.max_m "7" is unusual: 150 to 1,500 m'),
    "hours beyond the border in days": (
        east(beyond_h={"train": 5}),
        'destinations.east.beyond_h.train "5" is unusual: 8 to 1,000 h',
    ),
    "one of them in days": (
        east(beyond_h={"truck": 3, "column": {"pert": [60, 84, 144]}}),
        'destinations.east.beyond_h.truck "3" is less than a tenth of the 84 hours by column; is it in days?',
    ),
    "ship in feet": (
        flow(ships={"s": {"length_m": 656, "calls": [{"port": "harbour", "day": 0}]}}),
        '"656" is unusual',
    ),
    "deadline in hours": ({"deadline_days": {"1": 720}}, 'deadline_days.1 "720" is unusual: 1 to 400 days'),
    "the year 2072": ({"g_day": "2072-01-04T00:00:00"}, 'g_day "2072" is unusual: 1990 to 2050'),
    "the year 1962": ({"g_day": "1962-01-04T00:00:00"}, 'g_day "1962" is unusual: 1990 to 2050'),
    "exit on the way": (east(exits={"truck": "lock"}), 'destinations.east.exits.truck "lock" is a lock on the way'),
    "task misspelt": (
        flow(task="host_nation_suport"),
        'flows.flow.task "host_nation_suport" is a task that nothing reads, as there are no [tasks] (did you mean '
        '"host_nation_support"?)',
    ),
    "task of elements misspelt": (
        {"activation": {"task": "regional_plan"}},
        'activation.task "regional_plan" is a task that nothing reads, as there are no [tasks] (did you mean '
        '"regional_plans"?)',
    ),
    "disruption after the horizon": (
        {"disruptions": {"blast": {**BLAST, "start_h": 9000}}},
        'disruptions.blast.start_h "9000" is not before the horizon, hour 240',
    ),
    "disruption at the horizon": (
        {"disruptions": {"blast": {**BLAST, "start_h": 240}}},
        'disruptions.blast.start_h "240" is not before the horizon, hour 240',
    ),
    "required when the first ship comes": (
        flow(required_day=1, ships={"s": {"calls": [{"port": "harbour", "day": 1, "pieces": {"wheeled": 1}}]}}),
        'flows.flow.required_day "1" is no later than day 1, on which the first of it comes',
    ),
    "disruption of no length": (
        {"disruptions": {"blast": {**BLAST, "duration_h": 0}}},
        'disruptions.blast.duration_h "0" is no time, so nothing happens',
    ),
    "disruption without a chance": ({"disruptions": {"blast": {**BLAST, "chance": 0}}}, '"0" is no chance'),
    "required before the first ship": (
        flow(required_day=0.5, ships={"s": {"calls": [{"port": "harbour", "day": 1, "pieces": {"wheeled": 1}}]}}),
        'flows.flow.required_day "0.5" is no later than day 1, on which the first of it comes',
    ),
    "slots where nothing comes": (slots("haven"), 'flows.flow.programme.slots "haven" is booked at, and nothing comes'),
    "slots for what does not go so": (
        slots("harbour", "train"),
        'programme.slots "train" is booked, and nothing goes so',
    ),
    "a rate of what does not go so": (
        flow(programme={"per_day": {"barge": 2}}),
        'flows.flow.programme "barge" is booked, and nothing goes so',
    ),
    "such a rate of one port": (
        flow(programme={"per_day_at": {"harbour": {"barge": 2}}}),
        'flows.flow.programme "barge" is booked, and nothing goes so',
    ),
    "diversion to its own port": (
        flow(diverts_to={"harbour": 6}),
        'flows.flow.diverts_to "harbour" is where its ships',
    ),
    "diversion in days": (
        flow(diverts_to={"haven": 0.25}),
        'flows.flow.diverts_to.haven "0.25" is unusual: 0.5 to 500 h',
    ),
    "notice beyond the deadline": (
        {"elements": TIERED},
        'elements.bat.notice_to_move_days "200" is more than its tier, 1, has until its deadline: of bat',
    ),
    "people who land in a port": (
        flow(airlifts={"a": {"airport": "harbour", "day": 0, "people": 40}}),
        'flows.flow.airlifts.a.airport "harbour" is no airport: its node_type is sea_port_terminal',
    ),
    "half of one berth": (
        {"disruptions": {"x": {**LOSS, "facilities": ["harbour.berths", "harbour.gates"]}}, **GATES},
        'disruptions.x.left_share "0.5" takes nothing of harbour.berths: that would be less than one',
    ),
    "half of one guard": (
        {"disruptions": {"x": {**LOSS, "pools": ["guards", "trucks"]}}, "pools": {"guards": ONE, "trucks": TWO}},
        'disruptions.x.left_share "0.5" takes nothing of guards: that would be less than one',
    ),
    "via far off the way": (
        {**flow(), **east(via={"truck": ["railhead"]})},
        'destinations.east.via.truck "railhead" makes 300 km of the 150 km from harbour to border',
    ),
}


def doubts(data: dict[str, Any]) -> list[str]:
    scenario = build_scenario(data, wide_coast())
    found = [*unusual(scenario, wide_coast()), *(fault for rule in MISFITS for fault in rule(scenario, wide_coast()))]
    assert [str(doubt) for doubt in scenario.doubts if doubt.remedy in {remedy for _, _, remedy in found}]
    return [f'{key} "{value}" {remedy}' for key, value, remedy in found]


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_of_the_pen_is_a_doubt(slip: str) -> None:
    changes, said = SLIPS[slip]
    (doubt, *_) = [text for text in doubts(coast_data(**changes)) if said in text] or [""]
    assert said in doubt


@pytest.mark.parametrize(
    "data",
    [
        coast_data(**flow(), **TRUCKS),
        coast_data(**slots("harbour")),
        coast_data(**flow(diverts_to={"harbour": 6, "haven": 6})),
        coast_data(**flow(task="guard"), tasks={"guard": {}, "regional_plans": {}}),
        coast_data(**flow(), **east(via={"truck": ["halt"]}, beyond_h={"truck": 0, "train": 36})),
        coast_data(elements={"bat": {**TIERED["bat"], "notice_to_move_days": 9}}),
        coast_data(disruptions={"blast": {**BLAST, "start_h": {"uniform": [200, 300]}}}),
    ],
)
def test_what_is_usual_is_none(data: dict[str, Any]) -> None:
    scenario = build_scenario(data, wide_coast())
    assert [
        *unusual(scenario, wide_coast()),
        *(fault for rule in MISFITS for fault in rule(scenario, wide_coast())),
    ] == []


SHIPPED = [*(ROOT / "scenarios").glob("*.toml"), *(ROOT / "scenarios/records").glob("*.toml")]


@pytest.mark.parametrize("file", sorted(SHIPPED), ids=lambda file: file.stem)
def test_no_shipped_scenario_is_doubted_for_what_is_usual(file: Any) -> None:
    scenario = nfm.read_scenario(file)
    network = scenario.loaded_network
    assert [*unusual(scenario, network), *(fault for rule in MISFITS for fault in rule(scenario, network))] == []


def test_many_of_a_kind_are_one_doubt() -> None:
    classes = {name: {"width_m": 250} for name in ("wheeled", "tracked", "trailer")}
    scenario = build_scenario(coast_data(classes=classes), coast())
    ((key, value, remedy),) = unusual(scenario, coast())
    assert (key, value) == ("classes.wheeled.width_m", "250")
    assert remedy.endswith("(and so 2 others)")


def test_each_row_has_a_range_and_says_where_it_comes_from() -> None:
    for row in USUAL:
        assert float(row["low"]) < float(row["high"])
        assert "assumed" in row["source"] or "(" in row["source"], row
