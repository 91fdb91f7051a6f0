"""Configuration: `triggerlang.toml`, or `[tool.triggerlang]` in `pyproject.toml`.

In: the working folder. Out: where the rules are, which time zone the project has and which codes of `check` it allows. The file is looked
for in the working folder and those above it, up to the repository's root or the home folder, not beyond. One that lies above and belongs to
somebody else is named when it is used. The library reads no configuration; this is the command line's.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from triggerlang.answers.encoding import shown

LARGEST: Final = 1 << 20
"""How many bytes a configuration file may have."""

KEYS: Final = ("rules", "timezone", "allow")

_LONG_KEY: Final = r"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){100}"""
"""A key of many parts: Python's reader takes a time that grows with the square of their number, and more."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The paths of the rules, from the working folder, the time zone, and the codes that are allowed."""

    rules: tuple[str, ...] = ("rules/",)
    timezone: str = "UTC"
    file: str | None = None
    """The file that says so."""
    allow: tuple[str, ...] = ()


def configuration() -> Configuration:
    """What the nearest configuration file says; raises ClickException for one that cannot be used."""
    found = _find()
    if found is None:
        return Configuration()
    file, table = found
    name = shown(str(file))
    unknown = next((key for key in table if key not in KEYS), None)
    if unknown is not None:
        from triggerlang.language.diagnostics import quoted
        from triggerlang.language.nearest import nearest

        near = nearest(unknown, KEYS)
        way_out = f'the nearest is "{near}"' if near else f"the keys are {', '.join(KEYS)}"
        raise click.ClickException(f"{name}: there is no key {quoted(unknown)}; {way_out}")
    rules, timezone = table.get("rules", "rules/"), table.get("timezone", "UTC")
    paths = [rules] if isinstance(rules, str) else rules
    if not isinstance(paths, list) or not paths or not all(isinstance(path, str) and path for path in paths):
        raise click.ClickException(f'{name}: "rules" is a path or a list of paths, such as rules = "rules"')
    if not isinstance(timezone, str):
        raise click.ClickException(f'{name}: "timezone" is a name, such as timezone = "Europe/Berlin"')
    check_timezone(timezone, f'{name}: "timezone"')
    allow = table.get("allow", [])
    if not isinstance(allow, list) or not all(isinstance(code, str) for code in allow):
        raise click.ClickException(f'{name}: "allow" is a list of codes, such as allow = ["empty-file"]')
    return Configuration(tuple(from_here(file.parent / path) for path in paths), timezone, str(file), tuple(allow))


def check_timezone(name: str, where: str) -> None:
    """Raise ClickException where there is no time zone of a name."""
    from triggerlang.language.diagnostics import quoted
    from triggerlang.language.times import zone_exists

    if not zone_exists(name):
        raise click.ClickException(f"{where}: no time zone is called {quoted(name)}; names are those of the IANA, such as Europe/Berlin")


def rule_paths(given: tuple[str, ...]) -> tuple[str, ...]:
    """The paths given, else those of the configuration."""
    return given or configuration().rules


def from_here(path: Path) -> str:
    """A path as a person in the working folder would write it."""
    try:
        return os.path.relpath(path)
    except ValueError:
        return str(path)  # On another drive.


def _find() -> tuple[Path, dict[str, Any]] | None:
    try:
        here = Path.cwd()
    except OSError as error:
        raise click.ClickException("the folder that you are in is not there any more") from error
    home = Path(os.path.expanduser("~"))
    for folder in (here, *here.parents):
        found = _in_folder(folder)
        if found is not None:
            file = found[0]
            if folder != here and _is_foreign(file):
                sys.stderr.write(f"Note: {shown(str(file))} is used; it belongs to another user\n")
            return found
        if folder == home or (folder / ".git").exists():
            return None
    return None


def _in_folder(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    own = folder / "triggerlang.toml"
    if own.is_file():
        return own, _read(own)
    shared = folder / "pyproject.toml"
    if shared.is_file():
        tool = _read(shared).get("tool")
        if isinstance(tool, dict) and "triggerlang" in tool:
            table = tool["triggerlang"]
            if not isinstance(table, dict):
                raise click.ClickException(f"{shown(str(shared))}: [tool.triggerlang] is a table, with the keys {', '.join(KEYS)}")
            return shared, table
    return None


def _is_foreign(file: Path) -> bool:
    """Whether a file belongs to somebody else than the user or the administrator."""
    return hasattr(os, "geteuid") and file.stat().st_uid not in (0, os.geteuid())


def _read(file: Path) -> dict[str, Any]:
    import re
    import tomllib

    name = shown(str(file))
    try:
        if file.stat().st_size > LARGEST:
            raise click.ClickException(f"{name}: this file is larger than {LARGEST:,} bytes, which no configuration needs")
        text = file.read_text(encoding="utf-8-sig")
        if re.search(_LONG_KEY, text):
            raise click.ClickException(f"{name}: a key has more than 100 parts, which no configuration needs")
        return tomllib.loads(text)
    except RecursionError as error:
        raise click.ClickException(f"{name}: this is nested too deeply") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{name}: this is no TOML: {error}") from error
    except ValueError as error:
        raise click.ClickException(f"{name}: a number in it has too many digits") from error
    except OSError as error:
        raise click.ClickException(f"{name}: this cannot be read: {error.strerror}") from error
