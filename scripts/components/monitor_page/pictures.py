"""Pictures of every view, kept for whoever wants to see them: light, dark, on a phone and on paper."""

VIEWS = {
    "overview": "", "hourly": "?bucket=hour", "records": "?tab=records&sort=excess", "uncertain": "?tab=uncertain",
    "inputs": "?tab=inputs&range=7d", "outcomes": "?tab=outcomes",
}  # fmt: skip
KINDS = {"light": ("light", 1440, ""), "dark": ("dark", 1440, ""), "phone": ("light", 360, ""), "print": ("light", 1000, "print")}


def pictures_are_taken(scene):
    for kind, (scheme, width, medium) in KINDS.items():
        for name, query in VIEWS.items():
            scene.page.wear(scheme, medium)
            scene.page.size(width, 900)
            scene.show(query)
            _take(scene, f"{name}-{kind}")
    scene.page.wear()
    scene.page.size(1440, 900)
    scene.show(f"?record={scene.one('SELECT MAX(id) FROM predictions')}")
    scene.page.until("the record", lambda: scene.page.seen("#detail .facts"))
    _take(scene, "record-light", whole=False)
    scene.page.size(1280, 900)
    scene.show("?range=7d")
    _take(scene, "readme")


def _take(scene, name, whole=True):
    scene.page.still()
    scene.page.picture(scene.pictures / f"{name}.png", whole)
