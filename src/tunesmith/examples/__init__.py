"""Example data written for tunesmith: all five formats in English and Chinese, with the flaws of real files.

``README.md`` beside this file lists them, and the flaws that are planted in each.
"""

from pathlib import Path

from tunesmith.registry import Registry

_SUFFIXES = {".tsv", ".conll", ".txt"}
_FILES: Registry[Path] = Registry(
    "example file", {file.name: file for file in sorted(Path(__file__).parent.iterdir()) if file.suffix in _SUFFIXES}
)


def names() -> list[str]:
    """The names of the example files, sorted."""
    return list(_FILES)


def path(name: str) -> Path:
    """Where the example file called ``name`` lies.

    Raises:
        UserError: there is no such file; the nearest names are given.
    """
    return _FILES.get(name)
