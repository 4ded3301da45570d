"""What votes say: planted preferences, grades and guessers are found again, and what is not known is said."""

from dataclasses import replace

import numpy as np
import pytest

from made_votes import Poll, always_first, guesses, pairs, prefers, singles
from tunesmith.artifacts import Ratings
from tunesmith.errors import DataError
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.rate.items import Answer, Item, Terms
from tunesmith.rooms.rate.result import result

FEW = Resampling(samples=200)


def said(poll: Poll) -> Ratings:
    return result(poll.votes, poll.items, poll.terms, FEW)


def test_a_planted_preference_is_found_and_counts_add_up() -> None:
    poll = pairs(60)
    for rater in ("anna", "bo"):
        poll.ask(rater, prefers(0.8, ties=0.1))
    ratings = said(poll)
    one = ratings.whole.preferred[0]
    assert (one.first, one.second, one.finding, one.basis) == ("old", "new", "worse", "choices")
    assert one.wins + one.ties + one.losses == ratings.whole.votes == 120
    assert one.share.value == pytest.approx((one.wins + one.ties / 2) / 120)
    assert one.share.high < 0.5
    assert one.p < 0.05
    assert one.sign < 0.05
    assert one.items == 60
    assert one.items_needed is None
    assert ratings.whole.standings == ()


def test_no_preference_is_unclear_and_says_what_it_would_take() -> None:
    poll = pairs(40)
    poll.ask("anna", prefers(0.6, taste=5))
    one = said(poll).whole.preferred[0]
    assert one.finding == "unclear"
    assert one.share.low < 0.5 < one.share.high
    assert one.items_needed is None or one.items_needed > 40
    assert 0.15 < one.tellable < 0.3


def test_five_items_tell_nothing_however_clear() -> None:
    poll = pairs(5)
    poll.ask("anna", lambda draw, item, first: "b")
    assert said(poll).whole.preferred[0].finding == "unclear"


def test_a_rater_who_guesses_is_named_and_the_result_shown_with_and_without() -> None:
    poll = pairs(60, gold=8)
    for rater in ("anna", "bo", "cy"):
        poll.ask(rater, prefers(0.8), repeats=8)
    poll.ask("dan", guesses, repeats=8, seconds=1.0)
    ratings = said(poll)
    by_name = {one.name: one for one in ratings.raters}
    assert {name for name, one in by_name.items() if one.doubts} == {"dan"}
    assert any("known answers" in why for why in by_name["dan"].doubts)
    assert any("as by chance" in why for why in by_name["dan"].doubts)
    assert by_name["dan"].remarks == ("takes 1.0 s for an item, the others 8.0 s",)
    assert ratings.whole.raters == ("anna", "bo", "cy", "dan")
    assert ratings.without is not None
    assert ratings.without.raters == ("anna", "bo", "cy")
    assert ratings.without.preferred[0].share.value < ratings.whole.preferred[0].share.value
    whole, without = ratings.whole.agreement[0].alpha, ratings.without.agreement[0].alpha
    assert whole is not None
    assert without is not None
    assert without.value > whole.value + 0.1
    assert (ratings.gold_votes, ratings.again_votes) == (4 * 8, 4 * 8)


def test_honest_raters_are_seldom_doubted() -> None:
    doubted = 0
    for seed in range(12):
        poll = pairs(40, gold=5)
        for rater in ("anna", "bo", "cy"):
            poll.ask(rater, prefers(0.6, ties=0.2), seed=seed, repeats=5)
        doubted += sum(bool(one.doubts) for one in said(poll).raters)
    assert doubted <= 1


def test_taste_is_no_guess() -> None:
    # Three who see different things in the items: nobody agrees, so nobody can be named.
    poll = pairs(60)
    for taste, rater in enumerate(("anna", "bo", "cy")):
        poll.ask(rater, prefers(0.5, taste=taste))
    ratings = said(poll)
    assert not any(one.doubts for one in ratings.raters)
    assert ratings.without is None
    assert any("no more than by chance" in limit for limit in ratings.limits)


