"""What is said about made rows: how many there are, and what they were measured to bring."""

from tunesmith.artifacts import Choice
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
    classes = say("all classes", "所有类别") if facts.wanted.prepare.augment_all else say("small classes", "小类别")
    because = say(
        f"you set it; {whole} made of {own}, of {classes} alone, never of dev or test rows: {ways}",
        f"由您指定；由{own}训练数据生成{whole}，仅限{classes}，不涉及验证集和测试集：{ways}",
    )
    return (Choice(name="augment", value=", ".join(asked), because=because),)
