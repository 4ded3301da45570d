"""``tunesmith rate``: people judge answers in the browser, blind, until Ctrl-C; the same command goes on."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tunesmith import using
from tunesmith.cli import show_rated, show_rating
from tunesmith.cli.options import JsonFlag
from tunesmith.cli.signals import heeded
from tunesmith.rooms.rate import Kind
from tunesmith.using import rated
from tunesmith.using.rating import folder_of
from tunesmith.using.rating_wishes import Wishes
from tunesmith.words import say

EPILOG = "\n\n".join(
    [
        say(
            "ab: which of two is better. scale: grades from 1 to 5. right: right or wrong. tags: marks are put right.",
            "ab：两个中哪个更好。scale：1 到 5 分。right：对或错。tags：改正标记。",
        ),
        say(
            'Files: a line each, {"prompt": "…", "a": "…", "b": "…"}, or {"prompt": "…", "answer": "…"} in a file for'
            ' every system; "known": "a" where the judgement is known beforehand; "image" or "audio" names a file'
            " that is shown with it.",
            '文件：每行一个 {"prompt": "…", "a": "…", "b": "…"}，或每个系统一个文件，每行'
            ' {"prompt": "…", "answer": "…"}；"known": "a" 表示判断事先已知；"image" 或 "audio" 为一同显示的文件。',
        ),
    ]
)

SourcesArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="RUN... | FILE...",
        help=say("finished runs, or files of answers", "已完成的运行，或回答文件"),
        show_default=False,
    ),
]
AgainstFlag = Annotated[
    str, typer.Option("--against", help=say("base: the model that the run began as", "base：训练前的模型"))
]
KindFlag = Annotated[
    str | None, typer.Option("--kind", help=say("ab, scale, right or tags", "ab、scale、right 或 tags"))
]
CriteriaFlag = Annotated[
    str, typer.Option("--criteria", help=say("asked one by one, as in fluent,true", "逐项提问，例如 通顺，真实"))
]
RatersFlag = Annotated[
    str, typer.Option("--raters", help=say("a personal link for each, as in anna,bo", "每人一个链接，例如 小安，小波"))
]
ItemsFlag = Annotated[
    int | None, typer.Option("--items", help=say("items for each rater; 100 if not given", "每人的题数；默认 100"))
]
GuideFlag = Annotated[
    Path | None,
    typer.Option("--guide", help=say("a text file that raters read first", "评分者先阅读的文本文件")),
]
OutFlag = Annotated[Path | None, typer.Option("--out", help=say("the folder of the ratings", "保存评分的文件夹"))]
HostFlag = Annotated[
    str,
    typer.Option(
        "--host",
        help=say(
            "0.0.0.0 lets other machines in; use it in a network you trust",
            "0.0.0.0 允许其他机器访问；仅在可信网络中使用",
        ),
    ),
]
PortFlag = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65535, help=say("8717, or the next free one", "8717 或下一个空闲端口")),
]

ResultFlag = Annotated[
    bool,
    typer.Option(
        "--result", help=say("say what people said so far, and serve nothing", "给出目前的评判结果，不启动服务")
    ),
]
ExportFlag = Annotated[
    str | None,
    typer.Option(
        "--export",
        help=say("write the votes: csv, jsonl, preference or labels", "导出投票：csv、jsonl、preference 或 labels"),
    ),
]
OutputFlag = Annotated[
    Path | None,
    typer.Option("-o", "--output", help=say("the exported file; else beside the rating", "导出文件；默认在评分旁")),
]
OverwriteFlag = Annotated[
    bool, typer.Option("--overwrite", help=say("the exported file may be replaced", "可以覆盖导出文件"))
]


def rate(
    sources: SourcesArgument,
    against: AgainstFlag = "",
    kind: KindFlag = None,
    criteria: CriteriaFlag = "",
    raters: RatersFlag = "",
    items: ItemsFlag = None,
    guide: GuideFlag = None,
    out: OutFlag = None,
    host: HostFlag = "127.0.0.1",
    port: PortFlag = None,
    result: ResultFlag = False,
    export: ExportFlag = None,
    output: OutputFlag = None,
    overwrite: OverwriteFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Begin a rating or go on with it, show the links, serve until it is stopped, show what is there."""
    wishes = Wishes(
        kind=_kind(kind),
        criteria=_listed(criteria),
        raters=_listed(raters),
        items=items,
        against=against,
        guide=guide,
        folder=out,
    )
    if result or export:
        _read(rated.found(sources, folder_of(sources, wishes)), result, export, output, overwrite, as_json)
        return
    rating = using.rate(sources, wishes, tell=show_rating.told)
    try:
        served = rating.serve(host=host, port=port)
        if as_json:
            typer.echo(json.dumps(show_rating.links(served), ensure_ascii=False))
        else:
            show_rating.introduction(rating, served)
        with heeded(served, is_silent=True):
            served.run()
        if as_json:
            typer.echo(json.dumps(show_rating.contract(rating), ensure_ascii=False))
        else:
            show_rating.ending(rating)
    finally:
        rating.close()


def _read(path: Path, result: bool, export: str | None, output: Path | None, overwrite: bool, as_json: bool) -> None:
    """What was said so far, and a file of it."""
    taken = rated.take_away(path, export, target=output, overwrite=overwrite) if export else None
    said = rated.ratings(path) if result else None
    if as_json:
        typer.echo(json.dumps(show_rated.contract(said, taken), ensure_ascii=False))
        return
    if said is not None:
        show_rated.ratings(said, path.parent / rated.PAGE)
    if taken is not None:
        show_rated.exported(taken)


def _listed(names: str) -> tuple[str, ...]:
    """Names between commas, Chinese ones too."""
    return tuple(name.strip() for name in names.replace("，", ",").replace("、", ",").split(",") if name.strip())


def _kind(kind: str | None) -> Kind | None:
    return kind  # type: ignore[return-value] # looked at with all other wishes, so that all is said at once
