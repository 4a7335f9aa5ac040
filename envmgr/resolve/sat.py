"""Choices under clauses: what a SAT solver is asked, in a few words. Knows of nothing else.

A variable is a positive number, a literal is a variable or its negative, and a clause is
literals of which one must hold.
"""

from __future__ import annotations

from collections.abc import Sequence


class Sat:
    """Clauses over variables, and the questions that are asked of them."""

    def __init__(self) -> None:
        from pysat.solvers import Minisat22

        self._solver = Minisat22()
        self._variables = 0
        self._model: list[int] = []

    def variable(self) -> int:
        """A new variable."""
        self._variables += 1
        return self._variables

    def add(self, clause: Sequence[int]) -> None:
        """One of the literals in *clause* must hold."""
        self._solver.add_clause(clause)

    def at_most_one(self, variables: Sequence[int], unless: int) -> None:
        """No two of *variables* hold, unless the literal does. Three clauses for each of them."""
        earlier = variables[0]  # holds if one of those so far does
        for variable in variables[1:]:
            self.add([-earlier, -variable, unless])
            either = self.variable()
            self.add([-earlier, either])
            self.add([-variable, either])
            earlier = either

    def solve(self, assumptions: Sequence[int] = ()) -> bool:
        """Whether all clauses can hold together with *assumptions*."""
        if not self._solver.solve(assumptions=list(assumptions)):
            return False
        self._model = self._solver.get_model()
        return True

    def first(self, choices: Sequence[int]) -> int | None:
        """The place of the first of *choices* that can hold, found in few questions.

        Whether one among the first so many can is asked by halves, and every answer says of
        one that it can.
        """
        if not choices or not self.solve([self._any(choices)]):
            return None
        lowest, best = 0, self._place(choices)
        while lowest < best:
            # The very first is by far the most likely.
            middle = lowest + 1 if lowest == 0 else (lowest + best + 1) // 2
            if self.solve([self._any(choices[lowest:middle])]):
                best = self._place(choices)
            else:
                lowest = middle
        return best

    def minimal(self, assumptions: Sequence[int]) -> list[int]:
        """Assumptions that cannot all hold, and could if any one of them were left out.

        *assumptions* cannot all hold. Those that come first are the first to be left out.
        """
        needed = self._blamed(assumptions)
        for one in needed.copy():
            if one in needed:
                rest = [other for other in needed if other != one]
                if not self.solve(rest):
                    needed = self._blamed(rest, solved=True)
        return needed

    def _blamed(self, assumptions: Sequence[int], *, solved: bool = False) -> list[int]:
        """Those of *assumptions* that the solver needed to see that they cannot all hold."""
        if not solved:
            impossible = not self.solve(assumptions)
            assert impossible
        core = frozenset(self._solver.get_core() or ())
        return [literal for literal in assumptions if literal in core]

    def _any(self, choices: Sequence[int]) -> int:
        """A literal under which one of *choices* must hold."""
        if len(choices) == 1:
            return choices[0]
        switch = self.variable()
        self.add([-switch, *choices])
        return switch

    def _place(self, choices: Sequence[int]) -> int:
        """The place of the first of *choices* that holds in the last model."""
        model = self._model
        return next(n for n, choice in enumerate(choices) if model[choice - 1] > 0)
