"""The papers tell of what there is: every command, every layer, no dead link, and nothing that does not exist."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import references
from digest.cli import main
from digest.config import Settings
from digest.errors import DigestError

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("samples/*.md")])
WRITTEN = [page for page in PAGES if page.name != "commands.md"]  # which is made from the commands themselves
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}


def commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below `group`, with the words that call it."""
    context = click.Context(group, **group.context_settings)
    for name in group.list_commands(context):  # some are loaded only when asked for
        command = group.get_command(context, name)
        assert command is not None
        yield (*words, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))


COMMANDS = dict(commands(main))


def code(text: str) -> Iterator[str]:
    """What stands in code spans, and the lines of code blocks."""
    for number, part in enumerate(text.split("```")):
        if number % 2:
            yield from part.splitlines()[1:]
        else:
            yield from re.findall(r"`([^`]+)`", part)


def calls(text: str) -> Iterator[list[str]]:
    """The words after `digest` in each command that a text shows."""
    for line in code(text):
        # A path such as .venv/bin/digest counts; `import digest.assets` and `digest.db` do not.
        for call in re.findall(r"(?:^|[\s/=])digest((?: [^\s#&|;]+)+)", line):
            yield call.split()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_is_in_the_docs(words):
    told = {
        tuple(call[: len(words)]) for page in WRITTEN for call in calls(TEXTS[page]) if page.parent != ROOT / "samples"
    }
    assert words in told, f"`digest {' '.join(words)}` is nowhere in docs/ or README.md"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_no_page_names_a_command_or_an_option_that_does_not_exist(page):
    for call in calls(TEXTS[page]):
        words, rest = spoken(call)
        shown = f"digest {' '.join(call)}"
        assert words, f"{page.name}: `{shown}` is no command"
        command = COMMANDS[words]
        options = {option for one in [*command.params, *main.params] for option in one.opts} | {"--help"}
        for word in rest:
            if word.startswith("--"):
                assert word.partition("=")[0] in options, f"{page.name}: `{shown}` has no option {word}"
        if isinstance(command, click.Group) and rest:
            assert rest[0].startswith("-"), f"{page.name}: `{shown}` is no command"


def spoken(call: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The longest command that a call begins with, and the words after it.  Options of `digest` itself are passed."""
    while call and call[0].startswith("-"):
        takes_value = call[0] == "--config"
        call = call[2 if takes_value else 1 :]
    for length in range(len(call), 0, -1):
        if tuple(call[:length]) in COMMANDS:
            return tuple(call[:length]), call[length:]
    return (), call


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_project_resolve(page):
    text = re.sub(r"(?s)```.*?```", "", TEXTS[page])
    for target in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", text):
        link = target[0] or target[1]
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in anchors(TEXTS[found]), f"{page.name}: {link}"


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_that_a_page_names_exist(page):
    """As in `smtp.connections`, or DIGEST_SMTP__PASSWORD."""
    tables = {name: field.annotation for name, field in Settings.model_fields.items()}
    for span in code(TEXTS[page]):
        for table, key in re.findall(r"^(site|smtp|dkim|web|database)\.([a-z_]+)$", span):
            assert key in tables[table].model_fields, f"{page.name}: {span}"
        for table, key in re.findall(r"DIGEST_([A-Z]+)__([A-Z_]+)", span):
            if table != "NEWSLETTERS":
                assert key.lower() in tables[table.lower()].model_fields, f"{page.name}: {span}"


def test_the_design_names_each_layer_in_the_order_of_the_contract():
    (contract,) = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    rows = [set(re.findall(r"`([a-z]+)`", line.split("|")[1])) for line in layers_table()]
    wanted = [set(re.findall(r"[a-z]+", layer)) for layer in contract["layers"]]
    assert rows == wanted


def layers_table() -> list[str]:
    text = TEXTS[ROOT / "docs/design.md"].partition("## Layers")[2].partition("\n## ")[0]
    return [line for line in text.splitlines() if line.startswith("| `")]


def test_the_glossary_is_in_alphabetical_order_and_names_each_state():
    entries = re.findall(r"(?m)^\| ([a-z][^|]*) \|", TEXTS[ROOT / "docs/glossary.md"])[1:]
    assert entries == sorted(entries)
    assert {"article", "story", "edition", "rendered", "delivery", "outcome", "suppression", "slot"} <= set(entries)


def test_the_exit_codes_are_those_of_the_errors():
    told = set(re.findall(r"(?m)^\| (\d+) \|", TEXTS[ROOT / "docs/operating.md"]))
    raised = {str(error.exit_code) for error in [DigestError, *DigestError.__subclasses__()]}
    assert told == {"0", "2", "75"} | raised


@pytest.mark.parametrize("page", references.PAGES)
def test_the_references_are_what_the_program_says(page):
    made = references.PAGES[page]()
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == made, "`make references` makes it anew"


def test_the_references_leave_nothing_out():
    made = references.configuration()
    for name, model in [("newsletters.daily", references.Newsletter), ("sources", references.SourceSettings)]:
        for key in model.model_fields:
            assert f"### `{name}.{key}`" in made
    for words in COMMANDS:
        assert f"## `digest {' '.join(words)}`" in references.commands()


def test_every_page_is_in_the_site():
    told = re.findall(r"([a-z]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(page.name for page in ROOT.glob("docs/*.md"))


def test_no_page_names_a_machine_or_a_work_in_progress():
    for page, text in TEXTS.items():
        assert not re.search(r"(?<!\w)/(work|root|home|tmp)/|TODO|FIXME", text), page.name
