"""A person with a phone: logs in with a browser and prints as JSON what happened.

    python phone.py ADDRESS TOKEN

A separate program, because it runs on another host (support/hosts.py).
"""

from __future__ import annotations

import json
import sys

from support.browser import Browser, browser


def log_in(page: Browser, token: str) -> None:
    """Type a token into the login page and send it as a person does."""
    page.script('document.querySelector("#token").value = arguments[0]', token)
    page.click('button')


def main(address: str, token: str) -> None:
    """Try a wrong token, then the right one."""
    with browser() as page:
        page.resize(390, 844, scale=2, mobile=True)
        page.open(address)
        page.wait_for(lambda: page.count('#token'), 'login page')
        log_in(page, 'a-wrong-token-of-some-length')
        refused = page.wait_for(lambda: page.text('[role=alert]'), 'refusal')
        log_in(page, token)
        page.wait_for(lambda: page.count('.state'), 'dashboard')
        page.wait_for(lambda: page.text('.state'), 'its state')
        print(
            json.dumps(
                {
                    'refused': refused,
                    'state': page.text('.state'),
                    'path': page.script('return location.pathname'),
                    'cookie': page.script('return document.cookie'),
                }
            )
        )


if __name__ == '__main__':
    main(*sys.argv[1:])
