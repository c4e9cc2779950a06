"""What a measurement came to, and how it is shown: one table for people, one JSON file for machines."""

import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from statistics import median
from time import perf_counter

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Result:
    """One figure. `budget` is the most it may be, or the least with `at_least`; None for one that is only reported."""

    name: str
    value: float
    unit: str
    budget: float | None = None
    ok: bool = True
    at_least: bool = False


def measured(name: str, value: float, unit: str, budget: float | None = None) -> Result:
    """A figure that is ok when it keeps to its budget."""
    return Result(name, value, unit, budget, budget is None or value <= budget)


def reached(name: str, value: float, unit: str, least: float) -> Result:
    """A figure that is ok when it is no less."""
    return Result(name, value, unit, least, value >= least, at_least=True)


def figures_of(name: str) -> list[Result]:
    """The figures of one file of benchmarks."""
    found: list[Result] = import_module(f"benchmarks.{name}").run()
    return found


def milliseconds(work: Callable[[], object], *, runs: int = 5) -> float:
    """The median time of several runs; not that of throwing away what the work made."""
    times = []
    for _ in range(runs):
        start = perf_counter()
        made = work()
        times.append(perf_counter() - start)
        del made
    return median(times) * 1000


def table(results: Sequence[Result]) -> str:
    """The results as aligned text."""
    width = max((len(result.name) for result in results), default=0)
    return "\n".join(_line(result, width) for result in results)


def _line(result: Result, width: int) -> str:
    side = "at least" if result.at_least else "at most"
    budget = "" if result.budget is None else f"{side} {result.budget:g}"
    return (
        f"{result.name:<{width}}  {result.value:>12,.2f} {result.unit:<6} {budget:<16} {'ok' if result.ok else 'OVER'}"
    )


def write_json(results: Sequence[Result]) -> Path:
    """Keep the results with when and where they were measured; returns the file."""
    now = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json"
    where = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
    content = {"at": now.isoformat(), **where, "results": [asdict(result) for result in results]}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return path
