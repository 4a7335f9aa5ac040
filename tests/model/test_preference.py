from __future__ import annotations

import pytest

from envmgr.errors import UsageError
from envmgr.model.preference import AGES, KINDS, checked


@pytest.mark.parametrize("text", [*KINDS, *AGES, "compiler.llvm@>=16", "mpi,-x"])
def test_what_may_be_preferred(text: str) -> None:
    assert checked(text) == text


@pytest.mark.parametrize("text", ["", ">=3", "-x", "A B", "tool@@"])
def test_what_may_not_is_named_with_what_may(text: str) -> None:
    with pytest.raises(UsageError, match="not a preference") as caught:
        checked(text)
    assert caught.value.hint is not None and "newest" in caught.value.hint
