"""Studies as others read them."""

import csv
import json
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.files import file_names
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from nfm_sim.study import export
from tests.conftest import called, coast, coast_data, one_ship


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> nfm.Study:
    ship = one_ship("truck", 5, lateness_h={"exponential": {"mean": 10}})
    scenario = build_scenario(coast_data(flows={"flow": ship}, horizon_days=20), coast())
    return nfm.replicate(scenario, 3, seed=5, out=tmp_path_factory.mktemp("study") / "s", jobs=1)


def test_answers_have_their_units_in_the_headings(study: nfm.Study, tmp_path: Path) -> None:
    files = export(study, tmp_path / "out")
    assert {"closure.csv", "bottlenecks.csv", "events.csv"} <= {file.name for file in files}
    closure = pl.read_csv(tmp_path / "out/closure.csv")
    assert closure.columns[:6] == ["replication", "flow", "pieces", "closed_pieces", "first_h (h)", "median_h (h)"]
    assert closure["last_h (h)"].to_list() == nfm.closure(study)["last_h"].to_list()


def test_names_become_names_of_files_that_every_system_takes() -> None:
    names = ["Base", "base", "a b", "a/b", "a_b_2", "nul", "COM1.old", "é" * 200, "é" * 199 + "x", "..", "-x", "a\rb"]
    files = file_names(names)
    assert list(files) == names
    assert list(files.values())[:7] == ["Base", "base_2", "a_b", "a_b_2", "a_b_2_2", "_nul", "_COM1.old"]
    assert list(files.values())[9:] == ["_", "x", "a_b_3"]
    assert len({file.casefold() for file in files.values()}) == len(names)
    assert all(0 < len(file.encode()) <= 110 for file in files.values())


def test_texts_are_texts_in_workbooks_and_tables(tmp_path: Path) -> None:
    name = "=A1 BDE"
    run = nfm.simulate(build_scenario(coast_data(flows={name: one_ship("truck", 5)}), coast()))
    export(run, tmp_path / "csv", network=coast())
    assert pl.read_csv(tmp_path / "csv/closure.csv")["flow"].to_list() == ["'=A1 BDE"]
    pytest.importorskip("xlsxwriter")
    export(run, tmp_path / "xlsx", to="xlsx", network=coast())
    with ZipFile(tmp_path / "xlsx/answers.xlsx") as book:
        assert not [part for part in book.namelist() if b"<f>" in book.read(part) and b"worksheets" in part.encode()]
        assert name in book.read("xl/sharedStrings.xml").decode()


