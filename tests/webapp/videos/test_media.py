import json

import pytest

from tests.webapp import factories
from webapp.videos.selectors import media_urls

MEMBERS_ONLY = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}
TABLE = {"pts": [10, 11, 13], "end_pts": 14, "time_base": [1, 10], "fps": [15, 2], "variable": True}


@pytest.fixture
def video(project):
    return factories.video(
        project,
        "Ночь.mp4",
        original_file=factories.stored(b"original"),
        proxy_file=factories.stored(b"proxy", "derived"),
        poster_file=factories.stored(b"poster", "derived"),
        frame_table_file=factories.stored(json.dumps(TABLE).encode(), "derived"),
    )


@pytest.mark.parametrize("kind", ["poster_url", "proxy_url", "original_url", "frame_table_url"])
def test_members_see_a_videos_files(statuses, video, kind):
    assert statuses(lambda client: client.get(media_urls(video)[kind])) == MEMBERS_ONLY


@pytest.mark.parametrize(
    ("kind", "content", "content_type"),
    [
        ("poster_url", b"poster", "image/jpeg"),
        ("proxy_url", b"proxy", "video/mp4"),
        ("original_url", b"original", "application/octet-stream"),
    ],
)
def test_each_address_gives_its_file(client_of, viewer, video, kind, content, content_type):
    response = client_of(viewer).get(media_urls(video)[kind])
    assert (response.getvalue(), response["Content-Type"]) == (content, content_type)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "private" in response["Cache-Control"]


def test_the_player_can_seek(client_of, viewer, video):
    url = media_urls(video)["proxy_url"]
    response = client_of(viewer).get(url, headers={"Range": "bytes=1-2"})
    assert (response.status_code, response.getvalue()) == (206, b"ro")
    assert client_of(viewer).head(url)["Content-Length"] == "5"


def test_the_original_is_only_saved_never_shown(client_of, viewer, video):
    response = client_of(viewer).get(media_urls(video)["original_url"])
    assert response["Content-Disposition"].startswith("attachment; filename*=UTF-8''%D0%9D")


def test_the_frame_table_is_in_seconds_from_the_first_frame(client_of, viewer, video):
    table = client_of(viewer).get(media_urls(video)["frame_table_url"]).json()
    assert table.pop("times_s") == pytest.approx([0.0, 0.1, 0.3, 0.4])
    assert table == {"frames": 3, "fps": [15, 2], "variable": True, "width": 64, "height": 48}


@pytest.mark.parametrize("address", ["poster.jpg", "proxy.mp4", "frames/"])
def test_what_is_not_there_is_404(client_of, viewer, project, address):
    video = factories.video(project, state="rejected")
    response = client_of(viewer).get(f"/api/videos/{video.pk}/{address}")
    assert response.status_code == 404
    assert "rejected" in response.json()["error"]["message"]
    assert media_urls(video)["proxy_url"] is None


def test_a_video_that_is_not_there_looks_like_a_foreign_one(client_of, outsider, video):
    foreign = client_of(outsider).get(f"/api/videos/{video.pk}/proxy.mp4")
    absent = client_of(outsider).get("/api/videos/999999/proxy.mp4")
    assert (foreign.status_code, foreign.json()) == (absent.status_code, absent.json())
