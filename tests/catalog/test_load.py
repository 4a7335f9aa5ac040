"""Every kind of mistake is named with its line, its key and what was probably meant."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envmgr.catalog.load import SIZE_LIMIT, load, place_of, read
from envmgr.model.definition import CaseFile, Detector, Recipe, SourceFile
from envmgr.model.shell import Shell

from .mistakes import MISTAKES, Mistake
from .samples import (
    BASE64,
    COMMIT,
    DETECTOR,
    DETECTOR_FILE,
    GOOD,
    PLACES,
    PLACES_FILE,
    RECIPE,
    RECIPE_FILE,
    SHA256,
    SHA512,
    SHELL,
    SHELL_FILE,
)


@pytest.mark.parametrize("file", GOOD)
def test_a_good_file_has_no_problem(file: str) -> None:
    assert read(file, GOOD[file]).problems == ()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.key}-{m.new[:30]}")
def test_a_mistake_is_named(mistake: Mistake) -> None:
    problems = read(mistake.file, mistake.text).problems
    assert [(p.file, p.line, p.key) for p in problems] == [
        (mistake.file, mistake.line, mistake.key)
    ]
    assert mistake.says in problems[0].message
    assert problems[0].suggestion == mistake.meant


def test_all_mistakes_of_a_file_are_named_in_one_go() -> None:
    text = DETECTOR
    for old, new in [
        ("homepage =", "homepge ="),
        ("{real}", "{rael}"),
        ('["/opt/*"]', '["opt"]'),
        ("{path} --version", "{paht}"),
        ('output = "clang"', 'output = "("'),
        ('PATH = ["{bin}"]', 'PATH = "{bin}"'),
        ("g++{suffix}", "g++{sufix}"),
        ('{ refused = "clang" }', "{ refusd = 1 }"),
    ]:
        assert old in text
        text = text.replace(old, new, 1)
    problems = read(DETECTOR_FILE, text).problems
    assert [(p.line, p.key) for p in problems] == [
        (3, "homepge"),
        (5, "identity"),
        (9, "find.dirs[0]"),
        (12, "version[0].run"),
        (16, "refuse[0].output"),
        (23, "prepend.PATH"),
        (26, "part[0].file"),
        (40, "case[1].expect.refusd"),
        (40, "case[1].expect"),
    ]


def test_a_file_with_nothing_in_it_misses_every_required_key() -> None:
    problems = read(RECIPE_FILE, "").problems
    missing = {p.key for p in problems if p.message == "is missing"}
    assert missing == {"name", "description", "tags", "detector", "versions", "source"}
    assert {p.line for p in problems} == {1}


@pytest.mark.parametrize(
    ("table", "instead", "key", "says"),
    [
        ("[[case]]", "", "case", "is missing"),
        ("[[version]]", "", "version", "is missing"),
        ("[[case]]", "case = []", "case", "holds no case"),
        ("[[version]]", "version = []", "version", "holds no rule"),
        ("[[case]]", "case = 3", "case", "must be a list, not a number"),
        ("[[case]]", "case = [3]", "case[0]", "must be a table, not a number"),
        ("[find]", "", "find", "is missing"),
        ("[find]", "find = {}", "find", "names no way to find it"),
        ("[find]", 'find.dirs = ["/opt"]', "find", "names no way to find it"),
        ("[find]", "find = 3", "find", "must be a table, not a number"),
    ],
)
def test_a_table_that_is_missing_empty_or_none(
    table: str, instead: str, key: str, says: str
) -> None:
    head, *tables = re.split(r"(?m)^(?=\[)", DETECTOR)
    kept = "".join(part for part in tables if not part.startswith(table))
    said = [(p.key, p.message) for p in read(DETECTOR_FILE, f"{head}{instead}\n{kept}").problems]
    assert [message for at, message in said if at == key and says in message]
    assert len([message for at, message in said if at == key]) == 1


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('name = "x"\nname = "y"\n', 2, "is not TOML"),
        ("\n\nname = \n", 3, "is not TOML"),
        ("[a]\n[a]\n", 2, "is not TOML"),
        ("x = [1,\n2,\n", 3, "is not TOML"),
        ("x = 2024-13-45\n", 0, "is not TOML"),
    ],
)
def test_what_is_not_toml_is_one_problem(text: str, line: int, says: str) -> None:
    loaded = read(DETECTOR_FILE, text)
    assert loaded.value is None
    assert says in loaded.problems[0].message
    assert len(loaded.problems) == 1
    if line:
        assert loaded.problems[0].line == line


def test_deep_nesting_and_long_numbers_are_problems_like_any_other() -> None:
    assert read(DETECTOR_FILE, "x = " + "[" * 100_000).problems
    assert read(DETECTOR_FILE, "x = " + "9" * 10_000).problems


def test_a_file_that_lies_nowhere_is_a_problem() -> None:
    assert "lies in none of" in read("elsewhere/gcc.toml", DETECTOR).problems[0].message


@pytest.mark.parametrize(
    ("file", "kind", "place"),
    [
        ("/a/detectors/compiler/gcc.toml", "detector", ("compiler", "gcc")),
        ("/a/recipes/lib/zlib.toml", "recipe", ("lib", "zlib")),
        ("/a/recipes/python/scikit-learn.toml", "recipe", ("python", "scikit-learn")),
        ("/a/shells/bash.toml", "shell", ("bash",)),
        ("/a/detectors/places.toml", "places", ("places",)),
        ("/detectors/gcc.toml", "", ()),
        ("/gcc.toml", "", ()),
    ],
)
def test_the_place_of_a_file_says_what_it_is(file: str, kind: str, place: tuple[str, ...]) -> None:
    assert place_of(file) == (kind, place)


def test_a_detector_as_a_value() -> None:
    detector = read(DETECTOR_FILE, DETECTOR).value
    assert isinstance(detector, Detector)
    assert detector.find.program == (r"gcc(?P<suffix>-[\d.]+)?",)
    assert detector.versions[0].run == "{path} --version"
    assert detector.refusals[0].why == "clang under the name of gcc"
    assert detector.prepend == {"PATH": ("{bin}",)}
    assert detector.parts[0].env == {"CXX": "{file}"}
    assert detector.possible_tags == ("compiler.gcc", "compiler", "gcc", "lang-c", "lang-cpp")
    assert detector.cases[0].version == "9.4.0"
    assert detector.cases[1].refused == "clang"
    assert detector.digest == hashlib.sha256(DETECTOR.encode()).hexdigest()


def test_a_bare_text_is_a_program_below_bin_and_a_file_elsewhere() -> None:
    text = DETECTOR.replace('tree."bin/gcc" = "Apple', 'tree."lib/x" = ""\ntree."bin/gcc" = "Apple')
    detector = read(DETECTOR_FILE, text).value
    assert isinstance(detector, Detector)
    assert detector.cases[1].tree == {
        "lib/x": CaseFile(text=""),
        "bin/gcc": CaseFile(run="Apple clang version 15.0.0"),
    }


def test_a_recipe_as_a_value() -> None:
    recipe = read(RECIPE_FILE, RECIPE).value
    assert isinstance(recipe, Recipe)
    assert recipe.versions[0].files == (SourceFile("zlib-1.3.1-b7.tar.gz", SHA256),)
    assert recipe.versions[0].values == {"build": "b7"}
    assert (recipe.source.strip, recipe.source.unpack) == (1, True)
    assert recipe.needs_queries == {"cc": "compiler,lang-c"}


def test_needs_with_conditions() -> None:
    need = 'cc = { query = "compiler", versions = "<2", platforms = ["linux-x86_64*"] }'
    text = RECIPE.replace('cc = "compiler,lang-c"', f'{need}\nmake = "tool.make"')
    recipe = read(RECIPE_FILE, text).value
    assert isinstance(recipe, Recipe)
    assert recipe.needs_of("1.3.1", "linux-x86_64-debian12") == {
        "cc": "compiler",
        "make": "tool.make",
    }
    assert recipe.needs_of("2.0", "linux-x86_64-debian12") == {"make": "tool.make"}
    assert recipe.needs_of("1.3.1", "linux-aarch64-debian12") == {"make": "tool.make"}


def test_what_is_needed_only_at_times_is_in_no_template() -> None:
    """It would have no value at all other times."""
    need = 'cc = { query = "compiler", platforms = ["linux-x86_64*"] }'
    text = RECIPE.replace('cc = "compiler,lang-c"', need)
    said = {problem.key: problem.message for problem in read(RECIPE_FILE, text).problems}
    assert said == {
        "build.commands[0]": "{cc.path} has no value where its need does not apply",
        "build.commands[1]": "{cc.CC} has no value where its need does not apply",
        "build.env.CFLAGS": "{cc.prefix} has no value where its need does not apply",
    }


def _rows(versions: str, source: str) -> Recipe:
    text = f"""name = "lib.zlib"
