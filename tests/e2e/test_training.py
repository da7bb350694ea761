"""From a cell of the confusion matrix to the clips behind it, and from there to a new version."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.bench.upload_folder import Api, upload, wait
from tests.e2e.conftest import SETTLED_S
from tests.e2e.test_loop import LEARNED_S, expect_active

SCENES = ("alley", "bridge", "court", "dock")
HELD_OUT = ("evening_1", "evening_2")  # one scene, the fifth: both clips are held out
CLIP_S = 1.2


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One clip of each of four scenes, and two alike of a fifth."""
    from inference.video.synthetic import render_clip, write_video

    folder = tmp_path_factory.mktemp("scenes")
    names = [f"{scene}_1" for scene in SCENES] + list(HELD_OUT)
    for seed, name in enumerate(names):
        same_room = 11 if name in HELD_OUT else 20 + seed
        seconds = CLIP_S + 0.1 * (name == HELD_OUT[1])
        clip, _ = render_clip([("Walk", seconds)], size=(320, 240), seed=same_room)
        write_video(folder / f"{name}.mp4", clip)
    return [folder / f"{name}.mp4" for name in names]


def test_a_cell_opens_its_clips_and_what_is_corrected_there_is_learned(
    admin: Api, stack, project, open_page, clips
):
    page = open_page(*stack.first_admin, path=f"/projects/{project['slug']}/training/")
    choose_rule(page, "scenes", "numbered")
    labels = {row["name"]: row["id"] for row in label_set(admin, project)}
    for video in bring_in(admin, project, clips):
        correct(admin, video, labels["Wave"])

    run = retrain(page, admin, project, version=2)
    cell = cell_of_held_out_clips(page)
    truth, said = cell.get_attribute("data-truth"), cell.get_attribute("data-said")
    cell.get_by_test_id("cell-clips").click()

    expect(page.get_by_test_id("filter-chosen")).to_contain_text(f"{truth}, said {said}")
    cards = page.get_by_test_id("clip-card")
    expect(cards).to_have_count(2)
    cards.first.get_by_role("link").click()
    give(page, "Sit")
    expect(page.get_by_test_id("provenance")).to_contain_text("classifier version 1, learned from")
    page.keyboard.press("n")
    expect(page.get_by_test_id("judgement")).to_have_attribute("data-label", "Wave")
    give(page, "Sit")

    page.get_by_test_id("nav-training").click()
    run = retrain(page, admin, project, version=3)
    assert truths_of(admin, run) == {"Sit"}
    promote(page, 3)
    assert {card["predicted"]["classifier"] for card in cards_of(admin, project)} == {3}
    row = page.locator('[data-testid="version-row"][data-number="1"]')
    row.get_by_test_id("rollback").click()  # the first click of two
    page.get_by_test_id("confirm-yes").click()
    expect_active(page, 1)
    assert {card["predicted"]["classifier"] for card in cards_of(admin, project)} == {1}

    rebuild(page)


def choose_rule(page: Page, name: str, value: str) -> None:
    page.get_by_test_id(f"rule-{name}").select_option(value)
    expect(page.get_by_test_id("rule-changes").get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_test_id(f"rule-{name}")).to_have_value(value)


def bring_in(admin: Api, project: dict, clips: list[Path]) -> list[int]:
    ids = [upload(admin, project["id"], clip) for clip in clips]
    cards = wait(admin, project["id"], set(ids), SETTLED_S * len(ids))
    assert {card["state"] for card in cards} == {"analysed"}, cards
    return ids


def correct(admin: Api, video: int, label: int) -> None:
    """Give the longest segment of the clip a label, as its page does."""
    tracks = admin.call("GET", f"videos/{video}/tracks/")["tracks"]
    segments = [segment for track in tracks for segment in track["segments"]]
    segment = max(segments, key=lambda one: one["end_frame"] - one["start_frame"])
    match = {"If-Match": f'"{segment["version"]}"'}
    admin.call("POST", f"segments/{segment['id']}/corrections/", {"label": label}, **match)


