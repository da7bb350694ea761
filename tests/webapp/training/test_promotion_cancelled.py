"""Stopping a promotion: nothing that is shown changes, and it can be started again."""

import pytest

from tests.webapp import factories_runs
from webapp.classifiers.selectors import active_classifier
from webapp.core.errors import Conflict
from webapp.jobs.models import Job
from webapp.runs import gpu
from webapp.training import promotions, tasks
from webapp.training.models import Promotion

pytestmark = pytest.mark.django_db


@pytest.fixture
def promotion(project, label_set, admin):
    factories_runs.shipped(project)
    factories_runs.analysed(project)
    version = factories_runs.candidate(project)
    return promotions.start_promotion(version=version, by=admin)


def state_of(promotion):
    promotion.refresh_from_db()
    return promotion.state, Job.objects.get(pk=promotion.job_id).state


def test_one_that_waits_stops_at_once(promotion, project):
    promotions.cancel_promotion(promotion=promotion)
    assert state_of(promotion) == ("cancelled", "cancelled")
    tasks.promote_classifier(promotion.pk, promotion.job_id)
    assert active_classifier(project.pk).number == 1


def test_one_that_works_stops_at_its_next_report(promotion, project, monkeypatch):
    classify = gpu.classify_features

    def cancel_first(*args):
        promotions.cancel_promotion(promotion=Promotion.objects.get(pk=promotion.pk))
        return classify(*args)

    monkeypatch.setattr(gpu, "classify_features", cancel_first)
    tasks.promote_classifier(promotion.pk, promotion.job_id)
    assert state_of(promotion) == ("cancelled", "cancelled")
    assert active_classifier(project.pk).number == 1


def test_what_is_over_cannot_be_cancelled(promotion):
    tasks.promote_classifier(promotion.pk, promotion.job_id)
    promotion.refresh_from_db()
    with pytest.raises(Conflict, match="nothing to cancel"):
        promotions.cancel_promotion(promotion=promotion)


def test_admins_cancel(statuses, promotion):
    address = f"/api/promotions/{promotion.pk}/cancellation/"
    answers = statuses(lambda client: client.post(address))
    expected = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 403, "admin": 202}
    assert answers == expected
