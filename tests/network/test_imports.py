"""Networks as others write them: what is mended, and what is said of it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
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
    ours = nfm.read_network(tmp_path / "ours")
    assert not check_network(ours)
    assert simulated_on(ours) == 4


def simulated_on(network: nfm.Network) -> int:
    """The pieces that cross a border of a network: its first node with a way to another is a port, the farthest a
    border."""
    port, border = next(
        (start, reached[-1]) for start in network.nodes if len(reached := list(reachable(network, start))) > 2
    )
    kinds = {port: "sea_port_terminal", border: "border_crossing"}
    nodes = {name: replace(node, kind=kinds.get(name, node.kind)) for name, node in network.nodes.items()}
    ship = one_ship("truck", 4)
    ship["ships"]["ship"]["calls"][0]["port"] = port
    places = {port: {"ramps": {"capacity": 1, "rate_per_h": 10}, "truck_ramps": {"capacity": 1, "rate_per_h": 2}}}
    data = coast_data(flows={"flow": ship}, destinations={"east": {"exits": {"truck": border}}}, places=places)
    run = nfm.simulate(build_scenario(data, replace(network, nodes=nodes)))
    return int(nfm.closure(run)["closed_pieces"].item())


def reachable(network: nfm.Network, start: str) -> Iterator[str]:
    """The nodes that are reached by road, the nearest first."""
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop(0)
        yield here
        for link in network.links.values():
            if "road" in link.modes:
                for a, b in ((link.start, link.end), *([] if link.directed else [(link.end, link.start)])):
                    if a == here and b not in seen:
                        seen.add(b)
                        waiting.append(b)


OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <node id="1" lat="52.0" lon="4.00"/><node id="2" lat="52.01" lon="4.05"/><node id="3" lat="52.0" lon="4.10"/>
 <node id="4" lat="52.0" lon="4.20"/><node id="5" lat="52.1" lon="4.10"/><node id="6" lat="52.2" lon="4.10"/>
 <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/>
  <tag k="highway" v="motorway"/><tag k="ref" v="A9"/><tag k="maxspeed" v="130"/><tag k="lanes" v="2"/></way>
 <way id="11"><nd ref="3"/><nd ref="5"/>
  <tag k="highway" v="secondary"/><tag k="maxspeed" v="50 mph"/><tag k="lanes" v="2"/><tag k="maxheight" v="4.2"/></way>
 <way id="12"><nd ref="5"/><nd ref="6"/><tag k="highway" v="primary"/><tag k="oneway" v="-1"/></way>
 <way id="13"><nd ref="1"/><nd ref="5"/>
  <tag k="railway" v="rail"/><tag k="electrified" v="contact_line"/><tag k="voltage" v="1500"/></way>
 <way id="14"><nd ref="1"/><nd ref="6"/><tag k="railway" v="rail"/><tag k="service" v="yard"/></way>
 <way id="15"><nd ref="1"/><nd ref="6"/><tag k="highway" v="footway"/></way>
</osm>
"""


def test_an_extract_of_openstreetmap_is_cut_where_ways_meet(tmp_path: Path) -> None:
    pytest.importorskip("osmium")
    file = tmp_path / "town.osm"
    file.write_text(OSM)
    network = import_network(file)
    assert list(network.links) == ["10_0", "10_1", "11_0", "12_0"]
    assert set(network.nodes) == {"1", "3", "4", "5", "6"}, "the bend is no node"
    first = network.links["10_0"]
    assert (first.start, first.end, first.directed, first.line, first.kind) == ("1", "3", True, "A9", "motorway")
    assert first.free_speed_kmh == 130
    assert first.lanes == 2
    assert first.shape == ((4.0, 52.0), (4.05, 52.01), (4.1, 52.0))
    assert first.km > network.great_circle_km("1", "3")
    second = network.links["11_0"]
    assert (second.directed, second.lanes, second.max_height_m) == (False, 1, 4.2)
    assert second.free_speed_kmh == 80
    assert (network.links["12_0"].start, network.links["12_0"].end) == ("6", "5"), "driven against its course"


def test_modes_of_an_extract_are_those_that_are_asked_for(tmp_path: Path) -> None:
    osmium = pytest.importorskip("osmium")
    (tmp_path / "town.osm").write_text(OSM)
    with osmium.SimpleWriter(str(tmp_path / "town.osm.pbf")) as packed:
        for thing in osmium.FileProcessor(str(tmp_path / "town.osm")):
            packed.add(thing)
    network = import_network(tmp_path / "town.osm.pbf", modes=("rail",))
    assert list(network.links) == ["13_0"], "no yard"
    assert network.links["13_0"].electrification == "1500V"
    with pytest.raises(nfm.InputError, match="has no way by water"):
        import_network(tmp_path / "town.osm.pbf", modes=("water",))
    with pytest.raises(
        nfm.InputError, match=r'mode "raul" must be some of road, rail, water, sea.*did you mean "rail"'
    ):
        import_network(tmp_path / "town.osm", modes=("raul",))
    (tmp_path / "broken.osm").write_text("<osm><way")
    with pytest.raises(nfm.InputError, match="cannot be read as OpenStreetMap"):
        import_network(tmp_path / "broken.osm")