def retrain(page: Page, admin: Api, project: dict, version: int) -> dict:
    """Two things are shown before the candidate: that it trains, and its figures; the run."""
    page.get_by_test_id("retrain").click()
    comparison = page.get_by_test_id("comparison")
    expect(comparison).to_have_attribute("data-version", str(version), timeout=LEARNED_S * 1000)
    (run,) = [
        run
        for run in admin.pages(f"projects/{project['id']}/training-runs/")
        if run["candidate"] and run["candidate"]["number"] == version
    ]
    expect_figures(page, run)
    return run


def expect_figures(page: Page, run: dict) -> None:
    """What the page shows is what the API says: figures, intervals, classes, cells, ECE."""
    for name in ("accuracy", "macro_f1", "macro_recall"):
        shown = page.get_by_test_id(f"figure-{name.replace('_', '-')}")
        low, high = run["comparison"]["figures"][name]["candidate"]
        attributes = {
            "data-value": run["metrics"][name],
            "data-before": run["baseline_metrics"][name],
            "data-low": low,
            "data-high": high,
        }
        for attribute, value in attributes.items():
            assert float(shown.get_attribute(attribute)) == value, (name, attribute)
        expect(shown).to_contain_text(f"{run['metrics'][name] * 100:.1f} %")
    for row in page.get_by_test_id("class-row").all():
        figures = run["metrics"]["per_class"][row.get_attribute("data-name")]
        for name in ("precision", "recall", "f1"):
            assert float(row.get_attribute(f"data-{name}")) == figures[name]
    for side, metrics in (("candidate", "metrics"), ("baseline", "baseline_metrics")):
        expect_cells(page.get_by_test_id(f"confusion-{side}"), run[metrics]["confusion"])
        shown = page.get_by_test_id(f"reliability-{side}").get_attribute("data-ece")
        assert float(shown) == run["comparison"]["reliability"][side]["ece"]


def expect_cells(table: Locator, confusion: dict) -> None:
    shown = table.evaluate(
        """table => Object.fromEntries([...table.querySelectorAll("td[data-truth]")].map(
            ({dataset, textContent}) =>
                [JSON.stringify([dataset.truth, dataset.said]), [dataset.count, textContent]]))"""
    )
    labels = confusion["labels"]
    told = {
        (labels[i], labels[j]): str(n)
        for i, row in enumerate(confusion["counts"])
        for j, n in enumerate(row)
    }
    assert shown
    for key, (count, text) in shown.items():
        assert count == text == told[tuple(json.loads(key))]
    assert sum(int(count) for count, _ in shown.values()) == sum(map(int, told.values()))


def cell_of_held_out_clips(page: Page) -> Locator:
    """The candidate's cell behind which both clips of the held-out scene are."""
    cells = page.get_by_test_id("confusion-candidate").locator("td")
    cell = cells.filter(has=page.locator('a[data-clips="2"]'))
    expect(cell).to_have_count(1)
    return cell


def give(page: Page, label: str) -> None:
    row = page.locator(f'[data-testid="label-row"][data-name="{label}"]')
    page.keyboard.press(row.locator("kbd").inner_text())
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    expect(page.get_by_test_id("judgement")).to_have_attribute("data-label", label)


def promote(page: Page, number: int) -> None:
    page.get_by_test_id("promote").click()  # the first click of two
    page.get_by_test_id("confirm-yes").click()
    expect_active(page, number)


def rebuild(page: Page) -> None:
    page.locator("details.more-figures").evaluate("details => { details.open = true; }")
    page.get_by_test_id("rebuild").click()
    expect(page.get_by_test_id("rebuilt")).to_have_attribute(
        "data-same", "true", timeout=LEARNED_S * 1000
    )


def truths_of(admin: Api, run: dict) -> set[str]:
    """What the held-out clips of the project are said to show."""
    evaluation = admin.call("GET", f"training-runs/{run['id']}/evaluation/")
    assert {row["video_name"] for row in evaluation["segments"]} == {
        f"{name}.mp4" for name in HELD_OUT
    }
    return {row["truth"] for row in evaluation["segments"]}


def label_set(admin: Api, project: dict) -> list[dict]:
    return admin.call("GET", f"projects/{project['id']}/label-set/")["labels"]


def cards_of(admin: Api, project: dict) -> list[dict]:
    return list(admin.pages(f"projects/{project['id']}/videos/"))
