"""
How the simulator is set up, and which reading of the definition it plays where the definition is silent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum, StrEnum
from zoneinfo import ZoneInfo

LATE_AFTER = timedelta(seconds=20)
"""A booking unanswered for this long progresses to confirmed."""

UNHEALTHY_AFTER = timedelta(minutes=10)
"""Silence, or a request unanswered, for longer than this hides the practice's times."""


PERTH = ZoneInfo("Australia/Perth")


class LateStatus(StrEnum):
    """
    What an unanswered booking shows once it is 20 s old.
    """

    CONFIRMED = "Confirmed"
    REQUESTED = "Requested"


class LateReject(StrEnum):
    """
    What a reject after 20 s does; it is a violation whatever this says.
    """

    ENDS = "ends"  # 200, and the patient loses the booking
    STANDS = "stands"  # 200, but the patient keeps believing in the booking
    REFUSED = "refused"  # 400, still asked for


class AnsweredAgain(Enum):
    """
    The status for an answer to what is answered already.
    """

    OK = 200
    BAD_REQUEST = 400
    NOT_FOUND = 404


class EarlyCancel(StrEnum):
    """
    What becomes of an unanswered booking that its patient cancels.
    """

    STAYS = "stays"  # in the list as Cancelled, no update
    STAYS_WITH_UPDATE = "stays_with_update"  # in the list as Cancelled, and an update
    VANISHES = "vanishes"  # out of the list, only an update


class ExistingMeans(StrEnum):
    """
    What `existing` means for a snapshot that repeats an older state (A, B, A).
    """

    SAME_AS_LAST = "same_as_last"  # the second A is created
    SENT_RECENTLY = "sent_recently"  # the second A is existing, and B stands


class OutsideContract(StrEnum):
    """
    Whether silence and waiting requests outside live hours count towards the ten minutes.
    """

    FORGIVEN = "forgiven"
    COUNTED = "counted"


class WholeDayClosedBy(StrEnum):
    """
    What closes an availability request that names no resource.
    """

    EVERY_RESOURCE = "every_resource"
    ANY_RESOURCE = "any_resource"


class ResourceField(StrEnum):
    """
    Under which name an availability request carries its resource.
    """

    CURRENT = "pmsResourceId"
    DEPRECATED = "pms_resource_id"
    BOTH = "both"


class Adjoining(StrEnum):
    """
    Whether ranges that touch are joined for a long appointment type.
    """

    JOINED = "joined"
    SEPARATE = "separate"


class BookingLength(StrEnum):
    """
    Where the length of a booking comes from.
    """

    TYPE = "type"  # of the appointment type where it has one, else the slot
    SLOT = "slot"


class LastMinute(StrEnum):
    """
    How `23:59` is read as an end.
    """

    END_OF_DAY = "end_of_day"
    AS_WRITTEN = "as_written"


class UnorderedHours(StrEnum):
    """
    What happens to live hours that are unordered or overlap.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"


class AckBody(Enum):
    """
    The body of a 200 for which the definition has none.
    """

    EMPTY = b""
    OBJECT = b"{}"
    LIST = b"[]"


class Numbers(StrEnum):
    """
    Whether numbers are numbers; the definition's own examples swap them with text.
    """

    AS_DEFINED = "as_defined"
    SWAPPED = "swapped"  # numbers as text, ids of digits as numbers


class Nulls(StrEnum):
    """
    How a value that "can be null" is sent when there is none.
    """

    SENT = "sent"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeAccount:
    """
    A practice as Healthengine knows it.

    Attributes:
        practice_key: Made up; never a real one.
        consent: Whether the practice has agreed to the integration (L2); changed at run time on the simulator.
        linked_resources: Resources that somebody linked in the marketplace; None: all that are sent.
        public_holidays: Dates on which the contract's public holiday hours apply.
    """

    practice_id: str
    practice_key: str = field(repr=False)
    zone: ZoneInfo = PERTH
    consent: bool = True
    linked_resources: frozenset[str] | None = None
    public_holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """
    Everything that can be set; the readings default to what the definition's own words suggest.

    Attributes:
        api_keys: Every vendor key that is accepted.
        per_page: Entries per page of the request lists.
        first_page: The number of the first page, 0 or 1.
        own_length: Healthengine's own appointment length, for a `slotLength` below 60 s.
        recent: How long a snapshot counts as sent recently.
        refusals_per_minute: More calls than this after 401 or 403 within a minute of simulator time are a tight loop.
        log_size: How many calls `requests_log` keeps.
    """

    practices: tuple[PracticeAccount, ...]
    api_keys: frozenset[str] = field(default=frozenset({"sandbox-api-key"}), repr=False)
    host: str = "127.0.0.1"
    port: int = 0
    per_page: int = 20
    first_page: int = 1
    own_length: timedelta = timedelta(minutes=15)
    recent: timedelta = timedelta(hours=1)
    refusals_per_minute: int = 20
    log_size: int = 50_000
    late_status: LateStatus = LateStatus.CONFIRMED
    late_reject: LateReject = LateReject.ENDS
    answered_again: AnsweredAgain = AnsweredAgain.OK
    early_cancel: EarlyCancel = EarlyCancel.STAYS_WITH_UPDATE
    existing_means: ExistingMeans = ExistingMeans.SAME_AS_LAST
    outside_contract: OutsideContract = OutsideContract.FORGIVEN
    whole_day_closed_by: WholeDayClosedBy = WholeDayClosedBy.EVERY_RESOURCE
    resource_field: ResourceField = ResourceField.CURRENT
    adjoining: Adjoining = Adjoining.JOINED
    booking_length: BookingLength = BookingLength.TYPE
    last_minute: LastMinute = LastMinute.END_OF_DAY
    unordered_hours: UnorderedHours = UnorderedHours.ACCEPTED
    ack_body: AckBody = AckBody.EMPTY
    numbers: Numbers = Numbers.AS_DEFINED
    nulls: Nulls = Nulls.SENT


def sandbox_config(**changes: object) -> SimulatorConfig:
    """
    Return the configuration of the demo: one made-up practice, every reading at its default, with *changes* to fields.

    Raises:
        TypeError: if *changes* names a field that does not exist.
    """
    account = PracticeAccount(practice_id="sandbox-practice", practice_key="sandbox-practice-key")
    values: dict[str, object] = {"practices": (account,), **changes}
    return SimulatorConfig(**values)  # type: ignore[arg-type]  # checked by the tests that use it; a typed copy would repeat every field
