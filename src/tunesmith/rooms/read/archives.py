"""zip and gz: members are streamed where they lie; nothing is unpacked onto the disk."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from tunesmith.errors import DataError
from tunesmith.words import say

# A member that unpacks to more than 1 GiB and to over 200 times its packed size is taken for
# a bomb: text packs 3 to 20 times, and only planted zeros reach deflate's limit of about 1,000.
BOMB_BYTES = 1 << 30
BOMB_RATIO = 200

_OFFICE_MARK = "[Content_Types].xml"


class Metered(io.RawIOBase):
    """A read-only stream over an unpacking one that counts bytes and refuses a bomb.

    Raises:
        DataError: on reading, when the member is damaged or unpacks beyond all measure.
    """

    def __init__(self, stream: BinaryIO, where: str, packed_bytes: int) -> None:
        super().__init__()
        self._stream, self._where, self._packed_bytes = stream, where, packed_bytes

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Backwards too: both unpackers start anew, slowly but correctly."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As for any stream."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """The position in unpacked bytes."""
        return self._stream.tell()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer from the unpacked bytes; 0 at the end."""
        try:
            data = self._stream.read(len(buffer))
        except (OSError, EOFError, zipfile.BadZipFile, ValueError, RuntimeError) as error:
            raise _damaged(self._where, str(error)) from error
        except Exception as error:
            # zlib.error and lzma.LZMAError share no base class but this one.
            raise _damaged(self._where, f"{type(error).__name__}: {error}") from error
        position = self._stream.tell()
        if position > BOMB_BYTES and position > BOMB_RATIO * self._packed_bytes:
            raise _bomb(self._where, position, self._packed_bytes)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the unpacking stream too."""
        self._stream.close()
        super().close()


def gzip_opener(path: Path) -> Callable[[], BinaryIO]:
    """An opener of the one member of a gz file."""

    def open_member() -> BinaryIO:
        stream = gzip.open(path, "rb")  # noqa: SIM115 - closed with the reader around it
        return io.BufferedReader(Metered(stream, str(path), path.stat().st_size))  # type: ignore[arg-type]

    return open_member


def zip_members(path: Path) -> list[tuple[str, int, Callable[[], BinaryIO]]]:
    """(name, packed bytes, opener) of each file in a zip, in its own order.

    Raises:
        DataError: damaged, encrypted, a bomb by its own table, an Office document, or a
            member whose name leads out of the archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(str(path), str(error)) from error
    if any(info.filename == _OFFICE_MARK for info in infos):
        raise DataError(
            expected=say("text, JSON, parquet or an archive of these", "文本、JSON、parquet 或它们的压缩包"),
            got=say("an Office document", "一个 Office 文档"),
            where=str(path),
            do=say("save the sheet as CSV (UTF-8) and give that file", "请将表格另存为 CSV（UTF-8）再提供"),
        )
    return [(_member_name(info, path), info.compress_size, _zip_opener(path, info)) for info in infos]


def _member_name(info: zipfile.ZipInfo, path: Path) -> str:
    name = info.filename
    if not info.flag_bits & 0x800:
        # Without the UTF-8 flag, zipfile decodes names as cp437; Chinese tools wrote UTF-8 or GBK.
        raw = name.encode("cp437", errors="replace")
        name = next((raw.decode(c) for c in ("utf-8", "gb18030") if _decodes(raw, c)), name)
    where = f"{path}/{name}"
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
        raise DataError(
            expected=say("members with names inside the archive", "名称位于压缩包之内的成员"),
            got=say(f"'{name}', which leads out of it", f"'{name}'，指向压缩包之外"),
            where=where,
            do=say("do not trust this archive; pack the files anew", "请勿信任此压缩包；请重新打包"),
        )
    if info.flag_bits & 0x1:
        raise DataError(
            expected=say("an archive without a password", "没有密码的压缩包"),
            got=say("an encrypted member", "加密的成员"),
            where=where,
            do=say("unpack it and give the folder", "请解压后提供文件夹"),
        )
    if info.file_size > BOMB_BYTES and info.file_size > BOMB_RATIO * max(info.compress_size, 1):
        raise _bomb(where, info.file_size, info.compress_size)
    return str(parts)


def _decodes(raw: bytes, codec: str) -> bool:
    return "\ufffd" not in raw.decode(codec, errors="replace")


def _zip_opener(path: Path, info: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    def open_member() -> BinaryIO:
        # The member keeps its own handle on the file open until it is closed.
        try:
            stream = zipfile.ZipFile(path).open(info)  # noqa: SIM115
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
            raise _damaged(f"{path}/{info.filename}", str(error)) from error
        return io.BufferedReader(Metered(stream, f"{path}/{info.filename}", info.compress_size))  # type: ignore[arg-type]

    return open_member


def _damaged(where: str, reason: str) -> DataError:
    return DataError(
        expected=say("an archive that can be unpacked", "可以解压的压缩包"),
        got=reason,
        where=where,
        do=say("copy or download the file again", "请重新复制或下载该文件"),
    )


def _bomb(where: str, unpacked: int, packed: int) -> DataError:
    return DataError(
        expected=say(f"a member under {BOMB_RATIO} times its packed size", f"解压后不超过原大小 {BOMB_RATIO} 倍的成员"),
        got=say(f"{unpacked:,} bytes out of {packed:,}", f"{packed:,} 字节解压出 {unpacked:,} 字节"),
        where=where,
        do=say("unpack it yourself if you trust it", "如果信任它，请自行解压"),
    )
