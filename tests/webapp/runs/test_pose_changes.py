"""Choosing pose weights: active at once, the library follows clip by clip, old results stay."""

import pytest

from inference.errors import ModelError
from tests.webapp import factories, factories_pose, factories_runs
from webapp.core.errors import Conflict, Refused
from webapp.core.models import UNFINISHED, WorkState
from webapp.estimators.facts import shipped_facts
from webapp.estimators.selectors import active_pose
from webapp.runs import gpu, pose_changes, services, tasks
from webapp.runs.models import PipelineRun, PoseChange
from webapp.runs.selectors import current_run
from webapp.videos.models import Video, VideoState

pytestmark = pytest.mark.django_db

READERS = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}
ADMINS = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 403}


@pytest.fixture
def version(project, tmp_path):
    return factories_pose.pose_version(project, tmp_path)


@pytest.fixture
def library(project, label_set, pipeline):
    """Three clips, analysed by the shipped weights."""
    videos = [factories.video(project) for _ in range(3)]
    for video in videos:
        services.start_run(video=video, by=video.uploaded_by)
    work()
    pipeline.calls.clear()
    return videos


def work(limit: int = 100) -> int:
    """Do what is queued, as a worker does; how many runs that was."""
    for done in range(limit):
        run = PipelineRun.objects.filter(state=WorkState.QUEUED).order_by("pk").first()
        if run is None:
            return done
        tasks.analyse_video(run.pk, run.job_id)
    return limit


def choose(project, version, by):
    return pose_changes.choose_pose(project=project, version=version, by=by)


def refusal(call):
    with pytest.raises((Conflict, Refused)) as error:
        call()
    return error.value.code


def counts(change):
    found = pose_changes.counts_of(change)
    return found.total, found.done, found.failed


def weights_of(video):
    return current_run(video).pose_version


def test_a_run_names_the_weights_that_made_it(project, library, version, admin):
    shipped = current_run(library[0])
    assert (shipped.pose_version, shipped.pose_sha256) == (None, shipped_facts().sha256)
    choose(project, version, admin)
    work()
    run = current_run(library[0])
    assert (run.pose_version, run.pose_sha256) == (version, version.weights_sha256)


def test_other_weights_mean_another_fingerprint_and_other_poses(
    project, library, version, admin, pipeline
):
    before = current_run(library[0])
    choose(project, version, admin)
    work()
    after = current_run(library[0])
    assert after.fingerprint != before.fingerprint
    assert after.poses_file != before.poses_file
    assert len(pipeline.calls) == 3
    assert pipeline.weights[-1] == gpu.PoseUse(version.weights_file, 1)


def test_old_results_stay_until_the_new_ones_are_there(project, library, version, admin):
    before = [current_run(video).pk for video in library]
    change = choose(project, version, admin)
    assert active_pose(project.pk) == version
    assert [current_run(video).pk for video in library] == before
    assert counts(change) == (3, 0, 0)
    work(1)
    assert [weights_of(video) for video in library] == [version, None, None]
    assert counts(change) == (3, 1, 0)
    work()
    change.refresh_from_db()
    assert (change.state, counts(change)) == ("done", (3, 3, 0))
    assert [weights_of(video) for video in library] == [version] * 3


def test_only_a_few_clips_wait_at_a_time(project, library, version, admin, monkeypatch):
    monkeypatch.setattr(pose_changes, "CLIPS_AT_ONCE", 2)
    change = choose(project, version, admin)
    waiting = change.runs.filter(state__in=UNFINISHED)
    assert waiting.count() == 2
    work(1)
    assert waiting.count() == 2
    assert work() == 2


def test_the_way_back_needs_no_network(project, library, version, admin, pipeline):
    choose(project, version, admin)
    work()
    pipeline.calls.clear()
    change = choose(project, None, admin)
    work()
    change.refresh_from_db()
    assert (change.state, change.is_rollback, change.from_version) == ("done", True, version)
    assert (active_pose(project.pk), pipeline.calls) == (None, [])
    assert [weights_of(video) for video in library] == [None] * 3


def test_a_heavy_network_may_look_at_every_nth_frame(project, library, version, admin, pipeline):
    pose_changes.choose_pose(project=project, version=version, every=5, by=admin)
    work()
    assert pipeline.weights[-1] == gpu.PoseUse(version.weights_file, 5)
    assert {current_run(video).pose_every for video in library} == {5}
    assert (
        refusal(
            lambda: pose_changes.choose_pose(project=project, version=version, every=5, by=admin)
        )
        == "already_active"
    )
    change = pose_changes.choose_pose(project=project, version=version, every=2, by=admin)
    work()
    assert (counts(change), change.is_rollback) == ((3, 3, 0), False)
    assert {current_run(video).pose_every for video in library} == {2}


def test_a_stopped_change_leaves_results_as_they_are(project, library, version, admin):
    change = choose(project, version, admin)
    work(1)
    pose_changes.cancel_change(change=change)
    assert work() == 0
    change.refresh_from_db()
    states = set(Video.objects.values_list("state", flat=True))
    assert (change.state, active_pose(project.pk), states) == ("cancelled", version, {"analysed"})
    assert [weights_of(video) for video in library] == [version, None, None]
    rest = choose(project, version, admin)
    assert (counts(rest), rest.is_rollback) == ((2, 0, 0), False)
    work()
    assert [weights_of(video) for video in library] == [version] * 3


