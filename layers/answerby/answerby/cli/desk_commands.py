"""`answerby desk`: check a desk file, see what it would change, and put it in force."""

from collections.abc import Sized

import typer

from answerby.cli import desk_apply, desk_diff, desk_explain, desk_replay, desk_schema, desk_versions
from answerby.cli.loading import File, checked
from answerby.cli.output import out

app = typer.Typer(no_args_is_help=True, help="Who is called, by which rule, and how soon.")


@app.command()
def check(file: File) -> None:
    """Say everything that is wrong with a desk file. Changes nothing and reaches nothing.

    Exit code 1 if there is an error; a warning is none.
    """
    desk = checked(file)
    out.print(
        f"{file}: fine. {_count(desk.people, 'person', 'people')}, {_count(desk.teams, 'team', 'teams')},"
        f" {_count(desk.rules, 'rule', 'rules')}, {_count(desk.sources, 'source', 'sources')}."
    )


def _count(of: Sized, one: str, many: str) -> str:
    return f"{len(of)} {one if len(of) == 1 else many}"


app.command("diff")(desk_diff.diff)
app.command("explain")(desk_explain.explain)
app.command("replay")(desk_replay.replay)
app.command("apply")(desk_apply.apply_)
app.command("history")(desk_versions.history)
app.command("show")(desk_versions.show)
app.command("rollback")(desk_apply.rollback)
app.command("schema")(desk_schema.schema)
