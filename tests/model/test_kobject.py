"""What kernel objects are called."""

import pytest

from portaudit.model.kobject import IOKIT_CONNECT, IOKIT_OBJECT, TASK_ID_TOKEN, class_of


@pytest.mark.parametrize(
    ("kobject", "description", "expected"),
    [
        (IOKIT_OBJECT, "AppleSMC(0x100000a51)", "AppleSMC"),
        (IOKIT_CONNECT, "RootDomainUserClient(0x100000b1c)", "RootDomainUserClient"),
        (IOKIT_OBJECT, "IOUserIterator", "IOUserIterator"),
        (IOKIT_OBJECT, "", ""),
        (IOKIT_OBJECT, None, None),
        (TASK_ID_TOKEN, "4242,77,1 (a)", "4242,77,1 (a)"),
        (None, "AppleSMC(0x100000a51)", "AppleSMC(0x100000a51)"),
    ],
)
def test_a_class_is_what_objects_of_a_kind_share(kobject, description, expected):
    """IOKit's descriptions lose the id of the entry; all others are as they were."""
    assert class_of(kobject, description) == expected
