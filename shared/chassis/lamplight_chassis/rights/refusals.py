"""How is somebody answered who may not do what was asked: what is wrong, and what would be needed?"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from lamplight_chassis.errors import Rejected, Transient
from lamplight_chassis.problems import RETRY_AFTER_S, STATUS_OF_REASON, FieldError, problem

# RFC 6750, section 3.1; whoever gave no credentials is told no error.
ERROR_CODES: Mapping[str, str] = {
    "credentials_invalid": "invalid_token",
    "credentials_expired": "invalid_token",
    "role_lacking": "insufficient_scope",
    "out_of_scope": "insufficient_scope",
    "scope_unheeded": "insufficient_scope",
}


class Refused(Rejected):
    """A caller who may not; the reason has its status in `STATUS_OF_REASON`.

    The detail never repeats what the caller sent: it stands in a header of the answer too.

    Arguments:
        field: what of the request or of the caller is meant.
    """

    def __init__(self, reason: str, field: str, message: str) -> None:
        super().__init__(reason, f"{field}: {message}")
        self.field = field
        self.message = message


class IssuerAway(Transient):
    """Tokens cannot be judged for now: the issuer's keys were never seen, or are too old to be trusted."""


def answer_refusal(error: Refused | IssuerAway, *, realm: str) -> Response:
    """The problem+json answer: 401 or 403 with `WWW-Authenticate`, or 503 with `Retry-After`."""
    if isinstance(error, IssuerAway):
        return problem(503, "issuer_away", "Try again", str(error), headers={"Retry-After": str(RETRY_AFTER_S)})
    return problem(
        STATUS_OF_REASON[error.reason],
        error.reason,
        error.reason.replace("_", " ").capitalize(),
        error.detail,
        errors=[FieldError(field=error.field, message=error.message)],
        headers={"WWW-Authenticate": _challenge(error, realm)},
    )


def _challenge(error: Refused, realm: str) -> str:
    parts = [f'realm="{realm}"']
    if code := ERROR_CODES.get(error.reason):
        description = error.detail.encode("ascii", "replace").decode().replace("\\", "?").replace('"', "'")
        parts += [f'error="{code}"', f'error_description="{description}"']
    return f"Bearer {', '.join(parts)}"
