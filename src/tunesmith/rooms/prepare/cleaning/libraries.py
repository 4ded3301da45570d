"""Libraries whose version decides what a text becomes."""

from importlib.metadata import PackageNotFoundError, version

from tunesmith.errors import UserError
from tunesmith.words import say

CONVERSION = "opencc-python-reimplemented"
"""Traditional and simplified Chinese; Apache-2.0, comes with ``tunesmith[chinese]``."""

WORDS = "rjieba"
"""Chinese words; MIT."""


def installed(library: str, wanted: str = "") -> str:
    """The version that is installed.

    Args:
        wanted: the only version that will do; empty: any.

    Raises:
        UserError: it is not installed, or in another version.
    """
    try:
        here = version(library)
    except PackageNotFoundError:
        here = ""
    if here and wanted in {"", here}:
        return here
    package = f"{library}=={wanted}" if wanted else library
    raise UserError(
        expected=say(f"the package {package}", f"软件包 {package}"),
        got=here or say("it is not installed", "未安装"),
        where="prepare.clean",
        do=f"pip install {package}",
    )
