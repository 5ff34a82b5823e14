"""A real browser without a screen: Debian's Chromium and its driver, through selenium."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.waiting import PATIENCE


def missing() -> str:
    """Return what is missing for a browser test, '' if nothing is."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return 'no selenium: run make lint, which sets the tests up'
    for program in ('chromium', 'chromedriver'):
        if shutil.which(program) is None:
            return f'no {program}: apt-get install chromium chromium-driver'
    return ''


class Browser:
    """One window.

    Attributes:
        requests: The addresses that it fetched, from its network log.
    """

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.requests: list[str] = []

    def resize(self, width: int, height: int, *, scale: float = 1.0, mobile: bool = False) -> None:
        """Set the size of the screen in CSS pixels."""
        self.driver.execute_cdp_cmd(
            'Emulation.setDeviceMetricsOverride',
            {'width': width, 'height': height, 'deviceScaleFactor': scale, 'mobile': mobile},
        )

    def open(self, url: str) -> None:
        """Go to an address."""
        self.driver.get(url)

    def script(self, code: str, *arguments: Any) -> Any:
        """Run JavaScript in the page and return what it returns."""
        return self.driver.execute_script(code, *arguments)

    def text(self, selector: str) -> str:
        """Return the visible text of the first element of a CSS selector, '' if there is none."""
        return self.script(
            'return document.querySelector(arguments[0])?.innerText ?? ""', selector
        )

    def count(self, selector: str) -> int:
        """Return how many elements a CSS selector finds."""
        return self.script('return document.querySelectorAll(arguments[0]).length', selector)

    def click(self, selector: str) -> None:
        """Click the first element of a CSS selector as soon as it can be clicked."""
        from selenium.webdriver.common.by import By

        def clicked() -> bool:
            self.driver.find_element(By.CSS_SELECTOR, selector).click()
            return True

        self.wait_for(clicked, f'{selector} to click')

    def wait_for(
        self,
        condition: Callable[[], Any],
        what: str,
        patience: float = PATIENCE,
    ) -> Any:
        """Wait until the condition returns something true, and return that."""
        from selenium.common.exceptions import WebDriverException

        deadline = time.monotonic() + patience
        while True:
            try:
                result = condition()
            except WebDriverException:
                # The page, or this part of it, is being replaced.
                result = None
            if result:
                return result
            if time.monotonic() > deadline:
                raise AssertionError(f'no {what}; the page reads:\n{self.text("body")[:2000]}')
            time.sleep(0.05)

    def read_log(self) -> list[str]:
        """Add the addresses fetched since the last call to requests, and return all."""
        for entry in self.driver.get_log('performance'):
            message = json.loads(entry['message'])['message']
            parameters = message['params']
            if message['method'] == 'Network.requestWillBeSent':
                self.requests.append(parameters['request']['url'])
            elif message['method'] == 'Network.webSocketCreated':
                self.requests.append(parameters['url'])
        return self.requests

    def is_silent(self) -> bool:
        """Forget all requests. Return whether none follows within half a second."""
        self.read_log().clear()
        time.sleep(0.5)
        return not self.read_log()

    def hosts(self) -> set[str]:
        """Return the hosts from which something was fetched."""
        return {
            urlsplit(url).netloc
            for url in self.read_log()
            if urlsplit(url).scheme in ('http', 'https', 'ws', 'wss')
        }

    def picture(self, path: Any) -> None:
        """Write the visible page as a PNG."""
        self.driver.save_screenshot(str(path))


@contextmanager
def browser(*further: str) -> Iterator[Browser]:
    """Start a browser with further arguments, and end it."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which('chromium') or ''
    # The browser itself must send nothing, so that the network log contains only pages.
    for argument in (
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--hide-scrollbars',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--window-size=1280,900',
        *further,
    ):
        options.add_argument(argument)
    options.set_capability('goog:loggingPrefs', {'performance': 'ALL', 'browser': 'ALL'})
    driver = webdriver.Chrome(options, Service(shutil.which('chromedriver')))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


@pytest.fixture(scope='session')
def chromium() -> Iterator[Browser]:
    """Return a browser, or skip."""
    if lack := missing():
        pytest.skip(lack)
    with browser() as started:
        yield started
