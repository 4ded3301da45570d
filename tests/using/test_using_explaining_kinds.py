"""Pairs of texts, several labels, and numbers are explained as what they are."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from made import reviews
from tunesmith import flow, using
from tunesmith.artifacts import Explanation
from tunesmith.cli.app import run as command
from tunesmith.errors import DataError
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed
from tunesmith.using import Wish

QUICK = {"train.threads": 1, "evaluate.bootstrap_samples": 100, "train.epochs": 2, "model.name": "scratch",
         "model.scratch_size": "tiny", "train.learning_rate": 5e-3}  # fmt: skip
RUDE = "the meal number 3 was rude and the staff slow"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("kinds")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TUNESMITH_CACHE", str(folder / "cache"))
        yield folder


def trained(folder: Path, name: str, header: list[str], rows: list[list[Any]]) -> Path:
    data = folder / f"{name}.csv"
    with data.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    flow.start([data], changed(Settings(), QUICK), name=name).finish()
    return folder / "runs" / name


def one(run: Path, text: str, page: Path, **more: Any) -> Explanation:
    wish = Wish(page=page, label=more.pop("label", None))
    (found,) = using.explain(run, text, wish=wish, **more).explanations
    return found


def predicted(run: Path, **said: str) -> dict[str, Any]:
    (answer,) = using.predict(run, io.BytesIO(json.dumps(said).encode()))
    return answer


@pytest.fixture(scope="module")
def pairs(here: Path) -> Path:
    known = reviews(60)
    rows = [[text, known[at - 1 - at % 2][1], "same" if at % 2 else "other"] for at, (_, text) in enumerate(known)]
    return trained(here, "pairs", ["text", "text2", "label"], rows)


def test_words_of_both_texts_of_a_pair_count(pairs: Path, tmp_path: Path) -> None:
    found = one(pairs, RUDE, tmp_path / "p.html", text2="it was good")
    answer = predicted(pairs, text=RUDE, text2="it was good")
    assert found.answer == answer["label"]
    assert found.value == pytest.approx(answer["scores"][found.answer], abs=1e-4)
    assert [word.text for word in found.words] == [*RUDE.split(), "⏎", "it", "was", "good"]
    assert [word.text for word in found.words if not word.is_read] == ["⏎"]
    assert sum(word.gradient for word in found.words) == pytest.approx(found.value - found.empty, abs=0.011)
    assert all("⏎" in row.text for row in found.neighbours)
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert page.count("the second text") == 1 and "not read" not in page


@pytest.mark.parametrize(("text2", "got"), [("", "one"), (" ", "one")])
def test_a_pair_needs_both_texts(pairs: Path, text2: str, got: str) -> None:
    with pytest.raises(DataError, match=rf"two texts, as the run learned from pairs; got {got}"):
        using.explain(pairs, RUDE, text2=text2)


def test_of_another_label_both_sides_are_told(pairs: Path, tmp_path: Path) -> None:
    plain = one(pairs, RUDE, tmp_path / "p.html", text2="it was good")
    asked = {"same": "other", "other": "same"}[plain.answer]
    other = one(pairs, RUDE, tmp_path / "p.html", text2="it was good", label=asked)
    assert (other.answer, other.other) == (asked, plain.answer)
    assert other.value == pytest.approx(1 - plain.value, abs=1e-4)
    assert other.verdict.startswith(f"Answered: {plain.answer} (") and f"For {asked}: " in other.verdict
    # What speaks for one of two speaks against the other.
    assert [word.gradient for word in other.words] == pytest.approx([-word.gradient for word in plain.words], abs=1e-3)
    with pytest.raises(DataError, match=r"Expected other, same; got best"):
        one(pairs, RUDE, tmp_path / "p.html", text2="x", label="best")


def test_of_several_labels_all_that_are_given_are_told(here: Path, tmp_path: Path) -> None:
    rows = [[text, json.dumps(["food", "bad"] if label == "bad" else ["food"])] for label, text in reviews(60)]
    data = here / "several.jsonl"
    data.write_text(
        "".join(json.dumps({"text": text, "labels": json.loads(labels)}) + "\n" for text, labels in rows),
        encoding="utf-8",
    )
    flow.start([data], changed(Settings(), QUICK), name="several").finish()
    run = here / "runs" / "several"
    found, answer = one(run, RUDE, tmp_path / "p.html"), predicted(run, text=RUDE)
    assert (found.about, list(found.given or ())) == ("label", answer["labels"])
    assert found.value == pytest.approx(answer["scores"][found.answer], abs=1e-4)
    assert all(row.agrees is (found.answer in row.label.split(", ")) for row in found.neighbours)
    labels = {"food", "bad"} - set(answer["labels"])
    for label in labels or {"bad"}:
        other = one(run, RUDE, tmp_path / "p.html", label=label)
        is_given = label in answer["labels"]
        assert other.verdict.startswith(f"Label {'' if is_given else 'not '}given: {label} (")
        assert other.value == pytest.approx(answer["scores"][label], abs=1e-4)


def test_a_number_is_explained_in_its_unit(here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [[text, at % 10 + (100.5 if label == "good" else 500)] for at, (label, text) in enumerate(reviews(60))]
    run = trained(here, "prices", ["text", "score"], rows)
    found, answer = one(run, RUDE, tmp_path / "p.html"), predicted(run, text=RUDE)
    assert found.about == "number" and not found.is_share
    assert found.value == pytest.approx(answer["score"], rel=1e-3, abs=1e-3)
    assert all(float(row.label) >= 100 and row.agrees is None for row in found.neighbours)
    assert " without any word). Raised by: " in found.verdict
    assert "raises it" in (tmp_path / "p.html").read_text(encoding="utf-8")
    assert re.match(r"The 5 nearest training examples have [\d.]+ to [\d.]+, [\d.]+ on average\.", found.alike)
    for options, told in ((["--label", "x"], "a model that chooses among labels"), (["--text2", "x"], "one text, as")):
        assert command(["explain", str(run), RUDE, *options]) == 2
        assert told in capsys.readouterr().err
