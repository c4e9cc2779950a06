"""Case numbers such as TS-2026-000123: a pattern from the configuration, one series a year."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """A pattern with `{year}` and `{seq}` (or `{seq:06d}`), such as "TS-{year}-{seq:06d}".

    Raises ValueError for a pattern without a sequence, or with anything else in braces.
    """

    template: str

    def __post_init__(self) -> None:
        names = re.findall(r"\{(\w*)(?::0\d+d)?\}", self.template)
        if "seq" not in names or not set(names) <= {"year", "seq"} or len(names) != self.template.count("{"):
            raise ValueError(f"not a number pattern: {self.template!r}")

    def series(self, year: int) -> str:
        """The name of the counter: one a year where the pattern shows the year, else one for ever."""
        return f"case:{year}" if "{year}" in self.template else "case"

    def format(self, year: int, seq: int) -> str:
        return self.template.format(year=year, seq=seq)

    def sequence_of(self, number: str, year: int) -> int | None:
        """The sequence inside `number` if it is one of this pattern and year, else None."""
        prefix, suffix = re.split(r"\{seq[^}]*\}", self.template.replace("{year}", str(year)))
        match = re.fullmatch(re.escape(prefix) + r"(\d+)" + re.escape(suffix), number)
        return int(match[1]) if match else None
