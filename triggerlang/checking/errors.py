"""Errors of rules."""

from __future__ import annotations

from triggerlang.language.diagnostics import Diagnostic


class RuleError(ValueError):
    """Rules with errors. `diagnostics` holds all that was found, warnings too; the text names each error's place."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        from triggerlang.checking.render import concise

        self.diagnostics = diagnostics
        super().__init__(concise.render([problem for problem in diagnostics if problem.severity == "error"]).rstrip("\n"))


class PathError(ValueError):
    """A path to rules that cannot be read: `path`, what is wrong with it, and the way out."""

    def __init__(self, path: str, message: str, help: str | None = None) -> None:
        self.path, self.message, self.help = path, message, help
        super().__init__(f"{path}: {message}" + (f" ({help})" if help else ""))
