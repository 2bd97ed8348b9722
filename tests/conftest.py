"""Small networks and scenarios that tests tell their stories on."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import polars as pl
import pytest
from hypothesis import HealthCheck, settings

from nfm_sim.__main__ import MANY_OBJECTS
from nfm_sim.engine import simulate
from nfm_sim.network import Facility, Link, Network, Node
from nfm_sim.record import Run
from nfm_sim.scenario import Scenario, build_scenario

mpl.use("Agg")
gc.set_threshold(MANY_OBJECTS)  # as commands do: walks of the garbage collector took a tenth of the tests' time
settings.register_profile("change", max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("change"), max_examples=400)
settings.load_profile("change")  # --hypothesis-profile=long for the long run
os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")  # the tests themselves use all cores; who wants workers says so
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each of some hundred commands would compile the package anew

ROOT = Path(__file__).parents[1]


def node(name: str, lon: float, holds: str = "", kind: str = "") -> Node:
    return Node(name, name.title(), lon, 52.0, kind, "NL", frozenset(filter(None, holds.split(","))))


def link(name: str, start: str, end: str, km: float, mode: str, tracks: int | None = None) -> Link:
    kind = {"road": "motorway", "rail": "rail", "water": "waterway", "sea": "sea"}[mode]
    return Link(name, name.upper(), start, end, False, km, kind, 400.0, frozenset([mode]), tracks=tracks)


def coast() -> Network:
    """A harbour and a barracks, a halt half-way, a border; road and rail of two links, a canal with a lock.

    Columns drive 50 km/h, trains 50 km/h, trucks 50 km/h and barges 10 km/h in `coast_scenario`.
    """
    nodes = [
        node("harbour", 4.0, "road,rail,water", "sea_port_terminal"),
        node("barracks", 4.1, "road", "barracks"),
        node("railhead", 4.2, "road,rail", "rail_terminal"),
        node("halt", 5.0, "road,rail"),
        node("lock", 5.0, "water", "lock"),
        node("border", 6.0, "road,rail,water", "border_crossing"),
    ]
    links = [
        link("road1", "harbour", "halt", 100, "road"),
        link("road2", "halt", "border", 50, "road"),
        link("road3", "barracks", "harbour", 25, "road"),
        link("road4", "barracks", "railhead", 50, "road"),
        link("rail1", "harbour", "halt", 100, "rail", tracks=2),
        link("rail2", "halt", "border", 50, "rail", tracks=1),
        link("rail3", "railhead", "halt", 50, "rail", tracks=2),
        link("canal1", "harbour", "lock", 100, "water"),
        link("canal2", "lock", "border", 50, "water"),
    ]
    facilities = [
        Facility("harbour", "berths", 1, "ships", None),
        Facility("harbour", "ramps", 1, "ramps", 10.0),
        Facility("harbour", "cranes", 1, "cranes", 10.0),
        Facility("harbour", "gangs", 1, "gangs", None),
        Facility("harbour", "tracks", 1, "tracks", 5.0),
        Facility("harbour", "truck_ramps", 1, "trucks", 2.0),
        Facility("harbour", "landing_spots", 1, "aircraft", 4.0),
        Facility("railhead", "tracks", 1, "tracks", 5.0),
        Facility("barracks", "truck_ramps", 1, "trucks", 2.0),
        Facility("lock", "chambers", 1, "chambers", 1.0),
    ]
    return Network(
        Path("coast"),
        {n.name: n for n in nodes},
        {li.name: li for li in links},
        {(f.node, f.name): f for f in facilities},
    )


def wide_coast() -> Network:
    """The coast with a second port, and a way round by a bypass where nothing may stand: 180 km, not 150."""
    narrow = coast()
    nodes = [node("haven", 4.5, "road,rail,water", "sea_port_terminal"), node("bypass", 5.2)]
    links = [
        link("road5", "harbour", "bypass", 100, "road"),
        link("road6", "bypass", "border", 80, "road"),
        link("road7", "haven", "halt", 50, "road"),
        link("rail5", "harbour", "bypass", 100, "rail", tracks=2),
        link("rail6", "bypass", "border", 80, "rail", tracks=1),
        link("rail7", "haven", "halt", 50, "rail", tracks=2),
        link("canal3", "haven", "lock", 50, "water"),
    ]
    there = [replace(f, node="haven") for f in narrow.facilities.values() if f.node == "harbour"]
    return Network(
        Path("coast"),
        {**narrow.nodes, **{n.name: n for n in nodes}},
        {**narrow.links, **{li.name: li for li in links}},
        {**narrow.facilities, **{(f.node, f.name): f for f in there}},
    )


def coast_data(**changes: Any) -> dict[str, Any]:
    """Plain data of a scenario on the coast in which nothing is scarce but the harbour's facilities, and wagons and
    trucks turn at once at the far end, and come back as if the ways were free."""
    return {
        "title": "a story",
        "network": "coast",
        "g_day": "2027-01-04T00:00:00",  # a Monday
        "horizon_days": 10,
        "movement": {
            "empties": False,  # stories of what comes back say so
            "discharge": {"shifts": []},
            "column": {"speed_kmh": {"motorway": 50}, "form_up_h": 1},
            "train": {"speed_kmh": {"rail": 50}, "turn_h": 0},
            "truck": {"speed_kmh": {"motorway": 50}, "turn_h": 0},
            "barge": {"speed_kmh": {"waterway": 10}, "turn_h": 0},
            "flight": {"speed_kmh": 100, "daylight": [], "make_ready_h": 2},
        },
        "destinations": {"east": {"exits": dict.fromkeys(["train", "column", "truck", "barge", "flight"], "border")}},
        **changes,
    }


def one_ship(mode: str, pieces: int, class_name: str = "wheeled", **ship: Any) -> dict[str, Any]:
    """A flow of one ship that lands its pieces at hour 0, which all go by one mode."""
    call = {"port": "harbour", "day": 0, "pieces": {class_name: pieces}}
    return {"destination": "east", "shares": {class_name: {mode: 1.0}}, "ships": {"ship": {"calls": [call], **ship}}}


@pytest.fixture(scope="session", autouse=True)
def no_power_cut() -> Iterator[None]:
    """No test pulls the plug, so none waits until the disk has what is written: that takes milliseconds a file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        yield


