"""What damaged, hidden or odd text looks like, and what only looks like it."""

from collections.abc import Callable

import pytest

from tunesmith.artifacts import Finding

Find = Callable[..., dict[str, Finding]]


def found_in(find: Find, text: str) -> dict[str, Finding]:
    """The findings about one text among clean ones."""
    rows = [
        {"text": t, "label": str(i % 2)} for i, t in enumerate(("a clean text", text, "another text", "干净的文本"))
    ]
    return find("text-classification", {"train": rows})


DAMAGED = {
    "broken-characters": [
        ("lost \ufffd letter", 1),
        ("two \ufffd\ufffd", 2),
        ("锟斤拷锟斤拷", 2),
    ],
    "control-characters": [("bell \x07 rings", 1), ("next \x90 thing", 1)],
    "html-remnants": [
        ("a<br>b<br />c", 2),
        ('see <a href="x">here</a>', 2),
        ("AT&amp;T", 1),
        ("it #39;s", 1),
        ("&#x4e2d;文 &#128512;", 2),
        ("x &lt; y", 1),
    ],
    "markdown-remnants": [("see [here](https://a.b/c)", 1), ("so **very bold** it is", 1), ("## A heading\n```py", 2)],
    "chat-tokens": [("<|im_start|>user hi<|im_end|>", 2), ("[INST] hi [/INST]", 2)],
    "unfilled-places": [("Dear {{ name }}", 1), ("亲爱的${user.name}", 1), ("{% if x %}a{% endif %}", 2)],
    "only-links": [("https://t.co/Ab12 http://t.co/x", 1), ("www.example.org/a?b=c.", 1), ("mail: ann@b.example", 0)],
    "mixed-widths": [("ＯＫ 好的 １", 3)],
    "invisible-characters": [("a\u200bb", 1), ("\ufefftext", 1), ("soft\u00adhyphen", 1), ("\u202eturned\u202c", 2)],
    "very-long": [("word " * 420, 1), ("很" * 520, 1)],
    "very-short": [("?", 1), ("a", 1), ("好", 1), ("...", 1)],
}
SOUND = {
    "broken-characters": [
        "tab\tand\nline",
        "烫烫烫的火锅",
        "𝄞 🎻 ok",
    ],
    "control-characters": ["tab\tand\nline\u0085"],
    "html-remnants": [
        "a < b > c",
        "<unk> <s>",
        "I <3 you",
        "R&D; ok",
        "#1 and #2",
        "#12345; fixed",
        "C# 39",
        "<title>",
    ],
    "markdown-remnants": ["2 ** 3 ** 4", "it is *so* good", "# 1 of the list", "a __init__ method", "f[i](x)", "****"],
    "chat-tokens": ["a <| b |> c", "[inst]", "<s>"],
    "unfilled-places": ["{a} and {b}", "$5 {off}", "100% {x}", "\\frac{{a}}{b}"],
    "only-links": ["look: https://t.co/x", "www.a.org 很好", "mail ann@b.example", "http"],
    "mixed-widths": ["好的，（对）！", "OK 1", "全角\u3000空格"],
    "invisible-characters": ["👨\u200d👩\u200d👧", "می\u200cخواهم", "full\u3000width", "no\u00a0break"],
    "very-long": ["word " * 400, "很" * 500],
    "very-short": ["ok", "a 1", "好的", "👍👍", "C+"],
}


@pytest.mark.parametrize(("code", "text", "count"), [(c, t, n) for c, cases in DAMAGED.items() for t, n in cases if n])
def test_found_and_counted(find: Find, code: str, text: str, count: int) -> None:
    finding = found_in(find, text)[code]
    assert finding.count == count
    assert [(row.path, row.line) for row in finding.rows] == [("train.tsv", 2)]


@pytest.mark.parametrize(("code", "text"), [(c, t) for c, cases in SOUND.items() for t in cases])
def test_left_in_peace(find: Find, code: str, text: str) -> None:
    assert code not in found_in(find, text)


def test_examples_make_the_invisible_visible_and_are_at_most_five(find: Find) -> None:
    rows = [{"text": f"row {i}\u200b " + "x" * 200, "label": str(i % 2)} for i in range(9)]
    finding = find("text-classification", {"train": rows})["invisible-characters"]
    assert (finding.count, len(finding.rows)) == (9, 5)
    assert finding.rows[0].text.startswith("row 0\\u200b xxx")
    assert all(len(row.text) == 80 for row in finding.rows)


def test_running_text_may_be_long_and_short(find: Find) -> None:
    found = find("language-modeling", {"train": [{"text": "word " * 1000}, {"text": "O!"}]})
    assert not {"very-long", "very-short"} & found.keys()


def test_tokens_are_read_as_a_text(find: Find) -> None:
    rows = [{"tokens": ["x", "\ufeff", "&amp;"], "tags": ["O", "O", "B-X"]}, {"tokens": ["?"], "tags": ["O"]}]
    found = find("token-classification", {"train": rows})
    assert found["invisible-characters"].count == found["html-remnants"].count == found["very-short"].count == 1
