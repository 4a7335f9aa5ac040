"""Reports of other tools, as they write them, and reading one from a file."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from envmgr.importers.reports import Source, read

HYPERFINE: dict[str, Any] = {
    "results": [
        {
            "command": "sort -n 'a file'",
            "mean": 0.25, "stddev": 0.05, "median": 0.2, "user": 0.1, "system": 0.02,
            "min": 0.2, "max": 0.3,
            "times": [0.2, 0.3],
            "memory_usage_byte": [4096, 8192],
            "exit_codes": [0, 0],
        },
        {
            "command": "exit 3",
            "mean": 0.1, "stddev": None, "median": 0.1, "user": 0.03, "system": 0.01,
            "min": 0.1, "max": 0.1,
            "times": [0.1],
            "exit_codes": [3],
            "parameters": {"n": "3"},
        },
    ]
}  # fmt: skip

GOOGLE_BENCHMARK: dict[str, Any] = {
    "context": {
        "date": "2026-11-22T15:55:46+00:00",
        "host_name": "vm",
        "executable": "./build/sums",
        "num_cpus": 2,
        "load_avg": [0.98, 1.04, 0.92],
        "library_build_type": "release",
    },
    "benchmarks": [
        {
            "name": "BM_sum/8", "family_index": 0, "per_family_instance_index": 0,
            "run_name": "BM_sum/8", "run_type": "iteration", "repetitions": 2,
            "repetition_index": index, "threads": 1, "iterations": 1000,
            "real_time": 5.0 + index, "cpu_time": 4.0, "time_unit": "us",
            "bytes_per_second": 1.5e9, "things": 3.0, "label": "L1",
        }
        for index in range(2)
    ]
    + [
        {
            "name": "BM_sum/8_mean", "run_name": "BM_sum/8", "run_type": "aggregate",
            "repetitions": 2, "threads": 1, "aggregate_name": "mean", "iterations": 2,
            "real_time": 5.5, "cpu_time": 4.0, "time_unit": "us",
        },
        {
            "name": "BM_bad", "run_name": "BM_bad", "run_type": "iteration", "repetitions": 1,
            "repetition_index": 0, "threads": 1, "error_occurred": True,
            "error_message": "no input", "iterations": 1, "real_time": 0.0, "cpu_time": 0.0,
            "time_unit": "ns",
        },
    ],
}  # fmt: skip

REFRAME_4: dict[str, Any] = {
    "session_info": {
        "data_version": "4.2",
        "hostname": "vm",
        "time_start": "20261122T155623+0000",
        "time_start_unix": 1795362983.25,
        "cmdline": "reframe -c t.py -r",
        "version": "4.10.4",
    },
    "runs": [
        {
            "run_index": 0,
            "testcases": [
                {
                    "environ": "gnu", "fail_phase": None, "fail_reason": None, "result": "pass",
                    "job_submit_time": 1795362983.5, "partition": "login", "system": "daint",
                    "display_name": "stream %size=1 %fixture.a=x", "name": "stream %size=1",
                    "time_run": 0.3,
                    "perfvalues": {"daint:login:triad": [100.5, 0, None, None, "MB/s", "pass"]},
                },
                {
                    "environ": "gnu", "fail_phase": "sanity", "result": "fail",
                    "fail_reason": "sanity error: pattern 'x'\n not found",
                    "job_submit_time": None, "partition": "login", "system": "daint",
                    "display_name": "wrong", "name": "wrong", "time_run": 0.2, "perfvalues": {},
                },
                {
                    "environ": "gnu", "fail_phase": "performance", "result": "fail",
                    "fail_reason": "performance error: triad=9.0 is too low",
                    "job_submit_time": 1795362984.0, "partition": "login", "system": "daint",
                    "display_name": "slow", "name": "slow", "time_run": 0.2,
                    "perfvalues": {"daint:login:triad": [9.0, 90, -0.1, None, "MB/s", "fail"]},
                },
                {
                    "environ": "gnu", "result": "skip", "partition": "login", "system": "daint",
                    "display_name": "idle", "name": "idle",
                },
                {
                    "environ": "gnu", "result": "pass", "partition": "login", "system": "daint",
                    "display_name": "plain", "name": "plain", "time_run": 0.5, "perfvalues": {},
                },
            ],
        }
    ],
}  # fmt: skip

REFRAME_3: dict[str, Any] = {
    "session_info": {
        "data_version": "3.1",
        "time_start": "2026-11-22T15:56:52+0000",
        "cmdline": "reframe -c t.py -r",
        "version": "4.5.2",
    },
    "runs": [
        {
            "runid": 0,
            "testcases": [
                {
                    "environment": "gnu", "fail_phase": None, "fail_reason": None,
                    "result": "success", "system": "daint:login", "display_name": "stream %size=1",
                    "name": "stream %size=1", "time_run": 0.2,
                    "perfvars": [
                        {"name": "triad", "reference": 0, "thres_lower": None, "unit": "MB/s",
                         "value": 100.5},
                        {"name": "cpu", "unit": "ms", "value": 3},
                        {"name": "none", "unit": "s", "value": None},
                    ],
                },
                {
                    "environment": "gnu", "fail_phase": "sanity", "fail_reason": "not found",
                    "result": "failure", "system": "daint:login", "display_name": "wrong",
                    "name": "wrong", "time_run": 0.2, "perfvars": None,
                },
            ],
        }
    ],
    "restored_cases": [],
}  # fmt: skip


def source(tmp_path: Path, document: Any) -> Source:
    """A file with *document*, read."""
    path = tmp_path / "report.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return read(str(path))


def changed(document: dict[str, Any], *keys: Any, to: Any) -> dict[str, Any]:
    """A copy of *document* with another value at *keys*."""
    made: Any = copy.deepcopy(document)
    at = made
    for key in keys[:-1]:
        at = at[key]
    at[keys[-1]] = to
    return dict(made)
