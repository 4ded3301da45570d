"""Wishes that some rows cannot meet: answers that are sets or numbers, texts to be cut, pictures without words."""

from collections.abc import Mapping

from tunesmith.errors import Problem
from tunesmith.rooms.plan.facts import Facts
from tunesmith.settings import Settings
from tunesmith.tasks import TASKS
from tunesmith.words import say


def is_score(facts: Facts) -> bool:
    """What is learned is a number."""
    return TASKS.get(facts.prepared.task).is_score


def misfits(facts: Facts, settings: Settings) -> list[Problem]:
    """Wishes for classes where there are none, and for mixing answers that are sets."""
    wanted = settings.regularise
    found = _of_kind(facts, settings)
    if is_score(facts):
        return found + _problems(
            {
                "regularise.label_smoothing": wanted.label_smoothing > 0,
                "regularise.focal": wanted.focal > 0,
                "regularise.class_weights": wanted.class_weights != "none",
                "regularise.sampling": wanted.sampling != "natural",
            },
            say("nothing of it for scores, which have no classes", "分数没有类别，不能使用"),
        )
    if TASKS.get(facts.prepared.task).problem_type is not None:
        expected = say("0, unless each text has one label", "0，除非每条文本只有一个标签")
        return found + _problems({"regularise.mixup": wanted.mixup > 0}, expected)
    return found


def _of_kind(facts: Facts, settings: Settings) -> list[Problem]:
    """Wishes that only texts can meet, or only pictures and sounds."""
    wanted = settings.regularise
    if TASKS.get(facts.prepared.task).takes != "files":
        return _problems(
            {"regularise.cutmix": wanted.cutmix > 0},
            say("0: pictures and sounds can be cut together, texts cannot", "0：图像与声音可以剪贴，文本不能"),
        )
    return _problems(
        {"regularise.adversarial": wanted.adversarial > 0},
        say("0: it steps among the embeddings of words", "0：它作用于词嵌入，图像与声音没有"),
    )


def _problems(wishes: Mapping[str, bool], expected: str) -> list[Problem]:
    got = say("a wish for it", "设置了它")
    return [Problem(path=path, expected=expected, got=got) for path, is_wished in wishes.items() if is_wished]
