"""Chromium without a window, and what a test asks it."""

import json
import os
import shutil
import struct
import tempfile
import zlib
from contextlib import contextmanager

import pytest
from selenium import webdriver

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # CI is root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1100,900",
    "--force-prefers-reduced-motion",  # a click must not wait for a page that still glides
)
INSTALL = "needs Chromium: apt-get install chromium chromium-driver"


@contextmanager
def chromium():
    """Give a browser of its own; a test setup that promises one must have it."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        (pytest.fail if os.environ.get("REQUIRE_CHROMIUM") else pytest.skip)(INSTALL)
    options = webdriver.ChromeOptions()
    options.binary_location = program
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with tempfile.TemporaryDirectory() as profile:
        for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
            options.add_argument(argument)
        browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
        browser.get("about:blank")
        try:
            yield browser
        finally:
            browser.quit()


def as_started(browser):
    """Take back which window, paper and preferences a reader was played to have."""
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def prefer(browser, **features):
    """Say what the reader prefers: colour_scheme="dark"."""
    wanted = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": wanted})


def requested(browser):
    """Give the address of everything that was asked of the network since the last question."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]


def complaints(browser):
    """Give what the console said since the last question."""
    return [entry["message"] for entry in browser.get_log("browser")]


def pixels(browser):
    """Take a screenshot and give its rows of pixels, as bytes with their filter in front (PNG, 9.2)."""
    data = browser.get_screenshot_as_png()
    packed, at = b"", 8
    while at < len(data):
        (length,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        packed += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    height = struct.unpack(">I", data[20:24])[0]
    lines = zlib.decompress(packed)
    step = len(lines) // height
    return [lines[start : start + step] for start in range(0, len(lines), step)]


def roles(browser):
    """Give role and name of everything that a screen reader is told of."""
    tree = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})
    return [
        (node.get("role", {}).get("value"), node.get("name", {}).get("value", ""))
        for node in tree["nodes"]
        if not node.get("ignored")
    ]
