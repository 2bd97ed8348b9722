"""Attrition: stories of what falls out, is mended or treated, goes back over the network, and comes forward again."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from nfm_sim import measures
from nfm_sim.engine import simulate
from nfm_sim.engine.supply.attrition import poisson
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast_data, story
from tests.engine.test_losses import raid

ALL_FALL = {"share_a_day": 1}
"""A mean of all: with so many people, nearly all or more, and never more than there are."""


def data(attrition: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A battalion of 500 with 20 tanks, in place at hour 0, 3 h by lorry from the harbour and 10 beyond the border."""
    battalion = {"home": "barracks", "capability": "infantry", "tier": 1, "personnel": 500, "destination": "east"}
    given: dict[str, Any] = {
        "activation": {"decision_h": 0, "integration_h": 0, "stages": {}},
        "elements": {"battalion": battalion},
        "attrition": {"wounded": attrition},
        "movement": {"empties": False, "truck": {"speed_kmh": {"motorway": 50}, "turn_h": 0}},
    }
    made = coast_data(**{**given, **changes})
    made["destinations"]["east"]["beyond_h"] = {"truck": 10}
    return made


def strengths(run: Any) -> list[tuple[float, int, int, int, int]]:
    return run.strengths.select("hour", "fit", "near", "away", "lost").rows()


def states(run: Any) -> list[tuple[str, float, float]]:
    return run.duties.select("state", "start_h", "end_h").rows()


def test_the_number_that_falls_out_in_a_day_is_poisson() -> None:
    uniform = (np.arange(2000) + 0.5) / 2000
    drawn = [poisson(3.7, u) for u in uniform]
    assert drawn == stats.poisson.ppf(uniform, 3.7).astype(int).tolist()
    assert (poisson(0.0, 0.999), poisson(9000.0, 0.5)) == (0, 9000)


def test_what_is_treated_in_the_area_is_fit_again_when_it_is_done(play: Any) -> None:
    """Of 500, some 5 a day for 30 hours: nothing leaves, and nobody is lost."""
    run = play(data({"share_a_day": 0.01, "stays_share": 1, "stays_h": 30}))
    assert run.strengths["hour"].to_list()[:2] == [0, 24]
    first = run.strengths.filter(pl.col("hour") == 24)
    fell = 500 - first["fit"].item()
    assert fell > 0
    assert (
        run.strengths.filter(pl.col("hour") == 54).row(-1)[3] - run.strengths.filter(pl.col("hour") == 48).row(-1)[3]
        == fell
    )
    assert (run.strengths.select(pl.sum_horizontal("fit", "near")).to_series() == 500).all()
    fallen = measures.fallen(run)
    assert fallen["lost"].item() == 0
    assert measures.fallen_by_element(run).select("fell", "fit_share").row(0) == pytest.approx(
        fallen.select("fell", "fit_share").row(0)
    )
    assert fallen["fell"].item() == pytest.approx(45, abs=25), "nine days of five: 15 to 75 is four deviations"


def test_what_comes_back_never_and_what_has_no_place_to_go_is_lost_or_away(play: Any) -> None:
    gone = play(data({"share_a_day": 0.01}))
    assert gone.strengths["lost"].to_list()[-1] == 500 - gone.strengths["fit"].to_list()[-1] > 0
    kept = play(data({"share_a_day": 0.01, "place": "harbour", "comes_back": False}))
    assert kept.strengths["lost"].max() == 0
    assert kept.strengths["fit"].is_sorted(descending=True)


def test_shares_of_what_falls_out_are_kept_in_whole_ones(play: Any) -> None:
    run = play(
        data(
            {
                "share_a_day": 0.02,
                "lost_share": 0.25,
                "stays_share": 0.5,
                "stays_h": 1000,
                "place": "harbour",
                "comes_back": False,
            }
        )
    )
    last = run.strengths.row(-1, named=True)
    fell = last["near"] + last["away"] + last["lost"]
    assert abs(last["lost"] - fell / 4) <= 1
    assert abs(last["near"] - fell / 2) <= 1


