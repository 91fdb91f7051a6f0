"""The summary of a run: how much was read, and how many entries each automation has."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from triggerlang.answers.encoding import shown
from triggerlang.engines.evaluating import Outcome


@dataclass(slots=True)
class Summary:
    """What is counted of a run.

    `events` are those that counted; `entries` those that were written, by automation, 0 too; `pending` the absences and moments
    that have neither come nor been broken, by rule, for the rules that have some; `before_log` the triggers whose windows reach
    back before the log begins, by automation, for those that have some.
    """

    rules: int = 0
    events: int = 0
    contacts: int = 0
    rejects: int = 0
    duplicates: int = 0
    seconds: float = 0.0
    entries: dict[str, int] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    before_log: dict[str, int] = field(default_factory=dict)

    @staticmethod
    def of(outcome: Outcome, *, rules: int) -> Summary:
        """What is counted of a run of so many rules, but for the seconds that it took."""
        return Summary(
            rules=rules,
            events=outcome.events,
            contacts=outcome.contacts,
            rejects=outcome.rejected,
            duplicates=outcome.duplicates,
            entries=outcome.by_automation,
            pending=outcome.pending,
            before_log=outcome.before_log,
        )

    @property
    def events_per_second(self) -> int:
        return round(self.events / self.seconds) if self.seconds else 0

    def as_json(self) -> str:
        """As `docs/schemas/summary.schema.json` describes it."""
        document = {
            "events": self.events,
            "contacts": self.contacts,
            "rules": self.rules,
            "entries": self.entries,
            "rejects": self.rejects,
            "duplicates": self.duplicates,
            "pending": self.pending,
            "before_log": self.before_log,
            "seconds": round(self.seconds, 3),
            "events_per_second": self.events_per_second,
        }
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

    def as_text(self) -> str:
        """A few lines for people."""
        read = f"{_some(self.events, 'event')} of {_some(self.contacts, 'contact')}, {_some(self.rules, 'rule')}"
        found = _some(sum(self.entries.values()), "entry", "entries")
        lines = [f"{read}: {found} in {self.seconds:.1f} seconds ({self.events_per_second:,} events a second)"]
        wide = max((len(str(f"{count:,}")) for count in self.entries.values()), default=0)
        lines += [f"  {count:>{wide},}  {shown(name)}" for name, count in self.entries.items()]
        if self.rejects:
            lines.append(f"  {_some(self.rejects, 'bad row')} passed over")
        if self.duplicates:
            lines.append(f"  {_some(self.duplicates, 'duplicate')} dropped (same contact and id)")
        if self.pending:
            lines.append(f"  {_some(sum(self.pending.values()), 'absence or moment', 'absences and moments')} pending")
            lines += _counted(self.pending)
        if self.before_log:
            several = "triggers look back to before the log begins"
            lines.append(f"  {_some(sum(self.before_log.values()), 'trigger looks back to before the log begins', several)}")
            lines += _counted(self.before_log)
        return "\n".join(lines) + "\n"


def _counted(counts: dict[str, int]) -> list[str]:
    wide = max(len(f"{count:,}") for count in counts.values())
    return [f"    {count:>{wide},}  {shown(name)}" for name, count in counts.items()]


def _some(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or one + 's'}"
