"""Means for a goal: the smallest amount with which it holds."""

import json
import sys
from pathlib import Path
from typing import Any, Generic, NamedTuple

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.decide import need, needs
from nfm_sim.decide.answers import of_need
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from nfm_sim.study.intervals import Interval
from nfm_sim.study.tried import Key
from tests.conftest import called, coast, coast_data, one_ship

TRUCKS = "pools.trucks.capacity"


def lorries() -> nfm.Scenario:
    """Twelve lorry loads; a round trip takes as long whatever is there: so many trucks, so many rounds."""
    ports = {"harbour": {"ramps": {"capacity": 1, "rate_per_h": 1e3}, "truck_ramps": {"capacity": 12, "rate_per_h": 2}}}
    flows = {"flow": one_ship("truck", 12)}
    return build_scenario(coast_data(flows=flows, places=ports, pools={"trucks": {"capacity": 1}}), coast())


def test_the_least_that_does_is_found_and_one_less_does_not() -> None:
    """In 12 hours two rounds are driven (a round: load half an hour, three hours there, unload, three hours back)."""
    found = need(lorries(), "P(closure <= 12 h) >= 0.5", path=TRUCKS, between=(3, 9), replications=8, jobs=1)
    assert (found.amounts, found.is_sure, found.is_least) == ((6,), True, True)
    assert found.below is not None
    assert (found.interval.estimate, found.below.estimate) == (1.0, 0.0)
    assert found.tried[TRUCKS].to_list() == sorted(found.tried[TRUCKS])
    assert found.turns == ()


def test_the_least_of_a_range_may_do() -> None:
    found = need(lorries(), "P(closure <= 9 d) >= 0.8", path=TRUCKS, between=(1, 4), replications=16, jobs=1)
    assert (found.amounts, found.is_sure, found.below) == ((1,), True, None)


def test_what_not_even_the_most_reaches_is_said() -> None:
    found = need(lorries(), "P(closure <= 2 h) >= 0.8", path=TRUCKS, between=(1, 4), replications=8, jobs=1)
    assert (found.amounts, found.is_sure) == (None, False)
    assert found.tried.height == 1, "the most alone was tried"


@pytest.mark.long
def test_so_few_replications_promise_no_great_surety() -> None:
    """Eight of eight are in time with six; a promise takes more, and these are made."""
    found = need(lorries(), "P(closure <= 12 h) >= 0.95", path=TRUCKS, between=(5, 7), replications=8, jobs=1)
    assert found.amounts == (6,)
    assert found.replications >= 100


def test_a_search_that_was_stopped_goes_on(tmp_path: Path) -> None:
    goal = "P(closure <= 12 h) >= 0.2"
    asked: Any = {"path": TRUCKS, "between": (5, 7), "replications": 8, "out": tmp_path, "jobs": 1}
    one = need(lorries(), goal, **asked)
    done: list[tuple[int, int]] = []
    again = need(lorries(), goal, progress=lambda progress: done.append((progress.done, progress.asked)), **asked)
    assert again.amounts == one.amounts
    assert all(made == asked for made, asked in done), "nothing was made again"
    assert "6" in nfm.open_comparison(tmp_path), "and `nfm-sim report` makes a page of it"


def test_of_two_paths_there_is_a_frontier() -> None:
    """With one ramp, which loads a lorry in half an hour, it takes eight to drive twelve loads in two rounds; with two
    ramps six."""
    scenario = lorries().with_changes({"places.harbour.truck_ramps": {"capacity": 1, "rate_per_h": 2}})
    paths = ["places.harbour.truck_ramps.capacity", TRUCKS]
    found = needs(scenario, "P(closure <= 12 h) >= 0.5", paths=paths, between=[(1, 2), (4, 9)], replications=8, jobs=1)
    assert [(one.amounts, one.is_least) for one in found] == [((1, 8), True), ((2, 6), True)]


