"""Bills of materials, before they are written in a format."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from packageurl import PackageURL

from envmgr.export.bill import Bill, Item, bill_of, content_uuid, moment
from envmgr.export.subject import Fetched, Subject
from envmgr.host.packages import SystemPackage
from envmgr.model.entry import Entry
from envmgr.model.plan import Checkout, Download, NodePackage, Wheel

from .subjects import environment, gcc
from .things import SHA, detected, installed, package

COMMIT = "0123456789abcdef" * 2
HEX = SHA.removeprefix("sha256:")
FILE = Download("zlib-1.3.tar.gz", ("file:///home/me/z", "https://example.org/z.tar.gz"), SHA)


def packaged(entry: Entry, *owners: SystemPackage) -> Subject:
    return environment(entry, packages={entry.id: owners}, distribution="debian")


def made_from(*steps: Fetched) -> Bill:
    entry = installed("lib.zlib", "/opt/zlib", version="1.3")
    return bill_of(environment(entry, sources={entry.id: steps}))


def test_an_entry_tells_what_it_is_and_no_path() -> None:
    entry = replace(gcc(), path="/home/me/bin/gcc", prefix="/home/me")
    subject = environment(entry, homepages={"compiler.gcc": "https://gcc.gnu.org"})
    (item,) = bill_of(subject).items
    assert item == Item(
        ref=entry.id,
        name="compiler.gcc",
        version="12.2.0",
        kind="application",
        homepage="https://gcc.gnu.org",
        properties={"envmgr:id": entry.id, "envmgr:origin": "detected"},
    )
    assert "/home/me" not in repr(item)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("compiler.gcc", "application"),
        ("lib.zlib", "library"),
        ("python.numpy", "library"),
        ("dataset.iris", "data"),
        ("model.bert", "model"),
    ],
)
def test_categories_are_kinds(name: str, kind: str) -> None:
    assert bill_of(environment(detected(name))).items[0].kind == kind


def test_what_one_package_owns_is_that_package() -> None:
    (item,) = bill_of(packaged(gcc(), package("gcc-12", "12.2.0-14+deb12u1"))).items
    assert item.purl == "pkg:deb/debian/gcc-12@12.2.0-14%2Bdeb12u1?arch=amd64"
    assert item.supplier == "Debian" and item.made_of == ()


def test_what_several_packages_own_is_made_of_them() -> None:
    entry = gcc()
    *owners, item = bill_of(packaged(entry, package("g++"), package("g--"))).items
    assert [owner.name for owner in owners] == ["g++", "g--"]
    assert item.made_of == tuple(owner.ref for owner in owners)
    assert item.purl is None
    assert len({owner.ref for owner in owners}) == 2
    assert all(re.fullmatch(r"[A-Za-z0-9.-]+", owner.ref) for owner in owners)


def test_packages_are_listed_once() -> None:
    one, two = gcc(), detected("tool.cmake")
    shared = (package("a"), package("b"))
    subject = environment(one, two, packages={one.id: shared, two.id: shared})
    assert [item.name for item in bill_of(subject).items] == ["a", "b", one.name, two.name]


def test_what_is_installed_from_one_file_is_that_file() -> None:
    (item,) = made_from(FILE).items
    assert item.address == "https://example.org/z.tar.gz"
    assert item.checksums == (("sha256", HEX),)
    purl = PackageURL.from_string(str(item.purl))
    assert (purl.type, purl.name) == ("generic", "zlib-1.3.tar.gz")
    assert purl.qualifiers == {"checksum": SHA, "download_url": item.address}


@pytest.mark.parametrize(
    ("step", "purl"),
    [
        (
            Wheel("Foo_Bar-1.0-py3-none-any.whl", "Foo_Bar", "1.0", SHA),
            "pkg:pypi/foo-bar@1.0?file_name=Foo_Bar-1.0-py3-none-any.whl",
        ),
        (NodePackage("x.tgz", "@scope/x", "2.0", SHA), "pkg:npm/%40scope/x@2.0"),
        (NodePackage("x.tgz", "x", "2.0", SHA), "pkg:npm/x@2.0"),
        (
            Checkout("https://example.org/a/b.git", COMMIT, "."),
            f"pkg:generic/b@{COMMIT}?vcs_url=git%2Bhttps://example.org/a/b.git%40{COMMIT}",
        ),
        (Checkout("/home/me/b", COMMIT, "."), f"pkg:generic/b@{COMMIT}"),
    ],
)
def test_package_urls_of_sources(step: Fetched, purl: str) -> None:
    (item,) = made_from(step).items
    assert item.purl == purl


def test_what_is_installed_from_several_files_is_made_of_them() -> None:
    other = NodePackage("x.tgz", "x", "2.0", "sha512:" + "cd" * 64)
    first, second, item = made_from(FILE, other).items
    assert item.made_of == (first.ref, second.ref)
    assert (first.version, second.version) == ("", "2.0")
    assert second.checksums == (("sha512", "cd" * 64),)
    assert item.checksums == ()


def test_a_python_package_that_was_found_is_that_of_pypi() -> None:
    (item,) = bill_of(environment(detected("python.numpy", "2.2.6"))).items
    assert item.purl == "pkg:pypi/numpy@2.2.6"
    (tool,) = bill_of(environment(detected("tool.cmake"))).items
    assert tool.purl is None  # from anywhere, though PyPI has one


def test_needs_and_what_was_asked_for() -> None:
    python = detected("compiler.python")
    numpy = detected("python.numpy", needs=(python.id, "not-in-here"))
    bill = bill_of(environment(python, numpy, asked=frozenset((numpy.id,))))
    assert bill.top == (numpy.id,)
    assert bill.items[1].needs == (python.id,)


@pytest.mark.parametrize("address", ["file:///home/me/x", "/home/me", "https://a b", "", "x"])
def test_only_addresses_that_everybody_can_open_are_told(address: str) -> None:
    (item,) = bill_of(environment(gcc(), homepages={"compiler.gcc": address})).items
    assert item.homepage is None
    (item,) = made_from(Download("x", (address,), SHA)).items
    assert item.address is None and "download_url" not in str(item.purl)


def test_identifiers_and_times_say_the_same_thing_twice() -> None:
    assert content_uuid("a") == content_uuid("a") != content_uuid("b")
    assert moment(None).isoformat() == "1970-01-01T00:00:00+00:00"
    assert moment(1700000000).isoformat() == "2023-11-14T22:13:20+00:00"
