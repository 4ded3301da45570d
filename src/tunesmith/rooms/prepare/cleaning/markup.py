"""Steps that look at patterns: HTML, addresses of the web and of mail, white space."""

import html
import re

from tunesmith.rooms.prepare.cleaning.step import Step, settled
from tunesmith.words import say

# Tags by name, so that "a < b", <unk> and a ticker such as <TXN.N> stay; with attributes only where one has a value,
# so that "x <b and y> z" stays. Those of the first kind part what stands left and right of them, the others do not.
_PARTING = (
    "address|article|blockquote|br|div|dd|dl|dt|footer|form|h[1-6]|header|hr|li|ol|p|pre|section|table|td|th|tr|ul"
)
_INLINE = "a|b|big|center|code|em|font|i|iframe|img|input|meta|s|small|span|strong|sub|sup|u"
_ATTRIBUTES = r"(?:\s+[^<>=]{0,100}=[^<>]{0,2000}|\s*)/?"
_HIDDEN = re.compile(r"(?is)<!--.{0,5000}?-->|<(script|style)\b[^<>]{0,500}>.{0,5000}?</\1\s*>")
_APART = re.compile(rf"(?i)</?(?:{_PARTING}){_ATTRIBUTES}>")
_WITHIN = re.compile(rf"(?i)</?(?:{_INLINE}){_ATTRIBUTES}>")

# Entities end with their semicolon: without it "AT&Tea" and "x&para=1" would be taken for some. Some programs drop the
# ampersand, as in "it#39;s" and " quot;": a few names, and numbers of letters and signs; "#12345;" may be a ticket.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_REST = re.compile(r"(?<!&)#(?:0?3[2-9]|0?[4-9][0-9]|[1-9][0-9]{2}|8[0-9]{3});|(?<![&\w])(?:quot|amp|lt|gt|nbsp|apos);")
_HTML = r"(?i)</?[a-z]|<!--|&#?[a-z0-9]+;|(?:#[0-9]{2,4}|quot|amp|lt|gt|nbsp|apos);"

# Signs at the end belong to the sentence; Chinese characters and punctuation end an address.
_INSIDE = "[^\\s<>\"'\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
_URL = re.compile(rf"(?i)(?:https?://|ftp://|www\.){_INSIDE}*(?![.,;:!?)\]}}]){_INSIDE}")
_MAIL = r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}"

_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SPACE = re.compile(r"[^\S\n]+")
_LINES = re.compile(" ?\n[\n ]*")


def _html(text: str) -> str:
    text = _APART.sub(" ", _HIDDEN.sub(" ", text))
    text = _WITHIN.sub("", text)
    text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return _REST.sub(lambda rest: html.unescape(f"&{rest[0]}"), text)


def _spaces(text: str) -> str:
    return _LINES.sub("\n", _SPACE.sub(" ", _LINE_END.sub("\n", text))).strip()


# Each change makes the text shorter: what was written as HTML twice ("&amp;lt;br&amp;gt;") comes to its end, too.
HTML = Step(
    about=lambda: say("HTML tags go and entities become characters", "删除 HTML 标签，实体还原"),
    suspects=_HTML,
    clean=settled(_html),
)
URLS = Step(
    about=lambda: say("web addresses become [URL]", "网址替换为 [URL]"),
    suspects=r"(?i)https?://|ftp://|www\.",
    clean=settled(lambda text: _URL.sub("[URL]", text)),
)
MAILS = Step(
    about=lambda: say("mail addresses become [MAIL]", "邮箱地址替换为 [MAIL]"),
    suspects=_MAIL,
    clean=settled(lambda text, pattern=re.compile(_MAIL): pattern.sub("[MAIL]", text)),  # type: ignore[misc]
)
SPACES = Step(
    about=lambda: say(
        "runs of white space become one space or one line end",
        "连续空白合为一个空格或换行",
    ),
    suspects=(
        r"^[ \n]|[ \n]$|[\t\x{B}\x{C}\r\x{1C}-\x{1F}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}"
        r"\x{205F}\x{3000}]| [ \n]|\n[ \n]"
    ),
    clean=_spaces,
)