def test_whoever_takes_what_stands_first_is_named() -> None:
    poll = pairs(40)
    poll.ask("anna", prefers(0.7))
    poll.ask("eve", always_first)
    ratings = said(poll)
    eve = ratings.raters[1]
    assert eve.doubts[0] == "chose the answer shown first 40 times of 40"
    position = next(one for one in ratings.whole.biases if one.name == "position")
    assert position.is_told
    assert position.share.value > 0.6
    assert ratings.without is not None
    assert not next(one for one in ratings.without.biases if one.name == "position").is_told


def test_whoever_likes_one_system_always_has_an_opinion() -> None:
    poll = pairs(40)
    poll.ask("anna", prefers(0.6))
    poll.ask("bo", lambda draw, item, first: "b")
    assert [one.doubts for one in said(poll).raters] == [(), ()]


def test_the_longer_answer_is_noticed() -> None:
    poll = pairs(40)
    poll.items = [
        replace(item, answers=(replace(item.answers[0], text="x" * (10 + 20 * (at % 2))), item.answers[1]))
        for at, item in enumerate(poll.items)
    ]
    poll.ask("anna", lambda draw, item, first: max("ab", key=lambda s: len(item.answers["ab".index(s)].text)))
    length = next(one for one in said(poll).whole.biases if one.name == "length")
    assert length.is_told
    assert length.share.value == 1


def test_many_systems_are_ranked() -> None:
    names = ("a", "b", "c", "d")
    poll = pairs(160, systems=names)
    strength = dict(zip(names, (0.0, 1.0, 2.0, 3.0), strict=True))

    def opinion(draw: np.random.Generator, item: Item, first: str) -> str:
        gap = strength[item.answers[0].system] - strength[item.answers[1].system]
        return "a" if draw.random() < 1 / (1 + np.exp(-gap)) else "b"

    poll.ask("anna", opinion)
    ratings = said(poll)
    assert [one.system for one in ratings.whole.standings] == ["d", "c", "b", "a"]
    assert all(one.rank.low <= place <= one.rank.high for place, one in enumerate(ratings.whole.standings, 1))
    assert any("p is corrected" in limit for limit in ratings.limits)


def test_the_order_of_names_is_that_of_the_terms() -> None:
    # The item shows "new" as its first answer; the pair is told as old against new all the same.
    item = Item(id="x", prompt="q", answers=(Answer(system="new", text="n"), Answer(system="old", text="o")))
    poll = Poll(terms=Terms(kind="ab", systems=("old", "new")), items=[item])
    poll.ask("anna", lambda draw, item, first: "a")
    one = said(poll).whole.preferred[0]
    assert (one.first, one.second, one.wins, one.losses) == ("old", "new", 0, 1)


def test_a_system_with_the_same_answer_shares_the_vote() -> None:
    answers = (Answer(system="x", text="long", also=("z",)), Answer(system="y", text="other"))
    poll = Poll(terms=Terms(kind="ab", systems=("x", "y", "z")), items=[Item(id="1", prompt="q", answers=answers)])
    poll.ask("anna", lambda draw, item, first: "a")
    found = {(one.first, one.second): (one.wins, one.losses) for one in said(poll).whole.preferred}
    assert found == {("x", "y"): (1, 0), ("y", "z"): (0, 1)}


def test_rows_of_a_file_that_is_all_on_one_line_are_different_questions() -> None:
    poll = pairs(30)
    poll.items = [replace(item, place="data.json:1") for item in poll.items]
    poll.ask("anna", prefers(0.9))
    one = said(poll).whole.preferred[0]
    assert (one.items, one.finding) == (30, "worse")


