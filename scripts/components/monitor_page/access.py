"""Who can use the page, and with what."""

import base64
import json
from pathlib import Path

from selenium.webdriver.common.keys import Keys

VIEWS = ("", "?bucket=day", "?tab=records", "?tab=uncertain", "?tab=inputs", "?tab=outcomes")


def a_key_is_asked_for(scene):
    with scene.monitor(f"sqlite://{scene.given.log}", HP_API_KEYS="a-key,another") as url:
        scene.page.open(url)
        scene.page.until("the question", lambda: scene.page.seen("#key-input"))
        scene.page.find("#key-input").send_keys("wrong", Keys.ENTER)
        scene.page.until("the refusal", lambda: "not one of the keys" in scene.page.text("#key-problem") and scene.page.seen("#key-input"))
        scene.page.find("#key-input").send_keys("a-key", Keys.ENTER)
        scene.page.quiet()
        scene.expect_card("total", scene.count())
        assert "a-key" not in scene.page.driver.current_url
        scene.page.driver.refresh()
        scene.page.quiet()
        scene.page.click("#tab-records")
        scene.page.click("#export-csv")
        assert scene.downloaded("predictions.csv").count(b"\n") == scene.count() + 1
        # The browser notes the refusals, which were meant.
        scene.complaints_but(401)


def it_is_accessible_in_light_and_dark(scene):
    axe = Path(scene.given.axe).read_text()
    record = scene.one("SELECT MAX(id) FROM predictions")
    found = []
    for scheme in ("light", "dark"):
        scene.page.wear(scheme)
        for view in (*VIEWS, f"?record={record}"):
            scene.show(view)
            scene.page.until("the view", lambda: scene.page.run("return document.querySelector('[role=tabpanel]:not([hidden])').children.length > 0"))
            scene.page.still()
            scene.page.command("Runtime.evaluate", expression=axe)
            result = scene.page.driver.execute_async_script("const done = arguments[0]; axe.run().then(done, (error) => done({ error: String(error) }))")
            assert "error" not in result, result
            for rule in result["violations"]:
                if rule["impact"] in ("serious", "critical", "moderate"):
                    found.append((scheme, view, rule["id"], [node["html"][:160] for node in rule["nodes"][:3]], rule["nodes"][0]["failureSummary"][:300]))
    assert not found, json.dumps(found, indent=1)


def everything_is_reached_by_the_tab_key(scene):
    scene.show()
    scene.traces("prediction")
    name = """const it = document.activeElement, box = it.getBoundingClientRect();
        return it === document.body ? null : [it.id || it.name || it.textContent.trim(), it.checkVisibility() && box.right > 0]"""
    reached = []
    for _ in range(60):
        scene.page.keys(Keys.TAB)
        stop = scene.page.run(name)
        if stop is None:
            break
        reached.append(stop)
    else:
        raise AssertionError(f"the tab key goes round: {reached}")
    unseen = [stop for stop, seen in reached if not seen]
    assert not unseen, f"reached but not seen: {unseen}"
    stops = [stop for stop, _ in reached]
    assert stops[0] == "Skip to the figures", stops
    wanted = ["live", "theme", "less", "threshold", "more", "range", "from", "to", "bucket", "certainty", "version", "source", "reset", "tab-overview", "PNG", "CSV"]
    assert [stop for stop in dict.fromkeys(stops) if stop in wanted] == wanted, stops
    # And back to what the first step offers.
    scene.page.run("document.querySelector('.skip').focus()")
    scene.page.keys(Keys.ENTER)
    scene.page.keys(Keys.TAB)
    scene.page.until("the figures", lambda: scene.page.run("return document.activeElement.id") == "tab-overview")


def it_is_used_by_keyboard_and_remembers_its_colours(scene):
    scene.show()
    scene.page.run("document.querySelector('#range input:checked').focus()")
    scene.page.keys(Keys.ARROW_LEFT)
    scene.page.until("another period", lambda: "range=7d" in scene.page.query())
    scene.page.run("document.querySelector('#more').focus()")
    scene.page.keys(Keys.ENTER, Keys.ENTER)
    scene.page.until("another threshold", lambda: "threshold=24" in scene.page.query())
    scene.page.run("document.querySelector('#tab-overview').focus()")
    scene.page.keys(Keys.ARROW_RIGHT)
    scene.page.until("the next view", lambda: "tab=records" in scene.page.query() and scene.page.run("return document.activeElement.id") == "tab-records")
    scene.page.until("rows", lambda: scene.page.all(".records .link"))
    scene.page.run("document.querySelector('[data-sort=width]').focus()")
    scene.page.keys(Keys.ENTER)
    scene.page.until("sorted", lambda: "sort=width" in scene.page.query())
    scene.page.until("the focus stays", lambda: scene.page.run("return document.activeElement.dataset.sort") == "width")
    scene.page.until("rows", lambda: scene.page.all(".records .link"))
    scene.page.run("document.querySelector('.records .link').focus()")
    scene.page.keys(Keys.ENTER)
    scene.page.until("the record", lambda: scene.page.seen("#detail .facts"))
    scene.page.keys(Keys.ESCAPE)
    scene.page.until("the focus where it was", lambda: scene.page.run("return 'record' in document.activeElement.dataset"))
    scene.page.choose("#theme", "dark")
    scene.page.driver.refresh()
    assert scene.page.run("return document.documentElement.dataset.theme") == "dark"
    scene.page.choose("#theme", "auto")
    assert scene.page.run("return document.documentElement.dataset.theme ?? 'none'") == "none"


def nothing_moves_for_those_who_wish_so(scene):
    scene.show()
    moving = "return document.getAnimations().filter((it) => it.playState === 'running').length"
    scene.page.until("the live light", lambda: scene.page.run(moving) > 0)
    scene.page.wear(motion="reduce")
    scene.show()
    for _ in scene.views():
        assert scene.page.run(moving) == 0


def it_fits_a_phone_and_paper(scene):
    scene.page.size(360, 740)
    for view in VIEWS:
        scene.show(view)
        width = scene.page.run("return document.documentElement.scrollWidth")
        assert width <= 360, f"{view} is {width} pixels wide"
        left, right = scene.page.run("const it = document.querySelector('[role=tab][aria-selected=true]').getBoundingClientRect(); return [it.left, it.right]")
        assert 0 <= left and right <= 360, f"the tab of {view} stands at {left} to {right}"
    assert not scene.page.seen("#threshold")
    scene.page.click("#selector summary")
    scene.page.until("the selector", lambda: scene.page.seen("#threshold"))
    scene.page.size(1440, 1000)
    scene.page.wear(medium="print")
    assert not scene.page.seen("aside") and scene.page.seen(".card")


def paper_is_white_also_for_those_who_see_it_dark(scene):
    scene.page.wear("dark")
    scene.show("?bucket=day")
    scene.traces("prediction")
    ground = "getComputedStyle(document.querySelector('#chart-prediction .main-svg')).backgroundColor"
    scene.page.run(f"matchMedia('print').addEventListener('change', (it) => {{ if (it.matches) window.printed = {ground} }})")
    before = scene.page.run(f"return {ground}")
    document = scene.page.command("Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.69)
    (scene.pictures / "print.pdf").write_bytes(base64.b64decode(document["data"]))
    assert scene.page.run("return window.printed") == "rgb(255, 255, 255)"
    scene.page.until("dark again", lambda: scene.page.run(f"return {ground}") == before != "rgb(255, 255, 255)")
