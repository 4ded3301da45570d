"""Pictures and sounds from files to a judged model, through the same verbs as texts; any program loads the result."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from made_media import write_pictures, write_sounds
from tunesmith import flow, using
from tunesmith.artifacts import Evaluation
from tunesmith.errors import DataError, SettingsError, UserError
from tunesmith.hall.closing import Result
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

QUICK = {"train.epochs": 2, "train.threads": 1, "train.batch_size": 8}


def trained(folder: Path, name: str, **more: object) -> Result:
    session = flow.start([folder], changed(Settings(), {**QUICK, **more}), name=name)
    return session.finish()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of pictures, and a finished run over it."""
    folder = tmp_path_factory.mktemp("pictures")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TUNESMITH_CACHE", str(folder / "cache"))
        files = write_pictures(folder / "files", 60)
        trained(files, "run")
        return files, folder / "runs/run"


def test_pictures_are_learned_and_varied(
    pictures: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, run = pictures
    monkeypatch.chdir(tmp_path)
    # By then the last state, which is the one that is kept, tells them apart.
    trained(files, "longer", **{"train.epochs": 12})
    assert Evaluation.load(tmp_path / "runs/longer/evaluation.json").metrics["accuracy"].value >= 0.8
    plan = flow.read_plan(run / "plan.yaml")
    assert plan.task == "image-classification"
    assert {one.name: one.value for one in plan.choices}["vary"] == "flip, crop, light, erase"
    assert any("pretrained on pictures" in one for one in plan.advice)
    assert not {"packed", "group_by_length", "max_length", "clean"} & {one.name for one in plan.choices}


def test_predict_answers_for_a_file_and_for_a_folder(pictures: tuple[Path, Path]) -> None:
    files, run = pictures
    one = files / "lying/000.png"
    alone = next(iter(using.predict(run, one)))
    of_folder = list(using.predict(run, files))
    assert alone["label"] == of_folder[0]["label"]
    assert alone["scores"] == pytest.approx(of_folder[0]["scores"], abs=1e-4)
    assert len(of_folder) == 60


def test_plain_transformers_answers_alike(pictures: tuple[Path, Path]) -> None:
    import torch
    from transformers import AutoImageProcessor, AutoModelForImageClassification

    files, run = pictures
    processor = AutoImageProcessor.from_pretrained(run / "model", backend="pil")
    model = AutoModelForImageClassification.from_pretrained(run / "model").eval()
    path = files / "standing/001.png"
    with torch.no_grad():
        logits = model(**processor(Image.open(path), return_tensors="pt")).logits
    ours = next(iter(using.predict(run, path)))["scores"]
    names = model.config.id2label
    theirs = {names[at]: float(p) for at, p in enumerate(logits.softmax(-1)[0])}
    assert ours == pytest.approx(theirs, abs=1e-5)


def test_explain_adds_up_is_checked_and_fits_one_page(pictures: tuple[Path, Path], tmp_path: Path) -> None:
    files, run = pictures
    wish = using.Wish(page=tmp_path / "page.html", check=4)
    found = using.explain(run, str(files / "lying/000.png"), wish=wish)
    one = found.explanations[0]
    assert one.answer == next(iter(using.predict(run, files / "lying/000.png")))["label"]
    assert one.grid is not None
    assert len(one.words) == one.grid.rows * one.grid.columns
    assert sum(word.gradient for word in one.words) == pytest.approx(one.value - one.empty, abs=0.02)
    assert [each.method for each in one.faith] == ["gradient", "occlusion"], "a ConvNeXt has no attention"
    assert {each.method for each in found.trust} == {"gradient", "occlusion"}
    assert len(one.neighbours) == 5
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<figure>") == 3 + 5
    assert one.verdict in page.replace("&#39;", "'")
    assert "http:" not in page
    assert "https:" not in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("source", "more", "said"),
    [
        ("lying/none.png", {}, "nothing there"),
        ("lying/000.png", {"word": 1}, "--word"),
        ("notes.txt", {}, "image-classification"),
    ],
)
def test_what_cannot_be_explained_is_said(
    pictures: tuple[Path, Path], source: str, more: dict[str, int], said: str
) -> None:
    files, run = pictures
    (files.parent / "notes.txt").write_text("no picture\n")
    given = files / source if source.startswith("lying") else files.parent / source
    with pytest.raises(UserError, match=said):
        using.explain(run, str(given), wish=using.Wish(**more))


def test_a_broken_picture_is_a_reject_with_its_name(tmp_path: Path) -> None:
    files = write_pictures(tmp_path / "files", 20)
    (files / "lying/000.png").write_bytes(b"\x89PNG but no picture")
    with pytest.raises(DataError, match=r"000\.png: the picture is broken"):
        flow.read([files])


def test_a_way_of_varying_that_pictures_do_not_have_is_refused(tmp_path: Path) -> None:
    files = write_pictures(tmp_path / "files", 20)
    with pytest.raises(SettingsError, match="flip"):
        flow.plan([files], changed(Settings(), {"prepare.vary": "mask"}))


def test_sounds_are_trained_on_and_speakers_stay_on_one_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = write_sounds(tmp_path / "files", 60)
    more = {"read.columns": {"label": 1}, "prepare.group_by": "2", "train.learning_rate": 3e-3}
    result = trained(files, "run", **more)
    run = Path(result.trained.run)
    speakers = {}
    for split, file in flow.Prepared.load(run / "prepared.json").raw.items():
        import pyarrow as pa

        table = pa.ipc.open_file(pa.memory_map(file.path)).read_all()
        speakers[split] = {Path(path).name.split("_")[1] for path in table.column("path").to_pylist()}
    assert not speakers["train"] & (speakers["dev"] | speakers["test"])
    answer = next(iter(using.predict(run, files / "low_ann_000.wav")))
    assert set(answer["scores"]) == {"high", "low"}
    assert np.isclose(sum(answer["scores"].values()), 1, atol=1e-4)
    assert json.loads((run / "model/preprocessor_config.json").read_text())["sampling_rate"] == 16000
