import pytest


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz/", "/api/healthz/"])
def test_anybody_may_ask_whether_the_server_is_well(client, address):
    response = client.get(address)
    assert (response.status_code, response.json()) == (200, {"ok": True})


@pytest.mark.django_db
def test_the_api_describes_itself_without_complaints(client, capsys):
    response = client.get("/api/schema/", headers={"Accept": "application/json"})
    assert response.status_code == 200
    assert "/api/projects/{project_id}/uploads/" in response.json()["paths"]
