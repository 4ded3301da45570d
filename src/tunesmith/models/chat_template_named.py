"""Named forms of talks, as Jinja templates: who speaks in words, ChatML, or nothing but what is asked and answered."""

import json
from dataclasses import dataclass

LINE = "\n"

CHATML_TOKENS = ("<|im_start|>", "<|im_end|>")


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The texts of the special tokens around a talk: before all, and behind each answer."""

    head: str
    end: str


def plain(frame: Frame, *, is_cjk: bool) -> str:
    """Who speaks, in a word of the language; for models that have no tokens for it."""
    words = ("用户：", "助手：", "工具：") if is_cjk else ("User: ", "Assistant:\n", "Tool: ")
    user, assistant, tool = map(_quoted, words)
    line = _quoted("\n")
    return _talk(
        frame,
        {
            "system": f"{{{{ message['content'] }}}}{_quoted(chr(10) * 2)}",
            "assistant": f"{assistant}{{{{ message['content'] }}}}{_quoted(frame.end)}",
            "tool": f"{tool}{{{{ message['content'] }}}}{line}",
        },
        f"{user}{{{{ message['content'] }}}}{line}",
        asking=assistant,
    )


def chatml(frame: Frame) -> str:
    """OpenAI's ChatML: each turn between two special tokens, with its speaker's name before a line break."""
    start, end = CHATML_TOKENS
    role, content = "{{ message['role'] }}", "{{ message['content'] }}"
    turn = f"{_quoted(start)}{role}{_quoted(LINE)}{content}{_quoted(end + LINE)}"
    return _talk(frame, {}, turn, asking=_quoted(f"{start}assistant\n"))


def bare(frame: Frame, prompt: str) -> str:
    """What is asked in the middle of ``prompt``, and the answer right behind."""
    before, _, behind = prompt.partition("{}")
    answer = f"{{{{ message['content'] }}}}{_quoted(frame.end)}"
    return _talk(frame, {"assistant": answer}, f"{_quoted(before)}{{{{ message['content'] }}}}{_quoted(behind)}")


def _talk(frame: Frame, roles: dict[str, str], others: str, *, asking: str = "") -> str:
    """A template: a form for some speakers, one for all others, and what asks for an answer."""
    forms = "".join(
        f"{{% {'elif' if at else 'if'} message['role'] == '{role}' %}}{text}"
        for at, (role, text) in enumerate(roles.items())
    )
    turn = f"{forms}{{% else %}}{others}{{% endif %}}" if roles else others
    asked = f"{{% if add_generation_prompt %}}{asking}{{% endif %}}" if asking else ""
    return f"{_quoted(frame.head)}{{% for message in messages %}}{turn}{{% endfor %}}{asked}"


def _quoted(text: str) -> str:
    """A text as Jinja writes it out: as an expression, for it takes white space away around its blocks."""
    return f"{{{{ {json.dumps(text, ensure_ascii=False)} }}}}" if text else ""
