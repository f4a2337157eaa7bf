"""What the checks share: the page, the log that it shows, and servers for other logs."""

import os
import socket
import sqlite3
import subprocess
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import log
from page import Page

UNCERTAIN = "(prediction < lower OR prediction > upper)"


class Scene:
    def __init__(self, given):
        self.given = given
        self.hp = given.hp
        self.url = given.monitor
        self.scratch = Path(given.scratch)
        self.pictures = Path(given.pictures)
        self.downloads = self.scratch / "downloads"
        self.downloads.mkdir(exist_ok=True)
        self.page = Page(self.downloads)

    # What the log says.

    def one(self, select, *values):
        with sqlite3.connect(f"file:{self.given.log}?mode=ro", uri=True) as connection:
            return connection.execute(select, values).fetchone()[0]

    def count(self, where="1", *values):
        return self.one(f"SELECT COUNT(*) FROM predictions WHERE {where}", *values)

    # What the page says.

    def show(self, query="", url=None):
        self.page.open(f"{url or self.url}{query}")
        self.page.quiet()

    def card(self, name):
        text = self.page.text(f'[data-card="{name}"] .figure')
        return float(text.removesuffix("\N{NO-BREAK SPACE}%").replace(",", "").replace("−", "-"))

    def change(self, name):
        return self.page.text(f'[data-card="{name}"] .change')

    def expect_card(self, name, value):
        self.page.until(f"card {name} = {value}", lambda: self.card(name) == value or None)

    def layout(self, chart):
        return self.page.run("return document.querySelector(arguments[0] + ' .canvas').layout", f"#chart-{chart}")

    def traces(self, chart):
        """How many points each trace has."""
        return {name: sum(y is not None for y in values) for name, values in self.drawn(chart).items()}

    def drawn(self, chart):
        """The ordinates of each trace."""
        script = "return document.querySelector(arguments[0] + ' .canvas').data?.map((it) => [it.name, [...it.y]])"
        return dict(self.page.until(f"chart {chart}", lambda: self.page.run(script, f"#chart-{chart}")))

    def views(self):
        """Opens one view after the other, and waits for what it shows."""
        for tab in ("overview", "records", "uncertain", "inputs", "outcomes"):
            self.page.click(f"#tab-{tab}")
            self.page.quiet()
            yield tab

    def downloaded(self, name):
        path = self.downloads / name
        self.page.until(f"the file {name}", lambda: path.exists() and path.stat().st_size > 0 and not list(self.downloads.glob("*.crdownload")))
        content = path.read_bytes()
        path.unlink()
        return content

    def complaints_but(self, status):
        """What the console says beside the refusals that were meant."""
        complaints = [it for it in self.page.complaints() if f" {status} " not in it]
        assert not complaints, complaints

    # Other logs.

    def like(self, moment, number=0, **changes):
        """A record like the newest one of the log, made at another moment."""
        if not hasattr(self, "newest"):
            self.newest = log.read(self.given.log)[-1] | {"actual": None, "actual_time": None}
        return self.newest | {"id": log.identity(moment, number)} | changes

    @contextmanager
    def log_of(self, name, records, *options):
        """The address of a monitor of a new log with these records."""
        path = self.scratch / f"{name}.db"
        log.deliver(self.hp, f"sqlite://{path}", records)
        with self.monitor(f"sqlite://{path}", *options) as url:
            yield url

    @contextmanager
    def monitor(self, store, *options, **environment):
        """The address of a monitor of a store."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        url = f"http://127.0.0.1:{port}/"
        command = [self.hp, "monitor", "--port", str(port), "--store", store, "--artifacts", self.given.artifacts, *options]
        with open(self.scratch / f"monitor-{port}.log", "wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=os.environ | environment)
        try:
            self.page.until("the monitor", lambda: urllib.request.urlopen(f"{url}livez", timeout=5).status == 200)
            yield url
        finally:
            try:
                # A page that is left open would go on asking.
                self.page.open("about:blank")
            finally:
                process.terminate()
                process.wait()
