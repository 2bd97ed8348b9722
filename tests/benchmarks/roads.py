"""A country's roads: what a network of 100,000 links takes, as processor time.

Run: python tests/benchmarks/roads.py [LINKS]

The network is generated: roads from each junction to the next ones to the east and north, somewhat crooked, of which
each sixteenth is a motorway; two ports in the west, and a border crossing in the east for each. With `--than FOLDER`,
another checkout is timed too, in turn.
"""

import argparse
import csv
import math
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parents[2]
WEST, SOUTH, STEP = 4.0, 51.0, 0.02
MOTORWAY = 16
"""Each so many roads is a motorway."""
HOLDS = 40
"""Columns may halt at each so many junctions of a road."""
COLUMNS = {
    "node": "node_id,x_coord,y_coord,node_type,country,holds,source",
    "link": "link_id,name,from_node_id,to_node_id,directed,length,facility_type,free_speed,lanes,allowed_uses,source",
    "facility": "node_id,facility,capacity,unit,rate_per_h,source",
}


def write_roads(folder: Path, links: int) -> None:
    """Write the tables of a network of about so many links."""
    side, chance = round(math.sqrt(links / 2)), random.Random(33)
    at = {
        (x, y): (WEST + STEP * (x + chance.uniform(-0.3, 0.3)), SOUTH + STEP * (y + chance.uniform(-0.3, 0.3)))
        for x in range(side)
        for y in range(side)
    }
    last = side - 1
    ends = {(0, 0): "sea_port_terminal", (0, last): "sea_port_terminal"}
    ends |= {(last, 0): "border_crossing", (last, last): "border_crossing"}
    nodes = []
    for (x, y), (lon, lat) in at.items():
        kind = ends.get((x, y), "road_junction")
        holds = "road" if (x, y) in ends or (x + y) % HOLDS == 0 else ""
        nodes.append((f"n{x}_{y}", f"{lon:.5f}", f"{lat:.5f}", kind, "NL", holds, "generated"))
    links_ = []
    for (x, y), (lon, lat) in at.items():
        for (east, north), line in (((x + 1, y), y), ((x, y + 1), x)):
            if (east, north) in at:
                there = at[east, north]
                across = math.hypot((there[0] - lon) * math.cos(math.radians(lat)), there[1] - lat)
                km = f"{across * 111.3 * chance.uniform(1.02, 1.3):.4f}"
                road = ("motorway", 100) if line % MOTORWAY == 0 else ("trunk", chance.choice((60, 80)))
                name, between = f"l{len(links_)}", (f"n{x}_{y}", f"n{east}_{north}")
                links_.append((name, f"r{line}", *between, "false", km, *road, 2, "road", "generated"))
    facilities = [
        (port, *facility, "assumed")
        for port in ("n0_0", f"n0_{last}")
        for facility in (("berths", 2, "ships", ""), ("ramps", 2, "ramps", 16), ("truck_ramps", 4, "trucks", 4))
    ]
    for name, rows in {"node": nodes, "link": links_, "facility": facilities}.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([COLUMNS[name].split(","), *rows])


def times(folder: Path) -> None:
    """Print the processor seconds of what is done with a network, one a line."""
    import nfm_sim as nfm
    from nfm_sim.compile import compile_scenario
    from nfm_sim.network import check_network, network_warnings, read_network

    began = time.process_time()

    def tell(what: str) -> None:
        nonlocal began
        print(f"{what}\t{time.process_time() - began}")
        began = time.process_time()

    network = read_network(folder)
    tell("read")
    check_network(network)
    network_warnings(network)
    tell("check")
    ports = [node.name for node in network.nodes.values() if node.kind == "sea_port_terminal"]
    borders = [node.name for node in network.nodes.values() if node.kind == "border_crossing"]
    began = time.process_time()
    route = network.route(ports[0], borders[1], "road")
    tell("a route")
    network.route(ports[0], borders[1], "road", None, frozenset({route.links[len(route.links) // 2].name}))
    tell("and around a closed link")
    network.route(ports[1], borders[0], "road")
    tell("another route")
    flows = {
        f"flow {number}": {
            "destination": "east",
            "shares": {"wheeled": {"column": 0.5, "truck": 0.5}},
            "ships": {"ship": {"calls": [{"port": port, "day": 0, "pieces": {"wheeled": 400}}]}},
        }
        for number, port in enumerate(ports)
    }
    data = {
        "title": "a country's roads",
        "network": "roads",
        "g_day": "2027-01-04T00:00:00",
        "horizon_days": 20,
        "flows": flows,
        "pools": {"trucks": {"capacity": 50}},
        "destinations": {"east": {"exits": {"column": borders[1], "truck": borders[1]}}},
    }
    network = read_network(folder)  # with nothing that it remembers
    began = time.process_time()
    scenario = nfm.build_scenario(data, network)
    tell("make a scenario")
    plan = compile_scenario(scenario)
    tell("compile")
    nfm.simulate(plan, 1)
    tell("a replication")
    bridge = route.links[len(route.links) // 2].name
    closed = {"a bridge": {"links": [bridge], "start_h": 30, "duration_h": 200}}
    plan = compile_scenario(scenario.with_changes({"disruptions": closed}))
    began = time.process_time()
    nfm.simulate(plan, 1)
    tell("a replication with a link closed")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("links", type=int, nargs="?", default=100_000)
    options.add_argument("--than", type=Path, help="another checkout, to be compared with")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.folder:
        times(asked.folder)
        return
    checkouts = [HERE] if asked.than is None else [asked.than.absolute(), HERE]
    with TemporaryDirectory() as made:
        write_roads(Path(made), asked.links)
        found: dict[str, list[list[float]]] = {}
        for _ in range(asked.rounds):
            for number, checkout in enumerate(checkouts):
                told = subprocess.run(
                    [sys.executable, __file__, "--folder", made],
                    env={**os.environ, "PYTHONPATH": str(checkout / "src")},
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
                for what, seconds in (line.split("\t") for line in told.splitlines()):
                    found.setdefault(what, [[] for _ in checkouts])[number].append(float(seconds))
        for what, seconds in found.items():
            print(f"{what:34}", *(f"{statistics.median(each):7.2f} s" for each in seconds))


if __name__ == "__main__":
    main()
