"""White space made one space, against Python's own way to say it."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.sameness import squeezed, utf8

WHITE = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
texts = st.text(st.sampled_from(WHITE + " ab好é’、😀\u200b") | st.characters(exclude_categories=["Cs"]), max_size=12)


def plain(text: str | None) -> str:
    return " ".join((text or "").split())


@settings(deadline=None)
@given(st.lists(st.none() | texts, max_size=12), st.integers(0, 4))
def test_as_split_and_join(rows: list[str | None], start: int) -> None:
    whole = pa.array(rows, pa.string())
    assert squeezed(whole) == [plain(row) for row in rows]
    # A part of an array begins and ends within its bytes.
    assert squeezed(whole[start : start + 5]) == [plain(row) for row in rows[start : start + 5]]


@pytest.mark.parametrize("white", WHITE)
def test_every_white_space_counts(white: str) -> None:
    rows = [f"a{white}b", f"{white}a", f"a{white}", white, f"a {white}b", "a b", ""]
    assert squeezed(pa.array(rows)) == ["a b", "a", "a", "", "a b", "a b", ""]


def test_rows_do_not_touch() -> None:
    # The space at the end of one row and that at the start of the next are no run of two.
    assert squeezed(pa.array(["a b", "", "c d", " e", "f "])) == ["a b", "", "c d", "e", "f"]


def test_bytes_and_borders() -> None:
    flat, borders = utf8(pa.array(["xx", "é", "", "a"])[1:])
    assert flat.tobytes() == "éa".encode()
    assert borders.tolist() == [0, 2, 2, 3]
    flat, borders = utf8(pa.array([], pa.string()))
    assert (flat.size, borders.tolist()) == (0, [0])


def test_no_case_mapping_makes_or_eats_white_space() -> None:
    # So that it does not matter whether case or white space is folded first.
    for code in (*range(0xD800), *range(0xE000, 0x110000)):
        assert plain(chr(code).casefold()) == plain(chr(code)).casefold(), hex(code)
