"""Charts under the pointer."""

import csv

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from scene import UNCERTAIN


def charts_are_hovered_zoomed_and_clicked(scene):
    scene.show("?range=7d")
    point = """const it = document.querySelector('#chart-prediction .canvas'), box = it.getBoundingClientRect();
        const trace = it.data.find((one) => one.name === 'prediction'), last = Math.floor(trace.x.length / 2);
        const { xaxis: x, yaxis: y } = it._fullLayout;
        return [box.x + x._offset + x.d2p(trace.x[last]), box.y + y._offset + y.d2p(trace.y[last]), trace.y[last]]"""
    scene.page.until("the chart", lambda: scene.page.run("return Boolean(document.querySelector('#chart-prediction .canvas')._fullLayout)"))
    scene.page.run("document.querySelector('#chart-prediction').scrollIntoView({ block: 'center' })")
    x, y, value = scene.page.run(point)
    scene.page.mouse("mouseMoved", x, y)
    scene.page.until("the exact value below the pointer", lambda: scene.page.text("#chart-prediction .hoverlayer").find("limits") > 0)
    for kind in ("mousePressed", "mouseReleased"):
        scene.page.mouse(kind, x, y)
    scene.page.until("the record of the point", lambda: scene.page.seen("#detail .facts"))
    id = dict(pair.split("=") for pair in scene.page.query().split("&"))["record"]
    # The pointer may have met the neighbour of a point.
    assert scene.count("id = ?", id) == 1
    shown = scene.page.text("#detail .facts dd")
    assert abs(float(shown) - scene.one("SELECT prediction FROM predictions WHERE id = ?", id)) < 0.006, (shown, value)
    scene.page.keys(Keys.ESCAPE)
    scene.page.until("the address without the record", lambda: "record=" not in scene.page.query())
    before = scene.layout("interval-width")["xaxis"]["range"]
    plot = scene.page.find("#chart-prediction .nsewdrag")
    ActionChains(scene.page.driver).move_to_element_with_offset(plot, -150, 0).click_and_hold().move_by_offset(200, 5).release().perform()
    scene.page.until("the other chart follows", lambda: scene.layout("interval-width")["xaxis"]["range"] != before)
    scene.page.click("#chart-prediction .tools button:nth-child(4)")
    scene.page.until("all again", lambda: scene.layout("interval-width")["xaxis"]["autorange"] is True)
    scene.page.click("#chart-prediction .tools button:nth-child(1)")
    scene.page.until("zoomed in by a button", lambda: scene.layout("interval-width")["xaxis"]["autorange"] is False)
    scene.page.click("#chart-prediction .tools button:nth-child(3)")
    scene.page.until("dragging moves", lambda: scene.layout("prediction")["dragmode"] == "pan")


def what_is_drawn_is_saved(scene):
    scene.show("?range=7d")
    scene.traces("interval-width")
    scene.page.click("#chart-interval-width .tools button:nth-child(6)")
    rows = list(csv.DictReader(scene.downloaded("interval-width.csv").decode().splitlines()))
    assert len(rows) == scene.card("total"), len(rows)
    scene.page.click("#chart-prediction .tools button:nth-child(5)")
    assert scene.downloaded("prediction.png").startswith(b"\x89PNG")
    scene.show("?tab=records&certainty=uncertain")
    scene.page.click("#export-csv")
    rows = list(csv.DictReader(scene.downloaded("predictions.csv").decode().splitlines()))
    assert len(rows) == scene.count(UNCERTAIN), len(rows)
    scene.page.click("#export-parquet")
    assert scene.downloaded("predictions.parquet").startswith(b"PAR1")
