"""A case of the fuzz: a seed, from which what is spoiled and how follows."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import nfm_sim as nfm
from nfm_sim.network import Network, network_data
from nfm_sim.scenario import build_scenario, read_change
from nfm_sim.scenario.files import read_rows
from nfm_sim.study.records import digest, write_record
from tests.conftest import called, coast_data, one_ship
from tests.fuzz import corpus, oracle, strangers
from tests.fuzz.forgeries import forge_book, forge_page, forge_study
from tests.fuzz.mutations import TEXTS, nasty, spoil_bytes, spoil_data


def data_case(random: Random) -> str:
    """A scenario as plain data."""
    _, data, network = random.choice(corpus.whole())
    others = [other for _, other, _ in corpus.whole() if other is not data]
    return oracle.try_data(spoil_data(random, data, others), network, random.randrange(2**64))


def bytes_case(random: Random) -> str:
    """A scenario file, one of whose files is spoiled."""
    with _copy(_coast_folder()) as folder:
        file = random.choice(corpus.files_of(folder))
        file.write_bytes(spoil_bytes(random, file.read_bytes()))
        return oracle.try_file(folder / "scenario.toml", random.randrange(2**64))


def network_case(random: Random) -> str:
    """A network folder."""
    with _copy(_coast_folder() / "net") as folder:
        file = random.choice(corpus.files_of(folder))
        file.write_bytes(spoil_bytes(random, file.read_bytes()))
        return oracle.try_network(folder)


def study_case(random: Random) -> str:
    """A study folder: damaged, or forged with digests that fit."""
    with _copy(_study_folder()) as folder:
        files = corpus.files_of(folder)
        kind, file = random.randrange(7), random.choice(files)
        if kind == 0:
            file.write_bytes(spoil_bytes(random, file.read_bytes()))
        elif kind == 1:
            file.unlink()
        elif kind == 2:
            file.rename(file.with_name(random.choice(("x", "part-00000-00001.parquet", "00001-00001.json", ".x"))))
        elif kind == 3:
            random.choice(files).write_bytes(file.read_bytes())
        elif kind == 4:
            target = random.choice(("/etc/passwd", "/", str(folder.parent), "/dev/zero", str(file)))
            file.unlink()
            file.symlink_to(target)
        else:
            _forge(random, folder)
        return oracle.try_study(folder)


def forged_study_case(random: Random) -> str:
    """A study folder that was forged, all of whose digests fit."""
    with _copy(_study_folder()) as folder:
        forge_study(random, folder)
        return oracle.try_study(folder)


def page_case(random: Random) -> str:
    """A page of which something is another."""
    with TemporaryDirectory(prefix="fuzz-") as place:
        page = Path(place) / "page.html"
        page.write_bytes(forge_page(random))
        return oracle.try_page(page)


def book_case(random: Random) -> str:
    """A workbook with force elements."""
    with TemporaryDirectory(prefix="fuzz-") as place:
        book = Path(place) / "elements.xlsx"
        book.write_bytes(forge_book(random))
        return oracle.outcome(lambda: read_rows(book))


def import_case(random: Random) -> str:
    """A table or network of others: movements, a timetable, lines, an extract."""
    file = random.choice(list(strangers.READERS))
    with TemporaryDirectory(prefix="fuzz-") as place:
        folder = Path(place)
        strangers.write_all(folder)
        (folder / file).write_bytes(spoil_bytes(random, (folder / file).read_bytes()))
        return oracle.outcome(lambda: strangers.READERS[file](folder, file))


def _forge(random: Random, folder: Path) -> None:
    """Change what a record or the scenario holds, and give it a digest that fits."""
    file = random.choice([folder / "manifest.json", folder / "scenario.json", *sorted(folder.glob("batches/*.json"))])
    data = spoil_data(random, json.loads(file.read_text()), [json.loads((folder / "manifest.json").read_text())])
    if not isinstance(data, dict):
        return
    try:
        if file.name == "scenario.json":
            plain = json.dumps(data).encode()
            file.write_bytes(plain)
            manifest = json.loads((folder / "manifest.json").read_text())
            manifest.pop("digest")
            (folder / "manifest.json").write_bytes(write_record({**manifest, "scenario": digest(plain)}))
        else:
            data.pop("digest", None)
            file.write_bytes(write_record(data))
    except (ValueError, UnicodeEncodeError):  # what no JSON can hold
        return


def options_case(random: Random) -> str:
    """A command with spoiled options."""
    text = nasty(random, random.choice((1, 0.5, "closure.median"))) if random.random() < 0.5 else random.choice(TEXTS)
    text = str(text).replace("\0", "")[:500]
    unit = random.choice(("h", "d", "%", "", "x"))
    few = ["--replications", "2", "--jobs", "1"]
    words = {
        "run": ["--seed", text],
        "validate": ["--strict"],
        "study": [*few, "--until", f"{random.choice(QUANTITIES)} ±{text}{unit}"],
        "compare": [*few, "--change", random.choice((f"a: {text}", f"a: policy = {text}"))],
        "sweep": [*few, "--vary", random.choice((f"{text} = 1", f"horizon_days = {text}"))],
        "prices": [*few, "--quantity", text],
    }
    command = random.choice(list(words))
    with _copy(_coast_folder()) as folder:
        said = called(command, folder / "scenario.toml", *words[command])
    if said.returncode not in (0, 2):
        raise oracle.BrokenError(f"{command} {words[command]} ends with {said.returncode}: {said.stderr[-300:]}")
    if said.returncode == 2 and not said.stderr.strip():
        raise oracle.BrokenError(f"{command} {words[command]} says nothing")
    return "input error" if said.returncode else "fine"


QUANTITIES = ("closure.median", "ready_by_deadline", "closure", "readiness.ready_h.p90", "utilisation.used_share", "x")


def changes_case(random: Random) -> str:
    """Changes of a scenario by dotted path, and forks."""
    data, network = corpus.everything(), corpus.coast()

    def change() -> None:
        scenario = build_scenario(data, network)
        steps = [random.choice((*data, *data["pools"], "capacity", "1", *TEXTS)) for _ in range(random.randint(1, 4))]
        path, value = read_change(f"{'.'.join(steps)} = {nasty(random, 2)}", "--change")
        oracle.play(scenario.with_changes({path: value}), 0)

    return oracle.outcome(change)


CASES: Mapping[Callable[[Random], str], int] = {
    data_case: 28,
    bytes_case: 12,
    network_case: 13,
    import_case: 17,
    study_case: 4,
    forged_study_case: 3,
    page_case: 6,
    book_case: 7,
    options_case: 1,
    changes_case: 8,
}
"""The kinds of cases, with how often each comes."""


def run_case(random: Random) -> tuple[str, str]:
    """Make a case and hold it against the oracle; return its kind and what came of it."""
    (case,) = random.choices(list(CASES), list(CASES.values()))
    return case.__name__, case(random)


@contextmanager
def _copy(folder: Path) -> Iterator[Path]:
    with TemporaryDirectory(prefix="fuzz-") as place:
        yield Path(shutil.copytree(folder, Path(place) / "here"))


@cache
def _coast_folder() -> Path:
    """A folder with the scenario that has everything, its table of elements and its network."""
    folder = Path(mkdtemp(prefix="fuzz-coast-"))
    data = {**corpus.everything(), "network": "net", "elements": "elements.csv"}
    elements = corpus.everything()["elements"]
    columns = ["tier", "capability", "home", "railhead", "destination", "personnel", "pieces.wheeled", "commitment"]
    with (folder / "elements.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["element", *columns])
        for name, element in elements.items():
            pieces = element.get("pieces", {}).get("wheeled", "")
            table.writerow([name, *(pieces if "." in column else element.get(column, "") for column in columns)])
    (folder / "scenario.toml").write_text(toml_of(data))
    (folder / "net").mkdir()
    write_network(corpus.coast(), folder / "net")
    return folder


@cache
def _study_folder() -> Path:
    folder = Path(mkdtemp(prefix="fuzz-study-")) / "study"
    scenario = build_scenario(coast_data(flows={"flow": one_ship("truck", 6)}), corpus.coast())
    nfm.replicate(scenario, 2, out=folder, batch=1, jobs=1, keep=[0])
    return folder


def write_network(network: Network, folder: Path) -> None:
    """Write the tables of a network."""
    rows = network_data(network)
    for name, part in (("node", "nodes"), ("link", "links"), ("facility", "facilities")):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            table = csv.DictWriter(file, list(rows[part][0]))
            table.writeheader()
            for row in rows[part]:
                table.writerow({key: ",".join(cell) if isinstance(cell, list) else cell for key, cell in row.items()})


def toml_of(data: Mapping[str, Any], name: str = "") -> str:
    """Plain data as TOML: values first, then tables."""
    lines = [f"[{name}]"] if name else []
    tables = {key: value for key, value in data.items() if isinstance(value, dict) and name.count(".") < 2}
    lines += [f"{_key(key)} = {_value(value)}" for key, value in data.items() if key not in tables]
    texts = ["\n".join(lines)]
    texts += [toml_of(value, ".".join(filter(None, (name, _key(key))))) for key, value in tables.items()]
    return "\n\n".join(texts) + "\n"


def _key(key: str) -> str:
    return json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value)
