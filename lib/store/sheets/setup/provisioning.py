"""Making the tabs that the store needs: two calls for an empty spreadsheet, one where nothing is missing.

Of several processes that set up at once, one makes everything: the marker of sequence 0 goes with it. A column that was
here once and has no header any more is not made again: its data may stand under a header that somebody renamed.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lib.errors import NoWorkspace, TabMissing
from lib.store.schema import Schema
from lib.store.schema_number import OURS, require_known
from lib.store.sheets.api.client import Rejected, SheetsClient
from lib.store.sheets.model.declared import declare_request, read_declared
from lib.store.sheets.model.layout import (
    FIELDS,
    META,
    Layout,
    missing_columns,
    more_columns,
    new_tab,
    read_layout,
    technical,
)
from lib.store.sheets.model.meta import (
    WRITE_ID,
    MetaCell,
    meta_tab,
    only_cell,
    put_json,
    range_of,
    read_object,
    read_text,
)
from lib.store.sheets.model.tabs import sheet_tabs
from lib.store.sheets.model.updates import Request
from lib.store.sheets.write.requests import marker


@dataclass(frozen=True, slots=True)
class MissingPart:
    """One thing that is missing: a tab, or some columns of one that is there, with the texts of their headers."""

    tab: str
    columns: tuple[str, ...]
    requests: Sequence[Request]
    texts: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        return ", ".join(f"add {self.tab}.{key}" for key in self.columns) or f"create {self.tab}"


def provision(client: SheetsClient, schema: Schema, language: str, *, create: bool) -> Sequence[str]:
    """Create missing tabs and columns; says what was done. Raises NoWorkspace where nothing is there and nothing may be
    created, TabMissing where the app's own tab alone is gone: a new one would begin to count again."""
    schema = sheet_tabs(schema)
    layout = read_layout(client.metadata(FIELDS))
    if META not in layout.sheets and layout.sheets:
        raise TabMissing(META)
    if META not in layout.sheets and not create:
        raise NoWorkspace(client.spreadsheet_id)
    about = client.values([layout.range(META, "1:1")])[0].get("values", []) if META in layout.sheets else []
    declared = read_declared(about[0] if about else ())
    require_known(declared.number)
    steps = missing(client, layout, schema, language)
    known = read_object(read_text(about[0], MetaCell.COLUMNS)) if about else {}
    requests = requests_of(steps, schema, known) if steps else []
    if declared.number < OURS:
        requests.append(declare_request(schema))
    if not requests:
        return []
    body = json.dumps({"requests": requests}, ensure_ascii=False).encode()
    try:
        client.update(body)
    except Rejected as rejected:
        if "already exists" in rejected.why:  # somebody else was quicker
            return []
        raise
    return [step.what for step in steps]


def missing(
    client: SheetsClient, layout: Layout, schema: Schema, language: str, *, lost_too: bool = False
) -> Sequence[MissingPart]:
    """What is to be made; with `lost_too` also columns that were here once and have no header any more."""
    return list(_steps(client, layout, schema, language, lost_too=lost_too))


def requests_of(
    steps: Sequence[MissingPart], schema: Schema, known: Mapping[str, Sequence[str]] | None = None
) -> list[Request]:
    """All of it, and the memory of it (with what was `known` before), as the requests of one batch."""
    fresh = any(step.tab == META for step in steps)
    wanted = [request for step in steps for request in step.requests]
    return [*([marker(0, WRITE_ID)] if fresh else []), *wanted, _remember(schema, known or {})]


def _steps(
    client: SheetsClient, layout: Layout, schema: Schema, language: str, *, lost_too: bool
) -> Iterator[MissingPart]:
    index = len(layout.sheets)
    present = [name for name in schema if name in layout.sheets]
    for name in schema:
        if name not in layout.sheets:
            yield MissingPart(name, (), list(new_tab(schema[name], language, index)))
            index += 1
    if META not in layout.sheets:
        yield MissingPart(META, (), list(meta_tab(index)))
        present = []
    if present:
        yield from _columns(client, layout, schema, present, language, lost_too=lost_too)


def _columns(
    client: SheetsClient,
    layout: Layout,
    schema: Schema,
    present: Sequence[str],
    language: str,
    *,
    lost_too: bool,
) -> Iterator[MissingPart]:
    own = layout.range(META, range_of(MetaCell.COLUMNS))
    found = client.values([own, *(layout.range(name, "1:1") for name in present)])
    known = read_object(only_cell(found[0].get("values", [])))
    for name, part in zip(present, found[1:], strict=True):
        header = part.get("values", [[]])[0]
        made = () if lost_too else known.get(name, ())
        wanted = tuple(key for key in missing_columns(schema, name, header) if key not in made)
        if wanted:
            texts = tuple(_header(schema, name, key, language) for key in wanted)
            end = _end(client, layout, name)
            yield MissingPart(name, wanted, list(more_columns(name, end, texts, layout.sheets[name])), texts)


def _end(client: SheetsClient, layout: Layout, name: str) -> int:
    """How many columns hold anything, with a header or without."""
    return max(map(len, client.values([layout.range(name)])[0].get("values", [])), default=0)


def _header(schema: Schema, name: str, key: str, language: str) -> str:
    column = schema[name].columns.get(key)
    return column.label(language) if column else key


def _remember(schema: Schema, known: Mapping[str, Sequence[str]]) -> Request:
    ours = {name: (*tab.columns, *technical(name)) for name, tab in schema.items()}
    made = {name: list(dict.fromkeys((*ours.get(name, ()), *known.get(name, ())))) for name in {**ours, **known}}
    return put_json(MetaCell.COLUMNS, made)
