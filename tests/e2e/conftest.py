"""A real Nightjar on a free port and a real browser, for all tests of one pytest process."""

import itertools
import os
import re
import shutil
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from tests.bench.upload_folder import Api
from tests.e2e.stack import Stack, start_stack

SETTLED = re.compile("analysed|rejected|duplicate|failed|cancelled")
HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SETTLED_S = 180  # what an analysis may take on two busy cores

expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything that ``make up`` starts, in a folder of its own."""
    with start_stack(tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Show with a fault what the server said meanwhile."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and stack:
        report.sections.append(("Server", "\n".join(stack.lines[-60:])))
    return report


@pytest.fixture(scope="session")
def admin(stack: Stack) -> Api:
    """The API as the first admin."""
    api = Api(stack.address)
    api.log_in(*stack.first_admin)
    return api


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        absent = f"no browser here (looked for {', '.join(BROWSERS)})"
        if os.environ.get("CI"):
            pytest.fail(f"In CI browser tests never skip: {absent}")
        pytest.skip(absent)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-dev-shm-usage"] if os.geteuid() == 0 else [],
        )
        listen_to_consoles(chromium)
        yield chromium
        chromium.close()


# What pages have said to their consoles since the test began, (page's address, text).
_said: list[tuple[str, str]] = []
# Chromium's own words on drawing without a graphics card: not of the page.
NOT_OURS = re.compile(r"GL Driver Message|GPU stall due to ReadPixels|WebGL: .*software")


def listen_to_consoles(browser: Browser) -> None:
    """Note each fault and warning of each page, whichever way it is opened."""
    plain = browser.new_context

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not NOT_OURS.search(message.text):
            url = message.page.url if message.page else ""
            _said.append((url, f"{message.type}: {message.text} ({message.location['url']})"))

    def new_context(**options: Any) -> BrowserContext:
        context = plain(**options)
        context.on("console", note)
        context.on("weberror", lambda fault: _said.append(("", f"uncaught: {fault.error}")))
        return context

    browser.new_context = new_context  # type: ignore[method-assign]


@pytest.fixture
def expected_faults() -> list[str]:
    """Patterns of what pages may say because the test provokes it, such as "status of 412"."""
    return []


@pytest.fixture(autouse=True)
def _quiet_consoles(expected_faults: list[str]) -> Iterator[None]:
    """No page says anything to the console that the test does not expect."""
    _said.clear()
    yield
    faults = [f"{url}: {text}" for url, text in _said if not _any(expected_faults, text)]
    _said.clear()
    assert not faults, "\n".join(["The browser's console holds:", *faults])


def _any(patterns: list[str], text: str) -> bool:
    return any(re.search(pattern, text) for pattern in patterns)


@pytest.fixture
def open_page(browser: Browser, stack: Stack) -> Iterator[Callable[..., Page]]:
    """Log a user in, in a browser of his own."""
    contexts = []

    def open_as(username: str, password: str, path: str = "/") -> Page:
        context = browser.new_context(base_url=stack.address, viewport=dict(width=1360, height=860))
        contexts.append(context)
        page = context.new_page()
        page.goto(f"/login/?next={path}")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password").fill(password)
        page.get_by_test_id("login-submit").click()
        return page

    yield open_as
    for context in contexts:
        context.close()


def expect_settled(card: Locator, state: str) -> None:
    """Wait until nothing more happens to a clip, which must then be in this state."""
    expect(card).to_have_attribute("data-state", SETTLED, timeout=SETTLED_S * 1000)
    message = card.get_by_test_id("card-message")
    said = message.inner_text() if message.count() else ""
    assert card.get_attribute("data-state") == state, said


_numbers = itertools.count(1)


@pytest.fixture
def project(admin: Api) -> dict:
    """An empty project with ARID's labels, for one test alone."""
    made = admin.call("POST", "projects/", {"name": f"Test {next(_numbers)}"})
    labels = admin.call("GET", f"projects/{made['id']}/label-set/")["labels"]
    if not labels:
        for order, (name, colour) in enumerate(ARID_LABELS):
            label = {"name": name, "colour": colour, "hotkey": "1234567890-"[order]}
            admin.call("POST", f"projects/{made['id']}/labels/", label)
    return made


@pytest.fixture
def member(admin: Api) -> Callable[[dict, str], tuple[str, str]]:
    """Make a user with a role in a project; gives name and password."""

    def make(project: dict, role: str) -> tuple[str, str]:
        name, password = f"{role}{next(_numbers)}", "quite-a-dark-night"
        admin.call("POST", "users/", {"username": name, "password": password})
        member = {"username": name, "role": role}
        admin.call("POST", f"projects/{project['id']}/members/", member)
        return name, password

    return make


ARID_LABELS = [
    ("Drink", "#4cc9f0"), ("Jump", "#ffd166"), ("Pick", "#ef6f6c"), ("Pour", "#7b9cff"),
    ("Push", "#06d6a0"), ("Run", "#ff9f1c"), ("Sit", "#c77dff"), ("Stand", "#f4f1de"),
    ("Turn", "#f48fb1"), ("Walk", "#9ef01a"), ("Wave", "#a98467"),
]  # fmt: skip


@pytest.fixture(scope="session")
def rendered_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A figure that walks and then waves in the dark."""
    from inference.video.synthetic import render_clip, write_video

    path = tmp_path_factory.mktemp("clips") / "evening.mp4"
    clip, _ = render_clip([("Walk", 2.0), ("Turn", 1.0)], size=(320, 240), seed=11)
    write_video(path, clip)
    return path


@pytest.fixture(scope="session")
def coded_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """150 frames at 30000/1001 a second, each with its number in its pixels."""
    from inference.video.coded import coded_clip as make
    from inference.video.synthetic import write_video

    path = tmp_path_factory.mktemp("clips") / "coded.mp4"
    write_video(path, make(150, size=(320, 240), fps=Fraction(30000, 1001)))
    return path
