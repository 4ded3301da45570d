"""Which encoding a file is in, from its bytes alone.

Order of evidence: a byte order mark; zero bytes on one side (UTF-16); valid UTF-8 over the
whole file, a few bad bytes allowed; then whichever legacy encoding turns the bytes into
characters that people really use.
"""

import codecs
import re
from dataclasses import dataclass

from tunesmith.errors import DataError
from tunesmith.words import say

# UTF-8 with fewer bad bytes than this share is UTF-8 with a flaw, not another encoding,
# provided that it holds other, valid non-ASCII characters or that the bad ones are this few.
BAD_SHARE = 0.001
FEW_BAD_BYTES = 3
# UTF-16 of Chinese text holds zero bytes only in its digits, tabs and line ends.
ZERO_SHARE = 0.003
# Share of written characters that makes UTF-16 of bytes; wrong guesses give under 5%.
WRITTEN_SHARE, PROBE_BYTES = 0.2, 1 << 16
# Above this share of control bytes a file is no text in any encoding.
CONTROL_SHARE = 0.03
# A legacy encoding is believed when this share of its non-ASCII characters is common.
COMMON_SHARE = 0.12

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The most frequent characters of modern and classical prose, simplified then traditional: real
# text of either script holds 25 to 60% of these, wrongly decoded bytes hardly any.
_COMMON_CHINESE = frozenset(
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没"
    "日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理"
    "美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北"
    "少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感"
    "這來個說們為時會過學對裡後麼沒於還發當無開經頭長動兩樣現將與進實點種聲話兒問機給幾業間見門東電關內產萬體處總場師書員華報"
    "風雲花春秋夜君何酒店房服務务不錯错價格价质量喜歡欢買买房間，。、？！：；“”（）《》—…·"
)
_COMMON_WESTERN = frozenset("éèàêëïîôöüäáíóúñçßåøæâãõìòùûœÉÀÖÜÄ‘’“”–—…•£€°½©®«»¿¡´·§ " + "\x85\xa0")
_BAD = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """A codec, how bytes that it cannot decode are treated, and what the user should know."""

    codec: str
    errors: str = "strict"
    note: str = ""


class Tally:
    """UTF-8 evidence gathered chunk by chunk over a whole file."""

    def __init__(self) -> None:
        self.size, self.bad, self.multibyte, self.first_bad_line = 0, 0, 0, 0
        self.bad_chunk = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._lines = 0

    def add(self, chunk: bytes, *, final: bool = False) -> None:
        """Count the chunk's bad bytes and the bytes of valid multi-byte characters beyond their first."""
        self.size += len(chunk)
        if not chunk.isascii() or final:
            text = self._decoder.decode(chunk, final)
            bad = _BAD.findall(text)
            if bad and not self.first_bad_line:
                self.bad_chunk = chunk
                self.first_bad_line = 1 + self._lines + text[: text.index(bad[0])].count("\n")
            self.bad += len(bad)
            self.multibyte += len(chunk) - len(text)
        elif self._decoder.getstate()[0]:
            self.bad += len(_BAD.findall(self._decoder.decode(chunk)))
        self._lines += chunk.count(b"\n")


def is_binary(head: bytes) -> bool:
    """Whether the bytes are no text in any encoding known here."""
    if not head or any(head.startswith(mark) for mark, _ in _MARKS) or utf16_side(head):
        return False
    control = sum(head.count(byte) for byte in (*range(8), *range(14, 27), 28, 29, 30, 31))
    return control > CONTROL_SHARE * len(head)


