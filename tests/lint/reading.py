"""Small sources, and what lint says of them."""

from portaudit.lint.source import check_source

C = "#include <mach/mach.h>\n"


def told(source, path="a.c"):
    """Give rule, sureness and line of each finding, in the order of the lines."""
    checked = check_source(path, source.encode())
    return [(found.rule, str(found.confidence), found.region.line) for found in checked.findings]


def rules(source, path="a.c"):
    """Give rule and sureness of each finding, for sources of one line."""
    return [(rule, sure) for rule, sure, _ in told(source, path)]


def in_c(body, parameters="mach_port_t x"):
    """Give what is said of the body of a function in C."""
    return rules(f"int f({parameters}) {{ {body} }}")


def in_swift(body):
    """Give what is said of the body of a function in Swift."""
    return rules(f"func f(pid: Int32) -> Int {{\n{body}\n}}", "a.swift")


def in_cpp(body):
    """Give what is said of the body of a function in C++."""
    return rules(f"int A::f(mach_port_t x) {{ {body} }}", "a.cc")


def in_objective_c(body):
    """Give what is said of the body of a method in Objective-C."""
    return rules(f"@implementation A\n- (void)f {{\n{body}\n}}\n@end\n", "a.m")
