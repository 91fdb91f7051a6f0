"""`triggerlang why` as a user has it: exit codes, widths, formats, and what stands in a page."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.support.command import ROOT, SAMPLE_LOGS, on_terminal, project, triggerlang
from triggerlang.answers.encoding import shown
from triggerlang.checking.render.plain import width
from triggerlang.language.diagnostics import quoted

ASKED = ("--contact", "ana", "--automation", "Welcome")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return project(tmp_path)


def sample(*arguments: str) -> Any:
    return triggerlang("why", SAMPLE_LOGS, "--rules", ROOT / "rules", *arguments, cwd=ROOT)


def test_the_answer_was_given_whatever_it_is(small: Path) -> None:
    for contact, said in (("ana", "did not enter"), ("ben", "entered on 2026-01-02 10:05")):
        ran = triggerlang("why", "log.jsonl", "--contact", contact, "--automation", "Welcome", cwd=small)
        assert (ran.code, ran.err) == (0, "")
        assert said in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--contact", "Ana", "--automation", "Welcome"), 'there is no event of a contact "Ana"; the nearest is "ana"'),
        (("--contact", "zoe", "--automation", "Welcome"), 'there is no event of a contact "zoe"'),
        (("--contact", "ana", "--automation", "Welcom"), 'there is no automation "Welcom"; the nearest is "Welcome"'),
        (("--contact", "ana", "--rule", "Welcome#2"), 'there is no rule "Welcome#2"; the nearest is "Welcome#1"'),
        (("--contact", "ana"), "name one automation with --automation, or one rule with --rule"),
        (("--contact", "ana", "--automation", "Welcome", "--rule", "Welcome#1"), "name one automation with --automation, or one rule"),
        (("--automation", "Welcome", "--at", "2026-01-02"), "--at tells the triggers of one contact, and needs --contact"),
        (("--automation", "Welcome", "--last", "5"), "--last tells the triggers of one contact, and needs --contact"),
        (("--automation", "Welcom"), 'there is no automation "Welcom"; the nearest is "Welcome"'),
        ((*ASKED, "--at", "soon"), "--at: 'soon' is no date"),
        ((*ASKED, "--timezone", "Berlin"), 'no time zone is called "Berlin"'),
        ((*ASKED, "--engine", "fast"), "fast"),
    ],
)
def test_an_answer_that_cannot_be_given(arguments: tuple[str, ...], said: str, small: Path) -> None:
    ran = triggerlang("why", "log.jsonl", *arguments, cwd=small)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.is_clean


def test_bad_rows_and_duplicates_are_as_in_a_run(small: Path) -> None:
    log = small / "log.jsonl"
    log.write_text(log.read_text() + log.read_text().splitlines()[2] + '\n{"contact": "zoe"}\n')
    ran = triggerlang("why", "log.jsonl", "--contact", "ben", "--automation", "Welcome", cwd=small)
    assert ran.code == 2
    assert "log.jsonl:5" in ran.err
    ran = triggerlang("why", "log.jsonl", "--contact", "ben", "--automation", "Welcome", "--on-bad-event", "skip", cwd=small)
    assert ran.code == 0
    assert ran.err == "Note: 1 row was no event\nNote: 1 duplicate dropped (same contact and id)\n"
    asked = ("--contact", "ben", "--automation", "Welcome")
    again = triggerlang("why", "log.jsonl", *asked, "--on-bad-event", "skip", "--rejects", "bad.jsonl", "-q", cwd=small)
    assert (again.code, again.err, again.out) == (0, "", ran.out)
    assert json.loads((small / "bad.jsonl").read_text())["code"] == "missing-name"


def test_each_option_is_heard(small: Path) -> None:
    (small / "log.jsonl").rename(small / "log")
    (small / "rules").rename(small / "mine")
    parts = ("why", "log", "--log-format", "jsonl", "--rules", "mine", "--contact", "ben")
    for engine in ("interpreter", "columnar"):
        ran = triggerlang(
            "why",
            *parts[1:],
            *("--rule", "Welcome#1", "--engine", engine, "--memory", "1GB", "--temp-dir", ".", "--timezone", "Europe/Berlin"),
            *(
                "--log-format",
                "jsonl",
                "--rules",
                "mine",
                "--contact",
                "ben",
                "--now",
                "2026-02-01",
                "--quiet",
                "--color",
                "never",
                "--no-cache",
            ),
            cwd=small,
        )
        assert (ran.code, ran.err) == (0, "")
        assert "entered on 2026-01-02 11:05" in ran.out
    asked = ("--automation", "Welcome", "--last", "0", "--format", "json")
    assert len(json.loads(triggerlang(*parts, *asked, cwd=small).out)["told"]) == 1
    at = triggerlang("why", *parts[1:], *("--automation", "Welcome", "--at", "2026-01-01", "--last", "1", "--format", "text"), cwd=small)
    assert "no trigger then" in at.out
    day = triggerlang(*parts, "--automation", "Welcome", "--at", "2026-01-02", cwd=small)
    assert "2026-01-02 10:05 entered" in day.out


def test_now_lets_what_waits_come(tmp_path: Path) -> None:
    rules = 'automation "Saver" on event "cart" without event "order" within 1 hour\n'
    project(tmp_path, rules, '{"contact": "ana", "time": "2026-01-02T10:00:00Z", "name": "cart"}\n')
    asked = ("why", "log.jsonl", "--contact", "ana", "--automation", "Saver")
    assert "due on 2026-01-02 11:00, after" in triggerlang(*asked, cwd=tmp_path).out
    ran = triggerlang(*asked, "--now", "2026-01-02 11:00", cwd=tmp_path)
    assert "entered on 2026-01-02 11:00" in ran.out
    (tmp_path / "other.jsonl").write_text('{"contact": "ben", "time": "2026-01-02T12:00:00Z", "name": "x"}\n')
    assert "entered on 2026-01-02 11:00" in triggerlang(*asked[:2], "other.jsonl", *asked[2:], cwd=tmp_path).out


@pytest.mark.parametrize("columns", [10, 20, 21, 37, 80, 300])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    asked = ("why", SAMPLE_LOGS, "--rules", ROOT / "rules", "--contact", "cdnow-14401", "--automation")
    for automation in ("Win back", "Curious", "Moved abroad"):
        ran = on_terminal(*asked, automation, "--color", "never", "--quiet", cwd=ROOT, columns=columns)
        assert ran.code == 0
        assert max(map(width, ran.out.splitlines())) <= min(max(columns, 20), 140)


def test_colour_is_for_terminals(small: Path) -> None:
    assert "\x1b[" in on_terminal("why", "log.jsonl", *ASKED, cwd=small).out
    assert "\x1b[" not in triggerlang("why", "log.jsonl", *ASKED, cwd=small).out
    assert "\x1b[" in triggerlang("why", "log.jsonl", *ASKED, "--color", "always", cwd=small).out


def test_json_is_as_its_schema_says() -> None:
    schema = json.loads((ROOT / "docs" / "schemas" / "why.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    automations = re.findall(r'automation "([^"]+)"', "".join(path.read_text() for path in (ROOT / "rules").glob("*.triggers")))
    for automation in dict.fromkeys(automations):
        ran = sample("--contact", "cdnow-14401", "--automation", automation, "--format", "json")
        assert ran.code == 0
        answer = json.loads(ran.out)
        validator.validate(answer)
        for held, of in described(answer, schema, schema):
            assert held <= of


def described(held: Any, schema: dict[str, Any], whole: dict[str, Any]) -> Any:
    """The keys of each object, and those that its schema describes."""
    while "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(held, dict):
        for one in schema.get("oneOf", []):
            if "$ref" in one:
                yield from described(held, one, whole)
                return
        properties = dict(schema.get("properties", {}))
        for other in schema.get("allOf", []):
            properties.update(whole["$defs"][other["$ref"].rsplit("/", 1)[1]]["properties"])
        if properties:
            yield set(held), set(properties)
        for key, part in held.items():
            if key in properties:
                yield from described(part, properties[key], whole)
    elif isinstance(held, list):
        for part in held:
            yield from described(part, schema.get("items", {}), whole)


HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}\u2028\u202e\x1b[31m&amp;'",
    "javascript:alert(1)",
)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.policy, self.style, self.words = "", "", ""
        self._in_style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attributes)
        self._in_style = tag == "style"
        held = dict(attributes)
        if held.get("http-equiv") == "Content-Security-Policy":
            self.policy = held["content"] or ""

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.style += data
        else:
            self.words += data

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_page_holds_no_more_than_text(hostile: str, tmp_path: Path) -> None:
    rules = (
        'automation "A<b>" on event "x" where event "</script><script>" sum "<p>" >= 5 before\n'
        'declare event "x"\ndeclare event "</script><script>" with "<p>" number\n'
    )
    log = "".join(
        json.dumps({"contact": hostile, "time": f"2026-01-0{day}T00:00:00Z", "name": kind, "properties": {"<p>": hostile}}) + "\n"
        for day, kind in ((1, "</script><script>"), (2, "x"), (3, "x"), (4, hostile))
    )
    project(tmp_path, rules, log)
    asked = ("why", "log.jsonl", "--contact", hostile, "--automation", "A<b>")
    ran = triggerlang(*asked, "--format", "html", cwd=tmp_path)
    assert ran.code == 0, ran.err
    page = Page(ran.out)
    allowed = "html head meta title style body main h1 h2 p section ul li span svg line circle"
    assert page.tags <= set(allowed.split())
    assert not any(attribute.startswith("on") or attribute in ("href", "src", "style") for attribute in page.attributes)
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert page.policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert f"contact {shown(quoted(hostile))}, automation" in page.words
    assert "\x1b" not in triggerlang(*asked, cwd=tmp_path).out
    assert not re.search("[\u2028\u202e\x1b]", ran.out)


@pytest.mark.long
def test_a_contact_with_many_events_gets_a_short_answer(tmp_path: Path) -> None:
    rules = (
        'automation "A" on event "x" where event "order" sum amount >= 5_000_000 and event "order" count >= 3 within 1 day every time\n'
        'automation "B" on event "cart" without event "order" within 2 minutes where in list "News" every time\n'
        'automation "C" on 5 minutes after event "cart" where in list "News" every time\n'
    )
    log = "".join(
        json.dumps(
            {
                "contact": "ana",
                "time": f"2026-01-{1 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:00Z",
                "name": ("x", "order", "cart", "cart")[number % 4],
                "properties": {"amount": number % 97},
            }
        )
        + "\n"
        for number in range(20_000)
    )
    project(tmp_path, rules, log)
    for automation in ("A", "B", "C"):
        ran = triggerlang("why", "log.jsonl", "--contact", "ana", "--automation", automation, cwd=tmp_path)
        assert ran.code == 0
        assert len(ran.out.splitlines()) < 100
        assert re.search("happened (5,000|4,999|9,99.) times", ran.out)


def test_a_condition_with_many_parts_gets_a_short_answer(tmp_path: Path) -> None:
    tests = " and ".join(f'event "e{number}" count >= 1' for number in range(1000))
    deep = "not (" * 90 + 'event "a" count >= 2 or in list "N"' + ")" * 90
    segments = 'segment "s0" is event "a" count >= 1 and event "b" count >= 1\n' + "".join(
        f'segment "s{number}" is in segment "s{number - 1}" or (in segment "s{number - 1}" and in list "N")\n' for number in range(1, 40)
    )
    rules = f'{segments}automation "A"\n on event "x" where {tests}\n on event "x" where {deep}\n on event "x" where in segment "s39"\n'
    project(tmp_path, rules, '{"contact": "ana", "time": "2026-01-02T10:00:00Z", "name": "x"}\n')
    for form in ("text", "json", "html"):
        ran = triggerlang("why", "log.jsonl", "--contact", "ana", "--automation", "A", "--format", form, cwd=tmp_path)
        assert ran.code == 0, ran.err
        assert form == "json" or len(ran.out.splitlines()) < 1000
