"""A real browser without a window, by the WebDriver protocol: Chromium and its driver as the machine has them."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ARGUMENTS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--window-size=1200,1600"),
]

OWN = ("chrome://", "chrome-untrusted://", "data:")
"""Addresses of the browser's own start page, and those that lead nowhere."""


class Browser:
    """One window. `told` is what the page wrote to the console, `asked` are the addresses that it asked for."""

    def __init__(self, driver: str) -> None:
        self._driver = driver
        self._session = ""

    def start(self, binary: str, profile: Path) -> None:
        options = {"binary": binary, "args": [*ARGUMENTS, f"--user-data-dir={profile}"]}
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        started = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{started['sessionId']}"

    def stop(self) -> None:
        if self._session:
            self._send("DELETE", self._session)

    def open(self, path: Path) -> None:
        """Opens a file of this machine; what was told and asked before is forgotten."""
        self.told(), self.asked()
        self._send("POST", f"{self._session}/url", {"url": path.resolve().as_uri()})

    def run(self, script: str, *arguments: object) -> Any:
        """Runs the body of a function in the page; a promise is awaited."""
        body = {"script": script, "args": list(arguments)}
        return self._send("POST", f"{self._session}/execute/sync", body)

    def told(self) -> list[str]:
        messages: list[str] = [entry["message"] for entry in self._log("browser")]
        return [message for message in messages if not message.startswith(OWN)]

    def asked(self) -> list[str]:
        events = (json.loads(entry["message"])["message"] for entry in self._log("performance"))
        found = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
        return [address for address in found if not address.startswith(OWN)]

    def _log(self, kind: str) -> list[Any]:
        found: list[Any] = self._send("POST", f"{self._session}/se/log", {"type": kind})
        return found

    def _send(self, method: str, path: str, body: object = None) -> Any:
        data = None if method == "DELETE" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self._driver + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error


@contextmanager
def serve(binary: str, driver: str, port: int, folder: Path) -> Iterator[Browser]:
    """A browser with an empty profile, until the block ends."""
    with (folder / "driver.log").open("wb") as log:
        process = subprocess.Popen([driver, f"--port={port}"], stdout=log, stderr=log)
    browser = Browser(f"http://127.0.0.1:{port}")
    try:
        _wait(browser, process)
        browser.start(binary, folder / "profile")
        yield browser
    finally:
        try:
            browser.stop()
        finally:
            process.kill()
            process.wait()


def _wait(browser: Browser, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"{browser._driver}/status", timeout=5
            )
            return
        except OSError:
            assert process.poll() is None, "the browser's driver does not start"
            time.sleep(0.1)
    raise AssertionError("the browser's driver does not answer")
