"""What is asked of the pose network on the command line reaches it."""

from __future__ import annotations

import argparse
from dataclasses import asdict

import pytest

from inference.commands import common
from inference.config import PipelineConfig
from inference.errors import ModelError


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch):
    """Parses words and gives the pipeline's configuration instead of a pipeline."""
    monkeypatch.setattr(common.Pipeline, "load", lambda config, device: config)

    def parse(*words: str):
        parser = argparse.ArgumentParser()
        common.add_pipeline_arguments(parser)
        return common.load_pipeline(parser.parse_args(words))

    return parse


def test_nothing_said_changes_nothing(settings) -> None:
    assert settings().estimator == PipelineConfig().estimator


def test_every_setting_arrives(settings) -> None:
    words = "--pose-every 5 --pose-distance 2 --pose-decode dark --flip-test --pose w.safetensors"
    config = settings(*words.split())
    assert config.pose.name == "w.safetensors"
    usual = asdict(PipelineConfig().estimator)
    changed = {k: v for k, v in asdict(config.estimator).items() if v != usual[k]}
    assert changed == {"every": 5, "distance": 2, "decode": "dark", "flip_test": True}


def test_an_impossible_setting_is_refused(settings) -> None:
    with pytest.raises(ModelError, match="every: expected at least 1"):
        settings("--pose-every", "0")
