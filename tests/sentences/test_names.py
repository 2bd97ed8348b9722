"""What figures and pages call things."""

from dataclasses import replace

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.record import Run
from nfm_sim.scenario import build_scenario
from nfm_sim.sentences import names
from tests.conftest import coast, coast_data, one_ship


@pytest.fixture(scope="module")
def run() -> Run:
    """A flow with a title, and one without; a link without a line."""
    near = coast()
    network = replace(near, links={**near.links, "road2": replace(near.links["road2"], line="")})
    flows = {"one": {**one_ship("truck", 1), "title": "The Brigade (notional)"}, "two": one_ship("truck", 1)}
    return nfm.simulate(build_scenario(coast_data(flows=flows), network))


def test_places_and_pools_have_their_names(run: Run) -> None:
    assert names.place_name(run, "harbour") == "Harbour"
    assert names.place_name(run, "one") == "The Brigade"
    assert names.pool_name(run, "one", "crews") == "The Brigade: crews"
    assert names.pool_name(run, "", "flat_wagons") == "flat wagons"


@pytest.mark.parametrize(
    ("facility", "called"),
    [("berths", "berths"), ("yard_m2", "staging yard"), ("shells_m2", "yard of shells"), ("hot_food", "hot food")],
)
def test_facilities_are_called_as_they_are_declared(facility: str, called: str) -> None:
    assert names.facility_name(facility) == called


@pytest.mark.parametrize(
    ("kind", "name", "called"),
    [
        ("facility", "harbour.truck_ramps", "Harbour: lorry ramps"),
        ("link", "road1", "ROAD1: Harbour - Halt"),
        ("link", "road2", "motorway: Halt - Border"),
        ("link", "gone_link", "gone link"),
        ("pool", "flat_wagons", "flat wagons"),
    ],
)
def test_capacities_are_called_in_words(run: Run, kind: str, name: str, called: str) -> None:
    assert names.capacity_name(run, kind, name) == called
    assert names.cause_of_slip(run, name) == called
    table = pl.DataFrame({"kind": [kind], "name": [name], "flow": ["one"]})
    assert names.with_titles(run, table).rows() == [(kind, called, "The Brigade")]


def test_what_binds_no_window_has_no_name(run: Run) -> None:
    assert names.cause_of_slip(run, None) is None


@pytest.mark.parametrize(
    ("kind", "cause", "called"),
    [
        ("flow", "one", "The Brigade"),
        ("facility", "truck_ramps", "lorry ramps"),
        ("link", "A15 (road1)", "A15"),
        ("link", "a_link", "a link"),
        ("pool", "flat_wagons", "flat wagons"),
    ],
)
def test_causes_are_called_in_words(run: Run, kind: str, cause: str, called: str) -> None:
    assert names.cause_name(run, kind, cause) == called


def test_programmes_are_called_as_their_flow_or_the_operation(run: Run) -> None:
    assert [names.programme_name(run, name) for name in ("operation", "one", "other")] == [
        "the operation", "The Brigade", "other",
    ]  # fmt: skip


def test_things_of_one_title_have_their_names_too() -> None:
    flows = {name: {**one_ship("truck", 1), "title": "Brigade"} for name in ("one", "two")}
    same = nfm.simulate(build_scenario(coast_data(flows=flows), coast()))
    assert names.names_of(same, "flows", ["one", "two"]) == {"one": "Brigade (one)", "two": "Brigade (two)"}
