"""Lines of a corpus become documents: which belong together, that no character is lost, and what is held out."""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as checks
from hypothesis import strategies as st

from tunesmith.artifacts import Documents, Reading
from tunesmith.errors import DataError, SettingsError
from tunesmith.rooms.prepare.arrow import batches_of, write_batches
from tunesmith.rooms.prepare.documents.cohesion import cohesion
from tunesmith.rooms.prepare.documents.cut import cut
from tunesmith.rooms.prepare.documents.decide import decide
from tunesmith.rooms.prepare.documents.join import join, needs_joining
from tunesmith.rooms.prepare.split import split
from tunesmith.rooms.read import read
from tunesmith.settings import PrepareSettings, ReadSettings
from tunesmith.tasks import TASKS

TASK = TASKS.get("language-modeling")
WORDS = ["".join(word) for word in itertools.islice(itertools.permutations("bacdefghijk", 5), 0, 40_000, 20)]
Rows = Sequence[tuple[int, int, str]]


def book(scenes: int, lines: int, *, seed: int = 1) -> list[str]:
    """Lines in scenes, each with a few words of its own, as people and places of a story have."""
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(scenes):
        own = draw.integers(len(WORDS), size=12)
        for _ in range(lines):
            told = np.concatenate([draw.integers(len(WORDS), size=5), draw.choice(own, 4)])
            found.append(" ".join(WORDS[at] for at in draw.permutation(told)) + ".")
    return found


@pytest.fixture
def reading(tmp_path: Path) -> Callable[..., Reading]:
    def make(*texts: str) -> Reading:
        folder = tmp_path / "corpus"
        folder.mkdir(exist_ok=True)
        for at, text in enumerate(texts):
            (folder / f"{at:03}.txt").write_text(text, encoding="utf-8", newline="")
        return read([folder], ReadSettings(task="language-modeling"))

    return make


def unit(reading: Reading, **given: object) -> Documents:
    found = decide(PrepareSettings(**given), reading, TASK)  # type: ignore[arg-type]
    assert found is not None
    return found


def texts_of(path: Path) -> list[dict[str, object]]:
    return [row for batch in batches_of(path) for row in batch.to_pylist()]


def rows_file(path: Path, rows: Rows) -> Path:
    columns = list(zip(*rows, strict=True))
    batch = pa.RecordBatch.from_pydict(
        {
            "text": pa.array(columns[2], pa.string()),
            "source": pa.array(columns[0], pa.int32()),
            "line": pa.array(columns[1], pa.int64()),
        }
    )
    write_batches(path, [batch])
    return path


# ---------------------------------------------------------------- which lines belong together


def test_a_story_is_one_document_and_the_same_lines_shuffled_are_many(reading: Callable[..., Reading]) -> None:
    lines = book(40, 20)
    told = unit(reading("\n".join(lines)))
    assert told.unit == "file" and "run on" in told.because
    np.random.default_rng(2).shuffle(lines)
    assert unit(reading("\n".join(lines))).unit == "line"


def test_groups_of_lines_that_have_nothing_to_do_with_each_other_are_documents(
    reading: Callable[..., Reading],
) -> None:
    poems = ["\n".join(book(1, 5, seed=seed)) for seed in range(150)]
    told = unit(reading("\n\n".join(poems)))
    assert told.unit == "paragraph" and "150" in told.because
    # With blank lines between, a story is still a story.
    scenes = book(40, 20)
    blank = "\n\n".join("\n".join(scenes[at : at + 3]) for at in range(0, len(scenes), 3))
    assert unit(reading(blank)).unit == "file"


def test_a_file_of_a_few_lines_among_many_is_a_document(reading: Callable[..., Reading]) -> None:
    told = unit(reading(*("\n".join(book(1, 6, seed=seed)) for seed in range(12))))
    assert told.unit == "file" and "12 files" in told.because


def test_lines_sorted_by_kind_are_still_lines() -> None:
    # All of a kind share words, however far apart: likeness is not lost over a short way.
    draw = np.random.default_rng(3)
    kinds = [[f"{kind}{word}" for word in ("alpha", "beta", "gamma", "delta")] for kind in ("sweet", "sour")]
    lines = [
        " ".join([*draw.choice(kind, 2), *(f"{a:x}" for a in draw.integers(9**9, size=6))])
        for kind in kinds
        for _ in range(500)
    ]
    found = cohesion([lines])
    assert found.near - found.apart < 0.016


def test_a_few_lines_prove_nothing(reading: Callable[..., Reading]) -> None:
    assert unit(reading("One. \nTwo is a line.\nThree goes on.\n")).unit == "line"


def test_the_users_word_counts_and_needs_lines(reading: Callable[..., Reading], tmp_path: Path) -> None:
    told = unit(reading("a b\nc d\n"), document="file")
    assert told.unit == "file" and told.because == "you set it"
    records = tmp_path / "records.jsonl"
    records.write_text('{"text": "one text"}\n{"text": "another"}\n' * 6, encoding="utf-8")
    found = read([records], ReadSettings(task="language-modeling"))
    assert decide(PrepareSettings(), found, TASK) is None
    with pytest.raises(SettingsError, match="each record is a text of its own"):
        decide(PrepareSettings(document="file"), found, TASK)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("en_corpus_tinyshakespeare", "file"),
        ("zh_corpus_hongloumeng", "file"),
        pytest.param("zh_corpus_shuihuzhuan", "file", marks=pytest.mark.slow),
        ("en_corpus_wiki_demo", "line"),
    ],
)
def test_real_corpora(shared_data: Path, name: str, expected: str) -> None:
    assert unit(read([shared_data / name], ReadSettings(task="language-modeling"))).unit == expected