def many(attrition: dict[str, Any]) -> dict[str, Any]:
    """A brigade of 1,000, of whom seven in ten fall out on the first day: of so many the mean itself."""
    given = data({"share_a_day": 0.7, "stays_share": 1, "stays_h": 1000, **attrition})
    given["elements"]["battalion"]["personnel"] = 1000
    return given


def test_of_those_that_are_fit_some_fall_out_not_of_all(play: Any) -> None:
    rows = strengths(play(many({})))
    assert rows[1] == (24, 300, 700, 0, 0)
    assert 0 < rows[2][1] < 300, "of 300 some 90 are left"


def test_the_wounded_go_back_over_the_network_wait_for_a_bed_and_come_forward_again(play: Any) -> None:
    """Of 700 a tenth are lost and a fifth treated there; 490 go back at once: 10 h from beyond the border, 3 over the
    road, half an hour at the ramps, two days in one of 245 beds. They come forward at the next midnight, as long."""
    given = many(
        {
            "lost_share": 0.1,
            "stays_share": 0.2,
            "stays_h": 30,
            "place": "harbour",
            "facility": "beds",
            "there_h": 48,
            "least_share": 0.5,
        }
    )
    ramps = {"capacity": 500, "rate_per_h": 2}
    given |= {"places": {"harbour": {"beds": {"capacity": 245}, "truck_ramps": ramps}}}
    given |= {"postures": {"calm": {"from_day": 1, "attrition_factor": {"wounded": 0}}}}
    run = play(given)
    assert {hour: numbers for hour, *numbers in strengths(run)} == {
        0: [1000, 0, 0, 0],
        24: [300, 140, 490, 70],
        54: [440, 0, 490, 70],
        109.5: [685, 0, 245, 70],
        157.5: [930, 0, 0, 70],
    }
    beds = run.holdings.filter(pl.col("pool") == "beds").group_by("start_h", "end_h").len().sort("start_h")
    assert beds.rows() == [(37.5, 85.5, 245), (85.5, 133.5, 245)]
    assert states(run) == [("serve", 0, 24), ("short of strength", 24, 109.5), ("serve", 109.5, 240)]
    moves = run.subjects.filter(pl.col("what") == "evacuation").group_by("origin", "destination").len()
    assert sorted(moves.rows()) == [("border", "harbour", 490), ("harbour", "border", 490)]
    assert run.subjects.filter(pl.col("what") == "evacuation")["part_of"].unique().to_list() == ["wounded"]


@pytest.mark.parametrize(("least", "state"), [(0.3, "serve"), (0.301, "short of strength")])
def test_as_many_as_the_least_share_are_enough(play: Any, least: float, state: str) -> None:
    run = play(many({"least_share": least}) | {"horizon_days": 1.5})
    assert states(run)[-1] == (state, 24 if least > 0.3 else 0, 36)


def test_what_goes_back_sets_out_together_every_third_day(play: Any) -> None:
    run = play(many({"stays_share": 0, "place": "harbour", "every_days": 3, "comes_back": False}))
    back = run.subjects.filter(pl.col("what") == "evacuation").join(run.spans, on="subject")
    assert back.group_by("subject").agg(pl.col("start_h").min())["start_h"].unique().sort().to_list() == [72, 144]


def test_of_who_is_withdrawn_nobody_falls_out_any_more(play: Any) -> None:
    given = many({"stays_share": 0})
    crisis = {"priority": 0, "commitments": {"post": {"capability": "infantry", "from_day": 1.5}}}
    given["tasks"] = {"regional_plans": {"priority": 2}, "crisis": crisis}
    assert strengths(play(given))[-1] == (36, 300, 0, 0, 700)


def test_each_day_has_a_draw_of_its_own_and_the_65th_that_of_the_first(play: Any) -> None:
    """All who fall out are fit again at once, so that the mean is the same each day."""
    run = play(data({"share_a_day": 0.01, "stays_share": 1}, horizon_days=70))
    fell = 500 - run.strengths.group_by("hour").agg(pl.col("fit").min()).sort("hour")["fit"]
    by_day = dict(zip(run.strengths["hour"].unique().sort() / 24, fell, strict=True))
    days = [by_day.get(day, 0) for day in range(1, 70)]
    assert len(set(days)) > 3
    assert days[64:] == days[:5]


