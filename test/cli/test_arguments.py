"""A value that is given twice on a command line is added or refused, but never dropped."""

from __future__ import annotations

import pytest

from fer_ros.cli.launch_arguments import read_arguments
from fer_ros.core.arguments import ArgumentParser


@pytest.fixture
def parser() -> ArgumentParser:
    parser = ArgumentParser(prog='command')
    parser.add_argument('pictures', nargs='*')
    parser.add_argument('--also', nargs='+', default=['standard'])
    parser.add_argument('-m', '--model', default='default')
    return parser


def test_repeated_list_options_add_up(parser):
    assert parser.parse_args(['--also', 'a', 'b', '--also', 'c']).also == ['a', 'b', 'c']
    assert parser.parse_args(['--also', 'a']).also == ['a']
    assert parser.parse_args([]).also == ['standard']


def test_two_values_for_a_single_option_are_refused_and_both_named(parser, capsys):
    with pytest.raises(SystemExit):
        parser.parse_args(['--model', 'tiny', '-m', 'default'])
    assert '-m is given twice, as tiny and as default: remove one' in capsys.readouterr().err


def test_repeating_a_value_or_parsing_again_is_not_an_error(parser):
    assert parser.parse_args(['-m', 'tiny', '--model', 'tiny']).model == 'tiny'
    assert parser.parse_args(['-m', 'default']).model == 'default'


def test_options_between_positional_arguments_count_once(parser):
    options = parser.parse_intermixed_args(['a', '--also', 'x', '--model', 'tiny', 'b'])
    assert (options.pictures, options.also, options.model) == (['a', 'b'], ['x'], 'tiny')


def test_subcommands_follow_the_same_rules(capsys):
    parser = ArgumentParser()
    parser.add_subparsers().add_parser('train').add_argument('--data')
    with pytest.raises(SystemExit):
        parser.parse_args(['train', '--data', 'a', '--data', 'b'])
    assert 'given twice' in capsys.readouterr().err


def test_a_repeated_launch_argument_is_refused(parser, capsys):
    with pytest.raises(SystemExit):
        read_arguments(parser, 'pipeline', ['source:=demo', 'source:=synthetic'])
    assert 'source is given twice, as demo and as synthetic' in capsys.readouterr().err
