import pytest

from lib.domain.text import emails


@pytest.mark.parametrize(
    "typed", [" Wang.Fang@Example.CN ", "ｗａｎｇ.ｆａｎｇ＠ｅｘａｍｐｌｅ.ｃｎ", "wang.fang@example.cn"]
)
def test_the_same_address_has_one_form(typed):
    assert emails.canonical(typed) == "wang.fang@example.cn"
    assert emails.is_valid(emails.canonical(typed))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@b",
        "@example.cn",
        "a@.cn",
        "a@example.",
        "a b@example.cn",
        "<a@example.cn>",
        "a@b.cn\x00",
        "a" * 250 + "@b.cn",
    ],
)
def test_what_is_no_single_address_is_refused(text):
    assert not emails.is_valid(emails.canonical(text))
