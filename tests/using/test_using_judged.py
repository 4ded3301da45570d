"""Finished runs beside each other, beside rules that cost nothing, and beside what they say of themselves."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from made import write_reviews
from tunesmith import flow, sealed, using
from tunesmith.artifacts import Evaluation, Verification
from tunesmith.cli.app import run as command
from tunesmith.errors import RunError, UserError
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

QUICK = {
    "model.name": "scratch",
    "model.scratch_size": "tiny",
    "train.epochs": 1,
    "train.threads": 1,
    "prepare.test_share": 0.3,
    "evaluate.bootstrap_samples": 100,
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Runs that differ in their seeds alone, by seed."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TUNESMITH_CACHE", str(folder / "cache"))
        file = write_reviews(folder / "reviews.tsv", 120)
        for seed in (1, 2):
            flow.start([file], changed(Settings(), QUICK | {"train.seed": seed}), name=f"shop-{seed}").finish()
    return {seed: folder / "runs" / f"shop-{seed}" for seed in (1, 2)}


@pytest.fixture
def copy(runs: dict[int, Path], tmp_path: Path) -> Path:
    """A run that may be spoilt."""
    return Path(shutil.copytree(runs[1], tmp_path / "shop"))


def holding(found: Verification) -> dict[str, bool | None]:
    return {claim.name: claim.holds for claim in found.claims}


def test_a_run_shows_the_rules_that_cost_nothing(runs: dict[int, Path]) -> None:
    found = Evaluation.load(runs[1] / "evaluation.json")
    assert [one.name for one in found.baselines] == ["majority", "tfidf"]
    again = using.test(runs[1])
    assert [one.words for one in again.baselines] == [one.words for one in found.baselines]


def test_seeds_are_one_contender_beside_a_rule(runs: dict[int, Path]) -> None:
    found = using.compare([runs[1], runs[2], "tfidf"], samples=100)
    assert [one.name for one in found.contenders] == ["shop (2 seeds)", "tfidf"]
    assert (found.rows, found.split) == (36, "test")
    apart = using.compare([str(runs[1]), str(runs[2])], is_each_apart=True, samples=100)
    told = [Evaluation.load(runs[seed] / "evaluation.json").metrics["f1_macro"].value for seed in (1, 2)]
    assert [one.metrics["f1_macro"].value for one in apart.contenders] == pytest.approx(told)


def test_files_are_answered_by_all_of_them_now(runs: dict[int, Path], tmp_path: Path) -> None:
    file = write_reviews(tmp_path / "more.tsv", 40)
    found = using.compare([runs[1], runs[2]], [file], is_each_apart=True, samples=100)
    assert (found.rows, found.split) == (40, "train")
    own = using.test(runs[1], [file]).metrics["accuracy"].value
    assert found.contenders[0].metrics["accuracy"].value == pytest.approx(own)


def test_scores_of_its_own_rows_renew_a_run_s_report_and_claims_still_hold(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Evaluation.load(copy / "evaluation.json")
    assert command(["test", str(copy), "bootstrap_samples=120", "costs=good:bad=5"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"report: {copy / 'report.html'}"
    now = Evaluation.load(copy / "evaluation.json")
    assert before.costs is None and now.costs is not None
    assert "evaluate.costs" in (copy / "report.html").read_text(encoding="utf-8")
    assert {one.name for one in using.verify(copy).claims if one.holds is False} == set()


def test_a_page_of_its_own_leaves_the_run_as_it_is(runs: dict[int, Path], copy: Path, tmp_path: Path) -> None:
    kept = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    file, page = write_reviews(tmp_path / "more.tsv", 40), tmp_path / "more.html"
    found = using.test(copy, [file], page=page)
    assert (found.split, found.rows) == ("more.tsv", 40)
    assert "more.tsv" in page.read_text(encoding="utf-8")
    using.test(copy, page=tmp_path / "own.html")
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == kept


def test_new_rows_that_belong_together_are_taken_so_by_the_run_s_own_column(copy: Path, tmp_path: Path) -> None:
    plan = (copy / "plan.yaml").read_text(encoding="utf-8")
    (copy / "plan.yaml").write_text(plan.replace("group_by: null", "group_by: author"), encoding="utf-8")
    rows = [line.split("\t") for line in write_reviews(tmp_path / "plain.tsv", 40).read_text().splitlines()]
    plain, file = tmp_path / "plain.tsv", tmp_path / "authors.csv"
    header = ["label", "text"] if rows[0][0] in {"good", "bad"} else ["text", "label"]
    lines = [",".join([*header, "author"]), *(f"{a},{b},poet {at // 4}" for at, (a, b) in enumerate(rows))]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert any("40 rows in 10 groups that belong together" in note for note in using.test(copy, [file]).notes)
    assert any("no column 'author'" in note for note in using.test(copy, [plain]).notes)


def test_new_scores_cover_up_no_change(copy: Path) -> None:
    evaluation = (copy / "evaluation.json").read_bytes()
    with (copy / "reading.json").open("a", encoding="utf-8") as file:
        file.write("\n")
    found = using.test(copy)
    assert "reading.json" in found.notes[-1] and "tunesmith verify" in found.notes[-1]
    assert (copy / "evaluation.json").read_bytes() == evaluation


def test_one_alone_and_rules_alone_are_refused(runs: dict[int, Path], copy: Path) -> None:
    with pytest.raises(UserError, match="two runs or more"):
        using.compare([runs[1]])
    with pytest.raises(UserError, match="each run once"):
        using.compare([runs[1], runs[1].parent / "." / runs[1].name])
    with pytest.raises(UserError, match="rules learn from its rows"):
        using.compare(["majority", "tfidf"])
    (copy / "outcomes.arrow").unlink()
    with pytest.raises(RunError, match=r"RUN RUN FILE"):
        using.compare([copy, runs[2]])


def test_the_command_says_who_is_better(
    runs: dict[int, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    assert command(["compare", str(runs[1]), "majority", "--json", "--html", str(page)]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["main"] == "f1_macro"
    assert {one["metric"] for one in told["differences"]} >= {"f1_macro", "accuracy"}
    assert "shop-1" in page.read_text(encoding="utf-8")
    assert command(["compare", str(runs[1]), "majority"]) == 0
    assert "f1_macro" in capsys.readouterr().out


def test_an_untouched_run_holds(runs: dict[int, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["verify", str(runs[1]), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["holds"]
    # Whoever works on the code while this runs changes it; nothing else may be in doubt.
    assert {claim["name"] for claim in told["claims"] if claim["holds"] is not True} <= {"tunesmith's own code"}


def test_a_changed_byte_of_the_model_is_caught(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = copy / "model" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert command(["verify", str(copy)]) == 2
    out = capsys.readouterr().out
    assert "does not hold: model files" in out and "model/model.safetensors" in out


def test_a_swapped_label_in_the_data_is_caught(copy: Path) -> None:
    path = copy / "data" / "test.rows.arrow"
    with pa.memory_map(str(path)) as file:
        table = pa.ipc.open_file(file).read_all()
    labels = table.column("label").to_pylist()
    spoilt = table.set_column(1, "label", pa.array(["good" if labels[0] == "bad" else "bad", *labels[1:]]))
    path.unlink()  # the cache holds the same file
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(spoilt.cast(table.schema))
    found = holding(using.verify(copy))
    assert found["data of the run"] is False
    assert found["scores of the saved model"] is None


def test_an_edited_score_is_caught_even_where_its_hash_was_renewed(copy: Path) -> None:
    told = json.loads((copy / "evaluation.json").read_text(encoding="utf-8"))
    told["metrics"]["accuracy"]["value"] = told["metrics"]["accuracy"]["high"] = 0.999
    (copy / "evaluation.json").write_text(json.dumps(told), encoding="utf-8")
    found = holding(using.verify(copy))
    assert {name for name, holds in found.items() if holds is False} == {
        "scores on paper", "scores from the kept answers", "scores of the saved model", "scores in report.json"
    }  # fmt: skip
    sealed.seal(copy)
    found = holding(using.verify(copy))
    assert found["scores on paper"] is True
    assert found["scores from the kept answers"] is found["scores of the saved model"] is False


def test_another_machine_may_round_otherwise(copy: Path) -> None:
    for name, old, new in (("trained.json", "machine", "another"), ("evaluation.json", "f1_macro", None)):
        told = json.loads((copy / name).read_text(encoding="utf-8"))
        if new:
            told[old] = new
        else:
            told["metrics"][old] = {end: value - 0.002 for end, value in told["metrics"][old].items()}
        (copy / name).write_text(json.dumps(told), encoding="utf-8")
    found = holding(using.verify(copy))
    assert found["scores of the saved model"] is True
    assert found["scores from the kept answers"] is False


def test_edited_answers_are_caught_row_by_row(copy: Path) -> None:
    from tunesmith.outcomes import Outcomes

    path = copy / "outcomes.arrow"
    told = Outcomes.load(path)
    told.answers[0] = told.answers[0][::-1]
    told.write(path)
    found = {claim.name: claim for claim in using.verify(copy).claims}
    assert found["answers on paper"].holds is found["answers of the saved model"].holds is False
    assert f"reviews.tsv:{told.lines[0]}" in found["answers of the saved model"].found


def test_what_is_gone_is_told_and_fails_nothing(copy: Path, runs: dict[int, Path], tmp_path: Path) -> None:
    for name in (sealed.FILE, "report.json"):
        (copy / name).unlink()
    moved = runs[1].parent.parent / "reviews.tsv"
    moved.rename(tmp_path / "elsewhere.tsv")
    try:
        found = using.verify(copy)
    finally:
        (tmp_path / "elsewhere.tsv").rename(moved)
    assert found.holds
    assert {name for name, holds in holding(found).items() if holds is None} >= {
        "model files", "file reviews.tsv", "scores in report.json", "tunesmith's own code"
    }  # fmt: skip
    assert all(claim.because for claim in found.claims if claim.holds is None)


def test_a_changed_source_file_is_told(copy: Path, runs: dict[int, Path]) -> None:
    source = runs[1].parent.parent / "reviews.tsv"
    before = source.read_bytes()
    source.write_bytes(before + b"good\tnew\n")
    try:
        assert holding(using.verify(copy))["file reviews.tsv"] is False
    finally:
        source.write_bytes(before)


def test_rows_that_were_learned_from_are_counted(runs: dict[int, Path]) -> None:
    found = using.compare([runs[1], runs[2]], [runs[1].parent.parent / "reviews.tsv"], is_each_apart=True, samples=100)
    assert found.rows == 120
    (note,) = [one for one in found.notes if "stand in the training data of shop-1" in one]
    assert 60 < int(note.split()[0]) < 90


def test_a_rule_of_another_task_is_refused(runs: dict[int, Path]) -> None:
    with pytest.raises(UserError, match="a rule for text-classification: majority, tfidf; got nearest"):
        using.compare([runs[1], "nearest"])
