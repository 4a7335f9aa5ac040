"""Commands of CK without a shell."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.importers.ck_command import Command, Own, quoted, translate
from envmgr.importers.reading import UntranslatableError
from envmgr.model.template import holes

OWN = Own(files=("a.dat", "b c.dat", "go.py"), scripts=("go.py",), runtimes={"CK_PY": "{compiler}"})


def words(text: str) -> list[str]:
    return list(translate(text, OWN).words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$#BIN_FILE#$ ", ["{exe}"]),
        ("$#BIN_FILE#$ -o 'a b'", ["{exe}", "-o", "a b"]),
        ('$#BIN_FILE#$ "$#src_path#$a.dat"', ["{exe}", "a.dat"]),
        ("$#BIN_FILE#$ --in=$#src_path#$a.dat", ["{exe}", "--in=a.dat"]),
        ("$#BIN_FILE#$ $#up_dir#$a.dat", ["{exe}", "a.dat"]),
        ("$#BIN_FILE#$ ..$#dir_sep#$a.dat", ["{exe}", "a.dat"]),
        ("$#BIN_FILE#$ $#src_path#$", ["{exe}", "{source}/"]),
        ("$#BIN_FILE#$ $#dataset_path#$$#dataset_filename#$", ["{exe}", "{dataset}"]),
        ("$#BIN_FILE#$ $#dataset_filename#$", ["{exe}", "{dataset.CK_DATASET_FILENAME}"]),
        ("$#BIN_FILE#$ $#dataset_number#$", ["{exe}", "{dataset.CK_DATASET_NUMBER}"]),
        ("$#env1#$CK_PY#$env2#$", None),
        ("$#env1#$CK_PY$#env2#$ ../go.py", ["{compiler}", "{source}/go.py"]),
        ("$<<CK_PY>>$ ../go.py", ["{compiler}", "{source}/go.py"]),
        ("$<<CK_OTHER>>$ ../go.py", None),
        ("$#BIN_FILE#$ $#src_path#$no.dat", None),
        ("$#BIN_FILE#$ $#src_path#$../../etc/passwd", None),
        ("$#BIN_FILE#$ ../../../etc/passwd", None),
        ("$#BIN_FILE#$ > out", None),
        ("$#BIN_FILE#$ 2>&1", None),
        ("$#BIN_FILE#$ && rm -r x", None),
        ("$#BIN_FILE#$; rm", None),
        ("$#BIN_FILE#$ $(id)", None),
        ("$#BIN_FILE#$ `id`", None),
        ("$#BIN_FILE#$ $HOME", None),
        ("$#BIN_FILE#$ *.c", None),
        ("$#BIN_FILE#$ {jobs}", None),
        ("$#BIN_FILE#$ 'open", None),
        ("$#BIN_FILE#$ <", None),
        ("$#BIN_FILE#$ < a < b", None),
        ("< a", None),
        ("", None),
    ],
)
def test_a_command(text: str, expected: list[str] | None) -> None:
    if expected is not None:
        assert words(text) == expected
        return
    with pytest.raises(UntranslatableError):
        translate(text, OWN)


def test_standard_input() -> None:
    data = "$#dataset_path#$$#dataset_filename#$"
    assert translate(f"$#BIN_FILE#$ -x < {data}", OWN) == Command(
        ("{exe}", "-x"), stdin="{dataset}", data_files=1
    )
    assert translate(f"$#BIN_FILE#$ <{data} -x", OWN).words == ("{exe}", "-x")


def test_what_it_asks_of_its_data() -> None:
    asked = translate("$#BIN_FILE#$ $#dataset_filename_2#$ $#dataset_number#$", OWN)
    assert asked.data_files == 3 and asked.values == {"CK_DATASET_NUMBER"} and asked.uses_data
    assert not translate("$#BIN_FILE#$ x", OWN).uses_data


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)))
def test_words_stay_words(some: list[str]) -> None:
    text = Command(tuple(some)).text
    assert shlex.split(text) == some


@given(st.text(st.sampled_from("ab ./$#<>|;&'\"{}~*") | st.sampled_from("src_path")))
def test_nothing_leaves_the_program_or_reaches_a_shell(text: str) -> None:
    try:
        made = translate(f"$#BIN_FILE#$ {text}", OWN)
    except UntranslatableError:
        return
    assert set(made.inputs) <= set(OWN.files)
    for word in made.words:
        assert not any(sign in word for sign in "|;&<>`*~")
        assert {hole.partition(".")[0] for hole in holes(word)} <= {"exe", "source", "dataset"}


def test_placeholders_stay_readable() -> None:
    assert quoted("{dataset.CK_X}/a") == "{dataset.CK_X}/a"
