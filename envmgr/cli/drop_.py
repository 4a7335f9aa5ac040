"""`envmgr drop`."""

from __future__ import annotations

from envmgr.api.allow import renewing
from envmgr.api.project import drop_wishes, project_file
from envmgr.cli.add_ import edit_json, wish_text
from envmgr.cli.asked import here, no_project
from envmgr.cli.output import print_json, tell
from envmgr.cli.parser import Arguments, Parser, queries_of, workspace_of
from envmgr.model.filenames import DEFAULT
from envmgr.model.query import Query


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "drop",
            "Take out of the project file what the project no longer needs; the rest of it stays"
            " as it is. Nothing is uninstalled: `envmgr remove` does that.",
            ("envmgr drop tool.cmake", "envmgr drop lib.cudart --feature gpu"),
        )
        .queries("what to take out: a name, or a query as it stands there")
        .add("--feature", metavar="FEATURE", default=DEFAULT, help="the feature that needs it")
        .add("--project", metavar="PATH", help="the project file or its directory")
        .json()
    )


def run(arguments: Arguments) -> int:
    """Edit the file and say what changed."""
    queries = [Query.parse(text) for text in queries_of(arguments, required=True)]
    workspace = workspace_of(arguments)
    file = project_file(workspace.environ, here(), arguments.project)
    if file is None:
        raise no_project()
    with renewing(workspace, file):
        edit = drop_wishes(file, queries, arguments.feature)
    if arguments.json:
        print_json(**edit_json(edit))
        return 0
    for wish in edit.dropped:
        tell(f"dropped {wish_text(wish)}")
    return 0
