"""Whoever reads while versions are switched sees all of the old predictions or all of the new."""

import threading

import numpy as np
import pytest
from django.db import connections

from tests.webapp import factories, factories_runs
from webapp.accounts.models import Role
from webapp.labels.services import create_arid_labels
from webapp.reviews import library
from webapp.runs import gpu, prediction_sets
from webapp.runs.models import VideoPrediction
from webapp.training import promotions, tasks

CLIPS = 6
JUMP, RUN = "Jump", "Run"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project(db):
    """Version 1 calls every clip Jump."""
    project = factories.project("Night shift")
    create_arid_labels(project)
    factories_runs.shipped(project)
    for seed in range(CLIPS):
        factories_runs.analysed(project, seed=seed % 2, outputs=[[0.9, 0.1, 0, 0, 0, 0]])
    return project


@pytest.fixture
def second(project, monkeypatch):
    """Whatever the vectors, it says Run; each clip is a piece of its own."""

    def classify(weights, paths):
        return [np.array([[0.1, 0.9, 0, 0, 0, 0]], np.float32) for _ in paths]

    monkeypatch.setattr(gpu, "classify_features", classify)
    monkeypatch.setattr("webapp.runs.library.ROWS_AT_ONCE", 1)
    return factories_runs.candidate(project)


@pytest.fixture
def admin(project):
    return factories.member(project, Role.ADMIN, "admin")


def shown(client, project, **query):
    """(label, version) of each card of the library."""
    answer = client.get(f"/api/projects/{project.pk}/videos/", query)
    cards = answer.json()["results"]
    return [(card["predicted"]["label"]["name"], card["predicted"]["classifier"]) for card in cards]


def test_readers_during_a_promotion_and_the_way_back_see_whole_sets(
    project, second, admin, client_of
):
    seen, over = [], threading.Event()

    def read():
        client = client_of(admin)
        try:
            while not over.is_set():
                seen.append(shown(client, project, ordering="probability"))
        finally:
            connections.close_all()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        promotion = promotions.start_promotion(version=second, by=admin)
        tasks.promote_classifier(promotion.pk, promotion.job_id)
        first = promotion.from_version
        promotions.start_promotion(version=first, by=admin)
        promotions.start_promotion(version=second, by=admin)
    finally:
        over.set()
        reader.join()
    assert {tuple(set(cards)) for cards in seen} <= {((JUMP, 1),), ((RUN, 2),)}
    assert {len(cards) for cards in seen} == {CLIPS}
    assert shown(client_of(admin), project) == [(RUN, 2)] * CLIPS


def test_no_piece_of_a_set_shows_before_all_of_it(project, second, admin, client_of, monkeypatch):
    client, seen = client_of(admin), []
    store = prediction_sets.store_outputs

    def store_and_look(**given):
        store(**given)
        written = VideoPrediction.objects.filter(classifier=second).count()
        seen.append((written, set(shown(client, project))))

    monkeypatch.setattr(prediction_sets, "store_outputs", store_and_look)
    promotion = promotions.start_promotion(version=second, by=admin)
    tasks.promote_classifier(promotion.pk, promotion.job_id)
    assert seen == [(piece, {(JUMP, 1)}) for piece in range(1, CLIPS + 1)]


def test_a_page_that_was_begun_before_the_switch_ends_as_it_began(project, second, admin):
    jump = factories_runs.label(project, JUMP)
    videos = library.videos_of(project.pk).filter(label_id=jump.pk)
    promotion = promotions.start_promotion(version=second, by=admin)
    tasks.promote_classifier(promotion.pk, promotion.job_id)
    cards = library.cards_of(videos, project.pk)
    assert [(card.predicted.label.name, card.classifier.number) for card in cards] == [
        (JUMP, 1)
    ] * CLIPS
