"""The script that the shell runs first, as the configuration says."""

from __future__ import annotations

from tcalc.cli.program import read_script
from tcalc.cli.report import report
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.cli.invocation import Invocation
    from tcalc.interp.session import Session


def run_startup(session: Session, path: str, invocation: Invocation) -> None:
    """Run the script. What goes wrong in it is told, and the shell starts all the same."""
    try:
        session.run(read_script(path), name=path)
    except KeyboardInterrupt:
        pass
    except TcalcError as error:
        report(error, invocation.color, invocation.debug)
