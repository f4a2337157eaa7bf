"""A page in headless Chromium, and a small proxy that shows it below a path."""

import http.server
import json
import shutil
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

FLAGS = """--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run
--disable-background-networking --disable-component-update --disable-sync --hide-scrollbars""".split()
DEADLINE = 30


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
        self.wear("light")

    def command(self, name, **parameters):
        return self.driver.execute_cdp_cmd(name, parameters)

    def size(self, width, height):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)

    def wear(self, scheme, medium=""):
        self.command("Emulation.setEmulatedMedia", media=medium, features=[{"name": "prefers-color-scheme", "value": scheme}])

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


class Proxy:
    """Shows a server below a path, and fails when told so."""

    def __init__(self, upstream, prefix):
        proxy = self
        self.failing = False

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                if not self.path.startswith(prefix):
                    return self.answer(404, {}, b"outside of the path")
                if proxy.failing and "/api/" in self.path:
                    return self.answer(503, {"Content-Type": "application/json"}, b'{"detail": "the log is being moved"}')
                kept = {name: value for name, value in self.headers.items() if name.lower() in ("authorization", "if-none-match", "accept-encoding")}
                request = urllib.request.Request(upstream.rstrip("/") + "/" + self.path[len(prefix) :], headers=kept)
                try:
                    answer = urllib.request.urlopen(request, timeout=30)
                except urllib.error.HTTPError as error:
                    answer = error
                body = answer.read()
                hop = ("transfer-encoding", "connection", "content-length")
                self.answer(answer.status, {name: value for name, value in answer.headers.items() if name.lower() not in hop}, body)

            def answer(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}{prefix}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
