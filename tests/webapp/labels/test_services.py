import pytest

from tests.webapp import factories
from webapp.core.errors import Conflict, Refused
from webapp.labels import services
from webapp.labels.models import Label
from webapp.labels.selectors import labels_of

ACTIONS = ["Drink", "Jump", "Pick", "Pour", "Push", "Run", "Sit", "Stand", "Turn", "Walk", "Wave"]


def test_arids_actions_come_in_order_with_their_keys(project):
    services.create_arid_labels(project)
    labels = list(labels_of(project.pk))
    assert [label.name for label in labels] == ACTIONS
    assert "".join(label.hotkey for label in labels) == "1234567890-"
    assert len({label.colour for label in labels}) == 11
    for label in labels:
        label.full_clean()


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("name", "colour"), services.ARID)
def test_each_colour_can_be_seen_on_a_dark_ground(name, colour):
    assert (luminance(colour) + 0.05) / (luminance("#101418") + 0.05) >= 4.5


def test_giving_arids_labels_twice_adds_and_changes_nothing(label_set, project):
    services.change_label(label=label_set.labels.get(name="Walk"), colour="#ffffff")
    services.create_arid_labels(project)
    assert label_set.labels.count() == 11
    assert label_set.labels.get(name="Walk").colour == "#ffffff"


def test_a_new_label_goes_to_the_end_and_makes_a_new_version(label_set):
    version = label_set.version
    label = services.create_label(label_set=label_set, name=" Fall ", colour="#FFFFFF")
    assert (label.name, label.colour, label.order) == ("Fall", "#ffffff", 11)
    assert label_set.version == version + 1


@pytest.mark.parametrize(
    ("fields", "kind", "code"),
    [
        ({"name": "  "}, Refused, "bad_name"),
        ({"name": "walk"}, Conflict, "name_taken"),
        ({"colour": "red"}, Refused, "bad_colour"),
        ({"colour": "#12345"}, Refused, "bad_colour"),
        ({"hotkey": "x"}, Refused, "bad_hotkey"),
        ({"hotkey": "1"}, Conflict, "hotkey_taken"),
    ],
)
def test_what_would_confuse_people_is_refused(label_set, fields, kind, code):
    with pytest.raises(kind) as caught:
        services.create_label(
            label_set=label_set, **({"name": "Fall", "colour": "#ffffff"} | fields)
        )
    assert caught.value.code == code
    assert not Label.objects.filter(name="Fall").exists()


def test_an_archived_label_stays_and_frees_its_key(label_set):
    walk = services.change_label(label=label_set.labels.get(name="Walk"), archived=True)
    services.create_label(label_set=label_set, name="Fall", colour="#ffffff", hotkey=walk.hotkey)
    assert walk not in labels_of(label_set.project_id)
    assert walk in labels_of(label_set.project_id, archived=True)
    with pytest.raises(Conflict):
        services.change_label(label=walk, archived=False)


def test_equal_names_and_keys_may_be_used_in_another_project(label_set):
    services.create_arid_labels(factories.project("Other"))
    assert Label.objects.filter(name="Walk").count() == 2
