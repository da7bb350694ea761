"""The library, tracks, corrections and queue over HTTP."""

import pytest

from tests.webapp import factories, factories_runs
from webapp.core import storage
from webapp.jobs.models import JobKind
from webapp.reviews.models import Correction
from webapp.runs.services import start_run
from webapp.videos.models import Video, VideoState

pytestmark = pytest.mark.django_db

READERS = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}
JUMP = [[0.7, 0.3, 0, 0, 0, 0]]


@pytest.fixture
def run(project, label_set):
    factories_runs.shipped(project)
    return factories_runs.analysed(project, outputs=JUMP)


@pytest.fixture
def library(client_of, viewer, project):
    client = client_of(viewer)
    return lambda **asked: client.get(f"/api/projects/{project.pk}/videos/", asked).json()


def names(page):
    return [card["name"] for card in page["results"]]


@pytest.mark.parametrize(
    "address",
    [
        "/api/projects/{p}/videos/",
        "/api/projects/{p}/review-queue/",
        "/api/videos/{v}/",
        "/api/videos/{v}/tracks/",
        "/api/segments/{s}/corrections/",
    ],
)
def test_every_member_may_look(statuses, run, project, address):
    address = address.format(p=project.pk, v=run.video_id, s=run.main_segment_id)
    assert statuses(lambda client: client.get(address)) == READERS


def test_a_card_tells_all_that_the_library_shows(library, run, reviewer):
    [card] = library()["results"]
    assert card["predicted"]["label"]["name"] == "Jump"
    assert card["predicted"]["probability"] == pytest.approx(0.7)
    assert card["predicted"]["classifier"] == 1
    assert (card["corrected"], card["reviewed"], card["job"]) == (None, False, None)
    assert (card["fps"], card["people"], card["state"]) == ([30, 1], 1, "analysed")
    factories_runs.correct(run, "Wave", reviewer)
    [card] = library()["results"]
    assert (card["corrected"]["label"]["name"], card["corrected"]["author"]) == ("Wave", "reviewer")
    assert card["reviewed"] is True


def test_a_card_shows_the_work_on_its_video(library, project, label_set):
    video = factories.video(project, "ready")
    start_run(video=video, by=None)
    arriving = factories.video(project, "arriving", state=VideoState.INGESTING, sha256="")
    factories.job(project, JobKind.INGEST, arriving.pk)
    kinds = {card["name"]: card["job"]["job_kind"] for card in library()["results"]}
    assert kinds == {"ready": "analysis", "arriving": "ingest"}


def test_an_analysis_that_failed_leaves_the_card_without_a_job(library, project, run):
    Video.objects.filter(pk=run.video_id).update(state="failed", message="No memory.")
    [card] = library()["results"]
    assert (card["job"], card["message"]) == (None, "No memory.")


def test_cards_are_filtered(library, project, run, reviewer):
    factories.video(project, "waiting")
    corrected = factories_runs.analysed(project, video=factories.video(project, "fixed"))
    factories_runs.correct(corrected, "Wave", reviewer)
    label = {name: factories_runs.label(project, name).pk for name in ("Jump", "Wave")}
    assert names(library(state="ready")) == ["waiting"]
    assert names(library(label=label["Wave"])) == ["fixed"]
    assert names(library(label=label["Jump"])) == [run.video.name]
    assert names(library(reviewed="true")) == ["fixed"]
    assert names(library(q="WAIT")) == ["waiting"]
    assert library(q="nothing like it")["count"] == 0


def test_cards_are_sorted(library, project, label_set):
    factories_runs.shipped(project)
    for name, p in (("b", 0.9), ("a", 0.5), ("c", 0.7)):
        video = factories.video(project, name)
        factories_runs.analysed(project, video=video, outputs=[[p, 1 - p, 0, 0, 0, 0]])
    assert names(library()) == ["c", "a", "b"]
    assert names(library(ordering="name")) == ["a", "b", "c"]
    assert names(library(ordering="probability")) == ["a", "c", "b"]


