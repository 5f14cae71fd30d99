"""What rivals take: run in an environment of theirs, on a file, one task a process.

``python attribution_rivals.py TASK FILE [ORDER]`` prints CPU-seconds, without imports and without reading the file, and
the process's peak memory in MB.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import pandas as pd


def ca_markov(frame: Any, order: str) -> Callable[[], object]:
    import ChannelAttribution  # type: ignore[import-not-found]

    columns = {"var_path": "path", "var_conv": "conversions", "var_value": "value", "var_null": "null"}
    return lambda: ChannelAttribution.markov_model(frame, **columns, order=int(order), flg_pro=False, verbose=False)


def ca_rules(frame: Any) -> Callable[[], object]:
    import ChannelAttribution

    return lambda: ChannelAttribution.heuristic_models(frame, "path", "conversions", "value", flg_pro=False)


def dp6_markov(frame: Any) -> Callable[[], object]:
    return lambda: _dp6(frame).run_markov(transition_to_same_state=True)


def dp6_shapley(frame: Any) -> Callable[[], object]:
    return lambda: _dp6(frame).run_shapley(max_size=20)  # or only paths of up to four channels


def dp6_linear(frame: Any) -> Callable[[], object]:
    return lambda: _dp6(frame).run_linear()


def _dp6(frame: Any) -> Any:
    from mam import MAM  # type: ignore[import-not-found]

    return MAM(
        frame,
        "grouped_journey",
        channels_colname="path",
        journey_with_conv_colname="converted",
        occurrences_colname="occurrences",
    )


def main(task: str, file: str, *arguments: str) -> None:
    frame = pd.read_csv(file)
    if task.startswith("dp6"):  # a row for those that converted, and one for those that did not
        ends = [
            frame[["path"]].assign(occurrences=frame[name], converted=name == "conversions")
            for name in ("conversions", "null")
            if name in frame
        ]
        frame = pd.concat(ends)
        frame = frame[frame["occurrences"] > 0]
        import mam  # noqa: F401
    work = globals()[task](frame, *arguments)
    began = time.process_time()
    work()
    spent = time.process_time() - began
    print("MEASURED", spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)


if __name__ == "__main__":
    main(*sys.argv[1:])
