"""Pictures of creatives, for whoever may read an account that shows them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from starlette.responses import FileResponse

from api.identity import Identity
from api.parts import Parts
from api.threads import in_thread
from warehouse.access import Reader
from warehouse.images import ImageStore
from warehouse.queries.creatives import image
from warehouse.sessions import Warehouse

_Digest = Annotated[
    str, InPath(description="SHA-256 of the picture, as mart.creative has it.", pattern="^[0-9a-f]{64}$")
]
_REFUSED: dict[int | str, dict[str, Any]] = {
    401: {"description": "Nobody is signed in"},
    404: {"description": "There is no such picture, or none that the reader may see"},
}
# Somebody else made the bytes: they are a picture to a browser and can be nothing else.
_HEADERS = {
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "content-disposition": "inline",
    "cache-control": "private, max-age=86400, immutable",
}


def image_routes(parts: Parts) -> APIRouter:
    """The route ``/images/{digest}``."""
    router = APIRouter(tags=["images"], responses=_REFUSED)

    @router.get("/images/{digest}", response_class=FileResponse, summary="A picture of a creative")
    async def picture(request: Request, digest: _Digest) -> FileResponse:
        """The bytes as they were loaded."""
        identity: Identity = request.state.identity
        return await in_thread(parts.threads, find_picture, parts.warehouse, identity.reader, digest)

    return router


def find_picture(warehouse: Warehouse, reader: Reader, digest: str) -> FileResponse:
    """The answer with a picture. Raises :class:`NotFound` unless the reader may see it."""
    with warehouse.reading(reader) as session:
        found = image(session, digest)
    path = ImageStore.of(warehouse.settings).find(found.digest)
    return FileResponse(path, media_type=found.media_type, headers=_HEADERS)
