"""What apt could get: from what it prints, and from the real one."""

from __future__ import annotations

import os

import pytest

from envmgr.host import apt
from envmgr.host.apt import Policy

PRINTED = """\
curl:
  Installed: 7.88.1-10+deb12u14
  Candidate: 7.88.1-10+deb12u15
  Version table:
     7.88.1-10+deb12u15 500
        500 http://archive.example/debian bookworm/main amd64 Packages
 *** 7.88.1-10+deb12u14 100
        100 /var/lib/dpkg/status
     7.88.1-10+deb12u5 500
        500 http://archive.example/debian-security bookworm-security/main amd64 Packages
        -10 file:/srv/packages ./ Packages
local-tool:
  Installed: 1.0
  Candidate: 1.0
  Version table:
 *** 1.0 100
        100 /var/lib/dpkg/status
virtual-thing:
  Installed: (none)
  Candidate: (none)
  Version table:
"""


def test_candidates_and_what_sources_offer() -> None:
    assert apt.parse(PRINTED) == {
        "curl": Policy(
            "7.88.1-10+deb12u15", frozenset(("7.88.1-10+deb12u15", "7.88.1-10+deb12u5"))
        ),
        "local-tool": Policy("1.0"),
        "virtual-thing": Policy(None),
    }


def test_nothing_is_asked_of_nobody() -> None:
    assert apt.policies([], {"PATH": "/nowhere"}) == {}


def test_a_system_without_apt_knows_nothing() -> None:
    assert apt.policies(["dpkg"], {"PATH": "/nowhere"}) == {}


@pytest.mark.needs("apt-cache", "dpkg-query")
def test_the_real_one_knows_what_is_installed_and_ignores_what_nobody_has() -> None:
    known = apt.policies(["dpkg", "no-such-package-anywhere", "--help"], os.environ)
    assert set(known) == {"dpkg"}
    assert known["dpkg"].candidate
