"""``rate --result`` and ``--export``: found by whatever names the rating, written beside it, and never over a file."""

import json
import shutil
from pathlib import Path

import pytest

import tunesmith as ts
from made_votes import Opinion, Poll, guesses, pairs, prefers
from tunesmith.artifacts import Ratings
from tunesmith.cli.app import run
from tunesmith.errors import DataError, RunError, UserError
from tunesmith.rooms.rate.store import Store
from tunesmith.rooms.rate.votes import Given
from tunesmith.using import rated


def kept(folder: Path, poll: Poll, opinions: dict[str, Opinion]) -> Path:
    """A rating on the disk, with votes as pages send them."""
    import numpy as np

    folder.mkdir(parents=True)
    store = Store.begun(folder / "ratings.sqlite", poll.items, poll.terms)
    for name, opinion in opinions.items():
        rater, draw, given = store.join(name), np.random.default_rng(len(name)), []
        for shown in store.shown(rater, 0, 1000):
            first = "b" if shown.is_flipped else "a"
            value = opinion(draw, shown.item, first)
            chosen = {"": value if value == "tie" else "first" if value == first else "second"}
            given.append(Given(id=f"v{shown.place}", place=shown.place, mark="vote", value=chosen, seconds=6.0))
        store.add(rater, given)
    store.close()
    return folder / "ratings.sqlite"


@pytest.fixture
def rating(tmp_path: Path) -> Path:
    crowd = {"anna": prefers(0.85), "bo": prefers(0.85), "cy": prefers(0.85), "dan": guesses}
    return kept(tmp_path / "ratings" / "mine", pairs(40, gold=5), crowd)


def test_votes_come_back_from_the_store_as_they_were_meant(rating: Path) -> None:
    ratings = rated.ratings(rating)
    assert ratings.whole.preferred[0].finding == "worse"
    assert [one.name for one in ratings.raters if one.doubts] == ["dan"]
    assert ratings.raters[0].gold is not None
    assert ratings.raters[0].gold.value == 1
    assert ratings.again_votes > 0
    assert Ratings.load(rating.parent / "result.json") == ratings == ts.ratings(rating.parent)
    assert "People prefer new to old" in (rating.parent / "result.html").read_text(encoding="utf-8")


def test_a_rating_is_found_by_its_file_its_folder_its_run_and_its_sources(rating: Path, tmp_path: Path) -> None:
    usual, nowhere = rating.parent, tmp_path / "none"
    assert rated.found([rating], nowhere) == rating
    assert rated.found([usual], nowhere) == rating
    assert rated.found([tmp_path], nowhere) == rating
    assert rated.found([Path("a.jsonl"), Path("b.jsonl")], usual) == rating
    with pytest.raises(RunError, match="got none"):
        rated.found([nowhere], nowhere)
    kept(tmp_path / "ratings" / "other", pairs(2), {})
    with pytest.raises(RunError, match=r"mine.*other"):
        rated.found([tmp_path], nowhere)
    # What was asked for by the same words as it was begun with is not in doubt.
    assert rated.found([tmp_path], usual) == rating


def test_a_rating_without_votes_says_so(tmp_path: Path) -> None:
    path = kept(tmp_path / "r", pairs(3), {})
    with pytest.raises(DataError, match="one vote or more"):
        rated.ratings(path)
    with pytest.raises(DataError, match="votes that decide"):
        rated.take_away(path, "csv")


def test_no_file_is_written_over_unasked(rating: Path, tmp_path: Path) -> None:
    target = tmp_path / "p.jsonl"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match="--overwrite"):
        rated.take_away(rating, "preference", target=target)
    assert target.read_text(encoding="utf-8") == "mine"
    assert rated.take_away(rating, "preference", target=target, overwrite=True).rows > 20
    before = rating.read_bytes()
    with pytest.raises(UserError, match="not there yet"):
        rated.take_away(rating, "csv", target=rating, overwrite=True)
    assert rating.read_bytes() == before
    # Beside the rating the files are ours, and are made anew.
    assert rated.take_away(rating, "csv").path == rated.take_away(rating, "csv").path == rating.parent / "votes.csv"


def test_the_command_says_it_in_words_and_for_programs(rating: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rate", str(rating.parent), "--result"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for wanted in ("People prefer new to old", "Votes of dan look like chance", "dan: ", "alpha", "page: "):
        assert wanted in shown
    assert run(["rate", str(rating), "--result", "--export", "preference", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["whole"]["preferred"][0]["first"] == "old"
    assert Path(told["exported"]["path"]).name == "votes.preference.jsonl"
    assert told["exported"]["rows"] == len(Path(told["exported"]["path"]).read_text(encoding="utf-8").splitlines())


def test_what_comes_next_names_the_model_that_was_judged(
    rating: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def following(path: Path, *options: str) -> str:
        assert run(["rate", str(path), "--export", "preference", *options]) == 0
        return capsys.readouterr().out.splitlines()[-1]

    assert following(rating) == f"next: tunesmith train {rating.parent / 'votes.preference.jsonl'} --model RUN/model"
    own = tmp_path / "my run" / "ratings" / "base"
    (tmp_path / "my run" / "model").mkdir(parents=True)
    shutil.copytree(rating.parent, own)
    model = tmp_path / "my run" / "model"
    assert following(own / rating.name).endswith(f" --model '{model}'")
    few = kept(tmp_path / "few", pairs(6), {"anna": prefers(1.0), "bo": prefers(1.0)})
    assert following(few) == "fewer than 10 rows cannot be trained on: let people judge more, then export again"


def test_the_command_refuses_what_there_is_not(rating: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rate", str(rating), "--export", "xml"]) == 2
    assert "csv, jsonl, preference, labels" in capsys.readouterr().err
    assert run(["rate", str(rating), "--export", "labels"]) == 2
    assert "right or wrong, or tags" in capsys.readouterr().err
