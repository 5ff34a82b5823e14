"""Command lines that refuse repeated options and show no password in errors."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from fer_ros.core.options import Option, limits_text, option_of, plain
from fer_ros.core.redaction import redact


class _Store(argparse._StoreAction):
    """Stores the value of an option, and refuses a second value. argparse keeps the last one."""

    _given_in: argparse.Namespace | None = None

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Store a value."""
        if option_string is not None and self._given_in is namespace:
            before = getattr(namespace, self.dest)
            if isinstance(values, list):
                values = [*before, *values]
            elif values != before:
                parser.error(
                    f'{option_string} is given twice, as {before} and as {values}: remove one'
                )
        self._given_in = namespace
        setattr(namespace, self.dest, values)


class ArgumentParser(argparse.ArgumentParser):
    """The parser of every command; its subcommands are of the same kind.

    An option that is given twice with different values is refused, or its values are added.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the arguments of argparse.ArgumentParser."""
        super().__init__(*args, **kwargs)
        self.register('action', None, _Store)
        self.register('action', 'store', _Store)

    def error(self, message: str) -> NoReturn:
        """Print usage and error, and exit with 2. The error shows no password of a camera."""
        super().error(redact(message))


def add_option(
    parser: argparse._ActionsContainer, configuration: type, field: str, default: Any = None
) -> None:
    """Add the option of a field of a core configuration: its type, range, choices and meaning.

    Args:
        parser: A parser, or a group of it. The option has the name of the field with `-` instead
            of `_`.
        configuration: A class whose fields are options.
        field: Name of the field, neither a boolean nor a list.
        default: Instead of the field's.
    """
    found = option_of(configuration, field)
    parser.add_argument(
        f'--{field.replace("_", "-")}',
        default=plain(found.default if default is None else default),
        help=f'{found.description} (default: %(default)s)',
        **({'choices': found.choices} if found.choices else {'type': _reader(found)}),
    )


def number_in(kind: type, minimum: float, maximum: float) -> Callable[[str], Any]:
    """Return the type of an argument that is a number in a range: int or float."""
    return _reader(Option(kind(), '', minimum, maximum))


def _reader(found: Option) -> Callable[[str], Any]:
    """Return a function that converts the text of an option and refuses values out of range."""
    limits = limits_text(found.minimum, found.maximum)

    def read(text: str) -> Any:
        try:
            value = type(found.default)(text)
        except ValueError as error:
            whole = 'a whole number' if isinstance(found.default, int) else 'a number'
            raise argparse.ArgumentTypeError(f'{text!r} is not {whole}') from error
        if not found.allows(value):
            raise argparse.ArgumentTypeError(f'{text} must be {limits}')
        return value

    return read


def some_path(text: str) -> Path:
    """Return the path of an argument. An empty one, from an unset variable, is not the folder."""
    if not text:
        raise argparse.ArgumentTypeError('the path is empty: name a file or folder')
    return Path(text)
