"""A Mach kernel's port system in plain Python, readable as a description of one.

It answers as XNU's own code (xnu-11417.101.15, macOS 15.4) answered in the recordings under tests/data/xnu.
Where a rule surprises, it names the file and line of XNU that it follows. Read in this order: entry, space,
port, release, right, copyin, copyout, header, message_queue, task, mig, host, registry. The kernel
objects of host, semaphore, voucher, memory_entry, fileport, registry and iokit follow the sources alone.
"""
