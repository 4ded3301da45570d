"""The wanted menders as functions of one text, one label, one tag sequence, and the list of what they did."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tunesmith.metrics.tags import Scheme
from tunesmith.rooms.check.mend.menders import LabelMender, Mender, TagMender, TextMender


class Step(NamedTuple):
    """One text before and after one mender."""

    kind: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Fixes:
    """What is done to the values of one row, here as in the file that it came from.

    ``labels`` maps the labels that are written anew.
    """

    texts: Mapping[str, TextMender]
    tag_menders: Mapping[str, TagMender]
    labels: Mapping[str, str]
    label_kind: str
    scheme: Scheme

    @classmethod
    def of(cls, menders: Mapping[str, Mender], counts: Mapping[str, int], scheme: Scheme) -> "Fixes":
        """The fixes of the wanted menders; ``counts`` are the rows of each label."""
        by_label = {name: m.mend(counts) for name, m in menders.items() if isinstance(m, LabelMender)}
        return cls(
            texts={name: m for name, m in menders.items() if isinstance(m, TextMender)},
            tag_menders={name: m for name, m in menders.items() if isinstance(m, TagMender)},
            labels={old: new for found in by_label.values() for old, new in found.items()},
            label_kind=next(iter(by_label), ""),
            scheme=scheme,
        )

    @property
    def may(self) -> str:
        """An RE2 pattern that every text holds which would be changed; empty where none would."""
        return "|".join(f"(?:{mender.may})" for mender in self.texts.values())

    def steps(self, text: str) -> Iterator[Step]:
        """What each mender changes, one after the other."""
        for kind, mender in self.texts.items():
            after = mender.mend(text)
            if after != text:
                yield Step(kind, text, after)
                text = after

    def text(self, text: str) -> str:
        """The mended text; one of which nothing would be left stays as it is."""
        after = text
        for mender in self.texts.values():
            after = mender.mend(after)
        return after if after.strip() else text

    def token(self, token: str) -> str:
        """The mended token; one that would be none any more, or two, stays as it is."""
        after = self.text(token)
        return token if len(after.split()) != 1 or after != after.strip() else after

    def tags(self, tags: Sequence[str]) -> list[str]:
        """The mended tags."""
        found = list(tags)
        for mender in self.tag_menders.values():
            found = mender.mend(found, self.scheme)
        return found

    def label(self, label: str) -> str:
        """The label as it is written from now on."""
        return self.labels.get(label.strip(), label)
