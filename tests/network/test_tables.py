"""Faulty network tables, each fault named with file, line, value and remedy, all at once."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from nfm_sim.network import Network, Node, NoRouteError, check_network, network_warnings, proved, read_network
from nfm_sim.problems import InputError
from tests.conftest import ROOT, coast, link

NODES = "node_id,name,x_coord,y_coord,node_type,country,holds\na,A,4.0,52.0,,NL,road\nb,B,5.0,52.0,,NL,\n"
LINKS = (
    "link_id,name,from_node_id,to_node_id,directed,length,facility_type,free_speed,allowed_uses,tracks\n"
    "r1,N1,a,b,false,70,trunk,80,road,\n"
)


def write(folder: Path, nodes: str = NODES, links: str = LINKS, facilities: str | None = None) -> Path:
    (folder / "node.csv").write_text(nodes)
    (folder / "link.csv").write_text(links)
    if facilities is not None:
        (folder / "facility.csv").write_text(facilities)
    return folder


def faults(folder: Path) -> list[str]:
    with pytest.raises(InputError) as error:
        read_network(folder)
    return [str(problem).removeprefix(str(folder) + "/") for problem in error.value.problems]


def test_a_small_network_is_read(tmp_path: Path) -> None:
    network = read_network(write(tmp_path, facilities="node_id,facility,capacity,unit,rate_per_h\na,berths,2,ships,\n"))
    assert network.route("a", "b", "road").km == 70
    assert network.route("b", "a", "road").hours == pytest.approx(70 / 80)
    assert network.facilities["a", "berths"].rate_per_h is None


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    links = LINKS + "r1,N2,a,c,maybe,-3,trunk,80,road,two\n"
    nodes = NODES.replace("a,A,4.0", "a,A,four")
    assert faults(write(tmp_path, nodes, links, "node_id,facility,capacity,unit,rate_per_h\naa,berths,x,,\n")) == [
        'node.csv: line 2, x_coord "four" must be a number from -180 to 180',
        'link.csv: line 3, link_id "r1" stands twice; give every row its own name',
        'link.csv: line 3, to_node_id "c" is not in node.csv',
        'link.csv: line 3, directed "maybe" must be true or false, or 1 or 0',
        'link.csv: line 3, length "-3" must be a number from 0 to 20,000, in the unit of config.csv (long_length)',
        'link.csv: line 3, tracks "two" must be a whole number from 1 to 64, or empty when it is not known',
        'facility.csv: line 2, node_id "aa" is not in node.csv (did you mean "a"?)',
        'facility.csv: line 2, capacity "x" must be a number from 0 to 10,000,000',
    ]


def test_an_unknown_mode_is_a_fault(tmp_path: Path) -> None:
    assert faults(write(tmp_path, links=LINKS.replace(",road,", ",roads,"))) == [
        'link.csv: line 2, allowed_uses "roads" must be some of road, rail, water, sea (did you mean "road"?); a use '
        "of another name gets its mode in a column mode of use_definition.csv"
    ]


def test_missing_columns_and_files_are_faults(tmp_path: Path) -> None:
    assert faults(write(tmp_path, nodes="node_id,name\na,A\n")) == [
        "node.csv: header lacks the columns x_coord, y_coord; add them to its first line"
    ]
    (tmp_path / "node.csv").unlink()
    assert "cannot be read" in faults(tmp_path)[0]


def test_a_link_shorter_than_the_great_circle_is_found(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "networks/netherlands", tmp_path / "nl")
    table = tmp_path / "nl/link.csv"
    table.write_text(table.read_text().replace("kp_buren,false,4.3", "kp_buren,false,3.3"))
    (problem,) = check_network(read_network(tmp_path / "nl"))
    assert "rd001, length" in str(problem)
    assert "shorter than the great circle" in str(problem)


def test_a_terminal_that_does_not_reach_a_border_is_found(tmp_path: Path) -> None:
    nodes = (
        "node_id,x_coord,y_coord,node_type\n"
        "a,4.0,52.0,sea_port_terminal\nb,5.0,52.0,border_crossing\nc,6.0,52.0,border_crossing\nd,6.1,52.0,\n"
    )
    network = read_network(write(tmp_path, nodes, LINKS + "r2,N2,c,d,false,9,trunk,80,road,\n"))
    (problem,) = check_network(network)
    assert str(problem).endswith("a does not reach c by road; add the missing links")


def test_a_one_way_link_is_used_one_way(tmp_path: Path) -> None:
    network = read_network(write(tmp_path, links=LINKS.replace("false", "true")))
    assert network.route("a", "b", "road").km == 70
    with pytest.raises(NoRouteError, match="no way by road"):
        network.route("b", "a", "road")


def test_the_faster_of_parallel_links_is_taken(tmp_path: Path) -> None:
    links = LINKS + "r2,A1,a,b,false,80,motorway,100,road,\n"
    network = read_network(write(tmp_path, links=links))
    assert [link.name for link in network.route("a", "b", "road").links] == ["r2"]
    assert [link.name for link in network.route("a", "b", "road", {"motorway": 70}).links] == ["r1"]


@pytest.mark.parametrize(
    ("start", "mode", "message"),
    [
        ("harbor", "road", '"harbor" is not in coast \\(did you mean "harbour"\\?\\)'),
        ("barracks", "rail", '"barracks" has no rail link'),
    ],
)
def test_a_route_that_is_not_there_says_why(start: str, mode: str, message: str) -> None:
    with pytest.raises(NoRouteError, match=message):
        coast().route(start, "border", mode)


def test_units_of_the_dataset_are_honoured(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "config.csv").write_text("dataset_name,long_length,speed,crs\nx,mile,mph,EPSG:4326\n")
    link = read_network(tmp_path).links["r1"]
    assert link.km == pytest.approx(70 * 1.609344)
    assert link.free_speed_kmh == pytest.approx(80 * 1.609344)
    (tmp_path / "config.csv").write_text("dataset_name,long_length,speed,crs\nx,league,km/h,32619\n")
    assert [text.split(";")[0] for text in faults(tmp_path)] == [
        'config.csv: long_length "league" is no unit that is known',
        'config.csv: crs "32619" is not EPSG:4326',
    ]
    (tmp_path / "config.csv").write_text("long_length,speed\nkm,km/h\nmile,mph\n")
    assert faults(tmp_path) == ["config.csv: has 2 rows, and a dataset has one of units; leave the others out"]


def test_a_train_that_turns_back_where_it_may_not_stand_is_named() -> None:
    far = {
        "yard": Node("yard", "", 4.0, 52.0, "rail_terminal", "NL", frozenset({"rail"})),
        "points": Node("points", "", 5.0, 52.0, "", "NL", frozenset()),
        "gate": Node("gate", "", 4.2, 52.2, "border_crossing", "NL", frozenset()),
    }
    lines = {
        name: link(name, *ends, 80, "rail", tracks=1)
        for name, ends in {"a": ("yard", "points"), "b": ("points", "gate")}.items()
    }
    network = Network(Path("switch"), far, lines, {})
    (problem,) = network_warnings(network)
    assert problem.key == "points"
    assert problem.remedy.startswith(
        "is where the fastest way by rail from yard to gate turns back, and trains may not stand"
    )
    may_stand = replace(far["points"], holds=frozenset({"rail"}))
    assert not network_warnings(replace(network, nodes={**far, "points": may_stand}))
    ahead = replace(far["gate"], lon=6.0, lat=52.4)
    assert not network_warnings(replace(network, nodes={**far, "gate": ahead}))


def test_a_network_a_thousand_times_too_long_is_not_sound(tmp_path: Path) -> None:
    (problem,) = check_network(read_network(write(tmp_path, links=LINKS.replace(",70,", ",11000,"))))
    assert "half of the links are more than" in str(problem)
    assert "config.csv" in str(problem)


def test_gmns_as_others_write_it_is_read(tmp_path: Path) -> None:
    links = (
        "link_id,name,from_node_id,to_node_id,directed,length,facility_type,free_speed,allowed_uses,lanes\n"
        'r1,N1,a,b,1,70,trunk,80,"auto, truck",2.0\n'
        "r2,N1,b,a,TRUE,,residential,,all,nan\n"
        "r3,N1,a,b,0,70,trunk,80,bike,\n"
    )
    network = read_network(write(tmp_path, links=links))
    assert network.links["r1"].modes == {"road"}
    assert network.links["r1"].lanes == 2
    assert network.links["r1"].directed
    assert network.links["r2"].km == pytest.approx(network.great_circle_km("a", "b"))
    assert not network.links["r3"].directed
    assert network.links["r3"].modes == frozenset()
    assert [problem.remedy for problem in network.remarks] == [
        "derived: length of 1 link from the coordinates of their ends",
        "derived: free_speed of 1 link from their facility_type",
    ]
    assert "1 link without a mode" in str(network_warnings(network)[-1])


def test_a_use_of_another_name_gets_its_mode_from_the_table_of_uses(tmp_path: Path) -> None:
    write(tmp_path, links=LINKS.replace(",road,", ",lorry,"))
    assert "a use of another name gets its mode in a column mode of use_definition.csv" in faults(tmp_path)[0]
    (tmp_path / "use_definition.csv").write_text("use,mode\nlorry,road\n")
    assert read_network(tmp_path).links["r1"].modes == {"road"}


def test_a_group_of_uses_has_all_their_modes_wherever_it_stands(tmp_path: Path) -> None:
    write(tmp_path, links=LINKS.replace(",road,", ",freight,"))
    (tmp_path / "use_group.csv").write_text('use_group,uses\nfreight,"heavy,barge,sled"\nheavy,"truck,train"\n')
    network = read_network(tmp_path)
    assert network.links["r1"].modes == {"road", "rail", "water"}
    assert 'use_group.csv: uses "sled" is in a group, and neither' in str(network.remarks[0])
    (tmp_path / "use_group.csv").write_text('use_group,uses\nfreight,"heavy"\nheavy,"truck,freight"\n')
    assert "is a group of groups of itself" in faults(tmp_path)[0]


def test_a_facility_that_stands_twice_is_a_fault(tmp_path: Path) -> None:
    table = "node_id,facility,capacity,unit,rate_per_h\na,berths,2,ships,\na,berths,9,ships,\n"
    (fault,) = faults(write(tmp_path, facilities=table))
    assert fault == 'facility.csv: line 3, node_id, facility "a, berths" stands twice; give every row its own name'


def test_ids_are_compared_in_one_form(tmp_path: Path) -> None:
    nodes, links = NODES.replace("a,A", "caf\u00e9,A"), LINKS.replace(",a,b", ",cafe\u0301,b")
    assert read_network(write(tmp_path, nodes, links)).links["r1"].start == "caf\u00e9"


def test_a_check_says_what_it_has_not_proved(tmp_path: Path) -> None:
    nodes = NODES.replace("52.0,,NL,road", "52.0,seaport,NL,road").replace("52.0,,NL,\n", "52.0,border,NL,\n")
    network = read_network(write(tmp_path, nodes))
    assert check_network(network) == []
    said = [str(problem) for problem in network_warnings(network)]
    assert 'node_type "seaport" is no type of node that is known (1 node)' in said[0]
    assert 'node_type "border" is no type of node that is known (1 node)' in said[1]
    assert proved(network)[1:] == [
        "Not proved: by road, that anything is reached; it has no terminals and no border crossings."
    ]


def test_a_facility_or_column_with_a_slip_in_its_name_is_said(tmp_path: Path) -> None:
    table = "node_id,facility,capacity,unit,rate_perh\na,track,2,loading tracks,1\n"
    said = [str(problem) for problem in network_warnings(read_network(write(tmp_path, facilities=table)))]
    assert 'header "rate_perh" is a column that nothing reads (did you mean "rate_per_h"?)' in said[0]
    assert 'facility "track" is no facility that the usual rules use (1 row) (did you mean "tracks"?)' in said[1]


def test_the_second_of_two_parallel_links_is_a_way_too() -> None:
    narrow = coast()
    second = replace(narrow.links["rail2"], name="rail2b", km=60)
    network = replace(narrow, links={**narrow.links, "rail2b": second})
    ways = [[link.name for link in route.links] for route in network.routes("harbour", "border", "rail")]
    assert ways == [["rail1", "rail2"], ["rail1", "rail2b"]]


def test_a_table_of_the_map_is_read_with_the_network(tmp_path: Path) -> None:
    (write(tmp_path) / "outline.csv").write_text("country,ring,x,y\nNL,1,4,52\n")
    assert "outline.csv: header lacks the columns x_coord, y_coord" in faults(tmp_path)[0]
    (tmp_path / "outline.csv").write_text("country;ring;x_coord;y_coord\nNL;1;4,5;52\n")
    assert read_network(tmp_path).outline == {"NL": [[(4.5, 52.0)]]}
