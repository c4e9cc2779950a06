"""How Chinese names sound: what people type on a Latin keyboard to find 张三 (zs, zhangsan, zhang)."""

from functools import lru_cache

from pypinyin import lazy_pinyin

SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "朴": "piao", "盖": "ge",
    "翟": "zhai", "乐": "yue", "覃": "qin", "缪": "miao", "繁": "po", "召": "shao", "折": "she", "黑": "he",
    "重": "chong",
}  # fmt: skip
"""Surnames read otherwise than the word."""


SYLLABLES = 24  # that are read: the lines of a text grow with the square of its length


def sounds(text: str, *, person: bool = False) -> str:
    """The readings of a text's beginning, each on a line of its own: whole and from every syllable on, in full and by
    initials.

    A query fits when a line begins with it, so that "an" does not find 张三. Empty for a text without Chinese.
    """
    return _sounds(text[:SYLLABLES], person)


@lru_cache(maxsize=200_000)
def _sounds(text: str, person: bool) -> str:
    readings = [lazy_pinyin(text)] if text and not text.isascii() else []
    if person and text[:1] in SURNAMES:
        readings.append([SURNAMES[text[0]], *readings[0][1:]])
    lines = dict.fromkeys(line for syllables in readings for line in _lines(syllables))
    return "".join(f"\n{line}" for line in lines)


def _lines(syllables: list[str]) -> list[str]:
    ends = [syllables[start:] for start in range(len(syllables))]
    return ["".join(end).casefold() for end in ends] + ["".join(s[:1] for s in end).casefold() for end in ends]
