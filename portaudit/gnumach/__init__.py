"""A live Mach kernel: GNU Mach in QEMU, behind the same calls as the simulator."""
