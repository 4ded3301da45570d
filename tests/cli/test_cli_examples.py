"""What is trained on, shown: learned text stands out, special tokens are visible, personal data is not."""

import io

import pytest
from rich.console import Console

from tunesmith.artifacts import Example, Piece
from tunesmith.cli import examples as shown
from tunesmith.cli.examples import show_examples

EXAMPLE = Example(
    pieces=(
        Piece(text="<s>", is_learned=False, is_special=True),
        Piece(text="Who?\n", is_learned=False, is_special=False),
        Piece(text="me [b]", is_learned=True, is_special=False),
        Piece(text="</s>", is_learned=True, is_special=True),
    )
)


@pytest.fixture(params=[None, "standard"])
def paper(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Console:
    found = Console(file=io.StringIO(), color_system=request.param, force_terminal=request.param is not None, width=80)
    monkeypatch.setattr(shown, "console", lambda: found)
    return found


def text(paper: Console) -> str:
    assert isinstance(paper.file, io.StringIO)
    return paper.file.getvalue()


def test_learned_text_stands_out_with_its_end(paper: Console) -> None:
    show_examples([EXAMPLE])
    if paper.color_system is None:
        assert "<s>Who?↵\n  ⟦me [b]</s>⟧" in text(paper)
    else:
        assert "\x1b[1;32mme [b]\x1b[0m\x1b[1;7;32m</s>" in text(paper)
        assert "⟦" not in text(paper)


def test_nothing_is_said_where_there_are_none(paper: Console) -> None:
    show_examples(())
    assert text(paper) == ""


def test_of_a_long_text_both_ends_are_shown(paper: Console) -> None:
    long = Piece(text="begin " + "x" * 5000 + " end", is_learned=True, is_special=False)
    show_examples([Example(pieces=(long,))])
    assert "begin" in text(paper) and "end" in text(paper) and len(text(paper)) < 1000