@pytest.fixture(scope="session")
def coast_network() -> Network:
    return coast()


@pytest.fixture
def play_wide() -> Any:
    """Return a function that simulates data on the wide coast and returns the run."""
    network = wide_coast()

    def simulate_data(data: dict[str, Any], seed: int = 0, replication: int = 0) -> Run:
        return simulate(build_scenario(data, network), seed, replication=replication)

    return simulate_data


@pytest.fixture
def play(coast_network: Network) -> Any:
    """Return a function that simulates data on the coast and returns the run."""

    def simulate_data(data: dict[str, Any], seed: int = 0, replication: int = 0) -> Run:
        return simulate(build_scenario(data, coast_network), seed, replication=replication)

    return simulate_data


def meetings(run: Run, network: Network) -> pl.DataFrame:
    """The trains that are on a single track at once, against each other."""
    single = [link.name for link in network.links.values() if link.tracks == 1]
    there = run.passages.filter(pl.col("link").is_in(single))
    against = there.filter("forward").join(there.filter(~pl.col("forward")), on="link")
    return against.filter((pl.col("enter_h") < pl.col("leave_h_right")) & (pl.col("enter_h_right") < pl.col("leave_h")))


def story(run: Run, subject: str) -> list[tuple[str, str, str, str, float, float]]:
    """The spans of a subject: activity, kind, place, cause, start, end; hours to four decimals."""
    mine = run.spans.filter(run.spans["subject"] == subject)
    return mine.select("activity", "kind", "place", "cause", pl.col("start_h", "end_h").round(4)).rows()


@pytest.fixture(scope="session")
def activation_scenario() -> Scenario:
    from nfm_sim import read_scenario

    return read_scenario(ROOT / "scenarios/nfm_activation.toml")


@pytest.fixture(scope="session")
def activation_run(activation_scenario: Scenario) -> Run:
    return simulate(activation_scenario, seed=1)


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit status."""

    returncode: int
    stdout: str
    stderr: str


def called(*words: object, at: Path = ROOT) -> Said:
    """Run a command of `nfm-sim` in this process, from the root of the project or another folder."""
    from nfm_sim.cli import main

    out, err, status = StringIO(), StringIO(), 0
    argv = sys.argv
    try:
        sys.argv = ["nfm-sim", *map(str, words)]
        with redirect_stdout(out), redirect_stderr(err), chdir(at):
            main()
    except SystemExit as stop:
        status = int(stop.code or 0)
    finally:
        sys.argv = argv
    return Said(status, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the built wheel unpacked, as an installation has it."""
    folder = tmp_path_factory.mktemp("wheel")
    python = [sys.executable, "-m"]
    build = [*python, "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (file,) = (folder / "dist").iterdir()
    install = [*python, "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(folder / "site"), str(file)]
    subprocess.run(install, check=True, capture_output=True)
    return folder / "site"
