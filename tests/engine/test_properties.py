"""What holds in every scenario: pieces are conserved, spans tile, pools and links are not overdrawn."""

from dataclasses import replace
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from nfm_sim import measures
from nfm_sim.engine import simulate
from nfm_sim.network import Network
from nfm_sim.record import Run
from nfm_sim.scenario import build_scenario
from tests.conftest import coast_data, meetings, wide_coast

NETWORK = wide_coast()
MODES = ["train", "column", "truck", "barge"]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """The wide coast with links of any length, single or double track, and places where one may stand or not."""
    links = {
        name: replace(
            link,
            km=draw(st.integers(5, 120)),
            tracks=draw(st.sampled_from([1, 2, 4])) if "rail" in link.modes else None,
        )
        for name, link in NETWORK.links.items()
    }
    nodes = dict(NETWORK.nodes)
    for name in ("halt", "bypass"):
        nodes[name] = replace(nodes[name], holds=frozenset(draw(st.sets(st.sampled_from(["road", "rail"])))))
    return Network(NETWORK.path, nodes, links, NETWORK.facilities)


@st.composite
def shares(draw: st.DrawFn) -> dict[str, float]:
    parts = draw(st.lists(st.integers(0, 4), min_size=4, max_size=4).filter(any))
    return {mode: part / sum(parts) for mode, part in zip(MODES, parts, strict=True)}


@st.composite
def tasks(draw: st.DrawFn) -> dict[str, Any]:
    """Two tasks besides the regional plans and the transit, with elements, relief and a share of a pool."""
    days = st.sampled_from([None, 0.5, 3])
    post = {
        "capability": draw(st.sampled_from(["infantry", "signals | infantry"])),
        "number": draw(st.integers(1, 3)),
        "until_day": draw(st.sampled_from([4, 6])),
        "travel_h": draw(st.sampled_from([0, {"exponential": {"mean": 8}}])),
        "staffs": draw(st.sampled_from([{}, {"escort_teams": 1}])),
    }
    tour = {"tour_days": 1, "longest_tour_days": draw(st.sampled_from([1, 5])), "rest_days": draw(st.integers(0, 2))}
    number = st.integers(1, 9)
    share = {"pool": "trucks", "number": 1.5, "until_day": 5}
    for commitment in (post, share):
        if (day := draw(days)) is not None:
            commitment["from_day"] = day
    return {
        "regional_plans": {"priority": draw(number), "redeploy_h": 7},
        "host_nation_support": {"priority": draw(number), "commitments": {"share": share}},
        "guard": {
            "priority": draw(number),
            "weight": draw(number),
            "reserved_share": {"other": draw(st.sampled_from([0, 0.5]))},
            "may_withdraw": draw(st.booleans()),
            "stages": draw(st.sampled_from([[], ["recall", "materiel"]])),
            "commitments": {"post": post},
        },
        "mission": {
            "priority": draw(number),
            "breaks_rest": draw(st.booleans()),
            "redeploy_h": {"uniform": [0, 30]},
            "commitments": {"post": {**post, **tour, "staffs": {}}},
        },
    }


CIVIL = {
    "mean_per_h": {"motorway": 1500},
    "paths": {"RAIL2": {"weekday": [2] * 6 + [0] * 3 + [1] * 15}, "other": {"weekday": [3] * 24}},
}


