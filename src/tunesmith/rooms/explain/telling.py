"""What was found, in sentences: for the head of the page and for the terminal."""

import math
from collections.abc import Sequence

from tunesmith.artifacts import Explanation, Faith, Trust, Word
from tunesmith.metrics.faithfulness import RANDOM_ORDERS
from tunesmith.words import counted, say

MOST_DIGITS = 6

MOST_NAMED = 3
"""Words that a sentence names."""

LEAST_PART = 0.1
"""A word is named if it brings at least this part of what all words bring."""

LEAST_SHOWN = 0.005
"""Less is 0.00 where two digits are shown."""

LEAST_DIFFERENCE = 0.15
"""With words that change a probability by less than this, no word decided it."""

FEWEST_WORDS = 4
"""Three words have six orders: chance finds the best one too often."""

LEAST_BEATEN = 0.95
"""Better than this share of random orders counts as better than chance: 20 orders allow no finer bound."""


def number(found: Explanation, value: float) -> str:
    """The number that is explained, as a reader wants it: a share in percent, else two digits."""
    if not found.is_share:
        return f"{value:.{digits(found)}f}".replace("-", "−")
    text = f"{100 * value:.0f}%" if 0.01 <= value <= 0.99 else f"{100 * value:.1f}%"
    if value < 1 and text == "100.0%":
        return ">99.9%"
    return "<0.1%" if value > 0 and text == "0.0%" else text


def signed(value: float, behind: int = 2) -> str:
    """What a word brings: ``+0.41`` or ``−0.07``, with so many digits behind the point."""
    return f"{value:+.{behind}f}".replace("-", "−")


def brought(found: Explanation, value: float) -> str:
    """What a word brings to the number that is explained."""
    return signed(value, digits(found))


def digits(found: Explanation) -> int:
    """Behind the point: two of shares; of a number in the unit of the data, as many as tell what single words bring."""
    most = max((abs(word.gradient) for word in found.words), default=0.0)
    if found.about != "number" or not most:
        return 2
    return min(MOST_DIGITS, max(0, 1 - math.floor(math.log10(most))))


def named(found: Explanation) -> str:
    """The answer as it is called."""
    if found.about == "number":
        return number(found, found.value)
    if found.about in {"answer", "next"}:
        return quoted(found.answer)
    return found.answer


def quoted(text: str) -> str:
    """A text in the quotation marks of the language."""
    return say(f"'{text}'", f"\u201c{text}\u201d")


def leading(found: Explanation) -> list[Word]:
    """The words that brought most of the answer, the first the most."""
    brought = found.value - found.empty
    ordered = sorted((word for word in found.words if word.is_read), key=lambda word: -word.gradient)
    return [word for word in ordered[:MOST_NAMED] if word.gradient > 0 and word.gradient >= LEAST_PART * abs(brought)]


def is_without_words(found: Explanation) -> bool:
    """Whether the model says the same of a text without words."""
    return found.is_share and abs(found.value - found.empty) < LEAST_DIFFERENCE


def verdict(found: Explanation) -> str:
    """The answer and the words that it came from, in one sentence."""
    return _decided(found) + (_both_sides(found) if is_denied(found) or found.about == "number" else _because(found))


def is_denied(found: Explanation) -> bool:
    """Whether a label is explained that the text does not get."""
    if found.about == "label":
        return found.given is not None and found.answer not in found.given
    return found.about == "class" and found.value_other is not None and found.value_other > found.value


def _both_sides(found: Explanation) -> str:
    """What speaks for a label that is not answered, and what against it; what raises a number, and what lowers it."""
    read = sorted((word for word in found.words if word.is_read), key=lambda word: -word.gradient)
    least = max(LEAST_SHOWN * found.is_share, LEAST_PART * max(abs(word.gradient) for word in read))
    up, down = (
        say(", ", "、").join(f"{quoted(word.text)} {brought(found, word.gradient)}" for word in words[:MOST_NAMED])
        or say("nothing", "没有")
        for words in (
            [word for word in read if word.gradient > 0 and word.gradient >= least],
            [word for word in read[::-1] if word.gradient < 0 and -word.gradient >= least],
        )
    )
    if found.about == "number":
        empty = number(found, found.empty)
        return say(
            f" ({empty} without any word). Raised by: {up}; lowered by: {down}.",
            f"（没有词时为 {empty}）。使它升高的：{up}；使它降低的：{down}。",
        )
    return say(
        f". For {found.answer}: {up}; against it: {down}.",
        f"。支持 {found.answer} 的：{up}；反对的：{down}。",
    )


def _decided(found: Explanation) -> str:
    value = number(found, found.value)
    if found.about == "number":
        return say(f"Answered: {value}", f"回答：{value}")
    if found.about == "word" and found.focus is not None:
        word = quoted(found.words[found.focus].text)
        return say(f"{word} is tagged {found.answer} ({value})", f"{word}标为 {found.answer}（{value}）")
    if found.about == "next":
        where = say("Next comes", "接下来是") if found.focus is None else say("Into the gap goes", "空缺处应填")
        return say(f"{where} {named(found)} ({value})", f"{where}{named(found)}（{value}）")
    if found.about == "answer":
        # What is written may be long: the page shows it whole.
        text = quoted(found.answer if len(found.answer) <= 60 else found.answer[:60] + "…")
        return say(f"Answered: {text}", f"回答：{text}")
    if found.about == "label":
        is_given = say("Label not given", "未给出标签") if is_denied(found) else say("Label given", "给出标签")
        return say(f"{is_given}: {found.answer} ({value})", f"{is_given}：{found.answer}（{value}）")
    if is_denied(found) and found.value_other is not None:
        other = number(found, found.value_other)
        return say(
            f"Answered: {found.other} ({other}), not {found.answer} ({value})",
            f"回答：{found.other}（{other}），而非 {found.answer}（{value}）",
        )
    return say(f"Decided: {found.answer} ({value})", f"判定：{found.answer}（{value}）")


