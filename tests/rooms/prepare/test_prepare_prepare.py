"""Preparing: once for the same inputs, anew for others; token facts by hand; words kept; nothing left lying about."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from made import reviews, sentences
from tunesmith.artifacts import Cleaning, Hypothesis, Prepared, Reading, RowCount, SplitFile
from tunesmith.errors import DataError
from tunesmith.models import scratch
from tunesmith.models import tokenizer as tokenizers
from tunesmith.rooms.prepare import Cleaner, Encoding, arrow, encode_split, prepare
from tunesmith.rooms.prepare.arrow import batches_of, in_order, pieces_of, write_batches
from tunesmith.rooms.prepare.parts import Parts
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded

Maker = Callable[..., Reading]
STRINGS = pa.list_(pa.string())


def refused(texts: Iterator[str], rows: int, folder: Path) -> Path:
    raise AssertionError("the tokenizer is given: none is to be made")


def tokenizer_of(folder: Path, texts: list[str], vocabulary: int = 400) -> Path:
    scratch.train_tokenizer(texts, vocabulary=vocabulary, folder=folder, is_cjk=False, seed=1)
    return folder


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tokenizer that knows the reviews' words."""
    return tokenizer_of(tmp_path_factory.mktemp("tokenizer"), [text for _, text in reviews()])


@pytest.fixture
def reading(tmp_path: Path) -> Maker:
    """``reading("text-classification", train={"text": …, "label": …})``: a Reading in record batches of seven rows."""

    def make(
        task: str = "text-classification", key: str = "key", cut: int = 7, **splits: dict[str, list[Any]]
    ) -> Reading:
        files = {}
        for name, columns in splits.items():
            rows = len(next(iter(columns.values())))
            places = {"source": [0] * rows, "line": list(range(1, rows + 1))}
            kinds = {"tokens": STRINGS, "tags": STRINGS, "source": pa.int32(), "line": pa.int64()}
            whole = columns | places
            schema = pa.schema([(column, kinds.get(column, pa.string())) for column in whole])
            path = tmp_path / f"{key}-{name}.arrow"
            with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
                for at in range(0, rows, cut):
                    part = {column: values[at : at + cut] for column, values in whole.items()}
                    writer.write_batch(pa.RecordBatch.from_pydict(part, schema=schema))
            files[name] = SplitFile(path=str(path), rows=rows)
        total = sum(file.rows for file in files.values())
        return Reading(
            task=task,
            format="tsv",
            encoding="utf-8",
            columns={},
            has_header=False,
            sources=(),
            hypotheses=(Hypothesis(task=task, format="tsv", columns={}, score=1.0, evidence=()),),
            rows=RowCount(total=total, used=total, rejected=0),
            splits=files,
            labels={},
            preview=(),
            rejects="",
            key=key,
        )

    return make


def columns_of(rows: list[tuple[str, str]]) -> dict[str, list[Any]]:
    return {"text": [text for _, text in rows], "label": [label for label, _ in rows]}


def prepared(
    found: Reading,
    cache: Path,
    tokenizer: Path | None,
    maker: Any = refused,
    cleaning: Cleaning | None = None,
    **given: object,
) -> Prepared:
    asked = changed(Settings(), {name.replace("__", "."): value for name, value in given.items()})
    task = TASKS.get(found.task)
    return prepare(found, task=task, settings=asked, cache=cache, tokenizer=tokenizer, maker=maker, cleaning=cleaning)


# ---------------------------------------------------------------- what comes out


def test_every_row_is_encoded_beside_its_raw_row(reading: Maker, tokenizer: Path, tmp_path: Path) -> None:
    found = prepared(reading(train=columns_of(reviews(80))), tmp_path / "cache", tokenizer)
    assert (found.task, found.labels) == ("text-classification", ("bad", "good"))
    assert {name: file.rows for name, file in found.splits.items()} == {"train": 64, "dev": 8, "test": 8}
    seen = []
    for name, file in found.splits.items():
        rows = Encoded(Path(file.path))
        raw = [row for batch in batches_of(Path(found.raw[name].path)) for row in batch.to_pylist()]
        assert rows.numbers["row"].tolist() == list(range(len(raw))) == list(range(file.rows))
        assert [found.labels[label] for label in rows.numbers["label"]] == [row["label"] for row in raw]
        assert (rows.lists["ids"].lengths() > 0).all()
        seen += [row["text"] for row in raw]
    assert sorted(seen) == sorted(text for _, text in reviews(80))


