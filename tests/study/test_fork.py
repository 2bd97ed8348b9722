"""Forks in time: the past is what it was."""

from pathlib import Path

import polars as pl
import pytest

from nfm_sim import measures
from nfm_sim.compile import forked_plan
from nfm_sim.engine import simulate
from nfm_sim.problems import InputError
from nfm_sim.record import Run
from nfm_sim.scenario import Scenario, build_scenario
from nfm_sim.study import Comparison, Study, fork, open_study, replicate, verify
from tests.conftest import coast, coast_data, one_ship, wide_coast


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    late = {"lateness_h": {"exponential": {"mean": 10}}}
    data = coast_data(flows={"flow": one_ship("truck", 40, **late)}, horizon_days=20, pools={"trucks": {"capacity": 2}})
    return build_scenario(data, coast())


@pytest.fixture(scope="module")
def study(scenario: Scenario) -> Study:
    return replicate(scenario, 4, seed=3, keep="all")


def past(run: Run, hour: float) -> pl.DataFrame:
    """What had ended, and what had begun, before an hour."""
    begun = run.spans.filter(pl.col("start_h") < hour)
    ended = pl.when(pl.col("end_h") < hour).then("end_h")
    cause = pl.when(pl.col("end_h") < hour).then("cause")
    return begun.with_columns(ended.alias("end_h"), cause.alias("cause"))


@pytest.mark.parametrize(
    "changes",
    [
        {"pools.trucks.capacity": 6},
        {"pools.trucks.capacity": 1},
        {"places.harbour.truck_ramps": 3},
        {"disruptions.blast": {"links": ["road1"], "start_h": 30, "duration_h": 50}},
        {"disruptions.works": {"nodes": ["halt"], "start_h": 60, "duration_h": 5, "announced": True}},
        {"routing": "earliest", "bumping": True},
    ],
)
def test_until_the_fork_nothing_differs(study: Study, changes: dict[str, object]) -> None:
    forked = fork(study, 2, changes=changes, keep="all")
    assert past(forked, 48).equals(past(study, 48))
    assert forked.replications == study.replications


def test_after_the_fork_it_is_as_if_it_had_always_been_so(study: Study, scenario: Scenario) -> None:
    more, less = ({"pools.trucks.capacity": n} for n in (6, 1))
    last = [
        measures.closure(s)["last_h"].mean()
        for s in (fork(study, 2, changes=more), study, fork(study, 2, changes=less))
    ]
    assert last == sorted(last)
    assert last[0] < last[2]
    always = replicate(scenario.with_changes(more), 4, seed=3)
    assert measures.closure(fork(study, 0, changes=more)).equals(measures.closure(always))
    assert (
        fork(study, 2, changes=more, keep="all").pools.filter(pl.col("pool") == "trucks")["capacity"].to_list()
        == [6] * 4
    )


def test_a_disruption_that_began_before_begins_at_the_fork(study: Study) -> None:
    forked = fork(
        study, 2, changes={"disruptions.blast": {"pools": ["trucks"], "start_h": 0, "duration_h": 48}}, keep="all"
    )
    held = forked.holdings.filter((pl.col("pool") == "trucks") & (pl.col("start_h") > 48) & (pl.col("start_h") < 96))
    assert held.is_empty()


def test_a_disruption_that_would_have_come_twice_before_begins_twice_at_the_fork(scenario: Scenario) -> None:
    """Of a port, which is lost once and regained."""
    twice = {"facilities": ["harbour.berths"], "start_h": 0, "duration_h": 5, "times": 2, "every_h": 2}
    run = simulate(forked_plan(scenario, [{"at_h": 48, "changes": {"disruptions.blast": twice}}]))
    assert run.outages["start_h"].to_list() == [48, 48]