def test_grades_have_means_counts_and_a_preference() -> None:
    poll = singles(40, criteria=("fluent", "true"))
    better = {"old": 3, "new": 4}
    for rater in ("anna", "bo"):
        poll.ask(
            rater, lambda draw, item, first: int(np.clip(better[item.answers[0].system] + draw.integers(-1, 2), 1, 5))
        )
    ratings = said(poll)
    by_name = {(one.system, one.criterion): one for one in ratings.whole.graded}
    assert by_name["new", "true"].mean.value == pytest.approx(4, abs=0.3)
    assert by_name["old", "fluent"].counts == tuple(
        sum(v.value == g and v.criterion == "fluent" and v.system_a == "old" for v in poll.votes) for g in range(1, 6)
    )
    assert {one.criterion: one.finding for one in ratings.whole.preferred} == {"fluent": "worse", "true": "worse"}
    assert all(one.level == "ordinal" for one in ratings.whole.agreement)
    assert any("side by side" in limit for limit in ratings.limits)


def test_right_answers_are_counted_with_their_corrections() -> None:
    poll = singles(50, kind="right", systems=("run",))
    poll.ask("anna", lambda draw, item, first: int(item.id[3:]) % 5 != 0)
    poll.votes[0] = replace(poll.votes[0], correction="good")
    one = said(poll).whole.right[0]
    assert (one.share.value, one.votes, one.items, one.corrected) == (0.8, 50, 50, 1)
    assert one.share.low < 0.7 < 0.88 < one.share.high


def test_tags_that_stay_are_counted_by_sentence_and_by_word() -> None:
    tokens, tags = ("Bo", "is", "here", "."), ("B-PER", "O", "O", "O")
    items = [
        Item(
            id=f"t{at}", prompt="", answers=(Answer(system="run", text=""),), tokens=tokens, tags=tags, place=f"f:{at}"
        )
        for at in range(20)
    ]
    poll = Poll(terms=Terms(kind="tags", systems=("run",)), items=items)
    changed = ["B-PER", "O", "B-LOC", "O"]
    for rater in ("anna", "bo"):
        poll.ask(rater, lambda draw, item, first: changed if int(item.id[1:]) < 5 else list(tags))
    ratings = said(poll)
    one = ratings.whole.right[0]
    assert one.share.value == 0.75
    assert one.tokens is not None
    assert one.tokens.value == pytest.approx(75 / 80)
    # Of five sentences one word of four was changed: 1 of 16 words, and a quarter of the spread of whole sentences.
    assert 0.85 < one.tokens.low < one.tokens.value < one.tokens.high < 0.98
    agreed = ratings.whole.agreement[0]
    assert (agreed.items, agreed.same.value, agreed.pairs) == (20, 1.0, ())


def test_one_rater_alone_is_told_what_is_not_known() -> None:
    poll = pairs(10)
    poll.ask("anna", prefers(0.7))
    ratings = said(poll)
    assert ratings.whole.agreement == ()
    assert ratings.raters[0].kappa is None
    assert ratings.limits[0].startswith("One rater")
    assert any("10 items" in limit for limit in ratings.limits)


def test_what_waits_for_votes_is_counted() -> None:
    poll = pairs(10)
    poll.ask("anna", prefers(0.7))
    poll.votes = poll.votes[:4]
    assert any(limit.startswith("6 items of 10") for limit in said(poll).limits)


def test_without_votes_there_is_nothing_to_say() -> None:
    with pytest.raises(DataError, match="one vote or more"):
        said(pairs(3))


def test_only_known_items_and_repeats_leave_nothing_to_judge_by() -> None:
    poll = pairs(0, gold=3)
    poll.ask("anna", prefers(0.5))
    ratings = said(poll)
    assert (ratings.whole.votes, ratings.whole.preferred, ratings.gold_votes) == (0, (), 3)


def test_ratings_survive_a_file() -> None:
    poll = pairs(12)
    poll.ask("anna", prefers(0.7))
    ratings = said(poll)
    assert Ratings.model_validate_json(ratings.model_dump_json()) == ratings
