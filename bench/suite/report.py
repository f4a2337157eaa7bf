"""The results as text: for each row every peer's ratio to hp, the losses and the aim."""

import statistics
import textwrap

from suite.limits import limit

NAME_WIDTH = 26


def text(results):
    about = results["about"]
    blocks = [heading(about), *(row(result, about) for result in results["rows"])]
    if results["processes"]:
        blocks.append(processes(results["processes"]))
    return "\n\n".join(blocks)


def heading(about):
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    machine = f"{about['cores']} cores ({about['processor']}), {about['memory_gib']} GiB"
    facts = f"{about['date']}, `{about['command']}`: {about['threads']} threads on {machine}; {versions}"
    columns = f"{'':{NAME_WIDTH + 2}}     median      fastest – slowest   peer/hp       loss"
    return f"{textwrap.fill(facts, 100, break_on_hyphens=False)}\n\n{columns}"


def row(result, about):
    """A row of the comparison, and its whole processes where they count too."""
    sides = result["sides"]
    hp = median(sides["hp"])
    lines = [f"{result['task']}: {result['title']}, {named(result['data'])}"]
    lines += [line(name, side, hp) for name, side in sides.items()]
    lines += [verdict(result)] if hp else []
    least = limit(result, about)
    if hp and least:
        lines.append(f"  limit: {least[0]}: {time(least[1])}; hp takes {times(hp / least[1])} that")
    if result["memory"]:
        lines += whole(result)
    return "\n".join(lines)


def line(name, side, hp):
    if side["failed"]:
        return f"  {name:{NAME_WIDTH}}  {side['failed']}"
    if side["over"]:
        cells = [f"> {time(side['over'])}", "", f"> {times(side['over'] / hp)}" if hp else ""]
    else:
        seconds = side["seconds"]
        spread = f"{time(min(seconds))} – {time(max(seconds))}" if len(seconds) > 1 else "once"
        ratio = times(median(side) / hp) if hp and name != "hp" else ""
        cells = [time(median(side)), spread, ratio]
    loss = "" if side["score"] is None else f"{side['score']:.4f}"
    return cell_line(name, [*cells, loss], [9, 22, 8, 9])


def verdict(result):
    """The aim and whether it is met, in time and in loss."""
    aim, sides, hp = result["aim"], result["sides"], median(result["sides"]["hp"])
    if aim["seconds"]:
        return f"  aim: at most {time(aim['seconds'])}: {met(hp <= aim['seconds'])}"
    wanted = f"  aim: {aim['times']:g}× as fast as {aim['of']}"
    others = peers(result) if aim["of"] == "the best" else {aim["of"]: sides[aim["of"]]}
    finished = {name: median(side) for name, side in others.items() if median(side)}
    if not finished:
        return f"{wanted}, which did not finish"
    best = min(finished, key=finished.get)
    words = f"{wanted}: {met(finished[best] / hp >= aim['times'])}, {times(finished[best] / hp)} ({best})"
    scores = [side["score"] for side in others.values() if side["score"] is not None]
    if scores and sides["hp"]["score"] > min(scores) * (1 + result["tolerance"]):
        words += f"; loss MISSED, {sides['hp']['score'] / min(scores):.3f} of the best"
    return words


def whole(result):
    """The processes from the CSV file to the loss: their time, and their memory at most."""
    sides = {name: side for name, side in result["sides"].items() if side["wall"]}
    if "hp" not in sides:
        return []
    wall, peak = statistics.median(sides["hp"]["wall"]), max(sides["hp"]["peak"])
    lines = ["  whole process, from the CSV file to the loss"]
    for name, side in sides.items():
        seconds, memory = statistics.median(side["wall"]), max(side["peak"])
        ratios = ["", ""] if name == "hp" else [times(seconds / wall), times(memory / peak)]
        cells = [time(seconds), ratios[0], f"{memory:,.0f} MiB", ratios[1]]
        lines.append(cell_line(name, cells, [9, 8, 12, 8]))
    least = min((max(side["peak"]) for name, side in sides.items() if name != "hp"), default=None)
    if least:
        share = peak / least
        wanted = f"  aim: at most {result['memory']:g} of the best peer's memory"
        lines.append(f"{wanted}: {met(share <= result['memory'])}, {share:.2f}")
    return lines


def processes(measured):
    lines = [
        f"whole processes of hp{'':{NAME_WIDTH - 12}}median      fastest – slowest   peak memory"
    ]
    for name, side in measured.items():
        wall = side["wall"]
        spread = f"{time(min(wall))} – {time(max(wall))}"
        cells = [time(statistics.median(wall)), spread, f"{max(side['peak']):,.1f} MiB"]
        lines.append(cell_line(name, cells, [9, 22, 12]))
    return "\n".join(lines)


def cell_line(name, cells, widths):
    aligned = [cell.rjust(width) for cell, width in zip(cells, widths)]
    return "  ".join([f"  {name:{NAME_WIDTH}}", *aligned]).rstrip()


def peers(result):
    return {name: side for name, side in result["sides"].items() if name != "hp"}


def median(side):
    return statistics.median(side["seconds"]) if side["seconds"] else None


def met(condition):
    return "met" if condition else "MISSED"


def named(data):
    kind, _, rows = data.partition("-")
    return f"{int(rows):,} rows" if kind == "friedman" else "Boston, 404 rows"


def time(seconds):
    """Three significant digits in the unit that suits them."""
    units = {"s": 1, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
    unit = next((unit for unit, size in units.items() if seconds >= 0.9995 * size), "ns")
    number = seconds / units[unit]
    digits = 2 if number < 9.995 else 1 if number < 99.95 else 0
    return f"{number:.{digits}f} {unit}"


def times(ratio):
    digits = 2 if ratio < 9.995 else 1 if ratio < 99.95 else 0
    return f"{ratio:,.{digits}f}×"
