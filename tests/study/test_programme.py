"""The steadiest programme with which a flow closes by a day."""

import json
import math
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from nfm_sim.study import propose_programme
from tests.conftest import called, coast, coast_data, one_ship


def lorries(**flow: Any) -> nfm.Scenario:
    """Fifty lorry loads that are ashore on Monday morning."""
    data = coast_data(horizon_days=20, flows={"flow": {**one_ship("truck", 50), **flow}})
    data["places"] = {"harbour": {"ramps": {"capacity": 1, "rate_per_h": 1e3}, "truck_ramps": 9}}
    return build_scenario(data, coast())


def test_loads_are_spread_evenly_over_the_working_days() -> None:
    found = propose_programme(lorries(), 5, surety=0.5, replications=2, confirming=16, jobs=1)
    assert (found.met, found.fresh, found.replications) == (True, True, 16)
    assert found.slots.rows() == [(day, "harbour", "truck", 10) for day in range(5)]
    assert found.use.rows() == [("harbour", "truck", 50, 50.0, 50.0, 0.0)]
    assert (found.surety, 0.5 <= found.low < 1, found.high) == (1.0, True, 1.0)


LATE = one_ship("truck", 50, lateness_h={"uniform": [30, 50]})


@pytest.mark.long
def test_a_late_ship_needs_more_bookings_than_loads_and_other_seeds_bear_the_promise_out() -> None:
    late = lorries(**LATE)
    found = propose_programme(late, 5, surety=0.6, replications=8, seed=2, jobs=1)
    assert found.met
    assert found.low >= 0.6
    assert found.slots["loads"].sum() > 55
    hours = nfm.closure(nfm.replicate(late.with_changes(found.changes), 32, seed=3, jobs=1))["last_h"]
    assert (hours <= 120).fill_null(False).mean() >= 0.6


def test_what_the_search_liked_is_promised_only_when_fresh_replications_bear_it_out() -> None:
    """Eight of eight are in time, and eight fresh ones again: that is no surety of 95 %, whatever is booked."""
    found = propose_programme(lorries(), 5, replications=8, confirming=8, jobs=1)
    assert (found.surety, found.met, found.fresh) == (1.0, False, True)
    assert found.low < 0.95
    assert found.slots["loads"].sum() == 200, "it went on to the most"


def test_what_bookings_cannot_do_is_said() -> None:
    scenario = lorries().with_changes({"pools.trucks": {"capacity": 1}})
    found = propose_programme(scenario, 5, replications=2, jobs=1)
    assert (found.met, found.fresh, found.replications) == (False, False, 2)
    assert found.surety == 0


def test_the_table_is_one_that_a_scenario_names(tmp_path: Path) -> None:
    propose_programme(lorries(), 5, surety=0.5, replications=2, confirming=2, jobs=1).write(tmp_path / "slots.csv")
    assert pl.read_csv(tmp_path / "slots.csv").columns == ["day", "port", "mode", "loads"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"by_day": 5, "flows": ["flaw"]}, 'programme: flow "flaw" must be one of flow (did you mean "flow"?)'),
        ({"by_day": math.nan}, 'programme: by "day nan" must lie from day 0 to the horizon'),
        ({"by_day": 999}, 'programme: by "day 999" must lie from day 0 to the horizon'),
        ({"by_day": 0}, 'programme: by "day 0" leaves no working day at harbour'),
        ({"by_day": 5, "surety": 95}, 'programme: surety "95" must lie between 0 and 1'),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        propose_programme(lorries(), **asked)
    assert said in str(error.value)