def test_the_event_log_is_the_spans_in_local_time(study: nfm.Study, tmp_path: Path) -> None:
    export(study, tmp_path / "out")
    with (tmp_path / "out/events.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    spans = study.kept.spans.filter(pl.col("kind") != "milestone")
    assert len(rows) == spans.height
    begin = datetime.fromisoformat(study.about["g_day"]).replace(tzinfo=None)
    for row, span in zip(rows, spans.rows(named=True), strict=True):
        assert row["case"] == span["subject"]
        started = datetime.fromisoformat(row["start"])
        assert started.utcoffset() is not None
        assert (started.replace(tzinfo=None) - begin).total_seconds() == pytest.approx(
            span["start_h"] * 3600, abs=0.5001
        )
    waits = [row for row in rows if row["activity"].endswith("(wait)")]
    assert waits
    assert {row["resource"] for row in rows if "(" not in row["activity"]} == {""}


def test_loads_and_passages_are_lines_from_node_to_node(study: nfm.Study, tmp_path: Path) -> None:
    load, passages = export(study, tmp_path / "out", to="geojson", network=coast())
    lines = json.loads(load.read_text())["features"]
    assert sum(line["properties"]["pieces"] for line in lines if line["properties"]["link"] == "road1") == 5
    nodes = coast().nodes
    first = json.loads(passages.read_text())["features"][0]
    link = coast().links[first["properties"]["link"]]
    assert first["geometry"]["coordinates"][0] == [nodes[link.start].lon, nodes[link.start].lat]
    assert first["properties"]["enter"] < first["properties"]["leave"]


def test_sheets_are_answers(study: nfm.Study, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    (file,) = export(study, tmp_path / "out", to="xlsx")
    from zipfile import ZipFile

    with ZipFile(file) as book:
        names = book.read("xl/workbook.xml").decode()
    assert 'name="closure"' in names
    assert 'name="bottlenecks"' in names


def test_answers_of_measures_of_ones_own_are_handed_on_too(tmp_path: Path) -> None:
    def far(run: nfm.Run) -> pl.DataFrame:
        return pl.DataFrame({"replication": run.replications, "x": float("inf"), "y": float("nan")})

    scenario = build_scenario(coast_data(flows={"flow": one_ship("truck", 5)}), coast())
    study = nfm.replicate(scenario, 2, measures=[far], answers=["closure"], jobs=1)
    export(study, tmp_path / "csv")
    assert (tmp_path / "csv/far.csv").read_text() == "replication,x,y\n0,inf,NaN\n1,inf,NaN\n"
    pytest.importorskip("xlsxwriter")
    (file,) = export(study, tmp_path / "book", to="xlsx")
    book = ZipFile(file)
    assert 'name="far"' in book.read("xl/workbook.xml").decode()
    assert "#DIV/0!" in "".join(book.read(name).decode() for name in book.namelist() if "sheets/sheet" in name)


def test_parquet_keeps_types(study: nfm.Study, tmp_path: Path) -> None:
    export(study, tmp_path / "out", to="parquet")
    assert pl.read_parquet(tmp_path / "out/events.parquet").schema["start"].is_temporal()


def test_nothing_is_written_over_and_formats_are_named(study: nfm.Study, tmp_path: Path) -> None:
    export(study, tmp_path / "out", to="geojson", network=coast())
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    with pytest.raises(InputError, match=r"network_load\.geojson\" is there already; choose another folder"):
        export(study, tmp_path / "out", to="geojson", network=coast())
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()} == before
    with pytest.raises(InputError, match='to "exel" must be one of csv'):
        export(study, tmp_path / "new", to="exel")
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_among_the_files_of_the_study(study: nfm.Study) -> None:
    for out in (study.folder, study.folder / "answers" / "more"):
        with pytest.raises(InputError, match="is the folder of the study, in which nothing else is"):
            nfm.study.export(study, out)
    assert nfm.verify(study.folder, [0]).sound


def test_the_command_exports(study: nfm.Study, tmp_path: Path) -> None:
    done = called("export", study.folder, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out/closure.csv").exists()
    assert called("export", study.folder, tmp_path / "out").returncode == 2


def test_a_study_that_keeps_no_tables_has_answers_and_no_events(tmp_path: Path) -> None:
    scenario = build_scenario(coast_data(flows={"flow": one_ship("truck", 2)}), coast())
    study = nfm.replicate(scenario, 2, seed=5, jobs=1, keep=())
    names = {file.name for file in export(study, tmp_path / "out")}
    assert "closure.csv" in names
    assert "events.csv" not in names
    (load,) = export(study, tmp_path / "lines", to="geojson", network=coast())
    assert load.name == "network_load.geojson"


def test_a_geopackage_has_loads_and_passages_as_layers(study: nfm.Study, tmp_path: Path) -> None:
    raw, pyogrio = pytest.importorskip("pyogrio.raw"), pytest.importorskip("pyogrio")
    shapely = pytest.importorskip("shapely")
    (file,) = export(study, tmp_path / "out", to="geopackage", network=coast())
    assert [name for name, _ in pyogrio.list_layers(file)] == ["network_load", "passages"]
    meta, _, shapes, fields = raw.read(file, layer="network_load")
    assert meta["crs"] == "EPSG:4326"
    table = dict(zip(meta["fields"], fields, strict=True))
    assert table["link"][0] == "road1"
    assert list(shapely.from_wkb(shapes[0]).coords) == [(4.0, 52.0), (5.0, 52.0)]