@st.composite
def disruptions(draw: st.DrawFn) -> dict[str, Any]:
    """Links, facilities, pools and ships that something happens to, announced or not, once or again."""
    targets = st.sampled_from(
        [
            {"nodes": ["border"]},
            {"nodes": ["harbour"]},
            {"lines": ["RAIL2"]},
            {"links": ["road1", "canal2"]},
            {"anywhere": "rail"},
            {"facilities": ["harbour.ramps", "harbour.tracks", "lock.chambers"]},
            {"pools": ["escort_teams"], "ships": ["flow/a"]},
        ]
    )
    disruption = st.fixed_dictionaries(
        {
            "start_h": st.sampled_from([0, 26, {"uniform": [10, 90]}]),
            "duration_h": st.sampled_from([3, {"exponential": {"mean": 20}}]),
            "left_share": st.sampled_from([0, 0.4]),
            "announced": st.booleans(),
            "chance": st.sampled_from([0.5, 1]),
            "times": st.sampled_from([1, 4]),
            "every_h": st.just({"uniform": [1, 60]}),
        }
    ).flatmap(lambda rest: targets.map(lambda target: {**target, **rest}))
    chosen = draw(st.lists(disruption, max_size=3))
    return {f"d{i}": one for i, one in enumerate(chosen)}


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    count = st.integers(0, 60)
    pieces = st.fixed_dictionaries({"wheeled": count, "tracked": count, "container": count})
    ship = st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["roro", "lolo"]),
            "gangs": st.integers(1, 3),
            "lateness_h": st.sampled_from([0, 7, {"exponential": {"mean": 20}, "zero_share": 0.5}]),
            "calls": st.lists(
                st.fixed_dictionaries({"port": st.just("harbour"), "day": st.just(1), "pieces": pieces}),
                min_size=1,
                max_size=2,
            ),
        }
    )
    data = coast_data(
        horizon_days=draw(st.sampled_from([2, 5, 30])),
        shares={name: draw(shares()) for name in ("wheeled", "tracked", "container")},
        flows={
            "flow": {
                "destination": "east",
                "nation": "US",
                "diverts_to": draw(st.sampled_from([{}, {"haven": 5}])),
                **draw(st.sampled_from([{}, {"permit_applied_day": 1, "permit_valid_days": 2}])),
                **draw(st.sampled_from([{}, {"airlifts": {"f": {"airport": "barracks", "day": 2, "people": 2000}}}])),
                "ships": {"a": draw(ship), **draw(st.dictionaries(st.sampled_from("bc"), ship))},
            }
        },
        pools={
            name: {"capacity": draw(st.integers(1, 6))}
            for name in draw(
                st.sets(st.sampled_from(["escort_teams", "trucks", "locomotives", "heavy_wagons", "bays"]))
            )
            | {"bays"}
        },
        places={"harbour": {"yard_m2": draw(st.sampled_from([2700, 5000])), "berths": draw(st.integers(1, 2))}},
        activation={
            "decision_h": {"pert": [1, 5, 20]},
            "stages": {
                "recall": {"kind": "recall", "hours": {"pert": [1, 5, 20]}, "night_adds_h": 3},
                "fill_up": {"kind": "fill_up", "hours": 4, "share": 0.8},
                "materiel": {"hours": {"uniform": [1, 90]}, "pool": "bays"},
                "repair": {
                    "kind": "repair",
                    "repair_h": {"exponential": {"mean": 6}},
                    "bays": {"wheeled": "bays"},
                    "spares": {"wheeled": "spares"},
                },
            },
            "pre_alert_stages": draw(st.sampled_from([[], ["recall"], ["recall", "fill_up", "repair"]])),
            "trades": {"other": {"people": 1.0}},
        },
        elements={
            f"e{i}": {
                "tier": draw(st.sampled_from([1, 2, 3])),
                "capability": draw(st.sampled_from(["infantry", "signals"])),
                "home": "barracks",
                "railhead": "railhead",
                "destination": "west",
                "pieces": {"wheeled": draw(count)},
                "requires": [f"e{i - 1}"] if i else [],
                "personnel": draw(st.integers(0, 900)),
                "filled_share": draw(st.sampled_from([0.3, 0.8, 1.0])),
                "mission_capable_share": draw(st.sampled_from([0.7, 0.9, 1.0])),
                "pre_alert_days": draw(st.sampled_from([0, 0.5, 4])),
            }
            for i in range(draw(st.integers(0, 4)))
        },
        disruptions=draw(disruptions()),
        routing=draw(st.sampled_from(["fixed", "fastest", "earliest"])),
        bumping=draw(st.booleans()),
        mode_choice=draw(st.sampled_from(["shares", "least_closure"])),
    )
    for capability in ("infantry", "signals"):
        for i in range(draw(st.integers(1, 2))):
            data["elements"][f"home {capability} {i}"] = {"home": "barracks", "capability": capability}
    data["pools"].setdefault("escort_teams", {"capacity": 1})
    data["pools"]["trucks"] = {"capacity": draw(st.integers(2, 6))}
    data["pools"]["people"] = {"capacity": 100, "arrivals": [{"day": 3, "amount": 9000}]}
    data["pools"]["spares"] = {"capacity": 5, "arrivals": [{"day": 2, "amount": 900}]}
    if data["elements"]:
        data["formations"] = {"brigade": {"elements": list(data["elements"]), "in_place_share": 0.7}}
    exits = {"train": "border", "column": "border", "truck": "border", "barge": "border"}
    data["destinations"] = {
        "east": {"exits": exits, "beyond_h": {"truck": 6, "train": {"pert": [5, 9, 20]}}},
        "west": {"exits": exits},
    }
    if data["elements"]:
        data["shares"]["wheeled"] = {"train": 0.5, "column": 0.25, "truck": 0.25}
    data["tasks"] = draw(tasks())
    data["policy"] = draw(st.sampled_from(["strict", "weights", "reserved"]))
    data["regimes"] = {"conflict": {"may_withdraw": {"guard": True}, "permit_h": 6}}
    data["timeline"] = [{"regime": "conflict", "day": 2}]
    data["movement"]["column"]["breakdown_per_vehicle_km"] = draw(st.sampled_from([0, 1e-3]))
    data["movement"]["column"]["lane_blocked_share"] = 0.5
    data["movement"]["column"]["rests"] = [{"activity": "rest", "after_h": 2.5, "hours": 1}]
    data["movement"]["civil"] = draw(st.sampled_from([{}, CIVIL]))
    data["movement"]["column"]["driving"] = draw(st.sampled_from([[], ["20:00-06:00"]]))
    return data


