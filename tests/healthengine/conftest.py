"""
Fixtures for the Healthengine client's tests.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from he_server import BASE, Seen, Server, Validate, client_for

from agent.healthengine.client import HealthengineClient

DEFINITION = Path(__file__).resolve().parents[3] / "shared" / "reference" / "healthengine" / "openapi.yaml"


def _patched(node: Any) -> Any:
    """
    Take out what the definition contradicts in its own text: `format: time` means HH:MM, and a date of birth is DD-MM-YYYY.
    """
    if isinstance(node, list):
        return [_patched(part) for part in node]
    if not isinstance(node, dict):
        return node
    patched = {name: _patched(part) for name, part in node.items()}
    if patched.get("format") == "time":
        del patched["format"]
        patched["pattern"] = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
    if patched.get("format") == "date" and "DD-MM" in str(patched.get("description")):
        del patched["format"]
    return patched


@pytest.fixture(scope="session")
def valid_by_definition() -> Validate | None:
    """
    Return what refuses a request outside Healthengine's definition; None where the definition is not at hand.
    """
    if not DEFINITION.is_file():
        return None
    from openapi_core import OpenAPI  # noqa: PLC0415 - slow to import, and needed only here
    from openapi_core.contrib.requests import RequestsOpenAPIRequest  # noqa: PLC0415 - likewise

    definition = OpenAPI.from_dict(_patched(yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))))

    def validate(seen: Seen) -> None:
        request = requests.Request(
            seen.method,
            f"https://healthengine.com.au{BASE}{seen.path}",
            headers={name: text for name, text in seen.headers.items() if name.lower() != "content-length"},
            params=dict(seen.query),
            data=seen.body,
        )
        definition.validate_request(RequestsOpenAPIRequest(request))

    return validate


@pytest.fixture
def bare_server() -> Iterator[Server]:
    """
    A scripted server that is not Healthengine's: what it is asked is not checked.
    """
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="scripted server", daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def server(bare_server: Server, valid_by_definition: Validate | None) -> Iterator[Server]:
    """
    A scripted Healthengine. After the test every request it got is checked against the definition.
    """
    yield bare_server
    if valid_by_definition is not None:
        for seen in bare_server.seen:
            valid_by_definition(seen)


@pytest.fixture
def client(server: Server) -> Iterator[HealthengineClient]:
    """
    A client of *server* that does not wait between tries.
    """
    client = client_for(server.url)
    yield client
    client.close()