def test_who_comes_forward_on_buses_that_are_hit_is_lost(play: Any) -> None:
    """700 set out at hour 96, and half of the buses are lost under way."""
    given = many({"stays_share": 0, "place": "harbour", "there_h": 48})
    given |= {"pools": {"ambulance_buses": {"capacity": 700}}, "places": {"harbour": {"truck_ramps": 700}}}
    given |= {"postures": {"calm": {"from_day": 1, "attrition_factor": {"wounded": 0}}}}
    given |= {"disruptions": raid(0.5, 98, pools=["ambulance_buses"])}
    rows = {hour: numbers for hour, *numbers in strengths(play(given))}
    assert rows == {0: [1000, 0, 0, 0], 24: [300, 0, 700, 0], 98: [300, 0, 350, 350], 109.5: [650, 0, 0, 350]}


@pytest.mark.parametrize("seed", range(3))
def test_of_whom_all_are_lost_or_stay_nobody_sets_out(coast_network: Any, seed: int) -> None:
    """Of 700 on the first day none goes back; on the next days an odd one may, with the others of three days."""
    kinds = {"lost_share": 0.5, "stays_share": 0.5, "stays_h": 0, "place": "harbour", "every_days": 3}
    run = simulate(build_scenario(many(kinds), coast_network), seed)
    assert (run.strengths.select(pl.sum_horizontal("fit", "near", "away", "lost")).to_series() == 1000).all()
    assert run.strengths.filter(pl.col("hour") == 24).select("away", "lost").row(-1) == (0, 350)


def test_who_is_back_the_same_day_begins_its_days_anew(play: Any) -> None:
    """Called away from hour 36 to 38.4: its days end 24 hours after that, and those until day 3 are calm."""
    given = many({"stays_share": 0})
    crisis = {"priority": 0, "commitments": {"post": {"capability": "infantry", "from_day": 1.5, "until_day": 1.6}}}
    given["tasks"] = {"regional_plans": {"priority": 2}, "crisis": crisis}
    given["postures"] = {"calm": {"from_day": 1, "until_day": 3, "attrition_factor": {"wounded": 0}}}
    hours = [row[0] for row in strengths(play(given))]
    assert hours[:5] == pytest.approx([0, 24, 36, 38.4, 38.4 + 72], abs=1e-3)


def test_an_element_of_which_too_few_are_fit_is_not_effective(play: Any) -> None:
    """All fall out on the first day, and are fit again a day and a half later; on the fourth day they fall out anew."""
    run = play(data({**ALL_FALL, "share_a_day": 1, "stays_share": 1, "stays_h": 36, "least_share": 0.5}))
    assert states(run)[0] == ("serve", 0, 24)
    state, start, end = states(run)[1]
    assert (state, start, end) == ("short of strength", 24, 60)
    assert run.shortages.drop("replication").row(0) == ("battalion", "wounded", 24, 60, True), "it stops its effect"
    assert run.shortages["end_h"].max() == run.horizon_h, "what lasts then is told too"
    assert measures.effect_by_element(run)["broken_by"].item() == "wounded"


