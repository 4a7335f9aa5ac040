"""Small collections of CK, written for tests."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

C = {"compiler": {"tags": "compiler,lang-c"}}
XOPENME = {"xopenme": {"tags": "lib,xopenme"}}
COUNT = r"""
#include <stdio.h>
#include <stdlib.h>
#ifdef XOPENME
#include "xopenme.h"
#endif

count(file)
FILE *file;
{
  int all = 0;
  while (getc(file) != EOF) all++;
  return all;
}

int main(int argc, char **argv) {
  FILE *out = fopen("tmp-output.tmp", "w");
  int repeats = atoi(getenv("CT_REPEAT_MAIN") ? getenv("CT_REPEAT_MAIN") : "1");
  int all = 0;
#ifdef XOPENME
  xopenme_init(1, 0);
  xopenme_clock_start(0);
#endif
  for (; repeats > 0; repeats--) all = count(fopen(argv[1], "r"));
#ifdef XOPENME
  xopenme_clock_end(0);
  xopenme_dump_state();
  xopenme_finish();
#endif
  fprintf(out, "%d of %d\n", all, SIZE);
  return 0;
}
"""
"""A program as those of CK are: of 1989, and timed by the library."""
COUNT_META: dict[str, Any] = {
    "build_compiler_vars": {"SIZE": 16, "XOPENME": ""},
    "compile_deps": {**C, **XOPENME},
    "compiler_env": "CK_CC",
    "extra_ld_vars": "$<<CK_EXTRA_LIB_M>>$",
    "main_language": "c",
    "run_cmds": {
        "default": {
            "dataset_tags": ["text", "dataset"],
            "hot_functions": [{"name": "count", "percent": "99"}],
            "ignore_return_code": "no",
            "run_time": {
                "fine_grain_timer_file": "tmp-ck-timer.json",
                "run_cmd_main": "$#BIN_FILE#$ $#dataset_path#$$#dataset_filename#$",
                "run_cmd_out1": "tmp-output1.tmp",
                "run_cmd_out2": "tmp-output2.tmp",
                "run_correctness_output_files": ["tmp-output.tmp", "tmp-output2.tmp"],
                "run_output_files": ["tmp-output.tmp", "tmp-ck-timer.json"],
            },
        }
    },
    "run_vars": {"CT_REPEAT_MAIN": "1"},
    "source_files": ["count.c"],
    "tags": ["small", "Lang C"],
    "target_file": "a",
}
TEXT_META: dict[str, Any] = {"dataset_files": ["text.txt"], "tags": ["dataset", "text", "small"]}


def entry(
    root: Path, kind: str, name: str, meta: object, files: Mapping[str, str | bytes] | None = None
) -> Path:
    """Write one entry of the collection at *root*; its directory. A text is taken as it is."""
    directory = root / kind / name
    (directory / ".cm").mkdir(parents=True)
    text = meta if isinstance(meta, str) else json.dumps(meta)
    (directory / ".cm" / "meta.json").write_text(text)
    for path, data in (files or {}).items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(data.encode() if isinstance(data, str) else data)
    return directory


def counting(root: Path, **changes: object) -> Path:
    """The program that counts, with some keys of its meta otherwise; its directory."""
    return entry(root, "program", "count", {**COUNT_META, **changes}, {"count.c": COUNT})


def command(**changes: object) -> dict[str, object]:
    """Its `run_cmds`, with some keys of what is run otherwise."""
    default = COUNT_META["run_cmds"]["default"]
    return {"default": {**default, "run_time": {**default["run_time"], **changes}}}


def text(root: Path, name: str = "text-0001") -> Path:
    """A data set with one file; its directory."""
    return entry(root, "dataset", name, TEXT_META, {"text.txt": "seven\n"})


def packed(files: Mapping[str, str]) -> bytes:
    """An archive of *files*, as packages of CK have it."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:bz2") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content.encode()))
    return stream.getvalue()
