"""The library: what a program sees, without a command line and without a configuration."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import triggerlang
from tests.support.command import LOG, PURCHASES, ROOT, RULES, WRONG, environment, project
from triggerlang.engines.choosing import ENGINES

BEN = [
    {"contact": "ben", "time": datetime(2026, 1, 2, 10, 0, tzinfo=UTC), "name": "signup"},
    {"contact": "ben", "time": datetime(2026, 1, 2, 10, 5, tzinfo=UTC), "kind": "subscribe", "name": "News"},
]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return project(tmp_path)


@pytest.fixture
def rules(small: Path) -> triggerlang.RuleSet:
    return triggerlang.load(small / "rules")


def events(*held: dict[str, Any]) -> list[triggerlang.Event]:
    return [triggerlang.Event(**event) for event in held]


def test_importing_loads_nothing_and_each_name_is_found() -> None:
    program = (
        "import sys, triggerlang\n"
        "print(*[name for name in sys.modules if name.startswith('triggerlang')])\n"
        "for name in triggerlang.__all__: getattr(triggerlang, name)\n"
        "print(set(triggerlang.__all__) <= set(dir(triggerlang)))\n"
        "triggerlang.loda\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines() == ["triggerlang", "True"]
    assert done.stderr.endswith("AttributeError: module 'triggerlang' has no attribute 'loda'\n")


def test_load_gives_rules_or_every_problem(small: Path) -> None:
    assert triggerlang.load(str(small / "rules")).automations == ("Welcome",)
    (small / "rules" / "wrong.triggers").write_text(WRONG)
    (small / "rules" / "wronger.triggers").write_text(WRONG)
    with pytest.raises(triggerlang.RuleError) as caught:
        triggerlang.load(small / "rules")
    places = [problem.span.path.rpartition("/")[2] for problem in caught.value.diagnostics if problem.severity == "error"]
    assert {"wrong.triggers", "wronger.triggers"} <= set(places)
    assert isinstance(caught.value, ValueError)
    with pytest.raises(triggerlang.PathError, match="nowhere"):
        triggerlang.load("nowhere")


def test_no_configuration_is_read(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (small / "triggerlang.toml").write_text('rules = 7\ntimezone = "Asia/Tokyo"\n')
    monkeypatch.chdir(small)
    (small / "log.jsonl").write_text(LOG.replace("Z", ""))
    (entry,) = triggerlang.evaluate(triggerlang.load("rules"), "log.jsonl")
    assert entry.time == datetime(2026, 1, 2, 10, 5, tzinfo=UTC)


def test_a_log_is_a_path_or_paths_or_events(rules: triggerlang.RuleSet, small: Path) -> None:
    log = small / "log.jsonl"
    (entry,) = triggerlang.evaluate(rules, log)
    assert (entry.contact, entry.automation, entry.rule, entry.event) == ("ben", "Welcome", "Welcome#1", "s-1")
    assert entry.source == f"{small}/rules/welcome.triggers:2"
    first, *rest = LOG.splitlines(keepends=True)
    (small / "a.jsonl").write_text(first)
    (small / "b.jsonl").write_text("".join(rest))
    several: list[str | Path] = [small / "a.jsonl", str(small / "b.jsonl")]
    assert list(triggerlang.evaluate(rules, several)) == [entry]
    assert list(triggerlang.evaluate(rules, reversed(several))) == [entry]
    (told,) = triggerlang.evaluate(rules, events(*BEN))
    assert (told.time, told.contact, told.event) == (entry.time, "ben", 2)
    assert list(triggerlang.evaluate(rules, [])) == []


def test_events_may_come_in_any_order_from_any_iterable(rules: triggerlang.RuleSet) -> None:
    def backwards() -> Iterator[triggerlang.Event]:
        yield from reversed(events(*BEN))

    (entry,) = triggerlang.evaluate(rules, backwards())
    assert entry.event == 1


def test_the_whole_log_is_read_before_the_first_entry(rules: triggerlang.RuleSet, small: Path) -> None:
    (small / "log.jsonl").write_text(LOG + "{}\n")
    with pytest.raises(triggerlang.LogError) as caught:
        next(triggerlang.evaluate(rules, small / "log.jsonl"))
    assert (caught.value.file, caught.value.line) == (f"{small}/log.jsonl", 4)
    assert caught.value.reason.startswith("this row has no contact")


def test_the_end_of_a_log_may_be_moved(tmp_path: Path) -> None:
    (tmp_path / "wait.triggers").write_text('on 1 day after event "signup"')
    waiting = triggerlang.load(tmp_path)
    log = [triggerlang.Event(contact="ana", time="2026-01-01 09:00", name="signup")]
    assert list(triggerlang.evaluate(waiting, log)) == []
    assert list(triggerlang.evaluate(waiting, log, now="2026-01-02 08:59:59")) == []
    for now in ("2026-01-02 09:00", date(2026, 1, 3), datetime(2026, 1, 2, 9, tzinfo=UTC)):
        (entry,) = triggerlang.evaluate(waiting, log, now=now)
        assert entry.time == datetime(2026, 1, 2, 9, tzinfo=UTC)
    assert list(triggerlang.evaluate(waiting, log, now="2026-01-02 09:00", timezone="Europe/Berlin"))
    with pytest.raises(ValueError, match="'soon' is no time"):
        triggerlang.evaluate(waiting, log, now="soon")


def test_what_is_no_log_is_refused(rules: triggerlang.RuleSet) -> None:
    for log in ([1], [*events(*BEN), "log.jsonl"], [{"contact": "ben"}]):
        with pytest.raises(TypeError, match="a log is made of paths or of events"):
            list(triggerlang.evaluate(rules, log))  # type: ignore[arg-type]


def test_engines_and_time_zones(rules: triggerlang.RuleSet) -> None:
    for engine in ENGINES:
        assert len(list(triggerlang.evaluate(rules, events(*BEN), engine=engine))) == 1
    with pytest.raises(ValueError, match="no engine is called 'fast': take one of auto, interpreter, columnar"):
        triggerlang.evaluate(rules, [], engine="fast")  # type: ignore[arg-type]
    naive = events(*({**event, "time": "2026-01-02 10:00"} for event in BEN))
    (entry,) = triggerlang.evaluate(rules, naive, timezone="Asia/Tokyo")
    assert entry.time == datetime(2026, 1, 2, 1, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match="no time zone is called 'Mars'"):
        list(triggerlang.evaluate(rules, [], timezone="Mars"))


def test_one_event_at_a_time_gives_the_same() -> None:
    rules = triggerlang.load(ROOT / "rules")
    whole = list(triggerlang.evaluate(rules, PURCHASES))
    engine = triggerlang.Interpreter(rules)
    import json

    fed = []
    for line in PURCHASES.read_text().splitlines():
        held = json.loads(line)
        known = {key: held.pop(key) for key in tuple(held) if key in triggerlang.Event.model_fields}
        known["properties"] = {**held, **known.get("properties", {})}
        fed += engine.feed(triggerlang.Event(**known))
    assert len(whole) > 500
    assert fed == whole


def test_an_entry_cannot_be_changed(rules: triggerlang.RuleSet) -> None:
    (entry,) = triggerlang.evaluate(rules, events(*BEN))
    with pytest.raises(AttributeError):
        entry.contact = "ana"  # type: ignore[misc]
    assert isinstance(entry, triggerlang.Entry)
    assert RULES.startswith(f'automation "{entry.automation}"')