def test_a_broken_piece_waits_for_parts_and_for_a_team(play: Any) -> None:
    """Tanks break, and each takes 500 kg of parts of the stock, and one of the two teams for a day."""
    broken = {"pieces": "tracked", "share_a_day": 0.2, "stays_share": 1, "stays_h": 24, "mended_by": {"teams": 1}}
    given = data(
        {**broken, "uses_kg": {"parts": 500}}, pools={"teams": {"capacity": 2}}, shares={"tracked": {"truck": 1}}
    )
    given["elements"]["battalion"]["pieces"] = {"tracked": 20}
    given["supply"] = {
        "uses": ["parts"],
        "stocks": {
            "depot": {"place": "harbour"},
            "area": {"drawn_from": "depot", "lead_h": 1, "up_to_t": {"parts": 5}},
        },
    }
    given["elements"]["battalion"]["supplied_from"] = "area"
    run = play(given)
    teams = run.holdings.filter(pl.col("pool") == "teams")
    assert teams.height > 4
    at_once = max(teams.filter((pl.col("start_h") <= h) & (pl.col("end_h") > h)).height for h in teams["start_h"])
    assert at_once == 2
    drawn = run.deliveries.filter(pl.col("supply") == "parts")["tonnes"].sum()
    assert drawn > 0.5 * teams.height


def test_a_posture_and_a_regime_multiply_what_falls_out_and_what_is_used(play: Any) -> None:
    given = data({"share_a_day": 0.01})
    given["postures"] = {"waiting": {"until_day": 5, "attrition_factor": {"wounded": 0}}}
    assert play(given).strengths["hour"].to_list()[1] >= 144, "nothing before day 5 is over"
    given["postures"]["waiting"]["capabilities"] = ["infantry"]
    assert play(given).strengths["hour"].to_list()[1] >= 144
    given["postures"]["waiting"] |= {"capabilities": [], "elements": []}
    given["regimes"] = {"peace": {"attrition_factor": {"wounded": 0}}}
    given["timeline"] = [{"regime": "peace", "day": 0}]
    assert play(given).strengths.height == 1


def test_a_posture_changes_what_elements_use(play: Any) -> None:
    """500 people use 1.2475 t of food a day, and half of that while they wait."""
    stocks = {"depot": {"place": "harbour"}, "area": {"drawn_from": "depot", "lead_h": 1, "tonnes": {"food": 90}}}
    given = data({"share_a_day": 0}, supply={"uses": ["food"], "stocks": stocks})
    given["elements"]["battalion"]["supplied_from"] = "area"
    given["postures"] = {"waiting": {"from_day": 2, "until_day": 4, "supply_factor": {"food": 0.5}}}
    run = play(given)
    levels = run.levels.filter(pl.col("holder") == "area").select("hour", "needs_t_a_day").rows()
    assert levels == [(0, pytest.approx(1.2475)), (48, pytest.approx(0.62375)), (96, pytest.approx(1.2475))]


def test_an_attrition_is_not_called_as_a_class_of_supply_is(coast_network: Any) -> None:
    given = data({"share_a_day": 0.01})
    given["attrition"]["food"] = given["attrition"].pop("wounded")
    with pytest.raises(InputError, match="is also the name of a class of supply"):
        build_scenario(given, coast_network)


def test_an_element_short_of_supply_is_so_until_it_has_it_whatever_else_is_called_supply(play: Any) -> None:
    """It has no food from 72 on, and of its people too few from 24 to 84: an attrition named supply ends nothing."""
    stocks = {"depot": {"place": "harbour"}, "area": {"drawn_from": "depot", "lead_h": 900}}
    given = data({"share_a_day": 0}, supply={"uses": ["food"], "stocks": stocks})
    given["attrition"] = {"supply": {"share_a_day": 1, "stays_share": 1, "stays_h": 60, "least_share": 0.5}}
    given["elements"]["battalion"]["supplied_from"] = "area"
    run = play(given)
    assert states(run) == [("serve", 0, 24), ("short of strength", 24, 72), ("short of supply", 72, 240)]
    assert measures.effect_by_element(run)["short_days"].to_list() == [9], "of either"


def test_who_has_no_food_and_then_too_few_waits_for_the_one_and_then_for_the_other(play: Any) -> None:
    """Food comes at hour 30; all have fallen out at 24, and are fit again at 84."""
    stocks = {"depot": {"place": "harbour"}, "area": {"drawn_from": "depot", "days": 5, "lead_h": 30}}
    supply = {"uses": ["food"], "usual_days_carried": 0, "stocks": stocks}
    given = data({**ALL_FALL, "stays_share": 1, "stays_h": 60, "least_share": 0.5}, supply=supply)
    given["elements"]["battalion"]["supplied_from"] = "area"
    assert story(play(given), "battalion")[2:] == [
        ("effect", "wait", "east", "supply", 0, 30),
        ("effect", "wait", "east", "attrition", 30, 84),
        ("effective", "milestone", "east", "", 84, 84),
    ]


