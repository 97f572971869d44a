"""A Mach kernel's port system in plain Python, readable as a description of one.

It answers as XNU's own code (xnu-11417.101.15, macOS 15.4) answered in the recordings under tests/data/xnu.
Where a rule surprises, it names the file and line of XNU that it follows. Read in this order: space, port,
release, right, copyin, copyout, message_copyin, message_queue, task, dispatch, host, registry. The kernel
objects of host, kernel_objects, registry and iokit follow the sources alone.
"""
