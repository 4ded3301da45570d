"""What a method that trains less than all weights needs to know, and what it does not go with."""

from importlib.util import find_spec
from typing import Any

from tunesmith.artifacts import Choice
from tunesmith.errors import Problem
from tunesmith.rooms.plan.facts import Facts
from tunesmith.settings import Settings
from tunesmith.settings.tree import LINEAR
from tunesmith.tasks import TASKS
from tunesmith.words import counted, listed, say

LOW_RANK = ("lora", "dora", "rslora", "pissa", "qlora")
"""Methods that train two matrices of a low rank beside a layer."""

ADAPTERS = (*LOW_RANK, "ia3")
"""Methods that train something beside the layers, which is added to them in the end."""

TOP_SHARE = 1 / 3
"""Of the layers that the method top trains. With the last fourth of them BERT and RoBERTa reach 90% of the quality
that all layers give (Lee et al. 2019), and with half of them nearly all of it; a third lies between."""

SMALL_RANK, LARGE_RANK, MANY_ROWS = 8, 16, 10_000
"""Ranks of 4 to 8 were enough in Hu et al. 2021, section 7.2; more rows have more to tell."""

SCALE = 2.0
"""What the product of the two matrices is multiplied by, whatever the rank, so that one rate suits every rank."""

FEW_WEIGHTS = 50_000_000
"""A model of fewer weights is trained whole on any machine that runs it: 16 bytes a weight are 0.8 GB."""

PROMPT_SHARE = 0.5
"""A prompt may take at most this share of max_length: the rest is for the text."""

Decision = tuple[Any, str]


def worded(facts: Facts) -> tuple[Choice, ...]:
    """The words that the vocabulary grows by, and how."""
    if not facts.added:
        return ()
    many, known = counted(len(facts.added), "word", "words", "个词"), facts.model.vocabulary
    because = say(
        f"{many} beside the {known:,} that the model knows; each begins as the mean of its pieces' vectors, and learns",
        f"在模型已知的 {known:,} 个之外新增{many}；各以其片段向量的平均值为起点，并参与训练",
    )
    return (Choice(name="add_tokens", value=listed(list(facts.added), 5), because=because),)


def top_layers(facts: Facts, settings: Settings) -> Decision:
    """The upper third, for the method that asks."""
    if settings.train.method != "top":
        return None, ""
    value = max(1, round(TOP_SHARE * facts.model.layers))
    return value, say(
        f"the upper third of {facts.model.layers} layers, where most of what a task needs is learnt",
        f"{facts.model.layers} 层中的上三分之一，任务所需的大部分在此学到",
    )


def rank(facts: Facts, settings: Settings) -> Decision:
    """By rows, for the methods that ask."""
    if settings.train.method not in LOW_RANK:
        return None, ""
    value = LARGE_RANK if facts.train_rows >= MANY_ROWS else SMALL_RANK
    return value, say(
        f"enough for {facts.train_rows:,} rows; from {MANY_ROWS:,} on it is {LARGE_RANK}",
        f"足以应对 {facts.train_rows:,} 行；达到 {MANY_ROWS:,} 行时取 {LARGE_RANK}",
    )


def alpha(facts: Facts, settings: Settings) -> Decision:
    """So that the matrices weigh the same whatever the rank."""
    method, size = settings.train.method, settings.adapter.rank
    if method not in LOW_RANK or size is None:
        return None, ""
    if method == "pissa":
        return float(size), say(
            "the rank: the matrices begin as the largest part of the weights and are not scaled",
            "等于秩：矩阵以权重的主要成分为起点，不缩放",
        )
    # rsLoRA divides by the root of the rank (Kalajdzievski 2023), the others by the rank.
    divisor, written = (size**0.5, "√") if method == "rslora" else (float(size), "")
    return SCALE * divisor, say(
        f"{SCALE:g} × {written}{size}: the matrices are scaled by {SCALE:g} whatever the rank",
        f"{SCALE:g} × {written}{size}：无论秩为多少，矩阵都按 {SCALE:g} 倍缩放",
    )


def targets(facts: Facts, settings: Settings) -> Decision:
    """All linear layers: matrices beside the attention alone reach less, whatever their rank (Dettmers et al. 2023)."""
    if settings.train.method not in LOW_RANK:
        return None, ""
    return LINEAR, say(
        "beside every linear layer but the head: the attention's alone reach less at any rank",
        "除输出头外的每个线性层：仅加在注意力层上，无论秩多大效果都较差",
    )


def doubts(path: str, value: Any, facts: Facts) -> str:
    """What to know about a method that was asked for; empty where there is nothing."""
    if path == "train.method" and value == "prefix":
        return say(
            "; nothing is merged: model/ holds it in peft's form, beside its base, and loads with peft alone",
            "；不会合并：model/ 以 peft 格式保存它，须与基础模型一起用 peft 加载",
        )
    few = facts.model.parameters < FEW_WEIGHTS
    if path != "train.method" or value not in (*ADAPTERS, "prefix", "prompt") or not few:
        return ""
    return say(
        f"; with {facts.model.parameters / 1e6:.1f} M weights there is next to nothing to save: training all of"
        " them takes no more time or memory here, and adds no limit to what can be learned",
        f"；该模型仅 {facts.model.parameters / 1e6:.1f} M 权重，几乎没有可节省的："
        "全量训练的时间和内存并不更多，也不限制能学到的内容",
    )


