"""``tunesmith explain``: which words decided an answer, whether that is true of the model, and a page to look at."""

import json
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from tunesmith import using
from tunesmith.artifacts import Explanations
from tunesmith.cli import show_explained
from tunesmith.cli.options import ColumnsFlag, JsonFlag, RunFolder, settings_from
from tunesmith.cli.ticker import Ticker
from tunesmith.errors import UserError
from tunesmith.using.explaining import LIMIT
from tunesmith.words import say

EPILOG = say(
    'Example: tunesmith explain runs/NAME "What is the capital of France ?" -o page.html',
    "示例：tunesmith explain runs/名称 “这家外卖很好吃” -o page.html",
)


TextArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="TEXT",
        help=say("the text, or the path of a picture or a sound", "文本，或图像、声音的路径"),
        show_default=False,
    ),
]
Text2Flag = Annotated[str, typer.Option("--text2", help=say("the second text of a pair", "文本对中的第二个文本"))]
FileFlag = Annotated[
    Path | None,
    typer.Option(
        "--file",
        help=say("a file of texts, or a folder, instead, on one page", "改用文件中的文本或整个文件夹，合为一页"),
    ),
]
LimitFlag = Annotated[int, typer.Option("--limit", min=1, help=say("texts or files of it", "取其中的前几条"))]
WordFlag = Annotated[
    int | None,
    typer.Option("--word", min=1, help=say("of a tagger: the word to explain, from 1", "序列标注：要解释第几个词")),
]
LabelFlag = Annotated[
    str | None,
    typer.Option(
        "--label",
        help=say("explain this label, also where another is answered", "解释这个标签，即使回答的是另一个"),
        show_default=False,
    ),
]
CheckFlag = Annotated[
    int,
    typer.Option(
        "--check",
        min=0,
        help=say("check the methods on so many held-out rows, as in 50", "用多少条留出数据检验解释方法，例如 50"),
    ),
]
OutputFlag = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        help=say("the page; RUN/explain.html when not given", "网页；默认为运行文件夹中的 explain.html"),
    ),
]
AttentionFlag = Annotated[
    Path | None,
    typer.Option(
        "--attention", help=say("also write every attention's weights, as .npz", "另存全部注意力权重（.npz）")
    ),
]
OpenFlag = Annotated[
    bool, typer.Option("--open/--no-open", help=say("open the page in a browser", "在浏览器中打开网页"))
]


def explain(
    run: RunFolder,
    text: TextArgument = None,
    text2: Text2Flag = "",
    file: FileFlag = None,
    limit: LimitFlag = LIMIT,
    word: WordFlag = None,
    label: LabelFlag = None,
    check: CheckFlag = 0,
    output: OutputFlag = None,
    attention: AttentionFlag = None,
    is_opened: OpenFlag = False,
    columns: ColumnsFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """Explain, show the sentences, write the page."""
    source = _one_of(text, file)
    wish = using.Wish(
        word=word,
        label=label,
        check=check,
        limit=limit,
        page=output,
        attention=attention,
        read=settings_from(columns=columns).read,
    )
    with Ticker(is_shown=not as_json) as ticker:
        found = using.explain(run, source, text2=text2, wish=wish, told=ticker.tell)
    if as_json:
        typer.echo(json.dumps(contract(found), ensure_ascii=False))
    else:
        show_explained.explanations(found)
    if is_opened:
        webbrowser.open(Path(found.page).resolve().as_uri())


def contract(found: Explanations) -> dict[str, object]:
    """What ``explain --json`` promises to programs: the fields of ``artifacts.Explanations``."""
    return found.model_dump(mode="json")


def _one_of(text: str | None, file: Path | None) -> str | Path:
    """What is to be explained.

    Raises:
        UserError: a text and a file, or neither.
    """
    if text is not None and file is None:
        return text
    if file is not None and text is None:
        return file
    raise UserError(
        expected=say("a text or --file", "一个文本或 --file"),
        got=say("both", "两者都有") if text is not None else say("neither", "两者都没有"),
        do=say('tunesmith explain RUN "some text"', "请输入：tunesmith explain 运行文件夹 “文本”"),
    )
