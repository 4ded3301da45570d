"""Plans of tasks that write count in tokens."""

from collections.abc import Callable
from typing import Any

import pytest

from tunesmith.artifacts import Documents, Plan
from tunesmith.rooms.plan import Facts, plan
from tunesmith.rooms.plan.corpora import items
from tunesmith.settings import Settings

Maker = Callable[..., Facts]


def value(found: Plan, name: str) -> Any:
    return next(choice.value for choice in found.choices if choice.name == name)


def why(found: Plan, name: str) -> str:
    return next(choice.because for choice in found.choices if choice.name == name)


def corpus(facts: Facts, *, tokens: int, lengths: tuple[int, ...], documents: Documents | None = None) -> Facts:
    prepared = facts.prepared.model_copy(
        update={
            "task": "language-modeling",
            "train_tokens": tokens,
            "token_lengths": lengths,
            "documents": documents,
        }
    )
    return Facts(**{**vars(facts), "prepared": prepared, "monitor": "loss", "metrics": ("loss",)})


def test_windows_hold_all_of_a_long_text_and_nothing_is_called_cut(facts: Maker) -> None:
    found = plan(corpus(facts(rows=400, pretrained=False), tokens=320_000, lengths=(800,) * 101))
    assert value(found, "max_length") == 256
    assert "none is lost" in why(found, "max_length") and "cut" not in why(found, "max_length")


def test_short_texts_get_a_window_with_room_for_their_end(facts: Maker) -> None:
    found = plan(corpus(facts(rows=400), tokens=16_000, lengths=(40,) * 101))
    # 40 tokens, three special ones in this template, and the end.
    assert value(found, "max_length") == 48


@pytest.mark.parametrize(("lengths", "rows"), [((30,) * 101, 10_000), ((3_000,) * 101, 100)])
def test_a_step_learns_from_as_many_tokens_however_long_the_rows_are(
    facts: Maker, lengths: tuple[int, ...], rows: int
) -> None:
    found = plan(corpus(facts(rows=rows, pretrained=False), tokens=300_000, lengths=lengths))
    each = min(lengths[0], value(found, "max_length"))
    assert 2_500 <= value(found, "batch_size") * each <= 6_500


def test_items_are_windows(facts: Maker) -> None:
    asked = Settings().model_copy(update={"prepare": Settings().prepare.model_copy(update={"max_length": 256})})
    assert items(corpus(facts(rows=100), tokens=1, lengths=(600,) * 101), asked) == 300
    assert items(facts(rows=100), asked) == 100


def test_more_tokens_take_fewer_epochs(facts: Maker) -> None:
    few, many = (
        plan(corpus(facts(rows=tokens // 800, pretrained=False), tokens=tokens, lengths=(800,) * 101))
        for tokens in (100_000, 50_000_000)
    )
    assert value(few, "epochs") > value(many, "epochs")
    assert value(few, "batch_size") < value(many, "batch_size")


def test_what_makes_up_a_document_is_told_with_its_reason(facts: Maker) -> None:
    known = Documents(unit="file", because="the lines run on", part=2_000)
    found = plan(corpus(facts(rows=400), tokens=320_000, lengths=(800,) * 101, documents=known))
    assert (value(found, "document"), why(found, "document")) == ("file", "the lines run on")
    assert found.settings.prepare.document == "file"
    assert "document" not in {choice.name for choice in plan(facts()).choices}


def test_no_folds_are_proposed_for_the_sake_of_an_accuracy(facts: Maker) -> None:
    found = plan(corpus(facts(rows=100), tokens=80_000, lengths=(800,) * 101))
    assert "folds" not in {choice.name for choice in found.choices}
