"""JSON documents object by object: joined, the records are the file, however little of it is looked at at once."""

import json
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tunesmith.rooms.check.mend.rewrite.documents import records
from tunesmith.rooms.check.mend.works import UnfaithfulError

TEXT = st.text(st.sampled_from('ab"\\{}[],:\n\r\t\u00e9\u597d\U0001f600 '), max_size=12)
OBJECTS = st.lists(st.dictionaries(TEXT, TEXT | st.integers() | st.lists(TEXT, max_size=2), max_size=3), max_size=6)
SPACE = st.sampled_from(["", " ", "\n", "\r\n", "\r", "\t\n  "])


@pytest.mark.parametrize("window", [1, 5, 1 << 20])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(objects=OBJECTS, space=SPACE, indent=st.sampled_from([None, 2]), is_array=st.booleans())
def test_joined_they_are_the_file(
    window: int,
    objects: list[dict[str, object]],
    space: str,
    indent: int | None,
    is_array: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.modules[records.__module__], "WINDOW", window)
    bodies = [json.dumps(one, ensure_ascii=False, indent=indent) for one in objects]
    between = f"{space},{space}" if is_array else f"{space}\n"
    text = space + ("[" + space if is_array else "") + between.join(bodies) + ("]\n" if is_array else "")
    path = tmp_path / "in.json"
    path.write_bytes(text.encode())
    found = list(records(path, "utf-8"))
    assert "".join(one.before + one.body for one in found) == text
    assert [one.body for one in found if one.body] == bodies
    at = 0
    for one in found[: len(bodies)]:
        at += len(one.before)
        # As an editor counts: a line ends with CRLF, LF or CR.
        assert one.line == len(text[:at].replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        at += len(one.body)


@pytest.mark.parametrize("text", ['[{"a": 1}, 7]', '[{"a": 1}, {"b"', '{"a": 1} rest', "[[]]", '["' + "x" * 50])
def test_what_is_no_object_or_not_whole_is_refused(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[records.__module__], "WINDOW", 4)
    path = tmp_path / "in.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnfaithfulError):
        list(records(path, "utf-8"))


def test_a_large_array_is_never_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[records.__module__], "WINDOW", 1_000)
    path = tmp_path / "in.json"
    path.write_text(json.dumps([{"text": f"row {at} " + "x" * 90} for at in range(3_000)]), encoding="utf-8")
    tracemalloc.start()
    count = sum(bool(one.body) for one in records(path, "utf-8"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3_000
    assert peak < 60_000 < path.stat().st_size / 5
