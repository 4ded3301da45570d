"""What is said about made rows: how many there are, and what they were measured to bring."""

from tunesmith.artifacts import Choice
from tunesmith.rooms.plan.advice import UNKNOWN, advised
from tunesmith.rooms.plan.facts import Facts
from tunesmith.words import counted, say


def made(facts: Facts) -> tuple[Choice, ...]:
    """How many rows were made and in what ways; nothing where none were asked for."""
    asked, found = facts.wanted.prepare.augment, facts.prepared.augmented
    if not asked:
        return ()
    rows = facts.prepared.splits["train"].rows - sum(found.values())
    ways = ", ".join(f"{way} {count:,}" for way, count in found.items()) or say("none", "无")
    whole, own = counted(sum(found.values()), "row", "rows", "行"), counted(rows, "training row", "training rows", "行")
    classes = (
        say("all classes", "所有类别") if facts.wanted.prepare.augment_all else say("small classes alone", "仅限小类别")
    )
    because = say(
        f"you set it; {whole} made of {own}, of {classes}, never of dev or test rows: {ways}; {_measured(asked, rows)}",
        f"由您指定；由{own}训练数据生成{whole}，{classes}，不涉及验证集和测试集：{ways}；{_measured(asked, rows)}",
    )
    return (Choice(name="augment", value=", ".join(asked), because=because),)


def _measured(asked: tuple[str, ...], rows: int) -> str:
    """What the ways brought on sets of about so many rows, beside as many steps on the plain rows."""
    found = {way: advised("augment_effect", way, rows=rows) for way in asked}
    known = [f"{way} {value:+.1f}" for way, value in found.items() if value != UNKNOWN]
    strange = [way for way, value in found.items() if value == UNKNOWN]
    parts = []
    if known:
        shown = ", ".join(known)
        parts.append(
            say(
                f"on sets of 64 to 256 rows such ways brought, in points beside as many steps without them: {shown};"
                " few seeds, and one score alone is uncertain by four points",
                f"在 64 到 256 行的数据集上，与相同步数的原始数据相比（百分点）：{shown}；"
                "种子很少，单次分数的误差约四个百分点",
            )
        )
    if strange:
        shown = ", ".join(strange)
        parts.append(say(f"not measured on so many rows: {shown}", f"未在这么多行上测量：{shown}"))
    return say("; ", "；").join(parts)