def lines_file(tmp_path: Path, **change: object) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"name": "A1", "facility_type": "motorway", "free_speed": 100, "lanes": 2, "note": "x"},
            "geometry": {"type": "LineString", "coordinates": [[4.0, 52.0], [4.05, 52.02], [4.1, 52.0]]},
        },
        {
            "type": "Feature",
            "properties": {"name": None, "allowed_uses": "rail"},
            "geometry": {"type": "MultiLineString", "coordinates": [[[4.100001, 52.0], [4.2, 52.0]]]},
        },
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [4.0, 52.0]}},
    ]
    file = tmp_path / "lines.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features, **change}))
    return file


def test_lines_of_geojson_are_links_that_meet_at_their_ends(tmp_path: Path) -> None:
    network = import_network(lines_file(tmp_path))
    road, rail = network.links.values()
    assert (road.line, road.kind, road.free_speed_kmh, road.lanes, road.modes) == ("A1", "motorway", 100, 2, {"road"})
    assert rail.modes == {"rail"}
    assert road.end == rail.start
    assert len(network.nodes) == 3
    assert road.shape[1] == (4.05, 52.02)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"features": [{"geometry": {"type": "LineString", "coordinates": [["a"]]}}]}']
)
def test_what_is_no_geojson_is_said(text: str, tmp_path: Path) -> None:
    (tmp_path / "lines.geojson").write_text(text)
    with pytest.raises(nfm.InputError, match="is no GeoJSON with features"):
        import_network(tmp_path / "lines.geojson")
    with pytest.raises(nfm.InputError, match=r"has no line \(LineString\)"):
        import_network(lines_file(tmp_path, features=[]))


def geopackage(file: Path, points: list[tuple[float, float]], crs: str) -> Path:
    """A GeoPackage with one line, of the name A28."""
    raw, shapely = pytest.importorskip("pyogrio.raw"), pytest.importorskip("shapely")
    raw.write(
        file,
        np.array([shapely.to_wkb(shapely.LineString(points))], dtype=object),
        [np.array(["A28"], dtype=object)],
        ["name"],
        layer="roads",
        driver="GPKG",
        geometry_type="LineString",
        crs=crs,
    )
    return file


def test_lines_of_a_geopackage_in_another_projection_are_read(tmp_path: Path) -> None:
    # points of the Dutch grid (EPSG:28992): Amersfoort, where it begins, and 10 km east of it
    points = [(155000.0, 463000.0), (160000.0, 463500.0), (165000.0, 463000.0)]
    (link,) = import_network(geopackage(tmp_path / "rd.gpkg", points, "EPSG:28992")).links.values()
    assert link.line == "A28"
    assert link.km == pytest.approx(10.05, rel=0.004), "over a sphere, not the ellipsoid"
    assert link.shape[0] == pytest.approx((5.3872, 52.1552), abs=0.001)
    (tmp_path / "no.gpkg").write_text("<OGRVRTDataSource></OGRVRTDataSource>")
    with pytest.raises(nfm.InputError, match="is no GeoPackage"):
        import_network(tmp_path / "no.gpkg")


def test_the_course_of_a_link_is_kept_drawn_and_handed_on(tmp_path: Path) -> None:
    links = (
        "link_id,from_node_id,to_node_id,length,geometry,geometry_id\n"
        'a,1,2,,"LINESTRING (4.1 52.0, 4.05 52.05, 4.0 52.0)",\nb,2,3,9,,east\nc,3,1,30,"POINT (1 1)",\n'
    )
    geometry = 'geometry_id,geometry\neast,"LINESTRING (4.1 52, 4.15 52.04, 4.2 52)"\n'
    network = import_network(folder_of(tmp_path, link=links, geometry=geometry))
    assert network.links["a"].shape == ((4.0, 52.0), (4.05, 52.05), (4.1, 52.0)), "turned to run from start to end"
    assert network.links["a"].km == pytest.approx(13.05, abs=0.1), "as long as its course"
    assert network.links["b"].shape[1] == (4.15, 52.04)
    assert network.links["c"].shape == ()
    assert "geometry of 1 link left out" in " ".join(map(str, network.remarks))
    write_network(network, tmp_path / "ours")
    assert nfm.read_network(tmp_path / "ours").links == network.links
    assert network.course(network.links["a"], forward=False)[0] == (4.1, 52.0)


def test_lines_that_lie_nowhere_on_earth_ask_for_their_coordinates(tmp_path: Path) -> None:
    nowhere = (
        'ENGCRS["Undefined Cartesian SRS",EDATUM["Unknown"],CS[Cartesian,2],'
        'AXIS["(E)",east,ORDER[1],LENGTHUNIT["Meter",1]],AXIS["(N)",north,ORDER[2],LENGTHUNIT["Meter",1]]]'
    )
    geopackage(tmp_path / "plan.gpkg", [(0, 0), (1000, 2000)], nowhere)
    done = called("network", "import", tmp_path / "plan.gpkg", tmp_path / "out")
    assert done.returncode == 2
    assert "say with --crs what the coordinates are" in " ".join(done.stderr.split())
    (link,) = import_network(tmp_path / "plan.gpkg", crs="EPSG:28992").links.values()
    assert link.km == pytest.approx(2.24, abs=0.05)
