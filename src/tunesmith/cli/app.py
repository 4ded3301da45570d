"""The command line's frame: verbs, exit codes, Ctrl-C, and how errors are shown."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import typer
from typer.exceptions import TyperException

from tunesmith import __version__
from tunesmith.cli.console import error_console, utf8_streams
from tunesmith.disk import is_full, refusal
from tunesmith.errors import EXIT_BUG, EXIT_DONE, EXIT_INTERRUPTED, EXIT_USER, UserError
from tunesmith.memory import is_out_of_memory
from tunesmith.words import say

VERBS = {
    "check": ("Say what the files are and whether they are good enough.", "识别文件，并判断数据是否足够好。"),
    "plan": ("Decide everything, with reasons; foretell time and memory.", "决定全部设置并说明理由；预计时间与内存。"),
    "train": ("Train, test and save a model in a run folder.", "训练、测试并保存模型，写入运行文件夹。"),
    "tune": (
        "Search for better settings around the plan; judge the best once.",
        "在计划附近搜索更好的设置，最好的只评判一次。",
    ),
    "resume": ("Continue an interrupted run from its last checkpoint.", "从最近的检查点继续被中断的运行。"),
    "test": (
        "Score a finished run, with intervals and the worst errors.",
        "为已完成的运行评分，给出区间和最严重的错误。",
    ),
    "compare": (
        "Say which of several runs is better, by how much, and whether it may be chance.",
        "比较多个运行：哪个更好、好多少、是否可能只是偶然。",
    ),
    "rate": ("Let people judge answers in the browser, blind.", "让人在浏览器中盲评回答。"),
    "verify": (
        "Look at a run's claims again: hashes, and the scores of the saved model.",
        "重新核对运行的声明：哈希，以及保存的模型的得分。",
    ),
    "predict": (
        "Answer for new texts: one JSON line each, in input order.",
        "为新文本给出答案：按输入顺序每条一行 JSON。",
    ),
    "chat": ("Talk with the model of a finished run.", "与已完成运行的模型对话。"),
    "explain": (
        "Say which words decided an answer, and show how the model looked at them.",
        "说明哪些词决定了答案，并展示模型如何看待它们。",
    ),
    "models": ("List the models that are here.", "列出本机可用的模型。"),
    "demo": ("Train the embedded model on example data.", "用示例数据训练内置模型。"),
}
"""In the order of the work, each with its line of help."""


def application(wanted: str) -> typer.Typer:
    """The Typer application. Only the verb that is wanted is imported; the others are there to be listed."""
    app = typer.Typer(
        name="tunesmith",
        help=say(
            "Hand over the file you already have; get back a fine-tuned Transformer that you can trust.",
            "交出你已有的文件，得到一个值得信赖的微调模型。",
        ),
        epilog=say("Start with: tunesmith check FILE", "先试试：tunesmith check 文件"),
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for verb, (en, zh) in VERBS.items():
        function, epilog = _opened(verb) if verb == wanted else (_unopened, None)
        app.command(verb, help=say(en, zh), epilog=epilog)(function)
    return app


def _opened(verb: str) -> tuple[Callable[..., None], str | None]:
    module = import_module(f"tunesmith.cli.verbs.{verb}")
    return getattr(module, verb), getattr(module, "EPILOG", None)


def _unopened() -> None:
    """Stands for a verb in the list of verbs."""


def _version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"tunesmith {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(
        False, "--version", help=say("show the version and leave", "显示版本并退出"), is_eager=True, callback=_version
    ),
) -> None:
    """Flags before the verb; all they do is done by their callbacks."""


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    0 done, 2 the user's input or machine, 1 our bug, 128 and the signal's number where one
    stopped it: 130 Ctrl-C, 143 SIGTERM, 129 a closed terminal.
    """
    utf8_streams()
    arguments = list(arguments) or ["--help"]
    wanted = next((word for word in arguments if not word.startswith("-")), "")
    try:
        code = application(wanted)(arguments, standalone_mode=False)
    except UserError as error:
        _show(error, as_json="--json" in arguments)
        return EXIT_USER
    except (KeyboardInterrupt, typer.Abort):
        return EXIT_INTERRUPTED
    except TyperException as error:
        # Only here: it knows all settings, which most commands that show nothing but help need not load.
        from tunesmith.cli.hints import hint

        see = say(f"See: tunesmith {wanted} --help", f"参见：tunesmith {wanted} --help")
        typer.echo("\n".join(filter(None, (str(error), hint(error, arguments), see))), err=True)
        return EXIT_USER
    except BrokenPipeError:
        # Whoever read our output has left; the rest has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    except Exception as error:
        lacking = _lacking(error)
        if lacking is not None:
            _show(lacking, as_json="--json" in arguments)
            return EXIT_USER
        error_console().print(
            say(
                "This is a bug of tunesmith, not yours; please report the lines below.",
                "这是 tunesmith 的缺陷，请报告以下内容。",
            )
        )
        sys.excepthook(*sys.exc_info())
        return EXIT_BUG
    return code if isinstance(code, int) else EXIT_DONE


def _lacking(error: Exception) -> UserError | None:
    """What the machine has too little of, where that and no bug of ours is the cause."""
    again = say("try again", "再试一次")
    if is_full(error):
        return refusal(error, Path.cwd(), then=again)
    if is_out_of_memory(error):
        return UserError(
            expected=say("enough memory", "足够的内存"),
            got=str(error).strip().splitlines()[0] if str(error).strip() else say("none left", "内存已用尽"),
            do=say(
                "close other programs, or use a smaller model or train.micro_batch_size, and try again",
                "请关闭其他程序，或换用更小的模型或 train.micro_batch_size，再试一次",
            ),
        )
    return None


def _show(error: UserError, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"error": error.as_dict()}, ensure_ascii=False))
    error_console().print(str(error), markup=False, highlight=False, soft_wrap=True)
