"""Cleaning steps: what each changes and what it leaves, twice is as good as once, nothing emptied, all counted."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.artifacts import Cleaning, Finding, Health, TextFacts
from tunesmith.errors import SettingsError, UserError
from tunesmith.rooms.prepare.cleaning import chinese
from tunesmith.rooms.prepare.cleaning.choose import HARMLESS, chosen, must_be_known
from tunesmith.rooms.prepare.cleaning.cleaner import Cleaner
from tunesmith.rooms.prepare.cleaning.kept import CLEANING, kept_in
from tunesmith.rooms.prepare.cleaning.steps import STEPS
from tunesmith.rooms.prepare.cleaning.tally import Tally
from tunesmith.settings import PrepareSettings
from tunesmith.tasks.talks import TALK

REPEATABLE = [name for name in STEPS if STEPS.get(name).is_repeatable]
ONE_WAY = tuple(name for name in STEPS if name != "simplified-to-traditional")

PIECES = (
    *("<br/>", "<", ">", "</p>", "<b", "b>", "&lt;", "&amp;", "amp;", "lt;", "#39;", "&#39;", "&", "#", ";", "&#8203;"),
    *("<!--", "-->", "&shy;", "&nbsp;", "http://", "www.", "a.cn", "@", "x@y.org", "[URL]", ".", " ", "\n", "\r\n"),
    *("\u3000", "\u200b", "\ufeff", "\x92", "\x85", "\x00", "\x0b", "\x1c", "\uff21", "\uff0c", "\uff76", "\uff9e"),
    *("e", "\u0301", "\u00e9", "\u212b", "\uac00", "\u1100", "\u1161", "\u11a8", "\u0130", "\u03a3", "\ud55c"),
    *("\u6f22", "\u8a9e", "\u7684", "\u4e0d", "\u9f8d", "the", "not"),
)
"""What steps look for, whole and in parts, so that what one takes away may leave work for another."""

texts = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


def cleaner(*steps: str, **more: object) -> Cleaner:
    return Cleaner(Cleaning(steps=steps, **more))


def column(*given_texts: str | None) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"text": pa.array(given_texts, pa.string())})


# ---------------------------------------------------------------- each step by itself


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        ("control", "a\x00b\x1bc\x7f", "abc"),
        # cp1252 read as latin-1: an apostrophe and an ellipsis were meant
        ("control", "it\x92s so\x85", "it\u2019s so\u2026"),
        ("control", "tab\tand\nline", "tab\tand\nline"),
        ("invisible", "\ufeffa\u200bb\u00adc\u202e", "abc"),
        ("invisible", "\u0645\u06cc\u200c\u062e \U0001f468\u200d\U0001f469 \u2764\ufe0f", None),
        ("html", "one<br/>two <B>three</B> &amp; <a href='x'>four</a>", "one two three & four"),
        ("html", "&amp;lt;br&amp;gt;x &#39;y&#x27; #39;z#39; quot;q quot;", " x 'y' 'z' \"q \""),
        ("html", "<script>alert(1)</script>a<!-- b -->c", " a c"),
        ("html", "a < b and x <unk> y <TXN.N> AT&T R&D; #12345; #9; x<b and y>z if a<i", None),
        ("urls", "see http://a.org/b?c=d, or (www.x.cn).", "see [URL], or ([URL])."),
        ("urls", "\u770bhttps://a.cn/x\u3002\u597d", "\u770b[URL]\u3002\u597d"),
        ("mails", "write to a.b+c@d-e.org.", "write to [MAIL]."),
        ("mails", "@home a@b", None),
        ("width", "\uff21\uff42\uff11\uff1d\uff20 \uff76\uff9e\uff8a\uff9f\uff61", "Ab1=@ \u30ac\u30d1\u3002"),
        ("width", "\u597d\uff0c\u5417\uff1f\uff08\uff01\uff09\uff1a\uff1b\u3002\u300a\u300b\u3010\u3011\uff5e", None),
        ("unicode", "e\u0301 \u212b", "\u00e9 \u00c5"),
        # not NFKC: these signs mean something
        ("unicode", "\u2460 \u00b2 \ufb01 \uff21", None),
        ("case", "The \u00c9t\u00e9 \u0394", "the \u00e9t\u00e9 \u03b4"),
        ("spaces", "  a\u00a0\u3000 b\tc  ", "a b c"),
        ("spaces", "a \r\n\r\n b\rc\u2028d", "a\nb\nc\nd"),
        ("traditional-to-simplified", "\u6f22\u8a9e\u8207\u4e7e\u5764", "\u6c49\u8bed\u4e0e\u4e7e\u5764"),
        ("simplified-to-traditional", "\u6c49\u8bed", "\u6f22\u8a9e"),
    ],
)
def test_a_step_changes_what_it_says(step: str, before: str, after: str | None) -> None:
    assert cleaner(step).text(before) == (before if after is None else after)


@pytest.mark.parametrize("name", REPEATABLE)
@given(text=texts)
@settings(max_examples=60, deadline=None)
def test_twice_is_as_good_as_once(name: str, text: str) -> None:
    step = STEPS.get(name)
    once = step.clean(text)
    assert step.clean(once) == once
    # What it says that it cannot change, it does not change.
    assert once == text or step.may_change(pa.array([text], pa.string())).all()


@given(text=texts)
@settings(max_examples=150, deadline=None)
def test_all_steps_together_settle_and_empty_nothing(text: str) -> None:
    both = cleaner(*REPEATABLE)
    once = both.text(text)
    assert both.text(once) == once
    assert once.strip() or once == text


@given(rows=st.lists(st.none() | texts, max_size=6))
@settings(max_examples=100, deadline=None)
def test_a_column_is_cleaned_as_its_texts_are(rows: list[str | None]) -> None:
    both, tally = cleaner(*ONE_WAY), Tally()
    found = both.rows(column(*rows), tally).column("text").to_pylist()
    assert found == [None if text is None else both.text(text) for text in rows]
    changed = sum(new != old for new, old in zip(found, rows, strict=True))
    assert max(tally.rows.values(), default=0) <= changed <= tally.rows.total()


@given(rows=st.lists(st.none() | st.lists(texts, max_size=4), max_size=5))
@settings(max_examples=80, deadline=None)
def test_words_keep_their_number_and_are_cleaned_one_by_one(rows: list[list[str] | None]) -> None:
    both = cleaner(*HARMLESS, "html", "urls", "width")
    batch = pa.RecordBatch.from_pydict({"tokens": pa.array(rows, pa.list_(pa.string())), "tags": [None] * len(rows)})
    found = both.rows(batch, Tally())
    assert found.schema == batch.schema
    assert found.column("tokens").to_pylist() == [row and [both.text(word) for word in row] for row in rows]
    # A piece of a larger batch, as they come.
    assert both.rows(batch.slice(1)).column("tokens").to_pylist() == found.column("tokens").to_pylist()[1:]


# ---------------------------------------------------------------- counts, and rows that would vanish


def test_turns_are_cleaned_one_by_one_and_speakers_stay() -> None:
    talks = [[("user", "a\ufeff"), ("assistant", "b\x00c")], [("user", "fine")]]
    said = [[{"role": role, "content": content} for role, content in talk] for talk in talks]
    tally = Tally()
    rows = pa.RecordBatch.from_pydict({"messages": pa.array(said, TALK)})
    found = cleaner("control", "invisible").rows(rows, tally).column("messages")
    assert found.type == rows.column("messages").type
    assert [[turn["content"] for turn in talk] for talk in found.to_pylist()] == [["a", "bc"], ["fine"]]
    assert [[turn["role"] for turn in talk] for talk in found.to_pylist()] == [["user", "assistant"], ["user"]]
    assert tally.rows == {"control": 1, "invisible": 1}


def test_rows_and_characters_are_counted_by_step() -> None:
    tally = Tally()
    batch = pa.RecordBatch.from_pydict(
        {
            "text": ["a<br>b", "plain", "x  y", "&nbsp;\u200bz"],
            "text2": ["<b>c</b>", None, "", "fine"],
            "label": ["<p>"] * 4,
        }
    )
    found = cleaner("html", "invisible", "spaces").rows(batch, tally)
    assert found.column("text").to_pylist() == ["a b", "plain", "x y", "z"]
    assert found.column("text2").to_pylist() == ["c", None, "", "fine"]
    assert found.column("label").to_pylist() == ["<p>"] * 4
    # Row 0 was changed in both of its texts and counts once; <br> and <b></b> are 4 + 7 characters, &nbsp; is 6.
    assert tally.rows == {"html": 2, "invisible": 1, "spaces": 2}
    assert tally.characters == {"html": 17, "invisible": 1, "spaces": 2}
    assert tally.kept == 0
    (first, *_) = tally.cleaned(("control", "html"))
    assert (first.step, first.rows) == ("control", 0)


def test_a_text_that_would_vanish_stays_and_is_counted() -> None:
    tally = Tally()
    both = cleaner("html", "invisible", "spaces")
    rows = column("<br>", "\u200b", " ", "", "a<br>")
    assert both.rows(rows, tally).column("text").to_pylist() == ["<br>", "\u200b", " ", "", "a"]
    assert tally.kept == 3
    assert tally.rows == {"html": 1, "spaces": 1}
    words = pa.RecordBatch.from_pydict({"tokens": [["a", "<br>", "b"]]})
    assert both.rows(words, Tally()).column("tokens").to_pylist() == [["a", "<br>", "b"]]


def test_nothing_to_do_leaves_the_batch_itself() -> None:
    batch = column("a<br>")
    assert Cleaner(Cleaning()).rows(batch) is batch


# ---------------------------------------------------------------- which steps


def health(*codes: str) -> Health:
    facts = TextFacts(rows=1, characters=1, cjk_share=0.0, latin_share=1.0, length_median=1, length_p95=1, length_max=1)
    findings = tuple(Finding(code=code, severity="note", count=1, message="m", do="d") for code in codes)
    return Health(findings=findings, verdict="fine", is_trainable=True, facts=facts)


def test_the_data_decides_and_the_order_is_fixed() -> None:
    assert chosen(PrepareSettings(), health(), reads_words=False).steps == HARMLESS
    found = chosen(PrepareSettings(), health("duplicates", "html-remnants"), reads_words=True)
    assert found.steps == ("control", "invisible", "html", "unicode", "spaces")
    asked = PrepareSettings(clean="spaces, html")  # type: ignore[arg-type]
    assert chosen(asked, health(), reads_words=False).steps == ("html", "spaces")
    # Tags in an answer may be the code that was asked for; who wants them gone can say so.
    talk = chosen(PrepareSettings(), health("html-remnants"), reads_words=False, is_talk=True)
    assert "html" not in talk.steps
    assert chosen(PrepareSettings(clean="[]"), health("html-remnants"), reads_words=False) == Cleaning()  # type: ignore[arg-type]


def test_what_cannot_be_done_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="use 'spaces'"):
        must_be_known(PrepareSettings(clean=("space",)))
    with pytest.raises(SettingsError, match="one direction"):
        must_be_known(PrepareSettings(clean=("traditional-to-simplified", "simplified-to-traditional")))
    with pytest.raises(SettingsError, match=r"stopwords: expected zh, en, or a UTF-8 file"):
        must_be_known(PrepareSettings(stopwords=(str(tmp_path / "none.txt"),)))
    with pytest.raises(SettingsError, match=r"prepare.segment: expected a task that reads running text"):
        chosen(PrepareSettings(segment=True), health(), reads_words=True)
    with pytest.raises(SettingsError, match=r"prepare.stopwords: expected a task"):
        chosen(PrepareSettings(stopwords=("en",)), health(), reads_words=True)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tunesmith.rooms.prepare.cleaning.chinese.CONVERSION", "no-such-library")
    chinese._tables.cache_clear()
    with pytest.raises(UserError, match=r"(?s)the package no-such-library; got it is not installed.*pip install"):
        chinese.TO_SIMPLIFIED.clean("\u6f22")


def test_a_step_that_is_no_longer_there_is_refused_where_the_model_is_used() -> None:
    with pytest.raises(UserError, match="cleaning step"):
        cleaner("html", "somebody-elses")


def test_another_version_than_at_training_is_refused() -> None:
    with pytest.raises(UserError, match=r"(?s)rjieba==0\.0\.1; got .*pip install rjieba==0\.0\.1"):
        Cleaner(Cleaning(segment=True, libraries={"rjieba": "0.0.1"}))


def test_a_model_folder_tells_its_cleaning(tmp_path: Path) -> None:
    assert kept_in(tmp_path) == Cleaning()
    asked = PrepareSettings(clean=("html",), segment=True, stopwords=("en",))
    decided = chosen(asked, health(), reads_words=False)
    (tmp_path / CLEANING).write_text(decided.model_dump_json(), encoding="utf-8")
    assert kept_in(tmp_path) == decided
    assert list(decided.libraries) == ["rjieba"]
