"""A project with corrected clips, and a training that takes a second."""

from collections.abc import Callable

import pytest

from tests.webapp import factories_runs
from webapp.accounts.models import Project, User
from webapp.runs.models import PipelineRun

QUICK = {"epochs": 3, "steps": 2, "members": 1, "hidden": [8]}


@pytest.fixture
def project(project, label_set) -> Project:
    factories_runs.shipped(project)
    return project


@pytest.fixture
def teach(project, reviewer) -> Callable[..., list[PipelineRun]]:
    """``teach("Wave", 5)``: five more clips that a reviewer corrected to that label."""

    def make(name: str, count: int, by: User = reviewer) -> list[PipelineRun]:
        runs = [factories_runs.analysed(project, seed=i) for i in range(count)]
        for run in runs:
            factories_runs.correct(run, name, by)
        return runs

    return make
