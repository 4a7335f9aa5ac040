"""An environment with one of everything that a bill of materials tells."""

from __future__ import annotations

from dataclasses import replace

from envmgr.export.subject import Subject
from envmgr.model.plan import Checkout, Download, Wheel

from .subjects import environment, gcc
from .things import SHA, detected, installed, package


def everything() -> Subject:
    compiler = replace(gcc(), path="/home/me/bin/gcc", prefix="/home/me")
    python = detected("compiler.python", "3.11.2")
    numpy = installed("python.numpy", "/home/me/numpy", version="2.2.6", needs=(python.id,))
    zlib = installed("lib.zlib", "/home/me/zlib", version="1.3")
    mixed = installed("tool.cmake", "/home/me/cmake", version="4.0")
    data, model = detected("dataset.iris", "1936"), detected("model.bert")
    strange = detected("tool.trap", 'a "b" <c>\n\x07é\\')
    entries = (compiler, python, numpy, zlib, mixed, data, model, strange)
    address = "https://example.org/zlib-1.3.tar.gz"
    return environment(
        *entries,
        asked=frozenset(entry.id for entry in entries if entry is not python),
        distribution="debian",
        packages={
            compiler.id: (package("gcc-12", "12.2.0-14+deb12u1"), package("g++-12", "4:12-3~x")),
            python.id: (package("python3.11-minimal", "3.11.2-6"),),
        },
        sources={
            numpy.id: (Wheel("numpy-2.2.6-cp311.whl", "numpy", "2.2.6", SHA),),
            zlib.id: (Download("zlib-1.3.tar.gz", ("file:///home/me/z", address), SHA),),
            mixed.id: (
                Checkout("https://example.org/repo.git", "0" * 40, "."),
                Download("local.tar", ("file:///home/me/local.tar",), "md5:" + "cd" * 16),
            ),
        },
        homepages={"lib.zlib": "https://zlib.net", "tool.trap": "file:///home/me/"},
    )
