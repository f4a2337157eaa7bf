"""The table of records."""


def records_are_sorted_and_paged(scene):
    scene.show("?tab=records")
    scene.page.until("50 rows", lambda: len(scene.page.all(".records tbody tr")) == 50)
    scene.page.click('[data-sort="width"]')
    widest = f"{scene.one('SELECT MAX(upper - lower) FROM predictions'):.2f}"
    width = lambda: scene.page.text("#records tbody tr td:nth-child(5)")
    scene.page.until("the widest first", lambda: width() == widest)
    scene.page.click('[data-sort="width"]')
    scene.page.until("the narrowest first", lambda: width() == f"{scene.one('SELECT MIN(upper - lower) FROM predictions'):.2f}".replace("-", "−"))
    assert scene.page.find('th[aria-sort="ascending"]').text.startswith("Width")
    scene.page.click('[data-go="Last"]')
    rest = scene.count() % 50 or 50
    scene.page.until("the rest on the last page", lambda: len(scene.page.all(".records tbody tr")) == rest)
    scene.page.click('[data-go="Previous"]')
    scene.page.until("a whole page", lambda: len(scene.page.all(".records tbody tr")) == 50)
    scene.page.click(".records tbody tr:nth-child(3) td:nth-child(4)")
    scene.page.until("the record", lambda: len(scene.page.all("#detail .inputs tbody tr")) == 12)
    scene.page.click("#detail .heading button")
    scene.page.until("no dialog", lambda: not scene.page.seen("#detail"))