def test_ids_are_the_tokenizers_own_without_special_tokens(reading: Maker, tokenizer: Path, tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    found = prepared(reading(train=columns_of(reviews(40))), tmp_path / "cache", tokenizer)
    raw = [row["text"] for batch in batches_of(Path(found.raw["train"].path)) for row in batch.to_pylist()]
    ids = Encoded(Path(found.splits["train"].path)).lists["ids"]
    independent = Tokenizer.from_file(str(tokenizer / "tokenizer.json"))
    for row, text in enumerate(raw):
        assert ids[row].tolist() == independent.encode(text, add_special_tokens=False).ids


def test_token_facts_are_those_of_the_training_split(reading: Maker, tokenizer: Path, tmp_path: Path) -> None:
    splits = {
        "train": {"text": ["room"] * 5 + ["room meal"] * 3 + ["room meal staff story"] * 2, "label": ["a", "b"] * 5},
        "dev": {"text": ["room " * 50], "label": ["a"]},
        "test": {"text": ["meal"], "label": ["b"]},
    }
    found = prepared(reading(**splits), tmp_path / "cache", tokenizer)
    lengths = Encoded(Path(found.splits["train"].path)).lists["ids"].lengths()
    assert found.train_tokens == lengths.sum()
    assert found.token_lengths == tuple(round(float(q)) for q in np.quantile(lengths, np.linspace(0, 1, 101)))
    assert len(found.token_lengths) == 101
    assert found.token_lengths[0] == lengths.min() and found.token_lengths[-1] == lengths.max() < 50
    assert found.unknown_share == 0.0
    assert found.split_because == "given splits are kept"


def test_unknown_tokens_are_counted_by_share(reading: Maker, tokenizer: Path, tmp_path: Path) -> None:
    # Chinese characters are one token each, and this tokenizer has seen none.
    rows = {"text": ["room 好好好"] * 5 + ["meal meal"] * 5, "label": ["a", "b"] * 5}
    single = {"text": ["room"], "label": ["a"]}
    found = prepared(reading(train=rows, dev=single, test=single), tmp_path / "cache", tokenizer)
    assert found.unknown_share == pytest.approx(15 / found.train_tokens)
    assert 15 < found.train_tokens <= 40


def test_both_texts_of_a_pair_count(reading: Maker, tokenizer: Path, tmp_path: Path) -> None:
    def rows(count: int) -> dict[str, list[Any]]:
        return {"text": ["room"] * count, "text2": ["meal 好", None] * (count // 2), "label": ["a", "b"] * (count // 2)}

    found = prepared(reading(train=rows(10), dev=rows(2), test=rows(2)), tmp_path / "cache", tokenizer)
    train = Encoded(Path(found.splits["train"].path))
    first, second = train.lists["ids"].lengths(), train.lists["ids2"].lengths()
    assert (second[1::2] == 0).all() and (second[::2] > 0).all()
    assert found.train_tokens == (first + second).sum()
    assert found.token_lengths[-1] == (first + second).max()
    assert found.unknown_share == pytest.approx(5 / found.train_tokens)


def test_words_of_a_sentence_are_kept_one_by_one(reading: Maker, tokenizer: Path, tmp_path: Path) -> None:
    made = sentences(40)
    # A zero-width space is dropped by the tokenizer; its word must keep its place and its tag.
    made[0] = [("\u200b", "B-PER"), ("room", "O")]
    rows = {"tokens": [[w for w, _ in one] for one in made], "tags": [[t for _, t in one] for one in made]}
    found = prepared(reading("token-classification", train=rows), tmp_path / "cache", tokenizer)
    assert found.labels == ("O", "B-LOC", "I-LOC", "B-PER")
    seen = []
    for name, file in found.splits.items():
        encoded = Encoded(Path(file.path))
        raw = [row for batch in batches_of(Path(found.raw[name].path)) for row in batch.to_pylist()]
        for at, row in enumerate(raw):
            heads = encoded.lists["heads"][at]
            assert len(heads) == len(row["tokens"])
            assert (np.diff(heads) > 0).all() and heads[0] == 0
            assert [found.labels[tag] for tag in encoded.lists["tags"][at]] == row["tags"]
        seen += [row["tokens"] for row in raw]
    assert sorted(seen) == sorted(rows["tokens"])


@pytest.mark.parametrize("task", ["text-classification", "token-classification"])
def test_it_does_not_matter_how_rows_are_cut_into_batches(
    task: str, reading: Maker, tokenizer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = ["", "\u200b", "好 好", "room " * 300, "room\u00a0meal", " meal", "z" * 200, "[SEP] room [MASK]"]
    texts = [text for _, text in reviews(60)] + [f"{text} {at}" for at in range(4) for text in hostile] + hostile
    if task == "text-classification":
        rows: dict[str, list[Any]] = {
            "text": texts,
            "text2": [None if at % 3 else text for at, text in enumerate(reversed(texts))],
            "label": [None if at % 5 == 4 else "ab"[at % 2] for at in range(len(texts))],
        }
    else:
        rows = {"tokens": [text.split(" ") for text in texts]}
        rows["tags"] = [None if at % 5 == 4 else ["O"] * len(row) for at, row in enumerate(rows["tokens"])]
    found = []
    for cut, size in ((1, 1), (7, 1 << 20), (50, 400), (1000, 100)):
        monkeypatch.setattr("tunesmith.rooms.prepare.arrow.PIECE_BYTES", size)
        one = prepared(reading(task, f"key{cut}", cut, train=rows), tmp_path / str(cut), tokenizer)
        files = [file for name in sorted(one.splits) for file in (one.splits[name], one.raw[name])]
        found.append([Path(file.path).read_bytes() for file in files])
    assert found[0] == found[1] == found[2] == found[3]


def test_batches_are_even_and_none_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tunesmith.rooms.prepare.arrow.BATCH_ROWS", 4)
    parts = [
        pa.RecordBatch.from_pydict({"n": list(range(at, at + size))}) for at, size in ((0, 3), (3, 0), (3, 8), (11, 2))
    ]
    assert write_batches(tmp_path / "n.arrow", parts) == 13
    found = [batch.column("n").to_pylist() for batch in batches_of(tmp_path / "n.arrow")]
    assert found == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [12]]
    assert write_batches(tmp_path / "none.arrow", [parts[1]]) == 0
    assert list(batches_of(tmp_path / "none.arrow")) == []


def test_pieces_are_small_and_know_their_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_batches(tmp_path / "n.arrow", [pa.RecordBatch.from_pydict({"text": [f"{at:04}" for at in range(1000)]})])
    monkeypatch.setattr("tunesmith.rooms.prepare.arrow.PIECE_BYTES", 80)
    found = list(pieces_of(tmp_path / "n.arrow"))
    assert len(found) == 100
    assert all(rows.column("text").to_pylist()[0] == f"{first:04}" for first, rows in found)
    assert sum(rows.num_rows for _, rows in found) == 1000


def test_results_come_in_order_and_failures_come_out() -> None:
    def slow_first(number: int) -> int:
        # The first of all is ready last, if two work at a time.
        done.wait(timeout=5) if number == 0 else done.set()
        return 100 // (9 - number)

    done = Event()
    assert list(in_order(slow_first, range(9))) == [100 // (9 - number) for number in range(9)]
    with pytest.raises(ZeroDivisionError, match="zero"):
        list(in_order(slow_first, range(20)))


# ---------------------------------------------------------------- the cache


def test_the_same_inputs_are_prepared_once(reading: Maker, tokenizer: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    found = reading(train=columns_of(reviews(40)))
    first = prepared(found, cache, tokenizer)
    marks = {path: path.stat().st_mtime_ns for path in cache.rglob("*") if path.is_file()}
    # Neither the rows nor how long texts may be is looked at again.
    Path(found.splits["train"].path).unlink()
    assert prepared(found, cache, tokenizer, prepare__max_length=16) == first
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*") if path.is_file()} == marks
    assert [path.name for path in (cache / "prepared").iterdir()] == [first.key]
    for file in (*first.splits.values(), *first.raw.values()):
        assert Path(file.path).is_relative_to(cache / "prepared" / first.key)


def test_anything_that_matters_makes_another_key(reading: Maker, tokenizer: Path, tmp_path: Path) -> None:
    rows = columns_of(reviews(40))
    other = tokenizer_of(tmp_path / "other", ["quite other words", "quite other words"])
    same = tmp_path / "copy"
    shutil.copytree(tokenizer, same)
    cache = tmp_path / "cache"
    found = {
        "as it is": prepared(reading(train=rows), cache, tokenizer),
        "other tokenizer": prepared(reading(train=rows), cache, other),
        "other seed": prepared(reading(train=rows), cache, tokenizer, prepare__seed=18),
        "other share": prepared(reading(train=rows), cache, tokenizer, prepare__dev_share=0.3),
        "cleaned": prepared(reading(train=rows), cache, tokenizer, cleaning=Cleaning(steps=("html",))),
        "cut": prepared(reading(train=rows), cache, tokenizer, cleaning=Cleaning(segment=True)),
        "other data": prepared(reading(key="other", train=rows), cache, tokenizer),
    }
    assert len({one.key for one in found.values()}) == len(found)
    # Not where the tokenizer lies, but what it does.
    assert prepared(reading(train=rows), cache, same).key == found["as it is"].key

    def dev(name: str) -> bytes:
        return Path(found[name].raw["dev"].path).read_bytes()

    assert dev("other seed") != dev("as it is")
    assert found["other tokenizer"].train_tokens != found["as it is"].train_tokens


def test_a_tokenizer_is_made_from_the_training_texts_alone(reading: Maker, tmp_path: Path) -> None:
    given: list[str] = []
    counts: list[int] = []

    def maker(texts: Iterator[str], rows: int, folder: Path) -> Path:
        given.extend(texts)
        counts.append(rows)
        return tokenizer_of(folder, given)

    cache = tmp_path / "cache"
    found = reading(train=columns_of(reviews(60)))
    first = prepared(found, cache, None, maker)
    raw = [row["text"] for batch in batches_of(Path(first.raw["train"].path)) for row in batch.to_pylist()]
    assert given == raw and counts == [48]
    # It moved with the rest to its final place.
    assert Path(first.tokenizer).is_relative_to(cache / "prepared" / first.key)
    assert (Path(first.tokenizer) / "tokenizer.json").is_file()
    assert prepared(found, cache, None, refused) == first
    assert prepared(found, cache, None, maker, model__scratch_vocabulary=500).key != first.key


def test_a_failure_leaves_nothing_behind(reading: Maker, tokenizer: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with pytest.raises(DataError, match="at least 10 labelled rows; got 4"):
        prepared(reading(train=columns_of(reviews(4))), cache, tokenizer)
    assert list((cache / "prepared").iterdir()) == []


def test_who_comes_second_takes_what_the_first_one_made(reading: Maker, tokenizer: Path, tmp_path: Path) -> None:
    found, cache = reading(train=columns_of(reviews(40))), tmp_path / "cache"

    def meanwhile(texts: Iterator[str], rows: int, folder: Path) -> Path:
        prepared(found, cache, None, lambda texts, rows, folder: tokenizer_of(folder, list(texts)))
        return tokenizer_of(folder, ["other words"] * 3)

    second = prepared(found, cache, None, meanwhile)
    assert second.unknown_share == 0.0
    assert [path.name for path in (cache / "prepared").iterdir()] == [second.key]


# ---------------------------------------------------------------- cleaning


CLEANING = Cleaning(
    steps=("control", "invisible", "html", "width", "unicode", "spaces"), segment=True, stopwords=("the",)
)


def encoded_again(found: Prepared, split: str, tokenizer: Path, target: Path) -> bytes:
    """The ids that predict makes of a split's raw rows: from the cleaning alone that was kept, as JSON."""
    loaded = tokenizers.load_tokenizer(tokenizer)
    task = TASKS.get(found.task)
    kept = Cleaning.model_validate_json(found.cleaning.model_dump_json())
    encoding = Encoding(
        task=task,
        encoder=tokenizers.encoder(loaded, are_words=task.reads_words),
        labels=found.labels,
        unknown=tokenizers.template(loaded, tokenizer).unknown,
        cleaner=Cleaner(kept),
    )
    encode_split(Path(found.raw[split].path), target, encoding)
    return target.read_bytes()


@pytest.mark.parametrize("task", ["text-classification", "token-classification"])
@given(odd=st.lists(st.text(min_size=1), min_size=1, max_size=8))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_predict_makes_the_ids_that_training_saw(
    task: str, odd: list[str], reading: Maker, tokenizer: Path, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    texts = [text for _, text in reviews(20)] + [f"<b>{text}</b>&amp;\u200b  {text}" for text in odd] + ["<br>"]
    if task == "text-classification":
        rows: dict[str, list[Any]] = {"text": texts, "label": ["ab"[at % 2] for at in range(len(texts))]}
        cleaning = CLEANING
    else:
        rows = {"tokens": [text.split(" ") for text in texts]}
        rows["tags"] = [["O"] * len(row) for row in rows["tokens"]]
        cleaning = CLEANING.model_copy(update={"segment": False, "stopwords": ()})
    found = prepared(reading(task, train=rows), tmp_path / "cache", tokenizer, cleaning=cleaning)
    seen: list[Any] = []
    for split in found.splits:
        again = encoded_again(found, split, tokenizer, tmp_path / "again.arrow")
        assert again == Path(found.splits[split].path).read_bytes()
        column = "text" if task == "text-classification" else "tokens"
        raw = [row[column] for batch in batches_of(Path(found.raw[split].path)) for row in batch.to_pylist()]
        # One row alone, as a service would be asked.
        ids = Encoded(Path(found.splits[split].path)).lists["ids"]
        if column == "text":
            loaded = tokenizers.load_tokenizer(tokenizer)
            alone = loaded(Cleaner(cleaning).text(raw[0]), add_special_tokens=False)["input_ids"]
            assert ids[0].tolist() == (alone or [found.template.unknown])
        seen += raw
    # Every row is there, as it was read.
    assert sorted(seen) == sorted(rows["text" if task == "text-classification" else "tokens"])


def test_what_was_cleaned_is_counted_over_all_splits(reading: Maker, tokenizer: Path, tmp_path: Path) -> None:
    rows = {"text": ["<b>room</b>", "meal", "<p>", "a  b"] * 3, "label": ["a", "b"] * 6}
    single = {"text": ["<i>room</i>"], "label": ["a"]}
    cleaning = Cleaning(steps=("html", "spaces"))
    found = prepared(reading(train=rows, dev=single, test=single), tmp_path / "c", tokenizer, cleaning=cleaning)
    assert [(one.step, one.rows, one.characters) for one in found.cleaned] == [("html", 5, 35), ("spaces", 3, 3)]
    assert found.kept_rows == 3
    assert found.cleaning == cleaning
    assert prepared(reading(train=rows, dev=single, test=single), tmp_path / "c", tokenizer, cleaning=cleaning) == found


def test_a_tokenizer_is_made_from_cleaned_texts(reading: Maker, tmp_path: Path) -> None:
    given: list[str] = []

    def maker(texts: Iterator[str], rows: int, folder: Path) -> Path:
        given.extend(texts)
        return tokenizer_of(folder, given)

    rows = columns_of([(label, f"<b>{text}</b>") for label, text in reviews(40)])
    prepared(reading(train=rows), tmp_path / "cache", None, maker, Cleaning(steps=("html",)))
    assert len(given) == 32
    assert set(given) < {text for _, text in reviews(40)}


# ---------------------------------------------------------------- interruptions


PARTS = ("raw", "tokenizer", "train", "dev", "test", "augmented")


def made_parts(patch: pytest.MonkeyPatch, *, killed_in: str = "") -> list[str]:
    """The parts that are made from now on; in one of them the process dies, its files written but not its mark."""
    made: list[str] = []
    once = Parts.once

    def watched(parts: Parts, name: str, make: Any, kind: Any) -> Any:
        def noted(folder: Path) -> Any:
            made.append(name)
            found = make(folder)
            if name == killed_in:
                raise SystemExit(9)
            return found

        return once(parts, name, noted, kind)

    patch.setattr(Parts, "once", watched)
    if killed_in:
        # A process that is killed does not tidy up.
        patch.setattr("shutil.rmtree", lambda *given, **more: None)
    return made


def contents(folder: Path) -> dict[str, bytes]:
    """All files but the one that names the folder's own place."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "prepared.json"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("part", PARTS)
def test_finished_parts_are_found_again_and_no_half_is_taken_for_whole(
    part: str, reading: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def once_more(cache: str) -> Prepared:
        wish = {"prepare__augment": ("swap",), "prepare__augment_factor": 1.0}
        return prepared(found, tmp_path / cache, None, maker, Cleaning(steps=("html",)), **wish)

    def maker(texts: Iterator[str], rows: int, folder: Path) -> Path:
        return tokenizer_of(folder, list(texts))

    found = reading(train=columns_of([(label, f"<b>{text}</b>") for label, text in reviews(40)]))
    calm = once_more("calm")
    with monkeypatch.context() as patch:
        made_parts(patch, killed_in=part)
        with pytest.raises(SystemExit, match="9"):
            once_more("cache")
    assert not list((tmp_path / "cache").rglob("prepared.json"))
    with monkeypatch.context() as patch:
        made = made_parts(patch)
        whole = once_more("cache")
    assert made == list(PARTS[PARTS.index(part) :])
    assert contents(tmp_path / "cache") == contents(tmp_path / "calm")
    assert whole.cleaned == calm.cleaned and whole.cleaned[0].rows == 40
    assert [path.name for path in (tmp_path / "cache" / "prepared").iterdir()] == [whole.key]


@pytest.mark.parametrize(
    ("killed_in", "made_after"),
    [
        ("train.00002", ["train", "train.00002", "train.00003", "dev", "test"]),
        ("train", ["train", "dev", "test"]),
        ("dev", ["dev", "test"]),
    ],
)
def test_of_a_large_split_finished_stretches_are_found_again(
    killed_in: str, made_after: list[str], reading: Maker, tokenizer: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    html = Cleaning(steps=("html",))
    found = reading(train=columns_of([(label, f"<b>{text}</b>") for label, text in reviews(40)]))
    in_one = prepared(found, tmp_path / "one", tokenizer, cleaning=html)
    # 32 rows to train on are four batches now, each a stretch of its own.
    monkeypatch.setattr(arrow, "BATCH_ROWS", 8)
    monkeypatch.setattr(arrow, "STRETCH_BYTES", 1)
    calm = prepared(found, tmp_path / "calm", tokenizer, cleaning=html)
    with monkeypatch.context() as patch:
        made_parts(patch, killed_in=killed_in)
        with pytest.raises(SystemExit, match="9"):
            prepared(found, tmp_path / "cache", tokenizer, cleaning=html)
    with monkeypatch.context() as patch:
        made = made_parts(patch)
        whole = prepared(found, tmp_path / "cache", tokenizer, cleaning=html)
    assert made == made_after
    assert contents(tmp_path / "cache") == contents(tmp_path / "calm")
    assert whole.cleaned == calm.cleaned == in_one.cleaned
    assert whole.cleaned[0].rows == 40
    train = [pa.ipc.open_file(one.splits["train"].path).read_all() for one in (whole, in_one)]
    assert train[0].to_pylist() == train[1].to_pylist()
    folder = tmp_path / "cache" / "prepared" / whole.key
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["dev", "raw", "test", "train"]


def test_stretches_hold_every_batch_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "BATCH_ROWS", 10)
    path = tmp_path / "rows.arrow"
    arrow.write_batches(path, [pa.RecordBatch.from_pydict({"text": ["x" * 8] * 95})])
    monkeypatch.setattr(arrow, "STRETCH_BYTES", 300)
    stretches = arrow.stretches_of(path)
    assert [at for one in stretches for at in one.batches] == list(range(10))
    assert len(stretches) > 2
    starts = [first for one in stretches for first, _ in arrow.pieces_of(path, one)]
    assert starts == [first for first, _ in arrow.pieces_of(path)]
    empty = tmp_path / "empty.arrow"
    arrow.write_batches(empty, [pa.RecordBatch.from_pydict({"text": pa.array([], pa.string())})])
    assert len(arrow.stretches_of(empty)) == 1


def test_what_lies_at_the_place_without_its_proof_is_not_taken(reading: Maker, tokenizer: Path, tmp_path: Path) -> None:
    cache, found = tmp_path / "cache", reading(train=columns_of(reviews(40)))
    whole = prepared(found, cache, tokenizer)
    (cache / "prepared" / whole.key / "prepared.json").unlink()
    Path(whole.splits["train"].path).write_bytes(b"half")
    assert prepared(found, cache, tokenizer) == whole
    assert Encoded(Path(whole.splits["train"].path)).lists["ids"].lengths().sum() == whole.train_tokens


def test_batches_of_pictures_end_where_they_grow_large_however_they_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrow, "BLOB_BYTES", 100)
    sizes = [30, 80, 10, 0, 200, 40, 60, 5]
    table = pa.table({"seen": pa.array([b"x" * size for size in sizes], pa.binary()), "row": range(len(sizes))})
    files = []
    for step in (1, 3, 8):
        path = tmp_path / f"{step}.arrow"
        write_batches(path, table.to_batches(max_chunksize=step))
        files.append(path.read_bytes())
        assert [batch.num_rows for batch in batches_of(path)] == [2, 3, 2, 1]
    assert files[0] == files[1] == files[2]
    assert [len(piece) for _, piece in pieces_of(path, most=2)] == [2, 2, 1, 2, 1]
