"""What the model cannot do, read off the facts of its run. A limit without a fact behind it is not written."""

from collections.abc import Callable, Sequence

from tunesmith.artifacts import ClassScore
from tunesmith.rooms.report import confidence, robustness, slices, writers
from tunesmith.rooms.report.expectations import main_score
from tunesmith.rooms.report.facts import Facts
from tunesmith.rooms.report.measures import is_share
from tunesmith.rooms.report.numbers import percent
from tunesmith.rooms.report.texts import short
from tunesmith.words import counted, listed, say

# A script with a smaller share of the letters than this was not learnt from this data.
SCRIPT_LEARNT = 0.05

# With fewer true rows a class's own interval spans a third of the scale or more.
FEW_ROWS = 30

# An interval that reaches further than this to one side cannot tell two good models apart.
WIDE_HALF = 0.05

# Below this share, pieces unknown to the tokenizer hardly change a text.
UNKNOWN_NOTABLE = 0.01

# A wrong answer above this confidence would pass any threshold that a user is likely to set.
SURE = 0.9


# Below this recall a class is missed more often than found.
WEAK = 0.5

# Findings of the check that make a score on the held-out rows doubtful.
FLATTERING = ("leakage", "near-leakage", "drift")

Rule = Callable[[Facts], str]


def limits(facts: Facts) -> tuple[str, ...]:
    """Every limit that the facts show, the gravest first."""
    plain: tuple[Rule, ...] = (_closed_labels, _rare, _language, _length, _confidence, _vocabulary, _rejected)
    return (*grave(facts), *_those(plain, facts))


def grave(facts: Facts) -> tuple[str, ...]:
    """Limits that a user must know of before the first use."""
    found = facts.evaluation
    rules: tuple[Rule, ...] = (
        writers.unproven,
        _weak,
        lambda facts: slices.limit(found),
        lambda facts: robustness.limit(found),
        lambda facts: confidence.limit(found),
        writers.unended,
        writers.repeating,
        _precision,
    )
    return (*_those(rules, facts), *_flattering(facts))


def weak(facts: Facts) -> tuple[str, ...]:
    """Classes that it misses more often than it finds, the most often missed first."""
    per_class = facts.evaluation.per_class
    found = [name for name, score in per_class.items() if score.support and score.recall.value < WEAK]
    return tuple(sorted(found, key=lambda name: per_class[name].recall.value))


def _those(rules: Sequence[Rule], facts: Facts) -> tuple[str, ...]:
    return tuple(text for text in (rule(facts) for rule in rules) if text)


def _flattering(facts: Facts) -> tuple[str, ...]:
    return tuple(one.message for one in facts.health.findings if one.code in FLATTERING and one.severity != "note")


def _closed_labels(facts: Facts) -> str:
    if not facts.reading.labels:
        return ""
    counts = facts.reading.labels
    names = listed([short(name) for name in sorted(counts, key=lambda name: -counts[name])])
    if not facts.evaluation.confusion and not facts.is_tagging:
        return say(f"It knows only these labels: {names}.", f"它只认得这些标签：{names}。")
    if facts.is_tagging:
        return say(f"It marks only these types: {names}.", f"它只标注这些类型：{names}。")
    return say(
        f"It knows only these labels and gives one of them to all {facts.things}, even where none fits: {names}.",
        f"它只认得这些标签，对任何{facts.things}都会给出其中之一，即使都不合适：{names}。",
    )


def _language(facts: Facts) -> str:
    latin, cjk = facts.health.facts.latin_share, facts.health.facts.cjk_share
    if facts.is_media:
        return ""
    if cjk < SCRIPT_LEARNT <= latin:
        return say(
            f"The data is in Latin letters ({percent(latin)} of its characters): other scripts are untested.",
            f"数据为拉丁字母（占字符的 {percent(latin)}）：其他文字未经检验。",
        )
    if latin < SCRIPT_LEARNT <= cjk:
        return say(
            f"The data is in Chinese characters ({percent(cjk)} of the characters): other languages are untested.",
            f"数据为汉字（占字符的 {percent(cjk)}）：其他语言未经检验。",
        )
    return ""


