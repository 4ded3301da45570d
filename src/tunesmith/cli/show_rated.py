"""What people said, as its owner reads it on a terminal."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.table import Table

from tunesmith import sizes
from tunesmith.artifacts import Judged, Rater, Ratings
from tunesmith.cli.console import console
from tunesmith.rooms.rate import told
from tunesmith.words import counted, say

if TYPE_CHECKING:
    from tunesmith.rooms.rate.export import Exported

MOST_SENTENCES = 20
"""Of more pairs and criteria the rest is on the page."""


def contract(said: Ratings | None, taken: "Exported | None") -> dict[str, Any]:
    """What ``rate --result --json`` and ``rate --export --json`` promise to programs."""
    shown: dict[str, Any] = {} if said is None else said.model_dump(mode="json")
    if taken is not None:
        left_out = dict(taken.left_out)
        shown["exported"] = {"path": str(taken.path), "form": taken.form, "rows": taken.rows, "left_out": left_out}
    return shown


def ratings(said: Ratings, page: Path) -> None:
    """Who is preferred, with and without doubted raters, how far they agree, and what the votes cannot say."""
    whole = said.whole
    votes, people = counted(whole.votes, "vote", "votes", "票"), counted(len(whole.raters), "rater", "raters", "人")
    items = counted(whole.items, "item", "items", "题")
    console().print(say(f"\n{votes} of {people} on {items}, 95% intervals", f"\n{people}，{items}，{votes}；95% 区间"))
    _sentences(whole)
    if told.doubts(said):
        _line(f"[yellow]![/] {escape(told.doubts(said))}")
    if said.without is not None:
        _sentences(said.without, indent="    ")
    console().print()
    for sentence in (*map(told.agreement, whole.agreement), *map(told.bias, whole.biases)):
        _line(escape(sentence))
    _raters(said.raters)
    for limit in said.limits:
        _line(f"[dim]{escape(limit)}[/]")
    _line(escape(say(f"page: {page}", f"网页：{page}")))


def exported(taken: "Exported") -> None:
    """Where the file lies, and what is not in it."""
    rows = counted(taken.rows, "row", "rows", "行")
    _line(escape(say(f"{rows} in {taken.path}", f"{rows}，写入 {taken.path}")))
    for reason, count in taken.left_out.items():
        items = counted(count, "item", "items", "题")
        _line(f"[dim]{escape(say(f'left out: {items}: {reason}', f'未包含：{items}：{reason}'))}[/]")
    if taken.form in ("preference", "labels"):
        _line(escape(_next(taken)))


def _next(taken: "Exported") -> str:
    """How to train on what was decided; preferences go on with the model that was judged, where it is known."""
    task = "preference" if taken.form == "preference" else "text-classification"
    least = sizes.bands(task).least
    if taken.rows < least:
        return say(
            f"fewer than {least} rows cannot be trained on: let people judge more, then export again",
            f"少于 {least} 行无法训练：请再评判一些题目后导出",
        )
    command = f"tunesmith train {shlex.quote(str(taken.path))}"
    # A run's ratings lie in its folder: RUN/ratings/NAME/FILE.
    models = [one / "model" for one in taken.path.absolute().parents[2:3] if (one / "model").is_dir()]
    if taken.form == "preference":
        model = shlex.quote(str(models[0])) if models else say("RUN/model", "运行文件夹/model")
        command += f" --model {model}"
    return say(f"next: {command}", f"下一步：{command}")


def _sentences(judged: Judged, indent: str = "") -> None:
    found = told.sentences(judged)
    for sentence in found[:MOST_SENTENCES]:
        style = ("[bold]", "[/]") if not indent else ("", "")
        _line(f"{indent}{style[0]}{escape(sentence)}{style[1]}")
    rest = len(found) - MOST_SENTENCES
    if rest > 0:
        _line(say(f"and {rest} more on the page", f"另有 {rest} 条见网页"))
    if not found:
        _line(say("No judgement counts yet.", "尚无可计入的评判。"))


def _raters(found: Sequence[Rater]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say("rater", "评分者"))
    for name in (
        say("votes", "票"), say("s/item", "秒/题"), say("known", "已知答案"), say("repeats", "重复题"),
        say("as most", "同多数"),
    ):  # fmt: skip
        table.add_column(name, justify="right", no_wrap=True)
    for one in found:
        counts = ((one.gold, one.gold_votes), (one.again, one.again_votes))
        known, again = (f"{round(share.value * all_)}/{all_}" if share else "–" for share, all_ in counts)
        most = told.percent(one.others.value) if one.others else "–"
        style = "yellow" if one.doubts else ""
        table.add_row(escape(one.name), f"{one.votes:,}", f"{one.seconds:.1f}", known, again, most, style=style)
    console().print(table)
    for one in found:
        for why in _whys(one):
            _line(escape(say(f"{one.name}: {why}", f"{one.name}：{why}")))


def _whys(one: Rater) -> Iterator[str]:
    yield from one.doubts
    yield from one.remarks


def _line(text: str) -> None:
    console().print(text, soft_wrap=True)
