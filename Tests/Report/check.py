"""Reads what a run leaves for people with the programs that people use: a browser and TensorBoard.

Versions used: Python 3.11, tensorboard 2.20.0, Debian 12's chromium.
Command: python check.py --binary .build/release/cyclegan --data datasets/demo
"""

import argparse
import json
import math
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from browser import Browser

NETWORKS = ["--generator-filters", "4", "--blocks", "1", "--discriminator-filters", "4", "--crop-size", "32",
            "--load-size", "36", "--max-images", "20", "--log-every", "2"]
TIMES = {"seconds_per_step", "seconds_waiting_for_data", "seconds_elapsed", "seconds_left"}
NOT_DRAWN = TIMES | {"step", "epoch", "images"}
failures: list[str] = []


def expect(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)
        print(f"  failed: {what}")


def lines(run: pathlib.Path) -> list[dict]:
    path = run / "metrics.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def train(binary: pathlib.Path, data: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """A run of two epochs that was killed in its second, after lines that no snapshot explains."""
    run = folder / "checkpoints" / "run"
    words = [binary, "train", data, "--name", "run", *NETWORKS, "--epochs", "2", "--decay-epochs", "1", "--save-every", "1"]
    started = subprocess.Popen(words, cwd=folder, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while started.poll() is None and not (lines(run) and lines(run)[-1]["step"] >= 26):
        time.sleep(0.01)
    started.send_signal(signal.SIGKILL)
    started.wait()
    subprocess.run([binary, "train", "--name", "run", "--resume"], cwd=folder, check=True,
                   stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return run


def check_events(run: pathlib.Path) -> None:
    """Every logged step once, with the values of the log in single precision."""
    events = EventAccumulator(str(run), size_guidance={"scalars": 0, "images": 0})
    events.Reload()
    tags = events.Tags()
    log = lines(run)
    for name in log[0].keys() - NOT_DRAWN:
        expect(name in tags["scalars"], f"TensorBoard finds no {name}")
        if name not in tags["scalars"]:
            continue
        found = events.Scalars(name)
        expect([event.step for event in found] == [line["step"] for line in log], f"TensorBoard's steps of {name}")
        expect(all(math.isclose(event.value, line[name], rel_tol=1e-6) for event, line in zip(found, log)),
               f"TensorBoard's values of {name}")
    sheets = [image.step for image in events.Images("samples")] if "samples" in tags["images"] else []
    expect(len(sheets) == len(set(sheets)) == 3, f"TensorBoard's sheets are of steps {sheets}")
    expect("config.json/text_summary" in tags["tensors"] or "config.json" in tags["tensors"],
           f"TensorBoard finds no settings among {tags['tensors']}")


def check_page(browser: Browser, page: pathlib.Path, width: int, run: pathlib.Path) -> None:
    browser.open(page, width)
    expect(browser.complaints == [], f"{width}: the console says {browser.complaints}")
    asked = [url for url in browser.requests if not url.startswith(("data:", page.resolve().as_uri()))]
    expect(asked == [], f"{width}: the page asks for {asked}")
    expect(browser.evaluate("document.documentElement.scrollWidth") <= width, f"{width}: wider than the screen")

    log = lines(run)
    drawn = json.loads(browser.evaluate("""JSON.stringify([...document.querySelectorAll("path.raw")].map(
      path => [path.dataset.series, Number(path.dataset.points), (path.getAttribute("d").match(/[ML]/g) ?? []).length]))"""))
    points = {name: (count, vertices) for name, count, vertices in drawn}
    for name in log[0].keys() - NOT_DRAWN:
        expect(points.get(name) == (len(log), len(log)), f"{width}: the chart of {name} has {points.get(name)} of {len(log)} points")

    # The cursor of a chart, by keys: the first step, the second, the last.
    browser.evaluate("document.querySelector('figure.chart svg').focus()")
    for key, step in [("Home", log[0]["step"]), ("ArrowRight", log[1]["step"]), ("End", log[-1]["step"])]:
        browser.press(key)
        told = browser.evaluate("document.querySelector('figure.chart .legend').textContent")
        expect(f"step {step}" in told, f"{width}: after {key} the legend says {told!r}")

    # The slider goes through the sheets, and the newest comes first.
    caption = "document.querySelector('.slider output').textContent"
    expect(browser.evaluate(caption) == "epoch 3", f"{width}: the first sheet is {browser.evaluate(caption)!r}")
    browser.evaluate("document.querySelector('.slider input').focus()")
    browser.press("Home")
    expect(browser.evaluate(caption) == "epoch 1", f"{width}: the slider shows {browser.evaluate(caption)!r}")
    expect(browser.evaluate("document.querySelector('.sheet img').naturalWidth") > 100, f"{width}: the sheet is not drawn")
    browser.evaluate("document.querySelector('.sheet').focus()")
    browser.press("Enter")
    expect(browser.evaluate("document.querySelector('dialog').open"), f"{width}: Enter does not enlarge a sheet")
    browser.press("Escape")
    expect(not browser.evaluate("document.querySelector('dialog').open"), f"{width}: Escape does not close it")

    # A logarithmic scale draws all but what is not positive.
    browser.evaluate("document.querySelector('#log').click()")
    expect(browser.complaints == [], f"{width}: the console says {browser.complaints}")
    browser.evaluate("document.querySelector('#log').click()")
    expect(browser.evaluate("document.querySelectorAll('pre').length") >= 3, f"{width}: commands are missing")
    # The page remembers what was looked at when it is loaded again.
    browser.evaluate("sessionStorage.clear()")


def check_gallery(browser: Browser, page: pathlib.Path, width: int, count: int) -> None:
    """Every pair is there, nothing is fetched, and the divider follows the keys and the mouse."""
    browser.open(page, width)
    fetched = [url for url in browser.requests if not url.startswith(("data:", page.resolve().as_uri()))]
    expect(fetched == [], f"gallery {width}: it fetches {fetched}")
    expect(browser.complaints == [], f"gallery {width}: the console says {browser.complaints}")
    expect(browser.evaluate("document.querySelectorAll('.pair').length") == count, f"gallery {width}: not all pairs are shown")
    expect(browser.evaluate("document.documentElement.scrollWidth") <= width, f"gallery {width}: it is wider than the screen")
    expect(browser.evaluate("document.querySelector('img.after').naturalWidth") > 0, f"gallery {width}: no image is drawn")
    at = "document.querySelector('.pair .frame').style.getPropertyValue('--at')"
    browser.evaluate("document.querySelector('.pair input').focus()")
    for key, place in (("Home", "0%"), ("ArrowRight", "0.5%"), ("End", "100%")):
        browser.press(key)
        expect(browser.evaluate(at) == place, f"gallery {width}: {key} does not move the divider to {place}")
    script = "(() => { const r = document.querySelector('.pair .frame').getBoundingClientRect(); return [r.x, r.y, r.width, r.height] })()"
    left, top, wide, high = browser.evaluate(script)
    for kind, part in (("mousePressed", 0.98), ("mouseMoved", 0.25), ("mouseReleased", 0.25)):
        browser.call("Input.dispatchMouseEvent", type=kind, x=left + part * wide, y=top + high / 2, button="left", clickCount=1)
    # The handle has a width, which its middle stays within.
    expect(abs(float(browser.evaluate(at).rstrip("%")) - 25) < 4, f"gallery {width}: the mouse does not move the divider")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--screenshots", type=pathlib.Path)
    options = parser.parse_args()
    binary, data = options.binary.resolve(), options.data.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run = train(binary, data, folder)
        check_events(run)
        pages = [(run / "report.html", "one")]
        both = folder / "both.html"
        subprocess.run([binary, "report", run, run, "--output", both], check=True, stdout=subprocess.DEVNULL)
        gallery = folder / "gallery.html"
        images = len(list((data / "testA").iterdir()))
        subprocess.run([binary, "translate", run, data / "testA", "--output", folder / "results", "--gallery", gallery],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        browser = Browser()
        try:
            for width in (1200, 400):
                check_page(browser, run / "report.html", width, run)
                if options.screenshots:
                    browser.screenshot(options.screenshots / f"report-{width}.png")
                check_gallery(browser, gallery, width, images)
                if options.screenshots:
                    browser.screenshot(options.screenshots / f"gallery-{width}.png")
            browser.open(both, 1200)
            expect(browser.complaints == [], f"two runs: the console says {browser.complaints}")
            expect(browser.evaluate("document.querySelectorAll('[role=progressbar]').length") == 2, "two runs: not both are shown")
            if options.screenshots:
                browser.screenshot(options.screenshots / "report-two-runs.png")
        finally:
            browser.close()
    print(f"report and events: {len(failures)} failures")
    raise SystemExit(1 if failures else 0)


main()