def test_a_clip_that_fails_keeps_its_results_and_does_not_hold_up_others(
    project, library, version, admin, pipeline
):
    change = choose(project, version, admin)
    pipeline.answer = ModelError("wrong_weights", "These do not fit.")
    work(1)
    pipeline.answer = factories_runs.poses()
    work()
    change.refresh_from_db()
    assert (change.state, counts(change)) == ("done", (3, 2, 1))
    failed = Video.objects.get(state=VideoState.FAILED)
    assert (failed.message, weights_of(failed)) == ("These do not fit.", None)


def test_a_clip_at_work_with_the_former_weights_follows(project, library, version, admin, pipeline):
    video = factories.video(project)
    run = services.start_run(video=video, by=admin)
    changes = []
    pipeline.during = lambda: changes or changes.append(choose(project, version, admin))
    tasks.analyse_video(run.pk, run.job_id)
    assert weights_of(video) is None
    work()
    changes[0].refresh_from_db()
    assert (changes[0].state, weights_of(video)) == ("done", version)


def test_a_clip_uploaded_meanwhile_uses_the_new_weights_at_once(project, library, version, admin):
    change = choose(project, version, admin)
    video = factories.video(project)
    services.start_run(video=video, by=admin)
    work()
    assert weights_of(video) == version
    assert PipelineRun.objects.filter(video=video).count() == 1
    assert counts(change) == (3, 3, 0)


def test_a_lost_message_holds_nothing_up_for_good(project, library, version, admin, monkeypatch):
    change = choose(project, version, admin)
    with monkeypatch.context() as patch:
        patch.setattr(pose_changes, "_go_on", lambda change: None)
        work()
    assert PoseChange.objects.get().state == "running"
    pose_changes.advance_all()
    work()
    change.refresh_from_db()
    assert change.state == "done"


def test_a_library_without_results_is_changed_at_once(project, version, admin):
    factories.video(project)
    change = choose(project, version, admin)
    assert (change.state, counts(change)) == ("done", (0, 0, 0))


def test_what_cannot_be_chosen_is_refused(project, library, version, admin, tmp_path):
    assert refusal(lambda: choose(project, None, admin)) == "already_active"
    gone = factories_pose.pose_version(project, tmp_path, seed=1, state="discarded")
    assert refusal(lambda: choose(project, gone, admin)) == "discarded"
    foreign = factories_pose.pose_version(factories.project("Elsewhere"), tmp_path, seed=2)
    assert refusal(lambda: choose(project, foreign, admin)) == "unknown_version"
    choose(project, version, admin)
    assert refusal(lambda: choose(project, None, admin)) == "already_changing"


def test_corrections_come_along(project, library, version, admin):
    run = current_run(library[0])
    factories_runs.correct(run, "Wave", admin)
    choose(project, version, admin)
    work()
    assert current_run(library[0]).carried_over["carried"] == 1


def test_every_member_may_look(statuses, project, library, version, admin):
    change = choose(project, version, admin)
    for address in (
        f"/api/projects/{project.pk}/pose/",
        f"/api/projects/{project.pk}/pose-changes/",
        f"/api/pose-changes/{change.pk}/",
    ):
        answers = statuses(lambda client, address=address: client.get(address))
        assert (address, answers) == (address, READERS)


def test_admins_choose_and_stop(statuses, project, library, version):
    address = f"/api/projects/{project.pk}/pose-changes/"
    body = {"version": version.pk}
    assert statuses(lambda client: client.post(address, body)) == {**ADMINS, "admin": 202}
    stop = f"/api/pose-changes/{PoseChange.objects.get().pk}/cancellation/"
    assert statuses(lambda client: client.post(stop)) == {**ADMINS, "admin": 202}


@pytest.mark.parametrize(
    "body", [{}, {"version": "x"}, {"version": 10**6}, {"version": None, "every": 0}]
)
def test_a_choice_names_a_version_of_this_project(client_of, admin, project, body):
    answer = client_of(admin).post(f"/api/projects/{project.pk}/pose-changes/", body)
    assert answer.status_code == 400


def test_the_state_tells_what_is_used_and_how_far_it_is(
    client_of, viewer, admin, project, library, version
):
    state = lambda: client_of(viewer).get(f"/api/projects/{project.pk}/pose/").json()  # noqa: E731
    assert (state()["active"], state()["analysed"], state()["outdated"]) == (None, 3, 0)
    assert state()["shipped"]["skeleton"] == "coco17"
    choose(project, version, admin)
    work(1)
    now = state()
    assert (now["active"]["number"], now["outdated"]) == (1, 2)
    assert now["running"]["clips"] == {"total": 3, "done": 1, "failed": 0, "progress": 1 / 3}
    run = client_of(viewer).get(f"/api/videos/{library[0].pk}/runs/").json()["results"][0]
    assert (run["pose_version"]["number"], run["pose_sha256"]) == (1, version.weights_sha256)
    shown = client_of(viewer).get(f"/api/videos/{library[0].pk}/tracks/").json()["run"]
    assert shown["pose_version"]["kind"] == "imported"


def test_the_list_takes_as_many_queries_for_many(
    client_of, viewer, admin, project, library, version, django_assert_max_num_queries
):
    for wanted in (version, None, version, None):
        choose(project, wanted, admin)
        work()
    client = client_of(viewer)
    with django_assert_max_num_queries(6):
        rows = client.get(f"/api/projects/{project.pk}/pose-changes/").json()["results"]
    assert [row["clips"]["done"] for row in rows] == [3] * 4
