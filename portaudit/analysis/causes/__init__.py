"""The cause rules, in the order in which they look: the more a rule explains, the earlier it asks."""

from portaudit.analysis.causes import (
    dead_name_kept,
    foreign_task_port,
    host_self,
    over_release,
    own_task_port,
    owner_swapped,
    thread_self,
    unexplained,
)
from portaudit.analysis.causes.rule import Claim, Evidence, Rule, finding
from portaudit.model.difference import Change, Difference
from portaudit.model.finding import Finding

RULES: tuple[Rule, ...] = (
    owner_swapped.RULE,
    dead_name_kept.RULE,
    host_self.RULE,
    thread_self.RULE,
    own_task_port.RULE,
    foreign_task_port.RULE,
    over_release.OWN,
    over_release.ANY,
    unexplained.GAIN,
    unexplained.LOSS,
)


def explain(residuals: tuple[Change, ...], difference: Difference) -> tuple[Finding, ...]:
    """Give every residual to the first rule that explains it: one consequence is one finding."""
    findings: list[Finding] = []
    left = list(residuals)
    for rule in RULES:
        for claim in rule.find(Evidence(tuple(left), difference)):
            if all(any(row is other for other in left) for row in claim.rows):
                findings.append(finding(rule, claim))
                left = [row for row in left if not any(row is claimed for claimed in claim.rows)]
    return tuple(findings)


__all__ = ["RULES", "Claim", "Evidence", "Rule", "explain"]
