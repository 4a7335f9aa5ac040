"""Programs: from sources to a build, from a build to runs, from runs to verdicts and figures."""
