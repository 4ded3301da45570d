"""Characters that a stream cannot show are escaped; results and errors never mix."""

import io
import sys
from collections.abc import Callable

import pytest

from tunesmith.cli.console import console, error_console, utf8_streams

Printed = Callable[[], str]


@pytest.mark.parametrize(("encoding", "shown"), [("ascii", rb"\u597d \xe9"), ("latin-1", b"\\u597d \xe9")])
def test_what_a_stream_cannot_show_is_escaped(encoding: str, shown: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = {"stdout": io.BytesIO(), "stderr": io.BytesIO()}
    for name, buffer in raw.items():
        monkeypatch.setattr(sys, name, io.TextIOWrapper(buffer, encoding=encoding, errors="strict"))
    utf8_streams()
    for name, buffer in raw.items():
        stream = getattr(sys, name)
        stream.write("好 é")
        stream.flush()
        assert buffer.getvalue() == shown


def test_utf8_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding="utf-8"))
    utf8_streams()
    sys.stdout.write("好 é 😀")
    sys.stdout.flush()
    assert buffer.getvalue().decode("utf-8") == "好 é 😀"


def test_a_stream_without_an_encoding_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # A notebook's or a test's stream has no reconfigure.
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    utf8_streams()
    sys.stdout.write("好")
    assert stream.getvalue() == "好"


def test_errors_and_results_go_their_own_ways(printed: Printed, capsys: pytest.CaptureFixture[str]) -> None:
    console().print("a result")
    error_console().print("an error")
    out, err = capsys.readouterr()
    assert (out, err) == ("a result\n", "an error\n")


def test_numbers_and_codes_are_shown_as_they_are(printed: Printed) -> None:
    console().print("12 of 34 :warning: 'x'")
    assert printed() == "12 of 34 :warning: 'x'\n"
    assert console() is console()


def test_of_several_processes_the_first_alone_shows_results(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for rank, expected in (("0", "a result\n"), ("1", "")):
        monkeypatch.setenv("RANK", rank)
        console.cache_clear()
        console().print("a result")
        assert capsys.readouterr().out == expected
    monkeypatch.delenv("RANK")
    console.cache_clear()
