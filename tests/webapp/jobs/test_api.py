from tests.webapp import factories

MEMBERS_ONLY = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}


def test_members_see_a_projects_jobs(statuses, project):
    assert statuses(lambda c: c.get(f"/api/projects/{project.pk}/jobs/")) == MEMBERS_ONLY


def test_members_see_a_job(statuses, project):
    job = factories.job(project)
    assert statuses(lambda client: client.get(f"/api/jobs/{job.pk}/")) == MEMBERS_ONLY


def test_the_newest_job_comes_first_and_jobs_can_be_filtered(client_of, project, viewer):
    jobs = [factories.job(project), factories.job(project, state="done", subject_id=9)]
    factories.job(factories.project())
    client = client_of(viewer)
    rows = client.get(f"/api/projects/{project.pk}/jobs/").json()["results"]
    assert [row["id"] for row in rows] == [jobs[1].pk, jobs[0].pk]
    assert rows[0]["subject_id"] == 9
    rows = client.get(f"/api/projects/{project.pk}/jobs/?state=queued").json()["results"]
    assert [row["id"] for row in rows] == [jobs[0].pk]
