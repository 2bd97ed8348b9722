"""Faulty network tables, each fault named with file, line, value and remedy, all at once."""

import shutil
from pathlib import Path

import pytest

from nfm_sim.network import NoRouteError, check_network, read_network
from nfm_sim.problems import InputError
from tests.conftest import ROOT, coast

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
        'link.csv: line 3, length "-3" must be a number from 0 to 20,000',
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