# ---------------------------------------------------------------- joining


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 3), st.text("ab \u7ea2.\u3000", max_size=40)),
        min_size=1,
        max_size=60,
    ),
    st.sampled_from(["line", "paragraph", "file"]),
    st.integers(1, 30),
)
@checks(max_examples=60, deadline=None)
def test_no_character_is_lost_and_documents_stay_apart(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, str]], kind: str, part: int
) -> None:
    folder = tmp_path_factory.mktemp("join")
    rows, source, line = [], 0, 0
    for jump, gap, text in steps:
        if jump == 2:
            source, line = source + 1, 0
        line += gap
        rows.append((source, line, text))
    documents = Documents(unit=kind, because="", part=part)  # type: ignore[arg-type]
    made = join(rows_file(folder / "in.arrow", rows), folder / "out.arrow", documents)
    parts = texts_of(Path(made.path))
    assert made.rows == len(parts)
    whole: list[str] = []
    for one in parts:
        assert len(str(one["text"])) <= 2 * part
        if one["begins"]:
            whole.append("")
        whole[-1] += str(one["text"])
    assert sum(bool(one["ends"]) for one in parts) == len(whole)
    # Line ends aside, all characters are there, in their order.
    assert "".join(whole).replace("\n", "") == "".join(text for _, _, text in rows)
    if kind == "file":
        assert len(whole) == len({source for source, _, _ in rows})
    if kind == "line":
        assert whole == [text for _, _, text in rows]


def test_blank_lines_come_back_and_parts_end_where_paragraphs_do(tmp_path: Path) -> None:
    rows = [(0, at + at // 4, f"line {at} of the tale") for at in range(1, 200)]
    source = rows_file(tmp_path / "in.arrow", rows)
    documents = Documents(unit="file", because="", part=400)
    assert needs_joining(source, documents)
    made = join(source, tmp_path / "out.arrow", documents)
    parts = texts_of(Path(made.path))
    expected = rows[0][2]
    for (_, before, _), (_, line, text) in itertools.pairwise(rows):
        expected += "\n" * (line - before) + text
    assert "".join(str(one["text"]) for one in parts) == expected
    assert len(parts) > 5 and all(str(one["text"]).endswith("\n\n") for one in parts[:-1])
    assert [one["begins"] for one in parts] == [True] + [False] * (len(parts) - 1)
    assert not needs_joining(Path(made.path), documents)


@given(st.text("ab. \n\u3002\u7ea2", max_size=300), st.integers(1, 40))
@checks(max_examples=80, deadline=None)
def test_a_long_text_is_cut_without_loss(text: str, most: int) -> None:
    parts = cut(text, most)
    assert "".join(parts) == text
    assert all(len(part) <= most for part in parts)


def test_a_text_is_cut_behind_lines_then_sentences_then_words() -> None:
    assert cut("one two three\nfour five six. seven", 20)[0] == "one two three\n"
    assert cut("one two. three four five six", 12)[0] == "one two. "
    assert cut("onetwo threefour five", 12)[0] == "onetwo "
    assert cut("\u7ea2\u697c\u3002\u68a6\u4e2d\u4eba", 4)[0] == "\u7ea2\u697c\u3002"
    assert cut("abcdefgh", 3) == ["abc", "def", "gh"]


# ---------------------------------------------------------------- splits


def test_of_a_book_long_stretches_are_held_out(tmp_path: Path, reading: Callable[..., Reading]) -> None:
    found = reading("\n".join(book(40, 20)))
    documents = unit(found)
    made = join(Path(found.splits["train"].path), tmp_path / "joined.arrow", documents.model_copy(update={"part": 100}))
    parts = split(found.model_copy(update={"splits": {"train": made}}), tmp_path, PrepareSettings(), label_column="")
    assert "40 long stretches" in parts.because
    for name in ("dev", "test"):
        lines = [int(str(one["line"])) for one in texts_of(Path(parts.raw[name].path))]
        assert 0.07 * made.rows <= len(lines) <= 0.13 * made.rows
        # Few breaks: neighbours stay together.
        assert sum(np.diff(lines) > 30) <= 4
    total = sum(file.rows for file in parts.raw.values())
    assert total == made.rows


def test_of_many_documents_whole_ones_are_held_out(tmp_path: Path, reading: Callable[..., Reading]) -> None:
    found = reading(*("\n".join(book(3, 20, seed=seed)) for seed in range(30)))
    documents = unit(found).model_copy(update={"part": 300})
    made = join(Path(found.splits["train"].path), tmp_path / "joined.arrow", documents)
    assert made.rows > 60
    parts = split(found.model_copy(update={"splits": {"train": made}}), tmp_path, PrepareSettings(), label_column="")
    assert "30 documents" in parts.because
    seen = [{one["source"] for one in texts_of(Path(file.path))} for file in parts.raw.values()]
    assert sum(map(len, seen)) == 30


def test_too_little_text_is_refused_in_words(tmp_path: Path, reading: Callable[..., Reading]) -> None:
    with pytest.raises(DataError, match="at least 10 texts or long parts of texts; got 2"):
        split(reading("one line\nanother line\n"), tmp_path, PrepareSettings(), label_column="")
