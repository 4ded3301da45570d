"""Choices for a model that learns from better and worse answers, and what does not go with it."""

from collections.abc import Callable
from pathlib import Path

from tunesmith.errors import Problem
from tunesmith.models.files import read_object
from tunesmith.rooms.plan.advice import advised
from tunesmith.rooms.plan.facts import Facts
from tunesmith.rooms.plan.methods import Decision
from tunesmith.settings import Settings
from tunesmith.tasks import TASKS
from tunesmith.words import say

Chooser = Callable[[Facts, Settings], Decision]

MOST_EPOCHS = 3
"""Rafailov et al. 2023 train one epoch, Hong et al. 2024 one to ten: pairs are soon told apart."""


def compares(facts: Facts) -> bool:
    """Whether pairs of answers are learned from."""
    return TASKS.get(facts.prepared.task).compares


def loss(facts: Facts, settings: Settings) -> Decision:
    """DPO for a model that answers already, ORPO for one that has yet to learn it."""
    if not compares(facts):
        return None, ""
    if _answers(Path(facts.model.path)):
        return "dpo", say(
            "the model comes with a chat template, so it answers already: only what is better is to be learned",
            "模型自带对话模板，说明已会作答：只需学习哪个回答更好",
        )
    return "orpo", say(
        "the model comes without a chat template: the better answers themselves are learned, too, which DPO leaves out",
        "模型没有对话模板：还需学习较好的回答本身，而 DPO 不学这一部分",
    )


def _answers(folder: Path) -> bool:
    own = read_object(folder / "tokenizer_config.json").get("chat_template")
    return bool(own) or (folder / "chat_template.jinja").is_file()


def gentler(choose: Chooser) -> Chooser:
    """A rate for comparisons: a share of what ``choose`` gives for texts."""

    def rate(facts: Facts, settings: Settings) -> Decision:
        value, because = choose(facts, settings)
        if not compares(facts):
            return value, because
        name = settings.preference.loss or "dpo"
        share = advised("preference_rate", name)
        return share * value, because + say(
            f"; {name} takes {share:g} times that, for likelihoods of whole answers move fast",
            f"；{name} 取其 {share:g} 倍，因为整段回答的似然变化很快",
        )

    return rate


def fewer(choose: Chooser) -> Chooser:
    """Epochs over pairs: at most a few."""

    def epochs(facts: Facts, settings: Settings) -> Decision:
        value, because = choose(facts, settings)
        if not compares(facts) or value <= MOST_EPOCHS:
            return value, because
        return MOST_EPOCHS, say(
            "pairs are soon told apart; further epochs learn them by heart",
            "成对的回答很快就能区分；更多轮次只是死记",
        )

    return epochs


def misfits(facts: Facts, settings: Settings) -> list[Problem]:
    """Wishes that comparisons cannot meet. ``settings`` are complete."""
    if not compares(facts):
        return []
    wanted = settings.regularise
    wishes = {
        "regularise.label_smoothing": wanted.label_smoothing > 0,
        "regularise.r_drop": wanted.r_drop > 0,
        "regularise.adversarial": wanted.adversarial > 0,
        "regularise.mixup": wanted.mixup > 0,
        "regularise.focal": wanted.focal > 0,
        "regularise.class_weights": wanted.class_weights != "none",
        "regularise.sampling": wanted.sampling != "natural",
    }
    found = [
        Problem(
            path=path,
            expected=say("nothing of it where answers are compared", "比较回答时不能使用"),
            got=say("a wish for it", "设置了它"),
        )
        for path, is_wished in wishes.items()
        if is_wished
    ]
    if not facts.model.is_pretrained:
        found.append(
            Problem(
                path="model.name",
                expected=say(
                    "a model that can write, to learn which answer is better", "会写作的模型，才能学习哪个回答更好"
                ),
                got=say("one from random weights", "随机权重的模型"),
            )
        )
    return found
