"""Repository: rule files as CI systems know them, by their paths from the repository's root.

In: a path as the user named it, from the working folder. Out: its path from the root, which is the nearest folder above with a `.git`, else
the working folder; or its place as a URI.
"""

from __future__ import annotations

import os


class Repository:
    """The repository that the working folder lies in."""

    def __init__(self) -> None:
        self._root = _root()
        self._paths: dict[str, str | None] = {}
        self._uris: dict[str, tuple[str, bool]] = {}

    def path(self, path: str) -> str | None:
        """A path from the root, with `/` between its parts and none of them `..`; None for what lies outside."""
        if path not in self._paths:
            self._paths[path] = self._from_root(path)
        return self._paths[path]

    def text(self, path: str) -> str:
        """The path from the root, as Unicode text; the path as it was named for what lies outside."""
        inside = self.path(path)
        return os.fsencode(path if inside is None else inside).decode("utf-8", "replace")

    def uri(self, path: str) -> tuple[str, bool]:
        """The path as a URI, and whether it is one from the root; what lies outside has an absolute one."""
        if path not in self._uris:
            self._uris[path] = self._as_uri(path)
        return self._uris[path]

    def _as_uri(self, path: str) -> tuple[str, bool]:
        from urllib.parse import quote

        inside = self.path(path)
        if inside is not None:
            return quote(os.fsencode(inside)), True
        absolute = os.path.realpath(path).replace(os.sep, "/")
        return "file://" + ("" if absolute.startswith("/") else "/") + quote(os.fsencode(absolute)), False

    def _from_root(self, path: str) -> str | None:
        if self._root is None:
            return None
        # What `..` leads to behind a link, the system alone knows.
        has_steps_up = ".." in path.replace(os.sep, "/").split("/")
        for place in (os.path.realpath(path),) if has_steps_up else (os.path.abspath(path), os.path.realpath(path)):
            try:
                found = os.path.relpath(place, self._root).replace(os.sep, "/")
            except ValueError:
                continue  # On another drive.
            if not found.startswith("../"):
                return found
        return None


def _root() -> str | None:
    try:
        here = os.getcwd()
    except OSError:
        return None  # The folder is not there any more; what is checked was named by absolute paths.
    folder = here
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return here
        folder = above
    return folder