def utf16_side(head: bytes) -> str:
    """``utf-16-le`` or ``utf-16-be`` where zero bytes stand in text that one of them makes sense of, else empty.

    Chinese has zero bytes on both sides (U+4E00 is the commonest character), so what counts
    is which side gives characters that people write; bytes of anything else give neither.
    """
    if head[:PROBE_BYTES].count(0) < max(1, ZERO_SHARE * len(head[:PROBE_BYTES])):
        return ""
    written = {codec: _written_share(head[: PROBE_BYTES // 2 * 2], codec) for codec in ("utf-16-le", "utf-16-be")}
    best, worse = sorted(written, key=lambda codec: -written[codec])
    return best if written[best] >= WRITTEN_SHARE and written[best] > 3 * written[worse] else ""


def _written_share(head: bytes, codec: str) -> float:
    text = head[: len(head) // 2 * 2].decode(codec, errors="replace")
    # Scripts below U+0700 and kana are told by their place, Chinese by its common characters.
    plain = sum(c.isprintable() if "\x1f" < c < "\u0700" else c in "\t\r\n" or "\u3040" <= c < "\u3100" for c in text)
    return (plain + sum(c in _COMMON_CHINESE for c in text if c > "\u0700")) / max(len(text), 1)


def detect(head: bytes, tally: Tally) -> Encoding:
    """The encoding of a file that starts with ``head`` and was counted into ``tally``."""
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return Encoding(codec=codec, errors="strict" if codec == "utf-8-sig" and not tally.bad else "replace")
    if side := utf16_side(head):
        return Encoding(codec=side, errors="replace", note=say("UTF-16 without a mark", "无标记的 UTF-16"))
    if not tally.bad:
        return Encoding(codec="utf-8")
    is_flawed_utf8 = tally.bad < BAD_SHARE * tally.size and (
        tally.multibyte > 10 * tally.bad or (tally.bad <= FEW_BAD_BYTES and not tally.multibyte)
    )
    if is_flawed_utf8:
        return _flawed(tally)
    return legacy(head, tally)


def legacy(head: bytes, tally: Tally) -> Encoding:
    """gb18030, big5 or cp1252, whichever gives the most characters that people use."""
    # A long file may begin with nothing but ASCII.
    proof = tally.bad_chunk if head.isascii() else head
    scores = {codec: _plausibility(proof, codec) for codec in ("gb18030", "big5", "cp1252")}
    best = max(scores, key=lambda codec: scores[codec])
    if scores[best] >= COMMON_SHARE:
        return Encoding(codec=best, errors="tunesmith-legacy")
    if tally.bad < 10 * BAD_SHARE * tally.size and tally.multibyte > tally.bad:
        return _flawed(tally)
    return _second_opinion(proof, best)


def named(codec: str) -> Encoding:
    """The encoding that the user names.

    Raises:
        DataError: Python knows no such codec for text.
    """
    try:
        known = codecs.lookup(codec)
    except LookupError:
        known = None
    if known is None or not known._is_text_encoding:
        raise DataError(
            expected=say("the name of a text encoding, such as gb18030", "文本编码的名称，例如 gb18030"),
            got=f"'{codec}'",
            where="--encoding",
            do=say("leave it out to have it found", "不写则自动识别"),
        )
    return Encoding(codec=known.name, errors="replace")


def _flawed(tally: Tally) -> Encoding:
    # Beside Chinese a lost byte is best shown as lost; beside ASCII it was a Latin letter.
    note = say(
        f"{tally.bad} byte(s) are not UTF-8, the first in line {tally.first_bad_line}",
        f"{tally.bad} 个字节不是 UTF-8，首个在第 {tally.first_bad_line} 行",
    )
    return Encoding(codec="utf-8", errors="replace" if tally.multibyte else "tunesmith-legacy", note=note)


def _plausibility(head: bytes, codec: str) -> float:
    """Share of the non-ASCII characters that are common, after the cost of what fails to decode."""
    text = head.decode(codec, errors="replace")
    foreign = [c for c in text if c > "\x7f"]
    if not foreign:
        return 0.0
    if codec == "cp1252":
        # An accented letter stands among ASCII; half of a Chinese character has its other half beside it.
        alone = re.findall(r"(?<![\x80-\uffff])[\x80-\uffff](?![\x80-\uffff])", text)
        return sum(c in _COMMON_WESTERN for c in alone) / len(foreign)
    lost = text.count("\ufffd") / len(foreign)
    return sum(c in _COMMON_CHINESE for c in foreign) / len(foreign) - 5 * lost


def _second_opinion(head: bytes, best: str) -> Encoding:
    from charset_normalizer import from_bytes

    match = from_bytes(head[: 1 << 16]).best()
    codec = match.encoding if match is not None else best
    note = say(f"the encoding is a guess: {codec}", f"编码是推测的：{codec}")
    return Encoding(codec=codec, errors="replace", note=note)


def _as_legacy(error: UnicodeError) -> tuple[str, int]:
    """Decode a bad byte as cp1252, and as latin-1 where cp1252 has a hole."""
    assert isinstance(error, UnicodeDecodeError)
    if error.encoding.lower().replace("_", "-") not in {"utf-8", "utf8", "cp1252", "charmap"}:
        return "\ufffd", error.start + 1
    byte = error.object[error.start : error.start + 1]
    try:
        return byte.decode("cp1252"), error.start + 1
    except UnicodeDecodeError:
        return byte.decode("latin-1"), error.start + 1


codecs.register_error("tunesmith-legacy", _as_legacy)
