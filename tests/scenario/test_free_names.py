"""Names that nothing declares are faults; what is given and nothing reads is said."""

from pathlib import Path
from typing import Any

import pytest

from nfm_sim.compile import compile_scenario, not_limited, unused_pools
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import ROOT, called, coast, coast_data, one_ship

NETWORK = coast()
BAT = {"tier": 1, "home": "barracks"}
STAGES = {"stages": {"recall": {"hours": 5}}}


def faults(**changes: Any) -> list[str]:
    with pytest.raises(InputError) as error:
        build_scenario(coast_data(**changes), NETWORK, file="s.toml")
    return [str(problem).removeprefix("s.toml: ") for problem in error.value.problems]


def doubts(**changes: Any) -> list[str]:
    scenario = build_scenario(coast_data(**changes), NETWORK, file="s.toml")
    found = [*scenario.doubts, *unused_pools(scenario, compile_scenario(scenario))]
    return [str(problem).removeprefix("s.toml: ") for problem in found]


def test_a_misspelt_free_name_is_a_fault() -> None:
    movement = coast_data()["movement"]
    movement["column"] |= {
        "speed_kmh": {"Motorway": 30},
        "rests": [{"activity": "r", "after_h": 2, "hours": 1, "facility": "bed"}],
    }
    movement["civil"] = {"mean_per_h": {"motorways": 900}, "paths": {"rail-2": {"weekday": [1] * 24}}}
    flow = {**one_ship("truck", 1), "nation": "US"}
    said = faults(
        flows={"flow": flow},
        movement=movement,
        pools={"low_loaders": {"capacity": 2}},
        classes={"outsized": {"trucks": ["low_loader"], "yard": "yard"}},
        places={"harbour": {"gate": 1, "berth": 2, "yard_m2": 900}, "halt": {"beds": 9}},
        regimes={"crisis": {"permit_h_by_nation": {"USA": 5}}},
        activation={"trades": {"infantri": {}}},
        elements={"bat": {**BAT, "capability": "infantry", "parent": "brigad"}},
        formations={"brigade": {"elements": ["bat"]}},
    )
    assert said == [
        'classes.outsized.trucks "low_loader" is no pool (did you mean "low_loaders"?); give [pools] one, or it would '
        "not be scarce",
        'classes.outsized.yard "yard" is a facility of no place (did you mean "yard_m2"?)',
        'movement.column.rests.0.facility "bed" is a facility of no place, so nobody could rest (did you mean "beds"?)',
        "movement.civil.mean_per_h.motorways is the type (facility_type) of no link of coast (did you mean "
        '"motorway"?)',
        'movement.civil.paths.rail-2 is no line of coast (did you mean "RAIL2"?)',
        'regimes.crisis.permit_h_by_nation "USA" is the nation of no flow (did you mean "US"?)',
        'activation.trades "infantri" is a capability of no element (did you mean "infantry"?)',
        'elements.bat.parent "brigad" is no formation (did you mean "brigade"?)',
        'places.harbour.gate is no facility that a rule uses (did you mean "gates"?)',
        'places.harbour.berth is no facility that a rule uses (did you mean "berths"?)',
        'movement.column.speed_kmh.Motorway is the type (facility_type) of no link of coast (did you mean "motorway"?)',
    ]


def test_did_you_mean_offers_the_keys_of_that_place_only() -> None:
    (said,) = faults(elements={"bat": {**BAT, "node": "x"}})
    assert said == "elements.bat.node is not a known key"
    (said,) = faults(elements={"bat": {**BAT, "Personnel": 1}})
    assert said == 'elements.bat.Personnel is not a known key (did you mean "personnel"?)'


def test_a_pool_that_nothing_draws_on_is_said_with_the_one_that_is_meant() -> None:
    said = doubts(flows={"flow": one_ship("column", 20)}, pools={"escort_team": {"capacity": 1}})
    assert said == ['pools.escort_team is a pool that nothing draws on (did you mean "escort_teams"?)']


