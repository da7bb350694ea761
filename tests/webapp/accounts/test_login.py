from django.test import Client
from rest_framework.test import APIClient

from tests.webapp import factories
from webapp.accounts.models import User


def test_a_token_is_given_for_name_and_password(viewer):
    client = APIClient()
    token = client.post("/api/auth/token/", {"username": "viewer", "password": "pw"}).json()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token['token']}")
    assert client.get("/api/me/").json()["username"] == "viewer"


def test_a_wrong_password_is_refused_in_the_one_form(viewer):
    response = APIClient().post("/api/auth/token/", {"username": "viewer", "password": "no"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")


def test_guessing_is_slowed_down(viewer):
    wrong = {"username": "viewer", "password": "no"}
    statuses = [APIClient().post("/api/auth/token/", wrong).status_code for _ in range(21)]
    assert statuses[-2:] == [400, 429]


def test_another_forwarded_address_is_no_way_round(viewer):
    wrong = {"username": "viewer", "password": "no"}
    headers = [{"X-Forwarded-For": f"192.0.2.{n}"} for n in range(21)]
    answers = [APIClient().post("/api/auth/token/", wrong, headers=one) for one in headers]
    assert answers[-1].status_code == 429


def test_right_passwords_are_not_counted(viewer):
    right = {"username": "viewer", "password": "pw"}
    statuses = {APIClient().post("/api/auth/token/", right).status_code for _ in range(25)}
    assert statuses == {200}


def test_a_session_must_show_its_csrf_token_to_change_things(superuser):
    client = Client(enforce_csrf_checks=True)
    client.force_login(superuser)
    assert client.get("/api/me/").status_code == 200
    response = client.post("/api/projects/", {"name": "N"}, content_type="application/json")
    assert response.status_code == 403


def test_only_the_superuser_makes_users(statuses, client_of, superuser):
    wanted = {"username": "fresh", "password": "a-long-unusual-one-17"}
    answers = statuses(lambda client: client.post("/api/users/", wanted))
    assert answers == {
        "anonymous": 401,
        "outsider": 403,
        "viewer": 403,
        "reviewer": 403,
        "admin": 403,
    }
    assert client_of(superuser).post("/api/users/", wanted).status_code == 201
    assert User.objects.get(username="fresh").check_password("a-long-unusual-one-17")


def test_bad_new_users_are_refused(client_of, superuser):
    factories.user("Taken")
    client = client_of(superuser)
    for wanted, code in [
        ({"username": "taken", "password": "a-long-unusual-one-17"}, "name_taken"),
        ({"username": "fresh", "password": "123"}, "invalid"),
        ({"username": "not a name!", "password": "a-long-unusual-one-17"}, "invalid"),
    ]:
        assert client.post("/api/users/", wanted).json()["error"]["code"] == code
    assert not User.objects.filter(username="fresh").exists()
