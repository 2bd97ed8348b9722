"""The Dutch network against what is published about it."""

import csv
from pathlib import Path

import pytest

from nfm_sim.network import Network, check_network, count_network, read_network
from tests.conftest import ROOT

FOLDER = ROOT / "networks/netherlands"
PUBLISHED = list(csv.DictReader((Path(__file__).parent / "published_distances.csv").read_text().splitlines()))
TOLERANCE = {"road": 0.08, "rail": 0.05}


@pytest.fixture(scope="module")
def netherlands() -> Network:
    return read_network(FOLDER)


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row['mode']} {row['start']} {row['end']}")
def test_distances_are_those_published(netherlands: Network, row: dict[str, str]) -> None:
    km = netherlands.route(row["start"], row["end"], row["mode"]).km
    assert km == pytest.approx(float(row["published_km"]), rel=TOLERANCE[row["mode"]])


def test_the_network_is_sound(netherlands: Network) -> None:
    assert check_network(netherlands) == []


def test_every_mode_has_terminals_and_borders(netherlands: Network) -> None:
    counts = count_network(netherlands)
    assert counts["road"]["border crossings"] == 17
    assert counts["rail"]["border crossings"] == 11
    assert counts["water"]["border crossings"] == 5
    assert all(counts[mode]["terminals"] > 10 for mode in counts)


def test_the_ports_that_the_letter_needs_are_there(netherlands: Network) -> None:
    ports = [
        "vlissingen_oost", "rotterdam_maasvlakte", "rotterdam_europoort", "rotterdam_botlek",
        "rotterdam_waalhaven", "eemshaven", "amsterdam_westhaven", "moerdijk", "den_helder", "delfzijl",
        "terneuzen",
    ]  # fmt: skip
    for port in ports:
        assert netherlands.facilities[port, "berths"].capacity >= 1


@pytest.mark.parametrize("table", ["node.csv", "link.csv", "facility.csv"])
def test_every_row_has_a_source_or_says_assumed(table: str) -> None:
    for row in csv.DictReader((FOLDER / table).read_text().splitlines()):
        assert row["source"].strip(), row


def test_a_transit_stays_in_the_country(netherlands: Network) -> None:
    route = netherlands.route("vlissingen_oost", "xb_venlo_a67", "road")
    assert {netherlands.nodes[name].country for name in route.nodes} == {"NL"}


def test_a_terminal_that_has_no_other_way_goes_through_abroad(netherlands: Network) -> None:
    assert "be_gent" in netherlands.route("terneuzen", "xr_bentheim", "rail").nodes


def test_the_outline_has_the_country_and_its_lake() -> None:
    rings = read_network(FOLDER).outline
    assert {"NL", "BE", "DE", "water"} <= set(rings)
    assert all(ring[0] == ring[-1] for country in rings.values() for ring in country)
