"""
The operations under `/config`: resources, appointment types and the liveness contract.
"""

from __future__ import annotations

from itertools import pairwise

import msgspec
from msgspec import UNSET

from agent.sandbox.healthengine.calls import Call, Reply, acknowledged, refused
from agent.sandbox.healthengine.config import UnorderedHours
from agent.sandbox.healthengine.records import ViolationKind
from agent.sandbox.healthengine.state import PracticeState
from agent.sandbox.healthengine.wire import (
    BreachError,
    LivenessContract,
    PmsAppointmentType,
    PmsResource,
    known,
    minute_of,
    unique,
)


def resources(call: Call) -> Reply:
    """
    Read back the resources.
    """
    return Reply(content=msgspec.to_builtins(list(call.practice.resources.values())))


def find_resource(call: Call) -> Reply:
    """
    Read back one resource, as a list of one or none.
    """
    found = call.practice.resources.get(call.texts["id"])
    return Reply(content=msgspec.to_builtins([found] if found else []))


def upload_resources(call: Call) -> Reply:
    """
    Replace the resources; whatever is missing is deleted, with its times, and its waiting bookings have none (R6).
    """
    sent: list[PmsResource] = call.body
    try:
        unique([row.pmsResourceId for row in sent], "pmsResourceId")
        unique([row.pmsResourceName for row in sent], "pmsResourceName")
    except BreachError as error:
        return _breach(call, error)
    practice = call.practice
    practice.resources = {row.pmsResourceId: row for row in sent}
    practice.resources_sent += 1
    practice.resources_wanted = False
    for booking in practice.listed():
        if booking.resource_id is not None and booking.resource_id not in practice.resources:
            booking.resource_gone = True
    _forget_removed(practice)
    call.world.touch()
    return acknowledged()


def _forget_removed(practice: PracticeState) -> None:
    for key in [key for key in practice.published if key[0] not in practice.resources]:
        del practice.published[key]
        practice.recent.pop(key, None)
    kept = []
    for ask in practice.availability_asks:
        ask.waiting.intersection_update(practice.resources)
        if ask.waiting:
            kept.append(ask)
    practice.availability_asks[:] = kept


def types(call: Call) -> Reply:
    """
    Read back the appointment types.
    """
    return Reply(content=msgspec.to_builtins(list(call.practice.types.values())))


def find_type(call: Call) -> Reply:
    """
    Read back one appointment type, as a list of one or none.
    """
    found = call.practice.types.get(call.texts["id"])
    return Reply(content=msgspec.to_builtins([found] if found else []))


def upload_types(call: Call) -> Reply:
    """
    Replace the appointment types.
    """
    sent: list[PmsAppointmentType] = call.body
    practice = call.practice
    try:
        unique([row.pmsAppointmentTypeId for row in sent], "pmsAppointmentTypeId")
        unique([row.pmsAppointmentTypeName for row in sent], "pmsAppointmentTypeName")
        known([row.pmsResourceId for row in sent if row.pmsResourceId is not UNSET], practice.resources, "pmsResourceId")
    except BreachError as error:
        return _breach(call, error)
    practice.types = {row.pmsAppointmentTypeId: row for row in sent}
    practice.types_sent += 1
    practice.types_wanted = False
    call.world.touch()
    return acknowledged()


def liveness(call: Call) -> Reply:
    """
    Read back the liveness contract.
    """
    return Reply(content=call.practice.contract or {})


def upload_liveness(call: Call) -> Reply:
    """
    Replace the liveness contract.
    """
    sent: LivenessContract = call.body
    hours = sent.liveHours.of_days()
    if call.world.config.unordered_hours is UnorderedHours.REFUSED:
        for day in hours:
            if any(minute_of(first.end) > minute_of(second.start) for first, second in pairwise(day)):
                return _breach(call, BreachError("live hours are unordered or overlap"))
    call.practice.live_hours = hours
    call.practice.contract = call.content
    call.world.touch()
    return acknowledged()


def _breach(call: Call, error: BreachError) -> Reply:
    call.violate(ViolationKind.DEFINITION, str(error))
    return refused(400, str(error))
