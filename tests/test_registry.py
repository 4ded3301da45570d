"""Registries load late, refuse collisions and name near misses."""

import pytest

from tunesmith.errors import UserError
from tunesmith.registry import Registry


def test_a_named_entry_is_loaded_when_it_is_asked_for() -> None:
    from collections import OrderedDict

    registry: Registry[object] = Registry("thing", {"ordered": "collections:OrderedDict"})
    assert "ordered" in registry
    assert registry.get("ordered") is OrderedDict


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    registry: Registry[object] = Registry("metric", {"accuracy": 1, "recall": 2})
    with pytest.raises(UserError, match=r"a metric: accuracy, recall; got 'acuracy'(.|\n)*use 'accuracy'"):
        registry.get("acuracy")


def test_a_taken_name_is_refused() -> None:
    registry: Registry[int] = Registry("number", {"one": 1})
    with pytest.raises(ValueError, match="'one' is registered already"):
        registry.add("one", 2)
    registry.remove("one")
    registry.add("one", 2)
    assert registry.get("one") == 2
    assert list(registry) == ["one"]
