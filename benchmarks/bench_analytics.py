"""Frames, search and the weekly review at 10,000 and 100,000 cases, on a SQLite file."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from benchmarks.data import START, workspace
from benchmarks.report import Result, measured, milliseconds
from lib.analytics.charts.figures import figures
from lib.analytics.frames.frames import case_frame, survey_frame
from lib.analytics.frames.weeks import monday
from lib.analytics.kpis.review import review_of
from lib.app.bootstrap import open_desk
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor, system_actor
from lib.i18n import in_language
from lib.services.data.search import mask, search
from lib.store.commit.batch import edit

MANAGER = Actor("manager", "经理", {"case.view": "all", "personal.view": "all"})
QUERIES = ("zs", "漏水", "138", "阳光花园 漏水", "000123")


def run() -> list[Result]:
    results = []
    for count, budget in ((10_000, 1), (100_000, 4)):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            desk = open_desk(
                create=True,
                store=workspace(folder, count),
                files_dir=folder / "files",
                secret_file=folder / "secret.key",
                clock=lambda: START + timedelta(days=1_150),
            )
            results += [*of(desk, f"{count // 1000}k", budget)]
            desk.store.close()
    return results


def of(desk: Desk, size: str, factor: int) -> Iterator[Result]:
    """Budgets are for 10,000 cases; `factor` is how much more a larger workspace may take."""
    yield measured(f"frame of {size} cases, first", milliseconds(lambda: case_frame(desk), runs=1), "ms")
    survey_frame(desk)
    yield measured(
        f"index of {size} cases, first", milliseconds(lambda: search(desk, "?", actor=MANAGER), runs=1), "ms"
    )
    yield measured(f"frame after a save among {size}", after_a_save(desk), "ms", 10 * factor)
    words = iter(f"{query}{'' if turn == 0 else turn}" for turn in range(5) for query in QUERIES)
    found = milliseconds(lambda: search(desk, next(words), actor=MANAGER), runs=len(QUERIES))
    yield measured(f"search of {size} cases, a new text", found, "ms", 50 * factor)
    again = milliseconds(lambda: mask(desk, QUERIES[1], actor=MANAGER))
    yield measured(f"search of {size} cases, the same text", again, "ms", 5 * factor)
    week = monday(desk.today()) - timedelta(days=7)
    review = review_of(desk, week, actor=MANAGER, language="zh_CN")
    review.key_figures()  # the working calendar of the years is made once
    yield measured(f"weekly figures of {size} cases", milliseconds(review.key_figures), "ms", 75 * factor)
    with in_language("zh_CN"):
        charts = milliseconds(lambda: figures(review))
    yield measured(f"charts of {size} cases", charts, "ms", 150 * factor)


def after_a_save(desk: Desk) -> float:
    """The frame brought up to date after one case was changed: the median of five."""
    times = []
    for turn in range(5):
        case = next(iter(desk.snapshot[Case].values()))
        desk.save(system_actor(), [edit(case, {"title": f"{case.title}{turn}"})])
        times.append(milliseconds(lambda: case_frame(desk), runs=1))
    return sorted(times)[2]
