"""Disruptions as they are compiled: what they hit, where and how often."""

from dataclasses import replace
from typing import Any

import pytest

from nfm_sim.compile import compile_scenario
from nfm_sim.network import Network
from nfm_sim.plan.plan import OutagePlan
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship

NEAR = coast()


def outages(network: Network = NEAR, flow: dict[str, Any] | None = None, **disruption: Any) -> tuple[OutagePlan, ...]:
    strike = {"start_h": 0, "duration_h": 9, **disruption}
    flows = {"flow": flow or one_ship("truck", 1)}
    data = coast_data(flows=flows, pools={"trucks": {"capacity": 3}}, disruptions={"strike": strike})
    return compile_scenario(build_scenario(data, network)).outages


def hit(**target: Any) -> OutagePlan:
    (outage,) = outages(**target)
    return outage


def test_each_target_hits_its_links_and_pools_in_an_order_that_no_machine_changes() -> None:
    assert hit(links=["road1", "rail1"]).links == ("rail1", "road1")
    assert hit(lines=["ROAD1"]).links == ("road1",)
    assert (hit(lines=["ROAD1"]).pools, hit(lines=["ROAD1"]).ports) == ((), ())
    assert hit(pools=["trucks"]).pools == (("", "trucks"),)
    assert hit(ships=["flow/ship"]).ships == ("flow/ship",)
    harbour = hit(nodes=["harbour"])
    assert harbour.links == ("canal1", "rail1", "road1", "road3")
    assert harbour.pools == tuple(("harbour", name) for name in ("berths", "gangs", "ramps", "truck_ramps"))
    together = hit(links=["road1"], pools=["trucks"], facilities=["harbour.ramps"])
    assert (together.links, together.pools) == (("road1",), (("", "trucks"), ("harbour", "ramps")))


@pytest.mark.parametrize(
    ("target", "left_share", "lost"),
    [
        ({"facilities": ["harbour.berths"]}, 0, (("harbour", "berths"),)),
        ({"facilities": ["harbour.ramps"]}, 0, (("harbour", "ramps"),)),
        ({"facilities": ["harbour.berths"]}, 0.5, ()),
        ({"facilities": ["harbour.truck_ramps"]}, 0, ()),  # ships are discharged all the same
        ({"pools": ["trucks"]}, 0, ()),
    ],
)
def test_a_port_is_lost_with_all_of_what_discharges_ships(
    target: Any, left_share: float, lost: tuple[tuple[str, str], ...]
) -> None:
    assert hit(**target, left_share=left_share).ports == lost


def test_a_disruption_that_comes_back_begins_after_the_one_before() -> None:
    first, second = outages(links=["road1"], times=2, every_h=50)
    assert second.starts[: len(first.starts)] == first.starts
    assert len(second.starts) == 2


def test_what_may_happen_anywhere_is_weighed_by_length() -> None:
    """Of 200 km of railways one has 100 and two have 50; of a link without length nothing can be hit."""
    for changes, shares in (
        ({}, ((0.5, "rail1"), (0.75, "rail2"), (1.0, "rail3"))),
        ({"rail2": 0.5, "rail3": 99.5}, ((0.5, "rail1"), (0.5025, "rail2"), (1.0, "rail3"))),
        ({"rail2": 0.0, "rail3": 100.0}, ((0.5, "rail1"), (1.0, "rail3"))),
    ):
        links = {name: replace(link, km=changes.get(name, link.km)) for name, link in NEAR.links.items()}
        (outage,) = outages(Network(NEAR.path, NEAR.nodes, links, NEAR.facilities), anywhere="rail")
        assert outage.anywhere == shares
        assert outage.links == ()
    assert hit(links=["road1"]).where is None
