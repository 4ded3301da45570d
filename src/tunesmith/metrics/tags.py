"""Tag schemes for spans: what a tag means, where entities lie, what breaks the scheme.

Entities follow conlleval's published rules (Tjong Kim Sang 2002) as Ramshaw & Marcus'
IOB needs them: an I- that follows nothing of its type starts an entity all the same. The
rules are the same for every scheme, so only ``illegal_positions`` has to know which
one is meant. Positions count from 0; the last position of an entity belongs to it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from tunesmith.words import say


class Scheme(StrEnum):
    """How tags mark spans. BIO is also called IOB2; BMEWO also BMES with W; BILOU is BIOES by other letters."""

    BIO = "BIO"
    IOB1 = "IOB1"
    BIOES = "BIOES"
    BMES = "BMES"
    BMEWO = "BMEWO"
    BILOU = "BILOU"
    IO = "IO"


class Entity(NamedTuple):
    """A span: its type, its first and its last position."""

    type: str
    start: int
    end: int


class _Tag(NamedTuple):
    role: str  # B, I, E, S or O, whatever letters the scheme uses
    type: str
    letter: str  # as written; empty for a tag that is a bare type


@dataclass(frozen=True)
class SchemeFound:
    """The scheme that the tags fit best, and a sentence that says how well."""

    scheme: Scheme
    evidence: str


OUTSIDE = frozenset({"O", "o", "_"})
JOINERS = "-_"
# The type of a tag that is a letter alone; seqeval calls it so too.
UNTYPED = "_"

_ROLE_OF = {"B": "B", "I": "I", "M": "I", "E": "E", "L": "E", "S": "S", "W": "S", "U": "S", "": "I"}
# In order of preference, for tags that fit several schemes equally well.
_LETTERS = {
    Scheme.BIO: frozenset("BI"),
    Scheme.IOB1: frozenset("BI"),
    Scheme.BIOES: frozenset("BIES"),
    Scheme.BMES: frozenset("BMES"),
    Scheme.BMEWO: frozenset("BMEW"),
    Scheme.BILOU: frozenset("BILU"),
    Scheme.IO: frozenset({""}),
}
_END = "O"


@lru_cache(maxsize=4096)
def _parsed(tag: str) -> _Tag:
    if tag in OUTSIDE:
        return _Tag("O", "", "O")
    letter, rest = tag[:1], tag[1:]
    if letter in _ROLE_OF and (not rest or (rest[0] in JOINERS and len(rest) > 1)):
        return _Tag(_ROLE_OF[letter], rest[1:] or UNTYPED, letter)
    return _Tag(_ROLE_OF[""], tag, "")


def entities(tags: Sequence[str]) -> list[Entity]:
    """The entities of one sentence, in order, by conlleval's rules.

    B- and S- start an entity; E- and S- end one; I- and E- go on with an entity of their
    own type that is open, else they start one. M counts as I, L as E, W and U as S. A bare
    type (``PER``) counts as I-.
    """
    found: list[Entity] = []
    start, open_type = -1, ""
    for position, tag in enumerate(tags):
        role, type_, _ = _parsed(tag)
        if start >= 0 and (role in "BSO" or type_ != open_type):
            found.append(Entity(open_type, start, position - 1))
            start = -1
        if role == "O":
            continue
        if start < 0:
            start, open_type = position, type_
        if role in "ES":
            found.append(Entity(open_type, start, position))
            start = -1
    if start >= 0:
        found.append(Entity(open_type, start, len(tags) - 1))
    return found


def to_bio(tags: Sequence[str]) -> list[str]:
    """The same entities, as ``entities`` sees them, in BIO with "-" between letter and type."""
    bio = ["O"] * len(tags)
    for entity in entities(tags):
        bio[entity.start] = f"B-{entity.type}"
        bio[entity.start + 1 : entity.end + 1] = [f"I-{entity.type}"] * (entity.end - entity.start)
    return bio


def illegal_positions(tags: Sequence[str], scheme: Scheme) -> list[int]:
    """Positions whose tag breaks the scheme, ascending.

    A tag is illegal if its letter is not the scheme's; if it cannot follow the tag before
    it (BIO: I- only after B- or I- of its type; IOB1: B- only after an entity of its type;
    the closed schemes BIOES, BMES, BMEWO, BILOU: inside and end only after begin or inside
    of their type, all else only where nothing is open); or if it is the last and leaves an
    entity open in a closed scheme.
    """
    illegal = [i for i, tag in enumerate(tags) if not _can_follow(tags[i - 1] if i else _END, tag, scheme)]
    last = len(tags) - 1
    if tags and not _can_follow(tags[last], _END, scheme) and illegal[-1:] != [last]:
        illegal.append(last)
    return illegal


@lru_cache(maxsize=65536)
def _can_follow(before: str, tag: str, scheme: Scheme) -> bool:
    previous, this = _parsed(before), _parsed(tag)
    if this.role != "O" and this.letter not in _LETTERS[scheme]:
        return False
    same_type = previous.role != "O" and previous.type == this.type
    if scheme is Scheme.IO:
        return True
    if scheme is Scheme.BIO:
        return this.role != "I" or same_type
    if scheme is Scheme.IOB1:
        return this.role != "B" or same_type
    is_open = previous.role in "BI"
    return (is_open and same_type) if this.role in "IE" else not is_open


def detect_scheme(sequences: Iterable[Sequence[str]]) -> SchemeFound:
    """The scheme which the fewest tags break; of equals the first of BIO, IOB1, BIOES, BMES, BMEWO, BILOU, IO."""
    pairs: Counter[tuple[str, str]] = Counter()
    for tags in sequences:
        pairs.update(zip([_END, *tags], [*tags, _END], strict=True))
    broken = {
        scheme: sum(times for (before, tag), times in pairs.items() if not _can_follow(before, tag, scheme))
        for scheme in Scheme
    }
    best, *others = sorted(Scheme, key=lambda scheme: broken[scheme])
    inside = sum(times for (_, tag), times in pairs.items() if _parsed(tag).role != "O")
    if not inside:
        return SchemeFound(best, say("no tag marks an entity", "没有标记实体的标签"))
    letters = sorted({_parsed(tag).letter for _, tag in pairs} - {"O"})
    return SchemeFound(
        best,
        say(
            f"letters {' '.join(letters) or 'none'}; {broken[best]} of {inside} entity tags break {best}, "
            f"{broken[others[0]]} would break {others[0]}",
            f"字母 {' '.join(letters) or '无'};{inside} 个实体标签中有 {broken[best]} 个不合 {best},"
            f"而 {broken[others[0]]} 个不合 {others[0]}",
        ),
    )
