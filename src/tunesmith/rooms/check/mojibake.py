"""Text that was decoded with the wrong encoding, found row by row; ``decoding`` is the judge."""

from tunesmith.rooms.check.decoding import CANDIDATES, stretches
from tunesmith.rooms.check.spotting import row_check, verified


def garbled(text: str) -> int:
    """How many stretches of a text were decoded wrongly."""
    return len(stretches(text))


MOJIBAKE = row_check(
    "text",
    verified(CANDIDATES, garbled),
    unit=("stretch of text decoded wrongly", "stretches of text decoded wrongly", "处乱码"),
    message=(
        "{n} in {rows}, such as 'Ã©' for 'é' or '浣犲ソ' for '你好': to the model these are other words.",
        "{rows}中有 {n}，例如“Ã©”（应为“é”）、“浣犲ソ”（应为“你好”）：对模型来说是另一些词。",
    ),
    do=(
        "state the encoding of the file (--encoding); if it was saved like that, have the rows mended (--fix)",
        "请指定文件编码（--encoding）；若文件就是这样保存的，请修复这些行（--fix）",
    ),
)