@pytest.mark.parametrize(("suffice", "found"), [(7, 7), (8, 8), (9, 16)])
def test_what_fresh_replications_do_not_bear_out_a_larger_amount_that_was_tried_may(
    monkeypatch: pytest.MonkeyPatch, suffice: int, found: int
) -> None:
    """Of 1 to 16 trucks the search tries 16, 8, 4, 6 and 5, and because 6 suffice so narrowly, 7: in nine of ten
    replications. Of these, fresh replications bear out the least that has as many as it takes there."""
    in_search = [0.0] * 6 + [0.85, 0.9] + [1.0] * 9

    class Tries(NamedTuple):
        """Stands for a study of so many trucks."""

        trucks: int
        replications: range

        def chance(self) -> float:
            return float(self.trucks >= suffice) if self.replications.start else in_search[self.trucks]

    class Tried(Generic[Key]):
        def __init__(self, *_: Any) -> None: ...

        def __call__(self, keys: Any, numbers: range) -> dict[tuple[int, ...], Tries]:
            return {key: Tries(key[-1], numbers) for key in keys}

        def compared(self, keys: Any) -> None: ...

    def interval(_: Any, tries: Tries, confidence: float = 0.95) -> Interval:
        return Interval(tries.chance(), tries.chance() - 0.01, tries.chance() + 0.01)

    def difference(both: dict[str, Tries], *_: Any) -> pl.DataFrame:
        more = both["more"].chance() - both["less"].chance()
        return pl.DataFrame({"low": [more - 0.01], "high": [more + 0.01]})

    monkeypatch.setattr(sys.modules["nfm_sim.decide.goals"], "Tried", Tried)
    monkeypatch.setattr(sys.modules["nfm_sim.decide.goals"], "compare_quantity", difference)
    monkeypatch.setattr(nfm.Goal, "interval", interval)
    paths = ["places.harbour.truck_ramps.capacity", TRUCKS]
    pairs = needs(lorries(), "P(closure <= 12 h) >= 0.8", paths=paths, between=[(1, 2), (1, 16)])
    assert [(one.amounts, one.is_sure) for one in pairs] == [((1, found), True), ((2, found), True)]
    assert pairs[0].tried[TRUCKS].to_list() == [4, 5, 6, 7, 8, 16]


@pytest.mark.parametrize(
    ("paths", "ranges", "said"),
    [
        ([], 0, "0 paths, 0 ranges"),
        ([TRUCKS, "horizon_days"], 1, "2 paths, 1 range"),
        ([TRUCKS, "horizon_days", "pools"], 3, "3 paths, 3 ranges"),
    ],
)
def test_each_path_has_a_range(paths: list[str], ranges: int, said: str) -> None:
    with pytest.raises(InputError, match=rf'paths "{said}" must be one or two paths, with a range each'):
        needs(lorries(), "P(closure <= 12 h) >= 0.5", paths=paths, between=[(1, 2)] * ranges, replications=4, jobs=1)


def test_the_amount_may_be_of_anything_at_a_path() -> None:
    """A ship that comes on day 2 is not there before."""
    day = "flows.flow.ships.ship.calls.0.day"
    found = need(lorries(), "P(closure.first >= 2 d) >= 0.5", path=day, between=(0, 5), replications=4, jobs=1)
    assert found.amounts == (2,)


def test_a_chance_that_is_not_known_is_null() -> None:
    """The horizon ends before the day that is asked for, and the ship may come after it."""
    uncertain = {"flows.flow.ships.ship.lateness_h": {"uniform": [0, 48]}, "horizon_days": 1.5}
    late = lorries().with_changes(uncertain)
    found = need(late, "P(closure <= 2 d) >= 0.9", path=TRUCKS, between=(4, 4), replications=16, jobs=1)
    assert found.tried["estimate"].to_list() == [None]
    assert not of_need([found], [(4, 4)], late).draw().lines


def test_the_command_says_it_as_json() -> None:
    goal = "P(closure <= 60 d) >= 0.2"
    options = ("--from", 1, "--to", 1, "--replications", 2, "--jobs", 1, "--json")
    done = called("need", nfm.example("allied_brigade"), "pools.escort_teams.capacity", "--for", goal, *options)
    (found,) = json.loads(done.stdout)
    assert (found["goal"], found["amounts"], found["is_least"]) == (goal, [1], False), done.stderr
    assert found["tried"][0]["pools.escort_teams.capacity"] == 1


def test_goals_and_ranges_that_are_none_are_said() -> None:
    with pytest.raises(InputError, match="says of no chance"):
        need(lorries(), "closure <= 12 h", path=TRUCKS, between=(1, 4))
    for between in ((4, 1), (1.5, 4)):
        with pytest.raises(InputError, match="whole amounts, the smaller first"):
            need(lorries(), "P(closure <= 12 h) >= 0.5", path=TRUCKS, between=between)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r'paths "pools.trucks.capacity" stands twice'):
        needs(lorries(), "P(closure <= 12 h) >= .5", paths=[TRUCKS, TRUCKS], between=[(1, 4), (1, 4)])
    with pytest.raises(InputError, match="truks"):
        need(lorries(), "P(closure <= 12 h) >= 0.5", path="pools.truks.capacity", between=(1, 4), jobs=1)
