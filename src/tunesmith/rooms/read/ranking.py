"""How well a column plays a role, and which one plays it best."""

from collections.abc import Callable, Iterable

from tunesmith.rooms.read import names
from tunesmith.rooms.read.facts import Facts
from tunesmith.rooms.read.records import Column

# Where columns have names, the name weighs this much against the content.
NAME_WEIGHT, UNKNOWN_NAME = 0.6, 0.9
# Content that fits a role less than this belies a name that claims it.
BELIED = 0.05


def fit(role: str, column: Facts, content: float) -> float:
    """How well a column plays a role: its name where it has one, and what its content says."""
    if isinstance(column.column, int):
        return content
    if not names.is_known(column.column):
        # A name that says nothing leaves it to the content.
        return UNKNOWN_NAME * content
    return NAME_WEIGHT * names.rank(role, column.column) + (1 - NAME_WEIGHT) * content


def ranked(
    role: str,
    columns: Iterable[Facts],
    fixed: dict[str, Column],
    content: Callable[[Facts], float],
    *,
    without: list[Facts] | None = None,
) -> list[tuple[float, Facts]]:
    """(fit, column) for a role, best first; a fixed role has one candidate, a column fixed otherwise is none."""
    candidates = [f for f in columns if f not in (without or [])]
    if role in fixed:
        return [(1.0, f) for f in candidates if f.column == fixed[role]]
    taken = set(fixed.values())
    # Objects and columns without any value play no role whatever they are called.
    usable = [f for f in candidates if f.column not in taken and f.count and f.nested_share <= 0.5]
    fits = [(fit(role, f, content(f)), f) for f in usable]
    # A column called by the role comes before any that is not, unless its content belies the name.
    return sorted(fits, key=lambda pair: (not _is_called(role, pair[1], content(pair[1])), -pair[0]))


def _is_called(role: str, column: Facts, content: float) -> bool:
    return names.rank(role, column.column) > 0 and content > BELIED
