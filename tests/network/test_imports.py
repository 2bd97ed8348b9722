"""Networks as others write them: what is mended, and what is said of it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import nfm_sim as nfm
from nfm_sim.network import check_network, import_network, write_network
from nfm_sim.network.network import distance_km
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


GRID = [(column, row) for row in range(4) for column in range(4)]


ROWS = [(a, b) for a in GRID for b in ((a[0] + 1, a[1]), (a[0], a[1] + 1)) if b in GRID]


def grid(tmp_path: Path, times: float, **tables: str) -> Path:
    """A grid of 24 roads of 10 km, whose lengths are so many times the km."""
    lines = [f"{x}{y},{4 + 0.14614 * x:.5f},{52 + 0.08993 * y:.5f}" for x, y in GRID]
    at = {a: tuple(map(float, line.split(",")[1:])) for a, line in zip(GRID, lines, strict=True)}
    km = [times * distance_km(at[a], at[b]) for a, b in ROWS]
    links = [f"{a[0]}{a[1]},{b[0]}{b[1]},0,{one},60" for (a, b), one in zip(ROWS, km, strict=True)]
    rows = [f"{number},{link}" for number, link in enumerate(links)]
    node = "\n".join(["node_id,x_coord,y_coord", *lines])
    link = "\n".join(["link_id,from_node_id,to_node_id,directed,length,free_speed", *rows])
    return folder_of(tmp_path, **{"node": node, "link": link, **tables})


def test_miles_that_nothing_names_are_asked_about_as_metres_are(tmp_path: Path) -> None:
    folder = grid(tmp_path, 1.02 / 1.609344)
    with pytest.raises(
        nfm.InputError, match=r"less than 0\.634 times .*, as miles taken for km would be; say their unit"
    ):
        import_network(folder)
    with pytest.raises(
        nfm.InputError, match=r"free_speed has no unit, and lengths are in miles or feet; .*, or with --speed"
    ):
        import_network(folder, length="mile")
    network = import_network(folder, length="mile", speed="km/h")
    assert network.links["0"].free_speed_kmh == 60
    with pytest.raises(nfm.InputError, match=r"more than 1\.64 times .*, as km taken for miles would be"):
        import_network(grid(tmp_path, 1.02), length="mile", speed="mph")


def test_the_numbers_of_a_network_show_their_units_and_its_parts(tmp_path: Path) -> None:
    network = import_network(grid(tmp_path, 1.1))
    assert nfm.network.evidence(network) == [
        "Lengths, in km: of 24 links half are 1.10 to 1.10 times as long as their course or the great circle.",
        "Speeds, in km/h: from 60 to 60, half 60 or more.",
        "By road: one part, all 16 nodes of it.",
    ]
    said = " ".join(map(str, network.remarks))
    assert "free_speed of 24 links as km/h, since nothing says its unit" in said
    apart = replace(
        network, links={name: link for name, link in network.links.items() if "00" not in (link.start, link.end)}
    )
    alone = replace(apart, links={**apart.links, "own": replace(network.links["0"], end="00")})
    assert "By road: 2 parts that no link joins; the largest has 15 of 16 nodes." in nfm.network.evidence(alone)
    assert nfm.network.count_network(alone)["road"]["in the largest"] == 15


@pytest.mark.parametrize(
    ("unit", "each"), [("feet", 22_966), ("yards", 7_655.3), ("nmi", 3.7797), ("mm", 7e6), ("Meters", 7_000), ("km", 7)]
)
def test_a_length_is_bounded_in_km_whatever_its_unit(unit: str, each: float, tmp_path: Path) -> None:
    """7 km each: in feet and mm the numbers are more than a link may have in km."""
    config = f"long_length,speed\n{unit},km/h\n"
    there = folder_of(tmp_path, link=LINKS.replace("4.3", str(each)), config=config)
    links = import_network(there).links
    assert [links[name].km for name in "ab"] == pytest.approx([7, 7], abs=0.001)
    (there / "link.csv").write_text(LINKS.replace("4.3", str(each * 3_000)))
    most = r'length "[\d.e+]+" must be a number from 0 to [\d,.e+]+, in the unit'
    with pytest.raises(nfm.InputError, match=most):
        nfm.read_network(there)


def test_miles_without_a_unit_of_speeds_are_asked_about_when_read_too(tmp_path: Path) -> None:
    there = folder_of(tmp_path, config="long_length\nmile\n")
    for read, mend in ((nfm.read_network, r"or km/h\)$"), (import_network, r"or km/h\), or with --speed$")):
        with pytest.raises(nfm.InputError, match=rf"free_speed has no unit.*config.csv \(speed: mph {mend}"):
            read(there)


def test_a_unit_that_is_asked_for_is_named_by_its_option(tmp_path: Path) -> None:
    with pytest.raises(nfm.InputError, match=r'^network import: length "furlong" is no unit'):
        import_network(folder_of(tmp_path), length="furlong")


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("theirs", {"modes": ("rail",)}, 'mode "rail" is not read of a GMNS folder'),
        ("theirs", {"least": "trunk"}, 'least "trunk" is not read of a GMNS folder'),
        ("x.geojson", {"length": "mile"}, 'length "mile" is not read of lines'),
        ("x.gpkg", {"closed": True}, 'closed "True" is not read of lines'),
        ("x.osm.pbf", {"speed": "mph"}, 'speed "mph" is not read of OpenStreetMap'),
        ("x.osm", {"crs": "EPSG:28992"}, 'crs "EPSG:28992" is not read of OpenStreetMap'),
    ],
)
def test_an_option_that_nothing_reads_is_said(name: str, options: Any, said: str, tmp_path: Path) -> None:
    folder_of(tmp_path)
    with pytest.raises(nfm.InputError, match=f"^network import: {said}"):
        import_network(tmp_path / name, **options)


def test_modes_may_be_given_together_or_one_by_one(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[4, 52], [5, 52]]}
    (tmp_path / "x.geojson").write_text(json.dumps({"features": [{"geometry": line}]}))
    for out, modes in {"one": ["--mode", "rail", "--mode", "water"], "two": ["--mode", "rail, water"]}.items():
        called("network", "import", tmp_path / "x.geojson", tmp_path / out, *modes)
        (link,) = nfm.read_network(tmp_path / out).links.values()
        assert link.modes == {"rail", "water"}


def test_longitudes_in_the_place_of_latitudes_are_doubted(tmp_path: Path) -> None:
    """Off Somalia, where the way from Rotterdam to the east is longer than its 34 km, as the way to the north is."""
    nodes = "node_id,x_coord,y_coord\n1,52.0,4.0\n2,52.0,4.5\n"
    links = "link_id,from_node_id,to_node_id,directed,length,free_speed,allowed_uses\na,1,2,0,{},80,road\n"
    said = "lie outside of Europe, and the other way round they would lie in it"
    turned = import_network(folder_of(tmp_path, node=nodes, link=links.format(60)))
    assert said in str(nfm.network.network_warnings(turned)[-1])
    with pytest.raises(nfm.InputError, match=f"(?s){said}.*their unit"):
        import_network(folder_of(tmp_path, node=nodes, link=links.format(34.2)))
    assert not any(said in str(one) for one in nfm.network.network_warnings(import_network("networks/netherlands")))
    anatolia = nodes.replace("52.0,4.0", "40.0,38.0").replace("52.0,4.5", "40.5,38.0")
    either = import_network(folder_of(tmp_path, node=anatolia, link=links.format(60)))
    assert not any(said in str(one) for one in nfm.network.network_warnings(either)), "both ways in Europe"
    beyond = import_network(folder_of(tmp_path, node=nodes.replace("52.0", "-95.0"), link=links.format(60)))
    assert not any(said in str(one) for one in nfm.network.network_warnings(beyond)), "in no order"


def test_a_table_whose_numbers_may_be_two_is_said_and_not_what_follows(tmp_path: Path) -> None:
    """No number tells whether 4.000 degrees are four or four thousand: without them no link has an end."""
    nodes = "node_id;x_coord;y_coord\n1;4.000;52.000\n2;4.100;52.000\n3;4.200;52.000\n"
    with pytest.raises(
        nfm.InputError, match=r'node.csv: 3 of 3 rows cannot be read; the first: .* x_coord "4.000" has'
    ):
        import_network(folder_of(tmp_path, node=nodes))


def test_lengths_of_zero_are_as_long_as_their_courses_and_many_are_asked_about(tmp_path: Path) -> None:
    folder = grid(tmp_path, 0)
    with pytest.raises(
        nfm.InputError, match="length is 0 of 24 of 24 links; with --length none all are as long as their"
    ):
        import_network(folder)
    assert import_network(folder, length="none").links["0"].km == pytest.approx(10, abs=0.01)
    some = (grid(tmp_path, 1.1) / "link.csv").read_text().splitlines()
    some[1] = "0,00,10,0,0,60"
    network = import_network(folder_of(tmp_path, node=(folder / "node.csv").read_text(), link="\n".join(some)))
    assert network.links["0"].km == pytest.approx(10, abs=0.01)
    assert "length of 1 link from the coordinates of their ends, since they give 0" in " ".join(
        map(str, network.remarks)
    )


def test_metres_in_place_of_degrees_are_named_with_the_first_node(tmp_path: Path) -> None:
    nodes = "node_id,x_coord,y_coord\n1,323784.1,4694759.3\n2,325887.8,4692134.1\n"
    folder = folder_of(tmp_path, node=nodes, link="link_id,from_node_id,to_node_id,length\na,1,2,3.4\n")
    with pytest.raises(nfm.InputError) as error:
        import_network(folder)
    (problem,) = error.value.problems
    assert "2 of 2 rows cannot be read; the first: line 2, x_coord" in problem.remedy
    assert "--crs" in problem.remedy


@pytest.mark.parametrize("crs", ["28992", "EPSG:28992"])
def test_what_config_names_is_used(crs: str, tmp_path: Path) -> None:
    pytest.importorskip("pyproj")
    nodes = "node_id,x_coord,y_coord\n1,155000,463000\n2,165000,463000\n"
    config = f"long_length,speed,crs\nmile,mph,{crs}\n"
    links = "link_id,from_node_id,to_node_id,length,free_speed,geometry\n"
    links += 'a,1,2,6.3,50,"LINESTRING (155000 463000, 160000 463500, 165000 463000)"\n'
    network = import_network(folder_of(tmp_path, node=nodes, link=links, config=config))
    assert network.nodes["1"].lon == pytest.approx(5.38721, abs=0.00002)
    assert network.links["a"].km == pytest.approx(10.14, abs=0.01)
    assert network.links["a"].free_speed_kmh == pytest.approx(80.47, abs=0.01)
    assert network.links["a"].shape[0] == pytest.approx((5.3872, 52.1552), abs=0.001)
    (tmp_path / "theirs/config.csv").write_text("crs\n1\n")
    with pytest.raises(nfm.InputError, match='crs "EPSG:1" is no system from which degrees follow; say with --crs'):
        import_network(tmp_path / "theirs")


def test_what_is_no_network_says_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "roads.shp").write_bytes(b"")
    (tmp_path / "roads.dxf").write_bytes(b"")
    with pytest.raises(
        nfm.InputError, match=r"is a shapefile; convert it to a GeoPackage: ogr2ogr roads\.gpkg roads\.shp"
    ):
        import_network(tmp_path / "roads.shp")
    with pytest.raises(nfm.InputError, match=r"no file of a type that is read \(\.osm, \.pbf, .*\.geojson"):
        import_network(tmp_path / "roads.dxf")
    with pytest.raises(nfm.InputError, match="is not there"):
        import_network(tmp_path / "nothing")


def test_rows_in_fault_are_left_out_with_the_links_that_end_at_them(tmp_path: Path) -> None:
    nodes = NODES + "4,Nowhere,444,52.0,external\n"
    links = LINKS + "c,,3,4,0,1,50,AUTO,\nd,,3,77,0,1,50,AUTO,\n"
    network = import_network(folder_of(tmp_path, node=nodes, link=links), length="mile", speed="mph")
    assert list(network.nodes) == ["1", "2", "3"]
    assert list(network.links) == ["a", "b", "w"]
    said = [str(remark) for remark in network.remarks]
    assert 'left out: 1 row of 4 that cannot be read; the first: line 5, x_coord "444" must be' in said[0]
    assert "left out: 2 rows of 5" in said[1]


def test_a_link_is_as_long_as_the_great_circle_at_least(tmp_path: Path) -> None:
    links = LINKS.replace("a,Coast Road,1,2,0,4.3", "a,Coast Road,1,2,0,3.9")
    network = import_network(folder_of(tmp_path, link=links), length="mile", speed="mph")
    assert network.links["a"].km == pytest.approx(network.great_circle_km("1", "2"))
    assert "1 link shorter than the great circle" in str(network.remarks[-1])
    assert not check_network(network)


@pytest.mark.parametrize(("km", "winds"), [(29.9, False), (30.2, True)])
def test_a_short_link_may_wind_for_twenty_km_more(km: float, winds: bool, tmp_path: Path) -> None:
    """Ten times the km between its ends, and 20 more, are 30; the straight roads beside it are in km."""
    near = [f"n{place},{4 + 0.014614 * place:.6f},52.0" for place in range(5)]
    roads = [f"{place},n{place},n{place + 1},0,{km if place == 3 else 1.0},50,road" for place in range(4)]
    columns = "link_id,from_node_id,to_node_id,directed,length,free_speed,allowed_uses"
    node, link = ("\n".join(lines) for lines in (["node_id,x_coord,y_coord", *near], [columns, *roads]))
    found = check_network(nfm.read_network(folder_of(tmp_path, node=node, link=link)))
    assert [one.key for one in found] == (["3, length"] if winds else [])


def test_a_network_without_a_link_is_refused(tmp_path: Path) -> None:
    with pytest.raises(nfm.InputError, match="has no link that can be read"):
        import_network(folder_of(tmp_path, link=LINKS.splitlines()[0] + "\n"))


def test_a_type_of_a_node_that_is_not_there_is_said(tmp_path: Path) -> None:
    folder, types = folder_of(tmp_path), tmp_path / "types.csv"
    types.write_text("node_id,node_type\n33,sea_port_terminal\n")
    with pytest.raises(nfm.InputError, match=r'types\.csv: line 2, node_id "33" is no node of this network'):
        import_network(folder, length="mile", speed="mph", types=types)


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
    again = called("network", "import", folder, out)
    assert again.returncode == 2
    assert "holds files; choose another folder" in again.stderr


def test_coordinates_of_a_projection_become_degrees(tmp_path: Path) -> None:
    pytest.importorskip("pyproj")
    nodes = "node_id,x_coord,y_coord\n1,155000,463000\n2,165000,463000\n"  # Amersfoort, and 10 km east of it
    links = "link_id,from_node_id,to_node_id,length\na,1,2,10.2\n"
    network = import_network(folder_of(tmp_path, node=nodes, link=links), crs="EPSG:28992")
    assert (network.nodes["1"].lon, network.nodes["1"].lat) == pytest.approx((5.38721, 52.15517), abs=0.00002)
    assert network.great_circle_km("1", "2") == pytest.approx(10, abs=0.05)
    with pytest.raises(nfm.InputError, match='crs "EPSG:0" is no system from which degrees follow'):
        import_network(tmp_path / "theirs", crs="EPSG:0")


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public files are not here")
@pytest.mark.parametrize(
    ("name", "known", "links"),
    [
        ("arlington", {}, 27),
        ("freeway", {}, 12),
        ("gmnspy", {"length": "ft", "speed": "mph"}, 7),
        ("osm2gmns_output", {"length": "m"}, 492),
        ("p4g_Sioux_Falls", {"length": "km"}, 76),
        ("plus_anaheim", {"length": "m"}, 914),
    ],
)
def test_a_public_network_is_imported(name: str, known: dict[str, str], links: int, tmp_path: Path) -> None:
    if name == "arlington":  # its config.csv names a projection
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


def test_a_node_on_the_course_of_a_link_that_does_not_end_there_is_named(tmp_path: Path) -> None:
    nodes = NODES + "4,Corner,4.05,52.0,\n5,Farm,4.05,52.1,\n"
    links = LINKS + "side,Lane,4,5,0,7,50,AUTO,local\n"
    write_network(
        import_network(folder_of(tmp_path, node=nodes, link=links), length="mile", speed="mph"), tmp_path / "ours"
    )
    done = called("network", "check", tmp_path / "ours")
    assert (
        "1 node on the course of a link that does not end there (4 on a); cut it there, where they meet" in done.stderr
    )
    assert "By road: 2 parts that no link joins; the largest has 3 of 5 nodes." in done.stdout


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
