"""Checks the page of `hp monitor` in a browser against the log that it shows."""

import argparse
import csv
import json
import sqlite3
import subprocess
import time
import traceback
from datetime import datetime, timedelta, timezone
from pathlib import Path

from browser_page import Page, Proxy
from browser_past import at, milliseconds, sum_up
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

UNCERTAIN = "(prediction < lower OR prediction > upper)"


class Checks:
    def __init__(self, arguments):
        self.given = arguments
        self.url = arguments.monitor
        self.pictures = Path(arguments.pictures)
        self.downloads = Path(arguments.scratch) / "downloads"
        self.downloads.mkdir(exist_ok=True)
        self.page = Page(self.downloads)

    # What the log says.

    def one(self, select, *values):
        with sqlite3.connect(f"file:{self.given.log}?mode=ro", uri=True) as log:
            return log.execute(select, values).fetchone()[0]

    def count(self, where="1", *values):
        return self.one(f"SELECT COUNT(*) FROM predictions WHERE {where}", *values)

    # What the page says.

    def show(self, query=""):
        self.page.open(f"{self.url}{query}")
        self.page.quiet()

    def card(self, name):
        text = self.page.text(f'[data-card="{name}"] .figure')
        return float(text.removesuffix(" %").replace(",", "").replace("−", "-"))

    def expect_card(self, name, value):
        self.page.until(f"card {name} = {value}", lambda: self.card(name) == value or None)

    def layout(self, chart):
        return self.page.run("return document.querySelector(arguments[0] + ' .canvas').layout", f"#chart-{chart}")

    def traces(self, chart):
        script = "return document.querySelector(arguments[0] + ' .canvas').data?.map((it) => [it.name, it.y.filter((y) => y !== null).length])"
        return dict(self.page.until(f"chart {chart}", lambda: self.page.run(script, f"#chart-{chart}")))

    def downloaded(self, name):
        path = self.downloads / name
        self.page.until(f"the file {name}", lambda: path.exists() and path.stat().st_size > 0 and not list(self.downloads.glob("*.crdownload")))
        content = path.read_bytes()
        path.unlink()
        return content

    # The checks.

    def cards_equal_the_log(self):
        self.show()
        self.expect_card("total", self.count())
        self.expect_card("outside_limits", self.count(UNCERTAIN))
        self.expect_card("over_threshold", self.count("upper - lower > 22"))
        self.expect_card("share_uncertain", round(100 * self.count(UNCERTAIN) / self.count(), 1))
        stats = subprocess.run([self.given.hp, "log", "stats", "--from", "60d", "--format", "json", "--store", f"sqlite://{self.given.log}"], check=True, capture_output=True).stdout
        lines = json.loads(stats)
        lines = lines if isinstance(lines, list) else next(value for value in lines.values() if isinstance(value, list))
        self.expect_card("total", sum(line["predictions"] for line in lines))
        self.expect_card("outside_limits", sum(line["uncertain"] for line in lines))

    def the_threshold_is_raised_lowered_and_typed(self):
        self.show()
        for selector, threshold in (("#more", 23), ("#more", 24), ("#less", 23)):
            self.page.click(selector)
            self.expect_card("over_threshold", self.count(f"upper - lower > {threshold}"))
            assert f"threshold={threshold}" in self.page.query(), self.page.query()
            lines = [shape["y0"] for shape in self.layout("interval-width")["shapes"]]
            assert threshold in lines, lines
        field = self.page.find("#threshold")
        field.clear()
        field.send_keys("10.5")
        self.expect_card("over_threshold", self.count("upper - lower > 10.5"))
        assert "threshold=10.5" in self.page.query()

    def every_filter_selects(self):
        self.show()
        days = lambda number: at(time.time() - number * 86400)
        for range_, since in (("24h", days(1)), ("7d", days(7)), ("90d", days(90)), ("all", "")):
            self.page.click(f'#range input[value="{range_}"] + span')
            self.expect_card("total", self.count("id >= ?", since))
            assert f"range={range_}" in self.page.query()
        self.page.click('#certainty input[value="uncertain"] + span')
        self.expect_card("total", self.count(UNCERTAIN))
        self.page.click('#certainty input[value="certain"] + span')
        self.expect_card("total", self.count(f"NOT {UNCERTAIN}"))
        self.page.click('#certainty input[value=""] + span')
        for version in ("v1.0.0", "v1.1.0"):
            self.choose("#version", version)
            self.expect_card("total", self.count("model_version = ?", version))
        self.choose("#version", "")
        self.choose("#source", "batch")
        self.expect_card("total", self.count("source = 'batch'"))
        self.page.until("what to do without predictions", lambda: self.page.seen("#empty"))
        self.page.click("#reset")
        self.expect_card("total", self.count())
        today = datetime.now(timezone.utc).date()
        first, last = today - timedelta(days=12), today - timedelta(days=5)
        self.date("#from", first)
        self.date("#to", last)
        midnight = lambda day: at(datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp())
        self.expect_card("total", self.count("id >= ? AND id < ?", midnight(first), midnight(last + timedelta(days=1))))
        assert f"from={first}" in self.page.query() and f"to={last}" in self.page.query(), self.page.query()

    def choose(self, selector, value):
        self.page.run(
            "const it = document.querySelector(arguments[0]); it.value = arguments[1]; it.dispatchEvent(new Event('change', { bubbles: true }))", selector, value
        )

    def date(self, selector, day):
        self.choose(selector, str(day))
        self.page.quiet()

    def predictions_are_aggregated(self):
        self.show()
        assert self.traces("prediction")["uncertain"] == self.count(UNCERTAIN)
        widths = self.traces("interval-width")
        assert widths["width"] + widths["over the threshold"] == self.count(), widths
        assert widths["over the threshold"] == self.count("upper - lower > 22"), widths
        markers = [it["text"] for it in self.layout("prediction")["annotations"]]
        assert "v1.1.0" in markers, markers
        for bucket, length in (("hour", 3600), ("day", 86400), ("week", 604800)):
            self.page.click(f'#bucket input[value="{bucket}"] + span')
            self.page.quiet()
            with sqlite3.connect(self.given.log) as log:
                records = log.execute("SELECT id, model_version FROM predictions WHERE model_version = 'v1.0.0'").fetchall()
            # Weeks begin on Mondays, the epoch was a Thursday.
            shift = 4 * 86400 if bucket == "week" else 0
            buckets = {(milliseconds(id) // 1000 - shift) // length for id, _ in records}
            self.page.until(f"{len(buckets)} points by {bucket}", lambda: self.traces("interval-width").get("v1.0.0") == len(buckets))
            assert f"bucket={bucket}" in self.page.query()

    def charts_are_hovered_zoomed_and_clicked(self):
        self.show("?range=7d")
        point = """const it = document.querySelector('#chart-prediction .canvas'), box = it.getBoundingClientRect();
            const trace = it.data.find((one) => one.name === 'prediction'), last = Math.floor(trace.x.length / 2);
            const { xaxis: x, yaxis: y } = it._fullLayout;
            return [box.x + x._offset + x.d2p(trace.x[last]), box.y + y._offset + y.d2p(trace.y[last]), trace.y[last]]"""
        self.page.until("the chart", lambda: self.page.run("return Boolean(document.querySelector('#chart-prediction .canvas')._fullLayout)"))
        self.page.run("document.querySelector('#chart-prediction').scrollIntoView({ block: 'center' })")
        x, y, value = self.page.run(point)
        self.mouse("mouseMoved", x, y)
        self.page.until("the exact value below the pointer", lambda: self.page.text("#chart-prediction .hoverlayer").find("limits") > 0)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y)
        self.page.until("the record of the point", lambda: self.page.seen("#detail .facts"))
        id = dict(pair.split("=") for pair in self.page.query().split("&"))["record"]
        # The pointer may have met the neighbour of a point.
        assert self.count("id = ?", id) == 1
        shown = self.page.text("#detail .facts dd")
        assert abs(float(shown) - self.one("SELECT prediction FROM predictions WHERE id = ?", id)) < 0.006, (shown, value)
        self.page.keys(Keys.ESCAPE)
        self.page.until("the address without the record", lambda: "record=" not in self.page.query())
        before = self.layout("interval-width")["xaxis"]["range"]
        plot = self.page.find("#chart-prediction .nsewdrag")
        ActionChains(self.page.driver).move_to_element_with_offset(plot, -150, 0).click_and_hold().move_by_offset(200, 5).release().perform()
        self.page.until("the other chart follows", lambda: self.layout("interval-width")["xaxis"]["range"] != before)
        self.page.click("#chart-prediction .tools button:nth-child(4)")
        self.page.until("all again", lambda: self.layout("interval-width")["xaxis"]["autorange"] is True)
        self.page.click("#chart-prediction .tools button:nth-child(1)")
        self.page.until("zoomed in by a button", lambda: self.layout("interval-width")["xaxis"]["autorange"] is False)
        self.page.click("#chart-prediction .tools button:nth-child(3)")
        self.page.until("dragging moves", lambda: self.layout("prediction")["dragmode"] == "pan")

    def mouse(self, kind, x, y):
        self.page.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="none" if kind == "mouseMoved" else "left", clickCount=1)

    def what_is_drawn_is_saved(self):
        self.show("?range=7d")
        self.traces("interval-width")
        self.page.click("#chart-interval-width .tools button:nth-child(6)")
        rows = list(csv.DictReader(self.downloaded("interval-width.csv").decode().splitlines()))
        assert len(rows) == self.card("total"), len(rows)
        self.page.click("#chart-prediction .tools button:nth-child(5)")
        assert self.downloaded("prediction.png").startswith(b"\x89PNG")
        self.show("?tab=records&certainty=uncertain")
        self.page.click("#export-csv")
        rows = list(csv.DictReader(self.downloaded("predictions.csv").decode().splitlines()))
        assert len(rows) == self.count(UNCERTAIN), len(rows)
        self.page.click("#export-parquet")
        assert self.downloaded("predictions.parquet").startswith(b"PAR1")

    def records_are_sorted_and_paged(self):
        self.show("?tab=records")
        self.page.until("50 rows", lambda: len(self.page.all(".records tbody tr")) == 50)
        self.page.click('[data-sort="width"]')
        widest = f"{self.one('SELECT MAX(upper - lower) FROM predictions'):.2f}"
        width = lambda: self.page.text("#records tbody tr td:nth-child(5)")
        self.page.until("the widest first", lambda: width() == widest)
        self.page.click('[data-sort="width"]')
        self.page.until("the narrowest first", lambda: width() == f"{self.one('SELECT MIN(upper - lower) FROM predictions'):.2f}".replace("-", "−"))
        assert self.page.find('th[aria-sort="ascending"]').text.startswith("Width")
        self.page.click('[data-go="Last"]')
        rest = self.count() % 50 or 50
        self.page.until("the rest on the last page", lambda: len(self.page.all(".records tbody tr")) == rest)
        self.page.click('[data-go="Previous"]')
        self.page.until("a whole page", lambda: len(self.page.all(".records tbody tr")) == 50)
        self.page.click(".records tbody tr:nth-child(3) td:nth-child(4)")
        self.page.until("the record", lambda: len(self.page.all("#detail .inputs tbody tr")) == 12)
        self.page.click("#detail .heading button")
        self.page.until("no dialog", lambda: not self.page.seen("#detail"))

    def a_link_shows_what_was_seen(self):
        query = "?range=7d&threshold=20&bucket=day&certainty=uncertain&version=v1.1.0&tab=records&sort=width&order=asc"
        self.show(query)
        state = """return [document.querySelector('#range input:checked').value, document.querySelector('#threshold').value,
            document.querySelector('#bucket input:checked').value, document.querySelector('#certainty input:checked').value,
            document.querySelector('#version').value, document.querySelector('[aria-selected=true]').dataset.tab,
            document.querySelector('th[aria-sort=ascending]')?.textContent.trim().split(' ')[0]]"""
        expected = ["7d", "20.00", "day", "uncertain", "v1.1.0", "records", "Width"]
        self.page.until("the same view", lambda: self.page.run(state) == expected)
        self.page.click("#tab-outcomes")
        self.page.until("the tab in the address", lambda: "tab=outcomes" in self.page.query())
        self.page.driver.back()
        self.page.until("the step back", lambda: self.page.run(state) == expected)
        self.page.driver.refresh()
        self.page.until("the same after a reload", lambda: self.page.run(state) == expected)

    def every_view_has_its_figures(self):
        self.show("?tab=uncertain")
        self.page.until("12 features", lambda: len(self.page.all("#uncertain [data-feature]")) == 12)
        assert len(self.page.all("#uncertain .records tbody tr")) == 10
        worst = f"{self.one(f'SELECT MAX(MAX(lower - prediction, prediction - upper)) FROM predictions WHERE {UNCERTAIN}'):.2f}"
        assert self.page.text("#uncertain tbody tr td:nth-child(6)") == worst
        # The newest rows are those that were shifted.
        self.show("?tab=inputs&range=24h&version=v1.1.0")
        self.page.until("the verdict", lambda: "RM" in self.page.text("#verdict") and "LSTAT" in self.page.text("#verdict"))
        assert len(self.page.all("#inputs [data-column]")) == 14
        self.show("?tab=outcomes")
        self.expect_card("actuals", self.count("actual IS NOT NULL"))
        covered = self.count("lower <= actual AND actual <= upper") / self.count("actual IS NOT NULL")
        self.expect_card("coverage", round(100 * covered, 1))
        self.expect_card("mae", round(self.one("SELECT AVG(ABS(actual - prediction)) FROM predictions"), 2))
        self.show("?tab=outcomes&certainty=uncertain&range=24h")
        self.page.until("how to send true values", lambda: "/v1/feedback" in self.page.text("#no-outcomes"))

    def new_predictions_appear(self):
        self.show()
        self.traces("prediction")
        self.page.click("#chart-prediction .tools button:nth-child(1)")
        self.page.until("zoomed", lambda: self.layout("prediction")["xaxis"]["autorange"] is False)
        zoomed = self.layout("prediction")["xaxis"]["range"]
        record = self.one("SELECT MAX(id) FROM predictions")
        self.page.run("history.pushState(null, '', '?record=' + arguments[0]); dispatchEvent(new PopStateEvent('popstate'))", record)
        self.page.until("the record", lambda: self.page.seen("#detail .facts"))
        self.page.run("window.stayed = true; scrollTo(0, 300)")
        place = self.page.run("return scrollY")
        before = self.card("total")
        subprocess.run([self.given.hp, "simulate", "--url", self.given.api, "--count", "7", "--from", self.given.data], check=True, capture_output=True)
        self.expect_card("total", before + 7)
        assert self.page.run("return window.stayed"), "the page was loaded anew"
        assert self.page.seen("#detail .facts"), "the dialog was closed"
        assert self.layout("prediction")["xaxis"]["range"] == zoomed, "the zoom was lost"
        assert self.page.run("return scrollY") == place, "the page was scrolled"

    def a_key_is_asked_for(self):
        self.page.open(self.given.keyed)
        self.page.until("the question", lambda: self.page.seen("#key-input"))
        self.page.find("#key-input").send_keys("wrong", Keys.ENTER)
        self.page.until("the refusal", lambda: "not one of the keys" in self.page.text("#key-problem") and self.page.seen("#key-input"))
        self.page.find("#key-input").send_keys("a-key", Keys.ENTER)
        self.page.quiet()
        self.expect_card("total", self.count())
        assert "a-key" not in self.page.driver.current_url
        self.page.driver.refresh()
        self.page.quiet()
        self.page.click("#tab-records")
        self.page.click("#export-csv")
        assert self.downloaded("predictions.csv").count(b"\n") == self.count() + 1
        # The browser notes the refusals, which were meant.
        complaints = [it for it in self.page.complaints() if "401" not in it]
        assert not complaints, complaints

    def it_works_below_a_path_and_survives_an_outage(self):
        proxy = Proxy(self.url, "/team/monitor/")
        self.page.open(f"{proxy.url}?range=90d")
        self.page.quiet()
        self.expect_card("total", self.count())
        self.traces("prediction")
        proxy.failing = True
        self.page.until("the banner", lambda: "the log is being moved" in self.page.text("#banner") and self.page.seen("#banner"))
        self.expect_card("total", self.count())
        proxy.failing = False
        self.page.until("the end of the outage", lambda: not self.page.seen("#banner"))
        proxy.server.shutdown()
        complaints = [it for it in self.page.complaints() if "503" not in it]
        assert not complaints, complaints

    def absurd_addresses_are_refused_in_words(self):
        self.page.open(f"{self.url}?threshold=-1&bucket=year")
        self.page.until("why", lambda: "threshold" in self.page.text("#banner") and "bucket" in self.page.text("#banner"))
        self.page.click("#banner button")
        self.page.until("all is well", lambda: not self.page.seen("#banner"))
        self.expect_card("total", self.count())
        complaints = [it for it in self.page.complaints() if "422" not in it]
        assert not complaints, complaints

    def an_empty_log_says_what_to_do_and_hostile_names_are_text(self):
        self.page.open(self.given.empty)
        self.page.until("what to do", lambda: self.page.seen("#empty") and "hp simulate" in self.page.text("#empty"))
        self.page.picture(self.pictures / "empty.png")
        hostile = "<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>"
        with sqlite3.connect(self.given.log) as log:
            columns = [row[1] for row in log.execute("PRAGMA table_info(predictions)")]
            row = dict(zip(columns, log.execute("SELECT * FROM predictions ORDER BY id DESC").fetchone()))
        row |= {"id": at(time.time() - 5) + "0123456789ABCDEF", "inputs": json.dumps({hostile: 1.5}), "git_commit": hostile}
        with sqlite3.connect(Path(self.given.scratch) / "empty.db") as log:
            log.execute(f"INSERT INTO predictions ({','.join(columns)}) VALUES ({','.join('?' * len(columns))})", [row[name] for name in columns])
            sum_up(log)
        # One record appears on its own.
        self.expect_card("total", 1)
        for tab in ("records", "uncertain", "inputs", "outcomes"):
            self.page.click(f"#tab-{tab}")
            self.page.quiet()
        self.page.click("#tab-records")
        self.page.until("its name as text", lambda: hostile in self.page.text(".records thead"))
        self.page.click(".records .link")
        self.page.until("the record", lambda: hostile in self.page.text("#detail .inputs"))
        assert self.page.run("return window.hit ?? document.querySelectorAll('main img, dialog img').length") == 0

    def it_is_accessible_in_light_and_dark(self):
        axe = Path(self.given.axe).read_text()
        record = self.one("SELECT MAX(id) FROM predictions")
        found = []
        for scheme in ("light", "dark"):
            self.page.wear(scheme)
            for view in ("", "?bucket=day", "?tab=records", "?tab=uncertain", "?tab=inputs", "?tab=outcomes", f"?record={record}"):
                self.show(view)
                self.page.until("the view", lambda: self.page.run("return document.querySelector('[role=tabpanel]:not([hidden])').children.length > 0"))
                # Half faded text has another contrast.
                self.page.until("nothing fades", lambda: self.page.run("return document.getAnimations().every((it) => it.effect.target?.id === 'live')"))
                self.page.command("Runtime.evaluate", expression=axe)
                result = self.page.driver.execute_async_script("const done = arguments[0]; axe.run().then(done, (error) => done({ error: String(error) }))")
                assert "error" not in result, result
                for rule in result["violations"]:
                    if rule["impact"] in ("serious", "critical", "moderate"):
                        found.append((scheme, view, rule["id"], [node["html"][:160] for node in rule["nodes"][:3]], rule["nodes"][0]["failureSummary"][:300]))
        self.page.wear("light")
        assert not found, json.dumps(found, indent=1)

    def it_is_used_by_keyboard_and_remembers_its_colours(self):
        self.show()
        self.page.run("document.querySelector('#tab-overview').focus()")
        self.page.keys(Keys.ARROW_RIGHT)
        self.page.until("the next view", lambda: "tab=records" in self.page.query() and self.page.run("return document.activeElement.id") == "tab-records")
        self.page.until("rows", lambda: self.page.all(".records .link"))
        self.page.run("document.querySelector('[data-sort=width]').focus()")
        self.page.keys(Keys.ENTER)
        self.page.until("sorted", lambda: "sort=width" in self.page.query())
        self.page.until("the focus stays", lambda: self.page.run("return document.activeElement.dataset.sort") == "width")
        self.page.until("rows", lambda: self.page.all(".records .link"))
        self.page.run("document.querySelector('.records .link').focus()")
        self.page.keys(Keys.ENTER)
        self.page.until("the record", lambda: self.page.seen("#detail .facts"))
        self.page.keys(Keys.ESCAPE)
        self.choose("#theme", "dark")
        self.page.driver.refresh()
        assert self.page.run("return document.documentElement.dataset.theme") == "dark"
        self.choose("#theme", "auto")
        assert self.page.run("return document.documentElement.dataset.theme ?? 'none'") == "none"

    def it_fits_a_phone_and_paper(self):
        self.page.size(360, 740)
        for view in ("", "?tab=records", "?tab=uncertain", "?tab=inputs", "?tab=outcomes"):
            self.show(view)
            width = self.page.run("return document.documentElement.scrollWidth")
            assert width <= 360, f"{view} is {width} pixels wide"
        assert not self.page.seen("#threshold")
        self.page.click("#selector summary")
        self.page.until("the selector", lambda: self.page.seen("#threshold"))
        self.page.size(1440, 1000)
        self.page.wear("light", "print")
        assert not self.page.seen("aside") and self.page.seen(".card")
        self.page.wear("light")

    def pictures_are_taken(self):
        views = {"overview": "", "hourly": "?bucket=hour", "records": "?tab=records&sort=excess", "uncertain": "?tab=uncertain", "inputs": "?tab=inputs&range=7d", "outcomes": "?tab=outcomes"}
        for scheme in ("light", "dark"):
            self.page.wear(scheme)
            for name, query in views.items():
                for kind, width in (("", 1440), ("-phone", 360)):
                    if kind and scheme == "dark":
                        continue
                    self.page.size(width, 900)
                    self.show(query)
                    time.sleep(0.5)
                    self.page.picture(self.pictures / f"{name}-{scheme}{kind}.png", whole=True)
        self.page.wear("light")
        self.page.size(1280, 900)
        self.show("?range=7d")
        time.sleep(0.5)
        self.page.picture(self.pictures / "readme.png", whole=True)

    ALL = [
        cards_equal_the_log, the_threshold_is_raised_lowered_and_typed, every_filter_selects, predictions_are_aggregated,
        charts_are_hovered_zoomed_and_clicked, what_is_drawn_is_saved, records_are_sorted_and_paged, a_link_shows_what_was_seen,
        every_view_has_its_figures, new_predictions_appear, a_key_is_asked_for, it_works_below_a_path_and_survives_an_outage,
        absurd_addresses_are_refused_in_words, an_empty_log_says_what_to_do_and_hostile_names_are_text,
        it_is_accessible_in_light_and_dark, it_is_used_by_keyboard_and_remembers_its_colours, it_fits_a_phone_and_paper, pictures_are_taken,
    ]  # fmt: skip

    def run(self, only):
        failed = []
        for check in self.ALL:
            name = check.__name__
            if only and only not in name:
                continue
            began = time.monotonic()
            try:
                check(self)
                complaints = self.page.complaints()
                assert not complaints, f"the console says: {complaints}"
                hosts = self.page.hosts()
                assert hosts <= {"127.0.0.1"}, f"it asked {hosts}"
            except Exception:
                failed.append(name)
                self.page.picture(self.pictures / f"failed-{name}.png")
                print(f"FAILED {name}\n{traceback.format_exc()}", flush=True)
                self.page.complaints()
            else:
                print(f"ok     {name} ({time.monotonic() - began:.1f} s)", flush=True)
            self.page.size(1440, 1000)
            self.page.wear("light")
        return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("monitor", "keyed", "empty", "api", "hp", "log", "data", "axe", "pictures", "scratch"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--only", default="", help="checks whose name holds this")
    arguments = parser.parse_args()
    checks = Checks(arguments)
    try:
        failed = checks.run(arguments.only)
    finally:
        checks.page.close()
    if failed:
        raise SystemExit(f"{len(failed)} checks failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
