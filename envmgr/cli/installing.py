"""What verbs that install share: plans in words, and an end by a signal that leaves nothing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence

from envmgr.install.words import describe
from envmgr.model.entry import Entry
from envmgr.model.plan import Plan


def end_cleanly() -> None:
    """End by SIGTERM, or with the terminal, as by Ctrl-C: a build has a session of its own, so
    it would go on without us. A signal that is ignored, as under `nohup`, stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        return  # a program that calls us from a thread has handlers of its own

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def plan_lines(plans: Sequence[Plan]) -> list[str]:
    """What would be done, for people."""
    lines = []
    for plan in plans:
        needs = ", ".join(f"{role}: {_need(need)}" for role, need in plan.needs.items())
        lines.append(f"{plan}{f' (with {needs})' if needs else ''}")
        lines += [f"  {describe(step)}" for step in plan.steps]
    return lines


def plans_json(plans: Sequence[Plan]) -> list[dict[str, object]]:
    """What would be done, for scripts."""
    return [
        {
            "recipe": plan.recipe,
            "version": plan.version,
            "prefix": plan.slug,
            "needs": {role: str(need) for role, need in plan.needs.items()},
            "steps": [describe(step) for step in plan.steps],
        }
        for plan in plans
    ]


def _need(need: Entry | Plan) -> str:
    return f"{need}, which is {need.origin.kind}" if isinstance(need, Entry) else f"{need}, above"
