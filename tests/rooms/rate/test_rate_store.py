"""Votes are kept as they were said, in order, once; nothing that was said is ever gone."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from made_ratings import pair
from tunesmith.errors import RunError
from tunesmith.rooms.rate import Answer, Given, Item, Store

Begun = Callable[..., Store]


def given(place: int, said: object = "first", *, mark: str = "vote", name: str = "") -> Given:
    value = {"": said} if mark == "vote" else {}
    return Given(id=name or f"vote-{place}-{said}-{mark}", place=place, mark=mark, value=value, seconds=1.5)  # type: ignore[arg-type]


def place_of(store: Store, rater: int, item: str) -> int:
    return next(one.place for one in store.shown(rater, 0, 999) if one.item.id == item and not one.is_repeat)


def test_both_sides_are_undone_whatever_was_shown_first(begun: Begun) -> None:
    store = begun([pair(at) for at in range(60)])
    shown = store.shown(1, 0, 999)
    assert {one.is_flipped for one in shown} == {True, False}
    store.add(1, [given(one.place, "first") for one in shown])
    for vote, one in zip(store.votes(), shown, strict=True):
        assert vote.value == vote.first == ("b" if one.is_flipped else "a")
        assert (vote.system_a, vote.system_b) == ("one", "two")


def test_a_tie_is_a_tie_on_either_side(begun: Begun) -> None:
    store = begun([pair(at) for at in range(9)])
    store.add(1, [given(at, "tie") for at in range(9)])
    assert {vote.value for vote in store.votes()} == {"tie"}


def test_the_last_word_counts_and_all_words_stay(begun: Begun) -> None:
    store = begun([pair(at) for at in range(3)])
    for said in ("first", "tie", "second"):
        store.add(1, [given(0, said)])
    (vote,) = store.votes()
    assert vote.value == ("a" if vote.first == "b" else "b")
    with sqlite3.connect(store.path) as base:
        assert base.execute("SELECT COUNT(*) FROM votes").fetchone() == (3,)


def test_what_was_sent_twice_is_kept_once_and_belongs_to_its_sender(begun: Begun) -> None:
    store = begun([pair(at) for at in range(3)])
    assert store.add(1, [given(0, name="same"), given(1, name="other")]) == 2
    assert store.add(1, [given(0, name="same"), given(2, name="third")]) == 1
    assert store.add(2, [given(0, name="same")]) == 1
    assert sorted(vote.rater for vote in store.votes()) == ["anna", "anna", "anna", "bo"]


def test_undo_opens_the_place_again_and_skip_closes_it_without_a_vote(begun: Begun) -> None:
    store = begun([pair(at) for at in range(3)])
    store.add(1, [given(0), given(1, mark="skip")])
    assert (store.next_open(1), store.progress(1).done, store.progress(1).skipped) == (2, 2, 1)
    store.add(1, [given(0, mark="undo")])
    assert (store.next_open(1), store.progress(1).done) == (0, 1)
    assert store.next_open(1, 1) == 2
    assert list(store.votes()) == []
    assert store.shown(1, 0, 1)[0].mark is None


@pytest.mark.parametrize("change", ["UPDATE votes SET value = '{}'", "DELETE FROM votes"])
def test_nobody_changes_a_vote(change: str, begun: Begun) -> None:
    store = begun([pair(0)])
    store.add(1, [given(0)])
    with sqlite3.connect(store.path) as base, pytest.raises(sqlite3.IntegrityError, match="only added"):
        base.execute(change)


def test_a_parcel_is_kept_whole_or_not_at_all(begun: Begun) -> None:
    store = begun([pair(0)])
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        store.add(1, [given(0), given(77)])
    assert list(store.votes()) == []


def test_every_criterion_is_a_vote_of_its_own(begun: Begun) -> None:
    item = Item(id="x", prompt="q", answers=(Answer(system="one", text="t", also=("two",)),), accepted=(1, 2))
    store = begun([item], kind="scale", criteria=("fluent", "true"))
    store.add(2, [Given(id="a-vote", place=0, mark="vote", value={"fluent": 5, "true": 2}, seconds=4)])
    votes = list(store.votes())
    assert [(vote.criterion, vote.value) for vote in votes] == [("fluent", 5), ("true", 2)]
    assert all((vote.rater, vote.also, vote.is_gold, vote.system_b) == ("bo", ("two",), True, "") for vote in votes)


def test_a_correction_is_told_with_its_vote(begun: Begun) -> None:
    item = Item(id="x", prompt="q", answers=(Answer(system="one", text="good"),), labels=("good", "bad"))
    store = begun([item], kind="right")
    store.add(1, [Given(id="a-vote", place=0, mark="vote", value={"": False, "correction": "bad"}, seconds=4)])
    (vote,) = store.votes()
    assert (vote.value, vote.correction) == (False, "bad")


def test_who_comes_again_keeps_the_same_order(begun: Begun) -> None:
    store = begun([pair(at) for at in range(30)])
    before = [(one.item.id, one.is_flipped) for one in store.shown(1, 0, 99)]
    assert store.join("anna") == 1
    assert [(one.item.id, one.is_flipped) for one in store.shown(1, 0, 99)] == before
    assert [(one.item.id, one.is_flipped) for one in store.shown(2, 0, 99)] != before


def test_many_threads_lose_nothing(begun: Begun) -> None:
    store = begun([pair(at) for at in range(40)])

    def rate(rater: int) -> None:
        for at in range(40):
            store.add(rater, [given(at)])

    threads = [threading.Thread(target=rate, args=(rater,)) for rater in (1, 2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [store.progress(rater).done for rater in (1, 2)] == [40, 40]


KILLED = """
import os, sys
from pathlib import Path
from tunesmith.rooms.rate import Given, Store
store = Store(Path(sys.argv[1]))
for at in range(1000):
    store.add(1, [Given(id=f"vote-{at:04}", place=at % 5, mark="vote", value={"": "tie"}, seconds=1.0)])
    print(at, flush=True)
"""


def test_what_was_said_to_be_kept_is_there_after_a_kill(begun: Begun) -> None:
    store = begun([pair(at) for at in range(5)])
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(store.path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for _ in range(20):
        told = int(child.stdout.readline())
    child.kill()
    told = max([told, *(int(line) for line in child.stdout)])
    child.stdout.close()
    child.wait()
    with sqlite3.connect(store.path) as base:
        kept = {row[0] for row in base.execute("SELECT id FROM votes")}
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert {f"1/vote-{at:04}" for at in range(told + 1)} <= kept


def test_a_strange_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as base:
        base.execute("CREATE TABLE votes (id TEXT)")
    text = tmp_path / "text.sqlite"
    text.write_text("no data base at all, whatever it is called", encoding="utf-8")
    for path, got in ((other, "another kind"), (text, "not a database"), (tmp_path / "none", "nothing")):
        with pytest.raises(RunError, match=got):
            Store(path)


def test_terms_of_another_version_are_refused(begun: Begun) -> None:
    store = begun([pair(0)])
    with sqlite3.connect(store.path) as base:
        base.execute("UPDATE about SET value = json_set(value, '$.mood', 1) WHERE name = 'terms'")
    base.close()
    with pytest.raises(RunError, match="mood"):
        Store(store.path)


def test_a_store_that_was_not_finished_is_none(tmp_path: Path, begun: Begun) -> None:
    (tmp_path / "ratings.sqlite.partial").write_bytes(b"half")
    assert begun([pair(0)]).terms.kind == "ab"