def test_what_is_not_limited_is_said() -> None:
    scenario = build_scenario(coast_data(flows={"flow": one_ship("column", 20)}), NETWORK)
    assert not_limited(compile_scenario(scenario)) == ["crews", "escort_teams", "staging yard at harbour"]
    pools = {"escort_teams": {"capacity": 1}}
    airlift = {"airlifts": {"a": {"airport": "barracks", "day": 0, "people": 40}}}
    data = coast_data(
        flows={"flow": {**one_ship("column", 20), **airlift}}, pools=pools, places={"harbour": {"yard_m2": 9000}}
    )
    assert not_limited(compile_scenario(build_scenario(data, NETWORK))) == []


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({}, "there are neither flows nor elements, so nothing happens"),
        (
            {"elements": {"bat": {"home": "barracks", "capability": "x"}}},
            '"bat" has neither a tier nor a capability that',
        ),
        ({"elements": {"bat": BAT}}, "activation.stages are none, so 1 element would be ready with the order"),
        (
            {"elements": {"bat": {**BAT, "filled_share": 0.5}}},
            "elements.bat.filled_share is read by a stage of kind fill_up",
        ),
        (
            {"elements": {"bat": {**BAT, "depot": "barracks"}}},
            "elements.bat.depot is read by a stage of kind issue only",
        ),
        ({"elements": {"bat": {**BAT, "partner_h": 5}}}, "elements.bat.partner_h is given without a partner"),
        (
            {"elements": {"bat": {**BAT, "parent": "x"}}},
            "parents that are no formation, so nothing asks for them: x (1)",
        ),
        ({"elements": {"bat": {**BAT, "pre_alert_days": 2}}}, "the pre-alert of bat changes nothing"),
        (
            {
                "flows": {"flow": one_ship("truck", 1)},
                "places": {"harbour": {"ramps": {"open": ["06:00-16:00"]}, "truck_ramps": {"open": ["06:00-16:00"]}}},
            },
            "places.harbour.ramps.open changes nothing",
        ),
        (
            {"elements": {"bat": {**BAT, "partner": "other", "partner_h": 5}, "other": BAT}},
            'elements.bat.partner_h "other" is an element too, and waited for until both',
        ),
        (
            {"elements": {"bat": BAT}, "activation": {"stages": {"recall": {}}, "pre_alert_stages": ["recall"]}},
            "activation.pre_alert_stages are given, and no element has pre_alert_days",
        ),
        (
            {"elements": {"bat": BAT}, "activation": {"stages": {"people": {"kind": "fill_up"}}}},
            "activation.stages.people fills nothing up: [activation.trades] is empty",
        ),
        (
            {
                "tasks": {"regional_plans": {"commitments": {"post": {"pool": "guards", "staffs": {"guards": 4}}}}},
                "pools": {"guards": {"capacity": 1}},
            },
            "tasks.regional_plans.commitments.post.staffs is for elements that serve, and this asks for",
        ),
        (
            {
                "flows": {
                    "home": {
                        **one_ship("truck", 1),
                        "ships": {"ferry": {"calls": [{"port": "harbour", "day": 1, "takes": 30}]}},
                        "origins": {"away": {"place": "barracks", "day": 0, "pieces": {"wheeled": 1}}},
                    }
                }
            },
            'flows.home.ships "harbour" is a port where ships take pieces aboard, and none of its pieces goes',
        ),
        (
            {
                "flows": {"flow": {**one_ship("truck", 1), "programme": {"window_days": 3}}},
                "programme": {"window_days": 5},
            },
            "programme books for no flow: each has another programme",
        ),
        ({"classes": {"tanks": {}}}, "classes.tanks is a class that no piece has"),
        (
            {"places": {"harbour": {"explosive_kg": 5}}},
            'explosive_kg "harbour" limits nothing, as no piece that moves has',
        ),
        ({"elements": {"bat": {**BAT, "weapons": 18}}}, 'weapons "bat" has weapons, and no class of supply is used by'),
        ({"regimes": {"crisis": {}}}, "timeline is empty, so none of the regimes holds"),
        (
            {"regimes": {"crisis": {}, "conflict": {}}, "timeline": [{"regime": "crisis", "day": 1}]},
            'regimes "conflict" holds at no time',
        ),
        ({"regimes": {"crisis": {"permit_h_by_nation": {"Fiji": 5}}}}, '"Fiji" is the nation of no flow'),
        (
            {"pools": {"people": {"capacity": 1, "call_up": True, "arrivals": [{"day": 1, "amount": 1}]}}},
            'pools "people" has reservists that no regime calls up, so none comes',
        ),
        ({"flows": {"flow": {**one_ship("truck", 1), "crew_per_vehicle": 3}}}, "is given without airlifts"),
        (
            {"flows": {"flow": {**one_ship("truck", 1), "permit_applied_day": 0}}},
            'flows.*.permit_applied_day "flow" asks for a permit, and no regime gives its permit_h',
        ),
        ({"flows": {"flow": {**one_ship("truck", 1), "permit_valid_days": 3}}}, "is given without permit_applied_day"),
        (
            {"disruptions": {"strike": {"links": ["road1"], "start_h": 1, "duration_h": 1, "every_h": 5}}},
            "disruptions.strike.every_h is given for what happens once",
        ),
        (
            {
                "tasks": {"regional_plans": {"commitments": {"post": {"capability": "x", "rest_days": 3}}}},
                "elements": {"bat": {"home": "barracks", "capability": "x"}},
            },
            "tasks.regional_plans.commitments.post.rest_days is given without tour_days, so no tour ends",
        ),
        (
            {
                "tasks": {
                    "regional_plans": {"commitments": {"post": {"capability": "x", "tour_days": 3, "overlap_days": 3}}}
                },
                "elements": {"bat": {"home": "barracks", "capability": "x"}},
            },
            'overlap_days "3" is no shorter than a tour of 3 days',
        ),
        (
            {
                "tasks": {"regional_plans": {"commitments": {"post": {"capability": "x"}}}},
                "elements": {"bat": {"home": "barracks", "capability": "x", "supply_t_a_day": {"food": 1}}},
            },
            "elements.bat.supply_t_a_day is given without a tier: on a commitment it draws on no stock",
        ),
        ({"elements": {"bat": {**BAT, "tier": 3}}}, 'horizon_days "10" is before the deadline of tier 3, 180 days:'),
        ({"flows": {"flow": {**one_ship("truck", 1), "required_day": 20}}}, "flows.flow.required_day"),
        ({"pools": {"spares": {"capacity": 1, "arrivals": [{"day": 30, "amount": 1}]}}}, "pools.spares.arrivals"),
        (
            {
                "activation": {"stages": {"repair": {"kind": "repair"}}},
                "elements": {"bat": {**BAT, "pieces": {"wheeled": 5}, "mission_capable_share": 0.5}},
            },
            "activation.stages.repair.bays has no bays for wheeled, which stay as they are",
        ),
    ],
)
def test_what_is_given_and_nothing_reads_is_said(changes: dict[str, Any], doubt: str) -> None:
    assert any(doubt in said for said in doubts(**changes)), doubts(**changes)


