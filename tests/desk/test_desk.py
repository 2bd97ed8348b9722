"""The desk: five moves through its page are what `nfm.compare` says, bit for bit; and nothing else gets at it."""

import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError

import nfm_sim as nfm
from nfm_sim.desk import Desk, desk, serve
from nfm_sim.desk.server import Served
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship

PAIRS = 6


def story() -> nfm.Scenario:
    """A ship that may be late, whose pieces go by one truck and one train, with a task, and a battalion."""
    flow = one_ship("truck", 12, lateness_h={"exponential": {"mean": 6}})
    flow["shares"] = {"wheeled": {"truck": 0.5, "train": 0.5}}
    data = coast_data(
        flows={"division": {**flow, "required_day": 2}, "second": one_ship("truck", 4)},
        pools={"trucks": {"capacity": 1}, "locomotives": {"capacity": 1}},
        tasks={"regional_plans": {"priority": 1}, "host_nation_support": {"priority": 1}},
    )
    return build_scenario(data, coast())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Served]]:
    playing = nfm.Desk(story(), replications=PAIRS, seed=3)
    there = serve(playing, tmp_path_factory.mktemp("saved"))
    threading.Thread(target=there.server.serve_forever, daemon=True).start()
    yield playing, there
    there.server.shutdown()
    there.server.server_close()


def post(served: Served, what: str, said: Any = None, **headers: str) -> tuple[int, Any]:
    """Say something to the desk as its page does; its status, and what it answers."""
    port, path = served.server.server_port, served.url.split("/", 3)[3]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", f"/{path}{what}", json.dumps(said or {}), headers)
    reply = connection.getresponse()
    text = reply.read()
    connection.close()
    return reply.status, json.loads(text) if text else None


def settled(served: Served) -> Any:
    """The answer when nothing goes on any more."""
    _, answer = post(served, "answer")
    while answer["going_on"]:
        _, answer = post(served, "answer", {"after": answer["version"]})
    return answer


def test_five_moves_differ_by_what_compare_says_bit_for_bit(served: tuple[Desk, Served]) -> None:
    playing, there = served
    base, changes = story(), dict[str, Any]()
    shut = {"title": "Harbour is shut", "nodes": ["harbour"], "start_h": 0, "duration_h": 240}
    moves: list[tuple[str, float, dict[str, Any]]] = [
        ("capacity trucks", 3, {"pools.trucks.capacity": 3}),
        ("ship division/ship", 1.5, {"flows.division.ships.ship.calls.0.day": 1.5}),
        ("flows.second.priority", 3, {"flows.second.priority": 3}),
        ("flows.division.required_day", 1, {"flows.division.required_day": 1}),
        ("shut harbour", 1, {"disruptions.shut_harbour": shut}),
    ]
    for lever, value, change in moves:
        changes |= change
        status, _ = post(there, "move", {"lever": lever, "value": value})
        assert status == 200
        answer = settled(there)
        assert answer["pairs"] == PAIRS
        other = nfm.compare({"base": base, "moved": base.with_changes(changes)}, PAIRS, seed=3, jobs=1)
        for quantity in ("closure", "closure.on_time_share"):
            wanted = other.difference(quantity)
            assert playing.difference(quantity).equals(wanted)
            told = [row for row in answer["rows"] if row["quantity"] == quantity]
            assert [row["difference"] for row in told] == wanted["difference"].to_list()
            assert [(row["low"], row["high"]) for row in told] == wanted.select("low", "high").rows()
    assert len(moves) == 5
    for left in range(4, -1, -1):
        _, answer = post(there, "undo")
        assert (answer["moves"], len(answer["moved"])) == (left, left)
    assert not settled(there)["rows"]
    assert post(there, "undo") == (200, {"problems": ["desk: undo has no move to take back"]})


