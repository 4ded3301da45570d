"""The page of what ratings say: for the owner, who asked, and for whoever the owner shows it to."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tunesmith.artifacts import Judged, Ratings
from tunesmith.rooms.rate import told
from tunesmith.rooms.rate.drawn import interval_bar, spread
from tunesmith.rooms.rate.items import HIGHEST, LOWEST
from tunesmith.words import counted, language, say

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""What a browser may do with the page: it has its style within itself, and no script."""


def render(ratings: Ratings) -> str:
    """The whole page as text, in the user's language; it needs no network, no script and no other file."""
    return _environment().get_template("result.html.j2").render(
        ratings=ratings,
        language=language(),
        lead=lead(ratings),
        basis=basis(ratings.whole),
        policy=POLICY.replace("; frame-ancestors 'none'", ""),
    )  # fmt: skip


def write(ratings: Ratings, path: Path) -> Path:
    """Write the page, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    partial.write_text(render(ratings), encoding="utf-8")
    partial.replace(path)
    return path


def lead(ratings: Ratings) -> str:
    """The sentence to know if one reads no other."""
    found = told.sentences(ratings.whole)
    return found[0] if found else say("No judgement counts yet.", "尚无可计入的评判。")


def basis(judged: Judged) -> str:
    """What it all rests on."""
    votes = counted(judged.votes, "vote", "votes", "票")
    people = counted(len(judged.raters), "rater", "raters", "名评分者")
    items = counted(judged.items, "item", "items", "题")
    return say(f"{votes} of {people} on {items}", f"{people}，{items}，{votes}")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    tools: dict[str, object] = {
        "say": say, "counted": counted, "told": told, "percent": told.percent, "span": told.span,
        "interval_bar": interval_bar, "spread": spread, "scale": (LOWEST, HIGHEST), "basis_of": basis,
    }  # fmt: skip
    environment.globals.update(tools)
    return environment
