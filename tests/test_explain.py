"""A scenario in words."""

import json
from pathlib import Path

from tests.conftest import called

BRIGADE = "scenarios/allied_brigade.toml"


def explained(file: str) -> dict[str, list[str]]:
    done = called("explain", file, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_a_flow_is_told_with_its_numbers() -> None:
    (flow,) = explained(BRIGADE)["what it asks for"]
    assert flow.startswith("flow brigade: 2,799 pieces in 3 ships over vlissingen_oost, day 0.5 to 3.5; ")
    parts = [int(part.split(" by ")[0].replace(",", "")) for part in flow.split("; ")[1].replace(", ", ";").split(";")]
    assert sum(parts) == 2799
    assert "required by day 14; permit asked for on day -3" in flow


def test_who_draws_on_a_pool_and_what_is_not_limited() -> None:
    lines = explained("scenarios/one_force.toml")["what limits it"]
    escorts = next(line for line in lines if line.startswith("pool escort_teams"))
    assert "drawn on by allied_division" in escorts
    assert "force elements" in escorts
    assert any(line.startswith("pool wheeled_spares") for line in lines), "spare parts are used up by repairs"
    assert "not limited, as nothing gives it: crews, customs_officers, recovery_vehicles" in lines
    assert not any(line.startswith("pool barges") for line in lines), "nothing goes by barge"
    assert "not used: barges, low_loaders" in lines


def test_places_limit_what_passes_there_alone() -> None:
    """Locks had been told too, though nothing goes by barge."""
    lines = explained(BRIGADE)["what limits it"]
    assert "facilities at 1 place: vlissingen_oost" in lines


def test_what_is_not_known_stands_there() -> None:
    lines = explained("scenarios/atlantic_resolve_2024.toml")["what is not known"]
    assert lines[0].startswith("notional: The ports, dates, modes and totals are public.")
    assert any(
        "programmes.rotation_in.window_days" in line for line in lines if line.startswith("drawn once a replication")
    )


def test_it_is_printed_and_a_picture_written(tmp_path: Path) -> None:
    done = called("explain", BRIGADE, "--picture", tmp_path / "map.png")
    assert "moves 255 trucks, 42 columns, 27 trains, and discharges 3 ships" in done.stdout
    assert (tmp_path / "map.png").stat().st_size > 50_000
    again = called("explain", BRIGADE, "--picture", tmp_path / "map.png", "--force", "--json")
    assert "what it is" in json.loads(again.stdout), "which had had a line behind it"
    assert called("explain", "scenarios/nothing.toml").returncode == 2
