"""S1 to S13: rights that are taken and not given back."""

import pytest

from tests.lint.reading import in_c, in_cpp, in_objective_c, in_swift, rules, told

OPEN = "mach_port_t t; kern_return_t kr = task_for_pid(mach_task_self(), 1, &t);"
FREE = "mach_port_deallocate(mach_task_self(), t);"
THREADS = (
    "thread_act_array_t a; mach_msg_type_number_t n; if (task_threads(x, &a, &n) != KERN_SUCCESS) return 1;"
)
EACH = "for (unsigned i = 0; i < n; i++) mach_port_deallocate(mach_task_self(), a[i]);"
ARRAY = "vm_deallocate(mach_task_self(), (vm_address_t)a, n * sizeof(*a));"


class TestSpeaks:
    @pytest.mark.parametrize(
        ("body", "rule"),
        [
            ("host_info(mach_host_self(), 1, 0, 0);", "S1"),
            ("if (x == mach_thread_self()) return 1;", "S2"),
            ("mach_thread_self();", "S2"),
            ('printf("%d", mach_thread_self());', "S2"),
            ("xpc_dictionary_set_mach_send(m, k, mach_thread_self());", "S2"),
            ("surface = IOSurfaceLookupFromMachPort(xpc_dictionary_copy_mach_send(m, k));", "S5"),
        ],
    )
    def test_a_right_that_nothing_holds_is_certain(self, body, rule):
        """Made as an argument of what borrows it, compared or thrown away: nobody can give it back."""
        assert in_c(body) == [(rule, "certain")]

    @pytest.mark.parametrize(
        ("call", "rule"),
        [
            ("mach_port_t t = mach_host_self();", "S1"),
            ("mach_port_t t = mach_thread_self();", "S2"),
            ("mach_port_t t; if (task_for_pid(mach_task_self(), 1, &t)) return 1;", "S4"),
            ("mach_port_t t; if (task_name_for_pid(mach_task_self(), 1, &t)) return 1;", "S4"),
            ("mach_port_t t = xpc_dictionary_copy_mach_send(m, k);", "S5"),
            ("mach_port_t t; bootstrap_look_up(bootstrap_port, k, &t);", "S6"),
            ("mach_port_t t; task_get_bootstrap_port(mach_task_self(), &t);", "S6"),
            ("clock_serv_t t; host_get_clock_service(x, 0, &t);", "S7"),
            ("io_service_t t = IOServiceGetMatchingService(0, m);", "S8"),
            ("io_iterator_t t; IOServiceGetMatchingServices(0, m, &t);", "S8"),
            ("io_connect_t t; if (IOServiceOpen(x, mach_task_self(), 0, &t)) return 1;", "S9"),
            ("mach_port_t t; mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &t);", "S10"),
            ("mach_port_t t = mach_reply_port();", "S10"),
            ("semaphore_t t; semaphore_create(mach_task_self(), &t, 0, 0);", "S11"),
            ("mach_port_t t; fileport_makeport(1, &t);", "S12"),
            ("mach_port_t t = IOSurfaceCreateMachPort(s);", "S12"),
        ],
    )
    def test_a_right_that_no_path_gives_back_is_likely(self, call, rule):
        """Taken into a variable that ends with the function, without a release: each kind has its rule."""
        assert in_c(f"{call} return 0;") == [(rule, "likely")]

    def test_an_early_return_is_a_hint(self):
        """Given back on one path, and kept on another."""
        assert in_c(f"{OPEN} if (kr) return 1; if (task_info(t, 1, 0, 0)) return 2; {FREE} return 0;") == [
            ("S4", "hint")
        ]

    def test_a_goto_past_the_release_is_a_hint(self):
        """The label behind the release is reached with the right."""
        assert in_c(f"{OPEN} if (kr) goto out; if (x) goto out; {FREE} out: return 0;") == [("S4", "hint")]

    def test_a_right_that_a_loop_overwrites_is_likely(self):
        """Each round takes another one into the same variable."""
        assert in_c("while (x) { mach_port_t t = mach_host_self(); host_info(t, 1, 0, 0); }") == [
            ("S1", "likely")
        ]

    def test_rights_of_an_array_that_is_freed_alone_are_likely(self):
        """Memory and rights are two things: vm_deallocate() frees the first."""
        assert in_c(f"{THREADS} thread_info(a[0], 1, 0, 0); {ARRAY} return 0;") == [("S3", "likely")]

    def test_an_array_whose_rights_alone_are_given_back_is_told(self):
        """The reverse: the rights go, the memory stays."""
        assert in_c(f"{THREADS} {EACH} return 0;") == [("S13", "likely")]

    def test_what_a_function_of_the_same_file_gives_is_followed(self):
        """A wrapper that returns a right hands the duty to its caller."""
        source = (
            "static mach_port_t host(void) { return mach_host_self(); }"
            " int f(void) { return host_info(host(), 1, 0, 0); }"
        )

        assert rules(source) == [("S1", "certain")]

    def test_a_wrapper_that_fills_the_callers_variable_is_followed(self):
        """An out-parameter handed on to task_for_pid() is the caller's right."""
        source = (
            "static kern_return_t open(int p, mach_port_t *out)"
            " { return task_for_pid(mach_task_self(), p, out); }"
            " int f(void) { mach_port_t t; if (open(1, &t) != KERN_SUCCESS) return 1; return 0; }"
        )

        assert rules(source) == [("S4", "likely")]

    def test_a_right_lent_to_a_function_of_the_same_file_stays_ours(self):
        """A helper that only looks releases nothing."""
        source = (
            "static int look(mach_port_t t) { return task_info(t, 1, 0, 0); }"
            f" int f(void) {{ {OPEN} if (kr) return 1; return look(t); }}"
        )

        assert rules(source) == [("S4", "likely")]

    def test_swift_is_read_through_closures_that_run_at_once(self):
        """The usual dance with withUnsafeMutablePointer hides no call."""
        body = """
        let kr = withUnsafeMutablePointer(to: &info) {
            $0.withMemoryRebound(to: integer_t.self, capacity: Int(count)) {
                host_statistics64(mach_host_self(), HOST_VM_INFO64, $0, &count)
            }
        }
        return kr == KERN_SUCCESS ? 1 : 0"""

        assert in_swift(body) == [("S1", "certain")]

    def test_a_throwing_call_before_the_release_is_a_hint(self):
        """In Swift an error leaves the function, and takes the release with it."""
        body = (
            "let t = mach_thread_self()\ntry look(t: 1)\nmach_port_deallocate(mach_task_self_, t)\nreturn 0"
        )

        assert in_swift(body) == [("S2", "hint")]

    def test_swift_that_frees_the_array_alone_is_likely(self):
        """Optional binding is followed from the pointer to the array."""
        body = """
        var list: thread_act_array_t?
        var n: mach_msg_type_number_t = 0
        guard task_threads(mach_task_self_, &list, &n) == KERN_SUCCESS, let a = list else { return 0 }
        for i in 0..<Int(n) { thread_info(a[i]) }
        vm_deallocate(mach_task_self_, vm_address_t(UInt(bitPattern: a)), vm_size_t(n))
        return 1"""

        assert in_swift(body) == [("S3", "likely")]

    def test_a_variable_whose_address_was_given_away_may_have_changed(self):
        """It was null, but nobody knows any more: the way on which it is not gives the right back."""
        read = "CFTypeRef p = 0; IORegistryEntryCreateCFProperties(x, &p, 0, 0); if (!p) return 1;"

        assert in_c(f"{OPEN} if (kr) return 1; {read} {FREE} return 0;") == [("S4", "hint")]

    @pytest.mark.parametrize("head", ['T_DECL(name, "text")', "DEFINE_HOST_FUNCTION(name, (int * a, int b))"])
    def test_a_function_whose_head_is_a_macro_is_read(self, head):
        """Tests and entry points are often written so; their parameters are not known."""
        assert rules(f"{head}\n{{ thread_info(mach_thread_self(), 1, 0, 0); }}") == [("S2", "certain")]

    def test_a_way_out_of_the_loop_that_releases_is_a_hint(self):
        """Who leaves it in some round keeps the rights of the rounds to come."""
        each = (
            "for (int i = 0; i < n; i++) { if (thread_info(a[i], 1, 0, 0)) { free(0); return 1; }"
            " mach_port_deallocate(mach_task_self(), a[i]); }"
        )

        assert in_c(f"{THREADS} {each} {ARRAY} return 0;") == [("S3", "hint")]

    def test_an_exception_that_is_caught_is_a_way_out(self):
        """Any call but the system's may throw: what stands behind it in the try is passed over."""
        catches = f"try {{ g(); {FREE} }} catch (...) {{ return 2; }} return 0;"

        assert in_cpp(f"{OPEN} if (kr) return 1; {catches}") == [("S4", "hint")]
        assert in_objective_c(
            "mach_port_t t = mach_host_self(); @try { [self g]; mach_port_deallocate(mach_task_self(), t); }"
            " @catch (NSException *e) { return; }"
        ) == [("S1", "hint")]

    def test_classes_of_both_kinds_are_read_in_one_file(self):
        """Objective-C++: no grammar reads it whole, each reads its own."""
        source = (
            "namespace a {\nclass B { int f() { return host_page_size(mach_host_self(), &s); } };\n}\n"
            "@implementation C\n- (void)f {\n auto t = mach_thread_self();\n [self use:@1];\n"
            " thread_info(t, 1, 0, 0);\n}\n@end\n"
        )

        assert told(source, "a.mm") == [("S1", "certain", 2), ("S2", "likely", 6)]

    @pytest.mark.parametrize("boxed", ["@(a[i])", "[NSNumber numberWithUnsignedInt:a[i]]"])
    def test_names_that_go_into_objects_are_a_hint(self, boxed):
        """Who gets a list of names may give them back."""
        threads = THREADS.replace("return 1", "return nil")

        assert in_objective_c(
            f"{threads} for (i = 0; i < n; i++) [list addObject:{boxed}]; return list;"
        ) == [("S3", "hint")]

    def test_methods_of_objective_c_are_functions(self):
        """A message to an object that borrows nothing hides no leak."""
        assert in_objective_c("host_page_size(mach_host_self(), &size);") == [("S1", "certain")]


