"""Brings config/locale/*.po in line with the source code: `python -m lib.i18n.extract [--check]`.

zh_CN.po gets every message that is in use, those still to be translated with an empty text; en.po keeps only
what someone wrote there. Messages nobody uses are dropped. Files are sorted and carry no dates or places, so
that they change only when a text does.
"""

import argparse
import io
import sys
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from lib.i18n.catalogue import po_path, read_catalogue
from lib.i18n.languages import LANGUAGES, Language
from lib.i18n.sources import messages_in_use

_HEADER = r"""msgid ""
msgstr ""
"Language: {language}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""


def rendered(language: Language, old: Catalog, messages: Iterable[str], *, add_missing: bool) -> str:
    """The text of the .po file for `messages`, with the translations and comments of `old`."""
    new = Catalog(locale=language, charset="utf-8")
    for text in messages:
        known = old.get(text)
        if known is not None:
            new.add(text, known.string, flags=known.flags, user_comments=known.user_comments)
        elif add_missing:
            new.add(text, "")
    body = io.BytesIO()
    write_po(body, new, width=0, no_location=True, omit_header=True, sort_output=True)
    return (_HEADER.format(language=language) + body.getvalue().decode("utf-8")).rstrip("\n") + "\n"


def outdated(path: Path, language: Language, messages: Iterable[str]) -> str | None:
    """The new text of the file, None where it is right already."""
    old = read_catalogue(path) if path.exists() else Catalog(locale=language)
    text = rendered(language, old, messages, add_missing=language != "en")
    return None if path.exists() and path.read_text(encoding="utf-8") == text else text


def _replace(path: Path, text: str) -> None:
    # A running application reads these files: it must never see half of one.
    part = path.with_suffix(".po.part")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lib.i18n.extract", description="Update config/locale/*.po.")
    parser.add_argument("--check", action="store_true", help="only say what is out of date (exit 1)")
    check = parser.parse_args(arguments).check
    messages, stale = messages_in_use(), 0
    for language in LANGUAGES:
        path = po_path(language)
        text = outdated(path, language, messages)
        if text is not None:
            stale += 1
            print(f"{path.name}: {'out of date' if check else 'rewritten'}")
            if not check:
                _replace(path, text)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
