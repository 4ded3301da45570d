"""Personal data hidden in whatever a row holds, for pages and terminals that others look at."""

from typing import Any

from tunesmith.rooms.check.private import masked


def hidden(value: Any) -> Any:
    """The same text, list or object with personal data hidden."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: hidden(inner) for name, inner in value.items()}
    return [hidden(inner) for inner in value] if isinstance(value, list | tuple) else value
