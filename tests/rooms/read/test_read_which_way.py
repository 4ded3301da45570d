"""Which of title and content is written: told with its reason, asked where it is close, said by a prompt."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tunesmith.artifacts import Hypothesis, Reading
from tunesmith.rooms.read import directed, prompted, read
from tunesmith.rooms.read.which_way import LONG, Lengths, decided, lengths
from tunesmith.settings import ReadSettings

POEM = ("moon over {at}", "white light on the floor\nlike frost, so said she to the sea\nand home is far")
NEWS = ("team {at} wins cup", "The team {at} wins the cup in a long match on Sunday, as all have said")
CLOSE = ("strange tale {at} about things told long ago", "Once there was a king, strange he was, and men said so")


def written(folder: Path, pair: tuple[str, str], rows: int = 30) -> Reading:
    texts = [{"title": pair[0].format(at=at), "content": pair[1].format(at=at)} for at in range(rows)]
    path = folder / "rows.json"
    path.write_text(json.dumps(texts), encoding="utf-8")
    return read([path])


def test_a_content_that_does_not_repeat_its_title_is_written(tmp_path: Path) -> None:
    found = directed(written(tmp_path, POEM))
    assert (found.task, found.is_close) == ("generation", False)
    assert "the content is written for its title: titles have 3 words, contents 17" in found.hypotheses[0].evidence[-1]


def test_a_title_that_sums_its_content_up_is_written(tmp_path: Path) -> None:
    found = directed(written(tmp_path, NEWS))
    assert (found.task, found.is_close) == ("title-generation", False)
    assert "100% of a title's words stand in its content" in found.hypotheses[0].evidence[-1]


def test_where_it_is_close_somebody_is_asked(tmp_path: Path) -> None:
    def second(ways: Sequence[Hypothesis]) -> int:
        assert [way.task for way in ways] == ["generation", "title-generation"]
        return 1

    reading = written(tmp_path, CLOSE)
    assert lengths(reading).shared == pytest.approx(1 / 8)
    assert directed(reading).would_change == "--task title-generation learns the other way"
    assert directed(reading).is_close
    assert directed(reading, second).task == "title-generation"


def test_nobody_is_asked_where_it_is_clear(tmp_path: Path) -> None:
    def never(ways: Sequence[Hypothesis]) -> int:
        raise AssertionError(ways)

    assert directed(written(tmp_path, NEWS), never).task == "title-generation"


def test_a_long_text_is_no_answer_to_a_title() -> None:
    assert decided(Lengths(title=4, content=LONG, shared=0.2)) == ("title-generation", False)
    assert decided(Lengths(title=4, content=LONG, shared=0.01)) == ("title-generation", True)
    assert decided(Lengths(title=4, content=LONG - 1, shared=0.01)) == ("generation", False)


def test_a_prompt_says_what_is_given() -> None:
    assert prompted("Title: {title}", None) == "generation"
    assert prompted("{content}\nTitle:", "generation") == "title-generation"
    assert prompted("{content}", "chat") == "chat"
    assert prompted(None, None) is None
    assert prompted("no place", None) is None


@pytest.mark.parametrize("name", ["zh_title_songci", "zh_title_chinese_poetry"])
def test_real_poems_are_written_for_their_titles(shared_data: Path, name: str) -> None:
    found = directed(read([next((shared_data / name).glob("*.json"))]))
    assert (found.task, found.is_close) == ("generation", False)


@pytest.mark.slow
def test_real_headlines_are_written_for_their_news(shared_data: Path) -> None:
    settings = ReadSettings(task="generation", columns={"title": 2, "content": 3})
    found = directed(read([shared_data / "en_cls_title_ag_news" / "test.csv"], settings))
    assert (found.task, found.is_close) == ("title-generation", False)
