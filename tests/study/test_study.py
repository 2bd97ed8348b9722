import errno
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from nfm_sim import measures
from nfm_sim.compile import compile_scenario
from nfm_sim.decide import chance, choose
from nfm_sim.engine import simulate
from nfm_sim.measures import KEPT
from nfm_sim.problems import InputError
from nfm_sim.record import TABLES, Run
from nfm_sim.scenario import Scenario, build_scenario, read_scenario, scenario_from_data
from nfm_sim.study import Progress, Study, compare, open_study, replicate, tornado, verify, write_run
from nfm_sim.study.store import Store
from nfm_sim.study.workers import join_runs, make_answers
from tests.conftest import ROOT, coast, coast_data, one_ship


@pytest.fixture
def scenario() -> Scenario:
    late = {"lateness_h": {"exponential": {"mean": 10}}}
    flows = {"flow": one_ship("truck", 5, **late), "other": one_ship("train", 5, **late)}
    elements = {"bat": {"tier": 1, "home": "barracks"}, "cov": {"tier": 2, "home": "barracks", "requires": "bat"}}
    return build_scenario(
        coast_data(flows=flows, elements=elements, activation={"decision_h": {"pert": [1, 2, 300]}}, horizon_days=20),
        coast(),
    )


def content(study: Study) -> dict[str, pl.DataFrame]:
    return {name: study.scan(name).collect() for name in KEPT}


def same(one: Study, other: Study) -> bool:
    left, right = content(one), content(other)
    return all(left[name].equals(right[name]) for name in left)


def parts(study: Study) -> Iterator[Path]:
    return study.folder.rglob("*.parquet")


def test_replications_are_the_same_tables_with_more_rows(scenario: Scenario) -> None:
    study = replicate(scenario, 3, seed=5, keep="all")
    alone = simulate(scenario, seed=5, replication=1)
    for name in TABLES:
        table = getattr(study, name)
        assert table.filter(table["replication"] == 1).equals(getattr(alone, name))
    assert measures.closure(study)["last_h"].n_unique() == 6


def test_what_is_kept_is_what_the_measure_says(scenario: Scenario) -> None:
    study = replicate(scenario, 4, seed=5, keep="all")
    for name, measure in KEPT.items():
        kept = study.answer(name)
        assert kept is not None
        assert kept.equals(measure(study.kept).sort("replication", maintain_order=True)), name


def test_another_element_changes_no_other_draw(scenario: Scenario) -> None:
    elements = {"bat": {"tier": 1, "home": "barracks"}}
    more = scenario.with_changes({"elements": elements, "activation.decision_h": {"pert": [1, 2, 3]}})
    before, after = (simulate(s, seed=9) for s in (scenario, more))
    assert measures.closure(before).equals(measures.closure(after))


def test_progress_counts_replications(scenario: Scenario) -> None:
    done: list[tuple[int, int]] = []

    def note(progress: Progress) -> None:
        done.append((progress.done, len(Study(Store(progress.folders[0])).replications)))
        assert progress.asked == 5

    replicate(scenario, 5, batch=2, progress=note)
    assert done == [(0, 0), (2, 2), (4, 4), (5, 5)]


@pytest.mark.parametrize("how", [{"jobs": 0}, {"batch": -1}])
def test_what_cannot_be_asked_is_refused(scenario: Scenario, how: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=str(next(iter(how.values())))):
        replicate(scenario, 2, **how)
    with pytest.raises(ValueError, match="at least 1 and at most 1000000, not 0"):
        replicate(scenario, 0)
    with pytest.raises(InputError, match='backend "lokee" must be one of loky, dask'):
        replicate(scenario, 2, backend="lokee")


def test_neither_workers_nor_batches_change_a_bit(scenario: Scenario) -> None:
    whole = replicate(scenario, 11, seed=5, jobs=1, batch=11)
    for how in ({"jobs": 1, "batch": 1}, {"jobs": 1, "batch": 4}, {"jobs": 2, "batch": 3}):
        assert same(whole, replicate(scenario, 11, seed=5, **how)), how


