"""House rules that no linter knows: sizes, names, documentation, and messages that say the same in two languages."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import tunesmith

SOURCE = Path(tunesmith.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
MOST_LINES = 500
MOST_FUNCTION_LINES = 80
NO_NAMES = {"utils", "util", "misc", "helpers", "helper", "common"}
"""A file with such a name has no subject, so that anything may land in it."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
HALF_WIDTH = re.compile(f"[{HAN}][,:;]")
TEMPLATE_MESSAGE = re.compile(r'\bsay\("([^"]*)", "([^"]*)"\)')

WORDINGS = {"en", "zh", "one", "many", "chinese"}
"""Names that hold a word of one language, not a fact."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Message:
    """One ``say(…)``, or a pair of sentences for one, as it stands in the source."""

    place: str
    words: list[ast.expr]


def named(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def public(node: ast.Module | ast.ClassDef) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """The public functions and classes of a file, and the public methods of those, with their dotted names."""
    for child in node.body:
        if not isinstance(child, Function | ast.ClassDef) or child.name.startswith("_"):
            continue
        # A property is told of where it is read.
        if not any(isinstance(one, ast.Attribute) and one.attr == "setter" for one in child.decorator_list):
            yield child.name, child
        if isinstance(child, ast.ClassDef):
            for name, inner in public(child):
                yield f"{child.name}.{name}", inner


def messages(module: ast.Module, file: str) -> Iterator[Message]:
    """Where the words are written: in ``say(…)``, or as a pair that a table hands to ``say(*pair)``."""
    constants = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            if not any(isinstance(word, ast.Starred) for word in node.args):
                yield Message(f"{file}:{node.lineno}", [*node.args, *(extra.value for extra in node.keywords)])
        elif isinstance(node, ast.keyword) and node.arg in {"title", "message", "do"}:
            pair = constants.get(node.value.id) if isinstance(node.value, ast.Name) else node.value
            if isinstance(pair, ast.Tuple):
                yield Message(f"{file}:{pair.lineno}", pair.elts)


def words_of(node: ast.expr) -> str:
    """The words of a message, with \\x00 for each value that is filled in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "\x00" for part in node.values)
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "\n".join(words_of(part) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))


def facts_in(node: ast.expr) -> set[str]:
    """The variables that a message fills in. Order, wording and number formats may differ between languages."""
    called = {part.func for part in ast.walk(node) if isinstance(part, ast.Call)}
    filled = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and part not in called} - WORDINGS
    # A pair is a template, and names its facts in braces.
    return filled | set(re.findall(r"\{(\w+)\}", words_of(node)))


ALL_MESSAGES = [message for path in FILES for message in messages(tree(path), named(path))]


def test_the_rules_look_at_something() -> None:
    assert len(FILES) > 80
    assert len(ALL_MESSAGES) > 200


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_has_one_subject(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
    assert not NO_NAMES & {path.stem, path.parent.name}


@pytest.mark.parametrize("path", FILES, ids=named)
def test_functions_fit_on_a_screen(path: Path) -> None:
    lengths = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(tree(path))
        if isinstance(node, Function)
    }
    assert {name: lines for name, lines in lengths.items() if lines > MOST_FUNCTION_LINES} == {}


@pytest.mark.parametrize("path", FILES, ids=named)
def test_what_others_may_use_is_documented(path: Path) -> None:
    module = tree(path)
    assert ast.get_docstring(module), "the file itself says what it is for"
    assert [name for name, node in public(module) if not ast.get_docstring(node)] == []


def test_every_message_comes_in_two_languages() -> None:
    for message in ALL_MESSAGES:
        assert len(message.words) == 2, message.place


def test_both_languages_state_the_same_facts() -> None:
    differing = {
        message.place: facts_in(message.words[0]) ^ facts_in(message.words[1])
        for message in ALL_MESSAGES
        if facts_in(message.words[0]) != facts_in(message.words[1])
    }
    assert differing == {}


def test_chinese_messages_use_chinese_punctuation() -> None:
    wrong = {
        message.place: found.group()
        for message in ALL_MESSAGES
        if (found := HALF_WIDTH.search(words_of(message.words[1])))
    }
    assert wrong == {}


def test_the_two_halves_are_not_swapped() -> None:
    for message in ALL_MESSAGES:
        english, chinese = (words_of(part) for part in message.words)
        # An example in quotes may be of any language.
        assert not re.search(f"[{HAN}]", re.sub(r"'[^' ]*'", "", english)), message.place
        # What is Chinese in no word is a name or a sign that both languages share.
        assert re.search(f"[{HAN}]", chinese) or not re.search("[A-Za-z]{3} [a-z]{3}", english), message.place


def test_messages_of_the_pages_keep_the_same_rules() -> None:
    found = [
        (f"{named(path)}: {english}", english, chinese)
        for path in sorted(SOURCE.rglob("*.j2"))
        for english, chinese in TEMPLATE_MESSAGE.findall(path.read_text(encoding="utf-8"))
    ]
    assert len(found) > 20
    assert [place for place, _, chinese in found if HALF_WIDTH.search(chinese)] == []
    assert [place for place, english, _ in found if re.search(f"[{HAN}]", english)] == []


FRONT = {"", "hall", "rooms", "search"}
"""Packages whose parts stand in the layers one by one; the package itself is only their door."""


def test_every_part_of_the_house_has_its_place_in_the_layers() -> None:
    settings = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    placed = {name.strip() for layer in layers for name in re.split(r"[|:]", layer)}
    parts = {".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in SOURCE.glob("*.py")}
    parts |= {".".join(path.parent.relative_to(SOURCE).parts) for path in SOURCE.glob("*/__init__.py")}
    for front in FRONT - {""}:
        parts |= {f"{front}.{path.stem}" for path in (SOURCE / front).glob("*") if path.suffix in {".py", ""}}
    parts = {part for part in parts if not part.endswith(("__init__", "__pycache__"))} - FRONT
    assert {f"tunesmith.{part}" for part in parts} <= placed