def test_flows_are_proposed_one_programme_together() -> None:
    """Twenty lorries of one flow and thirty of another, of which one has a booking of its own and one shares it."""
    flows = {
        "first": {**one_ship("truck", 20), "programme": {"per_day": {"truck": 1}}},
        "second": one_ship("truck", 30),
        "third": one_ship("truck", 1),
    }
    rest = {"flows": ["second", "third"], "per_day": {"truck": 2}}
    scenario = lorries().with_changes({"flows.flow": False, "flows": flows, "programmes": {"rest": rest}})
    found = propose_programme(scenario, 5, flows=["first", "second"], surety=0.5, replications=2, confirming=16, jobs=1)
    assert (found.flows, found.key, found.met) == (("first", "second"), "programmes.proposed", True)
    assert found.slots.rows() == [(day, "harbour", "truck", 10) for day in range(5)]
    changed = scenario.with_changes(found.changes)
    assert [changed.programme_name(flow) for flow in changed.flows] == ["proposed", "proposed", "rest"]
    assert found.orders.filter(pl.col("week") == 0).select("mode", "line", "loaded").row(0)[:2] == ("truck", "border")
    assert propose_programme(scenario, 5, surety=0.5, replications=2, confirming=2, jobs=1).flows == (
        "first", "second", "third",
    )  # fmt: skip


LINES = {
    "amsterdam_westhaven": "Amsterdam-Westhaven",
    "eemshaven": "Roodeschool-Eemshaven",
    "rotterdam_maasvlakte": "Havenspoorlijn",
    "vlissingen_oost": "Sloelijn",
}


def test_what_a_corps_orders_on_a_line_is_what_leaves_its_port_and_passes_its_links() -> None:
    """Counted three ways: orders by line, trains that leave the port of the line, and passages of its links."""
    run = nfm.simulate(nfm.read_scenario(nfm.example("corps_transit")), seed=7)
    train = pl.col("mode") == "train"
    ordered = nfm.measures.orders(run).filter(train)
    left = nfm.measures.departures_by_day(run).filter(train).with_columns(week=pl.col("day") // 7)
    passed = nfm.measures.link_load(run)
    assert run.network is not None
    for port, line in LINES.items():
        mine = ordered.filter(pl.col("line") == line)
        links = [link.name for link in run.network.links.values() if link.line == line]
        most = passed.filter(pl.col("link").is_in(links)).group_by("link").agg(pl.col("movements").sum())
        by_week = dict(mine.group_by("week").agg(pl.col("loaded").sum()).rows())
        trains = dict(left.filter(pl.col("origin") == port).group_by("week").agg(pl.col("movements").sum()).rows())
        assert sum(by_week.values()) == sum(trains.values()) > 0, line
        off = [abs(by_week.get(week, 0) - number) for week, number in trains.items()]
        assert max(off) <= 1, "a train that leaves at midnight comes to the line in the next week"
        assert mine["loaded"].sum() + mine["empty"].sum() == most["movements"].max(), line


def test_the_command_says_what_to_book_and_writes_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = lorries().with_changes({"notional": "All of it."})
    monkeypatch.setattr("nfm_sim.cli.study.read_changed", lambda file, change: made)
    files = {option: tmp_path / option for option in ("slots.csv", "orders.csv", "hours.csv", "orders.png")}
    written = chain.from_iterable(zip(("--out", "--orders", "--by-hour", "--figure"), files.values(), strict=True))
    asked = ("programme", "s.toml", "--by", "day 5", "--replications", 2, "--confirming", 2, "--jobs", 1)
    said = called(*asked, *written)
    assert said.returncode == 0, said.stderr
    assert "booked a day" in said.stdout
    assert "What is ordered, by week" in said.stdout
    assert "Not promised: closed by day 5 in" in said.stdout
    assert "so few replications cannot show it" in said.stdout
    assert "Notional" in said.stdout
    assert pl.read_csv(files["slots.csv"])["loads"].sum() == 200
    assert pl.read_csv(files["orders.csv"])["loaded"].sum() == 50
    assert pl.read_csv(files["hours.csv"]).height > 0
    assert files["orders.png"].read_bytes()[1:4] == b"PNG"
    assert json.loads(called(*asked, "--json").stdout)["met"] is False
    wrong = called("programme", "s.toml", "--by", "soon")
    assert (wrong.returncode, wrong.stderr.strip()) == (
        2,
        'nfm-sim: --by "soon" must be a day after hour 0, such as "day 21"',
    )
