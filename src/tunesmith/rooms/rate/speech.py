"""The language of a page: the reader's, not the one of the terminal that serves it."""

from http.cookies import CookieError, SimpleCookie

from tunesmith.words import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")
COOKIE = "tunesmith-language"


def wanted(*, asked: str, cookies: str, accepts: str) -> Language:
    """What the reader chose just now, else before, else what the browser prefers, else English.

    Args:
        asked: ``?lang=`` of the address.
        cookies, accepts: the headers Cookie and Accept-Language.
    """
    for one in (asked, _kept(cookies)):
        for language in LANGUAGES:
            if one == language:
                return language
    return _preferred(accepts)


def _kept(cookies: str) -> str:
    try:
        found = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _preferred(accepts: str) -> Language:
    """RFC 9110, 12.5.4: the language of the largest weight, the first of equals."""
    ranked: list[tuple[float, int, str]] = []
    for at, part in enumerate(accepts.split(",")):
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        ranked.append((-quality, at, tag.strip().lower()))
    for _, _, tag in sorted(ranked):
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "en"
