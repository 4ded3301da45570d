"""The application that is served: the pages of raters and of the owner, behind the guard."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from tunesmith.errors import UserError
from tunesmith.rooms.rate import owner, rater
from tunesmith.rooms.rate.desk import Desk
from tunesmith.rooms.rate.guard import App, Guard


def application(desk: Desk, *, is_public: bool = False) -> App:
    """The pages of one rating, as ASGI.

    Args:
        is_public: machines other than this one may ask, too.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(rater.pages(desk))
    app.include_router(owner.pages(desk))

    @app.get("/static/{version}/{name}")
    def script(version: str, name: str) -> Response:
        return desk.script(name)

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse({"error": str(error.detail)}, status_code=error.status_code)
        return desk.page(request, "refused", status=error.status_code, code=error.status_code, error=None)

    @app.exception_handler(UserError)
    def lacking(request: Request, error: UserError) -> Response:
        return desk.page(request, "refused", status=409, code=409, error=error)

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, error: RequestValidationError) -> Response:
        # What came is not sent back: it may be anything.
        places = [".".join(str(part) for part in one["loc"]) for one in error.errors()[:5]]
        return JSONResponse({"error": f"cannot be used: {', '.join(places)}"}, status_code=422)

    return Guard(app, is_public=is_public)
