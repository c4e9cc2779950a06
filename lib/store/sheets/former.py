"""What labels of lists and people were called before, as History tells.

A cell goes on showing the label or the name that it was written with; whoever starts later must understand it too.
"""

from collections.abc import Iterable

from lib.domain.workspace import ListItem
from lib.store.port import Row
from lib.store.sheets.history import changes_of
from lib.store.sheets.vocabulary import PEOPLE, Texts


def former_texts(lines: Iterable[Row], items: Iterable[ListItem]) -> Texts:
    """What lines of History tell of labels and names: every text that a code or a person ever had."""
    found: dict[str, dict[str, str]] = {}
    codes = {item.item_id: (item.list_name, item.code) for item in items}
    for line in lines:
        tab, record = line.get("tab"), str(line.get("record_id", ""))
        if tab not in ("lists", "staff"):
            continue
        changes = changes_of(line)
        if tab == "staff":
            texts, (name, code) = changes.get("name", []), (PEOPLE, record)
        else:
            list_name, known = (changes.get(field, [None, None])[1] for field in ("list_name", "code"))
            if list_name and known:
                codes[record] = (str(list_name), str(known))
            texts = [*changes.get("zh", []), *changes.get("en", [])]
            name, code = codes.get(record, ("", ""))
        for text in texts if code else ():
            if isinstance(text, str) and text:
                found.setdefault(name, {})[text] = code
    return found
