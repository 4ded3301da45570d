"""What a run's files were when it ended: a SHA-256 of each, so that any change shows, whoever made it.

The prepared data has a manifest of its own (``disk.seal``), which is one of the files here.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tunesmith.artifacts import Sealed
from tunesmith.disk import MANIFEST

FILE = "sealed.json"

SINGLE = ("plan.yaml", "reading.json", "prepared.json", "evaluation.json", "outcomes.arrow", f"data/{MANIFEST}")
"""Files of a run that its claims rest on, beside those in ``FOLDERS``."""

FOLDERS = ("model", "adapter")

CARD = "model/README.md"
"""For people, who may well write into it: nothing rests on it."""

_CHUNK_BYTES = 1 << 20


def seal(folder: Path) -> None:
    """Write the hashes of a run's files, and of the code that made them, into the run's folder."""
    hashes = {str(path.relative_to(folder).as_posix()): sha256(path) for path in _files(folder)}
    Sealed(files=hashes, code=code()).write(folder / FILE)


def renew(folder: Path, names: Sequence[str]) -> None:
    """Write the hashes of some files anew, and no others: what else was changed since then still shows."""
    old = Sealed.load(folder / FILE)
    now = {name: sha256(folder / name) for name in names if (folder / name).is_file()}
    old.model_copy(update={"files": {**old.files, **now}}).write(folder / FILE)


def broken(folder: Path, sealed: Sealed, part: str) -> list[str]:
    """Files of a part of the run (a file's name, or a folder's) that are not as they were, with what became of them."""
    told = {name: value for name, value in sealed.files.items() if name == part or name.startswith(f"{part}/")}
    here = {path.relative_to(folder).as_posix() for path in _files(folder)}
    added = sorted(name for name in here - set(sealed.files) if name == part or name.startswith(f"{part}/"))
    return [name for name, value in told.items() if name not in here or sha256(folder / name) != value] + added


def sha256(path: Path) -> str:
    """Of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while chunk := content.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def code() -> str:
    """SHA-256 of this package's own files, by name and content."""
    root, digest = Path(__file__).parent, hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for name in SINGLE:
        if (folder / name).is_file():
            yield folder / name
    for part in FOLDERS:
        for path in sorted((folder / part).rglob("*")):
            if path.is_file() and path.relative_to(folder).as_posix() != CARD:
                yield path
