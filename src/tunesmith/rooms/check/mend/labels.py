"""Spellings that look like one label, written in one way: the one that most rows have."""

from collections import defaultdict
from collections.abc import Mapping

from tunesmith.rooms.check.labels import folded


def spelled_alike(counts: Mapping[str, int]) -> dict[str, str]:
    """From each rarer spelling of a label to its most frequent one; of equally frequent ones the first by name."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for label in counts:
        groups[folded(label)].append(label)
    found: dict[str, str] = {}
    for group in groups.values():
        best = min(group, key=lambda label: (-counts[label], label))
        found |= {label: best for label in group if label != best}
    return found