def test_who_goes_first_is_decided_on_day_n_of_what_has_not_begun(scenario: Scenario) -> None:
    """A ship of each of two flows comes on day 2: who is to go first is decided before."""
    ship = {"calls": [{"port": "harbour", "day": 2, "pieces": {"wheeled": 6}}]}
    flow = {"destination": "east", "shares": {"wheeled": {"truck": 1.0}}, "ships": {"ship": ship}}
    two = scenario.with_changes({"flows": {"flow": {**flow, "priority": 1}, "other": {**flow, "priority": 2}}})
    roomy = {"capacity": 9, "rate_per_h": 1e3}
    two = two.with_changes({"places.harbour.ramps": roomy, "places.harbour.berths": 9})
    study = replicate(two, 1, keep="all")
    forked = fork(study, 1.9, changes={"flows.other.priority": 0}, keep="all")
    assert past(forked, 45).equals(past(study, 45))
    before, after = (dict(measures.closure(s).select("flow", "last_h").rows()) for s in (study, forked))
    assert after["other"] < before["other"]
    assert after["flow"] > before["flow"]


def test_who_goes_aboard_first_is_decided_on_day_n_too() -> None:
    """Two ships of day 2, each with two gangs that ask for the one ramp, and two pieces of each flow on the quay."""
    ship = {"gangs": 2, "calls": [{"port": "harbour", "day": 2, "takes": 2}]}
    depot = {"place": "barracks", "day": 0, "pieces": {"wheeled": 2}}
    flow = {"destination": "out", "shares": {"wheeled": {"truck": 1.0}}, "origins": {"depot": depot}}
    flow["ships"] = {"ro": ship}
    data = coast_data(flows={"one": {**flow, "priority": 1}, "other": {**flow, "priority": 2}})
    data["destinations"]["out"] = {"exits": {"truck": "harbour"}}
    data["places"] = {"harbour": {"berths": 2, "gangs": 4}}
    for changes, last_h in (({"routing": "fixed"}, [48.2, 48.4]), ({"flows.other.priority": 0}, [48.4, 48.3])):
        run = simulate(forked_plan(build_scenario(data, coast()), [{"at_h": 24, "changes": changes}]))
        assert measures.closure(run)["last_h"].to_list() == pytest.approx(last_h)


def test_ships_under_way_are_told_to_wait() -> None:
    """The harbour is lost for two days when the ship is due: it goes to the haven, or as of the fork it waits."""
    blast = {"nodes": ["harbour"], "start_h": 20, "duration_h": 48}
    ship = one_ship("truck", 4)
    ship["ships"]["ship"]["calls"][0]["day"] = 1
    data = coast_data(flows={"flow": {**ship, "diverts_to": {"haven": 2}}}, disruptions={"blast": blast})
    study = replicate(build_scenario(data, wide_coast()), 1)
    waits = fork(study, 0.5, changes={"flows.flow.diverts_to": {}})
    first = [measures.closure(s)["first_h"][0] for s in (study, waits)]
    assert first[0] < 48
    assert first[1] > 68
    assert measures.ways_taken(waits)["origin"].to_list() == ["harbour"]
    assert measures.ways_taken(study)["origin"].to_list() == ["haven"]


def cargo(day: float) -> dict[str, object]:
    return {"calls": [{"port": "harbour", "day": day, "pieces": {"wheeled": 4}}]}


def later_ships(**flow: object) -> Scenario:
    """Ships of four lorry loads on days 1, 4 and 6."""
    ships = {"first": cargo(1), "second": cargo(4), "third": cargo(6)}
    flows = {"flow": {**one_ship("truck", 4), "ships": ships, **flow}}
    return build_scenario(coast_data(flows=flows, horizon_days=20, pools={"trucks": {"capacity": 2}}), coast())


def modes(run: Run) -> list[str]:
    """By which modes the cargo of each ship goes."""
    moved = run.subjects.filter(pl.col("what") == "movement")
    return sorted(moved.select(pl.col("subject").str.split("/").list.get(1), "mode").unique()["mode"])


def test_what_is_planned_from_then_on_goes_by_other_modes() -> None:
    """Decided on day 2: the ships of days 4 and 6 are met by trains; on day 5, the last of them by lorries again."""
    study = replicate(later_ships(), 1, keep="all")
    once = fork(study, 2, changes={"flows.flow.shares.wheeled": {"train": 1.0}}, keep="all")
    twice = fork(once, 5, changes={"flows.flow.shares.wheeled": {"truck": 1.0}}, keep="all")
    assert past(once, 48).equals(past(study, 48))
    assert past(twice, 120).equals(past(once, 120))
    assert (modes(once), modes(twice)) == (["train", "train", "truck"], ["train", "truck", "truck"])
    assert measures.closure(twice)["closed_pieces"].to_list() == [12]


