"""Private files over HTTP with byte ranges, which frame-exact seeking needs."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.http.request import HttpRequest
from django.utils.cache import patch_cache_control

BLOCK_BYTES = 512 * 1024
_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class _Unsatisfiable(Exception):
    """The asked range lies outside the file."""


def ranged_response(
    request: HttpRequest,
    path: Path,
    content_type: str,
    etag: str | None = None,
    *,
    download_name: str = "",
) -> HttpResponseBase:
    """Answer GET or HEAD for a file: 200, 206, 304 or 416.

    Args:
        request: Django's or the REST framework's.
        path: inside the storage root.
        etag: strong validator without quotes; made from size and time where not given.
        download_name: where given, the browser saves the file under this name.

    Raises:
        Http404: the file is not there.
    """
    request = getattr(request, "_request", request)
    try:
        stat = path.stat()
    except FileNotFoundError:
        raise Http404(path.name) from None
    tag = f'"{etag or f"{stat.st_mtime_ns:x}-{stat.st_size:x}"}"'
    response = _choose(request, path, content_type, stat.st_size, tag)
    response["ETag"] = tag
    response["Accept-Ranges"] = "bytes"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    patch_cache_control(response, private=True, max_age=3600)
    if download_name:
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(download_name)}"
    return response


def _choose(
    request: HttpRequest, path: Path, content_type: str, size: int, tag: str
) -> HttpResponseBase:
    if _matches(request.headers.get("If-None-Match", ""), tag):
        return HttpResponse(status=304)
    if settings.ACCEL_REDIRECT:
        return _hand_to_proxy(path, content_type)
    try:
        asked = _asked_range(request, size, tag)
    except _Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = asked or (0, size)
    headers = {"Content-Length": str(end - start), "Content-Type": content_type}
    if asked:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 206 if asked else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    blocks = _blocks_async if isinstance(request, ASGIRequest) else _blocks
    return StreamingHttpResponse(blocks(path, start, end), status=status, headers=headers)


def _matches(header: str, tag: str) -> bool:
    tags = [part.strip().removeprefix("W/") for part in header.split(",")]
    return tag in tags or "*" in tags


def _hand_to_proxy(path: Path, content_type: str) -> HttpResponse:
    """Let nginx send the file: it reads the Range header itself."""
    name = path.relative_to(Path(settings.STORAGE_ROOT).resolve())
    location = settings.ACCEL_REDIRECT.rstrip("/") + "/" + quote(str(name))
    return HttpResponse(headers={"X-Accel-Redirect": location, "Content-Type": content_type})


def _asked_range(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """Half-open byte range, or None for the whole file (also for several ranges at once)."""
    if request.headers.get("If-Range", tag) != tag:
        return None
    match = _ONE_RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first:
        start, end = int(first), min(int(last) + 1 if last else size, size)
        if last and int(last) < int(first):
            return None  # not a valid range: the standard says to ignore it
    else:
        start, end = max(size - int(last), 0), size
    if start >= end:
        raise _Unsatisfiable
    return start, end


def _blocks(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (block := file.read(min(BLOCK_BYTES, end - start))):
            start += len(block)
            yield block


async def _blocks_async(path: Path, start: int, end: int) -> AsyncIterator[bytes]:
    """The same for the event loop: each block is read in a thread, none is kept."""
    blocks = _blocks(path, start, end)
    try:
        while block := await asyncio.to_thread(next, blocks, b""):
            yield block
    finally:
        with suppress(ValueError):  # a thread still reads: the block goes with the generator
            blocks.close()
