"""What training rows that are alike say of an answer, in a sentence."""

from tunesmith.artifacts import Explanation
from tunesmith.rooms.explain.telling import is_denied
from tunesmith.words import say


def alike(found: Explanation) -> str:
    """What the nearest training rows say of the answer; "" without any."""
    if found.about == "number":
        return _alike_numbers(found)
    judged = [one for one in found.neighbours if one.agrees is not None]
    if not judged:
        return ""
    against = sum(not one.agrees for one in judged)
    count = len(judged)
    if is_denied(found):
        return say(
            f"Of the {count} nearest training examples {count - against or 'none'} have this label.",
            f"最相近的 {count} 个训练样本中有 {count - against} 个是这个标签。",
        )
    if against == 0:
        return say(
            f"All {count} nearest training examples have this label.", f"最相近的 {count} 个训练样本都是这个标签。"
        )
    labels = ", ".join(
        dict.fromkeys(label for one in judged if not one.agrees for label in one.label.split(", ") if label)
    )
    if 2 * against > count:
        return say(
            f"Careful: {against} of the {count} nearest training examples have another label ({labels}).",
            f"注意：最相近的 {count} 个训练样本中有 {against} 个是其他标签（{labels}）。",
        )
    return say(
        f"{count - against} of the {count} nearest training examples have this label; others: {labels}.",
        f"最相近的 {count} 个训练样本中有 {count - against} 个是这个标签；其余为 {labels}。",
    )


def _alike_numbers(found: Explanation) -> str:
    values = [float(one.label) for one in found.neighbours if one.label]
    if not values:
        return ""
    low, high, mean = (f"{value:.4g}" for value in (min(values), max(values), sum(values) / len(values)))
    return say(
        f"The {len(values)} nearest training examples have {low} to {high}, {mean} on average.",
        f"最相近的 {len(values)} 个训练样本的值为 {low} 到 {high}，平均 {mean}。",
    )
