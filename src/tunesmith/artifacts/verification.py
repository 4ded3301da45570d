"""``Verification``: a run's claims, looked at again."""

from tunesmith.artifacts.base import Artifact


class Claim(Artifact):
    """What the run says of itself (``told``), what was found now (``found``), and whether that is the same.

    ``holds`` is None where it cannot be looked at any more, as of a file that is gone; ``because`` says why, and what
    to do where it does not hold.
    """

    name: str
    told: str
    found: str
    holds: bool | None
    because: str = ""


class Sealed(Artifact):
    """SHA-256 of a run's files by their path in its folder when it ended, and of the code that made them."""

    files: dict[str, str]
    code: str


class Verification(Artifact):
    """All claims of a run: hashes of data, model and plan, and scores of the saved model."""

    run: str
    claims: tuple[Claim, ...]
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """No claim fails; one that cannot be looked at does not count."""
        return all(claim.holds is not False for claim in self.claims)
