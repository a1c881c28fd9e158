"""
Telling Healthengine who and what can be booked and when we are up (C1-C7, L1, R10).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from agent.domain.errors import ContractBroken
from agent.domain.liveness import LivenessContract, contract_from
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


def read_catalogue(practice: Practice, pms: Pms) -> Catalogue:
    """
    Read from the PMS what *practice* publishes.

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


def run_configuration(context: Context, *, everything: bool = False) -> ConfigurationPlan:
    """
    Send what changed, or everything; returns what was sent and acknowledged.
    """
    catalogue = read_catalogue(context.practice, context.pms)
    context.learn(catalogue)
    contract = contract_from(context.practice.live_hours)
    published, practice_id = context.published, context.practice.id
    acknowledged = {name: published.note(practice_id, name) for name in ("liveness", "resources", "types")}
    plan = plan_configuration(catalogue, contract, acknowledged=acknowledged, everything=everything)
    if plan.liveness:
        context.marketplace.send_liveness(contract)
        published.set_note(practice_id, "liveness", fingerprint(contract))
    if plan.resources:
        context.marketplace.send_resources(catalogue.resources)
        published.set_note(practice_id, "resources", fingerprint(catalogue.resources))
    if plan.types:
        context.marketplace.send_types(catalogue.types)
        published.set_note(practice_id, "types", fingerprint(catalogue.types))
    return plan
