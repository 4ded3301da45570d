"""What things are called on pages and cards, out of one table."""

from functools import cache
from importlib.resources import files

import yaml

from tunesmith.words import say

Names = dict[str, dict[str, dict[str, str]]]


@cache
def table() -> Names:
    """The whole table of names.yaml: kind → name → language → words."""
    text = files("tunesmith.rooms.report").joinpath("names.yaml").read_text(encoding="utf-8")
    found: Names = yaml.safe_load(text)
    return found


def named(kind: str, name: str) -> str:
    """What a thing of this kind is called in the user's language; a name that is not ours stays as it is."""
    known = table()[kind].get(name)
    return say(known["en"], known["zh"]) if known else name
