"""Colours as Google keeps them: whole steps of 1/255, told in floats of 32 bits, under both of their names."""

import struct
from typing import Any

from tests.google.book.cells import number

_CHANNELS = ("red", "green", "blue")
_NAMES = ("backgroundColor", "foregroundColor", "tabColor", "color")


def eight_bits(colour: dict[str, Any]) -> dict[str, Any]:
    """A Color with each channel cut down to the step below, as the discovery document's example in JavaScript does."""
    return {
        name: _single(int(_single(_single(value) * 255)) / 255) if name in _CHANNELS else value
        for name, value in colour.items()
    }


def _single(value: float) -> float:
    """The number that a float of 32 bits holds, in as few digits as tell it from others."""
    kept = struct.pack("f", value)
    (exact,) = struct.unpack("f", kept)
    shortest = (float(f"{exact:.{digits}g}") for digits in range(1, 10))
    return next(number(found) for found in shortest if struct.pack("f", found) == kept)


def both_names(message: dict[str, Any]) -> dict[str, Any]:
    """Colours are answered as Color and as ColorStyle, whichever was sent."""
    result = dict(message)
    for name in _NAMES:
        if name in message:
            result[f"{name}Style"] = {"rgbColor": message[name]}
        elif (colour := message.get(f"{name}Style", {}).get("rgbColor")) is not None:
            result[name] = colour
    return result
