"""The command line and config.example.toml in, docs/commands.md and docs/configuration.md out: `make references`.

A test holds both pages to what this makes, so that none is written by hand.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_origin

import click
from pydantic import BaseModel, SecretStr

from digest.assets import EXAMPLE_CONFIG
from digest.cli import main
from digest.config import DkimKey, Newsletter, RelayTable, Settings, SourceSettings, Webhook

DOCS = Path(__file__).resolve().parents[1] / "docs"
MADE = "<!-- Made by `make references`: change {where}, not this page. -->\n"
TABLE = re.compile(r"(?:# )?\[+([a-z.]+)\]+")
KEY = re.compile(r"(?:# )?([a-z_0-9]+) = (.+)")
LISTS: dict[str, type[BaseModel]] = {
    "sources": SourceSettings,
    "webhooks": Webhook,
    "smtp.relays": RelayTable,
    "dkim.keys": DkimKey,
    "newsletters.daily": Newsletter,
}

SIMPLE = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    SecretStr: "text",
    Path: "a path",
    time: "a time of the day",
    date: "a date",
    datetime: "a date and a time",
}


def commands() -> str:
    """Each command as `--help` tells it."""
    head = "# Commands\n\nWhat `--help` says.  What all commands share is in [operating](operating.md#exit-codes).\n"
    return "\n".join([MADE.format(where="the commands"), head, *_sections(main, "digest")])


def _sections(command: click.Command, called: str, parent: click.Context | None = None) -> Iterator[str]:
    name = called if parent is None else called.rpartition(" ")[2]
    # As click itself makes it.  A command keeps the help option of whoever first asks for it.
    context = click.Context(command, info_name=name, parent=parent, **(command.context_settings or {}))
    context.terminal_width = context.max_content_width = 100
    said = context.get_help().replace("\b\n", "")
    yield f"## `{called}`\n\n```text\n{said.rstrip()}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _sections(below, f"{called} {name}", context)


def configuration() -> str:
    """Each key with its default, the values it takes, and the comment of the example."""
    return "\n".join([MADE.format(where="config.example.toml"), *_tables(EXAMPLE_CONFIG.read_text(encoding="utf-8"))])


def _tables(example: str) -> Iterator[str]:
    yield "# Configuration\n"
    table, told = "", []
    for line in example.splitlines():
        if found := TABLE.fullmatch(line):
            table = found[1]
            yield f"## `[{table}]`\n"
            yield from _prose(told)
            told = []
        elif (found := KEY.fullmatch(line)) and table and _field(table, found[1]) is not None:
            yield from _entry(table, found[1], found[2], told, has_default=not line.startswith("#"))
            told = []
        elif line.startswith("#"):
            told.append(line.removeprefix("#").strip())
        elif told:  # an empty line: what came before is of no key
            yield from _prose(told)
            told = []


def _prose(told: list[str]) -> Iterator[str]:
    if told:
        yield "\n".join(told).replace("docs/", "").strip() + "\n"


def _entry(table: str, key: str, value: str, told: list[str], *, has_default: bool) -> Iterator[str]:
    yield f"### `{table}.{key}`\n"
    yield from _prose(told)
    yield f"{'Default' if has_default else 'For example'}: `{value}`.  Takes: {_takes(_field(table, key))}.\n"


def _field(table: str, key: str) -> Any:
    model: Any = LISTS.get(table, Settings)
    for name in () if table in LISTS else table.split("."):
        model = model.model_fields[name].annotation
    return model.model_fields.get(key)


def _takes(field: Any) -> str:
    """In words, from the annotation: it is what is checked."""
    said = _type(field.annotation)
    bounds = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    found = ((word, getattr(one, sign, None)) for one in field.metadata for sign, word in bounds.items())
    return ", ".join([said, *(f"{word} {limit}" for word, limit in found if limit is not None)])


def _type(annotation: Any) -> str:
    if annotation in SIMPLE:
        return SIMPLE[annotation]
    origin, inside = get_origin(annotation), getattr(annotation, "__args__", ())
    if origin in {Union, UnionType}:
        return " or ".join(dict.fromkeys(_type(one) for one in inside if one is not type(None)))
    if origin is Annotated:
        return _type(annotation.__origin__)
    return _several(annotation, origin, inside)


def _several(annotation: Any, origin: Any, inside: tuple[Any, ...]) -> str:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"a table of {', '.join(annotation.model_fields)}"
    if origin is tuple:
        return f"a list, each {_type(inside[0])}"
    if origin is Mapping:
        return f"a table by name, each {_type(inside[1])}"
    return " or ".join(f'`"{one}"`' for one in inside or annotation)  # a Literal, or an enumeration


PAGES = {"commands.md": commands, "configuration.md": configuration}

if __name__ == "__main__":
    for page, make in PAGES.items():
        (DOCS / page).write_text(make(), encoding="utf-8")
        sys.stdout.write(f"docs/{page}\n")
