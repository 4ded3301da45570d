"""What every artifact is: a frozen value with a file form."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

from tunesmith.errors import RunError
from tunesmith.words import say


class Artifact(BaseModel):
    """A frozen value that can be written to a file and read back equal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def write(self, path: Path) -> None:
        """Write as UTF-8 JSON, whole or not at all (temporary file, then rename)."""
        partial = path.with_name(path.name + ".partial")
        partial.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what ``write`` wrote.

        Raises:
            RunError: the file is missing or not such an artifact.
        """
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(
                expected=say(f"a {cls.__name__} written by tunesmith", f"tunesmith 写出的 {cls.__name__}"),
                got=str(error).splitlines()[0],
                where=str(path),
                do=say("point to a complete run folder, or make it anew", "请指向一个完整的运行文件夹，或重新生成"),
            ) from error
