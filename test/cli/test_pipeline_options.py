"""The pipeline options are the same in every command and have the ranges of the core."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fer_ros.cli.pipeline_options import add_pipeline_options, pipeline_config
from fer_ros.core.arguments import ArgumentParser
from fer_ros.core.detection.base import Search
from fer_ros.core.pipeline_config import PipelineConfig


def config_of(*arguments: str, search: Search | None = Search.FAST) -> PipelineConfig:
    parser = ArgumentParser()
    add_pipeline_options(parser, search)
    return pipeline_config(parser.parse_args(arguments))


def test_without_options_the_defaults_of_the_core_apply():
    assert config_of() == PipelineConfig()
    assert config_of(search=None) == PipelineConfig()


def test_each_option_reaches_its_component():
    found = config_of(
        *('--detector', 'haar', '--search', 'economy', '--confidence', '0.5'),
        *('--model', 'tiny', '--runtime', 'opencv'),
        *('--attribute-model', 'gender', '--attribute', 'age'),
    )
    assert (found.detector.detector, found.detector.search) == ('haar', Search.ECONOMY)
    assert found.detector.confidence == 0.5
    assert (found.classifier.model, found.classifier.runtime) == ('tiny', 'opencv')
    assert found.attribute_models == ('gender', 'age'), '--attribute is short for it'


@pytest.mark.parametrize(
    ('wrong', 'reason'),
    [
        (('--confidence', '1.5'), '1.5 must be 0 to 1'),
        (('--confidence', 'high'), "'high' is not a number"),
        (('--detector', 'dlib'), 'invalid choice'),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_range(wrong, reason, capsys):
    with pytest.raises(SystemExit):
        config_of(*wrong)
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize('command', ['annotate', 'classify', 'web'])
def test_every_command_has_the_pipeline_options(command):
    shown = subprocess.run(
        [sys.executable, '-m', 'fer_ros', command, '--help'],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    options = ['--detector', '--confidence', '--model', '--runtime', '--attribute-model']
    if command != 'classify':
        options.append('--search')
    assert [option for option in options if option not in shown] == []
