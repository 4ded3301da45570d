"""Made rows: labels stay right, tags move along, held-out rows are never touched, all repeatable."""

import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made import reviews, write_reviews, write_sentences
from tunesmith import flow
from tunesmith.errors import SettingsError
from tunesmith.rooms.prepare.arrow import batches_of
from tunesmith.rooms.prepare.augment.edits import EDITS, Row
from tunesmith.rooms.prepare.augment.entities import mentions, replaced, spans
from tunesmith.rooms.prepare.augment.make import MADE_OF, make, must_fit
from tunesmith.rooms.prepare.augment.seen import Seen
from tunesmith.rooms.prepare.cleaning.segment import pieces
from tunesmith.settings import PrepareSettings, Settings
from tunesmith.settings.parse import changed
from tunesmith.tasks.encoded import Encoded

ENTITY = st.lists(st.sampled_from(["Ada", "Oslo", "Li", "Na"]), min_size=1, max_size=3)


@st.composite
def tagged(draw: st.DrawFn) -> Row:
    """A sentence in BIO: words outside with entities of two types between."""
    words: list[str] = []
    tags: list[str] = []
    for _ in range(draw(st.integers(1, 5))):
        outside = draw(st.lists(st.sampled_from(["we", "saw", "it", ",", "there"]), max_size=3))
        words += outside
        tags += ["O"] * len(outside)
        name, kind = draw(ENTITY), draw(st.sampled_from(["PER", "LOC"]))
        words += name
        tags += [f"B-{kind}", *[f"I-{kind}"] * (len(name) - 1)]
    return Row(tuple(words), tuple(tags))


def entities(row: Row) -> list[tuple[str, tuple[str, ...]]]:
    assert row.tags is not None
    return [(row.tags[a][2:], row.pieces[a:b]) for a, b in spans(row.tags)]


def plural(words: Sequence[str], places: Sequence[int]) -> list[list[str]]:
    return [[words[at] + "s"] for at in places]


@settings(max_examples=80, deadline=None)
@given(tagged(), st.sampled_from(sorted(EDITS)), st.integers(0, 1000))
def test_edits_leave_every_entity_as_it_is(row: Row, way: str, seed: int) -> None:
    found = EDITS[way](row, np.random.default_rng(seed), plural)
    assert found.tags is not None and len(found.pieces) == len(found.tags)
    assert entities(found) == entities(row)


@settings(max_examples=80, deadline=None)
@given(st.lists(tagged(), min_size=1, max_size=4), st.integers(0, 1000))
def test_entities_become_others_of_their_type_and_bring_their_tags(rows: list[Row], seed: int) -> None:
    known = mentions(rows)
    found = replaced(rows[0], known, np.random.default_rng(seed))
    assert [kind for kind, _ in entities(found)] == [kind for kind, _ in entities(rows[0])]
    assert all(words in [one for one, _ in known[kind]] for kind, words in entities(found))
    outside = [[w for w, t in zip(row.pieces, row.tags or (), strict=True) if t == "O"] for row in (found, rows[0])]
    assert outside[0] == outside[1]
    assert found.tags is not None and len(found.pieces) == len(found.tags)


def test_entities_end_where_their_scheme_says() -> None:
    assert spans(("O", "B-A", "E-A", "S-A", "S-B", "O", "I-A", "I-A", "I-B")) == [
        (1, 3), (3, 4), (4, 5), (6, 8), (8, 9)
    ]  # fmt: skip
    assert spans(()) == [] == spans(("O", "O"))


@pytest.mark.parametrize("text", ["the very best film of this long year", "这家餐厅的味道真的非常不错，值得推荐"])
def test_a_text_keeps_what_an_edit_must_not_touch(text: str) -> None:
    row = Row(tuple(pieces(text)))
    for seed in range(20):
        made = {way: edit(row, np.random.default_rng(seed), plural) for way, edit in EDITS.items()}
        assert sorted(made["swap"].pieces) == sorted(row.pieces)
        assert len(made["swap"].words) == len(row.words)
        assert set(made["delete"].pieces) <= set(row.pieces) and 0 < len(made["delete"].words) < len(row.words)
        assert [made["insert"].pieces[at] for at in made["insert"].words] == [row.pieces[at] for at in row.words]
        assert made["insert"].text != text and "  " not in made["delete"].text
        assert len(made["synonym"].pieces) == len(row.pieces) and made["synonym"].text != text


def test_a_word_alone_is_not_deleted() -> None:
    assert EDITS["delete"](Row(("Ada",)), np.random.default_rng(1), None).text == "Ada"


def raw_of(folder: Path, labels: list[str | None]) -> Path:
    rows = {"text": [f"{text} {at}" for at, (_, text) in enumerate(reviews(len(labels)))]}
    batch = pa.RecordBatch.from_pydict(
        rows | {"label": pa.array(labels, pa.string()), "line": list(range(len(labels)))}
    )
    path = folder / "train.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [row for batch in batches_of(path) for row in batch.to_pylist()]


