"""Messages follow TUNESMITH_LANG, then the locale."""

import pytest

from tunesmith.words import counted, language, listed, say, speaking


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"TUNESMITH_LANG": "zh"}, "zh"),
        ({"TUNESMITH_LANG": "zh_CN.UTF-8"}, "zh"),
        ({"TUNESMITH_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_language(variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TUNESMITH_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == expected
    assert say("yes", "是") == ("是" if expected == "zh" else "yes")


def test_long_lists_count_what_they_leave_out() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed([str(n) for n in range(10)], limit=3) == "0, 1, 2 and 7 more"


def test_counted_knows_one_from_many() -> None:
    assert counted(1, "row", "rows", "行") == "1 row"
    assert counted(2000, "row", "rows", "行") == "2,000 rows"


def test_a_page_speaks_its_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "en")
    with pytest.raises(RuntimeError, match="行"), speaking("zh"):
        raise RuntimeError(say("row", "行"))
    assert say("row", "行") == "row"
