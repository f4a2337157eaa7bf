"""Logs that do not answer: what is shown is old and says so, until they answer again."""

import os

import log
from proxy import Prefix, Throttle

DYNAMODB = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_EC2_METADATA_DISABLED": "true"}


def it_works_below_a_path_and_survives_an_outage(scene):
    with Prefix(scene.url, "/team/monitor/") as proxy:
        scene.show("?range=90d", proxy.url)
        scene.expect_card("total", scene.count())
        scene.traces("prediction")
        proxy.failing = "/api/"
        scene.page.until("the banner", lambda: "the log is being moved" in scene.page.text("#banner") and scene.page.seen("#banner"))
        scene.expect_card("total", scene.count())
        proxy.failing = None
        scene.page.until("the end of the outage", lambda: not scene.page.seen("#banner"))
        # One question alone is asked again too, although nothing new has come.
        proxy.failing = "/api/series"
        scene.page.click('#range input[value="7d"] + span')
        scene.page.until("the banner", lambda: scene.page.seen("#banner") and scene.page.all("#overview.outdated"))
        proxy.failing = None
        scene.page.until("the answer", lambda: not scene.page.seen("#banner") and not scene.page.all(".outdated"))
        scene.page.open("about:blank")
    scene.complaints_but(503)


def dynamodb_is_throttled_disappears_and_comes_back(scene):
    end = scene.one("SELECT MAX(id) FROM predictions")
    moments = [log.milliseconds(end) / 1000 - 600 * number for number in range(60)]
    records = [scene.like(moment, source="api") for moment in moments]
    direct = f"dynamodb://monitored?region=eu-west-1&endpoint={scene.given.dynamodb}"
    # Its first answer may take longer than a client waits.
    scene.page.until("the table", lambda: log.deliver(scene.hp, direct, records, os.environ | DYNAMODB) or True, 120)
    with Throttle(scene.given.dynamodb) as service:
        store = f"dynamodb://monitored?region=eu-west-1&endpoint={service.url}"
        with scene.monitor(store, **DYNAMODB) as url:
            scene.show("?range=7d", url)
            scene.expect_card("total", 60)
            scene.page.until("the settings", lambda: "dynamodb" in scene.page.text("#subject"), 90)
            points = scene.traces("prediction")
            for mode in ("throttled", "gone"):
                service.mode = mode
                # What is shown stays, and says how old it is.
                scene.page.until(f"the banner ({mode})", lambda: "does not answer" in scene.page.text("#banner") and "The figures are those of" in scene.page.text("#banner"), 90)
                assert "cannot be read" in scene.page.text("#banner"), scene.page.text("#banner")
                assert "warn" in scene.page.find("#age").get_attribute("class")
                scene.expect_card("total", 60)
                assert scene.traces("prediction") == points
                if mode == "throttled":
                    scene.page.picture(scene.pictures / "outage.png")
                    # Another selection has no figures yet; those before it do not pass for them.
                    scene.page.click('#range input[value="24h"] + span')
                    scene.page.until("the figures fade", lambda: scene.page.all("#cards.outdated") and "faded" in scene.page.text("#banner"), 90)
                    scene.page.picture(scene.pictures / "outage-other-selection.png")
                    scene.page.click('#range input[value="7d"] + span')
                    scene.page.until("they are in force again", lambda: not scene.page.all(".outdated"), 90)
                service.mode = "open"
                scene.page.until("the end of the outage", lambda: not scene.page.seen("#banner") and "warn" not in scene.page.find("#age").get_attribute("class"), 90)
            log.deliver(scene.hp, direct, [scene.like(moments[0] + 1)], os.environ | DYNAMODB)
            scene.expect_card("total", 61)
    scene.complaints_but(503)
