"""
A small JSON interface under `/_sandbox`, for a person or another process that drives the simulator.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from agent.sandbox.healthengine.dispatch import Request, Response
from agent.sandbox.healthengine.faults import Fault, FaultKind
from agent.sandbox.healthengine.people import invented_person
from agent.sandbox.healthengine.wire import BreachError, checked

if TYPE_CHECKING:
    from agent.sandbox.healthengine.simulator import Simulator

PATH = "/_sandbox"
_encoder = msgspec.json.Encoder()


class _Order(Struct, forbid_unknown_fields=True, frozen=True):
    """
    What every order may carry; without a practice it is for the first one.
    """

    practice: str | None = None


class BookOrder(_Order, frozen=True):
    """
    Book: with nothing said, any time that is offered, for an invented person.
    """

    resource: str | None = None
    start: datetime | None = None
    type: str | None = None
    seconds: int | None = None
    person: dict[str, str | None] | None = None
    reason: str = ""
    new_patient: bool = False


class CancelOrder(_Order, frozen=True):
    """
    Cancel a booking as its patient.
    """

    booking: int = 0


class AskOrder(_Order, frozen=True):
    """
    Want something from the agent: `availability`, `resources`, `types` or `changes`.
    """

    kind: str = "availability"
    day: date | None = None
    resource: str | None = None
    booking: int = 0


class SwitchOrder(_Order, frozen=True):
    """
    Consent given or revoked, or the agent expected alive or not.
    """

    on: bool = True


class FaultOrder(_Order, frozen=True):
    """
    Let something go wrong; times in seconds of simulator time.
    """

    kind: FaultKind = FaultKind.STATUS
    operation: str = "*"
    times: int | None = 1
    lasting: float | None = None
    status: int = 503
    retry_after: float | None = None
    retry_after_as_date: bool = False
    wait: float = 0.0
    body: str = ""
    items: int = 1


def answer(simulator: Simulator, request: Request) -> Response:
    """
    Answer one request under `/_sandbox`.
    """
    name = request.path.removeprefix(PATH).strip("/")
    work = _WORK.get((request.method, name))
    if work is None:
        known = sorted(f"{method} {PATH}/{path}" for method, path in _WORK)
        return _json(404, {"error": "no such order", "known": known})
    try:
        given = msgspec.json.decode(request.body) if request.body else dict(parse_qsl(request.query))
        return _json(200, work(simulator, given))
    except (BreachError, msgspec.DecodeError) as error:
        return _json(400, {"error": str(error)})
    except KeyError:
        return _json(404, {"error": "no such practice or booking"})


def _json(status: int, content: Any) -> Response:
    return Response(status=status, body=_encoder.encode(content))


def _state(simulator: Simulator, given: Any) -> Any:
    practice_id = given.get("practice")
    configuration = simulator.configuration(practice_id)
    return {
        "now": simulator.clock.now(),
        "practices": simulator.practice_ids(),
        "hidden": simulator.hidden(practice_id),
        "outstanding": simulator.outstanding(practice_id),
        "resources": configuration["resources"],
        "types": configuration["types"],
        "contract": configuration["contract"],
        "bookings": [
            {
                "id": booking.id,
                "resource": booking.resource_id,
                "start": booking.start,
                "answer": booking.answer,
                "waiting": booking.listed,
                "stands": booking.stands,
            }
            for booking in simulator.bookings(practice_id)
        ],
    }


def _openings(simulator: Simulator, given: Any) -> Any:
    try:
        day = date.fromisoformat(given["day"]) if "day" in given else None
    except ValueError:
        raise BreachError("day is not YYYY-MM-DD") from None
    return simulator.openings(given.get("practice"), resource_id=given.get("resource"), day=day)


def _calls(simulator: Simulator, given: Any) -> Any:
    rows = simulator.requests_log[-int(given.get("last", "100")) :]
    return [
        {
            "at": r.at,
            "practice": r.practice_id,
            "method": r.method,
            "operation": r.operation,
            "status": r.status,
            "fault": r.fault,
        }
        for r in rows
    ]


def _book(simulator: Simulator, given: Any) -> Any:
    order = checked(given, BookOrder)
    person = order.person or invented_person(len(simulator.bookings(order.practice)))
    if order.start is not None and order.resource is not None:
        booking_id: int | None = simulator.book(
            order.practice,
            order.resource,
            order.start,
            order.type,
            person,
            seconds=order.seconds,
            reason=order.reason,
            is_new_patient=order.new_patient,
        )
    else:
        offered = simulator.openings(order.practice, resource_id=order.resource)
        fitting = [opening for opening in offered if order.type in (None, opening.type_id)]
        booking_id = (
            simulator.book_opening(fitting[0], person, reason=order.reason, is_new_patient=order.new_patient) if fitting else None
        )
    if booking_id is None:
        raise BreachError("nothing that fits is offered")
    return {"booking": booking_id}


def _cancel(simulator: Simulator, given: Any) -> Any:
    return {"cancelled": simulator.cancel(checked(given, CancelOrder).booking)}


def _ask(simulator: Simulator, given: Any) -> Any:
    order = checked(given, AskOrder)
    match order.kind:
        case "availability" if order.day is not None:
            simulator.request_availability(order.day, order.resource, order.practice)
        case "resources":
            simulator.request_resources(order.practice)
        case "types":
            simulator.request_types(order.practice)
        case "changes":
            simulator.request_changes(order.booking, order.practice)
        case _:
            raise BreachError("kind is availability (with a day), resources, types or changes")
    return {"outstanding": simulator.outstanding(order.practice)}


def _consent(simulator: Simulator, given: Any) -> Any:
    order = checked(given, SwitchOrder)
    simulator.set_consent(order.practice, given=order.on)
    return {"consent": order.on}


def _alive(simulator: Simulator, given: Any) -> Any:
    order = checked(given, SwitchOrder)
    simulator.expect_alive(order.practice, alive=order.on)
    return {"expected_alive": order.on}


def _fault(simulator: Simulator, given: Any) -> Any:
    order = checked(given, FaultOrder)
    simulator.add_fault(
        Fault(
            kind=order.kind,
            operation=order.operation,
            practice_id=order.practice,
            times=order.times,
            lasting=None if order.lasting is None else timedelta(seconds=order.lasting),
            status=order.status,
            retry_after=None if order.retry_after is None else timedelta(seconds=order.retry_after),
            retry_after_as_date=order.retry_after_as_date,
            wait=timedelta(seconds=order.wait),
            body=order.body.encode(),
            items=order.items,
        )
    )
    return {"added": order.kind}


_WORK: dict[tuple[str, str], Callable[[Simulator, Any], Any]] = {
    ("GET", "state"): _state,
    ("GET", "verdict"): lambda simulator, _: simulator.verdict().to_dict(),
    ("GET", "openings"): _openings,
    ("GET", "calls"): _calls,
    ("POST", "bookings"): _book,
    ("POST", "cancellations"): _cancel,
    ("POST", "requests"): _ask,
    ("POST", "consent"): _consent,
    ("POST", "alive"): _alive,
    ("POST", "faults"): _fault,
    ("DELETE", "faults"): lambda simulator, _: {"cleared": simulator.clear_faults()},
}
