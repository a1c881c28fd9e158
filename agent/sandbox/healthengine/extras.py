"""
Features, subscriptions, documents and client snapshots: simple, but with a memory.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import UNSET

from agent.sandbox.healthengine.asking import attach_metadata
from agent.sandbox.healthengine.calls import Call, Reply, acknowledged, refused
from agent.sandbox.healthengine.records import FEATURES, Answer, AttachDocument, ViolationKind
from agent.sandbox.healthengine.wire import (
    BreachError,
    ClientSnapshot,
    Document,
    DocumentMetadata,
    RejectDocumentUpload,
    Subscription,
    known,
    parse_stamp,
    stamp,
    unique,
)


def features(call: Call) -> Reply:
    """
    List the extra features.
    """
    return Reply(content=[_feature(call, name) for name in FEATURES])


def feature(call: Call) -> Reply:
    """
    Show one extra feature.
    """
    name = call.texts["id"]
    return Reply(content=_feature(call, name)) if name in FEATURES else refused(404)


def enable_feature(call: Call) -> Reply:
    """
    Enable an extra feature.
    """
    return _switch(call, enabled=True)


def disable_feature(call: Call) -> Reply:
    """
    Disable an extra feature.
    """
    return _switch(call, enabled=False)


def _switch(call: Call, *, enabled: bool) -> Reply:
    name = call.texts["id"]
    if name not in FEATURES:
        return refused(404)
    call.practice.features[name] = enabled
    call.world.touch()
    return acknowledged()


def _feature(call: Call, name: str) -> dict[str, Any]:
    return {"id": name, "name": FEATURES[name], "description": FEATURES[name], "enabled": call.practice.features[name]}


def subscriptions(call: Call) -> Reply:
    """
    List the subscriptions.
    """
    return Reply(content=msgspec.to_builtins(list(call.practice.subscriptions.values())))


def subscribe(call: Call) -> Reply:
    """
    Create a subscription, or replace the one with the same client id and topic.
    """
    sent: Subscription = call.body
    standing = call.practice.subscriptions
    same = [key for key, row in standing.items() if row.topic == sent.topic and row.clientId == sent.clientId]
    key = same[0] if same else call.world.new_uuid()
    standing[key] = msgspec.structs.replace(sent, id=key, startAt=stamp(call.now) if sent.startAt is UNSET else sent.startAt)
    call.world.touch()
    return Reply(status=201, content=msgspec.to_builtins(standing[key]))


def subscription(call: Call) -> Reply:
    """
    Show one subscription.
    """
    found = call.practice.subscriptions.get(call.texts["id"])
    return Reply(content=msgspec.to_builtins(found)) if found else refused(404)


def unsubscribe(call: Call) -> Reply:
    """
    Delete a subscription.
    """
    if call.practice.subscriptions.pop(call.texts["id"], None) is None:
        return refused(404)
    call.world.touch()
    return Reply(status=204)


def subscription_errors(call: Call) -> Reply:
    """
    List the callbacks that failed, newest last.
    """
    try:
        limits = {name: parse_stamp(call.texts[name]) for name in ("from", "to") if name in call.texts}
    except BreachError as error:
        call.violate(ViolationKind.DEFINITION, str(error))
        return refused(400, str(error))
    wanted = call.texts.get("subscriptionId")
    if wanted is not None and wanted not in call.practice.subscriptions:
        return refused(404)
    rows = [
        row
        for row in call.practice.subscription_errors
        if (wanted is None or row["subscriptionId"] == wanted)
        and ("from" not in limits or parse_stamp(row["payload"]["timestamp"]) >= limits["from"])
        and ("to" not in limits or parse_stamp(row["payload"]["timestamp"]) <= limits["to"])
    ]
    per_page, first = call.world.config.per_page, call.world.config.first_page
    page = call.numbers.get("page", first)
    begin = (page - first) * per_page
    return Reply(
        content={
            "data": rows[begin : begin + per_page],
            "page": {
                "currentPage": page,
                "totalPages": max(1, -(-len(rows) // per_page)),
                "perPage": per_page,
                "total": len(rows),
            },
        }
    )


def available_documents(call: Call) -> Reply:
    """
    Take the list of documents that the practice has; an empty list says that there are none.
    """
    if not call.practice.features["documents"]:
        return refused(403, "the feature is not enabled")
    sent: list[DocumentMetadata] = call.body
    try:
        unique([row.pmsDocumentId for row in sent], "pmsDocumentId")
        known([row.bookingId for row in sent], call.practice.bookings, "bookingId")
    except BreachError as error:
        call.violate(ViolationKind.DEFINITION, str(error))
        return refused(400, str(error))
    call.practice.documents.update({row.pmsDocumentId: row.bookingId for row in sent})
    told = {row.bookingId for row in sent}
    call.practice.document_asks[:] = [
        ask for ask in call.practice.document_asks if ask.document_id is not None or (sent and ask.booking_id not in told)
    ]
    call.world.touch()
    return acknowledged()


def upload_document(call: Call) -> Reply:
    """
    Take a document; its content is looked at for its size alone.
    """
    if not call.practice.features["documents"]:
        return refused(403, "the feature is not enabled")
    sent: Document = call.body
    if sent.bookingId not in call.practice.bookings:
        return refused(404)
    if isinstance(sent.documentSize, int) and sent.documentSize != len(sent.documentContent):
        call.violate(ViolationKind.DEFINITION, "documentSize is not the size of documentContent")
        return refused(400, "documentSize is not the size of documentContent")
    call.practice.uploaded[sent.pmsDocumentId] = len(sent.documentContent)
    _close_upload(call, sent.bookingId, sent.pmsDocumentId)
    call.world.touch()
    return acknowledged()


def reject_upload(call: Call) -> Reply:
    """
    Take a no to a wanted document.
    """
    sent: RejectDocumentUpload = call.body
    if not _close_upload(call, sent.bookingId, sent.pmsDocumentId):
        return refused(400, "that document is not wanted")
    call.world.touch()
    return acknowledged()


def _close_upload(call: Call, booking_id: int, document_id: str) -> bool:
    asks = call.practice.document_asks
    left = [ask for ask in asks if (ask.booking_id, ask.document_id) != (booking_id, document_id)]
    closed = len(left) != len(asks)
    asks[:] = left
    return closed


def send_client_snapshot(call: Call) -> Reply:
    """
    Take a client snapshot; only that it came is kept.
    """
    if not call.practice.features["clientSnapshots"]:
        return refused(403, "the feature is not enabled")
    sent: ClientSnapshot = call.body
    call.practice.client_snapshots += 1
    key = (sent.date, sent.dateType.value)
    call.practice.client_asks[:] = [ask for ask in call.practice.client_asks if ask != key]
    call.world.touch()
    return acknowledged()


def attach_document(call: Call) -> Reply:
    """
    Hand out a document for the PMS.
    """
    item = call.practice.attach.get(call.numbers["requestId"])
    if item is None:
        return refused(404)
    if item.answer is not None:
        return refused(410, "already handled")
    return Reply(content={**attach_metadata(item), "documentContent": base64.b64encode(item.content).decode("ascii")})


def confirm_attach(call: Call) -> Reply:
    """
    Take a yes to a document for the PMS.
    """
    return _answer_attach(call, call.practice.attach.get(call.numbers["requestId"]), Answer.CONFIRMED)


def reject_attach(call: Call) -> Reply:
    """
    Take a no to a document for the PMS.
    """
    return _answer_attach(call, call.practice.attach.get(call.numbers["requestId"]), Answer.REJECTED)


def _answer_attach(call: Call, item: AttachDocument | None, answer: Answer) -> Reply:
    if item is None:
        return refused(404)
    if item.answer is not None:
        return refused(410, "already handled")
    item.answer = answer
    call.world.touch()
    return acknowledged()


def error_row(at: datetime, key: str, row: Subscription, attempt: int) -> dict[str, Any]:
    """
    Return an entry of the log of callbacks that failed, as it would be for a subscription and an attempt.
    """
    client = {} if row.clientId is UNSET else {"clientId": row.clientId}
    return {
        "id": f"log-{key}-{attempt}",
        "subscriptionId": key,
        "subscriptionTopic": row.topic.value,
        **client,
        "callbackUrl": row.callbackUrl,
        "payload": {
            "id": key,
            "timestamp": stamp(at.astimezone(UTC)),
            **client,
            "topic": row.topic.value,
            "data": {"target": "/requests/bookings", "requestType": "bookings"},
        },
        "attempt": attempt,
        "errorType": "timeout",
        "errorMessage": "no answer within 5 seconds",
    }
