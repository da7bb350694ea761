from tests.webapp import factories
from webapp.accounts.models import Project


def test_people_see_their_own_projects_with_their_role(client_of, project, viewer, outsider):
    rows = client_of(viewer).get("/api/projects/").json()["results"]
    assert [(row["name"], row["role"]) for row in rows] == [("Night shift", "viewer")]
    rows = client_of(outsider).get("/api/projects/").json()["results"]
    assert [row["name"] for row in rows] == ["Elsewhere"]


def test_me_says_who_and_where(client_of, project, reviewer):
    me = client_of(reviewer).get("/api/me/").json()
    assert me == {
        "id": reviewer.pk,
        "username": "reviewer",
        "is_superuser": False,
        "language": "",
        "theme": "system",
        "preferences": {},
        "projects": [
            {"id": project.pk, "name": "Night shift", "slug": "night-shift", "role": "reviewer"}
        ],
    }


def test_strangers_learn_nothing(client_of, db):
    for address in ("/api/me/", "/api/projects/", "/api/users/"):
        response = client_of(None).get(address)
        assert response.status_code == 401
        assert response.json()["error"]["code"] == "not_authenticated"


def test_only_the_superuser_makes_projects_and_is_their_admin(statuses, client_of, superuser):
    assert set(statuses(lambda c: c.post("/api/projects/", {"name": "New"})).values()) == {401, 403}
    response = client_of(superuser).post("/api/projects/", {"name": "New"})
    assert response.status_code == 201
    assert (response.json()["slug"], response.json()["role"]) == ("new", "admin")
    again = client_of(superuser).post("/api/projects/", {"name": "New"})
    assert again.json()["error"]["code"] == "name_taken"


def test_a_project_says_how_much_is_in_it(client_of, project, viewer):
    factories.video(project)
    factories.video(project, state="rejected")
    counts = client_of(viewer).get(f"/api/projects/{project.pk}/").json()["counts"]
    assert counts == {
        "members": 1,
        "videos": 2,
        "videos_by_state": {"ready": 1, "rejected": 1},
    }


def test_a_project_that_is_not_there_looks_like_a_foreign_one(client_of, project, outsider):
    foreign = client_of(outsider).get(f"/api/projects/{project.pk}/")
    absent = client_of(outsider).get("/api/projects/999999/")
    assert (foreign.status_code, foreign.json()) == (absent.status_code, absent.json())
    assert Project.objects.filter(pk=project.pk).exists()
