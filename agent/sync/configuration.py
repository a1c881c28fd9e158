"""
Telling Healthengine who and what can be booked and when we are up (C1-C7, L1, R10).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from agent.domain.errors import ContractBroken, Misconfigured
from agent.domain.liveness import LivenessContract
from agent.domain.newcomers import select
from agent.domain.practice import Practice
from agent.domain.resources import Catalogue, build_catalogue
from agent.ports.pms import Pms
from agent.sync.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationPlan:
    """
    Which of the three statements have to be sent.
    """

    liveness: bool
    resources: bool
    types: bool

    def __str__(self) -> str:
        parts = [
            name
            for name, is_sent in (
                ("live hours", self.liveness),
                ("resources", self.resources),
                ("appointment types", self.types),
            )
            if is_sent
        ]
        return ", ".join(parts) + " sent" if parts else "nothing changed"


def read_whole(practice: Practice, pms: Pms) -> Catalogue:
    """
    Read from the PMS everything that *practice* could publish.

    Raises:
        ContractBroken: if nobody at all can be booked (`pms-nobody-bookable`): a missing item would count as deleted.
    """
    catalogue = build_catalogue(practice, pms.practitioners(), pms.appointment_types(), pms.locations())
    if not catalogue.resources:
        raise ContractBroken(
            "pms-nobody-bookable",
            "The PMS names nobody who can be booked at this practice's locations.",
            remedy="Compare the locations in config.toml with those that `frontdesk check` lists.",
        )
    return catalogue


def read_catalogue(context: Context) -> Catalogue:
    """
    Read from the PMS what the practice publishes by its rules, and remember what is new.

    Raises:
        ContractBroken: as `read_whole`.
        Misconfigured: if the rules leave out everything (`settings-nothing-published`).
    """
    practice = context.practice
    whole = read_whole(practice, context.pms)
    known = context.approvals.known(practice.id) if context.approvals else {}
    selection = select(practice, whole, known)
    catalogue = selection.catalogue
    if not catalogue.resources or (whole.types and not catalogue.types):
        raise Misconfigured(
            "settings-nothing-published",
            "The practice's rules leave out every doctor or every appointment type.",
            remedy="Correct [[practices.rules]] in config.toml; `frontdesk preview` shows what each rule does.",
        )
    if context.approvals and selection.new:
        context.approvals.add(practice.id, selection.new, context.clock.now())
        waiting = [new for new in selection.new if not new.is_approved and new.item not in known]
        if waiting:
            context.activity("new-items-wait", f"{len(waiting)} new doctors or types wait for a tick: see `frontdesk approve`.")
    return catalogue


def fingerprint(value: object) -> str:
    """
    Return a short text that is equal exactly when the published statement is.
    """
    return hashlib.blake2b(repr(value).encode(), digest_size=16).hexdigest()


def plan_configuration(
    catalogue: Catalogue, contract: LivenessContract, *, acknowledged: dict[str, str], everything: bool
) -> ConfigurationPlan:
    """
    Compare what is with what Healthengine acknowledged.
    """
    return ConfigurationPlan(
        liveness=everything or acknowledged["liveness"] != fingerprint(contract),
        resources=everything or acknowledged["resources"] != fingerprint(catalogue.resources),
        types=everything or acknowledged["types"] != fingerprint(catalogue.types),
    )


def run_configuration(context: Context, *, everything: bool = False, by_hand: bool = False) -> ConfigurationPlan:
    """
    Send what changed, or everything; returns what was sent and acknowledged.

    Args:
        by_hand: A person asked, and what has disappeared is not kept.
    """
    catalogue = read_catalogue(context)
    basis = fingerprint(context.practice)
    if context.brake is not None:
        catalogue = context.brake.keep(catalogue, basis=basis, by_hand=by_hand)
    context.learn(catalogue)
    if context.live_hours is not None:
        context.live_hours.refresh(context.practice, context.pms)
    contract = context.live_contract()
    acknowledged = {name: context.published.note(context.practice.id, name) for name in ("liveness", "resources", "types")}
    plan = plan_configuration(catalogue, contract, acknowledged=acknowledged, everything=everything)
    market = context.marketplace
    if plan.liveness:
        _state(context, "liveness", contract, lambda: market.send_liveness(contract))
    if plan.resources:
        _state(context, "resources", catalogue.resources, lambda: market.send_resources(catalogue.resources))
    if plan.types:
        _state(context, "types", catalogue.types, lambda: market.send_types(catalogue.types))
    if context.brake is not None:
        context.brake.sent(catalogue, basis=basis)
    return plan


def _state(context: Context, name: str, statement: object, send: Callable[[], None]) -> None:
    """
    Until it is acknowledged nobody knows what Healthengine has, so the older statement counts no longer either.
    """
    context.published.set_note(context.practice.id, name, "")
    send()
    context.published.set_note(context.practice.id, name, fingerprint(statement))