def check(run: Run, data: dict[str, Any], network: Network) -> None:
    landed = sum(
        sum(call["pieces"].values()) for ship in data["flows"]["flow"]["ships"].values() for call in ship["calls"]
    )
    lots = measures.closed_lots(run)
    assert lots["pieces"].sum() == landed, "every piece that lands is in exactly one movement"

    spans = run.spans.filter(pl.col("kind") != "milestone").sort("subject", "start_h")
    follows = spans.with_columns(pl.col("end_h").shift(1).over("subject").alias("before"))
    assert follows.filter(pl.col("before").is_not_null() & (pl.col("before") != pl.col("start_h"))).is_empty()
    hours = measures.ledger(run).group_by("subject").agg(pl.col("hours").sum()).sort("subject")
    total = measures.total(run).filter(pl.col("total_h") > 0).sort("subject")
    assert hours["hours"].to_list() == total["total_h"].to_list(), "the ledger adds up to the last bit"

    at_home = pl.col("subject").str.starts_with("home") & (pl.col("activity") == "in place")
    closed = run.spans.filter(pl.col("activity").is_in(["closed", "effective", "discharged", "married up"]) | at_home)
    still_open = total.join(closed, on="subject", how="anti")
    assert (still_open["end_h"] == run.horizon_h).all(), "what did not close is accounted for to the horizon"

    at = pl.col("end_h").shift(1).over("element").fill_null(run.duties["start_h"].min())
    duties = run.duties.sort("element", "start_h").with_columns(at.alias("before"))
    assert (duties["before"] == duties["start_h"]).all(), "an element is on exactly one task at a time, or free"
    assert (duties.group_by("element").agg(pl.col("end_h").max())["end_h"] == run.horizon_h).all()
    assert duties["element"].n_unique() == len(data["elements"])

    used = measures.utilisation(run)
    assert used.filter(pl.col("peak_held") > pl.col("capacity")).rows() == []
    assert used["used_share"].drop_nulls().is_between(0, 1 + 1e-9).all()

    assert meetings(run, network).is_empty()
    booked = run.passages.filter(pl.col("slot_h") > 0)
    in_order = booked.sort("link", "forward", "enter_h").with_columns(
        (pl.col("enter_h") + pl.col("slot_h")).shift(1).over("link", "forward").alias("free_h")
    )
    assert in_order.filter(pl.col("free_h") > pl.col("enter_h")).is_empty(), "no two slots overlap"


