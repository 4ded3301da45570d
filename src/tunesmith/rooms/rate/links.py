"""Who may come in: a personal link for each rater and one for the owner, from a secret that stays with the ratings."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

SECRET = "secret"  # noqa: S105 - the name of the file
OWNER = "owner"

TOKEN_BYTES = 18
"""144 bits: nobody guesses them, and they fit into a line of a letter."""


class Links:
    """Tokens of one rating. They are the same whenever it is served again; without its secret nobody makes one."""

    def __init__(self, folder: Path) -> None:
        """Read the folder's secret, or make one that only its owner may read.

        Raises:
            OSError: the folder cannot be written to.
        """
        path = folder / SECRET
        if not path.is_file():
            _keep(path, secrets.token_bytes(32))
        self._secret = path.read_bytes()

    def token(self, name: str) -> str:
        """What opens the door to the pages of ``name``: ``OWNER``, or a rater's number."""
        digest = hmac.new(self._secret, f"link/{name}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode("ascii")

    def alias(self, of: str) -> str:
        """A name for something that must not be told: always the same, and nobody reads from it what it stands for."""
        digest = hmac.new(self._secret, f"alias/{of}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode("ascii")

    def opens(self, name: str, token: str) -> bool:
        """Whether ``token`` is the one of ``name``; takes as long whatever is wrong with it."""
        return hmac.compare_digest(self.token(name).encode(), token.encode())


def rater_path(number: int) -> str:
    """Where a rater's pages lie."""
    return f"/r/{number}"


def entrance(links: Links, name: str) -> str:
    """The path of a personal link."""
    place = "/owner" if name == OWNER else rater_path(int(name))
    return f"{place}/enter/{links.token(name)}"


def _keep(path: Path, secret: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