description = "x"
tags = ["lib", "zlib"]
detector = "lib.zlib"
[versions]
{versions}
[source]
{source}
"""
    loaded = read(RECIPE_FILE, text)
    assert loaded.problems == ()
    assert isinstance(loaded.value, Recipe)
    return loaded.value


def test_rows_of_every_form() -> None:
    address = 'urls = ["https://example.org/{version_major}/z%2Bx-{version}.tgz?raw=1#x"]'
    row = _rows(f'"1.2" = "{SHA512}"', address).versions[0]
    assert row.files == (SourceFile("z%2Bx-1.2.tgz", SHA512),)
    row = _rows(f'"1.2" = "{BASE64}"', 'npm = "@esbuild/linux-x64"').versions[0]
    assert row.files == (SourceFile("linux-x64-1.2.tgz", BASE64),)
    row = _rows(f'"1.2" = {{ commit = "{COMMIT}" }}', 'git = "https://example.org/z"').versions[0]
    assert (row.commit, row.files) == (COMMIT, ())
    row = _rows(f'"1.2" = {{ "a.whl" = "{SHA256}" }}', 'pypi = "z"').versions[0]
    assert row.files == (SourceFile("a.whl", SHA256),)
    row = _rows(f'"1.2" = {{ "a.gz" = "{SHA256}", "b.gz" = "{SHA256}" }}',
                'urls = ["https://example.org/{file}"]').versions[0]  # fmt: skip
    assert [file.name for file in row.files] == ["a.gz", "b.gz"]


@pytest.mark.parametrize(
    ("versions", "source", "says"),
    [
        (f'"1" = "{SHA256}"', 'git = "https://example.org/z"', "needs a commit"),
        (f'"1" = "{SHA256}"', 'git = "ext::id"', "is not an address with"),
        (f'"1" = "{SHA256}"', 'npm = "@a/b/c"', "is not a name of a package"),
        (f'"1" = {{ commit = "{COMMIT}" }}', 'npm = "x"', "needs one digest"),
        ('"1" = { digets = "x" }', 'npm = "x"', "unknown key"),
        (f'"1" = {{ "a.gz" = "{SHA256}", "b.gz" = "{SHA256}" }}',
         'urls = ["https://example.org/a.gz"]', "must hold {file}"),
        (f'"1" = "{SHA256}"', 'urls = ["https://example.org/"]', "names no file"),
        (f'"1" = "{SHA256}"', 'urls = ["https://example.org/{file}"]', "names no file"),
        ('"1" = { commit = "0123" }', 'git = "ssh://git@example.org/a/b"', "is not a commit"),
        (f'"1" = {{ commit = "{COMMIT}" }}', 'git = "git@example.org:a/b"', "is not an address"),
        (f'"1" = {{ commit = "{COMMIT}" }}', 'git = "http://example.org/a"', "is not an address"),
    ],
)  # fmt: skip
def test_rows_that_do_not_fit_their_source(versions: str, source: str, says: str) -> None:
    text = RECIPE.partition("[versions]")[0] + f"[versions]\n{versions}\n[source]\n{source}\n"
    assert any(says in problem.message for problem in read(RECIPE_FILE, text).problems)


def test_a_shell_as_a_value() -> None:
    shell = read(SHELL_FILE, SHELL).value
    assert isinstance(shell, Shell)
    assert shell.escapes == (("'", "'\\''"),)
    assert shell.argv == ("--rcfile", "{rc}/bashrc", "-i")
    assert set(shell.files) == {"bashrc"}


def test_a_place_of_shims_needs_no_prefixes() -> None:
    text = PLACES + '[[place]]\nmanager = "ccache"\nshims = ["/usr/lib/ccache"]\n'
    value = read(PLACES_FILE, text).value
    assert isinstance(value, tuple)
    assert (value[1].prefixes, value[1].shims) == ((), ("/usr/lib/ccache",))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert "cannot be read" in load(str(tmp_path / "none.toml")).problems[0].message
    assert "cannot be read" in load(str(tmp_path)).problems[0].message
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b'name = "x"\ndescription = "\xe9"\n')
    assert (load(str(latin)).problems[0].line, load(str(latin)).value) == (2, None)
    huge = tmp_path / "huge.toml"
    huge.write_bytes(b"#" * (SIZE_LIMIT + 1))
    assert "larger than" in load(str(huge)).problems[0].message


def test_a_problem_reads_as_one_line() -> None:
    text = DETECTOR.replace("identity =", "identitty =")
    assert [str(problem) for problem in read(DETECTOR_FILE, text).problems] == [
        "detectors/compiler/gcc.toml:5: identitty: unknown key (did you mean identity?)"
    ]


# Documents of any shape, with the keys of definitions more often than others.
_WORDS = """
    name description tags find program version run match refuse env prepend part file check case
    tree expect detector versions source urls pypi npm git needs build links scripts platforms
    place manager prefixes shims set unset quote escapes files argv provides conflicts query spack