class TestStaysSilent:
    @pytest.mark.parametrize(
        "body",
        [
            "task_info(mach_task_self(), 1, 0, 0);",
            f"{OPEN} if (kr != KERN_SUCCESS) return 1; {FREE} return 0;",
            f"{OPEN} if (KERN_SUCCESS == kr) {{ {FREE} }} return 0;",
            f"{OPEN} if (!kr) {{ {FREE} }} return 0;",
            f"{OPEN} int ok = kr == KERN_SUCCESS; if (ok) {{ {FREE} }} return 0;",
            f"{OPEN} switch (kr) {{ case KERN_SUCCESS: {FREE} break; default: break; }} return 0;",
            f"mach_port_t t; switch (task_for_pid(x, 1, &t)) {{ case 0: break; default: return 1; }} {FREE}",
            f"mach_port_t t = MACH_PORT_NULL; if (x) t = mach_host_self(); if (t != MACH_PORT_NULL) {FREE}",
            f"mach_port_t t = mach_host_self(); if (MACH_PORT_VALID(t)) {{ {FREE} }}",
            f"{OPEN} if (kr) goto out; {FREE} out: return 0;",
            f"mach_port_t t; if (x) t = mach_host_self(); g(); if (x) {FREE} return 0;",
            f"int own = 0; mach_port_t t = x; if (x) {{ t = mach_host_self(); own = 1; }} if (own) {FREE}",
        ],
    )
    def test_because_each_path_with_the_right_gives_it_back(self, body):
        """Success codes, nulls, flags and gotos are understood."""
        assert in_c(body) == []

    def test_because_a_variable_declared_in_both_branches_is_one(self):
        """The preprocessor takes one of them: the release behind it is for either."""
        made = "io_service_t t = IOServiceGetMatchingService(0, m);"

        assert (
            rules(f"void f(void) {{\n#if A\n{made}\n#else\n{made}\n#endif\nIOObjectRelease(t);\n}}\n") == []
        )

    def test_because_swifts_branches_are_alternatives_too(self):
        """Of #if, #elseif and #else one is compiled."""
        made = "let s = IOServiceGetMatchingService(kIOMainPortDefault, m)"
        either = f"#if os(macOS)\n{made}\n#elseif os(iOS)\n{made}\n#else\nreturn 0\n#endif"

        assert in_swift(f"{either}\nIOObjectRelease(s)") == []
        assert in_swift(f"#if DEBUG\n{made}\nIOObjectGetClass(s, n)\n#endif\nreturn 0") == [("S8", "likely")]

    @pytest.mark.parametrize(
        "body",
        [
            "mach_port_t t = mach_host_self(); if (!holds(t != MACH_PORT_NULL)) return 1; drop(t); return 0;",
            f"{OPEN} T_EXPECT_MACH_ERROR(kr, KERN_INVALID_ARGUMENT); return 0;",
            f"{OPEN} XCTAssertEqual(kr, KERN_FAILURE); return 0;",
        ],
    )
    def test_because_a_check_says_that_nothing_was_given(self, body):
        """A comparison inside of a call tells enough, and so does a test that demands an error."""
        assert in_c(body) == []

    def test_because_a_check_of_this_file_demands_an_error(self):
        """It is believed by its name and the code that it is given, wherever it stands."""
        source = (
            "static void assert_returns(kern_return_t kr, kern_return_t code) { if (kr != code) abort(); }"
            " void f(mach_port_t x) { mach_port_t t; assert_returns(task_for_pid(x, 1, &t), KERN_FAILURE); }"
        )

        assert rules(source) == []

    @pytest.mark.parametrize(
        "test",
        [
            "!good(task_for_pid(x, 1, &t))",
            "bad(task_for_pid(x, 1, &t)) < 0",
            "unknown(task_for_pid(x, 1, &t))",
        ],
    )
    def test_because_a_helper_looks_at_the_code(self, test):
        """What a function makes of a return code tells, though not how."""
        source = (
            "static int good(kern_return_t kr) { return kr == KERN_SUCCESS; }"
            " static int bad(kern_return_t kr) { if (kr) { puts(w); return -1; } return 0; }"
            f" int f(mach_port_t x) {{ mach_port_t t; if ({test}) return 1; {FREE} return 0; }}"
        )

        assert rules(source) == []

    def test_because_an_error_beside_the_result_tells_too(self):
        """A helper that fills an error gives no port then."""
        source = (
            "static mach_port_t open(int p, GError **e)"
            " { mach_port_t t; if (task_for_pid(mach_task_self(), p, &t)) { fail(e); return 0; } return t; }"
            f" int f(void) {{ GError *e = 0; mach_port_t t = open(1, &e); if (!e) {{ {FREE} }} return 0; }}"
        )

        assert rules(source) == []

    @pytest.mark.parametrize(
        "body",
        [
            "return mach_host_self();",
            "mach_port_t t = mach_host_self(); return t;",
            "mach_port_t t = mach_host_self(); self->port = t;",
            "mach_port_t t = mach_host_self(); port = t;",
            "static mach_port_t t; if (!t) t = mach_host_self(); host_info(t, 1, 0, 0);",
            "mach_port_t t = mach_host_self(); keep(t);",
            "struct s m = { .port = mach_host_self() };",
            "mach_port_t t; task_for_pid(mach_task_self(), 1, &self->task);",
            "mach_port_t t = mach_host_self(); dispatch_async(q, ^{ use(t); });",
            "mach_port_t t = mach_host_self(); once_leave(&cached, t + 1);",
        ],
    )
    def test_because_the_right_leaves_the_function(self, body):
        """Returned, stored, captured, or handed to a function of another file: nothing is guessed."""
        assert in_c(body) == []

    def test_because_the_right_is_in_another_tasks_space(self):
        """A name that is allocated in another task is none of ours."""
        body = (
            "mach_port_t t; mach_port_allocate(x, MACH_PORT_RIGHT_RECEIVE, &t); mach_port_deallocate(x, t);"
        )

        assert in_c(body) == []

    def test_because_a_helper_of_the_same_file_releases_it(self):
        """What the helper does counts, wherever it stands."""
        source = (
            f"int f(void) {{ {OPEN} if (kr) return 1; drop(t); return 0; }}"
            " static void drop(mach_port_t p) { mach_port_deallocate(mach_task_self(), p); }"
        )

        assert rules(source) == []

    def test_because_what_a_helper_caches_is_not_its_callers(self):
        """A function that keeps the right as well returns a borrowed one."""
        source = (
            "static mach_port_t host(struct s *c)"
            " { mach_port_t t = mach_host_self(); if (c) c->host = t; return t; }"
            " int f(struct s *c) { return host_info(host(c), 1, 0, 0); }"
        )

        assert rules(source) == []

    def test_because_rights_and_array_are_both_given_back(self):
        """How often the loop runs does not matter."""
        assert in_c(f"{THREADS} {EACH} {ARRAY} return 0;") == []

    def test_because_the_elements_go_through_a_variable(self):
        """An element in a variable is an element."""
        each = "for (int i = 0; i < n; i++) { thread_t h = a[i]; mach_port_deallocate(mach_task_self(), h); }"

        assert in_c(f"{THREADS} {each} {ARRAY} return 0;") == []

    @pytest.mark.parametrize(
        "body",
        [
            "base::apple::ScopedMachSendRight t(mach_host_self());",
            "ScopedMachSendRight t = ScopedMachSendRight(mach_host_self());",
            "mach_port_t p = mach_host_self(); ScopedMachSendRight t(p);",
            "auto t = MachSendRight::adopt(mach_thread_self());",
            "mach_port_t p = mach_host_self(); list.push_back(new Owner(p));",
        ],
    )
    def test_because_an_object_owns_it(self, body):
        """A variable of a class type releases what it holds."""
        assert in_cpp(body) == []

    def test_because_a_constructor_of_the_same_file_stores_it(self):
        """In its list of initializers, which is no body."""
        source = (
            "class Owner { Owner(io_object_t o) : object(o) {} ~Owner() { IOObjectRelease(object); } };"
            " void f() { io_object_t o = IOServiceGetMatchingService(0, m); auto owner = Owner(o); }"
        )

        assert rules(source, "a.cc") == []

    def test_because_a_variable_cleans_up_after_itself(self):
        """The attribute cleanup, and macros that are named after it."""
        assert in_c("__attribute__((cleanup(drop))) mach_port_t t = mach_host_self(); return 0;") == []
        assert in_c("AUTO_RELEASE io_service_t t = IOServiceGetMatchingService(0, m); return 0;") == []

    def test_because_swift_defers_the_release(self):
        """A defer runs on every way out, also of a throw."""
        body = """
        let t = mach_thread_self()
        defer { mach_port_deallocate(mach_task_self_, t) }
        try look()
        return 0"""

        assert in_swift(body) == []

    def test_because_swift_binds_comparisons_tighter_than_or(self):
        """`kr != KERN_SUCCESS || t == 0` are two tests: on neither way is there a right."""
        body = """
        var t: mach_port_t = 0
        let kr = task_for_pid(mach_task_self_, pid, &t)
        if kr != KERN_SUCCESS || t == MACH_PORT_NULL { return 0 }
        mach_port_deallocate(mach_task_self_, t)
        return 1"""

        assert in_swift(body) == []

    def test_because_swift_switches_over_the_code_of_a_call(self):
        """The case of success is the only one with a right."""
        body = """
        var t: mach_port_t = 0
        switch task_for_pid(mach_task_self_, pid, &t) {
        case KERN_SUCCESS: break
        default: return 0
        }
        mach_port_deallocate(mach_task_self_, t)
        return 1"""

        assert in_swift(body) == []

    def test_because_the_systems_calls_throw_nothing(self):
        """Between the right and its release stand only those."""
        inside = f"try {{ {OPEN} if (kr) return 1; task_suspend(t); {FREE} }} catch (...) {{ return 2; }}"

        assert in_cpp(inside) == []

    def test_because_finally_runs_on_every_way_out(self):
        """Also on that of a return inside of @try."""
        body = (
            "mach_port_t t = mach_host_self();\n"
            "@try { if (x) return; g(); } @finally { mach_port_deallocate(mach_task_self(), t); }"
        )

        assert in_objective_c(body) == []

    def test_because_the_process_ends(self):
        """What main() holds when it returns ends with the process; so does what stands before exit()."""
        assert (
            rules("int main(void) { mach_port_t t = mach_host_self(); host_info(t, 1, 0, 0); return 0; }")
            == []
        )
        assert in_c("mach_port_t t = mach_host_self(); host_info(t, 1, 0, 0); exit(1);") == []

    def test_because_a_closure_of_one_expression_returns_it(self):
        """In Swift it needs no word for that."""
        assert rules("let c = Client(host: { mach_host_self() })", "a.swift") == []

    def test_because_a_loop_over_an_iterator_releases_what_it_gives(self):
        """The null at the end of an iteration is no right."""
        body = "io_object_t o; while ((o = IOIteratorNext(x))) { IOObjectRelease(o); } return 0;"

        assert in_c(body) == []

    def test_because_walking_up_a_tree_hands_the_duty_on(self):
        """The child is released, the parent takes its place, round after round."""
        body = (
            "io_object_t o = IOServiceGetMatchingService(0, m); while (o) { io_object_t p = 0;"
            " kern_return_t kr = IORegistryEntryGetParentEntry(o, k, &p); IOObjectRelease(o);"
            " if (kr) return 1; o = p; } return 0;"
        )

        assert in_c(body) == []