def test_what_lies_on_a_bound_is_no_doubt() -> None:
    """A deadline and a ship on the day of the horizon; room aboard for just what comes; two calls on one day."""
    stages = {"activation": {"stages": {"recall": {"kind": "recall"}}}}
    assert doubts(elements={"bat": {**BAT, "tier": 1}}, horizon_days=10, **stages) == []
    ship = {"calls": [{"port": "harbour", "day": 10, "pieces": {"wheeled": 2}}, {"port": "harbour", "day": 10}]}
    assert doubts(flows={"flow": {**one_ship("truck", 1), "ships": {"ship": ship}}}, horizon_days=10) == []
    ferry = {"calls": [{"port": "harbour", "day": 1, "takes": 2}]}
    depot = {"place": "barracks", "day": 0, "pieces": {"wheeled": 2}}
    out = {"destination": "out", "origins": {"depot": depot}, "ships": {"ferry": ferry}}
    goes = {"shares": {"wheeled": {"truck": 1.0}}, "destinations": {"out": {"exits": {"truck": "harbour"}}}}
    assert doubts(flows={"flow": out}, **goes) == []
    ferry["calls"][0]["takes"] = 1
    assert (
        "takes 1 pieces aboard at harbour, and 2 come there: the rest stays" in doubts(flows={"flow": out}, **goes)[0]
    )