def test_a_study_is_extended_and_nothing_is_made_twice(scenario: Scenario, tmp_path: Path) -> None:
    replicate(scenario, 3, seed=5, out=tmp_path / "s", batch=2)
    before = {path: path.stat().st_mtime_ns for path in parts(open_study(tmp_path / "s"))}
    grown = replicate(scenario, 9, seed=5, out=tmp_path / "s", batch=4)
    assert grown.replications == list(range(9))
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert same(grown, replicate(scenario, 9, seed=5))
    assert replicate(scenario, 5, seed=5, out=tmp_path / "s").replications == list(range(9))


def test_batches_that_overlap_give_each_replication_once(scenario: Scenario, tmp_path: Path) -> None:
    from nfm_sim.study.store import Store
    from nfm_sim.study.workers import make_batch

    store = Store.create(tmp_path / "s", scenario, 5, "stratified")
    for first, last in ((2, 5), (0, 3), (0, 1), (4, 8), (9, 9)):  # machines that cut the work differently
        make_batch(store.folder, first, last, (3,), {})
    study = open_study(store.folder)
    assert study.replications == list(range(10))
    assert same(study, replicate(scenario, 10, seed=5))
    assert study.kept.subjects.equals(simulate(scenario, 5, replication=3).subjects)


def test_claimed_batches_are_done_last_and_done(scenario: Scenario, tmp_path: Path) -> None:
    from nfm_sim.study.store import Store

    store = Store.create(tmp_path / "s", scenario, 5, "stratified")
    assert store.claim(0, 1)  # by a machine that died
    assert not store.claim(0, 1)
    order: list[int] = []

    def look(progress: Progress) -> None:
        order.extend(Study(Store(progress.folders[0])).replications)

    study = replicate(scenario, 6, seed=5, out=tmp_path / "s", batch=2, jobs=1, progress=look)
    assert order == [*(2, 3), *(2, 3, 4, 5), *(2, 3, 4, 5), *range(6)], "and a look before each round"
    assert same(study, replicate(scenario, 6, seed=5))
    assert not list(store.folder.rglob("*.claim"))


@pytest.mark.parametrize("harm", ["truncate", "change", "remove", "half a record"])
def test_a_damaged_part_is_noticed_and_made_again(scenario: Scenario, tmp_path: Path, harm: str) -> None:
    sound = replicate(scenario, 6, seed=5, out=tmp_path / "s", batch=2)
    before = content(sound)
    part = tmp_path / "s/answers/closure/part-00002-00003.parquet"
    record = tmp_path / "s/batches/00002-00003.json"
    if harm == "half a record":
        record.write_bytes(record.read_bytes()[:30])
        with pytest.raises(InputError, match=r"00002-00003.json: is no record; run the study again"):
            open_study(tmp_path / "s")
    elif harm == "change":
        data = bytearray(part.read_bytes())
        data[40] ^= 255
        part.write_bytes(data)
    else:
        part.write_bytes(part.read_bytes()[:100]) if harm == "truncate" else part.unlink()
        with pytest.raises(InputError, match=r"part-00002-00003.parquet.*run the study again"):
            open_study(tmp_path / "s")
    again = replicate(scenario, 6, seed=5, out=tmp_path / "s", batch=2)
    assert all(table.equals(before[name]) for name, table in content(again).items())


def test_of_a_damaged_record_its_own_fault_is_told_and_not_its_files(scenario: Scenario, tmp_path: Path) -> None:
    replicate(scenario, 4, seed=5, out=tmp_path / "s", batch=2)
    record = tmp_path / "s/batches/00002-00003.json"
    record.write_bytes(record.read_bytes()[:30])
    (tmp_path / "s/part-00002-00003.txt").write_text("mine")
    assert [fault.partition("; ")[0] for fault in verify(tmp_path / "s").faults] == [
        f"{record}: is no record",
        f"{tmp_path / 's/part-00002-00003.txt'}: is none of the study's files",
    ]


