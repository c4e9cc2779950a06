"""Every clock has one name in each language."""

import pytest

from lib.domain.clocks.clocks import CLOCKS
from lib.i18n import in_language
from lib.words.clocks import clock_name


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_clock_has_a_name(language: str) -> None:
    with in_language(language):  # type: ignore[arg-type]
        assert len({clock_name(clock) for clock in CLOCKS} - set(CLOCKS)) == len(CLOCKS)
        assert clock_name("payment") == "payment"
