"""The few formulas that are worked out: arithmetic, references, SUM, HYPERLINK, NOW and TODAY on the clock of UTC.
Everything else is #NAME?."""

import ast
import math
import operator
import re
import time
from collections.abc import Callable
from typing import Any

from tests.google.book.cells import Fault, Formula, number

Lookup = Callable[[str], list[Any]]
"""Gives the worked-out values of a range in A1 notation."""

_HYPERLINK = re.compile(r'=HYPERLINK\(\s*"([^"]*)"\s*(?:[,;]\s*"([^"]*)"\s*)?\)', re.IGNORECASE)
_SUM = re.compile(r"=SUM\(([^()]+)\)", re.IGNORECASE)
_REFERENCE = re.compile(r"=((?:'(?:[^']|'')*'!|\w+!)?\$?[A-Za-z]{1,3}\$?\d+)")
_CELL = re.compile(r"[A-Za-z]{1,3}\d+")
_CLOCK = re.compile(r"=(NOW|TODAY)\(\)", re.IGNORECASE)
_EPOCH = 25_569  # the serial number of 1 January 1970
_DAY = 86_400
_OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
NAME, VALUE = Fault("NAME", "#NAME?"), Fault("VALUE", "#VALUE!")
_DEEPEST = 30


def result(formula: Formula, lookup: Lookup, depth: int = 0) -> Any:
    """What the cell shows. A chain of references that runs in a circle gives #REF!."""
    if depth > _DEEPEST:
        return Fault("REF", "#REF!")
    text = "=" + formula.text[1:].strip()
    if found := _HYPERLINK.fullmatch(text):
        return found[2] or found[1]
    if found := _SUM.fullmatch(text):
        return number(sum(v for v in lookup(found[1]) if isinstance(v, (int, float)) and not isinstance(v, bool)))
    if found := _REFERENCE.fullmatch(text):
        return next(iter(lookup(found[1])), 0)
    if found := _CLOCK.fullmatch(text):
        serial = _EPOCH + time.time() / _DAY
        return serial if found[1].upper() == "NOW" else math.floor(serial)
    return _arithmetic(text[1:], lookup)


class _Failed(Exception):
    """A part of a calculation is an error, and so is the whole."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


def _arithmetic(expression: str, lookup: Lookup) -> Any:
    try:
        tree = ast.parse(expression.replace("^", "**").replace("$", ""), mode="eval")
        return number(_term(tree.body, lookup))
    except _Failed as failed:
        return failed.fault
    except ZeroDivisionError:
        return Fault("DIVIDE_BY_ZERO", "#DIV/0!")
    except (SyntaxError, ValueError, TypeError, OverflowError, MemoryError, RecursionError):
        return NAME


def _term(node: ast.expr, lookup: Lookup) -> float:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_term(inner, lookup)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _term(inner, lookup)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_term(left, lookup), _term(right, lookup))
        case ast.Name(id=name) if _CELL.fullmatch(name):
            return _operand(next(iter(lookup(name)), 0))
    raise ValueError(ast.dump(node))


def _operand(value: Any) -> float:
    """What a cell counts for: an empty one for nothing, a tick for one, text that is a number for that."""
    if isinstance(value, Fault):
        raise _Failed(value)
    try:
        return float(value)
    except ValueError:
        raise _Failed(VALUE) from None
