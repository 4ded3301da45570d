"""Which steps are taken: those asked for, else those that the data shows a need for."""

from pathlib import Path

from tunesmith.artifacts import Cleaning, Health
from tunesmith.errors import Problem, SettingsError
from tunesmith.rooms.prepare.cleaning.libraries import WORDS, installed
from tunesmith.rooms.prepare.cleaning.steps import STEPS
from tunesmith.rooms.prepare.cleaning.stopwords import BUILT_IN
from tunesmith.settings import PrepareSettings
from tunesmith.words import listed, say

HARMLESS = ("control", "invisible", "unicode", "spaces")
"""No reader can see that these were taken. What changes letters, signs or words is for the user to ask for."""

NEEDED = {"html-remnants": "html"}
"""Finding of the check → the step that mends it."""

OPPOSITE = {"traditional-to-simplified", "simplified-to-traditional"}


def must_be_known(settings: PrepareSettings) -> None:
    """Refuse what cannot be done before any file is read.

    Raises:
        UserError: an unknown step; two that undo each other; a list of stop-words that cannot be read.
    """
    for name in settings.clean or ():
        if STEPS.get(name).library:
            installed(STEPS.get(name).library)
    if OPPOSITE.issubset(settings.clean or ()):
        raise _refused("prepare.clean", say("one direction", "只选一个方向"), listed(sorted(OPPOSITE)))
    _stopwords(settings.stopwords)


def chosen(
    settings: PrepareSettings, health: Health, *, reads_words: bool, writes: bool = False, is_talk: bool = False
) -> Cleaning:
    """The steps, in their fixed order, with the versions of the libraries that they rest on.

    Args:
        reads_words: the task is given words; they cannot be cut apart or dropped, since each has its tag.
        writes: the model learns to write: line ends and indents are a part of what it learns, so white space stays.
        is_talk: answers may hold code, in which tags are no remnants.

    Raises:
        UserError: as ``must_be_known``; words cut or dropped where the task is given them.
    """
    must_be_known(settings)
    given = settings.clean
    if given is None:
        found = {finding.code for finding in health.findings}
        harmless = [step for step in HARMLESS if not (writes and step == "spaces")]
        needed = () if is_talk else [step for code, step in NEEDED.items() if code in found]
        given = (*harmless, *needed)
    steps = tuple(name for name in STEPS if name in given)
    stopwords = _stopwords(settings.stopwords)
    if reads_words and (settings.segment or stopwords):
        path = "prepare.segment" if settings.segment else "prepare.stopwords"
        raise _refused(
            path, say("a task that reads running text", "读取整段文本的任务"), say("one word by word", "逐词标注的任务")
        )
    libraries = {STEPS.get(name).library for name in steps} - {""}
    if settings.segment or stopwords:
        libraries.add(WORDS)
    return Cleaning(
        steps=steps,
        segment=settings.segment,
        stopwords=stopwords,
        libraries={name: installed(name) for name in sorted(libraries)},
    )


def _stopwords(names: tuple[str, ...]) -> tuple[str, ...]:
    """Words of built-in lists and files, in small letters, each once and sorted."""
    found: set[str] = set()
    for name in names:
        found.update(BUILT_IN[name] if name in BUILT_IN else _listed_in(Path(name)))
    return tuple(sorted(found))


def _listed_in(path: Path) -> set[str]:
    """One word a line; empty lines and those that begin with # do not count."""
    try:
        lines = [line.strip().lower() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, ValueError) as error:
        built_in = listed([*BUILT_IN])
        raise _refused(
            "prepare.stopwords",
            say(f"{built_in}, or a UTF-8 file with a word a line", f"{built_in}，或每行一词的 UTF-8 文件"),
            f"'{path}': {error.__class__.__name__}",
        ) from error
    return {line for line in lines if line and not line.startswith("#")}


def _refused(path: str, expected: str, got: str) -> SettingsError:
    return SettingsError(
        [Problem(path=path, expected=expected, got=got)], do=say("change it or leave it out", "请修改或去掉该设置")
    )
