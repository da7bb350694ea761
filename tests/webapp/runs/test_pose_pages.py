"""Skeletons in pages: what a browser gets is what is stored, to a sixteenth of a pixel."""

import struct

import numpy as np
import pytest

from tests.webapp import factories_runs
from webapp.core import storage
from webapp.runs import pose_pages

HEAD = struct.Struct("<4s6H4I")
PAGE = struct.Struct("<IHHI")
K = 17


def people(count: int, frames: int, reach: float = 300.0):
    """Boxes and keypoints of people; each is there in a stretch of their own."""
    rng = np.random.default_rng(3)
    boxes = rng.uniform(-20, reach, (count, frames, 4)).astype(np.float32)
    keypoints = rng.uniform(-20, reach, (count, frames, K, 3)).astype(np.float32)
    keypoints[..., 2] = rng.uniform(0, 1, (count, frames, K))
    for person in range(count):
        away = np.ones(frames, bool)
        away[person * 200 : person * 200 + 300] = False
        boxes[person, away] = np.nan
        keypoints[person, away] = np.nan
    return boxes, keypoints


def unpack(content: bytes):
    """As the format is written down, in plain loops: header fields, and values by person, frame."""
    magic, version, units, joints, _, header, record, *rest = HEAD.unpack(content[: HEAD.size])
    assert (magic, version, header, joints) == (b"NJPS", 1, 32, K)
    count, frames, pages, first = rest
    values = {}
    for page in range(pages):
        (at,) = struct.unpack_from("<I", content, header + 4 * page)
        start, length, there, size = PAGE.unpack_from(content, at)
        keys = struct.unpack_from(f"<{there}H", content, at + PAGE.size)
        body = at + PAGE.size + -(-2 * there // 4) * 4
        for row, key in enumerate(keys):
            for frame in range(length):
                place = body + (row * length + frame) * record
                numbers = np.frombuffer(content, "<i2", 4 + 2 * K, place)
                scores = np.frombuffer(content, "u1", K, place + 2 * (4 + 2 * K))
                if numbers[0] != -32768:
                    values[key, start + frame] = (numbers / units, scores / 255)
        assert at + size <= len(content)
    return {"people": count, "frames": frames, "first": first, "units": units}, values


def test_places_keep_a_sixteenth_of_a_pixel_and_scores_eight_bits():
    boxes, keypoints = people(3, 700)
    head, values = unpack(pose_pages.pack(boxes, keypoints))
    assert head == {"people": 3, "frames": 700, "first": 0, "units": 16}
    assert set(values) == set(zip(*np.nonzero(~np.isnan(boxes[..., 0])), strict=True))
    for (person, frame), (numbers, scores) in values.items():
        np.testing.assert_allclose(numbers[:4], boxes[person, frame], atol=1 / 32)
        np.testing.assert_allclose(
            numbers[4:].reshape(K, 2), keypoints[person, frame, :, :2], atol=1 / 32
        )
        np.testing.assert_allclose(scores, keypoints[person, frame, :, 2], atol=1 / 510)


def test_large_pictures_are_told_in_coarser_steps_without_a_place_cut_off():
    boxes, keypoints = people(1, 20, reach=7000.0)
    head, values = unpack(pose_pages.pack(boxes, keypoints))
    assert head["units"] == 4
    np.testing.assert_allclose(values[0, 3][0][:4], boxes[0, 3], atol=1 / 8)


def test_pages_hold_only_those_who_are_there():
    boxes, keypoints = people(3, 700)
    one = len(pose_pages.pack(boxes[:1], keypoints[:1]))
    # Together they are there in two, three and two pages of three.
    assert len(pose_pages.pack(boxes, keypoints)) < 4 * one


def test_a_clip_without_anybody_has_pages_without_anybody():
    empty = np.zeros((0, 300, 4), np.float32), np.zeros((0, 300, K, 3), np.float32)
    head, values = unpack(pose_pages.pack(*empty))
    assert (head["people"], head["frames"], values) == (0, 300, {})


@pytest.mark.parametrize(
    ("asked", "first", "last"), [((0, 1), 0, 256), ((255, 257), 0, 512), ((600, 700), 512, 700)]
)
def test_a_range_gets_the_whole_pages_that_cover_it(settings, asked, first, last):
    boxes, keypoints = people(3, 700)
    storage.write_atomically("poses/a.v1.pages", pose_pages.pack(boxes, keypoints))
    head, values = unpack(pose_pages.ranged(storage.path_of("poses/a.v1.pages"), *asked))
    assert (head["first"], head["frames"]) == (first, 700)
    there = ~np.isnan(boxes[:, first:last, 0])
    assert set(values) == {(p, first + f) for p, f in zip(*np.nonzero(there), strict=True)}


def test_pages_have_their_borders_at_the_same_frames_wherever_a_message_starts():
    boxes, keypoints = (part[:, :300] for part in people(1, 300))
    head, values = unpack(pose_pages.pack(boxes, keypoints, start_frame=100))
    assert (head["first"], head["frames"]) == (100, 400)
    assert {frame for _, frame in values} == set(range(100, 400))
    content = pose_pages.pack(boxes, keypoints, start_frame=100)
    offsets = struct.unpack_from("<2I", content, 32)
    assert [PAGE.unpack_from(content, at)[:2] for at in offsets] == [(100, 156), (256, 144)]


@pytest.fixture
def run(project, label_set):
    factories_runs.shipped(project)
    return factories_runs.analysed(project, (((0, 30),), ((5, 20),)))


@pytest.mark.django_db
class TestOverHttp:
    def test_every_member_may_read_them(self, statuses, run):
        answers = statuses(lambda client: client.get(f"/api/runs/{run.pk}/poses/pages/"))
        expected = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}
        assert answers == expected

    def test_the_whole_and_a_part_say_the_same(self, client_of, viewer, run):
        client = client_of(viewer)
        whole = b"".join(client.get(f"/api/runs/{run.pk}/poses/pages/").streaming_content)
        part = client.get(f"/api/runs/{run.pk}/poses/pages/?from=3&to=9").content
        assert part == whole  # 30 frames are one page
        _, values = unpack(whole)
        expected = factories_runs.poses((((0, 30),), ((5, 20),)))
        np.testing.assert_allclose(
            values[1, 7][0][4:].reshape(K, 2), expected.keypoints[1, 7, :, :2], atol=1 / 32
        )

    def test_byte_ranges_of_the_whole_may_be_asked_for(self, client_of, viewer, run):
        response = client_of(viewer).get(
            f"/api/runs/{run.pk}/poses/pages/", headers={"Range": "bytes=0-31"}
        )
        assert (response.status_code, response["Content-Length"]) == (206, "32")
        assert b"".join(response.streaming_content)[:4] == b"NJPS"

    def test_what_a_browser_has_is_not_sent_again(self, client_of, viewer, run):
        client, address = client_of(viewer), f"/api/runs/{run.pk}/poses/pages/?from=0&to=8"
        tag = client.get(address)["ETag"]
        again = client.get(address, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")

    @pytest.mark.parametrize("query", ["from=x", "from=-1", "from=9&to=9", "from=30&to=40"])
    def test_ranges_outside_the_clip_are_refused(self, client_of, viewer, run, query):
        response = client_of(viewer).get(f"/api/runs/{run.pk}/poses/pages/?{query}")
        assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_range")

    def test_they_go_with_their_video(
        self, client_of, admin, run, django_capture_on_commit_callbacks
    ):
        client = client_of(admin)
        client.get(f"/api/runs/{run.pk}/poses/pages/?from=0&to=8")
        path = storage.path_of(pose_pages.pages_name(run.poses_file))
        assert path.exists()
        with django_capture_on_commit_callbacks(execute=True):
            assert client.delete(f"/api/videos/{run.video_id}/").status_code == 204
        assert not path.exists()
