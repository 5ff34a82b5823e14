"""The texts of the pages in the language of the reader."""

from __future__ import annotations

import re

from fer_ros.web.text_table import TABLE

#: Codes of the languages, with the name of each in the language itself.
LANGUAGES = {
    'en': 'English',
    'de': 'Deutsch',
    'es': 'Español',
    'fr': 'Français',
    'ja': '日本語',
}

#: Cookie with the language that was selected in a browser.
LANGUAGE_COOKIE = 'fer_ros_language'

_NUMBER = re.compile(r'\d+(?:\.\d+)?')


class Texts:
    """The texts of one language.

    Attributes:
        language: A key of LANGUAGES.
        table: English text to that of the language, for scripts; empty for English.
    """

    def __init__(self, language: str = 'en') -> None:
        self.language = language
        self.table: dict[str, str] = {}
        if language != 'en':
            column = list(LANGUAGES).index(language) - 1
            self.table = {english: texts[column] for english, texts in TABLE.items()}

    def __call__(self, english: str) -> str:
        """Return a text of the table in this language, or any other text unchanged."""
        return self.table.get(english, english)

    def translated(self, english: str) -> str:
        """Return a text with numbers. In the table, # replaces each number."""
        numbers = iter(_NUMBER.findall(english))
        found = self.table.get(_NUMBER.sub('#', english))
        return english if found is None else re.sub('#', lambda _: next(numbers), found)


def language_of(wanted: str, kept: str, accepted: str) -> str:
    """Return the language of a page.

    Args:
        wanted: The language in the address.
        kept: The language in the browser's cookie.
        accepted: The header Accept-Language. Its order is the order of preference.
    """
    accepts = (entry.partition(';')[0].strip()[:2].lower() for entry in accepted.split(','))
    for language in (wanted, kept, *accepts):
        if language in LANGUAGES:
            return language
    return 'en'
