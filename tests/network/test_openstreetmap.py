"""Extracts of OpenStreetMap: which ways become links, and what their tags say."""

from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

import nfm_sim as nfm
from nfm_sim.network import import_network
from tests.conftest import called

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


def extract(tmp_path: Path, *ways: str, name: str = "ways.osm", first: int = 1) -> Path:
    """An extract of ways in a row, 0.1 degree each: of each its tags, as "highway=primary maxheight=3.5 m"."""
    nodes = "".join(
        f'<node id="{first + number}" lon="{4 + number / 10:.1f}" lat="52"/>' for number in range(len(ways) + 1)
    )
    text = ""
    for number, way in enumerate(ways):
        tags = (word.split("=", 1) for word in way.split("; "))
        said = "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags)
        ends = f'<nd ref="{first + number}"/><nd ref="{first + number + 1}"/>'
        text += f'<way id="{number + 1}">{ends}{said}</way>'
    (tmp_path / name).write_text(f'<osm version="0.6">{nodes}{text}</osm>', encoding="utf-8")
    return tmp_path / name


def test_limits_have_the_units_of_the_wiki_and_what_is_not_read_is_counted(tmp_path: Path) -> None:
    pytest.importorskip("osmium")
    limits = ["maxheight=3.5 m", "maxheight=11'6\"", "maxheight=3,8", "maxheight=4.2; maxheight:physical=4",
              "maxweight=7.5 t", "maxweight=20 st", "maxweight=7500 kg", "maxweight=16000 lbs", "maxwidth=8 ft",
              "maxheight=none", "maxheight=below_default", "maxheight=380", "maxweight=3,500", "maxaxleload=8",
              "maxheight=below_default", "maxweight=0.0004"]  # fmt: skip
    network = import_network(extract(tmp_path, *(f"highway=primary; maxspeed=80; {limit}" for limit in limits)))
    links = list(network.links.values())
    assert [link.max_height_m for link in links[:4]] == [3.5, 3.505, 3.8, 4.0]
    assert [link.max_weight_t for link in links[4:8]] == [7.5, 18.144, 7.5, 7.257]
    assert links[8].max_width_m == 2.438
    assert all((link.max_height_m, link.max_weight_t) == (None, None) for link in links[9:])
    assert [remark.remedy for remark in network.remarks] == [
        'not read: maxheight of 3 ways ("below_default" 2, "380" 1)',
        'not read: maxweight of 2 ways ("3,500" 1, "0.0004" 1)',
        'not read: maxaxleload of 1 way ("8" 1)',
    ]


def test_ways_that_are_closed_are_left_out_and_counted_unless_they_are_asked_for(tmp_path: Path) -> None:
    pytest.importorskip("osmium")
    roads = ["name=A", "access=no", "access=private; motor_vehicle=permissive", "motor_vehicle=agricultural;forestry",
             "hgv=no", "access=no; hgv=yes", "access:conditional=no @ (22:00-06:00)"]  # fmt: skip
    ways = [f"highway=primary; {tags}" for tags in roads]
    ways += ["waterway=river; motorboat=no", "waterway=canal; boat=no", "waterway=canal"]
    file = extract(tmp_path, *(f"maxspeed=50; {way}" for way in ways))
    network = import_network(file, modes=("road", "water"))
    assert list(network.links) == ["1_0", "3_0", "6_0", "7_0", "10_0"]
    assert [remark.remedy for remark in network.remarks] == [
        "left out: 1 way closed to traffic (access=no)",
        "left out: 1 way closed to traffic (motor_vehicle=agricultural;forestry)",
        "left out: 1 way closed to traffic (hgv=no)",
        "left out: 1 way closed to traffic (motorboat=no)",
        "left out: 1 way closed to traffic (boat=no)",
        'not read: access:conditional of 1 way ("no @ (22:00-06:00)" 1)',
    ]
    every = import_network(file, modes=("road", "water"), closed=True)
    assert len(every.links) == len(ways)
    assert every.remarks[0].remedy == "taken: 1 way closed to traffic (access=no)"