@given(scenarios(), networks(), st.integers(0, 2**64 - 1))
def test_what_holds_in_every_scenario(data: dict[str, Any], network: Network, seed: int) -> None:
    scenario = build_scenario(data, network)
    run = simulate(scenario, seed)
    check(run, data, network)
    again = simulate(scenario, seed)
    for name, table in run.tables.items():
        assert table.equals(again.tables[name]), f"the same seed gives the same {name}"


@given(scenarios(), networks())
def test_nothing_waits_for_ever(data: dict[str, Any], network: Network) -> None:
    """With one at least of everything, and time enough, all pieces close and all elements are effective. Elements in
    place may hold a truck each for good, so there are more trucks than elements."""
    trucks = {"capacity": data["pools"]["trucks"]["capacity"] + len(data["elements"])}
    data = {**data, "horizon_days": 900, "pools": {**data["pools"], "trucks": trucks}}
    run = simulate(build_scenario(data, network))
    assert measures.closed_lots(run)["closed_h"].null_count() == 0
    assert measures.readiness(run)["effective_h"].null_count() == 0


@given(scenarios(), networks(), st.sampled_from([2, 4, 7]))
def test_what_is_called_stuck_never_closes(data: dict[str, Any], network: Network, days: int) -> None:
    """Whoever is said to wait for nothing that can come has not closed long after either."""
    data = {**data, "disruptions": {}, "pools": {**data["pools"], "trucks": {"capacity": 1}}}
    early, late = (simulate(build_scenario({**data, "horizon_days": d}, network)) for d in (days, 60))
    closed = set(late.spans.filter(pl.col("activity") == "closed")["subject"])
    assert not closed & set(early.stuck.filter(pl.col("why") != "held")["subject"])
    assert not closed & set(late.stuck["subject"])


@given(scenarios(), st.integers(0, 2**64 - 1), st.sampled_from([20, 31.5, 60]))
def test_a_disruption_changes_nothing_before_it_comes(data: dict[str, Any], seed: int, fork_h: float) -> None:
    strike = {
        "nodes": ["border"],
        "facilities": ["harbour.berths", "harbour.ramps"],
        "pools": ["bays"],
        "start_h": fork_h,
        "duration_h": 30,
    }
    forked = {**data, "disruptions": {**data["disruptions"], "strike": strike}}
    runs = [simulate(build_scenario(scenario, NETWORK), seed) for scenario in (data, forked)]
    ends = pl.col("end_h").clip(upper_bound=fork_h)
    # an element that deploys has the time of its last movement, and which one is the last is only known later
    told = pl.col("subject").str.contains("/") | pl.col("activity").is_in(["decision", *data["activation"]["stages"]])
    # what a train leaves behind was a part of it until then
    told &= ~pl.col("subject").str.contains(r"\.\d+$")
    past = [run.spans.filter(told & (pl.col("start_h") < fork_h)).with_columns(ends) for run in runs]
    # what is under way at the fork may yet learn what it waited for
    known = [spans.with_columns(pl.when(ends < fork_h).then("cause").alias("cause")) for spans in past]
    assert known[0].sort(pl.all()).equals(known[1].sort(pl.all()))
