"""A page in headless Chromium."""

import json
import shutil
import time
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

FLAGS = """--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run
--disable-background-networking --disable-component-update --disable-sync --hide-scrollbars""".split()
DEADLINE = 60


class Page:
    """One browser; every answer that is waited for has a deadline."""

    def __init__(self, downloads):
        options = webdriver.ChromeOptions()
        for flag in FLAGS:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        options.binary_location = shutil.which("chromium")
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads))
        self.size(1440, 1000)
        self.wear()

    def command(self, name, **parameters):
        return self.driver.execute_cdp_cmd(name, parameters)

    def size(self, width, height):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)

    def wear(self, scheme="light", medium="", motion="no-preference"):
        wishes = {"prefers-color-scheme": scheme, "prefers-reduced-motion": motion}
        self.command("Emulation.setEmulatedMedia", media=medium, features=[{"name": name, "value": value} for name, value in wishes.items()])

    def open(self, url):
        self.driver.get(url)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def seen(self, selector):
        return self.run("return document.querySelector(arguments[0])?.checkVisibility() ?? false", selector)

    def click(self, selector):
        """Clicks the middle of an element, as a hand would."""
        element = self.until(f"{selector} can be clicked", lambda: next((it for it in self.all(selector) if it.is_displayed()), None))
        self.run("arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })", element)
        ActionChains(self.driver).move_to_element(element).click().perform()

    def choose(self, selector, value):
        script = "const it = document.querySelector(arguments[0]); it.value = arguments[1]; it.dispatchEvent(new Event('change', { bubbles: true }))"
        self.run(script, selector, value)

    def mouse(self, kind, x, y):
        self.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="none" if kind == "mouseMoved" else "left", clickCount=1)

    def keys(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def query(self):
        return urlsplit(self.driver.current_url).query

    def until(self, what, found, seconds=DEADLINE):
        end = time.monotonic() + seconds
        while True:
            try:
                result = found()
            except Exception as error:  # What is being replaced cannot be looked at.
                result, last = None, error
            else:
                last = result
            if result:
                return result
            assert time.monotonic() < end, f"{what}: not within {seconds} s; last: {last!r}"
            time.sleep(0.1)

    def quiet(self):
        """Waits until no question is open, which is when nothing is busy and the charts are drawn."""
        self.until("the answers", lambda: self.run("return !document.querySelector('[aria-busy]') && document.querySelector('.figure')?.textContent !== '–'"))

    def still(self):
        """Waits until nothing fades; half faded text has another contrast."""
        self.until("nothing fades", lambda: self.run("return document.getAnimations().every((it) => it.effect.target?.id === 'live')"))

    def hosts(self):
        """The hosts that were asked for anything since the last call."""
        messages = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        urls = (message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent")
        return {urlsplit(url).hostname for url in urls if url.startswith(("http", "ws"))}

    def complaints(self):
        """What the console says since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def picture(self, path, whole=False):
        if whole:
            width, height = self.run("return [innerWidth, Math.min(document.documentElement.scrollHeight, 6000)]")
            self.size(width, height)
            time.sleep(0.5)
        self.driver.save_screenshot(str(path))

    def close(self):
        self.driver.quit()
