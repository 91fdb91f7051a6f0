"""Shells: the scripts that turn completion on, and how they are answered.

In: `_TRIGGERLANG_COMPLETE`, as Click has it: `bash_source` asks for the script, which asks `bash_complete` for a word. Out: the script on
standard output, or a line for each thing that the word may be. The scripts are ours because Click's leave a space behind folders, and write
a name of two words as two.
"""

from __future__ import annotations

import os
import sys
from typing import Any, ClassVar, Final

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete, split_arg_string

from triggerlang.cli.completing import FOLDER

VARIABLE: Final = "_TRIGGERLANG_COMPLETE"

_BASH = r"""
%(complete_func)s() {
    local IFS=$'\n' line kind value
    local begun=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    while IFS= read -r line; do
        kind=${line%%%%,*}
        value=${line#*,}
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            path|folder) compopt -o filenames; COMPREPLY+=("$value") ;;
            name)
                case $begun in
                    \"*) value=${value//\\/\\\\}; value=${value//\"/\\\"}; value=${value//\$/\\\$}; value=${value//\`/\\\`} ;;
                    \'*) ;;
                    *) printf -v value %%q "$value" ;;
                esac
                COMPREPLY+=("$value") ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_ZSH = r"""#compdef %(prog_name)s
%(complete_func)s() {
    local -a lines plain described quoted folders
    local kind value help
    lines=("${(@f)$(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT - 1)) %(complete_var)s=zsh_complete ${~words[1]} 2>/dev/null)}")
    [[ $words[CURRENT] == --*=* ]] && compset -P '*='
    for kind value help in "${lines[@]}"; do
        # Quoted here, a tilde would be one no more.
        [[ $PREFIX == '~'* ]] && value=\~${(q)value#\~}
        case $kind in
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            folder) folders+=("$value") ;;
            path|name) quoted+=("$value") ;;
            plain) if [[ $help == _ ]]; then plain+=("$value"); else described+=("$value:$help"); fi ;;
        esac
    done
    local -a as_is
    [[ $PREFIX == '~'* ]] && as_is=(-Q)
    (( $#described )) && _describe -V values described
    (( $#plain )) && compadd -V values -a plain
    (( $#folders )) && compadd $as_is -V folders -q -S / -a folders
    (( $#quoted )) && compadd $as_is -V files -a quoted
    return 0
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

_FISH = r"""
function %(complete_func)s
    set -l program (commandline -opc)[1]
    set -l typed (commandline -ct)
    for line in (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp | string collect) COMP_CWORD="$typed" $program 2>/dev/null)
        set -l parts (string split -m 1 "," -- $line)
        switch $parts[1]
            case dir
                __fish_complete_directories $typed
            case file
                __fish_complete_path $typed
            case "*"
                printf "%%s\n" $parts[2]
        end
    end
end
complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class _Answering(ShellComplete):
    """What the three have in common: which word is meant."""

    def get_completion_args(self) -> tuple[list[str], str]:
        words = split_arg_string(os.environ.get("COMP_WORDS", ""))
        at = os.environ.get("COMP_CWORD", "")
        number = int(at) if at.isdecimal() else len(words)
        begun = words[number] if number < len(words) else ""
        args = words[1:number]
        if args and args[-1] == "=":
            args.pop()  # Bash takes `--format=text` for three words.
        return args, begun


class Bash(_Answering, BashComplete):
    source_template: ClassVar[str] = _BASH


class Zsh(_Answering, ZshComplete):
    source_template: ClassVar[str] = _ZSH


class Fish(FishComplete):
    source_template: ClassVar[str] = _FISH

    def get_completion_args(self) -> tuple[list[str], str]:
        args = split_arg_string(os.environ.get("COMP_WORDS", ""))[1:]
        begun = (split_arg_string(os.environ.get("COMP_CWORD", "")) or [""])[0]
        if begun and args and args[-1] == begun:
            args.pop()  # It stands in both.
        return args, begun

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        option, sign, _ = incomplete.partition("=")
        found = super().get_completions(args, incomplete)
        if not sign or not option.startswith("--"):
            return found
        # Fish completes the whole word, the option's name too.
        return [CompletionItem(f"{option}={item.value}", item.type, item.help) for item in found]

    def format_completion(self, item: CompletionItem[str]) -> str:
        return super().format_completion(CompletionItem(f"{item.value}/", item.type, item.help) if item.type == FOLDER else item)


SHELLS: Final[dict[str, type[ShellComplete]]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}


def answer(cli: click.Command, asked: str) -> int:
    """Write the script that was asked for, or what a word may be. Raises ClickException for a shell that there is none for."""
    shell, _, what = asked.partition("_")
    if shell not in SHELLS or what not in ("source", "complete"):
        from triggerlang.language.diagnostics import quoted

        scripts = ", ".join(f"{known}_source" for known in SHELLS)
        raise click.ClickException(f"{VARIABLE} is {quoted(asked)}; there are scripts for {scripts}")
    settings: dict[str, Any] = {}
    completion = SHELLS[shell](cli, settings, "triggerlang", VARIABLE)
    said = completion.source().lstrip() if what == "source" else completion.complete()
    sys.stdout.write(f"{said}\n" if said else "")
    sys.stdout.flush()
    return 0