def test_small_classes_alone_are_made_more_of(tmp_path: Path) -> None:
    labels = ["large"] * 250 + ["small"] * 30 + [None] * 5
    raw, wish = raw_of(tmp_path, labels), PrepareSettings(augment=("swap", "delete"), augment_factor=1.5)
    found = make(raw, tmp_path / "made.arrow", wish, label_column="label")
    made, own = rows_of(found.path), rows_of(raw)
    assert {row["label"] for row in made} == {"small"} and 30 <= len(made) <= 60
    assert [row["line"] for row in made] == [own[row[MADE_OF]]["line"] for row in made]
    assert len({row["text"] for row in (*own, *made)}) == len(own) + len(made)
    assert sum(found.ways.values()) == len(made) and set(found.ways) == {"swap", "delete"}
    again = make(raw, tmp_path / "again.arrow", wish, label_column="label")
    assert rows_of(again.path) == made
    everything = make(raw, tmp_path / "all.arrow", wish.model_copy(update={"augment_all": True}), label_column="label")
    assert {row["label"] for row in rows_of(everything.path)} == {"large", "small"}


def test_what_the_task_or_the_model_lacks_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"2 setting\(s\)"):
        must_fit(PrepareSettings(augment=("entities", "synonym")), reads_words=False, has_synonyms=False)
    must_fit(PrepareSettings(augment=("entities", "synonym")), reads_words=True, has_synonyms=True)
    with pytest.raises(SettingsError, match="rows with a label or tags to make more of; got swap"):
        must_fit(PrepareSettings(augment=("swap",)), reads_words=False, has_synonyms=False, has_labels=False)
    must_fit(PrepareSettings(), reads_words=False, has_synonyms=False, has_labels=False)


@pytest.mark.parametrize("task", ["reviews", "sentences"])
def test_only_training_rows_are_made_and_they_point_to_their_sources(
    task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNESMITH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    ways = "swap,delete,insert" + (",entities" if task == "sentences" else "")
    write = write_reviews if task == "reviews" else write_sentences
    file = write(tmp_path / "rows.txt", 60)
    base = {"model.name": "scratch", "model.scratch_size": "tiny", "train.threads": 1}
    plain = flow.plan([file], changed(Settings(), base))
    more = flow.plan([file], changed(Settings(), base | {"prepare.augment": ways}))
    for split in ("dev", "test"):
        assert more.prepared.splits[split].rows == plain.prepared.splits[split].rows
        assert rows_of(Path(more.prepared.raw[split].path)) == rows_of(Path(plain.prepared.raw[split].path))
        assert "augmented" not in Encoded(Path(more.prepared.splits[split].path)).numbers
    own = plain.prepared.splits["train"].rows
    train = Encoded(Path(more.prepared.splits["train"].path))
    assert len(train) == own + sum(more.prepared.augmented.values()) > own
    assert train.numbers["augmented"].tolist() == [0] * own + [1] * (len(train) - own)
    assert train.numbers["row"][:own].tolist() == list(range(own))
    assert set(train.numbers["row"][own:].tolist()) <= set(range(own))
    if task == "reviews":
        labels = train.numbers["label"]
        assert (labels[own:] == labels[train.numbers["row"][own:]]).all()
    assert more.prepared.raw["train"].rows == own
    told = next(choice.because for choice in more.plan.choices if choice.name == "augment")
    assert f"made of {own} training rows, of small classes alone, never of dev or test rows" in told


def test_memory_does_not_grow_with_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tunesmith.rooms.prepare.arrow.PIECE_BYTES", 1 << 13)
    monkeypatch.setattr("tunesmith.rooms.prepare.arrow.BATCH_ROWS", 100)
    monkeypatch.setattr("tunesmith.rooms.prepare.augment.make.WRITTEN_ROWS", 50)
    monkeypatch.setattr("tunesmith.rooms.prepare.augment.seen.BITS", 1 << 16)
    wish = PrepareSettings(augment=("swap", "insert"), augment_factor=2.0, augment_all=True)

    def peak(rows: int) -> int:
        folder = tmp_path / str(rows)
        folder.mkdir()
        raw = raw_of(folder, ["ab"[at % 2] for at in range(rows)])
        tracemalloc.start()
        found = make(raw, folder / "made.arrow", wish, label_column="label")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert sum(found.ways.values()) > rows
        return most

    peak(50)  # what is made once in a process
    # A row takes about a kilobyte as an object: held, the other 900 would be seen.
    assert peak(1_000) < peak(100) + 100_000


def test_what_is_known_is_never_taken_for_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tunesmith.rooms.prepare.augment.seen.BITS", 1 << 12)
    seen = Seen()
    new = [seen.add(f"text {at}") for at in range(400)]
    assert not any(seen.add(f"text {at}") for at in range(400))
    # 1,600 of 4,096 bits at most: the first hundred are nearly all told apart.
    assert sum(new[:100]) >= 99 and sum(new) >= 380


def test_of_many_entities_an_even_choice_is_kept_whatever_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tunesmith.rooms.prepare.augment.entities.MOST_MENTIONS", 20)
    rows = [Row((f"name{at % 300}", "ran"), ("B-PER", "O")) for at in range(900)]
    found = mentions(rows)["PER"]
    assert len(found) == len(set(found)) == 20
    assert set(found) == set(mentions(reversed(rows))["PER"])
    # Not only those that came first.
    assert max(int(words[0].removeprefix("name")) for words, _ in found) > 150
    few = mentions(rows[:20])["PER"]
    assert [words[0] for words, _ in few] == [f"name{at}" for at in range(20)]
