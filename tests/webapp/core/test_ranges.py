import os

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404
from django.test import AsyncRequestFactory, RequestFactory
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from webapp.core.ranges import BLOCK_BYTES, ranged_response

CONTENT = bytes(range(100))


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "clip.mp4"
    file.write_bytes(CONTENT)
    return file


def ask(path, method="GET", **headers):
    request = RequestFactory().generic(method, "/", headers=headers)
    return ranged_response(request, path, "video/mp4")


def body(response):
    return response.getvalue() if response.streaming else response.content


def test_the_whole_file_comes_without_a_range(path):
    response = ask(path)
    assert (response.status_code, body(response)) == (200, CONTENT)
    assert response["Content-Length"] == "100"
    assert response["Accept-Ranges"] == "bytes"
    assert "private" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=90-", 90, 100),
        ("bytes=0-", 0, 100),
        ("bytes=-5", 95, 100),
        ("bytes=-500", 0, 100),
        ("bytes=50-5000", 50, 100),
    ],
)
def test_one_range_is_cut_out(path, asked, start, end):
    response = ask(path, Range=asked)
    assert (response.status_code, body(response)) == (206, CONTENT[start:end])
    assert response["Content-Range"] == f"bytes {start}-{end - 1}/100"
    assert response["Content-Length"] == str(end - start)


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=500-600", "bytes=-0"])
def test_a_range_outside_the_file_is_416(path, asked):
    response = ask(path, Range=asked)
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */100"


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,4-5", ""]
)
def test_what_is_no_single_valid_range_gets_the_whole_file(path, asked):
    response = ask(path, Range=asked)
    assert (response.status_code, body(response)) == (200, CONTENT)


def test_if_range_with_another_tag_gets_the_whole_file(path):
    tag = ask(path)["ETag"]
    assert ask(path, **{"Range": "bytes=0-1", "If-Range": tag}).status_code == 206
    assert ask(path, **{"Range": "bytes=0-1", "If-Range": '"old"'}).status_code == 200


def test_a_known_tag_is_answered_304(path):
    tag = ask(path)["ETag"]
    assert ask(path, **{"If-None-Match": f'"x", W/{tag}'}).status_code == 304


def test_the_tag_changes_with_the_file(path):
    tag = ask(path)["ETag"]
    path.write_bytes(CONTENT)
    os.utime(path, (1, 1))
    assert ask(path)["ETag"] != tag


def test_head_has_the_headers_and_no_body(path):
    response = ask(path, method="HEAD", Range="bytes=10-19")
    assert (response.status_code, body(response)) == (206, b"")
    assert response["Content-Length"] == "10"


def test_a_missing_file_is_404(tmp_path):
    with pytest.raises(Http404):
        ask(tmp_path / "gone.mp4")


def test_a_download_keeps_its_name_whatever_the_letters(path):
    response = ranged_response(
        RequestFactory().get("/"), path, "x/y", download_name='Nacht "1".mp4'
    )
    assert response["Content-Disposition"] == "attachment; filename*=UTF-8''Nacht%20%221%22.mp4"


def test_a_proxy_in_front_is_told_the_files_name(settings):
    settings.ACCEL_REDIRECT = "/protected/"
    settings.STORAGE_ROOT.mkdir()
    path = settings.STORAGE_ROOT / "a b.mp4"
    path.write_bytes(CONTENT)
    response = ask(path, Range="bytes=0-1")
    assert response["X-Accel-Redirect"] == "/protected/a%20b.mp4"
    assert body(response) == b""


async def test_on_the_event_loop_a_large_file_is_read_block_by_block(tmp_path):
    content = os.urandom(2 * BLOCK_BYTES + 7)
    path = tmp_path / "large"
    path.write_bytes(content)
    request = AsyncRequestFactory().get("/", headers={"Range": "bytes=3-"})
    assert isinstance(request, ASGIRequest)
    response = ranged_response(request, path, "video/mp4")
    blocks = [block async for block in response]
    assert len(blocks) == 3
    assert b"".join(blocks) == content[3:]


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(first=st.integers(0, 120), length=st.integers(1, 120))
def test_every_range_is_either_right_or_refused(path, first, length):
    response = ask(path, Range=f"bytes={first}-{first + length - 1}")
    if first < len(CONTENT):
        assert (response.status_code, body(response)) == (206, CONTENT[first : first + length])
    else:
        assert response.status_code == 416
