from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.text.cleaning import folded as normalise_text
from lib.domain.text.similarity import bigrams, similarity


def test_normalised_texts_are_equal_to_a_reader() -> None:
    assert normalise_text("  Ｌｅａｋ\u3000in\n the  KITCHEN ") == "leak in the kitchen"
    assert normalise_text("１２号楼") == "12号楼"


def test_the_same_report_in_other_words_is_likelier_than_another_one() -> None:
    report = "厨房天花板漏水，楼上渗下来的"
    assert similarity(report, "厨房天花板一直漏水，是楼上渗下来的水") > 0.6
    assert similarity(report, "电梯经常停运，物业不处理") < 0.1
    english = "Water is leaking from the kitchen ceiling"
    assert similarity(english, "kitchen ceiling leaking water") > 0.7
    assert similarity(english, "The lift is out of order again") < 0.35


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("漏水", "漏水。", 1.0),
        ("night", "nacht", 0.25),
        ("漏水", "停电", 0.0),
        ("漏", "漏", 1.0),
        ("Ｌeak", "leak", 1.0),
        ("", "", 0.0),
        ("！！", "！！", 0.0),
    ],
)
def test_values(a: str, b: str, expected: float) -> None:
    assert similarity(a, b) == expected


@given(st.text(), st.text())
def test_symmetric_and_in_range(a: str, b: str) -> None:
    assert similarity(a, b) == similarity(b, a)
    assert 0 <= similarity(a, b) <= 1
    assert similarity(a, a) == (1 if bigrams(a) else 0)


@given(st.text())
def test_normalising_again_changes_nothing(text: str) -> None:
    assert similarity(text, normalise_text(text)) == similarity(text, text)


def test_thousands_of_comparisons_are_quick() -> None:
    others = [f"{number}号楼厨房天花板漏水，楼上渗下来的，已经三天没有人来看" for number in range(5_000)]
    began = perf_counter()
    likeness = [similarity("3号楼厨房漏水，楼上渗下来，没有人来看", other) for other in others]
    assert perf_counter() - began < 2
    assert min(likeness) > 0.4
