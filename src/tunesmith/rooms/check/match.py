"""Does the model know what the texts are written in: unknown tokens, scripts, and the room that its window leaves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import FieldCut, Match, Reading, TextFacts
from tunesmith.rooms.check.grades import Measured, graded
from tunesmith.rooms.check.remedy import Clean, cleaned, remedy
from tunesmith.rooms.check.rows import numbers, sample
from tunesmith.rooms.check.survey import Draft
from tunesmith.scripts import scripts
from tunesmith.tasks.task import Encoder
from tunesmith.words import listed, say

# So many rows tell a share of 1% to within half a point (95%), in a fraction of a second.
MATCH_ROWS = 2_000

# Of the tokens of so many characters all shares are known well; long texts are cut into fewer rows.
MATCH_CHARACTERS = 2_000_000

# Where more of the tokens are lost than this, what is cut may well be what decides.
SERIOUS_LOSS = 0.05

# The tasks whose texts are cut at the window; the others move it along.
CUT_TASKS = ("text-classification", "multi-label-classification", "regression")


@dataclass(frozen=True, kw_only=True)
class Lens:
    """What is known of a model before it is loaded: how it would see the texts.

    Attributes:
        name: as the user would name it.
        key: names its tokenizer and window; part of the name under which a Health is kept.
        tokenize: texts to token ids, without special tokens and without truncation.
        unknown: the id of what the vocabulary does not hold; None where it can spell everything.
        byte_ids: ids that stand for single bytes, of which unknown characters are put together.
        window: most tokens of one input, special tokens included.
        special: how many special tokens stand around one text, and around two.
        is_pretrained: it comes with weights that were trained on other texts.
        vocabulary: entries.
        scripts: how many entries of the vocabulary are written in each script.
        languages: what its card says that it was made for, such as ``("en",)``; empty where that is silent.
        own_tokens: tokens a word (in Chinese: a character) of ordinary text in its main script; 0 where not known.
        others: asked for models on this machine that may be named instead, and their languages.
        must_write: the task needs a model that writes; one that only reads is no better way.
        clean: what is done to the texts before the model gets them, as the user asked; None: nothing.
        steps: cleaning steps by name that nobody asked for, and that may bring texts nearer to the vocabulary.
    """

    name: str
    key: str
    tokenize: Encoder
    unknown: int | None
    byte_ids: frozenset[int] = frozenset()
    window: int
    special: tuple[int, int] = (2, 3)
    is_pretrained: bool = True
    vocabulary: int
    scripts: Mapping[str, int] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    own_tokens: float = 0.0
    others: Callable[[], Mapping[str, tuple[str, ...]]] = dict
    must_write: bool = False
    clean: Clean | None = None
    steps: Mapping[str, Clean] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LensFor:
    """A Lens that is known only when the texts were read once: without a wish, they decide on the model.

    Attributes:
        key: stands for all that ``make`` depends on but the texts.
        make: facts about the texts to the Lens; None where a model is made from the texts themselves.
    """

    key: str
    make: Callable[[TextFacts], Lens | None]


def match(reading: Reading, lens: Lens) -> Match | None:
    """How well the model fits the texts, from at most ``MATCH_ROWS`` rows drawn by chance; None without any text."""
    drawn = sample(reading, MATCH_ROWS, characters=MATCH_CHARACTERS)
    fields = cleaned(drawn.fields, lens.clean)
    texts = [text for texts in fields.values() for text in texts.to_pylist()]
    if not any(texts):
        return None
    ids = {name: lens.tokenize(texts) for name, texts in fields.items()}
    tokens = np.concatenate([numbers(rows.flatten()) for rows in ids.values()])
    cuts = _cuts({name: numbers(rows.value_lengths()) for name, rows in ids.items()}, lens, reading.task)
    letters = scripts(texts)
    measured = Measured(
        rows=drawn.rows,
        unknown=float(np.mean(tokens == lens.unknown)) if lens.unknown is not None and tokens.size else 0.0,
        byte=float(np.isin(tokens, list(lens.byte_ids)).mean()) if tokens.size else 0.0,
        per_character=tokens.size / max(1, sum(len("".join(text.split())) for text in texts)),
        per_word=tokens.size / max(1, sum(len(text.split()) for text in texts)),
        scripts=_shares(letters),
    )
    grade, because = graded(measured, lens.scripts, own_tokens=lens.own_tokens)
    strange = lens.byte_ids | (frozenset() if lens.unknown is None else {lens.unknown})
    step, left = (None if grade == "good" else remedy(fields, lens.tokenize, strange, lens.steps)) or ("", 0.0)
    return Match(
        model=lens.name,
        grade=grade,
        because=because,
        rows=drawn.rows,
        unknown_share=round(measured.unknown, 4),
        byte_share=round(measured.byte, 4),
        tokens_per_character=round(measured.per_character, 3),
        tokens_per_word=round(measured.per_word, 3),
        own_tokens_per_word=round(lens.own_tokens, 3),
        scripts=measured.scripts,
        known_scripts=_shares(lens.scripts),
        window=lens.window,
        cuts=cuts,
        remedy=step,
        remedied_share=round(left, 4),
    )


def drafts(found: Match, lens: Lens, rows: int) -> dict[str, Draft]:
    """What there is to say of a match, by the finding's code; ``rows`` there are in all."""
    told = {f"{found.grade}-match": _unfit(found, lens, rows), "cut-by-window": _cut_texts(found, rows)}
    return {code: draft for code, draft in told.items() if draft is not None}


