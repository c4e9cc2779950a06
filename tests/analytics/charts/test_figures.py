from datetime import date

import pytest

from lib.analytics.charts.figures import FIGURES, figures
from lib.analytics.kpis.review import Review
from lib.domain.records.lists import Lists
from lib.domain.records.workspace import ListItem
from lib.i18n import LANGUAGES, Language, in_language
from tests.analytics.sample import CONFIG, NOW, RULES, case_table, random_cases, random_surveys, survey_table

LISTS = Lists(
    ListItem(item_id=f"{name}.{code}", list_name=name, code=code, zh=zh, en=en)
    for name, items in CONFIG.lists.items()
    for code, (zh, en) in items.items()
)


def review(count: int, language: Language) -> Review:
    cases = random_cases(1, count)
    surveys = survey_table(random_surveys(1, cases))
    week = date(2026, 3, 16)
    return Review(case_table(cases), surveys, week, NOW, RULES, CONFIG.survey, 0.85, LISTS, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [0, 1, 300])
def test_every_chart_is_valid_and_says_what_it_shows(count: int, language: Language) -> None:
    with in_language(language):
        made = figures(review(count, language))
    assert len({figure.key for figure in made}) == len(FIGURES)
    for figure in made:
        assert figure.chart.to_dict(), figure.key  # raises where it breaks the Vega-Lite schema
        assert figure.title
        assert figure.note


def test_a_chart_embeds_aggregates_only() -> None:
    for figure in figures(review(300, "en")):
        data = figure.chart.to_dict()["datasets"].values()
        assert sum(len(rows) for rows in data) <= 7 * 24, figure.key
        assert not any("case_no" in row for rows in data for row in rows), figure.key


def test_tables_carry_the_words_of_the_lists() -> None:
    with in_language("en"):
        found = {figure.key: figure.table for figure in figures(review(300, "en"))}
    assert "Leak" in set(found["categories"].iloc[:, 0])
    assert {"Delay", "Material"} == set(found["causes"].iloc[:, 0])
    assert "Client service" in set(found["sla"]["Department"])
    assert found["ageing"]["Open cases"].min() > 0
    assert found["flow"]["Week of"].iloc[-1] == "2026-03-16"
