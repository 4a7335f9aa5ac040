"""Collections of CK, read as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from envmgr.errors import UsageError
from envmgr.importers.ck import Collection, read_collections
from envmgr.importers.reading import Note

from .ck_tree import COUNT, COUNT_META, C, command, counting, entry, packed, text


def known(query: str) -> bool:
    return query.startswith("compiler,") or query in ("lib,opencl", "lib,other")


def read(*roots: Path) -> Collection:
    return read_collections(map(str, roots), known)


def document(root: Path) -> dict[str, Any]:
    """What the definition of the only program says."""
    (draft,) = read(root).programs
    return dict(draft.document)


def only(notes: tuple[Note, ...]) -> str:
    (note,) = notes
    return f"{note.what}: {note.why}"


def test_a_program_in_our_words(tmp_path: Path) -> None:
    counting(tmp_path)
    (draft,) = read(tmp_path).programs
    assert draft.file == "programs/count/program.toml"
    assert draft.files == ("count.c",)
    assert sorted(draft.more) == ["rtl/xopenme.c", "rtl/xopenme.h"]
    assert draft.document == {
        "name": "count",
        "description": "Program count of a CK collection",
        "tags": ["ck", "small", "lang-c"],
        "source": {"files": ["count.c", "rtl/xopenme.c"]},
        "needs": {"compiler": "compiler,lang-c"},
        "build": {
            "flags": ["-std=gnu89", "-DSIZE={size}", "-DXOPENME"],
            "include": [".", "rtl"],
            "libs": ["-lm"],
        },
        "params": {"size": 16},
        "run": {
            "default": {
                "command": "{exe} {dataset}",
                "data": {"dataset": "dataset,ck,text"},
                "copies": ["dataset"],
                "outputs": ["tmp-output.tmp", "tmp-ck-timer.json"],
                "repeat": "CT_REPEAT_MAIN",
                "check": [
                    {"file": "tmp-output.tmp", "recorded": True},
                    {"file": "stderr", "recorded": True, "tolerance": 0.0},
                ],
                "figures": {
                    "execution_time": {
                        "file": "tmp-ck-timer.json",
                        "key": "execution_time",
                        "unit": "s",
                    }
                },
            }
        },
    }


def test_nothing_is_lost_of_what_means_something(tmp_path: Path) -> None:
    counting(tmp_path)
    assert read(tmp_path).lost == () and read(tmp_path).left == ()


def test_a_data_set_in_our_words(tmp_path: Path) -> None:
    meta = {"dataset_files": ["a.txt", "b.txt", "gone.txt"], "tags": ["dataset", "Text", "small"]}
    entry(tmp_path, "dataset", "two", meta, {"a.txt": "a", "b.txt": "b", "README": "of it"})
    result = read(tmp_path)
    (draft,) = result.datasets
    assert draft.name == "dataset.ck-two" and draft.file == "detectors/dataset/ck-two.toml"
    assert draft.files == ("README", "a.txt", "b.txt")
    said = draft.document
    assert said["tags"] == ["dataset", "ck-two", "ck", "text", "small", "ck-files-2"]
    assert said["find"] == {
        "marker": ["a.txt"],
        "dirs": ["{repository}/programs/datasets/ck-two"],
    }
    assert said["env"] == {
        "CK_DATASET_PATH": "{bin}/",
        "CK_DATASET_FILENAME": "a.txt",
        "CK_DATASET_FILENAME_1": "b.txt",
    }
    assert only(result.lost) == "gone.txt: the file is not there"


def test_a_data_set_may_be_a_value_alone(tmp_path: Path) -> None:
    meta = {"cm_properties": {"run_time": {"run_cmd_main": {"dataset_number": "7", "X Y": "8"}}}}
    entry(tmp_path, "dataset", "number", meta)
    (draft,) = read(tmp_path).datasets
    assert draft.document["env"] == {"CK_DATASET_NUMBER": "7"}
    assert list(draft.more) == draft.document["find"]["marker"]


@pytest.mark.parametrize(
    ("meta", "why"),
    [
        ({}, "it has neither files nor values"),
        ({"dataset_files": ["../../text.txt"]}, "its file ../../text.txt is not there"),
        ({"dataset_files": ["below/a.txt"]}, "its file below/a.txt lies in a directory"),
    ],
)
def test_a_data_set_that_is_none(tmp_path: Path, meta: dict[str, Any], why: str) -> None:
    entry(tmp_path, "dataset", "odd", meta, {"below/a.txt": "a"})
    (tmp_path / "text.txt").write_text("not its own")
    result = read(tmp_path)
    assert result.datasets == () and only(result.left) == f"odd: {why}"


# -- what a program depends on ---------------------------------------------------------------


def test_languages_have_our_names(tmp_path: Path) -> None:
    deps = {"compiler": {"tags": "compiler,lang-c-cuda"}, "compiler-cl": C["compiler"]}
    counting(tmp_path, compile_deps=deps, build_compiler_vars={})
    needs = {"compiler": "compiler,lang-cuda", "compiler_cl": "compiler,lang-c"}
    assert document(tmp_path)["needs"] == needs


def test_a_library_that_is_known_is_linked(tmp_path: Path) -> None:
    deps = {**C, "lib-opencl": {"tags": "lib,opencl"}}
    counting(tmp_path, compile_deps=deps, build_compiler_vars={})
    said = document(tmp_path)
    assert said["needs"]["lib_opencl"] == "lib,opencl"
    assert said["build"]["libs"] == ["-lOpenCL", "-lm"]


def test_a_library_of_which_only_the_name_is_known(tmp_path: Path) -> None:
    counting(tmp_path, compile_deps={**C, "exe": {"tags": "lib,other"}})
    result = read(tmp_path)
    assert result.programs[0].document["needs"]["exe_"] == "lib,other"
    assert only(result.lost) == "exe: CK's options for the linker are not known"


def test_what_nothing_here_is_stops_a_program(tmp_path: Path) -> None:
    counting(tmp_path, compile_deps={**C, "fast": {"tags": "lib,fast"}})
    why = "count: it needs fast (lib,fast), which nothing here is"
    assert only(read(tmp_path).left) == why


def test_run_time_libraries_come_from_another_collection(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    counting(one, compile_deps={**C, "kit": {"tags": "lib,rtl,kit"}}, build_compiler_vars={})
    assert "name the collection that has its package" in only(read(one).left)
    script = "export CK_SOURCE_FILES=kit.c\nexport CK_INCLUDE_FILE=kit.h\n"
    files = {"src/ck-make.sh": script, "src/kit.c": "int kit;\n", "src/kit.h": "extern int kit;\n"}
    meta = {"tags": ["lib", "rtl", "kit"]}
    entry(other, "package", "lib-rtl-kit", meta, {"kit.tar.bz2": packed(files)})
    (draft,) = read(one, other).programs
    assert draft.more == {"rtl/kit.c": b"int kit;\n", "rtl/kit.h": b"extern int kit;\n"}
    assert draft.document["source"]["files"] == ["count.c", "rtl/kit.c"]


def test_what_is_compiled_along_has_a_directory_of_its_own(tmp_path: Path) -> None:
    directory = counting(tmp_path, source_files=["count.c", "count.c"])
    (directory / "rtl").mkdir()
    (directory / "rtl" / "xopenme.h").write_text("#error mine")
    (draft,) = read(tmp_path).programs
    assert sorted(draft.more) == ["rtl_/xopenme.c", "rtl_/xopenme.h"]
    assert draft.document["source"]["files"] == ["count.c", "rtl_/xopenme.c"]
    assert draft.document["build"]["include"] == [".", "rtl_"]


# -- building --------------------------------------------------------------------------------


def test_what_is_told_to_the_linker(tmp_path: Path) -> None:
    counting(tmp_path, extra_ld_vars="$<<CK_EXTRA_LIB_M>>$ -lz $<<CK_EXTRA_LIB_DL>>$ -Wl,x")
    result = read(tmp_path)
    assert result.programs[0].document["build"]["libs"] == ["-lm", "-lz"]
    assert [note.why.partition(" ")[0] for note in result.lost] == [
        "$<<CK_EXTRA_LIB_DL>>$",
        "-Wl,x",
    ]


def test_only_whole_numbers_become_parameters(tmp_path: Path) -> None:
    flags = {"N": "16", "n": 3, "COMPILER": 1, "TYPE": "double", "TEXT": "'a b'", "RATIO": 0.5}
    counting(tmp_path, build_compiler_vars=flags, run_vars={"SEED": 5, "MODE": "fast"})
    said = document(tmp_path)
    assert said["params"] == {"n": 16, "seed": 5}
    defined = ["-DN={n}", "-Dn=3", "-DCOMPILER=1", "-DTYPE=double", "-DTEXT=a b", "-DRATIO=0.5"]
    assert said["build"]["flags"][1:] == defined
    assert said["run"]["default"]["env"] == {"SEED": "{seed}", "MODE": "fast"}


def test_a_script_is_not_built(tmp_path: Path) -> None:
    meta = {
        "compile_deps": {"compiler": {"tags": "compiler,lang-python"}},
        "compiler_env": "CK_PYC",
        "compile_cmds": {"default": {"cmd": "echo"}},
        "main_language": "python",
        "run_cmds": {"go": {"run_time": {"run_cmd_main": "$#env1#$CK_PYC$#env2#$ ../go.py 3"}}},
        "source_files": ["go.py"],
    }
    entry(tmp_path, "program", "go", meta, {"go.py": "print(1)\n"})
    said = document(tmp_path)
    assert said["build"] == {"system": "none"}
    assert said["run"]["go"]["command"] == "{compiler} {source}/go.py 3"


def test_java_starts_the_class_that_was_built(tmp_path: Path) -> None:
    meta = {
        "compile_deps": {"compiler": {"tags": "compiler,lang-java"}},
        "main_language": "java",
        "run_cmds": {"go": {"run_time": {"run_cmd_main": "$#env1#$CK_JAVA_RT$#env2#$ Go x"}}},
        "source_files": ["Go.java"],
        "target_file": "Go",
    }
    entry(tmp_path, "program", "go", meta, {"Go.java": "class Go {}\n"})
    said = document(tmp_path)
    assert said["build"] == {"target": "Go"} and said["run"]["go"]["command"] == "{exe} x"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"source_files": []}, "it names no source files"),
        ({"source_files": ["../count.c"]}, "its source ../count.c is not among its own files"),
        ({"source_files": ["/etc/passwd"]}, "its source /etc/passwd is not among its own files"),
        ({"source_files": ["$<<X>>$a.c"]}, "its source $<<X>>$a.c is not among its own files"),
        ({"use_compile_script": "yes"}, "it is built by a script of its own, in CK's environment"),
        ({"compile_cmds": {"default": {"cmd": "make"}}}, "it is compiled by commands of its own"),
        ({"run_cmds": {}}, "it has no run_cmds"),
        ({"run_cmds": [1]}, "none of its commands can be run: none"),
        ({"build_compiler_vars": {"A;B": ""}}, "'A;B' in its build_compiler_vars is no name"),
        ({"build_compiler_vars": {"A": "1 -o x"}}, "-DA=1 -o x is not one word for a shell"),
        ({"build_compiler_vars": {"A": "{jobs}"}}, "A has braces, which are placeholders here"),
    ],
)
def test_a_program_that_is_left(tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    counting(tmp_path, **changes)
    result = read(tmp_path)
    assert result.programs == () and only(result.left).startswith(f"count: {why}")


def test_what_is_not_known_is_named(tmp_path: Path) -> None:
    counting(tmp_path, new_key=[1], empty_key={}, run_cmds=command(post_process_cmd="python x.py"))
    said = [f"{note.what}: {note.why}" for note in read(tmp_path).lost]
    why = "it has no counterpart here"
    assert said == [f"run_cmds.default: post_process_cmd: {why}", f"new_key: {why}"]


# -- running ---------------------------------------------------------------------------------


def run_of(root: Path) -> dict[str, Any]:
    said: dict[str, Any] = document(root)["run"]["default"]
    return said


def test_an_output_that_nothing_names_is_never_written(tmp_path: Path) -> None:
    counting(tmp_path, run_cmds=command(run_correctness_output_files=["tmp-output.tmp", "no.tmp"]))
    result = read(tmp_path)
    run = result.programs[0].document["run"]["default"]
    assert "no.tmp" not in run["outputs"]
    assert [check["file"] for check in run["check"]] == ["tmp-output.tmp"]
    assert "neither the command nor the sources name this output" in only(result.lost)


def test_an_output_that_the_command_names(tmp_path: Path) -> None:
    main = "$#BIN_FILE#$ $#dataset_path#$$#dataset_filename#$ --to=new.tmp"
    changes = {"run_cmd_main": main, "run_output_files": ["new.tmp", "/tmp/other", "../x"]}
    counting(tmp_path, run_cmds=command(**changes))
    result = read(tmp_path)
    outputs = result.programs[0].document["run"]["default"]["outputs"]
    assert outputs == ["tmp-output.tmp", "new.tmp", "tmp-ck-timer.json"]
    assert [note.why for note in result.lost] == ["its output has no plain name"] * 2


def test_streams_may_have_other_names(tmp_path: Path) -> None:
    changes = {"run_cmd_out1": "o.log", "run_correctness_output_files": ["o.log"]}
    counting(tmp_path, run_cmds=command(**changes))
    assert [check["file"] for check in run_of(tmp_path)["check"]] == ["stdout"]


def test_without_the_library_there_is_no_time(tmp_path: Path) -> None:
    counting(tmp_path, compile_deps=C, build_compiler_vars={})
    run = run_of(tmp_path)
    assert "figures" not in run and run["outputs"] == ["tmp-output.tmp"]


def test_a_program_that_does_not_look_at_the_variable_does_not_repeat(tmp_path: Path) -> None:
    source = COUNT.replace("CT_REPEAT_MAIN", "OTHER")
    entry(tmp_path, "program", "count", COUNT_META, {"count.c": source})
    run = run_of(tmp_path)
    assert "repeat" not in run and "env" not in run


def test_any_status_is_taken(tmp_path: Path) -> None:
    runs: dict[str, Any] = command()
    runs["default"]["ignore_return_code"] = "yes"
    counting(tmp_path, run_cmds=runs)
    assert run_of(tmp_path)["exit_codes"] == list(range(256))


def test_files_of_the_program_are_put_where_it_runs(tmp_path: Path) -> None:
    main = '$#BIN_FILE#$ "$#src_path#$in/a.dat"'
    changes = {"run_cmd_main": main, "run_input_files": ["b.dat", "no.dat"]}
    directory = counting(tmp_path, run_cmds=command(**changes))
    (directory / "in").mkdir()
    (directory / "in" / "a.dat").write_text("a")
    (directory / "b.dat").write_text("b")
    result = read(tmp_path)
    run = result.programs[0].document["run"]["default"]
    assert run["command"] == "{exe} in/a.dat" and run["inputs"] == ["in/a.dat", "b.dat"]
    assert "data" not in run and "copies" not in run
    assert only(result.lost) == "run_cmds.default: no.dat: its input is no file of the program"


def test_a_command_may_be_left_and_another_taken(tmp_path: Path) -> None:
    runs = {**command(), "piped": {"run_time": {"run_cmd_main": "$#BIN_FILE#$ | sort"}}}
    runs["Late"] = {"run_time": {"run_cmd_main": "$#BIN_FILE#$", "pre_process_cmd": "x"}}
    counting(tmp_path, run_cmds=runs)
    result = read(tmp_path)
    assert list(result.programs[0].document["run"]) == ["default"]
    assert [f"{note.what}: {note.why}" for note in result.lost] == [
        "run_cmds.piped: it needs a shell for |",
        "run_cmds.Late: pre_process_cmd does something before it",
    ]


def test_a_command_that_asks_for_more_files_gets_data_that_has_them(tmp_path: Path) -> None:
    two = "$#dataset_path#$$#dataset_filename#$ $#dataset_path#$$#dataset_filename_1#$"
    counting(tmp_path, run_cmds=command(run_cmd_main=f"$#BIN_FILE#$ {two}"))
    run = run_of(tmp_path)
    assert run["data"] == {"dataset": "dataset,ck,text,ck-files-2"}
    extra = "{dataset.CK_DATASET_PATH}{dataset.CK_DATASET_FILENAME_1}"
    assert run["command"] == f"{{exe}} {{dataset}} {extra}"


def test_a_command_that_does_not_say_which_data(tmp_path: Path) -> None:
    runs: dict[str, Any] = command()
    del runs["default"]["dataset_tags"]
    counting(tmp_path, run_cmds=runs)
    assert "dataset_tags says nothing of which" in only(read(tmp_path).left)


# -- collections -----------------------------------------------------------------------------


def test_the_first_with_a_name_is_the_one(tmp_path: Path) -> None:
    for name in ("text-1", "TEXT 1"):
        text(tmp_path, name)
    result = read(tmp_path)
    assert [draft.where for draft in result.datasets] == ["dataset/TEXT 1/.cm/meta.json"]
    assert only(result.left) == "text-1: another one is called dataset.ck-text-1 here"


def test_a_name_that_a_repository_needs_itself(tmp_path: Path) -> None:
    entry(tmp_path, "program", "datasets", COUNT_META, {"count.c": COUNT})
    assert only(read(tmp_path).left) == "datasets: its name cannot be a name here"


def test_a_directory_that_is_no_collection(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no CK collection"):
        read(tmp_path)
