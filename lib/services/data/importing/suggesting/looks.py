"""What the values of a column look like."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from lib.tabular.evidence import Kind, fit, look_like_phones
from lib.tabular.table import Cell, is_blank

SAMPLED = 200
_OFFICE = re.compile(
    r".*(?:公司|集团|分行|门店|店|局|部|部门|科|处|室|中心|街道|街道办|办事处|委员会|居委会|物业|队|组|站)"
    r"|.*\b(?:department|dept|office|agency|bureau|division|inc|llc|ltd|corp|company|authority|services?)\.?",
    re.IGNORECASE,
)
_PERSON = re.compile(r"[\u3400-\u9fff]{1,4}(?:先生|女士|小姐|太太|阿姨|师傅|\*+)?|[\u3400-\u9fff]\*+[\u3400-\u9fff]?")


@dataclass(frozen=True)
class Look:
    """A column's values: the first some hundred, without blanks."""

    values: tuple[Cell, ...]

    @classmethod
    def of(cls, rows: Sequence[Sequence[Cell]], at: int) -> "Look":
        return cls(tuple(row[at] for row in rows[:SAMPLED] if not is_blank(row[at])))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        return tuple(" ".join(str(cell).split()) for cell in self.values)

    @cached_property
    def length(self) -> float:
        """The mean number of characters, a Chinese one counting for two."""
        sizes = [sum(2 if char > "\u2e7f" else 1 for char in text) for text in self.texts]
        return sum(sizes) / len(sizes) if sizes else 0.0

    @cached_property
    def variety(self) -> float:
        """The share of values that differ: near 1 in running text, near 0 in a choice."""
        return len(set(self.texts)) / len(self.texts) if self.texts else 0.0

    @cached_property
    def phones(self) -> bool:
        return look_like_phones(self.values)

    def fits(self, kind: Kind) -> float:
        return fit(self.values, kind)

    @cached_property
    def dates(self) -> bool:
        return bool(self.values) and self.fits("datetime") >= 1.0

    @cached_property
    def figures(self) -> bool:
        """Numbers and nothing else."""
        return bool(self.values) and self.fits("number") >= 1.0

    @cached_property
    def offices(self) -> bool:
        return self._mostly(lambda text: bool(_OFFICE.fullmatch(text)) and len(text) <= 60)

    @cached_property
    def people(self) -> bool:
        return self._mostly(lambda text: bool(_PERSON.fullmatch(text)))

    @property
    def prose(self) -> bool:
        """Running text: long, and seldom the same."""
        return self.length >= 16 and self.variety > 0.5 and not self.dates and not self.figures and not self.phones

    @property
    def choice(self) -> bool:
        """Few distinct short values, met again and again."""
        few = len(set(self.texts)) <= max(2, min(60, len(self.texts) // 3))
        return len(self.texts) >= 3 and few and self.length <= 40 and not self.dates

    def share(self, known: Callable[[str], bool]) -> float:
        """The share of values that are known."""
        return sum(map(known, self.texts)) / len(self.texts) if self.texts else 0.0

    def _mostly(self, test: Callable[[str], bool]) -> bool:
        return len(self.texts) >= 2 and self.share(test) >= 0.8
