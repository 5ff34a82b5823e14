"""The texts of the pages in other languages: one table, with the English text as the key."""

from __future__ import annotations

#: Codes of the languages and what each calls itself.
LANGUAGES = {
    'en': 'English',
    'de': 'Deutsch',
    'es': 'Español',
    'fr': 'Français',
    'ja': '日本語',
}

#: English text to German, Spanish, French and Japanese.
TABLE: dict[str, tuple[str, str, str, str]] = {}


class Texts:
    """The texts of one language. language: a key of LANGUAGES."""

    def __init__(self, language: str = 'en') -> None:
        self.language = language
        self.table: dict[str, str] = {}
        if language != 'en':
            column = list(LANGUAGES).index(language) - 1
            self.table = {english: texts[column] for english, texts in TABLE.items()}

    def __call__(self, english: str) -> str:
        """Return a text of the table in this language, and any other text as it is."""
        return self.table.get(english, english)
