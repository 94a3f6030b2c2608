"""Keep the catalogues in src/whatsit/languages: NAME.po, which translators edit, and NAME.json, which pages read.

`python tools/languages.py` takes the sentences that the sources say into each NAME.po and makes NAME.json of it;
`--check` fails where that would change a file, where a sentence is not translated, or where people read one that
no catalogue can have; `--add fr` begins another language.
"""

from __future__ import annotations

import ast
import gettext
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po
from babel.numbers import get_decimal_symbol, get_group_symbol
from scripts import find_bare, find_bare_markup, find_calls, read_script

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "whatsit"
FOLDER = SRC / "languages"
STATIC = SRC / "web" / "static"
TEMPLATES = SRC / "web" / "templates"
SAID = {"gettext": None, "gettext_noop": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2)}
# What takes long is told by these, and pages say it: what is done, and what is counted.
TOLD = ({"progress": None, "working": None}, {"progress": (3,)})
# The scripts and pages that are in every language; those of `whatsit serve` are not.
SCRIPTS = (
    "studio/*.js",
    "sorting/*.js",
    "review/*.js",
    "answer.js",
    "copy.js",
    "heat.js",
    "names.js",
    "translate.js",
)
PAGES = ("_language.html", "review.html", "sorting.html", "studio.html")
OF_OTHERS = {"preact.js"}
REFUSING = ("studio", "sorting")  # folders whose refusals people read
# Refusals there that a page never comes to: of requests that our scripts do not send, and of the command line.
NOT_READ = {"studio/acts.py", "sorting/opening.py", "sorting/page/app.py"}
IN_TERMINALS = {"check_place"}  # functions that only a command calls
SAMPLES = (*range(1001), 10**4, 10**5, 10**6, 10**9)  # numbers by which the forms of a language are told apart
NOT_KEPT = ("Generated-By", "EMAIL@ADDRESS", "LL@li.org")  # lines of a header that say nothing
HEADER = """\
# What the pages of whatsit say, in {name}. Kept by tools/languages.py.
# This file is distributed under the same license as whatsit.
#"""


def main(arguments: list[str]) -> int:
    """Write the catalogues, or compare them; 1 where something is wrong."""
    problems = [*find_untold()]
    template, found = make_template()
    problems += found
    files = sorted(FOLDER.glob("*.po"))
    if "--add" in arguments:
        return _begin(FOLDER / f"{arguments[arguments.index('--add') + 1]}.po", template)
    for file in files:
        problems += _keep(file, template, "--check" in arguments)
    print("".join(f"{problem}\n" for problem in problems), end="")
    return int(bool(problems))


def _begin(file: Path, template: Catalog) -> int:
    """Make the file of another language, in which nothing is translated yet; 1 where there is one."""
    if file.exists():
        print(f"There is {file.name} already.")
        return 1
    file.write_text(write_catalogue(open_catalogue(file, template)), encoding="utf-8")
    return 0


def _keep(file: Path, template: Catalog, is_check: bool) -> list[str]:
    """Write the two files of a language, or compare them; what is wrong with it."""
    catalog = open_catalogue(file, template)
    problems = [f"{file.name}: {problem}" for problem in find_faults(catalog)]
    for path, content in ((file, write_catalogue(catalog)), (file.with_suffix(".json"), make_json(catalog))):
        if path.exists() and path.read_text(encoding="utf-8") == content:
            continue
        if is_check:
            problems.append(f"{path.name} is not what tools/languages.py makes of the sources")
        else:
            path.write_text(content, encoding="utf-8")
    return problems


# --- what the sources say ---


