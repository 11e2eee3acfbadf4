"""Which settings of rights fit together?"""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from lamplight_chassis.rights.settings import RightsSettings


def test_rights_are_enforced_unless_somebody_says_otherwise() -> None:
    assert RightsSettings().mode == "enforced"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHTS_MODE", "open")
    monkeypatch.setenv("RIGHTS_ISSUER", "https://sign-in.test/realms/city")
    monkeypatch.setenv("RIGHTS_AUDIENCE", "words")

    settings = RightsSettings()

    assert (settings.mode, settings.issuer) == ("open", "https://sign-in.test/realms/city")


def test_a_variable_that_is_empty_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RIGHTS_MODE", "RIGHTS_ISSUER", "RIGHTS_AUDIENCE", "RIGHTS_KEY_FILE"):
        monkeypatch.setenv(name, "")

    assert (RightsSettings().mode, RightsSettings().issuer, RightsSettings().key_file) == ("enforced", None, None)


@pytest.mark.parametrize(
    "given",
    [
        {"mode": "off"},
        {"issuer": "https://sign-in.test"},
        {"issuer": "https://sign-in.test", "audience": ""},
        {"issuer": "sign-in.test", "audience": "words"},
        {"jwks_url": "https://sign-in.test/keys"},
        {"issuer": "https://sign-in.test", "audience": "words", "jwks_url": "file:///keys"},
        {"leeway_s": 3600},
        {"jwks_retry_s": 0},
    ],
)
def test_settings_that_do_not_fit_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RightsSettings(**given)
