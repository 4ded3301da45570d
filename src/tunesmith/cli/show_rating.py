"""A rating on the terminal: its links at the start, how far everybody is at the end."""

import shlex
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size
from rich.table import Table

from tunesmith.cli.console import console, error_console
from tunesmith.cli.show import duration
from tunesmith.rooms.rate import told as telling
from tunesmith.rooms.rate.result import result
from tunesmith.rooms.rate.store import Store
from tunesmith.rooms.rate.votes import Progress
from tunesmith.words import counted, listed, say

if TYPE_CHECKING:
    from tunesmith.rooms.rate.serving import Served
    from tunesmith.using.rating import Rating


def links(served: "Served") -> dict[str, Any]:
    """What the first line of ``rate --json`` promises to programs."""
    return {"owner": served.owner, "raters": served.raters, "host": served.host, "port": served.port}


def contract(rating: "Rating") -> dict[str, Any]:
    """What the last line of ``rate --json`` promises to programs."""
    terms = rating.store.terms
    return {
        "ratings": str(rating.store.path),
        "kind": terms.kind,
        "systems": terms.systems,
        "criteria": terms.criteria,
        "raters": {one.rater: {"items": one.places, "done": one.done} for one in _progress(rating)},
    }


def told(note: str) -> None:
    """What takes long, told before it does."""
    error_console().print(note, markup=False, soft_wrap=True)


def introduction(rating: "Rating", served: "Served") -> None:
    """What is judged, and everybody's link."""
    terms = rating.store.terms
    begun = say("A new rating", "新的评分") if rating.is_new else say("Going on with the rating", "继续评分")
    asked = {
        "ab": say("which of two answers is better", "两个回答中哪个更好"),
        "scale": say("how good an answer is, 1 to 5", "回答有多好，1 到 5 分"),
        "right": say("whether an answer is right", "回答是对还是错"),
        "tags": say("tags are put right", "改正标记"),
    }[terms.kind]
    systems = listed(list(terms.systems))
    _line(say(f"{begun}: {systems}; {asked}", f"{begun}：{systems}；{asked}"))
    for note in (*rating.notes, *terms.notes):
        _line(note)
    _line("")
    width = max(cell_len(name) for name in (*served.raters, _owner()))
    for name, link in {**served.raters, _owner(): served.owner}.items():
        _line(f"  {set_cell_size(name, width)}  {link}")
    _line("")
    if len(served.raters) == 1:
        _line(say("For a link each to several people: --raters anna,bo", "为多人各建一个链接：--raters 小安，小波"))
    if served.is_public:
        error_console().print(
            say(
                "Other machines can reach this: whoever has a link answers under its name, and on the way the text can"
                " be read by anyone in the network (there is no encryption). Stop it when you are done.",
                "其他机器可以访问：持有链接者即以该姓名作答，且传输未加密，网络中的他人可能看到文本。完成后请停止。",
            ),
            style="bold",
            soft_wrap=True,
        )
    _line(
        say(
            "Ctrl-C stops; nothing is lost, and the same command goes on.",
            "按 Ctrl-C 停止；不会丢失，再次运行同一命令即可继续。",
        )
    )


def ending(rating: "Rating") -> None:
    """How far everybody is, and where the votes lie."""
    table = Table(box=None, padding=(0, 3, 0, 0), pad_edge=False)
    for title in (
        say("rater", "评分者"),
        say("answered", "已回答"),
        say("left out", "跳过"),
        say("median time", "中位用时"),
    ):
        table.add_column(title, style=None, header_style="dim", no_wrap=True)
    for one in _progress(rating):
        time = duration(one.seconds) if one.done else "–"
        table.add_row(one.rater, f"{one.done:,} / {one.places:,}", f"{one.skipped:,}", time)
    console().print()
    console().print(table)
    done = sum(one.done for one in _progress(rating))
    kept = counted(done, "answer", "answers", "个回答")
    _line("")
    for sentence in _found(rating.store):
        _line(sentence)
    _line(say(f"{kept} in {rating.store.path}", f"{kept}，保存于 {rating.store.path}"))
    if done:
        command = f"tunesmith rate {shlex.quote(str(rating.folder))} --result"
        _line(say(f"next: {command}", f"下一步：{command}"))


def _found(store: Store) -> list[str]:
    """What the votes say so far; nothing where there are none."""
    if not store.has_votes():
        return []
    return list(telling.sentences(result(store.votes(), store.items(), store.terms).whole))


def _progress(rating: "Rating") -> list[Progress]:
    return [rating.store.progress(number) for number in rating.store.raters()]


def _owner() -> str:
    return say("you (owner)", "您（所有者）")


def _line(text: str) -> None:
    console().print(text, markup=False, soft_wrap=True)