def make_template() -> tuple[Catalog, list[str]]:
    """All sentences that are said, without translations; and those that are computed, which none can have."""
    template = Catalog(project="whatsit")
    problems: list[str] = []
    for file in sorted(STATIC.rglob("*.js")):
        if file.name not in OF_OTHERS:
            for call in find_calls(read_script(file.read_text(encoding="utf-8"))):
                if call.messages:
                    _add(template, call.messages, file)
                elif not call.is_whole:
                    problems.append(
                        f"{_place(file)}:{call.line}: {call.function} is given a text with values in it"
                    )
    for file in sorted(set(SRC.rglob("*.py")) - {SRC / "events.py"}):
        content = file.read_bytes()
        for keywords in (SAID, *TOLD):
            for _, message, _, _ in _extract("python", content, keywords):
                _add(template, (message,) if isinstance(message, str) else message, file)
        problems += [f"{_place(file)}:{line}: a sentence with values in it" for line in _find_computed(content)]
    for file in sorted(TEMPLATES.glob("*.html")):
        for _, message, _, _ in _extract("jinja2", file.read_bytes(), {"_": None}):
            _add(template, (message,) if isinstance(message, str) else message, file)
    for text, file in _list_registered():
        _add(template, (text,), file)
    return template, problems


def find_untold() -> Iterator[str]:
    """Texts that people read and no catalogue has: in scripts, in pages, and in refusals."""
    styles = {
        name for file in STATIC.rglob("*.css") for name in re.findall(r"\.([a-z][\w-]*)", file.read_text("utf-8"))
    }
    for pattern in SCRIPTS:
        for file in sorted(STATIC.glob(pattern)):
            if file.name not in OF_OTHERS:
                for line, text in find_bare(file.read_text(encoding="utf-8"), styles):
                    yield f"{_place(file)}:{line}: not translatable: {text}"
    for name in PAGES:
        for text in find_bare_markup((TEMPLATES / name).read_text(encoding="utf-8")):
            yield f"{_place(TEMPLATES / name)}: not translatable: {text}"
    for folder in REFUSING:
        for file in sorted((SRC / folder).rglob("*.py")):
            if file.relative_to(SRC).as_posix() not in NOT_READ:
                for line in find_bare_refusals(file.read_text(encoding="utf-8")):
                    yield f"{_place(file)}:{line}: not translatable: a refusal as it is written"


def find_bare_refusals(source: str) -> list[int]:
    """The lines on which something is refused in words that no catalogue has."""
    kinds = ("UserError", "DiskFull")
    tree = ast.parse(source)
    tree.body = [one for one in tree.body if getattr(one, "name", "") not in IN_TERMINALS]
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)]
    refusals = [one for one in calls if isinstance(one.func, ast.Name) and one.func.id in kinds]
    said = [(one.lineno, [*one.args, *(word.value for word in one.keywords)]) for one in refusals]
    return [line for line, given in said if any(_is_text(one) for one in given)]


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and bool(node.value))


def _find_computed(content: bytes) -> list[int]:
    """The lines on which a sentence is given with values in it."""
    calls = [one for one in ast.walk(ast.parse(content)) if isinstance(one, ast.Call) and one.args]
    said = [one for one in calls if isinstance(one.func, ast.Name) and one.func.id in SAID]
    return [one.lineno for one in said if any(isinstance(given, ast.JoinedStr) for given in one.args[:2])]


def _list_registered() -> Iterator[tuple[str, Path]]:
    """What registries say of what they hold: the names of checks and what they find, sources and their terms."""
    from whatsit.cleaning.checks import CHECKS
    from whatsit.collecting.sources import SOURCES

    for name, check in CHECKS.items():
        yield name.replace("-", " "), SRC / "cleaning" / "checks" / "__init__.py"
        yield check.help, SRC / "cleaning" / "checks" / "__init__.py"
    for source in SOURCES.values():
        if source.kind != "own":
            yield source.title, SRC / "collecting" / "sources" / "__init__.py"
            if source.terms:
                yield source.terms, SRC / "collecting" / "sources" / "__init__.py"


def _extract(method: str, content: bytes, keywords: dict[str, object]) -> list[tuple]:
    return list(extract(method, io.BytesIO(content), keywords, options={"encoding": "utf-8"}))


