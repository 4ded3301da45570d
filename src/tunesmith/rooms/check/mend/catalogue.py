"""Every kind of mending by its name, in the order in which they are done.

A wrong decoding is undone before its remains are looked at, texts before labels, and rows go last: what was mended
alike is a duplicate.
"""

from tunesmith.registry import Registry
from tunesmith.rooms.check import content
from tunesmith.rooms.check.mend import labels, mojibake, tags, texts, whole
from tunesmith.rooms.check.mend.menders import LabelMender, Mender, RowDropper, TagMender, TextMender
from tunesmith.words import say

ALL = "all"

MENDERS: Registry[Mender] = Registry(
    "kind of mending",
    {
        "mojibake": TextMender(may=r"[^\x{0}-\x{7F}]{2}", mend=mojibake.mended),
        "html": TextMender(may=content.HTML, mend=texts.without_html),
        "control": TextMender(may=texts.CONTROL, mend=texts.without_controls),
        "invisible": TextMender(may=content.INVISIBLE, mend=texts.without_invisible),
        "width": TextMender(
            may=r"[\x{FF10}-\x{FF19}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}]",
            mend=texts.half_width,
            needs_a_human=lambda: say("width may be meant", "全角可能是有意的"),
        ),
        "tags": TagMender(mend=tags.legal),
        "labels": LabelMender(mend=labels.spelled_alike),
        "empty": RowDropper(find=whole.empty),
        "conflicts": RowDropper(
            find=whole.conflicts,
            needs_a_human=lambda: say("which label is right only a person can tell", "哪个标签正确只有人能判断"),
        ),
        "duplicates": RowDropper(find=whole.duplicates),
        "leakage": RowDropper(find=whole.leakage),
    },
)


def safe(task: str) -> list[str]:
    """The kinds that ``all`` stands for in data of a task."""
    return [name for name in MENDERS if name not in for_humans(task)]


def for_humans(task: str) -> dict[str, str]:
    """The kinds that ``all`` leaves out, each with the reason."""
    reasons = {name: MENDERS.get(name).needs_a_human for name in MENDERS}
    found = {name: reason() for name, reason in reasons.items() if reason is not None}
    if task == "chat":
        found["html"] = say("answers may hold code", "回答中可能有代码")
    if task == "language-modeling":
        found["duplicates"] = say("in running text a line may recur", "连续文本中的行可能本就重复")
    return found


def wanted(names: list[str], task: str) -> dict[str, Mender]:
    """The menders of these names, in the order in which they are done.

    Raises:
        UserError: there is none of such a name; all are listed.
    """
    given = {inner for name in names for inner in (safe(task) if name == ALL else [name])}
    found = {name: MENDERS.get(name) for name in given}
    return {name: found[name] for name in MENDERS if name in found}
