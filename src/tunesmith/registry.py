"""Registries of plug-ins: what is named here is loaded when it is used."""

import difflib
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Generic, TypeVar, cast

from tunesmith.errors import UserError
from tunesmith.words import listed, say

T = TypeVar("T")


def load(target: str) -> Any:
    """Import ``package.module:name`` and return the object."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


class Registry(Generic[T]):
    """Names to things of one kind. Entries may be ``module:name`` strings, loaded on first use."""

    def __init__(self, kind: str, entries: Mapping[str, str | T] | None = None) -> None:
        self.kind = kind
        self._entries: dict[str, str | T] = {}
        for name, entry in (entries or {}).items():
            self.add(name, entry)

    def add(self, name: str, entry: str | T) -> None:
        """Register ``entry``; a name that is taken is refused, whoever took it.

        Raises:
            ValueError: the name is taken. That is a bug of the caller, not of the user.
        """
        if name in self._entries:
            raise ValueError(f"the {self.kind} '{name}' is registered already, as {self._entries[name]!r}")
        self._entries[name] = entry

    def remove(self, name: str) -> None:
        """Take an entry out again (tests that register a toy do)."""
        del self._entries[name]

    def get(self, name: str) -> T:
        """The entry called ``name``.

        Raises:
            UserError: there is none; the nearest names are given.
        """
        if name not in self._entries:
            near = difflib.get_close_matches(name, list(self._entries), n=3, cutoff=0.5)
            raise UserError(
                expected=say(
                    f"a {self.kind}: {listed(sorted(self._entries))}", f"{self.kind}:{listed(sorted(self._entries))}"
                ),
                got=f"'{name}'",
                do=say(f"use '{near[0]}'", f"改用 '{near[0]}'")
                if near
                else say("use one of these names", "请用其中一个名称"),
            )
        entry = self._entries[name]
        if isinstance(entry, str):
            entry = cast(T, load(entry))
            self._entries[name] = entry
        return entry

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)
