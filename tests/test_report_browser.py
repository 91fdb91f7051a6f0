"""The report in a real browser, the system's Chromium: nothing runs but its own script, and nothing is asked for."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import ROOT, SAMPLE_LOGS, triggerlang
from tests.test_report import hostile_project

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
pytest.importorskip("vl_convert", reason="the extra `report` is not installed")

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    BROWSER is None or DRIVER is None, reason="Chromium and its driver are not installed: apt-get install chromium chromium-driver"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1100,900"):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"download.default_directory": str(tmp_path_factory.mktemp("saved"))})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    made = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield made
    made.quit()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    assert triggerlang("report", SAMPLE_LOGS, "--rules", ROOT / "rules", "-o", "report.html", "-q", cwd=folder).code == 0
    return folder / "report.html"


def opened(browser: Any, page: Path, *, width: int = 1100, scheme: str = "light") -> None:
    """Open a page, and hold that it ran without an error and asked for nothing but itself."""
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(page.as_uri())
    assert browser.get_log("browser") == []
    asked = [json.loads(line["message"])["message"] for line in browser.get_log("performance")]
    urls = {one["params"]["request"]["url"] for one in asked if one["method"] == "Network.requestWillBeSent"}
    assert urls == {page.as_uri()}
    assert not any(one["method"] == "Page.javascriptDialogOpening" for one in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 360])
def test_plots_are_drawn_in_every_light_and_width(browser: Any, sample: Path, scheme: str, width: int) -> None:
    opened(browser, sample, width=width, scheme=scheme)
    plots = browser.execute_script(
        "return Array.from(document.querySelectorAll('svg.plot')).filter((plot) => plot.checkVisibility()).map((plot) => ["
        "  plot.getBoundingClientRect().width, plot.getBoundingClientRect().height,"
        "  Array.from(plot.querySelectorAll('.mark-rect path')).filter((mark) => mark.getBBox().width > 0 && mark.getBBox().height > 0)"
        "    .map((mark) => getComputedStyle(mark).fill)])"
    )
    # One of all entries, twelve of automations, one of hours, six from condition to trigger, one of the log.
    assert len(plots) == 21
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(18, 23, 29)")
    for wide, high, fills in plots:
        assert 0 < wide <= width
        assert high > 30
        assert fills
        assert "rgb(0, 0, 0)" not in fills  # What a colour that is not known would be.
        assert paper not in fills
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_tables_sort_by_numbers_and_by_names(browser: Any, sample: Path) -> None:
    opened(browser, sample)

    def column(at: int) -> list[str]:
        found: list[str] = browser.execute_script(
            "const at = arguments[0], rows = document.querySelector('#table-entries').tBodies[0].rows;"
            "return Array.from(rows, (row) => row.cells[at].textContent.trim())",
            at,
        )
        return found

    def press(at: int) -> str:
        sort: str = browser.execute_script(
            "const head = document.querySelector('#table-entries').tHead.rows[0].cells[arguments[0]];"
            "head.querySelector('button').click(); return head.getAttribute('aria-sort')",
            at,
        )
        return sort

    assert press(3) == "descending"
    numbers = [int(text.replace(",", "")) for text in column(3)]
    assert numbers == sorted(numbers, reverse=True)
    assert press(3) == "ascending"
    assert [int(text.replace(",", "")) for text in column(3)] == sorted(numbers)
    assert press(0) == "ascending"
    assert column(0)[0] == "Advent"
    assert press(0) == "descending"
    assert column(0)[-1] == "Advent"


def saved(browser: Any, table: str) -> str:
    """What the button of a table saves."""
    text: str = browser.execute_async_script(
        "const done = arguments[1], make = URL.createObjectURL;"
        "URL.createObjectURL = (blob) => { blob.text().then(done); return make(blob); };"
        "document.querySelector(`button.csv[data-name=${arguments[0]}]`).click(); URL.createObjectURL = make;",
        table,
    )
    return text


def test_a_table_is_saved_as_it_stands(browser: Any, sample: Path) -> None:
    opened(browser, sample)
    rows = list(csv.reader(io.StringIO(saved(browser, "entries"))))
    assert rows[0] == ["automation", "entries", "of all entries", "contacts", "of all contacts"]
    assert rows[1] == ["Welcome", "393", "37.1", "393", "100"]
    assert len(rows) == 20
    assert ["New year, same customer", "23"] in [row[:2] for row in rows]


def test_hostile_names_do_nothing(browser: Any, tmp_path: Path) -> None:
    folder = hostile_project(tmp_path)
    assert triggerlang("report", "log.jsonl", "-o", "report.html", "-q", cwd=folder).code == 0
    opened(browser, folder / "report.html")
    assert browser.execute_script("return document.images.length + document.scripts.length") == 1
    assert browser.execute_script("return document.title") == "triggerlang report"
    text = browser.execute_script("return document.body.textContent")
    assert "</script><script>alert(1)</script>" in text
    assert "{{7*7}}" in text
    assert "49" not in {cell.strip() for cell in text.split("\n")}


def test_what_a_spreadsheet_would_take_for_a_formula_is_saved_as_text(browser: Any, tmp_path: Path) -> None:
    formulas = ["=1+1", "+1", "-1", "@SUM(1)", 'a"b,c']
    log = "".join(json.dumps({"contact": "c", "time": "2026-01-01", "name": name}) + "\n" for name in formulas)
    (tmp_path / "log.jsonl").write_text(log)
    (tmp_path / "a.triggers").write_text('on event "signup"\n')
    assert triggerlang("report", "log.jsonl", "--rules", "a.triggers", "-o", "report.html", "-q", cwd=tmp_path).code == 0
    opened(browser, tmp_path / "report.html")
    names = {row[1] for row in csv.reader(io.StringIO(saved(browser, "events")))}
    assert names == {"name", "'=1+1", "'+1", "'-1", "'@SUM(1)", 'a"b,c'}


def test_paper_is_light_and_holds_what_is_unfolded(browser: Any, sample: Path) -> None:
    opened(browser, sample, scheme="dark")
    media = {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    try:
        assert browser.execute_script("return getComputedStyle(document.body).color") == "rgb(27, 36, 48)"
        shown = "return Array.from(document.querySelectorAll('details')).filter((one) => one.open !== one.checkVisibility()).length"
        assert browser.execute_script(shown) == 0
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
