"""The extra columns of a case, edited in place: custom fields, and what people added to the sheet."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.custom_fields import typed
from lib.domain.records.fields import Cell, Column
from lib.i18n import t
from lib.services.parts.extras import extra_columns
from lib.store.codec import encode_value
from lib.ui.case.fact_group import card, form, is_edited
from lib.ui.session.page import Here
from lib.ui.widgets.fields import widget
from lib.ui.widgets.forms import OpenForm
from lib.ui.words.markdown import plain

GROUP = "extra"


def show(here: Here, case: Case) -> None:
    """Nothing where the tab of cases has no such columns."""
    columns = extra_columns(here.desk, "cases")
    if not columns:
        return
    title, may_edit = t("Further columns"), here.actor.may("case.edit", case)
    if may_edit and is_edited(case, GROUP):
        form(here, case, GROUP, title=title, entries=lambda opened, key: _entries(here, columns, opened, key))
        return
    lines = [_line(here, case, column) for column in columns if getattr(case, column.key) is not None]
    card(case, GROUP, title=title, icon="view_column", lines=lines, may_edit=may_edit)


def _line(here: Here, case: Case, column: Column) -> str:
    value = here.value(column, typed(column, getattr(case, column.key)))
    return f":gray[{plain(column.label(here.language))}]  {plain(value)}"


def _entries(here: Here, columns: Sequence[Column], opened: OpenForm[Case], key: str) -> dict[str, Any]:
    return {
        column.key: _entry(here, column, getattr(opened.opened, column.key), key=f"{key}.{column.key}")
        for column in columns
    }


def _entry(here: Here, column: Column, cell: Cell, *, key: str) -> Cell:
    """The widget of the column with the cell in it; the cell as it is to be, the very same where nothing was typed."""
    offered = _offered(column, cell)
    value: Any = _widget(here, column, offered, key=key)
    nothing = value is None or value == "" or value is False  # not 0
    if value == offered or (nothing and cell is None):
        return cell
    return encode_value(value)


def _offered(column: Column, cell: Cell) -> Any:
    """What a widget can show of a cell; one that is not of the kind of its column is left out of a widget that is."""
    value = typed(column, cell)
    if value is None:
        return None
    match column.kind:
        case "date":
            return None if value is cell else value
        case "number" | "money":
            return float(value) if isinstance(value, int | float) else None
        case "flag":
            return value is True
        case "choice":
            return str(value)
        case _:
            return f"{value:g}" if isinstance(value, float) else str(value)


def _widget(here: Here, column: Column, value: Any, *, key: str) -> Any:
    if column.kind == "number":
        label = column.label(here.language) + (" *" if column.required else "")
        return st.number_input(label, value=value, step=1.0, format="%.10g", key=key)
    return widget(here, column, value, key=key, required=column.required)
