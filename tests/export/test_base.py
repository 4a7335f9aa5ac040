"""Base images: of this distribution in this version, or one that a user pinned."""

from __future__ import annotations

import pytest

from envmgr.errors import UsageError
from envmgr.export.base import Distribution, base_image, checked_image


@pytest.mark.parametrize(
    ("id", "release", "point_release", "image"),
    [
        ("debian", "12", "12.11", "debian:12.11"),
        ("ubuntu", "22.04", "22.04.3", "ubuntu:22.04"),
        ("fedora", "40", "40", "fedora:40"),
        ("almalinux", "9.4", "9.4", "almalinux:9.4"),
        ("rocky", "9.4", "9.4", "rockylinux/rockylinux:9.4"),
        ("alpine", "3.19.1", "3.19.1", "alpine:3.19.1"),
        ("opensuse-leap", "15.5", "15.5", "opensuse/leap:15.5"),
        ("amzn", "2023", "2023", "amazonlinux:2023"),
    ],
)
def test_the_image_of_a_distribution(id: str, release: str, point_release: str, image: str) -> None:
    assert base_image(Distribution(id, release, point_release)) == image
    assert checked_image(image) == image


@pytest.mark.parametrize(
    ("id", "release", "point_release"),
    [
        ("debian", "", "trixie/sid"),
        ("arch", "", ""),
        ("", "", ""),
        ("debian", "12", "12\nRUN x"),
        ("ubuntu", "", "22.04"),
    ],
)
def test_what_has_no_pinned_image_is_asked_for(id: str, release: str, point_release: str) -> None:
    with pytest.raises(UsageError) as raised:
        base_image(Distribution(id, release, point_release))
    assert "--base" in (raised.value.hint or "")


@pytest.mark.parametrize(
    "image",
    [
        "debian:12.11-slim",
        "registry.example:5000/team/debian:12",
        "debian@sha256:" + "0" * 64,
        "debian:latest@sha256:" + "0" * 64,
    ],
)
def test_pinned_images_are_taken(image: str) -> None:
    assert checked_image(image) == image


@pytest.mark.parametrize(
    "image",
    [
        "debian", "debian:latest", "registry.example:5000/debian", "debian:12 AS x",
        "debian:12\nRUN x", "$BASE", "--platform=x", "debian:12@sha256:0", "",
    ],
)  # fmt: skip
def test_other_names_are_refused(image: str) -> None:
    with pytest.raises(UsageError):
        checked_image(image)
