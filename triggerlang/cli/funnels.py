"""`triggerlang why` without a contact: how far the triggers of an automation's rules came."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from triggerlang.cli.color import wants_color
from triggerlang.cli.reading import Reading, at_work, outputs_of

if TYPE_CHECKING:
    from triggerlang.answers.funnels.telling import ToldAutomation
    from triggerlang.answers.why.story import Story
    from triggerlang.checking.ruleset import RuleSet
    from triggerlang.events.files import LogFile


def funnel_of(
    reading: Reading, files: list[LogFile], project: RuleSet, automation: str, rule: int | None, *, is_quiet: bool
) -> ToldAutomation:
    """Run what an automation depends on over a log, and tell how far the triggers of its rules, or of one by its number, came."""
    from triggerlang.answers.funnels.telling import told
    from triggerlang.engines import evaluating
    from triggerlang.network.needed import needed

    rules = needed(project, [automation])
    path = reading.options.rejects
    with reading.ahead(files) as ahead, outputs_of() as outputs:
        rejected = None if path is None else outputs.text(path)
        choice = reading.choice(files, is_told=False)
        with at_work(reading, files, ahead, rejected, is_quiet=is_quiet) as work:
            work.request.counts = True
            outcome = evaluating.run(rules, work.request, choice, work.watcher)
            work.progress.end()
        outputs.finish()
        outputs.publish()
    assert outcome.funnel is not None
    (found,) = (each for each in told(rules, outcome.funnel) if each.name == automation)
    return found if rule is None else replace(found, rules=tuple(each for each in found.rules if each.rule.number == rule))


def show(automation: ToldAutomation, reading: Reading, output_format: str, color: str) -> None:
    """Write the funnel to standard output."""
    if output_format == "json":
        from triggerlang.answers.funnels import as_json

        sys.stdout.write(as_json.render([automation]))
        return
    from triggerlang.answers.funnels.story import story

    sys.stdout.write(rendered(story(automation, reading.zone), output_format, color))


def rendered(story: Story, output_format: str, color: str) -> str:
    """A story as a page or as text, as wide as the terminal."""
    from triggerlang.answers.why import page, text

    if output_format == "html":
        return page.render(story)
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else text.WITHOUT_TERMINAL
    return text.render(story, columns, color=wants_color(color, sys.stdout))