def withdrawn_headquarters(requires: str = "") -> dict[str, Any]:
    """A headquarters that another task has from day 4 to 6, and a brigade under it that is there on day 3."""
    given = coast_data(
        activation={"decision_h": 0, "integration_h": 0, "stages": {"get ready": {"kind": "hours", "hours": 0}}},
        formations={"brigade": {"elements": ["battalion"], "headquarters": "hq"}},
        tasks={
            "regional_plans": {"priority": 2},
            "crisis": {"commitments": {"post": {"capability": "hq", "from_day": 4, "until_day": 6}}},
        },
    )
    element = {"home": "barracks", "tier": 1, "personnel": 100}
    given["elements"] = {
        "hq": {**element, "capability": "hq", "requires": requires, "destination": "east"},
        "battalion": {**element, "capability": "infantry", "hours": {"get ready": 72}},
        "signals": {**element, "capability": "signals", "hours": {"get ready": 100}},
    }
    return given


def test_a_headquarters_that_is_withdrawn_short_of_strength_makes_nobody_effective(play: Any) -> None:
    """It has too few who are fit from hour 24 on, is called away at 96 so, and comes back so at 144."""
    given = withdrawn_headquarters()
    wounded = {**ALL_FALL, "capabilities": ["hq"], "stays_share": 1, "stays_h": 1000, "least_share": 0.5}
    run = play({**given, "attrition": {"wounded": wounded}})
    mine = run.duties.filter(pl.col("element") == "hq").select("state", "start_h", "end_h").rows()
    strength = "short of strength"
    assert mine == [("serve", 0, 24), (strength, 24, 96), ("serve", 96, 144), (strength, 144, 240)]
    assert story(run, "brigade")[-1] == ("effect", "wait", "", "hq", 72, 240)


def test_who_waits_for_a_headquarters_that_is_withdrawn_has_it_when_it_is_back(play: Any) -> None:
    """It waits for its signals, which are there at hour 100, and is back at 144."""
    brigade = story(play(withdrawn_headquarters("signals")), "brigade")
    assert brigade[-2:] == [("effect", "wait", "", "hq", 72, 144), ("effective", "milestone", "", "", 144, 144)]


@pytest.mark.parametrize(
    ("attrition", "changes", "problem"),
    [
        ({"lost_share": 0.7, "stays_share": 0.7}, {}, "of 1 together at most"),
        ({"facility": "beds"}, {}, "must have a place where its facility is"),
        ({"place": "harbour", "facility": "beds"}, {}, "is no facility there; give places.harbour.beds a capacity"),
        ({"place": "harbour", "shares": {"train": 0.5}}, {}, "must add up to 1"),
        ({"capabilities": ["infantri"]}, {}, 'did you mean "infantry"'),
        ({"uses_kg": {"parts": 3}}, {}, "does not bring"),
        (
            {"uses_kg": {"parts": 3}},
            {"supply": {"stocks": {"depot": {"place": "harbour"}}}},
            "has no stock to draw it on",
        ),
        ({}, {"postures": {"rest": {"attrition_factor": {"wound": 2}}}}, 'did you mean "wounded"'),
        ({}, {"postures": {"rest": {"from_day": 2, "until_day": 1}}}, "must end after it begins"),
        (
            {},
            {
                "elements": {"battalion": {"home": "barracks", "destination": "east", "personnel": 1_900_000}},
                "horizon_days": 300,
            },
            "fall out",
        ),
    ],
)
def test_what_cannot_be_is_named(
    coast_network: Any, attrition: dict[str, Any], changes: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InputError) as caught:
        build_scenario(data({"share_a_day": 0.01, **attrition}, **changes), coast_network)
    assert problem in str(caught.value)