def _add(template: Catalog, messages: tuple[str, ...], file: Path) -> None:
    if messages[0]:
        template.add(messages if len(messages) > 1 else messages[0], locations=[(_place(file), 0)])


def _place(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


# --- the files of a language ---


def open_catalogue(file: Path, template: Catalog) -> Catalog:
    """What is translated by now, brought to the sentences of the template; a new one where there is none."""
    if file.exists():
        catalog = read_po(io.BytesIO(file.read_bytes()), locale=file.stem)
    else:
        catalog = Catalog(locale=file.stem, project="whatsit", fuzzy=False)
        catalog.revision_date = catalog.creation_date
    template.creation_date = catalog.creation_date
    catalog.update(template)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    catalog.header_comment = HEADER.format(name=Locale.parse(file.stem).english_name)
    return catalog


def write_catalogue(catalog: Catalog) -> str:
    """A catalogue as gettext writes it."""
    found = io.BytesIO()
    write_po(found, catalog, width=110, include_lineno=False, ignore_obsolete=True)
    lines = found.getvalue().decode().replace("whatsit VERSION", "whatsit").splitlines(keepends=True)
    return "".join(line for line in lines if not any(empty in line for empty in NOT_KEPT))


def make_json(catalog: Catalog) -> str:
    """A catalogue as pages and `whatsit.languages` read it."""
    locale = catalog.locale
    assert locale is not None
    name = locale.get_display_name(locale) or str(locale)
    told = {
        "language": str(locale).replace("_", "-"),
        "name": name[:1].upper() + name[1:],
        "direction": locale.text_direction,
        "decimal": get_decimal_symbol(locale),
        "group": get_group_symbol(locale),
        "plural": catalog.plural_expr,
        "plurals": _find_places(catalog),
        "messages": dict(_list_translated(catalog)),
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _list_translated(catalog: Catalog) -> Iterator[tuple[str, str | list[str]]]:
    for message in _messages(catalog):
        if not message.fuzzy and all(_forms(message)):
            yield _key(message), list(message.string) if message.pluralizable else message.string


def _find_places(catalog: Catalog) -> dict[str, int]:
    """Which form a number takes, by its CLDR category, which browsers know; as the catalogue's rule has it."""
    rule = gettext.c2py(catalog.plural_expr)
    found: dict[str, int] = {}
    for number in SAMPLES:
        category = catalog.locale.plural_form(number)
        if found.setdefault(category, rule(number)) != rule(number):
            raise SystemExit(f"{catalog.locale}: {number} takes another form by gettext than by the CLDR")
    return found


def find_faults(catalog: Catalog) -> Iterator[str]:
    """What is wrong with the translations of a language."""
    wanted = get_plural(catalog.locale)
    if (catalog.num_plurals, catalog.plural_expr) != (wanted[0], wanted[1]):
        yield f"Plural-Forms is not {wanted.plural_forms}"
    for message in _messages(catalog):
        key = _key(message)
        if message.fuzzy:
            yield f"fuzzy: {key!r}"
        elif not all(_forms(message)):
            yield f"not translated: {key!r}"
        elif any(not _has_same_holes(message, form) for form in _forms(message)):
            yield f"other placeholders than the original: {key!r}"


def _has_same_holes(message: Message, form: str) -> bool:
    """Whether a translation has what is filled in as often as the original; a form may say `{count}` in words."""
    wanted = _holes(message.id[-1] if message.pluralizable else message.id)
    found = _holes(form)
    if message.pluralizable and "{count}" not in found:
        del wanted["{count}"]
    return wanted == found


def _holes(text: str) -> Counter[str]:
    return Counter(re.findall(r"\{\w*\}|</?\w+>", text))


def _messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def _key(message: Message) -> str:
    return message.id[0] if message.pluralizable else message.id


def _forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if message.pluralizable else (message.string,)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
