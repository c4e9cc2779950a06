"""Checks of messages and field masks against Google's own discovery documents."""

import importlib.util
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from tests.google.book.colours import eight_bits
from tests.google.errors import GoogleError, bad_mask, invalid, violation

Mask = dict[str, "Mask"]
"""A field mask as a tree; an empty tree means: everything below."""

_PACKAGE = "type.googleapis.com/google.apps.sheets.v4"
_ONE_OF = {"Request": "kind", "ExtendedValue": "value", "DataFilter": "filter"}
_VALUE_TYPES = {"stringValue": str, "numberValue": (int, float), "boolValue": bool, "formulaValue": str}


@cache
def document(name: str) -> dict[str, Any]:
    """A discovery document by file name; found without importing the client, which nothing here needs."""
    spec = importlib.util.find_spec("googleapiclient")
    if spec is None or spec.origin is None:
        raise LookupError("google-api-python-client is not installed: it carries the discovery documents")
    path = Path(spec.origin).parent / "discovery_cache" / "documents" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Checker:
    """Reads a message as protocol-buffer JSON does: unknown names, enum values and types are refused."""

    def __init__(self, name: str) -> None:
        self._document = document(name)
        self.schemas = self._document["schemas"]

    def method(self, dotted: str) -> dict[str, Any]:
        """The description of a method, such as spreadsheets.values.get."""
        *resources, name = dotted.split(".")
        place = self._document
        for resource in resources:
            place = place["resources"][resource]
        return place["methods"][name]

    def message(self, schema: str, value: Any, path: str = "") -> Any:
        """The message with null fields left out, numbers in strings made numbers and colours made steps of 1/255."""
        if not isinstance(value, dict):
            raise _bad_value(path, f"{_PACKAGE}.{schema}", value)
        if schema == "RowData" and _plain_row(value):
            return value
        properties = self.schemas[schema].get("properties", {})
        read = {}
        for name, item in value.items():
            if name not in properties:
                at = f" at '{path}'" if path else ""
                raise violation(path, f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.')
            if item is not None:
                below = f"{path}.{snake(name)}" if path else snake(name)
                kind = f"{_PACKAGE}.{schema}.{name[0].upper()}{name[1:]}"
                read[name] = self._field(properties[name], item, below, kind)
        self._one_of(schema, read, path)
        return eight_bits(read) if schema == "Color" else read

    def _one_of(self, schema: str, read: dict[str, Any], path: str) -> None:
        if schema in _ONE_OF and len(read) > 1:
            second = list(read)[1]
            raise invalid(
                f"Invalid value at '{path}' (oneof), oneof field '{_ONE_OF[schema]}' is already set. "
                f"Cannot set '{snake(second)}'"
            )

    def _field(self, spec: dict[str, Any], value: Any, path: str, kind: str) -> Any:
        if "$ref" in spec:
            return self.message(spec["$ref"], value, path)
        match spec.get("type"):
            case "array":
                if not isinstance(value, list):
                    raise _bad_value(path, _item_type(spec["items"]), value)
                return [self._field(spec["items"], v, f"{path}[{i}]", kind) for i, v in enumerate(value)]
            case "object":
                return self._map(spec, value, path, kind)
            case "string":
                return _string(spec, value, path, kind)
            case "boolean":
                if not isinstance(value, bool):
                    raise _bad_value(path, "TYPE_BOOL", value)
                return value
            case "integer":
                return _integer(value, path)
            case "number":
                return _number(value, path)
        return value

    def _map(self, spec: dict[str, Any], value: Any, path: str, kind: str) -> Any:
        if not isinstance(value, dict):
            raise _bad_value(path, kind, value)
        inner = spec.get("additionalProperties", {})
        return {key: self._field(inner, item, f"{path}[{key}]", kind) for key, item in value.items()}

    def query(self, method: str, params: dict[str, list[str]]) -> dict[str, Any]:
        """The query parameters of a call, typed."""
        known = self.method(method)["parameters"] | self._document["parameters"]
        read: dict[str, Any] = {}
        for name, values in params.items():
            if name not in known:
                raise invalid(
                    f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                    f"Field '{name}' could not be found in request message."
                )
            typed = [_parameter(name, known[name], value) for value in values]
            read[name] = typed if known[name].get("repeated") else typed[-1]
        return read

    def mask(self, schema: str, text: str) -> Mask:
        """A `fields` parameter as a tree; a path that the schema does not have is refused."""
        tree = parse_mask(text)
        try:
            self.known(schema, tree)
        except LookupError as unknown:
            raise bad_mask(unknown.args[0]) from None
        return tree

    def known(self, schema: str | None, tree: Mask, above: str = "") -> None:
        """Raises: LookupError with the path that the schema does not have."""
        for name, below in tree.items():
            if name == "*" or schema is None:
                continue
            path = f"{above}.{name}" if above else name
            properties = self.schemas[schema].get("properties", {})
            if name not in properties:
                raise LookupError(path)
            self.known(_target(properties[name]), below, path)


def _target(spec: dict[str, Any]) -> str | None:
    return spec.get("$ref") or spec.get("items", {}).get("$ref")


def _item_type(spec: dict[str, Any]) -> str:
    if "$ref" in spec:
        return f"{_PACKAGE}.{spec['$ref']}"
    return "type.googleapis.com/google.protobuf.ListValue" if spec.get("type") == "array" else "TYPE_STRING"


def _bad_value(path: str, kind: str, value: Any) -> GoogleError:
    return violation(path, f"Invalid value at '{path}' ({kind}), {json.dumps(value, ensure_ascii=False)}")


def _string(spec: dict[str, Any], value: Any, path: str, kind: str) -> str:
    if "enum" in spec:
        if value not in spec["enum"]:
            raise _bad_value(path, kind, value)
    elif not isinstance(value, str):
        raise _bad_value(path, "TYPE_STRING", value)
    return value


def _integer(value: Any, path: str) -> int:
    try:
        whole = int(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError):
        whole = None
    if whole is None or (isinstance(value, float) and whole != value) or not -(2**31) <= whole < 2**31:
        raise _bad_value(path, "TYPE_INT32", value)
    return whole


def _number(value: Any, path: str) -> int | float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    try:
        return float(value) if isinstance(value, str) else float("")
    except ValueError:
        raise _bad_value(path, "TYPE_DOUBLE", value) from None


def _parameter(name: str, spec: dict[str, Any], value: str) -> Any:
    if "enum" in spec and value not in spec["enum"]:
        kind = f"{_PACKAGE}.{name[0].upper()}{name[1:]}"
        raise _bad_value(snake(name), kind, value)
    if spec["type"] == "boolean":
        if value.lower() not in {"true", "false", "1", "0"}:
            raise _bad_value(snake(name), "TYPE_BOOL", value)
        return value.lower() in {"true", "1"}
    return _integer(value, snake(name)) if spec["type"] == "integer" else value


def _plain_row(row: dict[str, Any]) -> bool:
    """Whether a RowData holds nothing but typed values: the bulk of what is sent, so it has a quick way."""
    cells = row.get("values")
    return len(row) == 1 and isinstance(cells, list) and all(map(_plain_cell, cells))


def _plain_cell(cell: Any) -> bool:
    if cell == {}:
        return True
    value = cell.get("userEnteredValue") if isinstance(cell, dict) and len(cell) == 1 else None
    if not isinstance(value, dict) or len(value) != 1:
        return value == {}
    ((kind, item),) = value.items()
    return isinstance(item, _VALUE_TYPES.get(kind, ())) and not (kind == "numberValue" and isinstance(item, bool))


def parse_mask(text: str) -> Mask:
    """`a,b(c,d.e),f/g` as a tree."""
    tree: Mask = {}
    _parse_level(re.findall(r"[^\s,()./]+|[,()./]", text), tree)
    return tree


def _parse_level(tokens: list[str], tree: Mask) -> None:
    place = [tree]
    while tokens:
        token = tokens.pop(0)
        if token == ")":
            return
        if token == ",":
            place = [tree]
        elif token == "(":
            inner: Mask = {}
            _parse_level(tokens, inner)
            for at in place:
                _merge(at, inner)
        elif token not in {".", "/"}:
            place = [at.setdefault(token, {}) for at in place]


def _merge(into: Mask, other: Mask) -> None:
    for name, below in other.items():
        _merge(into.setdefault(name, {}), below)


def within(mask: Mask | None, *names: str) -> Mask | None:
    """The part of a mask below a path; None where the path is not asked for. An empty mask asks for everything."""
    for name in names:
        if mask is None:
            return None
        if mask and "*" not in mask:
            mask = mask.get(name)
    return mask


def masked(value: Any, mask: Mask) -> Any:
    """What of a message a mask lets through."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [masked(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: masked(item, mask[name]) for name, item in value.items() if name in mask}


def patched(old: dict[str, Any], new: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """`old` with the fields that the mask names taken from `new`, or cleared where `new` has none."""
    if "*" in mask:
        return dict(new)
    result = dict(old)
    for name, below in mask.items():
        if below and isinstance(new.get(name, {}), dict):
            item: Any = patched(result.get(name) or {}, new.get(name) or {}, below)
            item = item or None
        else:
            item = new.get(name)
        if item is None:
            result.pop(name, None)
        else:
            result[name] = item
    return result
