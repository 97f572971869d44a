"""The cause rules, in the order in which they look: the more a rule explains, the earlier it asks."""

from dataclasses import replace

from portaudit.analysis.causes import (
    abandoned_queue,
    bad_release,
    clock_or_voucher,
    connection_opened,
    connection_pair,
    control_port_held,
    cut_short,
    dead_name_kept,
    dead_names_made,
    described_objects,
    exception_message,
    foreign_task_port,
    host_self,
    illegal_move,
    in_flight,
    iterator,
    kernel_object_names,
    looked_up_service,
    not_compared,
    not_settled,
    notification_port,
    orphan_receive,
    over_release,
    own_port_lost,
    own_task_port,
    owner_swapped,
    partial_thread_sweep,
    recycled,
    registry_entry,
    released_to_zero,
    reply_port,
    saturated,
    semaphore,
    send_once_kept,
    stray_release,
    thread_self,
    thread_sweep,
    unexplained_gain,
    unexplained_loss,
)
from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.guarded import left_over
from portaudit.analysis.causes.rule import Claim, Rule, finding
from portaudit.model.finding import Finding

RULES: tuple[Rule, ...] = (
    saturated.RULE,
    recycled.RULE,
    bad_release.RULE,
    illegal_move.RULE,
    owner_swapped.RULE,
    in_flight.RULE,
    exception_message.RULE,
    thread_self.RULE,
    thread_sweep.RULE,
    partial_thread_sweep.RULE,
    host_self.RULE,
    own_task_port.RULE,
    foreign_task_port.RULE,
    dead_name_kept.RULE,
    dead_names_made.RULE,
    connection_pair.RULE,
    notification_port.RULE,
    abandoned_queue.RULE,
    reply_port.RULE,
    orphan_receive.RULE,
    send_once_kept.RULE,
    looked_up_service.RULE,
    clock_or_voucher.RULE,
    iterator.RULE,
    described_objects.RULE,
    registry_entry.RULE,
    connection_opened.RULE,
    semaphore.RULE,
    kernel_object_names.RULE,
    own_port_lost.RULE,
    released_to_zero.RULE,
    over_release.RULE,
    stray_release.RULE,
    unexplained_gain.RULE,
    unexplained_loss.RULE,
    not_compared.RULE,
    not_settled.RULE,
    cut_short.RULE,
)

POLICY = control_port_held.RULE
"""The rule that looks at what is held rather than at what changed."""


def explain(evidence: Evidence) -> tuple[Finding, ...]:
    """Give every residual to the first rule that explains it: one consequence is one finding."""
    findings: list[Finding] = []
    for rule in RULES:
        claimed: set[int] = set()
        for claim in rule.find(evidence):
            rows = {id(row) for row in claim.explained}
            if not rows & claimed:
                claimed |= rows
                findings.append(finding(rule, claim))
        if claimed:
            left = tuple(row for row in evidence.residuals if id(row) not in claimed)
            evidence = replace(evidence, residuals=left)
    return tuple(findings)


__all__ = ["POLICY", "RULES", "Claim", "Evidence", "Rule", "explain", "finding", "left_over"]