def test_one_lane_is_driven_both_ways(tmp_path: Path) -> None:
    pytest.importorskip("osmium")
    both, each = import_network(extract(tmp_path, "highway=trunk; lanes=1", "highway=trunk; lanes=2")).links.values()
    assert (both.directed, both.lanes, each.lanes) == (False, 1, 1)


def test_lanes_tracks_speeds_and_directions_are_those_of_the_tags(tmp_path: Path) -> None:
    pytest.importorskip("osmium")
    ways = [
        "highway=trunk; lanes=3; lanes:forward=2; lanes:backward=1; maxspeed=80",
        "highway=trunk; lanes=5; maxspeed=60 mph",
        "highway=trunk; oneway=yes; lanes=3; maxspeed=walk",
        "highway=trunk; oneway=reversible; lanes=2;3; maxspeed=80",
        "railway=rail; tracks=2; maxspeed=140",
        "railway=rail; railway:preferred_direction=backward; maxspeed=140",
        "railway=rail; electrified=contact_line; voltage=1500;25000; maxspeed=80",
        "waterway=canal; maxspeed=6 knots; CEMT=Vb",
        "waterway=canal; maxspeed=12; CEMT=9",
    ]
    network = import_network(extract(tmp_path, *ways), modes=("road", "rail", "water"))
    links = list(network.links.values())
    assert [link.lanes for link in links[:4]] == [1, 2, 3, None]
    assert [link.directed for link in links] == [False, False, True, False, False, True, False, False, False]
    assert [link.free_speed_kmh for link in links] == [80, 97, 80, 80, 140, 140, 80, 11, 12]
    assert [link.tracks for link in links[4:7]] == [2, 1, 1]
    assert (links[5].start, links[5].end) == ("7", "6"), "trains run against the course of the way"
    assert links[6].electrification == "1500V/25000V"
    assert [link.cemt_class for link in links[7:]] == ["Vb", ""]
    said = [remark.remedy for remark in network.remarks]
    assert said == [
        "derived: free_speed of 1 way from its class",
        'not read: maxspeed of 1 way ("walk" 1)',
        'not read: oneway of 1 way ("reversible" 1)',
        'not read: lanes of 1 way ("2;3" 1)',
        'not read: CEMT of 1 way ("9" 1)',
    ]


def test_classes_of_roads_are_chosen(tmp_path: Path) -> None:
    pytest.importorskip("osmium")
    kinds = ["motorway", "primary", "secondary", "secondary_link", "tertiary", "residential"]
    file = extract(tmp_path, *(f"highway={kind}; oneway=no; maxspeed=50" for kind in kinds))
    done = called("network", "import", file, tmp_path / "out", "--least", "secondary")
    assert done.returncode == 0, done.stderr
    assert "left out: 2 ways below secondary" in done.stdout
    assert "By road: one part, all 5 nodes of it." in done.stdout
    assert len(nfm.read_network(tmp_path / "out").links) == 4
    with pytest.raises(nfm.InputError, match=r'least "secundary" must be some of motorway, .*did you mean "secondary"'):
        import_network(file, least="secundary")


def test_extracts_of_editors_and_with_another_ending_are_read(tmp_path: Path) -> None:
    pytest.importorskip("osmium")
    assert len(import_network(extract(tmp_path, "highway=primary", name="ways.osm.xml")).links) == 1
    network = import_network(extract(tmp_path, "highway=primary", "highway=primary", first=-9))
    assert [(link.start, link.end) for link in network.links.values()] == [("-9", "-8"), ("-8", "-7")]
    cut_off = (
        extract(tmp_path, "highway=primary", "highway=primary").read_text().replace('<node id="3"', '<node id="33"')
    )
    (tmp_path / "ways.osm").write_text(cut_off)
    network = import_network(tmp_path / "ways.osm")
    assert list(network.links) == ["1_0"]
    assert "left out: 1 node of ways that the file names and does not have" in str(network.remarks[-1])