def _length(facts: Facts) -> str:
    cut, lengths = facts.plan.settings.prepare.max_length, facts.health.facts
    if facts.is_media:
        return ""
    seen = say(
        f"No text of the data has more than {lengths.length_max:,} characters (95%: at most {lengths.length_p95:,}).",
        f"数据中没有超过 {lengths.length_max:,} 个字符的文本（95% 不超过 {lengths.length_p95:,} 个）。",
    )
    if cut is None or facts.is_tagging or facts.is_writing:
        return seen
    # Quantiles at equal steps: the share of them above the cut is the share of the rows above it.
    room = cut - len(facts.prepared.template.prefix) - len(facts.prepared.template.suffix)
    share = sum(length > room for length in facts.prepared.token_lengths) / max(1, len(facts.prepared.token_lengths))
    if not share:
        return seen + say(f" It reads the first {cut:,} tokens of a text.", f"它只读文本的前 {cut:,} 个词元。")
    return seen + say(
        f" It reads the first {cut:,} tokens of a text; about {percent(share)} of the training rows are longer.",
        f"它只读文本的前 {cut:,} 个词元；约 {percent(share)} 的训练行更长。",
    )


def _rare(facts: Facts) -> str:
    per_class = facts.evaluation.per_class
    few = sorted((name for name in per_class if per_class[name].support < FEW_ROWS), key=lambda n: per_class[n].support)
    if not few:
        return ""
    names = listed(
        [
            say(f"{short(name)} ({per_class[name].support})", f"{short(name)}（{per_class[name].support}）")
            for name in few
        ]
    )
    return say(
        f"Scored on fewer than {FEW_ROWS} true cases, so little is known of how well it does there: {names}.",
        f"真实个数不足 {FEW_ROWS}，好坏所知甚少：{names}。",
    )


def _weak(facts: Facts) -> str:
    per_class = facts.evaluation.per_class
    found = [(name, per_class[name]) for name in weak(facts)]
    if not found:
        return ""
    names = listed([_found(name, one) for name, one in found])
    return say(f"It misses these more often than it finds them: {names}.", f"这些它漏掉的比找到的多：{names}。")


def _found(name: str, one: ClassScore) -> str:
    share = percent(one.recall.value)
    name = short(name)
    return say(f"{name} (finds {share} of {one.support:,})", f"{name}（{one.support:,} 个中找到 {share}）")


def _precision(facts: Facts) -> str:
    main = main_score(facts.evaluation)
    half = max(main.value - main.low, main.high - main.value)
    if half <= WIDE_HALF or not is_share(facts.evaluation.main, main):
        return ""
    rows = counted(facts.evaluation.rows, "row", "rows", "行")
    return say(
        f"The score may be off by {100 * half:.0f} points: {rows} cannot say it more exactly.",
        f"分数可能相差 {100 * half:.0f} 个百分点：{rows}说不了更准。",
    )


def _confidence(facts: Facts) -> str:
    if facts.evaluation.calibration is not None:
        return ""
    listed_mistakes = facts.evaluation.mistakes
    sure = sum(mistake.confidence >= SURE for mistake in listed_mistakes)
    if not sure:
        return ""
    return say(
        f"A high confidence is no guarantee: {sure} of the {len(listed_mistakes)} worst errors had {SURE:.0%} or more.",
        f"置信度高并不保证正确：最严重的 {len(listed_mistakes)} 个错误中有 {sure} 个置信度达 {SURE:.0%} 以上。",
    )


def _vocabulary(facts: Facts) -> str:
    if facts.prepared.unknown_share >= UNKNOWN_NOTABLE:
        return say(
            f"{percent(facts.prepared.unknown_share)} of the pieces are unknown to the tokenizer: there it is blind.",
            f"{percent(facts.prepared.unknown_share)} 的片段分词器不认识：那里它看不见。",
        )
    if facts.is_media:
        return ""
    if not facts.plan.model.is_pretrained:
        return say(
            "It learnt its language from this data alone: words that are not in it mean nothing to it.",
            "它的语言知识全部来自这份数据：数据里没有的词，它不懂。",
        )
    return ""


def _rejected(facts: Facts) -> str:
    rows = facts.reading.rows
    if not rows.rejected:
        return ""
    return say(
        f"{rows.rejected:,} of {rows.total:,} rows could not be read; what they hold was neither learnt nor scored.",
        f"{rows.total:,} 行中有 {rows.rejected:,} 行无法读取；其内容既未学习也未评分。",
    )
