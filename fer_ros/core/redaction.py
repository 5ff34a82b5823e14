"""Removal of passwords and tokens from texts for people and programs.

The address of a camera often contains a password. Descriptions, errors, logs, diagnostics, pages
and records show stars instead. If an address is ambiguous, more is hidden: the host may be
missing, but no part of the password is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

STARS = '***'

_SCHEME = re.compile(r'(?:[A-Za-z][A-Za-z0-9+.-]*:)?//+|')

#: The text before a secret in path, query or fragment: = after its name, or the scheme of another
#: address, percent-encoded.
_SIGN = re.compile(r'=|%3D|%3A(?=(?:%2F|/){2})', re.IGNORECASE)
_NAME = re.compile(r'[A-Za-z0-9_.-]*$')
_SECRET_NAME = re.compile(
    r'pass|pwd|psw|token|key|auth|secret|cred|signature|session|(?:^|[_.-])(?:pw|sig|sid)$',
    re.IGNORECASE,
)
_LONGEST_NAME = 40

_WORD = re.compile(r'\S+')

#: The text before an address: the name of a parameter, if a scheme follows, and quotes.
_BEFORE_ADDRESS = re.compile(
    r'(?:[\w.]{1,80}:?=[\'"]*(?=[A-Za-z][A-Za-z0-9+.-]{0,20}://)|[\'"(\[{<]*)'
)
_BEHIND_ADDRESS = '\'")>]},;:.'

_ENCODED = {'#': '%23', '/': '%2F', '?': '%3F', '@': '%40', ' ': '%20'}


def redact_address(address: str) -> str:
    """Return an address, such as a URL, with stars for its passwords and tokens.

    Everything between the user name and the last @ is the password. A secret in path, query or
    fragment is hidden with everything after it, because a password can contain any character.
    """
    start = _SCHEME.match(address)
    assert start is not None
    colon, at = _password_place(address, start.end())
    secret = next(_secret_places(address, start.end()), -1)
    if 0 <= secret <= at:
        # The start is in the password, or the @ is in the secret.
        return address[: min(secret, colon + 1) if colon >= 0 else secret] + STARS
    if colon >= 0:
        behind = redact_address(address[at + 1 :])
        return f'{address[: colon + 1]}{STARS}@{behind}'
    return address if secret < 0 else address[:secret] + STARS


def redact(text: str) -> str:
    """Return a text with stars for the passwords and tokens of the addresses in it."""
    return _WORD.sub(_redact_word, text)


def password_hint(address: str) -> str:
    """Return how to write the password of an address that cannot be parsed. '' if it can."""
    start = _SCHEME.match(address)
    assert start is not None
    colon, at = _password_place(address, start.end())
    password = address[colon + 1 : at] if colon >= 0 else ''
    encoded = [
        f'{code} for {"a space" if sign == " " else sign}'
        for sign, code in _ENCODED.items()
        if sign in password
    ]
    if not encoded:
        return ''
    return f'in a password, write {", ".join(encoded)}'


def _password_place(address: str, start: int) -> tuple[int, int]:
    """Return the positions of the colon before a password and of the @ after it, (-1, ...) for
    none."""
    at = address.rfind('@')
    return (address.find(':', start, at) if at >= 0 else -1), at


def _secret_places(address: str, start: int) -> Iterator[int]:
    """Yield the start of each secret in path, query and fragment."""
    for sign in _SIGN.finditer(address, start):
        name = _NAME.search(address, max(start, sign.start() - _LONGEST_NAME), sign.start())
        is_scheme = sign[0].upper() == '%3A'
        if is_scheme or (name is not None and _SECRET_NAME.search(name[0])):
            yield sign.end()


def _redact_word(found: re.Match[str]) -> str:
    word = found[0]
    if '://' not in word and not ('@' in word and ':' in word):
        return word
    before = _BEFORE_ADDRESS.match(word)
    assert before is not None
    address = word[before.end() :].rstrip(_BEHIND_ADDRESS)
    end = before.end() + len(address)
    return word[: before.end()] + redact_address(address) + word[end:]
