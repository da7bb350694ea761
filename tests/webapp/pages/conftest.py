"""Browsers that have logged in, one for each role."""

from collections.abc import Callable

import pytest
from django.test import Client

from webapp.accounts.models import User


@pytest.fixture
def browser_of() -> Callable[[User | None], Client]:
    def make(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return make
