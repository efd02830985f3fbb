"""The command reference of the README, made from the commands themselves.

python tests/readme_reference.py     write it into README.md
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from typer.main import get_command

from reviewdb.cli import app

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- reference: made by tests/readme_reference.py -->", "<!-- end of reference -->"


def reference() -> str:
    """Return the reference as Markdown: a section for each command with its arguments and options."""
    commands: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]
    every = {
        f"{name} {inner}".strip(): found
        for name, command in commands.items()
        for inner, found in getattr(command, "commands", {"": command}).items()
    }
    return "\n".join(_section(name, command) for name, command in sorted(every.items()))


def _section(name: str, command: Any) -> str:  # noqa: ANN401 - Typer's own type, which it does not publish
    text, _, example = " ".join(command.help.split()).partition("Example: ")
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    usage = " ".join([f"reviewdb {name}", *(_usage(a) for a in arguments)])
    lines = [f"#### `{usage}`", "", text.strip(), "", f"    {example}", ""]
    lines += [f"- `{_usage(a)}`: {a.help}" for a in arguments if a.help]
    lines += [f"- `{', '.join(o.opts)}`: {o.help}" for o in options]
    return "\n".join(lines) + "\n"


def _usage(argument: Any) -> str:  # noqa: ANN401
    shown = argument.metavar or argument.name.upper()
    return shown if argument.required else f"[{shown}]"


def written(readme: str) -> str:
    """Return a README with the reference of now between its marks."""
    shape = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    return shape.sub(lambda _: f"{BEGIN}\n\n{reference()}\n{END}", readme)


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