def _unfit(found: Match, lens: Lens, drawn_of: int) -> Draft | None:
    """What a vocabulary that does not fit means, and the better way."""
    if found.grade == "good":
        return None
    is_poor = found.grade == "poor"
    of, name = _of(found, drawn_of), _short(found.model)
    return Draft(
        severity="warning" if is_poor else "note",
        count=found.rows,
        title=say(f"{name} is a poor match for these texts", f"{name} 与这些文本很不相配")
        if is_poor
        else say(f"{name} is a fair match for these texts", f"{name} 与这些文本相配程度一般"),
        message=say(
            f"{name}: {found.because} ({of}; {found.tokens_per_character:.2f} tokens a character, "
            f"vocabulary {lens.vocabulary:,}).",
            f"{name}\uff1a{found.because}\uff08{of}\uff1b每个字符 {found.tokens_per_character:.2f} 个词元"
            f"\uff0c词表 {lens.vocabulary:,}\uff09\u3002",
        ),
        do=_better(found, lens),
    )


def _cut_texts(found: Match, drawn_of: int) -> Draft | None:
    """Texts that do not fit into the model's window."""
    cut = [field for field in found.cuts if field.rows > 0]
    if not cut:
        return None
    lost = max(field.tokens for field in cut)
    shown = listed(
        [
            say(
                f"{field.field}: {field.rows:.1%} of the rows lose {field.tokens:.1%} of all tokens, 95% have up to "
                f"{field.p95:,}",
                f"{field.field}\uff1a{field.rows:.1%} 的行被截断\uff0c共损失 {field.tokens:.1%} 的词元\uff0c"
                f"95% 的行不超过 {field.p95:,} 个词元",
            )
            for field in cut
        ]
    )
    worst = max(field.rows for field in cut)
    of, name = _of(found, drawn_of), _short(found.model)
    return Draft(
        severity="warning" if lost > SERIOUS_LOSS else "note",
        count=round(worst * found.rows),
        title=say(
            f"{worst:.0%} of the texts are longer than {name} reads",
            f"{worst:.0%} 的文本超出 {name} 的长度",
        )
        if worst >= 0.005
        else say(f"a few texts are longer than {name} reads", f"少数文本超出 {name} 的长度"),
        message=say(
            f"{name} reads {found.window:,} tokens at a time, what is behind them is cut off: {shown} ({of}).",
            f"{name} 一次读 {found.window:,} 个词元\uff0c之后的内容会被截断\uff1a{shown}\uff08{of}\uff09\u3002",
        ),
        do=say(
            "put what decides at the front, shorten the texts, or name a model with a longer window",
            "请把关键内容放在前面\uff0c缩短文本\uff0c或指定窗口更长的模型",
        ),
    )


