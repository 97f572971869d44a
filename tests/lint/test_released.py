"""S14 to S18: releases that are one too many, too early or of the wrong kind, and exception handlers."""

import pytest

from tests.lint.reading import in_c, in_objective_c, in_swift, rules, told

OPEN = "mach_port_t t; if (task_for_pid(mach_task_self(), 1, &t)) return 1;"
FREE = "mach_port_deallocate(mach_task_self(), t);"
HANDLER = "kern_return_t catch_mach_exception_raise(mach_port_t p, mach_port_t thread, mach_port_t task) {"
BOTH = "mach_port_deallocate(mach_task_self(), thread); mach_port_deallocate(mach_task_self(), task);"


class TestSpeaks:
    def test_a_second_release_in_a_straight_line_is_likely(self):
        """Also of what came in as a parameter."""
        assert in_c(f"{OPEN} {FREE} {FREE} return 0;") == [("S14", "likely")]
        assert in_c("IOObjectRelease(x); IOObjectRelease(x);") == [("S14", "likely")]

    def test_a_second_release_on_some_path_is_a_hint(self):
        """An error path releases, and the common exit again."""
        assert in_c(f"{OPEN} if (x) {FREE} {FREE} return 0;") == [("S14", "hint")]

    def test_what_a_callee_consumes_is_released_once(self):
        """semaphore_destroy() moves the right into the call."""
        body = (
            "semaphore_t t; semaphore_create(mach_task_self(), &t, 0, 0);"
            " semaphore_destroy(mach_task_self(), t); mach_port_deallocate(mach_task_self(), t); return 0;"
        )

        assert in_c(body) == [("S14", "likely")]

    def test_a_use_after_the_release_is_likely(self):
        """The name may be another right's by then."""
        assert in_c(f"{OPEN} {FREE} task_info(t, 1, 0, 0); return 0;") == [("S15", "likely")]

    def test_destroy_of_a_send_right_is_likely(self):
        """It takes the references of all other owners with it."""
        assert in_c(f"{OPEN} mach_port_destroy(mach_task_self(), t); return 0;") == [("S16", "likely")]

    def test_deallocate_of_a_bare_receive_right_is_likely(self):
        """It fails, and the port stays: both are told."""
        body = (
            "mach_port_t t; mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &t);"
            " mach_port_deallocate(mach_task_self(), t); return 0;"
        )

        assert in_c(body) == [("S10", "likely"), ("S16", "likely")]

    def test_a_connections_close_of_an_object_is_likely(self):
        """IOServiceClose() is for what IOServiceOpen() gave."""
        body = "io_service_t t = IOServiceGetMatchingService(0, m); IOServiceClose(t); return 0;"

        assert in_c(body) == [("S16", "likely")]

    def test_make_send_of_a_send_right_is_likely(self):
        """Only a receive right makes send rights."""
        body = f"{OPEN} mach_port_insert_right(x, 1, t, MACH_MSG_TYPE_MAKE_SEND); {FREE} return 0;"

        assert in_c(body) == [("S17", "likely")]

    def test_a_handler_that_keeps_its_messages_rights_is_likely(self):
        """On KERN_SUCCESS thread and task are its own."""
        assert rules(f"{HANDLER} return KERN_SUCCESS; }}") == [("S18", "likely")]

    def test_a_handler_that_releases_and_fails_is_likely(self):
        """Its caller releases them again."""
        assert rules(f"{HANDLER} {BOTH} return KERN_FAILURE; }}") == [("S18", "likely")]


class TestStaysSilent:
    def test_because_the_variable_is_null_after_the_release(self):
        """A release of MACH_PORT_NULL is none."""
        body = f"{OPEN} if (x) {{ {FREE} t = MACH_PORT_NULL; }} if (t != MACH_PORT_NULL) {FREE} return 0;"

        assert in_c(body) == []

    def test_because_a_process_keeps_its_own_ports(self):
        """The name of the own thread stays good: the known idiom for a borrowed thread port."""
        body = "mach_port_t t = mach_thread_self(); mach_port_deallocate(mach_task_self(), t); return t;"

        assert in_c(body) == []

    @pytest.mark.parametrize(
        "end",
        [
            "mach_port_mod_refs(mach_task_self(), t, MACH_PORT_RIGHT_RECEIVE, -1);",
            "mach_port_destruct(mach_task_self(), t, 0, 0);",
            "mach_port_destroy(mach_task_self(), t);",
        ],
    )
    def test_because_a_receive_right_is_ended_as_one(self, end):
        """Each of the ways that take it, after its send right was given back."""
        body = (
            "mach_port_t t; mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &t);"
            " mach_port_insert_right(mach_task_self(), t, t, MACH_MSG_TYPE_MAKE_SEND);"
            f" mach_port_deallocate(mach_task_self(), t); {end} return 0;"
        )

        assert in_c(body) == []

    def test_because_deallocate_ends_a_port_set(self):
        """A set is no receive right."""
        body = (
            "mach_port_t t; mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, &t);"
            " mach_port_deallocate(mach_task_self(), t); return 0;"
        )

        assert in_c(body) == []

    def test_because_what_is_returned_is_evaluated_before_a_defer_runs(self):
        """The release of a defer or @finally comes after the value of the return."""
        swift = """
        let s = IOServiceGetMatchingService(kIOMainPortDefault, m)
        defer { IOObjectRelease(s) }
        return IORegistryEntryCreateCFProperty(s, k, nil, 0) == nil ? 0 : 1"""
        looks = "@try { return task_suspend(t); } @finally { mach_port_deallocate(mach_task_self(), t); }"

        assert in_swift(swift) == []
        assert in_objective_c(f"mach_port_t t = mach_host_self(); {looks}") == []

    def test_because_the_name_is_only_printed(self):
        """A message may tell the number of a name that is gone."""
        assert in_c(f'{OPEN} {FREE} printf("%x", t); return 0;') == []

    def test_because_a_handler_releases_before_success_and_not_before_failure(self):
        """The rule of MIG, kept."""
        assert rules(f"{HANDLER} if (p) return KERN_FAILURE; {BOTH} return KERN_SUCCESS; }}") == []

    def test_because_a_macro_leaves_the_function(self):
        """Its name says so."""
        assert in_c("if (x) { IOObjectRelease(x); Py_RETURN_NONE; } IOObjectRelease(x);") == []

    def test_because_a_retain_stands_before(self):
        """Whoever adds references is counted on to know them."""
        assert in_c("IOObjectRetain(x); IOObjectRelease(x); return 0;") == []


def test_a_finding_names_the_line_of_the_release():
    """S14 stands at the second release, and its companion at the first."""
    source = "void f(io_object_t x) {\n    IOObjectRelease(x);\n    IOObjectRelease(x);\n}\n"

    assert told(source) == [("S14", "likely", 3)]