def test_a_manifest_that_lacks_something_is_an_input_error(scenario: Scenario, tmp_path: Path) -> None:
    manifest = replicate(scenario, 1, seed=5, out=tmp_path / "s").folder / "manifest.json"
    found = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({key: found[key] for key in found if key not in ("seed", "g_day")}))
    with pytest.raises(InputError, match=r"manifest.json: lacks g_day, seed; it was changed"):
        open_study(tmp_path / "s")


def test_a_full_disk_is_an_input_error_and_loses_nothing(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = 2 + 2 * (len(KEPT) + 1)  # files: a scenario, a manifest, two batches with their records

    def sync(file: int) -> None:
        nonlocal room
        room -= 1
        if room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("nfm_sim.study.store.os.fsync", sync)
    with pytest.raises(InputError, match=r"/s: cannot be written \(No space left on device\); make room for it"):
        replicate(scenario, 6, seed=5, out=tmp_path / "s", batch=2, jobs=1, keep=())
    monkeypatch.undo()
    assert not [path for path in (tmp_path / "s").rglob(".*") if path.is_file()], "no drafts are left"
    assert open_study(tmp_path / "s").replications == [0, 1, 2, 3]
    assert same(replicate(scenario, 6, seed=5, out=tmp_path / "s", batch=2, keep=()), replicate(scenario, 6, seed=5))


def test_a_folder_with_another_study_is_refused(scenario: Scenario, tmp_path: Path) -> None:
    replicate(scenario, 2, seed=5, out=tmp_path / "s")
    other = scenario.with_changes({"horizon_days": 21})
    with pytest.raises(InputError) as caught:
        replicate(other, 2, seed=6, out=tmp_path / "s")
    assert [problem.key for problem in caught.value.problems] == ["seed", "scenario"]
    assert "5" in str(caught.value)
    assert "choose another --out" in str(caught.value)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        replicate(scenario, 2, seed=5, out=tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["notes.txt"]


def test_tables_are_kept_of_the_replications_that_are_chosen(scenario: Scenario, tmp_path: Path) -> None:
    study = replicate(scenario, 5, seed=5, out=tmp_path / "s", keep=[1, 3], batch=2)
    assert study.kept.subjects["replication"].unique().to_list() == [1, 3]
    assert study.kept.about["replications"] == 2
    with pytest.raises(InputError, match=r"kept of 2 of 5 replications.*rerun"):
        measures.ledger(study)
    grown = replicate(scenario, 5, seed=5, out=tmp_path / "s", keep="all", batch=2)
    again = simulate(scenario, 5, replication=4)
    assert grown.spans.filter(pl.col("replication") == 4).equals(again.spans)
    assert grown.rerun(4).spans.equals(again.spans)
    assert same(grown, study)


@pytest.mark.parametrize("keep", [[1], []])
def test_one_figure_after_the_other_reads_or_simulates_its_replication_once(
    scenario: Scenario, tmp_path: Path, keep: list[int]
) -> None:
    study = replicate(scenario, 2, seed=5, out=tmp_path / "s", keep=keep)
    assert study.whole is study.whole
    assert study.one(1) is study.one(1)
    assert study.one(1).spans.filter(pl.col("replication") == 1).equals(simulate(scenario, 5, replication=1).spans)
    assert study.rerun(0) is not study.rerun(0)
    replicate(scenario, 3, seed=5, out=tmp_path / "s", keep=[*keep, 2])
    study.refresh()
    assert study.whole.subjects["replication"].unique().to_list() == [*keep, 2]


def test_curves_come_from_the_study_in_its_steps(scenario: Scenario) -> None:
    study = replicate(scenario, 2, seed=5, keep="all")
    assert measures.closure_curve(study, 24).equals(measures.closure_curve(study.kept, 24))
    with pytest.raises(ValueError, match="step_h 7 is no multiple"):
        measures.closure_curve(study, 7)


def test_what_is_kept_answers_only_what_was_asked_then(scenario: Scenario) -> None:
    study = replicate(scenario, 2, seed=5, keep="all")
    for hours in ({"from_h": 2.0}, {"until_h": 9.0}, {}):
        assert measures.utilisation(study, **hours).equals(measures.utilisation(study.kept, **hours)), hours


def pieces(run: Run) -> pl.DataFrame:
    return run.subjects.group_by("replication").agg(pl.col("pieces").sum())


def test_a_measure_of_your_own_is_kept_too(scenario: Scenario, tmp_path: Path) -> None:
    study = replicate(scenario, 12, seed=5, out=tmp_path / "s", measures=[pieces], jobs=2)
    assert study.answer("pieces")["pieces"].to_list() == [10] * 12  # type: ignore[index]
    assert open_study(tmp_path / "s").scan("pieces").collect().height == 12
    with pytest.raises(InputError, match="measures"):
        replicate(scenario, 12, seed=5, out=tmp_path / "s")
    with pytest.raises(InputError, match=r'"piece" must be one of .*did you mean "pieces"'):
        study.scan("piece")
    with pytest.raises(InputError, match="no measure of a study has"):
        replicate(scenario, 2, measures=[lambda run: run.spans])

    def wrong(run: Run) -> pl.DataFrame:
        return run.subjects.select("pieces")

    with pytest.raises(InputError, match=r"wrong.*a column replication"):
        replicate(scenario, 2, measures=[wrong])


def test_a_quantity_of_no_measure_is_refused_before_anything_is_simulated(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nfm_sim.study.workers.simulate", lambda *_, **__: pytest.fail("a replication was made"))
    asks: list[Callable[[], object]] = [
        lambda: replicate(scenario, 2, targets=["closur.last_h ±3"], out=tmp_path / "s", jobs=1),
        lambda: compare({"a": scenario, "b": scenario}, 2, targets=["piece.pieces ±3"], measures=[pieces], jobs=1),
        lambda: choose({"a": scenario, "b": scenario}, quantities=["closur.last_h"], jobs=1),
        lambda: tornado(scenario, {"pools.trucks.capacity": (1, 2)}, quantity="closur.last_h", jobs=1),
        lambda: chance(scenario, "P(closur.last_h <= 3)", replications=2, jobs=1),
    ]
    for ask in asks:
        with pytest.raises(InputError, match=r'is no answer of a study \(did you mean "(closure|pieces)"\?\)'):
            ask()
    assert not (tmp_path / "s").exists()


def test_an_error_in_a_worker_is_the_same_error(scenario: Scenario) -> None:
    never = scenario.with_changes({"places": {"harbour": {"yard_m2": 1}}})
    with pytest.raises(InputError) as alone:
        replicate(never, 12, jobs=1)
    with pytest.raises(InputError) as far:
        replicate(never, 12, jobs=2)
    assert alone.value.problems == far.value.problems


def test_a_scenario_comes_back_from_plain_data(scenario: Scenario) -> None:
    plain = json.loads(json.dumps(scenario.to_data()))
    again = scenario_from_data(plain)
    assert again == scenario
    assert again.loaded_network == scenario.loaded_network
    assert simulate(again, 5).spans.equals(simulate(scenario, 5).spans)


def test_a_run_comes_back_from_disk_as_it_was(scenario: Scenario, tmp_path: Path) -> None:
    run = simulate(scenario, 3)
    again = write_run(run, tmp_path / "run", scenario=scenario)
    for name, table in run.tables.items():
        assert table.equals(getattr(open_study(tmp_path / "run"), name))
    assert again.about["title"] == "a story"
    assert json.loads((tmp_path / "run/manifest.json").read_text())["versions"]["simpy"]
    assert not list((tmp_path / "run").rglob(".*")), "no drafts are left"


def test_a_folder_without_a_study_is_refused(scenario: Scenario, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="name a folder that"):
        open_study(tmp_path)
    study = replicate(scenario, 1, out=tmp_path / "s")
    (study.folder / "scenario.json").write_text("{}")
    with pytest.raises(InputError, match="it was changed"):
        _ = open_study(tmp_path / "s").scenario
    for path in (study.folder / "batches").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="no replication yet"):
        open_study(tmp_path / "s")


def test_a_study_says_what_it_is(scenario: Scenario) -> None:
    study = replicate(scenario, 2, seed=5)
    assert repr(study).startswith('<Study "a story": 2 replications, seed 5, in ')
    folder = study.folder
    assert folder.exists()
    del study
    assert not folder.exists(), "without `out` it goes with the object"


@pytest.mark.parametrize("name", ["atlantic_resolve_2024", "one_force"])
def test_an_answer_does_not_depend_on_those_it_was_made_with(name: str) -> None:
    plan = compile_scenario(read_scenario(ROOT / f"scenarios/{name}.toml"))
    runs = [simulate(plan, 4, replication=number) for number in range(3)]
    together = make_answers(join_runs(runs), KEPT)
    alone = [make_answers(run, KEPT) for run in runs]
    for answer, table in together.items():
        assert table.equals(pl.concat([answers[answer] for answers in alone])), answer


def test_answers_come_to_pandas(scenario: Scenario) -> None:
    study = replicate(scenario.with_changes({"horizon_days": 1}), 3, seed=5)
    table = study.to_pandas("closure")
    assert list(table.columns) == study.scan("closure").collect_schema().names()
    assert len(table) == 6
    assert table["last_h"].isna().sum() == measures.closure(study)["last_h"].null_count() > 0
    assert table["flow"].tolist() == ["flow", "other"] * 3


def test_a_folder_may_be_named_from_where_one_stands(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("here", "there"):  # the workers of the first are those of the second
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        assert replicate(scenario, 12, seed=5, out="runs/s", jobs=2).replications == list(range(12))
        assert (tmp_path / name / "runs/s/manifest.json").exists()


def test_answers_that_are_named_are_made_and_others_when_first_asked_for(scenario: Scenario, tmp_path: Path) -> None:
    whole = replicate(scenario, 18, seed=5, jobs=1)
    few = replicate(scenario, 18, seed=5, jobs=1, out=tmp_path / "s", answers=["closure"])
    assert [path.name for path in (tmp_path / "s/answers").iterdir()] == ["closure"]
    assert same(few, whole)
    assert same(few.part(3, 7), whole.part(3, 7))
    assert [path.name for path in (tmp_path / "s/answers").iterdir()] == ["closure"], "who reads writes nothing"
    assert verify(tmp_path / "s", [2]).sound
    assert verify(write_run(simulate(scenario, 3), tmp_path / "run", scenario=scenario).folder).sound


def test_a_study_gets_more_answers_of_all_its_replications(scenario: Scenario, tmp_path: Path) -> None:
    replicate(scenario, 4, seed=5, jobs=1, out=tmp_path / "s", answers=["closure"], batch=2, keep=[1])
    more = replicate(scenario, 6, seed=5, jobs=1, out=tmp_path / "s", answers=["stuck", "waits"], batch=3)
    kept = {"closure", "stuck", "waits"}
    assert {path.name for path in (tmp_path / "s/answers").iterdir()} == {*more.manifest["answers"]} == kept
    assert all(batch.answers == kept for batch in Store(more.folder).batches())
    assert more.kept_replications == {0, 1}
    assert same(more, replicate(scenario, 6, seed=5, jobs=1))
    assert verify(more.folder, "all").sound
    with pytest.raises(InputError, match=r'answers "closur" must be one of .*did you mean "closure"'):
        replicate(scenario, 2, answers=["closur"])
