"""What requests that bring a piece of a file look like."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from webapp.core.errors import Refused, TooLarge

LONGEST_NUMBER = 18  # digits
UPLOAD_OFFSET = OpenApiParameter("Upload-Offset", int, OpenApiParameter.HEADER, required=True)


class RawBytes(BaseParser):
    """A piece of a file, as it is."""

    media_type = "application/octet-stream"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> bytes:
        data = stream.read(settings.UPLOAD_CHUNK_BYTES + 1)
        if len(data) > settings.UPLOAD_CHUNK_BYTES:
            raise TooLarge(
                "chunk_too_large",
                f"Expected chunks of at most {settings.UPLOAD_CHUNK_BYTES:,} bytes.",
                {"max_chunk_bytes": settings.UPLOAD_CHUNK_BYTES},
            )
        return data


def offset_of(request: Request) -> int:
    """Where in the file the piece belongs."""
    text = request.headers.get("Upload-Offset", "")
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST_NUMBER:
        raise Refused("no_offset", f"Expected the header Upload-Offset: bytes, got {text[:40]!r}.")
    return int(text)


def piece_of(request: Request) -> bytes:
    """The bytes that came."""
    return request.data if isinstance(request.data, bytes) else b""
