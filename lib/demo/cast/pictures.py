"""Small made-up photographs: a wall with a stain or a crack, as PNG."""

import struct
import zlib
from functools import cache
from random import Random

_WIDTH, _HEIGHT = 120, 90
_VARIANTS = 12


def picture(number: int) -> bytes:
    """A picture; there are a dozen different ones."""
    return _draw(number % _VARIANTS)


@cache
def _draw(variant: int) -> bytes:
    rng = Random(variant)
    wall = [rng.randint(190, 235) for _ in range(3)]
    stains = [(rng.uniform(20, 100), rng.uniform(15, 75), rng.uniform(8, 30)) for _ in range(1 + variant % 3)]
    crack = [rng.uniform(30, 90)]
    for _ in range(_HEIGHT):
        crack.append(crack[-1] + rng.uniform(-2, 2))
    rows = b"".join(b"\0" + b"".join(_pixel(x, y, wall, stains, crack) for x in range(_WIDTH)) for y in range(_HEIGHT))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _pixel(x: int, y: int, wall: list[int], stains: list[tuple[float, float, float]], crack: list[float]) -> bytes:
    if abs(x - crack[y]) < 0.8:
        return b"\x46\x42\x3e"
    wet = max(1 - ((x - cx) ** 2 + (y - cy) ** 2) / (radius * radius) for cx, cy, radius in stains)
    dark = 70 * max(0.0, wet) + 14 * y / _HEIGHT
    return bytes(max(0, round(colour - dark * (1 + 0.25 * at))) for at, colour in enumerate(wall))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
