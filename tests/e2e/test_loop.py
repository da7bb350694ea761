"""The whole way: a clip goes in, a person corrects it, the model learns, the library changes."""

from playwright.sync_api import Locator, Page, expect

from tests.bench.upload_folder import Api
from tests.e2e.conftest import expect_settled

LEARNED_S = 300  # what a training or a promotion may take on two busy cores

# Opacity of the overlay on each joint that it says it has drawn.
ALPHA_ON_JOINTS = """(canvas, joints) => {
    // A copy: reading the page's own canvas would slow it, and the browser would say so.
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    const scale = Number(canvas.dataset.scale);
    return joints.map(([, , x, y]) => {
        const at = (value) => Math.round((value + 0.5) * scale);
        return context.getImageData(at(x), at(y), 1, 1).data[3];
    });
}"""


def test_a_clip_goes_in_is_corrected_and_the_model_learns(
    admin: Api, stack, project, member, open_page, rendered_clip
):
    library = f"/projects/{project['slug']}/"
    watcher = open_page(*member(project, "viewer"), path=library)
    expect(watcher.get_by_test_id("library-empty")).to_be_visible()
    watcher.evaluate("window.neverReloaded = true")
    seen = watcher.get_by_test_id("clip-card")

    page = open_page(*stack.first_admin, path=library)
    card = upload_and_wait(page, rendered_clip)
    expect(seen).to_have_attribute("data-state", "analysed")
    assert card.get_attribute("data-classifier") == "1"
    predicted = card.get_attribute("data-label")

    card.get_by_role("link").click()
    joints = expect_skeleton(page)
    assert len(joints) >= 10
    wrong = give_another_label(page, predicted)
    expect(seen).to_have_attribute("data-corrected", wrong)
    before = probability_of(admin, project, wrong)

    page.get_by_test_id("nav-training").click()
    retrain_and_promote(page)
    expect(seen).to_have_attribute("data-classifier", "2")

    page.goto(library)
    expect(card).to_have_attribute("data-classifier", "2")
    expect(card.get_by_text("v2")).to_be_visible()
    shown = only_card(admin, project)
    assert card.get_attribute("data-label") == shown["predicted"]["label"]["name"]
    assert seen.get_attribute("data-label") == shown["predicted"]["label"]["name"]
    assert shown["predicted"]["classifier"] == 2
    assert probability_of(admin, project, wrong) > before
    assert watcher.evaluate("window.neverReloaded") is True

    roll_back(page, library)
    expect(seen).to_have_attribute("data-classifier", "1")
    expect(seen).to_have_attribute("data-label", predicted)
    expect(seen).to_have_attribute("data-corrected", wrong)


def upload_and_wait(page: Page, clip) -> Locator:
    """Give a file to the page; its card, once analysed."""
    page.get_by_test_id("upload-input").set_input_files(clip)
    card = page.get_by_test_id("clip-card")
    expect_settled(card, "analysed")
    expect(card.get_by_test_id("predicted-chip")).to_be_visible()
    return card


def expect_skeleton(page: Page) -> list:
    """The overlay is opaque on the joints it names, and empty there once it is switched off."""
    overlay = page.locator("#overlay")
    joints = look_for_somebody(page)
    assert min(overlay.evaluate(ALPHA_ON_JOINTS, joints)) > 0
    page.get_by_test_id("toggle-skeleton").click()
    expect(overlay).to_have_attribute("data-joints", "[]")
    alpha = overlay.evaluate(ALPHA_ON_JOINTS, joints)
    assert sum(a == 0 for a in alpha) >= 0.8 * len(alpha)  # a box's edge may cross a joint
    page.get_by_test_id("toggle-skeleton").click()
    expect(overlay).not_to_have_attribute("data-joints", "[]")
    return joints


def look_for_somebody(page: Page) -> list:
    """Go through the clip until somebody is in view; the joints that are drawn."""
    player, overlay = page.locator("nj-player"), page.locator("#overlay")
    expect(player).to_have_attribute("data-frame", "0")
    joints: list = []
    for frame in range(0, int(player.get_attribute("data-frames")), 5):
        player.evaluate("(player, frame) => player.seek(frame)", frame)
        expect(overlay).to_have_attribute("data-frame", str(frame))
        joints = overlay.evaluate("canvas => JSON.parse(canvas.dataset.joints)")
        if len(joints) >= 10:
            break
    return joints


def give_another_label(page: Page, predicted: str) -> str:
    """Press the key of a label that the model knows and did not give; its name."""
    judgement = page.get_by_test_id("judgement")
    expect(judgement).to_have_attribute("data-source", "prediction")
    label = next(name for name in ("Sit", "Jump") if name != predicted)
    row = page.locator(f'[data-testid="label-row"][data-name="{label}"]')
    page.keyboard.press(row.locator("kbd").inner_text())
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    expect(judgement).to_have_attribute("data-source", "correction")
    expect(judgement).to_have_attribute("data-label", label)
    expect(page.get_by_test_id("history-item")).to_contain_text(label)
    return label


def retrain_and_promote(page: Page) -> None:
    expect(page.get_by_test_id("new-corrections")).to_contain_text("1")
    page.get_by_test_id("retrain").click()
    expect(page.get_by_test_id("training-progress")).to_be_visible()
    comparison = page.get_by_test_id("comparison")
    expect(comparison).to_have_attribute("data-version", "2", timeout=LEARNED_S * 1000)
    for figure in ("accuracy", "macro-f1"):
        value = page.get_by_test_id(f"figure-{figure}").get_attribute("data-value")
        assert 0 < float(value) <= 1
    expect(page.get_by_test_id("confusion-candidate")).to_be_visible()
    expect(page.get_by_test_id("confusion-baseline")).to_be_visible()
    page.get_by_test_id("promote").click()
    page.get_by_test_id("confirm-yes").click()
    expect_active(page, 2)


def roll_back(page: Page, library: str) -> None:
    page.goto(f"{library}training/")
    page.locator('[data-testid="version-row"][data-number="1"]').get_by_role(
        "button", name="Roll back"
    ).click()
    page.get_by_test_id("confirm-yes").click()
    expect_active(page, 1)


def expect_active(page: Page, number: int) -> None:
    row = page.locator(f'[data-testid="version-row"][data-number="{number}"]')
    expect(row).to_have_attribute("data-version-state", "active", timeout=LEARNED_S * 1000)


def only_card(admin: Api, project: dict) -> dict:
    (card,) = admin.pages(f"projects/{project['id']}/videos/")
    return card


def probability_of(admin: Api, project: dict, label: str) -> float:
    """What the active version gives the corrected segment for a label."""
    video = only_card(admin, project)["id"]
    tracks = admin.call("GET", f"videos/{video}/tracks/")["tracks"]
    segments = [segment for track in tracks for segment in track["segments"]]
    corrected = next(s for s in segments if s["current"]["source"] == "correction")
    shares = {p["label"]["name"]: p["probability"] for p in corrected["predicted"]["probabilities"]}
    return shares[label]
