"""Text that was decoded wrongly, decoded rightly, where its bytes prove what they meant; ``decoding`` is the judge."""

from tunesmith.rooms.check.decoding import stretches

# Wrong decodings come in layers, when a file was saved twice: "ÃƒÂ©".
MOST_LAYERS = 3


def mended(text: str) -> str:
    """The text as it was written, where its bytes prove it; else the very text."""
    for _ in range(MOST_LAYERS):
        better = _undone(text)
        if better == text:
            break
        text = better
    return text


def _undone(text: str) -> str:
    """The text without one layer."""
    for start, end, meant in reversed(stretches(text)):
        if meant is not None:
            text = text[:start] + meant + text[end:]
    return text
