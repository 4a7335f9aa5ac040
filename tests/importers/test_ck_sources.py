"""What sources tell of how they want to be compiled."""

from __future__ import annotations

import pytest

from envmgr.importers.ck_sources import Sources, dialect, headers_there, replaced_by_the_system


def of(text: str, header: str = "", name: str = "a.c") -> Sources:
    return Sources({name: text}, {"a.h": header})


@pytest.mark.parametrize(
    ("text", "is_old"),
    [
        ("main() { int i; for (i = 0; i < 3; i++) f(); }", True),
        ("int main(void) { for (int i = 0; i < 3; i++) f(); }", False),
        ("int main(void) { for (const unsigned int i = 0;;) f(); }", False),
        ("int main(void) { for (char *p = q; *p; p++) f(); }", False),
        ("/* for (int i = 0;;) */ main() { }", True),
        ('main() { puts("for (int i = 0;;)"); }', False),  # told by the text alone
        ("main() { for (i == 0;;) f(); }", True),
    ],
)
def test_the_language_of_1989(text: str, is_old: bool) -> None:
    assert dialect(of(text)) == (("-std=gnu89",) if is_old else ())


def test_only_c_has_that_language() -> None:
    assert dialect(of("program x", name="a.F")) == ()
    assert dialect(Sources({"a.c": "", "b.cpp": ""}, {})) == ()
    assert dialect(Sources({"a.F": ""}, {}, along={"rtl.c": ""})) == ()
    assert dialect(Sources({}, {})) == ()


def test_a_header_that_is_included_anyway_is_there() -> None:
    uses = "#include <unistd.h>\n"
    doubts = "#if !defined(HAVE_UNISTD_H)\nint close(int);\n#endif\n"
    assert headers_there(of(uses, doubts)) == ("-DHAVE_UNISTD_H",)
    assert headers_there(of(uses, "")) == ()
    assert headers_there(of(f"/* {uses} */", doubts)) == ()
    assert headers_there(of(f"#ifdef X\n{uses}#endif\n", doubts)) == ()
    assert headers_there(of(uses, "#define HAVE_UNISTD_H 1\n" + doubts)) == ()
    assert headers_there(of(uses, "/* #define HAVE_UNISTD_H 1 */\n" + doubts)) != ()


@pytest.mark.parametrize(
    ("text", "is_replaced"),
    [
        ("gettimeofday (tp, tzp)\n  struct timeval *tp;\n  struct zone *tzp;\n{\n}\n", True),
        ("int gettimeofday(struct timeval *tp, void *tzp)\n{\n}\n", True),
        ("int gettimeofday(struct timeval *tp, void *tzp);\nint f(void)\n{\n}\n", False),
        ("int f(void)\n{\n}\ngettimeofday (tp, tzp)\n  int *tp;\n{\n}\n", False),
        ("int x;\n", False),
    ],
)
def test_replacements_that_no_longer_compile(text: str, is_replaced: bool) -> None:
    assert replaced_by_the_system(of(text)) == (("a.c",) if is_replaced else ())


@pytest.mark.parametrize("piece", ["/*", "for (", "a (", "# include ", 'x "', "a a ", "a()\n;"])
def test_hostile_sources_take_no_time(piece: str) -> None:
    sources = of(piece * 20_000)
    assert (dialect(sources), headers_there(sources), replaced_by_the_system(sources)) is not None


def test_what_they_name() -> None:
    sources = Sources(
        {"a.c": 'fopen("out.tmp"); xopenme_dump_state();'}, {"a.h": "X"}, {"r.c": "Y"}
    )
    assert sources.write("out.tmp") and not sources.write("t.tmp")
    assert sources.mention("X") and sources.mention("Y")
    assert sources.call("xopenme_dump_state") and not sources.call("Y")