def _because(found: Explanation) -> str:
    words = leading(found)
    if is_without_words(found):
        empty = number(found, found.empty)
        return say(
            f". No word decided it: of a text without words the model says nearly the same ({empty}).",
            f"。没有哪个词起决定作用：去掉所有词，模型的回答几乎不变（{empty}）。",
        )
    if found.is_share and found.value < found.empty:
        against = min((word for word in found.words if word.is_read), key=lambda word: word.gradient)
        empty = number(found, found.empty)
        return say(
            f" in spite of its words: without any it is {empty}; most against it speaks {quoted(against.text)}"
            f" {signed(against.gradient)}.",
            f"，尽管词语并不支持：没有词时为 {empty}；最反对的是{quoted(against.text)} {signed(against.gradient)}。",
        )
    if not words:
        return say("; no single word stands out.", "；没有突出的词。")
    names = say(", ", "、").join(f"{quoted(word.text)} {brought(found, word.gradient)}" for word in words)
    first = words[0]
    assert first.without is not None, "it was read"
    left, change = number(found, first.without), _change(found, first.without)
    en, zh = "it", ""
    if found.about == "answer":
        en, zh = "the answer's log-probability", "答案的对数概率"
        change = tuple(f"{say('goes from', '由')} {number(found, found.value)} {say('to', '变为')}" for _ in change)
    return say(
        f", because of: {names}; without {quoted(first.text)} {en} {change[0]} {left}.",
        f"，依据：{names}；去掉{quoted(first.text)}后{zh}{change[1]} {left}。",
    )


def _change(found: Explanation, left: float) -> tuple[str, ...]:
    """How the number changes, in both languages."""
    if number(found, left) == number(found, found.value):
        return "stays at", "仍为"
    return ("falls to", "降为") if left < found.value else ("rises to", "升为")


def checked(found: Explanation) -> str:
    """Whether the order of the words is true of the model, for this text; "" where there is nothing to check."""
    own = next((one for one in found.faith if one.method == "gradient"), None)
    if own is None:
        return ""
    if found.counts[-1] < FEWEST_WORDS:
        return say("Too few words to tell a good order of them from chance.", "词太少，无法分辨次序好坏与偶然。")
    if own.beats >= LEAST_BEATEN:
        return say(
            "Checked: taking the words away in this order changes the answer more than in"
            f" {_beaten(own)} random orders.",
            f"已检验：按此次序去掉词语，对答案的影响胜过 {_beaten(own)}。",
        )
    return say(
        f"Not better than chance for this text: the order beats {_beaten(own)} random ones. Do not read much into it.",
        f"对这条文本，并不比随机更可靠：此次序只胜过 {_beaten(own)}，不宜过多解读。",
    )


def _beaten(own: Faith) -> str:
    return say(
        f"{own.beats * RANDOM_ORDERS:.0f} of {RANDOM_ORDERS}",
        f"{RANDOM_ORDERS} 个随机次序中的 {own.beats * RANDOM_ORDERS:.0f} 个",
    )


METHODS = {
    "gradient": ("integrated gradients", "积分梯度"),
    "occlusion": ("words taken away one by one", "逐词遮去"),
    "attention": ("attention (rollout)", "注意力（逐层累积）"),
    "gradient-attention": ("gradients over attention", "梯度相对注意力"),
}


def method(name: str) -> str:
    """What a method is called."""
    return say(*METHODS[name])


def trusted(found: Sequence[Trust]) -> str:
    """What the check over many rows says of each method; "" without one."""
    if not found:
        return ""
    by = {one.method: one for one in found}
    rows = counted(found[0].rows, "held-out row", "held-out rows", "条留出数据")
    parts = [f"{method(name)} {gained(by[name])}" for name in ("gradient", "occlusion", "attention")]
    sentence = say(f"Over {rows}, against random orders: ", f"在 {rows}上与随机次序相比：") + say(", ", "，").join(
        parts
    )
    over = by["gradient-attention"]
    end = {
        "better": say("gradients tell more than attention", "梯度比注意力更可靠"),
        "worse": say("attention tells more than gradients", "注意力比梯度更可靠"),
        "unclear": say("gradients and attention cannot be told apart", "梯度与注意力难分高下"),
    }[over.finding]
    return sentence + say(f"; {end}.", f"；{end}。")


def gained(one: Trust) -> str:
    """What a method gains over chance, with its interval."""
    low, high = signed(one.gain.low), signed(one.gain.high)
    judged = {"better": say("better", "更好"), "worse": say("worse", "更差"), "unclear": say("not better", "不更好")}
    return say(
        f"{judged[one.finding]} ({signed(one.gain.value)} [{low}, {high}])",
        f"{judged[one.finding]}（{signed(one.gain.value)} [{low}, {high}]）",
    )