def test_a_second_move_ends_the_first() -> None:
    playing = nfm.Desk(story(), replications=400)
    playing.move("capacity trucks", 2)
    playing.move("capacity trucks", 3)
    first, second = (playing._study({"pools.trucks.capacity": float(number)}) for number in (2, 3))
    playing.undo()
    playing.undo()
    assert not playing.wait().going_on
    for study in (first, second):
        study.refresh()
    assert len(first.replications) < 100


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"lever": "capacity truks", "value": 2}, 'did you mean "capacity trucks"'),
        ({"lever": "capacity trucks", "value": -1}, "must be a number from 0"),
        ({"lever": "capacity trucks", "value": "many"}, "must be a number from 0"),
        ({"lever": "capacity trucks"}, "must be a number from 0"),
        ({"lever": "flows.second.priority", "value": 1.5}, "must be a whole number"),
    ],
)
def test_bad_input_is_told_and_moves_nothing(served: tuple[Desk, Served], said: Any, told: str) -> None:
    playing, there = served
    before = playing.answer
    status, answer = post(there, "move", said)
    assert status == 200
    assert told in " ".join(answer["problems"])
    assert playing.answer is before


def test_nobody_else_gets_at_it(served: tuple[Desk, Served]) -> None:
    _, there = served
    assert there.server.server_address[0] == "127.0.0.1"
    assert post(there, "answer", Host="example.org")[0] == 403
    assert post(there, "answer", Origin="http://example.org")[0] == 403
    other = Served(there.server, there.url.rstrip("/")[:-1] + "x/")
    assert post(other, "answer")[0] == 403
    assert post(there, "../../etc/passwd")[0] == 400
    assert "is no lever" in post(there, "move", ["no", "table"])[1]["problems"][0]
    assert post(there, "answer", {"after": "now"})[0] == 400
    assert post(there, "answer", {"after": float("inf")})[0] == 400
    assert post(there, "answer", **{"Content-Length": "\u00b2"})[0] == 400


def test_a_page_that_is_closed_while_it_waits_says_nothing(
    served: tuple[Desk, Served], capfd: pytest.CaptureFixture[str]
) -> None:
    playing, there = served
    port, path = there.server.server_port, there.url.split("/", 3)[3]
    ended = threading.Event()
    there.server.shutdown_request, before = (
        lambda request: (before(request), ended.set()),
        there.server.shutdown_request,
    )
    gone = socket.create_connection(("127.0.0.1", port))
    gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # as a browser that is ended
    body = json.dumps({"after": playing.answer.version})
    gone.sendall(f"POST /{path}answer HTTP/1.1\nHost: 127.0.0.1:{port}\nContent-Length: {len(body)}\n\n{body}".encode())
    time.sleep(0.2)
    gone.close()
    playing._tell()
    assert ended.wait(30)
    assert capfd.readouterr().err == ""


def test_a_lost_worker_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    playing = nfm.Desk(story(), replications=PAIRS)

    def lost(*_: object) -> None:
        raise TerminatedWorkerError("killed")

    monkeypatch.setattr(desk, "complete", lost)
    playing.move("capacity trucks", 2)
    answer = playing.wait()
    assert "a worker process was ended" in answer.problems[0]
    assert not answer.going_on


def test_nothing_is_written_but_what_is_saved_and_that_is_the_same_scenario(tmp_path: Path) -> None:
    playing = nfm.Desk(nfm.read_scenario(nfm.example("allied_brigade")), replications=1)
    ship = next(name for name in playing.levers if name.startswith("ship "))
    playing.move("capacity trucks" if "capacity trucks" in playing.levers else ship, 80)
    playing.move(ship, 3)
    playing.move("shut vlissingen_oost", 1)
    assert list(tmp_path.iterdir()) == []
    saved = playing.save(tmp_path)
    read = nfm.read_scenario(saved)
    for part in ("flows", "pools", "disruptions", "movement", "places"):
        assert getattr(read, part) == getattr(playing.changed, part)
    assert playing.save(tmp_path) != saved
    assert str(saved) in playing.command(saved)


def test_the_page_of_the_desk_is_the_report_of_both(tmp_path: Path) -> None:
    playing = nfm.Desk(story(), replications=4)
    playing.move("capacity trucks", 2)
    playing.wait()
    page = playing.page(tmp_path)
    assert "moved" in page.read_text("utf-8")
    assert [file.name for file in tmp_path.iterdir()] == [page.name]