def test_unknown_ways_to_sort_are_refused(client_of, viewer, project):
    response = client_of(viewer).get(f"/api/projects/{project.pk}/videos/", {"ordering": "size"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")


def test_more_cards_take_as_many_queries(
    library, project, label_set, reviewer, django_assert_max_num_queries
):
    factories_runs.shipped(project)
    for _ in range(8):
        factories_runs.correct(factories_runs.analysed(project), "Wave", reviewer)
        start_run(video=factories.video(project), by=reviewer)
    with django_assert_max_num_queries(12):
        assert library()["count"] == 16


def test_a_video_gives_the_addresses_of_its_media(client_of, viewer, project):
    video = factories.video(project, proxy_file="proxies/p.mp4", frame_table_file="tables/t.json")
    body = client_of(viewer).get(f"/api/videos/{video.pk}/").json()
    assert body["proxy_url"] == f"/api/videos/{video.pk}/proxy.mp4"
    assert body["frame_table_url"] == f"/api/videos/{video.pk}/frames/"
    assert body["original_url"] == f"/api/videos/{video.pk}/original"
    assert body["poster_url"] is None


def test_tracks_show_what_is_predicted_and_what_is_current(client_of, viewer, run, reviewer):
    factories_runs.correct(run, "Wave", reviewer)
    body = client_of(viewer).get(f"/api/videos/{run.video_id}/tracks/").json()
    assert body["run"]["id"] == run.pk
    assert body["run"]["skeleton"]["joints"][0] == "nose"
    assert {len(limb) for limb in body["run"]["skeleton"]["limbs"]} == {2}
    assert (body["classifier"]["number"], body["poses_url"]) == (1, f"/api/runs/{run.pk}/poses/")
    [track] = body["tracks"]
    [segment] = track["segments"]
    assert (segment["start_frame"], segment["end_frame"], segment["version"]) == (0, 30, 1)
    ranked = segment["predicted"]["probabilities"]
    assert [(row["label"]["name"], row["probability"]) for row in ranked[:2]] == [
        ("Jump", pytest.approx(0.7)),
        ("Run", pytest.approx(0.3)),
    ]
    assert (segment["current"]["label"]["name"], segment["current"]["source"]) == (
        "Wave",
        "correction",
    )


def test_a_video_without_a_run_has_no_tracks(client_of, viewer, project, label_set):
    video = factories.video(project)
    body = client_of(viewer).get(f"/api/videos/{video.pk}/tracks/").json()
    nothing = dict.fromkeys(("run", "classifier", "provenance", "poses_url"))
    assert body == nothing | {"tracks": []}


def test_many_segments_take_as_many_queries(
    client_of, viewer, project, label_set, reviewer, django_assert_max_num_queries
):
    factories_runs.shipped(project)
    people = (tuple((i, i + 3) for i in range(0, 30, 3)),) * 3
    run = factories_runs.analysed(project, people)
    for segment in run.tracks.first().segments.all():
        factories_runs.correct(run, "Wave", reviewer, segment)
    client = client_of(viewer)
    with django_assert_max_num_queries(14):
        body = client.get(f"/api/videos/{run.video_id}/tracks/").json()
    assert sum(len(track["segments"]) for track in body["tracks"]) == 30


def judge(client, run, name="Wave", **headers):
    label = factories_runs.label(run.video.project, name)
    return client.post(
        f"/api/segments/{run.main_segment_id}/corrections/", {"label": label.pk}, headers=headers
    )


def test_reviewers_judge(statuses, run):
    answers = statuses(lambda client: judge(client, run, **{"If-Match": '"0"'}))
    expected = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 201, "admin": 412}
    assert answers == expected


def test_a_judgement_answers_with_the_segment_as_it_is_now(client_of, reviewer, run):
    response = judge(client_of(reviewer), run, **{"If-Match": '"0"'})
    body = response.json()
    assert (response.status_code, response["ETag"]) == (201, '"1"')
    assert body["segment"]["current"]["label"]["name"] == "Wave"
    assert (body["segment"]["version"], body["correction"]["kind"]) == (1, "correct")
    assert body["correction"]["shown_label"]["name"] == "Jump"


def test_without_the_version_nothing_is_changed(client_of, reviewer, run):
    response = judge(client_of(reviewer), run)
    assert (response.status_code, response.json()["error"]["code"]) == (
        428,
        "precondition_required",
    )
    assert not Correction.objects.exists()


@pytest.mark.parametrize("header", ["1", "*", 'W/"1"', '"1", "2"', '"x"', '"-1"'])
def test_a_version_is_one_number_in_quotes(client_of, reviewer, run, header):
    response = judge(client_of(reviewer), run, **{"If-Match": header})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_if_match")


def test_a_stale_version_is_answered_with_the_current_state(client_of, reviewer, admin, run):
    judge(client_of(admin), run, "Sit", **{"If-Match": '"0"'})
    response = judge(client_of(reviewer), run, **{"If-Match": '"0"'})
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (412, "stale")
    assert error["extra"]["segment"]["version"] == 1
    assert error["extra"]["segment"]["current"]["label"]["name"] == "Sit"
    assert error["extra"]["segment"]["current"]["author"] == "admin"


def test_the_history_is_listed_newest_first(client_of, reviewer, run):
    client = client_of(reviewer)
    judge(client, run, "Sit", **{"If-Match": '"0"'})
    judge(client, run, "Wave", **{"If-Match": '"1"'})
    rows = client.get(f"/api/segments/{run.main_segment_id}/corrections/").json()["results"]
    assert [row["label"]["name"] for row in rows] == ["Wave", "Sit"]


@pytest.mark.parametrize("body", [{}, {"label": "Wave"}, {"label": 0}])
def test_a_judgement_needs_a_label(client_of, reviewer, run, body):
    address = f"/api/segments/{run.main_segment_id}/corrections/"
    response = client_of(reviewer).post(address, body, headers={"If-Match": '"0"'})
    assert response.status_code == 400


def test_the_queue_says_what_is_next_and_how_many_are_left(client_of, viewer, project, run):
    second = factories_runs.analysed(project, outputs=[[0.4, 0.3, 0.3, 0, 0, 0]])
    client = client_of(viewer)
    body = client.get(f"/api/projects/{project.pk}/review-queue/").json()
    assert [row["video"] for row in body["results"]] == [second.video_id, run.video_id]
    assert body["results"][0]["probability"] == pytest.approx(0.4)
    assert (body["next"], body["remaining"]) == (second.video_id, 2)
    after = client.get(
        f"/api/projects/{project.pk}/review-queue/", {"after": second.video_id}
    ).json()
    assert after["next"] == run.video_id


def test_admins_delete_videos(statuses, project):
    video = factories.video(project)
    answers = statuses(lambda client: client.delete(f"/api/videos/{video.pk}/"))
    expected = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 403, "admin": 204}
    assert answers == expected


def test_judgements_are_not_deleted_by_the_way(client_of, admin, reviewer, run):
    factories_runs.correct(run, "Wave", reviewer)
    client = client_of(admin)
    refusal = client.delete(f"/api/videos/{run.video_id}/")
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (409, "has_corrections")
    assert client.delete(f"/api/videos/{run.video_id}/?force=true").status_code == 204
    assert not Video.objects.filter(pk=run.video_id).exists()


def test_a_deleted_video_leaves_no_skeletons_behind(
    client_of, admin, run, django_capture_on_commit_callbacks
):
    paths = [storage.path_of(name) for name in (run.poses_file, run.features_file)]
    with django_capture_on_commit_callbacks(execute=True):
        client_of(admin).delete(f"/api/videos/{run.video_id}/")
    assert not any(path.exists() for path in paths)


def test_skeletons_stay_for_the_same_bytes_in_another_project(
    client_of, admin, run, django_capture_on_commit_callbacks
):
    factories.video(factories.project("Day shift"), sha256=run.video.sha256)
    with django_capture_on_commit_callbacks(execute=True):
        client_of(admin).delete(f"/api/videos/{run.video_id}/")
    assert storage.path_of(run.poses_file).exists()
    assert storage.path_of(run.features_file).exists()
