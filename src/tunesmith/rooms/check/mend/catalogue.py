"""Every kind of mending by its name, in the order in which they are done.

A wrong decoding is undone before its remains are looked at, texts before labels, and rows go last: what was mended
alike is a duplicate.
"""

import difflib
from collections.abc import Iterable

from tunesmith.errors import UserError
from tunesmith.registry import Registry
from tunesmith.rooms.check import content, decoding
from tunesmith.rooms.check.mend import labels, mojibake, tags, texts, whole
from tunesmith.rooms.check.mend.menders import LabelMender, Mender, RowDropper, TagMender, TextMender
from tunesmith.words import say

ALL = "all"


def _nearly() -> str:
    return say("a few other words may mean something else", "几个词不同，意思可能就不同")


MENDERS: Registry[Mender] = Registry(
    "kind of mending",
    {
        "mojibake": TextMender(may=decoding.CANDIDATES, mend=mojibake.mended),
        "html": TextMender(may=content.HTML, mend=texts.without_html),
        "control": TextMender(may=content.CONTROL, mend=texts.without_controls),
        "invisible": TextMender(may=content.INVISIBLE, mend=texts.without_invisible),
        "width": TextMender(
            may=content.WIDE,
            mend=texts.half_width,
            needs_a_human=lambda: say("width may be meant", "全角可能是有意的"),
        ),
        "personal": TextMender(
            may=r"[@\d]",
            mend=texts.without_personal,
            needs_a_human=lambda: say("what is hidden cannot be learned", "隐去的内容无法学习"),
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
        "near-duplicates": RowDropper(find=whole.near_duplicates, needs_a_human=_nearly),
        "near-leakage": RowDropper(find=whole.near_leakage, needs_a_human=_nearly),
    },
)


# What a finding is mended by.
FOR_FINDING = {
    "mojibake": "mojibake",
    "html-remnants": "html",
    "control-characters": "control",
    "invisible-characters": "invisible",
    "mixed-widths": "width",
    "illegal-tags": "tags",
    "label-variants": "labels",
    "empty-answers": "empty",
    "conflicting-labels": "conflicts",
    "duplicates": "duplicates",
    "leakage": "leakage",
    "near-duplicates": "near-duplicates",
    "near-leakage": "near-leakage",
    "identity-numbers": "personal",
    "bank-numbers": "personal",
    "phone-numbers": "personal",
    "mail-addresses": "personal",
    "network-addresses": "personal",
}


def cures(codes: Iterable[str], task: str) -> list[str]:
    """The kinds that mend some of these findings and need no human, in the order in which they are done."""
    useful = {FOR_FINDING[code] for code in codes if code in FOR_FINDING}
    return [name for name in safe(task) if name in useful]


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
    unknown = [name for name in names if name not in MENDERS and name != ALL]
    if unknown or not names:
        near = difflib.get_close_matches(unknown[0], [*MENDERS, ALL], n=1) if unknown else []
        raise UserError(
            expected=say(
                f"kinds of mending: {', '.join(MENDERS)}, or {ALL}", f"修正的种类：{', '.join(MENDERS)} 或 {ALL}"
            ),
            got=", ".join(f"'{name}'" for name in unknown) or say("none", "没有给出"),
            where="--fix",
            do=say(f"use '{near[0]}'", f"改用 '{near[0]}'") if near else say("use some of these", "请从中选用"),
        )
    given = {inner for name in names for inner in (safe(task) if name == ALL else [name])}
    found = {name: MENDERS.get(name) for name in given}
    return {name: found[name] for name in MENDERS if name in found}
