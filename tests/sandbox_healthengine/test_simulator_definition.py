"""
The simulator against the definition itself: the same operations, and answers as it says.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from agent_side import PERSON, AgentSide, contract, day, resources, types
from openapi_schema_validator import OAS30Validator

from agent.sandbox.healthengine import Simulator
from agent.sandbox.healthengine.routes import OPERATIONS
from agent.sandbox.healthengine.wire import LivenessContract

DEFINITION = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "healthengine" / "openapi.yaml"
BASE_PATH = "/pms-api/v1"
UNMARKED_NULLS = re.compile(r"can be null|may be null", re.IGNORECASE)
ALSO_NULL = {"pmsPatientId"}
Pair = tuple[Simulator, AgentSide]


@pytest.fixture(scope="module")
def definition() -> dict[str, Any]:
    """
    The definition, with its known slips mended: formats that no date has, and nulls that only its words allow.
    """
    if not DEFINITION.exists():
        pytest.skip("the definition is not beside the project")
    document: dict[str, Any] = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    for schema in _schemas(document["components"]["schemas"]):
        if schema.get("format") in {"time", "datetime"} or "DD-MM-YYYY" in str(schema.get("description", "")):
            schema.pop("format", None)
        if UNMARKED_NULLS.search(str(schema.get("description", ""))):
            schema["nullable"] = True
            if "enum" in schema:
                schema["enum"] = [*schema["enum"], None]
        for name in ALSO_NULL & schema.get("properties", {}).keys():
            schema["properties"][name]["nullable"] = True
    return document


def _schemas(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from _schemas(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _schemas(inner)


def operations_of(document: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def check(document: dict[str, Any], name: str, answer: requests.Response) -> None:
    """
    Raise unless *answer* has a status and a body that the definition has for the operation *name*.
    """
    declared = operations_of(document)[name][2]["responses"]
    found = declared[str(answer.status_code)]
    if "$ref" in found:
        found = document["components"]["responses"][found["$ref"].rpartition("/")[2]]
    content = found.get("content") or {}
    if not content:
        return
    schema = {**content["application/json"]["schema"], "components": document["components"]}
    assert answer.headers["Content-Type"] == "application/json"
    OAS30Validator(schema, format_checker=OAS30Validator.FORMAT_CHECKER).validate(answer.json())


def test_the_same_operations(definition: dict[str, Any]) -> None:
    """
    All 42 operations, with the definition's methods and paths, and no other.
    """
    assert {o.name: (o.method, o.path) for o in OPERATIONS} == {
        name: (method, path) for name, (method, path, _) in operations_of(definition).items()
    }
    assert len(OPERATIONS) == 42


def test_the_same_parameters(definition: dict[str, Any]) -> None:
    """
    Query parameters and bodies are expected where the definition has them.
    """
    for operation in OPERATIONS:
        declared = operations_of(definition)[operation.name][2]
        query = {p["name"] for p in declared.get("parameters", []) if p["in"] == "query"}

        assert operation.texts | operation.numbers | operation.needed == query
        assert (operation.body is not None) is ("requestBody" in declared)


def test_the_same_fields(definition: dict[str, Any]) -> None:
    """
    Every body has exactly the fields that the definition gives it; what it requires is required.
    """
    for operation in OPERATIONS:
        declared = operations_of(definition)[operation.name][2]
        if operation.body is None or operation.body is Any or operation.body is LivenessContract:
            continue
        schema = declared["requestBody"]["content"]["application/json"]["schema"]
        model: Any = operation.body if isinstance(operation.body, type) else operation.body.__args__[0]
        properties, required = _fields(definition, schema.get("items", schema))

        assert set(model.__struct_fields__) == properties, operation.name
        optional = set(model.__struct_fields__[len(model.__struct_fields__) - len(model.__struct_defaults__) :])
        assert not required & optional, operation.name


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> tuple[set[str], set[str]]:
    if "$ref" in schema:
        return _fields(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    parts = [_fields(document, part) for part in schema.get("allOf", ())]
    properties = set(schema.get("properties", ())).union(*(p for p, _ in parts))
    return properties, set(schema.get("required", ())).union(*(r for _, r in parts))


def test_every_operation_answers_as_defined(definition: dict[str, Any], pair: Pair) -> None:
    """
    Each operation is called once in a run that makes sense, and every answer is valid.
    """
    simulator, side = pair
    answered: set[str] = set()

    def call(name: str, answer: requests.Response, status: int = 200) -> requests.Response:
        assert (name, answer.status_code) == (name, status)
        check(definition, name, answer)
        answered.add(name)
        return answer

    play_configuration(side, call)
    play_features(simulator, side, call)
    play_bookings(simulator, side, call)
    play_documents(simulator, side, call)
    play_subscriptions(simulator, side, call)

    assert answered == {operation.name for operation in OPERATIONS}
    assert simulator.violations == []
    assert simulator.outstanding() == []


Step = Callable[..., requests.Response]


def play_configuration(side: AgentSide, call: Step) -> None:
    call("uploadPmsResources", side.post("/config/pmsResources/snapshot", resources("r1", "r2")))
    call("uploadPmsAppointmentTypes", side.post("/config/pmsAppointmentTypes/snapshot", types(("t1", 15))))
    call("uploadLivenessContract", side.post("/config/livenessContract", contract()))
    call("getLivenessContract", side.get("/config/livenessContract"))
    call("getResources", side.get("/config/pmsResources"))
    call("getPmsAppointmentTypes", side.get("/config/pmsAppointmentTypes"))
    assert len(call("findByPmsResourceId", side.get("/config/pmsResources/findById", id="r2")).json()) == 1
    assert len(call("findByPmsAppointmentTypeId", side.get("/config/pmsAppointmentTypes/findById", id="t9")).json()) == 0
    call("sendAvailabilitySnapshot", side.post("/availability/snapshot", day("r1", "2027-03-04")))
    call("sendAvailabilitySnapshots", side.post("/availability/snapshots", [day("r1", "2027-03-04")]))


def play_features(simulator: Simulator, side: AgentSide, call: Step) -> None:
    call("getFeatures", side.get("/features"))
    call("availableDocuments", side.post("/documents/available", []), 403)
    for name in ("documents", "clientSnapshots", "attachDocuments"):
        call("enableFeature", side.post(f"/features/{name}/enable"))
    assert call("getFeature", side.get("/features/documents")).json()["enabled"] is True
    call("getFeature", side.get("/features/none"), 404)
    simulator.request_client_snapshot(day_of("2027-03-02"))
    call("clientSnapshotsRequests", side.get("/requests/clientSnapshots"))
    body = {"date": "2027-03-02", "dateType": "appt_datetime", "locations": [], "practitioners": [], "appointmentTypes": []}
    call("sendClientSnapshot", side.post("/clientSnapshot", {**body, "appointments": [], "patients": []}))


def day_of(text: str) -> date:
    return date.fromisoformat(text)


def play_bookings(simulator: Simulator, side: AgentSide, call: Step) -> None:
    start = datetime(2027, 3, 4, 9)
    first, second = (simulator.book(None, r, start, "t1", PERSON, telehealth_url="https://example.com/x") for r in ("r1", "r2"))
    simulator.request_availability(start.date())
    assert call("pollRequests", side.get("/requests")).json() == ["bookings", "availability"]
    assert len(call("bookingRequests", side.get("/requests/bookings", page=1)).json()["data"]) == 2
    yes = {"pmsAppointmentIds": ["1"], "pmsPatientId": "2", "patientAppointmentLink": "https://example.com"}
    call("confirmBookingInsert", side.post(f"/bookings/{first}/confirmInsert", yes))
    call("rejectBookingInsert", side.post(f"/bookings/{second}/rejectInsert", {"reason": "taken"}))
    call("availabilitySnapshotRequests", side.get("/requests/availability"))
    side.post("/availability/snapshots", [day("r1", "2027-03-04"), day("r2", "2027-03-04")])
    other = simulator.request_update(first)
    call("rejectBookingUpdate", side.post(f"/bookings/{first}/rejectUpdate/{other}", {"reason": "?"}))
    simulator.cancel(first)
    update = call("bookingUpdateRequests", side.get("/requests/bookingUpdates")).json()["data"][0]["requestId"]
    call("confirmBookingUpdate", side.post(f"/bookings/{first}/confirmUpdate/{update}"))
    simulator.request_changes(first)
    call("pmsAppointmentChangeRequests", side.get("/requests/pmsAppointmentChanges"))
    call("noPmsAppointmentChange", side.post(f"/bookings/{first}/noPmsAppointmentChange"))
    call("didNotAttend", side.post(f"/bookings/{first}/didNotAttend", {}))
    call("cancelBooking", side.post(f"/bookings/{first}/cancel", {"reason": None}))


def play_documents(simulator: Simulator, side: AgentSide, call: Step) -> None:
    booking_id = simulator.bookings()[0].id
    simulator.request_documents(booking_id)
    call("availableDocumentsRequests", side.get("/requests/availableDocuments"))
    call("availableDocuments", side.post("/documents/available", [{"bookingId": booking_id, "pmsDocumentId": "d1"}]))
    simulator.request_documents(booking_id, "d1")
    simulator.request_documents(booking_id, "d2")
    call("uploadDocumentsRequests", side.get("/requests/uploadDocuments"))
    content = base64.b64encode(b"%PDF").decode()
    document = {"bookingId": booking_id, "pmsDocumentId": "d1", "documentSize": 4, "documentContent": content}
    call("uploadDocument", side.post("/documents/upload", document))
    no = {"bookingId": booking_id, "pmsDocumentId": "d2"}
    call("rejectUploadDocument", side.post("/documents/rejectUpload", no))
    call("uploadDocument", side.post("/documents/upload", {**document, "bookingId": 1}), 404)
    call("rejectUploadDocument", side.post("/documents/rejectUpload", no), 400)
    first, second = simulator.attach_document("77", b"%PDF"), simulator.attach_document("77", b"%PDF-2")
    call("attachDocumentRequests", side.get("/requests/attachDocuments"))
    assert base64.b64decode(call("getAttachDocument", side.get(f"/attachDocuments/{first}")).json()["documentContent"]) == b"%PDF"
    call("confirmAttachDocument", side.post(f"/attachDocuments/{first}/confirmInsert", {"pmsDocumentId": "x"}))
    call("rejectAttachDocument", side.post(f"/attachDocuments/{second}/rejectInsert", {"reason": "?"}))
    call("getAttachDocument", side.get(f"/attachDocuments/{first}"), 410)
    call("rejectAttachDocument", side.post(f"/attachDocuments/{second}/rejectInsert", {}), 410)
    call("confirmAttachDocument", side.post("/attachDocuments/1/confirmInsert", {}), 404)
    call("disableFeature", side.post("/features/documents/disable"))


def play_subscriptions(simulator: Simulator, side: AgentSide, call: Step) -> None:
    body = {"topic": "requests.bookings", "callbackUrl": "https://agent.example.com/hook"}
    made = call("createSubscription", side.post("/subscription", body), 201).json()
    again = call("createSubscription", side.post("/subscription", {**body, "callbackUrl": "https://b.example.com/"}), 201).json()
    assert made["id"] == again["id"]
    assert len(call("getSubscriptions", side.get("/subscription")).json()) == 1
    call("getSubscription", side.get(f"/subscription/{made['id']}"))
    simulator.add_subscription_error(made["id"])
    rows = call("getSubscriptionErrorLogs", side.get("/subscriptionErrorLog", subscriptionId=made["id"])).json()
    assert rows["page"]["total"] == 1
    late = side.get("/subscriptionErrorLog", **{"from": "2027-03-02 00:00:00"})
    assert call("getSubscriptionErrorLogs", late).json()["data"] == []
    call("getSubscriptionErrorLogs", side.get("/subscriptionErrorLog", subscriptionId="none"), 404)
    call("deleteSubscription", side.session.delete(f"{side.base_url}/subscription/{made['id']}", timeout=10), 204)
    call("getSubscription", side.get(f"/subscription/{made['id']}"), 404)