def _cuts(lengths: Mapping[str, NDArray[np.int64]], lens: Lens, task: str) -> tuple[FieldCut, ...]:
    """What the window cuts of each field, the longer of two first."""
    if task not in CUT_TASKS:
        return ()
    room = max(0, lens.window - lens.special[len(lengths) > 1])
    names = list(lengths)
    left = {name: np.minimum(lengths[name], room) for name in names}
    if len(names) > 1:
        first, second = (lengths[name] for name in names[:2])
        over = np.maximum(0, first + second - room)
        # The longer one gives until both are of a length; then each gives half.
        most = np.clip(first - second, 0, over), np.clip(second - first, 0, over)
        rest = over - most[0] - most[1]
        taken = most[0] + (rest + 1) // 2, most[1] + rest // 2
        left = {name: np.maximum(0, lengths[name] - gone) for name, gone in zip(names, taken, strict=False)}
    return tuple(
        FieldCut(
            field=name,
            rows=round(float(np.mean(left[name] < lengths[name])), 4),
            tokens=round(float(1 - left[name].sum() / max(1, lengths[name].sum())), 4),
            p95=int(np.quantile(lengths[name], 0.95)),
        )
        for name in names
    )


def _better(found: Match, lens: Lens) -> str:
    """Another model by name, or one that is made from these texts."""
    main = next(iter(found.scripts), "")
    code = {"Han": "zh", "Kana": "ja", "Hangul": "ko", "Latin": "en"}.get(main, "")
    fitting = [name for name, languages in lens.others().items() if code and code in languages]
    if fitting:
        return say(f"use --model {listed(fitting, 3)}", f"请使用 --model {listed(fitting, 3)}")
    named = {"Han": "google-bert/bert-base-chinese", "Latin": ""}.get(main, "FacebookAI/xlm-roberta-base")
    hub = _remedied(found)
    if lens.must_write:
        hub += say(
            "a pretrained model that writes this language (--model FOLDER), or ",
            "能用本语言写作的预训练模型（--model 文件夹），或 ",
        )
    elif named:
        hub += say(
            f"a pretrained model of the language (--model {named}, fetched or in a folder), or ",
            f"本语言的预训练模型\uff08--model {named}\uff0c可下载或放在文件夹中\uff09\uff0c或 ",
        )
    return say(
        f"better: {hub}--model scratch, a small model whose vocabulary is made from these texts; with much unlabelled "
        "text, first train a base model on it (task language-modeling) and name its folder",
        f"更好的做法\uff1a{hub}--model scratch\uff08用这些文本建立词表的小模型\uff09\uff1b若有大量无标签文本\uff0c"
        "可先用它训练基础模型\uff08language-modeling 任务\uff09\uff0c再用 --model 指定其文件夹",
    )


def _remedied(found: Match) -> str:
    if not found.remedy:
        return ""
    return say(
        f"prepare.clean={found.remedy}, after which {found.remedied_share:.1%} are unknown; or ",
        f"prepare.clean={found.remedy}\uff08之后未知词元占 {found.remedied_share:.1%}\uff09\uff0c或 ",
    )


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    total = max(1, sum(counts.values()))
    shares = {name: round(count / total, 4) for name, count in counts.items()}
    return {name: share for name, share in shares.items() if share > 0}


def _short(name: str) -> str:
    """A folder's last part; a name of the Hub as it is."""
    return Path(name).name if name.count("/") > 1 or name.startswith((".", "~")) else name


def _of(found: Match, rows: int) -> str:
    """Whether all rows were looked at, or some that chance chose."""
    if found.rows >= rows:
        return say(f"all {rows:,} rows looked at", f"已查看全部 {rows:,} 行")
    return say(
        f"{found.rows:,} of {rows:,} rows looked at, drawn by chance", f"随机查看了 {rows:,} 行中的 {found.rows:,} 行"
    )
