"""What is spoiled: shipped scenarios cut to a size that simulates in a moment, and a small one with something of
everything."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from nfm_sim.network import Network, read_network
from nfm_sim.scenario.files import load_files
from tests.conftest import ROOT, coast_data, wide_coast

DAYS, SHIPS, ELEMENTS = 8, 2, 8
"""What is left of a shipped scenario."""


@cache
def dutch() -> Network:
    return read_network(ROOT / "networks/netherlands")


@cache
def coast() -> Network:
    return wide_coast()


@cache
def shipped() -> dict[str, dict[str, Any]]:
    """The shipped scenarios as plain data, cut, by name."""
    return {file.stem: cut(load_files(file).data) for file in sorted((ROOT / "scenarios").glob("*.toml"))}


def cut(data: dict[str, Any]) -> dict[str, Any]:
    """A scenario with fewer days, ships and elements."""
    data["horizon_days"] = min(data["horizon_days"], DAYS)
    for flow in data.get("flows", {}).values():
        flow["ships"] = dict(list(flow.get("ships", {}).items())[:SHIPS])
        for ship in flow["ships"].values():
            for call in ship["calls"]:
                call["pieces"] = {name: min(int(number), 60) for name, number in call.get("pieces", {}).items()}
    left = dict(list(data.get("elements", {}).items())[:ELEMENTS])
    offered = {element.get("capability", "") for element in left.values()}
    data["elements"] = {
        name: {key: value for key, value in element.items() if key not in ("requires", "commitment")}
        for name, element in left.items()
    }
    formations = data.get("formations", {})
    for formation in formations.values():
        formation["elements"] = [name for name in formation.get("elements", []) if name in left]
        formation.pop("headquarters", None)
        formation.pop("requires", None)
    parents = {element.get("parent") for element in left.values()}
    data["formations"] = {name: of for name, of in formations.items() if of["elements"] or name in parents}
    for task in data.get("tasks", {}).values():
        for name, commitment in list(task.get("commitments", {}).items()):
            if "capability" in commitment and commitment["capability"] not in offered:
                del task["commitments"][name]
    for of in (*data.get("attrition", {}).values(), *data.get("postures", {}).values()):
        of["capabilities"] = [capability for capability in of.get("capabilities", ()) if capability in offered]
    data.pop("plans", None)
    data.pop("plan_versions", None)
    return data


BY_LORRY = {"wheeled": {"truck": 1.0}}


def everything() -> dict[str, Any]:
    """A scenario on the coast with something of everything."""
    exits = dict.fromkeys(("train", "column", "truck", "barge", "flight"), "border")
    call = {"port": "harbour", "day": 1, "pieces": {"wheeled": 30, "tracked": 10, "container": 12, "helicopter": 2}}
    data = coast_data(
        horizon_days=8,
        policy="weights",
        routing="earliest",
        bumping=True,
        shares={
            "wheeled": {"train": 0.4, "column": 0.4, "truck": 0.2},
            "tracked": {"train": 1.0},
            "container": {"barge": 0.5, "truck": 0.5},
            "helicopter": {"flight": 1.0},
            "outsized": {"train": 1.0},
        },
        classes={"outsized": {"width_m": 4.0, "weight_t": 60}},
        destinations={
            "east": {"exits": exits, "beyond_h": {"truck": 6, "train": {"pert": [5, 9, 20]}}},
            "west": {"exits": exits, "via": {"column": ["halt"]}},
            "port": {"exits": dict.fromkeys(("train", "column", "truck"), "harbour"), "via": {"truck": ["halt"]}},
        },
        pools={
            "escort_teams": {"capacity": 2},
            "trucks": {"capacity": 9, "people": 1.5, "unit": "trucks"},
            "locomotives": {"capacity": 3},
            "flat_wagons": {"capacity": 40, "unit": "wagons"},
            "heavy_wagons": {"capacity": 20, "unit": "wagons"},
            "bays": {"capacity": 2},
            "spares": {"capacity": 5, "arrivals": [{"day": 2, "amount": 90}]},
            "people": {"capacity": 100, "call_up": True, "arrivals": [{"day": 3, "amount": 900}]},
        },
        places={
            "harbour": {
                "yard_m2": 6000,
                "berths": {"capacity": 2, "open": ["06:00-22:00"]},
                "gates": {"capacity": 1, "rate_per_h": 20},
                "customs": {"capacity": 2, "rate_per_h": 30},
                "quay_m": 500,
                "tracks": {"length_m": 600},
                "ramps": 2,
                "gangs": 3,
            },
            "halt": {"beds": 200},
            "barracks": {"docks": {"capacity": 1, "rate_per_h": 5, "open": ["mon-fri 08:00-16:00"]}},
        },
        flows={
            "allies": {
                "title": "Allies",
                "destination": "east",
                "nation": "US",
                "required_day": 5,
                "priority": 2,
                "diverts_to": {"haven": 5},
                "permit_applied_day": -2,
                "permit_valid_days": 4,
                "crew_per_vehicle": 2,
                "airlifts": {"f1": {"airport": "barracks", "day": 1, "people": 400, "lateness_h": {"uniform": [0, 9]}}},
                "ships": {
                    "one": {
                        "lateness_h": {"gamma": {"mean": 20, "sd": 15}, "zero_share": 0.3},
                        "gangs": 2,
                        "calls": [call],
                    },
                    "two": {
                        "kind": "lolo",
                        "length_m": 150,
                        "calls": [{**call, "day": 2, "pieces": {"container": 20}}],
                    },
                },
            },
            "homeward": {
                "destination": "port",
                "origins": {
                    "depot": {"place": "barracks", "day": 0.5, "pieces": {"wheeled": 9}, "shares": BY_LORRY},
                    "abroad": {
                        "place": "border",
                        "day": 1,
                        "pieces": {"wheeled": 12},
                        "from_h": {"truck": {"pert": [4, 8, 16]}, "train": 9, "column": 5},
                    },
                },
                "ships": {
                    "ro": {"gangs": 2, "calls": [{"port": "harbour", "day": 2, "takes": 12}]},
                    "ferry": {
                        "kind": "ferry",
                        "drives_off_per_h": 90,
                        "calls": [{"port": "harbour", "day": 4, "takes": 9, "sails_day": 6, "pieces": {"wheeled": 4}}],
                    },
                },
            },
        },
        activation={
            "decision_h": {"pert": [1, 5, 20]},
            "integration_h": 6,
            "stages": {
                "recall": {"kind": "recall", "hours": {"lognormal": {"median": 8, "p95": 30}}, "night_adds_h": 3},
                "fill_up": {"kind": "fill_up", "hours": 4, "share": 0.8, "full_share": 0.9},
                "materiel": {"hours": {"uniform": [1, 30]}, "pool": "bays", "hours_by_tier": {"1": 3}},
                "repair": {
                    "kind": "repair",
                    "repair_h": {"exponential": {"mean": 6}},
                    "bays": {"wheeled": "bays"},
                    "spares": {"wheeled": "spares"},
                },
                "issue": {"kind": "issue"},
            },
            "pre_alert_stages": ["recall"],
            "pre_alert_days": {"1": 2},
            "trades": {"other": {"people": 0.5}},
        },
        elements={
            f"e{number}": {
                "tier": 1 + number % 3,
                "capability": ("infantry", "signals")[number % 2],
                "notice_to_move_days": 3,
                "home": "barracks",
                "railhead": "railhead",
                "depot": "barracks",
                "destination": "west",
                "pieces": {"wheeled": 12, "tracked": 3},
                "requires": [f"e{number - 1}"] if number else [],
                "personnel": 90,
                "filled_share": 0.8,
                "mission_capable_share": 0.8,
            }
            for number in range(4)
        }
        | {
            "home": {"home": "barracks", "capability": "infantry", "commitment": "guard/post"},
            "ship": {"tier": 1, "home": "harbour", "deploys_h": 30, "partner": "group", "partner_h": 50},
        },
        formations={"brigade": {"elements": ["e0", "e1", "e2"], "in_place_share": 0.7, "headquarters": "e1"}},
        tasks={
            "regional_plans": {"redeploy_h": 7},
            "host_nation_support": {
                "priority": 2,
                "commitments": {"share": {"pool": "trucks", "number": 1.5, "from_day": 1, "until_day": 5}},
            },
            "guard": {
                "priority": 3,
                "weight": 2,
                "reserved_share": {"other": 0.5},
                "stages": ["recall"],
                "commitments": {
                    "post": {
                        "capability": "infantry | signals",
                        "number": 1,
                        "tour_days": 2,
                        "longest_tour_days": 4,
                        "rest_days": 1,
                        "travel_h": {"triangular": [1, 2, 6]},
                        "staffs": {"escort_teams": 1},
                    }
                },
            },
        },
        plans={"east": {"versions": {"now": {"demands": [{"capability": "infantry", "number": 2, "day": 4}]}}}},
        targets={"later": {"factors": {"infantry": 1.5}}},
        target="later",
        regimes={
            "crisis": {"decision_h": 3, "permit_h": 20, "permit_h_by_nation": {"US": 9}},
            "conflict": {
                "recall_factor": 0.5,
                "call_up": True,
                "running": [],
                "may_withdraw": {"guard": True},
                "permit_h": 2,
            },
        },
        timeline=[{"regime": "crisis", "day": 0}, {"regime": "conflict", "day": 2}],
        supply={
            "uses": ["food", "fuel", "parts"],
            "usual_days_carried": 1,
            "classes": {"fuel": {"kg_a_piece_day": {"wheeled": 60}, "load_t": 9}},
            "stocks": {
                "depot": {"place": "harbour", "tonnes": {"parts": 5}},
                "area": {"drawn_from": "depot", "destination": "west", "days": 3, "order_at_days": 1, "review_h": 24},
            },
        },
        disruptions={
            "bridge": {"links": ["rail2"], "start_h": {"uniform": [10, 60]}, "duration_h": 9, "left_share": 0.4},
            "port": {"facilities": ["harbour.ramps"], "start_h": 40, "duration_h": 20, "announced": True},
            "again": {
                "anywhere": "road",
                "start_h": 5,
                "duration_h": 6,
                "times": 4,
                "every_h": {"exponential": {"mean": 20}},
            },
        },
    )
    movement = data["movement"]
    movement["column"] |= {"driving": ["20:00-06:00"], "breakdown_per_vehicle_km": 0.001, "lane_blocked_share": 0.5}
    movement["column"]["rests"] = [
        {"activity": "rest", "after_h": 2.5, "hours": 1, "facility": "beds", "per_vehicle": 2}
    ]
    movement["civil"] = {
        "mean_per_h": {"motorway": 1500},
        "paths": {"RAIL2": {"weekday": [2] * 6 + [0] * 3 + [1] * 15}, "other": {"weekday": [3] * 24}},
    }
    movement["barge"]["civil_queue_h"] = {"uniform": [0, 10]}
    return data


def whole() -> list[tuple[str, dict[str, Any], Network]]:
    """All of the corpus: name, data and network. The one with everything stands as often as all others together."""
    found = [(name, data, dutch()) for name, data in shipped().items()]
    return [*found, *[("everything", everything(), coast())] * len(found)]


def files_of(folder: Path) -> list[Path]:
    """The files of a folder, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())
