"""What people said in a rating that was held: ``ratings``, and ``take_away`` for other programs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.artifacts import Ratings
from tunesmith.disk import writing
from tunesmith.errors import Problem, RunError, SettingsError, UserError
from tunesmith.rooms.rate import Store
from tunesmith.rooms.rate.store import NAME
from tunesmith.words import listed, say

if TYPE_CHECKING:
    from tunesmith.rooms.rate.export import Exported

PAGE, DATA = "result.html", "result.json"

ENDINGS = {"csv": "votes.csv", "jsonl": "votes.jsonl", "preference": "votes.preference.jsonl"}
"""Files that votes are exported to beside the rating, where no other is named; labels are named by their kind."""


def found(sources: Sequence[Path], usual: Path) -> Path:
    """The file of a rating.

    Args:
        sources: the file, its folder, a run with one rating in it, or whatever the rating was begun with.
        usual: the folder that a rating of ``sources`` lies in.

    Raises:
        RunError: there is none, or more than one.
    """
    first = sources[0]
    if len(sources) == 1 and first.suffix == ".sqlite":
        return first
    places = [first / NAME] if len(sources) == 1 else []
    places += [usual / NAME, *(sorted(first.glob(f"ratings/*/{NAME}")) if len(sources) == 1 else [])]
    there = list(dict.fromkeys(place for place in places if place.is_file()))
    # The folder that was named, or the usual one, says which of several is meant.
    if len(there) == 1 or (there and there[0] in places[:2]):
        return there[0]
    raise RunError(
        expected=say("one rating", "一个评分"),
        got=listed([str(place.parent) for place in there]) or say("none", "没有"),
        where=listed([str(path) for path in sources]),
        do=say("name the folder that tunesmith rate printed", "请给出 tunesmith rate 打印的文件夹"),
    )


def ratings(path: Path) -> Ratings:
    """What the votes in the file at ``path`` say; also written beside it, as a page and for programs.

    Raises:
        UserError: no such file, or no vote in it.
    """
    from tunesmith.rooms.rate import page
    from tunesmith.rooms.rate.result import result

    store = Store(path)
    try:
        said = result(store.votes(), store.items(), store.terms)
    finally:
        store.close()
    with writing(path.parent, then=say("try again", "再试一次")):
        said.write(path.parent / DATA)
        page.write(said, path.parent / PAGE)
    return said


def take_away(path: Path, form: str, *, target: Path | None = None, overwrite: bool = False) -> "Exported":
    """Export the votes in the file at ``path``.

    Args:
        form: csv or jsonl, every vote; preference or labels, what people decided.
        target: the file to be written; None: one beside the rating, which is replaced.
        overwrite: ``target`` may be replaced.

    Raises:
        UserError: no such form, nothing to be exported, or something lies at ``target``.
    """
    from tunesmith.rooms.rate.export import FORMS, export
    from tunesmith.rooms.rate.result import result

    known = {name: name for name in FORMS}
    if form not in known:
        expected = listed(list(FORMS))
        raise SettingsError(
            [Problem(path="--export", expected=expected, got=form)],
            do=say("name one of them", "请给出其中之一"),
        )
    store = Store(path)
    try:
        votes, items, terms = list(store.votes()), list(store.items()), store.terms
    finally:
        store.close()
    usual = path.parent / ENDINGS.get(form, "votes.labels.conll" if terms.kind == "tags" else "votes.labels.jsonl")
    _must_be_free(target, path, overwrite=overwrite)
    doubted = [one.name for one in result(votes, items, terms).raters if one.doubts] if votes else []
    with writing((target or usual).parent, then=say("try again", "再试一次")):
        return export(votes, items, terms, form=known[form], path=target or usual, doubted=doubted)


def _must_be_free(target: Path | None, rating: Path, *, overwrite: bool) -> None:
    if target is None:
        return
    is_rating = target.exists() and target.samefile(rating)
    if target.is_dir() or is_rating or (target.exists() and not overwrite):
        raise UserError(
            expected=say("a file that is not there yet", "尚不存在的文件"),
            got=say("a folder", "文件夹") if target.is_dir() else say("one that is", "已存在的文件"),
            where=str(target),
            do=say("name another file", "请另选文件")
            if is_rating or target.is_dir()
            else say("name another file, or pass --overwrite", "请另选文件，或加 --overwrite"),
        )
