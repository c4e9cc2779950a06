"""Run the measurements, each file in a process of its own, so that none carries what another left in memory.

The exit status is 1 when a budget is exceeded. The JSON goes to benchmarks/results/.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.report import Result, figures_of, table, write_json


def main(wanted: list[str]) -> int:
    names = [path.stem for path in sorted(Path(__file__).parent.glob("bench_*.py"))]
    results: list[Result] = []
    for name in names:
        if wanted and name.removeprefix("bench_") not in wanted:
            continue
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
            found = fresh.submit(figures_of, name).result()
        print(f"{name}\n{table(found)}\n", flush=True)
        results += found
    if not results:
        print(f"nothing to run; there are: {', '.join(name.removeprefix('bench_') for name in names)}", file=sys.stderr)
        return 2
    print(write_json(results))
    return 0 if all(result.ok for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
