"""Adapting the pose network to a project's clips: started, followed, stopped, registered."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from inference.errors import BadInput, Cancelled
from tests.webapp import factories, factories_pose, factories_runs
from tests.webapp.estimators.test_keypoint_files import npz
from webapp.core.errors import Conflict, Refused
from webapp.estimators import gpu, keypoints
from webapp.estimators.models import PoseVersion
from webapp.jobs.models import Job
from webapp.training import adaptations, tasks
from webapp.training.models import Adaptation
from webapp.videos.models import Video

pytestmark = pytest.mark.django_db

READERS = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}
ADMINS = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 403}


@pytest.fixture
def clips(project):
    return [factories_runs.analysed(project, seed=i).video for i in range(3)]


@pytest.fixture
def coach(monkeypatch, tmp_path):
    """Stands where the library fine-tunes; keeps what it was given."""

    class Coach:
        calls: list = []
        during = staticmethod(lambda: None)

        def __call__(self, clips, out, lesson, *, progress, is_cancelled, on_curve):
            self.calls.append((list(clips), lesson))
            assert all(clip.read_bytes() == b"bytes" for clip in clips)
            progress("label", 1.0)
            for step in (5, 10):
                on_curve({"step": step, "loss": 1 / step, "rate": 0.1, "progress": step / 10})
            self.during()
            progress("train", 1.0)
            if is_cancelled():
                raise Cancelled
            return {
                "weights": factories_pose.weights(tmp_path, seed=7),
                "before": {"pck": 60.0, "keypoints": 100.0, "clips": 1.0},
                "after": {"pck": 66.5, "keypoints": 100.0, "clips": 1.0, "gain": 6.5},
                "improved": True,
                "clips_used": 2,
                "clips_skipped": (("dark.mp4", "the teacher found nobody"),),
                "seconds": 3.2,
            }

    made = Coach()
    made.calls = []
    monkeypatch.setattr(gpu, "adapt", made)
    return made


def start(project, by, **given):
    given = {"teacher": None, "minutes": 5.0} | given
    return adaptations.start_adaptation(project=project, by=by, **given)


def work(adaptation):
    tasks.adapt_pose(adaptation.pk, adaptation.job_id)
    adaptation.refresh_from_db()
    return adaptation


def refusal(call):
    with pytest.raises((Conflict, Refused)) as error:
        call()
    return error.value.code


def test_an_adaptation_gives_a_candidate_with_figures_before_and_after(
    project, clips, admin, coach
):
    done = work(start(project, admin))
    assert (done.state, done.improved, done.clips_used, done.seconds) == ("done", True, 2, 3.2)
    assert (done.before["pck"], done.after["pck"]) == (60.0, 66.5)
    assert done.clips_skipped == [["dark.mp4", "the teacher found nobody"]]
    assert [point["step"] for point in done.curve] == [5, 10]
    assert (done.candidate.kind, done.candidate.state) == ("adapted", "candidate")
    assert Job.objects.get(pk=done.job_id).state == "done"


def test_clips_are_shown_to_it_under_their_names(project, clips, admin, coach):
    work(start(project, admin))
    [(given, lesson)] = coach.calls
    assert [clip.name for clip in given] == [video.name for video in clips]
    assert (lesson.teacher, lesson.start, lesson.minutes) == (None, None, 5.0)


def test_two_clips_of_one_name_are_two(project, clips, admin, coach):
    Video.objects.update(name="same.mp4")
    work(start(project, admin))
    given = coach.calls[0][0]
    assert len({*given}) == 3
    assert {clip.name for clip in given} == {"same.mp4"}


def test_clips_without_people_or_deleted_since_are_left_out(project, clips, admin, coach):
    factories_runs.analysed(project, ())
    factories.video(project)
    adaptation = start(project, admin)
    assert adaptation.clips == [video.pk for video in clips]
    Video.objects.filter(pk=clips[0].pk).delete()
    work(adaptation)
    assert len(coach.calls[0][0]) == 2


def test_a_filter_chooses_the_clips(project, clips, admin, reviewer):
    Video.objects.filter(pk__in=[clips[0].pk, clips[1].pk]).update(name="yard.mp4")
    adaptation = start(project, admin, chosen_by={"q": "yard", "label": None, "reviewed": None})
    assert adaptation.clips == [clips[0].pk, clips[1].pk]
    assert adaptation.chosen_by == {"q": "yard"}
    assert refusal(lambda: start(project, admin)) == "already_adapting"
    adaptations.cancel_adaptation(adaptation=adaptation)
    assert refusal(lambda: start(project, admin, chosen_by={"q": "roof"})) == "too_few_clips"


def test_an_imported_version_may_teach_and_an_adapted_one_is_gone_on_from(
    project, clips, admin, coach, tmp_path
):
    teacher = factories_pose.pose_version(project, tmp_path, seed=1)
    adapted = factories_pose.pose_version(project, tmp_path, seed=2, kind="adapted", state="active")
    work(start(project, admin, teacher=teacher))
    lesson = coach.calls[0][1]
    assert Path(lesson.teacher).name == Path(teacher.weights_file).name
    assert Path(lesson.start).name == Path(adapted.weights_file).name


def test_an_imported_network_is_never_the_start(project, clips, admin, tmp_path):
    factories_pose.pose_version(project, tmp_path, seed=1, state="active")
    assert start(project, admin).start is None


def test_unusable_teachers_are_refused(project, clips, admin, tmp_path):
    gone = factories_pose.pose_version(project, tmp_path, state="discarded")
    foreign = factories_pose.pose_version(factories.project("Elsewhere"), tmp_path, seed=1)
    assert refusal(lambda: start(project, admin, teacher=gone)) == "discarded"
    assert refusal(lambda: start(project, admin, teacher=foreign)) == "unknown_teacher"


def keypoints_for(project, *names):
    for name in names:
        keypoints.keep_keypoints(
            project=project, name=f"{name}.npz", content=npz(), by=project.created_by
        )


def test_keypoint_files_teach_on_the_clips_of_their_names(project, clips, admin, coach):
    for number, clip in enumerate(clips):
        Video.objects.filter(pk=clip.pk).update(name=f"yard_{number}.mp4")
    keypoints_for(project, "yard_0", "yard_2", "roof")
    seen = []
    coach.during = lambda: seen.extend(
        sorted(path.name for path in coach.calls[0][1].keypoints.iterdir())
    )
    adaptation = work(start(project, admin, by_keypoints=True, held_out=["yard_2"]))
    assert adaptation.clips == [clips[0].pk, clips[2].pk]
    assert seen == ["roof.npz", "yard_0.npz", "yard_2.npz"]
    assert coach.calls[0][1].held_out == ("yard_2",)
    assert adaptation.state == "done"


def test_too_few_keypoint_files_and_two_teachers_are_refused(project, clips, admin, tmp_path):
    keypoints_for(project, Path(clips[0].name).stem)
    assert refusal(lambda: start(project, admin, by_keypoints=True)) == "too_few_clips"
    teacher = factories_pose.pose_version(project, tmp_path, seed=1)
    both = {"by_keypoints": True, "teacher": teacher}
    assert refusal(lambda: start(project, admin, **both)) == "two_teachers"


def test_the_state_counts_clips_with_keypoints(client_of, viewer, project, clips):
    keypoints_for(project, Path(clips[0].name).stem, "roof")
    state = client_of(viewer).get(f"/api/projects/{project.pk}/adaptation/").json()
    same = Video.objects.filter(name=clips[0].name).count()
    assert (state["with_keypoints"], state["keypoint_files"]) == (same, 2)


def test_what_the_library_refuses_is_said(project, clips, admin, coach):
    def refuse():
        raise BadInput("too_few_clips", "Expected two clips with people, got one.")

    coach.during = refuse
    failed = work(start(project, admin))
    job = Job.objects.get(pk=failed.job_id)
    assert (failed.state, job.error_message) == (
        "failed",
        "Expected two clips with people, got one.",
    )
    assert not PoseVersion.objects.exists()


def test_a_running_adaptation_stops_when_asked(project, clips, admin, coach):
    adaptation = start(project, admin)
    coach.during = lambda: adaptations.cancel_adaptation(adaptation=Adaptation.objects.get())
    assert work(adaptation).state == "cancelled"
    assert not PoseVersion.objects.exists()
    coach.during = lambda: None
    assert work(start(project, admin)).state == "done"


class Killed(BaseException):
    """As when the process is gone: nothing gets to clean up."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_killed_at_the_end_leaves_work_that_another_finishes(
    project, clips, admin, coach, monkeypatch, when
):
    adaptation = start(project, admin)
    finish = adaptations.finish_adaptation

    def die(**kwargs):
        if when == "after":
            finish(**kwargs)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(adaptations, "finish_adaptation", die)
        tasks.adapt_pose(adaptation.pk, adaptation.job_id)
    Job.objects.update(lease_expires_at=timezone.now() - timedelta(hours=1))
    assert work(adaptation).state == "done"
    assert PoseVersion.objects.count() == 1


