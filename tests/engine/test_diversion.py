"""Where ships go: as the scenario says, or by a rule of one's own that sees what waits."""

import pytest

import nfm_sim as nfm
from nfm_sim.decide import choose
from nfm_sim.engine.movement.diversion import ShipSeen
from nfm_sim.kinds import Diversion
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast_data, wide_coast

SEEN: list[ShipSeen] = []


def long_queue(ship: ShipSeen) -> str:
    """A ship goes on when more than two days of discharge wait at its port."""
    SEEN.append(ship)
    return "haven" if ship.ports[ship.port].queue_h > 48 else ship.port


def three_ships() -> nfm.Scenario:
    """One every hour, each of 300 pieces, of which ten an hour come ashore over the only berth: 30 hours a ship. The
    haven is two hours away."""
    ships = {
        name: {"calls": [{"port": "harbour", "day": hour / 24, "pieces": {"wheeled": 300}}]}
        for hour, name in enumerate(("first", "second", "third"))
    }
    flow = {"destination": "east", "shares": {"wheeled": {"train": 1.0}}, "ships": ships, "diverts_to": {"haven": 2}}
    return build_scenario(coast_data(flows={"flow": flow}, horizon_days=30), wide_coast())


def test_a_ship_that_finds_more_than_two_days_of_discharge_goes_on() -> None:
    """The second finds 30 hours, the third 60: it sails two hours and is discharged in the haven, from hour 4 on."""
    SEEN.clear()
    with nfm.extend(Diversion.of(long_queue)):
        run = nfm.simulate(three_ships().with_changes({"diversion": "long_queue"}))
    assert [(ship.ship, round(ship.ports["harbour"].queue_h)) for ship in SEEN] == [
        ("flow/first", 0),
        ("flow/second", 30),
        ("flow/third", 60),
    ]
    assert [ship.ports["haven"].begins_h for ship in SEEN] == [2, 2, 2]
    assert SEEN[2].pieces == 300
    diverted = run.spans.filter(activity="divert", subject="flow/third").select("place", "cause", "start_h", "end_h")
    assert diverted.rows() == [("haven", "berths", 2, 4)]
    discharged = run.spans.filter(activity="discharge", kind="work", place="haven", subject="flow/third")
    assert (discharged["start_h"].min(), round(discharged["end_h"].max() or 0)) == (4, 34)


@pytest.mark.parametrize(("berths", "hours"), [(1, [0, 30, 60]), (2, [0, 15, 30])])
def test_ships_that_wait_at_a_port_are_discharged_side_by_side(berths: int, hours: list[float]) -> None:
    SEEN.clear()
    with nfm.extend(Diversion.of(long_queue)):
        nfm.simulate(three_ships().with_changes({"diversion": "long_queue", "places.harbour.berths": berths}))
    assert [round(ship.ports["harbour"].queue_h) for ship in SEEN] == hours


def elsewhere(ship: ShipSeen) -> str:
    """A ship goes to the other port, wherever it is."""
    return "haven" if ship.port == "harbour" else "harbour"


def test_a_ship_that_has_been_sent_on_is_discharged_where_it_comes_to() -> None:
    with nfm.extend(Diversion.of(elsewhere)):
        run = nfm.simulate(three_ships().with_changes({"diversion": "elsewhere"}))
    assert run.spans.filter(activity="divert", subject="flow/first").select("place", "end_h").rows() == [("haven", 2)]
    assert nfm.closure(run)["closed_pieces"].to_list() == [900]


def test_a_rule_is_a_course_of_action_and_may_be_decided_under_way() -> None:
    scenario = three_ships()
    with nfm.extend(Diversion.of(long_queue)):
        queue = scenario.with_changes({"diversion": "long_queue"})
        found = choose({"wait": scenario, "queue": queue}, quantities=["closure"], replications=6, jobs=1)
        assert found.best["closure"] == ("queue",)
        study = nfm.replicate(scenario, 1, jobs=1)
        before, after = (nfm.fork(study, day, changes={"diversion": "long_queue"}, jobs=1) for day in (0.05, 0.1))
        last = [nfm.closure(of)["last_h"][0] for of in (study, before, after)]
    assert last[1] < last[0] == last[2], "on day 0.1 all ships have been told where to go"


def test_a_port_to_which_a_ship_may_not_go_is_no_answer() -> None:
    def away(ship: ShipSeen) -> str:
        return "antwerp"

    with nfm.extend(Diversion.of(away)), pytest.raises(InputError, match=r'"away" returns .antwerp.; return a port'):
        nfm.simulate(three_ships().with_changes({"diversion": "away"}))


def test_what_nobody_declared_is_said() -> None:
    with pytest.raises(InputError, match='diversion "when_lots" must be one of when_lost'):
        three_ships().with_changes({"diversion": "when_lots"})
