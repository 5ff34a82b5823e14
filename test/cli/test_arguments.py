"""What is given twice on a command line is added or refused, never dropped."""

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


def test_values_of_an_option_that_takes_several_are_added(parser):
    assert parser.parse_args(['--also', 'a', 'b', '--also', 'c']).also == ['a', 'b', 'c']
    assert parser.parse_args(['--also', 'a']).also == ['a']
    assert parser.parse_args([]).also == ['standard']


def test_a_single_value_that_is_given_twice_is_refused_with_both(parser, capsys):
    with pytest.raises(SystemExit):
        parser.parse_args(['--model', 'tiny', '-m', 'default'])
    assert '-m is given twice, as tiny and as default: remove one' in capsys.readouterr().err


def test_the_same_value_twice_and_a_second_command_line_are_no_fault(parser):
    assert parser.parse_args(['-m', 'tiny', '--model', 'tiny']).model == 'tiny'
    assert parser.parse_args(['-m', 'default']).model == 'default'


def test_options_between_positional_arguments_count_once(parser):
    options = parser.parse_intermixed_args(['a', '--also', 'x', '--model', 'tiny', 'b'])
    assert (options.pictures, options.also, options.model) == (['a', 'b'], ['x'], 'tiny')


def test_subcommands_do_the_same(capsys):
    parser = ArgumentParser()
    parser.add_subparsers().add_parser('train').add_argument('--data')
    with pytest.raises(SystemExit):
        parser.parse_args(['train', '--data', 'a', '--data', 'b'])
    assert 'given twice' in capsys.readouterr().err


def test_an_argument_of_a_bring_up_that_is_given_twice_is_refused(parser, capsys):
    with pytest.raises(SystemExit):
        read_arguments(parser, 'pipeline', ['source:=demo', 'source:=synthetic'])
    assert 'source is given twice, as demo and as synthetic' in capsys.readouterr().err