def test_every_member_may_look(statuses, project, clips, admin):
    adaptation = start(project, admin)
    for address in (
        f"/api/projects/{project.pk}/adaptation/",
        f"/api/projects/{project.pk}/adaptations/",
        f"/api/adaptations/{adaptation.pk}/",
    ):
        answers = statuses(lambda client, address=address: client.get(address))
        assert (address, answers) == (address, READERS)


def test_admins_start_and_stop(statuses, project, clips):
    address = f"/api/projects/{project.pk}/adaptations/"
    body = {"minutes": 0.5, "clips": {"q": "clip"}}
    assert statuses(lambda client: client.post(address, body)) == {**ADMINS, "admin": 202}
    stop = f"/api/adaptations/{Adaptation.objects.get().pk}/cancellation/"
    assert statuses(lambda client: client.post(stop)) == {**ADMINS, "admin": 202}


@pytest.mark.parametrize(
    "body",
    [{"minutes": 0}, {"minutes": 1e9}, {"steps": 0}, {"teacher": 99}, {"clips": {"label": 0}}],
)
def test_odd_wishes_are_refused(client_of, admin, project, clips, body):
    answer = client_of(admin).post(f"/api/projects/{project.pk}/adaptations/", body)
    assert answer.status_code == 400


def test_the_state_tells_whether_it_can_start(client_of, viewer, admin, project):
    state = lambda: client_of(viewer).get(f"/api/projects/{project.pk}/adaptation/").json()  # noqa: E731
    assert (state()["can_adapt"], state()["reason_code"]) == (False, "too_few_clips")
    for seed in range(2):
        factories_runs.analysed(project, seed=seed)
    assert (state()["can_adapt"], state()["clips"], state()["reason"]) == (True, 2, "")
    adaptation = start(project, admin)
    assert (state()["reason_code"], state()["running"]["id"]) == ("already_adapting", adaptation.pk)
