"""How does an operator make a new API key? `python -m lamplight_chassis.rights new-key --name ... --role ...`"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Sequence

from lamplight_chassis.rights.api_keys import make_key
from lamplight_chassis.rights.key_file import COLUMNS


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the key, which is shown this once, and its line for the key file."""
    given = _parser().parse_args(arguments)
    text, key_id, digest = make_key()
    cells = (key_id, digest, given.name, " ".join(given.role), " ".join(given.scope), given.expires, given.note)
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    sys.stdout.write(
        f"The key, for its holder alone; it cannot be shown again:\n\n{text}\n\n"
        f"Its line for the file that RIGHTS_KEY_FILE names, below {','.join(COLUMNS)}:\n\n{line.getvalue()}\n"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lamplight_chassis.rights", description=main.__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    new = commands.add_parser("new-key", help="make an API key")
    new.add_argument("--name", required=True, help="whose it is: a system or organisation, never a person")
    new.add_argument("--role", required=True, action="append", help="may be given several times")
    new.add_argument("--scope", default=[], action="append", help="a restriction such as dimension=value|value")
    new.add_argument("--expires", default="", help="a day such as 2027-06-30, or a time with its offset")
    new.add_argument("--note", default="")
    return parser


if __name__ == "__main__":
    main()
