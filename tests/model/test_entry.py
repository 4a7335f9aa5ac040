from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, from_json, make_entry, to_json
from envmgr.model.stamp import Stamp

text = st.text(max_size=8)
texts = st.lists(text, max_size=3).map(tuple)
stamps = st.builds(Stamp, text, st.integers(0), st.integers(0), st.integers(0))
origins = st.builds(
    Origin, st.sampled_from(["detected", "installed"]), text, st.none() | text, texts
)
entries = st.builds(
    make_entry,
    text,
    text,
    tags=texts,
    prefix=text,
    path=text,
    delta=st.builds(Delta, st.dictionaries(text, text), st.dictionaries(text, texts)),
    origin=origins,
    needs=texts,
    fingerprint=st.lists(stamps, max_size=2).map(tuple),
    facts=st.dictionaries(text, text),
)


def zlib(prefix: str, kind: str = "installed", **more: str) -> Entry:
    return make_entry(
        "lib.zlib",
        more.pop("version", "1.3.1"),
        tags=("lib", "zlib"),
        prefix=prefix,
        path=f"{prefix}/lib/libz.so.1",
        delta=Delta({"ZLIB_ROOT": prefix}, {"LIBRARY_PATH": (f"{prefix}/lib",)}),
        origin=Origin(kind, "lib.zlib", "lib.zlib", ("sha256:ab",)),
        facts=more,
    )


@given(entries)
def test_json_gives_the_same_entry(entry: Entry) -> None:
    assert from_json(json.loads(json.dumps(to_json(entry)))) == entry


@given(entries)
def test_the_id_is_sixteen_digits_of_the_content(entry: Entry) -> None:
    assert len(entry.id) == 16
    assert set(entry.id) <= set("0123456789abcdef")


@pytest.mark.parametrize("prefix", ["/elsewhere/zlib", "/a", '/with "quotes" and \\', "/ü"])
def test_an_installed_entry_is_the_same_wherever_it_lies(prefix: str) -> None:
    assert zlib(prefix).id == zlib("/store/prefixes/lib.zlib").id


def test_a_detected_entry_is_tied_to_its_place() -> None:
    assert zlib("/usr", "detected").id != zlib("/usr/local", "detected").id


def test_the_content_makes_the_id() -> None:
    assert zlib("/usr").id != zlib("/usr", version="1.3").id


def test_when_it_was_seen_and_what_else_was_read_do_not_make_the_id() -> None:
    seen = make_entry(
        **{
            **{name: getattr(zlib("/usr"), name) for name in ("name", "version", "tags")},
            "prefix": "/usr",
            "path": zlib("/usr").path,
            "delta": zlib("/usr").delta,
            "origin": zlib("/usr").origin,
            "fingerprint": (Stamp("/usr/lib/libz.so.1", 1, 2, 3),),
            "facts": {"suffix": ".1"},
        }
    )
    assert seen.id == zlib("/usr").id


def test_the_order_of_tags_does_not_matter() -> None:
    one = zlib("/usr")
    assert one.tags == ("lib", "zlib")
    assert one.all_tags == ("lib.zlib", "lib", "zlib")
    assert str(one) == "lib.zlib@1.3.1"


@pytest.mark.parametrize("key", ["id", "env", "prepend", "origin", "needs", "fingerprint", "facts"])
def test_a_form_without_a_key_is_no_entry(key: str) -> None:
    form = to_json(replace(zlib("/usr")))
    del form[key]
    with pytest.raises(KeyError):
        from_json(form)
