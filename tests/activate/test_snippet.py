from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from envmgr.activate.snippet import Snippet, hook_script, said, shown, snippet_text
from envmgr.activate.way import Aim, way_to
from envmgr.errors import DefinitionError, UsageError
from envmgr.model.delta import Delta
from envmgr.model.shell import Shell

Shells = dict[str, Shell]
HOOKED = ["bash", "fish", "pwsh", "zsh"]
AIM = Aim("/it's", Delta({"CC": "it's"}, {"PATH": ("/x",)}), "label", ("1",))
WAY = way_to(AIM, {"PATH": "/bin", "CC": "two\nlines"})
SNIPPET = Snippet(
    "/it's",
    "/cache/mark",
    ids="1",
    note="a (b@1)\x1b[2J",
    watch=("/a", "/it's"),
    copies=(("/c", "/cache/mark-0"),),
    absent=("/lock",),
    ways=(WAY,),
)


@pytest.fixture
def hooked(shells: Shells) -> Shells:
    zsh = replace(shells["zsh"], hook={**shells["bash"].hook, **shells["zsh"].hook})
    return {**shells, "zsh": zsh}


@pytest.mark.parametrize("name", HOOKED)
def test_a_hook_calls_envmgr_and_knows_its_snippets(name: str, hooked: Shells) -> None:
    text = hook_script(hooked[name], ("/a b/python", "-c", "it's"), "/it's/hooks")
    assert "'/a b/python' '-c' 'it" in text
    assert "'/it" in text
    assert "{" + "envmgr}" not in text


@pytest.mark.parametrize("name", ["cmd", "csh", "json", "nu", "sh"])
def test_a_shell_without_a_hook_says_so(name: str, shells: Shells) -> None:
    with pytest.raises(UsageError, match=f"no prompt hook for {name}"):
        hook_script(shells[name], (), "/hooks")


@pytest.mark.parametrize("name", HOOKED)
def test_what_is_said_cannot_command_a_terminal(name: str, hooked: Shells) -> None:
    text = snippet_text(hooked[name], SNIPPET)
    assert "\x1b" not in text
    assert "\\x1b[2J" in text
    assert shown("a\nb\r\x9b\udcff é") == "a\nb\\r\\x9b\\udcff é"


@pytest.mark.parametrize(
    ("name", "command"),
    [
        pytest.param("bash", ["bash", "-n"], marks=pytest.mark.needs("bash")),
        pytest.param("zsh", ["zsh", "-n"], marks=pytest.mark.needs("zsh")),
        pytest.param("fish", ["fish", "-n"], marks=pytest.mark.needs("fish")),
    ],
)
@pytest.mark.parametrize("kind", ["snippet", "empty", "script", "direnv"])
def test_the_shell_understands_it(
    name: str, command: list[str], kind: str, hooked: Shells, tmp_path: Path
) -> None:
    shell = hooked[name]
    if kind == "snippet":
        text = snippet_text(shell, SNIPPET)
    elif kind == "empty":
        text = snippet_text(shell, Snippet("/p", "/mark"))
    else:
        text = hook_script(shell, ("envmgr",), "/hooks", kind if name == "bash" else "script")
    file = tmp_path / "text"
    file.write_text(text)
    done = subprocess.run([*command, str(file)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_text_for_powershell(hooked: Shells) -> None:
    text = snippet_text(hooked["pwsh"], SNIPPET)
    assert (
        "if (-not ([IO.File]::Exists('/cache/mark') -and "
        "[IO.File]::GetLastWriteTimeUtc('/c') -eq [IO.File]::GetLastWriteTimeUtc('/cache/mark-0')"
        " -and -not (Test-Path -LiteralPath '/lock'))) { return $false }"
    ) in text
    assert "foreach ($file in @('/a', '/it''s'))" in text
    assert (
        "(Test-Path -LiteralPath 'Env:CC') -and [string]::Equals($Env:CC, 'two\nlines', 'Ordinal')"
    ) in text
    assert "$Env:CC = 'it''s'\n" in text
    assert "-not (Test-Path -LiteralPath 'Env:ENVMGR_RESTORE')" in text
    script = hook_script(hooked["pwsh"], ("python", "-c", "x"), "/h")
    for whole in (text, script):
        assert whole.count("{") == whole.count("}")
        assert whole.count("(") == whole.count(")")


def test_notes_and_trouble(hooked: Shells) -> None:
    assert said(hooked["bash"], note="it's") == "_envmgr_note 'it'\\''s'\n"
    assert said(hooked["fish"], trouble="no") == "_envmgr_trouble 'no'\n"
    assert said(hooked["zsh"]) == ""


def test_a_hook_that_lacks_a_template_is_named(hooked: Shells) -> None:
    bash = hooked["bash"]
    lacking = replace(bash, hook={k: v for k, v in bash.hook.items() if k != "way"})
    with pytest.raises(DefinitionError, match=r"bash\.toml: \[hook\] has no 'way'"):
        snippet_text(lacking, SNIPPET)
