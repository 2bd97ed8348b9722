"""Seconds and memory of the import of a country: a grid of roads as an extract of OpenStreetMap (.osm.pbf).

Run: python tests/benchmarks/extract.py [SIDE [OPTION ...]]. 447 crossings a side make 398,724 links; what follows is
handed on to `nfm-sim network import`, such as `--least secondary`. Each link is a way with three bends and the tags
that roads have; of ten rows and columns one is a motorway, one a primary road, and the others are lesser roads.
"""

import random
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import osmium

SIDE = 447
BENDS = 3
STEP = 0.004
"""Degrees from one crossing to the next: some 300 to 450 m."""
CLASSES = ("motorway", "residential", "unclassified", "residential", "tertiary", "primary", "residential", "secondary")
SPEEDS = {"motorway": "100", "primary": "80", "secondary": "80", "tertiary": "60", "residential": "30"}


def tags_of(row: int, chance: random.Random) -> dict[str, str]:
    """The tags of a link of the road of a row or column."""
    kind = CLASSES[row % len(CLASSES)]
    tags = {"highway": kind, "name": f"Road {row}", "surface": "asphalt", "lit": "yes", "source": "a grid"}
    tags |= {"maxspeed": SPEEDS.get(kind, "60"), "lanes": "2"}
    if kind in ("motorway", "primary", "secondary"):
        tags["ref"] = f"{kind[0].upper()}{row}"
    if chance.random() < 0.05:
        tags |= chance.choice([{"maxheight": "3.8"}, {"maxweight": "7.5 t"}, {"bridge": "yes"}, {"access": "private"}])
    return tags


def write_grid(file: Path, side: int) -> int:
    """Write a grid of roads with so many crossings a side; return the number of links."""
    chance = random.Random(1)
    edges = [(x, y, dx) for y in range(side) for x in range(side) for dx in (1, 0)]
    edges = [(x, y, dx) for x, y, dx in edges if (x if dx else y) < side - 1]
    with osmium.SimpleWriter(str(file)) as out:
        for y in range(side):
            for x in range(side):
                place = (3 + STEP * x, 50 + STEP * y)
                out.add_node(osmium.osm.mutable.Node(id=1 + y * side + x, version=1, location=place))
        first = 1 + side * side
        for number, (x, y, dx) in enumerate(edges):
            for bend in range(BENDS):
                share = (bend + 1) / (BENDS + 1)
                lon = 3 + STEP * (x + (share if dx else chance.uniform(-0.1, 0.1)))
                lat = 50 + STEP * (y + (chance.uniform(-0.1, 0.1) if dx else share))
                node = osmium.osm.mutable.Node(id=first + number * BENDS + bend, version=1, location=(lon, lat))
                out.add_node(node)
        for number, (x, y, dx) in enumerate(edges):
            end = 1 + (y + 1 - dx) * side + x + dx
            bends = range(first + number * BENDS, first + (number + 1) * BENDS)
            tags = tags_of(y if dx else x, chance)
            out.add_way(
                osmium.osm.mutable.Way(id=1 + number, version=1, nodes=[1 + y * side + x, *bends, end], tags=tags)
            )
    return len(edges)


def main() -> None:
    side = int(sys.argv[1]) if len(sys.argv) > 1 else SIDE
    with TemporaryDirectory() as name:
        file = Path(name) / "grid.osm.pbf"
        links = write_grid(file, side)
        print(f"{links:,} links, {file.stat().st_size / 1e6:.0f} MB")
        begin = time.perf_counter()
        command = [sys.executable, "-m", "nfm_sim", "network", "import", str(file), str(Path(name) / "out")]
        done = subprocess.run([*command, *sys.argv[2:]], capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - begin
        print(done.stdout[-2_000:], done.stderr[-2_000:])
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        print(f"ended with {done.returncode} after {seconds:.0f} s ({cpu:.0f} s of a core); at most {peak:,.0f} MiB")


if __name__ == "__main__":
    main()
