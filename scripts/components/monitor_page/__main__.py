"""Checks the page of `hp monitor` in a browser against the log that it shows. `--only NAME` runs the checks in whose name it is found."""

import argparse
import inspect
import re
import time
import traceback
from html import escape

import access
import charts
import controls
import dashboard
import figures
import many
import odd
import outages
import pictures
import records
from scene import Scene

# The pictures come before the checks that write to the log.
SUBJECTS = (pictures, figures, controls, charts, records, odd, outages, access, many, dashboard)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("monitor", "api", "hp", "log", "artifacts", "data", "axe", "dynamodb", "pictures", "scratch", "many"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    scene = Scene(given)
    try:
        failed = [check.__name__ for check in checks() if re.search(given.only, check.__name__) and not passes(scene, check)]
    finally:
        scene.page.close()
        list_pictures(scene.pictures)
    if failed:
        raise SystemExit(f"{len(failed)} checks failed: {', '.join(failed)}")


def checks():
    """The public functions of every subject, as they stand there."""
    for subject in SUBJECTS:
        for name, check in vars(subject).items():
            if inspect.isfunction(check) and check.__module__ == subject.__name__ and not name.startswith("_"):
                yield check


def passes(scene, check):
    """Whether a check holds, without a word in the console and without a request to another machine."""
    name = check.__name__
    began = time.monotonic()
    try:
        check(scene)
        complaints = scene.page.complaints()
        assert not complaints, f"the console says: {complaints}"
        hosts = scene.page.hosts()
        assert hosts <= {"127.0.0.1"}, f"it asked {hosts}"
    except Exception:
        scene.page.picture(scene.pictures / f"failed-{name}.png")
        print(f"FAILED {name}\n{traceback.format_exc()}", flush=True)
        scene.page.complaints()
        return False
    else:
        print(f"ok     {name} ({time.monotonic() - began:.1f} s)", flush=True)
        return True
    finally:
        scene.page.size(1440, 1000)
        scene.page.wear()


def list_pictures(folder):
    """Lists all pictures on a page of their own."""
    names = [escape(it.name) for it in sorted(folder.glob("*.png"))]
    shown = "".join(f'<figure><a href="{it}"><img src="{it}" alt=""></a><figcaption>{it}</figcaption></figure>\n' for it in names)
    style = "body { font-family: sans-serif; display: flex; flex-wrap: wrap; align-items: start; gap: 1rem } figure { margin: 0 } img { width: 20rem }"
    (folder / "index.html").write_text(f'<!doctype html>\n<meta charset="utf-8">\n<title>The page of hp monitor</title>\n<style>{style}</style>\n{shown}')


if __name__ == "__main__":
    main()
