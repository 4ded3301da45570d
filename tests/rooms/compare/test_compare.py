"""What is compared, on which rows, and what is said of it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from made_entrants import entrant, plan, right
from tunesmith.artifacts import Comparison
from tunesmith.errors import DataError, RunError
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.compare import Entrant, compare
from tunesmith.rooms.compare.entrants import FEWEST, on_the_same_rows
from tunesmith.rooms.compare.teams import differing, teams
from tunesmith.tasks import TASKS

TRUTHS = [row % 2 for row in range(200)]


def compared(*entrants: Entrant, is_each_apart: bool = False) -> Comparison:
    return compare(
        entrants,
        task=TASKS.get(entrants[0].outcomes.task),
        resampling=Resampling(samples=200),
        is_each_apart=is_each_apart,
    )


def answering(name: str, wrong: Sequence[int], **wishes: object) -> Entrant:
    return entrant(name, right(TRUTHS, wrong), TRUTHS, made=plan(**wishes))


def words(found: Comparison) -> str:
    return next(one.words for one in found.differences if one.metric == found.main)


def test_the_better_one_is_named_first_with_points_interval_and_chance() -> None:
    found = compared(answering("weak", range(60), train__epochs=1), answering("strong", range(20), train__epochs=2))
    assert found.main == "f1_macro"
    difference = found.differences[0]
    assert (difference.finding, difference.test) == ("worse", "permutation")
    assert difference.interval.value == pytest.approx(-0.2, abs=0.001)
    assert words(found).startswith("strong is better than weak by 20.0 points of f1_macro (")
    assert words(found).endswith("p < 0.001")
    accuracy = next(one for one in found.differences if one.metric == "accuracy")
    assert (accuracy.test, accuracy.finding) == ("McNemar", "worse")
    assert found.notes[0] == "200 rows, answered by all of them"


def test_the_same_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    found = compared(answering("weak", range(60), train__epochs=1), answering("strong", range(20), train__epochs=2))
    assert words(found).startswith("strong 优于 weak，差 20.0 个百分点（f1_macro）（")
    assert found.notes[0] == "200 行，全部参与者都已回答"


def test_where_rows_cannot_tell_it_says_how_many_would() -> None:
    found = compared(answering("one", range(30), train__epochs=1), answering("other", range(10, 48), train__epochs=2))
    difference = found.differences[0]
    assert difference.finding == "unclear"
    assert difference.rows_needed is not None and difference.rows_needed > 200
    assert "cannot tell one from other with these 200 rows" in difference.words
    assert "would be needed for a difference of this size" in difference.words


def test_equal_answers_are_as_good_as_alike() -> None:
    found = compared(answering("one", range(20), train__epochs=1), answering("other", range(20), train__epochs=2))
    assert found.differences[0].finding == "alike"
    assert "as good as alike" in words(found)


def test_many_pairs_make_each_harder_to_tell() -> None:
    alone = compared(answering("a", range(40), train__epochs=1), answering("b", range(28, 50), train__epochs=2))
    others = [answering(name, range(40), train__epochs=at) for at, name in enumerate("cde", 3)]
    among = compared(
        answering("a", range(40), train__epochs=1), answering("b", range(28, 50), train__epochs=2), *others
    )
    assert among.differences[0].p > 2 * alone.differences[0].p


def test_rows_are_paired_by_what_they_say_wherever_they_stand() -> None:
    keys = ["same", "same", *map(str, range(198))]
    one = entrant("one", right(TRUTHS, [0]), TRUTHS, keys=keys)
    order = list(reversed(range(2, 200)))
    other = entrant(
        "other",
        [*right(TRUTHS, [])[:2], *(TRUTHS[row] for row in order)],
        [*TRUTHS[:2], *(TRUTHS[row] for row in order)],
        keys=["same", "same", *(keys[row] for row in order)],
        made=plan(train__epochs=2),
    )
    paired = on_the_same_rows([one, other])
    assert paired[0].outcomes.keys == paired[1].outcomes.keys
    # The first of two equal rows is paired with the first: there alone the answers differ.
    apart = [int(a.argmax() != b.argmax()) for a, b in zip(*(side.outcomes.answers for side in paired), strict=True)]
    assert apart == [1] + [0] * 199


def test_what_only_one_answered_is_left_out_and_counted() -> None:
    one = entrant("one", TRUTHS[:100], TRUTHS[:100])
    found = compared(one, answering("other", range(9), train__epochs=2))
    assert found.rows == 100
    assert found.notes[0] == "100 rows in common, of one: 100, other: 200"


def test_too_few_rows_in_common_send_the_user_to_a_file() -> None:
    few = FEWEST - 1
    keys = [*map(str, range(few)), *(f"x{row}" for row in range(few, 200))]
    with pytest.raises(DataError, match=rf"got {few} \(one: 200, other: 200\)(.|\n)*RUN RUN FILE"):
        compared(entrant("one", TRUTHS, TRUTHS, keys=keys), entrant("other", TRUTHS, TRUTHS))


def test_other_tasks_and_labels_are_refused_in_words() -> None:
    one = entrant("one", TRUTHS, TRUTHS)
    with pytest.raises(RunError, match="chat: chat"):
        compared(one, entrant("chat", TRUTHS, TRUTHS, task="chat"))
    with pytest.raises(RunError, match=r"one: bad; other: poor"):
        compared(one, entrant("other", TRUTHS, TRUTHS, labels=("poor", "good")))


def test_rows_of_one_document_are_tested_as_one() -> None:
    def of_documents(name: str, wrong: Sequence[int], epochs: int) -> Entrant:
        one = answering(name, wrong, train__epochs=epochs)
        return replace(one, outcomes=replace(one.outcomes, groups=[str(row // 10) for row in range(200)]))

    found = compared(of_documents("one", range(40), 1), of_documents("other", range(25), 2))
    accuracy = next(one for one in found.differences if one.metric == "accuracy")
    assert accuracy.test == "permutation"
    assert accuracy.finding == "unclear"  # 15 rows, but of two documents
    assert any("20 groups" in note for note in found.notes)


def test_runs_that_differ_in_seeds_alone_are_one_contender() -> None:
    rng = np.random.default_rng(3)

    def seeded(name: str, seed: int, share: float, **wishes: object) -> Entrant:
        return answering(name, np.flatnonzero(rng.random(200) < share).tolist(), train__seed=seed, **wishes)

    runs = [seeded(f"run-{seed}", seed, 0.2) for seed in (1, 2, 3)]
    runs += [seeded(f"head-{seed}", seed, 0.4, train__method="head") for seed in (1, 2, 3)]
    found = compared(*runs)
    assert [one.name for one in found.contenders] == ["run (3 seeds)", "head (3 seeds)"]
    assert found.contenders[0].runs == ("run-1", "run-2", "run-3")
    assert found.differences[0].test == "t over rows and seeds"
    assert found.differences[0].finding == "better"
    assert any("3 seeds for one of them" in note for note in found.notes)
    assert [one.name for one in found.settings] == ["train.method"]
    apart = compared(*runs, is_each_apart=True)
    assert len(apart.contenders) == 6
    assert {one.name for one in apart.settings} == {"train.method", "train.seed"}


def test_machine_settings_make_no_other_contender() -> None:
    runs = [answering("one", [], train__threads=1), answering("two", [], train__threads=2, train__micro_batch_size=4)]
    (team,) = teams(runs, apart=False)
    assert len(team.members) == 2
    assert differing(teams(runs, apart=True)) == ()


def writer(name: str, tokens: int, loss: float, task: str = "language-modeling") -> Entrant:
    """One that foretells 60 texts of 100 characters each."""
    rng = np.random.default_rng(tokens)
    one = entrant(name, TRUTHS[:60], TRUTHS[:60], made=plan(train__epochs=tokens), task=task)
    sums = [np.asarray([loss * 100 + rng.normal(0, 5), tokens / 2, tokens]) for _ in range(60)]
    return replace(one, outcomes=replace(one.outcomes, answers=sums, truths=[100] * 60))


def test_models_with_other_tokens_are_compared_by_characters() -> None:
    found = compared(writer("coarse", 20, 1.0), writer("fine", 50, 0.8))
    assert found.main == "bits_character"
    assert words(found).startswith("fine is better than coarse by 0.")
    assert set(found.contenders[0].metrics) == {"perplexity_character", "bits_character"}
    alike = compared(writer("one", 20, 1.0), writer("other", 20, 0.9))
    assert alike.main == "loss"


def test_losses_of_other_hidden_tokens_are_compared_with_a_warning() -> None:
    found = compared(
        *(writer(name, tokens, 1.0, "masked-language-modeling") for name, tokens in (("a", 20), ("b", 30)))
    )
    assert found.main == "masked_loss"
    assert any("other hidden ones" in note for note in found.notes)
