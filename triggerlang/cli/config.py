"""Configuration: `triggerlang.toml`, or `[tool.triggerlang]` in `pyproject.toml`.

In: the working folder. Out: where the rules are and which time zone the project has. The file is looked for in the working folder and those above
it, up to the repository's root or the home folder, not beyond. The library reads no configuration; this is the command line's.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from triggerlang.language.nearest import nearest

LARGEST: Final = 1 << 20
"""How many bytes a configuration file may have."""

KEYS: Final = ("rules", "timezone")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The paths of the rules, from the working folder, and the time zone."""

    rules: tuple[str, ...] = ("rules/",)
    timezone: str = "UTC"


def configuration() -> Configuration:
    """What the nearest configuration file says; raises ClickException for one that cannot be used."""
    found = _find()
    if found is None:
        return Configuration()
    file, table = found
    unknown = next((key for key in table if key not in KEYS), None)
    if unknown is not None:
        near = nearest(unknown, KEYS)
        raise click.ClickException(f'{file}: there is no key "{unknown}"' + (f'; the nearest is "{near}"' if near else f"; the keys are {', '.join(KEYS)}"))
    rules, timezone = table.get("rules", "rules/"), table.get("timezone", "UTC")
    paths = [rules] if isinstance(rules, str) else rules
    if not isinstance(paths, list) or not paths or not all(isinstance(path, str) and path for path in paths):
        raise click.ClickException(f'{file}: "rules" is a path or a list of paths, such as rules = "rules"')
    if not isinstance(timezone, str):
        raise click.ClickException(f'{file}: "timezone" is a name, such as timezone = "Europe/Berlin"')
    check_timezone(timezone, f'{file}: "timezone"')
    folder = file.parent
    return Configuration(tuple(_from_here(folder / path) for path in paths), timezone)


def check_timezone(name: str, where: str) -> None:
    """Raise ClickException where there is no time zone of a name."""
    from triggerlang.language.times import zone_exists

    if not zone_exists(name):
        raise click.ClickException(f"{where}: no time zone is called {name!r}; names are those of the IANA, such as Europe/Berlin")


def rule_paths(given: tuple[str, ...]) -> tuple[str, ...]:
    """The paths given, else those of the configuration."""
    return given or configuration().rules


def _from_here(path: Path) -> str:
    """A path as a person in the working folder would write it."""
    try:
        return os.path.relpath(path) if not path.is_relative_to(Path.cwd()) else str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _find() -> tuple[Path, dict[str, Any]] | None:
    here = Path.cwd()
    home = Path(os.path.expanduser("~"))
    for folder in (here, *here.parents):
        own = folder / "triggerlang.toml"
        if own.is_file():
            return own, _read(own)
        shared = folder / "pyproject.toml"
        if shared.is_file():
            tool = _read(shared).get("tool")
            table = tool.get("triggerlang") if isinstance(tool, dict) else None
            if isinstance(table, dict):
                return shared, table
        if folder == home or (folder / ".git").exists():
            return None
    return None


def _read(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        if file.stat().st_size > LARGEST:
            raise click.ClickException(f"{file}: this file is larger than {LARGEST:,} bytes, which no configuration needs")
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file}: this is no TOML: {error}") from error
    except OSError as error:
        raise click.ClickException(f"{file}: this cannot be read: {error.strerror}") from error