def test_warnings_are_errors_when_one_says_so(tmp_path: Path) -> None:
    file = tmp_path / "tents.toml"
    file.write_text(f'extends = "{ROOT / "scenarios/allied_brigade.toml"}"\n[pools.tents]\ncapacity = 9\n')
    done = called("validate", file)
    assert done.returncode == 0
    assert "pools.tents is a pool that nothing draws on" in done.stderr
    strict = called("validate", file, "--strict")
    assert strict.returncode == 2
    assert "pools.tents" in strict.stderr
    assert "sound" not in strict.stdout


def test_two_regimes_do_not_begin_on_one_day() -> None:
    timeline = [{"regime": "crisis", "day": 1}, {"regime": "conflict", "day": 1}]
    (said,) = faults(regimes={"crisis": {}, "conflict": {}}, timeline=timeline)
    assert said == 'timeline.1.day "1" is the first day of another regime too; which one holds?'


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (["compare", "--change", "a: policy = weights", "--change", "a: policy = strict"], "a stands twice"),
        (["compare", "--change", "a: policy = weights; policy = strict"], "policy stands twice; give it once"),
        (["sweep", "--vary", "pools.trucks.capacity = 9", "--vary", "pools.trucks.capacity = 8"], "stands twice"),
        (["prices", "--more", "trucks = 9", "--more", "trucks = 8"], "trucks stands twice"),
        (
            ["prices", "--more", "truck = 9"],
            'is no pool, no facility of a place and no line with a timetable (did you mean "trucks"?)',
        ),
        (["study", "--until", "closure[brigad].median ±6h"], "is no flow of scenarios/allied_brigade.toml (did you"),
        (
            ["prices", "--quantity", "ready_by_deadline"],
            "asks for each tier, and scenarios/allied_brigade.toml has none",
        ),
        (["study", "--until", "closure.median ±3%", "--keep", "\u00b2"], "must be numbers with commas between"),
    ],
)
def test_options_name_what_is_there_and_each_once(words: list[str], remedy: str) -> None:
    command, *options = words
    done = called(command, "scenarios/allied_brigade.toml", "--replications", "2", *options)
    assert done.returncode == 2
    assert remedy in done.stderr


@pytest.mark.parametrize(
    ("words", "remedies"),
    [
        (
            ["run", "--change", "pools.truks.capacity = 3", "--change", "flows.brigade.requird_day = 3"],
            ["pools.truks.capacity", "flows.brigade.requird_day"],
        ),
        (["run", "--change", "title", "--change", "horizon_days"], ["--change: title", "--change: horizon_days"]),
        (
            ["compare", "--change", "a: pools.truks.capacity = 3", "--change", "b: horizon_days = -4"],
            ["pools.truks.capacity", "horizon_days"],
        ),
        (
            ["choose", "--course", "a", "--course", "b: title", "--quantity", "closure.last_h"],
            ["--course: a", "--course: title"],
        ),
        (["prices", "--more", "trucks", "--more", "trucks = -9"], ["--more: trucks", "--more: trucks"]),
    ],
)
def test_all_that_is_wrong_with_options_is_told_at_once(words: list[str], remedies: list[str]) -> None:
    command, *options = words
    done = called(command, "scenarios/allied_brigade.toml", *options)
    assert done.returncode == 2
    told = [line for line in done.stderr.splitlines() if not line.startswith("See ")]
    assert len(told) == len(remedies)
    assert all(remedy in line for remedy, line in zip(remedies, told, strict=True)), told
