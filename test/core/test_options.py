"""Fields of configurations become options: checked, read and described."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import pytest

from fer_ros.core.options import (
    check_options,
    documented,
    from_values,
    option,
    option_of,
    options_of,
    same_option,
)


class Mode(Enum):
    SLOW = 'slow'
    QUICK = 'quick'


@documented
@dataclass(frozen=True, slots=True)
class Example:
    """An example."""

    mode: Mode = option(Mode.SLOW, 'How.', choices=('slow', 'quick'))
    share: float = option(0.5, 'How much.', minimum=0.0, maximum=1.0)
    number: int = option(3, 'How many.', minimum=1)
    name: str = option('', 'Any text.')

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True, slots=True)
class Other:
    share: float = same_option(Example, 'share')


@pytest.mark.parametrize(
    ('wrong', 'limits'),
    [
        ({'share': 1.1}, 'share is 1.1: it must be 0 to 1'),
        ({'share': float('nan')}, 'share is nan'),
        ({'number': 0}, 'number is 0: it must be at least 1'),
        ({'mode': 'fast'}, "mode is 'fast': it must be one of slow, quick"),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_range(wrong, limits):
    with pytest.raises(ValueError, match=limits):
        Example(**wrong)


def test_values_are_read_by_name_with_the_type_of_the_field():
    found = from_values(Example, {'mode': 'quick', 'share': 1, 'unknown': 7})
    assert found == Example(Mode.QUICK, 1.0)
    assert type(found.share) is float


def test_help_describes_each_field_with_its_range():
    assert '    share: How much. [0 to 1]' in (Example.__doc__ or '')
    assert '    name: Any text.' in (Example.__doc__ or '')


def test_a_field_can_belong_to_another_configuration():
    assert Other().share == Example().share
    assert options_of(Other) == {'share': option_of(Example, 'share')}
