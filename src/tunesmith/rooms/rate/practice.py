"""Two items to practise on, for each kind; what is chosen there is told to be right or not, and is not kept."""

from collections.abc import Sequence
from typing import Any

from tunesmith.rooms.rate.items import Kind
from tunesmith.rooms.rate.practised import PRACTISED, names
from tunesmith.words import say


def practice(kind: Kind, asked: Sequence[str], *, sense: str = "") -> list[dict[str, Any]]:
    """Items as ``as_seen`` gives them, each with its ``hint`` and, by criterion, the values that are ``accepted``.

    ``sense``: as of ``Desk``; where pictures or sounds are judged, practice is with such.
    """
    texts = {"ab": _pairs, "scale": _graded, "right": _judged, "tags": _tagged}
    made = _perceived(kind, is_picture=sense != "sound") if sense else texts[kind]()
    empty: dict[str, Any] = {
        "prompt": "", "image": "", "sound": "", "reference": "", "labels": [], "tokens": [], "tags": [], "mark": None,
        "value": {},
    }  # fmt: skip
    return [
        {**empty, "place": at, **item, "accepted": dict.fromkeys(asked, item["accepted"])}
        for at, item in enumerate(made)
    ]


def _perceived(kind: Kind, *, is_picture: bool) -> list[dict[str, Any]]:
    """Two pictures, or two sounds, that nobody takes for one another; both times the first name is answered."""
    known = names(is_picture)
    place, files = ("image", PRACTISED[:2]) if is_picture else ("sound", PRACTISED[2:])
    accepted: dict[Kind, Sequence[list[Any]]] = {
        "ab": (["first"], ["second"]), "scale": ([4, 5], [1, 2]), "right": ([True], [False]),
    }  # fmt: skip
    return [
        {
            place: f"media/{file}",
            "answers": list(known) if kind == "ab" else [known[0]],
            "labels": list(known) if kind == "right" else [],
            "accepted": right,
            "hint": say(f"This is: {name}.", f"这是：{name}。"),
        }
        for file, name, right in zip(files, known, accepted[kind], strict=True)
    ]


def _pairs() -> list[dict[str, Any]]:
    return [
        {
            "prompt": say("Which planet is the largest of our solar system?", "太阳系中最大的行星是哪一颗？"),
            "answers": [
                say("Jupiter. It has more mass than all other planets together.", "木星。它的质量超过其他行星的总和。"),
                say("There are many planets, and each is beautiful.", "行星有很多，每一颗都很美。"),
            ],
            "accepted": ["first"],
            "hint": say("A answers the question; B does not.", "A 回答了问题；B 没有。"),
        },
        {
            "prompt": say("Write one polite sentence that declines an invitation.", "写一句礼貌地谢绝邀请的话。"),
            "answers": [
                say("No, I will not come, do not ask again.", "不去，别再问了。"),
                say("Thank you for asking me; sadly I cannot come that day.", "谢谢您的邀请，可惜那天我无法前来。"),
            ],
            "accepted": ["second"],
            "hint": say("Both decline, but only B is polite.", "两句都是谢绝，但只有 B 礼貌。"),
        },
    ]


def _graded() -> list[dict[str, Any]]:
    prompt = say("How many days are there in a week?", "一个星期有几天？")
    return [
        {
            "prompt": prompt,
            "answers": [say("A week has seven days.", "一个星期有七天。")],
            "accepted": [4, 5],
            "hint": say("There is nothing wrong with it: a high grade.", "这个回答没有问题：应给高分。"),
        },
        {
            "prompt": prompt,
            "answers": [say("Week week the days is is nine nine.", "星期星期天是是九九。")],
            "accepted": [1, 2],
            "hint": say("It is wrong and hardly a sentence: a low grade.", "既不对，也不成句：应给低分。"),
        },
    ]


def _judged() -> list[dict[str, Any]]:
    good, bad = say("praise", "好评"), say("complaint", "差评")
    return [
        {
            "prompt": say("The room was clean and everybody was kind.", "房间很干净，大家都很友善。"),
            "answers": [good],
            "labels": [good, bad],
            "accepted": [True],
            "hint": say("The text praises: the answer is right.", "文字是称赞：答案是对的。"),
        },
        {
            "prompt": say("I waited two hours and the soup was cold.", "等了两个小时，汤还是凉的。"),
            "answers": [good],
            "labels": [good, bad],
            "accepted": [False],
            "hint": say("The text complains: the answer is wrong.", "文字是抱怨：答案是错的。"),
        },
    ]


def _tagged() -> list[dict[str, Any]]:
    person, city = say("person", "人名"), say("place", "地名")
    lists = [
        (
            say("Anna lives in Oslo", "安 娜 住 在 北 京").split(" "),
            say(f"B-{person} O O O", f"B-{person} I-{person} O O O O").split(" "),
            say(f"B-{person} O O B-{city}", f"B-{person} I-{person} O O B-{city} I-{city}").split(" "),
            say("The last word is a place.", "最后的词是地名。"),
        ),
        (
            say("We read all day", "我 们 读 了 一 天").split(" "),
            say(f"B-{person} O O O", f"B-{person} I-{person} O O O O").split(" "),
            say("O O O O", "O O O O O O").split(" "),
            say("Nothing here is a name: take the mark away.", "这里没有名称：请去掉标记。"),
        ),
    ]
    return [
        {"prompt": "", "answers": [""], "labels": [person, city], "tokens": tokens, "tags": tags, "accepted": [right],
         "hint": hint}
        for tokens, tags, right, hint in lists
    ]  # fmt: skip
