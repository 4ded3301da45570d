"""What all pages of one rating share: its store, its links, and how a page is drawn and a reader is known."""

import hashlib
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tunesmith.artifacts import Ratings
from tunesmith.rooms.rate.gallery import Decode, Gallery
from tunesmith.rooms.rate.links import OWNER, Links
from tunesmith.rooms.rate.result import result
from tunesmith.rooms.rate.speech import COOKIE, wanted
from tunesmith.rooms.rate.store import Store
from tunesmith.words import Language, counted, language, say, speaking

PAGES = Path(__file__).parent / "pages"
SCRIPTS = {"rate.css": "text/css", "rate.js": "text/javascript", "outbox.js": "text/javascript",
           "kinds.js": "text/javascript", "media.js": "text/javascript", "owner.js": "text/javascript"}  # fmt: skip
"""Files that pages load, with their types; no other file is ever served."""

DOOR_SECONDS = 180 * 24 * 3600
"""A link that was opened once on a device need not be opened there again for half a year."""


KEPT = {"cache-control": "private, max-age=86400, immutable"}
"""Of pictures and sounds: the browser of whoever may see one keeps it for a day, and needs no connection then."""


def unshown(path: Path) -> tuple[bytes, str]:
    """Nothing can be shown: nobody said how files are decoded."""
    raise ValueError(path)


class Desk:
    """One rating as it is served at ``port``."""

    def __init__(self, store: Store, links: Links, port: int = 0, *, decode: Decode = unshown) -> None:
        """``decode``: how pictures and sounds of items become such as browsers show."""
        self.store, self.links, self.port = store, links, port
        self.gallery = Gallery(store.path.parent, store.items(), links.alias, decode)
        self._guard = threading.Lock()
        self._known: tuple[tuple[int, Language], Ratings | None] | None = None

    @property
    def door(self) -> str:
        """The cookie's name. Browsers tell cookies apart by host, not by port."""
        return f"tunesmith-rate-{self.port}"

    @cached_property
    def sense(self) -> str:
        """What items have beside words: ``"image"``, ``"sound"``, ``"both"``, or "" of words alone."""
        found = {name for item in self.store.items() for name in ("image", "sound") if getattr(item, name)}
        return "both" if len(found) > 1 else "".join(found)

    def rater(self, request: Request, number: int) -> str:
        """The name of the rater who asks.

        Raises:
            HTTPException: 403, who asks does not hold the link of that rater.
        """
        name = self.store.raters().get(number)
        if name is None or not self._is_open(request, str(number)):
            raise HTTPException(403)
        return name

    def owner(self, request: Request) -> None:
        """See that it is the owner who asks.

        Raises:
            HTTPException: 403.
        """
        if not self._is_open(request, OWNER):
            raise HTTPException(403)

    def page(self, request: Request, template: str, /, *, status: int = 200, **facts: Any) -> Response:
        """A page in the reader's language, which is kept when it was chosen just now."""
        asked = request.query_params.get("lang", "")
        spoken = self.language(request)
        with speaking(spoken):
            text = self._templates.get_template(f"{template}.html.j2").render(
                say=say,
                counted=counted,
                language=spoken,
                terms=self.store.terms,
                sense=self.sense,
                version=self._version,
                **facts,
            )
        answer = HTMLResponse(text, status_code=status)
        if asked == spoken:
            answer.set_cookie(COOKIE, spoken, max_age=DOOR_SECONDS, httponly=True, samesite="strict")
        return answer

    def language(self, request: Request) -> Language:
        """The reader's."""
        headers = request.headers
        return wanted(
            asked=request.query_params.get("lang", ""),
            cookies=headers.get("cookie", ""),
            accepts=headers.get("accept-language", ""),
        )

    def enter(self, request: Request, name: str, token: str, path: str) -> Response:
        """Let in who holds the link: the token becomes a cookie, and leaves the address.

        A browser keeps strict cookies back as long as it follows a link from elsewhere, redirections included; so
        the answer is a page of our own that goes on by itself.

        Raises:
            HTTPException: 403, it is not the token.
        """
        if not self.links.opens(name, token):
            raise HTTPException(403)
        answer = self.page(request, "enter", path=f"{path}/")
        answer.set_cookie(self.door, token, max_age=DOOR_SECONDS, path=path, httponly=True, samesite="strict")
        return answer

    def script(self, name: str) -> Response:
        """A file that pages load.

        Raises:
            HTTPException: 404.
        """
        if name not in SCRIPTS:
            raise HTTPException(404)
        headers = {"cache-control": "public, max-age=31536000, immutable"}
        return Response((PAGES / name).read_bytes(), media_type=SCRIPTS[name], headers=headers)

    def media(self, name: str) -> Response:
        """A picture or a sound, with a type that is ours; parts of it where a player asks for such.

        Raises:
            HTTPException: 404, there is none of that name, or nothing in it that can be shown.
        """
        try:
            path, kind = self.gallery.file(name)
        except (LookupError, ValueError) as error:
            raise HTTPException(404) from error
        return FileResponse(path, media_type=kind, headers=KEPT)

    def _is_open(self, request: Request, name: str) -> bool:
        return self.links.opens(name, request.cookies.get(self.door, ""))

    def ratings(self) -> Ratings | None:
        """What the votes say so far; None where there is none. Computed again only when there are new ones."""
        with self._guard:
            newest = self.store.newest()
            if self._known is None or self._known[0] != (newest, language()):
                found = (
                    result(self.store.votes(), self.store.items(), self.store.terms) if self.store.has_votes() else None
                )
                self._known = ((newest, language()), found)
            return self._known[1]

    @cached_property
    def _templates(self) -> Environment:
        return Environment(
            loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip

    @cached_property
    def _version(self) -> str:
        """Changes with any of the files, so that no browser keeps an old one."""
        content = b"".join((PAGES / name).read_bytes() for name in sorted(SCRIPTS))
        return hashlib.sha256(content).hexdigest()[:12]
