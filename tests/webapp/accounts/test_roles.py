def test_people_are_told_apart(statuses, project):
    assert statuses(lambda client: client.get(f"/api/projects/{project.pk}/")) == {
        "anonymous": 401,
        "outsider": 404,
        "viewer": 200,
        "reviewer": 200,
        "admin": 200,
    }
