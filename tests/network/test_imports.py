"""Networks as others write them: what is mended, and what is said of it."""

from pathlib import Path

import pytest

import nfm_sim as nfm
from nfm_sim.network import check_network, import_network, write_network
from nfm_sim.scenario import build_scenario
from tests.conftest import ROOT, called, coast_data, one_ship

PUBLIC = ROOT.parent / "shared/files/gmns"
NODES = """node_id,name,x_coord,y_coord,node_type
1,Quay,4.0,52.0,external
2,Bend,4.1,52.0,intersection
3,Gate,4.2,52.0,external
"""
LINKS = """link_id,name,from_node_id,to_node_id,directed,length,free_speed,allowed_uses,facility_type
a,Coast Road,1,2,0,4.3,50,AUTO,primary
b,Coast Road,2,3,0,4.3,50,AUTO,primary
w,Boardwalk,1,3,0,9,3,WALK,path
"""
TYPES = """node_id;node_type;country;name
1;sea_port_terminal;NL;The Quay
3;border_crossing;NL;
"""


def folder_of(tmp_path: Path, **tables: str) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir(exist_ok=True)
    for name, text in {"node": NODES, "link": LINKS, **tables}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_miles_become_km_and_what_was_derived_is_said(tmp_path: Path) -> None:
    network = import_network(folder_of(tmp_path), length="mile", speed="mph")
    assert network.links["a"].km == pytest.approx(6.92, abs=0.01)
    assert network.links["a"].free_speed_kmh == pytest.approx(80.5, abs=0.1)
    assert network.links["w"].modes == frozenset()
    assert network.remarks == ()


def test_the_unit_of_lengths_is_asked_for_when_it_is_plainly_another(tmp_path: Path) -> None:
    with pytest.raises(nfm.InputError, match=r"half of the links are less than 0\.000\d+ times .* or with --length"):
        import_network(folder_of(tmp_path), length="m")
    with pytest.raises(nfm.InputError, match='long_length "furlong" is no unit that is known'):
        import_network(folder_of(tmp_path, config="long_length\nfurlong\n"))


def test_rows_in_fault_are_left_out_with_the_links_that_end_at_them(tmp_path: Path) -> None:
    nodes = NODES + "4,Nowhere,444,52.0,external\n"
    links = LINKS + "c,,3,4,0,1,50,AUTO,\nd,,3,77,0,1,50,AUTO,\n"
    network = import_network(folder_of(tmp_path, node=nodes, link=links), length="mile")
    assert list(network.nodes) == ["1", "2", "3"]
    assert list(network.links) == ["a", "b", "w"]
    said = [str(remark) for remark in network.remarks]
    assert "1 row left out that cannot be read; the first: line 5, x_coord" in said[0]
    assert "2 rows left out" in said[1]


def test_a_link_is_as_long_as_the_great_circle_at_least(tmp_path: Path) -> None:
    links = LINKS.replace("a,Coast Road,1,2,0,4.3", "a,Coast Road,1,2,0,3.9")
    network = import_network(folder_of(tmp_path, link=links), length="mile")
    assert network.links["a"].km == pytest.approx(network.great_circle_km("1", "2"))
    assert "1 link shorter than the great circle" in str(network.remarks[-1])
    assert not check_network(network)


def test_a_network_without_a_link_is_refused(tmp_path: Path) -> None:
    with pytest.raises(nfm.InputError, match="has no link that can be read"):
        import_network(folder_of(tmp_path, link=LINKS.splitlines()[0] + "\n"))


def test_a_type_of_a_node_that_is_not_there_is_said(tmp_path: Path) -> None:
    folder, types = folder_of(tmp_path), tmp_path / "types.csv"
    types.write_text("node_id,node_type\n33,sea_port_terminal\n")
    with pytest.raises(nfm.InputError, match=r'types\.csv: line 2, node_id "33" is no node of this network'):
        import_network(folder, length="mile", types=types)


def test_what_is_written_is_read_as_it_was(tmp_path: Path) -> None:
    dutch = nfm.read_network(ROOT / "networks/netherlands")
    write_network(dutch, tmp_path / "again")
    again = nfm.read_network(tmp_path / "again")
    assert again.nodes == dutch.nodes
    assert again.links == dutch.links
    assert again.facilities == dutch.facilities
    assert again.outline.keys() == dutch.outline.keys()


def test_an_imported_network_is_simulated_on(tmp_path: Path) -> None:
    folder, types = folder_of(tmp_path), tmp_path / "types.csv"
    types.write_text(TYPES)
    out = tmp_path / "ours"
    said = called("network", "import", folder, out, "--length", "mile", "--speed", "mph", "--types", types)
    assert said.returncode == 0, said.stderr
    assert "Proved: by road, each of 1 terminal reaches each of 1 border crossing" in said.stdout
    network = nfm.read_network(out)
    assert network.links["w"].modes == frozenset(), "a way on foot has not become a road"
    assert network.nodes["1"].title == "The Quay"
    ship = one_ship("truck", 4)
    ship["ships"]["ship"]["calls"][0]["port"] = "1"
    places = {"1": {"ramps": {"capacity": 1, "rate_per_h": 10}, "truck_ramps": {"capacity": 1, "rate_per_h": 2}}}
    data = coast_data(flows={"flow": ship}, destinations={"east": {"exits": {"truck": "3"}}}, places=places)
    assert nfm.closure(nfm.simulate(build_scenario(data, network)))["closed_pieces"].to_list() == [4]
    again = called("network", "import", folder, out, "--length", "mile")
    assert again.returncode == 2
    assert "holds files; choose another folder" in again.stderr


def test_coordinates_of_a_projection_become_degrees(tmp_path: Path) -> None:
    pytest.importorskip("pyproj")
    nodes = "node_id,x_coord,y_coord\n1,155000,463000\n2,165000,463000\n"  # Amersfoort, and 10 km east of it
    links = "link_id,from_node_id,to_node_id,length\na,1,2,10.2\n"
    network = import_network(folder_of(tmp_path, node=nodes, link=links), crs="EPSG:28992")
    assert (network.nodes["1"].lon, network.nodes["1"].lat) == pytest.approx((5.38721, 52.15517), abs=0.00002)
    assert network.great_circle_km("1", "2") == pytest.approx(10, abs=0.05)
    with pytest.raises(nfm.InputError, match='crs "EPSG:0" is no coordinate reference system'):
        import_network(tmp_path / "theirs", crs="EPSG:0")


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public files are not here")
@pytest.mark.parametrize(
    ("name", "known", "links"),
    [
        ("arlington", {"crs": "EPSG:32619"}, 27),
        ("freeway", {}, 12),
        ("gmnspy", {"length": "ft", "speed": "mph"}, 7),
        ("osm2gmns_output", {"length": "m"}, 492),
        ("p4g_Sioux_Falls", {"length": "km"}, 76),
        ("plus_anaheim", {"length": "m"}, 914),
    ],
)
def test_a_public_network_is_imported(name: str, known: dict[str, str], links: int, tmp_path: Path) -> None:
    if "crs" in known:
        pytest.importorskip("pyproj")
    if name == "freeway":
        known = {"length": "ft"}
    network = import_network(PUBLIC / name, **known)
    assert len(network.links) == links
    write_network(network, tmp_path / "ours")
    assert not check_network(nfm.read_network(tmp_path / "ours"))
