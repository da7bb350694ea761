"""The queue, doubts, suggestions and relabelling over HTTP: who may, and what is answered."""

import pytest

from tests.webapp import factories_runs

LISTS = ("review-queue", "doubts", "suggestions", "relabels")


@pytest.fixture
def runs(project, label_set):
    """A clip and its twin."""
    factories_runs.shipped(project)
    return [factories_runs.analysed(project, shift=shift) for shift in (0, 0.5)]


@pytest.mark.parametrize("name", LISTS)
def test_members_read_the_lists(name, statuses, project, runs):
    answers = statuses(lambda client: client.get(f"/api/projects/{project.pk}/{name}/"))
    expected = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}
    assert answers == expected


def test_reviewers_relabel(statuses, client_of, reviewer, project, runs):
    body = {"to_label": factories_runs.label(project, "Wave").pk}
    expected = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 201, "admin": 201}
    previews = f"/api/projects/{project.pk}/relabels/"
    assert statuses(lambda client: client.post(previews, body, format="json")) == expected
    made = client_of(reviewer).post(previews, body, format="json").json()
    for act in ("application", "reversal"):
        address = f"/api/relabels/{made['id']}/{act}/"
        answers = statuses(lambda client, address=address: client.post(address))
        assert answers == expected | {"admin": 409}  # done once


def test_a_change_of_many_is_previewed_applied_and_listed(client_of, reviewer, project, runs):
    client = client_of(reviewer)
    body = {"to_label": factories_runs.label(project, "Wave").pk, "reviewed": False}
    made = client.post(f"/api/projects/{project.pk}/relabels/", body, format="json").json()
    assert (made["state"], made["counts"]["change"], made["applied"]) == ("preview", 2, 0)
    factories_runs.correct(runs[0], "Sit", reviewer)
    done = client.post(f"/api/relabels/{made['id']}/application/").json()
    assert (done["state"], done["applied"], done["left_out"]) == ("applied", 1, 1)
    assert done["conflicts"][0]["reason"] == "changed_meanwhile"
    listed = client.get(f"/api/projects/{project.pk}/relabels/").json()["results"]
    assert [row["id"] for row in listed] == [made["id"]]


@pytest.mark.parametrize("body", [{}, {"to_label": 10**9}, {"to_label": 1, "which": "some"}])
def test_a_change_of_many_needs_a_label_and_a_known_choice(client_of, admin, project, runs, body):
    address = f"/api/projects/{project.pk}/relabels/"
    assert client_of(admin).post(address, body, format="json").status_code == 400


def test_entries_of_the_queue_tell_why(client_of, viewer, project, runs):
    address = f"/api/projects/{project.pk}/review-queue/"
    body = client_of(viewer).get(address, {"at": runs[1].main_segment_id, "page_size": 1}).json()
    assert (body["order"], body["who"], body["remaining"], body["notice"]) == (
        "mixed", "main", 2, "",
    )  # fmt: skip
    [first] = body["results"]
    assert (first["segment"], first["rank"]) == (runs[0].main_segment_id, 1)
    assert first["why"].startswith("Unsure: ")
    assert (first["uncertainty"], first["novelty"], first["disagreement"]) == (1.0, 1.0, None)
    assert (body["here"]["rank"], body["here"]["version"]) == (2, 0)


def test_pages_of_the_queue_follow_each_other(client_of, viewer, project, runs):
    address = f"/api/projects/{project.pk}/review-queue/"
    second = client_of(viewer).get(address, {"start": 1, "order": "age"}).json()["results"]
    assert [(row["segment"], row["rank"]) for row in second] == [(runs[1].main_segment_id, 2)]
    assert second[0]["why"].startswith("Waiting since ")


@pytest.mark.parametrize("query", [{"order": "best"}, {"who": "some"}, {"page_size": 10**6}])
def test_unknown_ways_to_order_are_refused(client_of, viewer, project, runs, query):
    address = f"/api/projects/{project.pk}/review-queue/"
    assert client_of(viewer).get(address, query).status_code == 400


def test_more_entries_take_as_many_queries(
    client_of, viewer, project, runs, django_assert_max_num_queries
):
    for _ in range(6):
        factories_runs.analysed(project)
    client = client_of(viewer)
    address = f"/api/projects/{project.pk}/review-queue/"
    client.get(address)
    with django_assert_max_num_queries(20):
        assert len(client.get(address).json()["results"]) == 8


def decide(client, segment, **said):
    address = f"/api/segments/{segment}/suggestion-decisions/"
    return client.post(address, said, format="json", headers={"If-Match": '"0"'})


def test_suggestions_are_accepted_or_dismissed_by_reviewers(
    statuses, client_of, viewer, reviewer, project, runs
):
    source = factories_runs.correct(runs[0], "Wave", reviewer)
    address = f"/api/projects/{project.pk}/suggestions/"
    [one] = client_of(viewer).get(address).json()["results"]
    assert (one["suggested"]["name"], one["correction"]) == ("Wave", source.pk)
    assert one["like"]["segment"] == source.segment_id
    twin = one["segment"]
    answers = statuses(
        lambda client: decide(client, twin, correction=source.pk, decision="dismiss")
    )
    expected = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 201, "admin": 201}
    assert answers == expected
    assert client_of(viewer).get(address).json()["count"] == 0
    accepted = decide(client_of(reviewer), twin, correction=source.pk, decision="accept").json()
    assert accepted["segment"]["current"]["label"]["name"] == "Wave"
    late = decide(client_of(reviewer), twin, correction=source.pk, decision="accept")
    assert late.status_code == 412


def test_a_decision_names_its_version_and_a_known_correction(client_of, reviewer, runs):
    segment = runs[0].main_segment_id
    client = client_of(reviewer)
    address = f"/api/segments/{segment}/suggestion-decisions/"
    said = {"correction": 5, "decision": "accept"}
    assert client.post(address, said, format="json").status_code == 428
    assert decide(client, segment, **said).json()["error"]["code"] == "unknown_correction"