"""
_KEYS = st.sampled_from(_WORDS.split()) | st.text(max_size=5)
_SCALARS = (
    st.none().map(lambda _: "")
    | st.text(max_size=8)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.sampled_from(["{path}", "{x}", "(", "../x", SHA256, "compiler,lang-c"])
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{_quoted(key)} = {_toml(item)}" for key, item in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return _quoted(value)
    return str(value).lower()


def _quoted(text: str) -> str:
    escaped = "".join(
        char if char.isascii() and char.isalnum() else f"\\U{ord(char):08x}" for char in text
    )
    return f'"{escaped}"'


@settings(deadline=None)
@given(
    document=st.dictionaries(_KEYS, _VALUES, max_size=6),
    file=st.sampled_from([*GOOD, "nowhere.toml"]),
)
def test_no_document_crashes_the_reader(document: dict[str, object], file: str) -> None:
    text = "\n".join(f"{_quoted(key)} = {_toml(value)}" for key, value in document.items())
    loaded = read(file, text)
    assert not any("is not TOML" in problem.message for problem in loaded.problems)
    assert loaded.problems  # none of these has all that is required


@settings(deadline=None)
@given(text=st.text(), file=st.sampled_from(list(GOOD)))
def test_no_text_crashes_the_reader(text: str, file: str) -> None:
    assert read(file, text).problems


@settings(deadline=None)
@given(data=st.data(), file=st.sampled_from(list(GOOD)))
def test_no_damage_crashes_the_reader(data: st.DataObject, file: str) -> None:
    good = GOOD[file]
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, len(good)))
    broken = good[:start] + data.draw(st.text(max_size=5)) + good[end:]
    for problem in read(file, broken).problems:
        assert 0 <= problem.line <= broken.count("\n") + 2