def misfits(facts: Facts, settings: Settings) -> list[Problem]:
    """Wishes that the method cannot meet. ``settings`` are complete."""
    method = settings.train.method
    if method == "full":
        return _wordless(facts, settings)
    found = [
        Problem(
            path=path,
            expected=say(f"nothing beside train.method={method}", f"与 train.method={method} 不能同时使用"),
            got=say("a wish for it", "设置了它"),
        )
        for path, is_wished in _together(settings).items()
        if is_wished
    ]
    if not facts.model.is_pretrained:
        found.append(
            Problem(
                path="train.method",
                expected=say("full, for a model from random weights", "随机权重的模型应使用 full"),
                got=say(f"{method}, which would leave most of them random", f"{method}，大部分权重会保持随机"),
            )
        )
    found += _unsuited(facts, method or "") + _wordless(facts, settings)
    layers, wanted = facts.model.layers, settings.train.top_layers
    if method == "top" and wanted is not None and wanted > layers:
        found.append(
            Problem(
                path="train.top_layers",
                expected=say(f"at most the model's {layers} layers", f"不超过模型的 {layers} 层"),
                got=str(wanted),
            )
        )
    longest, words = settings.prepare.max_length or 1, settings.adapter.prompt_tokens
    if method == "prompt" and words > PROMPT_SHARE * longest:
        found.append(
            Problem(
                path="adapter.prompt_tokens",
                expected=say(
                    f"at most half of max_length, {longest // 2}", f"不超过 max_length 的一半，即 {longest // 2}"
                ),
                got=str(words),
            )
        )
    return found


def _unsuited(facts: Facts, method: str) -> list[Problem]:
    """Methods that this kind of model has nothing for."""
    task = TASKS.get(facts.prepared.task)
    writes = task.writes
    wrong: dict[str, tuple[str, str]] = {}
    if writes:
        wrong["head"] = (
            say("top, lora or full for a model that writes", "会写作的模型应使用 top、lora 或 full"),
            say(
                "head, which is its table of words: alone it cannot learn to write otherwise",
                "head，即它的词表：只训练它学不会另一种写法",
            ),
        )
    if writes == "seq2seq":
        wrong["prompt"] = (
            say("prefix, lora or full for an encoder with a decoder", "编码器-解码器模型应使用 prefix、lora 或 full"),
            say(
                "prompt, whose words would stand before what the decoder writes, too",
                "prompt，其提示词也会出现在解码器所写内容之前",
            ),
        )
    elif writes and task.takes != "turns":
        wrong["prompt"] = (
            say("prefix, lora or full for running text", "连续文本应使用 prefix、lora 或 full"),
            say(
                "prompt, whose words stand at a text's beginning: windows from its middle would learn without it",
                "prompt，其提示词位于文本开头：从中间开始的窗口学习时看不到它",
            ),
        )
    if writes not in {"causal", "seq2seq"}:
        wrong["prefix"] = (
            say("lora, ia3 or full", "lora、ia3 或 full"),
            say(
                "prefix, which no plain model can hold: it is for models that write, whose layers keep what they read",
                "prefix，普通模型无法保存它：它适用于会写作的模型，其各层会保留读过的内容",
            ),
        )
    if method == "qlora" and (facts.machine.accelerator != "cuda" or find_spec("bitsandbytes") is None):
        lack = "bitsandbytes" if facts.machine.accelerator == "cuda" else say("an NVIDIA GPU", "NVIDIA GPU")
        wrong["qlora"] = (
            say(
                "lora: the base in 4 bits saves memory on an NVIDIA GPU with bitsandbytes, and nothing elsewhere",
                "lora：4 位基础模型只在装有 bitsandbytes 的 NVIDIA GPU 上节省内存",
            ),
            say(f"qlora without {lack}", f"qlora，但缺少 {lack}"),
        )
    if method not in wrong:
        return []
    expected, got = wrong[method]
    return [Problem(path="train.method", expected=expected, got=got)]


def _wordless(facts: Facts, settings: Settings) -> list[Problem]:
    """Added words that would never learn: their vectors lie in a table that the method leaves as it is."""
    method, writes = settings.train.method or "", bool(TASKS.get(facts.prepared.task).writes)
    if settings.model.add_tokens and not facts.model.is_pretrained:
        expected = say(
            "none for a model from random weights: its vocabulary is made from your texts",
            "随机权重的模型无需设置：它的词表由您的文本建立",
        )
        return [Problem(path="model.add_tokens", expected=expected, got=listed(list(settings.model.add_tokens), 3))]
    if not facts.added or method in {"", "full", *LOW_RANK} or (method == "prompt" and writes):
        return []
    return [
        Problem(
            path="train.method",
            expected=say("full or lora, which train the vectors of new words", "full 或 lora，它们会训练新词的向量"),
            got=say(f"{method}, which leaves them as they are", f"{method}，它不训练新词的向量"),
        )
    ]


def _together(settings: Settings) -> dict[str, bool]:
    """Settings that this method leaves nothing to work on → whether they are wished."""
    method, wanted = settings.train.method, settings.regularise
    is_cut = method in {"head", "top"}
    return {
        "regularise.adversarial": is_cut and wanted.adversarial > 0,
        "regularise.mixup": is_cut and wanted.mixup > 0,
        "regularise.gradual_unfreezing": wanted.gradual_unfreezing,
        "regularise.layer_decay": method != "top" and wanted.layer_decay < 1,
        "train.sharded": bool(settings.train.sharded),
        "train.packed": method in {"head", "prefix"} and bool(settings.train.packed),
        "train.gradient_checkpointing": method == "prefix" and bool(settings.train.gradient_checkpointing),
    }
