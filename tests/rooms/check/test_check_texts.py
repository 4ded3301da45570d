"""Lengths and scripts, against the plain way to count them; rows streamed and fetched."""

import unicodedata
from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.artifacts import Reading
from tunesmith.rooms.check import rows as rows_module
from tunesmith.rooms.check.rows import Rows, batches, excerpt
from tunesmith.rooms.check.texts import LONGEST_EXACT, Texts

MakeReading = Callable[..., Reading]


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=1))
def test_counts_agree_with_the_plain_way(texts: list[str]) -> None:
    gathered = Texts()
    gathered.add(pa.array(texts[:3], pa.string()))
    gathered.add(pa.array(texts[3:], pa.string()))
    facts = gathered.facts(len(texts))
    lengths = sorted(map(len, texts))
    letters = [unicodedata.name(c, "") for c in "".join(texts) if c.isalpha()]
    latin = sum("LATIN" in name.split()[:2] for name in letters)
    assert (facts.rows, facts.characters, facts.length_max) == (len(texts), sum(lengths), lengths[-1])
    assert facts.length_median == lengths[(len(lengths) - 1) // 2]
    assert facts.latin_share == pytest.approx(latin / max(1, len(letters)), abs=1e-4)


def test_chinese_japanese_and_korean_are_cjk_and_fullwidth_letters_latin() -> None:
    gathered = Texts()
    gathered.add(pa.array(["汉字𠀀 ひら カタ 한글 12 。", "ａｂ Ж"]))
    facts = gathered.facts(2)
    assert (facts.cjk_share, facts.latin_share) == (round(9 / 12, 4), round(2 / 12, 4))


def test_very_long_texts_share_a_bin_and_the_longest_is_kept() -> None:
    gathered = Texts()
    gathered.add(pa.array(["x" * (LONGEST_EXACT + 7), "y" * 10]))
    facts = gathered.facts(2)
    assert (facts.length_median, facts.length_p95, facts.length_max) == (10, LONGEST_EXACT + 7, LONGEST_EXACT + 7)


def test_nothing_is_counted_of_no_text() -> None:
    facts = Texts().facts(3)
    assert (facts.rows, facts.characters, facts.length_median, facts.cjk_share) == (3, 0, 0, 0.0)


def test_batches_are_cut_by_bytes_and_lose_no_row(make_reading: MakeReading, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{i}" * 50 for i in range(40)]
    reading = make_reading("language-modeling", {"train": [{"text": text} for text in texts]}, rows_per_batch=20)
    monkeypatch.setattr(rows_module, "BATCH_BYTES", 600)
    parts = list(batches(reading, "train"))
    assert [part.first for part in parts] == [sum(len(p.fields["text"]) for p in parts[:i]) for i in range(len(parts))]
    assert len(parts) > 4
    assert [text for part in parts for text in part.fields["text"].to_pylist()] == texts


def test_a_row_is_found_again_by_its_position(make_reading: MakeReading) -> None:
    texts = {"train": ["a", "b", "c", "d"], "test": ["e", "f"]}
    reading = make_reading("language-modeling", {s: [{"text": t} for t in ts] for s, ts in texts.items()})
    found = Rows(reading)
    for split, expected in texts.items():
        seen = [found.row(split, i) for i in range(len(expected))]
        assert [(row.path, row.line, row.text) for row in seen] == [
            (f"{split}.tsv", line, text) for line, text in enumerate(expected, 1)
        ]


def test_chinese_tokens_are_joined_without_spaces(make_reading: MakeReading) -> None:
    rows = [{"tokens": list("我爱北京"), "tags": ["O"] * 4}, {"tokens": ["OK", "吗"], "tags": ["O"] * 2}]
    test = [{"tokens": ["China", "Mobile"], "tags": ["O"] * 2}]
    reading = make_reading("token-classification", {"train": rows, "test": test})
    found = [batch.fields["text"].to_pylist() for split in ("train", "test") for batch in batches(reading, split)]
    assert found == [["我爱北京", "OK吗"], ["ChinaMobile"]]


@pytest.mark.parametrize(
    ("text", "shown"),
    [(" a \n b\t", "a b"), ("x\u200by\ufeff", "x\\u200by\\ufeff"), ("\x1b[31mred", "\\x1b[31mred"), ("好 🎻", "好 🎻")],
)
def test_excerpts_fit_on_a_line_and_show_what_is_hidden(text: str, shown: str) -> None:
    assert excerpt(text) == shown
    assert len(excerpt(text * 60)) == 80
