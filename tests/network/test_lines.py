"""Lines of a map become links, and their ends nodes where they meet."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nfm_sim as nfm
from nfm_sim.network import import_network
from tests.conftest import called


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


def drawn(tmp_path: Path, *lines: list[list[float]], **properties: list[Any]) -> Path:
    """Lines as GeoJSON, each with its own value of each property."""
    features = [
        {
            "type": "Feature",
            "properties": {name: values[number] for name, values in properties.items()},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for number, line in enumerate(lines)
    ]
    return lines_file(tmp_path, features=features)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([5.0000049, 52], [5.0000051, 52]),  # 1 cm apart, and rounded apart to five decimals
        ([20.00002, 70], [20, 70]),  # 0.8 m, as a degree of longitude is shorter there
        ([179.999999, 10], [-179.999999, 10]),  # the two sides of the date line
    ],
)
def test_ends_within_a_metre_are_one_node_wherever_they_lie(
    one: list[float], other: list[float], tmp_path: Path
) -> None:
    inland = [one[0] - 0.5, one[1]], [other[0] + 0.5, other[1]]
    network = import_network(drawn(tmp_path, [inland[0], one], [other, inland[1]]))
    first, second = network.links.values()
    assert first.end == second.start
    apart = import_network(drawn(tmp_path, [inland[0], one], [[other[0] + 0.0001, other[1]], inland[1]]))
    assert len(apart.nodes) == 4


@pytest.mark.parametrize(
    ("crs", "ends"),
    [
        ("urn:ogc:def:crs:EPSG::28992", [[155_000, 463_000], [165_000, 463_000]]),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", [[5.387206, 52.155174], [5.533300, 52.154900]]),
        (None, [[5.387206, 52.155174], [5.533300, 52.154900]]),
    ],
)
def test_the_system_that_a_geojson_names_is_that_of_its_coordinates(crs: str, ends: Any, tmp_path: Path) -> None:
    """Ten km to the east of Amersfoort, the origin of the Dutch grid, which is 155,000 and 463,000 there."""
    line = {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": ends}}
    named = crs and {"type": "name", "properties": {"name": crs}}
    (link,) = import_network(lines_file(tmp_path, features=[line], crs=named)).links.values()
    assert link.km == pytest.approx(10.0, abs=0.04), "over a sphere"
    with pytest.raises(nfm.InputError, match='crs "EPSG:1" is no system from which degrees follow'):
        import_network(lines_file(tmp_path, crs={"type": "name", "properties": {"name": "EPSG:1"}}))


def test_a_line_is_cut_where_another_of_its_mode_ends_on_it(tmp_path: Path) -> None:
    main, side = [[4, 52], [5, 52], [6, 52]], [[4.5, 52.000005], [4.5, 53]]
    network = import_network(drawn(tmp_path, main, side, link_id=["main", "side"]))
    assert list(network.links) == ["main_0", "main_1", "side"]
    assert network.links["main_0"].end == network.links["main_1"].start == network.links["side"].start
    assert network.links["main_1"].shape == ((4.5, 52.000005), (5, 52), (6, 52))
    assert "joined: 1 end on the course of another line, which is cut there" in str(network.remarks[0])
    over = import_network(drawn(tmp_path, main, side, allowed_uses=["rail", "road"]))
    assert len(over.links) == 2, "a road that ends at a railway joins nothing"
    twice = import_network(drawn(tmp_path, main, side, [[5, 52], [5, 51]], link_id=["main", "side", "south"]))
    assert list(twice.links) == ["main_0", "main_1", "main_2", "side", "south"]


def test_names_that_are_numbers_keep_all_their_digits(tmp_path: Path) -> None:
    lines = [[4.0, 52.0], [4.1, 52.0]], [[4.1, 52.0], [4.2, 52.0]]
    network = import_network(drawn(tmp_path, *lines, link_id=[12345678.0, 12345679.0], max_weight_t=[7.5, 43.125]))
    assert [(link.name, link.max_weight_t) for link in network.links.values()] == [
        ("12345678", 7.5),
        ("12345679", 43.125),
    ]


def test_speeds_of_lines_have_the_unit_that_is_asked_for(tmp_path: Path) -> None:
    (link,) = import_network(drawn(tmp_path, [[4, 52], [5, 52]], free_speed=[50]), speed="mph").links.values()
    assert link.free_speed_kmh == pytest.approx(80.4672)


def test_lines_without_two_points_are_none(tmp_path: Path) -> None:
    shapely, raw = pytest.importorskip("shapely"), pytest.importorskip("pyogrio.raw")
    parts = [shapely.LineString([(4, 52), (5, 52)]), shapely.Point(4, 52)]
    shapes = np.array([parts[0], shapely.LineString(), None, shapely.GeometryCollection(parts), parts[1]], dtype=object)
    names = [np.array([*"abcde"], dtype=object)]
    file = tmp_path / "any.gpkg"
    raw.write(file, shapely.to_wkb(shapes), names, ["link_id"], layer="any", geometry_type="Unknown", crs="EPSG:4326")
    assert list(import_network(file).links) == ["a", "d"], "a layer of any shapes has lines too"


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


ENDLESS = "with recursive r(i) as (select 1 union all select i + 1 from r) select"
COMPUTED = {
    "v": f"create view v as {ENDLESS} i as fid, null as geom from r",
    "w": "create table w (fid integer primary key, geom, name as (zeroblob(1000000000)))",
}


@pytest.mark.parametrize("layer", COMPUTED)
def test_a_layer_that_is_computed_is_not_read(tmp_path: Path, layer: str) -> None:
    """It could go on for ever."""
    file = geopackage(tmp_path / "x.gpkg", [(4, 52), (5, 52)], "EPSG:4326")
    with closing(sqlite3.connect(file)) as base:
        base.execute(COMPUTED[layer])
        columns = "table_name, data_type, identifier, min_x, min_y, max_x, max_y, srs_id"
        base.execute(
            f"insert into gpkg_contents({columns}) values (?, 'features', ?, 0, 0, 1, 1, 4326)", (layer, layer)
        )
        base.execute("insert into gpkg_geometry_columns values (?, 'geom', 'LINESTRING', 4326, 0, 0)", (layer,))
        base.commit()
    with pytest.raises(nfm.InputError, match=f'layer "{layer}" is a layer that is computed while it is read'):
        import_network(file)


def test_a_list_of_layers_that_is_computed_is_not_read(tmp_path: Path) -> None:
    file = geopackage(tmp_path / "x.gpkg", [(4, 52), (5, 52)], "EPSG:4326")
    with closing(sqlite3.connect(file)) as base:
        base.execute("alter table gpkg_contents rename to contents")
        base.execute(f"create view gpkg_contents as {ENDLESS} i as table_name from r")
        base.commit()
    with pytest.raises(nfm.InputError, match='layer "gpkg_contents" is a layer that is computed'):
        import_network(file)
