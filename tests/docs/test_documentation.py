"""The documentation held to account: what it names exists, and what exists is named."""

import ast
import importlib
import importlib.util
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "releve"
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"

# What an entry of the journal can be called; a kind made of acts ends with its version.
KIND = re.compile(r"(message|initial|crisis|account|paper|journal|hospital)\.[a-z0-9-]+(\.[0-9]+)?")
# Names of files that look like kinds.
NOT_KINDS = re.compile(r".*\.(toml|sqlite3|sock|lock|key|md|json|html|css|py|sqlite|head)")


def pages() -> list[Path]:
    """Return every Markdown page of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).exists()]


def page_name(path: Path) -> str:
    """Return a page's name inside the repository."""
    return str(path.relative_to(ROOT))


def without_code(text: str) -> str:
    """Return the text without fenced blocks and code between backquotes."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as forges make them."""
    found = set()
    for heading in re.findall(
        r"^#+ +(.+?) *$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.M
    ):
        words = re.sub(r"[^\w\- ]", "", heading.lower(), flags=re.UNICODE)
        found.add(words.strip().replace(" ", "-"))
    return found


# ------------------------------------------------------------------------------------------ pages


@pytest.mark.parametrize("page", pages(), ids=page_name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    """Someone follows it at night, on paper or without a network: it must be in this repository."""
    text = page.read_text(encoding="utf-8")
    broken = []

    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            broken.append(target)

    assert not broken


def test_every_decision_is_in_the_list_of_decisions() -> None:
    """A decision nobody finds is taken again, differently."""
    listed = (DOCS / "adr" / "README.md").read_text(encoding="utf-8")

    missing = [page.name for page in (DOCS / "adr").glob("[0-9]*.md") if f"({page.name})" not in listed]

    assert not missing


@pytest.mark.parametrize("page", sorted((DOCS / "adr").glob("[0-9]*.md")), ids=page_name)
def test_a_decision_says_its_context_its_consequences_and_what_would_reopen_it(page: Path) -> None:
    """Without them the next person can only obey or ignore it."""
    headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.M)

    assert headings == ["Context", "Decision", "Consequences", "What would make us look again"]


@pytest.mark.parametrize("note", sorted((ROOT / "changelog.d").glob("[!R]*.md")), ids=page_name)
def test_a_note_of_a_change_opens_with_what_it_is_for_its_reader(note: Path) -> None:
    """A nurse reads the first line and decides whether to go on."""
    first = note.read_text(encoding="utf-8").splitlines()[0]

    assert re.match(r"(New|Changed|Fixed|Security): \S", first)


def test_every_make_target_that_a_page_names_exists() -> None:
    """The first thing a newcomer types must not fail."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = {
        target
        for page in pages()
        for code in re.findall(r"`([^`\n]+)`|^(make [a-z]+)", page.read_text(encoding="utf-8"), re.M)
        for target in re.findall(r"^make ([a-z]+)\b", "".join(code))
    }

    assert named <= targets


def test_every_room_is_on_the_plan_of_the_house() -> None:
    """A room that is not on the plan is where things get lost."""
    plan = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in SOURCE.glob("*/__init__.py")}

    missing = {room for room in rooms if f"| `{room}`" not in plan and f"| `{room}/*`" not in plan}

    assert rooms
    assert not missing


# --------------------------------------------------------------------------------------- commands


def command_line() -> Any:
    """Return the command line's root command."""
    typer_main = importlib.import_module("typer.main")
    return typer_main.get_command(importlib.import_module("releve.app.cli").app)


def commands(command: Any, words: tuple[str, ...] = ("releve",)) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each command that can be run, with the words that call it."""
    if not hasattr(command, "list_commands"):
        yield words, command
        return
    for name in sorted(command.list_commands(None)):
        child = command.get_command(None, name)
        if not child.hidden:
            yield from commands(child, (*words, name))


def options_of(command: Any) -> set[str]:
    """Return the long options of a command."""
    return {
        option
        for parameter in command.params
        if not getattr(parameter, "hidden", False)
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--")
    }


def test_every_command_and_option_is_in_the_reference() -> None:
    """At night, without a network, the page is all there is."""
    root = command_line()
    text = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    missing = []

    for words, command in commands(root):
        name = " ".join(words)
        if not re.search(rf"`?{re.escape(name)}\b", text):
            missing.append(name)
            continue
        missing += [f"{name} {option}" for option in options_of(command) - {"--help"} if option not in text]

    assert not missing


def test_every_command_says_what_it_does_with_an_example() -> None:
    """Help without an example is read twice and tried three times."""
    root = command_line()
    silent = []

    for words, command in commands(root):
        said = f"{command.help or ''} {getattr(command, 'epilog', '') or ''}"
        if " ".join(words) not in said:
            silent.append(" ".join(words))

    assert not silent


def lines_that_call_us(text: str) -> Iterator[list[str]]:
    """Yield the words of each line of a shell block that runs `releve`."""
    for block in re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            line = line.split(" #")[0].split("|")[0].rstrip("& ")
            words = shlex.split(line)
            if words and words[0].rsplit("/", 1)[-1] == "releve":
                yield words[1:]


@pytest.mark.parametrize("page", pages(), ids=page_name)
def test_every_command_of_a_page_exists_with_its_options(page: Path) -> None:
    """A page that names an option of last year is worse than none."""
    called = list(lines_that_call_us(page.read_text(encoding="utf-8")))
    known = {words[1:]: command for words, command in commands(command_line())} if called else {}
    wrong = []

    for words in called:
        name = next((tuple(words[:n]) for n in (3, 2, 1) if tuple(words[:n]) in known), None)
        if name is None:
            wrong.append(" ".join(words))
            continue
        options = {word.split("=")[0] for word in words if word.startswith("--")}
        wrong += [f"{' '.join(name)} {option}" for option in options - options_of(known[name]) - {"--help"}]

    assert not wrong


# ------------------------------------------------------------------------------ kinds and settings


def kinds() -> dict[str, str]:
    """Return every kind of entry named in the code, and one file that names it."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                value = node.value
                if KIND.fullmatch(value) and not NOT_KINDS.fullmatch(value):
                    found.setdefault(value, page_name(path))
    return found


def test_every_kind_of_entry_is_in_the_reference() -> None:
    """The journal must be readable in ten years by someone who has only these pages."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in sorted(REFERENCE.glob("*.md")))

    missing = {kind: where for kind, where in kinds().items() if f"`{kind}`" not in text}

    assert not missing


def test_every_setting_is_in_the_reference() -> None:
    """`releve.toml` is the only configuration: what is not described cannot be set."""
    fields = importlib.import_module("msgspec").structs.fields
    settings = importlib.import_module("releve.app.settings").IslandSettings
    text = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    missing = []

    for section in fields(settings):
        part = text.partition(f"## `[{section.name}]`")[2].partition("\n## ")[0]
        missing += [
            f"[{section.name}] {field.name}"
            for field in fields(section.type)
            if f"`{field.name}`" not in part
        ]

    assert not missing