def test_ships_that_lie_ahead_come_otherwise_or_not() -> None:
    study = replicate(later_ships(), 1)
    ahead = {"flows.flow.ships.third.cancelled": True, "flows.flow.ships.more": cargo(9)}
    forked = fork(study, 2, changes=ahead)
    assert measures.closure(forked)["closed_pieces"].to_list() == [12]
    assert measures.closure(forked)["pieces"].to_list() == [16], "what does not come was planned"


def test_means_that_are_ordered_come_later_and_nobody_knew(study: Study, scenario: Scenario) -> None:
    """As if they had always been planned; and who waits for more than there was is told of them at the fork."""
    coming = {"pools.trucks.arrivals": [{"day": 3, "amount": 4}]}
    forked = fork(study, 2, changes=coming, keep="all")
    assert past(forked, 48).equals(past(study, 48))
    always = replicate(scenario.with_changes(coming), 4, seed=3)
    assert measures.closure(forked).equals(measures.closure(always))
    assert measures.closure(forked)["last_h"].mean() < measures.closure(study)["last_h"].mean()


def test_slots_are_booked_from_the_fork_on() -> None:
    """Two lorries a day do not suffice for four loads; from day 2 on there are eight, or all on day 8."""
    per_day = {"per_day": {"truck": 2}, "working": []}
    study = replicate(later_ships(programme=per_day), 1, keep="all")
    more = fork(study, 2, changes={"flows.flow.programme.per_day.truck": 8}, keep="all")
    assert past(more, 48).equals(past(study, 48))
    taken = more.slots.filter(pl.col("movement").is_not_null()).select(pl.col("hour") // 24)
    assert taken.to_series().to_list()[:2] == [1, 1], "as they were"
    day_8 = [{"day": 8, "mode": "truck", "loads": 10}]
    late = fork(study, 2, changes={"flows.flow.programme": {"slots": day_8, "working": []}}, keep="all")
    assert past(late, 48).equals(past(study, 48))
    hours = late.slots.filter(pl.col("movement").is_not_null())["hour"]
    assert [hour // 24 for hour in hours] == [1, 1, *[8] * 10]
    past_day = [{"day": 1, "mode": "truck", "loads": 10}]
    with pytest.raises(InputError, match="slots from that day on can change"):
        fork(study, 2, changes={"flows.flow.programme": {"slots": past_day, "working": []}})
    with pytest.raises(InputError, match="for modes that are booked already"):
        fork(study, 2, changes={"flows.flow.programme.per_day": {"truck": 8, "train": 1}})


def test_a_window_that_has_not_begun_is_planned_anew() -> None:
    study = replicate(later_ships(programme={"window_days": 12}), 1)
    shorter = {"flows.flow.programme.window_days": 9}
    assert measures.windows(fork(study, 0.5, changes=shorter))["ends_h"].to_list() == [24 + 9 * 24]
    with pytest.raises(InputError, match="a window cannot"):
        fork(study, 1.5, changes=shorter)
    with pytest.raises(InputError, match="nor the loads that it follows from"):
        fork(study, 2, changes={"flows.flow.shares.wheeled": {"train": 1.0}})


def test_of_uncertain_numbers_each_replication_forks_its_own(scenario: Scenario) -> None:
    unknown = scenario.with_changes({"pools.trucks.capacity": {"uniform": [2, 4]}})
    study = replicate(unknown, 2, seed=3, keep="all")
    forked = fork(study, 2, changes={"pools.trucks.arrivals": [{"day": 3, "amount": 4}]}, keep="all")
    assert past(forked, 48).equals(past(study, 48))
    trucks = [of.pools.filter(pl.col("pool") == "trucks")["capacity"] for of in (study, forked)]
    assert (trucks[0] + 4).to_list() == trucks[1].to_list()


def test_a_fork_is_paired_with_its_parent(study: Study) -> None:
    forked = fork(study, 2, changes={"pools.trucks.capacity": 6})
    (row,) = Comparison({"as it was": study, "more": forked}).difference().rows(named=True)
    assert row["pairs"] == 4
    assert row["difference"] < 0
    assert row["high"] == 0, "of four pairs none is sure"


def test_a_fork_lies_on_disk_and_can_be_forked_and_verified(study: Study, tmp_path: Path) -> None:
    once = fork(study, 1, changes={"pools.trucks.capacity": 1}, out=tmp_path / "once")
    twice = fork(once, 3, changes={"pools.trucks.capacity": 6}, out=tmp_path / "twice", keep=[1])
    assert [f["at_h"] for f in open_study(tmp_path / "twice").manifest["fork"]] == [24, 72]
    assert verify(tmp_path / "twice").sound
    assert past(twice.kept, 72).equals(past(once.rerun(1), 72))
    with pytest.raises(InputError, match="the fork differs"):
        fork(study, 1, changes={"pools.trucks.capacity": 2}, out=tmp_path / "once")


@pytest.mark.parametrize(
    ("day", "changes", "words"),
    [
        (2, {"flows.flow.ships.ship.cancelled": True}, r"flows.flow.ships.ship \"day 0\" has happened by the day"),
        (2, {"flows.new.ships.ship.cancelled": True}, "cannot change under way"),
        (2, {"flows.flow.required_day": 9}, r"flows.flow.required_day \"9\" cannot change under way"),
        (2, {"horizon_days": 30, "pools.trucks.people": 3}, "horizon_days"),
        (2, {"places.harbour.truck_ramps": {"capacity": 3, "rate_per_h": 9}}, "cannot change under way"),
        (2, {"flows.flow.shares.wheeled": {"train": 1.0}}, r"flows.flow.shares \"before day 2\" has happened"),
        (2, {"flows.flow.programme": {"per_day": {"truck": 9}}}, "flows.flow.programme has begun"),
        (2, {"pools.trucks.arrivals": [{"day": 1, "amount": 3}]}, r'pools.trucks.arrivals "day 1: 3" has happened'),
        (2, {"flows.flow.diverts_to": {"haven": 3}}, "can only be taken out under way"),
        (20, {"routing": "fixed"}, 'at_day "20" must lie from day 0 to the horizon, day 20'),
        (float("nan"), {"routing": "fixed"}, 'at_day "nan" must lie from day 0'),
        (2, {"places.harbour.yard_m2": 4000}, "was not scarce before"),
        (2, {"places.harbour.cranes": 3}, 'places.harbour.cranes "3" is what nothing takes'),
        (2, {"pools.trucks.capacity": -1}, "must be at least 0"),
    ],
)
def test_what_cannot_change_under_way_says_so_and_writes_nothing(
    study: Study, day: float, changes: dict[str, object], words: str, tmp_path: Path
) -> None:
    for out in (None, tmp_path / "fork"):
        with pytest.raises(InputError, match=words):
            fork(study, day, changes=changes, out=out)
    assert not list(tmp_path.iterdir())


def test_a_disruption_that_is_there_already_is_not_changed(scenario: Scenario) -> None:
    blast = {"links": ["road1"], "start_h": 30, "duration_h": 50}
    study = replicate(scenario.with_changes({"disruptions.blast": blast}), 1)
    with pytest.raises(InputError, match="is there already"):
        fork(study, 1, changes={"disruptions.blast.duration_h": 5})


def test_a_fork_has_the_sampling_of_its_study(scenario: Scenario) -> None:
    """Else the draws of independent replications would not be those that they had before the fork."""
    alone = replicate(scenario, 3, seed=3, sampling="independent", keep="all")
    forked = fork(alone, 2, changes={"pools.trucks.capacity": 6}, keep="all")
    assert forked.sampling == "independent"
    assert past(forked.kept, 48).sort(pl.all()).equals(past(alone.kept, 48).sort(pl.all()))
    with pytest.raises(InputError, match='fork: sampling "stratified" cannot change under way'):
        fork(alone, 2, changes={"pools.trucks.capacity": 6}, sampling="stratified")
